/* SPDX-License-Identifier: BSD-3-Clause */
/* What chunks of SCTP hold, in words: see script_sctp.h. */
#include "script/script_sctp.h"

#include <string.h>

static void
hex_show(struct script_out *out, const uint8_t *bytes, size_t length)
{
	const size_t shown = length < 16 ? length : 16;

	for (size_t i = 0; i < shown; i++)
		script_out_add(out, "%02x", bytes[i]);
	if (shown < length)
		script_out_add(out, "... (%zu bytes)", length);
}

static void
params_show(struct script_out *out, const uint8_t *bytes, size_t left, enum script_sctp_rest kind)
{
	while (left >= 4) {
		const uint16_t type = (uint16_t)script_bits_get(bytes, 0, 16);
		const struct script_header *param = script_sctp_param(type, kind);
		size_t length = script_bits_get(bytes, 16, 16), padded = (length + 3) / 4 * 4;

		script_out_add(out, " / %s", param->name);
		if (length < param->length || length > left) {
			script_out_add(out, " type=%u len=%zu broken", type, length);
			return;
		}
		if (param == script_sctp_param(0, kind))
			script_out_add(out, " type=%u", type);
		for (const struct script_field *f = param->fields + 2; f->name != NULL; f++) {
			script_out_add(out, " %s%s", f->role == SCRIPT_SRC ? "" : f->name,
				f->role == SCRIPT_SRC ? "" : "=");
			script_value_show(out, f, bytes);
		}
		if (length > param->length) {
			script_out_add(out, " value=");
			hex_show(out, bytes + param->length, length - param->length);
		}
		bytes += padded < left ? padded : left;
		left -= padded < left ? padded : left;
	}
}

static void
sack_show(struct script_out *out, const uint8_t *bytes, size_t left)
{
	const size_t gaps = script_bits_get(bytes, 96, 16), dups = script_bits_get(bytes, 112, 16);
	size_t at = 16;

	for (size_t i = 0; i < gaps && at + 4 <= left; i++, at += 4)
		script_out_add(out, "%s%u-%u", i == 0 ? " gaps=" : ",",
			(unsigned)script_bits_get(bytes + at, 0, 16),
			(unsigned)script_bits_get(bytes + at, 16, 16));
	for (size_t i = 0; i < dups && at + 4 <= left; i++, at += 4)
		script_out_add(out, "%s%u", i == 0 ? " dups=" : ",",
			(unsigned)script_bits_get(bytes + at, 0, 32));
}

void
script_sctp_show(const struct script_header *chunk, const uint8_t *bytes, size_t left,
	struct script_out *out)
{
	const enum script_sctp_rest rest = script_sctp_rest(chunk);
	const size_t own = script_bits_get(bytes, 16, 16);
	const size_t length = own < left ? own : left;

	if (length <= chunk->length)
		return;
	if (rest == SCRIPT_SCTP_PARAMS || rest == SCRIPT_SCTP_CAUSES) {
		params_show(out, bytes + chunk->length, length - chunk->length, rest);
	} else if (strcmp(chunk->name, "SACK") == 0) {
		sack_show(out, bytes, length);
	} else {
		script_out_add(out, " value=");
		hex_show(out, bytes + chunk->length, length - chunk->length);
	}
}
