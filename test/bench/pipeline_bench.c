/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cycles a packet of each stage, without a device: a port that hands out the same packets again.
 * pipeline_bench [EAL options] [-- VECTORS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "base/counter.h"
#include "service/service.h"
#include "stack/stack.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

#define FLOWS   4096
#define VECTORS (FLOWS / PKT_BURST)
#define ROUNDS  20000 /* vectors of a scenario, at most */
#define FRAME   60
#define JUMBO   9014 /* bytes of a large frame */
#define SEGMENT 2000 /* of it, in a buffer */
#define ROUTES  10000

enum scenario {
	IP4_ONE,
	IP4_MANY,
	IP4_GROUP,
	IP6_MANY,
	IP4_JUMBO,
	IP4_MAC,
	UDP_ECHO,
	SCENARIO_COUNT
};

static const char *const scenario_names[SCENARIO_COUNT] = {
	[IP4_ONE] = "ipv4, one route",
	[IP4_MANY] = "ipv4, 10000 routes",
	[IP4_GROUP] = "ipv4, 8-way group",
	[IP6_MANY] = "ipv6, 10000 routes",
	[IP4_JUMBO] = "ipv4, one route, 9014 bytes",
	[IP4_MAC] = "ipv4, one route, to an added MAC address",
	[UDP_ECHO] = "udp echo",
};

/* Of the port, beside its own, in its scenario. */
static const struct mac_addr added_mac = { { 2, 0, 0, 0, 0xaa, 1 } };

/* The port: packets that wait to be received, and room for those that were sent. */
struct loop {
	struct rte_mempool *pool;
	struct rte_mbuf *free[PKT_VEC_MAX];
	unsigned free_count;
	unsigned next; /* frame */
	bool jumbo;
	_Alignas(64) uint8_t frames[FLOWS][FRAME + 4];
};

static struct loop loop;

static void
die(const char *what, const struct error *err)
{
	fprintf(stderr, "pipeline_bench: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

static int
loop_open(struct port *port, const char *args, struct error *err)
{
	(void)args;
	(void)err;
	port->driver = &loop;
	port->rxq_max = port->txq_max = 1;
	port->offloads = PORT_TX_MULTI_SEGS;
	port->mac = (struct mac_addr){ { 2, 0, 0, 0, 0, 1 } };
	return 0;
}

static int
loop_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	(void)err;
	port->config.mtu = loop.jumbo ? JUMBO - ETHER_HDR_LENGTH : PORT_MTU_DEFAULT;
	loop.pool = pools[0];
	return 0;
}

static int
loop_start(struct port *port, struct error *err)
{
	(void)port;
	(void)err;
	return 0;
}

static void
loop_stop(struct port *port)
{
	(void)port;
}

static int
loop_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	(void)port;
	(void)mac;
	(void)err;
	return 0;
}

static void
loop_link(struct port *port, struct port_link *link)
{
	(void)port;
	link->up = true;
}

/* It does not hash. */
static int
loop_rss_get(struct port *port, struct port_rss *rss)
{
	(void)port;
	*rss = (struct port_rss){ 0 };
	return 0;
}

/* What a large frame has behind its first segment. */
static void
jumbo_chain(struct rte_mbuf *pkt)
{
	pkt->data_len = pkt->pkt_len = SEGMENT;
	for (unsigned left = JUMBO - SEGMENT; left > 0;) {
		struct rte_mbuf *segment = rte_pktmbuf_alloc(loop.pool);

		if (segment == NULL)
			die("buffers", &(struct error){ .text = "there are too few" });
		segment->data_len = segment->pkt_len = (uint16_t)RTE_MIN(left, (unsigned)SEGMENT);
		left -= segment->data_len;
		rte_pktmbuf_chain(pkt, segment);
	}
}

static uint16_t
loop_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	(void)driver;
	(void)queue;
	if (rte_pktmbuf_alloc_bulk(loop.pool, pkts, count) < 0)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		memcpy(rte_pktmbuf_mtod(pkts[i], void *), loop.frames[loop.next], FRAME);
		pkts[i]->data_len = FRAME;
		pkts[i]->pkt_len = FRAME;
		if (loop.jumbo)
			jumbo_chain(pkts[i]);
		loop.next = (loop.next + 1) % FLOWS;
	}
	return count;
}

static uint16_t
loop_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	(void)driver;
	(void)queue;
	rte_pktmbuf_free_bulk(pkts, count);
	return count;
}

static const struct port_ops loop_ops = {
	.name = "loop",
	.open = loop_open,
	.configure = loop_configure,
	.start = loop_start,
	.stop = loop_stop,
	.close = loop_stop,
	.add_mac = loop_add_mac,
	.link = loop_link,
	.rss_get = loop_rss_get,
	.rx = loop_rx,
	.tx = loop_tx,
};

static bool
has_one_route(enum scenario scenario)
{
	return scenario != IP4_MANY && scenario != IP6_MANY;
}

/* To the echo service of ours, by any of 4096 flows of a neighbour's, without a checksum. */
static void
datagram_build(uint8_t *frame, unsigned i)
{
	const uint16_t length = FRAME - ETHER_HDR_LENGTH - IP4_HDR_LENGTH;
	const struct ip4_build build = { .payload_length = length,
		.ttl = 64,
		.proto = IP_PROTO_UDP,
		.src_be = htobe32(0x0a000002),
		.dst_be = htobe32(0x0a000001) };

	be16_store(frame + 12, ETHER_TYPE_IP4);
	ip4_hdr_build((struct ip4_header *)(frame + ETHER_HDR_LENGTH), &build);
	udp_build(frame + ETHER_HDR_LENGTH + IP4_HDR_LENGTH,
		&(struct udp){ .src_port = (uint16_t)(4096 + i), .dst_port = 7, .length = length });
}

static void
frame_build(unsigned i, enum scenario scenario, const struct ip_prefix *routes)
{
	static const uint8_t addresses[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint8_t *frame = loop.frames[i];
	struct ip_addr dst = routes[rand() % ROUTES].addr;

	/* One route, and destinations over one /16 of it. */
	if (has_one_route(scenario))
		ip_addr_parse("198.18.0.0", &dst);

	memset(frame, 0, FRAME);
	memcpy(frame, addresses, sizeof(addresses));
	if (scenario == IP4_MAC)
		memcpy(frame, added_mac.bytes, sizeof(added_mac.bytes));
	if (scenario == UDP_ECHO) {
		datagram_build(frame, i);
		return;
	}
	if (scenario == IP6_MANY) {
		struct ip_addr src = { IP_FAMILY_6, { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)i } };

		be16_store(frame + 12, ETHER_TYPE_IP6);
		dst.bytes[15] = (uint8_t)rand();
		ip6_hdr_build((struct ip6_header *)(frame + ETHER_HDR_LENGTH),
			&(struct ip6_build){ .src = src.bytes,
				.dst = dst.bytes,
				.payload_length = FRAME - ETHER_HDR_LENGTH - IP6_HDR_LENGTH,
				.next_header = IP_PROTO_UDP,
				.hop_limit = 64 });
		return;
	}
	be16_store(frame + 12, ETHER_TYPE_IP4);
	struct ip4_build build = { .payload_length = (scenario == IP4_JUMBO ? JUMBO : FRAME) -
			ETHER_HDR_LENGTH - IP4_HDR_LENGTH,
		.ttl = 64,
		.proto = IP_PROTO_UDP,
		.src_be = htobe32(0x0a010000U + (unsigned)rand() % 65000) };

	if (has_one_route(scenario))
		be16_store(dst.bytes + 2, (uint16_t)rand());
	memcpy(&build.dst_be, dst.bytes, 4);
	ip4_hdr_build((struct ip4_header *)(frame + ETHER_HDR_LENGTH), &build);
	be16_store(frame + 34, (uint16_t)rand());
	be16_store(frame + 36, 53);
}

static void
route_add(struct stack *stack, enum scenario scenario, const struct ip_prefix *prefix)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	unsigned paths = scenario == IP4_GROUP ? 8 : 1;
	struct error err;

	route->prefix = ip_prefix_network(prefix);
	route->path_count = paths;
	for (unsigned i = 0; i < paths; i++) {
		ip_addr_parse(scenario == IP6_MANY ? "2001:db8::2" : "10.0.0.2",
			&route->paths[i].gateway);
		route->paths[i].gateway.bytes[scenario == IP6_MANY ? 15 : 3] += i;
		route->paths[i].weight = 1;
	}
	if (stack_route_add(stack, route, true, &err) < 0)
		die("route", &err);
	free(route);
}

static void
routes_build(struct stack *stack, enum scenario scenario, struct ip_prefix *routes)
{
	struct ip_prefix all = { .addr = { .family = IP_FAMILY_4 }, .length = 0 };

	for (unsigned i = 0; i < ROUTES; i++) {
		routes[i] = (struct ip_prefix){ .addr = { .family = IP_FAMILY_4,
							.bytes = { 11 + (uint8_t)(rand() % 100),
								(uint8_t)rand(), (uint8_t)rand(),
								(uint8_t)rand() } },
			.length = 16 + (uint8_t)(rand() % 13) };
		if (scenario == IP6_MANY) {
			routes[i].addr.family = IP_FAMILY_6;
			for (unsigned b = 0; b < 8; b++)
				routes[i].addr.bytes[b] = (uint8_t)rand();
			routes[i].addr.bytes[0] = 0x20;
			routes[i].length = 32 + (uint8_t)(rand() % 33);
		}
		if (!has_one_route(scenario))
			route_add(stack, scenario, &routes[i]);
	}
	if (has_one_route(scenario))
		route_add(stack, scenario, &all);
}

static void
echo_start(struct stack *stack)
{
	const struct stack_service_config config = {
		.ops = &service_udp_echo,
		.service.local = { .port = 7, .iface = PKT_IFACE_NONE },
	};
	struct error err;

	if (stack_service_start(stack, &config, &err) < 0)
		die("echo", &err);
}

static struct stack *
stack_build(enum scenario scenario)
{
	struct stack_config config = { .worker_count = 1,
		.lcores = { 0 },
		.mbufs_per_worker = STACK_MBUFS_DEFAULT,
		.nexthops_max = 1024,
		.neigh = NEIGH_CONFIG_DEFAULT };
	struct mac_addr mac = { { 2, 0, 0, 0, 0, 3 } };
	struct ip_prefix own4, own6;
	struct stack *stack;
	struct error err;

	loop.jumbo = scenario == IP4_JUMBO;
	ip_prefix_parse("10.0.0.1/24", &own4);
	ip_prefix_parse("2001:db8::1/64", &own6);
	if (stack_create(&config, &stack, &err) < 0 ||
		stack_port_add(stack, &loop_ops, "p0", "", &(struct port_config){ 0 }, &err) < 0 ||
		stack_addr_add(stack, "p0", &own4, &err) < 0 ||
		stack_addr_add(stack, "p0", &own6, &err) < 0)
		die("set-up", &err);
	if (scenario == IP4_MAC && stack_port_mac_add(stack, "p0", &added_mac, &err) < 0)
		die("MAC address", &err);
	for (unsigned i = 0; i < 8; i++) {
		struct ip_addr gateway = own4.addr;

		gateway.bytes[3] = (uint8_t)(2 + i);
		mac.bytes[5] = (uint8_t)(3 + i);
		if (stack_neigh_add(stack, "p0", &gateway, &mac, &err) < 0)
			die("neighbour", &err);
	}
	if (scenario == UDP_ECHO)
		echo_start(stack);
	own6.addr.bytes[15] = 2;
	if (stack_neigh_add(stack, "p0", &own6.addr, &mac, &err) < 0)
		die("neighbour", &err);
	return stack;
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The value of which one in `parts` is smaller, a packet. */
static double
per_packet(const uint64_t *sorted, unsigned rounds, unsigned parts)
{
	unsigned at = rounds / parts;

	return (double)sorted[at] / PKT_BURST;
}

/* Of all vectors the median and the tenth percentile: what others do on the machine falls out. */
static void
run(enum scenario scenario, unsigned rounds)
{
	static struct ip_prefix routes[ROUTES];
	static uint64_t cycles[STAGE_COUNT + 1][ROUNDS];
	struct stage_stats before[STAGE_COUNT], after[STAGE_COUNT];
	struct stack *stack = stack_build(scenario);
	double sum10 = 0, sum50 = 0;

	srand(42);
	routes_build(stack, scenario, routes);
	for (unsigned i = 0; i < FLOWS; i++)
		frame_build(i, scenario, routes);
	for (unsigned round = 0; round < rounds; round++) {
		uint64_t start;

		stack_stage_stats(stack, 0, before);
		start = rte_rdtsc();
		worker_poll(stack->workers[0], round);
		cycles[STAGE_COUNT][round] = rte_rdtsc() - start;
		stack_stage_stats(stack, 0, after);
		for (unsigned s = 0; s < STAGE_COUNT; s++)
			cycles[s][round] = after[s].cycles - before[s].cycles;
	}
	printf("%s\n", scenario_names[scenario]);
	for (unsigned s = 0; s <= STAGE_COUNT; s++) {
		double p10, p50;

		qsort(cycles[s], rounds, sizeof(cycles[s][0]), compare_u64);
		p10 = per_packet(cycles[s], rounds, 10);
		p50 = per_packet(cycles[s], rounds, 2);
		if (p50 == 0)
			continue;
		if (s < STAGE_COUNT && s != STAGE_rx && s != STAGE_tx) {
			sum10 += p10;
			sum50 += p50;
		}
		printf("  %-14s %6.1f %6.1f\n", s < STAGE_COUNT ? stage_name(s) : "whole loop", p10,
			p50);
	}
	printf("  %-14s %6.1f %6.1f\n", "without rx, tx", sum10, sum50);
	stack_destroy(stack);
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	unsigned rounds = ROUNDS;

	if (eal < 0) {
		fprintf(stderr, "pipeline_bench: %s\n", rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	if (eal + 1 < argc)
		rounds = (unsigned)strtoul(argv[eal + 1], NULL, 10);
	if (rounds < 1 || rounds > ROUNDS) {
		fprintf(stderr, "pipeline_bench: 1 to %u vectors\n", ROUNDS);
		return EXIT_FAILURE;
	}
	printf("cycles a packet, 10th percentile and median over %u vectors of %u\n", rounds,
		PKT_BURST);
	for (enum scenario scenario = 0; scenario < SCENARIO_COUNT; scenario++)
		run(scenario, rounds);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
