/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces: loopbacks, admin state, MTU. VLANs are stack_vlan_test.c, addresses stack_addr_test.c. */
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

/* It is local whatever interface a packet came by. */
static void
test_loopback_answers(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_int_equal(stack_loopback_add(f->stack, "lo0", &err), 0);
	stack_fixture_addr(f, "lo0", "192.0.2.1/32");
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2",
		.dst = "192.0.2.1", .icmp_type = ICMP4_ECHO_REQUEST);
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "192.0.2.1",
		.dst = "10.0.1.2", .icmp_type = PACKET_ZERO, .spoil = PACKET_ANY_ID);
	stack_fixture_destroy(f);
}

static void
test_admin_down_sends_nothing(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_int_equal(stack_iface_set_admin(f->stack, "p1", false, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2"); /* static neighbour */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77"); /* unknown */
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops_all(f), 2);
	assert_int_equal(stack_iface_set_admin(f->stack, "p1", true, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
		.dst = "10.0.1.2", .ttl = 63);
	stack_fixture_destroy(f);
}

static void
test_mtu(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_int_equal(stack_iface_set_mtu(f->stack, "p1", 1280, &err), 0);
	stack_fixture_rx(
		f, 0, .src = "2001:db8::2", .dst = "2001:db8:1::2", .payload_length = 1280 - 48);
	stack_fixture_run(f);
	assert_int_equal(port_double_sent(f->wires[1], 0), 1);
	stack_fixture_rx(
		f, 0, .src = "2001:db8::2", .dst = "2001:db8:1::2", .payload_length = 1281 - 48);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip6_too_big), 1);
	assert_int_equal(stack_iface_set_mtu(f->stack, "p1", 1501, &err), -EINVAL);
	assert_int_equal(stack_iface_set_mtu(f->stack, "p1", PORT_MTU_MIN - 1, &err), -EINVAL);
	assert_int_equal(stack_iface_set_mtu(f->stack, "p9", 1500, &err), -ENOENT);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback_answers),
		cmocka_unit_test(test_admin_down_sends_nothing),
		cmocka_unit_test(test_mtu),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
