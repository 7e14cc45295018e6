/* SPDX-License-Identifier: BSD-3-Clause */
/* Which extensions an end has: a list of the chunks that it understands, and parameters of their own. */
#include "wire/sctp.h"

#include "wire/endian.h"

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
	if (param->type == SCTP_PARAM_ECN)
		return SCTP_EXT_ECN;
	/* RFC 9653 5.2: another method is none that we could send by. */
	if (param->type == SCTP_PARAM_ZERO_CHECKSUM)
		return param->length == 4 && be32_load(param->value) == SCTP_EDMID_DTLS
			? SCTP_EXT_ZERO_CHECKSUM
			: 0;
	for (unsigned i = 0; i < param->length; i++) {
		for (unsigned c = 0; c < CHUNK_COUNT; c++) {
			if (chunks[c].chunk == param->value[i])
				extensions |= chunks[c].extension;
		}
	}
	return extensions;
}

/* Those that have a chunk, as a list of these. */
static void
chunks_put(struct sctp_writer *writer, uint16_t extensions)
{
	uint16_t listed = 0;
	uint32_t place;

	for (unsigned c = 0; c < CHUNK_COUNT; c++)
		listed |= chunks[c].extension & extensions;
	if (listed == 0)
		return;
	place = sctp_param_begin(writer, SCTP_PARAM_SUPPORTED_EXTENSIONS);
	for (unsigned c = 0; c < CHUNK_COUNT; c++) {
		if ((chunks[c].extension & extensions) != 0)
			sctp_put_u8(writer, chunks[c].chunk);
	}
	sctp_param_end(writer, place);
}

void
sctp_extensions_put(struct sctp_writer *writer, uint16_t extensions)
{
	const uint32_t method = htobe32(SCTP_EDMID_DTLS);

	chunks_put(writer, extensions);
	/* RFC 3758 3.1: by a parameter of its own. */
	if ((extensions & SCTP_EXT_FORWARD_TSN) != 0)
		sctp_param_put(writer, SCTP_PARAM_FORWARD_TSN, NULL, 0);
	if ((extensions & SCTP_EXT_ECN) != 0)
		sctp_param_put(writer, SCTP_PARAM_ECN, NULL, 0);
	if ((extensions & SCTP_EXT_ZERO_CHECKSUM) != 0)
		sctp_param_put(writer, SCTP_PARAM_ZERO_CHECKSUM, &method, sizeof(method));
}
