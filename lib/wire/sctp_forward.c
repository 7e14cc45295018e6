/* SPDX-License-Identifier: BSD-3-Clause */
/* FORWARD TSN (RFC 3758 3.2) and I-FORWARD-TSN (RFC 8260 2.3.1): what a sender has given up. */
#include <errno.h>

#include "wire/endian.h"
#include "wire/sctp.h"

#define FIXED       4
#define SKIP        4 /* bytes */
#define I_SKIP      8
#define I_SKIP_FLAG 1 /* the lowest of its flags: unordered */

int
sctp_forward_parse(const struct sctp_chunk *chunk, struct sctp_forward *forward)
{
	if (chunk->length < FIXED)
		return -EINVAL;
	forward->cum_tsn = be32_load(chunk->value);
	forward->interleaved = chunk->type == SCTP_I_FORWARD_TSN;
	forward->count = (chunk->length - FIXED) / (forward->interleaved ? I_SKIP : SKIP);
	forward->skips = chunk->value + FIXED;
	return 0;
}

struct sctp_skip
sctp_forward_skip(const struct sctp_forward *forward, unsigned index)
{
	const uint8_t *skip = forward->skips + index * (forward->interleaved ? I_SKIP : SKIP);

	if (!forward->interleaved)
		return (struct sctp_skip){ .stream = be16_load(skip), .mid = be16_load(skip + 2) };
	return (struct sctp_skip){ .stream = be16_load(skip),
		.unordered = (skip[3] & I_SKIP_FLAG) != 0,
		.mid = be32_load(skip + 4) };
}

void
sctp_skip_put(struct sctp_writer *writer, const struct sctp_skip *skip, bool interleaved)
{
	sctp_put_u16(writer, skip->stream);
	if (interleaved) {
		sctp_put_u16(writer, skip->unordered ? I_SKIP_FLAG : 0);
		sctp_put_u32(writer, skip->mid);
	} else {
		sctp_put_u16(writer, (uint16_t)skip->mid);
	}
}
