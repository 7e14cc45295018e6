/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fast path: what ether_input, ip*_input, ip*_forward, ip*_output and ether_output do, in one
 * pass, for packets that need nothing special. All others are left to those stages, with no more
 * than their padding cut off; so nothing here decides anything but "plain"
 * (doc/decisions/0002-fast-path.md has the figures). Called by pipeline.c between port_rx and
 * ether_input.
 */
#include "ip/ip_fast_tags.h"
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "pkt/flow_policy.h"
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

/* Likewise to one that the port has beside its own. */
static inline bool
is_added(const struct ether_hdr *ether, const struct iface *link)
{
	return link->mac_count > 0 && iface_mac_is_added(link, &ether->dst) &&
		!mac_addr_is_group(&ether->src);
}

static inline bool
checksum_is_good(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	uint64_t flags = pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (flags == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		return true;
	return flags != RTE_MBUF_F_RX_IP_CKSUM_BAD && checksum_ip4_hdr_is_good(hdr);
}

/* A header of 20 bytes that passes every check of ip4_input.c, and has hops left. */
static inline bool
ip4_is_fast(const struct rte_mbuf *pkt, uint32_t l2_length, const struct ip4_header *hdr)
{
	uint32_t length = be16toh(hdr->total_length_be);

	return hdr->version_ihl == IP4_VERSION_IHL && hdr->ttl > 1 && length >= IP4_HDR_LENGTH &&
		length + l2_length <= pkt->pkt_len &&
		(ip4_class_at(&hdr->src_be) | ip4_class_at(&hdr->dst_be)) == 0 &&
		checksum_is_good(pkt, hdr);
}

/* Likewise for ip6_input.c. */
static inline bool
ip6_is_fast(const struct rte_mbuf *pkt, uint32_t l2_length, const struct ip6_header *hdr)
{
	uint32_t length = be16toh(hdr->payload_length_be);

	return ip6_version(hdr) == 6 && hdr->hop_limit > 1 &&
		length + IP6_HDR_LENGTH + l2_length <= pkt->pkt_len && hdr->src[0] < 0xfe &&
		hdr->dst[0] < 0xfe && load64(hdr->src) != 0 && load64(hdr->dst) != 0;
}

/* A burst under way. Packets with tags are in it without them: their data starts that much later. */
struct fast {
	struct ip_core *core;
	const struct ip_vrf *vrf; /* the interface's */
	const struct ip_fast_out *out;
	struct pkt_vec *rest; /* what the stages are to do */
	uint32_t rest_count;
	struct pkt_vec *tx; /* of the port that the last packet went to */
	struct rte_mbuf **tx_next; /* its first free place */
	uint16_t tx_port;
};

/* Packets of one family, picked from a burst, and what is looked up for them. */
struct fast_batch {
	unsigned count;
	unsigned tags_length; /* bytes of VLAN tags that each of them came with */
	struct rte_mbuf *pkts[PKT_BURST];
	union {
		uint32_t dst4_be[PKT_BURST];
		const uint8_t *dst6[PKT_BURST];
	};
	uint32_t ids[PKT_BURST];
};

/* A neighbour that is known. */
static inline bool
is_ready(const struct nexthop *nexthop)
{
	return nexthop_type_of(nexthop) == NEXTHOP_GATEWAY;
}

static __rte_noinline struct rte_mbuf **
fast_tx_switch(struct fast *fast, struct rte_mbuf **tx_next, uint16_t port)
{
	fast->tx->count = (uint32_t)(tx_next - fast->tx->pkts);
	fast->tx_port = port;
	fast->tx = &fast->out->tx[port];
	*fast->out->ports |= 1ULL << port;
	return fast->tx->pkts + fast->tx->count;
}

/* Bytes of the datagram behind an Ethernet header. */
static inline uint32_t
datagram_length(const uint8_t *frame, bool ip4)
{
	const struct ip4_header *hdr4 = (const void *)(frame + ETHER_HDR_LENGTH);
	const struct ip6_header *hdr6 = (const void *)(frame + ETHER_HDR_LENGTH);

	return ip4 ? be16toh(hdr4->total_length_be)
		   : be16toh(hdr6->payload_length_be) + IP6_HDR_LENGTH;
}

static inline void
fast_trim(struct rte_mbuf *pkt, uint32_t length)
{
	pkt->l2_len = ETHER_HDR_LENGTH;
	ip_trim(pkt, length);
}

static inline void
fast_decrement_hops(uint8_t *frame, bool ip4)
{
	struct ip4_header *hdr4 = (void *)(frame + ETHER_HDR_LENGTH);
	struct ip6_header *hdr6 = (void *)(frame + ETHER_HDR_LENGTH);

	if (ip4)
		ip4_decrement_ttl(hdr4);
	else
		hdr6->hop_limit--;
}

/* A run of packets: counted at once, since each addition would wait for the one before. */
static inline void
fast_count(struct nexthop_counters *counters, struct nexthop_counters *run)
{
	counter_add(&counters->packets, run->packets);
	counter_add(&counters->bytes, run->bytes);
	*run = (struct nexthop_counters){ 0 };
}

/*
 * Hops, link header, counters, and into the port's vector. Packets whose nexthop is not ready, or
 * behind a link header with tags, stay in the batch. It calls nothing but on the rare ways, so that
 * the loop's state is in registers.
 */
static inline void
fast_send(struct fast *fast, struct fast_batch *batch, bool ip4)
{
	const struct nexthop *const nexthops = fast->core->nexthops;
	struct nexthop_counters *const counters = fast->out->counters;
	struct rte_mbuf **tx_next = fast->tx_next;
	uint16_t tx_port = fast->tx_port;
	unsigned left = 0, count = batch->count;
	struct nexthop_counters run = { 0 }; /* of packets one after the other to one nexthop */
	uint32_t run_id = batch->ids[0]; // NOLINT(clang-analyzer-core.*): the lookup wrote all

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = batch->pkts[i];
		uint32_t id = batch->ids[i]; // NOLINT(clang-analyzer-core.*): likewise
		const struct nexthop *nexthop = nexthop_get(nexthops, id);
		uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
		uint32_t length = datagram_length(frame, ip4);

		if (unlikely(!is_ready(nexthop) || nexthop->rewrite_length != ETHER_HDR_LENGTH ||
			    length > nexthop_mtu_of(nexthop))) {
			batch->pkts[left] = pkt;
			batch->ids[left++] = id;
			continue;
		}
		if (unlikely(pkt->pkt_len != ETHER_HDR_LENGTH + length))
			fast_trim(pkt, length);
		fast_decrement_hops(frame, ip4);
		ether_rewrite14(frame, nexthop);
		if (id != run_id) {
			fast_count(&counters[run_id], &run);
			run_id = id;
		}
		run.packets++;
		run.bytes += ETHER_HDR_LENGTH + length;
		if (unlikely(nexthop->port != tx_port)) {
			tx_port = nexthop->port;
			tx_next = fast_tx_switch(fast, tx_next, tx_port);
		}
		*tx_next++ = pkt;
	}
	fast_count(&counters[run_id], &run);
	batch->count = left;
	fast->tx_next = tx_next;
}

/* The same for link headers of any length: those with tags need more room than a plain one. */
static __rte_noinline void
fast_send_tagged(struct fast *fast, struct fast_batch *batch, bool ip4)
{
	struct nexthop_counters *const counters = fast->out->counters;
	unsigned left = 0, count = batch->count;

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = batch->pkts[i];
		uint32_t id = batch->ids[i];
		const struct nexthop *nexthop = nexthop_get(fast->core->nexthops, id);
		uint32_t length = datagram_length(rte_pktmbuf_mtod(pkt, uint8_t *), ip4);
		uint16_t room;

		if (!is_ready(nexthop) || length > nexthop_mtu_of(nexthop) ||
			rte_pktmbuf_headroom(pkt) < FAST_TAGS_LENGTH_MAX) {
			batch->pkts[left] = pkt;
			batch->ids[left++] = id;
			continue;
		}
		if (unlikely(pkt->pkt_len != ETHER_HDR_LENGTH + length))
			fast_trim(pkt, length);
		fast_decrement_hops(rte_pktmbuf_mtod(pkt, uint8_t *), ip4);
		room = nexthop->rewrite_length - ETHER_HDR_LENGTH;
		ether_rewrite((uint8_t *)rte_pktmbuf_prepend(pkt, room), nexthop);
		counter_add(&counters[id].packets, 1);
		counter_add(&counters[id].bytes, ETHER_HDR_LENGTH + room + length);
		if (unlikely(nexthop->port != fast->tx_port))
			fast->tx_next = fast_tx_switch(fast, fast->tx_next, nexthop->port);
		*fast->out->tagged |= 1ULL << nexthop->port;
		*fast->tx_next++ = pkt;
	}
	batch->count = left;
}

/*
 * What flow_hash_ip4() gives: addresses and ports are next to each other here. What pads the frame
 * must not pass for ports.
 */
static inline uint32_t
fast_hash4(const struct fast *fast, struct rte_mbuf *pkt)
{
	const struct ip4_header *hdr =
		rte_pktmbuf_mtod_offset(pkt, const struct ip4_header *, ETHER_HDR_LENGTH);
	uint32_t length = be16toh(hdr->total_length_be);

	if (unlikely(fast->vrf->policy != NULL)) {
		fast_trim(pkt, length);
		return flow_policy_ip4(fast->vrf->policy, pkt);
	}
	if ((pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0)
		return pkt->hash.rss;
	if (likely(flow_has_ports(hdr->proto) &&
		    (hdr->frag_be & RTE_BE16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) == 0 &&
		    length >= IP4_HDR_LENGTH + 4 &&
		    pkt->data_len >= ETHER_HDR_LENGTH + IP4_HDR_LENGTH + 4))
		return toeplitz_hash_at(fast->core->toeplitz, 0, &hdr->src_be, 12);
	fast_trim(pkt, length);
	return flow_hash_ip4(fast->core->toeplitz, pkt);
}

/* Likewise, without extension headers. */
static inline uint32_t
fast_hash6(const struct fast *fast, struct rte_mbuf *pkt)
{
	const struct ip6_header *hdr =
		rte_pktmbuf_mtod_offset(pkt, const struct ip6_header *, ETHER_HDR_LENGTH);
	uint32_t length = be16toh(hdr->payload_length_be) + IP6_HDR_LENGTH;

	if (unlikely(fast->vrf->policy != NULL)) {
		fast_trim(pkt, length);
		return flow_policy_ip6(fast->vrf->policy, pkt);
	}
	if ((pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0)
		return pkt->hash.rss;
	if (likely(flow_has_ports(hdr->next_header) && length >= IP6_HDR_LENGTH + 4 &&
		    pkt->data_len >= ETHER_HDR_LENGTH + IP6_HDR_LENGTH + 4))
		return toeplitz_hash_at(fast->core->toeplitz, 0, hdr->src, 36);
	fast_trim(pkt, length);
	return flow_hash_ip6(fast->core->toeplitz, pkt);
}

/* Packets for groups get their paths. @return how many */
static inline unsigned
fast_select(struct fast *fast, struct fast_batch *batch, bool ip4)
{
	const struct ip_core *core = fast->core;
	unsigned groups = 0;

	for (unsigned i = 0; i < batch->count; i++) {
		const struct nexthop *nexthop = nexthop_get(core->nexthops, batch->ids[i]);
		struct rte_mbuf *pkt = batch->pkts[i];
		uint32_t hash;

		if (unlikely(nexthop_type_of(nexthop) != NEXTHOP_GROUP))
			continue;
		hash = ip4 ? fast_hash4(fast, pkt) : fast_hash6(fast, pkt);
		batch->ids[i] = nexthop_group_select(nexthop_group_of(nexthop), hash);
		groups++;
	}
	return groups;
}

/* What is left of a batch is the stages' work. @return how many packets were not */
static inline unsigned
fast_rest(struct fast *fast, const struct fast_batch *batch, unsigned count)
{
	for (unsigned i = 0; i < batch->count; i++) {
		rte_pktmbuf_prepend(batch->pkts[i], (uint16_t)batch->tags_length);
		fast->rest->pkts[fast->rest_count++] = batch->pkts[i];
	}
	return count - batch->count;
}

/* Bursts are of a kind: where the first packet goes, to a group or by a VLAN, most do. */
static inline unsigned
fast_forward(struct fast *fast, struct fast_batch *batch, bool ip4)
{
	const struct nexthop *const nexthops = fast->core->nexthops;
	unsigned count = batch->count;

	// NOLINTNEXTLINE(clang-analyzer-core.*): the lookup wrote all
	if (nexthop_type_of(nexthop_get(nexthops, batch->ids[0])) == NEXTHOP_GROUP)
		fast_select(fast, batch, ip4);
	if (unlikely(nexthop_get(nexthops, batch->ids[0])->rewrite_length > ETHER_HDR_LENGTH))
		fast_send_tagged(fast, batch, ip4);
	else
		fast_send(fast, batch, ip4);
	if (batch->count > 0 && fast_select(fast, batch, ip4) > 0)
		fast_send(fast, batch, ip4);
	if (batch->count > 0)
		fast_send_tagged(fast, batch, ip4);
	return fast_rest(fast, batch, count);
}

static void
fast_forward4(struct fast *fast, struct fast_batch *batch)
{
	fib4_lookup_bulk(fast->vrf->fib4, batch->dst4_be, batch->ids, batch->count);
	counter_add(&fast->core->counters.forwarded4, fast_forward(fast, batch, true));
}

static void
fast_forward6(struct fast *fast, struct fast_batch *batch)
{
	fib6_lookup_bulk(fast->vrf->fib6, batch->dst6, batch->ids, batch->count);
	counter_add(&fast->core->counters.forwarded6, fast_forward(fast, batch, false));
}

/* Into the batch of its family, if it is to us, and plain behind its tags. */
static bool
fast_pick_tagged(const struct fast_tags *tags, struct rte_mbuf *pkt, struct fast_batch *ip4,
	struct fast_batch *ip6)
{
	const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	const void *hdr = (const uint8_t *)(ether + 1) + tags->length;
	uint32_t l2_length = ETHER_HDR_LENGTH + tags->length;

	if (tags->iface == NULL || !(is_ours(ether, tags->mac) || is_added(ether, tags->link)))
		return false;
	if (tags->type_be == RTE_BE16(ETHER_TYPE_IP4)) {
		if (pkt->data_len < l2_length + IP4_HDR_LENGTH || !ip4_is_fast(pkt, l2_length, hdr))
			return false;
		ip4->dst4_be[ip4->count] = ((const struct ip4_header *)hdr)->dst_be;
		ip4->pkts[ip4->count++] = pkt;
	} else {
		if (pkt->data_len < l2_length + IP6_HDR_LENGTH || !ip6_is_fast(pkt, l2_length, hdr))
			return false;
		ip6->dst6[ip6->count] = ((const struct ip6_header *)hdr)->dst;
		ip6->pkts[ip6->count++] = pkt;
	}
	rte_pktmbuf_adj(pkt, tags->length);
	return true;
}

/* All in the batches came by one interface. What is left of them is counted with the stages. */
static void
fast_flush_tagged(struct fast *fast, const struct iface *iface, struct fast_batch *ip4,
	struct fast_batch *ip6, uint64_t bytes)
{
	uint32_t packets = ip4->count + ip6->count, left = fast->rest_count;
	struct iface_counters *counters;

	if (packets == 0)
		return;
	fast->vrf = ip_vrf_get(fast->core->vrfs, iface->vrf);
	if (ip4->count > 0)
		fast_forward4(fast, ip4);
	if (ip6->count > 0)
		fast_forward6(fast, ip6);
	ip4->count = ip6->count = 0;
	counters = __atomic_load_n(&fast->out->ifaces[iface->index], __ATOMIC_ACQUIRE);
	if (iface->type != IFACE_VLAN || counters == NULL)
		return;
	for (; left < fast->rest_count; left++) {
		packets--;
		bytes -= fast->rest->pkts[left]->pkt_len;
	}
	counter_add(&counters->rx_packets, packets);
	counter_add(&counters->rx_bytes, bytes);
}

/* Whether a packet among the rest has tags, or is to another MAC address of the port. */
static inline bool
is_second_pass(const struct rte_mbuf *pkt, const struct iface *link)
{
	const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);

	return pkt->data_len >= FAST_TAGS_HDR_MAX &&
		(ether->type_be == RTE_BE16(ETHER_TYPE_VLAN) ||
			ether->type_be == RTE_BE16(ETHER_TYPE_QINQ) || is_added(ether, link));
}

/*
 * The second pass, so that what needs none pays nothing. What comes by a trunk is mostly tagged
 * alike; no tags at all are one way to be tagged.
 */
static __rte_noinline void
fast_tagged(struct fast *fast, const struct iface *iface)
{
	struct fast_batch ip4, ip6;
	struct fast_tags tags = { .head_mask = UINT64_MAX }; /* matches none */
	uint32_t count = fast->rest_count;
	uint64_t bytes = 0;

	ip4.count = ip6.count = 0;
	fast->rest_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = fast->rest->pkts[i];
		const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
		bool tagged = is_second_pass(pkt, iface);

		if (tagged && !fast_tags_match(&tags, (const uint8_t *)ether)) {
			fast_flush_tagged(fast, tags.iface, &ip4, &ip6, bytes);
			bytes = 0;
			fast_tags_parse(&tags, fast->core->ifaces, iface, (const uint8_t *)ether);
			ip4.tags_length = ip6.tags_length = tags.length;
		}
		if (tagged && fast_pick_tagged(&tags, pkt, &ip4, &ip6))
			bytes += pkt->pkt_len + tags.length;
		else
			fast->rest->pkts[fast->rest_count++] = pkt;
	}
	fast_flush_tagged(fast, tags.iface, &ip4, &ip6, bytes);
	fast->vrf = ip_vrf_get(fast->core->vrfs, iface->vrf);
}

uint32_t
ip_fast(struct ip_core *core, const struct iface *iface, struct pkt_vec *vec,
	const struct ip_fast_out *out)
{
	struct fast fast = {
		.core = core,
		.vrf = ip_vrf_get(core->vrfs, iface->vrf),
		.out = out,
		.rest = vec,
		.tx = &out->tx[0],
		.tx_next = out->tx[0].pkts + out->tx[0].count,
		.tx_port = UINT16_MAX, /* so that the first packet chooses */
	};
	struct fast_batch ip4, ip6;
	uint32_t count = vec->count;
	unsigned count4 = 0, count6 = 0;
	uint64_t own = 0;

	memcpy(&own, &iface->mac, sizeof(iface->mac));
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];
		const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
		const struct ip4_header *hdr4 = (const void *)(ether + 1);
		const struct ip6_header *hdr6 = (const void *)(ether + 1);

		if (likely(pkt->data_len >= ETHER_HDR_LENGTH + IP4_HDR_LENGTH &&
			    ether->type_be == RTE_BE16(ETHER_TYPE_IP4) && is_ours(ether, own) &&
			    ip4_is_fast(pkt, ETHER_HDR_LENGTH, hdr4))) {
			ip4.dst4_be[count4] = hdr4->dst_be;
			ip4.pkts[count4++] = pkt;
		} else if (likely(pkt->data_len >= ETHER_HDR_LENGTH + IP6_HDR_LENGTH &&
				   ether->type_be == RTE_BE16(ETHER_TYPE_IP6) &&
				   is_ours(ether, own) &&
				   ip6_is_fast(pkt, ETHER_HDR_LENGTH, hdr6))) {
			ip6.dst6[count6] = hdr6->dst;
			ip6.pkts[count6++] = pkt;
		} else {
			vec->pkts[fast.rest_count++] = pkt;
		}
	}
	if (unlikely(fast.rest_count > 0))
		fast_tagged(&fast, iface);
	ip4.count = count4;
	ip6.count = count6;
	ip4.tags_length = ip6.tags_length = 0;
	if (count4 > 0)
		fast_forward4(&fast, &ip4);
	if (count6 > 0)
		fast_forward6(&fast, &ip6);
	fast.tx->count = (uint32_t)(fast.tx_next - fast.tx->pkts);
	vec->count = fast.rest_count;
	return count - fast.rest_count;
}
