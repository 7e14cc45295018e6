/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts down the hop limit of IPv6 packets that are passed on: after ip6_input, before ip6_output. */
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "wire/icmp.h"
#include "wire/ip6.h"

void
ip6_forward(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	static const struct ip_error exceeded = { ICMP6_TIME_EXCEEDED, 0, 0 };
	struct pkt_vec *output = out->output;
	uint32_t before = output->count, count = before;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		struct ip6_header *hdr = pkt_l3(pkt, struct ip6_header *);

		/* RFC 8200 3: a hop limit of 0, or that becomes 0, ends here. */
		if (unlikely(hdr->hop_limit <= 1)) {
			ip_error(out, pkt, DROP_ip6_hop_limit_exceeded, exceeded);
			continue;
		}
		hdr->hop_limit--;
		output->pkts[count++] = pkt;
	}
	output->count = count;
	counter_add(&core->counters.forwarded6, count - before);
}
