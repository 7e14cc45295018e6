/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A whole stack: shared tables, the workers that read them, and the control functions that write.
 *
 * All functions here are for the control thread, but for worker_main(). A stack is a value: several
 * can live in one process.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <sys/queue.h>

#include "base/error.h"
#include "base/entropy.h"
#include "ether/ether.h"
#include "iface/iface.h"
#include "ip/ip.h"
#include "neigh/neigh.h"
#include "pkt/pkt.h"
#include "port/port.h"
#include "route/route.h"
#include "wire/toeplitz.h"

#define WORKER_MAX        64
#define TRACE_PACKETS_MAX 250

struct worker;
struct rte_rcu_qsbr;

/** The stages of the pipeline (stage.def). */
enum stage {
#define STAGE(name) STAGE_##name,
#include "stack/stage.def"
#undef STAGE
	STAGE_COUNT
};

const char *stage_name(enum stage stage);

/* ---- the instance ---- */

#define STACK_SECRET_MAX 65
/** What the control thread says about our addresses of its own accord. */
struct stack_nd_config {
	/** Gratuitous ARPs or unsolicited advertisements for an address that is new: 2 (RFC 5227
	 * 2.3; RFC 4861 7.2.6 allows 3). 0: none. */
	uint8_t announce_count;
	/** Probes for a new IPv6 address: 1 (RFC 4862 5.1 DupAddrDetectTransmits). 0: none. */
	uint8_t dad_transmits;
	/** RFC 4862 5.4.5: no IPv6 by an interface whose link-local address is another's. */
	bool dad_disable;
	/** How often changes of our groups are reported: 2 (RFC 3810 9.1). 0: no reports. */
	uint8_t mld_robustness;
	/** For addresses that routers' prefixes ask for (RFC 7217): the user's; "": the random one. */
	char stable_secret[STACK_SECRET_MAX];
	char random_secret[STACK_SECRET_MAX]; /**< of this process; stack_create() makes it */
};
#define STACK_SECRET_MIN 16
#define STACK_ND_CONFIG_DEFAULT      \
	((struct stack_nd_config){   \
		.announce_count = 2, \
		.dad_transmits = 1,  \
		.mld_robustness = 2, \
	})
#define STACK_ANNOUNCE_MAX 3
/** Answers to solicitations that wait for their time; beyond that they do not wait. */
#define STACK_ANYCASTS_MAX 64

struct stack_config {
	unsigned worker_count;
	unsigned lcores[WORKER_MAX]; /**< DPDK lcore ids, one a worker */
	uint32_t mbufs_per_worker; /**< packet buffers in each worker's pool */
	uint32_t nexthops_max;
	struct neigh_config neigh;
	struct stack_nd_config nd;
	/** 0: what is random is the system's. Else all that the stack does is determined by the
	 * seed, and by what comes in when: for simulations. */
	uint64_t seed;
};
#define STACK_MBUFS_DEFAULT    16384
#define STACK_NEXTHOPS_DEFAULT 16384
/** Lines a second, and at once, about what routers advertise. */
#define STACK_AUTOCONF_LOG_RATE  1
#define STACK_AUTOCONF_LOG_BURST 10

/** How a worker waits when there is nothing to do. */
enum worker_poll_mode { WORKER_POLL_BUSY, WORKER_POLL_ADAPTIVE };

/** What the control thread counts of its own work on packets. */
struct control_counters {
	uint64_t received; /**< packets off the punt rings */
	uint64_t injected; /**< packets put on the inject rings, made here or held before */
	uint64_t drops[DROP_REASON_COUNT];
};

/** What is known of a port's link. */
struct stack_link {
	bool lost;
	uint64_t received; /**< packets at the last look */
	unsigned lies; /**< looks at which packets had come in though the driver says it is down */
};

/** What a worker had to do in the last second; control's. */
struct worker_load {
	uint64_t cycles_busy, cycles_idle, packets; /**< at the last look */
	double busy_percent; /**< between the last two looks; -1: it does not run */
	uint64_t packets_per_s; /**< received, and worked on by it */
};

/** What became of the control thread's ARP and ND beside lib/neigh's own counters. */
struct stack_neigh_counters {
	uint64_t unsent; /**< messages for which no packet buffer was free */
	uint64_t announced; /**< gratuitous ARP and unsolicited advertisements sent */
	uint64_t conflicts; /**< somebody else claimed an address of ours */
	uint64_t proxied; /**< answers for others */
	uint64_t mld_reports; /**< multicast listener reports sent */
	uint64_t mld_queries; /**< and queries received */
	uint64_t duplicates; /**< addresses not used, since somebody else has them */
};

struct stack {
	struct stack_config config;
	unsigned id; /**< to name DPDK objects: different for each stack of the process */
	struct entropy entropy; /**< control's */
	struct rte_rcu_qsbr *rcu; /**< every worker reports quiescent once a loop */
	struct port_table ports;
	struct iface_table *ifaces;
	struct nexthop_table *nexthops;
	struct stack_vrf *vrfs[IP_VRF_MAX]; /**< by index; the default one is always there */
	struct ip_vrf_table ip_vrfs; /**< what workers see of them */
	uint16_t vrf_last; /**< index of the last one that was made */
	struct stack_groups *groups; /**< stack_group.c */
	struct neigh_table *neighs;
	struct toeplitz toeplitz; /**< the flow hash's key; immutable */
	unsigned worker_count;
	struct worker *workers[WORKER_MAX];
	enum worker_poll_mode poll_mode; /**< atomic: written by control, read by workers */
	bool stop; /**< atomic: workers return from worker_main() */
	bool running; /**< worker threads exist */

	struct control_counters counters;
	struct stack_neigh_counters neigh_counters;
	struct stack_iface_record *iface_records[IFACE_MAX]; /**< stack_iface_stats.c */
	uint64_t drops_base[DROP_REASON_COUNT]; /**< totals at the last `drops clear` */
	struct nexthop_counters *nexthop_base; /**< [nexthops_max]: totals when the id was taken */
	uint64_t *
		nexthop_seen; /**< [nexthops_max]: packets at the last look, for neighbours in use */
	struct neigh_actions neigh_actions; /**< scratch */
	uint64_t now_ns; /**< of the last stack_poll() */
	uint64_t link_polled_ns;
	uint64_t neigh_polled_ns;
	uint64_t failed_asked_ns;
	struct stack_link links[PORT_MAX];
	uint64_t rates_polled_ns;
	struct worker_load loads[WORKER_MAX];
	uint64_t pmtu_polled_ns;
	TAILQ_HEAD(stack_autoconfs, stack_autoconf) autoconfs;
	TAILQ_HEAD(stack_autoconf_routes, stack_autoconf_route) autoconf_routes;
	uint64_t autoconf_polled_ms;
	struct token_bucket autoconf_log; /**< lines about what routers advertise */
	TAILQ_HEAD(stack_mlds, stack_mld) mlds;
	TAILQ_HEAD(stack_dads, stack_dad) dads;
	TAILQ_HEAD(stack_anycasts, stack_anycast) anycasts;
	unsigned anycast_count; /**< of these: STACK_ANYCASTS_MAX at most */
	TAILQ_HEAD(stack_announces, stack_announce) announces;
	TAILQ_HEAD(stack_proxies, stack_proxy) proxies;
	TAILQ_HEAD(stack_pings, stack_ping) pings;
	TAILQ_HEAD(stack_arpings, stack_arping) arpings;
	uint16_t ping_id; /**< of the next ping */
	struct ip_pmtu pmtu;
	uint64_t ip_id_seed; /**< random: for ip_id_init() of each worker */
};

/**
 * Make a stack with its workers, not running. EAL is initialised.
 * @return 0, -EINVAL, -ENOMEM with a sentence that says of what there was not enough
 */
int stack_create(const struct stack_config *config, struct stack **stack, struct error *err);
/** Launch worker_main() of each worker on its lcore. */
int stack_start(struct stack *stack, struct error *err);
/** Stop the workers and wait for them. Ports stay. */
void stack_stop(struct stack *stack);
/** Ports, packets, tables, workers: everything. Stopped. */
void stack_destroy(struct stack *stack);

/** A worker's life: poll until stack->stop. `worker` is a struct worker. For DPDK's launch. */
int worker_main(void *worker);
/**
 * One loop of a worker at a given time: for tests and simulations that run no worker threads.
 * @return whether it found anything to do
 */
bool worker_poll(struct worker *worker, uint64_t now_ns);

/**
 * The control thread's share: punted packets, neighbour timers, link states. Call it every
 * millisecond or so.
 * @return whether packets were handled (so that calling again soon pays)
 */
bool stack_poll(struct stack *stack, uint64_t now_ns);

/**
 * When stack_poll() has something to do next, if nothing comes in: a call before then does nothing.
 * Of the ports only their drivers know when links change: whoever drives the stack by this looks
 * at them after STACK_LINK_POLL_NS.
 * @return a time that may have passed: at once; UINT64_MAX: never
 */
uint64_t stack_next_event_ns(const struct stack *stack);
/** The same for worker_poll(): what waits on the worker's rings, and fragments that time out. */
uint64_t worker_next_event_ns(const struct worker *worker);
#define STACK_LINK_POLL_NS 100000000ULL

void stack_poll_mode_set(struct stack *stack, enum worker_poll_mode mode);

/* ---- ports and interfaces ---- */

/**
 * Open a device, set up its queues, give them to workers, make the interface of the same name, and
 * start it. Other ports carry traffic meanwhile.
 */
int stack_port_add(struct stack *stack, const struct port_ops *ops, const char *name,
	const char *args, const struct port_config *config, struct error *err);
/** Stop and close; its interface, addresses and neighbours go with it. -EBUSY: routes use it. */
int stack_port_remove(struct stack *stack, const char *name, struct error *err);
int stack_port_up(struct stack *stack, const char *name, struct error *err);
int stack_port_down(struct stack *stack, const char *name, struct error *err);
int stack_port_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err);
/** Receive what is sent to others, too: it is dropped, but captures see it. */
int stack_port_set_promiscuous(struct stack *stack, const char *name, bool on, struct error *err);
/**
 * Receive all multicast, as ports do at first, or only what the interfaces on the port listen to.
 * -ENOTSUP: the device cannot tell
 */
int stack_port_set_allmulticast(struct stack *stack, const char *name, bool on, struct error *err);
/** Change the MAC address of a port and of the interfaces on it; neighbours are told. */
int stack_port_set_mac(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
/**
 * Be reached by one more MAC address: PORT_MAC_MAX at most.
 * @return 0, -EEXIST, -EINVAL for one that no port can have, -ENOSPC, or the driver's error
 */
int stack_port_mac_add(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
int stack_port_mac_remove(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
/**
 * Change how many queues a port has. Fewer rx queues, and again as many as were set up, without loss
 * where the port has a redirection table; other changes stop the port for a moment.
 * @param txq_count 0: as it is
 */
int stack_port_set_queues(struct stack *stack, const char *name, uint16_t rxq_count,
	uint16_t txq_count, struct error *err);
/** Which worker polls an rx queue. */
unsigned stack_rxq_worker(const struct stack *stack, const struct port *port, uint16_t queue);
/** Which worker's is a tx queue; UINT_MAX: nobody's. */
unsigned stack_txq_worker(const struct stack *stack, const struct port *port, uint16_t queue);
/**
 * Give an rx queue to another worker, under traffic: it is polled by nobody until what came out of
 * it before was sent, so that nothing is lost or reordered. It stays there over down and up.
 */
int stack_rxq_set_worker(
	struct stack *stack, const char *name, uint16_t queue, unsigned worker, struct error *err);

/**
 * Change a port's RSS under traffic: nothing is lost, no flow reordered (stack_rss.c says how).
 * -ENOTSUP: the device has none.
 * @{
 */
/** @param reta as many entries as port->rss.reta_size */
int stack_rss_set_reta(
	struct stack *stack, const char *name, const uint16_t *reta, struct error *err);
/** @param length port->rss.key_length */
int stack_rss_set_key(struct stack *stack, const char *name, const uint8_t *key, unsigned length,
	struct error *err);
/** The key that makes both directions of a flow hash alike; or the flow hash's key again. */
int stack_rss_set_symmetric(
	struct stack *stack, const char *name, bool symmetric, struct error *err);
/** @param fields enum port_rss_field */
int stack_rss_set_fields(struct stack *stack, const char *name, uint32_t fields, struct error *err);
/** @} */

/**
 * Software RSS for a port without its own: whoever polls the port gives each packet to the worker
 * that its hash and a table of workers say. Then the functions above set it. -EEXIST: it has RSS.
 */
int stack_rss_set_software(struct stack *stack, const char *name, bool on, struct error *err);

/**
 * Count the packets of each bucket, in port->buckets, or no more: some cycles a packet.
 * -ENOTSUP: the port's packets carry no hash.
 */
int stack_rss_count(struct stack *stack, const char *name, bool on, struct error *err);

/**
 * Steering rules: they lead packets to a queue, or to a worker, before RSS does. By the device where
 * it can; else by whoever polls the port: then a queue stands for its worker. Under traffic nothing
 * is lost, and no flow reordered. A rule stays over down and up.
 * @{
 */
/**
 * @param rule match, priority, target, and id or PORT_FLOW_ID_ANY
 * @return 0; -EINVAL: a contradiction, or no such queue or worker; -EEXIST: there is one for the same
 *         packets, or of the id; -ENOSPC
 */
int stack_flow_add(struct stack *stack, const char *port, const struct port_flow_rule *rule,
	uint32_t *id, struct error *err);
int stack_flow_remove(struct stack *stack, const char *port, uint32_t id, struct error *err);
/** Packets that a rule has led. @return false: the device does not count them */
bool stack_flow_hits(struct port *port, const struct port_flow_rule *rule, uint64_t *packets);
/** @} */

/** Where the packets of a flow go, that come in on a port. */
struct stack_rss_way {
	bool hardware; /**< the port hashes, or does what the rule says */
	const struct port_flow_rule *rule; /**< a steering rule that decides; NULL: RSS does */
	bool hashed; /**< by the fields that are on; without any RSS: by the flow hash */
	uint32_t hash;
	unsigned bucket; /**< UINT_MAX: none, or not known */
	unsigned queue; /**< UINT_MAX: not known: the device chooses by itself */
	unsigned worker; /**< UINT_MAX: not known, or the port is down */
};
/** @param vlan of the one tag that the packets have; 0: none */
void stack_rss_predict(const struct stack *stack, const struct port *port,
	const struct ip_flow *flow, uint16_t vlan, struct stack_rss_way *way);

/** Interfaces that are added are in the default VRF. */
int stack_loopback_add(struct stack *stack, const char *name, struct error *err);
/**
 * An interface for the frames of another one that have this tag too. It has that one's MAC address,
 * is up no longer than it, and its MTU is not larger.
 */
int stack_vlan_add(struct stack *stack, const char *name, const char *parent,
	const struct vlan_tag *tag, struct error *err);
/** A loopback, or a VLAN with those on it: a port's interface goes with the port. -EBUSY: routes */
int stack_iface_remove(struct stack *stack, const char *name, struct error *err);
int stack_iface_set_admin(struct stack *stack, const char *name, bool up, struct error *err);
/**
 * Move an interface to another VRF, with its addresses and neighbours, and the routes of these.
 * -EBUSY: static routes go through it; -EEXIST: the VRF has one of its addresses or subnets
 */
int stack_iface_set_vrf(struct stack *stack, const char *name, uint16_t vrf, struct error *err);
/**
 * Let an interface carry IP, or not any more: then it has no address, no neighbours, and sends
 * nothing. VLANs on it are interfaces of their own. -EBUSY: addresses, routes
 */
int stack_iface_set_l3(struct stack *stack, const char *name, bool on, struct error *err);
int stack_iface_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err);

/**
 * With its local, connected and broadcast routes. One of IPv6 is tentative at first: not used
 * before it is known to be unique (RFC 4862 5.4).
 * @param addr with host bits: 10.0.0.1/24
 */
int stack_addr_add(
	struct stack *stack, const char *iface, const struct ip_prefix *addr, struct error *err);
int stack_addr_remove(
	struct stack *stack, const char *iface, const struct ip_prefix *addr, struct error *err);

/* ---- VRFs ---- */

#define STACK_VRF_NAME_MAX     32
#define STACK_VRF_DEFAULT_NAME "default"

/** Routes of their own, for interfaces of their own (doc/decisions/0007-vrfs.md). */
struct stack_vrf {
	uint16_t index;
	char name[STACK_VRF_NAME_MAX];
	struct route_table *routes;
	struct flow_policy *policy; /**< what a path depends on; NULL: the flow hash */
	struct neigh_key
		autoconf_router; /**< of the default route; IP_FAMILY_NONE: there is none */
	unsigned users; /**< that go on for a while: pings, loads of routes */
};

/** @return 0, -EEXIST, -EINVAL (name), -ENOSPC, -ENOMEM */
int stack_vrf_add(struct stack *stack, const char *name, struct error *err);
/** -EBUSY: interfaces or routes are in it, or routes lead there */
int stack_vrf_remove(struct stack *stack, const char *name, struct error *err);
/** Something that goes on for a while is in the VRF, which stays meanwhile. */
void stack_vrf_hold(struct stack *stack, uint16_t vrf);
void stack_vrf_release(struct stack *stack, uint16_t vrf);
/** @param name NULL: the default one */
int stack_vrf_find(const struct stack *stack, const char *name, uint16_t *vrf, struct error *err);
/** The first one at index `from` or after, or NULL. */
const struct stack_vrf *stack_vrf_next(const struct stack *stack, unsigned from);
/** Of a VRF that is there. */
static inline struct route_table *
stack_routes(const struct stack *stack, uint16_t vrf)
{
	return stack->vrfs[vrf]->routes;
}

/* ---- routes ---- */

struct stack_path {
	struct ip_addr gateway;
	char iface[IFACE_NAME_MAX]; /**< "": where the gateway's subnet is connected */
	uint32_t weight; /**< 1 if not said */
	/** The gateway is found through another route, now or once there is one. Without an
	 * interface a gateway that such a route leads to is taken for one. */
	bool recursive;
	bool leaked; /**< the gateway is in another VRF than the route: in `vrf` */
	uint16_t vrf;
};

enum stack_route_type {
	STACK_ROUTE_VIA,
	STACK_ROUTE_DEV,
	STACK_ROUTE_BLACKHOLE,
	STACK_ROUTE_UNREACHABLE,
	STACK_ROUTE_PROHIBIT
};

/** A static route as a user says it. */
struct stack_route {
	uint16_t vrf;
	struct ip_prefix prefix;
	uint32_t metric; /**< of several routes for one prefix the lowest is in use */
	enum stack_route_type type;
	bool counted; /**< STACK_ROUTE_VIA: nexthops of its own, so that their counters are its own */
	char iface[IFACE_NAME_MAX]; /**< STACK_ROUTE_DEV */
	bool leaked; /**< STACK_ROUTE_DEV: it is in another VRF than the route: in nexthop_vrf */
	uint16_t nexthop_vrf;
	uint32_t path_count; /**< STACK_ROUTE_VIA: 1 or more */
	struct stack_path paths[NEXTHOP_PATHS_MAX];
};

/** Add a static route; `replace`: or change the one that is there of its metric, without a moment
 * without. */
int stack_route_add(
	struct stack *stack, const struct stack_route *route, bool replace, struct error *err);
/** The one in use. */
int stack_route_remove(
	struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix, struct error *err);
int stack_route_remove_metric(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix,
	uint32_t metric, struct error *err);
/** Whether a route's nexthop is its own, as it is of a route that is `counted`. */
bool stack_route_is_counted(const struct stack *stack, uint32_t nexthop);
/**
 * What was said of a group, each path with its VRF, and its interface or recursive; NULL: it is no
 * group.
 */
const struct stack_path *stack_route_paths(
	const struct stack *stack, uint32_t nexthop, uint32_t *count);

/** The way that packets to an address, or of a flow, take. */
struct stack_way {
	struct route route; /**< longest match; valid if `found` */
	bool found;
	uint32_t nexthop; /**< after the group's choice */
	bool chosen; /**< a group chose it by `hash` */
	uint32_t hash;
};
/** @param flow NULL: no flow given, a group stays a group */
void stack_route_get(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct ip_flow *flow, struct stack_way *way);

/** What the path of a packet in a group depends on. @param policy NULL: the flow hash */
int stack_multipath_set(
	struct stack *stack, uint16_t vrf, const struct flow_policy *policy, struct error *err);

/* ---- neighbours ---- */

int stack_neigh_add(struct stack *stack, const char *iface, const struct ip_addr *addr,
	const struct mac_addr *mac, struct error *err);
int stack_neigh_remove(
	struct stack *stack, const char *iface, const struct ip_addr *addr, struct error *err);
/** @param iface "": all */
int stack_neigh_flush(struct stack *stack, const char *iface, struct error *err);

/** Somebody behind another interface for whom we answer on this one: RFC 1027, 4861 7.2.8. */
struct stack_proxy {
	TAILQ_ENTRY(stack_proxy) entry;
	struct ip_prefix prefix;
	uint16_t iface;
};
#define STACK_PROXIES_MAX 1024
/** @return 0, -EEXIST, -EINVAL, -ENOENT (interface), -ENOSPC, -ENOMEM */
int stack_proxy_add(
	struct stack *stack, const char *iface, const struct ip_prefix *prefix, struct error *err);
int stack_proxy_remove(
	struct stack *stack, const char *iface, const struct ip_prefix *prefix, struct error *err);

struct autoconf_host;
struct autoconf_route;
/**
 * Whether an interface configures itself by router advertisements (RFC 4861 6.3, 4862 5.5). What
 * was learned goes when it is told not to any more.
 * @return 0, -ENOENT, -EINVAL (a loopback), -ENOMEM
 */
int stack_autoconf_set(struct stack *stack, const char *iface, bool accept, struct error *err);
/** What it learned (autoconf/autoconf.h), or NULL if it is not to learn any. */
const struct autoconf_host *stack_autoconf_show(const struct stack *stack, uint16_t iface);
/** Whether a route that it learned is the one of its prefix that packets take. */
bool stack_autoconf_route_used(
	const struct stack *stack, const struct iface *iface, const struct autoconf_route *route);

/** The groups that an interface listens to: RFC 3810. */
struct stack_mld_info {
	uint8_t version; /**< 1 while a querier of that version is present */
	uint8_t robustness; /**< ours, or the querier's */
	unsigned count;
	struct ip_addr groups[2 * IFACE_ADDR_MAX + 4];
};
/** @return whether the interface reports any */
bool stack_mld_show(const struct stack *stack, uint16_t iface, struct stack_mld_info *info);
/** Start over on all interfaces with another robustness; 0: be silent. */
void stack_mld_set(struct stack *stack, uint8_t robustness);

/* ---- ping ---- */

struct stack_ping_config {
	uint16_t vrf; /**< with an interface: that one's, whatever this says */
	struct ip_addr dst;
	struct ip_addr source; /**< one of ours; family IP_FAMILY_NONE: the output interface's */
	char iface[IFACE_NAME_MAX]; /**< for a link-local destination; "" otherwise */
	uint16_t size_bytes; /**< of data: 65507, by IPv6 65527 at most */
	uint8_t ttl; /**< 0: the default */
	bool df; /**< not to be fragmented, neither here nor on the way */
};

/** An answer to a ping: a reply, or an error from somebody on the way. */
struct stack_ping_answer {
	struct ip_addr from;
	uint16_t sequence;
	uint16_t size_bytes; /**< of the ICMP message */
	uint8_t ttl;
	uint8_t type, code; /**< of ICMP or ICMPv6 */
	uint64_t rtt_ns;
};

struct stack_ping;
/** @param answered called from stack_poll() */
int stack_ping_create(struct stack *stack, const struct stack_ping_config *config,
	void (*answered)(void *arg, const struct stack_ping_answer *answer), void *arg,
	struct stack_ping **ping, struct error *err);
/** @return 0, -EMSGSIZE (not to be fragmented, and larger than the way is known to carry), -ENOBUFS */
int stack_ping_send(
	struct stack *stack, struct stack_ping *ping, uint16_t sequence, struct error *err);
/** For the next one that is sent: traceroute counts it up. */
void stack_ping_set_ttl(struct stack_ping *ping, uint8_t ttl);
void stack_ping_destroy(struct stack *stack, struct stack_ping *ping);

/* ---- arping, ndping ---- */

/** A neighbour says that it has the address. */
struct stack_arping_answer {
	struct mac_addr mac;
	uint64_t rtt_ns; /**< since the last question */
};

struct stack_arping;
/**
 * Ask an interface's link for an address, by ARP or ND.
 * @param answered called from stack_poll(), once an answer: of several, somebody lies
 */
int stack_arping_create(struct stack *stack, const char *iface, const struct ip_addr *dst,
	void (*answered)(void *arg, const struct stack_arping_answer *answer), void *arg,
	struct stack_arping **arping, struct error *err);
void stack_arping_send(struct stack *stack, struct stack_arping *arping);
void stack_arping_destroy(struct stack *stack, struct stack_arping *arping);

/* ---- statistics: sums over the workers' counters, read without stopping them ---- */

struct stage_stats {
	uint64_t packets, vectors, cycles;
};

/**
 * Packets in = packets out: rx + originated + injected + split = tx + delivered + punted + dropped +
 * merged + held, and
 * rx = forwarded + delivered + (punted - punted_own) + (dropped - dropped_own) + merged + held.
 */
struct flow_stats {
	uint64_t rx, originated, injected;
	uint64_t split; /**< fragments made, less the packets that they were */
	uint64_t tx, delivered, punted, dropped;
	uint64_t merged; /**< fragments, less the packets that they became */
	uint64_t held; /**< fragments that wait for others now */
	uint64_t forwarded; /**< sent, or handed off to be: packets that came from a port */
	uint64_t
		dropped_own; /**< of dropped: packets made here, or injected, and what was split off */
	uint64_t punted_own; /**< of punted: likewise */
	uint64_t in_transit; /**< on handoff rings */
};

struct worker_stats {
	unsigned lcore;
	int numa_node;
	int cpu; /**< -1: not pinned to one */
	unsigned rxqs;
	uint64_t loops, loops_idle, sleeps;
	uint64_t cycles_busy, cycles_idle;
	struct flow_stats flow;
	struct ip_counters ip;
};
/** @param worker index, or worker_count for the sum of all */
void stack_worker_stats(const struct stack *stack, unsigned worker, struct worker_stats *stats);
void stack_stage_stats(
	const struct stack *stack, unsigned worker, struct stage_stats stats[STAGE_COUNT]);
void stack_stage_clear(struct stack *stack);
/** Workers' and control's drops since the last clear. */
void stack_drops(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT]);
void stack_drops_clear(struct stack *stack);

/** What an interface sent or received: packets = unicast + multicast + broadcast. */
struct stack_iface_way {
	uint64_t packets, bytes, unicast, multicast, broadcast;
};
/** The sum of the ports' interfaces is what `struct flow_stats` has as rx and tx. */
struct stack_iface_stats {
	struct stack_iface_way rx, tx; /**< those of the VLANs on it included */
	bool has_port; /**< `port` is what its device counts */
	struct port_stats port;
	/** By itself: of packets that came in by it, and of those that were to leave by it. */
	uint64_t drops[DROP_REASON_COUNT];
};
void stack_iface_stats(
	const struct stack *stack, const struct iface *iface, struct stack_iface_stats *stats);
/** Of packets made here, or of interfaces that are gone: with those of all interfaces, the sum of
 * all drops since the stack was made. */
void stack_drops_elsewhere(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT]);
/** What went to a nexthop since it exists or the last clear; to all paths of a group. */
void stack_nexthop_counters(const struct stack *stack, uint32_t id, struct nexthop_counters *sum);
void stack_nexthop_clear(struct stack *stack);

struct ring_stats {
	char name[16];
	unsigned worker;
	uint32_t size, depth, high; /**< high-water mark */
	uint64_t enqueued, drops;
};
#define STACK_RINGS_PER_WORKER 5
/** @param ring 0 .. STACK_RINGS_PER_WORKER - 1: mailbox, inject, punt, handoff, spread */
void stack_ring_stats(
	const struct stack *stack, unsigned worker, unsigned ring, struct ring_stats *stats);

struct pool_stats {
	uint32_t size, available;
	int numa_node;
	uint64_t bytes;
};
void stack_pool_stats(const struct stack *stack, unsigned worker, struct pool_stats *stats);

/* ---- packet traces ---- */

#define TRACE_VRF_ANY UINT16_MAX
/** Which packets to trace; zero fields match all. */
struct trace_filter {
	uint16_t iface; /**< IFACE_NONE: any */
	uint16_t vrf; /**< TRACE_VRF_ANY: any */
	uint8_t proto; /**< IANA number */
	struct ip_prefix src, dst; /**< family IP_FAMILY_NONE: any */
};

#define TRACE_STEPS_MAX 16
#define TRACE_BYTES_MAX 96

struct trace_step {
	uint8_t stage;
	uint8_t reason; /**< of drop and punt */
	uint16_t tx_port;
	uint32_t nexthop;
	uint32_t cycles; /**< since the first step */
};

struct trace_record {
	uint64_t start_tsc;
	uint16_t iface, vrf; /**< as it came in */
	uint16_t length; /**< of the packet */
	uint8_t worker;
	uint8_t step_count;
	bool finished; /**< left by tx, drop or punt */
	uint8_t byte_count;
	struct trace_step steps[TRACE_STEPS_MAX];
	uint8_t bytes[TRACE_BYTES_MAX]; /**< as it came in */
};

/** Trace the next `count` packets that match, on each worker. -ENOSPC above TRACE_PACKETS_MAX. */
int stack_trace_add(
	struct stack *stack, unsigned count, const struct trace_filter *filter, struct error *err);
/** Copy what was traced. @return records written, at most `max` */
unsigned stack_trace_get(struct stack *stack, struct trace_record *records, unsigned max);
void stack_trace_clear(struct stack *stack);

#endif
