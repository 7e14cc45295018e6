/* SPDX-License-Identifier: BSD-3-Clause */
/* A stack with one worker on a port without a device: see loop.h. */
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

void
loop_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

/* ---- frames ---- */

static const uint8_t link_header[ETHER_HDR_LENGTH] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

uint32_t
loop_frame4(uint8_t *frame, uint8_t proto, uint32_t src, uint32_t dst, uint32_t payload_length)
{
	memcpy(frame, link_header, sizeof(link_header));
	be16_store(frame + 12, ETHER_TYPE_IP4);
	ip4_hdr_build((struct ip4_header *)(frame + ETHER_HDR_LENGTH),
		&(struct ip4_build){ .payload_length = (uint16_t)payload_length,
			.ttl = 64,
			.proto = proto,
			.src_be = htobe32(src),
			.dst_be = htobe32(dst) });
	return LOOP_HEADERS4;
}

uint32_t
loop_frame6(uint8_t *frame, uint8_t proto, const uint8_t src[16], uint32_t payload_length)
{
	static const uint8_t own[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	memcpy(frame, link_header, sizeof(link_header));
	be16_store(frame + 12, ETHER_TYPE_IP6);
	ip6_hdr_build((struct ip6_header *)(frame + ETHER_HDR_LENGTH),
		&(struct ip6_build){ .src = src,
			.dst = own,
			.payload_length = (uint16_t)payload_length,
			.next_header = proto,
			.hop_limit = 64 });
	return LOOP_HEADERS6;
}

/* ---- the port ---- */

static struct loop *opening; /* by the next loop_open() */

static int
loop_open(struct port *port, const char *args, struct error *err)
{
	port->driver = opening;
	port->rxq_max = port->txq_max = 1;
	port->offloads = opening->config.offloads;
	port->mac = (struct mac_addr){ { 2, 0, 0, 0, 0, 1 } };
	return 0;
}

static int
loop_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	port->config.mtu = LOOP_MTU;
	return 0;
}

static int
loop_start(struct port *port, struct error *err)
{
	return 0;
}

static void
loop_stop(struct port *port)
{
}

static int
loop_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	return 0;
}

static void
loop_link(struct port *port, struct port_link *link)
{
	link->up = true;
}

static int
loop_rss_get(struct port *port, struct port_rss *rss)
{
	*rss = (struct port_rss){ 0 };
	return 0;
}

static uint16_t
loop_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint64_t start = rte_rdtsc();
	struct loop *loop = driver;
	uint16_t n = 0;

	for (; n < count; n++) {
		struct rte_mbuf *pkt = rte_pktmbuf_alloc(loop->worker->pool);
		uint32_t length;

		if (pkt == NULL)
			break;
		if (!loop->config.rx(loop->config.arg, rte_pktmbuf_mtod(pkt, uint8_t *), &length)) {
			rte_pktmbuf_free(pkt);
			break;
		}
		pkt->data_len = (uint16_t)length;
		pkt->pkt_len = length;
		if (loop->config.offloads & (PORT_RX_L4_CHECKSUM | PORT_RX_SCTP_CHECKSUM))
			pkt->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		pkts[n] = pkt;
	}
	loop->port_cycles += rte_rdtsc() - start;
	return n;
}

static uint16_t
loop_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint64_t start = rte_rdtsc();
	struct loop *loop = driver;

	for (uint16_t i = 0; i < count; i++)
		loop->config.tx(loop->config.arg, pkts[i]);
	rte_pktmbuf_free_bulk(pkts, count);
	loop->port_cycles += rte_rdtsc() - start;
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

/* ---- making it ---- */

static void
check(int rc, const char *what, const struct error *err)
{
	if (rc < 0)
		loop_die("%s: %s", what, err->text);
}

/* An address of ours, and beside it who forwards all of its family. */
static void
family_build(struct stack *stack, const char *prefix, const char *gateway)
{
	const struct mac_addr mac = { { 2, 0, 0, 0, 0, 2 } };
	struct stack_route *route = calloc(1, sizeof(*route));
	struct ip_prefix own;
	struct error err;

	if (route == NULL)
		loop_die("no memory");
	ip_prefix_parse(prefix, &own);
	check(stack_addr_add(stack, "p0", &own, &err), "address", &err);
	route->prefix = (struct ip_prefix){ .addr = { .family = own.addr.family } };
	route->path_count = 1;
	ip_addr_parse(gateway, &route->paths[0].gateway);
	route->paths[0].weight = 1;
	check(stack_neigh_add(stack, "p0", &route->paths[0].gateway, &mac, &err), "neighbour",
		&err);
	check(stack_route_add(stack, route, true, &err), "route", &err);
	free(route);
}

static void
stack_build(struct loop *loop)
{
	const struct stack_config config = { .worker_count = 1,
		.lcores = { rte_get_main_lcore() },
		.mbufs_per_worker = loop->config.mbufs,
		.sockets_per_worker = loop->config.sockets,
		.assocs_per_worker = loop->config.assocs,
		.nexthops_max = 1024,
		.neigh = NEIGH_CONFIG_DEFAULT };
	struct error err;

	check(stack_create(&config, &loop->stack, &err), "stack", &err);
	loop->worker = loop->stack->workers[0];
	opening = loop;
	check(stack_port_add(loop->stack, &loop_ops, "p0", "", &(struct port_config){ 0 }, &err),
		"port", &err);
	family_build(loop->stack, loop->config.addr4 != NULL ? loop->config.addr4 : "10.0.0.1/24",
		loop->config.gateway4 != NULL ? loop->config.gateway4 : "10.0.0.2");
	family_build(loop->stack, LOOP_ADDR6 "/64", "2001:db8::2");
}

struct loop *
loop_create(const struct loop_config *config)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		loop_die("no memory");
	loop->config = *config;
	loop->app = calloc(1, sizeof(*loop->app));
	if (loop->app == NULL)
		loop_die("no memory");
	stack_build(loop);
	loop->app->ops = config->app;
	loop->app->state = config->app_state != NULL ? config->app_state : &loop->config.app_config;
	if (stack_app_start(loop->stack, loop->app) < 0)
		loop_die("the application does not start");
	return loop;
}

void
loop_destroy(struct loop *loop)
{
	sock_app_stop(loop->app);
	stack_destroy(loop->stack);
	free(loop->app);
	free(loop);
}

uint64_t
loop_poll(struct loop *loop)
{
	uint64_t before = loop->port_cycles, start = rte_rdtsc();

	worker_poll(loop->worker, loop->now_ns);
	return rte_rdtsc() - start - (loop->port_cycles - before);
}
