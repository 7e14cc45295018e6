/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Half-open connections: SYN-RECEIVED after LISTEN, in structs much smaller than a connection
 * (RFC 4987 3.3), bounded for each listener and in all. Those that were answered as often wait equally
 * long: a list for each number of answers is in the order of time.
 */
#include "tcp/tcp_priv.h"

#define SECOND_NS 1000000000ULL

static void
synack_send(struct tcp_core *core, const struct tcp_half_open *half, const struct tcp_out *out)
{
	const struct tcp_tuple *tuple = &half->node.tuple;
	const struct tcp_settings *settings = &half->listener->settings;
	struct tcp_reply reply = {
		.tuple = tuple,
		.tos = settings->tos,
		.ttl = settings->ttl,
		.fields = { .seq = half->iss,
			.ack = half->irs + 1,
			.flags = TCP_SYN | TCP_ACK | (half->ecn_ok ? TCP_ECE : 0),
			.window = (uint16_t)RTE_MIN(settings->receive_buffer, 65535U) },
		.options = { .present = TCP_OPTION_MSS,
			.mss = (uint16_t)tcp_mss_of_mtu(
				tcp_path_mtu(core, tuple, settings), tuple->family) },
	};

	if (half->sack_ok)
		reply.options.present |= TCP_OPTION_SACK_PERMITTED;
	if (half->wscale_ok) {
		reply.options.present |= TCP_OPTION_WSCALE;
		reply.options.wscale = tcp_window_scale(
			RTE_MAX(settings->receive_buffer, settings->receive_buffer_max));
	}
	if (half->timestamps_ok) {
		reply.options.present |= TCP_OPTION_TIMESTAMPS;
		reply.options.ts_val = half->ts_val != 0 ? half->ts_val : tcp_ts_val(core, tuple);
		reply.options.ts_ecr = half->ts_recent;
	}
	tcp_reply_send(core, &reply, out);
}

static uint32_t
iss_choose(const struct tcp_core *core, const struct tcp_segment *segment)
{
	uint32_t iss = tcp_isn(core, &segment->tuple);

	/* RFC 9293 3.10.7.4: above what the connection before has used. */
	return segment->follows ? seq_max(iss, segment->before + 1) : iss;
}

/*
 * What a SYN offers, as far as we do the same: RFC 9293 3.10.7.2, third step. Our sequence number is still
 * to be chosen.
 */
static void
syn_agree(struct tcp_core *core, struct tcp_listener *listener, const struct tcp_segment *segment,
	struct tcp_half_open *half)
{
	const struct tcp_options *options = &segment->options;
	uint8_t ecn = TCP_ECE | TCP_CWR;

	*half = (struct tcp_half_open){
		.node = { .tuple = segment->tuple, .hash = segment->hash },
		.listener = listener,
		.irs = segment->seq,
		.mss = options->present & TCP_OPTION_MSS ? options->mss : 0,
		.wscale = options->wscale,
		.ts_recent = options->ts_val,
		.sent_us = core->now_us,
		.sack_ok = core->config.sack && options->present & TCP_OPTION_SACK_PERMITTED,
		.wscale_ok = core->config.window_scaling && options->present & TCP_OPTION_WSCALE,
		.timestamps_ok =
			core->config.timestamps && options->present & TCP_OPTION_TIMESTAMPS,
		.ecn_ok = core->config.policy.ecn != TCP_ECN_OFF && (segment->flags & ecn) == ecn,
	};
}

static void
cookie_send(struct tcp_core *core, struct tcp_listener *listener, const struct tcp_segment *segment,
	const struct tcp_out *out)
{
	struct tcp_half_open half;

	syn_agree(core, listener, segment, &half);
	tcp_cookie_make(core, segment, &half);
	listener->cookies_out = true;
	listener->cookie_ms = core->now_ms;
	tcp_count(core, TCP_STAT_cookies_sent);
	synack_send(core, &half, out);
}

void
tcp_half_open_add(struct tcp_core *core, struct tcp_listener *listener, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	struct tcp_half_open *half = NULL, made;

	if (listener->accepted_count >= listener->backlog) {
		tcp_count(core, TCP_STAT_accept_dropped);
		tcp_segment_drop(segment, DROP_tcp_accept_full);
		return;
	}
	if (tcp_peer_refuses(core, segment, out))
		return;
	if (listener->half_open_count < listener->backlog)
		half = slab_take(&core->half_opens);
	/* One that waits on another worker goes when it sees what is there: a cookie leaves nothing. */
	if (half == NULL && core->config.policy.syn_cookies && !segment->elsewhere) {
		cookie_send(core, listener, segment, out);
		return;
	}
	if (half == NULL) {
		tcp_count(core, TCP_STAT_half_open_dropped);
		tcp_segment_drop(segment, DROP_tcp_half_open_full);
		return;
	}
	syn_agree(core, listener, segment, &made);
	made.iss = iss_choose(core, segment);
	tcp_node_assign(&half->node, &made.node, sizeof(made));
	half->in_use = true;
	half->due_ns = core->now_ns + SECOND_NS;
	TAILQ_INSERT_TAIL(&core->half_open[0], half, next);
	LIST_INSERT_HEAD(&listener->half_open, half, sibling);
	listener->half_open_count++;
	tcp_table_insert(&core->table, TCP_KIND_HALF_OPEN, &half->node);
	tcp_ports_conn_add(core, half->node.tuple.local_port);
	synack_send(core, half, out);
}

void
tcp_half_open_remove(struct tcp_core *core, struct tcp_half_open *half)
{
	tcp_table_remove(&core->table, TCP_KIND_HALF_OPEN, &half->node);
	tcp_ports_conn_remove(core, half->node.tuple.local_port);
	TAILQ_REMOVE(&core->half_open[half->retries], half, next);
	LIST_REMOVE(half, sibling);
	half->listener->half_open_count--;
	half->in_use = false;
	slab_give(&core->half_opens, half);
}

/* The handshake's last ACK makes a connection of it, that its listener's user may accept. */
struct tcp_conn *
tcp_half_open_accept(
	struct tcp_core *core, const struct tcp_half_open *half, const struct tcp_segment *segment)
{
	struct tcp_listener *listener = half->listener;
	struct tcp_conn *conn =
		tcp_conn_create(core, &half->node.tuple, half->node.hash, &listener->settings);

	if (conn == NULL)
		return NULL;
	/* From the beginning: what happens is told when it is accepted. */
	conn->listener = listener;
	conn->sack_ok = half->sack_ok;
	conn->timestamps_ok = half->timestamps_ok;
	conn->wscale_ok = half->wscale_ok;
	conn->ecn_ok = half->ecn_ok;
	conn->snd_wscale = half->wscale_ok ? half->wscale : 0;
	conn->rcv_wscale = half->wscale_ok ? tcp_window_scale(conn->rcv_buf_max) : 0;
	conn->ts_recent = half->ts_recent;
	conn->ts_recent_ms = core->now_ms;
	conn->rcv_nxt = conn->rcv_acked = half->irs + 1;
	conn->rcv_adv = conn->rcv_nxt + RTE_MIN(conn->rcv_buf, 65535U);
	conn->snd_una = conn->snd_nxt = conn->snd_end = half->iss + 1;
	conn->retransmits = half->retries;
	tcp_conn_agree(core, conn, half->mss);
	conn->retransmits = 0;
	conn->segments_in = segment->count;
	tcp_conn_establish(core, conn, segment);
	/* RFC 6298 3: of a SYN-ACK that was sent once. */
	if (half->retries == 0 && !half->answered_again && half->sent_us != core->now_us)
		tcp_rtt_sample(core, conn, core->now_us - half->sent_us);
	STAILQ_INSERT_TAIL(&listener->accepted, conn, accept_next);
	listener->accepted_count++;
	tcp_listener_event_add(core, listener);
	tcp_count(core, TCP_STAT_passive_opens);
	return conn;
}

/* RFC 9293 3.10.7.4, fifth step in SYN-RECEIVED. */
static void
ack_input(struct tcp_core *core, struct tcp_half_open *half, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	struct tcp_conn *conn;

	if (segment->ack != half->iss + 1) {
		tcp_count(core, TCP_STAT_bad_acks);
		tcp_reset_send(core, segment, out);
		return;
	}
	/* It goes on as soon as there is room: the SYN-ACK is sent again, and answered again. */
	if (half->listener->accepted_count >= half->listener->backlog) {
		tcp_count(core, TCP_STAT_accept_dropped);
		tcp_segment_drop(segment, DROP_tcp_accept_full);
		return;
	}
	if (tcp_peer_refuses(core, segment, out)) {
		tcp_half_open_remove(core, half);
		return;
	}
	/* In this order: other workers find one of the two at any time. */
	conn = tcp_half_open_accept(core, half, segment);
	tcp_half_open_remove(core, half);
	if (conn == NULL) {
		tcp_segment_drop(segment, DROP_tcp_no_conns);
		return;
	}
	tcp_established_input(core, conn, segment);
}

/* The peer asks for it: from then on its ACK does not tell how long the way is (RFC 6298 3). */
static void
synack_again(struct tcp_core *core, struct tcp_half_open *half, const struct tcp_out *out)
{
	half->answered_again = true;
	synack_send(core, half, out);
}

void
tcp_half_open_input(struct tcp_core *core, struct tcp_half_open *half, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	uint32_t window = RTE_MIN(half->listener->settings.receive_buffer, 65535U);
	bool paws = half->timestamps_ok && segment->options.present & TCP_OPTION_TIMESTAMPS &&
		seq_before(segment->options.ts_val, half->ts_recent) && !(segment->flags & TCP_RST);

	/* Our SYN-ACK was lost, or this is late: it is said again. */
	if ((segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
		segment->seq == half->irs) {
		/* RFC 3168 6.1.1: one without ECN, and it is not used. */
		if ((segment->flags & (TCP_ECE | TCP_CWR)) != (TCP_ECE | TCP_CWR))
			half->ecn_ok = false;
		synack_again(core, half, out);
		return;
	}
	if (tcp_ts_is_missing(half->timestamps_ok, segment)) {
		tcp_count(core, TCP_STAT_ts_missing);
		tcp_segment_drop(segment, DROP_tcp_no_timestamp);
		return;
	}
	/* First step. The answer is the SYN-ACK, whose ACK says what an ACK would. */
	if (paws || !seq_within(segment->seq, half->irs + 1, window)) {
		tcp_count(core, paws ? TCP_STAT_paws : TCP_STAT_out_of_window);
		if (!(segment->flags & TCP_RST))
			synack_again(core, half, out);
		return;
	}
	/* Second step: back to LISTEN; RFC 5961 3.2: exactly there, or it is asked for. */
	if (segment->flags & TCP_RST) {
		if (segment->seq == half->irs + 1) {
			tcp_count(core, TCP_STAT_attempt_fails);
			tcp_half_open_remove(core, half);
		} else {
			synack_again(core, half, out);
		}
		return;
	}
	/* Fourth step, RFC 5961 4.2 */
	if (segment->flags & TCP_SYN) {
		synack_again(core, half, out);
		return;
	}
	if (segment->flags & TCP_ACK)
		ack_input(core, half, segment, out);
}

/* ---- time ---- */

void
tcp_half_open_timers(struct tcp_core *core, const struct tcp_out *out)
{
	struct tcp_half_open *half;

	for (unsigned i = 0; i <= core->config.synack_retries; i++) {
		while ((half = TAILQ_FIRST(&core->half_open[i])) != NULL &&
			half->due_ns <= core->now_ns) {
			if (i == core->config.synack_retries) {
				tcp_count(core, TCP_STAT_half_open_timeouts);
				tcp_half_open_remove(core, half);
				continue;
			}
			TAILQ_REMOVE(&core->half_open[i], half, next);
			half->retries++;
			half->due_ns = core->now_ns + (SECOND_NS << half->retries);
			TAILQ_INSERT_TAIL(&core->half_open[half->retries], half, next);
			tcp_count(core, TCP_STAT_retrans_segs);
			synack_send(core, half, out);
		}
	}
}

uint64_t
tcp_half_open_next_ns(const struct tcp_core *core)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i <= core->config.synack_retries; i++) {
		const struct tcp_half_open *half = TAILQ_FIRST(&core->half_open[i]);

		if (half != NULL && half->due_ns < next)
			next = half->due_ns;
	}
	return next;
}
