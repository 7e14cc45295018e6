/* SPDX-License-Identifier: BSD-3-Clause */
/* rss balance show: the load of the last second, by worker, queue and bucket. */
#include <limits.h>
#include <string.h>

#include "commands/call.h"
#include "commands/rss.h"

static void
show_share(struct show *show, uint64_t part, uint64_t whole)
{
	show_u64(show, "packets_per_s", part);
	show_double(show, "percent", whole > 0 ? 100.0 * (double)part / (double)whole : 0, 1);
}

static void
show_worker(struct show *show, const char *name, unsigned worker)
{
	if (worker != UINT_MAX)
		show_u64(show, name, worker);
	else
		show_none(show, name);
}

static uint64_t
port_rate(const struct port *port)
{
	uint64_t sum = 0;

	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		sum += port->rxq_rates[q].packets_per_s;
	return sum;
}

static void
show_workers(struct show *show, const struct stack *stack)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < stack->worker_count; i++)
		total += stack->loads[i].packets_per_s;
	show_list_begin(show, "workers");
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker_load *load = &stack->loads[i];

		show_record_begin(show, NULL);
		show_u64(show, "worker", i);
		if (load->busy_percent >= 0)
			show_double(show, "busy_percent", load->busy_percent, 1);
		else
			show_none(show, "busy_percent");
		show_share(show, load->packets_per_s, total);
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_queues(struct show *show, const struct stack *stack, const struct port *port)
{
	for (uint16_t q = 0; q < port->rxq_used; q++) {
		show_record_begin(show, NULL);
		show_string(show, "port", port->name);
		show_u64(show, "queue", q);
		show_worker(show, "worker", stack_rxq_worker(stack, port, q));
		show_share(show, port->rxq_rates[q].packets_per_s, port_rate(port));
		show_record_end(show);
	}
}

/* Those that something came in by. */
static void
show_buckets(struct show *show, const struct stack *stack, const struct port *port)
{
	const struct port_buckets *buckets = port->buckets;
	uint64_t total = 0;

	for (unsigned i = 0; buckets != NULL && i < buckets->size; i++)
		total += buckets->packets_per_s[i];
	for (unsigned i = 0; buckets != NULL && i < buckets->size; i++) {
		uint16_t to = port->rss.reta[i];

		if (buckets->packets_per_s[i] == 0)
			continue;
		show_record_begin(show, NULL);
		show_string(show, "port", port->name);
		show_u64(show, "bucket", i);
		if (port->spread != NULL)
			show_none(show, "queue");
		else
			show_u64(show, "queue", to);
		show_worker(show, "worker",
			port->spread != NULL ? to : stack_rxq_worker(stack, port, to));
		show_share(show, buckets->packets_per_s[i], total);
		show_record_end(show);
	}
}

int
rss_balance_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "PORT");
	struct show *show = call->show;
	const struct port *port;

	if (name != NULL && port_lookup(&stack->ports, name) == NULL)
		return cli_fail(
			call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	show_record_begin(show, NULL);
	show_workers(show, stack);
	show_list_begin(show, "queues");
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (name == NULL || strcmp(port->name, name) == 0)
			show_queues(show, stack, port);
	}
	show_list_end(show);
	show_list_begin(show, "buckets");
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (name == NULL || strcmp(port->name, name) == 0)
			show_buckets(show, stack, port);
	}
	show_list_end(show);
	show_record_end(show);
	return 0;
}
