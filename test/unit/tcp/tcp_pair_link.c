/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of segments between the two of tcp_pair.h, by the seed and the test's filter. */
#include "unit/tcp/tcp_pair_link.h"

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static bool
segment_read(const struct rte_mbuf *pkt, struct pair_segment *segment)
{
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l3_len);

	if (tcp_hdr_parse(l4, pkt->pkt_len - pkt->l3_len, &segment->fields) != 0)
		return false;
	tcp_options_parse(l4 + TCP_HDR_LENGTH, segment->fields.hdr_length - TCP_HDR_LENGTH,
		(segment->fields.flags & TCP_SYN) != 0, &segment->options);
	segment->length = pkt->pkt_len - pkt->l3_len - segment->fields.hdr_length;
	segment->ecn = pkt->l3_len == IP4_HDR_LENGTH
		? rte_pktmbuf_mtod(pkt, const struct ip4_header *)->tos & 3
		: be32_load(rte_pktmbuf_mtod(pkt, uint8_t *)) >> 20 & 3;
	return true;
}

/* As it arrives: a NIC has filled in its checksum. */
static struct rte_mbuf *
frame_copy(const struct rte_mbuf *pkt)
{
	struct rte_mbuf *copy = flight_copy(test_pool(), pkt);
	const uint8_t *ip = rte_pktmbuf_mtod(copy, const uint8_t *);
	uint32_t length = pkt->pkt_len - pkt->l3_len;
	struct ip_addr src, dst;
	struct tcp_header *tcp;

	if (pkt->l3_len == IP4_HDR_LENGTH) {
		struct ip4_summary summary;

		assert_int_equal(ip4_hdr_parse(ip, copy->pkt_len, &summary), 0);
		assert_int_equal(summary.payload_length, length);
		src = ip_addr_from4(ip + 12);
		dst = ip_addr_from4(ip + 16);
	} else {
		assert_int_equal(be16_load(ip + 4), length);
		src = ip_addr_from6(ip + 8);
		dst = ip_addr_from6(ip + 24);
	}
	tcp = rte_pktmbuf_mtod_offset(copy, struct tcp_header *, copy->l3_len);
	tcp->checksum = 0;
	tcp->checksum = checksum_finish(pkt_sum(copy, copy->l3_len, length) +
		checksum_pseudo(&src, &dst, IP_PROTO_TCP, length));
	return copy;
}

static void
frame_mark(struct pair *pair, struct rte_mbuf *copy, const struct pair_segment *segment)
{
	struct ip4_header *hdr = rte_pktmbuf_mtod(copy, struct ip4_header *);

	if (copy->l3_len != IP4_HDR_LENGTH || (segment->ecn != 1 && segment->ecn != 2) ||
		!random_chance(&pair->random, pair->link.mark_ppb))
		return;
	hdr->tos |= 3;
	hdr->checksum = 0;
	hdr->checksum = (uint16_t)~checksum_ip4_hdr_sum(hdr);
}

/* What was sent is as it was then, but for the transport's checksum. */
static void
held_release(struct rte_mbuf *held, const struct rte_mbuf *sent)
{
	static uint8_t now[UINT16_MAX], then[UINT16_MAX];
	uint32_t checksum = held->l3_len + offsetof(struct tcp_header, checksum);

	assert_int_equal(held->pkt_len, sent->pkt_len);
	pkt_copy_out(held, 0, held->pkt_len, now);
	pkt_copy_out(sent, 0, sent->pkt_len, then);
	memset(now + checksum, 0, 2);
	memset(then + checksum, 0, 2);
	assert_memory_equal(
		now + IP4_HDR_LENGTH, then + IP4_HDR_LENGTH, held->pkt_len - IP4_HDR_LENGTH);
	rte_pktmbuf_free(held);
}

static void
segment_send(struct pair *pair, unsigned from, struct rte_mbuf *pkt)
{
	struct pair_segment segment = { .from = from, .sent_ns = pair->now_ns };
	uint64_t due_ns[2];
	unsigned count = 0;

	assert_int_equal(rte_pktmbuf_mtod(pkt, uintptr_t) % 2, 0);
	assert_true(segment_read(pkt, &segment));
	pair->log[pair->log_count++ % PAIR_LOG] = segment;
	pair->ends[from].segments_sent++;
	if (pair->filter == NULL || pair->filter(pair, &segment))
		count = virtual_link_pass(
			&pair->link, &pair->random, pair->now_ns, from, pkt->pkt_len, due_ns);
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *copy = frame_copy(pkt), *held = NULL;

		if (i == 0) {
			frame_mark(pair, copy, &segment);
			if (pair->link.holds_packets) {
				rte_mbuf_refcnt_update(pkt, 1);
				held = pkt;
			}
		}
		flight_add(&pair->flight, 1 - from, copy, held, due_ns[i]);
	}
	/* As a driver: what is linked behind it was added by whoever sent it. */
	rte_pktmbuf_free(pkt);
}

/* Its header, for the segment that has `part` bytes of data behind the first `done`. */
static void
header_cut(uint8_t *bytes, const struct rte_mbuf *pkt, uint32_t done, uint32_t part)
{
	uint8_t *tcp = bytes + pkt->l3_len;

	if (pkt->l3_len == IP4_HDR_LENGTH) {
		struct ip4_header *hdr = (struct ip4_header *)bytes;

		hdr->total_length_be = htobe16((uint16_t)(pkt->l3_len + pkt->l4_len + part));
		hdr->checksum = 0;
		hdr->checksum = (uint16_t)~checksum_ip4_hdr_sum(hdr);
	} else {
		be16_store(bytes + 4, (uint16_t)(pkt->l4_len + part));
	}
	be32_store(tcp + offsetof(struct tcp_header, seq_be),
		be32_load(tcp + offsetof(struct tcp_header, seq_be)) + done);
	if (done > 0)
		tcp[offsetof(struct tcp_header, flags)] &= (uint8_t)~TCP_CWR;
	if (pkt->l3_len + pkt->l4_len + done + part < pkt->pkt_len)
		tcp[offsetof(struct tcp_header, flags)] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

/* What a port does with a packet of several segments: here copies go, as from a NIC. */
static void
large_send(struct pair *pair, unsigned from, struct rte_mbuf *pkt)
{
	const uint32_t header = pkt->l3_len + pkt->l4_len;
	static uint8_t bytes[UINT16_MAX];

	assert_int_equal(rte_mbuf_check(pkt, 1, &(const char *){ NULL }), 0);
	assert_true(pkt->pkt_len <= 65535 && pkt->pkt_len > header + pkt->tso_segsz);
	pair->ends[from].large_sent++;
	for (uint32_t done = 0, part; header + done < pkt->pkt_len; done += part) {
		struct rte_mbuf *segment;

		part = RTE_MIN(pkt->pkt_len - header - done, (uint32_t)pkt->tso_segsz);
		pkt_copy_out(pkt, 0, header, bytes);
		pkt_copy_out(pkt, header + done, part, bytes + header);
		header_cut(bytes, pkt, done, part);
		segment = test_mbuf(bytes, header + part);
		segment->l3_len = pkt->l3_len;
		segment_send(pair, from, segment);
	}
	rte_pktmbuf_free(pkt);
}

void
pair_link_send(struct pair *pair, unsigned from, const struct pkt_vec *vec)
{
	for (uint32_t i = 0; i < vec->count; i++) {
		if ((vec->pkts[i]->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0)
			large_send(pair, from, vec->pkts[i]);
		else
			segment_send(pair, from, vec->pkts[i]);
	}
}

void
pair_link_take(struct pair *pair, unsigned to)
{
	struct flight_packet packet;

	pair->in.count = 0;
	while (pair->in.count < PKT_BURST &&
		flight_take(&pair->flight, to, pair->now_ns, &packet)) {
		pkt_vec_append(&pair->in, packet.pkt);
		if (packet.held != NULL)
			held_release(packet.held, packet.pkt);
	}
}

void
pair_link_add(struct pair *pair, unsigned to, struct rte_mbuf *pkt)
{
	flight_add(&pair->flight, to, frame_copy(pkt), NULL, pair->now_ns);
	rte_pktmbuf_free(pkt);
}
