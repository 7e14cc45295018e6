/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Commands that take their time (ping, traceroute, arping): the control loop drives them, until
 * they end by themselves, their client gives up, or the daemon stops. Control thread only.
 */
#ifndef SPATED_JOBS_H
#define SPATED_JOBS_H

#include <stdint.h>
#include <sys/queue.h>

#include "cli/cli.h"

/** First member of the command's own struct. */
struct job {
	TAILQ_ENTRY(job) entry;
	struct daemon *daemon;
	struct cli_session *session;
	const struct job_ops *ops;
};

TAILQ_HEAD(jobs, job);

struct job_ops {
	/** Do what is due; may call job_end(). */
	void (*poll)(struct job *job, uint64_t now_ns);
	/** Write what is to be said at the end, for any reason; the session is still there. */
	void (*summary)(const struct job *job);
	/** Give back what it holds, and the job itself. */
	void (*free)(struct job *job);
};

/**
 * Have the client wait, and the loop drive it.
 * @return CLI_PENDING, or -errno with call->err set, and the job freed
 */
int job_start(struct job *job, const struct job_ops *ops, struct cli_call *call);
/** @param err NULL: it has succeeded. The job is gone. */
void job_end(struct job *job, const struct error *err);

uint64_t jobs_now_ns(void);
void jobs_poll(struct daemon *daemon);
/** End all. */
void jobs_stop(struct daemon *daemon);

#endif
