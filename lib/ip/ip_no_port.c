/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of datagrams that lib/udp has no socket for: RFC 1122 4.1.3.1, RFC 4443 3.1. */
#include "ip/ip_priv.h"

#include "wire/icmp.h"

void
ip_no_port(const struct pkt_vec *in, const struct ip_out *out4, const struct ip_out *out6)
{
	static const struct ip_error error4 = { ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE, 0 };
	static const struct ip_error error6 = { ICMP6_UNREACHABLE, ICMP6_PORT_UNREACHABLE, 0 };

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];

		if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4)
			ip_error(out4, pkt, DROP_ip4_no_port, error4);
		else
			ip_error(out6, pkt, DROP_ip6_no_port, error6);
	}
}
