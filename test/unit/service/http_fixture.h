/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A directory with some files, for the tests of the HTTP server.
 */
#ifndef UNIT_SERVICE_HTTP_FIXTURE_H
#define UNIT_SERVICE_HTTP_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/http.h"

/* When the files were changed: Sun, 06 Nov 1994 08:49:37 GMT. */
#define HTTP_FIXTURE_TIME 784111777
#define HTTP_FIXTURE_DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define HTTP_FIXTURE_BIG  300000

static inline void
http_fixture_write(const char *directory, const char *name, const void *data, size_t length)
{
	const struct timespec times[] = { { HTTP_FIXTURE_TIME, 0 }, { HTTP_FIXTURE_TIME, 0 } };
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), length);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

/* Byte i of big.bin. */
static inline uint8_t
http_fixture_byte(uint32_t i)
{
	return (uint8_t)(i * 7 + i / 256);
}

/* Made by the group's setup. */
static char http_fixture_directory[] = "http-XXXXXX";

static inline int
http_fixture_setup(void **state)
{
	char *directory = http_fixture_directory;
	static uint8_t big[HTTP_FIXTURE_BIG];
	char path[512];

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/docs", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/docs/with space", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	for (uint32_t i = 0; i < HTTP_FIXTURE_BIG; i++)
		big[i] = http_fixture_byte(i);
	http_fixture_write(directory, "index.html", "<p>home</p>\n", 12);
	http_fixture_write(directory, "ten.txt", "0123456789", 10);
	http_fixture_write(directory, "empty", "", 0);
	http_fixture_write(directory, "big.bin", big, sizeof(big));
	http_fixture_write(directory, "docs/index.html", "<p>docs</p>\n", 12);
	http_fixture_write(directory, "docs/with space/a%b.TXT", "x", 1);
	http_fixture_write(directory, ".secret", "secret", 6);
	(void)state;
	return 0;
}

static inline int
http_fixture_teardown(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", http_fixture_directory);
	return system(command);
}

#endif
