/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules of an end: looked at before RSS by whoever brings a frame. By control, but for that. */
#include "cable/cable_priv.h"

#include <string.h>

static bool
goes_before(const struct port_flow_rule *rule, const struct port_flow_rule *other)
{
	return rule->priority < other->priority ||
		(rule->priority == other->priority && rule->id < other->id);
}

static uint64_t *
slot_find(struct cable_end *end)
{
	const struct cable_setup *setup = end->setup;

	for (unsigned i = 0; i < CABLE_FLOWS_MAX; i++) {
		unsigned f = 0;

		while (f < setup->flow_count && setup->flows[f].hits != &end->flow_hits[i])
			f++;
		if (f == setup->flow_count)
			return &end->flow_hits[i];
	}
	return NULL;
}

void *
cable_flow_create(struct port *port, const struct port_flow_rule *rule)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup;
	uint64_t *hits = slot_find(end);
	unsigned at;

	if (hits == NULL || rule->target >= end->rxq_count)
		return NULL;
	__atomic_store_n(hits, 0, __ATOMIC_RELAXED);
	setup = cable_setup_begin(end);
	for (at = setup->flow_count++; at > 0 && goes_before(rule, &setup->flows[at - 1].rule);
		at--)
		setup->flows[at] = setup->flows[at - 1];
	setup->flows[at] = (struct cable_flow){ *rule, hits };
	cable_setup_commit(end);
	return hits;
}

int
cable_flow_destroy(struct port *port, void *flow, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);
	unsigned at = 0;

	while (at < setup->flow_count && setup->flows[at].hits != flow)
		at++;
	if (at == setup->flow_count)
		return error_set(err, ENOENT, "%s has no such rule", port->name);
	setup->flow_count--;
	memmove(&setup->flows[at], &setup->flows[at + 1],
		(setup->flow_count - at) * sizeof(setup->flows[0]));
	cable_setup_commit(end);
	return 0;
}

int
cable_flow_hits(struct port *port, void *flow, uint64_t *packets)
{
	*packets = __atomic_load_n((uint64_t *)flow, __ATOMIC_RELAXED);
	return 0;
}

void
cable_flows_clear(struct cable_end *end)
{
	cable_setup_begin(end)->flow_count = 0;
	cable_setup_commit(end);
}

bool
cable_flow_lookup(
	const struct cable_setup *setup, const uint8_t *frame, uint32_t length, uint16_t *queue)
{
	for (unsigned i = 0; i < setup->flow_count; i++) {
		const struct cable_flow *flow = &setup->flows[i];

		if (!port_flow_takes(&flow->rule.match, frame, length))
			continue;
		/* Several workers may bring frames. */
		__atomic_fetch_add(flow->hits, 1, __ATOMIC_RELAXED);
		*queue = flow->rule.target;
		return true;
	}
	return false;
}
