/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces that carry no IP: nothing comes in, nothing goes out, nothing can be given to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static const struct iface *
iface(const struct stack_fixture *f, const char *name)
{
	return iface_lookup(f->stack->ifaces, name);
}

static struct ip_prefix
prefix(const char *text)
{
	struct ip_prefix value;

	assert_int_equal(ip_prefix_parse(text, &value), 0);
	return value;
}

static int
l3_off(struct stack_fixture *f, const char *name, const char *says)
{
	struct error err = { 0 };
	int rc = stack_iface_set_l3(f->stack, name, false, &err);

	if (says != NULL && strstr(err.text, says) == NULL)
		fail_msg("no \"%s\" in \"%s\"", says, err.text);
	return rc;
}

static void
test_carries_nothing(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){
		.announce = true, .dad = true, .mld = true, .strangers = true });
	const struct vlan_tag tag = { .type = ETHER_TYPE_VLAN, .id = 100 };

	stack_fixture_unaddr(f, "p1", "10.0.1.1/24");
	stack_fixture_unaddr(f, "p1", "2001:db8:1::1/64");
	/* Whatever is to be forwarded could be at once. */
	stack_fixture_neigh(f, "p0", "10.0.0.2", "02:00:00:00:02:00");
	stack_fixture_neigh(f, "p0", "2001:db8::2", "02:00:00:00:02:00");
	stack_fixture_advance(f, 20000);
	port_double_flush(f->wires[1]);
	assert_int_equal(l3_off(f, "p1", NULL), 0);
	assert_int_equal(l3_off(f, "p1", NULL), 0); /* it is already */
	stack_fixture_run(f);
	port_double_flush(f->wires[1]); /* the farewell to its groups */
	assert_int_equal(iface(f, "p1")->addr_count, 0);
	assert_true(iface(f, "p1")->up);

	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.0.2");
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::2", .dst = "2001:db8::2");
	stack_fixture_rx(f, 1, .eth_dst = "ff:ff:ff:ff:ff:ff", .eth_type = ETHER_TYPE_ARP,
		.payload_length = 46);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ether_l2_only), 3);
	/* It says nothing, going down and up neither. */
	stack_port_down(f->stack, "p1", NULL);
	stack_port_up(f->stack, "p1", NULL);
	stack_fixture_advance(f, 20000);
	assert_int_equal(port_double_sent(f->wires[1], 0), 0);

	/* A VLAN on it is an interface like any. */
	assert_int_equal(stack_vlan_add(f->stack, "p1.100", "p1", &tag, NULL), 0);
	stack_fixture_addr(f, "p1.100", "10.9.0.1/24");
	stack_fixture_neigh(f, "p1.100", "10.9.0.2", "02:00:00:00:09:02");
	stack_fixture_advance(f, 20000);
	port_double_flush(f->wires[1]);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.9.0.2", .dst = "10.9.0.1",
		.icmp_type = ICMP4_ECHO_REQUEST, .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } });
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:09:02", .src = "10.9.0.1",
		.dst = "10.9.0.2", .icmp_type = PACKET_ZERO, .spoil = PACKET_ANY_ID,
		.vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } });
	stack_fixture_destroy(f);
}

static void
test_on_again(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true });
	const struct ip_prefix link_local = iface(f, "p1")->addrs[0];

	assert_int_equal(l3_off(f, "p1", NULL), 0);
	assert_int_equal(stack_iface_set_l3(f->stack, "p1", true, NULL), 0);
	assert_int_equal(stack_iface_set_l3(f->stack, "p1", true, NULL), 0);
	assert_int_equal(iface(f, "p1")->addr_count, 1);
	assert_int_equal(ip_prefix_compare(&iface(f, "p1")->addrs[0], &link_local), 0);
	assert_int_equal(iface(f, "p1")->addr_origins[0], IFACE_ADDR_LINK_LOCAL);
	stack_fixture_addr(f, "p1", "10.0.1.1/24");
	stack_fixture_neigh(f, "p1", "10.0.1.2", "02:00:00:00:02:01");
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.1.1",
		.icmp_type = ICMP4_ECHO_REQUEST);
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.1.1",
		.dst = "10.0.1.2", .icmp_type = PACKET_ZERO, .spoil = PACKET_ANY_ID);
	stack_fixture_destroy(f);
}

/* What the user gave it is in the way, and the error says how it goes. */
static void
test_in_use(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct ip_prefix addr = prefix("192.0.2.7/32");
	char text[MAC_TEXT_MAX];

	assert_int_equal(l3_off(f, "p1", "'addr del 10.0.1.1/24 dev p1'"), -EBUSY);
	stack_fixture_route(f, "192.0.2.0/24", "dev p1");
	stack_fixture_unaddr(f, "p1", "10.0.1.1/24");
	stack_fixture_unaddr(f, "p1", "2001:db8:1::1/64");
	assert_int_equal(l3_off(f, "p1", "1 static routes"), -EBUSY);
	stack_fixture_unroute(f, "192.0.2.0/24");
	assert_int_equal(l3_off(f, "p1", "neigh del"), -EBUSY);
	for (unsigned i = 2; i < 2 + STACK_FIXTURE_NEIGHS; i++) {
		struct ip_addr neigh;

		snprintf(text, sizeof(text), "10.0.1.%u", i);
		assert_int_equal(ip_addr_parse(text, &neigh), 0);
		assert_int_equal(stack_neigh_remove(f->stack, "p1", &neigh, NULL), 0);
		snprintf(text, sizeof(text), "2001:db8:1::%u", i);
		assert_int_equal(ip_addr_parse(text, &neigh), 0);
		assert_int_equal(stack_neigh_remove(f->stack, "p1", &neigh, NULL), 0);
	}
	assert_int_equal(stack_autoconf_set(f->stack, "p1", true, NULL), 0);
	assert_int_equal(l3_off(f, "p1", "accept-ra off"), -EBUSY);
	assert_int_equal(stack_autoconf_set(f->stack, "p1", false, NULL), 0);
	assert_int_equal(stack_proxy_add(f->stack, "p1", &addr, NULL), 0);
	assert_int_equal(l3_off(f, "p1", "neigh proxy del"), -EBUSY);
	assert_int_equal(stack_proxy_remove(f->stack, "p1", &addr, NULL), 0);
	assert_int_equal(iface(f, "p1")->addr_count, 1); /* nothing was half done */
	assert_int_equal(l3_off(f, "p1", NULL), 0);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true });
	const struct ip_prefix addr = prefix("10.0.1.1/24"), neigh = prefix("10.0.1.2/32");
	const struct mac_addr mac = { { 2, 0, 0, 0, 2, 1 } };
	struct stack_route route = {
		.prefix = prefix("192.0.2.0/24"), .type = STACK_ROUTE_DEV, .iface = "p1"
	};
	struct stack_arping *arping;
	struct error err = { 0 };

	assert_int_equal(stack_loopback_add(f->stack, "lo0", NULL), 0);
	assert_int_equal(l3_off(f, "lo0", "loopback"), -EINVAL);
	assert_int_equal(l3_off(f, "nope", "nope"), -ENOENT);
	assert_int_equal(l3_off(f, "p1", NULL), 0);
	assert_int_equal(stack_addr_add(f->stack, "p1", &addr, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'iface set p1 l3 on'"));
	assert_int_equal(stack_neigh_add(f->stack, "p1", &neigh.addr, &mac, &err), -EINVAL);
	assert_int_equal(stack_proxy_add(f->stack, "p1", &neigh, &err), -EINVAL);
	assert_int_equal(stack_autoconf_set(f->stack, "p1", true, &err), -EINVAL);
	assert_int_equal(stack_autoconf_set(f->stack, "p1", false, &err), 0);
	assert_int_equal(stack_route_add(f->stack, &route, false, &err), -EINVAL);
	route.type = STACK_ROUTE_VIA;
	route.path_count = 1;
	route.paths[0] = (struct stack_path){ .gateway = neigh.addr, .iface = "p1", .weight = 1 };
	assert_int_equal(stack_route_add(f->stack, &route, false, &err), -EINVAL);
	assert_int_equal(
		stack_arping_create(f->stack, "p1", &neigh.addr, NULL, NULL, &arping, &err),
		-EINVAL);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carries_nothing),
		cmocka_unit_test(test_on_again),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
