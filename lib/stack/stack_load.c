/* SPDX-License-Identifier: BSD-3-Clause */
/* How much work comes by each queue and bucket, and how busy workers are. By control. */
#include "stack/worker.h"

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "base/counter.h"

static void
load_update(struct worker_load *load, const struct worker *w, uint64_t elapsed_ns)
{
	uint64_t busy = counter_read(&w->counters.cycles_busy);
	uint64_t idle = counter_read(&w->counters.cycles_idle);
	uint64_t packets = counter_read(&w->counters.rx);
	uint64_t busy_now = busy - load->cycles_busy, idle_now = idle - load->cycles_idle;

	/* They may have been cleared meanwhile. */
	if (busy < load->cycles_busy || idle < load->cycles_idle) {
		busy_now = busy;
		idle_now = idle;
	}
	*load = (struct worker_load){
		.cycles_busy = busy,
		.cycles_idle = idle,
		.packets = packets,
		.packets_per_s =
			(uint64_t)((double)(packets - load->packets) * 1e9 / (double)elapsed_ns),
		.busy_percent = busy_now + idle_now == 0
			? -1
			: 100.0 * (double)busy_now / (double)(busy_now + idle_now),
	};
}

void
stack_rates_poll(struct stack *stack, uint64_t elapsed_ns)
{
	for (struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		port_rates_update(port, elapsed_ns);
	for (unsigned i = 0; i < stack->worker_count; i++)
		load_update(&stack->loads[i], stack->workers[i], elapsed_ns);
}

void
stack_buckets_remove(struct stack *stack, struct port *port)
{
	struct port_buckets *buckets = port->buckets;

	if (buckets == NULL)
		return;
	__atomic_store_n(&port->buckets, NULL, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	rte_free(buckets);
}

int
stack_rss_count(struct stack *stack, const char *name, bool on, struct error *err)
{
	struct port_buckets *buckets;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0 || on == (port->buckets != NULL))
		return rc;
	if (!on) {
		stack_buckets_remove(stack, port);
		return 0;
	}
	if (port->rss.reta_size == 0 ||
		(port->spread == NULL && (port->offloads & PORT_RX_RSS_HASH) == 0))
		return error_set(err, ENOTSUP,
			"%s (%s) does not say what it hashed: its buckets cannot be counted", name,
			port->driver_name);
	buckets = rte_zmalloc_socket("buckets", sizeof(*buckets), 64, port->numa_node);
	if (buckets == NULL)
		buckets = rte_zmalloc("buckets", sizeof(*buckets), 64);
	if (buckets == NULL)
		return error_set(err, ENOMEM, "no memory for the buckets of %s", name);
	buckets->size = port->rss.reta_size;
	__atomic_store_n(&port->buckets, buckets, __ATOMIC_RELEASE);
	return 0;
}
