/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Very many idle connections on one worker: what one takes of memory, and what the others cost those that
 * come, go and say something.
 * tcp_scale [EAL options] [-- CONNECTIONS]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "base/counter.h"
#include "tcp_peers.h"

#define CONNECTIONS 1000000
#define BATCH       PKT_BURST
#define CHURN       4096 /* connections that come and go */
#define ROUNDS      16
#define REQUEST     64 /* bytes */
#define POLL_NS     20000
/* Keep-alives, in the time that the clock here shows. */
#define IDLE_MS 60000

/* ---- the application: an echo that keeps nothing ---- */

static int
echo_start(struct sock_app *app, const void *config)
{
	const struct sock_addr local = { .port = TCP_PEERS_PORT, .iface = PKT_IFACE_NONE };
	struct sock *listener;
	int rc = sock_open(app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &listener);

	if (rc == 0)
		rc = sock_option_set(listener, SOCK_OPT_KEEPALIVE_IDLE, IDLE_MS);
	if (rc == 0)
		rc = sock_option_set(listener, SOCK_OPT_KEEPALIVE, 1);
	if (rc == 0)
		rc = sock_bind(listener, &local);
	return rc == 0 ? sock_listen(listener, 2 * BATCH) : rc;
}

static void
echo_run(struct sock *sock)
{
	struct sock_msg msg;
	int n;

	while ((n = sock_receive_msgs(sock, &msg, 1)) > 0) {
		if (sock_send_msgs(sock, &msg, 1) != 1)
			tcp_peers_die("the echo does not take a request");
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock *sock;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) == 0) {
			echo_run(events[i].sock);
			continue;
		}
		while (sock_accept(events[i].sock, &sock) == 0)
			;
	}
}

static const struct sock_app_ops echo_ops = {
	.name = "tcp-scale",
	.start = echo_start,
	.events = echo_events,
};

/* ---- measuring ---- */

/* Cycles of batches, of which the median counts: what others do on the machine falls out. */
struct samples {
	uint32_t count;
	uint64_t cycles[ROUNDS * CHURN / BATCH];
};

static void
sample_add(struct samples *samples, uint64_t cycles)
{
	if (samples->count < RTE_DIM(samples->cycles))
		samples->cycles[samples->count++] = cycles;
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The value below which a part of them is, for one of a batch. */
static double
sample_quantile(struct samples *samples, double part)
{
	qsort(samples->cycles, samples->count, sizeof(samples->cycles[0]), compare_u64);
	return samples->count > 0
		? (double)samples->cycles[(uint32_t)(samples->count * part)] / BATCH
		: 0;
}

static uint64_t
settle(struct tcp_peers *peers)
{
	uint64_t cycles = 0;

	do {
		peers->now_ns += POLL_NS;
		cycles += tcp_peers_poll(peers);
	} while (!tcp_peers_idle(peers));
	return cycles;
}

static void
expect(uint64_t is, uint64_t wanted, const char *what)
{
	if (is != wanted)
		tcp_peers_die("%s: %" PRIu64 " in place of %" PRIu64, what, is, wanted);
}

/* ---- what is measured ---- */

/* Connections `from` to `from + count`, one after the other. */
static void
open_conns(struct tcp_peers *peers, uint32_t from, uint32_t count, struct samples *samples)
{
	uint64_t established = peers->established;

	for (uint32_t i = 0; i < count; i += BATCH) {
		for (uint32_t j = i; j < RTE_MIN(i + BATCH, count); j++)
			tcp_peers_send(peers, from + j, TCP_SYN, 0);
		sample_add(samples, settle(peers));
	}
	expect(peers->established - established, count, "connections");
}

static void
close_conns(struct tcp_peers *peers, uint32_t from, uint32_t count, struct samples *samples)
{
	uint64_t ended = peers->ended;

	for (uint32_t i = 0; i < count; i += BATCH) {
		for (uint32_t j = i; j < RTE_MIN(i + BATCH, count); j++)
			tcp_peers_send(peers, from + j, TCP_FIN | TCP_ACK, 0);
		sample_add(samples, settle(peers));
	}
	expect(peers->ended - ended, count, "connections that ended");
}

static void
close_list(struct tcp_peers *peers, const uint32_t *conns, uint32_t count, struct samples *samples)
{
	uint64_t ended = peers->ended;

	for (uint32_t i = 0; i < count; i += BATCH) {
		for (uint32_t j = i; j < RTE_MIN(i + BATCH, count); j++)
			tcp_peers_send(peers, conns[j], TCP_FIN | TCP_ACK, 0);
		sample_add(samples, settle(peers));
	}
	expect(peers->ended - ended, count, "connections that ended");
}

/* Of the stack without other connections, and of the one with them. */
struct figures {
	struct samples open, close, request;
};

static void
churn(struct tcp_peers *peers, uint32_t from, struct figures *figures)
{
	open_conns(peers, from, CHURN, &figures->open);
	close_conns(peers, from, CHURN, &figures->close);
}

/* A request and its answer on each connection of a list, in turn. */
static void
requests(struct tcp_peers *peers, const uint32_t *conns, uint32_t count, struct samples *samples)
{
	uint64_t bytes = peers->bytes;

	for (uint32_t i = 0; i < count; i += BATCH) {
		for (uint32_t j = i; j < RTE_MIN(i + BATCH, count); j++)
			tcp_peers_send(peers, conns[j], TCP_ACK | TCP_PSH, REQUEST);
		sample_add(samples, settle(peers));
	}
	expect(peers->bytes - bytes, (uint64_t)count * REQUEST, "bytes answered");
}

static uint64_t
thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * Whoever is idle is asked whether it is still there: all within a minute. @return cycles of each
 * @param longest loop, in nanoseconds that this thread had a CPU
 */
static double
keepalives(struct tcp_peers *peers, uint64_t *longest)
{
	const uint64_t *stats = tcp_stats(peers->stack->workers[0]->tcp);
	uint64_t before = counter_read(&stats[TCP_STAT_keepalives]), cycles = 0, busy;
	uint64_t end_ns = peers->now_ns + 2 * IDLE_MS * 1000000ULL;
	uint64_t sent;

	*longest = 0;
	while (peers->now_ns < end_ns) {
		busy = thread_ns();
		cycles += tcp_peers_poll(peers);
		*longest = RTE_MAX(*longest, thread_ns() - busy);
		/* The next loop, or when there is something to do. */
		peers->now_ns = RTE_MAX(peers->now_ns + POLL_NS,
			tcp_peers_idle(peers)
				? RTE_MIN(worker_next_event_ns(peers->stack->workers[0]), end_ns)
				: 0);
	}
	sent = counter_read(&stats[TCP_STAT_keepalives]) - before;
	return sent > 0 ? (double)cycles / (double)sent : 0;
}

/* Memory of DPDK's heaps and the C library's, bytes. */
static uint64_t
memory_used(void)
{
	struct mallinfo2 info = mallinfo2();
	struct rte_malloc_socket_stats stats;
	uint64_t used = info.uordblks + info.hblkhd;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++) {
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			used += stats.heap_allocsz_bytes;
	}
	return used;
}

/* What a stack for so many sockets takes: all that it will ever have. */
static uint64_t
memory_of(uint32_t sockets)
{
	struct tcp_peers_config config = {
		.conns = 1, .sockets = sockets, .mbufs = 4096, .app = &echo_ops
	};
	uint64_t before = memory_used(), used;
	struct tcp_peers *peers = tcp_peers_create(&config);

	used = memory_used() - before;
	tcp_peers_destroy(peers);
	return used;
}

/* Beside sockets there are half-open connections, those in TIME-WAIT and so on: up to so many sockets, as many. */
#define OTHERS_MAX 65536

static void
memory_print(uint32_t conns)
{
	uint64_t small = memory_of(1024), others = memory_of(OTHERS_MAX),
		 large = memory_of(OTHERS_MAX + conns);

	printf("a connection takes %.1f bytes; with what sockets have beside them %.1f\n",
		(double)(large - others) / conns,
		(double)(large - small) / (conns + OTHERS_MAX - 1024));
}

static void
row_print(const char *what, struct samples *empty, struct samples *full)
{
	double e10 = sample_quantile(empty, 0.1), e50 = sample_quantile(empty, 0.5);
	double f10 = sample_quantile(full, 0.1), f50 = sample_quantile(full, 0.5);

	printf("%-24s %7.0f %7.0f  %7.0f %7.0f  %6.2f %6.2f\n", what, e10, e50, f10, f50, f10 / e10,
		f50 / e50);
}

/* Places of a list all over the connections, in no order. */
static void
shuffle(uint32_t *list, uint32_t count, uint32_t conns)
{
	/* By a step that has no divisor with their number, so that each comes once. */
	for (uint32_t i = 0; i < count; i++)
		list[i] = (uint32_t)((uint64_t)i * 2654435761U % conns);
}

static struct tcp_peers *
peers_create(uint32_t conns)
{
	return tcp_peers_create(&(struct tcp_peers_config){ .conns = conns + CHURN,
		.sockets = conns + CHURN + 1,
		.mbufs = 32768,
		.app = &echo_ops });
}

/* One stack has nothing but the active connections, the other idle ones beside. In turn. */
static void
run(uint32_t conns)
{
	uint32_t active = RTE_MAX(conns / 100, 1U), *list = calloc(active, sizeof(*list));
	struct tcp_peers *empty = peers_create(active), *full = peers_create(conns);
	static struct figures figures[3];
	static struct samples idle;
	uint64_t longest;
	double keepalive;

	if (list == NULL)
		tcp_peers_die("no memory");
	open_conns(full, 0, conns, &figures[2].open);
	/* The first round is not counted: it touches memory. */
	for (unsigned round = 0; round <= ROUNDS; round++) {
		churn(empty, active, &figures[round == 0 ? 2 : 0]);
		churn(full, conns, &figures[round == 0 ? 2 : 1]);
	}
	open_conns(empty, 0, active, &figures[2].open);
	for (unsigned round = 0; round <= ROUNDS; round++) {
		shuffle(list, active, active);
		requests(empty, list, active, &figures[round == 0 ? 2 : 0].request);
		shuffle(list, active, conns);
		requests(full, list, active, &figures[round == 0 ? 2 : 1].request);
	}
	keepalive = keepalives(full, &longest);
	close_list(full, list, active, &idle);
	expect(full->resets + empty->resets, 0, "resets");

	printf("cycles of the worker   without %u idle: 10 %%, median    with: 10 %%, median    ratios\n",
		conns);
	row_print("connection accepted", &figures[0].open, &figures[1].open);
	row_print("connection closed", &figures[0].close, &figures[1].close);
	row_print("request on 1 % of them", &figures[0].request, &figures[1].request);
	printf("%-24s %16s %7.0f %7.0f\n", "idle connection closed", "",
		sample_quantile(&idle, 0.1), sample_quantile(&idle, 0.5));
	printf("%-24s %16s %15.0f   longest loop %.0f us\n", "keep-alive", "", keepalive,
		(double)longest / 1000);
	free(list);
	tcp_peers_destroy(full);
	tcp_peers_destroy(empty);
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	uint32_t conns = CONNECTIONS;

	if (eal < 0)
		tcp_peers_die("tcp_scale: %s", rte_strerror(rte_errno));
	if (eal + 1 < argc)
		conns = (uint32_t)strtoul(argv[eal + 1], NULL, 10);
	if (conns < 100 || conns > 16 << 20)
		tcp_peers_die("tcp_scale: 100 to %u connections", 16 << 20);
	memory_print(conns);
	run(conns);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
