/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file of commands while packets and clients are served: its lines are checked in slices, since
 * there may be a million, then run in slices, or taken back. Until that is done other clients' commands
 * that change the configuration are refused, so that none comes between them.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli_private.h"
#include "cli/config.h"

#define SLICE_NS    4000000ULL
#define SLICE_LINES 64 /* between two looks at the clock */

enum config_job_stage { JOB_CHECKS, JOB_RUNS_START, JOB_RUNS_REST };

struct config_job {
	struct cli_job job;
	struct cli_config *config;
	bool to_run;
	enum config_job_stage stage;
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static void
config_job_free(struct cli_job *job)
{
	struct config_job *self = (struct config_job *)job;

	if (self->stage != JOB_CHECKS)
		job->cli->loading = false;
	cli_config_free(self->config);
	free(self);
}

/* What the client began it may not leave half done. */
static bool
config_job_abandon(struct cli_job *job)
{
	struct config_job *self = (struct config_job *)job;

	return self->stage != JOB_CHECKS && cli_config_abandon(self->config);
}

static int
check_step(struct config_job *self)
{
	struct cli_job *job = &self->job, *other;
	int ret = cli_config_check(self->config, job->cli, SLICE_LINES, &job->errors);

	if (ret != 0 || !self->to_run)
		return ret;
	if (job->cli->loading)
		return error_set(&job->err, EBUSY, "another file is being loaded");
	TAILQ_FOREACH (other, &job->cli->jobs, link) {
		if (other->changes)
			return error_set(
				&job->err, EBUSY, "routes are being loaded: try again then");
	}
	job->cli->loading = true;
	job->goes_on = true;
	self->stage = JOB_RUNS_START;
	return 1;
}

static int
run_step(struct config_job *self, enum cli_config_phase phase)
{
	struct strbuf out = STRBUF_INIT;
	int ret = cli_config_step(self->config, self->job.cli, phase, &out, &self->job.errors);

	if (out.length > 0)
		cli_job_write(&self->job, out.text, out.length);
	strbuf_free(&out);
	return ret;
}

static int
stage_step(struct config_job *self)
{
	int ret;

	switch (self->stage) {
	case JOB_CHECKS: return check_step(self);
	case JOB_RUNS_START:
		ret = run_step(self, CLI_CONFIG_START);
		if (ret != 0)
			return ret;
		self->stage = JOB_RUNS_REST;
		return 1;
	case JOB_RUNS_REST: break;
	}
	return run_step(self, CLI_CONFIG_REST);
}

static int
config_job_step(struct cli_job *job)
{
	const uint64_t end_ns = now_ns() + SLICE_NS;
	int ret;

	do
		ret = stage_step((struct config_job *)job);
	while (ret > 0 && now_ns() < end_ns);
	return ret;
}

int
cli_config_start(struct cli_call *call, const char *path, bool to_run)
{
	struct config_job *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return error_set(call->err, ENOMEM, "out of memory");
	self->job.step = config_job_step;
	self->job.free = config_job_free;
	self->job.abandon = config_job_abandon;
	self->to_run = to_run;
	self->config = cli_config_open(path, cli_errors(call));
	if (self->config == NULL) {
		free(self);
		return -EINVAL;
	}
	return cli_job_start(call, &self->job);
}
