/* SPDX-License-Identifier: BSD-3-Clause */
/* A stack that is polled only when it says is the same as one that is polled all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define SECOND_NS UINT64_C(1000000000)
/* How late the coarse one may be: its step, and that of the control thread. */
#define LATE_NS  20000000
#define SENT_MAX 256

struct sent {
	uint64_t time_ns;
	size_t length;
	uint8_t bytes[256];
};

struct record {
	unsigned count;
	struct sent sent[SENT_MAX];
};

static void
sent_collect(struct stack_fixture *f, struct record *record)
{
	for (unsigned port = 0; port < f->config.ports; port++) {
		struct rte_mbuf *pkt;

		while ((pkt = stack_fixture_take(f, port)) != NULL) {
			struct sent *sent = &record->sent[record->count++];

			assert_in_range(record->count, 1, SENT_MAX);
			assert_in_range(pkt->pkt_len, 1, sizeof(sent->bytes));
			sent->time_ns = f->now_ns;
			sent->length = pkt->pkt_len;
			memcpy(sent->bytes, rte_pktmbuf_mtod(pkt, const void *), sent->length);
			rte_pktmbuf_free(pkt);
		}
	}
}

/* Let time pass: to each event, or in steps of 10 ms. */
static void
pass(struct stack_fixture *f, bool exact, unsigned seconds, struct record *record)
{
	const uint64_t end_ns = f->now_ns + seconds * SECOND_NS;

	stack_fixture_run(f);
	sent_collect(f, record);
	while (f->now_ns < end_ns) {
		uint64_t next_ns = exact ? stack_fixture_next_ns(f) : f->now_ns + 10000000;

		f->now_ns = RTE_MIN(RTE_MAX(next_ns, f->now_ns + 1), end_ns);
		stack_fixture_run(f);
		sent_collect(f, record);
	}
}

/* Addresses that are proven and told of; neighbours that answer, and that do not; fragments. */
static void
life(bool exact, struct record *record)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){
		.strangers = true, .announce = true, .dad = true, .mld = true, .seed = 5 });
	struct error err = { 0 };

	assert_int_equal(stack_autoconf_set(f->stack, "p0", true, &err), 0);
	pass(f, exact, 15, record);
	/* p1's host is asked for, three times, in vain: its sender hears so, who is asked for too. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	pass(f, exact, 10, record);
	stack_fixture_rx(f, 0, .src = "2001:db8::9", .dst = "2001:db8:1::2");
	/* To us, and never whole. */
	stack_fixture_rx(
		f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .frag = 0x2000, .payload_length = 24);
	pass(f, exact, 70, record);
	/* A gateway that fails is asked again and again while a group has it. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.7 10.0.1.8");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.1");
	pass(f, exact, 20, record);
	stack_fixture_unroute(f, "192.0.2.0/24");
	pass(f, exact, 20, record);
	stack_fixture_destroy(f);
}

static void
jumping_to_the_next_event_changes_nothing(void **state)
{
	static struct record coarse, exact;

	life(false, &coarse);
	life(true, &exact);
	assert_in_range(exact.count, 30, SENT_MAX);
	assert_int_equal(exact.count, coarse.count);
	for (unsigned i = 0; i < exact.count; i++) {
		const struct sent *a = &exact.sent[i], *b = &coarse.sent[i];

		assert_int_equal(a->length, b->length);
		assert_memory_equal(a->bytes, b->bytes, a->length);
		assert_in_range(a->time_ns, b->time_ns - LATE_NS, b->time_ns + LATE_NS);
	}
}

static void
an_idle_stack_has_no_events(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	stack_fixture_advance(f, 1000);
	assert_int_equal(stack_fixture_next_ns(f), UINT64_MAX);
	stack_fixture_destroy(f);
}

static void
what_waits_on_a_ring_is_due_at_once(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .strangers = true });

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	worker_poll(f->stack->workers[0], f->now_ns);
	assert_int_equal(stack_next_event_ns(f->stack), 0);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(worker_next_event_ns(f->stack->workers[0]), 0);
	stack_fixture_run(f);
	assert_int_not_equal(stack_fixture_next_ns(f), 0);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jumping_to_the_next_event_changes_nothing),
		cmocka_unit_test(an_idle_stack_has_no_events),
		cmocka_unit_test(what_waits_on_a_ring_is_due_at_once),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
