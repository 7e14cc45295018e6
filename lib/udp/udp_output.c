/* SPDX-License-Identifier: BSD-3-Clause */
/* Data on its way out: headers in front, and into the output queue. Called by lib/sock; ip*_route is next. */
#include "udp/udp_priv.h"

#include <errno.h>

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

/* In front of IP's header: the link's, with tags. */
#define LINK_ROOM 32

/* What of a packet that was received is not true of what is sent. */
static void
packet_reset(struct rte_mbuf *pkt)
{
	pkt->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	pkt->packet_type = 0;
	pkt->vlan_tci = 0;
	pkt->vlan_tci_outer = 0;
	pkt->tx_offload = 0;
}

/* Room for headers in front: in the packet if it is nobody else's, else in a buffer of their own. */
static uint8_t *
headers_prepend(struct udp_core *core, struct rte_mbuf **pkt, uint16_t length)
{
	struct rte_mbuf *front = *pkt;

	if (rte_pktmbuf_headroom(front) < length + LINK_ROOM || !RTE_MBUF_DIRECT(front) ||
		rte_mbuf_refcnt_read(front) != 1) {
		front = rte_pktmbuf_alloc(core->config.pool);
		if (front == NULL)
			return NULL;
		/* As far behind as it would be in the packet itself. */
		if (rte_pktmbuf_chain(front, *pkt) != 0) {
			rte_pktmbuf_free(front);
			return NULL;
		}
		*pkt = front;
	}
	return (uint8_t *)rte_pktmbuf_prepend(front, length);
}

/* Whether IPv4 may not cut it on its way: RFC 1191 3. */
static bool
df_of(const struct udp_socket *socket, const struct udp_way *way, uint32_t length)
{
	switch ((enum udp_pmtu)socket->pmtu) {
	case UDP_PMTU_DONT: return false;
	case UDP_PMTU_WANT: return length <= way->path_mtu;
	default: return true;
	}
}

/* What output is to know of it: by then the path may be known to carry less. */
static uint8_t
flags_of(const struct udp_socket *socket)
{
	switch ((enum udp_pmtu)socket->pmtu) {
	case UDP_PMTU_DO: return PKT_ORIGINATED | PKT_DONT_CUT;
	case UDP_PMTU_PROBE: return PKT_ORIGINATED | PKT_DONT_CUT | PKT_PROBE;
	default: return PKT_ORIGINATED;
	}
}

/* How long a packet may be that must not be cut. */
static uint32_t
length_max(const struct udp_socket *socket, const struct udp_way *way)
{
	const uint32_t max = way->dst.family == IP_FAMILY_4
		? IP4_LENGTH_MAX
		: IP6_HDR_LENGTH + UDP_HDR_LENGTH + UDP_DATA_MAX6;

	switch ((enum udp_pmtu)socket->pmtu) {
	case UDP_PMTU_DO: return way->path_mtu;
	case UDP_PMTU_PROBE: return way->link_mtu;
	default: return max;
	}
}

static void
headers_build4(const struct udp_socket *socket, const struct udp_way *way, uint16_t length,
	struct ip4_header *hdr)
{
	struct ip4_build build = {
		.payload_length = length,
		.id = way->id,
		.tos = socket->tos,
		.ttl = way->ttl,
		.proto = IP_PROTO_UDP,
		.df = df_of(socket, way, length + (uint32_t)IP4_HDR_LENGTH),
	};

	memcpy(&build.src_be, way->src.bytes, 4);
	memcpy(&build.dst_be, way->dst.bytes, 4);
	ip4_hdr_build(hdr, &build);
}

static void
headers_build6(const struct udp_socket *socket, const struct udp_way *way, uint16_t length,
	struct ip6_header *hdr)
{
	const struct ip6_build build = {
		.src = way->src.bytes,
		.dst = way->dst.bytes,
		.payload_length = length,
		.traffic_class = socket->tos,
		.next_header = IP_PROTO_UDP,
		.hop_limit = way->ttl,
	};

	ip6_hdr_build(hdr, &build);
}

static void
headers_build(
	const struct udp_socket *socket, const struct udp_way *way, uint16_t length, uint8_t *hdr)
{
	const struct udp udp = {
		.src_port = socket->local_port,
		.dst_port = way->dst_port,
		.length = length,
	};

	if (way->dst.family == IP_FAMILY_4) {
		headers_build4(socket, way, length, (struct ip4_header *)hdr);
		udp_build(hdr + IP4_HDR_LENGTH, &udp);
	} else {
		headers_build6(socket, way, length, (struct ip6_header *)hdr);
		udp_build(hdr + IP6_HDR_LENGTH, &udp);
	}
}

static int
send_check(struct udp_socket *socket, const struct rte_mbuf *pkt, const struct udp_way *way,
	uint32_t hdr_length)
{
	const uint32_t data_max = way->dst.family == IP_FAMILY_4 ? UDP_DATA_MAX4 : UDP_DATA_MAX6;

	if (pkt->pkt_len > data_max || hdr_length + pkt->pkt_len > length_max(socket, way))
		return -EMSGSIZE;
	if (pkt_queue_room(socket->core->config.output) == 0) {
		counter_add(&socket->core->counters.send_buffer_errors, 1);
		return -EAGAIN;
	}
	return 0;
}

int
udp_send(struct udp_socket *socket, struct rte_mbuf *pkt, const struct udp_way *way)
{
	const bool is4 = way->dst.family == IP_FAMILY_4;
	const uint16_t l3_length = is4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
	const uint32_t data_length = pkt->pkt_len;
	struct udp_core *core = socket->core;
	uint8_t *hdr;
	int rc = send_check(socket, pkt, way, l3_length + (uint32_t)UDP_HDR_LENGTH);

	if (rc < 0)
		return rc;
	hdr = headers_prepend(core, &pkt, l3_length + UDP_HDR_LENGTH);
	if (hdr == NULL) {
		counter_add(&core->counters.send_buffer_errors, 1);
		return -ENOBUFS;
	}
	packet_reset(pkt);
	headers_build(socket, way, (uint16_t)(UDP_HDR_LENGTH + data_length), hdr);
	pkt->l3_len = l3_length;
	/* RFC 1122 4.1.3.4, RFC 8200 8.1: where it leaves its checksum is made, or by the port. */
	if (socket->checksum || !is4)
		pkt->ol_flags |=
			RTE_MBUF_F_TX_UDP_CKSUM | (is4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	pkt_meta_init(pkt, way->iface, flags_of(socket));
	pkt_meta(pkt)->vrf = (uint8_t)socket->vrf;
	pkt_queue_put(core->config.output, pkt);
	counter_add(&core->counters.out_datagrams, 1);
	counter_add(&socket->counters.sent, 1);
	counter_add(&socket->counters.sent_bytes, data_length);
	return 0;
}
