/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Packets for tests, written as what they say:
 *
 *     pkt = packet_mbuf(pool, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 2));
 *     ...
 *     packet_assert(pkt, .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 1);
 *
 * What is left out has a sensible value; lengths and checksums are right unless they are spoiled.
 * Checksums are computed here, not by lib/wire, so that a match proves them.
 */
#ifndef SUPPORT_PACKET_H
#define SUPPORT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"
#include "wire/vlan.h"

struct rte_mbuf;
struct rte_mempool;

/** The largest frame that can be written. */
#define PACKET_MAX 9700

/** For fields of which 0 means "not said". */
#define PACKET_ZERO (-1)

enum packet_spoil {
	PACKET_BAD_IP_CHECKSUM = 1 << 0,
	PACKET_BAD_L4_CHECKSUM = 1 << 1, /**< of SCTP its CRC32c */
	PACKET_NO_ETHER = 1 << 2, /**< starts with the IP header, as what is made here does */
	PACKET_RAW = 1 << 3, /**< no transport header: the payload follows IP's headers */
	PACKET_ANY_ID = 1 << 4, /**< expected: whatever identification IPv4 has */
};

/** RFC 9293 3.1. */
enum packet_tcp_flag {
	PACKET_FIN = 1 << 0,
	PACKET_SYN = 1 << 1,
	PACKET_RST = 1 << 2,
	PACKET_PSH = 1 << 3,
	PACKET_ACK = 1 << 4,
	PACKET_URG = 1 << 5,
	PACKET_ECE = 1 << 6,
	PACKET_CWR = 1 << 7,
};

/** A packet as a test says it. Numbers are in host byte order. */
struct packet {
	/* link */
	const char *eth_dst; /**< 02:00:00:00:01:00, what the fixtures give their first port */
	const char *eth_src; /**< 02:00:00:00:02:00 */
	int eth_type; /**< by the family */
	struct vlan_tags vlan; /**< tags in front of it */

	/* IP: the family is that of the addresses; without any the payload follows Ethernet */
	const char *src, *dst;
	uint8_t proto; /**< UDP; with icmp_type, its family's ICMP */
	int ttl; /**< 64 */
	uint8_t tos;
	uint16_t id;
	uint16_t frag; /**< IPv4: flags and offset */
	uint8_t version_ihl; /**< IPv4: as it follows; IPv6: the first byte */
	int total_length; /**< of IPv4, or IPv6's payload length: as it follows */
	const uint8_t *options; /**< of IPv4, or IPv6's extension headers, as they are */
	uint16_t options_length; /**< IPv4: a multiple of 4 */
	int next_header; /**< IPv6: the first header's, if there are options: hop-by-hop's */

	/* transport: of UDP, TCP and SCTP */
	uint16_t src_port, dst_port; /**< 4000, 53 */
	int icmp_type;
	uint8_t icmp_code;
	uint32_t icmp_rest;
	uint32_t seq, ack; /**< TCP */
	uint8_t tcp_flags; /**< enum packet_tcp_flag */
	uint16_t window, urgent;
	const uint8_t *tcp_options; /**< as they are; 40 bytes at most, a multiple of 4 */
	uint16_t tcp_options_length;
	uint32_t vtag; /**< SCTP's verification tag; its chunks are the payload */

	/* instead of IP */
	const struct arp *arp;

	/* what it carries */
	const uint8_t *payload; /**< a pattern */
	uint16_t payload_length;
	uint16_t padding; /**< zeros behind the datagram */

	/* what is wrong with it */
	unsigned spoil; /**< enum packet_spoil */
	uint16_t truncate; /**< bytes left of the frame */
	uint16_t segment; /**< bytes a segment */
};

/** A packet in an expression: its fields as they differ from what they are by themselves. */
#define PACKET(...) (&(const struct packet){ __VA_ARGS__ })

/** Write the frame. @return its length in bytes */
size_t packet_write(const struct packet *packet, uint8_t frame[PACKET_MAX]);

/** A packet from a pool; the test fails if it is empty. */
struct rte_mbuf *packet_mbuf(struct rte_mempool *pool, const struct packet *packet);

/** Copy the bytes of a packet. @return how many */
size_t packet_bytes(const struct rte_mbuf *pkt, uint8_t frame[PACKET_MAX]);

/** What differs, one field a line; "" if nothing does. For a while: the next call overwrites it. */
const char *packet_diff(const struct rte_mbuf *pkt, const struct packet *expected);

/** Fail the test with the differences, if there are any. */
#define packet_assert(pkt, ...) packet_assert_at(pkt, PACKET(__VA_ARGS__), __FILE__, __LINE__)
void packet_assert_at(
	const struct rte_mbuf *pkt, const struct packet *expected, const char *file, int line);

/** The Internet checksum of RFC 1071, plainly. 0 over a message with its right checksum. */
uint16_t packet_checksum(uint32_t sum, const uint8_t *bytes, size_t length);
/** SCTP's checksum (RFC 9260 appendix A), plainly, as a number whose lowest byte is sent first. */
uint32_t packet_crc32c(const uint8_t *bytes, size_t length);

#endif
