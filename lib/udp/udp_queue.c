/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The datagrams that wait in sockets to be received. Slots come from one array a worker, so that all
 * sockets together cannot take more packet buffers than the worker can spare.
 */
#include "udp/udp_priv.h"

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

/* What a packet takes of a pool, whatever is in it. */
static uint32_t
buffer_bytes(const struct rte_mbuf *pkt)
{
	return (uint32_t)pkt->nb_segs * pkt->buf_len;
}

bool
udp_queue_put(struct udp_socket *socket, struct rte_mbuf *pkt, enum drop_reason *reason)
{
	struct udp_core *core = socket->core;
	uint32_t bytes = buffer_bytes(pkt), slot = core->free_slot;

	if (socket->queued_bytes + bytes > socket->buffer_max) {
		counter_add(&socket->counters.drops_buffer, 1);
		*reason = DROP_udp_buffer_full;
		return false;
	}
	if (slot == UDP_SLOT_NONE || core->held + pkt->nb_segs > core->config.held_max) {
		counter_add(&socket->counters.drops_memory, 1);
		*reason = DROP_udp_memory_full;
		return false;
	}
	core->free_slot = core->slots[slot].next;
	core->slots[slot] = (struct udp_slot){ pkt, UDP_SLOT_NONE };
	if (socket->queued == 0)
		socket->first = slot;
	else
		core->slots[socket->last].next = slot;
	socket->last = slot;
	core->held += pkt->nb_segs;
	socket->queued_bytes += bytes;
	socket->queued++;
	counter_add(&socket->counters.received, 1);
	counter_add(&socket->counters.received_bytes,
		pkt->pkt_len - pkt->l2_len - pkt->l3_len - UDP_HDR_LENGTH);
	udp_event_add(socket, UDP_EVENT_READABLE);
	return true;
}

static struct rte_mbuf *
queue_take(struct udp_socket *socket)
{
	struct udp_core *core = socket->core;
	uint32_t slot = socket->first;
	struct rte_mbuf *pkt = core->slots[slot].pkt;

	socket->first = core->slots[slot].next;
	core->slots[slot] = (struct udp_slot){ NULL, core->free_slot };
	core->free_slot = slot;
	core->held -= pkt->nb_segs;
	socket->queued_bytes -= buffer_bytes(pkt);
	socket->queued--;
	return pkt;
}

void
udp_queue_flush(struct udp_socket *socket)
{
	while (socket->queued > 0)
		rte_pktmbuf_free(queue_take(socket));
}

/* What its headers say. */
static void
datagram_read(struct rte_mbuf *pkt, struct udp_datagram *datagram)
{
	const struct ip4_header *hdr4 = pkt_l3(pkt, const struct ip4_header *);
	const struct ip6_header *hdr6 = (const void *)hdr4;
	const uint8_t *udp = (const uint8_t *)hdr4 + pkt->l3_len;

	*datagram = (struct udp_datagram){
		.pkt = pkt,
		.src_port = be16_load(udp),
		.iface = pkt_meta(pkt)->iface,
	};
	if (hdr4->version_ihl >> 4 == 4) {
		datagram->src = ip_addr_from4(&hdr4->src_be);
		datagram->dst = ip_addr_from4(&hdr4->dst_be);
		datagram->tos = hdr4->tos;
		datagram->ttl = hdr4->ttl;
	} else {
		datagram->src = ip_addr_from6(hdr6->src);
		datagram->dst = ip_addr_from6(hdr6->dst);
		datagram->tos = (uint8_t)(be32toh(hdr6->version_class_flow_be) >> 20);
		datagram->ttl = hdr6->hop_limit;
	}
}

static uint16_t
headers_length(const struct rte_mbuf *pkt)
{
	return (uint16_t)(pkt->l2_len + pkt->l3_len + UDP_HDR_LENGTH);
}

unsigned
udp_receive(struct udp_socket *socket, struct udp_datagram *datagrams, unsigned max)
{
	unsigned count = 0;

	for (; count < max && socket->queued > 0; count++) {
		struct rte_mbuf *pkt = queue_take(socket);

		datagram_read(pkt, &datagrams[count]);
		rte_pktmbuf_adj(pkt, headers_length(pkt));
		pkt->tx_offload = 0;
	}
	return count;
}

bool
udp_peek(const struct udp_socket *socket, struct udp_datagram *datagram, uint32_t *offset)
{
	struct rte_mbuf *pkt;

	if (socket->queued == 0)
		return false;
	pkt = socket->core->slots[socket->first].pkt;
	datagram_read(pkt, datagram);
	*offset = headers_length(pkt);
	return true;
}
