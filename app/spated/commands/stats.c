/* SPDX-License-Identifier: BSD-3-Clause */
/* stats, pipeline, drops, ring, memory: what the workers counted. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/show_workers.h"

/* ---- stats ---- */

static void
show_flow(struct show *show, const struct stack *stack, unsigned worker, const char *name)
{
	struct worker_stats stats;
	const struct flow_stats *flow = &stats.flow;

	stack_worker_stats(stack, worker, &stats);
	show_record_begin(show, NULL);
	show_string(show, "worker", name);
	show_u64(show, "rx", flow->rx);
	show_u64(show, "originated", flow->originated);
	show_u64(show, "injected", flow->injected);
	show_u64(show, "split", flow->split);
	show_u64(show, "tx", flow->tx);
	/* Less what was lost of what others handed off to it: of one worker it may be negative. */
	show_i64(show, "forwarded", (int64_t)flow->forwarded);
	show_u64(show, "delivered", flow->delivered);
	show_u64(show, "punted", flow->punted);
	show_u64(show, "punted_own", flow->punted_own);
	show_u64(show, "dropped", flow->dropped);
	show_u64(show, "dropped_own", flow->dropped_own);
	show_u64(show, "merged", flow->merged);
	show_u64(show, "held", flow->held);
	/* Handed off less taken over: of one worker it may be negative. */
	show_i64(show, "in_transit", (int64_t)flow->in_transit);
	show_i64(show, "in_handover", (int64_t)flow->in_handover);
	show_u64(show, "icmp_errors", stats.ip.errors_sent);
	show_u64(show, "icmp_limited", stats.ip.errors_limited);
	show_u64(show, "icmp_suppressed", stats.ip.errors_suppressed);
	show_u64(show, "icmp_nomem", stats.ip.errors_nomem);
	show_record_end(show);
}

static int
stats_show(struct cli_call *call)
{
	show_by_worker(call->show, stack_of(call), show_flow);
	return 0;
}

static const struct cli_command stats_commands[] = {
	{ "stats show",
		"packets in and out: rx + originated + injected + split = "
		"tx + delivered + punted + dropped + merged + held; rx = forwarded + delivered + "
		"(punted - punted_own) + (dropped - dropped_own) + merged + held",
		stats_show, CLI_SHOW },
};

const struct cli_noun cli_noun_stats = {
	.name = "stats",
	.help = "packets in and packets out",
	.commands = stats_commands,
	.count = sizeof(stats_commands) / sizeof(stats_commands[0]),
};

/* ---- pipeline ---- */

static double
ratio(uint64_t a, uint64_t b)
{
	return b != 0 ? (double)a / (double)b : 0;
}

static void
show_stages(struct show *show, const struct stack *stack, unsigned worker)
{
	struct stage_stats stats[STAGE_COUNT];
	char name[16];

	snprintf(name, sizeof(name), "%u", worker);
	stack_stage_stats(stack, worker, stats);
	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		if (stats[s].vectors == 0)
			continue;
		show_record_begin(show, NULL);
		show_string(show, "worker", worker < stack->worker_count ? name : "all");
		show_string(show, "stage", stage_name(s));
		show_u64(show, "packets", stats[s].packets);
		show_u64(show, "vectors", stats[s].vectors);
		show_double(
			show, "packets_per_vector", ratio(stats[s].packets, stats[s].vectors), 1);
		show_double(show, "cycles_per_packet", ratio(stats[s].cycles, stats[s].packets), 1);
		show_record_end(show);
	}
}

static int
pipeline_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; stack->worker_count > 1 && i < stack->worker_count; i++)
		show_stages(call->show, stack, i);
	show_stages(call->show, stack, stack->worker_count);
	show_list_end(call->show);
	return 0;
}

static int
pipeline_clear(struct cli_call *call)
{
	stack_stage_clear(stack_of(call));
	return 0;
}

static const struct cli_command pipeline_commands[] = {
	{ "pipeline show", "the stages: packets, vectors, cycles", pipeline_show, CLI_SHOW },
	{ "pipeline clear", "count from zero", pipeline_clear, 0 },
};

const struct cli_noun cli_noun_pipeline = {
	.name = "pipeline",
	.help = "the stages that packets pass",
	.commands = pipeline_commands,
	.count = sizeof(pipeline_commands) / sizeof(pipeline_commands[0]),
};

/* ---- drops ---- */

static int
drops_show(struct cli_call *call)
{
	uint64_t drops[DROP_REASON_COUNT];
	bool all = cli_arg_present(call, "all");

	stack_drops(stack_of(call), drops);
	show_list_begin(call->show, NULL);
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++) {
		if (drops[r] == 0 && !all)
			continue;
		show_record_begin(call->show, NULL);
		show_string(call->show, "reason", drop_reason_name(r));
		show_u64(call->show, "packets", drops[r]);
		show_string(call->show, "meaning", drop_reason_help(r));
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static int
drops_clear(struct cli_call *call)
{
	stack_drops_clear(stack_of(call));
	return 0;
}

static const struct cli_command drops_commands[] = {
	{ "drops show [all]", "dropped packets by reason\nall: reasons that never struck, too",
		drops_show, CLI_SHOW },
	{ "drops clear", "count from zero", drops_clear, 0 },
};

const struct cli_noun cli_noun_drops = {
	.name = "drops",
	.help = "why packets were dropped",
	.commands = drops_commands,
	.count = sizeof(drops_commands) / sizeof(drops_commands[0]),
};

/* ---- ring ---- */

static int
ring_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct ring_stats stats;

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < stack->worker_count * STACK_RINGS_PER_WORKER; i++) {
		stack_ring_stats(
			stack, i / STACK_RINGS_PER_WORKER, i % STACK_RINGS_PER_WORKER, &stats);
		show_record_begin(call->show, NULL);
		show_string(call->show, "ring", stats.name);
		show_u64(call->show, "worker", stats.worker);
		show_u64(call->show, "size", stats.size);
		show_u64(call->show, "depth", stats.depth);
		show_u64(call->show, "high", stats.high);
		show_u64(call->show, "enqueued", stats.enqueued);
		show_u64(call->show, "drops", stats.drops);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static const struct cli_command ring_commands[] = {
	{ "ring show", "the rings between threads: how full, how full they were, what they lost",
		ring_show, CLI_SHOW },
};

const struct cli_noun cli_noun_ring = {
	.name = "ring",
	.help = "the rings between threads",
	.commands = ring_commands,
	.count = sizeof(ring_commands) / sizeof(ring_commands[0]),
};

/* ---- memory ---- */

static void
show_pools(struct show *show, const struct stack *stack)
{
	struct pool_stats stats;

	show_list_begin(show, "pools");
	for (unsigned i = 0; i < stack->worker_count; i++) {
		stack_pool_stats(stack, i, &stats);
		show_record_begin(show, NULL);
		show_u64(show, "worker", i);
		show_i64(show, "numa", stats.numa_node);
		show_u64(show, "buffers", stats.size);
		show_u64(show, "available", stats.available);
		show_u64(show, "bytes", stats.bytes);
		show_record_end(show);
	}
	show_list_end(show);
}

static void
stats_add(struct route_table_stats *sum, const struct route_table_stats *stats)
{
	sum->routes4 += stats->routes4;
	sum->routes6 += stats->routes6;
	sum->rib_bytes += stats->rib_bytes;
	sum->fib4_bytes += stats->fib4_bytes;
	sum->fib6_bytes += stats->fib6_bytes;
	sum->fib4_blocks += stats->fib4_blocks;
	sum->fib6_blocks += stats->fib6_blocks;
}

static int
memory_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct nexthop_table_stats nexthops;
	struct route_table_stats routes, sum = { 0 };
	struct show *show = call->show;
	const struct stack_vrf *vrf;

	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U) {
		route_table_stats(vrf->routes, &routes);
		stats_add(&sum, &routes);
	}
	nexthop_table_stats(stack->nexthops, &nexthops);
	show_record_begin(show, NULL);
	show_pools(show, stack);
	show_record_begin(show, "fib");
	show_u64(show, "routes_ipv4", sum.routes4);
	show_u64(show, "routes_ipv6", sum.routes6);
	show_u64(show, "bytes_ipv4", sum.fib4_bytes);
	show_u64(show, "bytes_ipv6", sum.fib6_bytes);
	show_u64(show, "blocks_ipv4", sum.fib4_blocks);
	show_u64(show, "blocks_ipv6", sum.fib6_blocks);
	show_record_end(show);
	show_record_begin(show, "rib");
	show_u64(show, "bytes", sum.rib_bytes);
	show_record_end(show);
	show_record_begin(show, "nexthops");
	show_u64(show, "used", nexthops.used);
	show_u64(show, "max", nexthop_table_max(stack->nexthops));
	show_u64(show, "bytes", nexthops.bytes);
	show_record_end(show);
	show_record_end(show);
	return 0;
}

static const struct cli_command memory_commands[] = {
	{ "memory show", "packet buffers, and tables of all VRFs", memory_show, CLI_SHOW },
};

const struct cli_noun cli_noun_memory = {
	.name = "memory",
	.help = "packet buffers and tables",
	.commands = memory_commands,
	.count = sizeof(memory_commands) / sizeof(memory_commands[0]),
};
