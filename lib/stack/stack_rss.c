/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSS of ports, changed under traffic: no packet of a flow overtakes another on its way through a
 * new queue. Buckets move to one queue at a time. That queue is polled by nobody while the device
 * gets the new table and the queues that lose buckets are emptied. A key or fields change the
 * bucket of any flow: meanwhile all buckets lead to queue 0.
 *
 * The flow hash, by which groups choose a path, is one for the whole stack. A port's hash is taken
 * for it while the port has its fields and its key; else it is computed in software, so that what
 * is changed here moves flows between workers but not between paths.
 */
#include "stack/worker.h"

#include <limits.h>

#include <rte_rcu_qsbr.h>

#include "pkt/flow_hash.h"

/* A device that is asked for its hash must be seen to have one. */
static int
rss_port_find(const struct stack *stack, const char *name, struct port **port, struct error *err)
{
	int rc = stack_port_find(stack, name, port, err);

	if (rc < 0)
		return rc;
	if ((*port)->rss.fields_possible == 0)
		return error_set(err, ENOTSUP,
			"%s (%s) has no RSS that could be set: 'rss set %s software on' hashes "
			"in software",
			name, (*port)->driver_name, name);
	return 0;
}

static void
rss_trust_update(const struct stack *stack, struct port *port)
{
	port_rss_trust(port, port_rss_is_flow_hash(&port->rss, stack->toeplitz.key));
}

int
stack_rss_start(struct stack *stack, struct port *port, struct error *err)
{
	int rc = port_start(port, err);

	if (rc == 0)
		rss_trust_update(stack, port);
	return rc;
}

/* ---- the table ---- */

static int
reta_write(struct port *port, const uint16_t *reta, struct error *err)
{
	int rc = port->ops->rss_set_reta(port, reta, err);

	if (rc == 0)
		memcpy(port->rss.reta, reta, port->rss.reta_size * sizeof(*reta));
	return rc;
}

/* Move to `queue` the buckets that `reta` gives it. */
static int
reta_gain(struct stack *stack, struct port *port, const uint16_t *reta, uint16_t queue,
	struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	uint16_t step[PORT_RETA_MAX];
	struct rxq_pause pause;
	uint64_t losers = 0;
	int rc;

	for (uint16_t i = 0; i < port->rss.reta_size; i++) {
		step[i] = reta[i] == queue ? queue : port->rss.reta[i];
		if (step[i] != port->rss.reta[i])
			losers |= 1ULL << port->rss.reta[i];
	}
	if (losers == 0)
		return 0;
	stack_rxqs_get(stack, port, workers);
	rc = stack_rxqs_pause(stack, port, 1ULL << queue, workers, &pause, err);
	if (rc < 0)
		return rc;
	rc = reta_write(port, step, err);
	if (rc == 0)
		stack_rxqs_drain(stack, port, losers);
	stack_rxqs_resume(stack, &pause);
	return rc;
}

static int
reta_move(struct stack *stack, struct port *port, const uint16_t *reta, struct error *err)
{
	int rc = 0;

	if (!port->up)
		return 0; /* it gets the table when it starts */
	for (uint16_t q = 0; rc == 0 && q < port->config.rxq_count; q++)
		rc = reta_gain(stack, port, reta, q, err);
	return rc;
}

int
stack_rss_set_reta(struct stack *stack, const char *name, const uint16_t *reta, struct error *err)
{
	struct port_rss before;
	struct port *port;
	int rc = rss_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	before = port->rss;
	if (before.reta_size == 0)
		return error_set(
			err, ENOTSUP, "%s (%s) has no redirection table", name, port->driver_name);
	for (uint16_t i = 0; i < before.reta_size; i++) {
		if (reta[i] >= port_reta_targets(port))
			return error_set(err, EINVAL, "%s has no %s %u: 0 to %u", name,
				port->spread != NULL ? "worker" : "rx queue", reta[i],
				port_reta_targets(port) - 1);
	}
	if (port->spread != NULL) {
		memcpy(before.reta, reta, before.reta_size * sizeof(*reta));
		rc = stack_spread_set(stack, port, &before, err);
		port_rss_asked_update(port, PORT_RSS_ASKED_RETA);
		return rc;
	}
	rc = reta_move(stack, port, reta, err);
	if (rc < 0) {
		/* What was moved already goes back. */
		reta_move(stack, port, before.reta, NULL);
		return rc;
	}
	memcpy(port->rss.reta, reta, before.reta_size * sizeof(*reta));
	port_rss_asked_update(port, PORT_RSS_ASKED_RETA);
	stack_affinity_update(stack, port->index);
	return 0;
}

/* ---- key and fields ---- */

/* Let all buckets lead to queue 0, where packets go that are not hashed, too. */
static int
reta_gather(struct stack *stack, struct port *port, struct error *err)
{
	const uint16_t gathered[PORT_RETA_MAX] = { 0 };

	return reta_move(stack, port, gathered, err);
}

static int
hash_change(
	struct stack *stack, struct port *port, const struct port_rss *wanted, struct error *err)
{
	const struct port_rss before = port->rss;
	int rc;

	if (port->spread != NULL)
		return stack_spread_set(stack, port, wanted, err);
	if (!port->up) {
		port->rss = *wanted;
		return 0;
	}
	rc = reta_gather(stack, port, err);
	if (rc == 0) {
		port_rss_trust(port, false);
		rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
		rc = port->ops->rss_set_hash(port, wanted, err);
	}
	if (rc == 0) {
		port->rss.fields = wanted->fields;
		memcpy(port->rss.key, wanted->key, sizeof(wanted->key));
	}
	/* No packet with a hash of the other kind is left in a queue that is trusted. */
	stack_rxqs_drain(stack, port, UINT64_MAX);
	if (reta_move(stack, port, before.reta, rc == 0 ? err : NULL) < 0 && rc == 0)
		rc = -EIO;
	rss_trust_update(stack, port);
	stack_affinity_update(stack, port->index);
	return rc;
}

int
stack_rss_set_key(struct stack *stack, const char *name, const uint8_t *key, unsigned length,
	struct error *err)
{
	struct port_rss wanted;
	struct port *port;
	int rc = rss_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	wanted = port->rss;
	if (length != wanted.key_length)
		return error_set(err, EINVAL, "a key of %s has %u bytes, not %u", name,
			wanted.key_length, length);
	memcpy(wanted.key, key, length);
	rc = hash_change(stack, port, &wanted, err);
	if (rc == 0)
		port_rss_asked_update(port, PORT_RSS_ASKED_KEY);
	return rc;
}

int
stack_rss_set_symmetric(struct stack *stack, const char *name, bool symmetric, struct error *err)
{
	uint8_t key[PORT_RSS_KEY_MAX];
	struct port *port;
	int rc = rss_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	port_rss_default_key(key, port->rss.key_length);
	/* Woo and Park, "Scalable TCP Session Monitoring with Symmetric RSS": 0x6d5a repeated. */
	for (unsigned i = 2; symmetric && i < port->rss.key_length; i++)
		key[i] = key[i - 2];
	return stack_rss_set_key(stack, name, key, port->rss.key_length, err);
}

int
stack_rss_set_fields(struct stack *stack, const char *name, uint32_t fields, struct error *err)
{
	struct port_rss wanted;
	struct port *port;
	int rc = rss_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	wanted = port->rss;
	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (fields & ~wanted.fields_possible & 1U << i)
			return error_set(err, ENOTSUP, "%s (%s) cannot hash %s", name,
				port->driver_name, port_rss_field_name(i));
	}
	wanted.fields = fields;
	rc = hash_change(stack, port, &wanted, err);
	if (rc == 0)
		port_rss_asked_update(port, PORT_RSS_ASKED_FIELDS);
	return rc;
}

/* ---- where a flow goes ---- */

/* A rule in software leaves the packet on the queue where it came in. */
static void
predict_rule(const struct stack *stack, const struct port *port,
	const struct port_flow_rule *by_device, struct stack_rss_way *way)
{
	const struct port_flow_rule *rule = way->rule;

	way->hardware = rule->hardware != NULL;
	if (by_device != NULL)
		way->queue = by_device->target;
	if (!port->up)
		way->worker = UINT_MAX;
	else
		way->worker = rule->to_worker ? rule->target
					      : stack_rxq_worker(stack, port, rule->target);
}

void
stack_rss_predict(const struct stack *stack, const struct port *port, const struct ip_flow *flow,
	uint16_t vlan, struct stack_rss_way *way)
{
	const struct port_rss *rss = &port->rss;
	bool software = port->spread != NULL;

	*way = (struct stack_rss_way){ .hardware = !software && rss->fields_possible != 0,
		.bucket = UINT_MAX,
		.queue = UINT_MAX,
		.worker = UINT_MAX };
	if (software || way->hardware) {
		way->hashed = port_rss_hash(rss, flow, &way->hash);
	} else {
		way->hashed = true;
		way->hash = flow_hash_flow(&stack->toeplitz, flow);
	}
	if (way->hashed && rss->reta_size > 0)
		way->bucket = way->hash % rss->reta_size;
	if (way->hardware && way->bucket != UINT_MAX)
		way->queue = rss->reta[way->bucket];
	else if (port->rxq_used == 1 || (way->hardware && !way->hashed))
		way->queue = 0;
	if (software && way->bucket != UINT_MAX)
		way->worker = port->up ? rss->reta[way->bucket] : UINT_MAX;
	else if (way->queue != UINT_MAX)
		way->worker = stack_rxq_worker(stack, port, (uint16_t)way->queue);
	way->rule = port_flow_decide(port, flow, vlan, false);
	if (way->rule != NULL)
		predict_rule(stack, port, port_flow_decide(port, flow, vlan, true), way);
}
