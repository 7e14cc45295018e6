/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments of a burst that follow each other are processed as one: whatever they say is the same but
 * for the data. Here, behind routing, so that what is forwarded stays as it is. Called by tcp_input.c.
 */
#include "tcp/tcp_priv.h"

/* All data, and nothing that has to be heard by itself: flags, marks of ECN, options other than timestamps. */
static inline bool
segment_is_plain(const struct tcp_segment *segment)
{
	return (segment->flags & ~TCP_PSH) == TCP_ACK && segment->length > 0 && !segment->ce &&
		(segment->options.present & ~TCP_OPTION_TIMESTAMPS) == 0 &&
		segment->options.sack_count == 0;
}

static inline bool
says_the_same(const struct tcp_segment *a, const struct tcp_segment *b)
{
	return a->ack == b->ack && a->window == b->window && a->tos == b->tos &&
		a->options.present == b->options.present &&
		(a->options.present == 0 ||
			(a->options.ts_val == b->options.ts_val &&
				a->options.ts_ecr == b->options.ts_ecr));
}

static inline bool
is_same_flow(const struct tcp_tuple *a, const struct tcp_tuple *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool
tcp_gro_join(struct tcp_segment *first, struct tcp_segment *next)
{
	struct rte_mbuf *pkt = next->pkt;

	if (next->seq != first->end || !is_same_flow(&first->tuple, &next->tuple) ||
		!segment_is_plain(first) || !segment_is_plain(next) || !says_the_same(first, next))
		return false;
	/* Headers end in the first buffer, and a packet has only so many. */
	if (next->offset >= pkt->data_len ||
		first->pkt->nb_segs + pkt->nb_segs > RTE_MBUF_MAX_NB_SEGS)
		return false;
	rte_pktmbuf_adj(pkt, (uint16_t)next->offset);
	first->last->next = pkt;
	first->last = next->last;
	first->pkt->nb_segs = (uint16_t)(first->pkt->nb_segs + pkt->nb_segs);
	first->pkt->pkt_len += pkt->pkt_len;
	first->flags |= next->flags;
	first->length += next->length;
	first->end = next->end;
	first->mss = RTE_MAX(first->mss, next->mss);
	first->count += next->count;
	return true;
}
