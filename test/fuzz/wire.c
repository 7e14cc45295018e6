/* SPDX-License-Identifier: BSD-3-Clause */
#include "fuzz/wire.h"

#include <rte_mbuf.h>

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

uint8_t
wire_byte(struct wire *wire)
{
	if (wire->input_left == 0)
		return 0;
	wire->input_left--;
	return *wire->input++;
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

static void
old_keep(struct wire *wire, unsigned to, const struct rte_mbuf *pkt)
{
	rte_pktmbuf_free(wire->old[wire->old_next]);
	wire->old[wire->old_next] = wire_copy(wire, pkt);
	wire->old_to[wire->old_next] = to;
	wire->old_next = (wire->old_next + 1) % WIRE_OLD_MAX;
}

static void
old_add(struct wire *wire, unsigned which)
{
	if (wire->old[which] != NULL)
		wire_add(wire, wire->old_to[which], wire_copy(wire, wire->old[which]), 0);
}

/* Bytes of headers, options or data; as a sum that stays as it was would not notice 0xff for 0. */
static void
mangle(struct wire *wire, unsigned from, struct rte_mbuf *pkt, bool right)
{
	uint32_t length = pkt->pkt_len - pkt->l3_len;
	uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l3_len);
	unsigned count = right ? 1 + wire_byte(wire) % 4U : 1;

	while (count-- > 0) {
		uint32_t at = wire_byte(wire) % RTE_MIN(length, 100U);

		l4[at] ^= right ? wire_byte(wire) : (uint8_t)(1 << wire_byte(wire) % 8U);
	}
	if (right)
		wire->seal(from, pkt);
	wire->forged |= right;
}

/* @return how late it is */
static uint64_t
fate_apply(struct wire *wire, unsigned from, struct rte_mbuf *pkt, enum wire_fate fate)
{
	switch (fate) {
	case WIRE_DOUBLED:
		wire_add(wire, 1 - from, wire_copy(wire, pkt), wire_byte(wire) * WIRE_MS_NS);
		return 0;
	case WIRE_LATE: return wire_byte(wire) * 4 * WIRE_MS_NS;
	case WIRE_SPOILED: mangle(wire, from, pkt, false); return 0;
	case WIRE_FORGED: mangle(wire, from, pkt, true); return 0;
	case WIRE_OLD_ONE: old_add(wire, wire_byte(wire) % WIRE_OLD_MAX); return 0;
	default: return 0;
	}
}

enum wire_fate
wire_send(struct wire *wire, unsigned from, struct rte_mbuf *sent)
{
	struct rte_mbuf *pkt = wire_copy(wire, sent);
	enum wire_fate fate = (enum wire_fate)(wire_byte(wire) % WIRE_FATES);
	bool arrives = fate != WIRE_LOST && fate != WIRE_SPOILED;

	rte_mbuf_sanity_check(sent, 1);
	rte_pktmbuf_free(sent);
	if (pkt == NULL)
		return WIRE_LOST;
	wire->seal(from, pkt);
	old_keep(wire, 1 - from, pkt);
	if (!arrives && ++wire->lost_in_row > WIRE_LOST_MAX)
		fate = WIRE_ARRIVES;
	if (arrives)
		wire->lost_in_row = 0;
	if (fate == WIRE_LOST)
		rte_pktmbuf_free(pkt);
	else
		wire_add(wire, 1 - from, pkt, fate_apply(wire, from, pkt, fate));
	return fate;
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
	*wire = (struct wire){ .pool = wire->pool, .seal = wire->seal };
}
