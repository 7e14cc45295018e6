/* SPDX-License-Identifier: BSD-3-Clause */
/* spate, the client of spated: one-shot, from a script, or interactive. */
#include <stdlib.h>
#include <unistd.h>

#include "spate/conn.h"
#include "spate/options.h"
#include "spate/script.h"
#include "spate/shell.h"

static enum spate_status
jobs_run(struct conn *conn, const struct options *options)
{
	enum spate_status status = SPATE_OK;

	for (unsigned i = 0; i < options->job_count && status == SPATE_OK; i++) {
		const struct options_job *job = &options->jobs[i];

		status = job->command != NULL ? script_command(conn, job->command)
					      : script_file(conn, job->file);
	}
	return status;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct conn conn = { .fd = -1 };
	enum spate_status status = SPATE_OK;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_GO: break;
	case OPTIONS_DONE: goto out;
	case OPTIONS_WRONG: status = SPATE_USAGE; goto out;
	}
	conn.path = options.socket;
	conn.json = options.json;
	conn_catch_interrupt();
	if (conn_open(&conn) != 0)
		status = SPATE_UNREACHABLE;
	else if (options.job_count > 0)
		status = jobs_run(&conn, &options);
	else if (isatty(STDIN_FILENO))
		status = shell_run(&conn, options.instance);
	else
		status = script_file(&conn, "-");
	conn_close(&conn);
	free(conn.body);
out:
	options_free(&options);
	return status;
}
