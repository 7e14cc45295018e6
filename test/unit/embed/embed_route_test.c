/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes in words, with several ways, in VRFs; and interfaces of VLANs. */
#include "unit/embed/embed_fixture.h"

/* A router of three links of IP packets: 10.0.I.1/24 on "iI". */
static struct spate *
router(void)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);
	char name[8], addr[32];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "i%u", i);
		snprintf(addr, sizeof(addr), "10.0.%u.1/24", i);
		expect(spate_iface_add(stack, name, SPATE_LINK_IP, 0, NULL), 0);
		expect(spate_addr_add(stack, name, addr), 0);
	}
	return stack;
}

static void
send_flow(struct spate *stack, uint16_t port)
{
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "192.0.2.1", .src_port = port,
		.spoil = PACKET_NO_ETHER);
}

static unsigned
count_out(struct spate *stack, const char *iface)
{
	uint8_t frame[SPATE_FRAME_MAX];
	unsigned count = 0;

	while (spate_output(stack, iface, frame, sizeof(frame)) > 0)
		count++;
	return count;
}

/* Three flows of four take the way with three quarters of the weight. */
static void
test_paths(void **state)
{
	struct spate *stack = router();
	unsigned first, second;

	expect(spate_route_set(
		       stack, NULL, "192.0.2.0/24", "via 10.0.1.2 weight 3 via 10.0.2.2 dev i2"),
		0);
	for (uint16_t port = 1; port <= 400; port++)
		send_flow(stack, port);
	first = count_out(stack, "i1");
	second = count_out(stack, "i2");
	assert_int_equal(first + second, 400);
	assert_in_range(first, 260, 340);
	/* The same flow takes the same way. */
	for (unsigned i = 0; i < 10; i++)
		send_flow(stack, 7);
	first = count_out(stack, "i1");
	assert_int_equal(first + count_out(stack, "i2"), 10);
	assert_true(first == 0 || first == 10);
	/* Another way for the route that is there. */
	expect(spate_route_set(stack, "default", "192.0.2.0/24", "via 10.0.2.2"), 0);
	send_flow(stack, 7);
	assert_int_equal(count_out(stack, "i2"), 1);
	expect(spate_route_unset(stack, NULL, "192.0.2.0/24"), 0);
	expect(spate_route_unset(stack, NULL, "192.0.2.0/24"), -ENOENT);
	spate_destroy(stack);
}

static void
test_kinds(void **state)
{
	struct spate *stack = router();
	uint64_t drops;

	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "dev i1"), 0);
	send_flow(stack, 7);
	assert_int_equal(count_out(stack, "i1"), 1);
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "blackhole"), 0);
	send_flow(stack, 7);
	expect(spate_drops(stack, "route_blackhole", &drops), 0);
	assert_int_equal(drops, 1);
	expect_silence(stack, "i0");
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "unreachable"), 0);
	send_flow(stack, 7);
	assert_int_equal(count_out(stack, "i0"), 1);
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "prohibit"), 0);
	send_flow(stack, 7);
	assert_int_equal(count_out(stack, "i0"), 1);
	spate_destroy(stack);
}

static void
test_words_refused(void **state)
{
	static const char *const ways[] = { "", " ", "via", "via somewhere", "via 10.0.1.2 weight",
		"via 10.0.1.2 weight 0", "via 10.0.1.2 weight x", "via 10.0.1.2 weight -1",
		"via 10.0.1.2 dev", "via 10.0.1.2 10.0.2.2", "dev", "dev i1 i2", "blackhole dev i1",
		"10.0.1.2", "via 2001:db8::2", "VIA 10.0.1.2" };
	struct spate *stack = router();
	char way[300 * 16] = "";

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (spate_route_set(stack, NULL, "192.0.2.0/24", ways[i]) != -EINVAL)
			fail_msg("'%s' is a way", ways[i]);
	}
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "dev i9"), -ENOENT);
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", "via 10.0.1.2 dev i9"), -ENOENT);
	expect(spate_route_set(stack, NULL, "192.0.2.0/24",
		       "via 10.0.1.2 dev a-name-that-is-much-longer-than-any-name"),
		-ENOENT);
	expect(spate_route_set(stack, NULL, "192.0.2.0", "via"), -EINVAL);
	expect(spate_route_set(stack, "red", "192.0.2.0/24", "dev i1"), -ENOENT);
	expect(spate_route_unset(stack, "red", "192.0.2.0/24"), -ENOENT);
	for (unsigned i = 0; i < 257; i++)
		strcat(way, "via 10.0.1.2 ");
	expect(spate_route_set(stack, NULL, "192.0.2.0/24", way), -EINVAL);
	expect(spate_route_unset(stack, NULL, "192.0.2.0/24"), -ENOENT);
	spate_destroy(stack);
}

/* The same subnet twice, and no way from one to the other. */
static void
test_vrfs(void **state)
{
	struct spate *stack = router();

	expect(spate_vrf_add(stack, "red"), 0);
	expect(spate_vrf_add(stack, "red"), -EEXIST);
	expect(spate_vrf_add(stack, ""), -EINVAL);
	expect(spate_iface_set_vrf(stack, "i1", "red"), 0);
	expect(spate_iface_set_vrf(stack, "i1", "blue"), -ENOENT);
	expect(spate_iface_set_vrf(stack, "i9", "red"), -ENOENT);
	expect(spate_route_set(stack, "red", "192.0.2.0/24", "via 10.0.1.2"), 0);
	send_flow(stack, 7);
	expect_silence(stack, "i1");
	assert_int_equal(count_out(stack, "i0"), 1); /* there is no such network */
	expect(spate_iface_set_vrf(stack, "i0", "red"), 0);
	send_flow(stack, 7);
	assert_int_equal(count_out(stack, "i1"), 1);
	/* As the interface has gone, its subnet is free here. */
	expect(spate_addr_add(stack, "i2", "10.0.1.1/24"), 0);
	expect(spate_iface_set_vrf(stack, "i2", "red"), -EEXIST);
	expect(spate_vrf_remove(stack, "red"), -EBUSY);
	expect(spate_route_unset(stack, "red", "192.0.2.0/24"), 0);
	expect(spate_addr_remove(stack, "i2", "10.0.1.1/24"), 0);
	expect(spate_iface_set_vrf(stack, "i0", NULL), 0);
	expect(spate_iface_set_vrf(stack, "i1", NULL), 0);
	expect(spate_vrf_remove(stack, "red"), 0);
	expect(spate_vrf_remove(stack, "red"), -ENOENT);
	spate_destroy(stack);
}

/* Frames with a tag come and go by the parent's link. */
static void
test_vlans(void **state)
{
	const struct vlan_tags tags = { .count = 1, .tags = { { ETHER_TYPE_VLAN, 5 } } };
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);
	char mac[SPATE_MAC_TEXT];
	uint8_t frame[100] = { 0 };

	expect(spate_vlan_add(stack, "e0.5", "e0", SPATE_VLAN_CUSTOMER, 5), 0);
	expect(spate_addr_add(stack, "e0.5", "10.0.5.1/24"), 0);
	expect(spate_neigh_add(stack, "e0.5", "10.0.5.2", "02:00:00:00:02:00"), 0);
	expect(spate_iface_mac(stack, "e0.5", mac), 0);
	assert_string_equal(mac, "02:00:00:00:01:00");
	hand_in(stack, "e0", .src = "10.0.5.2", .dst = "10.0.5.1", .vlan = tags,
		.icmp_type = ICMP4_ECHO_REQUEST);
	take_out(stack, "e0", .src = "10.0.5.1", .dst = "10.0.5.2", .vlan = tags,
		.eth_dst = "02:00:00:00:02:00", .eth_src = "02:00:00:00:01:00",
		.icmp_type = PACKET_ZERO);
	expect(spate_input(stack, "e0.5", frame, sizeof(frame)), -ENOENT);
	expect(spate_output(stack, "e0.5", frame, sizeof(frame)), -ENOENT);
	/* A tag in front of a tag. */
	expect(spate_vlan_add(stack, "s7", "e0", SPATE_VLAN_SERVICE, 7), 0);
	expect(spate_vlan_add(stack, "s7.5", "s7", SPATE_VLAN_CUSTOMER, 5), 0);
	expect(spate_iface_set_up(stack, "e0.5", 0), 0);
	hand_in(stack, "e0", .src = "10.0.5.2", .dst = "10.0.5.1", .vlan = tags,
		.icmp_type = ICMP4_ECHO_REQUEST);
	expect_silence(stack, "e0");
	expect(spate_iface_remove(stack, "e0.5"), 0);
	expect(spate_iface_remove(stack, "e0.5"), -ENOENT);
	expect(spate_iface_remove(stack, "e0"), 0);
	expect(spate_iface_mac(stack, "s7.5", mac), -ENOENT);
	spate_destroy(stack);
}

static void
test_vlans_refused(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);

	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 0, NULL), 0);
	expect(spate_vlan_add(stack, "i0.5", "i0", SPATE_VLAN_CUSTOMER, 5), -EINVAL);
	expect(spate_vlan_add(stack, "v", "e0", SPATE_VLAN_CUSTOMER, 0), -EINVAL);
	expect(spate_vlan_add(stack, "v", "e0", SPATE_VLAN_CUSTOMER, 4095), -EINVAL);
	expect(spate_vlan_add(stack, "v", "e0", SPATE_VLAN_CUSTOMER, 65536 + 5), -EINVAL);
	expect(spate_vlan_add(stack, "v", "e0", (enum spate_vlan)0x9100, 5), -EINVAL);
	expect(spate_vlan_add(stack, "v", "e9", SPATE_VLAN_CUSTOMER, 5), -ENOENT);
	expect(spate_vlan_add(stack, "e0", "e0", SPATE_VLAN_CUSTOMER, 5), -EEXIST);
	expect(spate_vlan_add(stack, "v", "e0", SPATE_VLAN_CUSTOMER, 5), 0);
	expect(spate_vlan_add(stack, "w", "e0", SPATE_VLAN_CUSTOMER, 5), -EEXIST);
	spate_destroy(stack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_words_refused),
		cmocka_unit_test(test_vrfs),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_vlans_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
