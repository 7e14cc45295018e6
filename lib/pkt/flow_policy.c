/* SPDX-License-Identifier: BSD-3-Clause */
/* Hashes over chosen fields: called by ip4_output, ip6_output and ip_fast for groups. */
#include "pkt/flow_policy.h"

#include <rte_jhash.h>

#include "pkt/flow_tunnel.h"
#include "wire/endian.h"
#include "wire/ip6.h"

/* A flow as it is hashed: zero where a field is not chosen. Addresses of IPv4 are in front. */
struct flow_key {
	uint8_t addrs[2][16];
	uint16_t ports[2]; /* network order, as the rest */
	uint32_t label;
	uint32_t proto;
};

_Static_assert(sizeof(struct flow_key) % sizeof(uint32_t) == 0, "hashed by words");

static void
key_swap(struct flow_key *key)
{
	uint16_t port = key->ports[0];
	uint8_t addr[16];

	memcpy(addr, key->addrs[0], sizeof(addr));
	memcpy(key->addrs[0], key->addrs[1], sizeof(addr));
	memcpy(key->addrs[1], addr, sizeof(addr));
	key->ports[0] = key->ports[1];
	key->ports[1] = port;
}

static uint32_t
key_hash(const struct flow_policy *policy, struct flow_key *key)
{
	int order;

	if ((policy->fields & FLOW_SRC_PORT) == 0)
		key->ports[0] = 0;
	if ((policy->fields & FLOW_DST_PORT) == 0)
		key->ports[1] = 0;
	if ((policy->fields & FLOW_PROTO) == 0)
		key->proto = 0;
	if ((policy->fields & FLOW_LABEL) == 0)
		key->label = 0;
	if (policy->symmetric) {
		order = memcmp(key->addrs[0], key->addrs[1], sizeof(key->addrs[0]));
		if (order > 0 || (order == 0 && key->ports[0] > key->ports[1]))
			key_swap(key);
	}
	return rte_jhash_32b(
		(const uint32_t *)(const void *)key, sizeof(*key) / sizeof(uint32_t), policy->seed);
}

static void
key_addrs(const struct flow_policy *policy, struct flow_key *key, const void *src, const void *dst,
	unsigned length)
{
	if ((policy->fields & FLOW_SRC) != 0)
		memcpy(key->addrs[0], src, length);
	if ((policy->fields & FLOW_DST) != 0)
		memcpy(key->addrs[1], dst, length);
}

static bool
ip4_is_fragment(const struct ip4_header *hdr)
{
	return (hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) != 0;
}

static uint32_t
hash_ip4(const struct flow_policy *policy, const struct ip4_header *hdr, uint32_t length)
{
	unsigned ports = ip4_hdr_length(hdr);
	struct flow_key key = { .proto = hdr->proto };

	key_addrs(policy, &key, &hdr->src_be, &hdr->dst_be, 4);
	if (flow_has_ports(hdr->proto) && !ip4_is_fragment(hdr) && ports + 4 <= length)
		memcpy(key.ports, (const uint8_t *)hdr + ports, 4);
	return key_hash(policy, &key);
}

/* Protocol and ports behind a chain of extension headers; not those of a fragment. */
static void
key_transport6(struct flow_key *key, const struct ip6_header *hdr, uint32_t length)
{
	struct ip6_chain chain;

	if (ip6_chain_parse(hdr, length, &chain) < 0 || chain.fragment)
		return;
	key->proto = chain.proto;
	if (flow_has_ports(chain.proto) && chain.offset + 4U <= length)
		memcpy(key->ports, (const uint8_t *)hdr + chain.offset, 4);
}

static uint32_t
hash_ip6(const struct flow_policy *policy, const struct ip6_header *hdr, uint32_t length)
{
	struct flow_key key = { 0 };
	uint32_t word;

	memcpy(&word, hdr, sizeof(word));
	key.label = word & htobe32(0xfffff);
	key_addrs(policy, &key, hdr->src, hdr->dst, 16);
	if ((policy->fields & (FLOW_PROTO | FLOW_SRC_PORT | FLOW_DST_PORT)) != 0)
		key_transport6(&key, hdr, length);
	return key_hash(policy, &key);
}

static uint32_t
hash_inner(const struct flow_policy *policy, const void *hdr, uint32_t length)
{
	return *(const uint8_t *)hdr >> 4 == 4 ? hash_ip4(policy, hdr, length)
					       : hash_ip6(policy, hdr, length);
}

/* What is inside a tunnel's packet only its first fragment shows: then it does not count. */
uint32_t
flow_policy_ip4(const struct flow_policy *policy, const struct rte_mbuf *pkt)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	uint32_t length = pkt->data_len - pkt->l2_len, inner_length;
	uint32_t offset = ip4_hdr_length(hdr);
	const void *inner = NULL;

	if (policy->inner && !ip4_is_fragment(hdr) && offset <= length)
		inner = flow_tunnel_inner(
			hdr->proto, (const uint8_t *)hdr + offset, length - offset, &inner_length);
	return inner != NULL ? hash_inner(policy, inner, inner_length)
			     : hash_ip4(policy, hdr, length);
}

uint32_t
flow_policy_ip6(const struct flow_policy *policy, const struct rte_mbuf *pkt)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	uint32_t length = pkt->data_len - pkt->l2_len, inner_length;
	const void *inner = NULL;
	struct ip6_chain chain;

	if (policy->inner && ip6_chain_parse(hdr, length, &chain) == 0 && !chain.fragment &&
		chain.offset <= length)
		inner = flow_tunnel_inner(chain.proto, (const uint8_t *)hdr + chain.offset,
			length - chain.offset, &inner_length);
	return inner != NULL ? hash_inner(policy, inner, inner_length)
			     : hash_ip6(policy, hdr, length);
}

uint32_t
flow_policy_flow(const struct flow_policy *policy, const struct ip_flow *flow)
{
	struct flow_key key = { .proto = flow->proto };

	if (flow->src.family == IP_FAMILY_6)
		key.label = htobe32(flow->label);
	key_addrs(policy, &key, flow->src.bytes, flow->dst.bytes, ip_addr_length(&flow->src));
	if (flow_has_ports(flow->proto)) {
		key.ports[0] = htobe16(flow->src_port);
		key.ports[1] = htobe16(flow->dst_port);
	}
	return key_hash(policy, &key);
}
