/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of authentication: RFC 6458 8.1.17, 8.1.18, 8.2.3, 8.2.4, 8.3. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

/* RFC 6458 8.3.2: a chunk more that associations to come only take authenticated. */
static int
chunk_set(struct embed_option_call *call)
{
	const uint8_t type = ((const struct spate_sctp_authchunk *)call->value)->sauth_chunk;
	struct sctp_settings *settings = &call->settings;

	/* RFC 4895 3.2 */
	if (type == SCTP_INIT || type == SCTP_INIT_ACK || type == SCTP_SHUTDOWN_COMPLETE ||
		type == SCTP_AUTH)
		return -EINVAL;
	for (unsigned i = 0; i < settings->auth_chunk_count; i++) {
		if (settings->auth_chunks[i] == type)
			return 0;
	}
	if (settings->auth_chunk_count == SCTP_AUTH_CHUNKS_MAX)
		return -ENOBUFS;
	settings->auth_chunks[settings->auth_chunk_count++] = type;
	return 0;
}

static int
hmacs_set(struct embed_option_call *call)
{
	const struct spate_sctp_hmacalgo *algo = call->value;
	const uint32_t count = algo->shmac_num_idents;

	if (count == 0 || count > SCTP_AUTH_HMACS_MAX ||
		call->length < sizeof(*algo) + count * sizeof(uint16_t))
		return -EINVAL;
	call->settings.auth_hmac_count = (uint8_t)count;
	memcpy(call->settings.auth_hmacs, algo + 1, count * sizeof(uint16_t));
	return 0;
}

static int
hmacs_get(struct embed_option_call *call)
{
	static const uint16_t all[] = { SPATE_SCTP_AUTH_HMAC_ID_SHA256,
		SPATE_SCTP_AUTH_HMAC_ID_SHA1 };
	const struct sctp_settings *settings = &call->settings;
	const bool some = settings->auth_hmac_count != 0;
	struct spate_sctp_hmacalgo *algo = call->value;

	algo->shmac_num_idents = some ? settings->auth_hmac_count : RTE_DIM(all);
	call->length = sizeof(*algo) + algo->shmac_num_idents * sizeof(uint16_t);
	memcpy(algo + 1, some ? settings->auth_hmacs : all,
		algo->shmac_num_idents * sizeof(uint16_t));
	return call->length <= call->room ? 0 : -EINVAL;
}

static int
key_set(struct embed_option_call *call)
{
	const struct spate_sctp_authkey *key = call->value;
	const size_t given = call->length - sizeof(*key);

	if (key->sca_keylength > given || given > SCTP_AUTH_KEY_MAX)
		return -EINVAL;
	return sock_sctp_key(call->sock, call->assoc,
		&(struct sock_sctp_key){ .verb = SOCK_SCTP_KEY_SET,
			.id = key->sca_keynumber,
			.bytes = key + 1,
			/* RFC 6458 8.3.3: 0 is as long as there is. */
			.length = key->sca_keylength != 0 ? key->sca_keylength : (uint16_t)given });
}

static int
key_do(struct embed_option_call *call, enum sock_sctp_key_verb verb)
{
	const struct spate_sctp_authkeyid *key = call->value;

	return sock_sctp_key(call->sock, call->assoc,
		&(struct sock_sctp_key){ .verb = verb, .id = key->scact_keynumber });
}

static int
key_activate(struct embed_option_call *call)
{
	return key_do(call, SOCK_SCTP_KEY_ACTIVATE);
}

static int
key_deactivate(struct embed_option_call *call)
{
	return key_do(call, SOCK_SCTP_KEY_DEACTIVATE);
}

static int
key_delete(struct embed_option_call *call)
{
	return key_do(call, SOCK_SCTP_KEY_DELETE);
}

static int
key_active_get(struct embed_option_call *call)
{
	struct spate_sctp_authkeyid *key = call->value;
	int rc = sock_sctp_key_active(call->sock, call->assoc);

	if (rc < 0)
		return rc;
	key->scact_keynumber = (uint16_t)rc;
	return 0;
}

/* ---- which chunks ---- */

static int
chunks_write(struct embed_option_call *call, const uint8_t *types, unsigned count)
{
	struct spate_sctp_authchunks *chunks = call->value;

	call->length = sizeof(*chunks) + count;
	if (call->length > call->room)
		return -EINVAL;
	chunks->gauth_number_of_chunks = count;
	memcpy(chunks + 1, types, count);
	return 0;
}

static int
peer_chunks(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	uint8_t types[256];

	(void)core;
	return chunks_write(arg, types, sctp_auth_chunks(assoc, true, types));
}

static int
local_chunks(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	uint8_t types[256];

	(void)core;
	return chunks_write(arg, types, sctp_auth_chunks(assoc, false, types));
}

static int
peer_chunks_get(struct embed_option_call *call)
{
	return sock_sctp_one(call->sock, call->assoc, peer_chunks, call);
}

static int
local_chunks_get(struct embed_option_call *call)
{
	struct sctp_settings settings;
	int rc = sock_sctp_one(call->sock, call->assoc, local_chunks, call);

	if (rc == 0 || call->assoc >= SOCK_SCTP_ASSOC_FIRST)
		return rc;
	rc = sock_sctp_settings_get(call->sock, call->assoc, &settings);
	return rc == 0 ? chunks_write(call, settings.auth_chunks, settings.auth_chunk_count) : rc;
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_AUTH_CHUNK, EMBED_OPTION_FUTURE_SETTINGS, EMBED_ID_NONE,
		sizeof(struct spate_sctp_authchunk), 0, chunk_set, NULL },
	{ SPATE_SCTP_HMAC_IDENT, EMBED_OPTION_FUTURE_SETTINGS, EMBED_ID_NONE,
		sizeof(struct spate_sctp_hmacalgo), 0, hmacs_set, hmacs_get },
	{ SPATE_SCTP_AUTH_KEY, EMBED_OPTION_ASSOC, EMBED_ID_ANY, sizeof(struct spate_sctp_authkey),
		0, key_set, NULL },
	{ SPATE_SCTP_AUTH_ACTIVE_KEY, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_authkeyid), 0, key_activate, key_active_get },
	{ SPATE_SCTP_AUTH_DELETE_KEY, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_authkeyid), 0, key_delete, NULL },
	{ SPATE_SCTP_AUTH_DEACTIVATE_KEY, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_authkeyid), 0, key_deactivate, NULL },
	{ SPATE_SCTP_PEER_AUTH_CHUNKS, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_authchunks), 0, NULL, peer_chunks_get },
	{ SPATE_SCTP_LOCAL_AUTH_CHUNKS, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_authchunks), 0, NULL, local_chunks_get },
};

const struct embed_option_table embed_auth_options = EMBED_OPTION_TABLE(options);
