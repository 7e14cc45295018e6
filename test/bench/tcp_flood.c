/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker under floods of segments, while 100 connections send to it over a link of 10 Gbit/s, and new ones
 * come: flood.h says how.
 * tcp_flood [EAL options] [-- ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_random.h>

#include "base/counter.h"
#include "flood.h"
#include "tcp_peers.h"

#define STREAMS    100
#define WINDOW     32 /* segments of a stream that are not acknowledged */
#define SEGMENT    1448
#define NEW_CONNS  1000 /* places for connections that come beside */
#define BACKLOG    128
#define ADDR_FLOOD 0xac100000U

enum flood_index {
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
	uint8_t flags;
	uint16_t data;
	bool closed_port, one_source;
	bool streams; /* blindly into the connections that there are */
} floods[FLOOD_COUNT] = {
	[FLOOD_NONE] = { 0 },
	[FLOOD_SYN] = { TCP_SYN },
	[FLOOD_SYN_ONE] = { TCP_SYN, .one_source = true },
	[FLOOD_SYN_CLOSED] = { TCP_SYN, .closed_port = true },
	[FLOOD_ACK] = { TCP_ACK },
	[FLOOD_RST] = { TCP_RST },
	[FLOOD_FIN] = { TCP_FIN | TCP_ACK },
	[FLOOD_DATA] = { TCP_ACK | TCP_PSH, 64 },
	[FLOOD_STREAM_SYN] = { TCP_SYN, .streams = true },
	[FLOOD_STREAM_RST] = { TCP_RST, .streams = true },
	[FLOOD_STREAM_DATA] = { TCP_ACK, 64, .streams = true },
};

static const struct flood_kind kinds[FLOOD_COUNT] = {
	[FLOOD_NONE] = { "none", 0 },
	[FLOOD_SYN] = { "SYN", 1e6 },
	[FLOOD_SYN_ONE] = { "SYN, of one address", 1e6 },
	[FLOOD_SYN_CLOSED] = { "SYN, closed port", 1e6 },
	[FLOOD_ACK] = { "ACK", 1e6 },
	[FLOOD_RST] = { "RST", 1e6 },
	[FLOOD_FIN] = { "FIN", 1e6 },
	[FLOOD_DATA] = { "data", 1e6 },
	[FLOOD_STREAM_SYN] = { "SYN, to the streams", 1e6 },
	[FLOOD_STREAM_RST] = { "RST, to the streams", 1e6 },
	[FLOOD_STREAM_DATA] = { "data, to the streams", 1e6 },
};

/* ---- the floods ---- */

static uint32_t
flood_frame(void *arg, unsigned flood, uint8_t *frame)
{
	const struct tcp_peers *peers = arg;
	const uint64_t random = rte_rand();
	const struct tcp_options options = { .present = TCP_OPTION_MSS | TCP_OPTION_WSCALE |
			TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMPS,
		.mss = 1460,
		.wscale = 7,
		.ts_val = (uint32_t)random };
	const struct tcp_options none = { .present = TCP_OPTION_TIMESTAMPS,
		.ts_val = (uint32_t)(peers->loop->now_ns / 1000000) };
	struct tcp_fields fields = {
		.src_port = (uint16_t)(random >> 40),
		.dst_port = floods[flood].closed_port ? 81 : APP_PORT,
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

/* ---- the peers ---- */

static uint32_t
waiting(void *arg)
{
	const struct tcp_peers *peers = arg;

	return peers->queue_tail - peers->queue_head;
}

static bool
stream_send(void *arg, uint32_t stream)
{
	struct tcp_peers *peers = arg;

	if (peers->conns[stream].in_flight >= WINDOW)
		return false;
	tcp_peers_send(peers, stream, TCP_ACK, SEGMENT);
	return true;
}

static void
conn_begin(void *arg, uint32_t conn, uint32_t old)
{
	struct tcp_peers *peers = arg;

	if (peers->conns[old].established)
		tcp_peers_send(peers, old, TCP_RST | TCP_ACK, 0);
	tcp_peers_send(peers, conn, TCP_SYN, 0);
}

static bool
flood_more(struct tcp_peers *peers, uint8_t *frame, uint32_t *length)
{
	return flood_next(peers->more_arg, waiting(peers), frame, length);
}

static void
check(void *arg)
{
	struct tcp_peers *peers = arg;
	struct tcp_counts counts;

	tcp_counts(peers->loop->worker->tcp, &counts);
	if (counts.half_open > BACKLOG || counts.conns > STREAMS + NEW_CONNS + 2 * BACKLOG)
		loop_die("tcp_flood: %u connections, %u half open", counts.conns, counts.half_open);
	if (peers->resets > 0)
		loop_die("tcp_flood: a connection was reset");
}

static const struct flood_ops ops = {
	.waiting = waiting,
	.stream_send = stream_send,
	.conn_begin = conn_begin,
	.frame = flood_frame,
	.check = check,
};

/* ---- the report ---- */

static void
stats_print(const struct tcp_peers *peers)
{
	const uint64_t *stats = tcp_stats(peers->loop->worker->tcp);

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
		peers->loop->now_ns += 1000000;
		loop_poll(peers->loop);
	} while (!tcp_peers_idle(peers));
	if (peers->established != STREAMS)
		loop_die("tcp_flood: %" PRIu64 " streams", peers->established);
}

int
main(int argc, char **argv)
{
	unsigned packet_ns, rounds = flood_arguments(argc, argv, "tcp_flood", &packet_ns);
	struct tcp_peers *peers = tcp_peers_create(STREAMS + NEW_CONNS,
		&(struct loop_config){ .sockets = 65536,
			.mbufs = 65536,
			.app = &app_discard,
			.app_config = { SOCK_TCP, BACKLOG, 0 } });
	struct flood flood = { .config = {
				       .ops = &ops,
				       .arg = peers,
				       .loop = peers->loop,
				       .kinds = kinds,
				       .kind_count = FLOOD_COUNT,
				       .streams = STREAMS,
				       .conns = NEW_CONNS,
				       .data_bytes = SEGMENT,
				       /* With headers, FCS, preamble and gap. */
				       .frame_bytes = SEGMENT + 66 + 24,
				       .window = WINDOW,
				       .link_bytes_s = 1.25e9,
				       .new_per_s = 2000,
				       .round_ns = 50000000,
				       .packet_ns = packet_ns,
				       .established = &peers->established,
				       .answers = &peers->answers,
			       } };

	peers->more_arg = &flood;
	streams_open(peers);
	peers->more = flood_more;
	flood_run(&flood, rounds);
	stats_print(peers);
	tcp_peers_destroy(peers);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
