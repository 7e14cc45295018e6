/* SPDX-License-Identifier: BSD-3-Clause */
/* Prepends adjacencies and sorts by port: after ip4_output and ip6_output, before port_tx. */
#include "ether/ether.h"

#include <rte_byteorder.h>

#include "base/counter.h"
#include "wire/mac.h"

/* Make the room in front of the network header exactly `length` bytes. */
static bool
ether_room(struct rte_mbuf *pkt, unsigned length)
{
	unsigned present = pkt->l2_len;

	if (present == length)
		return true;
	if (present > length)
		rte_pktmbuf_adj(pkt, present - length);
	else if (rte_pktmbuf_prepend(pkt, length - present) == NULL)
		return false;
	pkt->l2_len = length;
	return true;
}

/* Ethernet's 14 bytes as two overlapping words; what is longer, bytewise. */
static inline void
ether_write(uint8_t *to, const struct nexthop *nexthop)
{
	uint64_t head, tail;

	memcpy(&head, nexthop->rewrite, 8);
	memcpy(&tail, nexthop->rewrite + ETHER_HDR_LENGTH - 8, 8);
	memcpy(to, &head, 8);
	memcpy(to + ETHER_HDR_LENGTH - 8, &tail, 8);
	if (unlikely(nexthop->rewrite_length > ETHER_HDR_LENGTH))
		memcpy(to + ETHER_HDR_LENGTH, nexthop->rewrite + ETHER_HDR_LENGTH,
			nexthop->rewrite_length - ETHER_HDR_LENGTH);
}

void
ether_output(const struct nexthop *nexthops, struct nexthop_counters *counters,
	const struct pkt_vec *in, const struct ether_output_out *out)
{
	uint32_t run_id = in->count > 0 ? pkt_meta(in->pkts[0])->nexthop : 0;
	uint64_t run_packets = 0, run_bytes = 0;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		uint32_t id = pkt_meta(pkt)->nexthop;
		const struct nexthop *nexthop = nexthop_get(nexthops, id);

		if (unlikely(!ether_room(pkt, nexthop->rewrite_length))) {
			pkt_drop(out->drops, pkt, DROP_tx_no_headroom);
			continue;
		}
		ether_write(rte_pktmbuf_mtod(pkt, uint8_t *), nexthop);
		/* Neighbouring packets often share a nexthop: count them together. */
		if (id != run_id) {
			counter_add(&counters[run_id].packets, run_packets);
			counter_add(&counters[run_id].bytes, run_bytes);
			run_id = id;
			run_packets = 0;
			run_bytes = 0;
		}
		run_packets++;
		run_bytes += pkt->pkt_len;
		ether_output_port(out, pkt, nexthop->port);
	}
	counter_add(&counters[run_id].packets, run_packets);
	counter_add(&counters[run_id].bytes, run_bytes);
}
