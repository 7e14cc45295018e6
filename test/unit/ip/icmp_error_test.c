/* SPDX-License-Identifier: BSD-3-Clause */
/* What icmp4_error and icmp6_error do alike: where errors come from, how many, and when none is. */
#include "unit/ip/ip_fixture.h"

struct family {
	struct packet packet; /* from a host on interface 0, to be forwarded */
	struct packet own; /* from the router itself */
	ip_stage error;
	enum drop_reason reason;
	uint8_t icmp_type;
};

static const struct family ip4 = {
	.packet = { .src = "10.0.0.2", .dst = "10.1.0.1" },
	.own = { .src = "10.0.0.1", .dst = "10.1.0.1" },
	.error = icmp4_error,
	.reason = DROP_ip4_ttl_exceeded,
	.icmp_type = ICMP4_TIME_EXCEEDED,
};

static const struct family ip6 = {
	.packet = { .src = "2001:db8::2", .dst = "2001:db8:100::1" },
	.own = { .src = "2001:db8::1", .dst = "2001:db8:100::1" },
	.error = icmp6_error,
	.reason = DROP_ip6_hop_limit_exceeded,
	.icmp_type = ICMP6_TIME_EXCEEDED,
};

static struct rte_mbuf *
erring(struct ip_fixture *f, const struct family *family)
{
	return ip_fixture_erring(f, &family->packet, family->reason, family->icmp_type);
}

/* Never about what was made here. */
static void
test_originated(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt =
		ip_fixture_erring(f, &family->own, family->reason, family->icmp_type);

	pkt_meta(pkt)->flags = PKT_ORIGINATED;
	family->error(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, family->reason);
	assert_int_equal(f->core.counters.errors_suppressed, 1);
	assert_int_equal(f->core.counters.errors_sent, 0);
	ip_fixture_destroy(f);
}

/* RFC 1812 4.3.2.4: an interface without an address lends another's. */
static void
test_interface_without_address(void **state)
{
	static const uint16_t ifaces[] = { 2, 77, PKT_IFACE_NONE };
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(ifaces); i++) {
		struct rte_mbuf *pkt = erring(f, family);

		pkt_meta(pkt)->iface = ifaces[i];
		family->error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		assert_int_equal(f->replies.count, 1);
		if (family == &ip4)
			assert_int_equal(pkt_l3(f->replies.pkts[0], struct ip4_header *)->src_be,
				htobe32(0x0a000001));
		else
			assert_memory_equal(pkt_l3(f->replies.pkts[0], struct ip6_header *)->src,
				ip_fixture_prefix("2001:db8::1").addr.bytes, 16);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* RFC 4443 2.2 (a): what was for an address of ours is answered from it, be it another link's. */
static void
test_to_us(void **state)
{
	static const struct {
		struct packet packet;
		ip_stage error;
		const char *src;
	} cases[] = {
		{ { .src = "10.0.0.2", .dst = "10.0.1.1" }, icmp4_error, "10.0.1.1" },
		{ { .src = "2001:db8::2", .dst = "2001:db8:1::1" }, icmp6_error, "2001:db8:1::1" },
		{ { .src = "2001:db8::2", .dst = "fe80::1" }, icmp6_error, "fe80::1" },
		/* But no group is a source. */
		{ { .src = "2001:db8::2", .dst = "ff02::1" }, icmp6_error, "2001:db8::1" },
	};
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct rte_mbuf *pkt = ip_fixture_erring(f, &cases[i].packet, DROP_ip4_no_port,
			cases[i].error == icmp4_error ? (uint8_t)ICMP4_UNREACHABLE
						      : (uint8_t)ICMP6_PACKET_TOO_BIG);
		const struct ip_addr src = ip_fixture_prefix(cases[i].src).addr;

		pkt_meta(pkt)->nexthop = NEXTHOP_ID_LOCAL;
		cases[i].error(&f->core, &f->in, &f->out);
		assert_int_equal(f->replies.count, 1);
		if (src.family == IP_FAMILY_4)
			assert_memory_equal(
				&pkt_l3(f->replies.pkts[0], struct ip4_header *)->src_be, src.bytes,
				4);
		else
			assert_memory_equal(pkt_l3(f->replies.pkts[0], struct ip6_header *)->src,
				src.bytes, 16);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/*
 * An interface with nothing but a link-local address: another's that reaches further is better, but
 * without one its own is better than none.
 */
static void
test_only_link_local(void **state)
{
	static const char *const sources[] = { "2001:db8:1::1", "fe80::1" };
	const struct ip_prefix global = ip_fixture_prefix("2001:db8::1/64");
	struct ip_fixture *f = ip_fixture_create();
	struct iface only = *iface_get(f->ifaces, 0), other = *iface_get(f->ifaces, 1);

	assert_int_equal(iface_addr_remove(&only, &global, NULL), 0);
	assert_int_equal(iface_update(f->ifaces, &only, NULL), 0);
	for (unsigned i = 0; i < RTE_DIM(sources); i++) {
		const struct ip_addr src = ip_fixture_prefix(sources[i]).addr;

		erring(f, &ip6);
		icmp6_error(&f->core, &f->in, &f->out);
		assert_int_equal(f->replies.count, 1);
		assert_memory_equal(
			pkt_l3(f->replies.pkts[0], struct ip6_header *)->src, src.bytes, 16);
		ip_fixture_empty(f);
		other.up = false;
		assert_int_equal(iface_update(f->ifaces, &other, NULL), 0);
	}
	ip_fixture_destroy(f);
}

/* RFC 6724 5, rule 2: to a link-local address from a link-local one. */
static void
test_to_link_local(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	const struct ip_addr src = ip_fixture_prefix("fe80::1").addr;

	ip_fixture_erring(f, PACKET(.src = "fe80::9", .dst = "2001:db8:100::1"),
		DROP_ip6_link_local, ICMP6_UNREACHABLE);
	icmp6_error(&f->core, &f->in, &f->out);
	assert_int_equal(f->replies.count, 1);
	assert_memory_equal(pkt_l3(f->replies.pkts[0], struct ip6_header *)->src, src.bytes, 16);
	ip_fixture_destroy(f);
}

/* Link-local addresses of other links would say nothing there: then none is sent. */
static void
test_link_local_without_address(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt =
		ip_fixture_erring(f, PACKET(.src = "fe80::9", .dst = "2001:db8:100::1"),
			DROP_ip6_no_route, ICMP6_UNREACHABLE);

	pkt_meta(pkt)->iface = 2;
	icmp6_error(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_ip6_no_route);
	assert_int_equal(f->core.counters.errors_suppressed, 1);
	ip_fixture_destroy(f);
}

/*
 * RFC 1812 4.3.2.8, RFC 4443 2.4 (f): so many at once, so many a second; the packet is dropped
 * either way.
 */
static void
test_rate_limit(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < 3 * IP_ICMP_ERROR_IFACE_BURST; i++) {
		erring(f, family);
		family->error(&f->core, &f->in, &f->out);
		assert_int_equal(f->drops.count, 1);
		assert_int_equal(f->replies.count, i < IP_ICMP_ERROR_IFACE_BURST ? 1 : 0);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.errors_sent, IP_ICMP_ERROR_IFACE_BURST);
	assert_int_equal(f->core.counters.errors_limited, 2 * IP_ICMP_ERROR_IFACE_BURST);
	f->core.now_ns += 10000000; /* 10 ms, 10 tokens */
	for (unsigned i = 0; i < 20; i++) {
		erring(f, family);
		family->error(&f->core, &f->in, &f->out);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.errors_sent, IP_ICMP_ERROR_IFACE_BURST + 10);
	ip_fixture_destroy(f);
}

/* RFC 4443 2.4 (f): who is kept waiting are those on the link that it comes from. */
static void
test_rate_limit_of_one_interface(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < 3 * IP_ICMP_ERROR_IFACE_BURST; i++) {
		erring(f, family);
		family->error(&f->core, &f->in, &f->out);
		ip_fixture_empty(f);
	}
	pkt_meta(erring(f, family))->iface = 1;
	family->error(&f->core, &f->in, &f->out);
	assert_int_equal(f->replies.count, 1);
	ip_fixture_destroy(f);
}

/* Without a packet buffer there is no error, but the packet is dropped for its reason. */
static void
test_no_memory(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = erring(f, family);
	static struct rte_mbuf *hoard[TEST_POOL_SIZE];
	unsigned count = 0;

	while (count < TEST_POOL_SIZE && (hoard[count] = rte_pktmbuf_alloc(test_pool())) != NULL)
		count++;
	family->error(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, family->reason);
	assert_int_equal(f->core.counters.errors_nomem, 1);
	assert_int_equal(f->core.counters.originated, 0);
	rte_pktmbuf_free_bulk(hoard, count);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ip_fixture_test(test_originated, ip4),
		ip_fixture_test(test_originated, ip6),
		ip_fixture_test(test_interface_without_address, ip4),
		ip_fixture_test(test_interface_without_address, ip6),
		cmocka_unit_test_teardown(test_to_us, test_pool_check),
		cmocka_unit_test_teardown(test_only_link_local, test_pool_check),
		cmocka_unit_test_teardown(test_to_link_local, test_pool_check),
		cmocka_unit_test_teardown(test_link_local_without_address, test_pool_check),
		ip_fixture_test(test_rate_limit, ip4),
		ip_fixture_test(test_rate_limit, ip6),
		ip_fixture_test(test_rate_limit_of_one_interface, ip4),
		ip_fixture_test(test_rate_limit_of_one_interface, ip6),
		ip_fixture_test(test_no_memory, ip4),
		ip_fixture_test(test_no_memory, ip6),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
