/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks over the options of IPv6 extension headers. */
#include "wire/ip6_option.h"

#include <errno.h>

enum ip6_option_type { IP6_OPTION_PAD1 = 0, IP6_OPTION_PADN = 1 };

int
ip6_options_check(const void *header, uint16_t *at)
{
	const uint8_t *bytes = header;
	unsigned end = (bytes[1] + 1U) * 8, count = 0, length;

	for (unsigned i = 2; i < end; i += length) {
		*at = (uint16_t)i;
		length = 1;
		if (bytes[i] == IP6_OPTION_PAD1)
			continue;
		if (i + 1 >= end)
			return -EINVAL;
		length = 2U + bytes[i + 1];
		if (i + length > end) {
			*at = (uint16_t)(i + 1);
			return -EINVAL;
		}
		if (bytes[i] == IP6_OPTION_PADN)
			continue;
		if (bytes[i] >> 6 != IP6_OPTION_SKIP)
			return bytes[i] >> 6;
		if (++count > IP6_OPTIONS_MAX)
			return -E2BIG;
	}
	return IP6_OPTION_SKIP;
}
