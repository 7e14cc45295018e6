/* SPDX-License-Identifier: BSD-3-Clause */
/* MLD of a stack: what is reported of its addresses, and which queries are heard. */
#include "unit/stack/neigh_fixture.h"
#include "wire/mld.h"

static struct stack_fixture *
listener(void)
{
	return stack_fixture_create(
		&(struct stack_fixture_config){ .bare = true, .mld = true, .ports = 1 });
}

static void
drain(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	stack_fixture_advance(f, 5000);
	while ((pkt = stack_fixture_take(f, 0)) != NULL)
		rte_pktmbuf_free(pkt);
}

static void
expect_report(struct stack_fixture *f, const struct mld_record *records, unsigned count)
{
	const struct ip_addr src = addr_of("fe80::ff:fe00:100");
	uint8_t body[MLD_REPORT_LENGTH_MAX];
	uint32_t length = mld_report2_build(body, records, count, &src);

	stack_fixture_expect(f, 0, .eth_dst = "33:33:00:00:00:16", .src = "fe80::ff:fe00:100",
		.dst = "ff02::16", .ttl = 1, .proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW,
		.next_header = PACKET_ZERO, .options = body, .options_length = 8,
		.payload = body + 8, .payload_length = (uint16_t)(length - 8));
}

/* A general query, with the router alert or without. */
static void
query_rx(struct stack_fixture *f, bool alert, int ttl)
{
	static const uint8_t with[8] = { 58, 0, 5, 2, 0, 0, 1, 0 };
	static const uint8_t without[8] = { 58, 0, 1, 4, 0, 0, 0, 0 };
	const struct nd_envelope envelope = { addr_of("fe80::9"), addr_of("ff02::1"), 1 };
	uint8_t body[28] = { ICMP6_MLD_QUERY, [4] = 0x03, 0xe8 };

	icmp6_checksum_set(body, sizeof(body), &envelope.src, &envelope.dst);
	stack_fixture_rx(f, 0, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:09:00",
		.src = "fe80::9", .dst = "ff02::1", .ttl = ttl, .proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW, .next_header = PACKET_ZERO, .options = alert ? with : without,
		.options_length = 8, .payload = body, .payload_length = sizeof(body));
	stack_fixture_run(f);
}

static void
test_addresses_are_reported(void **state)
{
	/* Of the address, and of the anycast one that its subnet's routers have. */
	struct mld_record records[] = { { MLD_TO_EXCLUDE, addr_of("ff02::1:ff00:0") },
		{ MLD_TO_EXCLUDE, addr_of("ff02::1:ff00:1") } };
	struct stack_fixture *f = listener();

	drain(f);
	assert_true(f->stack->neigh_counters.mld_reports >= 2);
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_advance(f, 20);
	expect_report(f, records, 2);
	stack_fixture_advance(f, 1010);
	expect_report(f, records, 2);
	stack_fixture_advance(f, 5000);
	stack_fixture_expect_silence(f);
	stack_fixture_unaddr(f, "p0", "2001:db8::1/64");
	stack_fixture_advance(f, 20);
	records[0].type = records[1].type = MLD_TO_INCLUDE;
	expect_report(f, records, 2);
	stack_fixture_destroy(f);
}

static void
test_queries_are_answered(void **state)
{
	const struct mld_record records[] = { { MLD_IS_EXCLUDE, addr_of("ff02::1:ff00:100") },
		{ MLD_IS_EXCLUDE, addr_of("ff02::2") }, { MLD_IS_EXCLUDE, addr_of("ff05::2") } };
	struct stack_fixture *f = listener();
	struct stack_mld_info info;

	drain(f);
	query_rx(f, true, 1);
	stack_fixture_advance(f, 1010);
	expect_report(f, records, 3);
	stack_fixture_expect_silence(f);
	assert_int_equal(f->stack->neigh_counters.mld_queries, 1);
	/* From beyond the link, or without what would stop a router from hiding it. */
	query_rx(f, true, 2);
	query_rx(f, false, 1);
	stack_fixture_advance(f, 5000);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops(f, DROP_mld_malformed), 2);
	assert_true(stack_mld_show(f->stack, 0, &info));
	assert_int_equal(info.version, 2);
	assert_int_equal(info.count, 3);
	stack_mld_set(f->stack, 0);
	assert_false(stack_mld_show(f->stack, 0, &info));
	query_rx(f, true, 1);
	stack_fixture_advance(f, 5000);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_interface_that_comes_up(void **state)
{
	struct mld_record records[] = { { MLD_TO_EXCLUDE, addr_of("ff05::2") },
		{ MLD_TO_EXCLUDE, addr_of("ff02::2") },
		{ MLD_TO_EXCLUDE, addr_of("ff02::1:ff00:0") },
		{ MLD_TO_EXCLUDE, addr_of("ff02::1:ff00:100") } };
	struct stack_fixture *f = listener();
	struct stack_mld_info info;

	drain(f);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	stack_fixture_addr(f, "p0", "2001:db8::100/64");
	stack_fixture_advance(f, 3000);
	stack_fixture_expect_silence(f);
	assert_false(stack_mld_show(f->stack, 0, &info));
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
	stack_fixture_advance(f, 20);
	/* Two addresses, one group. */
	expect_report(f, records, 4);
	stack_fixture_unaddr(f, "p0", "2001:db8::100/64");
	drain(f);
	assert_true(stack_mld_show(f->stack, 0, &info));
	assert_int_equal(info.count, 3);
	stack_fixture_destroy(f);
}

/* RFC 3590 4: from nowhere while the link-local address is tentative, and again from that. */
static void
test_reports_before_there_is_an_address(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){
		.bare = true, .mld = true, .dad = true, .ports = 1 });
	unsigned from_nowhere = 0, from_us = 0;
	struct rte_mbuf *pkt;

	stack_fixture_advance(f, 4000);
	while ((pkt = stack_fixture_take(f, 0)) != NULL) {
		const uint8_t *bytes = rte_pktmbuf_mtod(pkt, const uint8_t *);

		/* Ethernet, IPv6, hop-by-hop; its source is at 8. */
		if (bytes[14 + 40 + 8] == ICMP6_MLD2_REPORT && bytes[14 + 8] == 0) {
			assert_int_equal(from_us, 0);
			from_nowhere++;
		} else if (bytes[14 + 40 + 8] == ICMP6_MLD2_REPORT) {
			assert_int_equal(bytes[14 + 8], 0xfe);
			from_us++;
		}
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(from_nowhere, 2);
	assert_int_equal(from_us, 2);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_reported),
		cmocka_unit_test(test_queries_are_answered),
		cmocka_unit_test(test_interface_that_comes_up),
		cmocka_unit_test(test_reports_before_there_is_an_address),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
