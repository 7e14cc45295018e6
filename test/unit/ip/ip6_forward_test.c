/* SPDX-License-Identifier: BSD-3-Clause */
/* The hop limit's end. */
#include "unit/ip/ip_fixture.h"

/* RFC 8200 3, RFC 4443 3.3: a hop limit that becomes 0 ends here, with time exceeded. */
static void
test_hop_limit_ends(void **state)
{
	static const int limits[] = { PACKET_ZERO, 1 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(limits); i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(
			f, .src = "2001:db8::2", .dst = "2001:db8:100::1", .ttl = limits[i]);

		ip6_forward(&f->core, &f->in, &f->out);
		assert_error(f, pkt, DROP_ip6_hop_limit_exceeded, ICMP6_TIME_EXCEEDED, 0, 0);
		packet_assert(
			pkt, .src = "2001:db8::2", .dst = "2001:db8:100::1", .ttl = limits[i]);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.forwarded6, 0);
	ip_fixture_destroy(f);
}

static void
test_hop_limit_counts_down(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (int limit = 2; limit < 256; limit++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2",
			.dst = "2001:db8:100::1", .ttl = limit, .tos = 0xb8);

		ip6_forward(&f->core, &f->in, &f->out);
		assert_only(&f->output, pkt);
		packet_assert(pkt, .src = "2001:db8::2", .dst = "2001:db8:100::1", .ttl = limit - 1,
			.tos = 0xb8);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.forwarded6, 254);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_hop_limit_ends, test_pool_check),
		cmocka_unit_test_teardown(test_hop_limit_counts_down, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
