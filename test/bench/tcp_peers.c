/* SPDX-License-Identifier: BSD-3-Clause */
/* A stack with one worker, and very many peers: see tcp_peers.h. */
#include "tcp_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "base/sequence.h"
#include "wire/endian.h"
#include "wire/ip4.h"

#define ADDR_STACK    0x0a000001U
#define FRAME_HEADERS (ETHER_HDR_LENGTH + IP4_HDR_LENGTH)
#define PEER_WSCALE   7
#define PEER_ISS      1000U

void
tcp_peers_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

/* ---- segments ---- */

uint32_t
tcp_peers_frame(uint8_t *frame, uint32_t addr, const struct tcp_fields *fields,
	const struct tcp_options *options, uint32_t data_length)
{
	static const uint8_t link[ETHER_HDR_LENGTH] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	uint8_t *tcp = frame + FRAME_HEADERS;
	struct tcp_fields with = *fields;
	uint32_t tcp_length;

	tcp_length =
		TCP_HDR_LENGTH + tcp_options_build(tcp + TCP_HDR_LENGTH, TCP_OPTIONS_MAX, options);
	with.hdr_length = (uint8_t)tcp_length;
	tcp_hdr_build((struct tcp_header *)tcp, &with);
	memcpy(frame, link, sizeof(link));
	ip4_hdr_build((struct ip4_header *)(frame + ETHER_HDR_LENGTH),
		&(struct ip4_build){ .payload_length = (uint16_t)(tcp_length + data_length),
			.ttl = 64,
			.proto = IP_PROTO_TCP,
			.src_be = htobe32(addr),
			.dst_be = htobe32(ADDR_STACK) });
	return FRAME_HEADERS + tcp_length + data_length;
}

static uint32_t
conn_addr(uint32_t conn)
{
	return TCP_PEERS_ADDR + conn / TCP_PEERS_PORTS;
}

static uint32_t
segment_frame(struct tcp_peers *peers, const struct tcp_peers_segment *segment, uint8_t *frame)
{
	struct tcp_peers_conn *conn = &peers->conns[segment->conn];
	const struct tcp_fields fields = {
		.src_port = (uint16_t)(1024 + segment->conn % TCP_PEERS_PORTS),
		.dst_port = TCP_PEERS_PORT,
		.seq = conn->snd_nxt,
		.ack = segment->flags & TCP_ACK ? conn->rcv_nxt : 0,
		.flags = segment->flags,
		.window = 65535,
	};
	struct tcp_options options = {
		.present = TCP_OPTION_TIMESTAMPS,
		.ts_val = (uint32_t)(peers->now_ns / 1000000),
		.ts_ecr = conn->ts_ecr,
	};

	if (segment->flags & TCP_SYN) {
		options.present |= TCP_OPTION_MSS | TCP_OPTION_WSCALE | TCP_OPTION_SACK_PERMITTED;
		options.mss = TCP_PEERS_MTU - IP4_HDR_LENGTH - TCP_HDR_LENGTH;
		options.wscale = PEER_WSCALE;
	}
	conn->snd_nxt += segment->length + ((segment->flags & (TCP_SYN | TCP_FIN)) != 0);
	return tcp_peers_frame(frame, conn_addr(segment->conn), &fields, &options, segment->length);
}

void
tcp_peers_send(struct tcp_peers *peers, uint32_t conn, uint8_t flags, uint16_t length)
{
	if (peers->queue_tail - peers->queue_head > peers->queue_mask)
		tcp_peers_die("peers: more than %u segments wait", peers->queue_mask + 1);
	if (flags == TCP_SYN)
		peers->conns[conn] = (struct tcp_peers_conn){ .snd_nxt = PEER_ISS };
	if (length > 0)
		peers->conns[conn].in_flight++;
	peers->queue[peers->queue_tail++ & peers->queue_mask] =
		(struct tcp_peers_segment){ conn, length, flags };
}

bool
tcp_peers_idle(const struct tcp_peers *peers)
{
	return peers->queue_head == peers->queue_tail;
}

/* A segment of the stack's to a connection that there is. */
static void
conn_input(
	struct tcp_peers *peers, uint32_t index, const struct tcp_fields *fields, uint32_t length)
{
	struct tcp_peers_conn *conn = &peers->conns[index];
	bool is_new = fields->seq == conn->rcv_nxt;

	if (fields->flags & TCP_RST) {
		peers->resets++;
		conn->ended = true;
		return;
	}
	if (fields->flags & TCP_SYN) {
		peers->established += !conn->established;
		conn->established = true;
		conn->rcv_nxt = fields->seq + 1;
		tcp_peers_send(peers, index, TCP_ACK, 0);
		return;
	}
	if (fields->ack == conn->snd_nxt && conn->in_flight > 0) {
		uint32_t segments = conn->in_flight;

		conn->in_flight = 0;
		if (peers->acked != NULL)
			peers->acked(peers, index, segments);
	}
	if (is_new) {
		conn->rcv_nxt += length + ((fields->flags & TCP_FIN) != 0);
		peers->bytes += length;
	}
	if (is_new && fields->flags & TCP_FIN) {
		peers->ended++;
		conn->ended = true;
	}
	/* An empty segment before what was acknowledged is a keep-alive: RFC 9293 3.8.4. */
	if (length > 0 || fields->flags & TCP_FIN || seq_before(fields->seq, conn->rcv_nxt))
		tcp_peers_send(peers, index, TCP_ACK, 0);
}

static void
frame_input(struct tcp_peers *peers, const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const struct ip4_header *ip = (const struct ip4_header *)(frame + ETHER_HDR_LENGTH);
	uint32_t length = be16toh(ip->total_length_be) - (uint32_t)IP4_HDR_LENGTH;
	uint64_t index = (be32toh(ip->dst_be) - TCP_PEERS_ADDR) * (uint64_t)TCP_PEERS_PORTS;
	struct tcp_options options;
	struct tcp_fields fields;

	if (be16_load(frame + 12) != ETHER_TYPE_IP4 || ip->proto != IP_PROTO_TCP ||
		tcp_hdr_parse(frame + FRAME_HEADERS, length, &fields) != 0)
		return;
	peers->received++;
	index += fields.dst_port - 1024U;
	if (fields.dst_port < 1024 || index >= peers->count) {
		peers->answers++;
		return;
	}
	tcp_options_parse(frame + FRAME_HEADERS + TCP_HDR_LENGTH,
		fields.hdr_length - (uint32_t)TCP_HDR_LENGTH, true, &options);
	if (options.present & TCP_OPTION_TIMESTAMPS)
		peers->conns[index].ts_ecr = options.ts_val;
	conn_input(peers, (uint32_t)index, &fields, length - fields.hdr_length);
}

/* ---- the port ---- */

static struct tcp_peers *opening; /* by the next loop_open() */

static int
loop_open(struct port *port, const char *args, struct error *err)
{
	port->driver = opening;
	port->rxq_max = port->txq_max = 1;
	port->offloads = PORT_TX_MULTI_SEGS | PORT_TX_IP4_CHECKSUM | PORT_TX_L4_CHECKSUM |
		PORT_RX_L4_CHECKSUM;
	port->mac = (struct mac_addr){ { 2, 0, 0, 0, 0, 1 } };
	return 0;
}

static int
loop_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	port->config.mtu = TCP_PEERS_MTU;
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

/* @return false: there is nothing to be received */
static bool
frame_next(struct tcp_peers *peers, uint8_t *frame, uint32_t *length)
{
	if (!tcp_peers_idle(peers)) {
		*length = segment_frame(
			peers, &peers->queue[peers->queue_head & peers->queue_mask], frame);
		peers->queue_head++;
		return true;
	}
	return peers->more != NULL && peers->more(peers, frame, length);
}

static uint16_t
loop_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint64_t start = rte_rdtsc();
	struct tcp_peers *peers = driver;
	uint16_t n = 0;

	for (; n < count; n++) {
		struct rte_mbuf *pkt = rte_pktmbuf_alloc(peers->stack->workers[0]->pool);
		uint32_t length;

		if (pkt == NULL)
			break;
		if (!frame_next(peers, rte_pktmbuf_mtod(pkt, uint8_t *), &length)) {
			rte_pktmbuf_free(pkt);
			break;
		}
		pkt->data_len = (uint16_t)length;
		pkt->pkt_len = length;
		pkt->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		pkts[n] = pkt;
	}
	peers->port_cycles += rte_rdtsc() - start;
	return n;
}

static uint16_t
loop_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint64_t start = rte_rdtsc();
	struct tcp_peers *peers = driver;

	for (uint16_t i = 0; i < count; i++)
		frame_input(peers, pkts[i]);
	rte_pktmbuf_free_bulk(pkts, count);
	peers->port_cycles += rte_rdtsc() - start;
	return count;
}

static const struct port_ops loop_ops = {
	.name = "loop",
	.open = loop_open,
	.configure = loop_configure,
	.start = loop_start,
	.stop = loop_stop,
	.close = loop_stop,
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
		tcp_peers_die("%s: %s", what, err->text);
}

static void
stack_build(struct tcp_peers *peers, const struct tcp_peers_config *config)
{
	const struct stack_config stack_config = { .worker_count = 1,
		.lcores = { rte_get_main_lcore() },
		.mbufs_per_worker = config->mbufs,
		.sockets_per_worker = config->sockets,
		.nexthops_max = 1024,
		.neigh = NEIGH_CONFIG_DEFAULT };
	const struct mac_addr mac = { { 2, 0, 0, 0, 0, 2 } };
	struct stack_route *route = calloc(1, sizeof(*route));
	struct ip_prefix own;
	struct error err;

	ip_prefix_parse("10.0.0.1/24", &own);
	check(stack_create(&stack_config, &peers->stack, &err), "stack", &err);
	opening = peers;
	check(stack_port_add(peers->stack, &loop_ops, "p0", "", &(struct port_config){ 0 }, &err),
		"port", &err);
	check(stack_addr_add(peers->stack, "p0", &own, &err), "address", &err);
	if (route == NULL)
		tcp_peers_die("no memory");
	route->prefix = (struct ip_prefix){ .addr = { .family = IP_FAMILY_4 } };
	route->path_count = 1;
	ip_addr_parse("10.0.0.2", &route->paths[0].gateway);
	route->paths[0].weight = 1;
	check(stack_neigh_add(peers->stack, "p0", &route->paths[0].gateway, &mac, &err),
		"neighbour", &err);
	check(stack_route_add(peers->stack, route, true, &err), "route", &err);
	free(route);
}

struct tcp_peers *
tcp_peers_create(const struct tcp_peers_config *config)
{
	struct tcp_peers *peers = calloc(1, sizeof(*peers));
	uint32_t queue = 65536;

	if (peers == NULL)
		tcp_peers_die("no memory");
	peers->count = config->conns;
	peers->conns = calloc(config->conns, sizeof(*peers->conns));
	peers->queue = calloc(queue, sizeof(*peers->queue));
	peers->queue_mask = queue - 1;
	peers->app = calloc(1, sizeof(*peers->app));
	if (peers->conns == NULL || peers->queue == NULL || peers->app == NULL)
		tcp_peers_die("no memory");
	stack_build(peers, config);
	peers->app->ops = config->app;
	peers->app->state = config->app_state;
	if (stack_app_start(peers->stack, peers->app) < 0)
		tcp_peers_die("the application does not start");
	return peers;
}

void
tcp_peers_destroy(struct tcp_peers *peers)
{
	sock_app_stop(peers->app);
	stack_destroy(peers->stack);
	free(peers->app);
	free(peers->queue);
	free(peers->conns);
	free(peers);
}

uint64_t
tcp_peers_poll(struct tcp_peers *peers)
{
	uint64_t before = peers->port_cycles, start = rte_rdtsc();

	worker_poll(peers->stack->workers[0], peers->now_ns);
	return rte_rdtsc() - start - (peers->port_cycles - before);
}
