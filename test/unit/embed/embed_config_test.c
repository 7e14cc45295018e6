/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user configures: done, taken back, and refused with an errno and a sentence. */
#include "unit/embed/embed_fixture.h"

static void
test_ifaces(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);
	char mac[SPATE_MAC_TEXT], other[SPATE_MAC_TEXT];

	expect(spate_iface_add(stack, "e0", SPATE_LINK_ETHERNET, 1500, NULL), 0);
	expect(spate_iface_add(stack, "e0", SPATE_LINK_IP, 0, NULL), -EEXIST);
	expect(spate_iface_add(stack, "e1", (enum spate_link)2, 0, NULL), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, 67, NULL), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, SPATE_MTU_MAX + 1, NULL), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, 65536 + 1500, NULL), -EINVAL);
	expect(spate_iface_add(stack, "1e", SPATE_LINK_IP, 0, NULL), -EINVAL);
	expect(spate_iface_add(stack, "", SPATE_LINK_IP, 0, NULL), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, 0, "a mac"), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, 0, "01:00:00:00:00:00"), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_IP, 0, "00:00:00:00:00:00"), -EINVAL);
	expect(spate_iface_add(stack, "e1", SPATE_LINK_ETHERNET, 0, "02:00:00:00:01:00"), 0);
	expect(spate_iface_mac(stack, "e1", mac), 0);
	assert_string_equal(mac, "02:00:00:00:01:00");
	expect(spate_iface_mac(stack, "e0", mac), 0);
	expect(spate_iface_mac(stack, "e2", mac), -ENOENT);
	expect(spate_iface_remove(stack, "e0"), 0);
	expect(spate_iface_remove(stack, "e0"), -ENOENT);
	expect(spate_iface_set_up(stack, "e0", 1), -ENOENT);
	expect(spate_iface_add(stack, "e0", SPATE_LINK_ETHERNET, 0, NULL), 0);
	expect(spate_iface_mac(stack, "e0", other), 0);
	assert_string_not_equal(mac, other);
	spate_destroy(stack);
}

static void
test_iface_bound(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);
	char name[16];

	for (unsigned i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "i%u", i);
		expect(spate_iface_add(stack, name, SPATE_LINK_IP, 0, NULL), 0);
	}
	expect(spate_iface_add(stack, "i64", SPATE_LINK_IP, 0, NULL), -ENOSPC);
	spate_destroy(stack);
}

static void
test_addrs(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);

	expect(spate_addr_add(stack, "i0", "10.0.0.1/24"), -EEXIST);
	expect(spate_addr_add(stack, "i1", "10.0.1.1/24"), -ENOENT);
	expect(spate_addr_add(stack, "i0", "10.0.0.256/24"), -EINVAL);
	expect(spate_addr_add(stack, "i0", "10.0.2.1/33"), -EINVAL);
	expect(spate_addr_add(stack, "i0", ""), -EINVAL);
	expect(spate_addr_add(stack, "i0", "224.0.0.1/24"), -EINVAL);
	expect(spate_addr_remove(stack, "i0", "10.0.0.9/24"), -ENOENT);
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
		.spoil = PACKET_NO_ETHER);
	take_out(stack, "i0", .src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO,
		.spoil = PACKET_NO_ETHER);
	expect(spate_addr_remove(stack, "i0", "10.0.0.1/24"), 0);
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
		.spoil = PACKET_NO_ETHER);
	expect_silence(stack, "i0");
	spate_destroy(stack);
}

static void
test_routes(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);

	expect(spate_route_add(stack, "192.0.2.0/24", NULL, NULL), -EINVAL);
	expect(spate_route_add(stack, "192.0.2.0/24", NULL, "i1"), -ENOENT);
	expect(spate_route_add(stack, "192.0.2.0/24", "10.0.0.2", "i1"), -ENOENT);
	expect(spate_route_add(
		       stack, "192.0.2.0/24", NULL, "a-name-that-is-much-longer-than-any-name"),
		-ENOENT);
	expect(spate_route_add(stack, "192.0.2.1/24", "10.0.0.2", NULL), -EINVAL);
	expect(spate_route_add(stack, "192.0.2.0/24", "2001:db8::2", NULL), -EINVAL);
	expect(spate_route_add(stack, "192.0.2.0/24", "gateway", NULL), -EINVAL);
	expect(spate_route_add(stack, "somewhere", "10.0.0.2", NULL), -EINVAL);
	expect(spate_route_add(stack, "192.0.2.0/24", "10.0.0.2", NULL), 0);
	expect(spate_route_add(stack, "192.0.2.0/24", "10.0.0.3", NULL), -EEXIST);
	expect(spate_route_add(stack, "2001:db8:1::/48", "fe80::2", "i0"), 0);
	expect(spate_iface_remove(stack, "i0"), -EBUSY);
	expect(spate_route_remove(stack, "2001:db8:1::/48"), 0);
	expect(spate_route_remove(stack, "192.0.2.0/24"), 0);
	expect(spate_route_remove(stack, "192.0.2.0/24"), -ENOENT);
	expect(spate_route_remove(stack, "nowhere"), -EINVAL);
	expect(spate_iface_remove(stack, "i0"), 0);
	spate_destroy(stack);
}

static void
test_neighs(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);

	expect(spate_neigh_add(stack, "e1", "10.0.0.2", "02:00:00:00:02:00"), -ENOENT);
	expect(spate_neigh_add(stack, "e0", "10.0.0.2", "ff:ff:ff:ff:ff:ff"), -EINVAL);
	expect(spate_neigh_add(stack, "e0", "10.0.0.2", "02:00"), -EINVAL);
	expect(spate_neigh_add(stack, "e0", "10.0.0", "02:00:00:00:02:00"), -EINVAL);
	expect(spate_neigh_add(stack, "e0", "10.0.0.1", "02:00:00:00:02:00"), -EINVAL);
	expect(spate_neigh_remove(stack, "e0", "10.0.0.2"), -ENOENT);
	expect(spate_neigh_add(stack, "e0", "10.0.0.2", "02:00:00:00:02:00"), 0);
	expect(spate_neigh_remove(stack, "e0", "10.0.0.2"), 0);
	expect(spate_neigh_remove(stack, "e0", "10.0.0.X"), -EINVAL);
	spate_destroy(stack);
}

static char heard[256];

static void
hear(const char *line)
{
	snprintf(heard, sizeof(heard), "%s", line);
}

static void
test_log(void **state)
{
	struct spate *stack;

	spate_log_set(hear);
	stack = stack_on(SPATE_LINK_IP);
	assert_non_null(strstr(heard, "i0"));
	spate_log_set(NULL);
	heard[0] = '\0';
	expect(spate_iface_remove(stack, "i0"), 0);
	assert_string_equal(heard, "");
	spate_destroy(stack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ifaces),
		cmocka_unit_test(test_iface_bound),
		cmocka_unit_test(test_addrs),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_neighs),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
