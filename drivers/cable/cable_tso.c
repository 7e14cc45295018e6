/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts a large TCP packet: each segment gets the header, with the length, the IPv4 identification and
 * the sequence number that are its own. By workers.
 */
#include "cable/cable_tso.h"

#include "cable/cable_checksum.h"
#include "pkt/pkt.h"
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

bool
cable_tso_init(struct cable_tso *tso, const struct rte_mbuf *pkt)
{
	uint32_t l4 = pkt->l2_len + pkt->l3_len;
	bool ip6 = (pkt->ol_flags & RTE_MBUF_F_TX_IPV6) != 0;

	*tso = (struct cable_tso){ .pkt = pkt, .header = l4 + pkt->l4_len };
	return pkt->tso_segsz > 0 && pkt->l2_len >= ETHER_HDR_LENGTH &&
		pkt->l3_len >= (ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH) &&
		pkt->l4_len >= TCP_HDR_LENGTH && tso->header < pkt->pkt_len;
}

uint32_t
cable_tso_frame_max(const struct cable_tso *tso)
{
	return RTE_MIN(tso->header + tso->pkt->tso_segsz, tso->pkt->pkt_len);
}

static void
ip_mend(const struct cable_tso *tso, uint8_t *frame, uint32_t length)
{
	uint8_t *l3 = frame + tso->pkt->l2_len;

	length -= tso->pkt->l2_len;
	if ((tso->pkt->ol_flags & RTE_MBUF_F_TX_IPV6) != 0) {
		be16_store(l3 + offsetof(struct ip6_header, payload_length_be),
			(uint16_t)(length - IP6_HDR_LENGTH));
		return;
	}
	be16_store(l3 + offsetof(struct ip4_header, total_length_be), (uint16_t)length);
	be16_store(l3 + offsetof(struct ip4_header, id_be),
		(uint16_t)(be16_load(l3 + offsetof(struct ip4_header, id_be)) + tso->segment));
}

/* RFC 9293 3.10.8 wants FIN and PSH where the data end; RFC 3168 6.1.2 CWR where they begin. */
static void
tcp_mend(const struct cable_tso *tso, uint8_t *tcp, bool last)
{
	be32_store(tcp + TCP_SEQUENCE, be32_load(tcp + TCP_SEQUENCE) + tso->done);
	if (tso->segment > 0)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

uint32_t
cable_tso_next(struct cable_tso *tso, uint8_t *frame)
{
	const struct rte_mbuf *pkt = tso->pkt;
	uint32_t left = pkt->pkt_len - tso->header - tso->done;
	uint32_t part = RTE_MIN(left, (uint32_t)pkt->tso_segsz), length = tso->header + part;
	struct cable_headers headers;

	if (left == 0)
		return 0;
	pkt_copy_out(pkt, 0, tso->header, frame);
	pkt_copy_out(pkt, tso->header + tso->done, part, frame + tso->header);
	ip_mend(tso, frame, length);
	tcp_mend(tso, frame + pkt->l2_len + pkt->l3_len, part == left);
	cable_headers_parse(frame, length, &headers);
	if (headers.version == 4)
		cable_ip4_fill(frame, &headers);
	cable_l4_fill(frame, &headers);
	tso->done += part;
	tso->segment++;
	return length;
}
