/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What both ends say of authentication in their handshake: RFC 4895 3, 6.1. Our RANDOM follows from our
 * tag and TSN by the worker's secret: so nothing has to be kept of it.
 */
#include "sctp/sctp_priv.h"

#include "wire/endian.h"

#define RANDOM_PARAM_LENGTH (SCTP_PARAM_HDR_LENGTH + SCTP_AUTH_RANDOM_LENGTH)

/* RFC 4895 3.3, those that we like better first. */
static const struct {
	uint16_t id;
	uint8_t hash;
} hmacs[] = { { 3, HMAC_SHA256 }, { 1, HMAC_SHA1 } };

/* ---- what we say ---- */

static bool
type_may_be(uint8_t type)
{
	return type != SCTP_INIT && type != SCTP_INIT_ACK && type != SCTP_SHUTDOWN_COMPLETE &&
		type != SCTP_AUTH;
}

static void
type_add(uint64_t *types, uint8_t type)
{
	if (type_may_be(type))
		types[type / 64] |= UINT64_C(1) << type % 64;
}

/* RFC 5061 4.1.1, 4.1.2: ASCONF and its answer always. */
void
sctp_auth_types_get(const struct sctp_settings *settings, uint64_t *types)
{
	for (unsigned i = 0; i < settings->auth_chunk_count && i < SCTP_AUTH_CHUNKS_MAX; i++)
		type_add(types, settings->auth_chunks[i]);
	if (settings->extensions & SCTP_EXT_ASCONF) {
		type_add(types, SCTP_ASCONF);
		type_add(types, SCTP_ASCONF_ACK);
	}
}

static void
random_compute(const struct sctp_core *core, uint32_t tag, uint32_t tsn, uint64_t *random)
{
	for (uint64_t i = 0; i < SCTP_AUTH_RANDOM_LENGTH / sizeof(*random); i++) {
		const uint64_t words[3] = { 0x72616e646f6d, (uint64_t)tag << 32 | tsn, i };

		random[i] = siphash(&core->config.secret, words, sizeof(words));
	}
}

unsigned
sctp_auth_hmacs(const struct sctp_settings *settings, uint16_t ids[SCTP_AUTH_HMACS_MAX])
{
	unsigned count = settings->auth_hmac_count;

	memcpy(ids, settings->auth_hmacs, count * sizeof(ids[0]));
	for (; settings->auth_hmac_count == 0 && count < RTE_DIM(hmacs); count++)
		ids[count] = hmacs[count].id;
	return count;
}

bool
sctp_auth_hmacs_are_good(const uint16_t *ids, unsigned count)
{
	bool sha1 = count == 0;

	for (unsigned i = 0; i < count; i++) {
		bool known = false;

		for (unsigned h = 0; h < RTE_DIM(hmacs); h++)
			known |= hmacs[h].id == ids[i];
		for (unsigned before = 0; before < i; before++)
			known &= ids[before] != ids[i];
		if (!known)
			return false;
		sha1 |= ids[i] == 1;
	}
	/* RFC 4895 3.3 */
	return sha1;
}

/* The three parameters, padded or not. */
static void
params_put(const struct sctp_core *core, const struct sctp_settings *settings, uint32_t tag,
	uint32_t tsn, struct sctp_writer *writer)
{
	uint64_t random[SCTP_AUTH_RANDOM_LENGTH / sizeof(uint64_t)], types[4] = { 0 };
	uint16_t ids[SCTP_AUTH_HMACS_MAX];
	unsigned count = sctp_auth_hmacs(settings, ids);
	uint32_t place;

	random_compute(core, tag, tsn, random);
	sctp_param_put(writer, SCTP_PARAM_RANDOM, random, sizeof(random));
	sctp_auth_types_get(settings, types);
	if ((types[0] | types[1] | types[2] | types[3]) != 0) {
		place = sctp_param_begin(writer, SCTP_PARAM_CHUNKS);
		for (unsigned type = 0; type < 256; type++) {
			if (types[type / 64] >> type % 64 & 1)
				sctp_put_u8(writer, (uint8_t)type);
		}
		sctp_param_end(writer, place);
	}
	place = sctp_param_begin(writer, SCTP_PARAM_HMAC_ALGO);
	for (unsigned i = 0; i < count; i++)
		sctp_put_u16(writer, ids[i]);
	sctp_param_end(writer, place);
}

void
sctp_auth_put(const struct sctp_core *core, const struct sctp_settings *settings, uint32_t tag,
	uint32_t tsn, struct sctp_writer *writer)
{
	if (settings->extensions & SCTP_EXT_AUTH)
		params_put(core, settings, tag, tsn, writer);
}

static void
vector_add(struct sctp_auth_vector *vector, const uint8_t *bytes, uint32_t length)
{
	memcpy(vector->bytes + vector->length, bytes, length);
	vector->length = (uint8_t)(vector->length + length);
}

void
sctp_auth_vector_local(const struct sctp_core *core, const struct sctp_settings *settings,
	uint32_t tag, uint32_t tsn, struct sctp_auth_vector *vector)
{
	uint8_t bytes[SCTP_AUTH_VECTOR_MAX];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	struct sctp_cursor cursor = { .at = bytes };
	struct sctp_param param;

	params_put(core, settings, tag, tsn, &writer);
	cursor.left = writer.used;
	vector->length = 0;
	while (sctp_param_next(&cursor, &param) > 0)
		vector_add(vector, param.value - SCTP_PARAM_HDR_LENGTH,
			param.length + SCTP_PARAM_HDR_LENGTH);
}

/* ---- what the peer says ---- */

static bool
has_sha1(const struct sctp_cursor *param)
{
	for (uint32_t i = SCTP_PARAM_HDR_LENGTH; i + 2 <= param->left; i += 2) {
		if (be16_load(param->at + i) == 1)
			return true;
	}
	return false;
}

bool
sctp_auth_parse(const struct sctp_settings *settings, struct sctp_init *init,
	struct sctp_auth_vector *vector)
{
	const struct sctp_cursor *params = init->auth;
	uint32_t length = 0;

	vector->length = 0;
	if (!(settings->extensions & SCTP_EXT_AUTH))
		return true;
	/* RFC 5061 4.2.7: who can change addresses can authenticate. */
	if (settings->extensions & init->extensions & SCTP_EXT_ASCONF &&
		!(init->extensions & SCTP_EXT_AUTH))
		return false;
	init->extensions &= (uint16_t)~SCTP_EXT_AUTH;
	if (params[SCTP_AUTH_RANDOM].at == NULL)
		return true;
	/* RFC 4895 6.1 */
	if (params[SCTP_AUTH_RANDOM].left != RANDOM_PARAM_LENGTH)
		return false;
	for (unsigned i = 0; i < SCTP_AUTH_PARAM_COUNT; i++)
		length += params[i].left;
	/* RFC 4895 3.3: SHA-1 is everybody's. */
	if (length > SCTP_AUTH_VECTOR_MAX || !has_sha1(&params[SCTP_AUTH_HMACS]))
		return true;
	for (unsigned i = 0; i < SCTP_AUTH_PARAM_COUNT; i++) {
		if (params[i].at != NULL)
			vector_add(vector, params[i].at, params[i].left);
	}
	init->extensions |= SCTP_EXT_AUTH;
	return true;
}

/* By the peer's order: RFC 4895 6.2. */
static void
hash_choose(struct sctp_auth *auth, const struct sctp_param *param)
{
	for (unsigned i = 0; i + 2 <= param->length; i += 2) {
		for (unsigned h = 0; h < RTE_DIM(hmacs); h++) {
			if (hmacs[h].id == be16_load(param->value + i)) {
				auth->hash = hmacs[h].hash;
				return;
			}
		}
	}
}

void
sctp_auth_peer_read(struct sctp_auth *auth, const struct sctp_auth_vector *vector)
{
	struct sctp_cursor cursor = { vector->bytes, vector->length };
	struct sctp_param param;
	uint32_t left;

	auth->peer = *vector;
	memset(auth->peer_types, 0, sizeof(auth->peer_types));
	/* Without padding, so that what is behind an odd one is found by its own length. */
	while ((left = cursor.left) > 0 && sctp_param_next(&cursor, &param) > 0) {
		cursor.at = param.value + param.length;
		cursor.left = left - SCTP_PARAM_HDR_LENGTH - param.length;
		for (unsigned i = 0; param.type == SCTP_PARAM_CHUNKS && i < param.length; i++)
			type_add(auth->peer_types, param.value[i]);
		if (param.type == SCTP_PARAM_HMAC_ALGO)
			hash_choose(auth, &param);
	}
	auth->space = 0;
	for (unsigned i = 0; i < RTE_DIM(auth->peer_types); i++) {
		if (auth->peer_types[i] != 0)
			auth->space = (uint8_t)(8 + hmac_length((enum hmac_hash)auth->hash));
	}
}

/* ---- in a cookie ---- */

void
sctp_auth_cookie_put(const struct sctp_auth_vector *vector, struct sctp_cookie *cookie)
{
	cookie->auth_length = 0;
	memcpy((uint8_t *)cookie + sctp_cookie_length(cookie), vector->bytes, vector->length);
	cookie->auth_length = vector->length;
}

struct sctp_auth_vector
sctp_auth_cookie_get(const struct sctp_cookie *cookie)
{
	struct sctp_auth_vector vector = { .length = cookie->auth_length };

	memcpy(vector.bytes,
		(const uint8_t *)cookie + sctp_cookie_length(cookie) - cookie->auth_length,
		cookie->auth_length);
	return vector;
}
