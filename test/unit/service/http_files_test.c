/* SPDX-License-Identifier: BSD-3-Clause */
/* The directory that is served: what of it is read, what is not, and how it is found again. */
#include "unit/service/http_fixture.h"

#define NOW (HTTP_FIXTURE_TIME + 1000)

static int
load(uint64_t bytes_max, struct http_files *files, struct error *err)
{
	*err = (struct error){ 0 };
	return http_files_load(http_fixture_directory, bytes_max, NOW, files, err);
}

static void
test_load(void **state)
{
	static const struct {
		const char *path, *found;
		uint64_t size;
	} cases[] = {
		{ "/", "/index.html", 12 },
		{ "/index.html", "/index.html", 12 },
		{ "/ten.txt", "/ten.txt", 10 },
		{ "/empty", "/empty", 0 },
		{ "/big.bin", "/big.bin", HTTP_FIXTURE_BIG },
		{ "/docs/", "/docs/index.html", 12 },
		{ "/docs/with space/a%b.TXT", "/docs/with space/a%b.TXT", 1 },
		/* A directory by itself. */
		{ "/docs", "/docs/", 0 },
		{ "/docs/with space/", NULL, 0 },
		{ "", NULL, 0 },
		{ "ten.txt", NULL, 0 },
		{ "/ten.tx", NULL, 0 },
		{ "/ten.txt/", NULL, 0 },
		{ "//ten.txt", NULL, 0 },
		{ "/docs/../ten.txt", NULL, 0 },
		{ "/./ten.txt", NULL, 0 },
		{ "/.secret", NULL, 0 },
	};
	struct http_files files;
	struct error err;

	assert_int_equal(load(1U << 20, &files, &err), 0);
	assert_int_equal(files.bytes, 12 + 10 + HTTP_FIXTURE_BIG + 12 + 1);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct http_file *file = http_files_lookup(&files, cases[i].path);

		if ((file == NULL) != (cases[i].found == NULL))
			fail_msg("%s", cases[i].path);
		if (file == NULL)
			continue;
		assert_string_equal(file->path, cases[i].found);
		assert_int_equal(file->size, cases[i].size);
	}
	http_files_free(&files);
}

static void
test_what_is_left_out(void **state)
{
	struct http_files files;
	struct error err;
	char path[64];

	snprintf(path, sizeof(path), "%s/link", http_fixture_directory);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/out", http_fixture_directory);
	assert_int_equal(symlink("/etc", path), 0);
	snprintf(path, sizeof(path), "%s/pipe", http_fixture_directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(load(1U << 20, &files, &err), 0);
	/* .secret, link, out, pipe */
	assert_int_equal(files.skipped, 4);
	assert_null(http_files_lookup(&files, "/link"));
	assert_null(http_files_lookup(&files, "/out/passwd"));
	assert_null(http_files_lookup(&files, "/pipe"));
	http_files_free(&files);
}

static void
test_what_is_told_of_a_file(void **state)
{
	const struct http_file *ten, *page;
	struct http_files files;
	struct error err;

	assert_int_equal(load(1U << 20, &files, &err), 0);
	ten = http_files_lookup(&files, "/ten.txt");
	page = http_files_lookup(&files, "/");
	assert_memory_equal(ten->data, "0123456789", 10);
	assert_int_equal(ten->modified, HTTP_FIXTURE_TIME);
	assert_true(ten->is_dated);
	assert_string_equal(ten->type, "text/plain; charset=utf-8");
	assert_string_equal(page->type, "text/html; charset=utf-8");
	assert_string_equal(http_type_of("/a.b/c"), "application/octet-stream");
	assert_string_equal(http_type_of("/x.JPEG"), "image/jpeg");
	assert_non_null(strstr(ten->info, "Last-Modified: " HTTP_FIXTURE_DATE "\r\n"));
	/* Other contents, another tag; the same contents, the same. */
	assert_string_not_equal(ten->etag, page->etag);
	assert_int_equal(ten->etag[0], '"');
	http_files_free(&files);
	/* A time to come is none; one that has just been is no name for the contents. */
	assert_int_equal(http_files_load(http_fixture_directory, 1U << 20, HTTP_FIXTURE_TIME - 5,
				 &files, &err),
		0);
	ten = http_files_lookup(&files, "/ten.txt");
	assert_int_equal(ten->modified, HTTP_FIXTURE_TIME - 5);
	assert_false(ten->is_dated);
	http_files_free(&files);
}

static void
test_what_cannot_be_loaded(void **state)
{
	char deep[256];
	struct http_files files;
	struct error err;
	int n;

	assert_int_equal(load(HTTP_FIXTURE_BIG, &files, &err), -EFBIG);
	assert_non_null(strstr(err.text, "memory"));
	assert_int_equal(http_files_load("nowhere-at-all", 1, NOW, &files, &err), -ENOENT);
	n = snprintf(deep, sizeof(deep), "%s/docs/index.html", http_fixture_directory);
	assert_int_equal(http_files_load(deep, 1, NOW, &files, &err), -ENOTDIR);
	n = snprintf(deep, sizeof(deep), "%s", http_fixture_directory);
	for (unsigned i = 0; i <= HTTP_DEPTH_MAX; i++) {
		n += snprintf(deep + n, sizeof(deep) - (size_t)n, "/d");
		assert_int_equal(mkdir(deep, 0700), 0);
	}
	assert_int_equal(load(1U << 20, &files, &err), -ELOOP);
	assert_int_equal(files.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_what_is_left_out),
		cmocka_unit_test(test_what_is_told_of_a_file),
		cmocka_unit_test(test_what_cannot_be_loaded),
	};

	return cmocka_run_group_tests(tests, http_fixture_setup, http_fixture_teardown);
}
