/* SPDX-License-Identifier: BSD-3-Clause */
/* queue: the queues of ports, their workers, and what goes through them. */
#include <limits.h>

#include "base/counter.h"
#include "commands/call.h"
#include "commands/commands.h"

static int
queue_set(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack->ports, name);
	uint16_t queue = (uint16_t)cli_arg_number(call, "rxq", 0);
	unsigned before = port != NULL ? stack_rxq_worker(stack, port, queue) : UINT_MAX;
	int rc = stack_rxq_set_worker(
		stack, name, queue, (unsigned)cli_arg_number(call, "worker", 0), call->err);

	if (rc == 0 && before != UINT_MAX)
		cli_undo(call, "queue set %s rxq %u worker %u", name, queue, before);
	return rc;
}

static void
show_worker(struct show *show, const struct stack *stack, unsigned worker)
{
	struct worker_stats stats;

	if (worker == UINT_MAX) {
		show_none(show, "worker");
		show_none(show, "worker_numa");
		return;
	}
	stack_worker_stats(stack, worker, &stats);
	show_u64(show, "worker", worker);
	show_i64(show, "worker_numa", stats.numa_node);
}

/* What both directions have. */
static void
show_counters(struct show *show, const struct port_queue_counters *counters,
	const struct port_queue_rate *rate)
{
	uint64_t packets = counter_read(&counters->packets);
	uint64_t bursts = counter_read(&counters->bursts);

	show_u64(show, "packets", packets);
	show_u64(show, "bytes", counter_read(&counters->bytes));
	show_u64(show, "packets_per_s", rate->packets_per_s);
	show_u64(show, "bits_per_s", 8 * rate->bytes_per_s);
	show_u64(show, "bursts", bursts);
	show_double(show, "burst_average", bursts > 0 ? (double)packets / (double)bursts : 0, 1);
}

/* Devices count by port what they missed: a queue's it is where there is one. */
static void
show_rxq_drops(struct show *show, struct port *port)
{
	struct port_stats stats;

	if (port->config.rxq_count == 1 && port->ops->stats(port, &stats) == 0 &&
		stats.rx_missed_known)
		show_u64(show, "drops", stats.rx_missed);
	else
		show_none(show, "drops");
}

static void
show_rxq(struct show *show, const struct stack *stack, struct port *port, uint16_t queue)
{
	const struct port_queue_counters *counters = &port->rxq_counters[queue];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_stringf(show, "queue", "rx%u", queue);
	show_worker(show, stack, stack_rxq_worker(stack, port, queue));
	show_i64(show, "numa", port->numa_node);
	show_u64(show, "descriptors", port->config.rxd_count);
	show_counters(show, counters, &port->rxq_rates[queue]);
	show_u64(show, "polls_full", counter_read(&counters->polls_full));
	show_u64(show, "polls_empty", counter_read(&counters->polls_empty));
	show_rxq_drops(show, port);
	show_record_end(show);
}

static void
show_txq(struct show *show, const struct stack *stack, const struct port *port, uint16_t queue)
{
	const struct port_queue_counters *counters = &port->txq_counters[queue];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_stringf(show, "queue", "tx%u", queue);
	show_worker(show, stack, stack_txq_worker(stack, port, queue));
	show_i64(show, "numa", port->numa_node);
	show_u64(show, "descriptors", port->config.txd_count);
	show_counters(show, counters, &port->txq_rates[queue]);
	show_none(show, "polls_full");
	show_none(show, "polls_empty");
	show_u64(show, "drops", counter_read(&counters->drops));
	show_record_end(show);
}

static void
show_port(struct show *show, const struct stack *stack, struct port *port)
{
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		show_rxq(show, stack, port, q);
	for (uint16_t q = 0; q < port->config.txq_count; q++)
		show_txq(show, stack, port, q);
}

static int
queue_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "PORT");
	struct port *port;

	if (name != NULL && port_lookup(&stack->ports, name) == NULL)
		return cli_fail(
			call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	show_list_begin(call->show, NULL);
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (name == NULL || port_lookup(&stack->ports, name) == port)
			show_port(call->show, stack, port);
	}
	show_list_end(call->show);
	return 0;
}

static void
queue_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		for (uint16_t q = 0; q < port->rxq_used; q++) {
			if (port->rxq_pinned & 1ULL << q)
				strbuf_printf(out, "queue set %s rxq %u worker %u\n", port->name, q,
					port->rxq_workers[q]);
		}
	}
}

static const struct cli_command commands[] = {
	{ "queue show [PORT]",
		"rx and tx queues: workers, descriptors, packets, bursts, polls, drops, rates",
		queue_show, CLI_SHOW },
	{ "queue set PORT rxq N:0-63 worker N:0-63",
		"give an rx queue to a worker, under traffic without loss or reordering", queue_set,
		0 },
};

const struct cli_noun cli_noun_queue = {
	.name = "queue",
	.help = "the queues of ports, and their workers",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = queue_config,
};
