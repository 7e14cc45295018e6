/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP and ICMPv6 headers to structs and back, and their checksums. */
#include "wire/icmp.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"

int
icmp_parse(const void *data, uint32_t length, struct icmp *icmp)
{
	const uint8_t *p = data;

	if (length < ICMP_HDR_LENGTH)
		return -EINVAL;
	icmp->type = p[0];
	icmp->code = p[1];
	icmp->rest = be32_load(p + 4);
	return 0;
}

void
icmp_build(void *data, const struct icmp *icmp)
{
	uint8_t *p = data;

	p[0] = icmp->type;
	p[1] = icmp->code;
	be16_store(p + 2, 0);
	be32_store(p + 4, icmp->rest);
}

static void
checksum_store(void *data, uint64_t sum)
{
	uint16_t checksum = checksum_finish(sum);

	memcpy((uint8_t *)data + 2, &checksum, sizeof(checksum));
}

void
icmp4_checksum_set(void *data, uint32_t length)
{
	be16_store((uint8_t *)data + 2, 0);
	checksum_store(data, checksum_add(0, data, length));
}

void
icmp6_checksum_set(
	void *data, uint32_t length, const struct ip_addr *src, const struct ip_addr *dst)
{
	be16_store((uint8_t *)data + 2, 0);
	checksum_store(data,
		checksum_add(checksum_pseudo(src, dst, IP_PROTO_ICMP6, length), data, length));
}

bool
icmp4_type_is_error(uint8_t type)
{
	switch (type) {
	case ICMP4_ECHO_REPLY:
	case ICMP4_ECHO_REQUEST:
	case 9: /* router advertisement and solicitation, RFC 1256 */
	case 10:
	case 13: /* timestamp and its reply */
	case 14: return false;
	default: return true;
	}
}
