/* SPDX-License-Identifier: BSD-3-Clause */
/* MLD queries, taken apart with care, and reports, byte by byte. */
#include "wire/mld.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static struct nd_envelope
from_querier(void)
{
	return (struct nd_envelope){ addr_of("fe80::1"), addr_of("ff02::1"), 1 };
}

static int
parse(const uint8_t *bytes, uint32_t length, const struct nd_envelope *envelope,
	struct mld_query *query)
{
	uint8_t *copy = bytes_copy(bytes, length);
	int rc = mld_query_parse(copy, length, envelope, query);

	free(copy);
	return rc;
}

static void
test_versions(void **state)
{
	const struct nd_envelope envelope = from_querier();
	const struct ip_addr group = addr_of("ff02::1:ff00:1");
	uint8_t bytes[64] = { 130, [4] = 0x03, 0xe8, [24] = 0x0b, 125 };
	struct mld_query query;

	assert_int_equal(parse(bytes, 24, &envelope, &query), 0);
	assert_int_equal(query.version, 1);
	assert_int_equal(query.response_ms, 1000);
	assert_true(ip_addr_is_unspecified(&query.group));
	assert_int_equal(query.robustness, 0);
	memcpy(bytes + 8, group.bytes, 16);
	assert_int_equal(parse(bytes, 28, &envelope, &query), 0);
	assert_int_equal(query.version, 2);
	assert_int_equal(query.robustness, 3);
	assert_int_equal(query.interval_s, 125);
	assert_true(ip_addr_equal(&query.group, &group));
	/* RFC 3810 8.1: lengths in between are of no version. */
	for (uint32_t length = 0; length < 28; length++)
		assert_int_equal(
			parse(bytes, length, &envelope, &query), length == 24 ? 0 : -EINVAL);
}

static void
test_floating_point(void **state)
{
	const struct nd_envelope envelope = from_querier();
	uint8_t bytes[28] = { 130 };
	struct mld_query query;

	bytes[4] = 0x7f, bytes[5] = 0xff, bytes[25] = 0x7f;
	assert_int_equal(parse(bytes, 28, &envelope, &query), 0);
	assert_int_equal(query.response_ms, 32767);
	assert_int_equal(query.interval_s, 127);
	bytes[4] = 0x80, bytes[5] = 0x00, bytes[25] = 0x80;
	assert_int_equal(parse(bytes, 28, &envelope, &query), 0);
	assert_int_equal(query.response_ms, 32768);
	assert_int_equal(query.interval_s, 128);
	bytes[4] = 0xff, bytes[5] = 0xff, bytes[25] = 0xff;
	assert_int_equal(parse(bytes, 28, &envelope, &query), 0);
	assert_int_equal(query.response_ms, 8387584);
	assert_int_equal(query.interval_s, 31744);
}

static void
test_refused(void **state)
{
	struct nd_envelope envelope = from_querier();
	uint8_t bytes[60] = { 130 };
	struct mld_query query;

	envelope.hop_limit = 2;
	assert_int_equal(parse(bytes, 28, &envelope, &query), -EINVAL);
	envelope = from_querier();
	envelope.src = addr_of("2001:db8::1");
	assert_int_equal(parse(bytes, 28, &envelope, &query), -EINVAL);
	envelope.src = addr_of("::");
	assert_int_equal(parse(bytes, 28, &envelope, &query), -EINVAL);
	envelope = from_querier();
	bytes[8] = 0x20; /* no group */
	assert_int_equal(parse(bytes, 28, &envelope, &query), -EINVAL);
	bytes[8] = 0xff;
	assert_int_equal(parse(bytes, 28, &envelope, &query), 0);
	/* More sources than there are bytes. */
	bytes[27] = 2;
	assert_int_equal(parse(bytes, 28 + 31, &envelope, &query), -EINVAL);
	assert_int_equal(parse(bytes, 28 + 32, &envelope, &query), 0);
	bytes[26] = 0xff;
	assert_int_equal(parse(bytes, 28 + 32, &envelope, &query), -EINVAL);
}

static bool
router_alert(const uint8_t *bytes, uint32_t length)
{
	uint8_t *copy = bytes_copy(bytes, length);
	bool found = mld_router_alert_parse(copy, length);

	free(copy);
	return found;
}

static void
test_router_alert(void **state)
{
	const uint8_t first[8] = { 58, 0, 5, 2, 0, 0, 1, 0 };
	const uint8_t last[16] = { 58, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0 };
	const uint8_t other_value[8] = { 58, 0, 5, 2, 0, 1, 1, 0 };
	const uint8_t none[8] = { 58, 0, 1, 4, 0, 0, 0, 0 };
	const uint8_t beyond[8] = { 58, 0, 1, 3, 0, 0, 0, 5 };
	const uint8_t longer[8] = { 58, 0, 5, 5, 0, 0, 0, 0 };

	assert_true(router_alert(first, 8));
	assert_true(router_alert(last, 16));
	assert_false(router_alert(other_value, 8));
	assert_false(router_alert(none, 8));
	assert_false(router_alert(beyond, 8));
	assert_false(router_alert(longer, 8));
	for (uint32_t length = 0; length < 16; length++)
		assert_false(router_alert(last, length));
}

/* The checksum is over the ICMPv6 message alone, behind the hop-by-hop header. */
static void
check_sum(
	const uint8_t *bytes, uint32_t length, const struct ip_addr *src, const struct ip_addr *dst)
{
	uint64_t sum = checksum_pseudo(src, dst, IP_PROTO_ICMP6, length - 8);

	assert_int_equal(checksum_fold(checksum_add(sum, bytes + 8, length - 8)), 0xffff);
}

static void
test_reports(void **state)
{
	const struct ip_addr src = addr_of("fe80::1"), group = addr_of("ff02::1:ff00:1");
	const struct mld_record records[2] = { { MLD_TO_EXCLUDE, group },
		{ MLD_TO_INCLUDE, addr_of("ff02::1:ff00:2") } };
	const uint8_t hop_by_hop[8] = { 58, 0, 5, 2, 0, 0, 1, 0 };
	uint8_t bytes[MLD_REPORT_LENGTH_MAX];

	assert_int_equal(mld_report2_build(bytes, records, 2, &src), 8 + 8 + 40);
	assert_memory_equal(bytes, hop_by_hop, 8);
	assert_int_equal(bytes[8], 143);
	assert_int_equal(bytes[8 + 7], 2);
	assert_memory_equal(bytes + 16, ((uint8_t[4]){ 4 }), 4);
	assert_memory_equal(bytes + 20, group.bytes, 16);
	assert_memory_equal(bytes + 36, ((uint8_t[4]){ 3 }), 4);
	check_sum(bytes, 56, &src, &mld_routers);
	assert_true(MLD_REPORT_LENGTH_MAX + 40 <= 1280);

	assert_int_equal(mld_report1_build(bytes, &group, false, &src, &group), 8 + 24);
	assert_int_equal(bytes[8], 131);
	assert_memory_equal(bytes + 16, group.bytes, 16);
	check_sum(bytes, 32, &src, &group);
	assert_int_equal(mld_report1_build(bytes, &group, true, &src, &ip6_all_routers), 8 + 24);
	assert_int_equal(bytes[8], 132);
	check_sum(bytes, 32, &src, &ip6_all_routers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_floating_point),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_router_alert),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
