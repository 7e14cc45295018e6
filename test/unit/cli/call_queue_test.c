/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/call_queue.h"

#define CALLERS 64

/* A thread that calls once. */
struct caller {
	pthread_t thread;
	struct call_queue *queue;
	unsigned timeout_ms;
	int rc;
	unsigned runs;
	pthread_t ran_on;
};

static void
count_run(void *arg)
{
	struct caller *caller = arg;

	caller->runs++;
	caller->ran_on = pthread_self();
}

static void *
caller_main(void *arg)
{
	struct caller *caller = arg;

	caller->rc = call_queue_call(caller->queue, count_run, caller, caller->timeout_ms);
	return NULL;
}

static void
callers_start(struct call_queue *queue, struct caller *callers, unsigned count, unsigned timeout_ms)
{
	for (unsigned i = 0; i < count; i++) {
		callers[i] = (struct caller){ .queue = queue, .timeout_ms = timeout_ms, .rc = 1 };
		assert_int_equal(
			pthread_create(&callers[i].thread, NULL, caller_main, &callers[i]), 0);
	}
}

static void
callers_join(struct caller *callers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		pthread_join(callers[i].thread, NULL);
}

static void
wait_for_callers(struct call_queue *queue, unsigned count)
{
	for (;;) {
		unsigned waiting;

		pthread_mutex_lock(&queue->mutex);
		waiting = queue->count;
		pthread_mutex_unlock(&queue->mutex);
		if (waiting == count)
			return;
		usleep(100);
	}
}

static void
runs_on_the_polling_thread(void **state)
{
	struct call_queue queue;
	struct caller caller;

	call_queue_init(&queue);
	assert_false(call_queue_poll(&queue));
	callers_start(&queue, &caller, 1, 60000);
	while (!call_queue_poll(&queue))
		usleep(100);
	callers_join(&caller, 1);
	assert_int_equal(caller.rc, 0);
	assert_int_equal(caller.runs, 1);
	assert_true(pthread_equal(caller.ran_on, pthread_self()));
	assert_false(call_queue_poll(&queue));
	call_queue_close(&queue);
}

static void
nobody_waits_longer_than_said(void **state)
{
	struct call_queue queue;
	struct caller caller;

	call_queue_init(&queue);
	callers_start(&queue, &caller, 1, 20);
	callers_join(&caller, 1);
	assert_int_equal(caller.rc, -ETIMEDOUT);
	/* What nobody waits for is not run: its argument may be gone. */
	assert_false(call_queue_poll(&queue));
	assert_int_equal(caller.runs, 0);
	call_queue_close(&queue);
}

static void
few_may_wait(void **state)
{
	struct caller callers[CALL_QUEUE_MAX], extra;
	struct call_queue queue;

	call_queue_init(&queue);
	callers_start(&queue, callers, CALL_QUEUE_MAX, 60000);
	wait_for_callers(&queue, CALL_QUEUE_MAX);
	callers_start(&queue, &extra, 1, 60000);
	callers_join(&extra, 1);
	assert_int_equal(extra.rc, -EBUSY);
	while (call_queue_poll(&queue))
		;
	callers_join(callers, CALL_QUEUE_MAX);
	for (unsigned i = 0; i < CALL_QUEUE_MAX; i++) {
		assert_int_equal(callers[i].rc, 0);
		assert_int_equal(callers[i].runs, 1);
	}
	call_queue_close(&queue);
}

static void
close_refuses(void **state)
{
	struct caller callers[CALL_QUEUE_MAX], late;
	struct call_queue queue;

	call_queue_init(&queue);
	callers_start(&queue, callers, CALL_QUEUE_MAX, 60000);
	wait_for_callers(&queue, CALL_QUEUE_MAX);
	call_queue_close(&queue);
	callers_join(callers, CALL_QUEUE_MAX);
	for (unsigned i = 0; i < CALL_QUEUE_MAX; i++) {
		assert_int_equal(callers[i].rc, -ESHUTDOWN);
		assert_int_equal(callers[i].runs, 0);
	}
	callers_start(&queue, &late, 1, 60000);
	callers_join(&late, 1);
	assert_int_equal(late.rc, -ESHUTDOWN);
}

/* Many, with deadlines that strike while the control thread is at it: each is run once or never. */
static void
deadlines_race_with_runs(void **state)
{
	static struct caller callers[CALLERS];
	struct call_queue queue;
	unsigned run = 0, expected = 0;

	call_queue_init(&queue);
	for (unsigned round = 0; round < 20; round++) {
		callers_start(&queue, callers, CALLERS, round % 3);
		for (unsigned i = 0; i < 200; i++)
			run += call_queue_poll(&queue) ? 1 : 0;
		callers_join(callers, CALLERS);
		assert_false(call_queue_poll(&queue));
		for (unsigned i = 0; i < CALLERS; i++) {
			assert_true(callers[i].rc == 0 || callers[i].rc == -ETIMEDOUT ||
				callers[i].rc == -EBUSY);
			assert_int_equal(callers[i].runs, callers[i].rc == 0);
			expected += callers[i].runs;
		}
	}
	assert_int_equal(run, expected);
	call_queue_close(&queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_on_the_polling_thread),
		cmocka_unit_test(nobody_waits_longer_than_said),
		cmocka_unit_test(few_may_wait),
		cmocka_unit_test(close_refuses),
		cmocka_unit_test(deadlines_race_with_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
