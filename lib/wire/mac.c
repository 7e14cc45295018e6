/* SPDX-License-Identifier: BSD-3-Clause */
/* MAC addresses: text. */
#include "wire/mac.h"

#include <errno.h>
#include <stdio.h>

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
mac_addr_parse(const char *text, struct mac_addr *mac)
{
	struct mac_addr parsed;

	if (strlen(text) != MAC_TEXT_MAX - 1)
		return -EINVAL;
	for (unsigned i = 0; i < 6; i++) {
		int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);

		if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':'))
			return -EINVAL;
		parsed.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*mac = parsed;
	return 0;
}

char *
mac_addr_format(const struct mac_addr *mac, char text[MAC_TEXT_MAX])
{
	const uint8_t *b = mac->bytes;

	snprintf(text, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		b[5]);
	return text;
}
