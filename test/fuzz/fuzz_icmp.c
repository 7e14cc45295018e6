/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP and ICMPv6 headers: parsed, built again, and with checksums that hold. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

static void
check_checksums(uint8_t *message, uint32_t length)
{
	const struct ip_addr src = ip_addr_from6("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	const struct ip_addr dst = ip_addr_from6("\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	uint64_t sum;

	icmp4_checksum_set(message, length);
	if (checksum_fold(checksum_add(0, message, length)) != 0xffff)
		abort();
	icmp6_checksum_set(message, length, &src, &dst);
	sum = checksum_pseudo(&src, &dst, IP_PROTO_ICMP6, length);
	if (checksum_fold(checksum_add(sum, message, length)) != 0xffff)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t built[ICMP_HDR_LENGTH], *message;
	struct icmp icmp;

	if (icmp_parse(data, (uint32_t)size, &icmp) != 0)
		return 0;
	icmp_build(built, &icmp);
	if (memcmp(built, data, 2) != 0 || memcmp(built + 4, data + 4, 4) != 0)
		abort();
	if (built[2] != 0 || built[3] != 0)
		abort();
	message = malloc(size);
	if (message == NULL)
		return 0;
	memcpy(message, data, size);
	check_checksums(message, (uint32_t)size);
	free(message);
	return 0;
}
