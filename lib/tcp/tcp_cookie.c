/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SYN cookies (RFC 4987 3.6): when there is no room for another half-open connection, our initial
 * sequence number holds what is to be remembered, with a hash that only we can make. What does not fit
 * (SACK, window scale, ECN) is in the low bits of our timestamp, which the peer echoes.
 *
 *     sequence number:  5 bits time, 3 bits MSS, 24 bits hash
 *     timestamp:        6 bits: ECN, SACK, window scale (15: none)
 */
#include "tcp/tcp_priv.h"

/* A cookie's time is of units of 64 seconds; one of the last and of the present unit is good. */
#define UNIT_MS     65536U
#define TIME_MASK   31U
#define HASH_MASK   0xffffffU
#define TS_MASK     63U
#define TS_ECN      32U
#define TS_SACK     16U
#define TS_NO_SCALE 15U

/* What most peers say; the largest that is not above theirs is used. */
static const uint16_t mss_table[TCP_COOKIE_MSS_COUNT] = { 216, 536, 1220, 1360, 1400, 1440, 1460,
	8940 };

static uint32_t
cookie_hash(const struct tcp_core *core, const struct tcp_segment *segment, uint32_t irs,
	uint32_t time_and_mss)
{
	struct siphash_key key = core->config.secret;
	uint64_t words[6];

	key.words[1] ^= 0x636f6f6b6965;
	memcpy(words, &segment->tuple, 40);
	words[5] = (uint64_t)irs << 32 | time_and_mss;
	return (uint32_t)siphash(&key, words, sizeof(words)) & HASH_MASK;
}

static unsigned
mss_index(uint16_t mss)
{
	unsigned i = 0;

	while (i + 1 < TCP_COOKIE_MSS_COUNT && mss_table[i + 1] <= mss)
		i++;
	return i;
}

/* Give a half-open connection that is not kept an ISN and a timestamp that bring it back. */
void
tcp_cookie_make(
	struct tcp_core *core, const struct tcp_segment *segment, struct tcp_half_open *half)
{
	uint16_t mss = half->mss != 0                  ? half->mss
		: segment->tuple.family == IP_FAMILY_4 ? TCP_MSS_DEFAULT4
						       : TCP_MSS_DEFAULT6;
	uint32_t time = core->now_ms / UNIT_MS & TIME_MASK;
	uint32_t head = time << 3 | mss_index(mss);
	uint32_t bits;

	half->iss = head << 24 | cookie_hash(core, segment, half->irs, head);
	if (!half->timestamps_ok) {
		half->sack_ok = half->wscale_ok = half->ecn_ok = false;
		return;
	}
	bits = (half->ecn_ok ? TS_ECN : 0) | (half->sack_ok ? TS_SACK : 0) |
		(half->wscale_ok ? half->wscale : TS_NO_SCALE);
	/* Not ahead of the clock: later timestamps of the connection must not go back. */
	half->ts_val = (tcp_ts_val(core, &segment->tuple) & ~TS_MASK) - (TS_MASK + 1) + bits;
}

bool
tcp_cookie_check(struct tcp_core *core, struct tcp_listener *listener,
	const struct tcp_segment *segment, struct tcp_half_open *half)
{
	const struct tcp_options *options = &segment->options;
	uint32_t cookie = segment->ack - 1, head = cookie >> 24;
	uint32_t age = (core->now_ms / UNIT_MS - (head >> 3)) & TIME_MASK;
	uint32_t bits = options->ts_ecr & TS_MASK;

	/* Nobody may try cookies on a listener that gave none. */
	if (!listener->cookies_out || core->now_ms - listener->cookie_ms > 2 * UNIT_MS ||
		segment->flags & TCP_SYN)
		return false;
	if (age > 1 || (cookie & HASH_MASK) != cookie_hash(core, segment, segment->seq - 1, head)) {
		tcp_count(core, TCP_STAT_cookies_bad);
		return false;
	}
	*half = (struct tcp_half_open){
		.node = { .tuple = segment->tuple, .hash = segment->hash },
		.listener = listener,
		.irs = segment->seq - 1,
		.iss = cookie,
		.mss = mss_table[head & 7],
		.sent_us = core->now_us, /* when it was sent, nobody knows */
	};
	if (!(options->present & TCP_OPTION_TIMESTAMPS) || !core->config.timestamps)
		return true;
	half->timestamps_ok = true;
	half->ts_recent = options->ts_val;
	half->ecn_ok = (bits & TS_ECN) != 0 && core->config.policy.ecn != TCP_ECN_OFF;
	half->sack_ok = (bits & TS_SACK) != 0 && core->config.sack;
	half->wscale_ok = (bits & 15) != TS_NO_SCALE && core->config.window_scaling;
	half->wscale = half->wscale_ok ? bits & 15 : 0;
	return true;
}
