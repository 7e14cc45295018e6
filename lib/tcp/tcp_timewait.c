/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TIME-WAIT: RFC 9293 3.6.1, 3.10.7.4; a small struct that keeps old segments of a connection from
 * the next with the same ends. All wait equally long: the list is in the order of time, and when as
 * many wait as may, the oldest goes.
 */
#include "tcp/tcp_priv.h"

/* What may have been in flight beyond the numbers that it ended with. */
#define TIME_WAIT_WINDOW 65536U
/* From then on our timestamps are later than any of its segments', whatever a tick of the peer's is. */
#define REUSE_NS 1000000000ULL
/* ACKs of one that are further apart cannot be a loop of two who answer each other. */
#define ACK_INTERVAL_MS 500

static void
wait_begin(struct tcp_core *core, struct tcp_time_wait *wait)
{
	wait->due_ns = core->now_ns + core->config.time_wait_us * 1000ULL;
	TAILQ_INSERT_TAIL(&core->time_wait, wait, next);
}

void
tcp_time_wait_remove(struct tcp_core *core, struct tcp_time_wait *wait)
{
	tcp_table_remove(&core->table, TCP_KIND_TIME_WAIT, &wait->node);
	tcp_ports_conn_remove(core, wait->node.tuple.local_port);
	TAILQ_REMOVE(&core->time_wait, wait, next);
	wait->in_use = false;
	slab_give(&core->time_waits, wait);
}

static struct tcp_time_wait *
wait_create(struct tcp_core *core)
{
	struct tcp_time_wait *wait = slab_take(&core->time_waits);

	if (wait == NULL && !TAILQ_EMPTY(&core->time_wait)) {
		tcp_count(core, TCP_STAT_time_wait_recycled);
		tcp_time_wait_remove(core, TAILQ_FIRST(&core->time_wait));
		wait = slab_take(&core->time_waits);
	}
	return wait;
}

/* The connection's place in the table is taken; its user may still read what came. */
void
tcp_time_wait_enter(struct tcp_core *core, struct tcp_conn *conn)
{
	const struct tcp_time_wait made = {
		.node = { .tuple = conn->node.tuple, .hash = conn->node.hash },
		.snd_nxt = conn->snd_nxt,
		.rcv_nxt = conn->rcv_nxt,
		.ts_recent = conn->ts_recent,
		.acked_ms = core->now_ms - ACK_INTERVAL_MS,
		.window = (uint16_t)RTE_MIN(tcp_window_room(conn) >> conn->rcv_wscale, 65535U),
		.in_use = true,
		.timestamps_ok = conn->timestamps_ok,
		.tos = conn->tos,
	};
	struct tcp_time_wait *wait = wait_create(core);

	/* Before the connection goes: other workers find one of the two at any time. */
	if (wait != NULL) {
		tcp_count(core, TCP_STAT_time_waits);
		tcp_node_assign(&wait->node, &made.node, sizeof(made));
		tcp_table_insert(&core->table, TCP_KIND_TIME_WAIT, &wait->node);
		tcp_ports_conn_add(core, wait->node.tuple.local_port);
		wait_begin(core, wait);
	}
	tcp_conn_end(core, conn, 0);
	conn->state = TCP_TIME_WAIT;
	/* The FIN is still to be acknowledged. */
	tcp_flush_add(core, conn);
}

static void
ack_send(struct tcp_core *core, struct tcp_time_wait *wait, const struct tcp_out *out)
{
	struct tcp_reply reply = {
		.tuple = &wait->node.tuple,
		.tos = wait->tos,
		.ttl = 64,
		.fields = { .seq = wait->snd_nxt,
			.ack = wait->rcv_nxt,
			.flags = TCP_ACK,
			.window = wait->window },
	};

	if (core->now_ms - wait->acked_ms < ACK_INTERVAL_MS) {
		tcp_count(core, TCP_STAT_challenge_limited);
		return;
	}
	if (wait->timestamps_ok) {
		reply.options.present = TCP_OPTION_TIMESTAMPS;
		reply.options.ts_val = tcp_ts_val(core, &wait->node.tuple);
		reply.options.ts_ecr = wait->ts_recent;
	}
	wait->acked_ms = core->now_ms;
	tcp_reply_send(core, &reply, out);
}

/* RFC 6191 2, and RFC 9293 3.10.7.4 (MAY-2) without timestamps: a SYN that cannot be an old one. */
static bool
syn_is_new(const struct tcp_time_wait *wait, const struct tcp_segment *segment)
{
	bool timestamps = wait->timestamps_ok && segment->options.present & TCP_OPTION_TIMESTAMPS;

	if (timestamps && segment->options.ts_val != wait->ts_recent)
		return seq_after(segment->options.ts_val, wait->ts_recent);
	return seq_after(segment->seq, wait->rcv_nxt);
}

uint32_t
tcp_time_wait_beyond(const struct tcp_time_wait *wait)
{
	return wait->snd_nxt + TIME_WAIT_WINDOW;
}

/*
 * RFC 6191 lets the peer's SYN follow by its timestamp; ours is known to be later as well, so that PAWS
 * refuses what is old (Linux's tcp_tw_reuse).
 */
bool
tcp_time_wait_may_follow(const struct tcp_core *core, const struct tcp_time_wait *wait)
{
	return core->config.policy.time_wait_reuse && core->config.timestamps &&
		wait->timestamps_ok &&
		core->now_ns + core->config.time_wait_us * 1000ULL >= wait->due_ns + REUSE_NS;
}

bool
tcp_time_wait_input(struct tcp_core *core, struct tcp_time_wait *wait, struct tcp_segment *segment,
	bool listened, const struct tcp_out *out)
{
	const struct tcp_options *options = &segment->options;

	/* RFC 1337 3: resets do not end it. */
	if (segment->flags & TCP_RST)
		return false;
	/* MAY-2; where nobody listens it is a SYN in TIME-WAIT like others, which ends nothing. */
	if (listened && (segment->flags & (TCP_SYN | TCP_ACK | TCP_FIN)) == TCP_SYN &&
		syn_is_new(wait, segment)) {
		segment->follows = true;
		segment->before = tcp_time_wait_beyond(wait);
		return true;
	}
	/* The peer's FIN again: our ACK was lost. The wait starts anew. */
	if (segment->flags & TCP_FIN && segment->end == wait->rcv_nxt &&
		!(wait->timestamps_ok && options->present & TCP_OPTION_TIMESTAMPS &&
			seq_before(options->ts_val, wait->ts_recent))) {
		TAILQ_REMOVE(&core->time_wait, wait, next);
		wait_begin(core, wait);
		ack_send(core, wait, out);
		return false;
	}
	/* What else is in order needs no answer: an ACK of our FIN. */
	if (segment->seq == wait->rcv_nxt && segment->end == segment->seq &&
		segment->ack == wait->snd_nxt)
		return false;
	ack_send(core, wait, out);
	return false;
}

void
tcp_time_wait_timers(struct tcp_core *core)
{
	struct tcp_time_wait *wait;

	while ((wait = TAILQ_FIRST(&core->time_wait)) != NULL && wait->due_ns <= core->now_ns)
		tcp_time_wait_remove(core, wait);
}
