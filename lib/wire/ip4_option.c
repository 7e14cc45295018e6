/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks over the options of IPv4 headers, and picks those that fragments carry. */
#include "wire/ip4_option.h"

#include <errno.h>
#include <string.h>

#define OPTION_LENGTH_MIN 2 /* type and length */

int
ip4_option_next(const struct ip4_header *hdr, struct ip4_option *option)
{
	const uint8_t *bytes = (const uint8_t *)hdr;
	unsigned hdr_length = ip4_hdr_length(hdr);
	unsigned at = option->length == 0 ? IP4_HDR_LENGTH : option->offset + option->length;

	if (at >= hdr_length || bytes[at] == IP4_OPTION_END)
		return 0;
	option->type = bytes[at];
	option->offset = (uint8_t)at;
	option->length = 1;
	if (option->type == IP4_OPTION_NOP)
		return 1;
	if (at + 1 >= hdr_length)
		return -EINVAL;
	option->length = bytes[at + 1];
	if (option->length >= OPTION_LENGTH_MIN && at + option->length <= hdr_length)
		return 1;
	option->offset++;
	return -EINVAL;
}

unsigned
ip4_hdr_fragment(const struct ip4_header *hdr, struct ip4_header_max *fragment)
{
	struct ip4_option option = { 0 };
	unsigned length = 0;

	fragment->hdr = *hdr;
	memset(fragment->options, IP4_OPTION_END, sizeof(fragment->options));
	while (ip4_option_next(hdr, &option) > 0) {
		if ((option.type & IP4_OPTION_COPIED) == 0)
			continue;
		memcpy(fragment->options + length, (const uint8_t *)hdr + option.offset,
			option.length);
		length += option.length;
	}
	length = IP4_HDR_LENGTH + (length + 3) / 4 * 4;
	fragment->hdr.version_ihl = (uint8_t)(4U << 4 | length / 4);
	return length;
}
