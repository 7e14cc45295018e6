/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports at full traffic: each poll of p0 finds a burst, made on the spot, and what p1 to p3 are given
 * to send is judged. Both on the workers' threads. A packet carries its destination and the tick of
 * its entry.
 */
#include "churn/churn.h"

#include <rte_mbuf.h>

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define MAGIC 0x63687572U /* "chur" */

/* What a packet says of itself, behind its UDP header. */
struct stamp {
	uint32_t magic;
	uint32_t leaf;
	uint32_t tick;
	uint32_t family; /* index of churn.families */
} __attribute__((packed, aligned(2)));

#define UDP_HDR_LENGTH 8
#define PAYLOAD        (UDP_HDR_LENGTH + sizeof(struct stamp))
#define FRAME4         (ETHER_HDR_LENGTH + IP4_HDR_LENGTH + PAYLOAD)
#define FRAME6         (ETHER_HDR_LENGTH + IP6_HDR_LENGTH + PAYLOAD)

struct churn_port {
	unsigned index;
	struct rte_mempool *pools[CHURN_WORKERS_MAX];
	uint64_t seeds[CHURN_WORKERS_MAX];
};

static struct churn_port ports[CHURN_PORTS];

/* ---- entry ---- */

/* An address in a leaf, whatever is behind its prefix. */
static struct ip_addr
leaf_addr(const struct family *family, unsigned leaf, uint64_t *seed)
{
	const struct ip_prefix prefix = plan_leaf(family, leaf);
	struct ip_addr addr = prefix.addr;

	for (unsigned byte = prefix.length / 8; byte < ip_addr_length(&addr); byte++) {
		unsigned kept = byte == prefix.length / 8U ? prefix.length % 8U : 0;

		addr.bytes[byte] |= (uint8_t)churn_draw(seed) & (0xff >> kept);
	}
	return addr;
}

/* From 10.0.0.9 or 2001:db8::9. */
static void
ip_build(uint8_t *l3, const struct ip_addr *dst)
{
	static const uint8_t src6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 };

	if (dst->family == IP_FAMILY_6) {
		ip6_hdr_build((struct ip6_header *)l3,
			&(struct ip6_build){ .src = src6,
				.dst = dst->bytes,
				.payload_length = PAYLOAD,
				.next_header = IP_PROTO_UDP,
				.hop_limit = 64 });
		return;
	}
	struct ip4_build build = { .src_be = htobe32(0x0a000009),
		.payload_length = PAYLOAD,
		.ttl = 64,
		.proto = IP_PROTO_UDP };

	memcpy(&build.dst_be, dst->bytes, 4);
	ip4_hdr_build((struct ip4_header *)l3, &build);
}

static unsigned
leaf_choose(const struct family *family, uint64_t *seed)
{
	if (churn_below(seed, 4) == 0)
		return family->hot[churn_below(seed, CHURN_HOT)];
	return churn_below(seed, family->leaf_count);
}

static void
frame_build(struct rte_mbuf *pkt, uint32_t tick, uint64_t *seed, struct traffic_counters *counters)
{
	static const uint8_t addresses[] = { 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, 0 };
	unsigned which = churn_below(seed, CHURN_FAMILIES);
	const struct family *family = &churn.families[which];
	unsigned leaf = leaf_choose(family, seed);
	const struct ip_addr dst = leaf_addr(family, leaf, seed);
	const struct stamp stamp = { MAGIC, leaf, tick, which };
	bool ip4 = dst.family == IP_FAMILY_4;
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint8_t *l4 = frame + ETHER_HDR_LENGTH + (ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH);

	pkt->data_len = ip4 ? FRAME4 : FRAME6;
	pkt->pkt_len = pkt->data_len;
	memcpy(frame, addresses, sizeof(addresses));
	be16_store(frame + 12, ip4 ? ETHER_TYPE_IP4 : ETHER_TYPE_IP6);
	ip_build(frame + ETHER_HDR_LENGTH, &dst);
	be32_store(l4, (uint32_t)churn_draw(seed));
	be32_store(l4 + 4, PAYLOAD << 16);
	memcpy(l4 + UDP_HDR_LENGTH, &stamp, sizeof(stamp));
	counter_add(&counters->sent[!plan_is_steady(family, leaf)], 1);
}

static uint16_t
churn_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct churn_port *port = driver;
	uint32_t tick = __atomic_load_n(&churn_clock, __ATOMIC_ACQUIRE);

	if (port->index != 0 || !__atomic_load_n(&churn.traffic, __ATOMIC_RELAXED) ||
		rte_pktmbuf_alloc_bulk(port->pools[queue], pkts, count) < 0)
		return 0;
	for (uint16_t i = 0; i < count; i++)
		frame_build(pkts[i], tick, &port->seeds[queue], &churn.counters[0][queue]);
	return count;
}

/* ---- exit ---- */

struct verdict {
	bool right, unknown;
};

static void
neigh_judge(const struct family *family, uint32_t neighs, const struct ether_hdr *ether,
	uint32_t tick, struct verdict *verdict)
{
	unsigned variant = ether->dst.bytes[2], sink = ether->dst.bytes[3];
	unsigned number = ether->dst.bytes[4];
	struct timeline_values variants;

	if ((neighs >> (8 * sink + number) & 1) == 0)
		return;
	timeline_since(&family->neighs[sink][number], tick, &variants);
	verdict->unknown |= variants.unknown;
	for (unsigned i = 0; i < variants.count; i++)
		verdict->right |= variants.values[i] == variant;
}

static void
way_judge(const struct family *family, uint16_t index, const struct ether_hdr *ether, uint32_t tick,
	struct verdict *verdict)
{
	const struct way *way = &family->ways[index];
	struct timeline_values ways;

	if (way->resolver == TIMELINE_NONE) {
		neigh_judge(family, way->neighs, ether, tick, verdict);
		return;
	}
	timeline_since(&family->resolvers[way->resolver], tick, &ways);
	verdict->unknown |= ways.unknown;
	for (unsigned i = 0; i < ways.count; i++)
		neigh_judge(family, family->ways[ways.values[i]].neighs, ether, tick, verdict);
}

/* Judge by all that the timeline was. @return whether there was nothing for a while */
static bool
timeline_judge(const struct family *family, const struct timeline *timeline,
	const struct ether_hdr *ether, uint32_t tick, struct verdict *verdict)
{
	struct timeline_values ways;
	bool gap = false;

	timeline_since(timeline, tick, &ways);
	verdict->unknown |= ways.unknown;
	for (unsigned i = 0; i < ways.count; i++) {
		if (ways.values[i] == TIMELINE_NONE)
			gap = true;
		else
			way_judge(family, ways.values[i], ether, tick, verdict);
	}
	return gap;
}

static void
packet_judge(const struct churn_port *port, const struct ether_hdr *ether,
	const struct stamp *stamp, struct verdict *verdict)
{
	const struct family *family = &churn.families[stamp->family];
	unsigned leaf = stamp->leaf;
	uint16_t cover = family->cover_ways[plan_cover_of(family, leaf)];

	*verdict = (struct verdict){ 0 };
	/* What plan_mac() makes, for a neighbour on this port. */
	if (ether->dst.bytes[0] != 2 || ether->dst.bytes[1] != 1 || ether->dst.bytes[5] != 1 ||
		ether->dst.bytes[3] != port->index - 1 || ether->dst.bytes[4] >= CHURN_NEIGHS)
		return;
	if (timeline_judge(family, &family->leaves[leaf].way, ether, stamp->tick, verdict) &&
		timeline_judge(family, &family->middles[plan_middle_of(family, leaf)], ether,
			stamp->tick, verdict) &&
		cover != TIMELINE_NONE)
		way_judge(family, cover, ether, stamp->tick, verdict);
}

/* A packet of ours, whose headers are as they should be; NULL: something else that is sent. */
static const struct stamp *
packet_stamp(const struct rte_mbuf *pkt)
{
	const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	const uint8_t *l3 = (const uint8_t *)(ether + 1);
	bool ip4 = ether->type_be == htobe16(ETHER_TYPE_IP4);
	const struct stamp *stamp;

	if (pkt->pkt_len != (ip4 ? FRAME4 : FRAME6) || l3[ip4 ? 9 : 6] != IP_PROTO_UDP)
		return NULL;
	stamp = (const void *)(l3 + (ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH) + UDP_HDR_LENGTH);
	return stamp->magic == MAGIC && l3[ip4 ? 8 : 7] == 63 ? stamp : NULL;
}

static uint16_t
churn_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct churn_port *port = driver;
	struct traffic_counters *counters = &churn.counters[port->index][queue];

	for (uint16_t i = 0; i < count; i++) {
		const struct stamp *stamp = packet_stamp(pkts[i]);
		struct verdict verdict;

		if (stamp == NULL)
			continue;
		packet_judge(
			port, rte_pktmbuf_mtod(pkts[i], const struct ether_hdr *), stamp, &verdict);
		counter_add(&counters->got[!plan_is_steady(
				    &churn.families[stamp->family], stamp->leaf)],
			1);
		counter_add(&counters->unknown, !verdict.right && verdict.unknown);
		counter_add(&counters->wrong, !verdict.right && !verdict.unknown);
	}
	rte_pktmbuf_free_bulk(pkts, count);
	return count;
}

void
traffic_sum(struct traffic_counters *sum)
{
	*sum = (struct traffic_counters){ 0 };
	for (unsigned i = 0; i < CHURN_PORTS * CHURN_WORKERS_MAX; i++) {
		const struct traffic_counters *counters =
			&churn.counters[i / CHURN_WORKERS_MAX][i % CHURN_WORKERS_MAX];

		for (unsigned class = 0; class < 2; class ++) {
			sum->got[class] += counter_read(&counters->got[class]);
			sum->sent[class] += counter_read(&counters->sent[class]);
		}
		sum->wrong += counter_read(&counters->wrong);
		sum->unknown += counter_read(&counters->unknown);
	}
}

/* ---- the driver ---- */

static int
churn_open(struct port *port, const char *args, struct error *err)
{
	struct churn_port *self = &ports[args[0] - '0'];

	(void)err;
	self->index = (unsigned)(args[0] - '0');
	port->driver = self;
	port->rxq_max = CHURN_WORKERS_MAX;
	port->txq_max = CHURN_WORKERS_MAX;
	port->offloads = PORT_TX_MULTI_SEGS;
	port->mac = (struct mac_addr){ { 2, 0, 0, 0, 1, (uint8_t)self->index } };
	return 0;
}

static int
churn_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct churn_port *self = port->driver;

	(void)err;
	port->config.mtu = PORT_MTU_DEFAULT;
	for (unsigned i = 0; i < port->config.rxq_count; i++) {
		self->pools[i] = pools[i];
		self->seeds[i] = churn.seed * 7919 + i;
	}
	return 0;
}

static int
churn_start(struct port *port, struct error *err)
{
	(void)port;
	(void)err;
	return 0;
}

static void
churn_stop(struct port *port)
{
	(void)port;
}

static void
churn_link(struct port *port, struct port_link *link)
{
	(void)port;
	link->up = true;
}

static int
churn_rss_get(struct port *port, struct port_rss *rss)
{
	(void)port;
	*rss = (struct port_rss){ 0 };
	return 0;
}

const struct port_ops churn_port_ops = {
	.name = "churn",
	.open = churn_open,
	.configure = churn_configure,
	.start = churn_start,
	.stop = churn_stop,
	.close = churn_stop,
	.link = churn_link,
	.rss_get = churn_rss_get,
	.rx = churn_rx,
	.tx = churn_tx,
};
