/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 headers: the chain of extension headers, building, special addresses. */
#include "wire/ip6.h"

#include <errno.h>
#include <stddef.h>

#include "wire/endian.h"
#include "wire/ip4.h"

const struct ip_addr ip6_all_nodes = { IP_FAMILY_6, { 0xff, 0x02, [15] = 1 } };
const struct ip_addr ip6_all_routers = { IP_FAMILY_6, { 0xff, 0x02, [15] = 2 } };
const struct ip_addr ip6_site_routers = { IP_FAMILY_6, { 0xff, 0x05, [15] = 2 } };

static bool
ip6_is_extension(uint8_t proto)
{
	return proto == IP_PROTO_HOPOPT || proto == IP_PROTO_ROUTING ||
		proto == IP_PROTO_FRAGMENT || proto == IP_PROTO_DSTOPTS;
}

int
ip6_chain_parse(const void *data, uint32_t length, struct ip6_chain *chain)
{
	const uint8_t *bytes = data;
	uint16_t fragment;
	uint32_t ext_length;

	*chain = (struct ip6_chain){
		.proto = bytes[offsetof(struct ip6_header, next_header)],
		.offset = IP6_HDR_LENGTH,
		.proto_field = offsetof(struct ip6_header, next_header),
	};
	for (unsigned count = 0; ip6_is_extension(chain->proto); count++) {
		if (count == IP6_EXT_MAX)
			return -E2BIG;
		/* RFC 8200 4, 4.1: hop-by-hop options come first or not at all. */
		if (chain->proto == IP_PROTO_HOPOPT && count > 0)
			return -EPROTO;
		if (chain->offset + 8U > length)
			return -EINVAL;
		ext_length = (bytes[chain->offset + 1] + 1U) * 8;
		if (chain->proto == IP_PROTO_FRAGMENT) {
			ext_length = IP6_FRAG_HDR_LENGTH;
			chain->fragment_header = true;
			fragment = be16_load(bytes + chain->offset + 2);
			if ((fragment & 0xfff9) != 0) {
				/* RFC 8200 4.1: once at most. Atomic ones (RFC 6946) are passed. */
				if (chain->fragment)
					return -EPROTO;
				chain->fragment_offset = chain->offset;
				chain->fragment_field = chain->proto_field;
				chain->fragment = true;
				chain->fragment_first = (fragment & 0xfff8) == 0;
			}
		}
		if (chain->offset + ext_length > length || chain->offset + ext_length > UINT16_MAX)
			return -EINVAL;
		chain->proto = bytes[chain->offset];
		chain->proto_field = chain->offset;
		chain->offset += ext_length;
		if (chain->fragment && !chain->fragment_first)
			return 0;
	}
	return 0;
}

void
ip6_frag_parse(const void *data, struct ip6_frag *frag)
{
	const uint8_t *bytes = data;
	uint16_t word = be16_load(bytes + 2);

	frag->next_header = bytes[0];
	frag->offset = word & 0xfff8;
	frag->more = (word & 1) != 0;
	frag->id = be32_load(bytes + 4);
}

void
ip6_frag_build(void *data, const struct ip6_frag *frag)
{
	uint8_t *bytes = data;

	bytes[0] = frag->next_header;
	bytes[1] = 0;
	be16_store(bytes + 2, (uint16_t)(frag->offset | (frag->more ? 1 : 0)));
	be32_store(bytes + 4, frag->id);
}

void
ip6_hdr_build(struct ip6_header *hdr, const struct ip6_build *build)
{
	hdr->version_class_flow_be = htobe32(6U << 28 | (uint32_t)build->traffic_class << 20 |
		(build->flow_label & IP6_FLOW_LABEL_MAX));
	hdr->payload_length_be = htobe16(build->payload_length);
	hdr->next_header = build->next_header;
	hdr->hop_limit = build->hop_limit;
	memcpy(hdr->src, build->src, sizeof(hdr->src));
	memcpy(hdr->dst, build->dst, sizeof(hdr->dst));
}

struct ip_addr
ip6_solicited_node(const struct ip_addr *addr)
{
	struct ip_addr group = {
		.family = IP_FAMILY_6,
		.bytes = { 0xff, 0x02, [11] = 0x01, [12] = 0xff },
	};

	memcpy(group.bytes + 13, addr->bytes + 13, 3);
	return group;
}

struct ip_addr
ip6_link_local(const uint8_t mac[6])
{
	struct ip_addr addr = {
		.family = IP_FAMILY_6,
		.bytes = { 0xfe, 0x80, [8] = mac[0] ^ 0x02, mac[1], mac[2], 0xff, 0xfe, mac[3],
			mac[4], mac[5] },
	};

	return addr;
}
