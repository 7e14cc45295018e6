/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The CLI of fake_nouns.h and what its lines wrote: for tests that need no more than that.
 */
#ifndef CLI_FIXTURE_H
#define CLI_FIXTURE_H

#include <stdlib.h>

#include "fake_nouns.h"

struct fixture {
	struct fake_daemon daemon;
	struct cli *cli;
	struct strbuf out, errors;
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->cli = fake_cli_create(&f->daemon);
	*state = f;
	return f->cli != NULL ? 0 : -1;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	cli_destroy(f->cli);
	strbuf_free(&f->out);
	strbuf_free(&f->errors);
	free(f);
	return 0;
}

#endif
