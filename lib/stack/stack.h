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
#include "base/siphash.h"
#include "ether/ether.h"
#include "iface/iface.h"
#include "ip/ip.h"
#include "neigh/neigh.h"
#include "pkt/pkt.h"
#include "port/port.h"
#include "route/route.h"
#include "sctp/sctp.h"
#include "sock/sock.h"
#include "tcp/tcp.h"
#include "udp/udp.h"
#include "wire/toeplitz.h"

#define WORKER_MAX 64

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
	/** Open in each worker's applications, and as many connections of TCP; 0: the default */
	uint32_t sockets_per_worker;
	/** Connections of TCP that a peer may have with a worker; 0: as many as it likes */
	uint32_t peer_conns_per_worker;
	/** Associations of SCTP of each worker; 0: the default */
	uint32_t assocs_per_worker;
	uint32_t nexthops_max;
	struct neigh_config neigh;
	struct stack_nd_config nd;
	/** 0: what is random is the system's. Else all that the stack does is determined by the
	 * seed, and by what comes in when: for simulations. */
	uint64_t seed;
};
#define STACK_MBUFS_DEFAULT    16384
#define STACK_NEXTHOPS_DEFAULT 16384
#define STACK_SOCKETS_DEFAULT  1024
#define STACK_ASSOCS_DEFAULT   256
/** Lines a second, and at once, about what routers advertise. */
#define STACK_AUTOCONF_LOG_RATE  1
#define STACK_AUTOCONF_LOG_BURST 10

/** How a worker waits when there is nothing to do. */
enum worker_poll_mode { WORKER_POLL_BUSY, WORKER_POLL_ADAPTIVE };

/** Gateways and neighbours whose adjacencies workers do not use freely yet; when there are more, all
 * are settled. */
#define STACK_SETTLING_MAX 64
struct stack_settling {
	unsigned count;
	uint64_t since_ns;
	uint64_t token; /**< of the grace period after which workers know the last one */
	struct neigh_key keys[STACK_SETTLING_MAX];
};

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
	struct port_affinity *affinities[PORT_MAX]; /**< stack_affinity.c; NULL: nothing is known */
	struct udp_ports *udp_ports; /**< which workers have sockets on which port */
	struct tcp_ports *tcp_ports; /**< likewise */
	struct sctp_ports *sctp_ports; /**< likewise */
	struct sctp_settings sctp_settings; /**< stack_sctp_settings_set() */
	struct ephemeral_policy *ephemeral[SOCK_PROTO_COUNT]; /**< stack_ephemeral.c */
	struct tcp_offload tcp_offload; /**< stack_tcp_offload_set() */
	struct tcp_policy tcp_policy; /**< stack_tcp_policy_set() */
	struct siphash_key tcp_secret; /**< of sequence numbers and cookies: one for all workers */
	struct siphash_key sctp_secret; /**< of tags and cookies: likewise */
	TAILQ_HEAD(stack_services, stack_service) services;
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
	struct nexthop_counters
		*nexthop_held; /**< [nexthops_max]: of the totals what control sent */
	uint64_t *
		nexthop_seen; /**< [nexthops_max]: packets at the last look, for neighbours in use */
	struct neigh_actions neigh_actions; /**< scratch */
	struct stack_settling settling;
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

#include "stack/stack_ephemeral.h"
#include "stack/stack_filter.h"
#include "stack/stack_iface.h"
#include "stack/stack_ping.h"
#include "stack/stack_port.h"
#include "stack/stack_route.h"
#include "stack/stack_sctp.h"
#include "stack/stack_sctp_change.h"
#include "stack/stack_service.h"
#include "stack/stack_stats.h"
#include "stack/stack_tcp.h"
#include "stack/stack_trace.h"

#endif
