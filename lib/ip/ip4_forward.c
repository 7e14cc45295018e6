/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts down the TTL of IPv4 packets that are passed on: after ip4_input, before ip4_output. */
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

void
ip4_forward(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	static const struct ip_error exceeded = { ICMP4_TIME_EXCEEDED, 0, 0 };
	struct pkt_vec *output = out->output;
	uint32_t before = output->count, count = before;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);

		/* RFC 1812 5.3.1: a TTL of 0 or 1 ends here. */
		if (unlikely(hdr->ttl <= 1)) {
			ip_error(out, pkt, DROP_ip4_ttl_exceeded, exceeded);
			continue;
		}
		ip4_decrement_ttl(hdr);
		output->pkts[count++] = pkt;
	}
	output->count = count;
	counter_add(&core->counters.forwarded4, count - before);
}
