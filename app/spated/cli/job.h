/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Commands that take longer than the control loop may stand still: they run in slices.
 */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include <bsd/sys/queue.h>

#include "cli/cli.h"

/** A command under way; the first member of the struct that holds what it needs. */
struct cli_job {
	/** Do some milliseconds' work. @return 1: there is more; 0: done; -errno with `err` set */
	int (*step)(struct cli_job *job);
	void (*free)(struct cli_job *job);
	/** The client is gone. @return whether steps follow all the same, to clean up; NULL: no */
	bool (*abandon)(struct cli_job *job);
	/** Steps follow also while its client does not read: others wait for the end. */
	bool goes_on;
	bool changes; /**< the configuration, in the course of its steps */
	struct error err;
	struct strbuf
		errors; /**< in place of `err`, where there is more to say; freed by the engine */

	/* the engine's */
	TAILQ_ENTRY(cli_job) link;
	struct cli *cli;
	struct cli_session *session; /**< who waits; NULL: nobody any more, or it runs at once */
	struct strbuf *out; /**< where it runs at once */
};

TAILQ_HEAD(cli_job_list, cli_job);

/**
 * Start a job, which is freed when it ends: `return cli_job_start(call, &job->job);`. Where nobody
 * can wait (a configuration file) it runs to its end.
 */
int cli_job_start(struct cli_call *call, struct cli_job *job);
/** Give up all that are under way. */
void cli_jobs_free(struct cli *cli);
/** The job has changed the configuration, as cli_undo() says of a command. */
void cli_job_changed(struct cli_job *job);
/** Text that may hold anything. */
void cli_job_write(struct cli_job *job, const char *bytes, size_t length);
void cli_job_printf(struct cli_job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** A show of many records, written some at a time. */
struct cli_show_job {
	/** Write the next records. @return 1: there are more; 0: those were the last; -errno */
	int (*step)(struct show *show, void *arg);
	void (*free)(void *arg);
	void *arg;
};
/** For the handler of a CLI_SHOW, in place of writing to call->show. */
int cli_show_start(struct cli_call *call, const struct cli_show_job *show);

#endif
