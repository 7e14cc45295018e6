/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Software RSS: whoever polls a port that does not hash sorts its packets to the workers by hash and
 * table, over rings. Set here by control; done by pipeline_spread.c.
 */
#include "stack/worker.h"

#include <limits.h>

#include <rte_malloc.h>

static struct port_spread *
spread_create(const struct stack *stack, const struct port *port, const struct port_rss *rss)
{
	struct port_spread *spread =
		rte_zmalloc_socket("spread", sizeof(*spread), 64, port->numa_node);

	if (spread == NULL)
		spread = rte_zmalloc("spread", sizeof(*spread), 64);
	if (spread == NULL)
		return NULL;
	toeplitz_init(&spread->toeplitz, rss->key);
	spread->fields = rss->fields;
	spread->flow_hash = port_rss_is_flow_hash(rss, stack->toeplitz.key);
	for (unsigned i = 0; i < PORT_SPREAD_BUCKETS; i++)
		spread->workers[i] = (uint8_t)rss->reta[i];
	return spread;
}

/* Have the port's packets sorted by another hash or table, or no more. Nobody polls it meanwhile,
 * until all that was sorted the old way is sent. */
static int
spread_replace(
	struct stack *stack, struct port *port, struct port_spread *spread, struct error *err)
{
	struct port_spread *old = port->spread;
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	struct rxq_pause pause;
	int rc;

	port->spread = spread;
	if (port->up) {
		stack_rxqs_get(stack, port, workers);
		rc = stack_rxqs_pause(stack, port, UINT64_MAX, workers, &pause, err);
		if (rc < 0) {
			port->spread = old;
			rte_free(spread);
			return rc;
		}
		stack_rxqs_resume(stack, &pause);
	}
	rte_free(old);
	return 0;
}

int
stack_spread_set(
	struct stack *stack, struct port *port, const struct port_rss *rss, struct error *err)
{
	struct port_spread *spread = spread_create(stack, port, rss);
	int rc;

	if (spread == NULL)
		return error_set(err, ENOMEM, "no memory for the table of %s", port->name);
	rc = spread_replace(stack, port, spread, err);
	if (rc == 0) {
		port->rss = *rss;
		stack_affinity_update(stack, port->index);
	}
	return rc;
}

int
stack_rss_set_software(struct stack *stack, const char *name, bool on, struct error *err)
{
	struct port_rss rss = { .fields = PORT_RSS_FLOW_FIELDS,
		.fields_possible = PORT_RSS_FLOW_FIELDS,
		.key_length = TOEPLITZ_KEY_LENGTH,
		.reta_size = PORT_SPREAD_BUCKETS };
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0 || on == (port->spread != NULL))
		return rc;
	if (!on) {
		stack_buckets_remove(stack, port);
		rc = spread_replace(stack, port, NULL, err);
		if (rc == 0)
			memset(&port->rss, 0, sizeof(port->rss));
		port->rss_asked = 0;
		return rc;
	}
	if (port->rss.fields_possible != 0)
		return error_set(err, EEXIST, "%s (%s) hashes by itself", name, port->driver_name);
	port_rss_default_key(rss.key, rss.key_length);
	for (uint16_t i = 0; i < rss.reta_size; i++)
		rss.reta[i] = (uint16_t)(i % stack->worker_count);
	port->reta_targets = (uint16_t)stack->worker_count;
	return stack_spread_set(stack, port, &rss, err);
}
