/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server under a flood of SYNs, while 100 streams come to it from a client that is a stack as well, and
 * connections come and go. On three CPUs, as it were: client and server each have a clock of their own, which
 * goes on by the cycles that they have used; the flood takes none of either.
 * tcp_flood_pair [EAL options] [-- ROUNDS [NANOSECONDS OF A PACKET]]
 *
 *     client -> 10 Gbit/s, 10 us -> server <- 10 Gbit/s <- SYNs, one million a second
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_random.h>

#include "flood.h"
#include "samples.h"
#include "tcp_peers.h"

#define STREAMS    100
#define COMERS     16 /* connections that come and go, at a time */
#define QUEUE      4096 /* frames of a link, of which the flood fills no more */
#define FRAME_MAX  1600
#define LINK_NS    10000ULL
#define BYTES_S    1.25e9
#define FRAME_GAP  24 /* FCS, preamble and gap */
#define SYNS_S     1e6
#define ROUND_NS   100000000ULL
#define IDLE_NS    500
#define LOOP_MAX   300000ULL /* cycles: then somebody else had the CPU */
#define BACKLOG    128
#define ADDR_FLOOD 0xac100000U
#define SEND_BYTES 65536
/* Of a stream: what all of them have in flight fills no queue. */
#define SEND_BUFFER 40000

/* ---- the client's application ---- */

struct client {
	uint64_t connected, failed; /* comers */
	struct sock *streams[STREAMS];
};

static void
client_connect(struct sock_app *app, struct sock **stream)
{
	const struct sock_addr server = { .addr = { .family = IP_FAMILY_4,
						  .bytes = { 10, 0, 0, 1 } },
		.port = APP_PORT,
		.iface = PKT_IFACE_NONE };
	struct sock *sock;
	int rc = sock_open(app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &sock);

	if (rc == 0) {
		sock_user_set(sock, stream);
		sock_option_set(sock, SOCK_OPT_SEND_BUFFER, SEND_BUFFER);
		rc = sock_connect(sock, &server);
	}
	if (rc < 0 && rc != -EINPROGRESS)
		loop_die("tcp_flood_pair: connect: %s", strerror(-rc));
	if (stream != NULL)
		*stream = sock;
}

static int
client_start(struct sock_app *app, const void *config)
{
	struct client *client = app->state;

	for (unsigned i = 0; i < STREAMS; i++)
		client_connect(app, &client->streams[i]);
	for (unsigned i = 0; i < COMERS; i++)
		client_connect(app, NULL);
	return 0;
}

static void
client_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	static const uint8_t data[SEND_BYTES];
	struct client *client = app->state;

	for (unsigned i = 0; i < count; i++) {
		struct sock *sock = events[i].sock;

		if (sock == NULL)
			continue;
		if (events[i].events & (SOCK_EVENT_ERROR | SOCK_EVENT_CLOSED)) {
			client->failed++;
			sock_close(sock);
		} else if (events[i].user != NULL) {
			while (sock_send(sock, data, sizeof(data), NULL) > 0)
				;
			continue;
		} else if (events[i].events & SOCK_EVENT_WRITABLE) {
			client->connected++;
			sock_close(sock);
		} else {
			continue;
		}
		client_connect(app, events[i].user);
	}
}

static const struct sock_app_ops client_ops = {
	.name = "bench-blast",
	.start = client_start,
	.events = client_events,
};

/* ---- a link: one way ---- */

struct link_frame {
	uint64_t due_ns;
	uint32_t length;
	uint8_t bytes[FRAME_MAX];
};

struct link {
	struct link_frame *frames; /* [QUEUE] */
	uint32_t head, tail;
	uint64_t free_ns; /* when it has sent what it was given */
	uint64_t lost;
};

static void
link_send(struct link *link, uint64_t now_ns, const struct rte_mbuf *pkt)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct link_frame *frame = &link->frames[link->tail % QUEUE];

	if (link->tail - link->head == QUEUE || pkt->pkt_len > FRAME_MAX) {
		link->lost++;
		return;
	}
	link->free_ns = RTE_MAX(link->free_ns, now_ns) +
		(uint64_t)((pkt->pkt_len + FRAME_GAP) * 1e9 / BYTES_S);
	frame->due_ns = link->free_ns + LINK_NS;
	frame->length = pkt->pkt_len;
	for (uint32_t at = 0; pkt != NULL; at += pkt->data_len, pkt = pkt->next)
		memcpy(frame->bytes + at, rte_pktmbuf_mtod(pkt, const void *), pkt->data_len);
	/* Both stacks' ports have the same. */
	memcpy(frame->bytes, mac, sizeof(mac));
	link->tail++;
}

static uint32_t
link_waiting(const struct link *link, uint64_t now_ns)
{
	uint32_t waiting = link->tail - link->head;

	/* They are due in order. */
	if (waiting == 0 || link->frames[link->head % QUEUE].due_ns > now_ns)
		return 0;
	return waiting;
}

static bool
link_receive(struct link *link, uint64_t now_ns, uint8_t *frame, uint32_t *length)
{
	const struct link_frame *first = &link->frames[link->head % QUEUE];

	if (link_waiting(link, now_ns) == 0)
		return false;
	*length = first->length;
	memcpy(frame, first->bytes, first->length);
	link->head++;
	return true;
}

/* ---- both ends ---- */

struct end {
	struct loop *loop;
	struct link *in, *out;
	struct pair *pair;
	uint64_t busy_ns, polled;
};

struct pair {
	struct end client, server;
	struct link links[2];
	struct client app;
	bool flooding;
	double syns; /* that are due */
	uint64_t syns_ns; /* up to when */
	uint32_t syns_wait, turn;
	uint64_t flooded, overflows, answers;
	unsigned packet_ns;
};

static uint32_t
syn_frame(uint8_t *frame)
{
	const uint64_t random = rte_rand();
	const struct tcp_options options = { .present = TCP_OPTION_MSS | TCP_OPTION_WSCALE |
			TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMPS,
		.mss = 1460,
		.wscale = 7,
		.ts_val = (uint32_t)random };
	const struct tcp_fields fields = { .src_port = (uint16_t)(random >> 40 | 1),
		.dst_port = APP_PORT,
		.seq = (uint32_t)rte_rand(),
		.flags = TCP_SYN,
		.window = 65535 };

	return tcp_peers_frame(
		frame, ADDR_FLOOD + (uint32_t)(random & 0xfffff), &fields, &options, 0);
}

static void
syns_arrive(struct pair *pair)
{
	uint64_t now_ns = pair->server.loop->now_ns;
	uint32_t count;

	if (pair->flooding)
		pair->syns += SYNS_S * (double)(now_ns - pair->syns_ns) / 1e9;
	pair->syns_ns = now_ns;
	count = (uint32_t)pair->syns;
	pair->syns -= count;
	pair->flooded += count;
	pair->syns_wait += count;
	if (pair->syns_wait > QUEUE) {
		pair->overflows += pair->syns_wait - QUEUE;
		pair->syns_wait = QUEUE;
	}
}

/* Of the flood and of the link in proportion, as of one queue. */
static bool
syn_is_next(struct pair *pair, uint32_t others)
{
	if (pair->syns_wait == 0)
		return false;
	pair->turn += pair->syns_wait;
	if (others > 0 && pair->turn < pair->syns_wait + others)
		return false;
	pair->turn = others > 0 ? pair->turn - pair->syns_wait - others : 0;
	return true;
}

static bool
end_rx(void *arg, uint8_t *frame, uint32_t *length)
{
	struct end *end = arg;
	struct pair *pair = end->pair;
	uint64_t now_ns = end->loop->now_ns;
	bool is_server = end == &pair->server;

	if (is_server && syn_is_next(pair, link_waiting(end->in, now_ns))) {
		pair->syns_wait--;
		*length = syn_frame(frame);
	} else if (!link_receive(end->in, now_ns, frame, length)) {
		return false;
	}
	end->polled++;
	return true;
}

static void
end_tx(void *arg, const struct rte_mbuf *pkt)
{
	const uint8_t *dst = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, ETHER_HDR_LENGTH + 16);
	struct end *end = arg;

	/* What answers the flood goes elsewhere. */
	if (dst[0] == ADDR_FLOOD >> 24)
		end->pair->answers++;
	else
		link_send(end->out, end->loop->now_ns, pkt);
}

/* The one whose clock is behind does a loop. */
static void
pair_step(struct pair *pair)
{
	struct end *end = pair->client.loop->now_ns < pair->server.loop->now_ns ? &pair->client
										: &pair->server;
	uint64_t cycles, ns, polled = end->polled;

	if (end == &pair->server)
		syns_arrive(pair);
	cycles = RTE_MIN(loop_poll(end->loop), LOOP_MAX);
	ns = pair->packet_ns > 0 ? (end->polled - polled) * pair->packet_ns
				 : (uint64_t)((double)cycles * 1e9 / (double)rte_get_tsc_hz());
	/* A loop that finds nothing is no work. */
	if (end->polled == polled) {
		end->loop->now_ns += RTE_MAX(ns, (uint64_t)IDLE_NS);
		return;
	}
	end->busy_ns += ns;
	end->loop->now_ns += ns + 1;
}

/* ---- rounds ---- */

struct result {
	double gbit_s, client_busy, server_busy;
	uint64_t connected, failed, flooded, overflows, answers;
};

static struct result
round_run(struct pair *pair, bool flooding)
{
	const uint64_t start_ns = pair->server.loop->now_ns, *bytes;
	struct app_config *discard = &pair->server.loop->config.app_config;
	const struct pair before = *pair;
	uint64_t before_bytes = discard->discarded;
	double seconds;

	bytes = &discard->discarded;
	pair->flooding = flooding;
	while (pair->server.loop->now_ns - start_ns < ROUND_NS)
		pair_step(pair);
	seconds = (double)(pair->server.loop->now_ns - start_ns) / 1e9;
	return (struct result){
		.gbit_s = (double)(*bytes - before_bytes) * 8e-9 / seconds,
		.client_busy =
			(double)(pair->client.busy_ns - before.client.busy_ns) / 1e7 / seconds,
		.server_busy =
			(double)(pair->server.busy_ns - before.server.busy_ns) / 1e7 / seconds,
		.connected = pair->app.connected - before.app.connected,
		.failed = pair->app.failed - before.app.failed,
		.flooded = pair->flooded - before.flooded,
		.overflows = pair->overflows - before.overflows,
		.answers = pair->answers - before.answers,
	};
}

static void
report(struct pair *pair, unsigned rounds)
{
	double ratio[FLOOD_ROUNDS_MAX];
	struct result off = { 0 }, on = { 0 };

	printf("%6s %16s %14s %14s %18s %9s %9s %9s\n", "ratio", "Gbit/s: off on", "client %: off",
		"server %: off", "new a round: off", "SYNs", "answers", "overflows");
	for (unsigned i = 0; i < rounds; i++) {
		off = round_run(pair, false);
		on = round_run(pair, true);
		ratio[i] = on.gbit_s / off.gbit_s;
		if (off.failed + on.failed > 0)
			loop_die("tcp_flood_pair: %" PRIu64 " connections failed",
				off.failed + on.failed);
		printf("%6.2f %8.2f %7.2f %8.0f %5.0f %8.0f %5.0f %10" PRIu64 " %7" PRIu64
		       " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
			ratio[i], off.gbit_s, on.gbit_s, off.client_busy, on.client_busy,
			off.server_busy, on.server_busy, off.connected, on.connected, on.flooded,
			on.answers, on.overflows);
	}
	doubles_sort(ratio, rounds);
	printf("median %.2f, %.2f to %.2f; the links lost %" PRIu64 "\n", ratio[rounds / 2],
		ratio[0], ratio[rounds - 1], pair->links[0].lost + pair->links[1].lost);
	if (pair->packet_ns > 0 && ratio[rounds / 2] < 0.9)
		loop_die("tcp_flood_pair: streams have %.2f of what they had", ratio[rounds / 2]);
}

static void
pair_create(struct pair *pair)
{
	struct loop_config config = { .sockets = 65536,
		.mbufs = 65536,
		.offloads = PORT_TX_MULTI_SEGS | PORT_TX_IP4_CHECKSUM | PORT_TX_L4_CHECKSUM |
			PORT_RX_L4_CHECKSUM,
		.rx = end_rx,
		.tx = end_tx };

	for (unsigned i = 0; i < 2; i++) {
		pair->links[i].frames = calloc(QUEUE, sizeof(*pair->links[i].frames));
		if (pair->links[i].frames == NULL)
			loop_die("no memory");
	}
	pair->server = (struct end){ .pair = pair, .in = &pair->links[0], .out = &pair->links[1] };
	pair->client = (struct end){ .pair = pair, .in = &pair->links[1], .out = &pair->links[0] };
	config.arg = &pair->server;
	config.app = &app_discard;
	config.app_config = (struct app_config){ .proto = SOCK_TCP, .backlog = BACKLOG };
	pair->server.loop = loop_create(&config);
	config.arg = &pair->client;
	config.app = &client_ops;
	config.app_state = &pair->app;
	config.addr4 = "10.0.0.2/24";
	config.gateway4 = "10.0.0.1";
	pair->client.loop = loop_create(&config);
}

int
main(int argc, char **argv)
{
	static struct pair pair;
	unsigned rounds = flood_arguments(argc, argv, "tcp_flood_pair", &pair.packet_ns);

	pair_create(&pair);
	/* Windows open. */
	round_run(&pair, false);
	report(&pair, rounds);
	loop_destroy(pair.client.loop);
	loop_destroy(pair.server.loop);
	free(pair.links[0].frames);
	free(pair.links[1].frames);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
