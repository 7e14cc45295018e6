/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A deterministic simulator: whole stacks, joined by links, on one virtual clock that jumps from
 * event to event. What happens is determined by the seed, the number of workers and the scenario.
 *
 *     static void
 *     echo_crosses_a_router(struct sim *sim)
 *     {
 *         struct sim_node *a = sim_node(sim, "a"), *r = sim_node(sim, "r"), *b = sim_node(sim, "b");
 *         struct sim_ping *ping;
 *
 *         sim_link(a, r);
 *         sim_link(r, b);
 *         sim_routes(sim);
 *         sim_run_ms(sim, SIM_SETTLE_MS);
 *         ping = sim_ping(a, b, IP_FAMILY_4, &(struct sim_ping_config){ .count = 10 });
 *         sim_run_ms(sim, 10000);
 *         sim_assert(ping->received == 10, "%u replies", ping->received);
 *     }
 *
 * The rest is checked unasked, sim_check.c says what: that packets are conserved, well-formed and
 * in order, that nobody does more than he should, and that nothing is left at the end.
 *
 * Link I has the subnets 10.0.I.0/24 and 2001:db8:I::/64; the first node that it joins is .1 and
 * ::1 there, the second .2 and ::2. Interfaces have the names of their links: "l0".
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "cable/cable.h"
#include "stack/stack.h"

#define SIM_NODES_MAX 32
#define SIM_LINKS_MAX 48
#define SIM_PORTS_MAX 16

#define SIM_MS_NS     UINT64_C(1000000)
#define SIM_S_NS      UINT64_C(1000000000)
/** After so long all addresses are proven (RFC 4862 5.4) and their announcements sent. */
#define SIM_SETTLE_MS 5000

struct sim;
struct sim_node;
struct sim_link;

/* ---- running ---- */

uint64_t sim_now_ns(const struct sim *sim);
/** Let time pass. */
void sim_run_ms(struct sim *sim, uint64_t ms);
/** Have something done later: before what arrives in that instant is looked at. */
void sim_after_ms(struct sim *sim, uint64_t ms, void (*run)(struct sim *sim, void *arg), void *arg);
void sim_after_us(struct sim *sim, uint64_t us, void (*run)(struct sim *sim, void *arg), void *arg);
/** When the next frame comes on that is under way. @return false: none is */
bool sim_at_frame(struct sim *sim, void (*run)(struct sim *sim, void *arg), void *arg);
/** The scenario's random numbers. */
uint32_t sim_random(struct sim *sim, uint32_t below);
unsigned sim_workers(const struct sim *sim);

/** The scenario fails: with the sentence, the seed, and how to see it again. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define sim_assert(condition, ...)             \
	do {                                   \
		if (!(condition))              \
			sim_fail(__VA_ARGS__); \
	} while (0)

/* ---- topology ---- */

/** A host or a router: the same stack. */
struct sim_node *sim_node(struct sim *sim, const char *name);
/** Nodes that are made from now on have so many packet buffers for each worker: 1024. */
void sim_mbufs_set(struct sim *sim, uint32_t mbufs_per_worker);
/** A cable (drivers/cable). What its NICs do of checksums, hashes and segments is as the seed has it. */
struct sim_link *sim_link(struct sim_node *a, struct sim_node *b);
/** Ports that it gets from now on have so few tx queues, for all its workers; 0: one a worker. */
void sim_node_limit_txqs(struct sim_node *node, uint16_t count);
struct sim_node *sim_node_at(struct sim *sim, unsigned index);
unsigned sim_node_count(const struct sim *sim);
struct sim_link *sim_link_at(struct sim *sim, unsigned index);
unsigned sim_link_count(const struct sim *sim);
/** To be called at once: after time has passed ask again, for the stack has to know the time. */
struct stack *sim_stack(struct sim_node *node);
/** A node's first address of a family. */
struct ip_addr sim_addr(const struct sim_node *node, uint8_t family);
/** The interface of a link, on all its nodes. */
const char *sim_iface(const struct sim_link *link);
/**
 * Shortest paths over the links that are up, all of equal length, to all links: as a routing
 * protocol would. Static routes change where they have to.
 */
void sim_routes(struct sim *sim);

/** a - r - b: the topology of many scenarios, its addresses proven, its routes set. */
struct sim_path {
	struct sim_node *a, *r, *b;
	struct sim_link *ar, *rb;
};
struct sim_path sim_path(struct sim *sim);
/** With so few tx queues each port. */
struct sim_path sim_path_with_txqs(struct sim *sim, uint16_t count);

#define SIM_DELAY_NS UINT64_C(10000)
/** Of a chance in struct cable_impair. */
#define SIM_PERCENT(n) ((n) * (RANDOM_PPB / 100))
/**
 * What a link does to frames, both ways, from now on; its seed is the scenario's. Without being told
 * it takes SIM_DELAY_NS.
 */
void sim_link_impair(struct sim_link *link, const struct cable_impair *impair);
/** Of what a link's first (0) or second (1) node sent. */
void sim_link_counters(const struct sim_link *link, unsigned end, struct cable_counters *counters);
/** Both ends know each other's MAC address for good: nobody asks, nobody is given up. */
void sim_link_know(struct sim_link *link);
/** Frames on a link that is down are lost; its ends notice as they do of any link. */
void sim_link_set(struct sim_link *link, bool up);
bool sim_link_is_up(const struct sim_link *link);
/** At both ends: 1500. */
void sim_link_set_mtu(struct sim_link *link, uint16_t mtu);

/**
 * Interfaces for tagged frames at both ends: "l0.5". In the default VRF (NULL) link I has 10.1.I.0/24
 * and 2001:db8:2II::/64 there, in another one the addresses that it has itself.
 */
void sim_link_add_vlan(struct sim_link *link, uint16_t id, const char *vrf);
bool sim_link_has_vlan(const struct sim_link *link);

/* ---- what routers say that spate does not ---- */

/** To all nodes of the link: a default route, and a prefix 2001:db8:1II::/64. 0: not any more. */
void sim_advertise(struct sim_node *router, const struct sim_link *link, uint16_t lifetime_s,
	uint32_t valid_s);
/** Which groups do you listen to? */
void sim_query_listeners(
	struct sim_node *router, const struct sim_link *link, uint16_t response_ms);
struct sim_node *sim_link_node(const struct sim_link *link, unsigned end);

/* ---- faults ---- */

/** Of a node's packet buffers. All zeros: none. */
struct sim_pool_faults {
	uint32_t every_nth; /**< allocation fails */
	uint32_t fail_ppm;
};
void sim_node_fail_pools(struct sim_node *node, const struct sim_pool_faults *faults);
/** An interface of it goes down or up. */
void sim_node_set_iface(struct sim_node *node, const struct sim_link *link, bool up);
/** Its control thread gets to run only so often; 0: at once. */
void sim_node_slow_control(struct sim_node *node, uint64_t interval_ms);
/** A worker gets no CPU, wherever it is, so that its rings and queues fill; until it is told otherwise. */
void sim_node_stall(struct sim_node *node, unsigned worker, bool stalled);
/** Rings of a node's workers: from the control thread, to it, and between workers. */
enum sim_ring { SIM_RING_INJECT, SIM_RING_PUNT, SIM_RING_HANDOFF, SIM_RING_SPREAD, SIM_RING_COUNT };
#define SIM_RING_AS_MADE UINT_MAX
/** They take so few packets (0: none), or as many as they are made for. */
void sim_node_limit_ring(struct sim_node *node, enum sim_ring ring, unsigned packets);
/** The mailboxes of its workers are full, until these look into them. @return its stack, as sim_stack() */
struct stack *sim_node_fill_mailboxes(struct sim_node *node);
/** Its workers count their stages' work anew. */
void sim_node_clear_stages(struct sim_node *node);
/** Its clock jumps forward. */
void sim_node_clock_jump(struct sim_node *node, uint64_t ms);

/* ---- traffic ---- */

struct sim_ping_config {
	unsigned count; /**< 1 */
	uint64_t interval_ms; /**< 1000 */
	uint16_t size_bytes;
	uint8_t ttl;
	bool df;
};
struct sim_ping {
	struct sim_ping_config config;
	struct sim_node *from;
	struct stack_ping *ping;
	unsigned sent, received;
	unsigned errors; /**< answers that are none: ICMP errors */
	uint8_t error_type, error_code; /**< of the last one */
};
/** From now on; its first request at once. */
struct sim_ping *sim_ping(struct sim_node *from, const struct sim_node *to, uint8_t family,
	const struct sim_ping_config *config);

/** Across a link, through its VLAN, from its first (0) or second (1) node. */
struct sim_ping *sim_ping_vlan(const struct sim_link *link, unsigned end, uint8_t family,
	const struct sim_ping_config *config);

struct sim_flow_config {
	unsigned count; /**< datagrams: 1 */
	unsigned burst; /**< at once: 1 */
	uint64_t interval_us; /**< between bursts: 1000 */
	uint16_t size_bytes; /**< of payload: 32, at least 12 */
	uint16_t src_port; /**< its number over 1024 */
};
/** UDP to a port that nobody listens on: seen on the links, answered by errors. */
struct sim_flow {
	struct sim_flow_config config;
	struct sim_node *from;
	const struct sim_node *to;
	struct ip_addr src, dst;
	uint32_t id;
	unsigned sent; /**< given to the stack */
	unsigned arrived; /**< different ones */
	unsigned duplicates;
	unsigned inversions; /**< left a node behind a later one */
	unsigned path_changes; /**< left a node by another link than the one before */
	uint8_t *seen; /**< what became of it, by sequence number */
	uint32_t last[2 * SIM_LINKS_MAX]; /**< sequence number + 1 seen, by way of a link */
	uint8_t way[SIM_NODES_MAX]; /**< of the last one that left the node, + 1 */
};
struct sim_flow *sim_flow(struct sim_node *from, const struct sim_node *to, uint8_t family,
	const struct sim_flow_config *config);

/* ---- scenarios ---- */

struct sim_scenario {
	const char *name;
	void (*run)(struct sim *sim);
	const void *arg; /**< where several are one function: what sim_arg() says */
};
const void *sim_arg(const struct sim *sim);
/** A program of scenarios; see its usage (sim_main.c). */
int sim_main(int argc, char **argv, const struct sim_scenario *scenarios, unsigned scenario_count);
#define SIM_SCENARIO(function)            \
	{                                 \
#function, function, NULL \
	}

#endif
