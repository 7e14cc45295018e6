/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum over memory (RFC 1071). */
#include "wire/checksum.h"

#include <endian.h>

uint64_t
checksum_add(uint64_t sum, const void *data, uint32_t length_bytes)
{
	const uint8_t *p = data;
	uint32_t word32;
	uint16_t word16;

	/* 32-bit words into 64 bits: no carry is lost below 2^32 words. */
	while (length_bytes >= 4) {
		memcpy(&word32, p, 4);
		sum += word32;
		p += 4;
		length_bytes -= 4;
	}
	if (length_bytes >= 2) {
		memcpy(&word16, p, 2);
		sum += word16;
		p += 2;
		length_bytes -= 2;
	}
	if (length_bytes == 1) {
		word16 = 0;
		memcpy(&word16, p, 1);
		sum += word16;
	}
	return sum;
}

uint64_t
checksum_pseudo(
	const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto, uint32_t length)
{
	uint64_t sum = 0;
	uint32_t length_be = htobe32(length);

	sum = checksum_add(sum, src->bytes, ip_addr_length(src));
	sum = checksum_add(sum, dst->bytes, ip_addr_length(dst));
	sum += length_be;
	return sum + htobe16(proto);
}
