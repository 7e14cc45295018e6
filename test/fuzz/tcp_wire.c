/* SPDX-License-Identifier: BSD-3-Clause */
#include "fuzz/tcp_wire.h"

#include <rte_mbuf.h>

#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/tcp.h"

struct rte_mbuf *
wire_copy(struct wire *wire, const struct rte_mbuf *pkt)
{
	struct rte_mbuf *copy = rte_pktmbuf_alloc(wire->pool);

	if (copy == NULL)
		return NULL;
	pkt_copy_out(pkt, 0, pkt->pkt_len, rte_pktmbuf_append(copy, (uint16_t)pkt->pkt_len));
	copy->l3_len = pkt->l3_len;
	pkt_meta_init(copy, 1, 0);
	return copy;
}

void
wire_checksum_set(struct rte_mbuf *pkt)
{
	const uint8_t *ip = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint32_t length = pkt->pkt_len - pkt->l3_len;
	struct tcp_header *tcp = rte_pktmbuf_mtod_offset(pkt, struct tcp_header *, pkt->l3_len);
	bool four = pkt->l3_len == IP4_HDR_LENGTH;
	struct ip_addr src = four ? ip_addr_from4(ip + 12) : ip_addr_from6(ip + 8);
	struct ip_addr dst = four ? ip_addr_from4(ip + 16) : ip_addr_from6(ip + 24);

	tcp->checksum = 0;
	tcp->checksum = checksum_finish(pkt_sum(pkt, pkt->l3_len, length) +
		checksum_pseudo(&src, &dst, IP_PROTO_TCP, length));
}

void
wire_add(struct wire *wire, unsigned to, struct rte_mbuf *pkt, uint64_t late_ns)
{
	if (pkt == NULL)
		return;
	if (wire->frame_count == WIRE_FRAMES_MAX) {
		rte_pktmbuf_free(pkt);
		return;
	}
	wire->frames[wire->frame_count++] = (struct wire_frame){ pkt,
		wire->now_ns + wire->delay_ns + late_ns, wire->order++, to };
}

void
wire_old_keep(struct wire *wire, unsigned to, const struct rte_mbuf *pkt)
{
	rte_pktmbuf_free(wire->old[wire->old_next]);
	wire->old[wire->old_next] = wire_copy(wire, pkt);
	wire->old_to[wire->old_next] = to;
	wire->old_next = (wire->old_next + 1) % WIRE_OLD_MAX;
}

void
wire_old_add(struct wire *wire, unsigned which)
{
	if (wire->old[which] != NULL)
		wire_add(wire, wire->old_to[which], wire_copy(wire, wire->old[which]), 0);
}

static bool
is_before(const struct wire_frame *a, const struct wire_frame *b)
{
	return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->order < b->order);
}

void
wire_take(struct wire *wire, unsigned to, struct pkt_vec *in)
{
	in->count = 0;
	while (in->count < PKT_BURST) {
		struct wire_frame *first = NULL;

		for (unsigned i = 0; i < wire->frame_count; i++) {
			struct wire_frame *frame = &wire->frames[i];

			if (frame->to == to && frame->due_ns <= wire->now_ns &&
				(first == NULL || is_before(frame, first)))
				first = frame;
		}
		if (first == NULL)
			return;
		pkt_vec_append(in, first->pkt);
		*first = wire->frames[--wire->frame_count];
	}
}

uint64_t
wire_next_ns(const struct wire *wire)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < wire->frame_count; i++)
		next = RTE_MIN(next, wire->frames[i].due_ns);
	return next;
}

void
wire_clear(struct wire *wire)
{
	for (unsigned i = 0; i < WIRE_OLD_MAX; i++)
		rte_pktmbuf_free(wire->old[i]);
	for (unsigned i = 0; i < wire->frame_count; i++)
		rte_pktmbuf_free(wire->frames[i].pkt);
	*wire = (struct wire){ .pool = wire->pool };
}
