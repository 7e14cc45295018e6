/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6056 3.3.2, the other simple randomization: each candidate is drawn anew. All free ports are
 * equally likely; when few are left it may miss them.
 */
#include "ephemeral/ephemeral_priv.h"

static uint32_t
next(struct ephemeral_search *search)
{
	return ephemeral_below(search, search->count);
}

const struct ephemeral_algorithm ephemeral_redraw = {
	.name = "redraw",
	.help = "a random port; if it is in use, another random one (RFC 6056 3.3.2)",
	.next = next,
};
