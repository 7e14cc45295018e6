/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts off what is behind a datagram, which may fill whole segments. */
#include "pkt/pkt.h"

/* No segment is left empty: some NICs stop sending when they are given one. */
void
pkt_trim_segments(struct rte_mbuf *pkt, uint32_t excess)
{
	uint32_t left = pkt->pkt_len - excess;
	struct rte_mbuf *last = pkt, *rest;

	pkt->pkt_len = left;
	pkt->nb_segs = 1;
	while (left > last->data_len) {
		left -= last->data_len;
		last = last->next;
		pkt->nb_segs++;
	}
	last->data_len = (uint16_t)left;
	rest = last->next;
	last->next = NULL;
	while (rest != NULL) {
		struct rte_mbuf *next = rest->next;

		rte_pktmbuf_free_seg(rest);
		rest = next;
	}
}
