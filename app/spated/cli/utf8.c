/* SPDX-License-Identifier: BSD-3-Clause */
/* Where UTF-8 characters end, and which of them a terminal may see. */
#include "cli/utf8.h"

unsigned
cli_utf8_length(const char *text, size_t available)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned length;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		length = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		length = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (length > available)
		return 0;
	for (unsigned i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, and what is above U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

unsigned
cli_utf8_step(const char *text, size_t available, bool *printable)
{
	unsigned length = cli_utf8_length(text, available);
	unsigned char first = text[0];

	if (length == 2 && first == 0xc2)
		*printable = (unsigned char)text[1] >= 0xa0;
	else
		*printable = length > 0 && first >= ' ' && first != 0x7f;
	return length > 0 ? length : 1;
}
