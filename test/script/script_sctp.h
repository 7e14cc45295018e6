/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Chunks of SCTP, in capitals, and the parameters and causes in them, in small letters:
 * `INIT-ACK tag=$t / cookie value=$c / SACK cum=5 gaps=2-3`. Each is a row in script_sctp_chunk.c.
 */
#ifndef SCRIPT_SCTP_H
#define SCRIPT_SCTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/script_packet.h"
#include "script/script_show.h"

/** What a chunk holds behind its fields. */
enum script_sctp_rest {
	SCRIPT_SCTP_NOTHING,
	SCRIPT_SCTP_BYTES,
	SCRIPT_SCTP_PARAMS,
	SCRIPT_SCTP_CAUSES,
};

/** A row; NULL: there is none of that name, or type. @{ */
const struct script_header *script_sctp_find(const char *name);
const struct script_header *script_sctp_chunk(uint8_t type);
const struct script_header *script_sctp_param(uint16_t type, enum script_sctp_rest of);
/** @} */

bool script_sctp_is_chunk(const struct script_header *header);
/** A parameter or a cause. */
bool script_sctp_is_param(const struct script_header *header);
enum script_sctp_rest script_sctp_rest(const struct script_header *header);

/**
 * The word of a chunk or a parameter that says what is behind its fields: `value`, `data`, `gaps`,
 * `dups`.
 * @return 0; -ENOENT: it is none of these; -EINVAL with text->error
 */
int script_sctp_word(struct script_text *text, struct script_packet *packet, const char *word,
	const char *value);

/** `no PARAMETER`: the chunk in front has none. */
int script_sctp_absent(struct script_text *text, struct script_packet *packet);

/** Bytes of a chunk, with its parameters, or of a parameter: what its length says. */
size_t script_sctp_length(const struct script_packet *packet, unsigned layer);

/** An INIT stands alone, with a tag of 0: RFC 9260 8.5.1 (A). */
void script_sctp_finish(struct script_packet *packet);

/**
 * Lay out what is expected as it was sent: chunks are as long as they are, where the script does not
 * say, and parameters are where they are, with others in between. No chunk may follow that is not named.
 */
void script_sctp_fit(const struct script_packet *expected, const uint8_t *frame, size_t length,
	struct script_packet *fitted);

/** Say which parameters are there that should not be. @param fitted as it was sent */
void script_sctp_absent_compare(
	const struct script_packet *fitted, const uint8_t *frame, struct script_out *out);

/** What a chunk holds behind its fields, in words. */
void script_sctp_show(const struct script_header *chunk, const uint8_t *bytes, size_t left,
	struct script_out *out);

#endif
