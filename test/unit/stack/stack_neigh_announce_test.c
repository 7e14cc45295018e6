/* SPDX-License-Identifier: BSD-3-Clause */
/* What the links are told of our addresses, and what is done about those who claim them. */
#include "unit/stack/neigh_fixture.h"

static struct stack_fixture *
announcer(void)
{
	return stack_fixture_create(
		&(struct stack_fixture_config){ .bare = true, .announce = true, .ports = 1 });
}

static const struct nd unsolicited = {
	.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .router = true, .override = true
};

/* Whatever there is about the link-local address of p0. */
static void
drain(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	stack_fixture_advance(f, 10000);
	while ((pkt = stack_fixture_take(f, 0)) != NULL)
		rte_pktmbuf_free(pkt);
}

static void
test_new_address_is_announced_twice(void **state)
{
	struct stack_fixture *f = announcer();

	/* RFC 4861 7.2.6: the link-local address came with the interface. */
	stack_fixture_advance(f, 10);
	expect_nd(f, unsolicited, "fe80::ff:fe00:100", "ff02::1", "fe80::ff:fe00:100",
		"33:33:00:00:00:01");
	drain(f);
	/* RFC 5227 2.3: two, two seconds apart. */
	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_advance(f, 200);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	stack_fixture_advance(f, 1700);
	stack_fixture_expect_silence(f);
	stack_fixture_advance(f, 300);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	stack_fixture_advance(f, 200);
	expect_nd(f, unsolicited, "2001:db8::1", "ff02::1", "2001:db8::1", "33:33:00:00:00:01");
	stack_fixture_advance(f, 60000);
	expect_nd(f, unsolicited, "2001:db8::1", "ff02::1", "2001:db8::1", "33:33:00:00:00:01");
	stack_fixture_expect_silence(f);
	assert_int_equal(f->stack->neigh_counters.announced, 6);
	stack_fixture_destroy(f);
}

static void
test_interface_that_comes_up_is_announced(void **state)
{
	struct stack_fixture *f = announcer();
	struct error err = { 0 };

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	drain(f);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, &err), 0);
	stack_fixture_addr(f, "p0", "10.0.9.1/24");
	stack_fixture_advance(f, 5000);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, &err), 0);
	stack_fixture_advance(f, 200);
	expect_nd(f, unsolicited, "fe80::ff:fe00:100", "ff02::1", "fe80::ff:fe00:100",
		"33:33:00:00:00:01");
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REQUEST, "10.0.9.1", "10.0.9.1", "ff:ff:ff:ff:ff:ff");
	/* An address that is gone in between is not told of again. */
	stack_fixture_unaddr(f, "p0", "10.0.9.1/24");
	stack_fixture_advance(f, 5000);
	expect_nd(f, unsolicited, "fe80::ff:fe00:100", "ff02::1", "fe80::ff:fe00:100",
		"33:33:00:00:00:01");
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* RFC 5227 2.4 (c), and its like for IPv6: told of once in ten seconds, however often claimed. */
static void
test_address_is_defended(void **state)
{
	const struct nd claim = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT, .override = true };
	struct stack_fixture *f = announcer();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	drain(f);
	for (unsigned i = 0; i < 50; i++) {
		arp_rx(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
		nd_rx(f, claim, "2001:db8::1", "ff02::1", "2001:db8::1", true);
		stack_fixture_advance(f, 100);
	}
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_nd(f, unsolicited, "2001:db8::1", "ff02::1", "2001:db8::1", "33:33:00:00:00:01");
	stack_fixture_expect_silence(f);
	assert_int_equal(f->stack->neigh_counters.conflicts, 100);
	stack_fixture_advance(f, 6000);
	arp_rx(f, ARP_REPLY, "10.0.0.1", "10.0.0.9", NULL);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	assert_int_equal(state_of(f, "10.0.0.1"), NEIGH_STATE_COUNT);
	stack_fixture_destroy(f);
}

/* Gratuitous ARP and unsolicited advertisements of others: those known are followed, none is made. */
static void
test_announcements_of_others(void **state)
{
	const struct nd tell = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT, .override = true };
	const struct nd meek = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT };
	struct stack_fixture *f = strangers();
	struct neigh_counters counters;

	stack_fixture_neigh(f, "p0", "10.0.0.8", "02:00:00:00:08:00");
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.9", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REPLY, "10.0.0.9", "10.0.0.9", "ff:ff:ff:ff:ff:ff");
	nd_rx(f, tell, "2001:db8::9", "ff02::1", "2001:db8::9", true);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STATE_COUNT);
	assert_int_equal(state_of(f, "2001:db8::9"), NEIGH_STATE_COUNT);
	/* What the user said stands. */
	arp_rx(f, ARP_REPLY, "10.0.0.8", "10.0.0.8", "ff:ff:ff:ff:ff:ff");
	assert_int_equal(state_of(f, "10.0.0.8"), NEIGH_PERMANENT);
	neigh_counters(f->stack->neighs, &counters);
	assert_int_equal(counters.mac_changes, 0);
	/* One that is being asked for: that is an answer of sorts, but proves nothing. */
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.0.9");
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::2", .dst = "2001:db8::9");
	stack_fixture_run(f);
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.9", "ff:ff:ff:ff:ff:ff");
	nd_rx(f, meek, "2001:db8::9", "ff02::1", "2001:db8::9", true);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STALE);
	assert_int_equal(state_of(f, "2001:db8::9"), NEIGH_STALE);
	stack_fixture_destroy(f);
}

/* What cannot be said for want of a buffer is counted. */
static void
test_want_of_buffers_is_counted(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .ports = 1, .announce = true, .mbufs = 1024 });
	struct rte_mbuf *pkts[1024];
	unsigned count = 0;
	uint64_t announced;

	drain(f);
	announced = f->stack->neigh_counters.announced;
	while (count < 1024 && (pkts[count] = rte_pktmbuf_alloc(f->pool)) != NULL)
		count++;
	stack_fixture_addr(f, "p0", "10.0.9.1/24");
	stack_fixture_advance(f, 5000);
	assert_int_equal(f->stack->neigh_counters.unsent, 2);
	assert_int_equal(f->stack->neigh_counters.announced, announced + 2);
	for (unsigned i = 0; i < count; i++)
		rte_pktmbuf_free(pkts[i]);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_address_is_announced_twice),
		cmocka_unit_test(test_interface_that_comes_up_is_announced),
		cmocka_unit_test(test_address_is_defended),
		cmocka_unit_test(test_announcements_of_others),
		cmocka_unit_test(test_want_of_buffers_is_counted),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
