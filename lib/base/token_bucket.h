/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A token bucket: so many events a second, and so many at once.
 *
 * One owner; the time is an argument.
 */
#ifndef BASE_TOKEN_BUCKET_H
#define BASE_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
	uint32_t burst; /**< tokens that can be saved up */
	uint32_t tokens; /**< now */
	uint64_t interval_ns; /**< between two tokens; UINT64_MAX: there never is another */
	uint64_t refilled_ns; /**< until when tokens were given */
};

/**
 * @param rate tokens a second, up to 10^9; 0: none but the first `burst`
 * @param now_ns the bucket is full then
 */
static inline void
token_bucket_init(struct token_bucket *bucket, uint32_t rate, uint32_t burst, uint64_t now_ns)
{
	*bucket = (struct token_bucket){
		.burst = burst,
		.tokens = burst,
		.interval_ns = rate != 0 ? 1000000000ULL / rate : UINT64_MAX,
		.refilled_ns = now_ns,
	};
}

static inline void
token_bucket_refill(struct token_bucket *bucket, uint64_t elapsed_ns)
{
	uint64_t earned = elapsed_ns / bucket->interval_ns;

	/* What is earned while the bucket is full is lost: time goes on, but for the part of a
	 * token that is under way. */
	bucket->refilled_ns += earned * bucket->interval_ns;
	bucket->tokens = earned < bucket->burst - bucket->tokens ? bucket->tokens + (uint32_t)earned
								 : bucket->burst;
}

/** Take one token. @return false: there is none */
static inline bool
token_bucket_take(struct token_bucket *bucket, uint64_t now_ns)
{
	if (now_ns > bucket->refilled_ns && now_ns - bucket->refilled_ns >= bucket->interval_ns)
		token_bucket_refill(bucket, now_ns - bucket->refilled_ns);
	if (bucket->tokens == 0)
		return false;
	bucket->tokens--;
	return true;
}

#endif
