/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip6_input refuses, by RFC 8200 and RFC 4291, and where it sends the rest. */
#include "unit/ip/ip_input_checks.h"

static const struct refusal refusals[] = {
	/* RFC 8200 3 */
	{ "nothing but Ethernet",
		{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .truncate = 14 },
		DROP_ip6_truncated },
	{ "39 bytes", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .truncate = 53 },
		DROP_ip6_truncated },
	{ "version 4", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .version_ihl = 0x45 },
		DROP_ip6_bad_version },
	{ "version 7", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .version_ihl = 0x70 },
		DROP_ip6_bad_version },
	{ "one byte beyond", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .total_length = 9 },
		DROP_ip6_bad_payload_length },
	{ "last byte cut off", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .truncate = 61 },
		DROP_ip6_bad_payload_length },
	{ "length 65535", { .src = "2001:db8::2", .dst = "2001:db8:100::1", .total_length = 65535 },
		DROP_ip6_bad_payload_length },

	/* RFC 4291 2.7: a group is no source */
	{ "multicast source", { .src = "ff02::1", .dst = "2001:db8:100::1" }, DROP_ip6_bad_src },
	{ "multicast source, to a group", { .src = "ff02::1", .dst = "ff02::1" },
		DROP_ip6_bad_src },
	/* 2.5.2, 2.5.3: nowhere and the loopback cross no link */
	{ "unspecified source", { .src = "::", .dst = "2001:db8:100::1" }, DROP_ip6_bad_src },
	{ "unspecified source to us", { .src = "::", .dst = "2001:db8::1" }, DROP_ip6_bad_src },
	{ "loopback source", { .src = "::1", .dst = "2001:db8:100::1" }, DROP_ip6_bad_src },
	{ "loopback source, to a group", { .src = "::1", .dst = "ff02::1" }, DROP_ip6_bad_src },
	{ "unspecified destination", { .src = "2001:db8::2", .dst = "::" }, DROP_ip6_bad_dst },
	{ "loopback destination", { .src = "2001:db8::2", .dst = "::1" }, DROP_ip6_bad_dst },
	/* 2.5.6: link-local addresses stay on their link */
	{ "link-local destination, not ours", { .src = "2001:db8::2", .dst = "fe80::99" },
		DROP_ip6_link_local },
	{ "link-local destination, ours on another link", { .src = "fe80::99", .dst = "fe80::2" },
		DROP_ip6_link_local },
	/* groups: only those of ND */
	{ "all MLDv2 routers", { .src = "fe80::99", .dst = "ff02::16" }, DROP_ip6_multicast },
	{ "all nodes of the site", { .src = "2001:db8::2", .dst = "ff05::1" }, DROP_ip6_multicast },
	{ "a global group", { .src = "2001:db8::2", .dst = "ff0e::1234" }, DROP_ip6_multicast },
	{ "all nodes of the interface", { .src = "2001:db8::2", .dst = "ff01::1" },
		DROP_ip6_multicast },
	{ "all routers of the interface", { .src = "2001:db8::2", .dst = "ff01::2" },
		DROP_ip6_multicast },
	{ "near a solicited node", { .src = "2001:db8::2", .dst = "ff02::1:fe00:1" },
		DROP_ip6_multicast },
	{ "ff02::3", { .src = "2001:db8::2", .dst = "ff02::3" }, DROP_ip6_multicast },
	{ "ff02::", { .src = "2001:db8::2", .dst = "ff02::" }, DROP_ip6_multicast },

	{ "unicast in a multicast",
		{ .eth_dst = "33:33:00:00:00:01", .src = "2001:db8::2", .dst = "2001:db8:100::1" },
		DROP_ip6_l2_broadcast },
	{ "unicast to us in a broadcast",
		{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "2001:db8::2", .dst = "2001:db8::1" },
		DROP_ip6_l2_broadcast },
	{ "blackhole", { .src = "2001:db8::2", .dst = "2001:db8:200::1" }, DROP_route_blackhole },
};

static void
test_refuses(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	check_refuses(f, ip6_input, refusals, RTE_DIM(refusals));
	ip_fixture_destroy(f);
}

static const uint8_t hop_by_hop[8] = { IP_PROTO_UDP };

static const struct packet accepted[] = {
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1" },
	/* nothing behind the header */
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .proto = IP_PROTO_NONE },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .payload_length = 1452 },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .ttl = PACKET_ZERO },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .tos = 0xff },
	{ .src = "fec0::1", .dst = "2001:db8:100::1" },
	{ .src = "fe00::1", .dst = "2001:db8:100::1" },
	{ .src = "::2", .dst = "2001:db8:100::1" },
	{ .src = "0:0:0:1::1", .dst = "2001:db8:100::1" },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.options = hop_by_hop,
		.options_length = 8 },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .segment = 54, .payload_length = 100 },
};

static void
test_accepts(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	check_accepts(f, ip6_input, f->gateway6, accepted, RTE_DIM(accepted));
	ip_fixture_destroy(f);
}

/* Packets for us, whatever routes say: RFC 4291 2.8 has the groups that a router listens to. */
static void
test_local(void **state)
{
	static const struct packet packets[] = {
		{ .src = "2001:db8::2", .dst = "2001:db8::1" },
		{ .src = "2001:db8::2", .dst = "2001:db8:1::1" },
		{ .src = "fe80::99", .dst = "2001:db8::1" },
		{ .src = "fe80::99", .dst = "fe80::1" },
		{ .src = "2001:db8::2", .dst = "fe80::1" },
		{ .eth_dst = "33:33:00:00:00:01", .src = "fe80::99", .dst = "ff02::1" },
		{ .eth_dst = "33:33:00:00:00:02", .src = "fe80::99", .dst = "ff02::2" },
		{ .eth_dst = "33:33:00:00:00:02", .src = "2001:db8::2", .dst = "ff05::2" },
		{ .eth_dst = "33:33:ff:00:00:01", .src = "::", .dst = "ff02::1:ff00:1" },
		{ .eth_dst = "33:33:ff:ff:ff:ff", .src = "::", .dst = "ff02::1:ffff:ffff" },
	};
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(packets); i++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &packets[i]);

		ip6_input(&f->core, &f->in, &f->out);
		assert_only(&f->local, pkt);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* RFC 4443 3.1 */
static void
test_no_way(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2", .dst = "2001:db9::1");

	ip6_input(&f->core, &f->in, &f->out);
	assert_error(f, pkt, DROP_ip6_no_route, ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0);
	ip_fixture_empty(f);

	pkt = ip_fixture_packet(f, .src = "2001:db8::2", .dst = "2001:db8:300::1");
	ip6_input(&f->core, &f->in, &f->out);
	assert_error(f, pkt, DROP_route_unreachable, ICMP6_UNREACHABLE, ICMP6_ADDR_UNREACHABLE, 0);
	ip_fixture_destroy(f);
}

/* RFC 4007 9: a source that means nothing behind its link, unless the packet ends here anyway. */
static void
test_beyond_scope(void **state)
{
	static const char *const sources[] = { "fe80::99", "febf:ffff::99" };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(sources); i++) {
		struct rte_mbuf *pkt =
			ip_fixture_packet(f, .src = sources[i], .dst = "2001:db8:100::1");

		ip6_input(&f->core, &f->in, &f->out);
		assert_error(f, pkt, DROP_ip6_link_local, ICMP6_UNREACHABLE, ICMP6_BEYOND_SCOPE, 0);
		ip_fixture_empty(f);
		pkt = ip_fixture_packet(f, .src = sources[i], .dst = "2001:db8:200::1");
		ip6_input(&f->core, &f->in, &f->out);
		assert_dropped(f, pkt, DROP_route_blackhole);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_trims_segments(void **state)
{
	check_trims_segments(
		ip6_input, PACKET(.src = "2001:db8::2", .dst = "2001:db8:100::1"), IP6_HDR_LENGTH);
}

static void
test_full_vector(void **state)
{
	check_full_vector(ip6_input, PACKET(.src = "2001:db8::2", .dst = "2001:db8:100::1"),
		PACKET(.src = "ff02::1", .dst = "2001:db8:100::1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_refuses, test_pool_check),
		cmocka_unit_test_teardown(test_accepts, test_pool_check),
		cmocka_unit_test_teardown(test_local, test_pool_check),
		cmocka_unit_test_teardown(test_no_way, test_pool_check),
		cmocka_unit_test_teardown(test_beyond_scope, test_pool_check),
		cmocka_unit_test_teardown(test_trims_segments, test_pool_check),
		cmocka_unit_test_teardown(test_full_vector, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
