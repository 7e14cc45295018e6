/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Steering rules of ports, changed under traffic: no packet of a flow overtakes another on its way
 * through a new queue or worker. What the device takes it does; for the rest whoever polls a queue of
 * the port sorts its packets by a table of all its rules (pipeline_spread.c), so that the order of
 * priorities holds between rules in hardware and in software too.
 */
#include "stack/worker.h"

/* ---- in software ---- */

static bool
table_needed(const struct port *port)
{
	for (unsigned i = 0; i < port->flow_count; i++) {
		if (port->flow_rules[i].hardware == NULL)
			return true;
	}
	return false;
}

int
stack_flow_table_set(
	struct stack *stack, struct port *port, const unsigned *workers, struct error *err)
{
	struct port_flow_table *old = port->flows, *new = NULL;
	struct rxq_pause pause;
	int rc = 0;

	if (table_needed(port)) {
		new = port_flow_table_create(port, workers, stack->worker_count);
		if (new == NULL)
			return error_set(err, ENOMEM, "no memory for the rules of %s", port->name);
	}
	port->flows = new;
	/* Nobody polls the port until all that was sorted the old way is sent. */
	if (port->up && (old != NULL || new != NULL))
		rc = stack_rxqs_pause(stack, port, UINT64_MAX, workers, &pause, err);
	if (rc < 0) {
		port->flows = old;
		port_flow_table_destroy(port, new);
		return rc;
	}
	if (port->up && (old != NULL || new != NULL))
		stack_rxqs_resume(stack, &pause);
	port_flow_table_destroy(port, old);
	return 0;
}

static int
table_update(struct stack *stack, struct port *port, struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };

	if (!port->up) {
		/* It is made when the port comes up. */
		port_flow_table_destroy(port, port->flows);
		port->flows = NULL;
		return 0;
	}
	stack_rxqs_get(stack, port, workers);
	return stack_flow_table_set(stack, port, workers, err);
}

/* ---- in hardware ---- */

/* Between flow_create() or flow_destroy() and the first poll of the queues that gain by it, those
 * that lose are emptied. */
static int
hardware_pause(struct stack *stack, struct port *port, uint64_t gaining, struct rxq_pause *pause,
	struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };

	stack_rxqs_get(stack, port, workers);
	return stack_rxqs_pause(stack, port, gaining, workers, pause, err);
}

static int
hardware_add(struct stack *stack, struct port *port, struct port_flow_rule *rule, struct error *err)
{
	const uint64_t queue = 1ULL << rule->target;
	struct rxq_pause pause;
	int rc;

	if (!port->up || rule->to_worker || port->ops->flow_create == NULL)
		return 0;
	rc = hardware_pause(stack, port, queue, &pause, err);
	if (rc < 0)
		return rc;
	rule->hardware = port->ops->flow_create(port, rule);
	if (rule->hardware != NULL)
		stack_rxqs_drain(stack, port, ~queue);
	stack_rxqs_resume(stack, &pause);
	return 0;
}

static int
hardware_remove(
	struct stack *stack, struct port *port, struct port_flow_rule *rule, struct error *err)
{
	const uint64_t queue = 1ULL << rule->target;
	struct rxq_pause pause;
	int rc;

	/* The device forgot it when it stopped. */
	if (!port->up || rule->hardware == NULL)
		return 0;
	rc = hardware_pause(stack, port, ~queue, &pause, err);
	if (rc < 0)
		return rc;
	rc = port->ops->flow_destroy(port, rule->hardware, err);
	if (rc == 0) {
		rule->hardware = NULL;
		stack_rxqs_drain(stack, port, queue);
	}
	stack_rxqs_resume(stack, &pause);
	return rc;
}

/* ---- rules ---- */

static int
rule_check(const struct stack *stack, struct port *port, const struct port_flow_rule *rule,
	struct error *err)
{
	int rc = port_flow_check(&rule->match, err);

	if (rc < 0)
		return rc;
	if (rule->to_worker && rule->target >= stack->worker_count)
		return error_set(
			err, EINVAL, "no worker %u: 'worker show' lists them", rule->target);
	if (!rule->to_worker && rule->target >= port->rxq_used)
		return error_set(err, EINVAL, "%s has %u rx queues: 0 to %u", port->name,
			port->rxq_used, port->rxq_used - 1);
	if (rule->id != PORT_FLOW_ID_ANY && port_flow_find(port, rule->id) != NULL)
		return error_set(err, EEXIST, "%s has a rule %u already", port->name, rule->id);
	for (unsigned i = 0; i < port->flow_count; i++) {
		if (port_flow_match_equal(&port->flow_rules[i].match, &rule->match))
			return error_set(err, EEXIST, "rule %u of %s is for the same packets",
				port->flow_rules[i].id, port->name);
	}
	if (port->flow_count == PORT_FLOW_RULES_MAX)
		return error_set(err, ENOSPC, "%s has %u rules already, the most there can be",
			port->name, PORT_FLOW_RULES_MAX);
	return 0;
}

int
stack_flow_add(struct stack *stack, const char *name, const struct port_flow_rule *asked,
	uint32_t *id, struct error *err)
{
	struct port_flow_rule *rule;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	rc = rule_check(stack, port, asked, err);
	if (rc < 0)
		return rc;
	rule = port_flow_insert(port, asked);
	*id = rule->id;
	rc = hardware_add(stack, port, rule, err);
	if (rc == 0)
		rc = table_update(stack, port, err);
	if (rc < 0) {
		hardware_remove(stack, port, rule, NULL);
		port_flow_remove(port, *id);
	}
	return rc;
}

int
stack_flow_remove(struct stack *stack, const char *name, uint32_t id, struct error *err)
{
	struct port_flow_rule *rule, before;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	rule = port_flow_find(port, id);
	if (rule == NULL)
		return error_set(err, ENOENT, "%s has no rule %u: 'flow show %s' lists them", name,
			id, name);
	rc = hardware_remove(stack, port, rule, err);
	if (rc < 0)
		return rc;
	before = *rule;
	port_flow_remove(port, id);
	rc = table_update(stack, port, err);
	/* Nothing else keeps a table from being made than memory: it goes on in software. */
	if (rc < 0)
		port_flow_insert(port, &before);
	return rc;
}

int
stack_flow_queues_check(const struct port *port, uint16_t rxq_count, struct error *err)
{
	for (unsigned i = 0; i < port->flow_count; i++) {
		const struct port_flow_rule *rule = &port->flow_rules[i];

		if (!rule->to_worker && rule->target >= rxq_count)
			return error_set(err, EBUSY,
				"rule %u leads to rx queue %u: 'flow del %s %u' first", rule->id,
				rule->target, port->name, rule->id);
	}
	return 0;
}

bool
stack_flow_hits(struct port *port, const struct port_flow_rule *rule, uint64_t *packets)
{
	*packets = 0;
	if (rule->hardware != NULL && port->up && port->ops->flow_hits != NULL &&
		port->ops->flow_hits(port, rule->hardware, packets) == 0)
		return true;
	*packets = rule->hits;
	if (port->flows != NULL)
		*packets += port_flow_table_hits(port->flows, rule->id);
	return rule->hardware == NULL || port->flows != NULL;
}
