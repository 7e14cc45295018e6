/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints the running state as commands: a slice at a time, between which packets and other clients
 * are served. Called by commands/config.c and config_save.c.
 */
#include "cli/config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli_private.h"

/* Nouns of a few lines go together. */
#define SLICE_BYTES ((size_t)16 << 10)

struct config_show {
	struct cli_job job;
	struct cli_config_cursor cursor;
	struct strbuf text;
	unsigned changes; /* of the configuration, when it began */
};

bool
cli_config_next(const struct cli *cli, struct cli_config_cursor *cursor, struct strbuf *out)
{
	const struct cli_noun *noun;

	if (cursor->noun >= cli->noun_count)
		return false;
	noun = cli->nouns[cursor->noun];
	if (noun->config != NULL)
		noun->config(cli->daemon, out);
	if (noun->config_next != NULL && noun->config_next(cli->daemon, cursor->position, out))
		return true;
	*cursor = (struct cli_config_cursor){ .noun = cursor->noun + 1 };
	return cursor->noun < cli->noun_count;
}

static void
config_show_free(struct cli_job *job)
{
	struct config_show *self = (struct config_show *)job;

	strbuf_free(&self->text);
	free(self);
}

static int
config_show_step(struct cli_job *job)
{
	struct config_show *self = (struct config_show *)job;
	bool more = true;

	strbuf_reset(&self->text);
	while (more && self->text.length < SLICE_BYTES)
		more = cli_config_next(job->cli, &self->cursor, &self->text);
	if (!more && job->cli->changes != self->changes)
		strbuf_append(&self->text, "# This changed while it was printed: ask again.\n");
	if (self->text.failed)
		return error_set(&job->err, ENOMEM, "out of memory");
	cli_job_write(job, strbuf_text(&self->text), self->text.length);
	return more;
}

int
cli_config_show(struct cli_call *call)
{
	struct config_show *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return error_set(call->err, ENOMEM, "out of memory");
	self->job.step = config_show_step;
	self->job.free = config_show_free;
	self->changes = call->cli->changes;
	return cli_job_start(call, &self->job);
}
