/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs scripts: spate_script [-f] [-w CAPTURE] FILE|FOLDER...: each on one and on four workers. With
 * -f they have to fail, with the text that their line "# fails: TEXT" has: tests of the runner itself.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "script/script_run.h"
#include "support/eal.h"

static const unsigned worker_counts[] = { 1, 4 };

static glob_t paths;
static bool must_fail;
static const char *capture; /* of the last script that was run */
static unsigned failed;

/* What the line "# fails: TEXT" says. */
static void
failure_read(const char *path, char text[SCRIPT_WORD_MAX])
{
	char line[SCRIPT_WORD_MAX];
	FILE *file = fopen(path, "r");

	text[0] = '\0';
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "# fails: ", 9) == 0)
			memcpy(text, line + 9, sizeof(line) - 9);
	}
	if (file != NULL)
		fclose(file);
}

static void
script_check(const char *path, unsigned workers)
{
	static char error[65536];
	char wanted[SCRIPT_WORD_MAX];
	int rc;

	error[0] = '\0';
	rc = script_run(path, workers, capture, error, sizeof(error));
	if (!must_fail) {
		if (rc != 0) {
			failed++;
			/* cmocka's own functions cut what is long. */
			fprintf(stderr, "with %u worker%s %s", workers, workers == 1 ? "" : "s",
				error);
		}
		return;
	}
	failure_read(path, wanted);
	if (rc == 0 || wanted[0] == '\0' || strstr(error, wanted) == NULL) {
		failed++;
		fprintf(stderr, "%s: should fail with '%s':\n%s", path, wanted, error);
	}
}

static void
test_scripts(void **state)
{
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		/* A capture is of what failed, if anything did. */
		for (unsigned w = 0; w < sizeof(worker_counts) / sizeof(worker_counts[0]) &&
			(capture == NULL || failed == 0);
			w++)
			script_check(paths.gl_pathv[i], worker_counts[w]);
	}
	print_message("%zu scripts, %u failures\n", paths.gl_pathc, failed);
	if (failed != 0)
		fail_msg("%u failures", failed);
}

static void
paths_add(const char *path)
{
	static const char *const patterns[] = { "%s/*.pkt", "%s/rfc*/*.pkt" };
	char pattern[4096];
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		glob(path, GLOB_NOCHECK | GLOB_APPEND, NULL, &paths);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		snprintf(pattern, sizeof(pattern), i == 0 ? patterns[0] : patterns[1], path);
		glob(pattern, GLOB_APPEND, NULL, &paths);
	}
}

static int
usage(const char *program)
{
	fprintf(stderr, "usage: %s [-f] [-w CAPTURE] FILE|FOLDER...\n", program);
	return 2;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_scripts) };
	int result, option;

	/* glob() wants to append to something. */
	glob("", 0, NULL, &paths);
	while ((option = getopt(argc, argv, "fw:")) != -1) {
		if (option == 'f')
			must_fail = true;
		else if (option == 'w')
			capture = optarg;
		else
			return usage(argv[0]);
	}
	for (int i = optind; i < argc; i++)
		paths_add(argv[i]);
	if (paths.gl_pathc == 0)
		return usage(argv[0]);
	result = cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
	globfree(&paths);
	return result;
}
