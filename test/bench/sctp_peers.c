/* SPDX-License-Identifier: BSD-3-Clause */
/* Very many peers of SCTP: see sctp_peers.h. */
#include "sctp_peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/sequence.h"
#include "pkt/crc32c.h"
#include "wire/endian.h"
#include "wire/ip4.h"

#define QUEUE    16384
#define RWND     (1 << 20)
#define STREAMS  16
#define PEER_TSN 1000U

/* ---- frames ---- */

static void
sctp_header(const struct sctp_peers *peers, uint8_t *sctp, const struct sctp_fields *fields,
	uint32_t length)
{
	uint32_t crc;

	sctp_hdr_build(sctp, fields);
	if (!peers->checksums)
		return;
	crc = crc32c_finish(crc32c_add(CRC32C_INIT, sctp, length));
	memcpy(sctp + SCTP_CHECKSUM_FIELD, &crc, sizeof(crc));
}

uint32_t
sctp_peers_frame4(const struct sctp_peers *peers, uint8_t *frame, uint32_t addr,
	const struct sctp_fields *fields, uint32_t chunks_length)
{
	uint32_t length = SCTP_HDR_LENGTH + chunks_length;

	sctp_header(peers, frame + LOOP_HEADERS4, fields, length);
	return loop_frame4(frame, IP_PROTO_SCTP, addr, LOOP_ADDR4, length) + length;
}

uint32_t
sctp_peers_frame6(const struct sctp_peers *peers, uint8_t *frame, const uint8_t addr[16],
	const struct sctp_fields *fields, uint32_t chunks_length)
{
	uint32_t length = SCTP_HDR_LENGTH + chunks_length;

	sctp_header(peers, frame + LOOP_HEADERS6, fields, length);
	return loop_frame6(frame, IP_PROTO_SCTP, addr, length) + length;
}

/* ---- what peers send ---- */

static struct sctp_writer
packet_begin(struct sctp_peers *peers)
{
	const uint32_t front = LOOP_HEADERS4 + SCTP_HDR_LENGTH;

	if (sctp_peers_waiting(peers) > peers->queue_mask)
		loop_die("peers: more than %u packets wait", peers->queue_mask + 1);
	return (struct sctp_writer){
		.data = peers->queue[peers->queue_tail & peers->queue_mask].frame + front,
		.room = SCTP_PEERS_FRAME - front,
	};
}

static void
packet_send(struct sctp_peers *peers, uint32_t assoc, unsigned path, uint32_t vtag,
	const struct sctp_writer *writer)
{
	const struct sctp_fields fields = { sctp_peers_port(assoc), APP_PORT, vtag };
	uint32_t at = peers->queue_tail++ & peers->queue_mask;

	peers->queue[at].length = sctp_peers_frame4(
		peers, peers->queue[at].frame, sctp_peers_addr(assoc, path), &fields, writer->used);
}

/* One chunk to the stack of an association. */
static void
chunk_send(struct sctp_peers *peers, uint32_t assoc, unsigned path, enum sctp_chunk_type type,
	const void *value, uint32_t length)
{
	struct sctp_writer writer = packet_begin(peers);
	uint32_t place = sctp_chunk_begin(&writer, (uint8_t)type, 0);

	sctp_put(&writer, value, length);
	sctp_chunk_end(&writer, place);
	packet_send(peers, assoc, path, peers->assocs[assoc].stack_tag, &writer);
}

void
sctp_peers_init(struct sctp_peers *peers, uint32_t index)
{
	struct sctp_peers_assoc *assoc = &peers->assocs[index];
	struct sctp_writer writer = packet_begin(peers);
	uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);

	/* It has another tag each time. */
	*assoc = (struct sctp_peers_assoc){
		.tag = assoc->tag + peers->count, .snd_tsn = PEER_TSN, .acked = PEER_TSN - 1
	};
	if (assoc->tag == peers->count)
		assoc->tag = index + 1;
	sctp_put_u32(&writer, assoc->tag);
	sctp_put_u32(&writer, RWND);
	sctp_put_u16(&writer, STREAMS);
	sctp_put_u16(&writer, STREAMS);
	sctp_put_u32(&writer, PEER_TSN);
	for (unsigned path = 0; path < 2; path++) {
		uint32_t addr_be = htobe32(sctp_peers_addr(index, path));

		sctp_param_put(&writer, SCTP_PARAM_IP4, &addr_be, sizeof(addr_be));
	}
	sctp_chunk_end(&writer, place);
	packet_send(peers, index, 0, 0, &writer);
}

void
sctp_peers_data(struct sctp_peers *peers, uint32_t index, uint32_t length)
{
	static const uint8_t data[SCTP_PEERS_FRAME];
	struct sctp_peers_assoc *assoc = &peers->assocs[index];
	struct sctp_writer writer = packet_begin(peers);
	uint32_t place = sctp_chunk_begin(&writer, SCTP_DATA, SCTP_DATA_BEGIN | SCTP_DATA_END);

	sctp_put_u32(&writer, assoc->snd_tsn);
	sctp_put_u16(&writer, 0);
	sctp_put_u16(&writer, (uint16_t)(assoc->snd_tsn - PEER_TSN));
	sctp_put_u32(&writer, 0);
	sctp_put(&writer, data, length);
	sctp_chunk_end(&writer, place);
	packet_send(peers, index, 0, assoc->stack_tag, &writer);
	assoc->snd_tsn++;
}

static void
sack_send(struct sctp_peers *peers, uint32_t index)
{
	uint8_t value[SCTP_SACK_LENGTH] = { 0 };

	be32_store(value, peers->assocs[index].rcv_cum);
	be32_store(value + 4, RWND);
	chunk_send(peers, index, 0, SCTP_SACK, value, sizeof(value));
}

void
sctp_peers_control(struct sctp_peers *peers, uint32_t index, enum sctp_chunk_type type)
{
	/* SCTP_PARAM_HEARTBEAT_INFO, of 44 bytes as usrsctp's. */
	static const uint8_t info[44] = { 0, 1, 0, 44 };
	uint8_t cum[4];

	switch (type) {
	case SCTP_SHUTDOWN:
		be32_store(cum, peers->assocs[index].rcv_cum);
		chunk_send(peers, index, 0, type, cum, sizeof(cum));
		break;
	case SCTP_HEARTBEAT: chunk_send(peers, index, 0, type, info, sizeof(info)); break;
	default: chunk_send(peers, index, 0, type, NULL, 0); break;
	}
}

/* ---- what they receive ---- */

static void
init_ack_input(struct sctp_peers *peers, uint32_t index, const struct sctp_chunk *chunk)
{
	struct sctp_peers_assoc *assoc = &peers->assocs[index];
	struct sctp_init init = { .initiate_tag = 0 };

	if (sctp_init_parse(chunk, &init) != 0 || init.cookie == NULL)
		loop_die("peers: an INIT ACK without a cookie");
	assoc->stack_tag = init.initiate_tag;
	assoc->rcv_cum = init.initial_tsn - 1;
	if (peers->cookie != NULL)
		peers->cookie(peers, index, &init);
	chunk_send(peers, index, 0, SCTP_COOKIE_ECHO, init.cookie, init.cookie_length);
}

static void
data_input(struct sctp_peers *peers, uint32_t index, const struct sctp_chunk *chunk)
{
	struct sctp_peers_assoc *assoc = &peers->assocs[index];
	struct sctp_data data;

	if (sctp_data_parse(chunk, &data) != 0 || data.tsn != assoc->rcv_cum + 1)
		return;
	assoc->rcv_cum = data.tsn;
	peers->bytes += data.length;
}

static void
chunk_input(struct sctp_peers *peers, uint32_t index, unsigned path, const struct sctp_chunk *chunk)
{
	struct sctp_peers_assoc *assoc = &peers->assocs[index];
	struct sctp_sack sack;

	switch (chunk->type) {
	case SCTP_INIT_ACK: init_ack_input(peers, index, chunk); break;
	case SCTP_COOKIE_ACK:
		peers->established += !assoc->established;
		assoc->established = true;
		break;
	case SCTP_DATA: data_input(peers, index, chunk); break;
	case SCTP_SACK:
		if (sctp_sack_parse(chunk, &sack) == 0)
			assoc->acked = seq_max(assoc->acked, sack.cum_tsn);
		break;
	case SCTP_HEARTBEAT:
		peers->heartbeats++;
		chunk_send(peers, index, path, SCTP_HEARTBEAT_ACK, chunk->value, chunk->length);
		break;
	case SCTP_HEARTBEAT_ACK: peers->heartbeat_acks++; break;
	case SCTP_SHUTDOWN: chunk_send(peers, index, 0, SCTP_SHUTDOWN_ACK, NULL, 0); break;
	case SCTP_SHUTDOWN_ACK:
		chunk_send(peers, index, 0, SCTP_SHUTDOWN_COMPLETE, NULL, 0);
		/* Fallthrough. */
	case SCTP_SHUTDOWN_COMPLETE:
		peers->ended += !assoc->ended;
		assoc->ended = true;
		break;
	case SCTP_ABORT: peers->aborts++; break;
	default: break;
	}
}

/* @return false: no peer's */
static bool
packet_index(const struct sctp_peers *peers, uint32_t addr, uint16_t port, uint32_t *index,
	unsigned *path)
{
	uint64_t found;

	*path = addr >= SCTP_PEERS_ADDR2;
	found = (addr - (*path ? SCTP_PEERS_ADDR2 : SCTP_PEERS_ADDR)) * (uint64_t)SCTP_PEERS_PORTS;
	found += port - 1024U;
	*index = (uint32_t)found;
	return addr >= SCTP_PEERS_ADDR && port >= 1024 && found < peers->count;
}

/* The stack has sent it. */
static void
frame_input(void *arg, const struct rte_mbuf *pkt)
{
	struct sctp_peers *peers = arg;
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const struct ip4_header *ip = (const struct ip4_header *)(frame + ETHER_HDR_LENGTH);
	struct sctp_fields fields;
	struct sctp_cursor cursor;
	struct sctp_chunk chunk;
	bool has_data = false;
	uint32_t index;
	unsigned path;

	peers->received++;
	if (be16_load(frame + 12) != ETHER_TYPE_IP4 || ip->proto != IP_PROTO_SCTP ||
		sctp_hdr_parse(frame + LOOP_HEADERS4, SCTP_HDR_LENGTH, &fields) != 0 ||
		!packet_index(peers, be32toh(ip->dst_be), fields.dst_port, &index, &path) ||
		fields.vtag != peers->assocs[index].tag) {
		peers->answers++;
		peers->answer_bytes += pkt->pkt_len - ETHER_HDR_LENGTH;
		return;
	}
	/* What the stack sends by reference is in other segments. */
	if (pkt->nb_segs > 1)
		frame = rte_pktmbuf_read(pkt, 0, pkt->pkt_len, (uint8_t[SCTP_PEERS_FRAME]){ 0 });
	cursor = (struct sctp_cursor){ frame + LOOP_HEADERS4 + SCTP_HDR_LENGTH,
		be16toh(ip->total_length_be) - (uint32_t)(IP4_HDR_LENGTH + SCTP_HDR_LENGTH) };
	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		has_data |= chunk.type == SCTP_DATA;
		chunk_input(peers, index, path, &chunk);
	}
	if (has_data)
		sack_send(peers, index);
}

static bool
frame_next(void *arg, uint8_t *frame, uint32_t *length)
{
	struct sctp_peers *peers = arg;
	uint32_t at = peers->queue_head & peers->queue_mask;

	if (peers->more != NULL && peers->more(peers, frame, length))
		return true;
	if (sctp_peers_waiting(peers) == 0)
		return false;
	*length = peers->queue[at].length;
	memcpy(frame, peers->queue[at].frame, *length);
	peers->queue_head++;
	return true;
}

/* ---- making it ---- */

struct sctp_peers *
sctp_peers_create(uint32_t assocs, bool checksums, const struct loop_config *config)
{
	struct sctp_peers *peers = calloc(1, sizeof(*peers));
	struct loop_config with = *config;

	if (peers == NULL)
		loop_die("no memory");
	peers->count = assocs;
	peers->checksums = checksums;
	peers->assocs = calloc(assocs, sizeof(*peers->assocs));
	peers->queue = calloc(QUEUE, sizeof(*peers->queue));
	peers->queue_mask = QUEUE - 1;
	if (peers->assocs == NULL || peers->queue == NULL)
		loop_die("no memory");
	with.rx = frame_next;
	with.tx = frame_input;
	with.arg = peers;
	with.offloads = PORT_TX_MULTI_SEGS | PORT_TX_IP4_CHECKSUM;
	if (!checksums)
		with.offloads |= PORT_TX_SCTP_CHECKSUM | PORT_RX_SCTP_CHECKSUM;
	peers->loop = loop_create(&with);
	return peers;
}

void
sctp_peers_destroy(struct sctp_peers *peers)
{
	loop_destroy(peers->loop);
	free(peers->queue);
	free(peers->assocs);
	free(peers);
}
