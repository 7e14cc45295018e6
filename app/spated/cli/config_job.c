/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file of commands while packets are served: its lines are checked in slices, since there may be
 * a million; then they are run at once, so that nobody else's command comes between them.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli_private.h"
#include "cli/config.h"

#define SLICE_NS    4000000ULL
#define SLICE_LINES 64 /* between two looks at the clock */

struct config_job {
	struct cli_job job;
	struct cli_config *config;
	bool to_run;
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

	cli_config_free(self->config);
	free(self);
}

static int
config_run(struct config_job *self)
{
	struct strbuf out = STRBUF_INIT;
	int ret;

	ret = cli_config_run(
		self->config, self->job.cli, CLI_CONFIG_START, &out, &self->job.errors);
	if (ret == 0)
		ret = cli_config_run(
			self->config, self->job.cli, CLI_CONFIG_REST, &out, &self->job.errors);
	if (out.length > 0)
		cli_job_printf(&self->job, "%s", out.text);
	strbuf_free(&out);
	return ret;
}

static int
config_job_step(struct cli_job *job)
{
	struct config_job *self = (struct config_job *)job;
	const uint64_t end_ns = now_ns() + SLICE_NS;
	int ret = 1;

	while (ret > 0 && now_ns() < end_ns)
		ret = cli_config_check(self->config, job->cli, SLICE_LINES, &job->errors);
	return ret == 0 && self->to_run ? config_run(self) : ret;
}

int
cli_config_start(struct cli_call *call, const char *path, bool to_run)
{
	struct config_job *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return error_set(call->err, ENOMEM, "out of memory");
	self->job.step = config_job_step;
	self->job.free = config_job_free;
	self->to_run = to_run;
	self->config = cli_config_open(path, cli_errors(call));
	if (self->config == NULL) {
		free(self);
		return -EINVAL;
	}
	return cli_job_start(call, &self->job);
}
