/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP segmentation without a copy: where each buffer of a packet has the data of one segment, and room
 * in front, it gets a header of its own. So are the packets of lib/tcp, which keeps the data until it
 * is acknowledged, and leaves the rest of the buffers to who sends them.
 */
#include <string.h>

#include "port/port_gso.h"

/* What lib/tcp leaves in front of data. */
#define HEADER_MAX RTE_PKTMBUF_HEADROOM

static bool
buffer_takes_header(const struct rte_mbuf *m, uint32_t header)
{
	return RTE_MBUF_DIRECT(m) && rte_pktmbuf_headroom(m) >= header &&
		((uintptr_t)rte_pktmbuf_mtod(m, void *) - header) % 2 == 0;
}

bool
port_gso_is_in_place(const struct port_gso *gso)
{
	const struct rte_mbuf *pkt = gso->pkt, *m = pkt->next;

	if ((pkt->ol_flags & pkt_headroom_flag) == 0 || gso->header > HEADER_MAX ||
		pkt->data_len != gso->header + pkt->tso_segsz)
		return false;
	for (; m != NULL; m = m->next) {
		if ((m->next != NULL ? m->data_len != pkt->tso_segsz
				     : m->data_len > pkt->tso_segsz) ||
			!buffer_takes_header(m, gso->header))
			return false;
	}
	return true;
}

struct cut {
	uint8_t header[HEADER_MAX];
	struct pkt_meta meta;
	uint64_t tx_offload; /* lengths of headers */
	struct rte_mbuf *rest; /* buffers that are no segments yet */
};

/* @return the next segment, ready for the port */
static struct rte_mbuf *
cut_next(const struct port *port, struct cut *cut, struct port_gso *gso)
{
	struct rte_mbuf *m = cut->rest;
	uint32_t part = m->data_len;

	cut->rest = m->next;
	m->next = NULL;
	m->nb_segs = 1;
	m->pkt_len = part;
	if (gso->segment > 0)
		memcpy(rte_pktmbuf_prepend(m, (uint16_t)gso->header), cut->header, gso->header);
	else
		part -= gso->header;
	m->tx_offload = cut->tx_offload;
	port_gso_mend(gso, m, part);
	/* Of one buffer, with lengths that were checked, it cannot fail. */
	port_tx_prepare(port, m);
	return m;
}

enum drop_reason
port_gso_in_place(
	const struct port *port, uint16_t queue, struct port_gso *gso, struct rte_mbuf **pkt)
{
	struct rte_mbuf *segments[PORT_GSO_BURST];
	struct cut cut = { .rest = *pkt, .meta = *pkt_meta(*pkt) };

	memcpy(cut.header, rte_pktmbuf_mtod(*pkt, void *), gso->header);
	(*pkt)->tso_segsz = 0;
	cut.tx_offload = (*pkt)->tx_offload;
	while (cut.rest != NULL) {
		uint32_t count = 0, sent;

		while (count < PORT_GSO_BURST && cut.rest != NULL)
			segments[count++] = cut_next(port, &cut, gso);
		sent = port_tx_push(port, queue, segments, count);
		if (sent == count)
			continue;
		/* The first that is not sent stands for the packet. */
		*pkt = segments[sent];
		*pkt_meta(*pkt) = cut.meta;
		rte_pktmbuf_free_bulk(segments + sent + 1, count - sent - 1);
		rte_pktmbuf_free(cut.rest);
		return DROP_tx_queue_full;
	}
	return DROP_REASON_COUNT;
}
