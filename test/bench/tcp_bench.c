/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cycles of TCP, without a device: two stacks in a process, joined by ports that copy each packet into
 * the other's buffers, as devices do; a bench client on one, a bench server on the other. They run in
 * turn on one CPU, by a clock of their own: what each does is told apart.
 * tcp_bench [EAL options] [-- ROUNDS [SCENARIO]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "service/bench.h"
#include "stack/stack.h"

#define ROUNDS    1000 /* of a scenario, at most */
#define TURNS     64 /* of each stack in a round */
#define WARM_UP   3000 /* turns: windows are open by then */
#define TURN_NS   4000
#define WIRE_SIZE 16384 /* a power of two; more than windows hold */
#define MBUFS     32768
#define SOCKETS   16384
#define MSS       1448
#define NEAR      0
#define FAR       1
#define ADDR_NEAR "10.0.0.1"
#define ADDR_FAR  "10.0.0.2"
#define CHECKSUMS (PORT_TX_L4_CHECKSUM | PORT_TX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM)

/* What is measured: a scenario a line. */
struct scenario {
	const char *name, *unit;
	enum bench_mode mode;
	unsigned connections;
	uint32_t offloads;
	enum sock_proto proto;
	uint32_t size; /* of a request, or of a message of SCTP */
	uint16_t streams;
};

static const struct scenario scenarios[] = {
	{ "bulk", "segment of 1448 bytes", BENCH_SEND, 1, 0, SOCK_TCP, 64, 1 },
	{ "bulk-4", "segment of 1448 bytes", BENCH_SEND, 4, 0, SOCK_TCP, 64, 1 },
	{ "bulk-checksums", "segment of 1448 bytes, checksums by the port", BENCH_SEND, 1,
		CHECKSUMS, SOCK_TCP, 64, 1 },
	{ "rr", "request and response of 64 bytes", BENCH_RR, 128, 0, SOCK_TCP, 64, 1 },
	{ "crr", "connection with a request and a response", BENCH_CRR, 128, 0, SOCK_TCP, 64, 1 },
	{ "sctp-64", "message of 64 bytes", BENCH_SEND, 1, 0, SOCK_SCTP, 64, 1 },
	{ "sctp-64-many", "message of 64 bytes, 16 associations of 64 streams", BENCH_SEND, 16, 0,
		SOCK_SCTP, 64, 64 },
	{ "sctp-1024", "message of 1024 bytes", BENCH_SEND, 1, 0, SOCK_SCTP, 1024, 1 },
	{ "sctp-1400", "message of 1400 bytes", BENCH_SEND, 1, 0, SOCK_SCTP, 1400, 1 },
	{ "sctp-8192", "message of 8192 bytes", BENCH_SEND, 1, 0, SOCK_SCTP, 8192, 1 },
	{ "sctp-8192-many", "message of 8192 bytes, 16 associations of 64 streams", BENCH_SEND, 16,
		0, SOCK_SCTP, 8192, 64 },
	{ "sctp-rr", "request and response of 64 bytes, 128 associations", BENCH_RR, 128, 0,
		SOCK_SCTP, 64, 1 },
};

/* A port: what its peer has sent to it, and where it sends to. */
struct wire {
	struct wire *peer;
	struct rte_mempool *pool;
	uint32_t offloads;
	uint32_t head, tail;
	uint64_t packets;
	struct rte_mbuf *pkts[WIRE_SIZE];
};

static struct wire wires[2];

struct side {
	struct stack *stack;
	const struct stack_service *service;
};

/* Cycles an operation, by round: of each stage, and of whole turns. */
static double figures[2][STAGE_COUNT + 1][ROUNDS];

static void
die(const char *what, const struct error *err)
{
	fprintf(stderr, "tcp_bench: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

/* ---- the ports ---- */

static int
wire_open(struct port *port, const char *args, struct error *err)
{
	struct wire *wire = &wires[args[0] - '0'];

	(void)err;
	port->driver = wire;
	port->rxq_max = port->txq_max = 1;
	port->offloads = wire->offloads | PORT_TX_MULTI_SEGS;
	port->mac = (struct mac_addr){ { 2, 0, 0, 0, 0, (uint8_t)(1 + (args[0] - '0')) } };
	return 0;
}

static int
wire_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct wire *wire = port->driver;

	(void)err;
	wire->pool = pools[0];
	port->config.mtu = PORT_MTU_DEFAULT;
	return 0;
}

static int
wire_start(struct port *port, struct error *err)
{
	(void)port;
	(void)err;
	return 0;
}

static void
wire_stop(struct port *port)
{
	(void)port;
}

static int
wire_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	(void)port;
	(void)mac;
	(void)err;
	return 0;
}

static void
wire_link(struct port *port, struct port_link *link)
{
	(void)port;
	link->up = true;
}

static int
wire_rss_get(struct port *port, struct port_rss *rss)
{
	(void)port;
	*rss = (struct port_rss){ 0 };
	return 0;
}

static uint16_t
wire_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct wire *wire = driver;
	uint16_t n = 0;

	(void)queue;
	for (; n < count && wire->tail != wire->head; n++)
		pkts[n] = wire->pkts[wire->tail++ % WIRE_SIZE];
	return n;
}

/* As a device would write it into a buffer of the receiver's. */
static struct rte_mbuf *
wire_copy(const struct wire *wire, const struct rte_mbuf *pkt)
{
	struct rte_mbuf *copy = rte_pktmbuf_alloc(wire->pool);

	if (copy == NULL)
		return NULL;
	pkt_copy_out(pkt, 0, pkt->pkt_len, rte_pktmbuf_mtod(copy, void *));
	copy->data_len = (uint16_t)pkt->pkt_len;
	copy->pkt_len = pkt->pkt_len;
	if ((wire->offloads & PORT_RX_L4_CHECKSUM) != 0)
		copy->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	return copy;
}

static uint16_t
wire_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct wire *to = ((struct wire *)driver)->peer;
	uint16_t n = 0;

	(void)queue;
	for (; n < count && to->head - to->tail < WIRE_SIZE; n++) {
		struct rte_mbuf *copy = wire_copy(to, pkts[n]);

		if (copy == NULL)
			break;
		to->pkts[to->head++ % WIRE_SIZE] = copy;
	}
	to->packets += n;
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static const struct port_ops wire_ops = {
	.name = "wire",
	.open = wire_open,
	.configure = wire_configure,
	.start = wire_start,
	.stop = wire_stop,
	.close = wire_stop,
	.add_mac = wire_add_mac,
	.link = wire_link,
	.rss_get = wire_rss_get,
	.rx = wire_rx,
	.tx = wire_tx,
};

/* ---- set-up ---- */

static struct stack *
stack_build(unsigned side)
{
	const struct stack_config config = { .worker_count = 1,
		.lcores = { 0 },
		.mbufs_per_worker = MBUFS,
		.sockets_per_worker = SOCKETS,
		.nexthops_max = 64,
		.neigh = NEIGH_CONFIG_DEFAULT };
	const struct mac_addr peer_mac = { { 2, 0, 0, 0, 0, (uint8_t)(2 - side) } };
	struct ip_prefix own;
	struct ip_addr peer;
	struct stack *stack;
	struct error err;

	ip_prefix_parse(side == NEAR ? ADDR_NEAR "/24" : ADDR_FAR "/24", &own);
	ip_addr_parse(side == NEAR ? ADDR_FAR : ADDR_NEAR, &peer);
	if (stack_create(&config, &stack, &err) < 0 ||
		stack_port_add(stack, &wire_ops, "p0", side == NEAR ? "0" : "1",
			&(struct port_config){ 0 }, &err) < 0 ||
		stack_addr_add(stack, "p0", &own, &err) < 0 ||
		stack_neigh_add(stack, "p0", &peer, &peer_mac, &err) < 0)
		die("set-up", &err);
	return stack;
}

static const struct stack_service *
service_start(struct stack *stack, const struct stack_service_config *config)
{
	struct error err;

	if (stack_service_start(stack, config, &err) < 0)
		die(config->ops->name, &err);
	return stack_service_find(stack, config);
}

static void
sides_build(struct side *sides, const struct scenario *scenario, struct bench_config *bench)
{
	for (unsigned i = 0; i < 2; i++) {
		wires[i] = (struct wire){ .peer = &wires[1 - i], .offloads = scenario->offloads };
		sides[i].stack = stack_build(i);
	}
	*bench = (struct bench_config){
		.mode = scenario->mode,
		.proto = scenario->proto,
		.streams = scenario->streams,
		.peers = { { .port = BENCH_PORT, .iface = PKT_IFACE_NONE } },
		.peer_count = 1,
		.connections = scenario->connections,
		.request_bytes = scenario->size,
		.response_bytes = scenario->size,
		.duration_ns = UINT64_MAX / 2,
		.worker_count = 1,
	};
	ip_addr_parse(ADDR_FAR, &bench->peers[0].addr);
	sides[FAR].service = service_start(sides[FAR].stack,
		&(struct stack_service_config){
			.ops = &service_bench_server,
			.service.local = { .port = BENCH_PORT, .iface = PKT_IFACE_NONE },
		});
	sides[NEAR].service = service_start(sides[NEAR].stack,
		&(struct stack_service_config){
			.ops = &service_bench_client,
			.service.options = bench,
			.service.local = { .iface = PKT_IFACE_NONE },
		});
}

/* The wires first: what they hold may be the other stack's. */
static void
sides_destroy(struct side *sides)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = &wires[i];

		while (wire->tail != wire->head)
			rte_pktmbuf_free(wire->pkts[wire->tail++ % WIRE_SIZE]);
	}
	for (unsigned i = 0; i < 2; i++)
		stack_destroy(sides[i].stack);
}

/* ---- measuring ---- */

static uint64_t
operations(const struct side *sides, const struct scenario *scenario)
{
	struct bench_server_counters server;
	struct bench_result client;

	if (scenario->mode == BENCH_SEND) {
		bench_server_collect(sides[FAR].service->apps, 1, &server);
		return scenario->proto == SOCK_SCTP ? server.messages_received
						    : server.bytes_received / MSS;
	}
	bench_result_collect(sides[NEAR].service->apps, 1, &client);
	return client.counters.transactions;
}

struct sample {
	uint64_t operations;
	uint64_t whole[2];
	struct stage_stats stages[2][STAGE_COUNT];
};

static void
sample_take(const struct side *sides, const struct scenario *scenario, struct sample *sample)
{
	sample->operations = operations(sides, scenario);
	for (unsigned i = 0; i < 2; i++)
		stack_stage_stats(sides[i].stack, 0, sample->stages[i]);
}

static void
turns_take(const struct side *sides, unsigned count, uint64_t *now_ns, uint64_t *whole)
{
	for (unsigned turn = 0; turn < count; turn++) {
		for (unsigned i = 0; i < 2; i++) {
			uint64_t start = rte_rdtsc();

			worker_poll(sides[i].stack->workers[0], *now_ns);
			whole[i] += rte_rdtsc() - start;
			*now_ns += TURN_NS;
		}
	}
}

/* @return whether anything was done: a round without an operation says nothing */
static bool
round_note(const struct sample *before, const struct sample *after, unsigned round)
{
	double done = (double)(after->operations - before->operations);

	if (done == 0)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned s = 0; s < STAGE_COUNT; s++)
			figures[i][s][round] =
				(double)(after->stages[i][s].cycles - before->stages[i][s].cycles) /
				done;
		figures[i][STAGE_COUNT][round] = (double)after->whole[i] / done;
	}
	return true;
}

static int
compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_stage(const char *name, unsigned stage, unsigned rounds)
{
	double *near = figures[NEAR][stage], *far = figures[FAR][stage];

	qsort(near, rounds, sizeof(*near), compare_double);
	qsort(far, rounds, sizeof(*far), compare_double);
	if (near[rounds / 2] + far[rounds / 2] < 0.05)
		return;
	printf("  %-14s %9.1f %9.1f %9.1f %9.1f\n", name, near[rounds / 10], near[rounds / 2],
		far[rounds / 10], far[rounds / 2]);
}

/* What others do on the machine falls out of the tenth percentile. */
static void
print_figures(const struct scenario *scenario, unsigned rounds, double packets)
{
	printf("%s: cycles a %s; %.2f packets, both ways\n", scenario->name, scenario->unit,
		packets);
	printf("  %-14s %9s %9s %9s %9s\n", "", "client", "median", "server", "median");
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		print_stage(stage_name(s), s, rounds);
	print_stage("whole loop", STAGE_COUNT, rounds);
}

static void
run(const struct scenario *scenario, unsigned rounds)
{
	static struct sample before, after;
	uint64_t now_ns = 1000000000, first, packets, ignored[2] = { 0 };
	struct side sides[2];
	struct bench_config bench;
	unsigned done = 0;

	sides_build(sides, scenario, &bench);
	turns_take(sides, WARM_UP, &now_ns, ignored);
	first = operations(sides, scenario);
	packets = wires[NEAR].packets + wires[FAR].packets;
	for (unsigned round = 0; round < rounds; round++) {
		sample_take(sides, scenario, &before);
		memset(after.whole, 0, sizeof(after.whole));
		turns_take(sides, TURNS, &now_ns, after.whole);
		sample_take(sides, scenario, &after);
		done += round_note(&before, &after, done);
	}
	packets = wires[NEAR].packets + wires[FAR].packets - packets;
	first = operations(sides, scenario) - first;
	if (done == 0)
		die(scenario->name, &(struct error){ .text = "nothing is done" });
	print_figures(scenario, done, (double)packets / (double)first);
	sides_destroy(sides);
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	unsigned rounds = ROUNDS;
	const char *only = NULL;

	if (eal < 0) {
		fprintf(stderr, "tcp_bench: %s\n", rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	if (eal + 1 < argc)
		rounds = (unsigned)strtoul(argv[eal + 1], NULL, 10);
	if (eal + 2 < argc)
		only = argv[eal + 2];
	if (rounds < 1 || rounds > ROUNDS) {
		fprintf(stderr, "tcp_bench: 1 to %u rounds\n", ROUNDS);
		return EXIT_FAILURE;
	}
	printf("10th percentile and median over %u rounds of %u turns\n", rounds, TURNS);
	for (unsigned i = 0; i < RTE_DIM(scenarios); i++) {
		if (only == NULL || strcmp(only, scenarios[i].name) == 0)
			run(&scenarios[i], rounds);
	}
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
