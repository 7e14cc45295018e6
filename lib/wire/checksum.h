/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The Internet checksum: RFC 1071, and its incremental update, RFC 1624.
 */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <stdint.h>
#include <string.h>

#include "wire/ip_addr.h"

/** Fold a sum of 16-bit words to 16 bits. */
static inline uint16_t
checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/**
 * Sum of a 20-byte IPv4 header, folded: 0xffff if its checksum is right.
 * The header need not be aligned.
 */
static inline uint16_t
checksum_ip4_hdr_sum(const void *hdr)
{
	uint32_t w[5];
	uint64_t sum;

	memcpy(w, hdr, sizeof(w));
	sum = (uint64_t)w[0] + w[1] + w[2] + w[3] + w[4];
	return checksum_fold(sum);
}

/**
 * Add bytes to a running sum, in the byte order of memory. A piece that is not
 * the last one must have an even length.
 */
uint64_t checksum_add(uint64_t sum, const void *data, uint32_t length_bytes);

/** The checksum to store (as it is) in the header: the complement of the folded sum. */
static inline uint16_t
checksum_finish(uint64_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

/**
 * Sum of the pseudo header of TCP, UDP, ICMPv6: RFC 9293 3.1, RFC 8200 8.1.
 *
 * @param length length of the upper-layer packet in bytes, host byte order
 */
uint64_t checksum_pseudo(
	const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto, uint32_t length);

/**
 * RFC 1624 eqn. 3: the checksum after one 16-bit word changed. All three in the byte order of
 * memory.
 */
static inline uint16_t
checksum_update16(uint16_t checksum, uint16_t old_word, uint16_t new_word)
{
	return checksum_finish((uint64_t)(uint16_t)~checksum + (uint16_t)~old_word + new_word);
}

#endif
