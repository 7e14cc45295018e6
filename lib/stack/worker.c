/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker: its memory on its NUMA node, and the loop that takes packets through pipeline.c. */
#include "stack/worker.h"

#include <time.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "base/counter.h"
#include "wire/ip6.h"

/*
 * Punts: enough for real neighbours, little enough for the control thread. By interface half of it,
 * so that a flood on one link does not hide the neighbours on others.
 */
static const struct rate punt_rate = { .rate = 20000, .burst = 1000 };
static const struct rate punt_iface_rate = { .rate = 10000, .burst = 500 };
static const struct rate icmp_rate = { IP_ICMP_ERROR_RATE, IP_ICMP_ERROR_BURST };
static const struct rate icmp_iface_rate = { IP_ICMP_ERROR_IFACE_RATE, IP_ICMP_ERROR_IFACE_BURST };

/*
 * Adaptive polling: a worker that had nothing to do for so long sleeps, each time for so long. In time,
 * not loops: where threads share a CPU, one that waited for it without work gives it back at once.
 */
#define IDLE_NS       100000
#define IDLE_SLEEP_NS 50000

static struct rte_ring *
worker_ring(const struct worker *w, const char *what, unsigned size, unsigned flags)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "spate%u.w%u.%s", w->stack->id, w->index, what);
	return rte_ring_create(name, size, w->numa_node, flags);
}

static int
worker_create_rings(struct worker *w, struct error *err)
{
	/* Control is one thread; handoff, handover and spread rings are filled by all other workers. */
	w->mailbox = worker_ring(w, "mailbox", WORKER_MAILBOX_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
	w->inject = worker_ring(w, "inject", WORKER_INJECT_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
	w->punt = worker_ring(w, "punt", WORKER_PUNT_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
	w->handoff = worker_ring(w, "handoff", WORKER_HANDOFF_SIZE, RING_F_SC_DEQ);
	w->spread = worker_ring(w, "spread", WORKER_SPREAD_SIZE, RING_F_SC_DEQ);
	w->handover = worker_ring(w, "handover", WORKER_HANDOVER_SIZE, RING_F_SC_DEQ);
	if (w->mailbox == NULL || w->inject == NULL || w->punt == NULL || w->handoff == NULL ||
		w->spread == NULL || w->handover == NULL)
		return error_set(err, ENOMEM, "no memory for the rings of worker %u: %s", w->index,
			rte_strerror(rte_errno));
	return 0;
}

static int
worker_create_pool(struct worker *w, struct error *err)
{
	const struct stack_config *config = &w->stack->config;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "spate%u.w%u", w->stack->id, w->index);
	w->pool = rte_pktmbuf_pool_create(name, config->mbufs_per_worker, WORKER_POOL_CACHE, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, w->numa_node);
	if (w->pool == NULL)
		return error_set(err, ENOMEM,
			"no memory for %u packet buffers of worker %u (%s): give more with "
			"'eal -m MEGABYTES' or ask for fewer with 'worker mbufs N'",
			config->mbufs_per_worker, w->index, rte_strerror(rte_errno));
	return 0;
}

static int
worker_init_ip(struct worker *w, struct error *err)
{
	struct stack *stack = w->stack;
	uint32_t fragments_max =
		RTE_MIN(stack->config.mbufs_per_worker / 4, IP_REASSEMBLY_HELD_MAX);

	w->ip = (struct ip_core){
		.nexthops = nexthop_table_array(stack->nexthops),
		.vrfs = &stack->ip_vrfs,
		.ifaces = stack->ifaces,
		.toeplitz = &stack->toeplitz,
		.pmtu = &stack->pmtu,
		.pool = w->pool,
		.reassembly = ip_reassembly_create(
			fragments_max, (uint32_t)stack->ip_id_seed, w->numa_node),
	};
	if (w->ip.reassembly == NULL)
		return error_set(
			err, ENOMEM, "no memory for the reassembly of worker %u", w->index);
	ip_id_init(&w->ip.ids, stack->ip_id_seed, w->index, stack->config.worker_count);
	rate_limit_init(&w->ip.icmp_limit, icmp_rate, icmp_iface_rate, 0);
	for (unsigned i = 0; i < PUNT_REASON_COUNT; i++)
		rate_limit_init(&w->punt_limits[i], punt_rate, punt_iface_rate, 0);
	return 0;
}

/* What is known of the way to the peer of a connection that begins. */
static uint32_t
worker_path_mtu(void *arg, const struct tcp_tuple *tuple)
{
	const struct worker *w = arg;
	const struct ip_addr dst = tuple->family == IP_FAMILY_4 ? ip_addr_from4(tuple->remote)
								: ip_addr_from6(tuple->remote);
	const struct ip_path_query query = {
		.dst = &dst, .vrf = tuple->vrf, .iface = tuple->iface
	};
	struct ip_path path;

	return ip_path_find(&w->ip, &query, &path) == 0 ? path.path_mtu : IP6_MTU_MIN;
}

/* Where the answers come to that arrive by an interface. */
static bool
worker_rss(void *arg, uint16_t iface_index, struct ephemeral_rss *rss)
{
	const struct worker *w = arg;
	const struct iface *iface = iface_get(w->ip.ifaces, iface_index);

	return iface != NULL && stack_affinity_get(w->stack, iface->port, w->index, rss);
}

/*
 * All memory is taken at the start. Of what is not a connection there need not be as many as there may be
 * connections: where half-open ones end cookies begin, and the oldest in TIME-WAIT goes.
 */
static void
worker_create_tcp(struct worker *w)
{
	const struct stack *stack = w->stack;
	const uint32_t sockets = stack->config.sockets_per_worker;
	struct tcp_config config;

	tcp_config_init(&config);
	config.pool = w->pool;
	config.socket_id = w->numa_node;
	config.worker = w->index;
	config.ports = stack->tcp_ports;
	config.conns_max = sockets;
	config.peer_conns_max = stack->config.peer_conns_per_worker;
	config.names_max = RTE_MIN(sockets, WORKER_NAMES_MAX);
	config.half_open_max = RTE_MIN(sockets, WORKER_HALF_OPEN_MAX);
	config.time_wait_max = RTE_MIN(sockets, WORKER_TIME_WAIT_MAX);
	config.listeners_max = RTE_MIN(sockets, WORKER_LISTENERS_MAX);
	config.segments_max = config.send_buffers_max = stack->config.mbufs_per_worker / 4;
	config.runs_max = stack->config.mbufs_per_worker / 8;
	/* Of segments that just are not copied together half of the buffers hold so much. */
	config.received_max = stack->config.mbufs_per_worker / 2 * 256;
	config.offload = stack->tcp_offload;
	config.policy = stack->tcp_policy;
	config.secret = stack->tcp_secret;
	config.path_mtu = worker_path_mtu;
	config.path_arg = w;
	if (tcp_core_create(&config, 0, &w->tcp) < 0)
		w->tcp = NULL;
}

/* Likewise, of an association's path. */
static uint32_t
worker_sctp_path_mtu(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface)
{
	const struct worker *w = arg;
	const struct ip_path_query query = { .dst = remote, .vrf = vrf, .iface = iface };
	struct ip_path path;

	return ip_path_find(&w->ip, &query, &path) == 0 ? path.path_mtu : IP6_MTU_MIN;
}

/* The one that its interface's routes have packets come from. */
static bool
worker_sctp_path_source(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface,
	struct ip_addr *source)
{
	const struct worker *w = arg;
	const struct ip_path_query query = {
		.dst = remote, .vrf = vrf, .iface = iface, .source = true
	};
	struct ip_path path;

	if (ip_path_find(&w->ip, &query, &path) != 0)
		return false;
	*source = path.source;
	return true;
}

/* The same of its first link alone. */
static uint32_t
worker_sctp_link_mtu(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface)
{
	const struct worker *w = arg;
	const struct ip_path_query query = { .dst = remote, .vrf = vrf, .iface = iface };
	struct ip_path path;

	return ip_path_find(&w->ip, &query, &path) == 0 ? path.link_mtu : IP6_MTU_MIN;
}

/*
 * Two paths each, and four streams that are used. What few of very many associations have at a time there is
 * for a part of them: 12 more streams, notices, data that is sent or misses some, addresses that have changed,
 * streams that were reset.
 */
static void
worker_create_sctp(struct worker *w)
{
	const struct stack *stack = w->stack;
	const uint32_t assocs = stack->config.assocs_per_worker;
	const uint32_t some = RTE_MIN(assocs, RTE_MAX(assocs / 16, WORKER_ASSOCS_SOME));
	struct sctp_config config;

	sctp_config_init(&config);
	config.pool = w->pool;
	config.socket_id = w->numa_node;
	config.worker = w->index;
	config.worker_count = stack->config.worker_count;
	config.ports = stack->sctp_ports;
	config.assocs_max = assocs;
	config.paths_max = 2 * assocs;
	/* Few associations may have many streams each. */
	config.stream_blocks_max = RTE_MAX(assocs + 3 * some, stack->config.mbufs_per_worker / 8);
	config.notices_max = 4 * some;
	config.asconfs_max = config.reconfigs_max = config.gap_maps_max = some;
	config.auths_max = assocs;
	config.auth_keys_max = assocs + some;
	config.chunks_max = stack->config.mbufs_per_worker / 2;
	/* Who sends a chunk has one. */
	config.sent_blocks_max = RTE_MIN(2 * assocs, RTE_MAX(2 * some, config.chunks_max));
	/* What is longer than 512 bytes has a packet buffer of its own: a quarter of the pool. */
	config.received_max = stack->config.mbufs_per_worker / 4 * 512;
	config.listeners_max = RTE_MIN(stack->config.sockets_per_worker, WORKER_LISTENERS_MAX);
	config.secret = stack->sctp_secret;
	config.path_mtu = worker_sctp_path_mtu;
	config.path_source = worker_sctp_path_source;
	config.link_mtu = worker_sctp_link_mtu;
	config.path_arg = w;
	if (sctp_core_create(&config, 0, &w->sctp) < 0)
		w->sctp = NULL;
}

/* Packets in sockets' queues are missing elsewhere: a quarter of the pool at most. */
static int
worker_create_sockets(struct worker *w, struct error *err)
{
	struct stack *stack = w->stack;
	char name[16];
	const struct udp_config udp = {
		.name = name,
		.worker = w->index,
		.numa_node = w->numa_node,
		.sockets_max = RTE_MIN(stack->config.sockets_per_worker, WORKER_UDP_SOCKETS_MAX),
		.held_max = stack->config.mbufs_per_worker / 4,
		.rcu = stack->rcu,
		.ports = stack->udp_ports,
		.toeplitz = &stack->toeplitz,
		.pool = w->pool,
		.output = &w->output,
	};
	struct sock_config socks = {
		.worker = w->index,
		.numa_node = w->numa_node,
		.socks_max = stack->config.sockets_per_worker,
		.ip = &w->ip,
		.tcp = w->tcp,
		.sctp = w->sctp,
		.rss = worker_rss,
		.rss_arg = w,
		.output = &w->output,
		.pool = w->pool,
		.entropy = &stack->entropy,
	};

	snprintf(name, sizeof(name), "%u.%u", stack->id, w->index);
	w->udp = udp_core_create(&udp);
	socks.udp = w->udp;
	for (unsigned i = 0; i < SOCK_PROTO_COUNT; i++)
		socks.ports[i] = stack->ephemeral[i];
	w->socks = w->udp != NULL && w->tcp != NULL && w->sctp != NULL ? sock_core_create(&socks)
								       : NULL;
	if (w->socks == NULL)
		return error_set(err, ENOMEM,
			"no memory for %u sockets of worker %u, which take 1 to 2 KiB each: give more "
			"with 'eal -m MEGABYTES' or ask for fewer with 'worker sockets N'",
			stack->config.sockets_per_worker, w->index);
	return 0;
}

int
worker_create(struct stack *stack, unsigned index, struct worker **worker, struct error *err)
{
	unsigned lcore = stack->config.lcores[index];
	int numa_node = rte_lcore_to_socket_id(lcore);
	struct worker *w = rte_zmalloc_socket("worker", sizeof(*w), 64, numa_node);
	int rc;

	if (w == NULL)
		return error_set(err, ENOMEM, "no memory for worker %u", index);
	w->stack = stack;
	w->index = index;
	w->lcore = lcore;
	w->numa_node = numa_node;
	/* One clock for all: what TCP makes of it must not go back from one worker to the next. */
	w->tsc_base = index > 0 ? stack->workers[0]->tsc_base : rte_rdtsc();
	w->ns_per_tsc_32 = (1000000000ULL << 32) / rte_get_tsc_hz();
	w->queues = rte_zmalloc_socket("queues", sizeof(*w->queues), 64, numa_node);
	w->nexthop_counters = rte_zmalloc_socket("nexthop counters",
		sizeof(*w->nexthop_counters) * nexthop_table_max(stack->nexthops), 64, numa_node);
	w->trace.records = rte_zmalloc_socket(
		"trace", sizeof(*w->trace.records) * TRACE_PACKETS_MAX, 64, numa_node);
	if (w->queues == NULL || w->nexthop_counters == NULL || w->trace.records == NULL) {
		rc = error_set(err, ENOMEM, "no memory for the tables of worker %u", index);
		goto fail;
	}
	rc = worker_create_rings(w, err);
	if (rc < 0)
		goto fail;
	rc = worker_create_pool(w, err);
	if (rc < 0)
		goto fail;
	rc = worker_init_ip(w, err);
	if (rc < 0)
		goto fail;
	worker_create_tcp(w);
	worker_create_sctp(w);
	rc = worker_create_sockets(w, err);
	if (rc < 0)
		goto fail;
	pipeline_init(w);
	*worker = w;
	return 0;

fail:
	worker_destroy(w);
	return rc;
}

static void
ring_drain(struct rte_ring *ring)
{
	struct rte_mbuf *pkt;

	while (ring != NULL && rte_ring_dequeue(ring, (void **)&pkt) == 0)
		rte_pktmbuf_free(pkt);
}

void
worker_drain(struct worker *w)
{
	if (w == NULL)
		return;
	ring_drain(w->inject);
	ring_drain(w->punt);
	ring_drain(w->handoff);
	ring_drain(w->spread);
	ring_drain(w->handover);
	ip_reassembly_destroy(w->ip.reassembly);
	w->ip.reassembly = NULL;
	tcp_core_destroy(w->tcp);
	w->tcp = NULL;
	sctp_core_destroy(w->sctp);
	w->sctp = NULL;
}

void
worker_destroy(struct worker *w)
{
	if (w == NULL)
		return;
	worker_drain(w);
	rte_ring_free(w->inject);
	rte_ring_free(w->punt);
	rte_ring_free(w->handoff);
	rte_ring_free(w->spread);
	rte_ring_free(w->handover);
	rte_ring_free(w->mailbox);
	sock_core_destroy(w->socks);
	udp_core_destroy(w->udp);
	rte_mempool_free(w->pool);
	rte_free(w->trace.records);
	rte_free(w->nexthop_counters);
	for (unsigned i = 0; i < IFACE_MAX; i++)
		rte_free(w->iface_counters[i]);
	rte_free(w->queues);
	rte_free(w);
}

static bool
worker_loop(struct worker *w, uint64_t now_ns)
{
	const struct worker_queues *queues = __atomic_load_n(&w->queues, __ATOMIC_ACQUIRE);
	bool busy = false;

	w->ip.now_ns = now_ns;
	tcp_now_set(w->tcp, now_ns);
	sctp_now_set(w->sctp, now_ns);
	mailbox_run(w);
	busy |= pipeline_inject(w);
	busy |= pipeline_handoff(w);
	busy |= pipeline_reassembly(w);
	busy |= pipeline_spread(w);
	for (unsigned i = 0; i < queues->rxq_count; i++)
		busy |= pipeline_rx(w, &queues->rxqs[i]);
	busy |= pipeline_handover(w);
	busy |= pipeline_sockets(w);
	counter_add(&w->counters.loops, 1);
	if (!busy)
		counter_add(&w->counters.loops_idle, 1);
	return busy;
}

bool
worker_poll(struct worker *w, uint64_t now_ns)
{
	w->tsc = rte_rdtsc();
	return worker_loop(w, now_ns);
}

uint64_t
worker_next_event_ns(const struct worker *w)
{
	if (!rte_ring_empty(w->mailbox) || !rte_ring_empty(w->inject) ||
		!rte_ring_empty(w->handoff) || !rte_ring_empty(w->spread) ||
		!rte_ring_empty(w->handover) || pkt_queue_count(&w->output) > 0)
		return 0;
	return RTE_MIN(RTE_MIN(ip_reassembly_next_ns(&w->ip), sock_next_ns(w->socks)),
		RTE_MIN(tcp_next_ns(w->tcp), sctp_next_ns(w->sctp)));
}

/* Off the RCU while asleep, so that control does not wait for a sleeper. */
static void
worker_sleep(struct worker *w)
{
	const struct timespec nap = { .tv_nsec = IDLE_SLEEP_NS };

	counter_add(&w->counters.sleeps, 1);
	rte_rcu_qsbr_thread_offline(w->stack->rcu, w->index);
	nanosleep(&nap, NULL);
	rte_rcu_qsbr_thread_online(w->stack->rcu, w->index);
	w->tsc = rte_rdtsc();
}

/* A time stamp costs some 25 cycles: where a stage ended a loop, its stamp starts the next. */
int
worker_main(void *arg)
{
	struct worker *w = arg;
	struct stack *stack = w->stack;
	uint64_t busy_ns;

	rte_rcu_qsbr_thread_online(stack->rcu, w->index);
	w->clock_runs = true;
	w->tsc = rte_rdtsc();
	busy_ns = worker_now_ns(w);
	while (!__atomic_load_n(&stack->stop, __ATOMIC_RELAXED)) {
		uint64_t start = w->tsc, now_ns = worker_now_ns(w);
		bool busy = worker_loop(w, now_ns);

		if (!busy)
			w->tsc = rte_rdtsc();
		counter_add(
			busy ? &w->counters.cycles_busy : &w->counters.cycles_idle, w->tsc - start);
		rte_rcu_qsbr_quiescent(stack->rcu, w->index);
		if (busy)
			busy_ns = now_ns;
		else if (now_ns - busy_ns > IDLE_NS &&
			__atomic_load_n(&stack->poll_mode, __ATOMIC_RELAXED) ==
				WORKER_POLL_ADAPTIVE)
			worker_sleep(w);
	}
	rte_rcu_qsbr_thread_offline(stack->rcu, w->index);
	return 0;
}
