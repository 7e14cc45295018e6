/* SPDX-License-Identifier: BSD-3-Clause */
/* Time by the wall clock and by the program, and the timers that run by it. */
#include "unit/embed/embed_fixture.h"

#include <time.h>

#define MS 1000000ULL

static void
test_manual(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);

	assert_int_equal(spate_now(stack), 0);
	spate_poll(stack);
	assert_int_equal(spate_now(stack), 0);
	expect(spate_advance(stack, 0), 0);
	expect(spate_advance(stack, 1), 0);
	assert_int_equal(spate_now(stack), 1);
	expect(spate_advance(stack, 3600000 * MS), 0);
	assert_int_equal(spate_now(stack), 3600000 * MS + 1);
	spate_destroy(stack);
}

static void
test_wall(void **state)
{
	struct spate *stack = stack_of(0);
	uint64_t before;

	spate_poll(stack);
	before = spate_now(stack);
	do {
		spate_poll(stack);
	} while (spate_now(stack) == before);
	assert_true(spate_now(stack) > before);
	expect(spate_advance(stack, 1), -EINVAL);
	spate_destroy(stack);
}

/* By the wall clock it is from now, not from the last call. */
static void
test_wall_timeout(void **state)
{
	const struct timespec pause = { .tv_nsec = 12 * MS };
	struct spate *stack = stack_of(SPATE_DAD);
	uint64_t before, after;

	assert_true(spate_next_timeout(stack) == SPATE_NEVER);
	expect(spate_iface_add(stack, "e0", SPATE_LINK_ETHERNET, 0, "02:00:00:00:01:00"), 0);
	before = spate_next_timeout(stack);
	assert_in_range(before, 0, 2000 * MS);
	nanosleep(&pause, NULL);
	after = spate_next_timeout(stack);
	assert_true(before > 12 * MS ? after <= before - 12 * MS : after == 0);
	spate_destroy(stack);
}

/* Somebody is asked for three times, a second apart, and then given up. */
static void
ask(struct spate *stack)
{
	hand_in(stack, "e0", .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST);
	take_out_arp(stack, ARP_REQUEST);
	expect_silence(stack, "e0");
}

static void
test_timers(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);
	uint64_t count;

	ask(stack);
	for (unsigned i = 0; i < 2; i++) {
		expect(spate_advance(stack, 989 * MS), 0);
		expect_silence(stack, "e0");
		expect(spate_advance(stack, 11 * MS), 0);
		take_out_arp(stack, ARP_REQUEST);
	}
	expect(spate_advance(stack, 1010 * MS), 0);
	expect_silence(stack, "e0");
	expect(spate_drops(stack, "neigh_failed", &count), 0);
	assert_int_equal(count, 1);
	spate_destroy(stack);
}

/* Whoever sleeps for as long as he is told sees all at its time, and is not woken in vain. */
static void
test_next_timeout(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);
	uint64_t asked_ns[2];
	unsigned count = 0, naps = 0;
	uint8_t frame[SPATE_FRAME_MAX];

	assert_true(spate_next_timeout(stack) == SPATE_NEVER);
	ask(stack);
	while (spate_now(stack) < 2500 * MS) {
		uint64_t next_ns = spate_next_timeout(stack);

		assert_in_range(next_ns, 1, 1000 * MS);
		expect(spate_advance(stack, next_ns), 0);
		naps++;
		while (spate_output(stack, "e0", frame, sizeof(frame)) > 0) {
			assert_true(count < 2);
			asked_ns[count++] = spate_now(stack);
		}
	}
	assert_int_equal(count, 2);
	assert_int_equal(asked_ns[0], 1000 * MS);
	assert_int_equal(asked_ns[1], 2000 * MS);
	/* Three questions, and what they leave behind. */
	assert_in_range(naps, 3, 6);
	spate_destroy(stack);
}

/* RFC 4862 5.4: with SPATE_DAD an address is not used before it is known to be unique. */
static void
test_dad(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL | SPATE_DAD);
	uint8_t frame[SPATE_FRAME_MAX];
	unsigned probes = 0;
	uint64_t count;

	expect(spate_iface_add(stack, "e0", SPATE_LINK_ETHERNET, 0, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, "e0", "2001:db8::1/64"), 0);
	expect(spate_neigh_add(stack, "e0", "2001:db8::2", "02:00:00:00:02:00"), 0);
	hand_in(stack, "e0", .src = "2001:db8::2", .dst = "2001:db8::1",
		.icmp_type = ICMP6_ECHO_REQUEST);
	expect_silence(stack, "e0");
	expect(spate_drops(stack, NULL, &count), 0);
	assert_int_equal(count, 1);
	expect(spate_advance(stack, 5000 * MS), 0);
	while (spate_output(stack, "e0", frame, sizeof(frame)) > 0)
		probes += frame[ETHER_HDR_LENGTH + IP6_HDR_LENGTH] == ICMP6_NEIGHBOR_SOLICITATION;
	/* One for the link-local address. */
	assert_int_equal(probes, 2);
	hand_in(stack, "e0", .src = "2001:db8::2", .dst = "2001:db8::1",
		.icmp_type = ICMP6_ECHO_REQUEST);
	take_out(stack, "e0", .src = "2001:db8::1", .dst = "2001:db8::2",
		.icmp_type = ICMP6_ECHO_REPLY, .eth_src = "02:00:00:00:01:00",
		.eth_dst = "02:00:00:00:02:00");
	spate_destroy(stack);
}

/* Fragments that others do not follow are given up after their time: RFC 1122 3.3.2. */
static void
test_reassembly_timeout(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);
	uint8_t frame[SPATE_FRAME_MAX];

	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "10.0.0.1", .frag = 0x2000,
		.payload_length = 40, .spoil = PACKET_NO_ETHER);
	expect(spate_advance(stack, 59900 * MS), 0);
	expect_silence(stack, "i0");
	expect(spate_advance(stack, 200 * MS), 0);
	assert_true(spate_output(stack, "i0", frame, sizeof(frame)) > 28);
	assert_int_equal(frame[IP4_HDR_LENGTH], ICMP4_TIME_EXCEEDED);
	assert_int_equal(frame[IP4_HDR_LENGTH + 1], 1);
	spate_destroy(stack);
}

/* All that a stack sends on its way to an address of its own, with the times. */
static size_t
life(uint64_t seed, uint8_t *bytes, size_t size)
{
	struct spate *stack;
	uint8_t frame[SPATE_FRAME_MAX];
	size_t used = 0;
	int length;

	expect(spate_create_seeded(
		       SPATE_CLOCK_MANUAL | SPATE_DAD | SPATE_ANNOUNCE | SPATE_MLD, seed, &stack),
		0);
	expect(spate_iface_add(stack, "e0", SPATE_LINK_ETHERNET, 0, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, "e0", "10.0.0.1/24"), 0);
	expect(spate_addr_add(stack, "e0", "2001:db8::1/64"), 0);
	for (uint64_t next_ns; (next_ns = spate_next_timeout(stack)) != SPATE_NEVER &&
		spate_now(stack) < 60000 * MS;) {
		expect(spate_advance(stack, next_ns), 0);
		while ((length = spate_output(stack, "e0", frame, sizeof(frame))) > 0) {
			const uint64_t now_ns = spate_now(stack);

			assert_true(used + sizeof(now_ns) + (size_t)length <= size);
			memcpy(bytes + used, &now_ns, sizeof(now_ns));
			memcpy(bytes + used + sizeof(now_ns), frame, (size_t)length);
			used += sizeof(now_ns) + (size_t)length;
		}
	}
	spate_destroy(stack);
	return used;
}

static void
test_seed(void **state)
{
	static uint8_t first[65536], second[65536];
	struct spate *stack;
	size_t length = life(1, first, sizeof(first));

	assert_true(length > 1000);
	assert_int_equal(life(1, second, sizeof(second)), length);
	assert_memory_equal(first, second, length);
	assert_true(
		life(2, second, sizeof(second)) != length || memcmp(first, second, length) != 0);
	expect(spate_create_seeded(SPATE_CLOCK_MANUAL, 0, &stack), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_wall_timeout),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_next_timeout),
		cmocka_unit_test(test_dad),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_reassembly_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
