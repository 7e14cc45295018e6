/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/show*.c: the same calls as a table, as blocks and as JSON. */
#include "cli/show.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
render(void (*fill)(struct show *show), enum show_format format, const char *expected)
{
	struct strbuf out = STRBUF_INIT;
	struct show *show = show_create(format, &out);

	fill(show);
	assert_int_equal(show_destroy(show), 0);
	assert_string_equal(strbuf_text(&out), expected);
	strbuf_free(&out);
}

static void
fill_list(struct show *show)
{
	show_list_begin(show, NULL);
	show_record_begin(show, NULL);
	show_string(show, "name", "p0");
	show_u64(show, "rx_packets", 18446744073709551615u);
	show_i64(show, "delta", -5);
	show_bool(show, "up", true);
	show_record_end(show);
	show_record_begin(show, NULL);
	show_string(show, "name", "longer");
	show_u64(show, "rx_packets", 1);
	show_double(show, "load", 0.5, 2);
	show_none(show, "delta");
	show_record_end(show);
	show_list_end(show);
}

static void
test_table(void **state)
{
	render(fill_list, SHOW_TEXT,
		"NAME              RX-PACKETS  DELTA  UP   LOAD\n"
		"p0      18446744073709551615     -5  yes     -\n"
		"longer                     1      -  -    0.50\n");
	render(fill_list, SHOW_JSON,
		"[\n{\"name\":\"p0\",\"rx_packets\":18446744073709551615,\"delta\":-5,"
		"\"up\":true},\n"
		"{\"name\":\"longer\",\"rx_packets\":1,\"load\":0.50,\"delta\":null}\n]\n");
}

static void
fill_empty(struct show *show)
{
	show_list_begin(show, NULL);
	show_list_end(show);
}

static void
test_empty_list(void **state)
{
	render(fill_empty, SHOW_TEXT, "");
	render(fill_empty, SHOW_JSON, "[]\n");
}

static void
fill_nested(struct show *show)
{
	show_list_begin(show, NULL);
	show_record_begin(show, NULL);
	show_string(show, "prefix", "::/0");
	show_list_begin(show, "nexthops");
	for (unsigned i = 1; i < 3; i++) {
		show_record_begin(show, NULL);
		show_stringf(show, "via", "10.0.0.%u", i);
		show_u64(show, "weight", i);
		show_bool(show, "dead", i == 2);
		show_record_end(show);
	}
	show_list_end(show);
	show_list_begin(show, "flags");
	show_string(show, NULL, "a");
	show_string(show, NULL, "b");
	show_list_end(show);
	show_record_end(show);
	show_list_end(show);
}

static void
test_nested_in_a_table(void **state)
{
	render(fill_nested, SHOW_TEXT,
		"PREFIX  NEXTHOPS                                           FLAGS\n"
		"::/0    via 10.0.0.1 weight 1, via 10.0.0.2 weight 2 dead  a, b\n");
}

static void
test_nested_json(void **state)
{
	render(fill_nested, SHOW_JSON,
		"[\n{\"prefix\":\"::/0\",\"nexthops\":[{\"via\":\"10.0.0.1\",\"weight\":1,"
		"\"dead\":false},"
		"{\"via\":\"10.0.0.2\",\"weight\":2,\"dead\":true}],\"flags\":[\"a\",\"b\"]}\n]\n");
}

static void
fill_record(struct show *show)
{
	show_record_begin(show, NULL);
	show_string(show, "name", "p0");
	show_u64(show, "rx_packets", 7);
	show_list_begin(show, "queues");
	for (unsigned i = 0; i < 2; i++) {
		show_record_begin(show, NULL);
		show_u64(show, "queue", i);
		show_u64(show, "packets", i * 1000);
		show_record_end(show);
	}
	show_list_end(show);
	show_record_begin(show, "link");
	show_string(show, "state", "up");
	show_record_end(show);
	show_list_begin(show, "addresses");
	show_string(show, NULL, "10.0.0.1/24");
	show_string(show, NULL, "::1/128");
	show_list_end(show);
	show_record_end(show);
}

static void
test_detail(void **state)
{
	render(fill_record, SHOW_TEXT,
		"name:       p0\n"
		"rx packets: 7\n"
		"queues:\n"
		"  QUEUE  PACKETS\n"
		"      0        0\n"
		"      1     1000\n"
		"link:\n"
		"  state: up\n"
		"addresses:  10.0.0.1/24, ::1/128\n");
	render(fill_record, SHOW_JSON,
		"{\"name\":\"p0\",\"rx_packets\":7,\"queues\":[{\"queue\":0,\"packets\":0},"
		"{\"queue\":1,\"packets\":1000}],\"link\":{\"state\":\"up\"},"
		"\"addresses\":[\"10.0.0.1/24\",\"::1/128\"]}\n");
}

static void
fill_blocks(struct show *show)
{
	show_blocks_begin(show, NULL);
	for (unsigned i = 0; i < 2; i++) {
		show_record_begin(show, NULL);
		show_u64(show, "port", i);
		show_record_end(show);
	}
	show_blocks_end(show);
}

static void
test_blocks(void **state)
{
	render(fill_blocks, SHOW_TEXT, "port: 0\n\nport: 1\n");
	render(fill_blocks, SHOW_JSON, "[\n{\"port\":0},\n{\"port\":1}\n]\n");
}

static void
fill_transposed(struct show *show)
{
	show_transposed_begin(show);
	for (unsigned i = 0; i < 2; i++) {
		show_record_begin(show, NULL);
		show_u64(show, "worker", i);
		show_u64(show, "rx", i * 100000);
		if (i == 0)
			show_u64(show, "longer_name", 7);
		show_record_end(show);
	}
	show_transposed_end(show);
}

static void
test_transposed(void **state)
{
	render(fill_transposed, SHOW_TEXT,
		"WORKER       0       1\n"
		"rx           0  100000\n"
		"longer_name  7       -\n");
	render(fill_transposed, SHOW_JSON,
		"[\n{\"worker\":0,\"rx\":0,\"longer_name\":7},\n"
		"{\"worker\":1,\"rx\":100000}\n]\n");
}

static void
fill_hostile(struct show *show)
{
	show_record_begin(show, NULL);
	show_string(show, "a", "\"\\\n\t\x01\x1b[2J\x7f");
	show_string(show, "b", "\xc3\xa9\xff\xed\xa0\x80\xc0\xaf");
	show_string(show, "\"key", NULL);
	show_double(show, "nan", NAN, 2);
	show_double(show, "inf", INFINITY, 2);
	show_record_end(show);
}

static void
test_escaping(void **state)
{
	render(fill_hostile, SHOW_JSON,
		"{\"a\":\"\\\"\\\\\\n\\t\\u0001\\u001b[2J\\u007f\","
		"\"b\":\"\xc3\xa9\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\","
		"\"\\\"key\":null,\"nan\":null,\"inf\":null}\n");
}

static void
fill_controls(struct show *show)
{
	show_list_begin(show, NULL);
	show_record_begin(show, NULL);
	show_string(show, "name", "a\x1b[2J\nb");
	show_string(show, "next", "");
	show_record_end(show);
	show_list_end(show);
}

static void
test_text_has_no_control_characters(void **state)
{
	render(fill_controls, SHOW_TEXT, "NAME     NEXT\na?[2J?b  -\n");
}

static void
test_misuse_is_found(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct show *show;

	for (unsigned format = SHOW_TEXT; format <= SHOW_JSON; format++) {
		show = show_create(format, &out);
		show_list_begin(show, NULL);
		assert_int_equal(show_destroy(show), -EPROTO);
		show = show_create(format, &out);
		show_u64(show, NULL, 1);
		assert_int_equal(show_destroy(show), -EPROTO);
		show = show_create(format, &out);
		show_record_begin(show, NULL);
		show_u64(show, NULL, 1);
		show_record_end(show);
		assert_int_equal(show_destroy(show), -EPROTO);
		show = show_create(format, &out);
		show_list_begin(show, NULL);
		show_record_end(show);
		assert_int_equal(show_destroy(show), -EPROTO);
		show = show_create(format, &out);
		for (unsigned i = 0; i < 100; i++)
			show_list_begin(show, NULL);
		assert_int_equal(show_destroy(show), -EPROTO);
	}
	strbuf_free(&out);
}

static void
test_a_long_table_is_printed_in_parts(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct show *show = show_create(SHOW_TEXT, &out);
	unsigned lines = 0;

	show_list_begin(show, NULL);
	for (unsigned i = 0; i < 100000; i++) {
		show_record_begin(show, NULL);
		show_u64(show, "number", i);
		show_string(show, "word", "w");
		show_record_end(show);
	}
	show_list_end(show);
	assert_int_equal(show_destroy(show), 0);
	for (size_t i = 0; i < out.length; i++)
		lines += out.text[i] == '\n';
	assert_int_equal(lines, 100001);
	assert_non_null(strstr(out.text, "\n 99999  w\n"));
	strbuf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_empty_list),
		cmocka_unit_test(test_nested_in_a_table),
		cmocka_unit_test(test_nested_json),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_transposed),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_text_has_no_control_characters),
		cmocka_unit_test(test_misuse_is_found),
		cmocka_unit_test(test_a_long_table_is_printed_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
