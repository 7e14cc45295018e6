/* SPDX-License-Identifier: BSD-3-Clause */
/* Jobs that control has workers do: on the worker's thread, between two loops, and waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_lcore.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

struct job {
	struct worker_msg msg;
	struct worker *worker;
	unsigned lcore, runs;
};

static int
setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

static void
job_run(struct worker *w, struct worker_msg *msg)
{
	struct job *job = (struct job *)msg;

	job->worker = w;
	job->lcore = rte_lcore_id();
	job->runs++;
}

/* Workers that do not run can't be waited for: the caller does it. */
static void
test_stopped(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2 });
	struct job job = { .msg.run = job_run };

	for (unsigned i = 0; i < 2; i++) {
		mailbox_call(f->stack->workers[i], &job.msg);
		assert_ptr_equal(job.worker, f->stack->workers[i]);
		assert_int_equal(job.lcore, rte_lcore_id());
		assert_int_equal(job.runs, i + 1);
		assert_true(job.msg.done);
	}
	stack_fixture_destroy(f);
}

static void
test_running(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 4, .threads = true });
	struct job job = { .msg.run = job_run };
	struct ring_stats ring;

	for (unsigned i = 0; i < 400; i++) {
		mailbox_call(f->stack->workers[i % 4], &job.msg);
		assert_ptr_equal(job.worker, f->stack->workers[i % 4]);
		assert_int_equal(job.lcore, i % 4 + 1);
		assert_int_equal(job.runs, i + 1);
	}
	for (unsigned i = 0; i < 4; i++) {
		stack_ring_stats(f->stack, i, 0, &ring);
		assert_string_equal(ring.name, "mailbox");
		assert_int_equal(ring.enqueued, 100);
		assert_int_equal(ring.depth, 0);
		assert_int_equal(ring.drops, 0);
	}
	stack_fixture_destroy(f);
}

/* A worker that sleeps because nothing comes still does its jobs. */
static void
test_sleeping(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 1, .threads = true });
	struct job job = { .msg.run = job_run };
	struct worker_stats stats = { 0 };

	while (stats.sleeps < 10)
		stack_worker_stats(f->stack, 0, &stats);
	for (unsigned i = 0; i < 20; i++)
		mailbox_call(f->stack->workers[0], &job.msg);
	assert_int_equal(job.runs, 20);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_sleeping),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
