/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Very many idle connections on one worker: what one takes of memory, and what the others cost those that
 * come, go and say something.
 * tcp_scale [EAL options] [-- CONNECTIONS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "base/counter.h"
#include "samples.h"
#include "tcp_peers.h"

#define CONNECTIONS 1000000
#define BATCH       PKT_BURST
#define CHURN       4096 /* connections that come and go */
#define ROUNDS      16 /* of which SAMPLES_MAX holds all */
#define REQUEST     64 /* bytes */
#define POLL_NS     20000
#define MBUFS       32768
/* Keep-alives, in the time that the clock here shows. */
#define IDLE_MS 60000

/* ---- measuring ---- */

static uint64_t
settle(struct tcp_peers *peers)
{
	uint64_t cycles = 0;

	do {
		peers->loop->now_ns += POLL_NS;
		cycles += loop_poll(peers->loop);
	} while (!tcp_peers_idle(peers));
	return cycles;
}

static void
expect(uint64_t is, uint64_t wanted, const char *what)
{
	if (is != wanted)
		loop_die("%s: %" PRIu64 " in place of %" PRIu64, what, is, wanted);
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
		samples_add(samples, settle(peers));
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
		samples_add(samples, settle(peers));
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
		samples_add(samples, settle(peers));
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
		samples_add(samples, settle(peers));
	}
	expect(peers->bytes - bytes, (uint64_t)count * REQUEST, "bytes answered");
}

/*
 * Whoever is idle is asked whether it is still there: all within a minute. @return cycles of each
 * @param longest loop, in nanoseconds that this thread had a CPU
 */
static double
keepalives(struct tcp_peers *peers, uint64_t *longest)
{
	const uint64_t *stats = tcp_stats(peers->loop->worker->tcp);
	uint64_t before = counter_read(&stats[TCP_STAT_keepalives]), cycles = 0, busy;
	uint64_t end_ns = peers->loop->now_ns + 2 * IDLE_MS * 1000000ULL;
	uint64_t sent;

	*longest = 0;
	while (peers->loop->now_ns < end_ns) {
		busy = thread_ns();
		cycles += loop_poll(peers->loop);
		*longest = RTE_MAX(*longest, thread_ns() - busy);
		/* The next loop, or when there is something to do. */
		peers->loop->now_ns = RTE_MAX(peers->loop->now_ns + POLL_NS,
			tcp_peers_idle(peers)
				? RTE_MIN(worker_next_event_ns(peers->loop->worker), end_ns)
				: 0);
	}
	sent = counter_read(&stats[TCP_STAT_keepalives]) - before;
	return sent > 0 ? (double)cycles / (double)sent : 0;
}

static struct tcp_peers *
peers_create(uint32_t conns, uint32_t sockets, uint32_t mbufs)
{
	return tcp_peers_create(conns,
		&(struct loop_config){ .sockets = sockets,
			.mbufs = mbufs,
			.app = &app_echo,
			.app_config = { SOCK_TCP, 2 * BATCH, IDLE_MS } });
}

/* What a stack for so many sockets takes: all that it will ever have. */
static uint64_t
memory_of(uint32_t sockets)
{
	uint64_t before = memory_used(), used;
	struct tcp_peers *peers = peers_create(1, sockets, 4096);

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

/* Places of a list all over the connections, in no order. */
static void
shuffle(uint32_t *list, uint32_t count, uint32_t conns)
{
	/* By a step that has no divisor with their number, so that each comes once. */
	for (uint32_t i = 0; i < count; i++)
		list[i] = (uint32_t)((uint64_t)i * 2654435761U % conns);
}

/* One stack has nothing but the active connections, the other idle ones beside. In turn. */
static void
run(uint32_t conns)
{
	uint32_t active = RTE_MAX(conns / 100, 1U), *list = calloc(active, sizeof(*list));
	struct tcp_peers *empty = peers_create(active + CHURN, active + CHURN + 1, MBUFS);
	struct tcp_peers *full = peers_create(conns + CHURN, conns + CHURN + 1, MBUFS);
	static struct figures figures[3];
	static struct samples idle;
	uint64_t longest;
	double keepalive;

	if (list == NULL)
		loop_die("no memory");
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
	samples_row("connection accepted", &figures[0].open, &figures[1].open, BATCH);
	samples_row("connection closed", &figures[0].close, &figures[1].close, BATCH);
	samples_row("request on 1 % of them", &figures[0].request, &figures[1].request, BATCH);
	printf("%-24s %16s %7.0f %7.0f\n", "idle connection closed", "",
		samples_quantile(&idle, 0.1, BATCH), samples_quantile(&idle, 0.5, BATCH));
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
		loop_die("tcp_scale: %s", rte_strerror(rte_errno));
	if (eal + 1 < argc)
		conns = (uint32_t)strtoul(argv[eal + 1], NULL, 10);
	if (conns < 100 || conns > 16 << 20)
		loop_die("tcp_scale: 100 to %u connections", 16 << 20);
	memory_print(conns);
	run(conns);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
