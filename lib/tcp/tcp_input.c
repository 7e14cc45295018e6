/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments as they arrive: a burst is parsed and looked up, then each is processed in the order of
 * RFC 9293 3.10.7. Connections that have something to say are flushed later: tcp_output.c.
 */
#include "tcp/tcp_priv.h"

#include "wire/checksum.h"
#include "wire/ip4.h"

/* ---- from packets to segments ---- */

/* The tuple as the owner of the connection sees it. @return false: to a group */
static bool
tuple_read(const struct rte_mbuf *pkt, struct tcp_segment *segment)
{
	struct tcp_tuple *tuple = &segment->tuple;
	const struct pkt_meta *meta = pkt_meta(pkt);

	*tuple = (struct tcp_tuple){ .vrf = meta->vrf, .iface = PKT_IFACE_NONE };
	if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4) {
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		tuple->family = IP_FAMILY_4;
		memcpy(tuple->local, &hdr->dst_be, 4);
		memcpy(tuple->remote, &hdr->src_be, 4);
		segment->tos = hdr->tos;
		return !(meta->flags & PKT_L2_GROUP) && hdr->dst_be != UINT32_MAX &&
			!(ip4_class(hdr->dst_be) & IP4_CLASS_MULTICAST);
	}
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

	tuple->family = IP_FAMILY_6;
	memcpy(tuple->local, hdr->dst, 16);
	memcpy(tuple->remote, hdr->src, 16);
	if (ip6_is_link_local(hdr->src))
		tuple->iface = meta->iface;
	segment->tos = (uint8_t)(be32toh(hdr->version_class_flow_be) >> 20);
	return !(meta->flags & PKT_L2_GROUP) && !ip6_is_multicast(hdr->dst);
}

static bool
checksum_is_good(const struct rte_mbuf *pkt, const struct tcp_segment *segment, uint32_t offset)
{
	uint64_t known = pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	uint32_t length = pkt->pkt_len - offset;
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	uint64_t pseudo;

	/* NONE: wrong in the packet, but the data is not, as between virtual machines. */
	if (known == RTE_MBUF_F_RX_L4_CKSUM_GOOD || known == RTE_MBUF_F_RX_L4_CKSUM_NONE)
		return true;
	pseudo = segment->tuple.family == IP_FAMILY_4
		? checksum_pseudo_at(
			  l3 + offsetof(struct ip4_header, src_be), 8, IP_PROTO_TCP, length)
		: checksum_pseudo_at(
			  l3 + offsetof(struct ip6_header, src), 32, IP_PROTO_TCP, length);
	/* RFC 9293 3.1, MUST-3. A device's "bad" is checked again: some say it of what they cut. */
	return checksum_fold(pkt_sum(pkt, offset, length) + pseudo) == 0xffff;
}

/* How many it was on the wire: of what a port, or another worker, has put together, the port tells. */
static inline void
segment_count(struct tcp_segment *segment)
{
	const struct rte_mbuf *pkt = segment->pkt;

	segment->mss = segment->length;
	segment->count = 1;
	if (likely((pkt->ol_flags & RTE_MBUF_F_RX_LRO) == 0) || pkt->tso_segsz == 0 ||
		segment->length == 0)
		return;
	segment->mss = RTE_MIN(segment->length, (uint32_t)pkt->tso_segsz);
	segment->count = (segment->length + pkt->tso_segsz - 1U) / pkt->tso_segsz;
}

/* @return false: it is to be dropped, segment->drop says why */
static bool
segment_parse(struct tcp_core *core, struct rte_mbuf *pkt, bool handed, struct tcp_segment *segment)
{
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	uint8_t bytes[TCP_HDR_LENGTH_MAX];
	struct tcp_fields fields;
	uint32_t present;
	const uint8_t *hdr;

	segment->pkt = pkt;
	segment->dropped = false;
	segment->elsewhere = handed && pkt_meta(pkt)->reason == HANDOVER_TCP_FOLLOWS;
	segment->follows = segment->elsewhere;
	segment->before = pkt_meta(pkt)->icmp_rest;
	segment->worker = TCP_WORKER_NONE;
	if (!tuple_read(pkt, segment)) {
		tcp_segment_drop(segment, DROP_tcp_group);
		return false;
	}
	present = pkt->pkt_len > offset ? RTE_MIN(pkt->pkt_len - offset, sizeof(bytes)) : 0;
	hdr = rte_pktmbuf_read(pkt, offset, present, bytes);
	if (hdr == NULL || tcp_hdr_parse(hdr, present, &fields) != 0) {
		tcp_count(core, TCP_STAT_in_errs);
		tcp_segment_drop(segment, DROP_tcp_malformed);
		return false;
	}
	if (!checksum_is_good(pkt, segment, offset)) {
		tcp_count(core, TCP_STAT_in_errs);
		tcp_segment_drop(segment, DROP_tcp_bad_checksum);
		return false;
	}
	segment->tuple.local_port = fields.dst_port;
	segment->tuple.remote_port = fields.src_port;
	segment->seq = fields.seq;
	segment->ack = fields.ack;
	segment->flags = fields.flags;
	segment->window = fields.window;
	segment->urgent = fields.urgent;
	segment->offset = offset + fields.hdr_length;
	segment->length = pkt->pkt_len - segment->offset;
	segment->last = rte_pktmbuf_lastseg(pkt);
	segment_count(segment);
	segment->end = fields.seq + segment->length + ((fields.flags & TCP_SYN) != 0) +
		((fields.flags & TCP_FIN) != 0);
	segment->ce = (segment->tos & 3) == TCP_CE || pkt_meta(pkt)->ce;
	if (!tcp_options_parse(hdr + TCP_HDR_LENGTH, fields.hdr_length - TCP_HDR_LENGTH,
		    (fields.flags & TCP_SYN) != 0, &segment->options) &&
		!handed)
		tcp_count(core, TCP_STAT_bad_options);
	return true;
}

/* ---- RFC 9293 3.10.7.4: other states ---- */

/* First step: the sequence number. @return false: it goes no further */
static bool
sequence_check(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	uint32_t edge = conn->rcv_nxt + tcp_window_room(conn);

	if (tcp_paws_refuses(core, conn, segment)) {
		/* RFC 7323 5.3 R1: answered, like what is out of the window. */
		tcp_count(core, TCP_STAT_paws);
	} else if (seq_until(segment->seq, edge) && seq_from(segment->end, conn->rcv_nxt) &&
		(segment->end != conn->rcv_nxt || segment->seq == conn->rcv_nxt)) {
		/*
		 * With an empty segment at the right edge, and what begins at a closed window: their
		 * ACKs count ("special allowance").
		 */
		return true;
	} else {
		tcp_count(core, TCP_STAT_out_of_window);
		/* Data that came again: RFC 2883 4 tells its sender. */
		if (segment->length > 0 && seq_until(segment->end, conn->rcv_nxt) &&
			seq_after(segment->end, conn->rcv_nxt - conn->rcv_buf_max)) {
			tcp_text_input(core, conn, segment);
			tcp_flush_add(core, conn);
			return false;
		}
	}
	if (!(segment->flags & TCP_RST))
		tcp_challenge(core, conn);
	return false;
}

/* Second step: RFC 9293 3.10.7.4, RFC 5961 3.2. */
static void
reset_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	static const int errors[TCP_STATE_COUNT] = {
		[TCP_SYN_RECEIVED] = ECONNREFUSED,
		[TCP_ESTABLISHED] = ECONNRESET,
		[TCP_FIN_WAIT_1] = ECONNRESET,
		[TCP_FIN_WAIT_2] = ECONNRESET,
		[TCP_CLOSE_WAIT] = ECONNRESET,
		[TCP_CLOSING] = 0,
		[TCP_LAST_ACK] = 0,
	};

	if (segment->seq != conn->rcv_nxt) {
		tcp_challenge(core, conn);
		return;
	}
	if (conn->state == TCP_ESTABLISHED || conn->state == TCP_CLOSE_WAIT)
		tcp_count(core, TCP_STAT_estab_resets);
	tcp_conn_end(core, conn, errors[conn->state]);
}

/* Fifth step in SYN-RECEIVED, which only a simultaneous open gets to. @return whether it is over */
static bool
syn_received_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment,
	const struct tcp_out *out)
{
	if (!seq_after(segment->ack, conn->snd_una) || seq_after(segment->ack, conn->snd_nxt)) {
		tcp_reset_send(core, segment, out);
		return false;
	}
	tcp_conn_establish(core, conn, segment);
	return true;
}

/* RFC 1122 4.2.2.13: who has closed both ways, without letting go of it, is as good as gone. */
static bool
nobody_reads(const struct tcp_conn *conn)
{
	return conn->detached || (conn->read_shut && conn->fin_wanted);
}

/* Seventh and eighth step: data, and the end of data. */
static void
text_and_fin_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	uint32_t fin = segment->end - 1;

	if (conn->fin_received)
		return;
	/* RFC 9293 3.6.1: nobody is there to read it, and the peer should know. */
	if (segment->length > 0 && nobody_reads(conn) &&
		seq_after(segment->seq + segment->length, conn->rcv_nxt)) {
		tcp_count(core, TCP_STAT_data_after_close);
		conn->error = ECONNRESET;
		conn->reset_wanted = true;
		return;
	}
	if (unlikely(!conn->rcv_scale_good) && segment->length > 0)
		tcp_scale_data(core, conn, segment->end - ((segment->flags & TCP_FIN) != 0),
			(segment->flags & (TCP_PSH | TCP_FIN)) != 0);
	if (segment->length > 0)
		tcp_text_input(core, conn, segment);
	/* One that data has overtaken was none of the peer's: it sends nothing behind its FIN. */
	if (segment->flags & TCP_FIN &&
		(!conn->fin_pending || seq_before(conn->rcv_fin, conn->rcv_nxt))) {
		conn->fin_pending = true;
		conn->rcv_fin = fin;
	}
	if (conn->fin_pending && conn->rcv_nxt == conn->rcv_fin)
		tcp_fin_input(core, conn);
	else if (segment->flags & TCP_FIN)
		conn->ack_now = true; /* RFC 5681 4.2: something is missing in front */
}

void
tcp_established_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	if (!tcp_ack_input(core, conn, segment))
		return;
	/* Acknowledgments end connections, too. */
	if (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT)
		return;
	tcp_ts_update(core, conn, segment);
	if (unlikely(segment->options.present & TCP_OPTION_USER_TIMEOUT))
		tcp_user_timeout_input(conn, &segment->options);
	if (conn->ecn_ok)
		tcp_ecn_input(core, conn, segment);
	if (segment->flags & TCP_URG)
		tcp_urgent_input(core, conn, segment);
	if (segment->length == 0 && !(segment->flags & TCP_FIN))
		return;
	text_and_fin_input(core, conn, segment);
	tcp_flush_add(core, conn);
}

void
tcp_conn_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	conn->segments_in += segment->count;
	if (conn->state == TCP_SYN_SENT) {
		tcp_syn_sent_input(core, conn, segment, out);
		return;
	}
	if (tcp_ts_is_missing(conn->timestamps_ok, segment)) {
		tcp_count(core, TCP_STAT_ts_missing);
		tcp_segment_drop(segment, DROP_tcp_no_timestamp);
		return;
	}
	/* The SYN-ACKs of a simultaneous open cross: the SYN is known, the ACK is new. */
	if (conn->state == TCP_SYN_RECEIVED && segment->flags & TCP_SYN &&
		segment->flags & TCP_ACK && segment->seq == conn->rcv_nxt - 1) {
		segment->seq++;
		segment->flags &= (uint8_t)~TCP_SYN;
		segment->window >>= conn->snd_wscale;
	}
	if (!sequence_check(core, conn, segment))
		return;
	conn->heard_ms = core->now_ms;
	conn->probes = 0;
	if (segment->flags & TCP_RST) {
		reset_input(core, conn, segment);
		return;
	}
	/* Fourth step, RFC 5961 4.2. */
	if (segment->flags & TCP_SYN) {
		tcp_challenge(core, conn);
		return;
	}
	if (!(segment->flags & TCP_ACK))
		return;
	if (conn->state == TCP_SYN_RECEIVED && !syn_received_ack(core, conn, segment, out))
		return;
	tcp_established_input(core, conn, segment);
}

/* ---- the burst ---- */

/* Nobody's here, nor a listener's. @return whether another worker is to see it */
static bool
segment_hand_over(struct tcp_segment *segment, unsigned worker)
{
	if (worker == TCP_WORKER_NONE)
		return false;
	if (worker == TCP_WORKER_UNSURE)
		tcp_segment_drop(segment, DROP_tcp_owner_unsure);
	else
		segment->worker = worker;
	return true;
}

/* A segment of no connection. */
static void
new_input(
	struct tcp_core *core, struct tcp_segment *segment, bool handed, const struct tcp_out *out)
{
	struct tcp_listener *listener = tcp_listener_lookup(core, &segment->tuple);

	if (listener != NULL) {
		tcp_listen_input(core, listener, segment, out);
		return;
	}
	if (segment_hand_over(segment, tcp_ports_listener(core, segment->tuple.local_port, handed)))
		return;
	/* RFC 9293 3.10.7.1 */
	tcp_reset_send(core, segment, out);
	tcp_segment_drop(segment, DROP_tcp_no_port);
}

/*
 * A SYN for an address and port on which somebody listens, here or on another worker: of one that comes from
 * another's TIME-WAIT behind this one, as new_input() goes on.
 */
static bool
is_syn_for_listener(const struct tcp_core *core, const struct tcp_segment *segment)
{
	return segment->flags & TCP_SYN &&
		(tcp_listener_lookup(core, &segment->tuple) != NULL ||
			tcp_ports_listener(core, segment->tuple.local_port, segment->elsewhere) !=
				TCP_WORKER_NONE);
}

/*
 * The listener of a SYN that may follow may be another worker's. Then what waits here stays until somebody has
 * what follows: whose segments may go on coming here.
 */
static void
time_wait_input(struct tcp_core *core, struct tcp_time_wait *wait, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	const uint16_t port = segment->tuple.local_port;
	struct tcp_listener *listener;

	if (unlikely(segment_hand_over(segment, tcp_ports_successor(core, port, segment->hash)))) {
		if (segment->dropped)
			return;
		tcp_count(core, TCP_STAT_time_wait_reused);
		tcp_time_wait_remove(core, wait);
		return;
	}
	if (!tcp_time_wait_input(core, wait, segment, is_syn_for_listener(core, segment), out))
		return;
	listener = tcp_listener_lookup(core, &segment->tuple);
	if (listener == NULL) {
		segment->worker = tcp_ports_listener(core, port, segment->elsewhere);
		return;
	}
	tcp_listen_input(core, listener, segment, out);
	/* RFC 1337: what is refused does not end it. What follows it is there by now. */
	if (segment->dropped)
		return;
	tcp_count(core, TCP_STAT_time_wait_reused);
	tcp_time_wait_remove(core, wait);
}

static void
segment_input(
	struct tcp_core *core, struct tcp_segment *segment, bool handed, const struct tcp_out *out)
{
	struct tcp_node *node;
	enum tcp_kind kind;
	uint16_t port = segment->tuple.local_port;

	node = tcp_table_lookup(&core->table, &segment->tuple, segment->hash, &kind);
	switch (kind) {
	case TCP_KIND_CONN: tcp_conn_input(core, (struct tcp_conn *)node, segment, out); return;
	case TCP_KIND_HALF_OPEN:
		tcp_half_open_input(core, (struct tcp_half_open *)node, segment, out);
		return;
	case TCP_KIND_TIME_WAIT:
		time_wait_input(core, (struct tcp_time_wait *)node, segment, out);
		return;
	default:
		if (handed ||
			!segment_hand_over(segment, tcp_ports_owner(core, port, segment->hash)))
			new_input(core, segment, handed, out);
		return;
	}
}

static void
segment_finish(struct tcp_core *core, const struct tcp_segment *segment, const struct tcp_out *out)
{
	struct rte_mbuf *pkt = segment->pkt;

	if (pkt == NULL)
		return;
	if (segment->dropped) {
		pkt_drop(out->drops, pkt, segment->drop);
	} else if (segment->worker != TCP_WORKER_NONE) {
		tcp_count(core, TCP_STAT_handed_over);
		/* It was verified here. */
		pkt->ol_flags &= ~RTE_MBUF_F_RX_L4_CKSUM_MASK;
		pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		pkt_meta(pkt)->worker = (uint8_t)segment->worker;
		pkt_meta(pkt)->reason = segment->follows ? HANDOVER_TCP_FOLLOWS : HANDOVER_TCP;
		pkt_meta(pkt)->icmp_rest = segment->before;
		if (segment->count > 1) {
			pkt->ol_flags |= RTE_MBUF_F_RX_LRO;
			pkt->tso_segsz = (uint16_t)RTE_MIN(segment->mss, (uint32_t)UINT16_MAX);
		}
		pkt_vec_append(out->handover, pkt);
	} else {
		pkt_vec_append(out->done, pkt);
	}
}

static void
burst_input(struct tcp_core *core, const struct pkt_vec *in, bool handed, const struct tcp_out *out)
{
	struct tcp_segment segments[PKT_BURST];
	uint32_t count = 0;

	for (uint32_t i = 0; i < in->count; i++) {
		struct tcp_segment *segment = &segments[count];

		/* Of those that are handed over the worker counts to which they came. */
		if (!handed)
			tcp_count(core, TCP_STAT_in_segs);
		if (!segment_parse(core, in->pkts[i], handed, segment)) {
			segment_finish(core, segment, out);
			continue;
		}
		if (core->config.offload.gro && count > 0 && tcp_gro_join(segment - 1, segment)) {
			tcp_count(core, TCP_STAT_gro_segs);
			continue;
		}
		segment->hash = tcp_table_hash(&core->table, &segment->tuple);
		tcp_table_prefetch(&core->table, segment->hash);
		count++;
	}
	for (uint32_t i = 0; i < count; i++)
		tcp_table_prefetch_node(&core->table, segments[i].hash);
	for (uint32_t i = 0; i < count; i++) {
		segment_input(core, &segments[i], handed, out);
		segment_finish(core, &segments[i], out);
	}
}

void
tcp_input(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out)
{
	burst_input(core, in, false, out);
}

void
tcp_input_handed(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out)
{
	burst_input(core, in, true, out);
}
