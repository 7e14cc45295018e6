/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the running state to a file, whole or not at all, in slices between which packets and other
 * clients are served. Called by commands/config.c.
 */
#include "cli/config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli_private.h"

#define SAVE_HEAD   "# Written by spated (config save).\n"
#define SLICE_BYTES ((size_t)64 << 10)
/* So long it starts again when the configuration changes meanwhile. */
#define RETRY_SECONDS 10

struct config_save {
	struct cli_job job;
	struct cli_config_cursor cursor;
	struct strbuf text;
	unsigned changes; /* of the configuration, when this try began */
	bool started;
	time_t deadline; /* of CLOCK_MONOTONIC */
	int fd; /* of the new file; -1: not there, or in its place */
	char path[PATH_MAX], temporary[PATH_MAX];
};

static time_t
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The rename itself must survive a power cut. */
static int
directory_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	int fd, ret;

	if (slash != NULL)
		snprintf(directory, sizeof(directory), "%.*s",
			slash == path ? 1 : (int)(slash - path), path);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return ret;
}

static int
save_error(struct config_save *self, int errnum)
{
	return error_set(
		&self->job.err, errnum, "cannot write %s: %s", self->path, strerror(errnum));
}

static int
write_all(struct config_save *self)
{
	const char *text = strbuf_text(&self->text);
	size_t length = self->text.length;

	if (self->text.failed)
		return error_set(&self->job.err, ENOMEM, "out of memory");
	while (length > 0) {
		ssize_t n = write(self->fd, text, length);

		if (n < 0 && errno != EINTR)
			return save_error(self, errno);
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
	strbuf_reset(&self->text);
	/* Only a hint: so that little is left for fsync() to wait for. */
	(void)sync_file_range(self->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

/* From the start, whatever was written before. */
static int
save_begin(struct config_save *self)
{
	self->cursor = (struct cli_config_cursor){ 0 };
	self->changes = self->job.cli->changes;
	self->started = true;
	strbuf_reset(&self->text);
	strbuf_append(&self->text, SAVE_HEAD);
	if (ftruncate(self->fd, 0) != 0 || lseek(self->fd, 0, SEEK_SET) < 0)
		return save_error(self, errno);
	return 0;
}

static int
save_end(struct config_save *self)
{
	int ret = fsync(self->fd) == 0 ? 0 : -errno;

	if (ret == 0 && rename(self->temporary, self->path) != 0)
		ret = -errno;
	if (ret < 0)
		return save_error(self, -ret);
	close(self->fd);
	self->fd = -1;
	ret = directory_sync(self->path);
	return ret < 0 ? save_error(self, -ret) : 0;
}

static int
save_step(struct cli_job *job)
{
	struct config_save *self = (struct config_save *)job;
	bool changed = self->started && job->cli->changes != self->changes, more = true;
	int ret = 0;

	if (changed && now_s() > self->deadline)
		return error_set(&job->err, EAGAIN,
			"the configuration changes all the time: %s was not written", self->path);
	if (job->cli->loading) {
		/* What is in force is neither what was nor what is to be. */
		self->started = false;
		return now_s() <= self->deadline
			? 1
			: error_set(&job->err, EBUSY, "a file is being loaded: %s was not written",
				  self->path);
	}
	if (!self->started || changed)
		ret = save_begin(self);
	while (ret == 0 && more) {
		more = cli_config_next(job->cli, &self->cursor, &self->text);
		if (more && self->text.length < SLICE_BYTES)
			continue;
		ret = write_all(self);
		if (ret == 0 && more)
			return 1;
	}
	return ret < 0 ? ret : save_end(self);
}

static void
save_free(struct cli_job *job)
{
	struct config_save *self = (struct config_save *)job;

	if (self->fd >= 0) {
		close(self->fd);
		unlink(self->temporary);
	}
	strbuf_free(&self->text);
	free(self);
}

static int
save_open(struct config_save *self, const char *path, struct error *err)
{
	struct stat st;

	/* a link keeps pointing to the file that is replaced */
	if (realpath(path, self->path) == NULL)
		snprintf(self->path, sizeof(self->path), "%s", path);
	if (stat(self->path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s is not a regular file", self->path);
	/* in the same directory, since a rename cannot cross file systems */
	if (snprintf(self->temporary, sizeof(self->temporary), "%s.XXXXXX", self->path) >=
		(int)sizeof(self->temporary))
		return error_set(err, ENAMETOOLONG, "%s: the path is too long", self->path);
	self->fd = mkostemp(self->temporary, O_CLOEXEC); /* mode 0600 */
	if (self->fd < 0)
		return error_set(
			err, errno, "cannot write beside %s: %s", self->path, strerror(errno));
	return 0;
}

int
cli_config_save(struct cli_call *call, const char *path)
{
	struct config_save *self = calloc(1, sizeof(*self));
	int ret;

	if (self == NULL)
		return error_set(call->err, ENOMEM, "out of memory");
	self->job.step = save_step;
	self->job.free = save_free;
	self->deadline = now_s() + RETRY_SECONDS;
	ret = save_open(self, path, call->err);
	if (ret < 0) {
		save_free(&self->job);
		return ret;
	}
	return cli_job_start(call, &self->job);
}
