/* SPDX-License-Identifier: BSD-3-Clause */
/* Prepends adjacencies and sorts by port: after ip4_output and ip6_output, before port_tx. */
#include "ether/ether.h"

#include <rte_byteorder.h>

#include "base/counter.h"

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

/* Packets one after the other with one nexthop: looked up, counted and sorted together. */
struct ether_run {
	uint32_t id;
	const struct nexthop *nexthop;
	struct pkt_vec *tx;
	uint32_t before; /* packets that were in `tx` */
	uint32_t count; /* packets that are */
	uint64_t bytes;
};

static inline void
run_begin(struct ether_run *run, uint32_t id, const struct nexthop *nexthops,
	const struct ether_output_out *out)
{
	run->id = id;
	run->nexthop = nexthop_get(nexthops, id);
	run->tx = &out->tx[run->nexthop->port];
	run->before = run->count = run->tx->count;
	run->bytes = 0;
	*out->ports |= 1ULL << run->nexthop->port;
}

static inline void
run_end(const struct ether_run *run, struct nexthop_counters *counters)
{
	run->tx->count = run->count;
	counter_add(&counters[run->id].packets, run->count - run->before);
	counter_add(&counters[run->id].bytes, run->bytes);
}

void
ether_output(const struct nexthop *nexthops, struct nexthop_counters *counters,
	const struct pkt_vec *in, const struct ether_output_out *out)
{
	struct ether_run run;

	if (in->count == 0)
		return;
	run_begin(&run, pkt_meta(in->pkts[0])->nexthop, nexthops, out);
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		struct pkt_meta *meta = pkt_meta(pkt);

		if (meta->nexthop != run.id) {
			run_end(&run, counters);
			run_begin(&run, meta->nexthop, nexthops, out);
		}
		if (unlikely(!ether_room(pkt, run.nexthop->rewrite_length))) {
			pkt_drop(out->drops, pkt, DROP_tx_no_headroom);
			continue;
		}
		ether_rewrite(rte_pktmbuf_mtod(pkt, uint8_t *), run.nexthop);
		meta->tx_port = run.nexthop->port;
		run.tx->pkts[run.count++] = pkt;
		run.bytes += pkt->pkt_len;
	}
	run_end(&run, counters);
}

void
ether_link_init(struct ether_link *link, const struct rte_mbuf *pkt)
{
	link->length = (uint16_t)RTE_MIN((unsigned)pkt->l2_len, sizeof(link->bytes));
	link->port = pkt_meta(pkt)->tx_port;
	memcpy(link->bytes, rte_pktmbuf_mtod(pkt, const uint8_t *), link->length);
}

void
ether_output_link(
	const struct ether_link *link, const struct pkt_vec *in, const struct ether_output_out *out)
{
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];

		if (unlikely(!ether_room(pkt, link->length))) {
			pkt_drop(out->drops, pkt, DROP_tx_no_headroom);
			continue;
		}
		memcpy(rte_pktmbuf_mtod(pkt, uint8_t *), link->bytes, link->length);
		ether_output_port(out, pkt, link->port);
	}
}
