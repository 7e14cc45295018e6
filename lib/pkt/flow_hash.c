/* SPDX-License-Identifier: BSD-3-Clause */
/* The flow hash of packets and of flows that are only described. */
#include "pkt/flow_hash.h"

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static inline uint32_t
pkt_hash_keep(struct rte_mbuf *pkt, uint32_t hash)
{
	pkt->hash.rss = hash;
	pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	return hash;
}

uint32_t
flow_hash_ip4(const struct toeplitz *toeplitz, struct rte_mbuf *pkt)
{
	const struct ip4_header *hdr;
	unsigned ports_offset;
	uint32_t hash;

	if (pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		return pkt->hash.rss;
	hdr = pkt_l3(pkt, const struct ip4_header *);
	hash = toeplitz_hash_at(toeplitz, 0, &hdr->src_be, 8);
	ports_offset = pkt->l2_len + ip4_hdr_length(hdr);
	if (flow_has_ports(hdr->proto) &&
		(hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) == 0 &&
		ports_offset + 4 <= pkt->data_len)
		hash ^= toeplitz_hash_at(
			toeplitz, 8, rte_pktmbuf_mtod_offset(pkt, const void *, ports_offset), 4);
	return pkt_hash_keep(pkt, hash);
}

/* Where the ports are: right behind the header, or behind a chain of extension headers. */
static const void *
ip6_ports(const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	uint32_t length = pkt->data_len - pkt->l2_len;
	struct ip6_chain chain;

	if (flow_has_ports(hdr->next_header))
		return length >= IP6_HDR_LENGTH + 4 ? hdr + 1 : NULL;
	if (ip6_chain_parse(hdr, length, &chain) < 0 || chain.fragment ||
		!flow_has_ports(chain.proto) || chain.offset + 4U > length)
		return NULL;
	return (const uint8_t *)hdr + chain.offset;
}

uint32_t
flow_hash_ip6(const struct toeplitz *toeplitz, struct rte_mbuf *pkt)
{
	const struct ip6_header *hdr;
	const void *ports;
	uint32_t hash;

	if (pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		return pkt->hash.rss;
	hdr = pkt_l3(pkt, const struct ip6_header *);
	hash = toeplitz_hash_at(toeplitz, 0, hdr->src, 32);
	ports = ip6_ports(pkt, hdr);
	if (ports != NULL)
		hash ^= toeplitz_hash_at(toeplitz, 32, ports, 4);
	return pkt_hash_keep(pkt, hash);
}

uint32_t
flow_hash_flow(const struct toeplitz *toeplitz, const struct ip_flow *flow)
{
	uint8_t tuple[36];
	unsigned addr_length = ip_addr_length(&flow->src), length = 2 * addr_length;

	memcpy(tuple, flow->src.bytes, addr_length);
	memcpy(tuple + addr_length, flow->dst.bytes, addr_length);
	if (flow_has_ports(flow->proto)) {
		be16_store(tuple + length, flow->src_port);
		be16_store(tuple + length + 2, flow->dst_port);
		length += 4;
	}
	return toeplitz_hash(toeplitz, tuple, length);
}
