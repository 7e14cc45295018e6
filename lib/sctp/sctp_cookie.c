/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * State cookies: RFC 9260 5.1.3. All that an association needs to begin, signed, so that nothing is
 * kept before it comes back. The key is another one each minute, of the secret that all workers have:
 * a cookie says when it was made, and so which key is its.
 */
#include "sctp/sctp_priv.h"

#define KEY_EPOCH_MS 60000

static uint64_t
now_ms(const struct sctp_core *core)
{
	return core->now_ns / 1000000;
}

static struct siphash_key
epoch_key(const struct sctp_core *core, uint64_t epoch)
{
	const uint64_t words[2][2] = { { 0x636f6f6b6965, epoch }, { ~0x636f6f6b6965ULL, epoch } };

	if (epoch == core->cookie_epoch)
		return core->cookie_key;
	return (struct siphash_key){ {
		siphash(&core->config.secret, words[0], sizeof(words[0])),
		siphash(&core->config.secret, words[1], sizeof(words[1])),
	} };
}

static uint64_t
mac_compute(const struct sctp_core *core, const struct sctp_cookie *cookie)
{
	const struct siphash_key key = epoch_key(core, cookie->created_ms / KEY_EPOCH_MS);

	return siphash(&key, &cookie->created_ms, sctp_cookie_length(cookie) - sizeof(cookie->mac));
}

uint32_t
sctp_cookie_sign(struct sctp_core *core, struct sctp_cookie *cookie)
{
	uint64_t epoch;

	cookie->created_ms = now_ms(core);
	epoch = cookie->created_ms / KEY_EPOCH_MS;
	/* That of now is kept: a tenth of what a stranger's INIT costs. */
	if (epoch != core->cookie_epoch) {
		core->cookie_key = epoch_key(core, epoch);
		core->cookie_epoch = epoch;
	}
	cookie->mac = mac_compute(core, cookie);
	return (uint32_t)sctp_cookie_length(cookie);
}

int
sctp_cookie_check(const struct sctp_core *core, const struct sctp_chunk *chunk,
	struct sctp_cookie *cookie, uint64_t *stale_us)
{
	const size_t least = offsetof(struct sctp_cookie, addrs);
	uint64_t age_ms;

	if (chunk->length < least || chunk->length > sizeof(*cookie))
		return -EINVAL;
	memset(cookie, 0, sizeof(*cookie));
	memcpy(cookie, chunk->value, chunk->length);
	if (cookie->addr_count > SCTP_ADDRS_MAX || cookie->auth_length > SCTP_AUTH_VECTOR_MAX ||
		chunk->length != sctp_cookie_length(cookie) ||
		cookie->mac != mac_compute(core, cookie))
		return -EINVAL;
	age_ms = now_ms(core) - cookie->created_ms;
	if (age_ms <= cookie->life_ms)
		return 0;
	*stale_us = (age_ms - cookie->life_ms) * 1000;
	return -ESTALE;
}
