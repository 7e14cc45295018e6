/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands in slices: the control loop calls cli_poll(), which goes on with each of them. */
#include "cli/job.h"

#include <stdlib.h>

#include "base/log.h"
#include "cli/cli_private.h"
#include "cli/session.h"

/* A client that has so much to fetch gets no more for now. */
#define BACKLOG_MAX ((size_t)1 << 20)
/* A show that is no longer than this is answered at once. */
#define SHOW_AT_ONCE ((size_t)64 << 10)

static void
job_end(struct cli_job *job)
{
	TAILQ_REMOVE(&job->cli->jobs, job, link);
	strbuf_free(&job->errors);
	job->free(job);
}

/* The client asked for it, or is gone. */
static void
job_abort(void *arg)
{
	struct cli_job *job = arg;

	if (job->abandon != NULL && job->abandon(job))
		job->session = NULL;
	else
		job_end(job);
}

void
cli_jobs_free(struct cli *cli)
{
	struct cli_job *job, *next;

	TAILQ_FOREACH_SAFE (job, &cli->jobs, link, next)
		job_end(job);
}

/* To whom it may concern: its client, or the log. */
static void
job_report(struct cli_session *session, int ret, const char *text)
{
	if (session != NULL)
		cli_session_end_with(session, ret, text);
	else if (text[0] != '\0')
		log(cli, WARNING, "%s", text);
}

int
cli_job_start(struct cli_call *call, struct cli_job *job)
{
	int ret = 1;

	job->cli = call->cli;
	if (call->args->request->session != NULL) {
		job->session = cli_pend(call, job_abort, job);
		TAILQ_INSERT_TAIL(&call->cli->jobs, job, link);
		return CLI_PENDING;
	}
	job->out = call->args->out;
	while (ret > 0)
		ret = job->step(job);
	if (ret < 0)
		*call->err = job->err;
	strbuf_append(cli_errors(call), strbuf_text(&job->errors));
	strbuf_free(&job->errors);
	job->free(job);
	return ret;
}

bool
cli_poll(struct cli *cli)
{
	struct cli_job *job, *next;
	bool busy = false;

	TAILQ_FOREACH_SAFE (job, &cli->jobs, link, next) {
		struct cli_session *session = job->session;
		struct strbuf errors;
		struct error err;
		int ret;

		if (session != NULL && !job->goes_on && session->backlog != NULL &&
			session->backlog(session) > BACKLOG_MAX)
			continue;
		ret = job->step(job);
		busy = true;
		if (ret > 0)
			continue;
		err = job->err;
		errors = job->errors;
		job->errors = STRBUF_INIT;
		job_end(job);
		job_report(session, ret, errors.length > 0 ? errors.text : err.text);
		strbuf_free(&errors);
	}
	return busy;
}

void
cli_job_changed(struct cli_job *job)
{
	job->cli->changes++;
}

void
cli_job_write(struct cli_job *job, const char *bytes, size_t length)
{
	if (job->session != NULL)
		job->session->write(job->session, bytes, length);
	else if (job->out != NULL)
		strbuf_append_bytes(job->out, bytes, length);
}

void
cli_job_printf(struct cli_job *job, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (job->session != NULL)
		cli_session_vprintf(job->session, fmt, ap);
	else if (job->out != NULL)
		strbuf_vprintf(job->out, fmt, ap);
	va_end(ap);
}

/* ---- shows ---- */

struct show_job {
	struct cli_job job;
	struct cli_show_job records;
	struct show *show; /* NULL: it is complete */
	struct strbuf text;
};

static void
show_job_free(struct cli_job *job)
{
	struct show_job *self = (struct show_job *)job;

	self->records.free(self->records.arg);
	if (self->show != NULL)
		(void)show_destroy(self->show);
	strbuf_free(&self->text);
	free(self);
}

static int
show_job_step(struct cli_job *job)
{
	struct show_job *self = (struct show_job *)job;
	int ret = self->records.step(self->show, self->records.arg);
	int end = 0;

	if (ret == 0) {
		end = show_destroy(self->show);
		self->show = NULL;
	}
	if (self->text.length > 0)
		job->session->write(job->session, self->text.text, self->text.length);
	strbuf_reset(&self->text);
	return end < 0 ? error_set(&job->err, -end, "the show is malformed") : ret;
}

/* What the first records were written to is the reply's; the others are the job's. */
static int
show_job_start(struct cli_call *call, const struct cli_show_job *records)
{
	struct show_job *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		records->free(records->arg);
		return error_set(call->err, ENOMEM, "out of memory");
	}
	self->job.step = show_job_step;
	self->job.free = show_job_free;
	self->records = *records;
	self->show = call->show;
	call->show = NULL;
	show_redirect(self->show, &self->text);
	return cli_job_start(call, &self->job);
}

int
cli_show_start(struct cli_call *call, const struct cli_show_job *records)
{
	bool waits = call->args->request->session != NULL;
	int ret = 1;

	while (ret > 0 && !(waits && call->args->out->length > SHOW_AT_ONCE))
		ret = records->step(call->show, records->arg);
	if (ret > 0)
		return show_job_start(call, records);
	records->free(records->arg);
	return ret;
}
