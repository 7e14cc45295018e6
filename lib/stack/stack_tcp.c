/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP as the user sees it: connections and listeners of all workers, asked for by their mailboxes. */
#include "stack/worker.h"

#include "base/counter.h"
#include "wire/ip_addr.h"

struct tcp_msg {
	struct worker_msg msg;
	const struct stack_filter *filter;
	struct stack_tcp_conn *conns; /* NULL: they are to be reset */
	unsigned max, count;
	uint32_t place;
};

static struct ip_addr
addr_of(const struct tcp_tuple *tuple, const uint8_t *bytes)
{
	return tuple->family == IP_FAMILY_4 ? ip_addr_from4(bytes) : ip_addr_from6(bytes);
}

static bool
prefix_matches(const struct ip_prefix *prefix, const struct tcp_tuple *tuple, const uint8_t *bytes)
{
	const struct ip_addr addr = addr_of(tuple, bytes);

	return prefix->addr.family == IP_FAMILY_NONE || ip_prefix_contains(prefix, &addr);
}

static bool
filter_matches(
	const struct stack_filter *filter, const struct tcp_tuple *tuple, enum tcp_state state)
{
	return (filter->vrf == STACK_VRF_ANY || filter->vrf == tuple->vrf) &&
		(filter->local_port == 0 || filter->local_port == tuple->local_port) &&
		(filter->remote_port == 0 || filter->remote_port == tuple->remote_port) &&
		(filter->states == 0 || (filter->states >> state & 1) != 0) &&
		prefix_matches(&filter->local, tuple, tuple->local) &&
		prefix_matches(&filter->remote, tuple, tuple->remote);
}

static void
conn_copy(const struct worker *w, const struct tcp_conn *conn, struct stack_tcp_conn *copy)
{
	const struct sock *sock = tcp_user(conn);

	*copy = (struct stack_tcp_conn){
		.worker = w->index,
		.app = sock != NULL ? sock_app_name(sock) : NULL,
		.tuple = *tcp_conn_tuple(conn),
	};
	tcp_info(w->tcp, conn, &copy->info);
}

/* As many places as a worker has time for between two loops. */
static void
tcp_conns_run(struct worker *w, struct worker_msg *msg)
{
	struct tcp_msg *get = (struct tcp_msg *)msg;
	uint32_t places = tcp_conn_places(w->tcp);

	for (unsigned looks = 0;
		looks < STACK_TCP_LOOKS && get->place < places && get->count < get->max; looks++) {
		struct tcp_conn *conn = tcp_conn_at(w->tcp, get->place++);

		if (conn == NULL ||
			!filter_matches(get->filter, tcp_conn_tuple(conn), tcp_conn_state(conn)))
			continue;
		if (get->conns != NULL)
			conn_copy(w, conn, &get->conns[get->count++]);
		else
			get->count += tcp_kill(w->tcp, conn);
	}
	if (get->place >= places)
		get->place = STACK_TCP_END;
}

/* What has no connection (yet, or any more), where it is asked for. */
static void
tcp_brief_run(struct worker *w, struct worker_msg *msg)
{
	struct tcp_msg *get = (struct tcp_msg *)msg;
	const struct tcp_tuple *tuple;
	enum tcp_state state;

	for (unsigned looks = 0; looks < STACK_TCP_LOOKS && get->count < get->max; looks++) {
		get->place = tcp_brief_next(w->tcp, get->place);
		if (get->place == STACK_TCP_END)
			return;
		tuple = tcp_brief_at(w->tcp, get->place++, &state);
		if (tuple != NULL && filter_matches(get->filter, tuple, state))
			get->conns[get->count++] = (struct stack_tcp_conn){
				.worker = w->index, .tuple = *tuple, .info.state = state
			};
	}
}

/* Ask a worker, from a place on. */
static unsigned
tcp_ask(struct stack *stack, unsigned worker, struct tcp_msg *get, uint32_t *place)
{
	get->place = *place;
	mailbox_call(stack->workers[worker], &get->msg);
	*place = get->place;
	return get->count;
}

unsigned
stack_tcp_brief(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_tcp_conn *conns, unsigned max, uint32_t *place)
{
	struct tcp_msg get = { { .run = tcp_brief_run }, filter, conns, .max = max };

	return tcp_ask(stack, worker, &get, place);
}

unsigned
stack_tcp_conns(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_tcp_conn *conns, unsigned max, uint32_t *place)
{
	struct tcp_msg get = { { .run = tcp_conns_run }, filter, conns, .max = max };

	return tcp_ask(stack, worker, &get, place);
}

unsigned
stack_tcp_kill(
	struct stack *stack, unsigned worker, const struct stack_filter *filter, uint32_t *place)
{
	return stack_tcp_conns(stack, worker, filter, NULL, STACK_TCP_LOOKS, place);
}

/* ---- listeners ---- */

struct tcp_listeners_msg {
	struct worker_msg msg;
	struct tcp_listener_info *infos;
	const char **apps;
	unsigned from, max, count;
};

static void
tcp_listeners_run(struct worker *w, struct worker_msg *msg)
{
	struct tcp_listeners_msg *get = (struct tcp_listeners_msg *)msg;

	get->count = tcp_listeners(w->tcp, get->from, get->infos, get->max);
	for (unsigned i = 0; i < get->count; i++)
		get->apps[i] = sock_app_name(get->infos[i].user);
}

unsigned
stack_tcp_listeners(struct stack *stack, unsigned worker, unsigned from,
	struct stack_tcp_listener *listeners, unsigned max)
{
	struct tcp_listener_info infos[64];
	const char *apps[RTE_DIM(infos)];
	struct tcp_listeners_msg get = {
		.msg = { .run = tcp_listeners_run },
		.infos = infos,
		.apps = apps,
		.from = from,
		.max = RTE_MIN(max, (unsigned)RTE_DIM(infos)),
	};

	mailbox_call(stack->workers[worker], &get.msg);
	for (unsigned i = 0; i < get.count; i++)
		listeners[i] = (struct stack_tcp_listener){ worker, apps[i], infos[i] };
	return get.count;
}

/* ---- counters ---- */

struct tcp_counts_msg {
	struct worker_msg msg;
	struct tcp_counts counts;
};

static void
tcp_counts_run(struct worker *w, struct worker_msg *msg)
{
	tcp_counts(w->tcp, &((struct tcp_counts_msg *)msg)->counts);
}

static void
counts_add(struct tcp_counts *sum, const struct tcp_counts *counts)
{
	sum->conns += counts->conns;
	sum->half_open += counts->half_open;
	sum->time_wait += counts->time_wait;
	sum->listeners += counts->listeners;
	sum->segments += counts->segments;
	sum->send_buffers += counts->send_buffers;
	sum->runs += counts->runs;
}

void
stack_tcp_stats(
	const struct stack *stack, unsigned worker, uint64_t *stats, struct tcp_counts *counts)
{
	memset(stats, 0, TCP_STAT_COUNT * sizeof(*stats));
	*counts = (struct tcp_counts){ 0 };
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct tcp_counts_msg get = { .msg = { .run = tcp_counts_run } };
		const uint64_t *from = tcp_stats(stack->workers[i]->tcp);

		if (worker < stack->worker_count && worker != i)
			continue;
		for (unsigned j = 0; j < TCP_STAT_COUNT; j++)
			stats[j] += counter_read(&from[j]);
		mailbox_call(stack->workers[i], &get.msg);
		counts_add(counts, &get.counts);
	}
}

/* ---- congestion control ---- */

struct tcp_cc_msg {
	struct worker_msg msg;
	uint16_t vrf;
	const struct cc_ops *cc;
};

static void
tcp_cc_run(struct worker *w, struct worker_msg *msg)
{
	const struct tcp_cc_msg *set = (struct tcp_cc_msg *)msg;

	sock_congestion_set(w->socks, set->vrf, set->cc);
}

void
stack_tcp_cc_set(struct stack *stack, uint16_t vrf, const struct cc_ops *cc)
{
	struct tcp_cc_msg set = { .msg = { .run = tcp_cc_run }, .vrf = vrf, .cc = cc };

	for (unsigned i = 0; i < stack->worker_count; i++)
		mailbox_call(stack->workers[i], &set.msg);
	stack->vrfs[vrf]->cc = cc;
}

/* ---- offloads, policy ---- */

struct tcp_offload_msg {
	struct worker_msg msg;
	const struct tcp_offload *offload;
};

static void
tcp_offload_run(struct worker *w, struct worker_msg *msg)
{
	tcp_offload_set(w->tcp, ((struct tcp_offload_msg *)msg)->offload);
}

void
stack_tcp_offload_set(struct stack *stack, const struct tcp_offload *offload)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct tcp_offload_msg set = { .msg = { .run = tcp_offload_run },
			.offload = offload };

		mailbox_call(stack->workers[i], &set.msg);
	}
	stack->tcp_offload = *offload;
}

struct tcp_policy_msg {
	struct worker_msg msg;
	const struct tcp_policy *policy;
};

static void
tcp_policy_run(struct worker *w, struct worker_msg *msg)
{
	tcp_policy_set(w->tcp, ((struct tcp_policy_msg *)msg)->policy);
}

void
stack_tcp_policy_set(struct stack *stack, const struct tcp_policy *policy)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct tcp_policy_msg set = { .msg = { .run = tcp_policy_run }, .policy = policy };

		mailbox_call(stack->workers[i], &set.msg);
	}
	stack->tcp_policy = *policy;
}
