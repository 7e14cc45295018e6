/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes from a file, in slices between which packets and other clients are served. First all lines
 * are checked, and if one is wrong nothing is done; then they are added, and what cannot be (a
 * gateway that is nowhere, a route that is there) is reported by its line.
 */
#include "commands/route_load.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/job.h"
#include "commands/call.h"
#include "commands/parse_vrf.h"
#include "commands/route_line.h"

#define FILE_MAX    ((uint64_t)1 << 30)
#define SLICE_NS    4000000ULL
#define SLICE_LINES 64 /* between two looks at the clock */
#define PROGRESS_NS 1000000000ULL
#define ERRORS_MAX  20 /* that are spelt out */

struct load {
	struct cli_job job;
	struct stack *stack;
	uint16_t vrf;
	bool vrf_held;
	char path[PATH_MAX];
	char *text;
	size_t length, at;
	unsigned line;
	bool adding; /* else the lines are being checked */
	unsigned added, failed;
	uint64_t start_ns, progress_ns;
	struct stack_route route; /* scratch */
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static void
load_free(struct cli_job *job)
{
	struct load *load = (struct load *)job;

	if (load->vrf_held)
		stack_vrf_release(load->stack, load->vrf);
	free(load->text);
	free(load);
}

static void
line_failed(struct load *load, const struct error *err)
{
	if (load->failed++ < ERRORS_MAX)
		cli_job_printf(&load->job, "%s:%u: %s\n", load->path, load->line, err->text);
}

static void
line_run(struct load *load, const char *line, size_t length)
{
	struct error err = { 0 };
	bool replace;
	int rc = route_line_parse(
		load->stack, load->vrf, line, length, &load->route, &replace, &err);

	if (rc == 0 && load->adding) {
		rc = stack_route_add(load->stack, &load->route, replace, &err);
		load->added += rc == 0;
		cli_job_changed(&load->job);
	}
	if (rc < 0)
		line_failed(load, &err);
}

/* @return whether there was one */
static bool
line_next(struct load *load)
{
	const char *line = load->text + load->at, *newline;
	size_t rest = load->length - load->at;

	if (rest == 0)
		return false;
	newline = memchr(line, '\n', rest);
	load->line++;
	load->at += newline != NULL ? (size_t)(newline - line) + 1 : rest;
	line_run(load, line, newline != NULL ? (size_t)(newline - line) : rest);
	return true;
}

/* At the end of a pass. @return as a step does */
static int
pass_end(struct load *load)
{
	double seconds = (double)(now_ns() - load->start_ns) / 1e9;

	if (!load->adding && load->failed == 0) {
		load->adding = true;
		load->at = load->line = 0;
		return 1;
	}
	if (load->failed > ERRORS_MAX)
		cli_job_printf(&load->job, "%s: %u more lines with errors\n", load->path,
			load->failed - ERRORS_MAX);
	if (!load->adding)
		return error_set(&load->job.err, EINVAL,
			"%u lines of %s are wrong: nothing was loaded", load->failed, load->path);
	cli_job_printf(&load->job, "%u routes added in %.1f s\n", load->added, seconds);
	if (load->failed > 0)
		return error_set(&load->job.err, EINVAL, "%u routes of %s were not added",
			load->failed, load->path);
	return 0;
}

static int
load_step(struct cli_job *job)
{
	struct load *load = (struct load *)job;
	uint64_t now = now_ns();
	const uint64_t end_ns = now + SLICE_NS;

	while (now < end_ns) {
		for (unsigned i = 0; i < SLICE_LINES; i++) {
			if (!line_next(load))
				return pass_end(load);
		}
		now = now_ns();
	}
	if (now - load->progress_ns >= PROGRESS_NS) {
		load->progress_ns = now;
		cli_job_printf(&load->job, "%s %u lines, %.0f%%\n",
			load->adding ? "added" : "checked", load->line,
			100.0 * (double)load->at / (double)load->length);
	}
	return 1;
}

/* All of it: a mapping would end the daemon if somebody cut the file off meanwhile. */
static int
load_read(struct load *load, int fd, struct error *err)
{
	struct stat st;
	ssize_t n = 1;
	size_t size;

	if (fstat(fd, &st) != 0)
		return error_set(err, errno, "%s: %s", load->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s is not a regular file", load->path);
	if ((uint64_t)st.st_size > FILE_MAX)
		return error_set(err, EFBIG, "%s is larger than 1 GiB", load->path);
	size = (size_t)st.st_size;
	load->text = malloc(size + 1);
	if (load->text == NULL)
		return error_set(err, ENOMEM, "no memory for %s", load->path);
	while (load->length < size && n > 0) {
		n = read(fd, load->text + load->length, size - load->length);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			load->length += (size_t)n;
	}
	return n < 0 ? error_set(err, errno, "%s: %s", load->path, strerror(errno)) : 0;
}

static int
load_open(struct load *load, struct error *err)
{
	/* O_NONBLOCK: a pipe must not stop the daemon */
	int fd = open(load->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return error_set(err, errno, "%s: %s", load->path, strerror(errno));
	rc = load_read(load, fd, err);
	close(fd);
	return rc;
}

int
route_load(struct cli_call *call)
{
	struct load *load = calloc(1, sizeof(*load));
	int rc;

	if (load == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	load->job.step = load_step;
	load->job.free = load_free;
	load->stack = stack_of(call);
	load->start_ns = load->progress_ns = now_ns();
	rc = parse_vrf(call, load->stack, "vrf", &load->vrf);
	if (rc == 0)
		rc = cli_arg_path(call, "FILE", load->path, sizeof(load->path));
	if (rc == 0)
		rc = load_open(load, call->err);
	if (rc < 0) {
		load_free(&load->job);
		return rc;
	}
	stack_vrf_hold(load->stack, load->vrf);
	load->vrf_held = true;
	load->job.changes = true;
	/* What it prints is bounded, and while it lasts no file is loaded. */
	load->job.goes_on = true;
	return cli_job_start(call, &load->job);
}
