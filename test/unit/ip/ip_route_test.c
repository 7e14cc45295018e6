/* SPDX-License-Identifier: BSD-3-Clause */
/* The nexthop of packets made here. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
own(struct ip_fixture *f, const struct packet *packet)
{
	struct packet plain = *packet;
	struct rte_mbuf *pkt;

	plain.spoil |= PACKET_NO_ETHER;
	pkt = ip_fixture_add(f, &plain);
	pkt_meta(pkt)->flags = PKT_ORIGINATED;
	return pkt;
}

static void
test_ip4(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *gateway = own(f, PACKET(.src = "10.0.0.1", .dst = "10.1.0.1"));
	struct rte_mbuf *attached = own(f, PACKET(.src = "10.0.0.1", .dst = "10.0.0.9"));

	ip4_route(&f->core, &f->in, &f->out);
	assert_int_equal(f->output.count, 2);
	assert_int_equal(pkt_meta(gateway)->nexthop, f->gateway4);
	assert_int_equal(pkt_meta(attached)->nexthop, f->attached[0]);
	assert_int_equal(ip_fixture_count(f), 2);
	ip_fixture_destroy(f);
}

/* RFC 1122 3.2.2: no error is sent about an error, so that nobody hears of these. */
static void
test_ip4_nowhere(void **state)
{
	static const char *const dsts[] = { "10.0.0.1", "10.2.0.1", "10.3.0.1", "192.0.2.1",
		"10.0.0.255" };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(dsts); i++) {
		struct rte_mbuf *pkt = own(f, PACKET(.src = "10.0.0.1", .dst = dsts[i]));

		ip4_route(&f->core, &f->in, &f->out);
		assert_dropped(f, pkt, DROP_ip4_no_route);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_ip6(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *gateway = own(f, PACKET(.src = "2001:db8::1", .dst = "2001:db8:100::1"));
	struct rte_mbuf *attached = own(f, PACKET(.src = "2001:db8::1", .dst = "2001:db8::9"));

	ip6_route(&f->core, &f->in, &f->out);
	assert_int_equal(f->output.count, 2);
	assert_int_equal(pkt_meta(gateway)->nexthop, f->gateway6);
	assert_int_equal(pkt_meta(attached)->nexthop, f->attached[0]);
	ip_fixture_destroy(f);
}

static void
test_ip6_nowhere(void **state)
{
	static const char *const dsts[] = { "2001:db8::1", "2001:db8:200::1", "2001:db8:300::1",
		"2001:db8:ffff::1", "::1" };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(dsts); i++) {
		struct rte_mbuf *pkt = own(f, PACKET(.src = "2001:db8::1", .dst = dsts[i]));

		ip6_route(&f->core, &f->in, &f->out);
		assert_dropped(f, pkt, DROP_ip6_no_route);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* RFC 4007 9: a link-local destination is on the link that it is about, whatever routes say. */
static void
test_link_local_destination(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	ip_fixture_route(f, "::/0", f->gateway6);
	for (uint16_t iface = 0; iface < 3; iface++) {
		pkt = own(f, PACKET(.src = "fe80::1", .dst = "fe80::99"));
		pkt_meta(pkt)->iface = iface;
		ip6_route(&f->core, &f->in, &f->out);
		assert_only(&f->output, pkt);
		assert_int_equal(pkt_meta(pkt)->nexthop, f->attached[iface]);
		ip_fixture_empty(f);
	}
	pkt = own(f, PACKET(.src = "fe80::1", .dst = "fe80::99"));
	pkt_meta(pkt)->iface = PKT_IFACE_NONE;
	ip6_route(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_ip6_no_route);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ip4, test_pool_check),
		cmocka_unit_test_teardown(test_ip4_nowhere, test_pool_check),
		cmocka_unit_test_teardown(test_ip6, test_pool_check),
		cmocka_unit_test_teardown(test_ip6_nowhere, test_pool_check),
		cmocka_unit_test_teardown(test_link_local_destination, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
