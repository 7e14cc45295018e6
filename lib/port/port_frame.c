/* SPDX-License-Identifier: BSD-3-Clause */
/* Tags, addresses, protocol and ports of a frame. By workers, for port_spread.c and port_flow.c. */
#include "port/port_frame.h"

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/vlan.h"

static void
ip4_parse(const struct ip4_header *hdr, uint32_t length, struct port_frame *frame)
{
	if (length < IP4_HDR_LENGTH || hdr->version_ihl >> 4 != 4)
		return;
	frame->addrs = &hdr->src_be;
	frame->proto = hdr->proto;
	frame->fragment = (hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) != 0;
	if (ip4_hdr_length(hdr) + 4 <= length)
		frame->ports = (const uint8_t *)hdr + ip4_hdr_length(hdr);
}

static void
ip6_parse(const struct ip6_header *hdr, uint32_t length, struct port_frame *frame)
{
	const uint8_t *bytes = (const uint8_t *)hdr;
	struct ip6_chain chain;

	if (length < IP6_HDR_LENGTH || bytes[0] >> 4 != 6)
		return;
	frame->ip6 = true;
	frame->addrs = hdr->src;
	frame->proto = hdr->next_header;
	if (ip6_chain_parse(hdr, length, &chain) < 0)
		return;
	frame->fragment = chain.fragment;
	/* What the first one has behind more extension headers the others cannot know. */
	frame->proto = chain.fragment ? bytes[chain.fragment_offset] : chain.proto;
	if (chain.offset + 4U <= length)
		frame->ports = bytes + chain.offset;
}

void
port_frame_parse(const uint8_t *bytes, uint32_t length, struct port_frame *frame)
{
	uint32_t at = ETHER_HDR_LENGTH;
	uint16_t type;

	*frame = (struct port_frame){ 0 };
	if (length < at)
		return;
	type = be16_load(bytes + at - 2);
	while ((type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ) &&
		frame->tags < VLAN_TAGS_MAX) {
		if (length < at + VLAN_TAG_LENGTH)
			return;
		if (frame->tags++ == 0)
			frame->vlan = be16_load(bytes + at) & VLAN_ID_MASK;
		at += VLAN_TAG_LENGTH;
		type = be16_load(bytes + at - 2);
	}
	frame->eth_type = type;
	if (type == ETHER_TYPE_IP4)
		ip4_parse((const void *)(bytes + at), length - at, frame);
	else if (type == ETHER_TYPE_IP6)
		ip6_parse((const void *)(bytes + at), length - at, frame);
}
