/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coalesces what one call to rx finds, so nothing ever waits for what comes later. Segments have to
 * be as the first, but for what follows from where they are in the stream: also their ACK number,
 * window and timestamps, so that nothing of what they say is lost. By workers, after cable_rx.c.
 */
#include "cable/cable_lro.h"

#include <string.h>

#include "cable/cable_checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/mac.h"

#define FLOWS_MAX      32 /* of a call; those of further ones stay as they are */
#define LENGTH_MAX     65535 /* that an IP header can say */

#define TCP_HDR_LENGTH 20
#define TCP_SEQUENCE   4 /* offsets in the header */
#define TCP_ACK_NUMBER 8
#define TCP_OFFSET     12
#define TCP_FLAGS      13
#define TCP_WINDOW     14
#define TCP_URGENT     18
#define TCP_PSH        0x08
#define TCP_ACK        0x10

struct segment {
	uint8_t *frame;
	uint16_t l3, l4, data; /* offsets */
	uint32_t length; /* bytes of data */
	bool ip6;
	bool plain; /* it can be part of a larger one */
};

struct flow {
	struct rte_mbuf *pkt;
	struct segment first;
	uint32_t length; /* bytes of data */
	uint16_t segments;
	bool ended; /* nothing more goes into this packet */
};

/* RFC 7323 appendix A: timestamps as everybody sends them, alone. */
static bool
options_are_plain(const uint8_t *options, uint32_t length)
{
	static const uint8_t timestamps[] = { 1, 1, 8, 10 };

	return length == 0 ||
		(length == 12 && memcmp(options, timestamps, sizeof(timestamps)) == 0);
}

static bool
checksums_are_good(const struct rte_mbuf *pkt, bool ip6)
{
	return (pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD &&
		(ip6 ||
			(pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) ==
				RTE_MBUF_F_RX_IP_CKSUM_GOOD);
}

/* Find the TCP header. @return bytes of the IP packet; 0: no TCP, or in some other way than most */
static uint32_t
ip_parse(struct segment *seg, uint32_t length)
{
	const struct ip4_header *ip4 = (const void *)(seg->frame + seg->l3);
	const struct ip6_header *ip6 = (const void *)(seg->frame + seg->l3);
	uint16_t type = be16_load(seg->frame + seg->l3 - 2);

	seg->ip6 = type == ETHER_TYPE_IP6;
	seg->l4 = (uint16_t)(seg->l3 + (seg->ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH));
	if (length < (uint32_t)seg->l4 + TCP_HDR_LENGTH)
		return 0;
	if (seg->ip6)
		return ip6_version(ip6) == 6 && ip6->next_header == IP_PROTO_TCP
			? IP6_HDR_LENGTH + be16toh(ip6->payload_length_be)
			: 0;
	return type == ETHER_TYPE_IP4 && ip4->version_ihl == IP4_VERSION_IHL &&
			ip4->proto == IP_PROTO_TCP &&
			(ip4->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) == 0
		? be16toh(ip4->total_length_be)
		: 0;
}

/* @return false: it may be of any flow */
static bool
segment_parse(struct segment *seg, const struct rte_mbuf *pkt)
{
	uint32_t total, tcp_length;
	const uint8_t *tcp;

	*seg = (struct segment){ .frame = rte_pktmbuf_mtod(pkt, uint8_t *) };
	if (pkt->data_len < ETHER_HDR_LENGTH)
		return false;
	seg->l3 = (uint16_t)cable_link_length(seg->frame, pkt->data_len);
	total = ip_parse(seg, pkt->data_len);
	if (total == 0)
		return false;
	tcp = seg->frame + seg->l4;
	tcp_length = (uint32_t)(tcp[TCP_OFFSET] >> 4) * 4;
	seg->data = (uint16_t)(seg->l4 + tcp_length);
	/* What pads a frame, or is missing, is no data. */
	if (tcp_length < TCP_HDR_LENGTH || seg->data >= pkt->data_len ||
		seg->l3 + total != pkt->pkt_len)
		return true;
	seg->length = pkt->pkt_len - seg->data;
	seg->plain = (tcp[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK &&
		options_are_plain(tcp + TCP_HDR_LENGTH, tcp_length - TCP_HDR_LENGTH) &&
		checksums_are_good(pkt, seg->ip6);
	return true;
}

static bool
bytes_equal(const uint8_t *a, const uint8_t *b, unsigned from, unsigned to)
{
	return memcmp(a + from, b + from, to - from) == 0;
}

/* Addresses and ports. */
static bool
flow_is(const struct segment *a, const struct segment *b)
{
	unsigned addrs = a->ip6 ? 32 : 8;

	return a->ip6 == b->ip6 &&
		memcmp(a->frame + a->l4 - addrs, b->frame + b->l4 - addrs, addrs + 4) == 0;
}

static bool
ip_fits(const struct flow *flow, const struct segment *seg)
{
	const uint8_t *first = flow->first.frame + flow->first.l3, *next = seg->frame + seg->l3;
	uint16_t id;

	if (seg->ip6)
		return bytes_equal(
			       first, next, 0, offsetof(struct ip6_header, payload_length_be)) &&
			first[offsetof(struct ip6_header, hop_limit)] ==
			next[offsetof(struct ip6_header, hop_limit)];
	id = (uint16_t)(be16_load(first + offsetof(struct ip4_header, id_be)) + flow->segments);
	return bytes_equal(first, next, 0, offsetof(struct ip4_header, total_length_be)) &&
		be16_load(next + offsetof(struct ip4_header, id_be)) == id &&
		bytes_equal(first, next, offsetof(struct ip4_header, frag_be),
			offsetof(struct ip4_header, checksum));
}

static bool
tcp_fits(const struct flow *flow, const struct segment *seg)
{
	const uint8_t *first = flow->first.frame + flow->first.l4, *next = seg->frame + seg->l4;

	return be32_load(next + TCP_SEQUENCE) == be32_load(first + TCP_SEQUENCE) + flow->length &&
		bytes_equal(first, next, TCP_ACK_NUMBER, TCP_FLAGS) &&
		bytes_equal(first, next, TCP_WINDOW, TCP_WINDOW + 2) &&
		bytes_equal(first, next, TCP_URGENT, seg->data - seg->l4);
}

static bool
segment_fits(const struct flow *flow, const struct segment *seg)
{
	const struct segment *first = &flow->first;

	return !flow->ended && seg->plain && seg->length <= first->length && seg->l3 == first->l3 &&
		first->data - first->l3 + flow->length + seg->length <= LENGTH_MAX &&
		bytes_equal(first->frame, seg->frame, 0, seg->l3) && ip_fits(flow, seg) &&
		tcp_fits(flow, seg);
}

/* The data of one that is shorter, or pushed, end there. */
static bool
segment_ends(const struct flow *flow, const struct segment *seg)
{
	return !seg->plain || seg->length < flow->first.length ||
		(seg->frame[seg->l4 + TCP_FLAGS] & TCP_PSH) != 0;
}

static void
flow_begin(struct flow *flow, struct rte_mbuf *pkt, const struct segment *seg)
{
	*flow = (struct flow){ .pkt = pkt, .first = *seg, .length = seg->length, .segments = 1 };
	flow->ended = segment_ends(flow, seg);
}

/* @return false: as many buffers as a packet can have */
static bool
flow_append(struct flow *flow, struct rte_mbuf *pkt, const struct segment *seg)
{
	if (flow->pkt->nb_segs + pkt->nb_segs > RTE_MBUF_MAX_NB_SEGS)
		return false;
	flow->first.frame[flow->first.l4 + TCP_FLAGS] |= seg->frame[seg->l4 + TCP_FLAGS] & TCP_PSH;
	flow->ended = segment_ends(flow, seg);
	flow->length += seg->length;
	flow->segments++;
	rte_pktmbuf_adj(pkt, seg->data);
	rte_pktmbuf_chain(flow->pkt, pkt);
	return true;
}

/* Have the header say what the packet has become. TCP's checksum stays the first segment's. */
static void
flow_finish(const struct flow *flow)
{
	const struct segment *first = &flow->first;
	uint8_t *l3 = first->frame + first->l3;
	uint32_t length = first->data - first->l3 + flow->length;

	if (flow->segments < 2)
		return;
	flow->pkt->ol_flags |= RTE_MBUF_F_RX_LRO;
	flow->pkt->tso_segsz = (uint16_t)first->length;
	if (first->ip6) {
		be16_store(l3 + offsetof(struct ip6_header, payload_length_be),
			(uint16_t)(length - IP6_HDR_LENGTH));
		return;
	}
	be16_store(l3 + offsetof(struct ip4_header, total_length_be), (uint16_t)length);
	cable_ip4_fill(first->frame,
		&(struct cable_headers){ .version = 4, .l3 = first->l3, .l4 = first->l4 });
}

/* NULL: there are too many. */
static struct flow *
flow_find(struct flow *flows, unsigned *flow_count, const struct segment *seg)
{
	for (unsigned i = 0; i < *flow_count; i++) {
		if (flow_is(&flows[i].first, seg))
			return &flows[i];
	}
	if (*flow_count == FLOWS_MAX)
		return NULL;
	flows[*flow_count] = (struct flow){ .ended = true };
	return &flows[(*flow_count)++];
}

uint16_t
cable_lro(struct rte_mbuf **pkts, uint16_t count)
{
	struct flow flows[FLOWS_MAX], *flow;
	unsigned flow_count = 0;
	struct segment seg;
	uint16_t kept = 0;

	for (uint16_t i = 0; i < count; i++) {
		if (!segment_parse(&seg, pkts[i])) {
			for (unsigned f = 0; f < flow_count; f++)
				flows[f].ended = true;
			pkts[kept++] = pkts[i];
			continue;
		}
		flow = flow_find(flows, &flow_count, &seg);
		if (flow != NULL && segment_fits(flow, &seg) && flow_append(flow, pkts[i], &seg))
			continue;
		if (flow != NULL) {
			flow_finish(flow);
			flow_begin(flow, pkts[i], &seg);
		}
		pkts[kept++] = pkts[i];
	}
	for (unsigned f = 0; f < flow_count; f++)
		flow_finish(&flows[f]);
	return kept;
}
