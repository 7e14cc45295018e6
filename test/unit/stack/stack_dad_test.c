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
		cmocka_unit_test(test_waits_for_its_interface),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
