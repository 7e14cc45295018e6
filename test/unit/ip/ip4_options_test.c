/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 options: what is refused and what the sender is told, and what is written into them. */
#include "unit/ip/ip_fixture.h"

#include "ip/ip4_options.h"
#include "unit/wire/ip4_header_fixture.h"

#define US htobe32(0x0a000101)

static void
test_fine(void **state)
{
	const struct ip4_header_max fine[] = {
		IP4_HEADER(1, 1, 1, 0), IP4_HEADER(148, 4, 0, 0), /* router alert */
		IP4_HEADER(130, 4, 0, 0), /* security: whatever it says */
		IP4_HEADER(7, 3, 4), /* record route without room */
		IP4_HEADER(7, 7, 4, 0, 0, 0, 0), IP4_HEADER(7, 7, 8, 1, 2, 3, 4),
		IP4_HEADER(68, 8, 5, 0, 0, 0, 0, 0),
		IP4_HEADER(68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0),
		IP4_HEADER(68, 12, 13, 0xe1, 0, 0, 0, 0, 0, 0, 0, 0),
		IP4_HEADER(68, 4, 5, 0xf3), /* asked for others: none is missed */
	};
	struct ip_error error;

	for (unsigned i = 0; i < RTE_DIM(fine); i++)
		assert_int_equal(ip4_options_check(&fine[i].hdr, &error), 0);
}

/* RFC 792: the pointer leads to the byte that is wrong. */
static void
test_refused(void **state)
{
	const struct {
		struct ip4_header_max max;
		enum drop_reason reason;
		uint8_t type, code, pointer;
	} cases[] = {
		{ IP4_HEADER(131, 7, 4, 1, 2, 3, 4), DROP_ip4_source_route, 3, 5, 0 },
		{ IP4_HEADER(1, 137, 3, 4), DROP_ip4_source_route, 3, 5, 0 },
		{ IP4_HEADER(7, 1, 0, 0), DROP_ip4_bad_option, 12, 0, 21 },
		{ IP4_HEADER(9, 5, 0, 0), DROP_ip4_bad_option, 12, 0, 21 },
		{ IP4_HEADER(7, 2, 1, 1), DROP_ip4_bad_option, 12, 0, 21 },
		{ IP4_HEADER(7, 7, 3, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(7, 7, 5, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(1, 68, 3, 5), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(68, 8, 4, 0, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(68, 8, 6, 0, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(68, 8, 5, 1, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 22 },
		{ IP4_HEADER(68, 8, 5, 2, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 23 },
		{ IP4_HEADER(68, 8, 9, 0xf0, 0, 0, 0, 0), DROP_ip4_bad_option, 12, 0, 23 },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct ip_error error = { 0 };

		assert_int_equal(ip4_options_check(&cases[i].max.hdr, &error), cases[i].reason);
		assert_int_equal(error.type, cases[i].type);
		assert_int_equal(error.code, cases[i].code);
		assert_int_equal(error.rest, (uint32_t)cases[i].pointer << 24);
	}
}

/* What is there before, and after. The time is 0x1234 ms; not UT. */
static void
test_record(void **state)
{
	const struct {
		struct ip4_header_max before, after;
	} cases[] = {
		{ IP4_HEADER(7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0),
			IP4_HEADER(7, 11, 8, 10, 0, 1, 1, 0, 0, 0, 0) },
		{ IP4_HEADER(1, 7, 11, 8, 1, 1, 1, 1, 0, 0, 0, 0),
			IP4_HEADER(1, 7, 11, 12, 1, 1, 1, 1, 10, 0, 1, 1) },
		{ IP4_HEADER(7, 7, 8, 1, 1, 1, 1), IP4_HEADER(7, 7, 8, 1, 1, 1, 1) },
		{ IP4_HEADER(68, 8, 5, 0, 0, 0, 0, 0),
			IP4_HEADER(68, 8, 9, 0, 0x80, 0, 0x12, 0x34) },
		{ IP4_HEADER(68, 8, 9, 0x20, 1, 1, 1, 1), IP4_HEADER(68, 8, 9, 0x30, 1, 1, 1, 1) },
		{ IP4_HEADER(68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0),
			IP4_HEADER(68, 12, 13, 1, 10, 0, 1, 1, 0x80, 0, 0x12, 0x34) },
		{ IP4_HEADER(68, 12, 5, 3, 10, 0, 1, 1, 0, 0, 0, 0),
			IP4_HEADER(68, 12, 13, 3, 10, 0, 1, 1, 0x80, 0, 0x12, 0x34) },
		{ IP4_HEADER(68, 12, 5, 3, 10, 0, 1, 2, 0, 0, 0, 0),
			IP4_HEADER(68, 12, 5, 3, 10, 0, 1, 2, 0, 0, 0, 0) },
		{ IP4_HEADER(148, 4, 0, 0), IP4_HEADER(148, 4, 0, 0) },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct ip4_header_max max = cases[i].before;
		struct ip_error error;

		assert_int_equal(ip4_options_check(&max.hdr, &error), 0);
		ip4_options_record(&max.hdr, US, 0x1234ULL * 1000000);
		assert_memory_equal(max.options, cases[i].after.options, sizeof(max.options));
		assert_int_equal(
			packet_checksum(0, (const uint8_t *)&max, ip4_hdr_length(&max.hdr)), 0);
	}
}

/* In transit: the address is that of the interface by which the packet leaves. Once. */
static void
test_transit(void **state)
{
	static const uint8_t before[] = { 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t after[] = { 7, 11, 8, 10, 0, 1, 1, 0, 0, 0, 0, 0 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1",
		.options = before, .options_length = sizeof(before));

	ip4_input(&f->core, &f->in, &f->out);
	ip_fixture_next(f, &f->forward);
	ip4_forward(&f->core, &f->in, &f->out);
	ip_fixture_next(f, &f->output);
	ip4_output(&f->core, &f->in, &f->out);
	assert_only(&f->ether, pkt);
	packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = 63, .options = after,
		.options_length = sizeof(after));
	ip_fixture_next(f, &f->ether);
	ip4_output(&f->core, &f->in, &f->out);
	packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = 63, .options = after,
		.options_length = sizeof(after));
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_record),
		cmocka_unit_test_teardown(test_transit, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
