/* SPDX-License-Identifier: BSD-3-Clause */
/* The timer wheel: never early, late by a tick at most, against a plain list of what is armed. */
#include "base/timer_wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/random.h"

#define TICK_NS (1ULL << TIMER_WHEEL_SHIFT)
#define COUNT   200
#define MANY    (20 * TIMER_WHEEL_DEAL)

static struct timer_wheel wheel;

static void
test_strikes_once_in_time(void **state)
{
	struct timer_node node = { 0 };

	timer_wheel_init(&wheel, 0);
	assert_true(timer_wheel_next_ns(&wheel) == UINT64_MAX);
	timer_wheel_arm(&wheel, &node, 10 * TICK_NS + 1);
	assert_true(timer_is_armed(&node));
	timer_wheel_advance(&wheel, 10 * TICK_NS);
	assert_null(timer_wheel_take(&wheel));
	timer_wheel_advance(&wheel, 12 * TICK_NS);
	assert_ptr_equal(timer_wheel_take(&wheel), &node);
	assert_false(timer_is_armed(&node));
	assert_null(timer_wheel_take(&wheel));
}

/* One that has struck and is stopped before it is taken is not taken. */
static void
test_stopped_after_it_struck(void **state)
{
	struct timer_node nodes[2] = { 0 };

	timer_wheel_init(&wheel, 0);
	timer_wheel_arm(&wheel, &nodes[0], TICK_NS);
	timer_wheel_arm(&wheel, &nodes[1], TICK_NS);
	timer_wheel_advance(&wheel, 5 * TICK_NS);
	assert_int_equal(timer_wheel_next_ns(&wheel), 0);
	timer_stop(&nodes[1]);
	assert_ptr_equal(timer_wheel_take(&wheel), &nodes[0]);
	assert_null(timer_wheel_take(&wheel));
}

/* Who takes fewer than strike does not keep the first ones waiting for ever. */
static void
test_first_come_first(void **state)
{
	struct timer_node nodes[COUNT] = { 0 };
	unsigned armed = 0, taken = 0, batch_end = 10;

	timer_wheel_init(&wheel, 0);
	for (uint64_t now = 0; armed < COUNT; now += 2 * TICK_NS) {
		for (unsigned i = 0; i < 10; i++)
			timer_wheel_arm(&wheel, &nodes[armed++], now);
		timer_wheel_advance(&wheel, now + 2 * TICK_NS);
		for (unsigned i = 0; i < 5; i++, taken++) {
			const struct timer_node *node = timer_wheel_take(&wheel);

			/* What has struck while a batch was taken is the next. */
			if (taken == batch_end)
				batch_end = armed;
			assert_non_null(node);
			assert_true((unsigned)(node - nodes) < batch_end);
		}
		assert_int_equal(timer_wheel_next_ns(&wheel), 0);
	}
}

/* Beyond what all levels reach, and over the boundary at which they wrap. */
static void
test_far_and_across_boundaries(void **state)
{
	const unsigned covered = TIMER_WHEEL_BITS * TIMER_WHEEL_LEVELS;
	const uint64_t start = (3ULL << covered) - 5;
	struct timer_node near = { 0 }, far = { 0 };
	uint64_t due;

	timer_wheel_init(&wheel, start * TICK_NS);
	timer_wheel_arm(&wheel, &near, (start + 10) * TICK_NS);
	due = (start + (5ULL << covered)) * TICK_NS;
	timer_wheel_arm(&wheel, &far, due);
	timer_wheel_advance(&wheel, (start + 9) * TICK_NS);
	assert_null(timer_wheel_take(&wheel));
	timer_wheel_advance(&wheel, (start + 11) * TICK_NS);
	assert_ptr_equal(timer_wheel_take(&wheel), &near);
	timer_wheel_advance(&wheel, due - 1);
	assert_null(timer_wheel_take(&wheel));
	timer_wheel_advance(&wheel, due + TICK_NS);
	assert_ptr_equal(timer_wheel_take(&wheel), &far);
}

/* Armed, moved and stopped at random, over steps of all sizes. */
static void
test_against_a_list(void **state)
{
	struct timer_node nodes[COUNT] = { 0 };
	uint64_t due[COUNT], now = 12345678901;
	struct random random;

	random_init(&random, 1);
	timer_wheel_init(&wheel, now);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned i = (unsigned)random_below(&random, COUNT);
		struct timer_node *node;

		if (random_below(&random, 4) == 0) {
			timer_stop(&nodes[i]);
		} else {
			due[i] = now + (random_draw(&random) >> (22 + random_below(&random, 40)));
			timer_wheel_arm(&wheel, &nodes[i], due[i]);
		}
		if (random_below(&random, 3) == 0) {
			now += random_draw(&random) >> (26 + random_below(&random, 36));
			timer_wheel_advance(&wheel, now);
			while ((node = timer_wheel_take(&wheel)) != NULL)
				assert_true(due[node - nodes] <= now);
			for (i = 0; i < COUNT; i++)
				assert_true(!timer_is_armed(&nodes[i]) || due[i] + TICK_NS > now);
		}
	}
}

/* Whoever sleeps until timer_wheel_next_ns() misses nothing. */
static void
test_next_is_not_late(void **state)
{
	struct timer_node nodes[COUNT] = { 0 };
	unsigned struck = 0, steps = 0;
	struct random random;
	uint64_t last = 0;

	random_init(&random, 2);
	timer_wheel_init(&wheel, 0);
	for (unsigned i = 0; i < COUNT; i++)
		timer_wheel_arm(&wheel, &nodes[i], random_below(&random, 1ULL << 50));
	while (struck < COUNT) {
		uint64_t next = timer_wheel_next_ns(&wheel);
		struct timer_node *node;

		assert_true(next != UINT64_MAX && next >= last);
		last = next;
		timer_wheel_advance(&wheel, next);
		while ((node = timer_wheel_take(&wheel)) != NULL) {
			assert_int_equal(node->tick, next >> TIMER_WHEEL_SHIFT);
			struck++;
		}
		assert_true(++steps < COUNT * TIMER_WHEEL_LEVELS);
	}
}

/* Very many for about the same time, far ahead: no call has to deal them all, and none of the others waits. */
static void
test_many_are_dealt_by_and_by(void **state)
{
	static struct timer_node many[MANY];
	const uint64_t slot = 1ULL << 2 * TIMER_WHEEL_BITS;
	struct timer_node near = { 0 }, *node;
	unsigned struck = 0, calls = 0;
	uint64_t now;

	timer_wheel_init(&wheel, 0);
	for (unsigned i = 0; i < MANY; i++)
		timer_wheel_arm(&wheel, &many[i], (slot + 64 + i / 1000) * TICK_NS);
	timer_wheel_arm(&wheel, &near, (slot + 1) * TICK_NS);
	/* Two that go before it is their turn. */
	timer_stop(&many[0]);
	now = slot * TICK_NS;
	timer_wheel_advance(&wheel, now);
	timer_stop(&many[1]);
	assert_int_equal(timer_wheel_next_ns(&wheel), 0);
	/* The one that was to strike next does, though the others are not all dealt. */
	timer_wheel_advance(&wheel, now + 3 * TICK_NS);
	assert_ptr_equal(timer_wheel_take(&wheel), &near);
	assert_null(timer_wheel_take(&wheel));
	assert_int_equal(timer_wheel_next_ns(&wheel), 0);
	for (now += 80 * TICK_NS; timer_wheel_next_ns(&wheel) == 0; calls++) {
		timer_wheel_advance(&wheel, now);
		while ((node = timer_wheel_take(&wheel)) != NULL) {
			assert_true(node->tick * TICK_NS <= now);
			struck++;
		}
	}
	assert_int_equal(struck, MANY - 2);
	assert_in_range(calls, 18, 24);
	assert_true(timer_wheel_next_ns(&wheel) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strikes_once_in_time),
		cmocka_unit_test(test_stopped_after_it_struck),
		cmocka_unit_test(test_first_come_first),
		cmocka_unit_test(test_far_and_across_boundaries),
		cmocka_unit_test(test_against_a_list),
		cmocka_unit_test(test_next_is_not_late),
		cmocka_unit_test(test_many_are_dealt_by_and_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
