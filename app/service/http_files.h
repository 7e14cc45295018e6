/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of a directory, read into memory once, by the control thread; afterwards nobody writes them,
 * and workers read.
 */
#ifndef SERVICE_HTTP_FILES_H
#define SERVICE_HTTP_FILES_H

#include "base/error.h"
#include "service/http_parse.h"

#define HTTP_FILES_MAX     65536
#define HTTP_FILES_BYTES   (256U << 20) /* of all, as long as the user does not say otherwise */
#define HTTP_PATH_MAX      512 /* with the zero behind */
#define HTTP_DEPTH_MAX     32 /* of directories in each other */
#define HTTP_ETAG_MAX      32
#define HTTP_FILE_INFO_MAX 320

struct http_file {
	const char *path; /* "/docs/index.html"; sorted by it */
	const char *data; /* NULL: a directory, whose path ends with '/' */
	uint64_t size;
	uint64_t modified; /* seconds since 1970 */
	bool is_dated; /* that time says which contents it has: RFC 9110 8.8.2.2 */
	char etag[HTTP_ETAG_MAX]; /* with its quotes: strong, made of the contents */
	const char *type;
	/* Content-Type, as lines of a header; and Last-Modified, ETag, Accept-Ranges. */
	char info[HTTP_FILE_INFO_MAX];
	uint16_t type_length, info_length; /* of these two parts together */
};

struct http_files {
	uint32_t count;
	struct http_file *files;
	uint64_t bytes; /* of all of them */
	uint32_t skipped; /* links, dot files and what else is not served */
};

/*
 * Symbolic links are not followed, whether they lead out of the directory or not; nor is anything read
 * that is no plain file, or whose name begins with a dot.
 * @param now seconds since 1970
 * @return 0; -errno with `err` set: no directory, not readable, -EFBIG: more than `bytes_max`
 */
int http_files_load(const char *directory, uint64_t bytes_max, uint64_t now,
	struct http_files *files, struct error *err);
void http_files_free(struct http_files *files);

/*
 * @param path as http_path_decode() gives it. That of a directory with a '/' behind is its index.html;
 *        without, it is the directory itself: data NULL
 * @return NULL: there is none
 */
const struct http_file *http_files_lookup(const struct http_files *files, const char *path);

/* http_type.c: the media type that a name's end says */
const char *http_type_of(const char *path);

#endif
