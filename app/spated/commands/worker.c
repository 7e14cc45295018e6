/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: how many there are, on which CPUs, how they wait, and what they do. */
#include <string.h>

#include "commands/call.h"
#include "commands/commands.h"

static int
worker_said(struct cli_call *call)
{
	const struct daemon *daemon = daemon_of(call);

	return daemon->startup.workers_said
		? error_set(call->err, EEXIST, "how many workers was said already")
		: 0;
}

static bool
workers_run(const struct cli_call *call)
{
	return stack_of(call) != NULL;
}

/* A file that is loaded while workers run may say again what is so. */
static int
worker_check(struct cli_call *call, const char *what, unsigned is)
{
	if (cli_arg_number(call, "N", is) == is)
		return 0;
	return cli_fail(
		call, "N", EBUSY, "%s is %u while spated runs: restart it with -c", what, is);
}

static int
worker_count(struct cli_call *call)
{
	struct startup *startup = &daemon_of(call)->startup;
	int rc;

	if (workers_run(call))
		return worker_check(call, "the number of workers", startup->worker_count);
	rc = worker_said(call);
	if (rc < 0)
		return rc;
	startup->workers_said = true;
	startup->worker_count = (unsigned)cli_arg_number(call, "N", 1);
	return 0;
}

/* Likewise. */
static int
cores_check(struct cli_call *call, const struct startup *startup)
{
	unsigned cpus[WORKER_MAX];
	int count = cli_arg_list(call, "LIST", cpus, WORKER_MAX);

	if (startup->pinned && count == (int)startup->worker_count &&
		memcmp(cpus, startup->cpus, (unsigned)count * sizeof(cpus[0])) == 0)
		return 0;
	return cli_fail(call, "LIST", EBUSY,
		"workers run on other CPUs ('worker show'): restart spated with -c");
}

static int
worker_cores(struct cli_call *call)
{
	struct startup *startup = &daemon_of(call)->startup;
	int count, rc;

	if (workers_run(call))
		return cores_check(call, startup);
	rc = worker_said(call);
	if (rc < 0)
		return rc;
	count = cli_arg_list(call, "LIST", startup->cpus, WORKER_MAX);
	if (count < 0)
		return cli_fail(call, "LIST", E2BIG, "at most %u workers", WORKER_MAX);
	startup->workers_said = true;
	startup->pinned = true;
	startup->worker_count = (unsigned)count;
	return 0;
}

static int
worker_mbufs(struct cli_call *call)
{
	struct startup *startup = &daemon_of(call)->startup;

	if (workers_run(call))
		return worker_check(call, "the number of packet buffers of a worker",
			startup->mbufs_per_worker);
	startup->mbufs_per_worker = (unsigned)cli_arg_number(call, "N", 0);
	return 0;
}

static int
worker_sockets(struct cli_call *call)
{
	struct startup *startup = &daemon_of(call)->startup;

	if (workers_run(call))
		return worker_check(
			call, "the number of sockets of a worker", startup->sockets_per_worker);
	startup->sockets_per_worker = (unsigned)cli_arg_number(call, "N", 0);
	return 0;
}

static int
worker_peer_connections(struct cli_call *call)
{
	struct startup *startup = &((struct daemon *)call->daemon)->startup;

	if (workers_run(call))
		return worker_check(call, "the number of connections of a peer",
			startup->peer_conns_per_worker);
	startup->peer_conns_per_worker = (unsigned)cli_arg_number(call, "N", 0);
	return 0;
}

static int
worker_associations(struct cli_call *call)
{
	struct startup *startup = &daemon_of(call)->startup;

	if (workers_run(call))
		return worker_check(
			call, "the number of associations of a worker", startup->assocs_per_worker);
	startup->assocs_per_worker = (unsigned)cli_arg_number(call, "N", 0);
	return 0;
}

static int
poll_set(struct cli_call *call, enum worker_poll_mode mode)
{
	struct stack *stack = stack_of(call);

	cli_undo(
		call, "worker poll %s", stack->poll_mode == WORKER_POLL_BUSY ? "busy" : "adaptive");
	stack_poll_mode_set(stack, mode);
	return 0;
}

static int
poll_busy(struct cli_call *call)
{
	return poll_set(call, WORKER_POLL_BUSY);
}

static int
poll_adaptive(struct cli_call *call)
{
	return poll_set(call, WORKER_POLL_ADAPTIVE);
}

static void
show_worker(struct show *show, const struct stack *stack, unsigned worker)
{
	struct worker_stats stats;
	uint64_t cycles;

	stack_worker_stats(stack, worker, &stats);
	cycles = stats.cycles_busy + stats.cycles_idle;
	show_record_begin(show, NULL);
	show_u64(show, "worker", worker);
	show_u64(show, "lcore", stats.lcore);
	show_i64(show, "cpu", stats.cpu);
	show_i64(show, "numa", stats.numa_node);
	show_string(show, "poll", stack->poll_mode == WORKER_POLL_BUSY ? "busy" : "adaptive");
	show_u64(show, "rxqs", stats.rxqs);
	show_u64(show, "rx_packets", stats.flow.rx);
	show_u64(show, "tx_packets", stats.flow.tx);
	show_u64(show, "drops", stats.flow.dropped);
	show_u64(show, "loops", stats.loops);
	show_u64(show, "loops_idle", stats.loops_idle);
	show_u64(show, "sleeps", stats.sleeps);
	show_double(show, "busy_percent",
		cycles != 0 ? 100.0 * (double)stats.cycles_busy / (double)cycles : 0, 1);
	show_record_end(show);
}

static int
worker_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < stack->worker_count; i++)
		show_worker(call->show, stack, i);
	show_list_end(call->show);
	return 0;
}

static void
worker_config(void *arg, struct strbuf *out)
{
	const struct daemon *daemon = arg;
	const struct startup *startup = &daemon->startup;

	if (startup->pinned) {
		strbuf_append(out, "worker cores ");
		for (unsigned i = 0; i < startup->worker_count; i++)
			strbuf_printf(out, "%s%u", i > 0 ? "," : "", startup->cpus[i]);
		strbuf_append(out, "\n");
	} else {
		strbuf_printf(out, "worker count %u\n", startup->worker_count);
	}
	strbuf_printf(out, "worker mbufs %u\n", startup->mbufs_per_worker);
	if (startup->sockets_per_worker != STACK_SOCKETS_DEFAULT)
		strbuf_printf(out, "worker sockets %u\n", startup->sockets_per_worker);
	if (startup->peer_conns_per_worker != 0)
		strbuf_printf(out, "worker peer-connections %u\n", startup->peer_conns_per_worker);
	if (startup->assocs_per_worker != STACK_ASSOCS_DEFAULT)
		strbuf_printf(out, "worker associations %u\n", startup->assocs_per_worker);
	strbuf_printf(out, "worker poll %s\n",
		daemon->stack->poll_mode == WORKER_POLL_BUSY ? "busy" : "adaptive");
}

static const struct cli_command commands[] = {
	{ "worker count N:1-64", "run so many workers, on the CPUs that there are", worker_count,
		CLI_AT_START },
	{ "worker cores LIST", "run a worker on each of these CPUs", worker_cores, CLI_AT_START },
	{ "worker mbufs N:1024-8388608", "packet buffers in each worker's pool", worker_mbufs,
		CLI_AT_START },
	{ "worker sockets N:16-4194304",
		"sockets of each worker's applications, and connections of TCP beside: 1024",
		worker_sockets, CLI_AT_START },
	{ "worker peer-connections N:1-4194304",
		"connections of TCP that one peer, an IPv4 address or a /64 of IPv6, may have with "
		"each worker: no bound",
		worker_peer_connections, CLI_AT_START },
	{ "worker associations N:16-1048576",
		"associations of SCTP of each worker, of two paths on the average: 256",
		worker_associations, CLI_AT_START },
	{ "worker poll busy", "workers poll without a pause: the least latency", poll_busy, 0 },
	{ "worker poll adaptive", "workers sleep for microseconds when there is nothing to do",
		poll_adaptive, 0 },
	{ "worker show", "workers, their CPUs and their load", worker_show, CLI_SHOW },
};

const struct cli_noun cli_noun_worker = {
	.name = "worker",
	.help = "the poll-mode threads",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = worker_config,
};
