/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6056 3.3.5, "Random-Increments Port Selection": one sequence for all destinations, which
 * moves on by 1 to N. A greater N is harder to guess, a smaller one uses ports again later. Who
 * sees one port knows the next to N: `increment` is what that is worth.
 */
#include "ephemeral/ephemeral_priv.h"

static uint32_t
next(struct ephemeral_search *search)
{
	struct ephemeral *ephemeral = search->ephemeral;

	ephemeral->next =
		(ephemeral->next % search->count + ephemeral_increment(search)) % search->count;
	return ephemeral->next;
}

const struct ephemeral_algorithm ephemeral_increments = {
	.name = "random-increments",
	.help = "one sequence with random steps (RFC 6056 3.3.5)",
	.increment = 500,
	.next = next,
};
