/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The Internet checksum: RFC 1071, and its incremental update, RFC 1624.
 */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <endian.h>
#include <stdbool.h>
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
 * Sum of a 20-byte IPv4 header, as 64-bit one's complement addition gives it: a carry out comes
 * back in at the bottom. The header need not be aligned.
 */
static inline uint64_t
checksum_ip4_hdr_add(const void *hdr)
{
	uint64_t first, second, sum;
	uint32_t last;

	memcpy(&first, hdr, 8);
	memcpy(&second, (const uint8_t *)hdr + 8, 8);
	memcpy(&last, (const uint8_t *)hdr + 16, 4);
	sum = first + second;
	sum += sum < second;
	sum += last;
	sum += sum < last;
	return sum;
}

/** The same, folded: 0xffff if the header's checksum is right. */
static inline uint16_t
checksum_ip4_hdr_sum(const void *hdr)
{
	uint64_t sum = checksum_ip4_hdr_add(hdr);
	uint32_t sum32;

	/* Added to itself with its halves swapped, the upper half is the folded sum, carry and all. */
	sum += sum >> 32 | sum << 32;
	sum32 = (uint32_t)(sum >> 32);
	sum32 += sum32 >> 16 | sum32 << 16;
	return (uint16_t)(sum32 >> 16);
}

/**
 * Whether the checksum of a 20-byte IPv4 header, not all zeros, is right.
 *
 * A one's complement sum is the plain sum modulo 0xffff: nothing must remain of it, which the
 * compiler tests by one multiplication.
 */
static inline bool
checksum_ip4_hdr_is_good(const void *hdr)
{
	return checksum_ip4_hdr_add(hdr) % 0xffff == 0;
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
 * The same of addresses as they stand in IP's header, one behind the other.
 *
 * @param addrs_bytes of both: 8 or 32
 */
static inline uint64_t
checksum_pseudo_at(const void *addrs, uint32_t addrs_bytes, uint8_t proto, uint32_t length)
{
	uint64_t sum = (uint64_t)htobe32(length) + htobe16(proto), word;

	for (uint32_t i = 0; i < addrs_bytes; i += sizeof(word)) {
		memcpy(&word, (const uint8_t *)addrs + i, sizeof(word));
		sum += (word & UINT32_MAX) + (word >> 32);
	}
	return sum;
}

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
