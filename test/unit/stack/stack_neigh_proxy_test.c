/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers for others: for whom, where, and for whom not. */
#include "unit/stack/neigh_fixture.h"

static int
proxy(struct stack_fixture *f, const char *text, const char *iface, struct error *err)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return stack_proxy_add(f->stack, iface, &prefix, err);
}

static void
test_arp_proxy(void **state)
{
	struct stack_fixture *f = strangers();
	struct error err = { 0 };

	/* 10.0.1.0/24 is behind p1; 10.0.0.128/25 would be p0's own; 192.0.2.0/24 is nowhere. */
	assert_int_equal(proxy(f, "10.0.1.0/24", "p0", &err), 0);
	assert_int_equal(proxy(f, "10.0.0.128/25", "p0", &err), 0);
	assert_int_equal(proxy(f, "192.0.2.0/24", "p0", &err), 0);
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.1.77", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.1.77", "10.0.0.9", "02:00:00:00:09:00");
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STALE);
	/* An address of ours on another interface is behind that. */
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.1.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.1.1", "10.0.0.9", "02:00:00:00:09:00");
	assert_int_equal(f->stack->neigh_counters.proxied, 2);
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.200", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "192.0.2.1", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "198.51.100.1", "ff:ff:ff:ff:ff:ff");
	/* Nor are probes, announcements and answers questions. */
	arp_rx(f, ARP_REQUEST, "0.0.0.0", "10.0.1.77", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REQUEST, "10.0.1.77", "10.0.1.77", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REPLY, "10.0.0.9", "10.0.1.77", NULL);
	stack_fixture_expect_silence(f);
	assert_int_equal(f->stack->neigh_counters.proxied, 2);
	assert_int_equal(stack_fixture_drops(f, DROP_arp_not_ours), 6);
	stack_fixture_destroy(f);
}

static void
test_nd_proxy(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	/* RFC 4861 7.2.8: the override flag is off. */
	const struct nd answer = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .router = true, .solicited = true
	};
	struct stack_fixture *f = strangers();
	struct error err = { 0 };

	assert_int_equal(proxy(f, "2001:db8:1::77/128", "p0", &err), 0);
	nd_rx(f, ask, "2001:db8::9", "ff02::1:ff00:77", "2001:db8:1::77", true);
	expect_nd(f, answer, "2001:db8::1", "2001:db8::9", "2001:db8:1::77", "02:00:00:00:09:00");
	nd_rx(f, ask, "2001:db8::9", "ff02::1:ff00:78", "2001:db8:1::78", true);
	nd_rx(f, ask, "::", "ff02::1:ff00:77", "2001:db8:1::77", false);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops(f, DROP_nd_not_ours), 2);
	stack_fixture_destroy(f);
}

static void
test_refused_proxies(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	struct ip_prefix prefix;
	struct error err = { 0 };
	char text[32];

	assert_int_equal(proxy(f, "10.0.1.1/24", "p0", &err), -EINVAL);
	assert_int_equal(proxy(f, "224.0.0.0/4", "p0", &err), -EINVAL);
	assert_int_equal(proxy(f, "10.0.1.0/24", "nope", &err), -ENOENT);
	assert_int_equal(proxy(f, "10.0.1.0/24", "p2", &err), 0);
	assert_int_equal(proxy(f, "10.0.1.0/24", "p2", &err), -EEXIST);
	assert_int_equal(ip_prefix_parse("10.0.1.0/24", &prefix), 0);
	assert_int_equal(stack_proxy_remove(f->stack, "p0", &prefix, &err), -ENOENT);
	/* They go with their interface. */
	assert_int_equal(stack_port_remove(f->stack, "p2", &err), 0);
	assert_true(TAILQ_EMPTY(&f->stack->proxies));
	for (unsigned i = 0; i < STACK_PROXIES_MAX; i++) {
		snprintf(text, sizeof(text), "10.9.%u.%u/32", i >> 8, i & 255);
		assert_int_equal(proxy(f, text, "p0", &err), 0);
	}
	assert_int_equal(proxy(f, "10.10.0.0/16", "p0", &err), -ENOSPC);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp_proxy),
		cmocka_unit_test(test_nd_proxy),
		cmocka_unit_test(test_refused_proxies),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
