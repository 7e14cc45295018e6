/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections come and go: tcp_connect(), and what both handshakes have in common. */
#include "tcp/tcp_priv.h"

#include "wire/ip4.h"

/* RFC 9293 3.8.6.3 allows it; so a peer in slow start is not held up (Linux does the same). */
#define QUICK_ACKS 16
/* RFC 6298 5.7: a second was too short for the SYN, so it may be for data. */
#define RTO_AFTER_SYN_TIMEOUT_US 3000000U

static const char *const state_names[] = {
	[TCP_CLOSED] = "CLOSED",
	[TCP_SYN_SENT] = "SYN-SENT",
	[TCP_SYN_RECEIVED] = "SYN-RECEIVED",
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_FIN_WAIT_1] = "FIN-WAIT-1",
	[TCP_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCP_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCP_CLOSING] = "CLOSING",
	[TCP_LAST_ACK] = "LAST-ACK",
	[TCP_TIME_WAIT] = "TIME-WAIT",
};

const char *
tcp_state_name(enum tcp_state state)
{
	return state < TCP_STATE_COUNT ? state_names[state] : "unknown";
}

/* RFC 6691, 9293 3.7.1: a segment's data, without any options. */
uint32_t
tcp_mss_of_mtu(uint32_t mtu, uint8_t family)
{
	uint32_t headers =
		(family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH) + TCP_HDR_LENGTH;

	return mtu > headers ? mtu - headers : 1;
}

struct tcp_conn *
tcp_conn_create(struct tcp_core *core, const struct tcp_tuple *tuple, uint32_t hash,
	const struct tcp_settings *settings)
{
	struct tcp_conn *conn = slab_take(&core->conns);
	uint32_t mtu = tcp_path_mtu(core, tuple, settings);

	if (conn == NULL) {
		tcp_count(core, TCP_STAT_no_conns);
		return NULL;
	}
	memset((uint8_t *)conn + sizeof(conn->node), 0, sizeof(*conn) - sizeof(conn->node));
	conn->node.tuple = *tuple;
	conn->node.hash = hash;
	conn->in_use = true;
	STAILQ_INIT(&conn->queue);
	TAILQ_INIT(&conn->in_flight);
	conn->pmtu = (uint16_t)mtu;
	/* What is known of the path now may be forgotten while it lasts; what the user wants is not. */
	conn->pmtu_most =
		core->config.path_mtu != NULL && settings->mss_max == 0 ? UINT16_MAX : conn->pmtu;
	conn->mss_offered = (uint16_t)tcp_mss_of_mtu(mtu, tuple->family);
	conn->tos = settings->tos;
	conn->nodelay = settings->nodelay;
	conn->cork = settings->cork;
	conn->quickack = settings->quickack;
	conn->rcv_buf = settings->receive_buffer;
	conn->rcv_buf_max = RTE_MAX(settings->receive_buffer, settings->receive_buffer_max);
	conn->snd_buf = settings->send_buffer;
	conn->snd_buf_max = RTE_MAX(settings->send_buffer, settings->send_buffer_max);
	conn->pace_always = core->config.policy.pacing;
	conn->pacing_rate = settings->pacing_rate;
	conn->paced = conn->pacing_rate != 0 || conn->pace_always || settings->cc->paces;
	tcp_user_timeout_set(conn, settings);
	conn->keepalive_idle_ms = settings->keepalive_idle_ms;
	conn->keepalive_interval_ms = settings->keepalive_interval_ms;
	conn->keepalive_count = settings->keepalive_count;
	conn->rto_us = core->config.rto_initial_us;
	conn->snd_mss = conn->mss_offered;
	conn->rcv_mss = TCP_MSS_DEFAULT4;
	conn->quick_acks = QUICK_ACKS;
	conn->heard_ms = conn->text_ms = conn->stalled_ms = core->now_ms;
	conn->limit_us = core->now_us;
	conn->delivered_us = conn->sent_us = conn->rack_sent_us = core->now_us;
	conn->rack_window_factor = 1;
	conn->ts_offset = tcp_ts_offset(core, tuple);
	cc_init(&conn->cc, settings->cc,
		&(struct cc_config){ .mss_bytes = conn->snd_mss,
			.initial_window_bytes = cc_initial_window(conn->snd_mss),
			.bursts_moderated = conn->paced });
	tcp_header_prepare(conn, settings);
	tcp_table_insert(&core->table, TCP_KIND_CONN, &conn->node);
	tcp_ports_conn_add(core, tuple->local_port);
	tcp_peer_conn_add(core, tuple);
	conn->in_table = true;
	return conn;
}

void
tcp_conn_agree(struct tcp_core *core, struct tcp_conn *conn, uint32_t peer_mss)
{
	uint8_t family = conn->node.tuple.family;
	uint32_t mss = tcp_mss_of_mtu(conn->pmtu, family);
	uint32_t options = conn->timestamps_ok ? 12 : 0;

	/* RFC 9293 3.7.1, MUST-15: without an MSS option the least that everyone takes. */
	if (peer_mss == 0)
		peer_mss = family == IP_FAMILY_4 ? TCP_MSS_DEFAULT4 : TCP_MSS_DEFAULT6;
	mss = RTE_MIN(mss, RTE_MAX(peer_mss, TCP_MSS_LEAST));
	conn->snd_mss = (uint16_t)(mss - options);
	conn->pmtu_most = (uint16_t)RTE_MIN((uint32_t)conn->pmtu_most,
		conn->ip_length + TCP_HDR_LENGTH + RTE_MAX(peer_mss, TCP_MSS_LEAST));
	tcp_mtu_probe_later(core, conn, true);
	tcp_scale_agreed(conn);
	conn->hdr_length = (uint8_t)(conn->ip_length + TCP_HDR_LENGTH + options);
	/* RFC 6928 2, 5681 3.1: a SYN that was lost leaves one segment. */
	cc_init(&conn->cc, conn->cc.ops,
		&(struct cc_config){ .mss_bytes = conn->snd_mss,
			.initial_window_bytes = conn->retransmits > 0
				? conn->snd_mss
				: cc_initial_window(conn->snd_mss),
			.bursts_moderated = conn->paced });
	conn->rto_backoff = 0;
	if (conn->retransmits > 0)
		conn->rto_us = RTE_MAX(conn->rto_us, RTO_AFTER_SYN_TIMEOUT_US);
	conn->tune_us = core->now_us;
	conn->tune_space = conn->rcv_buf / 2;
}

void
tcp_flush_add(struct tcp_core *core, struct tcp_conn *conn)
{
	if (conn->on_flush)
		return;
	TAILQ_INSERT_TAIL(&core->flush, conn, flush_next);
	conn->on_flush = true;
}

static void
table_remove(struct tcp_core *core, struct tcp_conn *conn)
{
	if (!conn->in_table)
		return;
	tcp_table_remove(&core->table, TCP_KIND_CONN, &conn->node);
	tcp_ports_conn_remove(core, conn->node.tuple.local_port);
	conn->in_table = false;
}

void
tcp_conn_end(struct tcp_core *core, struct tcp_conn *conn, int error)
{
	table_remove(core, conn);
	if (conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED)
		tcp_count(core, TCP_STAT_attempt_fails);
	timer_stop(&conn->timer);
	tcp_queue_free(core, conn);
	tcp_runs_free(core, conn);
	conn->state = TCP_CLOSED;
	conn->error = (uint8_t)error;
	tcp_event_add(core, conn,
		TCP_EVENT_CLOSED | TCP_EVENT_READABLE | (error != 0 ? TCP_EVENT_ERROR : 0));
	/* Whoever calls may still look at it: tcp_flush() frees it. */
	if (conn->detached)
		tcp_flush_add(core, conn);
}

void
tcp_conn_free(struct tcp_core *core, struct tcp_conn *conn)
{
	table_remove(core, conn);
	if (conn->on_flush)
		TAILQ_REMOVE(&core->flush, conn, flush_next);
	tcp_event_drop(core, conn);
	timer_stop(&conn->timer);
	tcp_queue_free(core, conn);
	tcp_runs_free(core, conn);
	tcp_pkts_free(conn->rcv_head);
	core->received -= conn->rcv_queued;
	tcp_peer_conn_remove(core, &conn->node.tuple);
	conn->in_use = false;
	slab_give(&core->conns, conn);
}

/* Whether something here has these ends. @param wait set if it is in TIME-WAIT and may be followed */
static bool
tuple_is_taken(const struct tcp_core *core, const struct tcp_tuple *tuple, uint32_t hash,
	struct tcp_time_wait **wait)
{
	enum tcp_kind kind;
	struct tcp_node *node = tcp_table_lookup(&core->table, tuple, hash, &kind);

	*wait = NULL;
	if (node == NULL)
		return false;
	if (kind != TCP_KIND_TIME_WAIT ||
		!tcp_time_wait_may_follow(core, (struct tcp_time_wait *)node))
		return true;
	*wait = (struct tcp_time_wait *)node;
	return false;
}

bool
tcp_tuple_is_used(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	uint32_t hash = tcp_table_hash(&core->table, tuple);
	struct tcp_time_wait *wait;
	unsigned owner;

	if (tuple_is_taken(core, tuple, hash, &wait))
		return true;
	/* What waits here may have been followed on another worker already. */
	owner = wait != NULL ? tcp_ports_successor(core, tuple->local_port, hash)
			     : tcp_ports_owner(core, tuple->local_port, hash);
	return owner != TCP_WORKER_NONE;
}

/* RFC 9293 3.10.7.4: above what the connection before has used. */
static uint32_t
iss_choose(const struct tcp_core *core, const struct tcp_tuple *tuple,
	const struct tcp_time_wait *before)
{
	uint32_t iss = tcp_isn(core, tuple);

	return before != NULL ? seq_max(iss, tcp_time_wait_beyond(before) + 1) : iss;
}

int
tcp_connect(struct tcp_core *core, const struct tcp_tuple *tuple,
	const struct tcp_settings *settings, void *user, struct tcp_conn **result)
{
	uint32_t hash = tcp_table_hash(&core->table, tuple);
	struct tcp_time_wait *wait;
	struct tcp_conn *conn;

	if (tuple_is_taken(core, tuple, hash, &wait))
		return -EADDRINUSE;
	conn = tcp_conn_create(core, tuple, hash, settings);
	if (conn == NULL)
		return -ENFILE;
	conn->user = user;
	conn->state = TCP_SYN_SENT;
	conn->syn_retries = core->config.syn_retries;
	conn->snd_una = conn->snd_nxt = conn->snd_end = iss_choose(core, tuple, wait);
	conn->rcv_wscale = tcp_window_scale(conn->rcv_buf_max);
	conn->follows = wait != NULL;
	conn->ecn_asked = core->config.policy.ecn == TCP_ECN_ON;
	conn->recover = conn->ecn_recover = conn->snd_una;
	if (tcp_seg_append(core, conn, TCP_SYN) == NULL) {
		tcp_conn_free(core, conn);
		return -ENOBUFS;
	}
	conn->snd_end++;
	/* Now: other workers find one of the two at any time. */
	if (wait != NULL) {
		tcp_count(core, TCP_STAT_time_wait_reused);
		tcp_time_wait_remove(core, wait);
	}
	tcp_count(core, TCP_STAT_active_opens);
	tcp_flush_add(core, conn);
	*result = conn;
	return 0;
}

enum tcp_state
tcp_conn_state(const struct tcp_conn *conn)
{
	return conn->state;
}

bool
tcp_conn_is_opening(const struct tcp_conn *conn)
{
	return conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED;
}

bool
tcp_conn_has_failed(const struct tcp_conn *conn)
{
	return conn->state == TCP_CLOSED && !conn->opened;
}

const struct tcp_tuple *
tcp_conn_tuple(const struct tcp_conn *conn)
{
	return &conn->node.tuple;
}

int
tcp_error(struct tcp_conn *conn)
{
	int error = conn->error;

	conn->error = 0;
	return error;
}

void
tcp_user_set(struct tcp_conn *conn, void *user)
{
	conn->user = user;
}

void *
tcp_user(const struct tcp_conn *conn)
{
	return conn->user;
}

void
tcp_settings_set(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_settings *settings)
{
	if (settings->cc != conn->cc.ops)
		cc_switch(&conn->cc, settings->cc);
	conn->nodelay = settings->nodelay;
	conn->cork = settings->cork;
	conn->quickack = settings->quickack;
	conn->rcv_buf = RTE_MAX(conn->rcv_buf, settings->receive_buffer);
	conn->rcv_buf_max = RTE_MAX(conn->rcv_buf, settings->receive_buffer_max);
	conn->snd_buf = RTE_MAX(conn->snd_buf, settings->send_buffer);
	conn->snd_buf_max = RTE_MAX(conn->snd_buf, settings->send_buffer_max);
	conn->snd_buf_tuned &= settings->send_buffer < settings->send_buffer_max;
	tcp_pace_set(core, conn, settings->pacing_rate);
	tcp_user_timeout_set(conn, settings);
	conn->keepalive_idle_ms = settings->keepalive_idle_ms;
	conn->keepalive_interval_ms = settings->keepalive_interval_ms;
	conn->keepalive_count = settings->keepalive_count;
	conn->tos = settings->tos;
	tcp_header_prepare(conn, settings);
	tcp_keepalive_arm(core, conn);
	tcp_flush_add(core, conn);
}
