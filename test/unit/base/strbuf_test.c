/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_empty_text_is_a_string(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	assert_string_equal(strbuf_text(&sb), "");
	strbuf_free(&sb);
}

static void
test_append_and_printf(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_append(&sb, "port ");
	strbuf_printf(&sb, "%s %d", "p", 7);
	strbuf_append_bytes(&sb, "!ignored", 1);
	assert_string_equal(strbuf_text(&sb), "port p 7!");
	assert_int_equal(sb.length, strlen("port p 7!"));
	assert_false(sb.failed);
	strbuf_free(&sb);
}

static void
test_grows_past_any_first_size(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	for (unsigned i = 0; i < 10000; i++)
		strbuf_printf(&sb, "%05u", i);
	assert_int_equal(sb.length, 50000);
	assert_int_equal(strlen(strbuf_text(&sb)), 50000);
	assert_memory_equal(strbuf_text(&sb) + 5 * 4321, "04321", 5);
	assert_memory_equal(strbuf_text(&sb) + 49995, "09999", 5);
	strbuf_free(&sb);
}

static void
test_reset_forgets_the_text(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_append(&sb, "old");
	strbuf_reset(&sb);
	assert_string_equal(strbuf_text(&sb), "");
	strbuf_append(&sb, "new");
	assert_string_equal(strbuf_text(&sb), "new");
	strbuf_free(&sb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_text_is_a_string),
		cmocka_unit_test(test_append_and_printf),
		cmocka_unit_test(test_grows_past_any_first_size),
		cmocka_unit_test(test_reset_forgets_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
