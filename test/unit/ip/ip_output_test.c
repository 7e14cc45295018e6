/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip4_output and ip6_output do alike: by the type of the nexthop, and along a group's paths. */
#include "unit/ip/ip_fixture.h"

struct family {
	bool ip6;
	struct packet packet; /* to behind the resolved gateway */
	ip_stage output;
	uint32_t (*flow_hash)(const struct toeplitz *toeplitz, struct rte_mbuf *pkt);
	enum drop_reason no_route;
	uint8_t unreachable_type, unreachable_code, no_route_code;
};

static const struct family ip4 = {
	.packet = { .src = "10.0.0.2", .dst = "10.1.0.1" },
	.output = ip4_output,
	.flow_hash = flow_hash_ip4,
	.no_route = DROP_ip4_no_route,
	.unreachable_type = ICMP4_UNREACHABLE,
	.unreachable_code = ICMP4_HOST_UNREACHABLE,
	.no_route_code = ICMP4_NET_UNREACHABLE,
};

static const struct family ip6 = {
	.ip6 = true,
	.packet = { .src = "2001:db8::2", .dst = "2001:db8:100::1" },
	.output = ip6_output,
	.flow_hash = flow_hash_ip6,
	.no_route = DROP_ip6_no_route,
	.unreachable_type = ICMP6_UNREACHABLE,
	.unreachable_code = ICMP6_ADDR_UNREACHABLE,
	.no_route_code = ICMP6_NO_ROUTE,
};

static uint32_t
gateway(const struct ip_fixture *f, const struct family *family)
{
	return family->ip6 ? f->gateway6 : f->gateway4;
}

static uint32_t
unresolved(const struct ip_fixture *f, const struct family *family)
{
	return family->ip6 ? f->unresolved6 : f->unresolved4;
}

static uint32_t
group_create(struct ip_fixture *f, const struct family *family)
{
	return ip_fixture_group(f, gateway(f, family), unresolved(f, family));
}

static struct rte_mbuf *
packet_to(struct ip_fixture *f, const struct family *family, uint32_t nexthop)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, &family->packet);

	pkt_meta(pkt)->nexthop = nexthop;
	family->output(&f->core, &f->in, &f->out);
	return pkt;
}

static void
test_by_type_of_nexthop(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = packet_to(f, family, gateway(f, family));

	assert_only(&f->ether, pkt);
	ip_fixture_empty(f);
	pkt = packet_to(f, family, unresolved(f, family));
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	pkt = packet_to(f, family, f->attached[0]);
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	/* A group's path may be what no route alone would get here. */
	assert_dropped(f, packet_to(f, family, NEXTHOP_ID_BLACKHOLE), DROP_route_blackhole);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, family, NEXTHOP_ID_UNREACHABLE), DROP_route_unreachable,
		family->unreachable_type, family->unreachable_code, 0);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, family, NEXTHOP_ID_NO_ROUTE), family->no_route,
		family->unreachable_type, family->no_route_code, 0);
	ip_fixture_destroy(f);
}

/* The hash chooses, the path's type decides: here one of two is resolved. */
static void
test_group(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_create(f, family);
	unsigned resolved = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct packet packet = family->packet;
		struct rte_mbuf *pkt;
		uint32_t expected;

		packet.src_port = (uint16_t)(1000 + i);
		pkt = ip_fixture_add(f, &packet);
		expected = nexthop_group_select(
			f->core.nexthops[group].group, family->flow_hash(&f->toeplitz, pkt));
		pkt_meta(pkt)->nexthop = group;
		family->output(&f->core, &f->in, &f->out);
		assert_int_equal(pkt_meta(pkt)->nexthop, expected);
		assert_only(expected == gateway(f, family) ? &f->ether : &f->punts, pkt);
		resolved += expected == gateway(f, family);
		ip_fixture_empty(f);
	}
	assert_in_range(resolved, 30, 70);
	ip_fixture_destroy(f);
}

/* The port's hash counts where there is one, and where not the next stage finds it made. */
static void
test_group_by_the_ports_hash(void **state)
{
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_create(f, family);

	for (uint32_t hash = 0; hash < 64; hash++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &family->packet);

		pkt_meta(pkt)->nexthop = group;
		pkt->hash.rss = hash << 26;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		family->output(&f->core, &f->in, &f->out);
		assert_int_equal(pkt_meta(pkt)->nexthop,
			nexthop_group_select(f->core.nexthops[group].group, hash << 26));
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* No user can build it, but a table that changes under a packet must not send it anywhere. */
static void
test_group_of_groups(void **state)
{
	static const uint16_t frags[] = { 0, IP4_FRAG_DF }; /* nothing to IPv6 */
	const struct family *family = *state;
	struct ip_fixture *f = ip_fixture_create();
	uint32_t inner = group_create(f, family);
	uint32_t outer = ip_fixture_group(f, gateway(f, family), gateway(f, family));
	struct nexthop_group *group = f->core.nexthops[outer].group;

	for (uint32_t i = 0; i < group->bucket_count; i++)
		group->buckets[i] = inner;
	for (unsigned i = 0; i < RTE_DIM(frags); i++) {
		struct packet packet = family->packet;
		struct rte_mbuf *pkt;

		packet.frag = frags[i];
		pkt = ip_fixture_add(f, &packet);
		pkt_meta(pkt)->nexthop = outer;
		family->output(&f->core, &f->in, &f->out);
		assert_dropped(f, pkt, DROP_route_group_bad);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ip_fixture_test(test_by_type_of_nexthop, ip4),
		ip_fixture_test(test_by_type_of_nexthop, ip6),
		ip_fixture_test(test_group, ip4),
		ip_fixture_test(test_group, ip6),
		ip_fixture_test(test_group_by_the_ports_hash, ip4),
		ip_fixture_test(test_group_by_the_ports_hash, ip6),
		ip_fixture_test(test_group_of_groups, ip4),
		ip_fixture_test(test_group_of_groups, ip6),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
