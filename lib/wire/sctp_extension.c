/* SPDX-License-Identifier: BSD-3-Clause */
/* Which extensions an end has: a list of the chunks that it understands, and parameters of their own. */
#include "wire/sctp.h"

/* By the chunk that stands for it in Supported Extensions. */
static const struct {
	uint8_t chunk;
	uint16_t extension;
} chunks[] = {
	{ SCTP_FORWARD_TSN, SCTP_EXT_FORWARD_TSN },
	{ SCTP_AUTH, SCTP_EXT_AUTH },
	{ SCTP_ASCONF, SCTP_EXT_ASCONF },
	{ SCTP_ASCONF_ACK, SCTP_EXT_ASCONF },
	{ SCTP_RE_CONFIG, SCTP_EXT_RE_CONFIG },
	{ SCTP_I_DATA, SCTP_EXT_I_DATA },
	{ SCTP_I_FORWARD_TSN, SCTP_EXT_I_FORWARD_TSN },
};

#define CHUNK_COUNT (sizeof(chunks) / sizeof(chunks[0]))

uint16_t
sctp_extensions_parse(const struct sctp_param *param)
{
	uint16_t extensions = 0;

	if (param->type == SCTP_PARAM_FORWARD_TSN)
		return SCTP_EXT_FORWARD_TSN;
	for (unsigned i = 0; i < param->length; i++) {
		for (unsigned c = 0; c < CHUNK_COUNT; c++) {
			if (chunks[c].chunk == param->value[i])
				extensions |= chunks[c].extension;
		}
	}
	return extensions;
}

void
sctp_extensions_put(struct sctp_writer *writer, uint16_t extensions)
{
	uint32_t place;

	if (extensions == 0)
		return;
	place = sctp_param_begin(writer, SCTP_PARAM_SUPPORTED_EXTENSIONS);
	for (unsigned c = 0; c < CHUNK_COUNT; c++) {
		if ((chunks[c].extension & extensions) != 0)
			sctp_put_u8(writer, chunks[c].chunk);
	}
	sctp_param_end(writer, place);
	/* RFC 3758 3.1: by a parameter of its own. */
	if ((extensions & SCTP_EXT_FORWARD_TSN) != 0)
		sctp_param_put(writer, SCTP_PARAM_FORWARD_TSN, NULL, 0);
}
