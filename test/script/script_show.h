/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Values and packets in the words of scripts, put one behind the other in a text.
 */
#ifndef SCRIPT_SHOW_H
#define SCRIPT_SHOW_H

#include "script/script_packet.h"

/** A text that grows; what it has no room for is left out. */
struct script_out {
	char *text;
	size_t length, size;
};

void script_out_add(struct script_out *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** The value that a field has in a header. */
void script_value_show(
	struct script_out *out, const struct script_field *field, const uint8_t *hdr);

#endif
