/* SPDX-License-Identifier: BSD-3-Clause */
/* The tx edge: a vector into a queue. Called by pipeline.c after ether_output. */
#include "port/port_tx.h"

#include <string.h>

#include <rte_branch_prediction.h>

#include "base/counter.h"

#define TX_WORK (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG)

/* Do what the packets ask for and the port does not. Returns the bytes of those dropped. */
static uint64_t
vec_prepare(const struct port *port, struct pkt_vec *vec, struct pkt_vec *drops)
{
	uint64_t bytes_dropped = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < vec->count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];

		/* What is cut here is prepared when it is. */
		if (port_gso_is_needed(port, pkt) || port_tx_prepare(port, pkt)) {
			vec->pkts[kept++] = pkt;
		} else {
			bytes_dropped += pkt->pkt_len;
			pkt_drop(drops, pkt, DROP_tx_unsupported);
		}
	}
	vec->count = kept;
	return bytes_dropped;
}

uint32_t
port_tx_push(const struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint32_t count)
{
	uint32_t sent = 0;

	for (unsigned idle = 0; sent < count && idle < PORT_TX_TRIES;) {
		uint16_t n =
			port->ops->tx(port->driver, queue, pkts + sent, (uint16_t)(count - sent));

		sent += n;
		idle += n == 0;
	}
	return sent;
}

/* Packets from `first` on that go as they are. */
static uint32_t
vec_plain(const struct port *port, const struct pkt_vec *vec, uint32_t first)
{
	uint32_t end = first;

	while (end < vec->count && !port_gso_is_needed(port, vec->pkts[end]))
		end++;
	return end - first;
}

static void
vec_remove(struct pkt_vec *vec, uint32_t index)
{
	vec->count--;
	memmove(vec->pkts + index, vec->pkts + index + 1,
		(vec->count - index) * sizeof(vec->pkts[0]));
}

/* In their order, those cut that the port does not cut. @return how many are sent, the first ones */
static uint32_t
vec_push_segmented(const struct port *port, uint16_t queue, struct pkt_vec *vec,
	struct pkt_vec *drops, uint64_t *bytes)
{
	uint32_t sent = 0;

	while (sent < vec->count) {
		uint32_t plain = vec_plain(port, vec, sent), length;
		enum drop_reason reason;

		if (plain > 0) {
			uint32_t n = port_tx_push(port, queue, vec->pkts + sent, plain);

			sent += n;
			if (n < plain)
				break;
			continue;
		}
		length = vec->pkts[sent]->pkt_len;
		reason = port_gso_send(port, queue, &vec->pkts[sent]);
		if (reason == DROP_REASON_COUNT) {
			sent++;
			continue;
		}
		/* What of it is sent does not count either. */
		*bytes -= length - vec->pkts[sent]->pkt_len;
		if (reason == DROP_tx_queue_full)
			break;
		*bytes -= vec->pkts[sent]->pkt_len;
		pkt_drop(drops, vec->pkts[sent], reason);
		vec_remove(vec, sent);
	}
	return sent;
}

uint32_t
port_tx(struct port *port, uint16_t queue, struct pkt_vec *vec, struct pkt_vec *drops)
{
	struct port_queue_counters *counters = &port->txq_counters[queue];
	uint64_t flags = 0, bytes = 0;
	uint32_t segs = 0, sent;

	/* Once sent, a packet may be gone: what is counted is read before. */
	for (uint32_t i = 0; i < vec->count; i++) {
		const struct rte_mbuf *pkt = vec->pkts[i];

		flags |= pkt->ol_flags;
		segs |= pkt->nb_segs;
		bytes += pkt->pkt_len;
	}
	if (unlikely((flags & TX_WORK) != 0 || port_segs_exceed(port, segs, port->tx_segs_max)))
		bytes -= vec_prepare(port, vec, drops);

	if (unlikely((flags & RTE_MBUF_F_TX_TCP_SEG) != 0))
		sent = vec_push_segmented(port, queue, vec, drops, &bytes);
	else
		sent = port_tx_push(port, queue, vec->pkts, vec->count);
	if (unlikely(sent < vec->count)) {
		counter_add(&counters->drops, vec->count - sent);
		for (uint32_t i = sent; i < vec->count; i++) {
			bytes -= vec->pkts[i]->pkt_len;
			pkt_drop(drops, vec->pkts[i], DROP_tx_queue_full);
		}
	}
	if (likely(sent > 0)) {
		counter_add(&counters->packets, sent);
		counter_add(&counters->bytes, bytes);
		counter_add(&counters->bursts, 1);
	}
	vec->count = 0;
	return sent;
}
