/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One worker under floods of segments, while 100 connections send to it and new ones come. Time is the
 * worker's own: so many cycles as it has used, and to the next arrival when it has nothing to do. So it
 * is as if the peers were on other machines, at the end of a link of 10 Gbit/s, and the flood beside it.
 * tcp_flood [EAL options] [-- ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_random.h>

#include "base/counter.h"
#include "tcp_peers.h"

#define STREAMS      100
#define WINDOW       32 /* segments of a stream that are not acknowledged */
#define SEGMENT      1448
#define LINK_BYTES_S 1250000000.0
#define FRAME_BYTES  (SEGMENT + 66.0 + 24.0) /* with FCS, preamble and gap */
#define NEW_PER_S    2000.0 /* connections that come beside */
#define NEW_CONNS    1000 /* places for them */
#define QUEUE        4096 /* of the port */
#define ROUND_NS     50000000ULL
#define ROUNDS       7
#define BACKLOG      128
/* Of all rounds: the last ones may be under way, behind segments of all streams. */
#define UNDER_WAY  64
#define ADDR_FLOOD 0xac100000U
/* Longer than any loop takes: then somebody else had the CPU. */
#define LOOP_CYCLES_MAX 300000ULL

enum flood {
	FLOOD_NONE,
	FLOOD_SYN,
	FLOOD_SYN_ONE,
	FLOOD_SYN_CLOSED,
	FLOOD_ACK,
	FLOOD_RST,
	FLOOD_FIN,
	FLOOD_DATA,
	FLOOD_STREAM_SYN,
	FLOOD_STREAM_RST,
	FLOOD_STREAM_DATA,
	FLOOD_COUNT
};

static const struct {
	const char *name;
	double per_s;
	uint8_t flags;
	uint16_t data;
	bool closed_port, one_source;
	bool streams; /* blindly into the connections that there are */
} floods[FLOOD_COUNT] = {
	[FLOOD_NONE] = { "none" },
	[FLOOD_SYN] = { "SYN", 1e6, TCP_SYN },
	[FLOOD_SYN_ONE] = { "SYN, of one address", 1e6, TCP_SYN, .one_source = true },
	[FLOOD_SYN_CLOSED] = { "SYN, closed port", 1e6, TCP_SYN, .closed_port = true },
	[FLOOD_ACK] = { "ACK", 1e6, TCP_ACK },
	[FLOOD_RST] = { "RST", 1e6, TCP_RST },
	[FLOOD_FIN] = { "FIN", 1e6, TCP_FIN | TCP_ACK },
	[FLOOD_DATA] = { "data", 1e6, TCP_ACK | TCP_PSH, 64 },
	[FLOOD_STREAM_SYN] = { "SYN, to the streams", 1e6, TCP_SYN, .streams = true },
	[FLOOD_STREAM_RST] = { "RST, to the streams", 1e6, TCP_RST, .streams = true },
	[FLOOD_STREAM_DATA] = { "data, to the streams", 1e6, TCP_ACK, 64, .streams = true },
};

/* ---- the application: it discards ---- */

static int
discard_start(struct sock_app *app, const void *config)
{
	const struct sock_addr local = { .port = TCP_PEERS_PORT, .iface = PKT_IFACE_NONE };
	struct sock *listener;
	int rc = sock_open(app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &listener);

	if (rc == 0)
		rc = sock_bind(listener, &local);
	return rc == 0 ? sock_listen(listener, BACKLOG) : rc;
}

static void
discard_run(struct sock *sock)
{
	struct sock_msg msgs[PKT_BURST];
	int n;

	while ((n = sock_receive_msgs(sock, msgs, PKT_BURST)) > 0) {
		for (int i = 0; i < n; i++)
			rte_pktmbuf_free(msgs[i].pkt);
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
discard_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock *sock;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) == 0) {
			discard_run(events[i].sock);
			continue;
		}
		while (sock_accept(events[i].sock, &sock) == 0)
			sock_event_again(sock, SOCK_EVENT_READABLE);
	}
}

static const struct sock_app_ops discard_ops = {
	.name = "tcp-flood",
	.start = discard_start,
	.events = discard_events,
};

/* ---- arrivals ---- */

struct arrivals {
	enum flood flood;
	uint64_t last_ns;
	double link_bytes, flood_segments, new_conns; /* that are due */
	uint32_t stream; /* whose turn it is */
	uint32_t conn; /* the next new one, from STREAMS on */
	uint32_t flood_waits; /* in the port's queue */
	uint64_t flooded, overflows, began;
	uint64_t sent; /* segments of streams */
};

/* A new one; and one that has been there for a while goes, so that there is a place when it is needed. */
static void
conn_begin(struct tcp_peers *peers, struct arrivals *arrivals)
{
	uint32_t old = STREAMS + (arrivals->conn + NEW_CONNS / 2) % NEW_CONNS;

	if (peers->conns[old].established)
		tcp_peers_send(peers, old, TCP_RST | TCP_ACK, 0);
	tcp_peers_send(peers, STREAMS + arrivals->conn, TCP_SYN, 0);
	arrivals->conn = (arrivals->conn + 1) % NEW_CONNS;
	arrivals->began++;
}

/* Streams send in turn, as far as the link and their windows let them. */
static void
streams_send(struct tcp_peers *peers, struct arrivals *arrivals)
{
	/* in_flight does not count what waits here: so all streams' windows bound that, too. */
	const uint32_t room = STREAMS * WINDOW;

	for (unsigned idle = 0; idle < STREAMS && arrivals->link_bytes >= FRAME_BYTES &&
		peers->queue_tail - peers->queue_head < room;) {
		uint32_t stream = arrivals->stream;

		arrivals->stream = (stream + 1) % STREAMS;
		if (peers->conns[stream].in_flight >= WINDOW) {
			idle++;
			continue;
		}
		idle = 0;
		arrivals->link_bytes -= FRAME_BYTES;
		arrivals->sent++;
		tcp_peers_send(peers, stream, TCP_ACK, SEGMENT);
	}
	/* Time in which no window was open is gone. */
	arrivals->link_bytes = RTE_MIN(arrivals->link_bytes, 16 * FRAME_BYTES);
}

static void
arrivals_add(struct tcp_peers *peers, struct arrivals *arrivals)
{
	double elapsed_s = (double)(peers->now_ns - arrivals->last_ns) / 1e9;
	uint32_t count;

	arrivals->last_ns = peers->now_ns;
	arrivals->link_bytes += LINK_BYTES_S * elapsed_s;
	arrivals->new_conns += NEW_PER_S * elapsed_s;
	arrivals->flood_segments += floods[arrivals->flood].per_s * elapsed_s;
	for (; arrivals->new_conns >= 1; arrivals->new_conns--)
		conn_begin(peers, arrivals);
	streams_send(peers, arrivals);
	count = (uint32_t)arrivals->flood_segments;
	arrivals->flood_segments -= count;
	arrivals->flood_waits += count;
	arrivals->flooded += count;
	if (arrivals->flood_waits > QUEUE) {
		arrivals->overflows += arrivals->flood_waits - QUEUE;
		arrivals->flood_waits = QUEUE;
	}
}

static uint32_t
flood_frame(const struct tcp_peers *peers, enum flood flood, uint8_t *frame)
{
	const uint64_t random = rte_rand();
	const struct tcp_options options = { .present = TCP_OPTION_MSS | TCP_OPTION_WSCALE |
			TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMPS,
		.mss = 1460,
		.wscale = 7,
		.ts_val = (uint32_t)random };
	const struct tcp_options none = { .present = TCP_OPTION_TIMESTAMPS,
		.ts_val = (uint32_t)(peers->now_ns / 1000000) };
	struct tcp_fields fields = {
		.src_port = (uint16_t)(random >> 40),
		.dst_port = floods[flood].closed_port ? 81 : TCP_PEERS_PORT,
		.seq = (uint32_t)rte_rand(),
		.ack = floods[flood].flags & TCP_ACK ? (uint32_t)rte_rand() : 0,
		.flags = floods[flood].flags,
		.window = 65535,
	};
	uint32_t addr = ADDR_FLOOD + (floods[flood].one_source ? 0 : random & 0xfffff);

	if (floods[flood].streams) {
		addr = TCP_PEERS_ADDR;
		fields.src_port = (uint16_t)(1024 + random % STREAMS);
	}
	return tcp_peers_frame(frame, addr, &fields,
		floods[flood].flags & TCP_SYN ? &options : &none, floods[flood].data);
}

/* When what the connections send is received, the flood is. */
static bool
flood_more(struct tcp_peers *peers, uint8_t *frame, uint32_t *length)
{
	struct arrivals *arrivals = peers->more_arg;

	if (arrivals->flood_waits == 0)
		return false;
	arrivals->flood_waits--;
	*length = flood_frame(peers, arrivals->flood, frame);
	return true;
}

/* ---- a round ---- */

struct result {
	double gbit_s, busy, cycles; /* cycles in all */
	uint64_t segments, flooded, overflows, began, established, answers;
};

static uint64_t
cycles_ns(uint64_t cycles)
{
	return (uint64_t)((double)cycles * 1e9 / (double)rte_get_tsc_hz());
}

static void
round_run(struct tcp_peers *peers, struct arrivals *arrivals, enum flood flood, uint64_t ns,
	struct result *result)
{
	const uint64_t start_ns = peers->now_ns;
	uint64_t established = peers->established, answers = peers->answers, busy = 0;

	*arrivals = (struct arrivals){ .flood = flood,
		.last_ns = start_ns,
		.conn = arrivals->conn,
		.stream = arrivals->stream };
	while (peers->now_ns - start_ns < ns) {
		uint64_t cycles;

		arrivals_add(peers, arrivals);
		if (tcp_peers_idle(peers) && arrivals->flood_waits == 0) {
			peers->now_ns += 500;
			tcp_peers_poll(peers);
			continue;
		}
		cycles = RTE_MIN(tcp_peers_poll(peers), LOOP_CYCLES_MAX);
		busy += cycles;
		peers->now_ns += cycles_ns(cycles) + 1;
	}
	*result = (struct result){
		.gbit_s = (double)arrivals->sent * SEGMENT * 8 / (double)ns,
		.busy = (double)cycles_ns(busy) / (double)(peers->now_ns - start_ns),
		.cycles = (double)busy,
		.segments = arrivals->sent,
		.flooded = arrivals->flooded,
		.overflows = arrivals->overflows,
		.began = arrivals->began,
		.established = peers->established - established,
		.answers = peers->answers - answers,
	};
}

/* ---- the report ---- */

static int
compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare_double);
	return values[count / 2];
}

static void
checks(struct tcp_peers *peers)
{
	struct tcp_counts counts;

	tcp_counts(peers->stack->workers[0]->tcp, &counts);
	if (counts.half_open > BACKLOG || counts.conns > STREAMS + NEW_CONNS + 2 * BACKLOG)
		tcp_peers_die(
			"tcp_flood: %u connections, %u half open", counts.conns, counts.half_open);
	if (peers->resets > 0)
		tcp_peers_die("tcp_flood: a connection was reset");
}

static void
established_check(uint64_t began, uint64_t established)
{
	if (established + UNDER_WAY < began)
		tcp_peers_die("tcp_flood: of %" PRIu64 " new connections %" PRIu64
			      " were established",
			began, established);
}

static void
flood_measure(struct tcp_peers *peers, struct arrivals *arrivals, enum flood flood, unsigned rounds,
	uint64_t ns)
{
	double ratio[ROUNDS], busy[ROUNDS], busy_none[ROUNDS], cycles[ROUNDS];
	struct result none = { 0 }, with = { 0 };
	uint64_t overflows = 0, began = 0, established = 0;

	for (unsigned i = 0; i < rounds; i++) {
		round_run(peers, arrivals, FLOOD_NONE, ns, &none);
		checks(peers);
		round_run(peers, arrivals, flood, ns, &with);
		checks(peers);
		ratio[i] = with.gbit_s / none.gbit_s;
		busy[i] = with.busy * 100;
		busy_none[i] = none.busy * 100;
		/* What the streams take is taken off, by their segments. */
		cycles[i] = (with.cycles -
				    none.cycles * (double)with.segments / (double)none.segments) /
			(double)(with.flooded - with.overflows);
		overflows += with.overflows;
		began += none.began + with.began;
		established += none.established + with.established;
	}
	established_check(began, established);
	qsort(ratio, rounds, sizeof(*ratio), compare_double);
	printf("%-22s %8.2f  %.2f..%.2f %8.0f %8.0f %8.0f %10" PRIu64 " %10" PRIu64 " %6" PRIu64
	       "/%" PRIu64 "\n",
		floods[flood].name, ratio[rounds / 2], ratio[0], ratio[rounds - 1],
		median(busy_none, rounds), median(busy, rounds), median(cycles, rounds),
		with.answers, overflows, established, began);
}

static void
stats_print(const struct tcp_peers *peers)
{
	const uint64_t *stats = tcp_stats(peers->stack->workers[0]->tcp);

	printf("what TCP counted:\n");
	for (unsigned i = 0; i < TCP_STAT_COUNT; i++) {
		if (counter_read(&stats[i]) > 0)
			printf("  %-22s %12" PRIu64 "\n", tcp_stat_name(i),
				counter_read(&stats[i]));
	}
}

static void
streams_open(struct tcp_peers *peers)
{
	for (uint32_t i = 0; i < STREAMS; i++)
		tcp_peers_send(peers, i, TCP_SYN, 0);
	do {
		peers->now_ns += 1000000;
		tcp_peers_poll(peers);
	} while (!tcp_peers_idle(peers));
	if (peers->established != STREAMS)
		tcp_peers_die("tcp_flood: %" PRIu64 " streams", peers->established);
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	struct arrivals arrivals = { .flood = FLOOD_NONE };
	unsigned rounds = ROUNDS;
	struct tcp_peers *peers;
	struct result warm;

	if (eal < 0)
		tcp_peers_die("tcp_flood: %s", rte_strerror(rte_errno));
	if (eal + 1 < argc)
		rounds = (unsigned)strtoul(argv[eal + 1], NULL, 10);
	if (rounds < 1 || rounds > ROUNDS)
		tcp_peers_die("tcp_flood: 1 to %u rounds", ROUNDS);
	peers = tcp_peers_create(&(struct tcp_peers_config){ .conns = STREAMS + NEW_CONNS,
		.sockets = 65536,
		.mbufs = 65536,
		.app = &discard_ops });
	peers->more = flood_more;
	peers->more_arg = &arrivals;
	streams_open(peers);
	round_run(peers, &arrivals, FLOOD_NONE, ROUND_NS, &warm);
	printf("%u streams: %.2f Gbit/s, %.0f %% of the CPU\n", STREAMS, warm.gbit_s,
		warm.busy * 100);
	printf("%-22s %20s %17s %8s %10s %10s  %s\n", "flood, 1 million a s", "streams: ratio",
		"CPU %: off   on", "cycles", "answers", "overflows", "new");
	for (enum flood flood = FLOOD_SYN; flood < FLOOD_COUNT; flood++)
		flood_measure(peers, &arrivals, flood, rounds, ROUND_NS);
	stats_print(peers);
	tcp_peers_destroy(peers);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
