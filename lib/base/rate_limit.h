/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A rate limit that many are under, none of whom may use it up alone: each has a share, a token
 * bucket of its own, below that of all. One owner; the time is an argument.
 */
#ifndef BASE_RATE_LIMIT_H
#define BASE_RATE_LIMIT_H

#include "base/token_bucket.h"

/** Those whose numbers are the same modulo this share a share. */
#define RATE_LIMIT_SHARES 64

/** Events a second, and at once. */
struct rate {
	uint32_t rate, burst;
};

struct rate_limit {
	struct token_bucket all;
	struct token_bucket shares[RATE_LIMIT_SHARES];
};

/** @param now_ns all buckets are full then */
static inline void
rate_limit_init(struct rate_limit *limit, struct rate all, struct rate each, uint64_t now_ns)
{
	token_bucket_init(&limit->all, all.rate, all.burst, now_ns);
	for (unsigned i = 0; i < RATE_LIMIT_SHARES; i++)
		token_bucket_init(&limit->shares[i], each.rate, each.burst, now_ns);
}

/** Take one token of `who`. @return false: there is none, of its own or of all */
static inline bool
rate_limit_take(struct rate_limit *limit, unsigned who, uint64_t now_ns)
{
	return token_bucket_take(&limit->shares[who % RATE_LIMIT_SHARES], now_ns) &&
		token_bucket_take(&limit->all, now_ns);
}

#endif
