/* SPDX-License-Identifier: BSD-3-Clause */
/* fragment: packets that were cut, and fragments that were put together. */
#include "commands/call.h"
#include "commands/commands.h"

static void
show_worker(struct show *show, const char *worker, const struct ip_counters *counters)
{
	show_record_begin(show, NULL);
	show_string(show, "worker", worker);
	show_u64(show, "cut", counters->fragmented);
	show_u64(show, "fragments", counters->fragments);
	show_u64(show, "reassembled", counters->reassembled);
	show_u64(show, "datagrams", counters->datagrams);
	show_u64(show, "held", counters->held);
	show_u64(show, "timeouts", counters->reassembly_timeouts);
	show_u64(show, "evicted", counters->reassembly_evicted);
	show_record_end(show);
}

static int
fragment_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct worker_stats stats;
	char name[16];

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < stack->worker_count; i++) {
		snprintf(name, sizeof(name), "%u", i);
		stack_worker_stats(stack, i, &stats);
		show_worker(call->show, name, &stats.ip);
	}
	stack_worker_stats(stack, stack->worker_count, &stats);
	show_worker(call->show, "all", &stats.ip);
	show_list_end(call->show);
	return 0;
}

static const struct cli_command commands[] = {
	{ "fragment show",
		"fragments made and put together\n"
		"cut, fragments: packets too big for their link, and what they became\n"
		"datagrams, held: not whole yet, and their fragments that are here, now\n"
		"timeouts, evicted: datagrams given up after 60 seconds, or for newer ones; "
		"drops show counts their fragments",
		fragment_show, CLI_SHOW },
};

const struct cli_noun cli_noun_fragment = {
	.name = "fragment",
	.help = "fragmentation and reassembly",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
