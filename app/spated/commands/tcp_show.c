/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp show: connections as lines, one of them with all that is known of it, and listeners. */
#include "commands/tcp.h"

#include <stdlib.h>

#include "cli/job.h"
#include "commands/call.h"
#include "commands/show_socket.h"
#include "commands/tcp_filter.h"

/* Copied from a worker at a time, between two of its loops. */
#define CONNS_AT_A_TIME     64
#define LISTENERS_AT_A_TIME 64

/* Where there is no connection, or no application's: listed when asked for, as `ss` does. */
#define BRIEF_STATES (1U << TCP_SYN_RECEIVED | 1U << TCP_TIME_WAIT)

/* Whose, and between whom. */
static void
show_names(struct show *show, const struct stack *stack, const struct stack_tcp_conn *conn)
{
	const struct tcp_tuple *tuple = &conn->tuple;
	const bool is4 = tuple->family == IP_FAMILY_4;
	const struct ip_addr local =
		is4 ? ip_addr_from4(tuple->local) : ip_addr_from6(tuple->local);
	const struct ip_addr remote =
		is4 ? ip_addr_from4(tuple->remote) : ip_addr_from6(tuple->remote);

	show_u64(show, "worker", conn->worker);
	show_string(show, "application", conn->app);
	show_vrf(show, stack, tuple->vrf);
	show_string(show, "state", tcp_state_name(conn->info.state));
	show_endpoint(show, "local", &local, tuple->local_port);
	show_endpoint(show, "remote", &remote, tuple->remote_port);
}

static void
show_line(struct show *show, const struct stack *stack, const struct stack_tcp_conn *conn)
{
	const struct tcp_info *info = &conn->info;

	show_record_begin(show, NULL);
	show_names(show, stack, conn);
	/* Of what has no connection nothing else is known. */
	if (info->cc == NULL) {
		show_record_end(show);
		return;
	}
	show_u64(show, "unread", info->unread);
	show_u64(show, "unsent", info->unsent);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "cwnd", info->cwnd);
	show_u64(show, "srtt_us", info->srtt_us);
	show_u64(show, "retransmits", info->retransmits);
	show_record_end(show);
}

/* ---- one connection ---- */

static void
show_agreed(struct show *show, const struct tcp_info *info)
{
	show_record_begin(show, "agreed");
	show_bool(show, "sack", info->sack);
	show_bool(show, "timestamps", info->timestamps);
	show_bool(show, "window_scaling", info->window_scaling);
	show_u64(show, "snd_wscale", info->snd_wscale);
	show_u64(show, "rcv_wscale", info->rcv_wscale);
	show_bool(show, "ecn", info->ecn);
	show_u64(show, "snd_mss", info->snd_mss);
	show_u64(show, "rcv_mss", info->rcv_mss);
	show_u64(show, "pmtu", info->pmtu);
	show_u64(show, "pmtu_most", info->pmtu_most);
	show_record_end(show);
}

static void
show_sender(struct show *show, const struct tcp_info *info)
{
	show_record_begin(show, "sender");
	show_string(show, "congestion", info->cc);
	show_u64(show, "cwnd", info->cwnd);
	/* As in `ss -i`: there is none before the first loss. */
	if (info->ssthresh != CC_SSTHRESH_NONE)
		show_u64(show, "ssthresh", info->ssthresh);
	else
		show_none(show, "ssthresh");
	show_u64(show, "snd_wnd", info->snd_wnd);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "unsent", info->unsent);
	show_bool(show, "mtu_probe_out", info->mtu_probe_out);
	show_u64(show, "send_buffer", info->send_buffer);
	show_u64(show, "sacked", info->sacked);
	show_u64(show, "lost", info->lost);
	show_u64(show, "retransmitted", info->retransmitted);
	show_u64(show, "delivery_rate", info->delivery_rate);
	show_bool(show, "delivery_app_limited", info->delivery_app_limited);
	show_u64(show, "busy_us", info->busy_us);
	show_u64(show, "receiver_limited_us", info->receiver_limited_us);
	show_u64(show, "sender_limited_us", info->sender_limited_us);
	show_record_end(show);
}

static void
show_times(struct show *show, const struct tcp_info *info)
{
	show_record_begin(show, "times");
	show_u64(show, "srtt_us", info->srtt_us);
	show_u64(show, "rttvar_us", info->rttvar_us);
	show_u64(show, "min_rtt_us", info->min_rtt_us);
	show_u64(show, "rto_us", info->rto_us);
	show_u64(show, "backoff", info->backoff);
	show_u64(show, "probes", info->probes);
	show_record_end(show);
}

static void
show_receiver(struct show *show, const struct tcp_info *info)
{
	show_record_begin(show, "receiver");
	show_u64(show, "rcv_wnd", info->rcv_wnd);
	show_u64(show, "unread", info->unread);
	show_u64(show, "out_of_order", info->out_of_order);
	show_u64(show, "receive_buffer", info->receive_buffer);
	show_record_end(show);
}

static void
show_totals(struct show *show, const struct tcp_info *info)
{
	show_record_begin(show, "totals");
	show_u64(show, "bytes_acked", info->bytes_acked);
	show_u64(show, "bytes_received", info->bytes_received);
	show_u64(show, "bytes_retransmitted", info->bytes_retransmitted);
	show_u64(show, "segments_in", info->segments_in);
	show_u64(show, "segments_out", info->segments_out);
	show_u64(show, "retransmits", info->retransmits);
	show_u64(show, "timeouts", info->timeouts);
	show_u64(show, "recoveries", info->recoveries);
	show_u64(show, "undos", info->undos);
	show_u64(show, "dsacks", info->dsacks);
	show_u64(show, "reorderings", info->reorderings);
	show_u64(show, "ecn_marks", info->ecn_marks);
	show_record_end(show);
}

int
tcp_show_conn(struct cli_call *call)
{
	struct stack_filter filter = { 0 };
	struct stack *stack = stack_of(call);
	struct stack_tcp_conn conn;
	unsigned found = 0;
	int rc = tcp_conn_parse(call, stack, &filter);

	if (rc < 0)
		return rc;
	for (unsigned worker = 0; worker < stack->worker_count && found == 0; worker++) {
		for (uint32_t place = 0; place != STACK_TCP_END && found == 0;)
			found = stack_tcp_conns(stack, worker, &filter, &conn, 1, &place);
	}
	if (found == 0)
		return cli_fail(call, "LOCAL", ENOENT,
			"no connection has these ends: 'tcp show' lists those that there are");
	show_record_begin(call->show, NULL);
	show_names(call->show, stack, &conn);
	show_agreed(call->show, &conn.info);
	show_sender(call->show, &conn.info);
	show_times(call->show, &conn.info);
	show_receiver(call->show, &conn.info);
	show_totals(call->show, &conn.info);
	show_record_end(call->show);
	return 0;
}

/* ---- all of them, in slices ---- */

struct conns_show {
	struct stack *stack;
	struct stack_filter filter;
	unsigned worker;
	uint32_t place;
	bool begun;
	bool brief; /* also those that have no connection; ... */
	bool at_brief; /* ... they are what place is about */
};

/* Connections of a worker, then, where these are asked for, those that have none. */
static unsigned
conns_get(struct conns_show *self, struct stack_tcp_conn *conns)
{
	unsigned count = (self->at_brief ? stack_tcp_brief : stack_tcp_conns)(
		self->stack, self->worker, &self->filter, conns, CONNS_AT_A_TIME, &self->place);

	if (self->place != STACK_TCP_END)
		return count;
	self->place = 0;
	self->at_brief = self->brief && !self->at_brief;
	self->worker += !self->at_brief;
	return count;
}

static int
conns_step(struct show *show, void *arg)
{
	struct stack_tcp_conn conns[CONNS_AT_A_TIME];
	struct conns_show *self = arg;
	unsigned count;

	if (!self->begun)
		show_list_begin(show, NULL);
	self->begun = true;
	count = conns_get(self, conns);
	for (unsigned i = 0; i < count; i++)
		show_line(show, self->stack, &conns[i]);
	if (self->worker < self->stack->worker_count)
		return 1;
	show_list_end(show);
	return 0;
}

int
tcp_show(struct cli_call *call)
{
	struct stack_filter filter = { 0 };
	struct conns_show *self;
	int rc = tcp_filter_parse(call, stack_of(call), &filter);

	if (rc < 0)
		return rc;
	self = malloc(sizeof(*self));
	if (self == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	*self = (struct conns_show){
		.stack = stack_of(call),
		.filter = filter,
		.brief = (filter.states & BRIEF_STATES) != 0,
	};
	return cli_show_start(
		call, &(struct cli_show_job){ .step = conns_step, .free = free, .arg = self });
}

/* ---- listeners ---- */

static void
show_listener(
	struct show *show, const struct stack *stack, const struct stack_tcp_listener *listener)
{
	const struct tcp_listener_info *info = &listener->info;

	show_record_begin(show, NULL);
	show_u64(show, "worker", listener->worker);
	show_string(show, "application", listener->app);
	show_vrf(show, stack, info->bind.vrf);
	show_endpoint(show, "local", &info->bind.addr, info->bind.port);
	show_u64(show, "half_open", info->half_open);
	show_u64(show, "accept_queue", info->accepted);
	show_u64(show, "backlog", info->backlog);
	show_string(show, "congestion", info->cc);
	show_record_end(show);
}

int
tcp_show_listeners(struct cli_call *call)
{
	struct stack_tcp_listener listeners[LISTENERS_AT_A_TIME];
	struct stack *stack = stack_of(call);

	show_list_begin(call->show, NULL);
	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		unsigned from = 0, count;

		do {
			count = stack_tcp_listeners(
				stack, worker, from, listeners, LISTENERS_AT_A_TIME);
			for (unsigned i = 0; i < count; i++)
				show_listener(call->show, stack, &listeners[i]);
			from += count;
		} while (count == LISTENERS_AT_A_TIME);
	}
	show_list_end(call->show);
	return 0;
}
