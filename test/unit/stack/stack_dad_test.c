/* SPDX-License-Identifier: BSD-3-Clause */
/* Tentative addresses: asked for, not used, and what becomes of them. */
#include "unit/stack/neigh_fixture.h"

static struct stack_fixture *
prober(void)
{
	return stack_fixture_create(
		&(struct stack_fixture_config){ .bare = true, .dad = true, .ports = 2 });
}

static enum iface_addr_state
addr_state(struct stack_fixture *f, const char *text)
{
	const struct iface *iface = iface_lookup(f->stack->ifaces, "p0");
	const struct ip_addr addr = addr_of(text);
	int index = iface_addr_find(iface, &addr);

	assert_true(index >= 0);
	return (enum iface_addr_state)iface->addr_states[index];
}

static void
drain(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < 2; port++) {
		while ((pkt = stack_fixture_take(f, port)) != NULL)
			rte_pktmbuf_free(pkt);
	}
}

/* The probe itself has a nonce that nobody knows in advance. */
static void
expect_probe(struct stack_fixture *f, const char *target)
{
	struct rte_mbuf *pkt = stack_fixture_take(f, 0);
	const struct ip_addr addr = addr_of(target);
	const uint8_t *bytes;

	assert_non_null(pkt);
	bytes = rte_pktmbuf_mtod(pkt, const uint8_t *);
	assert_int_equal(rte_pktmbuf_pkt_len(pkt), 14 + 40 + 32);
	assert_int_equal(bytes[14 + 7], 255);
	assert_int_equal(bytes[14 + 40], ICMP6_NEIGHBOR_SOLICITATION);
	assert_memory_equal(bytes + 14 + 8, (uint8_t[16]){ 0 }, 16);
	assert_memory_equal(bytes + 14 + 48, addr.bytes, 16);
	assert_int_equal(bytes[14 + 64], 14);
	assert_int_equal(bytes[14 + 65], 1);
	rte_pktmbuf_free(pkt);
}

static void
test_becomes_ours(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	struct stack_fixture *f = prober();
	struct stack_way way;
	struct ip_addr addr = addr_of("2001:db8::1");

	stack_fixture_advance(f, 3000);
	assert_int_equal(addr_state(f, "fe80::ff:fe00:100"), IFACE_ADDR_PREFERRED);
	drain(f);
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_TENTATIVE);
	/* Neither a source, nor served, nor told of: RFC 4862 5.4. */
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->source6.bytes[0], 0xfe);
	nd_rx(f, ask, "fe80::9", "ff02::1:ff00:1", "2001:db8::1", true);
	assert_int_equal(state_of(f, "fe80::9"), NEIGH_STATE_COUNT);
	stack_fixture_rx(
		f, 0, .src = "2001:db8::9", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_route_blackhole), 1);
	stack_fixture_expect_silence(f);

	stack_fixture_advance(f, 1020);
	expect_probe(f, "2001:db8::1");
	stack_fixture_advance(f, 1020);
	stack_fixture_expect_silence(f);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_PREFERRED);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->source6.bytes[0], 0x20);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &addr, NULL, &way);
	assert_int_equal(way.nexthop, NEXTHOP_ID_LOCAL);
	/* It stays so when its interface was down. */
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_PREFERRED);
	stack_fixture_destroy(f);
}

static void
test_duplicate(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	const struct nd tell = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT };
	struct stack_fixture *f = prober();
	struct ip_prefix prefix;
	struct error err = { 0 };

	stack_fixture_advance(f, 3000);
	drain(f);
	/* One that another wants as well, one that another has. */
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	stack_fixture_addr(f, "p0", "2001:db8::2/64");
	nd_rx(f, ask, "::", "ff02::1:ff00:1", "2001:db8::1", false);
	nd_rx(f, tell, "2001:db8::2", "ff02::1", "2001:db8::2", true);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_DUPLICATE);
	assert_int_equal(addr_state(f, "2001:db8::2"), IFACE_ADDR_DUPLICATE);
	assert_int_equal(f->stack->neigh_counters.duplicates, 2);
	stack_fixture_advance(f, 5000);
	stack_fixture_expect_silence(f);
	nd_rx(f, ask, "fe80::9", "ff02::1:ff00:1", "2001:db8::1", true);
	stack_fixture_expect_silence(f);
	/* It is still this interface's, and not to be had on another one. */
	assert_int_equal(ip_prefix_parse("2001:db8::1/128", &prefix), 0);
	assert_int_equal(stack_addr_add(f->stack, "p1", &prefix, &err), -EEXIST);
	assert_non_null(strstr(err.text, "an address of p0 already"));
	/* When the interface comes up again it is tried again. */
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_TENTATIVE);
	assert_int_equal(ip_prefix_parse("2001:db8::2/64", &prefix), 0);
	assert_int_equal(stack_addr_remove(f->stack, "p0", &prefix, NULL), 0);
	stack_fixture_advance(f, 3000);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_PREFERRED);
	stack_fixture_destroy(f);
}

/* RFC 7527: the link sends back what we say. */
static void
test_loop_in_the_link(void **state)
{
	struct stack_fixture *f = prober();
	struct rte_mbuf *pkt;
	unsigned echoes = 0;

	for (unsigned i = 0; i < 300; i++) {
		stack_fixture_advance(f, 10);
		while ((pkt = stack_fixture_take(f, 0)) != NULL) {
			/* By way of a bridge that has a MAC address of its own. */
			rte_pktmbuf_mtod(pkt, struct ether_hdr *)->src.bytes[5] = 0x77;
			port_double_inject(f->wires[0], 0, pkt);
			echoes++;
		}
	}
	assert_true(echoes >= 1);
	assert_int_equal(addr_state(f, "fe80::ff:fe00:100"), IFACE_ADDR_PREFERRED);
	stack_fixture_destroy(f);
}

#define LINK_LOCAL "fe80::ff:fe00:100" /* by p0's MAC address */

static bool
ip6_is_off(struct stack_fixture *f, const char *iface)
{
	return iface_lookup(f->stack->ifaces, iface)->ip6_off;
}

/* One packet of a family to a neighbour on p0. */
static void
cross(struct stack_fixture *f, bool ip4)
{
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01",
		.src = ip4 ? "10.0.1.9" : "2001:db8:1::9", .dst = ip4 ? "10.0.0.9" : "2001:db8::9");
	stack_fixture_run(f);
}

static void
expect_crossed(struct stack_fixture *f, bool ip4)
{
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:09:09",
		.src = ip4 ? "10.0.1.9" : "2001:db8:1::9", .dst = ip4 ? "10.0.0.9" : "2001:db8::9",
		.ttl = 63);
}

/* Who has our MAC address says that he has the address that it makes. */
static void
rival_tells(struct stack_fixture *f)
{
	const struct nd_envelope envelope = { addr_of(LINK_LOCAL), addr_of("ff02::1"), 255 };
	const struct nd nd = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.target = addr_of(LINK_LOCAL),
		.has_mac = true,
		.mac = { { 2, 0, 0, 0, 1, 0 } } };
	uint8_t body[ND_LENGTH_MAX];

	stack_fixture_rx(f, 0, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:01:00",
		.src = LINK_LOCAL, .dst = "ff02::1", .ttl = 255, .proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW, .payload = body,
		.payload_length = (uint16_t)nd_build(body, &nd, &envelope));
	stack_fixture_run(f);
}

/* RFC 4862 5.4.5 */
static struct stack_fixture *
rival(bool disable)
{
	struct stack_fixture *f = prober();

	f->stack->config.nd.dad_disable = disable;
	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	f->stack->config.nd.dad_transmits = 0;
	stack_fixture_addr(f, "p0", "2001:db8:2::1/64"); /* nobody asks whether it is ours */
	f->stack->config.nd.dad_transmits = 1;
	stack_fixture_addr(f, "p1", "10.0.1.1/24");
	stack_fixture_addr(f, "p1", "2001:db8:1::1/64");
	stack_fixture_neigh(f, "p0", "10.0.0.9", "02:00:00:00:09:09");
	stack_fixture_neigh(f, "p0", "2001:db8::9", "02:00:00:00:09:09");
	stack_fixture_neigh(f, "p1", "2001:db8:1::9", "02:00:00:00:09:09");
	rival_tells(f);
	assert_int_equal(addr_state(f, LINK_LOCAL), IFACE_ADDR_DUPLICATE);
	return f;
}

static void
nobody_answers(void *arg, const struct stack_arping_answer *answer)
{
	fail();
}

static void
test_duplicate_mac(void **state)
{
	struct stack_fixture *f = rival(true);
	const struct ip_addr other = addr_of("fe80::9");
	struct stack_arping *arping;

	assert_true(ip6_is_off(f, "p0"));
	assert_false(ip6_is_off(f, "p1"));
	/* Nothing more is asked or said there, and nothing heard. */
	stack_fixture_advance(f, 5000);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_TENTATIVE);
	assert_int_equal(
		stack_arping_create(f->stack, "p0", &other, nobody_answers, NULL, &arping, NULL),
		0);
	stack_arping_send(f->stack, arping);
	stack_fixture_run(f);
	stack_arping_destroy(f->stack, arping);
	assert_int_equal(port_double_sent(f->wires[0], 0), 0);
	stack_fixture_rx(f, 0, .src = "2001:db8::9", .dst = "2001:db8:1::9");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ether_ip6_off), 1);
	drain(f);
	cross(f, false);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_no_iface), 1);
	assert_int_equal(port_double_sent(f->wires[0], 0), 0);
	cross(f, true);
	expect_crossed(f, true);
	stack_fixture_destroy(f);
	(void)state;
}

static void
test_duplicate_mac_ends(void **state)
{
	const struct mac_addr mac = { { 2, 0, 0, 0, 1, 0x55 } };
	struct stack_fixture *f;

	for (unsigned i = 0; i < 3; i++) {
		f = rival(true);
		/* That the user has removed the address makes no difference. */
		if (i == 2)
			stack_fixture_unaddr(f, "p0", LINK_LOCAL "/64");
		if (i == 0) {
			assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
			assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
		} else {
			assert_int_equal(stack_port_set_mac(f->stack, "p0", &mac, NULL), 0);
		}
		assert_false(ip6_is_off(f, "p0"));
		stack_fixture_advance(f, 3000);
		if (i < 2)
			assert_int_equal(addr_state(f, i == 0 ? LINK_LOCAL : "fe80::ff:fe00:155"),
				IFACE_ADDR_PREFERRED);
		assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_PREFERRED);
		drain(f);
		cross(f, false);
		expect_crossed(f, false);
		stack_fixture_destroy(f);
	}
	(void)state;
}

/* It is asked for, and about that one address only. */
static void
test_duplicate_mac_is_borne(void **state)
{
	const struct nd tell = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT };
	struct stack_fixture *f = rival(false);

	assert_false(ip6_is_off(f, "p0"));
	f->stack->config.nd.dad_disable = true;
	nd_rx(f, tell, "2001:db8::1", "ff02::1", "2001:db8::1", true);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_DUPLICATE);
	assert_false(ip6_is_off(f, "p0"));
	drain(f);
	cross(f, false);
	expect_crossed(f, false);
	stack_fixture_destroy(f);
	(void)state;
}

/* On an interface that is down they wait; and they go with it. */
static void
test_waits_for_its_interface(void **state)
{
	struct stack_fixture *f = prober();

	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	stack_fixture_addr(f, "p1", "2001:db8:1::1/64");
	stack_fixture_advance(f, 5000);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_TENTATIVE);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
	stack_fixture_addr(f, "p1", "2001:db8:1::2/64");
	assert_int_equal(stack_port_remove(f->stack, "p1", NULL), 0);
	assert_false(TAILQ_EMPTY(&f->stack->dads));
	stack_fixture_advance(f, 2100);
	assert_int_equal(addr_state(f, "2001:db8::1"), IFACE_ADDR_PREFERRED);
	assert_true(TAILQ_EMPTY(&f->stack->dads));
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_becomes_ours),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_loop_in_the_link),
		cmocka_unit_test(test_duplicate_mac),
		cmocka_unit_test(test_duplicate_mac_ends),
		cmocka_unit_test(test_duplicate_mac_is_borne),
		cmocka_unit_test(test_waits_for_its_interface),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
