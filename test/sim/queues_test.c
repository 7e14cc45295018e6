/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues, buckets and rules move from worker to worker under traffic (doc/rss.md): nothing is lost, and
 * no packet overtakes another of its flow, wherever the workers are just then.
 */
#include "sim/sim.h"

#define FLOWS 32
#define COUNT 200

struct path {
	struct sim_node *a, *r, *b;
	struct sim_link *in; /* of what r forwards */
	unsigned stalled; /* a worker of r that gets no CPU: its queues fill */
	struct sim_flow *flows[FLOWS];
};

static void
path_create(struct sim *sim, struct path *p)
{
	*p = (struct path){
		.a = sim_node(sim, "a"), .r = sim_node(sim, "r"), .b = sim_node(sim, "b")
	};
	p->in = sim_link(p->a, p->r);
	sim_link_know(p->in);
	sim_link_know(sim_link(p->r, p->b));
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	for (unsigned i = 0; i < FLOWS; i++)
		p->flows[i] = sim_flow(p->a, p->b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_flow_config){ .count = COUNT,
				.burst = 1 + sim_random(sim, 4),
				.interval_us = 1000 * (1 + sim_random(sim, 4)) });
}

/*
 * Whatever moves finds packets in queues and on rings, and workers in the middle of a burst: it
 * moves when one arrives.
 */
static void
somebody_stalls(struct sim *sim, struct path *p)
{
	const unsigned workers = sim_workers(sim);

	sim_node_stall(p->r, p->stalled, false);
	if (workers > 1) {
		p->stalled = (p->stalled + 1 + sim_random(sim, workers - 1)) % workers;
		sim_node_stall(p->r, p->stalled, true);
	}
}

static void
again(struct sim *sim, void (*move)(struct sim *sim, void *arg), struct path *p)
{
	somebody_stalls(sim, p);
	sim_after_ms(sim, 1 + sim_random(sim, 10), move, p);
}

static void
moves_begin(struct sim *sim, void (*move)(struct sim *sim, void *arg), struct path *p)
{
	sim_after_us(sim, SIM_DELAY_NS / 1000, move, p);
}

/* That they are in order is checked by itself. */
static void
all_arrived(struct sim *sim, const struct path *p)
{
	sim_run_ms(sim, 4 * COUNT + 1000);
	for (unsigned i = 0; i < FLOWS; i++)
		sim_assert(p->flows[i]->arrived == COUNT, "%u of %u datagrams of flow %u arrived",
			p->flows[i]->arrived, COUNT, i);
}

static void
queue_move(struct sim *sim, void *arg)
{
	struct path *p = arg;
	const unsigned workers = sim_workers(sim);
	struct error err = { 0 };

	if (stack_rxq_set_worker(sim_stack(p->r), sim_iface(p->in),
		    (uint16_t)sim_random(sim, workers), sim_random(sim, workers), &err) < 0)
		sim_fail("%s", err.text);
	again(sim, queue_move, p);
}

static void
queues_change_their_worker(struct sim *sim)
{
	struct path p;

	path_create(sim, &p);
	moves_begin(sim, queue_move, &p);
	all_arrived(sim, &p);
}

static void
buckets_move(struct sim *sim, void *arg)
{
	struct path *p = arg;
	uint16_t reta[CABLE_RETA_SIZE];
	struct error err = { 0 };

	for (unsigned i = 0; i < CABLE_RETA_SIZE; i++)
		reta[i] = (uint16_t)sim_random(sim, sim_workers(sim));
	if (stack_rss_set_reta(sim_stack(p->r), sim_iface(p->in), reta, &err) < 0)
		sim_fail("%s", err.text);
	again(sim, buckets_move, p);
}

static void
buckets_change_their_queue(struct sim *sim)
{
	struct path p;

	path_create(sim, &p);
	moves_begin(sim, buckets_move, &p);
	all_arrived(sim, &p);
}

static void
rule_change(struct sim *sim, void *arg)
{
	struct path *p = arg;
	struct stack *stack = sim_stack(p->r);
	uint32_t id = 1 + sim_random(sim, 4);
	const struct port_flow_rule rule = {
		.match = { .fields = PORT_FLOW_PROTO | (id > 1 ? PORT_FLOW_SRC_PORT : 0),
			.proto = IP_PROTO_UDP,
			.src_port = (uint16_t)(1024 + sim_random(sim, FLOWS)) },
		.to_worker = true,
		.target = (uint16_t)sim_random(sim, sim_workers(sim)),
		.priority = (uint16_t)(10 - id),
		.id = id
	};
	struct error err = { 0 };

	/* It is there, or another one for the same packets: then it goes. */
	if (stack_flow_add(stack, sim_iface(p->in), &rule, &id, &err) < 0)
		stack_flow_remove(stack, sim_iface(p->in), id, &err);
	again(sim, rule_change, p);
}

static void
rules_come_and_go(struct sim *sim)
{
	struct path p;

	path_create(sim, &p);
	moves_begin(sim, rule_change, &p);
	all_arrived(sim, &p);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(queues_change_their_worker),
		SIM_SCENARIO(buckets_change_their_queue),
		SIM_SCENARIO(rules_come_and_go),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
