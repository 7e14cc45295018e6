/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every frame that a stack sends must be like, whoever it is for. Headers are read and
 * checksums computed here, not by lib/wire, so that they prove it.
 */
#include "sim/sim_private.h"

#include <string.h>

#include "support/packet.h"

#define ETHER_LENGTH 14
#define TAG_LENGTH   4
#define TAGS_MAX     2
#define IP6_FRAGMENT 44

/* Where the parts of an IP packet are. */
struct layout {
	const uint8_t *l3, *l4;
	uint32_t l4_length;
	uint8_t family, proto;
	bool fragment, first; /* a part of a datagram; the one with its headers */
};

static uint16_t
get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static bool
layout4(const uint8_t *l3, uint32_t length, struct layout *layout)
{
	uint32_t hdr = length >= IP4_HDR_LENGTH ? (l3[0] & 15) * 4U : 0;
	uint16_t frag;

	if (hdr < IP4_HDR_LENGTH || get16(l3 + 2) < hdr || get16(l3 + 2) > length)
		return false;
	frag = get16(l3 + 6);
	*layout = (struct layout){ .l3 = l3,
		.l4 = l3 + hdr,
		.l4_length = get16(l3 + 2) - hdr,
		.family = IP_FAMILY_4,
		.proto = l3[9],
		.fragment = (frag & 0x3fff) != 0,
		.first = (frag & 0x1fff) == 0 };
	return true;
}

static bool
layout6(const uint8_t *l3, uint32_t length, struct layout *layout)
{
	if (length < IP6_HDR_LENGTH || get16(l3 + 4) > length - IP6_HDR_LENGTH)
		return false;
	*layout = (struct layout){ .l3 = l3,
		.l4 = l3 + IP6_HDR_LENGTH,
		.l4_length = get16(l3 + 4),
		.family = IP_FAMILY_6,
		.proto = l3[6],
		.first = true };
	if (layout->proto == IP6_FRAGMENT && layout->l4_length >= 8) {
		layout->fragment = true;
		layout->first = (get16(layout->l4 + 2) & 0xfff8) == 0;
		layout->proto = layout->l4[0];
		layout->l4 += 8;
		layout->l4_length -= 8;
	}
	return true;
}

/* @return bytes in front of what the frame carries; its type is in the last two of them */
static uint32_t
link_length(const uint8_t *frame, uint32_t length)
{
	uint32_t link = ETHER_LENGTH;

	for (unsigned i = 0; i < TAGS_MAX && length >= link + TAG_LENGTH &&
		(get16(frame + link - 2) == 0x8100 || get16(frame + link - 2) == 0x88a8);
		i++)
		link += TAG_LENGTH;
	return link;
}

/* @return whether it is a frame with an IP packet that is as long as it says */
static bool
layout_of(const uint8_t *frame, uint32_t length, struct layout *layout)
{
	uint32_t link;
	uint16_t type;

	if (length < ETHER_LENGTH)
		return false;
	link = link_length(frame, length);
	type = get16(frame + link - 2);
	frame += link;
	length -= link;
	return (type == 0x0800 && layout4(frame, length, layout)) ||
		(type == 0x86dd && layout6(frame, length, layout));
}

const uint8_t *
sim_frame_udp(const uint8_t *frame, uint32_t length, uint32_t *udp_length)
{
	struct layout layout;

	if (!layout_of(frame, length, &layout) || layout.proto != IP_PROTO_UDP || !layout.first)
		return NULL;
	*udp_length = layout.l4_length;
	return layout.l4;
}

/* Over a message with its right checksum the checksum is 0. */
static bool
l4_checksum_is_right(const struct layout *layout)
{
	unsigned addrs = layout->family == IP_FAMILY_4 ? 8 : 32;
	const uint8_t *addr = layout->l3 + (layout->family == IP_FAMILY_4 ? 12 : 8);
	uint32_t sum = 0;

	if (layout->proto == IP_PROTO_UDP && layout->l4_length >= 8 && get16(layout->l4 + 6) == 0)
		return layout->family == IP_FAMILY_4;
	if (layout->proto != IP_PROTO_ICMP) {
		sum = layout->proto + layout->l4_length;
		for (unsigned i = 0; i < addrs; i += 2)
			sum += get16(addr + i);
	}
	return packet_checksum(sum, layout->l4, layout->l4_length) == 0;
}

bool
sim_frame_is_intact(const uint8_t *frame, uint32_t length)
{
	struct layout layout;

	return layout_of(frame, length, &layout) && !layout.fragment &&
		l4_checksum_is_right(&layout);
}

static const char *
fault_of(const struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length)
{
	struct layout layout;

	if (length < ETHER_LENGTH || length > link_length(frame, length) + link->mtu)
		return "its length";
	if (memcmp(frame + 6, link->ends[end].mac.bytes, 6) != 0)
		return "its source MAC address";
	if (get16(frame + link_length(frame, length) - 2) == 0x0806)
		return NULL;
	if (!layout_of(frame, length, &layout))
		return "its type, or a length in IP's headers";
	if (layout.family == IP_FAMILY_4 &&
		packet_checksum(0, layout.l3, (layout.l3[0] & 15) * 4U) != 0)
		return "its IPv4 header checksum";
	if ((layout.family == IP_FAMILY_4 ? layout.l3[8] : layout.l3[7]) == 0)
		return "its TTL";
	/* Bits that a link flipped are nothing a router notices behind IP's headers. */
	if (!layout.fragment && !link->sim->corrupting &&
		(layout.proto == IP_PROTO_UDP || layout.proto == IP_PROTO_TCP ||
			layout.proto == IP_PROTO_ICMP || layout.proto == IP_PROTO_ICMP6) &&
		!l4_checksum_is_right(&layout))
		return "its checksum";
	return NULL;
}

void
sim_frame_check(const struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length)
{
	const char *fault = fault_of(link, end, frame, length);

	sim_assert(fault == NULL, "%s sent a frame on %s at %llu ns, and %s is wrong",
		link->ends[end].node->name, link->name, (unsigned long long)link->sim->now_ns,
		fault);
}
