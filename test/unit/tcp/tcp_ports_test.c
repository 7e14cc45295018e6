/* SPDX-License-Identifier: BSD-3-Clause */
/* What other workers are told of a worker's connections, while these begin and end. */
#include "unit/tcp/tcp_pair.h"

#include <pthread.h>

/* As often it is asked while connections come and go, one after the other with the same ends. */
#define QUESTIONS 2000000

/* Another worker of the server's stack, that is asked all the time who has the tuple. */
struct observer {
	struct tcp_core *core;
	struct tcp_tuple tuple;
	bool stop;
	uint64_t asked, missed;
};

static void *
observe(void *arg)
{
	struct observer *observer = arg;

	while (!__atomic_load_n(&observer->stop, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&observer->asked, 1, __ATOMIC_RELAXED);
		observer->missed += !tcp_tuple_is_used(observer->core, &observer->tuple);
	}
	return NULL;
}

/* The server ends first: so it waits, and a new SYN takes the place of what waits. */
static void
connection_make_and_end(struct pair *pair)
{
	struct pair_end *ends = pair->ends;

	pair_connect(pair);
	pair_run_for(pair, 5 * pair->link.delay_ns);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
	tcp_close(ends[PAIR_SERVER].core, ends[PAIR_SERVER].conn);
	ends[PAIR_SERVER].conn = NULL;
	pair_run_for(pair, 2 * pair->link.delay_ns);
	tcp_close(ends[PAIR_CLIENT].core, ends[PAIR_CLIENT].conn);
	ends[PAIR_CLIENT].conn = NULL;
	pair_run_for(pair, 5 * pair->link.delay_ns);
}

/*
 * From the first SYN on the server's worker has the tuple: half open, as a connection, in TIME-WAIT,
 * and from there again half open. No other worker is ever told that nobody has it.
 */
static void
test_no_gap_between_states(void **state)
{
	struct pair *pair = pair_create(1);
	struct tcp_ports *ports = tcp_ports_create();
	struct tcp_config config;
	struct observer observer = { .tuple = pair_tuple(pair, PAIR_SERVER) };
	unsigned connections = 0;
	pthread_t thread;

	assert_non_null(ports);
	/* The client is of another stack, but in the way of nobody: its port is another. */
	pair->config.ports = ports;
	pair_start(pair);
	config = pair->config;
	config.worker = 1;
	assert_int_equal(tcp_core_create(&config, pair->now_ns, &observer.core), 0);
	assert_false(tcp_tuple_is_used(observer.core, &observer.tuple));
	pair_listen(pair, 4);
	connection_make_and_end(pair);
	assert_int_equal(pthread_create(&thread, NULL, observe, &observer), 0);
	for (; __atomic_load_n(&observer.asked, __ATOMIC_RELAXED) < QUESTIONS; connections++)
		connection_make_and_end(pair);
	__atomic_store_n(&observer.stop, true, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_time_wait_reused), connections);
	assert_int_equal(observer.missed, 0);
	pair_run_for(pair, 61 * SECOND_NS);
	assert_false(tcp_tuple_is_used(observer.core, &observer.tuple));
	tcp_core_destroy(observer.core);
	pair_destroy(pair);
	tcp_ports_destroy(ports);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_gap_between_states),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
