/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's state: everything that one poll-mode thread writes. Private to lib/stack. */
#ifndef STACK_WORKER_H
#define STACK_WORKER_H

#include <rte_ring.h>

#include "base/rate_limit.h"
#include "ephemeral/ephemeral.h"
#include "pkt/pkt_queue.h"
#include "sctp/sctp.h"
#include "sock/sock.h"
#include "stack/stack.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

#define WORKER_MAILBOX_SIZE  64
#define WORKER_INJECT_SIZE   1024
#define WORKER_PUNT_SIZE     1024
#define WORKER_HANDOFF_SIZE  2048
#define WORKER_SPREAD_SIZE   2048
#define WORKER_HANDOVER_SIZE 2048
/* As many as sockets, but at most: */
#define WORKER_HALF_OPEN_MAX   16384U
#define WORKER_TIME_WAIT_MAX   65536U
#define WORKER_LISTENERS_MAX   1024U
#define WORKER_NAMES_MAX       32768U
#define WORKER_UDP_SOCKETS_MAX 32768U
#define WORKER_ASSOCS_SOME     4096U /* up to so many associations each has all that it may */
#define WORKER_POOL_CACHE      512

/* An rx queue that a worker polls. */
struct worker_rxq {
	struct port *port;
	uint16_t queue;
	/* Whose its packets are: by the rules, then by the hash. NULL both: all are ours. */
	struct port_flow_table *flows;
	const struct port_spread *spread;
};

/* Where a worker's packets for a port go: a tx queue, and the worker whose it is. */
struct worker_txq {
	struct port *port; /* NULL: no such port, or down */
	uint16_t queue;
	uint16_t owner;
};

/* Which queues a worker serves. Immutable once published; replaced by control under RCU. */
struct worker_queues {
	unsigned rxq_count;
	struct worker_rxq rxqs[PORT_MAX * 4];
	struct worker_txq txqs[PORT_MAX];
};

/* Something that control wants done between two loops; owned by control, who waits for `done`. */
struct worker_msg {
	void (*run)(struct worker *worker, struct worker_msg *msg);
	bool done; /* atomic */
};

/* The vectors between the stages. Each is empty between two runs of the pipeline. */
/* Neighbours that have a place of their own for what is on its way to be resolved. */
#define WORKER_GLEAN_PLACES 1024

struct worker_vecs {
	struct pkt_vec rx;
	struct pkt_vec ip4, ip6;
	struct pkt_vec local4, local6;
	struct pkt_vec udp, udp_errors;
	struct pkt_vec tcp, tcp_errors;
	struct pkt_vec tcp_sent; /* of both families, to be routed */
	struct pkt_vec sctp, sctp_errors;
	struct pkt_vec sctp_sent; /* likewise */
	struct pkt_vec encapsulated, encapsulated_errors; /* SCTP in UDP */
	struct pkt_vec unreachable, done, handover; /* what transports have not kept */
	struct pkt_vec forward4, forward6;
	struct pkt_vec output4, output6;
	struct pkt_vec replies4, replies6;
	struct pkt_vec errors4, errors6;
	struct pkt_vec ether;
	struct pkt_vec fragments4, fragments6;
	struct pkt_vec frames; /* to be cut, and ready but for that */
	struct pkt_vec punts;
	struct pkt_vec drops;
	struct pkt_vec tx[PORT_MAX];
	uint64_t tx_ports; /* bit a port: tx[port] is not empty */
	struct pkt_vec fast_tx[PORT_MAX]; /* of the fast path: packets without metadata */
	uint64_t fast_ports;
	uint64_t fast_tagged; /* of these, some with VLAN tags */
};

/* Written by the worker, read by control: counter_add() and counter_get(). */
struct worker_counters {
	uint64_t rx, tx, punted, injected;
	uint64_t punted_own, dropped_own; /* of these, packets made here or injected */
	uint64_t handoff_in, handoff_out;
	uint64_t handover_in, handover_out;
	uint64_t spread_in;
	uint64_t loops, loops_idle, sleeps;
	uint64_t cycles_busy, cycles_idle;
	uint64_t drops[DROP_REASON_COUNT];
	struct stage_stats stages[STAGE_COUNT];
};

/* What a producer saw of a ring that it fills. */
struct ring_counters {
	uint64_t enqueued, drops;
	uint64_t high; /* the most entries seen behind an enqueue */
};

/* Packets being traced; the worker's own, but for the copy that a mailbox message takes. */
struct worker_trace {
	unsigned wanted; /* packets still to be picked */
	unsigned count; /* records in use */
	unsigned open; /* of these, still in the pipeline */
	struct trace_filter filter;
	struct trace_record *records; /* [TRACE_PACKETS_MAX] */
};

struct worker {
	/* set before the worker runs */
	struct stack *stack;
	unsigned index;
	unsigned lcore;
	int numa_node;
	struct rte_mempool *pool;
	struct rte_ring *mailbox; /* struct worker_msg *, from control */
	struct rte_ring *inject; /* packets from control */
	struct rte_ring *punt; /* packets to control */
	struct rte_ring *handoff; /* packets from other workers, for ports whose queue is ours */
	struct rte_ring *handover; /* packets that other workers got for our sockets */
	struct rte_ring *spread; /* packets that other workers polled and our flows are */
	uint64_t tsc_base;
	uint64_t ns_per_tsc_32; /* fixed point, 32 bits fraction */

	/* written by control, read by this worker under RCU */
	struct worker_queues *queues;

	/* this worker's alone */
	uint64_t tsc; /* end of the last stage */
	bool clock_runs; /* also within a loop: worker_now_ns() says how far */
	struct ip_core ip;
	struct udp_core *udp;
	struct tcp_core *tcp;
	struct sctp_core *sctp;
	struct sock_core *socks;
	struct rate_limit punt_limits[PUNT_REASON_COUNT]; /* shared by interfaces */
	struct ip_out out4, out6; /* where IP's stages put packets: into vecs */
	struct worker_vecs vecs;
	struct pkt_queue output; /* of the transports */
	uint64_t gleaned[WORKER_GLEAN_PLACES]; /* by neighbour: the last punt for it */
	struct worker_trace trace;

	/* control writes, this worker reads: of its punts, those that are done with, and what came of
	 * them on the inject ring */
	uint64_t punts_done __attribute__((aligned(64)));

	/* this worker writes, control reads */
	struct worker_counters counters __attribute__((aligned(64)));
	struct ring_counters punt_ring;
	struct ring_counters handoff_rings[WORKER_MAX]; /* by the worker that packets go to */
	struct ring_counters spread_rings[WORKER_MAX]; /* likewise */
	struct ring_counters handover_rings[WORKER_MAX]; /* likewise */
	struct nexthop_counters *nexthop_counters; /* [nexthops_max] */
	/* Pointers by control, with the first interface of an index, for good; behind them by us. */
	struct iface_counters *iface_counters[IFACE_MAX];

	/* control writes and reads */
	struct ring_counters inject_ring __attribute__((aligned(64)));
	struct ring_counters mailbox_ring;
} __attribute__((aligned(64)));

/* worker.c */
int worker_create(struct stack *stack, unsigned index, struct worker **worker, struct error *err);
/* Its packets go back to their pools, which may be other workers': before any of these goes. */
void worker_drain(struct worker *worker);
void worker_destroy(struct worker *worker);

/* Time of the last stamp, since the worker was made. */
static inline uint64_t
worker_now_ns(const struct worker *w)
{
	unsigned __int128 elapsed = (unsigned __int128)(w->tsc - w->tsc_base) * w->ns_per_tsc_32;

	return (uint64_t)(elapsed >> 32);
}

/* pipeline.c: run whatever the vectors hold through the stages, until all are empty */
void pipeline_init(struct worker *worker);
bool pipeline_rx(struct worker *worker, const struct worker_rxq *rxq);
bool pipeline_inject(struct worker *worker);
bool pipeline_handoff(struct worker *worker);
bool pipeline_reassembly(struct worker *worker);
bool pipeline_spread(struct worker *worker);
/* pipeline_sock.c: packets that others got for our sockets; what applications do */
bool pipeline_handover(struct worker *worker);
bool pipeline_sockets(struct worker *worker);
/* pipeline_tcp.c: timers, and what connections send */
bool pipeline_tcp(struct worker *worker);
/* pipeline_sctp.c: likewise associations */
bool pipeline_sctp(struct worker *worker);
/* pipeline_spread.c: leave in a burst what is ours, put the rest on other workers' rings */
void pipeline_spread_out(struct worker *worker, const struct worker_rxq *rxq, struct pkt_vec *vec);
/* Take up to PKT_BURST packets off our ring; meta->tx_port is the port that they came in by. */
uint32_t pipeline_spread_in(struct worker *worker, struct rte_mbuf **pkts);

/* pipeline_count.c: a vector that is about to be sent by a port */
void pipeline_count_tx(struct worker *worker, unsigned port, const struct pkt_vec *vec);
/* The port did not take these, from an index on. */
void pipeline_count_unsent(
	struct worker *worker, unsigned port, const struct pkt_vec *drops, uint32_t from);
/* These were to leave by a port, and are its interfaces' drops. */
void pipeline_drops_output(
	struct worker *worker, unsigned port, const struct pkt_vec *drops, uint32_t from);
/* Drop a packet that came in by a port and has no metadata. */
void pipeline_drop_input(
	struct worker *worker, uint16_t port, struct rte_mbuf *pkt, enum drop_reason reason);

/* pipeline_glean.c: whether a punted packet has an adjacency by now */
bool pipeline_glean_is_over(const struct worker *worker, const struct rte_mbuf *pkt);
/* Send it by that, or have it cut before. */
void pipeline_glean_pass(struct worker *worker, struct rte_mbuf *pkt);
/* These are about to be punted; the last of them is the worker's punt number `last`. */
void pipeline_glean_note(struct worker *worker, const struct pkt_vec *punts, uint64_t last);
/* Take those off the punts that have one, and would overtake nothing that went before. */
void pipeline_glean_take(struct worker *worker);

/* NULL for PKT_IFACE_NONE. */
static inline struct iface_counters *
worker_iface_counters(const struct worker *worker, uint16_t iface)
{
	return iface < IFACE_MAX ? __atomic_load_n(&worker->iface_counters[iface], __ATOMIC_ACQUIRE)
				 : NULL;
}

/* mailbox.c */
void mailbox_run(struct worker *worker);
/* Run `msg` on the worker and wait; at once, on this thread, if the workers do not run. */
void mailbox_call(struct worker *worker, struct worker_msg *msg);

/* stack_punt.c: control's end of the punt and inject rings */
bool stack_punt_poll(struct stack *stack);
/* Give a packet to a worker; drops it, counted, if the ring is full. meta->reason: inject_kind */
void stack_inject(struct stack *stack, unsigned worker, struct rte_mbuf *pkt);
/* Drop a packet on the control thread. */
void stack_drop(struct stack *stack, struct rte_mbuf *pkt, enum drop_reason reason);

/* stack_settle.c: workers are to use a new adjacency in order */
void stack_settle_add(struct stack *stack, const struct neigh_key *key);
/* @return whether those that were new are in use now */
bool stack_settle_poll(struct stack *stack);

/* stack_neigh.c */
void stack_neigh_arp_input(struct stack *stack, struct rte_mbuf *pkt);
void stack_neigh_nd_input(struct stack *stack, struct rte_mbuf *pkt);
/* Ask for a neighbour: NEIGH_SOLICIT, NEIGH_SOLICIT_UNICAST. */
void stack_neigh_solicit(struct stack *stack, const struct neigh_action *action);
void stack_neigh_glean(struct stack *stack, struct rte_mbuf *pkt);
void stack_neigh_poll(struct stack *stack);
/* When it has something to do next; UINT64_MAX: never. */
uint64_t stack_neigh_next_ms(const struct stack *stack);
/* Forget the neighbours of an interface that goes. */
void stack_neigh_iface_gone(struct stack *stack, uint16_t iface);
/*
 * stack_neigh_route.c: host routes in the VRF of an interface that is not published yet, as the neighbours have them in
 * the VRF that it was in before; and to take these away.
 */
void stack_neigh_connect(struct stack *stack, const struct iface *iface, uint16_t before);
void stack_neigh_disconnect(struct stack *stack, uint16_t index, uint16_t vrf);
/* Routes changed: no host routes to neighbours that are not reached on their
 * interface's link any more. */
void stack_neigh_routes_check(struct stack *stack, uint16_t iface);
/* The interface on whose link the destinations of a prefix are, or IFACE_NONE: look before the
 * prefix's route changes, and if there is one check its neighbours after. */
uint16_t stack_neigh_routes_iface(
	const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix);
/* The user put the interface up or down: static neighbours have an adjacency only while it is up. */
void stack_neigh_iface_admin(struct stack *stack, const struct iface *iface);
/* The interface carries no IPv6 any more: those that were learned by it go. */
void stack_neigh_ip6_off(struct stack *stack, const struct iface *iface);

/* Solicit a neighbour that no packet waits for. */
void stack_neigh_ask(struct stack *stack, const struct neigh_key *key);

/* stack_failover.c: nexthops that go down and come up with their interface, link and neighbour */
void stack_failover_iface(struct stack *stack, const struct iface *iface);
/* A port is about to stop: have groups use others, and what is on its way to the port sent. */
void stack_failover_port_stops(struct stack *stack, const struct port *port);
/* It goes on after all. */
void stack_failover_port_goes_on(struct stack *stack, const struct port *port);
/* At each look at a port's link. */
void stack_failover_link(struct stack *stack, const struct port *port);
void stack_failover_neigh(struct stack *stack, const struct neigh_key *key);
void stack_failover_poll(struct stack *stack);
/* When it has something to do next. */
uint64_t stack_failover_next_ns(const struct stack *stack);
/* stack_neigh_announce.c: an interface came up, or got an address: its neighbours may have others */
void stack_announce_iface(struct stack *stack, const struct iface *iface);
void stack_announce_addr(
	struct stack *stack, const struct iface *iface, const struct ip_addr *addr);
void stack_announce_iface_gone(struct stack *stack, uint16_t iface);
/* stack_dad.c: whether an address is to be proven unique first */
bool stack_dad_needed(
	const struct stack *stack, const struct iface *iface, const struct ip_addr *addr);
/* Prove it, if the interface is up. */
void stack_dad_start(struct stack *stack, const struct iface *iface, const struct ip_addr *addr);
void stack_dad_iface_up(struct stack *stack, uint16_t index);
void stack_dad_iface_gone(struct stack *stack, uint16_t iface);
/* stack_neigh_anycast.c. The interface is gone; IFACE_NONE: all are */
void stack_anycast_iface_gone(struct stack *stack, uint16_t iface);
/* stack_mld.c: queries that workers punt; the interface's state or addresses changed */
void stack_mld_input(struct stack *stack, struct rte_mbuf *pkt);
void stack_mld_sync(struct stack *stack, const struct iface *iface);
void stack_mld_iface_gone(struct stack *stack, uint16_t iface);
/* stack_vrf.c: another hash policy, whose owner the VRF is then */
int stack_vrf_policy_set(
	struct stack *stack, struct stack_vrf *vrf, struct flow_policy *policy, struct error *err);
void stack_vrfs_destroy(struct stack *stack);

/* stack_autoconf.c: router advertisements that workers punt */
void stack_autoconf_input(struct stack *stack, struct rte_mbuf *pkt);
void stack_autoconf_iface_gone(struct stack *stack, uint16_t iface);
/* The interface is in another VRF than before: so are the routes that it learned. */
void stack_autoconf_vrf_changed(struct stack *stack, const struct iface *iface, uint16_t before);
/* stack_neigh_proxy.c: IFACE_NONE: of all */
void stack_proxy_iface_gone(struct stack *stack, uint16_t iface);

/* stack_glean.c: by which nexthop? @return 0, or -ENETUNREACH or -ENETDOWN: it waits for nobody any more */
int stack_glean_key(const struct stack *stack, struct rte_mbuf *pkt, struct neigh_key *key,
	uint32_t *nexthop_id);

/* stack_arping.c: look at an answer of ARP or ND, which goes on to stack_neigh.c */
void stack_arping_input(struct stack *stack, const struct rte_mbuf *pkt);

/* stack_source.c: the address to send from, by an interface, or with NULL by the route */
int stack_source(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct iface *iface, struct ip_addr *source, struct error *err);
/* The interface that a packet to `dst` leaves by; a group's first path stands for the others. */
int stack_output_iface(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct iface **iface, struct error *err);
/* The VRF in which an address of ours is: `vrf` if it has it, else another one that a route led to. */
uint16_t stack_source_vrf(const struct stack *stack, uint16_t vrf, const struct ip_addr *source);

/* stack_service.c: all of them */
void stack_services_stop(struct stack *stack);
/* stack_ephemeral.c */
int stack_ephemeral_create(struct stack *stack, struct error *err);
void stack_ephemeral_destroy(struct stack *stack);
/* stack_pmtu.c */
void stack_pmtu_input(struct stack *stack, const struct rte_mbuf *pkt);
/* stack_ping.c */
void stack_ping_input(struct stack *stack, struct rte_mbuf *pkt);
/* stack_port.c */
void stack_link_poll(struct stack *stack);
int stack_port_find(
	const struct stack *stack, const char *name, struct port **port, struct error *err);

/* stack_port_filter.c: an interface on the port, or the port itself, is not as it was */
void stack_port_groups_follow(struct stack *stack, uint16_t port);
/* Set up the queues of a stopped port as port->config says. */
int stack_port_configure(struct stack *stack, struct port *port, struct error *err);
/* Let workers poll and send on a port that was started. */
int stack_port_publish(struct stack *stack, struct port *port, struct error *err);
/* Start and publish a port that was stopped: its interface need not have noticed. */
int stack_port_resume(struct stack *stack, struct port *port, struct error *err);
/* After this no worker touches the port, and none of its packets is under way to it. */
int stack_port_withdraw(struct stack *stack, struct port *port, struct error *err);

/* stack_queue.c. A map has the worker of each rx queue; UINT_MAX: nobody polls it */
/* Where the queues of a port that comes up go: each to the worker that polls the fewest. */
void stack_rxqs_choose(const struct stack *stack, const struct port *port, unsigned *workers);
/* The same for those in use that nobody polls. */
void stack_rxqs_fill(const struct stack *stack, const struct port *port, unsigned *workers);
/* The map in force. */
void stack_rxqs_get(const struct stack *stack, const struct port *port, unsigned *workers);
/* Have workers poll and send on a port, or, without a map, no more. Nobody uses what was before. */
int stack_queues_set(
	struct stack *stack, struct port *port, const unsigned *workers, struct error *err);

/* The lists that end a pause. */
struct rxq_pause {
	struct worker_queues *queues[WORKER_MAX];
};
/* Take queues (a bit each) from their workers for a moment; what came out of them is sent. `after`:
 * the map from stack_rxqs_resume() on, which cannot fail. */
int stack_rxqs_pause(struct stack *stack, struct port *port, uint64_t paused, const unsigned *after,
	struct rxq_pause *pause, struct error *err);
void stack_rxqs_resume(struct stack *stack, const struct rxq_pause *pause);
/* Wait until what is in these queues (a bit each) by now was polled and sent. */
void stack_rxqs_drain(const struct stack *stack, const struct port *port, uint64_t queues);
/* Wait until what workers have given to others by now was sent. */
void stack_rings_drain(const struct stack *stack);

/* stack_affinity.c: where a port's RSS leads flows to. Immutable once published; read under RCU */
struct port_affinity {
	uint64_t workers; /* a bit each: some bucket leads to it */
	uint32_t bucket_count;
	uint16_t bucket_workers[PORT_RETA_MAX];
};
/* The port's queues, hash or table have changed. */
void stack_affinity_update(struct stack *stack, unsigned port);
/* For a worker. @return false: no port is better than another */
bool stack_affinity_get(
	const struct stack *stack, uint16_t port, unsigned worker, struct ephemeral_rss *rss);
void stack_affinities_destroy(struct stack *stack);

/* stack_load.c */
/* Once a second: how fast the queues' counters grow. */
void stack_rates_poll(struct stack *stack, uint64_t elapsed_ns);
/* The table goes, and what was counted by its buckets. */
void stack_buckets_remove(struct stack *stack, struct port *port);
/* stack_spread.c: software RSS by this table, which leads to workers */
int stack_spread_set(
	struct stack *stack, struct port *port, const struct port_rss *rss, struct error *err);
/* stack_flow.c: make the port's rules a table, or none, for queues that have these workers */
int stack_flow_table_set(
	struct stack *stack, struct port *port, const unsigned *workers, struct error *err);
/* Whether no rule leads to other queues than the first. */
int stack_flow_queues_check(const struct port *port, uint16_t rxq_count, struct error *err);
/* stack_rss.c: port_start(), and whether the port's hash is the flow hash */
int stack_rss_start(struct stack *stack, struct port *port, struct error *err);
/* stack_iface.c */
int stack_port_iface_add(struct stack *stack, const struct port *port, struct error *err);
void stack_port_iface_remove(struct stack *stack, const struct port *port);
/* stack_addr.c: stack_addr_add() for other origins than the user */
int stack_addr_add_as(struct stack *stack, const char *iface, const struct ip_prefix *addr,
	enum iface_addr_origin origin, struct error *err);
/* What an address may be used for has changed: its routes follow. */
void stack_addr_state_set(struct stack *stack, uint16_t iface, const struct ip_addr *addr,
	enum iface_addr_state state);
/* The routes of all addresses, in the interface's VRF: all or none. It need not be published. */
int stack_addrs_connect(struct stack *stack, const struct iface *iface, struct error *err);
void stack_addrs_disconnect(struct stack *stack, const struct iface *iface);
/* Port state or MTU changed: publish the interface's new state. */
void stack_port_iface_refresh(struct stack *stack, const struct port *port);
void stack_iface_link(const struct iface *iface, struct nexthop_link *link);
/* A copy to change, on the heap. */
int stack_iface_find_copy(
	const struct stack *stack, const char *name, struct iface **copy, struct error *err);
/* Publish a changed copy and free it; nexthops follow its MTU and MAC address. */
int stack_iface_publish(struct stack *stack, struct iface *changed, struct error *err);
/* The interface of that name, or an error that says so. */
int stack_iface_find(
	const struct stack *stack, const char *name, const struct iface **iface, struct error *err);
/* All of them, whoever gave it one. */
void stack_addrs_remove(struct stack *stack, const char *iface);
/* stack_iface_l3.c: likewise, but one that carries no IP is an error. */
int stack_iface_find_l3(
	const struct stack *stack, const char *name, const struct iface **iface, struct error *err);
/* Whether it carries IPv6: it does not while its MAC address is another's too. */
void stack_iface_ip6_set(struct stack *stack, uint16_t iface, bool on);
/* stack_route.c: static routes whose packets leave by the interface */
unsigned stack_iface_routes(const struct stack *stack, uint16_t iface);
/* Likewise, those through the VLANs on it too. */
unsigned stack_iface_routes_all(const struct stack *stack, const struct iface *iface);
/* stack_iface_stats.c: have counters for the next interface, which gets this index */
int stack_iface_counters_reserve(struct stack *stack, uint16_t index, struct error *err);
/* A VLAN goes: what its parent counted with it stays. */
void stack_iface_counters_fold(struct stack *stack, const struct iface *iface);
/* A drop on the control thread. */
void stack_iface_drop_count(struct stack *stack, uint16_t iface, enum drop_reason reason);
void stack_iface_counters_destroy(struct stack *stack);
/* stack_stats.c: drops since the stack was made */
void stack_drops_total(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT]);
/* A nexthop id was taken anew: what was counted before is not its own */
void stack_nexthop_counters_base(struct stack *stack, uint32_t id);

/* trace.c */
void trace_pick(struct worker *worker, const struct pkt_vec *vec);
void trace_stage(struct worker *worker, enum stage stage, const struct pkt_vec *vec);

#endif
