/* SPDX-License-Identifier: BSD-3-Clause */
/* MAC addresses of ports, promiscuous mode, and the groups that ports let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/ip6.h"

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

/* Whether an echo request to a MAC address of p0 is answered. */
static bool
answers(struct stack_fixture *f, const char *mac)
{
	struct rte_mbuf *pkt;

	stack_fixture_rx(f, 0, .eth_dst = mac, .src = "10.0.0.2", .dst = "10.0.0.1",
		.icmp_type = ICMP4_ECHO_REQUEST);
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 0);
	rte_pktmbuf_free(pkt);
	return pkt != NULL;
}

static void
test_added(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct mac_addr mac = { { 0, 0, 0x5e, 0, 1, 7 } };
	struct error err = { 0 };

	assert_false(answers(f, "00:00:5e:00:01:07"));
	assert_int_equal(stack_fixture_drops(f, DROP_ether_not_ours), 1);
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, &err), 0);
	assert_true(answers(f, "00:00:5e:00:01:07"));
	assert_true(answers(f, "02:00:00:00:01:00"));
	assert_false(answers(f, "00:00:5e:00:01:06"));
	/* Forwarded, too. */
	stack_fixture_rx(
		f, 0, .eth_dst = "00:00:5e:00:01:07", .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
		.dst = "10.0.1.2", .ttl = 63);
	assert_int_equal(stack_port_mac_remove(f->stack, "p0", &mac, &err), 0);
	assert_false(answers(f, "00:00:5e:00:01:07"));
	assert_int_equal(stack_port_mac_remove(f->stack, "p0", &mac, &err), -ENOENT);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct mac_addr own = { { 2, 0, 0, 0, 1, 0 } }, group = { { 1, 0, 0x5e } };
	const struct mac_addr zero = { { 0 } };
	struct mac_addr mac = { { 0, 0, 0x5e, 0, 1, 0 } };
	struct error err = { 0 };

	assert_int_equal(stack_port_mac_add(f->stack, "p0", &own, &err), -EEXIST);
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &group, &err), -EINVAL);
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &zero, &err), -EINVAL);
	assert_int_equal(stack_port_mac_add(f->stack, "p9", &mac, &err), -ENOENT);
	assert_int_equal(stack_port_set_mac(f->stack, "p0", &group, &err), -EINVAL);
	f->wires[0]->failures.add_mac = EIO;
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, &err), -EIO);
	assert_int_equal(iface(f, "p0")->mac_count, 0);
	f->wires[0]->failures.add_mac = 0;
	for (unsigned i = 0; i < PORT_MAC_MAX; i++) {
		mac.bytes[5] = (uint8_t)i;
		assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, &err), 0);
	}
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, &err), -EEXIST);
	assert_int_equal(stack_port_set_mac(f->stack, "p0", &mac, &err), -EEXIST);
	mac.bytes[5] = PORT_MAC_MAX;
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, &err), -ENOSPC);
	assert_true(answers(f, "00:00:5e:00:01:0f"));
	f->wires[0]->failures.set_mac = EIO;
	assert_int_equal(stack_port_set_mac(f->stack, "p0", &mac, &err), -EIO);
	assert_true(answers(f, "02:00:00:00:01:00"));
	stack_fixture_destroy(f);
}

/* All that is sent has it, VLANs follow, and the links are told. */
static void
test_own(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .announce = true });
	const struct vlan_tag tag = { .type = ETHER_TYPE_VLAN, .id = 100 };
	const struct mac_addr mac = { { 2, 0, 0, 0, 0xaa, 1 } };
	const struct ip_addr link_local = ip6_link_local(mac.bytes);
	unsigned broadcasts = 0, multicasts = 0;
	struct rte_mbuf *pkt;

	assert_int_equal(stack_vlan_add(f->stack, "p1.100", "p1", &tag, NULL), 0);
	stack_fixture_addr(f, "p1.100", "10.9.0.1/24");
	stack_fixture_neigh(f, "p1.100", "10.9.0.2", "02:00:00:00:09:02");
	stack_fixture_advance(f, 10000);
	port_double_flush(f->wires[1]);
	assert_int_equal(stack_port_set_mac(f->stack, "p1", &mac, NULL), 0);
	stack_fixture_advance(f, 20);
	while ((pkt = stack_fixture_take(f, 1)) != NULL) {
		const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);

		assert_true(mac_addr_equal(&hdr->src, &mac));
		broadcasts += mac_addr_is_broadcast(&hdr->dst);
		multicasts += !mac_addr_is_broadcast(&hdr->dst);
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(broadcasts, 2); /* an address of IPv4 each */
	assert_int_equal(multicasts, 3); /* one of IPv6, and two that are link-local */
	assert_true(iface_addr_is_own(iface(f, "p1"), &link_local));
	assert_true(iface_addr_is_own(iface(f, "p1.100"), &link_local));
	stack_fixture_advance(f, 10000);
	port_double_flush(f->wires[0]);
	port_double_flush(f->wires[1]);

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 63,
		.eth_dst = "02:00:00:00:02:01", .eth_src = "02:00:00:00:aa:01");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.9.0.2", .ttl = 63,
		.eth_dst = "02:00:00:00:09:02", .eth_src = "02:00:00:00:aa:01",
		.vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } });
	/* The old one is nobody's. */
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.0.2");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ether_not_ours), 1);
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:aa:01", .src = "10.0.1.2", .dst = "10.0.0.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .src = "10.0.1.2", .dst = "10.0.0.2", .ttl = 63,
		.eth_dst = "02:00:00:00:02:00");
	stack_fixture_destroy(f);
}

static void
test_promiscuous(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_int_equal(stack_port_set_promiscuous(f->stack, "p0", true, &err), 0);
	assert_int_equal(f->wires[0]->calls.set_promiscuous, 1);
	/* What comes in to others is not delivered, nor forwarded. */
	stack_fixture_rx(
		f, 0, .eth_dst = "02:00:00:00:99:99", .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_false(answers(f, "02:00:00:00:99:99"));
	assert_int_equal(stack_fixture_drops(f, DROP_ether_not_ours), 2);
	stack_fixture_expect_silence(f);
	f->wires[0]->failures.set_promiscuous = EIO;
	assert_int_equal(stack_port_set_promiscuous(f->stack, "p0", false, &err), -EIO);
	assert_int_equal(stack_port_set_promiscuous(f->stack, "p9", true, &err), -ENOENT);
	stack_fixture_destroy(f);
}

static bool
lets_in(const struct port_double *wire, const char *text)
{
	struct mac_addr mac;

	assert_int_equal(mac_addr_parse(text, &mac), 0);
	for (unsigned i = 0; i < wire->group_count; i++) {
		if (mac_addr_equal(&wire->groups[i], &mac))
			return true;
	}
	return wire->groups_all;
}

/* The device's list follows the addresses, and is told again to a device that was stopped. */
static void
test_groups(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct vlan_tag tag = { .type = ETHER_TYPE_VLAN, .id = 100 };
	struct port_double *wire = f->wires[0];
	struct error err = { 0 };

	assert_int_equal(stack_port_set_allmulticast(f->stack, "p0", false, &err), 0);
	assert_int_equal(wire->group_count, 6);
	assert_true(lets_in(wire, "01:00:5e:00:00:01"));
	assert_true(lets_in(wire, "33:33:00:00:00:01"));
	assert_true(lets_in(wire, "33:33:00:00:00:02"));
	assert_true(lets_in(wire, "33:33:ff:00:00:01")); /* 2001:db8:0::1 */
	assert_true(lets_in(wire, "33:33:ff:00:00:00")); /* 2001:db8:0:: */
	assert_true(lets_in(wire, "33:33:ff:00:01:00")); /* link-local */
	assert_int_equal(stack_vlan_add(f->stack, "p0.100", "p0", &tag, NULL), 0);
	stack_fixture_addr(f, "p0.100", "2001:db8:9::1234/64");
	assert_true(lets_in(wire, "33:33:ff:00:12:34"));
	stack_fixture_unaddr(f, "p0.100", "2001:db8:9::1234/64");
	assert_false(lets_in(wire, "33:33:ff:00:12:34"));
	wire->group_count = 0;
	assert_int_equal(stack_port_down(f->stack, "p0", NULL), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", NULL), 0);
	assert_int_equal(wire->group_count, 6);
	assert_int_equal(stack_port_set_allmulticast(f->stack, "p0", true, &err), 0);
	assert_true(wire->groups_all);
	stack_fixture_addr(f, "p0.100", "2001:db8:9::1234/64");
	assert_true(wire->groups_all);
	wire->failures.set_groups = ENOTSUP;
	assert_int_equal(stack_port_set_allmulticast(f->stack, "p0", false, &err), -ENOTSUP);
	stack_fixture_destroy(f);
}

/* More than a device can be told of: it lets all in. */
static void
test_too_many_groups(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct port_double *wire = f->wires[0];
	char text[64];

	assert_int_equal(stack_port_set_allmulticast(f->stack, "p0", false, NULL), 0);
	for (unsigned i = 0; i <= PORT_GROUP_MAX / 60; i++) {
		const struct vlan_tag tag = { ETHER_TYPE_VLAN, (uint16_t)(i + 1) };

		snprintf(text, sizeof(text), "p0.%u", i + 1);
		assert_int_equal(stack_vlan_add(f->stack, text, "p0", &tag, NULL), 0);
		for (unsigned j = 0; j < 60; j++) {
			char addr[64];

			snprintf(addr, sizeof(addr), "2001:db8:100:%x::%x/64", i + 1,
				0x1000 + i * 60 + j);
			stack_fixture_addr(f, text, addr);
		}
	}
	assert_true(wire->groups_all);
	assert_int_equal(stack_iface_remove(f->stack, text, NULL), 0);
	assert_int_equal(stack_iface_remove(f->stack, "p0.1", NULL), 0);
	stack_fixture_addr(f, "p0", "2001:db8:9::1234/64");
	assert_false(wire->groups_all);
	assert_true(lets_in(wire, "33:33:ff:00:12:34"));
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_promiscuous),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_too_many_groups),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
