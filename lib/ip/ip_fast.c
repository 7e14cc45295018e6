/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fast path: what ether_input, ip*_input, ip*_forward, ip*_output and ether_output do, in one
 * pass, for packets that need nothing special. All others are left to those stages, with no more
 * than their padding cut off; so nothing here decides anything but "plain"
 * (doc/decisions/0002-fast-path.md has the figures). Called by pipeline.c between port_rx and
 * ether_input.
 */
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "pkt/flow_hash.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* Eight bytes that need not be aligned. Little-endian: the first byte is the lowest. */
static inline uint64_t
load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The destination MAC address, and of the source that follows the bit that makes it a group's. */
#define ETHER_OURS_MASK 0x0001ffffffffffffULL

/* To our MAC address, from no group's. */
static inline bool
is_ours(const struct ether_hdr *ether, uint64_t own)
{
	return ((load64(ether) ^ own) & ETHER_OURS_MASK) == 0;
}

static inline bool
checksum_is_good(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	uint64_t flags = pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (flags == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		return true;
	return flags != RTE_MBUF_F_RX_IP_CKSUM_BAD && checksum_ip4_hdr_sum(hdr) == 0xffff;
}

/* A header of 20 bytes that passes every check of ip4_input.c, and has hops left. */
static inline bool
ip4_is_fast(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	uint32_t length = be16toh(hdr->total_length_be);

	return hdr->version_ihl == IP4_VERSION_IHL && hdr->ttl > 1 && length >= IP4_HDR_LENGTH &&
		length + ETHER_HDR_LENGTH <= pkt->pkt_len &&
		(ip4_class(hdr->src_be) | ip4_class(hdr->dst_be)) == 0 &&
		checksum_is_good(pkt, hdr);
}

/* Likewise for ip6_input.c. */
static inline bool
ip6_is_fast(const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	uint32_t length = be16toh(hdr->payload_length_be);

	return ip6_version(hdr) == 6 && hdr->hop_limit > 1 &&
		length + IP6_HDR_LENGTH + ETHER_HDR_LENGTH <= pkt->pkt_len && hdr->src[0] < 0xfe &&
		hdr->dst[0] < 0xfe && load64(hdr->src) != 0 && load64(hdr->dst) != 0;
}

/* A burst under way. */
struct fast {
	struct ip_core *core;
	const struct ip_fast_out *out;
	struct pkt_vec *rest; /* what the stages are to do */
	uint32_t rest_count;
	struct pkt_vec *tx; /* of the port that the last packet went to */
	uint32_t tx_count;
	uint16_t tx_port;
};

/* Packets of one family, picked from a burst, and what is looked up for them. */
struct fast_batch {
	unsigned count;
	struct rte_mbuf *pkts[PKT_BURST];
	union {
		uint32_t dst4_be[PKT_BURST];
		const uint8_t *dst6[PKT_BURST];
	};
	uint32_t ids[PKT_BURST];
};

/* A neighbour that is known, behind a plain Ethernet header. */
static inline bool
is_ready(const struct nexthop *nexthop)
{
	return __atomic_load_n(&nexthop->type, __ATOMIC_ACQUIRE) == NEXTHOP_GATEWAY &&
		nexthop->rewrite_length == ETHER_HDR_LENGTH;
}

typedef uint32_t flow_hash_fn(const struct toeplitz *toeplitz, struct rte_mbuf *pkt);

/* The nexthop, if it is a group its member. @return NULL if the stages must see to the packet */
static inline const struct nexthop *
fast_nexthop(const struct fast *fast, struct rte_mbuf *pkt, uint32_t *id, uint32_t length,
	flow_hash_fn *flow_hash)
{
	const struct nexthop *nexthops = fast->core->nexthops;
	// NOLINTNEXTLINE(clang-analyzer-core.*): the lookup wrote all ids
	const struct nexthop *nexthop = nexthop_get(nexthops, *id);

	if (!is_ready(nexthop)) {
		if (nexthop->type != NEXTHOP_GROUP)
			return NULL;
		/* What pads the frame must not pass for ports. */
		pkt->l2_len = ETHER_HDR_LENGTH;
		ip_trim(pkt, length);
		*id = nexthop_group_select(nexthop->group, flow_hash(fast->core->toeplitz, pkt));
		nexthop = nexthop_get(nexthops, *id);
		if (!is_ready(nexthop))
			return NULL;
	}
	return likely(length <= nexthop->mtu) ? nexthop : NULL;
}

static __rte_noinline void
fast_tx_switch(struct fast *fast, uint16_t port)
{
	fast->tx->count = fast->tx_count;
	fast->tx_port = port;
	fast->tx = &fast->out->tx[port];
	fast->tx_count = fast->tx->count;
	*fast->out->ports |= 1ULL << port;
}

/* Link header, length, counters, and into the port's vector. */
static inline void
fast_send(struct fast *fast, struct rte_mbuf *pkt, const struct nexthop *nexthop, uint32_t id,
	uint32_t length)
{
	struct nexthop_counters *counters = &fast->out->counters[id];

	if (unlikely(pkt->pkt_len != ETHER_HDR_LENGTH + length)) {
		pkt->l2_len = ETHER_HDR_LENGTH;
		ip_trim(pkt, length);
	}
	ether_rewrite14(rte_pktmbuf_mtod(pkt, uint8_t *), nexthop);
	counter_add(&counters->packets, 1);
	counter_add(&counters->bytes, ETHER_HDR_LENGTH + length);
	if (unlikely(nexthop->port != fast->tx_port))
		fast_tx_switch(fast, nexthop->port);
	fast->tx->pkts[fast->tx_count++] = pkt;
}

static void
fast_forward4(struct fast *shared, struct fast_batch *batch)
{
	struct fast fast = *shared; /* in registers */
	unsigned left = 0;

	fib4_lookup_bulk(fast.core->fib4, batch->dst4_be, batch->ids, batch->count);
	for (unsigned i = 0; i < batch->count; i++) {
		struct rte_mbuf *pkt = batch->pkts[i];
		struct ip4_header *hdr =
			rte_pktmbuf_mtod_offset(pkt, struct ip4_header *, ETHER_HDR_LENGTH);
		uint32_t length = be16toh(hdr->total_length_be);
		const struct nexthop *nexthop =
			fast_nexthop(&fast, pkt, &batch->ids[i], length, flow_hash_ip4);

		if (unlikely(nexthop == NULL)) {
			fast.rest->pkts[fast.rest_count++] = pkt;
			left++;
			continue;
		}
		ip4_decrement_ttl(hdr);
		fast_send(&fast, pkt, nexthop, batch->ids[i], length);
	}
	counter_add(&fast.core->counters.forwarded4, batch->count - left);
	*shared = fast;
}

static void
fast_forward6(struct fast *shared, struct fast_batch *batch)
{
	struct fast fast = *shared; /* in registers */
	unsigned left = 0;

	fib6_lookup_bulk(fast.core->fib6, batch->dst6, batch->ids, batch->count);
	for (unsigned i = 0; i < batch->count; i++) {
		struct rte_mbuf *pkt = batch->pkts[i];
		struct ip6_header *hdr =
			rte_pktmbuf_mtod_offset(pkt, struct ip6_header *, ETHER_HDR_LENGTH);
		uint32_t length = IP6_HDR_LENGTH + be16toh(hdr->payload_length_be);
		const struct nexthop *nexthop =
			fast_nexthop(&fast, pkt, &batch->ids[i], length, flow_hash_ip6);

		if (unlikely(nexthop == NULL)) {
			fast.rest->pkts[fast.rest_count++] = pkt;
			left++;
			continue;
		}
		hdr->hop_limit--;
		fast_send(&fast, pkt, nexthop, batch->ids[i], length);
	}
	counter_add(&fast.core->counters.forwarded6, batch->count - left);
	*shared = fast;
}

uint32_t
ip_fast(struct ip_core *core, const struct iface *iface, struct pkt_vec *vec,
	const struct ip_fast_out *out)
{
	struct fast fast = {
		.core = core,
		.out = out,
		.rest = vec,
		.tx = &out->tx[0],
		.tx_count = out->tx[0].count,
		.tx_port = UINT16_MAX, /* so that the first packet chooses */
	};
	struct fast_batch ip4, ip6;
	uint32_t count = vec->count;
	uint64_t own = 0;

	memcpy(&own, &iface->mac, sizeof(iface->mac));
	ip4.count = ip6.count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];
		const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
		const struct ip4_header *hdr4 = (const void *)(ether + 1);
		const struct ip6_header *hdr6 = (const void *)(ether + 1);

		if (likely(pkt->data_len >= ETHER_HDR_LENGTH + IP4_HDR_LENGTH &&
			    ether->type_be == RTE_BE16(ETHER_TYPE_IP4) && is_ours(ether, own) &&
			    ip4_is_fast(pkt, hdr4))) {
			ip4.dst4_be[ip4.count] = hdr4->dst_be;
			ip4.pkts[ip4.count++] = pkt;
		} else if (likely(pkt->data_len >= ETHER_HDR_LENGTH + IP6_HDR_LENGTH &&
				   ether->type_be == RTE_BE16(ETHER_TYPE_IP6) &&
				   is_ours(ether, own) && ip6_is_fast(pkt, hdr6))) {
			ip6.dst6[ip6.count] = hdr6->dst;
			ip6.pkts[ip6.count++] = pkt;
		} else {
			vec->pkts[fast.rest_count++] = pkt;
		}
	}
	if (ip4.count > 0)
		fast_forward4(&fast, &ip4);
	if (ip6.count > 0)
		fast_forward6(&fast, &ip6);
	fast.tx->count = fast.tx_count;
	vec->count = fast.rest_count;
	return count - fast.rest_count;
}
