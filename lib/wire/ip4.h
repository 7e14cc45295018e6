/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The IPv4 header (RFC 791) and what a router must refuse in it (RFC 1812 5.2.2, 5.3.7).
 */
#ifndef WIRE_IP4_H
#define WIRE_IP4_H

#include <stdbool.h>
#include <stdint.h>

#define IP4_HDR_LENGTH     20
#define IP4_HDR_LENGTH_MAX 60
/** RFC 791: every module must be able to forward a datagram of this many bytes whole. */
#define IP4_MTU_MIN     68
#define IP4_LENGTH_MAX  65535U /**< of a datagram with its header */

#define IP4_VERSION_IHL 0x45 /**< version 4, no options */

/** Bits of frag_be, host byte order. */
enum ip4_frag {
	IP4_FRAG_DF = 0x4000,
	IP4_FRAG_MF = 0x2000,
	IP4_FRAG_OFFSET = 0x1fff,
};

/** IANA protocol numbers that spate knows, for both families. */
enum ip_proto {
	IP_PROTO_HOPOPT = 0,
	IP_PROTO_ICMP = 1,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_ROUTING = 43,
	IP_PROTO_FRAGMENT = 44,
	IP_PROTO_AH = 51,
	IP_PROTO_ICMP6 = 58,
	IP_PROTO_NONE = 59,
	IP_PROTO_DSTOPTS = 60,
	IP_PROTO_SCTP = 132,
	IP_PROTO_UDPLITE = 136,
};

struct ip4_header {
	uint8_t version_ihl;
	uint8_t tos;
	uint16_t total_length_be;
	uint16_t id_be;
	uint16_t frag_be;
	uint8_t ttl;
	uint8_t proto;
	uint16_t checksum; /**< memory order, as the checksum functions want it */
	uint32_t src_be;
	uint32_t dst_be;
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct ip4_header) == IP4_HDR_LENGTH, "IPv4 header");

static inline unsigned
ip4_hdr_length(const struct ip4_header *hdr)
{
	return (hdr->version_ihl & 0xf) * 4U;
}

/** What an address may be used for, by its first byte: the martians of RFC 1812 5.3.7. */
enum ip4_class {
	IP4_CLASS_NOT_SRC = 1, /**< 0/8, 127/8, 224/4, 240/4: never a source */
	IP4_CLASS_NOT_DST = 2, /**< 0/8, 127/8, 240/4: never a destination; see ip4_class() */
	IP4_CLASS_MULTICAST = 4, /**< 224/4 */
	IP4_CLASS_MAYBE_LINK_LOCAL = 8, /**< 169/8: look whether it is 169.254/16 */
};

/** enum ip4_class bits for each first byte of an address. */
extern const uint8_t ip4_class_table[256];

/** Of an address in network order. 255.255.255.255 is a destination all the same: who accepts
 * broadcasts asks for it before. */
static inline uint8_t
ip4_class_at(const void *addr)
{
	return ip4_class_table[*(const uint8_t *)addr];
}

static inline uint8_t
ip4_class(uint32_t addr_be)
{
	return ip4_class_at(&addr_be);
}

/** Where a transport's ports are, and what the packet says of itself. */
struct ip4_summary {
	uint8_t proto;
	bool fragment; /**< any fragment, the first one too */
	bool fragment_first;
	uint16_t hdr_length; /**< bytes */
	uint16_t payload_length; /**< bytes behind the header */
};

/**
 * Check a header wholly: the slow but complete way, for local delivery, options and tests.
 *
 * @param data the header's first byte, aligned or not
 * @param length bytes present from there
 * @return 0, or -EINVAL if length, version, IHL, total length or checksum is wrong
 */
int ip4_hdr_parse(const void *data, uint32_t length, struct ip4_summary *summary);

/** The fields of a header to write; the rest follows from them. */
struct ip4_build {
	uint32_t src_be, dst_be;
	uint16_t
		payload_length; /**< bytes behind the header: UINT16_MAX - IP4_HDR_LENGTH at most */
	uint16_t id;
	uint8_t tos, ttl, proto;
	bool df;
};

/** Write a header without options, its checksum included. */
void ip4_hdr_build(struct ip4_header *hdr, const struct ip4_build *build);

#endif
