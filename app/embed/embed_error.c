/* SPDX-License-Identifier: BSD-3-Clause */
/* The sentence that goes with the last errno of each thread. */
#include "embed/embed.h"

static _Thread_local struct error last;

const char *
spate_error(void)
{
	return last.text;
}

int
embed_result(int rc, const struct error *err)
{
	if (rc < 0)
		last = *err;
	return rc;
}
