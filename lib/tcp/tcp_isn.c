/* SPDX-License-Identifier: BSD-3-Clause */
/* Initial sequence numbers (RFC 6528), and where our timestamps begin (RFC 7323 7.1). */
#include "tcp/tcp_priv.h"

/* Secrets for different ends are made different: what one gives away says nothing of the other. */
static uint64_t
keyed_hash(const struct tcp_core *core, const struct tcp_tuple *tuple, uint64_t purpose)
{
	struct siphash_key key = core->config.secret;

	key.words[0] ^= purpose;
	return siphash(&key, tuple, sizeof(*tuple));
}

uint32_t
tcp_isn(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	/* RFC 6528 3: M ticks every 4 microseconds, and F of the connection's ends. */
	return (uint32_t)(core->now_ns / 4000) + (uint32_t)keyed_hash(core, tuple, 0x69736e);
}

/*
 * Of the two addresses only: timestamps of one connection after the other go up, so that PAWS and
 * TIME-WAIT (RFC 6191) have something to compare.
 */
uint32_t
tcp_ts_offset(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	struct tcp_tuple addresses = *tuple;

	addresses.local_port = addresses.remote_port = 0;
	return (uint32_t)keyed_hash(core, &addresses, 0x7473);
}
