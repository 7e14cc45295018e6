/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP's common header, and chunks and parameters as such: what all of them have. */
#include "wire/sctp.h"

#include <errno.h>
#include <string.h>

#include "wire/endian.h"

int
sctp_hdr_parse(const void *data, uint32_t length, struct sctp_fields *fields)
{
	const uint8_t *p = data;

	if (length < SCTP_HDR_LENGTH)
		return -EINVAL;
	fields->src_port = be16_load(p);
	fields->dst_port = be16_load(p + 2);
	fields->vtag = be32_load(p + 4);
	return fields->src_port == 0 || fields->dst_port == 0 ? -EINVAL : 0;
}

void
sctp_hdr_build(void *data, const struct sctp_fields *fields)
{
	uint8_t *p = data;

	be16_store(p, fields->src_port);
	be16_store(p + 2, fields->dst_port);
	be32_store(p + 4, fields->vtag);
	be32_store(p + 8, 0);
}

/* Both have 4 bytes, the last two of which are the length with these 4. @return that length */
static int
tlv_next(struct sctp_cursor *cursor, const uint8_t **header)
{
	uint32_t length, padded;

	if (cursor->left == 0)
		return 0;
	if (cursor->left < SCTP_CHUNK_HDR_LENGTH)
		return -EINVAL;
	*header = cursor->at;
	length = be16_load(cursor->at + 2);
	if (length < SCTP_CHUNK_HDR_LENGTH || length > cursor->left)
		return -EINVAL;
	/* The last one's padding may be missing: RFC 9260 3.2.1 of parameters. */
	padded = sctp_padded(length);
	if (padded > cursor->left)
		padded = cursor->left;
	cursor->at += padded;
	cursor->left -= padded;
	return (int)length;
}

int
sctp_chunk_next(struct sctp_cursor *cursor, struct sctp_chunk *chunk)
{
	const uint8_t *header = NULL;
	int length = tlv_next(cursor, &header);

	if (length <= 0)
		return length;
	*chunk = (struct sctp_chunk){
		.type = header[0],
		.flags = header[1],
		.length = (uint16_t)(length - SCTP_CHUNK_HDR_LENGTH),
		.value = header + SCTP_CHUNK_HDR_LENGTH,
	};
	return 1;
}

int
sctp_param_next(struct sctp_cursor *cursor, struct sctp_param *param)
{
	const uint8_t *header = NULL;
	int length = tlv_next(cursor, &header);

	if (length <= 0)
		return length;
	*param = (struct sctp_param){
		.type = be16_load(header),
		.length = (uint16_t)(length - SCTP_PARAM_HDR_LENGTH),
		.value = header + SCTP_PARAM_HDR_LENGTH,
	};
	return 1;
}

/* ---- put together ---- */

static uint8_t *
writer_take(struct sctp_writer *writer, uint32_t length)
{
	uint8_t *place = writer->data + writer->used;

	if (writer->full || length > writer->room - writer->used) {
		writer->full = true;
		return NULL;
	}
	writer->used += length;
	return place;
}

void
sctp_put(struct sctp_writer *writer, const void *bytes, uint32_t length)
{
	uint8_t *place = writer_take(writer, length);

	if (place != NULL && length > 0)
		memcpy(place, bytes, length);
}

void
sctp_put_u8(struct sctp_writer *writer, uint8_t value)
{
	sctp_put(writer, &value, sizeof(value));
}

void
sctp_put_u16(struct sctp_writer *writer, uint16_t value)
{
	value = htobe16(value);
	sctp_put(writer, &value, sizeof(value));
}

void
sctp_put_u32(struct sctp_writer *writer, uint32_t value)
{
	value = htobe32(value);
	sctp_put(writer, &value, sizeof(value));
}

static uint32_t
header_begin(struct sctp_writer *writer, uint16_t first)
{
	uint32_t place = writer->used;

	sctp_put_u16(writer, first);
	sctp_put_u16(writer, 0);
	return place;
}

uint32_t
sctp_chunk_begin(struct sctp_writer *writer, uint8_t type, uint8_t flags)
{
	writer->chunks++;
	return header_begin(writer, (uint16_t)(type << 8 | flags));
}

void
sctp_chunk_end(struct sctp_writer *writer, uint32_t place)
{
	static const uint8_t zeros[3];
	uint32_t length = writer->used - place;

	if (writer->full)
		return;
	be16_store(writer->data + place + 2, (uint16_t)length);
	sctp_put(writer, zeros, sctp_padded(length) - length);
}

void
sctp_chunk_end_behind(struct sctp_writer *writer, uint32_t place, uint32_t behind)
{
	if (!writer->full)
		be16_store(writer->data + place + 2, (uint16_t)(writer->used - place + behind));
}

uint32_t
sctp_param_begin(struct sctp_writer *writer, uint16_t type)
{
	return header_begin(writer, type);
}

void
sctp_param_end(struct sctp_writer *writer, uint32_t place)
{
	sctp_chunk_end(writer, place);
}

void
sctp_param_put(struct sctp_writer *writer, uint16_t type, const void *value, uint32_t length)
{
	uint32_t place = sctp_param_begin(writer, type);

	sctp_put(writer, value, length);
	sctp_param_end(writer, place);
}

void
sctp_addr_put(struct sctp_writer *writer, const struct ip_addr *addr)
{
	sctp_param_put(writer, addr->family == IP_FAMILY_4 ? SCTP_PARAM_IP4 : SCTP_PARAM_IP6,
		addr->bytes, ip_addr_length(addr));
}
