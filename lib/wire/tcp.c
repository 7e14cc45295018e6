/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP headers and options to structs and back. */
#include "wire/tcp.h"

#include <errno.h>
#include <string.h>

#include "wire/endian.h"

enum option_kind {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_PERMITTED = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMPS = 8,
	KIND_USER_TIMEOUT = 28,
};

#define TIMESTAMPS_LENGTH 10
/* RFC 7323 appendix A: what nearly all segments have, and nothing else. */
#define TIMESTAMPS_ALIGNED 0x0101080aU

int
tcp_hdr_parse(const void *data, uint32_t length, struct tcp_fields *fields)
{
	const struct tcp_header *hdr = data;

	if (length < TCP_HDR_LENGTH)
		return -EINVAL;
	*fields = (struct tcp_fields){
		.src_port = be16toh(hdr->src_port_be),
		.dst_port = be16toh(hdr->dst_port_be),
		.seq = be32toh(hdr->seq_be),
		.ack = be32toh(hdr->ack_be),
		.flags = hdr->flags,
		.hdr_length = (uint8_t)((hdr->data_offset >> 4) * 4),
		.window = be16toh(hdr->window_be),
		.urgent = be16toh(hdr->urgent_be),
	};
	return fields->hdr_length < TCP_HDR_LENGTH || fields->hdr_length > length ? -EINVAL : 0;
}

void
tcp_hdr_build(struct tcp_header *hdr, const struct tcp_fields *fields)
{
	*hdr = (struct tcp_header){
		.src_port_be = htobe16(fields->src_port),
		.dst_port_be = htobe16(fields->dst_port),
		.seq_be = htobe32(fields->seq),
		.ack_be = htobe32(fields->ack),
		.data_offset = (uint8_t)(fields->hdr_length / 4 << 4),
		.flags = fields->flags,
		.window_be = htobe16(fields->window),
		.urgent_be = htobe16(fields->urgent),
	};
}

static bool
sack_parse(const uint8_t *p, uint32_t length, struct tcp_options *options)
{
	uint32_t count = (length - 2) / 8;

	if ((length - 2) % 8 != 0 || count == 0 || count > TCP_SACK_BLOCKS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++)
		options->sack[i] = (struct tcp_sack_block){
			be32_load(p + 2 + i * 8),
			be32_load(p + 6 + i * 8),
		};
	options->sack_count = (uint8_t)count;
	return true;
}

static bool
syn_option_parse(const uint8_t *p, uint32_t length, struct tcp_options *options)
{
	switch (p[0]) {
	case KIND_MSS:
		if (length != 4)
			return false;
		options->mss = be16_load(p + 2);
		options->present |= TCP_OPTION_MSS;
		return true;
	case KIND_WSCALE:
		if (length != 3)
			return false;
		/* RFC 7323 2.3: more than 14 counts as 14. */
		options->wscale = p[2] < TCP_WSCALE_MAX ? p[2] : TCP_WSCALE_MAX;
		options->present |= TCP_OPTION_WSCALE;
		return true;
	default:
		if (length != 2)
			return false;
		options->present |= TCP_OPTION_SACK_PERMITTED;
		return true;
	}
}

static bool
option_parse(const uint8_t *p, uint32_t length, bool syn, struct tcp_options *options)
{
	uint32_t minutes;

	switch (p[0]) {
	case KIND_MSS:
	case KIND_WSCALE:
	case KIND_SACK_PERMITTED: return !syn || syn_option_parse(p, length, options);
	case KIND_SACK: return sack_parse(p, length, options);
	case KIND_TIMESTAMPS:
		if (length != TIMESTAMPS_LENGTH)
			return false;
		options->ts_val = be32_load(p + 2);
		options->ts_ecr = be32_load(p + 6);
		options->present |= TCP_OPTION_TIMESTAMPS;
		return true;
	case KIND_USER_TIMEOUT:
		if (length != 4)
			return false;
		/* RFC 5482 3.3: the first bit says minutes. */
		minutes = be16_load(p + 2) >> 15;
		options->user_timeout_s = (be16_load(p + 2) & 0x7fffU) * (minutes ? 60 : 1);
		options->present |= TCP_OPTION_USER_TIMEOUT;
		return true;
	default: return true;
	}
}

bool
tcp_options_parse(const void *data, uint32_t length_bytes, bool syn, struct tcp_options *options)
{
	const uint8_t *p = data;
	uint32_t i = 0;

	options->present = 0;
	options->sack_count = 0;
	if (length_bytes == 12 && be32_load(p) == TIMESTAMPS_ALIGNED) {
		options->present = TCP_OPTION_TIMESTAMPS;
		options->ts_val = be32_load(p + 4);
		options->ts_ecr = be32_load(p + 8);
		return true;
	}
	while (i < length_bytes && p[i] != KIND_END) {
		if (p[i] == KIND_NOP) {
			i++;
			continue;
		}
		if (i + 2 > length_bytes || p[i + 1] < 2 || i + p[i + 1] > length_bytes ||
			!option_parse(p + i, p[i + 1], syn, options))
			return false;
		i += p[i + 1];
	}
	return true;
}

/* The options that stand in front of timestamps and SACK blocks, each of one word. */
static uint32_t
word_options_build(uint8_t *p, uint32_t room, const struct tcp_options *options)
{
	uint32_t used = 0, timeout = options->user_timeout_s;

	if (options->present & TCP_OPTION_MSS && used + 4 <= room) {
		be32_store(p + used, (uint32_t)KIND_MSS << 24 | 4U << 16 | options->mss);
		used += 4;
	}
	if (options->present & TCP_OPTION_WSCALE && used + 4 <= room) {
		be32_store(p + used,
			(uint32_t)KIND_NOP << 24 | (uint32_t)KIND_WSCALE << 16 | 3U << 8 |
				options->wscale);
		used += 4;
	}
	if (options->present & TCP_OPTION_SACK_PERMITTED && used + 4 <= room) {
		be32_store(p + used,
			(uint32_t)KIND_NOP << 24 | (uint32_t)KIND_NOP << 16 |
				(uint32_t)KIND_SACK_PERMITTED << 8 | 2U);
		used += 4;
	}
	if (options->present & TCP_OPTION_USER_TIMEOUT && used + 4 <= room) {
		uint32_t value = timeout < 0x8000 ? timeout : 0x8000U | timeout / 60;

		be32_store(p + used, (uint32_t)KIND_USER_TIMEOUT << 24 | 4U << 16 | value);
		used += 4;
	}
	return used;
}

uint32_t
tcp_options_build(void *data, uint32_t room, const struct tcp_options *options)
{
	uint8_t *p = data;
	uint32_t used = word_options_build(p, room, options), count = options->sack_count;

	if (options->present & TCP_OPTION_TIMESTAMPS && used + 12 <= room) {
		be32_store(p + used, TIMESTAMPS_ALIGNED);
		be32_store(p + used + 4, options->ts_val);
		be32_store(p + used + 8, options->ts_ecr);
		used += 12;
	}
	if (count > 0 && room >= used + 12) {
		if (count > (room - used - 4) / 8)
			count = (room - used - 4) / 8;
		be32_store(p + used,
			(uint32_t)KIND_NOP << 24 | (uint32_t)KIND_NOP << 16 |
				(uint32_t)KIND_SACK << 8 | (2 + count * 8));
		used += 4;
		for (uint32_t i = 0; i < count; i++, used += 8) {
			be32_store(p + used, options->sack[i].first);
			be32_store(p + used + 4, options->sack[i].end);
		}
	}
	return used;
}
