/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the simulator share: sim.c is the clock and its loop, sim_event.c what is to
 * happen, sim_node.c stacks, sim_worker.c their workers' turns, sim_link.c what joins them,
 * sim_vlan.c VLANs on it, sim_route.c who leads where, sim_router.c what routers say, sim_traffic.c
 * pings and flows, sim_fault.c what goes wrong, sim_pool.c packet buffers, sim_check.c what must always
 * hold, sim_frame.c what frames must be like, sim_main.c programs.
 */
#ifndef SIM_SIM_PRIVATE_H
#define SIM_SIM_PRIVATE_H

#include "sim/sim.h"
#include "stack/worker.h"
#include "support/pcapng.h"

/* Rounds of one node at one time after which it has run wild. */
#define SIM_ROUNDS_MAX 20000

struct sim_config {
	uint64_t seed;
	unsigned workers;
	const char *capture_dir; /* NULL: none */
	const void *arg; /* the scenario's */
};

struct sim_event {
	uint64_t time_ns, order; /* of equal times the first that was asked for */
	void (*run)(struct sim *sim, void *arg);
	void *arg;
};

struct sim_link_end {
	struct sim_link *link;
	struct sim_node *node;
	struct port *port; /* NULL: its node is gone */
	struct mac_addr mac;
	struct ip_addr addr[2]; /* of IPv4, of IPv6 */
	struct cable_tap tap;
	uint64_t events[CABLE_EVENT_LOST + 1]; /* of frames that it sent, by kind */
};

struct sim_link {
	struct sim *sim;
	unsigned index;
	char name[8];
	uint64_t seed;
	uint16_t vlan; /* 0: none */
	char vlan_vrf[16]; /* "": the default one */
	bool up;
	uint16_t mtu;
	struct sim_link_end ends[2];
	struct pcapng_writer *capture; /* NULL: none */
};

/* A node's route to a link's subnet, as it was set last. */
struct sim_route {
	unsigned path_count;
	uint8_t paths[SIM_PORTS_MAX]; /* port numbers */
};

struct sim_worker;

struct sim_node {
	struct sim *sim;
	unsigned index;
	char name[16];
	struct stack *stack;
	unsigned port_count;
	uint16_t txqs_max; /* of ports; 0: one a worker */
	struct sim_link *links[SIM_PORTS_MAX]; /* by port */
	unsigned ends[SIM_PORTS_MAX]; /* which end of it we are */
	bool dirty; /* something happened: run it */
	uint64_t wake_ns; /* its next event, or that of a frame to it, by the simulator's clock */
	uint64_t links_look_ns; /* when it notices that a link changed; UINT64_MAX: none did */
	uint64_t clock_offset_ns;
	uint64_t control_interval_ns, control_next_ns;
	uint64_t stalled; /* bit a worker */
	unsigned ring_limits[SIM_RING_COUNT];
	uint64_t injected_seen; /* of what control put on rings, flows and what workers took off */
	struct sim_worker *workers[WORKER_MAX];
	struct stage_stats stages[WORKER_MAX][STAGE_COUNT]; /* at the last look */
	struct sim_route routes[SIM_LINKS_MAX];
	uint16_t ways[SIM_LINKS_MAX]; /* bit a port: that a route to the link ever had */
};

struct sim {
	struct sim_config config;
	struct random random, schedule;
	uint32_t mbufs_per_worker; /* of nodes to come */
	uint64_t now_ns;
	struct sim_event *events; /* a heap */
	unsigned event_count, event_room;
	uint64_t event_order;
	struct sim_node *nodes[SIM_NODES_MAX];
	unsigned node_count;
	struct sim_link *links[SIM_LINKS_MAX];
	unsigned link_count;
	struct sim_flow **flows;
	struct sim_ping **pings;
	unsigned flow_count, ping_count;
	bool closing; /* the scenario is over: nothing new begins */
	bool unordered; /* a link or a change may have put packets out of order */
	bool corrupting; /* a link did: what is forwarded may be wrong */
	uint64_t digest;
};

/* sim.c */
struct sim *sim_create(const struct sim_config *config);
/* Everything comes to rest and is taken down, and nothing may be left. @return the digest */
uint64_t sim_destroy(struct sim *sim);

/* sim_event.c */
void sim_event_add(struct sim *sim, const struct sim_event *event);
/* UINT64_MAX: there is none */
uint64_t sim_event_next_ns(const struct sim *sim);
void sim_event_run(struct sim *sim);
void sim_events_drop(struct sim *sim);

/* sim_node.c */
/* Poll it until it is at rest. */
void sim_node_run(struct sim_node *node);
/* Its stack was called: it is to be run, and asked when next. */
void sim_node_touch(struct sim_node *node);
void sim_node_link_changed(struct sim_node *node);
void sim_node_destroy(struct sim_node *node);
uint64_t sim_node_now_ns(const struct sim_node *node);
/* When a frame that is on its way to the node comes on, by the simulator's clock. */
uint64_t sim_node_frame_ns(const struct sim_node *node);

/* sim_worker.c */
void sim_workers_create(struct sim_node *node);
void sim_workers_destroy(struct sim_node *node);
/*
 * Start its loop, or go on where it is: to the end, or to where it stops. @return whether it found
 * anything to do, or is inside still
 */
bool sim_worker_run(struct sim_node *node, unsigned worker, uint64_t now_ns);
/* Whether it is in the middle of its loop. */
bool sim_worker_is_inside(const struct sim_node *node, unsigned worker);

/* sim_fault.c: the rings take as many as they may */
void sim_rings_limit(struct sim_node *node);

/* sim_link.c */
void sim_link_destroy(struct sim_link *link);

/* sim_route.c */
void sim_routes_remove(struct sim *sim);

/* sim_vlan.c */
void sim_vrfs_remove(struct sim_node *node);

/* sim_traffic.c */
struct sim_ping *sim_ping_start(struct sim_node *from, const struct ip_addr *dst, uint16_t vrf,
	const struct sim_ping_config *config);
/* A frame that a node sent, or that reached one */
void sim_flows_sent(struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length);
void sim_flows_arrived(struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length);
void sim_traffic_destroy(struct sim *sim);

/* sim_frame.c */
/* Whether nothing was changed on its way, as far as the checksums of a whole datagram tell. */
bool sim_frame_is_intact(const uint8_t *frame, uint32_t length);
/* The UDP datagram in a frame, whole or a first fragment; NULL: there is none */
const uint8_t *sim_frame_udp(const uint8_t *frame, uint32_t length, uint32_t *udp_length);
/* Fail if it is not as a stack may send it. */
void sim_frame_check(
	const struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length);

/* sim_pool.c: packet buffers that can be made to fail, and that notice misuse */
void sim_pool_register(void);
void sim_pool_faults_set(
	struct rte_mempool *pool, const struct sim_pool_faults *faults, uint64_t seed);

/* sim_check.c */
void sim_check_running(struct sim_node *node);
void sim_check_at_rest(struct sim_node *node);
void sim_check_emptied(struct sim_node *node);
void sim_check_link(const struct sim_link *link);

#endif
