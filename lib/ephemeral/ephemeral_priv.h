/* SPDX-License-Identifier: BSD-3-Clause */
/* What the algorithms share. */
#ifndef EPHEMERAL_EPHEMERAL_PRIV_H
#define EPHEMERAL_EPHEMERAL_PRIV_H

#include "ephemeral/ephemeral.h"

/* One call of ephemeral_choose(). */
struct ephemeral_search {
	struct ephemeral *ephemeral;
	const struct ephemeral_policy *policy;
	const struct ephemeral_request *request;
	uint32_t count; /* num_ephemeral: ports of the range, excluded ones too */
	uint32_t cursor; /* the algorithm's: where it is, or the destination's offset */
	uint16_t *counter; /* the algorithm's: the destination's entry in the table */
};

/* F() and G() of RFC 6056 3.3.3 and 3.3.4: of local and remote address and remote port. */
uint64_t ephemeral_hash(const struct siphash_key *key, const struct ephemeral_request *request);
/* Sets the search's counter: 3.3.4's table[G()]. */
void ephemeral_counter_find(struct ephemeral_search *search);

/* From 0 to bound - 1. */
static inline uint32_t
ephemeral_below(struct ephemeral_search *search, uint32_t bound)
{
	return (uint32_t)secret_random_below(&search->ephemeral->random, bound);
}

/* RFC 6056 3.3.5: from 1 to N. */
static inline uint32_t
ephemeral_increment(struct ephemeral_search *search)
{
	const struct ephemeral_policy *policy = search->policy;
	uint32_t most = policy->increment != 0 ? policy->increment : policy->algorithm->increment;

	return ephemeral_below(search, most) + 1;
}

extern const struct ephemeral_algorithm ephemeral_simple;
extern const struct ephemeral_algorithm ephemeral_redraw;
extern const struct ephemeral_algorithm ephemeral_simple_hash;
extern const struct ephemeral_algorithm ephemeral_double_hash;
extern const struct ephemeral_algorithm ephemeral_increments;
extern const struct ephemeral_algorithm ephemeral_hash_increments;

#endif
