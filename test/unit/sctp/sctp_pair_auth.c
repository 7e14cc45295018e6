/* SPDX-License-Identifier: BSD-3-Clause */
/* Authentication from the wire: see sctp_pair_auth.h. */
#include "unit/sctp/sctp_pair_auth.h"

#include "wire/endian.h"

#define AUTH_FIXED_LENGTH 8

static void
vector_see(struct pair_vectors *vectors, unsigned from, const struct sctp_chunk *chunk)
{
	static const uint16_t order[] = { SCTP_PARAM_RANDOM, SCTP_PARAM_CHUNKS,
		SCTP_PARAM_HMAC_ALGO };
	uint32_t *length = &vectors->lengths[from];

	*length = 0;
	for (unsigned i = 0; i < RTE_DIM(order); i++) {
		struct sctp_cursor cursor = { chunk->value + SCTP_INIT_LENGTH,
			chunk->length - SCTP_INIT_LENGTH };
		struct sctp_param param;

		while (sctp_param_next(&cursor, &param) > 0) {
			uint32_t whole = param.length + SCTP_PARAM_HDR_LENGTH;

			if (param.type != order[i])
				continue;
			assert_true(*length + whole <= sizeof(vectors->bytes[from]));
			memcpy(vectors->bytes[from] + *length, param.value - SCTP_PARAM_HDR_LENGTH,
				whole);
			*length += whole;
		}
	}
}

void
pair_vectors_see(struct pair_vectors *vectors, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;

	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_INIT || chunk.type == SCTP_INIT_ACK)
			vector_see(vectors, packet->from, &chunk);
	}
}

/* As numbers, none of which begins with a zero: RFC 4895 6.1. */
static unsigned
first_vector(const struct pair_vectors *vectors)
{
	if (vectors->lengths[0] != vectors->lengths[1])
		return vectors->lengths[0] < vectors->lengths[1] ? 0 : 1;
	return memcmp(vectors->bytes[0], vectors->bytes[1], vectors->lengths[0]) < 0 ? 0 : 1;
}

void
pair_vectors_digest(const struct pair_vectors *vectors, const char *key, enum hmac_hash hash,
	const uint8_t *chunks, uint32_t length, uint8_t *digest)
{
	unsigned first = first_vector(vectors);
	uint8_t secret[512], packet[1500];
	size_t secret_length = strlen(key);
	struct hmac_part part = { packet, length };

	assert_true(length <= sizeof(packet));
	memcpy(secret, key, secret_length);
	for (unsigned i = 0; i < 2; i++) {
		memcpy(secret + secret_length, vectors->bytes[first ^ i],
			vectors->lengths[first ^ i]);
		secret_length += vectors->lengths[first ^ i];
	}
	memcpy(packet, chunks, length);
	memset(packet + AUTH_FIXED_LENGTH, 0, hmac_length(hash));
	hmac(hash, secret, secret_length, &part, 1, digest);
}

void
pair_vectors_inject(
	struct pair *pair, const struct pair_vectors *vectors, const void *chunks, uint32_t length)
{
	const uint32_t front = AUTH_FIXED_LENGTH + 20;
	uint8_t bytes[1500] = { SCTP_AUTH, 0, 0, (uint8_t)front, 0, 0, 0, 1 };
	uint8_t digest[HMAC_LENGTH_MAX];

	memcpy(bytes + front, chunks, length);
	pair_vectors_digest(vectors, "", HMAC_SHA1, bytes, front + length, digest);
	memcpy(bytes + AUTH_FIXED_LENGTH, digest, 20);
	pair_inject_bytes(
		pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, bytes, front + length);
}
