/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP segmentation for ports that do not do it: by copying, unless the packet's buffers are its segments
 * (port_gso_in_place.c). Not by rte_gso, which in 22.11 knows IPv4 only, leaves
 * CWR on each segment, and makes packets of two buffers, which not every port takes: what it saves
 * by not copying, the checksum in software would read anyway.
 */
#include "port/port_gso.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/mac.h"

#define TCP_HDR_LENGTH 20
#define TCP_SEQUENCE   4 /* offsets in the header */
#define TCP_FLAGS      13
#define TCP_FIN        0x01
#define TCP_PSH        0x08
#define TCP_CWR        0x80

/*
 * What takes more than `max` buffers, one of them for its header, has `max` - 2 whole ones between
 * those that it begins and ends in: wherever these are, they have to hold a segment by themselves.
 */
bool
port_tso_segs_fit(const struct rte_mbuf *pkt, uint16_t max)
{
	const struct rte_mbuf *first = pkt->next, *last = first;
	uint32_t length = 0;

	if (max <= 2)
		return false;
	for (unsigned row = 0; last != NULL && last->next != NULL; last = last->next) {
		length += last->data_len;
		if (++row < max - 2U)
			continue;
		if (length < pkt->tso_segsz)
			return false;
		length -= first->data_len;
		first = first->next;
		row--;
	}
	return true;
}

static bool
gso_init(struct port_gso *gso, const struct rte_mbuf *pkt)
{
	const bool ip6 = (pkt->ol_flags & RTE_MBUF_F_TX_IPV6) != 0;
	const uint32_t l4 = pkt->l2_len + pkt->l3_len;

	*gso = (struct port_gso){
		.pkt = pkt,
		.ol_flags = RTE_MBUF_F_TX_TCP_CKSUM |
			(ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM),
		.header = l4 + pkt->l4_len,
		.left = pkt->pkt_len - l4 - pkt->l4_len,
	};
	return pkt->tso_segsz > 0 && pkt->l2_len >= ETHER_HDR_LENGTH &&
		pkt->l3_len >= (ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH) &&
		pkt->l4_len >= TCP_HDR_LENGTH && gso->header < pkt->pkt_len;
}

/* Append bytes of the packet, in as many buffers as it takes. */
static bool
bytes_append(struct rte_mbuf *segment, const struct rte_mbuf *pkt, uint32_t from, uint32_t length)
{
	struct rte_mbuf *last = rte_pktmbuf_lastseg(segment);

	while (length > 0) {
		const uint32_t part = RTE_MIN(length, (uint32_t)rte_pktmbuf_tailroom(last));

		if (part > 0) {
			pkt_copy_out(pkt, from, part,
				rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len));
			last->data_len += part;
			segment->pkt_len += part;
			from += part;
			length -= part;
			continue;
		}
		last->next = rte_pktmbuf_alloc(pkt->pool);
		last = last->next;
		if (last == NULL || segment->nb_segs == RTE_MBUF_MAX_NB_SEGS)
			return false;
		last->data_off = 0;
		segment->nb_segs++;
	}
	return true;
}

static void
ip_mend(const struct port_gso *gso, struct rte_mbuf *segment)
{
	const uint32_t length = pkt_l3_length(segment);

	if ((gso->ol_flags & RTE_MBUF_F_TX_IPV6) != 0) {
		struct ip6_header *hdr = pkt_l3(segment, struct ip6_header *);

		hdr->payload_length_be = htobe16((uint16_t)(length - IP6_HDR_LENGTH));
	} else {
		struct ip4_header *hdr = pkt_l3(segment, struct ip4_header *);

		hdr->total_length_be = htobe16((uint16_t)length);
		/* RFC 6864 4.3: what may be cut again has an identification of its own. */
		hdr->id_be = htobe16((uint16_t)(be16toh(hdr->id_be) + gso->segment));
	}
}

/* RFC 9293 3.10.8 wants FIN and PSH where the data end; RFC 3168 6.1.2 CWR where they begin. */
static void
tcp_mend(const struct port_gso *gso, struct rte_mbuf *segment, bool last)
{
	uint8_t *tcp =
		rte_pktmbuf_mtod_offset(segment, uint8_t *, segment->l2_len + segment->l3_len);

	be32_store(tcp + TCP_SEQUENCE, be32_load(tcp + TCP_SEQUENCE) + gso->done);
	if (gso->segment > 0)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

void
port_gso_mend(struct port_gso *gso, struct rte_mbuf *segment, uint32_t part)
{
	segment->ol_flags = gso->ol_flags;
	ip_mend(gso, segment);
	tcp_mend(gso, segment, part == gso->left);
	gso->done += part;
	gso->left -= part;
	gso->segment++;
}

/* @return the next one, ready for the port; NULL: there was no buffer */
static struct rte_mbuf *
gso_next(struct port_gso *gso)
{
	const struct rte_mbuf *pkt = gso->pkt;
	const uint32_t part = RTE_MIN(gso->left, (uint32_t)pkt->tso_segsz);
	struct rte_mbuf *segment = rte_pktmbuf_alloc(pkt->pool);

	if (segment == NULL)
		return NULL;
	if (!bytes_append(segment, pkt, 0, gso->header) ||
		!bytes_append(segment, pkt, gso->header + gso->done, part)) {
		rte_pktmbuf_free(segment);
		return NULL;
	}
	segment->l2_len = pkt->l2_len;
	segment->l3_len = pkt->l3_len;
	segment->l4_len = pkt->l4_len;
	segment->hash = pkt->hash;
	port_gso_mend(gso, segment, part);
	return segment;
}

/* Up to PORT_GSO_BURST segments, ready to be sent. */
static enum drop_reason
burst_make(
	const struct port *port, struct port_gso *gso, struct rte_mbuf **segments, uint32_t *count)
{
	while (*count < PORT_GSO_BURST && gso->left > 0) {
		struct rte_mbuf *segment = gso_next(gso);

		if (segment == NULL)
			return DROP_tx_nomem;
		segments[(*count)++] = segment;
		if (!port_tx_prepare(port, segment))
			return DROP_tx_unsupported;
	}
	return DROP_REASON_COUNT;
}

/* @return as port_gso_send(); the packet stays there */
static enum drop_reason
gso_copy_send(const struct port *port, uint16_t queue, struct port_gso *gso)
{
	struct rte_mbuf *segments[PORT_GSO_BURST];
	enum drop_reason reason = DROP_REASON_COUNT;

	while (reason == DROP_REASON_COUNT && gso->left > 0) {
		uint32_t count = 0, sent = 0;

		reason = burst_make(port, gso, segments, &count);
		if (reason == DROP_REASON_COUNT) {
			sent = port_tx_push(port, queue, segments, count);
			if (sent < count)
				reason = DROP_tx_queue_full;
		}
		rte_pktmbuf_free_bulk(segments + sent, count - sent);
	}
	return reason;
}

enum drop_reason
port_gso_send(const struct port *port, uint16_t queue, struct rte_mbuf **pkt)
{
	struct port_gso gso;
	enum drop_reason reason;

	if (!gso_init(&gso, *pkt))
		return DROP_tx_unsupported;
	if (port_gso_is_in_place(&gso))
		return port_gso_in_place(port, queue, &gso, pkt);
	reason = gso_copy_send(port, queue, &gso);
	if (reason == DROP_REASON_COUNT)
		rte_pktmbuf_free(*pkt);
	return reason;
}
