/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * CRC32c, SCTP's checksum (RFC 9260 appendix A), by the CPU's instruction where it has one.
 */
#ifndef PKT_CRC32C_H
#define PKT_CRC32C_H

#include <endian.h>
#include <string.h>

#include <rte_hash_crc.h>

/** What crc32c_add() starts from. */
#define CRC32C_INIT UINT32_MAX

/* Not rte_hash_crc(), which loads words from where they must not be: packets are not aligned. */
static inline uint32_t
crc32c_add_plain(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	uint64_t word;

	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		crc = rte_hash_crc_8byte(word, crc);
	}
	for (; length > 0; bytes++, length--)
		crc = rte_hash_crc_1byte(*bytes, crc);
	return crc;
}

/** From here on crc32c_add_long() is quicker. */
#define CRC32C_LONG 168

/** The same of many bytes. */
uint32_t crc32c_add_long(uint32_t crc, const uint8_t *bytes, uint32_t length);

static inline uint32_t
crc32c_add(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	return length >= CRC32C_LONG ? crc32c_add_long(crc, bytes, length)
				     : crc32c_add_plain(crc, bytes, length);
}

/** As it stands in a packet. */
static inline uint32_t
crc32c_finish(uint32_t crc)
{
	return htole32(~crc);
}

#endif
