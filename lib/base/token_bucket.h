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
	uint32_t rate; /**< tokens a second; 0: none ever */
	uint32_t burst; /**< tokens that can be saved up */
	uint32_t tokens; /**< now */
	uint64_t refilled_ns; /**< until when tokens were given */
};

static inline void
token_bucket_init(struct token_bucket *bucket, uint32_t rate, uint32_t burst, uint64_t now_ns)
{
	*bucket = (struct token_bucket){ rate, burst, burst, now_ns };
}

/** Take one token. @return false: there is none */
static inline bool
token_bucket_take(struct token_bucket *bucket, uint64_t now_ns)
{
	if (bucket->tokens == 0 && bucket->rate != 0 && now_ns > bucket->refilled_ns) {
		uint64_t elapsed_ns = now_ns - bucket->refilled_ns;
		uint64_t interval_ns = 1000000000ULL / bucket->rate;
		uint64_t earned = interval_ns != 0 ? elapsed_ns / interval_ns : bucket->burst;

		if (earned > bucket->burst) {
			earned = bucket->burst;
			bucket->refilled_ns = now_ns;
		} else {
			bucket->refilled_ns += earned * interval_ns;
		}
		bucket->tokens = (uint32_t)earned;
	}
	if (bucket->tokens == 0)
		return false;
	bucket->tokens--;
	return true;
}

#endif
