/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that run now; started by commands/, driven by control.c. */
#include "spated/jobs.h"

#include <time.h>

#include "spated/daemon.h"

uint64_t
jobs_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static void
job_remove(struct job *job)
{
	TAILQ_REMOVE(&job->daemon->jobs, job, entry);
	job->ops->free(job);
}

/* The client asked for it, or is gone. */
static void
job_abort(void *arg)
{
	struct job *job = arg;

	job->ops->summary(job);
	job_remove(job);
}

int
job_start(struct job *job, const struct job_ops *ops, struct cli_call *call)
{
	job->daemon = call->daemon;
	job->ops = ops;
	job->session = cli_pend(call, job_abort, job);
	if (job->session == NULL) {
		ops->free(job);
		return -call->err->errnum;
	}
	TAILQ_INSERT_TAIL(&job->daemon->jobs, job, entry);
	return CLI_PENDING;
}

void
job_end(struct job *job, const struct error *err)
{
	struct cli_session *session = job->session;

	job->ops->summary(job);
	cli_session_end(session, err != NULL ? -err->errnum : 0, err);
	job_remove(job);
}

void
jobs_poll(struct daemon *daemon)
{
	uint64_t now_ns = jobs_now_ns();
	struct job *job, *next;

	for (job = TAILQ_FIRST(&daemon->jobs); job != NULL; job = next) {
		next = TAILQ_NEXT(job, entry);
		job->ops->poll(job, now_ns);
	}
}

void
jobs_stop(struct daemon *daemon)
{
	struct error err;
	struct job *job;

	error_set(&err, ESHUTDOWN, "the daemon stops");
	/* job_end() takes it off the list. */
	while ((job = TAILQ_FIRST(&daemon->jobs)) != NULL)
		job_end(job, &err); // NOLINT(clang-analyzer-unix.Malloc)
}
