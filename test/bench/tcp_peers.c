/* SPDX-License-Identifier: BSD-3-Clause */
/* Very many peers of TCP: see tcp_peers.h. */
#include "tcp_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sequence.h"
#include "wire/endian.h"
#include "wire/ip4.h"

#define PEER_WSCALE 7
#define PEER_ISS    1000U

/* ---- segments ---- */

uint32_t
tcp_peers_frame(uint8_t *frame, uint32_t addr, const struct tcp_fields *fields,
	const struct tcp_options *options, uint32_t data_length)
{
	uint8_t *tcp = frame + LOOP_HEADERS4;
	struct tcp_fields with = *fields;
	uint32_t tcp_length;

	tcp_length =
		TCP_HDR_LENGTH + tcp_options_build(tcp + TCP_HDR_LENGTH, TCP_OPTIONS_MAX, options);
	with.hdr_length = (uint8_t)tcp_length;
	tcp_hdr_build((struct tcp_header *)tcp, &with);
	return loop_frame4(frame, IP_PROTO_TCP, addr, LOOP_ADDR4, tcp_length + data_length) +
		tcp_length + data_length;
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
		.dst_port = APP_PORT,
		.seq = conn->snd_nxt,
		.ack = segment->flags & TCP_ACK ? conn->rcv_nxt : 0,
		.flags = segment->flags,
		.window = 65535,
	};
	struct tcp_options options = {
		.present = TCP_OPTION_TIMESTAMPS,
		.ts_val = (uint32_t)(peers->loop->now_ns / 1000000),
		.ts_ecr = conn->ts_ecr,
	};

	if (segment->flags & TCP_SYN) {
		options.present |= TCP_OPTION_MSS | TCP_OPTION_WSCALE | TCP_OPTION_SACK_PERMITTED;
		options.mss = LOOP_MTU - IP4_HDR_LENGTH - TCP_HDR_LENGTH;
		options.wscale = PEER_WSCALE;
	}
	conn->snd_nxt += segment->length + ((segment->flags & (TCP_SYN | TCP_FIN)) != 0);
	return tcp_peers_frame(frame, conn_addr(segment->conn), &fields, &options, segment->length);
}

void
tcp_peers_send(struct tcp_peers *peers, uint32_t conn, uint8_t flags, uint16_t length)
{
	if (peers->queue_tail - peers->queue_head > peers->queue_mask)
		loop_die("peers: more than %u segments wait", peers->queue_mask + 1);
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
frame_input(void *arg, const struct rte_mbuf *pkt)
{
	struct tcp_peers *peers = arg;
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const struct ip4_header *ip = (const struct ip4_header *)(frame + ETHER_HDR_LENGTH);
	uint32_t length = be16toh(ip->total_length_be) - (uint32_t)IP4_HDR_LENGTH;
	uint64_t index = (be32toh(ip->dst_be) - TCP_PEERS_ADDR) * (uint64_t)TCP_PEERS_PORTS;
	struct tcp_options options;
	struct tcp_fields fields;

	if (be16_load(frame + 12) != ETHER_TYPE_IP4 || ip->proto != IP_PROTO_TCP ||
		tcp_hdr_parse(frame + LOOP_HEADERS4, length, &fields) != 0)
		return;
	peers->received++;
	index += fields.dst_port - 1024U;
	if (fields.dst_port < 1024 || index >= peers->count) {
		peers->answers++;
		return;
	}
	tcp_options_parse(frame + LOOP_HEADERS4 + TCP_HDR_LENGTH,
		fields.hdr_length - (uint32_t)TCP_HDR_LENGTH, true, &options);
	if (options.present & TCP_OPTION_TIMESTAMPS)
		peers->conns[index].ts_ecr = options.ts_val;
	conn_input(peers, (uint32_t)index, &fields, length - fields.hdr_length);
}

/* ---- the port ---- */

static bool
frame_next(void *arg, uint8_t *frame, uint32_t *length)
{
	struct tcp_peers *peers = arg;

	if (peers->more != NULL && peers->more(peers, frame, length))
		return true;
	if (tcp_peers_idle(peers))
		return false;
	*length = segment_frame(peers, &peers->queue[peers->queue_head & peers->queue_mask], frame);
	peers->queue_head++;
	return true;
}

/* ---- making it ---- */

struct tcp_peers *
tcp_peers_create(uint32_t conns, const struct loop_config *config)
{
	struct tcp_peers *peers = calloc(1, sizeof(*peers));
	struct loop_config with = *config;
	uint32_t queue = 65536;

	if (peers == NULL)
		loop_die("no memory");
	peers->count = conns;
	peers->conns = calloc(conns, sizeof(*peers->conns));
	peers->queue = calloc(queue, sizeof(*peers->queue));
	peers->queue_mask = queue - 1;
	if (peers->conns == NULL || peers->queue == NULL)
		loop_die("no memory");
	with.rx = frame_next;
	with.tx = frame_input;
	with.arg = peers;
	with.offloads = PORT_TX_MULTI_SEGS | PORT_TX_IP4_CHECKSUM | PORT_TX_L4_CHECKSUM |
		PORT_RX_L4_CHECKSUM;
	peers->loop = loop_create(&with);
	return peers;
}

void
tcp_peers_destroy(struct tcp_peers *peers)
{
	loop_destroy(peers->loop);
	free(peers->queue);
	free(peers->conns);
	free(peers);
}
