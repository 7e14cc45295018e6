/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6056 3.3.1, "Simple Port Randomization": start anywhere; after a collision the next port.
 * Finds a free port if there is one. Ports above others that are in use are more likely.
 */
#include "ephemeral/ephemeral_priv.h"

static void
start(struct ephemeral_search *search)
{
	search->cursor = ephemeral_below(search, search->count);
}

static uint32_t
next(struct ephemeral_search *search)
{
	return search->cursor++ % search->count;
}

const struct ephemeral_algorithm ephemeral_simple = {
	.name = "simple",
	.help = "a random port; if it is in use, the next (RFC 6056 3.3.1)",
	.start = start,
	.next = next,
};
