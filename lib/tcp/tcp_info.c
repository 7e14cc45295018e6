/* SPDX-License-Identifier: BSD-3-Clause */
/* What can be read of a connection; and for how long it was held back by what: RFC 4898. */
#include "tcp/tcp_priv.h"

void
tcp_limit_update(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t elapsed_us = core->now_us - conn->limit_us;
	bool busy = conn->snd_una != conn->snd_nxt || conn->unsent != NULL;

	if (conn->limit != TCP_LIMIT_IDLE)
		conn->busy_us += elapsed_us;
	if (conn->limit == TCP_LIMIT_RECEIVER)
		conn->receiver_limited_us += elapsed_us;
	if (conn->limit == TCP_LIMIT_SENDER)
		conn->sender_limited_us += elapsed_us;
	conn->limit_us = core->now_us;
	if (!busy)
		conn->limit = TCP_LIMIT_IDLE;
	else if (conn->rcv_limited)
		conn->limit = TCP_LIMIT_RECEIVER;
	else
		conn->limit = conn->unsent == NULL ? TCP_LIMIT_SENDER : TCP_LIMIT_NETWORK;
}

void
tcp_info(const struct tcp_core *core, const struct tcp_conn *conn, struct tcp_info *info)
{
	*info = (struct tcp_info){
		.state = conn->state,
		.sack = conn->sack_ok,
		.timestamps = conn->timestamps_ok,
		.window_scaling = conn->wscale_ok,
		.ecn = conn->ecn_ok,
		.snd_wscale = conn->snd_wscale,
		.rcv_wscale = conn->rcv_wscale,
		.backoff = conn->backoff,
		.probes = conn->probes,
		.rto_us = conn->rto_us,
		.srtt_us = conn->srtt_us,
		.rttvar_us = conn->rttvar_us,
		.min_rtt_us = conn->min_rtt_us,
		.snd_mss = conn->snd_mss,
		.rcv_mss = conn->rcv_mss,
		.pmtu = conn->pmtu,
		.pmtu_most = RTE_MAX(conn->pmtu, conn->pmtu_most),
		.mtu_probe_out = conn->mtu_probe_out,
		.snd_wnd = conn->snd_wnd,
		.rcv_wnd = tcp_window_room(conn),
		.cwnd = conn->cc.cwnd_bytes,
		.ssthresh = conn->cc.ssthresh_bytes,
		.unacked = tcp_flight_size(conn),
		.in_flight = tcp_in_flight(conn),
		.sacked = conn->sacked_bytes,
		.lost = conn->lost_bytes,
		.retransmitted = conn->retrans_bytes,
		.unsent = conn->snd_end - conn->snd_nxt,
		.unread = conn->rcv_queued,
		.send_buffer = conn->snd_buf,
		.receive_buffer = conn->rcv_buf,
		.out_of_order = conn->run_bytes,
		.bytes_sent = conn->bytes_sent,
		.bytes_acked = conn->bytes_acked,
		.bytes_received = conn->bytes_received,
		.bytes_retransmitted = conn->bytes_retransmitted,
		.segments_in = conn->segments_in,
		.segments_out = conn->segments_out,
		.data_segments_in = conn->data_segments_in,
		.data_segments_out = conn->data_segments_out,
		.last_sent_ms = (core->now_us - conn->sent_us) / 1000,
		.last_received_ms = core->now_ms - conn->text_ms,
		.last_heard_ms = core->now_ms - conn->heard_ms,
		.mss_offered = conn->mss_offered,
		.delayed_ack_us =
			conn->quick_acks > 0 || conn->quickack ? 0 : core->config.delayed_ack_us,
		.retransmits = conn->retransmits,
		.timeouts = conn->timeouts,
		.recoveries = conn->recoveries,
		.undos = conn->undos,
		.dsacks = conn->dsacks_in,
		.reorderings = conn->reorderings,
		.ecn_marks = conn->ecn_marks,
		.delivery_rate = conn->rate,
		.delivery_app_limited = conn->rate_app_limited,
		.busy_us = conn->busy_us,
		.receiver_limited_us = conn->receiver_limited_us,
		.sender_limited_us = conn->sender_limited_us,
		.cc = conn->cc.ops->name,
	};
}
