/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files in memory: the tree of a directory as one sorted array. Runs on the control thread, when a
 * service starts; only http_files_lookup() is the workers'.
 */
#include "service/http_files.h"

#include <bsd/string.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/siphash.h"
#include "service/http_date.h"

struct loader {
	struct http_files *files;
	uint32_t room; /* of the array */
	uint64_t bytes_max;
	uint64_t now;
	struct error *err;
	char path[HTTP_PATH_MAX]; /* of what is being looked at */
};

static int directory_load(struct loader *loader, int fd, unsigned depth);

static struct http_file *
file_append(struct loader *loader)
{
	struct http_files *files = loader->files;
	struct http_file *file;

	if (files->count == HTTP_FILES_MAX) {
		error_set(loader->err, EFBIG, "more than %u files", HTTP_FILES_MAX);
		return NULL;
	}
	if (files->count == loader->room) {
		uint32_t room = loader->room == 0 ? 64 : 2 * loader->room;

		file = realloc(files->files, room * sizeof(*file));
		if (file == NULL) {
			error_set(loader->err, ENOMEM, "no memory for %u files", room);
			return NULL;
		}
		files->files = file;
		loader->room = room;
	}
	file = &files->files[files->count];
	*file = (struct http_file){ .path = strdup(loader->path) };
	if (file->path == NULL) {
		error_set(loader->err, ENOMEM, "no memory for %s", loader->path);
		return NULL;
	}
	files->count++;
	return file;
}

/* ---- what is told of a file ---- */

static void
info_build(struct http_file *file, uint64_t now)
{
	static const struct siphash_key key = { { 0x7370617465, 0x65746167 } };
	char date[HTTP_DATE_LENGTH];

	/* RFC 9110 8.8.2.1: a time that is yet to come says nothing. */
	if (file->modified > now)
		file->modified = now;
	/* What was changed in this very second may be changed once more in it. */
	file->is_dated = file->modified + 1 < now;
	snprintf(file->etag, sizeof(file->etag), "\"%016llx\"",
		(unsigned long long)siphash(&key, file->data, file->size));
	file->type = http_type_of(file->path);
	http_date_build(file->modified, date);
	file->type_length = (uint16_t)snprintf(
		file->info, sizeof(file->info), "Content-Type: %s\r\n", file->type);
	file->info_length = (uint16_t)(file->type_length +
		snprintf(file->info + file->type_length, sizeof(file->info) - file->type_length,
			"Last-Modified: %.*s\r\nETag: %s\r\nAccept-Ranges: bytes\r\n",
			HTTP_DATE_LENGTH, date, file->etag));
}

/* A file that grows meanwhile is as long as it was; one that shrinks is as long as it is. */
static int
contents_read(struct loader *loader, int fd, struct http_file *file)
{
	char *data = malloc(file->size > 0 ? file->size : 1);
	uint64_t done = 0;

	if (data == NULL)
		return error_set(loader->err, ENOMEM, "no memory for %s", loader->path);
	file->data = data;
	while (done < file->size) {
		ssize_t n = read(fd, data + done, file->size - done);

		if (n < 0)
			return error_set(
				loader->err, errno, "%s: %s", loader->path, strerror(errno));
		if (n == 0)
			break;
		done += (uint64_t)n;
	}
	file->size = done;
	return 0;
}

static int
file_load(struct loader *loader, int fd, const struct stat *st)
{
	struct http_file *file;
	int rc;

	if ((uint64_t)st->st_size > loader->bytes_max - loader->files->bytes)
		return error_set(loader->err, EFBIG,
			"the files are more than the %llu MB that may be kept in memory",
			(unsigned long long)(loader->bytes_max >> 20));
	file = file_append(loader);
	if (file == NULL)
		return -loader->err->errnum;
	file->size = (uint64_t)st->st_size;
	file->modified = st->st_mtime > 0 ? (uint64_t)st->st_mtime : 0;
	rc = contents_read(loader, fd, file);
	if (rc < 0)
		return rc;
	loader->files->bytes += file->size;
	info_build(file, loader->now);
	return 0;
}

/* ---- the tree ---- */

static int
entry_load(struct loader *loader, int fd, unsigned depth)
{
	struct stat st;
	size_t length = strlen(loader->path);

	if (fstat(fd, &st) < 0)
		return error_set(loader->err, errno, "%s: %s", loader->path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return file_load(loader, fd, &st);
	if (!S_ISDIR(st.st_mode)) {
		loader->files->skipped++;
		return 0;
	}
	if (depth == HTTP_DEPTH_MAX || length + 2 > sizeof(loader->path))
		return error_set(loader->err, ELOOP, "%s: more than %u directories deep",
			loader->path, HTTP_DEPTH_MAX);
	memcpy(loader->path + length, "/", 2);
	if (file_append(loader) == NULL)
		return -loader->err->errnum;
	return directory_load(loader, fd, depth + 1);
}

/* The file is opened first and looked at then, so that nobody can put another in its place. */
static int
entry_open(struct loader *loader, int directory, const char *name, unsigned depth)
{
	size_t length = strlen(loader->path);
	int fd, rc;

	if (length + strlen(name) >= sizeof(loader->path))
		return error_set(loader->err, ENAMETOOLONG,
			"%s%s: a path of more than %u characters", loader->path, name,
			HTTP_PATH_MAX - 1);
	fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENXIO)) {
		loader->files->skipped++;
		return 0;
	}
	if (fd < 0)
		return error_set(
			loader->err, errno, "%s%s: %s", loader->path, name, strerror(errno));
	strlcpy(loader->path + length, name, sizeof(loader->path) - length);
	rc = entry_load(loader, fd, depth);
	loader->path[length] = '\0';
	close(fd);
	return rc;
}

static int
directory_load(struct loader *loader, int fd, unsigned depth)
{
	int again = dup(fd), rc = 0;
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	if (dir == NULL) {
		rc = error_set(loader->err, errno, "%s: %s", loader->path, strerror(errno));
		if (again >= 0)
			close(again);
		return rc;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = entry_open(loader, fd, entry->d_name, depth);
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			loader->files->skipped++;
	}
	closedir(dir);
	return rc;
}

static int
file_compare(const void *a, const void *b)
{
	return strcmp(((const struct http_file *)a)->path, ((const struct http_file *)b)->path);
}

int
http_files_load(const char *directory, uint64_t bytes_max, uint64_t now, struct http_files *files,
	struct error *err)
{
	struct loader loader = {
		.files = files, .bytes_max = bytes_max, .now = now, .err = err, .path = "/"
	};
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	*files = (struct http_files){ 0 };
	if (fd < 0)
		return error_set(err, errno, "%s: %s", directory, strerror(errno));
	rc = directory_load(&loader, fd, 0);
	close(fd);
	if (rc < 0)
		http_files_free(files);
	else if (files->count > 0)
		qsort(files->files, files->count, sizeof(*files->files), file_compare);
	return rc;
}

void
http_files_free(struct http_files *files)
{
	for (uint32_t i = 0; i < files->count; i++) {
		free((void *)(uintptr_t)files->files[i].path);
		free((void *)(uintptr_t)files->files[i].data);
	}
	free(files->files);
	*files = (struct http_files){ 0 };
}

/* ---- what workers call ---- */

/* @param end what stands behind the path in the file's */
static const struct http_file *
path_find(const struct http_files *files, const char *path, const char *end)
{
	size_t length = strlen(path);
	uint32_t low = 0, high = files->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct http_file *file = &files->files[middle];
		int order = strncmp(path, file->path, length);

		if (order == 0)
			order = strcmp(end, file->path + length);
		if (order == 0)
			return file;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct http_file *
http_files_lookup(const struct http_files *files, const char *path)
{
	const struct http_file *file;
	size_t length = strlen(path);

	if (length > 0 && path[length - 1] == '/')
		return path_find(files, path, "index.html");
	file = path_find(files, path, "");
	return file != NULL ? file : path_find(files, path, "/");
}
