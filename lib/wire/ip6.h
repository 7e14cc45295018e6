/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The IPv6 header (RFC 8200), its extension headers, and special addresses (RFC 4291).
 */
#ifndef WIRE_IP6_H
#define WIRE_IP6_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"

#define IP6_HDR_LENGTH     40
#define IP6_FLOW_LABEL_MAX 0xfffffU
/** RFC 8200 5: the least MTU of a link that carries IPv6. */
#define IP6_MTU_MIN 1280
/** Extension headers that a packet may chain before it is refused (RFC 8504 5.3). */
#define IP6_EXT_MAX 8

struct ip6_header {
	uint32_t version_class_flow_be;
	uint16_t payload_length_be;
	uint8_t next_header;
	uint8_t hop_limit;
	uint8_t src[16];
	uint8_t dst[16];
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct ip6_header) == IP6_HDR_LENGTH, "IPv6 header");

static inline unsigned
ip6_version(const struct ip6_header *hdr)
{
	return *(const uint8_t *)hdr >> 4;
}

/** Where the chain of extension headers ends. */
struct ip6_chain {
	uint8_t proto; /**< the upper-layer protocol, or the header at which the walk stopped */
	uint16_t offset; /**< of that header from the start of the IPv6 header, bytes */
	uint16_t
		proto_field; /**< offset of the byte that named it: a parameter problem's pointer */
	bool fragment_header; /**< a fragment header was passed */
	bool fragment; /**< ... of what is one of several: atomic fragments do not count */
	bool fragment_first; /**< ... with offset 0 */
	uint16_t fragment_offset; /**< ... where that header is */
	uint16_t fragment_field; /**< ... and the byte that named it */
};

/**
 * Walk over hop-by-hop options, destination options, routing and fragment headers.
 * Behind a fragment that is not the first one the walk stops: what follows is not a header.
 *
 * @param data the IPv6 header's first byte
 * @param length bytes present from there, at least IP6_HDR_LENGTH
 * @param chain filled on failure too: how far the walk came
 * @return 0, -EINVAL for a header that is cut off, -E2BIG for more than IP6_EXT_MAX headers,
 *         -EPROTO for hop-by-hop options that are not first (RFC 8200 4 answers them as it does an
 *         unrecognized next header, pointing at `proto_field`), or a fragment of a fragment
 */
int ip6_chain_parse(const void *data, uint32_t length, struct ip6_chain *chain);

/** The fragment header: RFC 8200 4.5. */
#define IP6_FRAG_HDR_LENGTH   8
#define IP6_FRAG_OFFSET_FIELD 2 /**< where the offset is in it */
struct ip6_frag {
	uint8_t next_header;
	bool more;
	uint16_t offset; /**< bytes */
	uint32_t id;
};

void ip6_frag_parse(const void *data, struct ip6_frag *frag);
void ip6_frag_build(void *data, const struct ip6_frag *frag);

/** The fields of a header to write; the rest follows from them. */
struct ip6_build {
	const uint8_t *src, *dst; /**< 16 bytes each */
	uint16_t payload_length; /**< bytes behind the header */
	uint8_t traffic_class, next_header, hop_limit;
	uint32_t flow_label; /**< of 20 bits; 0: none (RFC 6437 2) */
};

void ip6_hdr_build(struct ip6_header *hdr, const struct ip6_build *build);

/** ff02::1 */
extern const struct ip_addr ip6_all_nodes;
/** ff02::2 */
extern const struct ip_addr ip6_all_routers;
/** ff05::2 */
extern const struct ip_addr ip6_site_routers;
/** ff02::1:ffXX:XXXX for an address: RFC 4291 2.7.1. */
struct ip_addr ip6_solicited_node(const struct ip_addr *addr);
/** fe80:: with the modified EUI-64 of a MAC address: RFC 4291 appendix A. */
struct ip_addr ip6_link_local(const uint8_t mac[6]);

static inline bool
ip6_is_multicast(const uint8_t addr[16])
{
	return addr[0] == 0xff;
}

static inline bool
ip6_is_link_local(const uint8_t addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/** :: or ::1, the two that never cross a link. */
static inline bool
ip6_is_unspecified_or_loopback(const uint8_t addr[16])
{
	uint64_t high, low;

	__builtin_memcpy(&high, addr, 8);
	__builtin_memcpy(&low, addr + 8, 8);
	return high == 0 && (low == 0 || low == htobe64(1));
}

static inline bool
ip6_is_unspecified(const uint8_t addr[16])
{
	return ip6_is_unspecified_or_loopback(addr) && addr[15] == 0;
}

/** ::ffff:0:0/96, IPv4 as applications write it (RFC 4291 2.5.5.2): it never crosses a link (RFC 6890). */
static inline bool
ip6_is_mapped(const uint8_t addr[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, 0xff };

	return __builtin_memcmp(addr, prefix, sizeof(prefix)) == 0;
}

#endif
