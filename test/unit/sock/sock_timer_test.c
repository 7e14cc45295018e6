/* SPDX-License-Identifier: BSD-3-Clause */
/* Timers of applications: when they strike, how many at a time, and that none outlives its application. */
#include "unit/sock/sock_fixture.h"

#define MS 1000000ULL
/* Of the wheel, with the loop that finds it. */
#define LATE_NS (1ULL << TIMER_WHEEL_SHIFT)

struct alarm {
	struct sock_timer timer;
	unsigned count;
	uint64_t struck_ns;
	struct sock_app *app;
	uint64_t again_ns; /* 0: it is not set again */
};

static void
alarm_strike(struct sock_app *app, struct sock_timer *timer)
{
	struct alarm *a = (struct alarm *)timer;

	assert_false(sock_timer_is_set(timer));
	a->count++;
	a->struck_ns = sock_now_ns(app->core);
	a->app = app;
	if (a->again_ns != 0)
		sock_timer_set(app, timer, a->struck_ns + a->again_ns);
}

static struct sock_fixture *
fixture(void)
{
	struct sock_fixture *s =
		sock_fixture_create(&(struct stack_fixture_config){ .ports = 1, .bare = true });

	stack_fixture_run(s->f);
	return s;
}

/* By the worker's next events alone, until a time. */
static void
run_until(struct sock_fixture *s, uint64_t end_ns)
{
	uint64_t next_ns;

	while ((next_ns = worker_next_event_ns(s->f->stack->workers[0])) <= end_ns) {
		s->f->now_ns = RTE_MAX(next_ns, s->f->now_ns);
		stack_fixture_run(s->f);
	}
	s->f->now_ns = end_ns;
	stack_fixture_run(s->f);
}

static void
test_strikes_once_and_in_time(void **state)
{
	static const uint64_t delays[] = { 0, 1, LATE_NS, 5 * MS, 40 * MS, 3600 * 1000 * MS };
	struct sock_fixture *s = fixture();
	const uint64_t start_ns = s->f->now_ns;
	struct alarm alarms[RTE_DIM(delays)] = { 0 };

	for (unsigned i = 0; i < RTE_DIM(delays); i++) {
		alarms[i].timer.strike = alarm_strike;
		sock_timer_set(&s->app, &alarms[i].timer, start_ns + delays[i]);
		assert_true(sock_timer_is_set(&alarms[i].timer));
	}
	run_until(s, start_ns + 7200 * 1000 * MS);
	for (unsigned i = 0; i < RTE_DIM(delays); i++) {
		assert_int_equal(alarms[i].count, 1);
		assert_ptr_equal(alarms[i].app, &s->app);
		assert_in_range(
			alarms[i].struck_ns, start_ns + delays[i], start_ns + delays[i] + LATE_NS);
	}
	assert_int_equal(worker_next_event_ns(s->f->stack->workers[0]), UINT64_MAX);
	sock_fixture_destroy(s);
}

/* One that waits a long time does not keep the worker from knowing what time it is. */
static void
test_moved_cleared_and_set_again(void **state)
{
	struct sock_fixture *s = fixture();
	const uint64_t start_ns = s->f->now_ns;
	struct alarm moved = { .timer.strike = alarm_strike };
	struct alarm cleared = { .timer.strike = alarm_strike };
	struct alarm again = { .timer.strike = alarm_strike, .again_ns = 10 * MS };

	sock_timer_set(&s->app, &moved.timer, start_ns + 10 * MS);
	sock_timer_set(&s->app, &cleared.timer, start_ns + 10 * MS);
	sock_timer_set(&s->app, &again.timer, start_ns + 10 * MS);
	run_until(s, start_ns + 5 * MS);
	sock_timer_set(&s->app, &moved.timer, start_ns + 20 * MS);
	sock_timer_clear(&cleared.timer);
	assert_false(sock_timer_is_set(&cleared.timer));
	sock_timer_clear(&cleared.timer);
	run_until(s, start_ns + 15 * MS);
	assert_int_equal(moved.count, 0);
	assert_int_equal(again.count, 1);
	run_until(s, start_ns + 100 * MS);
	assert_int_equal(moved.count, 1);
	assert_in_range(moved.struck_ns, start_ns + 20 * MS, start_ns + 20 * MS + LATE_NS);
	assert_int_equal(cleared.count, 0);
	assert_in_range(again.count, 9, 10);
	sock_timer_clear(&again.timer);
	run_until(s, start_ns + 200 * MS);
	assert_in_range(again.count, 9, 10);
	sock_fixture_destroy(s);
}

/* Many that are due at once do not keep the worker from its packets. */
static void
test_a_loop_is_bounded(void **state)
{
	enum { COUNT = 3 * SOCK_TIMERS_A_LOOP + 7 };
	struct sock_fixture *s = fixture();
	struct worker *w = s->f->stack->workers[0];
	struct alarm *alarms = calloc(COUNT, sizeof(*alarms));
	unsigned struck = 0, loops = 0;

	assert_non_null(alarms);
	for (unsigned i = 0; i < COUNT; i++) {
		alarms[i].timer.strike = alarm_strike;
		sock_timer_set(&s->app, &alarms[i].timer, s->f->now_ns + MS);
	}
	s->f->now_ns += 2 * MS;
	for (; struck < COUNT; loops++) {
		unsigned before = struck;

		assert_true(worker_poll(w, s->f->now_ns));
		struck = 0;
		for (unsigned i = 0; i < COUNT; i++)
			struck += alarms[i].count;
		assert_in_range(struck - before, 1, SOCK_TIMERS_A_LOOP);
	}
	assert_int_equal(loops, 4);
	/* Set to a time that has passed, from its own call: the next one is later. */
	alarms[0].again_ns = 1;
	sock_timer_set(&s->app, &alarms[0].timer, 0);
	stack_fixture_run(s->f);
	assert_int_equal(alarms[0].count, 1);
	s->f->now_ns += 2 * LATE_NS;
	stack_fixture_run(s->f);
	assert_int_equal(alarms[0].count, 2);
	sock_fixture_destroy(s);
	free(alarms);
}

/* Whose instance ends has no timers; another's stay. */
static void
test_an_application_ends(void **state)
{
	struct sock_fixture *s = fixture();
	struct sock_app other = { .ops = &sock_fixture_ops, .state = s };
	struct alarm first = { .timer.strike = alarm_strike };
	struct alarm second = { .timer.strike = alarm_strike };

	assert_int_equal(sock_app_start(s->f->stack->workers[0]->socks, &other, NULL), 0);
	sock_timer_set(&s->app, &first.timer, s->f->now_ns + MS);
	sock_timer_set(&other, &second.timer, s->f->now_ns + MS);
	sock_app_stop(&other);
	assert_false(sock_timer_is_set(&second.timer));
	run_until(s, s->f->now_ns + 3 * MS);
	assert_int_equal(first.count, 1);
	assert_int_equal(second.count, 0);
	sock_timer_set(&s->app, &first.timer, s->f->now_ns + MS);
	sock_fixture_destroy(s);
	assert_false(sock_timer_is_set(&first.timer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strikes_once_and_in_time),
		cmocka_unit_test(test_moved_cleared_and_set_again),
		cmocka_unit_test(test_a_loop_is_bounded),
		cmocka_unit_test(test_an_application_ends),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
