/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared objects that are applications, and files that are not. */
#include "spated/shared_app.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int
load(struct shared_apps *apps, const char *path, const char *name, struct error *err)
{
	struct shared_app *app;

	*err = (struct error){ 0 };
	return shared_app_load(apps, path, name, &app, err);
}

static void
test_load_and_unload(void **state)
{
	struct shared_apps apps = TAILQ_HEAD_INITIALIZER(apps);
	struct shared_app *app, *other;
	struct error err;

	assert_int_equal(shared_app_load(&apps, "./app_right.so", NULL, &app, &err), 0);
	assert_string_equal(app->name, "variant");
	assert_string_equal(app->ops.name, "variant");
	assert_int_equal(app->ops.state_size, 24);
	assert_int_equal(app->ops.start(NULL, NULL), 0);
	assert_int_equal(load(&apps, "./app_right.so", NULL, &err), -EEXIST);
	assert_non_null(strstr(err.text, "'name' gives another"));
	assert_int_equal(shared_app_load(&apps, "./app_right.so", "other", &other, &err), 0);
	assert_ptr_equal(shared_app_find(&apps, "variant"), app);
	assert_ptr_equal(shared_app_find(&apps, "other"), other);
	assert_null(shared_app_find(&apps, "third"));
	assert_ptr_equal(shared_app_of(&apps, &other->ops), other);
	assert_int_equal(shared_app_unload(&apps, app, &err), 0);
	assert_null(shared_app_find(&apps, "variant"));
	assert_int_equal(other->ops.start(NULL, NULL), 0);
	shared_apps_unload(&apps);
	assert_true(TAILQ_EMPTY(&apps));
}

/* A file that was replaced is loaded anew, once the old one is not used any more. */
static void
test_a_new_file(void **state)
{
	struct shared_apps apps = TAILQ_HEAD_INITIALIZER(apps);
	struct shared_app *app;
	struct error err;

	unlink("app_linked.so");
	assert_int_equal(link("app_right.so", "app_linked.so"), 0);
	assert_int_equal(shared_app_load(&apps, "./app_linked.so", NULL, &app, &err), 0);
	assert_int_equal(shared_app_unload(&apps, app, &err), 0);
	unlink("app_linked.so");
	assert_int_equal(link("app_old_abi.so", "app_linked.so"), 0);
	assert_int_equal(load(&apps, "./app_linked.so", NULL, &err), -ENOEXEC);
	unlink("app_linked.so");
}

static void
test_one_that_stays(void **state)
{
	struct shared_apps apps = TAILQ_HEAD_INITIALIZER(apps);
	struct shared_app *app;
	struct error err;

	assert_int_equal(shared_app_load(&apps, "./app_stays.so", NULL, &app, &err), 0);
	assert_int_equal(shared_app_unload(&apps, app, &err), -EBUSY);
	assert_ptr_equal(shared_app_find(&apps, "variant"), app);
	shared_apps_unload(&apps);
}

static void
test_files_that_are_none(void **state)
{
	static const struct {
		const char *path, *name;
		int rc;
		const char *text;
	} cases[] = {
		{ "./app_nowhere.so", NULL, -ENOENT, "No such file" },
		{ "./.", NULL, -ENOEXEC, "./." },
		{ "/proc/self/cmdline", NULL, -ENOEXEC, "/proc/self/cmdline" },
		{ "./app_none.so", NULL, -ENOEXEC, "no symbol" },
		{ "./app_old_abi.so", NULL, -ENOEXEC, "version 0 of the interface, and this is " },
		{ "./app_other_dpdk.so", NULL, -ENOEXEC, "DPDK 23.11, and this is 22.11" },
		{ "./app_no_start.so", NULL, -ENOEXEC, "start" },
		{ "./app_undefined.so", NULL, -ENOEXEC, "nobody_has_it" },
		{ "./app_bad_name.so", NULL, -EINVAL, "two words" },
		{ "./app_right.so", "", -EINVAL, "bad name" },
		{ "./app_right.so", "a-name-that-is-longer-than-thirty-one", -EINVAL, "longer" },
	};
	struct shared_apps apps = TAILQ_HEAD_INITIALIZER(apps);
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = load(&apps, cases[i].path, cases[i].name, &err);

		if (rc != cases[i].rc || strstr(err.text, cases[i].text) == NULL)
			fail_msg("%s: %d, %s", cases[i].path, rc, err.text);
		assert_true(TAILQ_EMPTY(&apps));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_and_unload),
		cmocka_unit_test(test_a_new_file),
		cmocka_unit_test(test_one_that_stays),
		cmocka_unit_test(test_files_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
