/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the running state to a file, whole or not at all; called by commands/config.c. */
#include "cli/config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAVE_HEAD "# Written by spated (config save).\n"

static int
write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			length -= n;
		}
	}
	return fsync(fd) == 0 ? 0 : -errno;
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
file_replace(const char *path, const struct strbuf *text, struct error *err)
{
	char temporary[PATH_MAX];
	int fd, ret;

	/* in the same directory, since a rename cannot cross file systems */
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return error_set(err, ENAMETOOLONG, "%s: the path is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return error_set(err, errno, "cannot write beside %s: %s", path, strerror(errno));
	ret = write_all(fd, strbuf_text(text), text->length);
	close(fd);
	if (ret == 0 && rename(temporary, path) != 0)
		ret = -errno;
	if (ret == 0)
		return directory_sync(path);
	unlink(temporary);
	return error_set(err, -ret, "cannot write %s: %s", path, strerror(-ret));
}

int
cli_config_save(const struct cli *cli, const char *path, struct error *err)
{
	struct strbuf text = STRBUF_INIT;
	char resolved[PATH_MAX];
	struct stat st;
	int ret;

	/* a link keeps pointing to the file that is replaced */
	if (realpath(path, resolved) != NULL)
		path = resolved;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s is not a regular file", path);
	strbuf_append(&text, SAVE_HEAD);
	cli_config_show(cli, &text);
	if (text.failed)
		ret = error_set(err, ENOMEM, "out of memory");
	else
		ret = file_replace(path, &text, err);
	strbuf_free(&text);
	return ret;
}
