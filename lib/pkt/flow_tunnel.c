/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the packet inside a tunnel's packet. Called by flow_policy.c. */
#include "pkt/flow_tunnel.h"

#include <stdbool.h>
#include <stddef.h>

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/vlan.h"

#define PROTO_IP4 4
#define PROTO_IP6 41
#define PROTO_GRE 47

/* RFC 2784 2.1, 2890 2: which of the optional words are there. */
#define GRE_HDR_LENGTH 4
#define GRE_CHECKSUM   0x8000
#define GRE_KEY        0x2000
#define GRE_SEQUENCE   0x1000
#define GRE_OTHERS     0x4fff /* RFC 1701's routing, and what must be 0; with the version */
#define GRE_ETHERNET   0x6558 /* RFC 7637 3.2 */

/* RFC 7348 5 */
#define VXLAN_PORT       4789
#define VXLAN_HDR_LENGTH 8
#define VXLAN_VNI        0x08

/* 3GPP TS 29.281 4.4.2, 5.1, 5.2 */
#define GTPU_PORT       2152
#define GTPU_HDR_LENGTH 8
#define GTPU_VERSION_1  0x30 /* of GTP, not GTP' */
#define GTPU_VERSION    0xf0
#define GTPU_EXTENSION  0x04
#define GTPU_OPTIONAL   0x07 /* any of these: four more bytes */
#define GTPU_G_PDU      255
#define GTPU_EXT_MAX    4

#define UDP_HDR_LENGTH  8

/* What is left of a packet. */
struct span {
	const uint8_t *at;
	uint32_t length;
};

static bool
skip(struct span *span, uint32_t length)
{
	if (span->length < length)
		return false;
	span->at += length;
	span->length -= length;
	return true;
}

static bool
is_ip4(const struct span *span)
{
	const struct ip4_header *hdr = (const void *)span->at;

	return span->length >= IP4_HDR_LENGTH && hdr->version_ihl >> 4 == 4 &&
		ip4_hdr_length(hdr) >= IP4_HDR_LENGTH && ip4_hdr_length(hdr) <= span->length;
}

static bool
is_ip6(const struct span *span)
{
	return span->length >= IP6_HDR_LENGTH && span->at[0] >> 4 == 6;
}

static bool
is_type(const struct span *span, uint16_t type)
{
	return type == ETHER_TYPE_IP4 ? is_ip4(span) : type == ETHER_TYPE_IP6 && is_ip6(span);
}

static bool
ether_inner(struct span *span)
{
	struct vlan_tags tags;
	uint16_t type;
	unsigned header = vlan_hdr_parse(span->at, span->length, &tags, &type);

	return header != 0 && skip(span, header) && is_type(span, type);
}

static bool
gre_inner(struct span *span)
{
	uint16_t flags, type;

	if (span->length < GRE_HDR_LENGTH)
		return false;
	flags = be16_load(span->at);
	type = be16_load(span->at + 2);
	if ((flags & GRE_OTHERS) != 0)
		return false;
	if (!skip(span,
		    GRE_HDR_LENGTH + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) +
			    (flags & GRE_SEQUENCE ? 4 : 0)))
		return false;
	return type == GRE_ETHERNET ? ether_inner(span) : is_type(span, type);
}

static bool
vxlan_inner(struct span *span)
{
	return span->length >= VXLAN_HDR_LENGTH && (span->at[0] & VXLAN_VNI) != 0 &&
		skip(span, VXLAN_HDR_LENGTH) && ether_inner(span);
}

/* A chain of extension headers: the first byte is the length in words, the last the next one's type. */
static bool
gtpu_extensions(struct span *span, uint8_t type)
{
	for (unsigned i = 0; type != 0; i++) {
		uint32_t length;

		if (i == GTPU_EXT_MAX || span->length == 0)
			return false;
		length = span->at[0] * 4U;
		if (length == 0 || length > span->length)
			return false;
		type = span->at[length - 1];
		skip(span, length);
	}
	return true;
}

static bool
gtpu_inner(struct span *span)
{
	uint8_t flags, type = 0;

	if (span->length < GTPU_HDR_LENGTH || (span->at[0] & GTPU_VERSION) != GTPU_VERSION_1 ||
		span->at[1] != GTPU_G_PDU)
		return false;
	flags = span->at[0];
	skip(span, GTPU_HDR_LENGTH);
	if (flags & GTPU_OPTIONAL) {
		if (!skip(span, 4))
			return false;
		/* The fields that no flag names are there, and say nothing. */
		type = flags & GTPU_EXTENSION ? span->at[-1] : 0;
	}
	return gtpu_extensions(span, type) && (is_ip4(span) || is_ip6(span));
}

static bool
udp_inner(struct span *span)
{
	uint16_t port;

	if (span->length < UDP_HDR_LENGTH)
		return false;
	port = be16_load(span->at + 2);
	skip(span, UDP_HDR_LENGTH);
	if (port == VXLAN_PORT)
		return vxlan_inner(span);
	return port == GTPU_PORT && gtpu_inner(span);
}

const void *
flow_tunnel_inner(uint8_t proto, const void *data, uint32_t length, uint32_t *inner_length)
{
	struct span span = { data, length };
	bool found = false;

	switch (proto) {
	case PROTO_IP4: found = is_ip4(&span); break;
	case PROTO_IP6: found = is_ip6(&span); break;
	case PROTO_GRE: found = gre_inner(&span); break;
	case IP_PROTO_UDP: found = udp_inner(&span); break;
	default: break;
	}
	*inner_length = span.length;
	return found ? span.at : NULL;
}
