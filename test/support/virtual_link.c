/* SPDX-License-Identifier: BSD-3-Clause */
/* Links on a virtual clock: see virtual_link.h. */
#include "support/virtual_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pkt/pkt.h"

#define SECOND_NS 1000000000ULL

/* @return false: its queue is full */
static bool
link_queue(struct virtual_link *link, uint64_t now_ns, unsigned from, uint32_t length)
{
	const uint64_t start_ns = RTE_MAX(link->free_ns[from], now_ns);

	if (link->queue_bytes != 0 &&
		(start_ns - now_ns) * link->rate_bps / 8 > link->queue_bytes * SECOND_NS)
		return false;
	link->free_ns[from] = start_ns + length * 8 * SECOND_NS / link->rate_bps;
	return true;
}

unsigned
virtual_link_pass(struct virtual_link *link, struct random *random, uint64_t now_ns, unsigned from,
	uint32_t length, uint64_t due_ns[2])
{
	uint64_t due = now_ns + link->delay_ns;

	link->packets++;
	if (link->cut)
		return 0;
	if (link->jitter_ns != 0)
		due += random_below(random, link->jitter_ns);
	if (random_chance(random, link->reorder_ppb))
		due += link->delay_ns;
	if (random_chance(random, link->loss_ppb))
		return 0;
	if (link->rate_bps != 0) {
		if (!link_queue(link, now_ns, from, length))
			return 0;
		due += link->free_ns[from] - now_ns;
	}
	due_ns[0] = due;
	if (!random_chance(random, link->duplicate_ppb))
		return 1;
	due_ns[1] = due + random_below(random, link->delay_ns);
	return 2;
}

/* ---- packets under way: a heap for each end ---- */

static bool
is_before(const struct flight_packet *a, const struct flight_packet *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

void
flight_add(struct flight *flight, unsigned to, struct rte_mbuf *pkt, struct rte_mbuf *held,
	uint64_t due_ns)
{
	const struct flight_packet packet = { due_ns, flight->added++, pkt, held };
	struct flight_packet *heap;
	unsigned at = flight->counts[to]++;

	if (at == flight->sizes[to]) {
		flight->sizes[to] = 2 * at + 64;
		flight->heaps[to] =
			realloc(flight->heaps[to], flight->sizes[to] * sizeof(*flight->heaps[to]));
		assert_non_null(flight->heaps[to]);
	}
	heap = flight->heaps[to];
	for (; at > 0 && is_before(&packet, &heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = packet;
}

bool
flight_take(struct flight *flight, unsigned to, uint64_t now_ns, struct flight_packet *packet)
{
	struct flight_packet *heap = flight->heaps[to], last;
	unsigned count = flight->counts[to], at = 0;

	if (count == 0 || heap[0].due_ns > now_ns)
		return false;
	*packet = heap[0];
	flight->counts[to] = --count;
	last = heap[count];
	for (unsigned child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &last))
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return true;
}

uint64_t
flight_next_ns(const struct flight *flight)
{
	uint64_t next = UINT64_MAX;

	for (unsigned to = 0; to < 2; to++) {
		if (flight->counts[to] > 0)
			next = RTE_MIN(next, flight->heaps[to][0].due_ns);
	}
	return next;
}

void
flight_free(struct flight *flight)
{
	for (unsigned to = 0; to < 2; to++) {
		for (unsigned i = 0; i < flight->counts[to]; i++) {
			rte_pktmbuf_free(flight->heaps[to][i].pkt);
			rte_pktmbuf_free(flight->heaps[to][i].held);
		}
		free(flight->heaps[to]);
	}
	*flight = (struct flight){ .added = 0 };
}

struct rte_mbuf *
flight_copy(struct rte_mempool *pool, const struct rte_mbuf *pkt)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(pkt, pool, 0, UINT32_MAX);

	assert_non_null(copy);
	copy->ol_flags = 0;
	copy->tx_offload = 0;
	copy->l3_len = pkt->l3_len;
	pkt_meta_init(copy, 1, 0);
	return copy;
}
