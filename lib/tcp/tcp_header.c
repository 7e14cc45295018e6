/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Headers of what is sent: a connection's from the template that it keeps, in front of the data; and
 * segments that belong to no connection.
 */
#include "tcp/tcp_priv.h"

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"

#define TIMESTAMPS_ALIGNED 0x0101080aU /* RFC 7323 appendix A */
#define TIMESTAMPS_LENGTH  12
/* So many SYNs went unanswered: whatever does not like our options gets none but MSS (so do BSDs). */
#define SYN_PLAIN_AFTER 3

static void
ip_template_build(uint8_t *header, const struct tcp_tuple *tuple, uint8_t tos, uint8_t ttl)
{
	if (tuple->family == IP_FAMILY_4) {
		struct ip4_build build = { .tos = tos,
			.ttl = ttl,
			.proto = IP_PROTO_TCP,
			/* RFC 6864 4.1: what is not fragmented needs no identification. */
			.df = true };

		memcpy(&build.src_be, tuple->local, 4);
		memcpy(&build.dst_be, tuple->remote, 4);
		ip4_hdr_build((struct ip4_header *)header, &build);
		return;
	}
	ip6_hdr_build((struct ip6_header *)header,
		&(struct ip6_build){ .src = tuple->local,
			.dst = tuple->remote,
			.traffic_class = tos,
			.next_header = IP_PROTO_TCP,
			.hop_limit = ttl });
}

static inline uint8_t
ip_header_length(uint8_t family)
{
	return family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
}

void
tcp_header_prepare(struct tcp_conn *conn, const struct tcp_settings *settings)
{
	const struct tcp_tuple *tuple = &conn->node.tuple;

	conn->ip_length = ip_header_length(tuple->family);
	if (conn->hdr_length == 0)
		conn->hdr_length = conn->ip_length + TCP_HDR_LENGTH;
	ip_template_build(conn->header, tuple, settings->tos, settings->ttl);
	be16_store(conn->header + conn->ip_length, tuple->local_port);
	be16_store(conn->header + conn->ip_length + 2, tuple->remote_port);
}

/* The fields of the IP header that differ from packet to packet: its length and ECN's codepoint. */
static inline void
ip_header_finish(void *header, uint8_t family, uint32_t length, uint8_t ecn)
{
	if (family == IP_FAMILY_4) {
		struct ip4_header *hdr = header;

		hdr->total_length_be = htobe16((uint16_t)length);
		hdr->tos |= ecn;
		hdr->checksum = 0;
		hdr->checksum = (uint16_t)~checksum_ip4_hdr_sum(hdr);
	} else {
		struct ip6_header *hdr = header;

		hdr->payload_length_be = htobe16((uint16_t)(length - IP6_HDR_LENGTH));
		hdr->version_class_flow_be |= htobe32((uint32_t)ecn << 20);
	}
}

/* A packet is ready but for its link header. */
static inline void
pkt_send(struct rte_mbuf *pkt, const struct tcp_tuple *tuple, uint32_t tcp_length,
	const struct tcp_out *out)
{
	bool ip4 = tuple->family == IP_FAMILY_4;
	struct pkt_meta *meta;

	pkt->l2_len = 0;
	pkt->l3_len = ip_header_length(tuple->family);
	pkt->l4_len = tcp_length & 0xff;
	/* What the buffers are stays; what a device said of them, or was told, does not. */
	pkt->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM | (ip4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	pkt_meta_init(pkt, tuple->iface, PKT_ORIGINATED);
	meta = pkt_meta(pkt);
	meta->vrf = tuple->vrf;
	pkt_vec_append(tcp_out_vec(out, tuple->family), pkt);
}

/* ---- without a connection ---- */

bool
tcp_reply_send(struct tcp_core *core, const struct tcp_reply *reply, const struct tcp_out *out)
{
	const struct tcp_tuple *tuple = reply->tuple;
	struct tcp_fields fields = reply->fields;
	uint32_t ip_length = ip_header_length(tuple->family);
	uint8_t options[TCP_OPTIONS_MAX];
	uint32_t options_length = tcp_options_build(options, sizeof(options), &reply->options);
	struct rte_mbuf *pkt;
	uint8_t *header;

	if (tcp_out_vec(out, tuple->family)->count == PKT_VEC_MAX) {
		tcp_count(core, TCP_STAT_output_full);
		return false;
	}
	pkt = rte_pktmbuf_alloc(core->config.pool);
	if (pkt == NULL) {
		tcp_count(core, TCP_STAT_nomem);
		return false;
	}
	fields.src_port = tuple->local_port;
	fields.dst_port = tuple->remote_port;
	fields.hdr_length = (uint8_t)(TCP_HDR_LENGTH + options_length);
	header = (uint8_t *)rte_pktmbuf_append(pkt, (uint16_t)(ip_length + fields.hdr_length));
	ip_template_build(header, tuple, reply->tos, reply->ttl);
	ip_header_finish(header, tuple->family, ip_length + fields.hdr_length, 0);
	tcp_hdr_build((struct tcp_header *)(header + ip_length), &fields);
	memcpy(header + ip_length + TCP_HDR_LENGTH, options, options_length);
	pkt_send(pkt, tuple, fields.hdr_length, out);
	tcp_count(core, TCP_STAT_out_segs);
	if (fields.flags & TCP_RST)
		tcp_count(core, TCP_STAT_out_rsts);
	return true;
}

void
tcp_reset_send(struct tcp_core *core, const struct tcp_segment *segment, const struct tcp_out *out)
{
	struct tcp_reply reply = { .tuple = &segment->tuple, .ttl = 64 };

	/* RFC 9293 3.10.7.1: a reset is never answered by one. */
	if (segment->flags & TCP_RST)
		return;
	if (segment->flags & TCP_ACK) {
		reply.fields.seq = segment->ack;
		reply.fields.flags = TCP_RST;
	} else {
		reply.fields.ack = segment->end;
		reply.fields.flags = TCP_RST | TCP_ACK;
	}
	tcp_reply_send(core, &reply, out);
}

/* ---- of a connection ---- */

/* Beside data. What was cut before the path became smaller has timestamps, at least. */
static uint32_t
options_room(const struct tcp_conn *conn, uint32_t length)
{
	uint32_t fixed = conn->timestamps_ok ? TIMESTAMPS_LENGTH : 0;

	return length < conn->snd_mss ? (fixed + conn->snd_mss - length) & ~3U : fixed;
}

uint32_t
tcp_syn_offer(const struct tcp_core *core, const struct tcp_conn *conn, uint8_t backoff)
{
	bool plain = backoff >= SYN_PLAIN_AFTER;
	uint32_t offer = 0;

	if (core->config.sack && !plain)
		offer |= TCP_OPTION_SACK_PERMITTED;
	if (core->config.window_scaling && !plain)
		offer |= TCP_OPTION_WSCALE;
	if (core->config.timestamps && (!plain || conn->follows))
		offer |= TCP_OPTION_TIMESTAMPS;
	return offer;
}

/* RFC 9293 3.10.1: to a SYN only what it offered is answered. */
static uint32_t
syn_answer(const struct tcp_conn *conn)
{
	uint32_t agreed = 0;

	if (conn->sack_ok)
		agreed |= TCP_OPTION_SACK_PERMITTED;
	if (conn->wscale_ok)
		agreed |= TCP_OPTION_WSCALE;
	if (conn->timestamps_ok)
		agreed |= TCP_OPTION_TIMESTAMPS;
	return agreed;
}

/* Options of a SYN, and of segments that report what came out of order. */
static uint32_t
options_write(
	struct tcp_core *core, struct tcp_conn *conn, const struct tcp_send *send, uint8_t *bytes)
{
	struct tcp_options options = { .present = 0 };
	uint32_t room = TCP_OPTIONS_MAX;
	bool answer = (send->flags & TCP_ACK) != 0;

	if (send->flags & TCP_SYN) {
		options.present = TCP_OPTION_MSS |
			(answer ? syn_answer(conn) : tcp_syn_offer(core, conn, conn->backoff));
		options.mss = conn->mss_offered;
		options.wscale = conn->rcv_wscale;
	} else {
		if (conn->timestamps_ok)
			options.present = TCP_OPTION_TIMESTAMPS;
		tcp_sack_report(conn, &options);
		/* RFC 6691 3: with data, options take what it leaves of the segment. */
		if (send->length > 0)
			room = RTE_MIN(room, options_room(conn, send->length));
	}
	if (answer || conn->backoff < SYN_PLAIN_AFTER)
		tcp_user_timeout_tell(conn, (send->flags & TCP_SYN) != 0, room, &options);
	options.ts_val = tcp_ts_now(core) + conn->ts_offset;
	options.ts_ecr = answer ? conn->ts_recent : 0;
	return tcp_options_build(bytes, room, &options);
}

static inline uint32_t
timestamps_write(const struct tcp_core *core, const struct tcp_conn *conn, uint8_t *bytes)
{
	if (!conn->timestamps_ok)
		return 0;
	be32_store(bytes, TIMESTAMPS_ALIGNED);
	be32_store(bytes + 4, tcp_ts_now(core) + conn->ts_offset);
	be32_store(bytes + 8, conn->ts_recent);
	return TIMESTAMPS_LENGTH;
}

/* An acknowledgment leaves: what was owed is paid. */
static inline void
ack_sent(struct tcp_conn *conn)
{
	conn->rcv_acked = conn->rcv_nxt;
	conn->ack_now = false;
	conn->dsack_ok = false;
	if (conn->quick_acks > 0)
		conn->quick_acks--;
	tcp_timer_clear(conn, TCP_TIMER_ACK);
}

void
tcp_header_send(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf *pkt,
	const struct tcp_send *send, const struct tcp_out *out)
{
	bool special = (send->flags & TCP_SYN) != 0 || conn->runs != NULL || conn->dsack_ok ||
		conn->uto_due;
	uint32_t options_length, tcp_length, length;
	uint8_t options[TCP_OPTIONS_MAX], *header;
	struct tcp_header *tcp;
	uint16_t window;

	options_length = special ? options_write(core, conn, send, options)
				 : timestamps_write(core, conn, options);
	tcp_length = TCP_HDR_LENGTH + options_length;
	length = conn->ip_length + tcp_length;
	header = (uint8_t *)rte_pktmbuf_prepend(pkt, (uint16_t)length);
	memcpy(header, conn->header, conn->ip_length + TCP_PORTS_LENGTH);
	memcpy(header + conn->ip_length + TCP_HDR_LENGTH, options, options_length);
	ip_header_finish(header, conn->node.tuple.family, length + send->length, send->ecn);

	tcp = (struct tcp_header *)(header + conn->ip_length);
	window = tcp_window_advertise(conn);
	/* RFC 7323 2.2: of a SYN it is not scaled. */
	if (send->flags & TCP_SYN)
		window = (uint16_t)RTE_MIN(conn->rcv_buf, 65535U);
	tcp->seq_be = htobe32(send->seq);
	tcp->ack_be = send->flags & TCP_ACK ? htobe32(conn->rcv_nxt) : 0;
	tcp->data_offset = (uint8_t)(tcp_length / 4 << 4);
	tcp->flags = send->flags;
	tcp->window_be = htobe16(window);
	tcp->checksum = 0;
	tcp->urgent_be = 0;
	/* RFC 9293 3.8.5: offset from this segment to the end of what is urgent. */
	if (conn->snd_up_ok && seq_after(conn->snd_up, send->seq)) {
		tcp->flags |= TCP_URG;
		tcp->urgent_be = htobe16((uint16_t)RTE_MIN(conn->snd_up - send->seq, 65535U));
	}
	if (send->flags & TCP_ACK)
		ack_sent(conn);
	pkt_send(pkt, &conn->node.tuple, tcp_length, out);
	if (send->segments > 1) {
		pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | pkt_headroom_flag;
		pkt->tso_segsz = conn->snd_mss;
	}
	core->flush_room -= RTE_MIN(core->flush_room, send->segments);
	conn->segments_out += send->segments;
	counter_add(&core->stats[TCP_STAT_out_segs], send->segments);
	if (send->flags & TCP_RST)
		tcp_count(core, TCP_STAT_out_rsts);
}
