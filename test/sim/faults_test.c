/* SPDX-License-Identifier: BSD-3-Clause */
/* Want: of packet buffers, of CPU, of time. Stacks go on, lose what they must, and recover. */
#include "sim/sim.h"

#include <string.h>

#define NTH_MAX 50

static void
traffic_start(const struct sim_path *p)
{
	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6; family += 2) {
		sim_ping(p->a, p->b, family,
			&(struct sim_ping_config){
				.count = 10, .interval_ms = 20, .size_bytes = 3000 });
		sim_flow(p->a, p->b, family, &(struct sim_flow_config){ .count = 100 });
	}
}

/* Three requests a family: an answer to the last of them is enough. */
static void
recovers(struct sim *sim, const struct sim_path *p, const char *from, unsigned n)
{
	struct sim_ping *pings[2];

	for (unsigned i = 0; i < 2; i++)
		pings[i] = sim_ping(p->a, p->b, i == 0 ? IP_FAMILY_4 : IP_FAMILY_6,
			&(struct sim_ping_config){
				.count = 3, .interval_ms = 2000, .size_bytes = 2000 });
	sim_run_ms(sim, 8000);
	for (unsigned i = 0; i < 2; i++)
		sim_assert(pings[i]->received > 0, "no reply by IPv%u after %s (%u)",
			i == 0 ? 4 : 6, from, n);
}

static void
every_nth_allocation_fails(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (uint32_t n = 1; n <= NTH_MAX; n++) {
		for (unsigned i = 0; i < sim_node_count(sim); i++)
			sim_node_fail_pools(
				sim_node_at(sim, i), &(struct sim_pool_faults){ .every_nth = n });
		traffic_start(&p);
		sim_run_ms(sim, 1000);
		for (unsigned i = 0; i < sim_node_count(sim); i++)
			sim_node_fail_pools(sim_node_at(sim, i), &(struct sim_pool_faults){ 0 });
		recovers(sim, &p, "every nth allocation failed", n);
	}
}

static void
allocations_fail_at_random(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (uint32_t ppm = 1000; ppm <= 1000000; ppm *= 10) {
		sim_node_fail_pools(p.r, &(struct sim_pool_faults){ .fail_ppm = ppm });
		sim_node_fail_pools(p.b, &(struct sim_pool_faults){ .fail_ppm = ppm / 2 });
		traffic_start(&p);
		sim_run_ms(sim, 3000);
		sim_node_fail_pools(p.r, &(struct sim_pool_faults){ 0 });
		sim_node_fail_pools(p.b, &(struct sim_pool_faults){ 0 });
		recovers(sim, &p, "allocations failed", ppm);
	}
}

/* Neighbours are asked for and answered late, punts wait on their ring until it is full. */
static void
the_control_thread_is_slow(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (unsigned ms = 1; ms <= 100; ms *= 10) {
		struct error err = { 0 };

		for (unsigned i = 0; i < sim_node_count(sim); i++) {
			sim_node_slow_control(sim_node_at(sim, i), ms);
			stack_neigh_flush(sim_stack(sim_node_at(sim, i)), "", &err);
		}
		for (unsigned i = 0; i < 40; i++)
			sim_flow(p.a, p.b, i % 2 ? IP_FAMILY_4 : IP_FAMILY_6,
				&(struct sim_flow_config){ .count = 100, .interval_us = 500 });
		sim_run_ms(sim, 3000);
		recovers(sim, &p, "the control thread was slow", ms);
	}
}

/* Rings and queues fill while nobody empties them. */
static void
workers_get_no_cpu(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (unsigned i = 0; i < 5; i++) {
		unsigned worker = sim_random(sim, sim_workers(sim));

		sim_node_stall(p.r, worker, true);
		for (unsigned j = 0; j < 40; j++)
			sim_flow(p.a, p.b, j % 2 ? IP_FAMILY_4 : IP_FAMILY_6,
				&(struct sim_flow_config){ .count = 100, .interval_us = 100 });
		sim_run_ms(sim, 1000);
		sim_node_stall(p.r, worker, false);
		recovers(sim, &p, "a worker got no CPU", worker);
	}
}

/* UDP is the last worker's, whoever polls it: it goes there by the spread ring. */
static void
udp_steer(struct sim *sim, struct sim_node *node, const struct sim_link *link)
{
	const struct port_flow_rule rule = { .match = { .fields = PORT_FLOW_PROTO,
						     .proto = IP_PROTO_UDP },
		.to_worker = true,
		.target = (uint16_t)(sim_workers(sim) - 1),
		.id = PORT_FLOW_ID_ANY };
	struct error err = { 0 };
	uint32_t id;

	if (stack_flow_add(sim_stack(node), sim_iface(link), &rule, &id, &err) < 0)
		sim_fail("%s", err.text);
}

static uint64_t
ring_drops(const struct sim *sim, struct sim_node *node, const char *name)
{
	const unsigned workers = sim_workers(sim);
	uint64_t drops = 0;

	for (unsigned i = 0; i < workers * STACK_RINGS_PER_WORKER; i++) {
		struct ring_stats stats;

		stack_ring_stats(sim_stack(node), i % workers, i / workers, &stats);
		if (strncmp(stats.name, name, strlen(name)) == 0)
			drops += stats.drops;
	}
	return drops;
}

/* What a ring does not take is dropped and counted; the packets of others pass. */
static void
rings_are_full(struct sim *sim)
{
	static const char *const names[] = { "inject", "punt", "handoff", "spread" };
	struct sim_path p = sim_path_with_txqs(sim, 1);

	udp_steer(sim, p.r, sim_link_at(sim, 0));
	for (unsigned ring = 0; ring < SIM_RING_COUNT; ring++) {
		/* One worker has nobody to hand anything to. */
		const bool used = ring <= SIM_RING_PUNT || sim_workers(sim) > 1;

		for (unsigned room = 0; room < 8; room = 2 * room + 1) {
			struct error err = { 0 };

			stack_neigh_flush(sim_stack(p.r), "", &err);
			sim_node_limit_ring(p.r, (enum sim_ring)ring, room);
			traffic_start(&p);
			sim_run_ms(sim, 2000);
			sim_node_limit_ring(p.r, (enum sim_ring)ring, SIM_RING_AS_MADE);
			recovers(sim, &p, names[ring], room);
		}
		sim_assert((ring_drops(sim, p.r, names[ring]) > 0) == used,
			"%llu packets found a %s ring full",
			(unsigned long long)ring_drops(sim, p.r, names[ring]), names[ring]);
	}
}

/* Whoever wants something of a worker waits until there is room, and it was done. */
static void
mailboxes_are_full(struct sim *sim)
{
	const struct trace_filter any = { .iface = IFACE_NONE, .vrf = TRACE_VRF_ANY };
	struct sim_path p = sim_path(sim);
	static struct trace_record records[WORKER_MAX * 2];
	struct stack *stack = sim_node_fill_mailboxes(p.r);
	unsigned traced;
	struct error err = { 0 };

	if (stack_trace_add(stack, 1, &any, &err) < 0)
		sim_fail("%s", err.text);
	traffic_start(&p);
	sim_run_ms(sim, 1000);
	stack = sim_node_fill_mailboxes(p.r);
	traced = stack_trace_get(stack, records, RTE_DIM(records));
	sim_assert(traced > 0 && traced <= sim_workers(sim), "%u packets were traced", traced);
	stack = sim_node_fill_mailboxes(p.r);
	stack_trace_clear(stack);
	traced = stack_trace_get(stack, records, RTE_DIM(records));
	sim_assert(traced == 0, "%u traces are left", traced);
	recovers(sim, &p, "full mailboxes", 0);
}

/* As after a suspension: all timers of a node strike at once. */
static void
the_clock_jumps(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (uint64_t ms = 1; ms <= 100000000; ms *= 10) {
		traffic_start(&p);
		sim_run_ms(sim, 50);
		sim_node_clock_jump(sim_node_at(sim, sim_random(sim, 3)), ms);
		sim_run_ms(sim, 1000);
		recovers(sim, &p, "the clock jumped", (unsigned)ms);
	}
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(every_nth_allocation_fails),
		SIM_SCENARIO(allocations_fail_at_random),
		SIM_SCENARIO(the_control_thread_is_slow),
		SIM_SCENARIO(workers_get_no_cpu),
		SIM_SCENARIO(rings_are_full),
		SIM_SCENARIO(mailboxes_are_full),
		SIM_SCENARIO(the_clock_jumps),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
