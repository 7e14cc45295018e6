/* SPDX-License-Identifier: BSD-3-Clause */
/* TIME-WAIT on a worker where nobody listens, and a SYN for a listener on another: RFC 6191, 9293 3.6.1. */
#include <errno.h>

#include "base/sequence.h"
#include "unit/tcp/tcp_pair_link.h"

#define ADDR_ELSEWHERE 99

/* The server's workers: what arrives comes to the one that is at the link, `linked`. */
static struct {
	struct pair *pair;
	struct tcp_ports *ports;
	struct tcp_core *cores[2];
	unsigned linked;
	struct tcp_listener *listener; /* of worker 1 */
	struct tcp_conn *conn; /* that it has accepted */
	struct pkt_vec handover;
	uint32_t before; /* what worker 0 had sent up to */
} server;

static int
setup(void **state)
{
	struct pair *pair = pair_create(1);

	memset(&server, 0, sizeof(server));
	server.pair = pair;
	server.ports = tcp_ports_create();
	assert_non_null(server.ports);
	pair->config.ports = server.ports;
	pair->out.handover = &server.handover;
	return 0;
}

static int
teardown(void **state)
{
	tcp_core_destroy(server.cores[1 - server.linked]);
	pair_destroy(server.pair);
	tcp_ports_destroy(server.ports);
	return 0;
}

static void
handover_deliver(void)
{
	for (unsigned hops = 0; server.handover.count > 0; hops++) {
		struct pkt_vec taken = server.handover, one = { .count = 1 };

		/* From one to the other, and back: no further. */
		assert_in_range(hops, 0, 2);
		server.handover.count = 0;
		for (uint32_t i = 0; i < taken.count; i++) {
			one.pkts[0] = taken.pkts[i];
			tcp_input_handed(server.cores[pkt_meta(one.pkts[0])->worker], &one,
				&server.pair->out);
		}
	}
}

/* A millisecond of both workers, with what they hand over to each other. */
static void
step(void)
{
	struct pair *pair = server.pair;
	struct tcp_core *behind = server.cores[1 - server.linked];
	struct tcp_event event;

	pair_run_for(pair, MS_NS);
	tcp_now_set(behind, pair->now_ns);
	handover_deliver();
	while (tcp_events(server.cores[1], &event, 1) == 1) {
		if (event.listener != NULL && event.listener == server.listener)
			server.conn = tcp_accept(server.cores[1], server.listener, NULL);
	}
	tcp_timers(behind, &pair->out);
	tcp_flush(behind, &pair->out);
	pair_link_send(pair, PAIR_SERVER, &pair->send4);
	pair->send4.count = 0;
}

static void
run_for(uint64_t ns)
{
	for (uint64_t i = 0; i < ns / MS_NS; i++)
		step();
}

/* A connection on worker 0, which ends first there; then only worker 1 listens, on an address. */
static void
time_wait_make(uint8_t host)
{
	struct pair *pair = server.pair;
	struct pair_end *ends = pair->ends;
	struct tcp_config config;
	struct tcp_bind bind = {
		.addr.family = IP_FAMILY_4, .addr.bytes = { 10, [3] = host }, .port = PAIR_PORT
	};

	pair_start(pair);
	server.cores[0] = ends[PAIR_SERVER].core;
	config = pair->config;
	config.worker = 1;
	config.half_open_max = 1;
	assert_int_equal(tcp_core_create(&config, pair->now_ns, &server.cores[1]), 0);
	pair_open(pair);
	tcp_close(ends[PAIR_SERVER].core, ends[PAIR_SERVER].conn);
	ends[PAIR_SERVER].conn = NULL;
	pair_run_for(pair, 2 * pair->link.delay_ns);
	server.before = pair_last(pair, PAIR_SERVER)->fields.seq + 1;
	tcp_close(ends[PAIR_CLIENT].core, ends[PAIR_CLIENT].conn);
	ends[PAIR_CLIENT].conn = NULL;
	pair_run_for(pair, 5 * pair->link.delay_ns);
	assert_int_equal(tcp_stats(server.cores[0])[TCP_STAT_time_waits], 1);
	tcp_unlisten(server.cores[0], ends[PAIR_SERVER].listener);
	ends[PAIR_SERVER].listener = NULL;
	assert_int_equal(
		tcp_listen(server.cores[1], &bind, &pair->settings, 8, NULL, &server.listener), 0);
}

static bool
waits_still(void)
{
	struct tcp_tuple tuple = pair_tuple(server.pair, PAIR_SERVER);

	return tcp_tuple_is_used(server.cores[0], &tuple) &&
		tcp_stats(server.cores[0])[TCP_STAT_time_wait_reused] == 0;
}

static void
follows(void)
{
	struct pair *pair = server.pair;

	pair_connect(pair);
	run_for(2 * pair->link.delay_ns);
	/* Beyond whatever may be on its way, though hardly a time has passed. */
	assert_true(pair_last(pair, PAIR_SERVER)->fields.flags & TCP_SYN);
	assert_true(seq_after(pair_last(pair, PAIR_SERVER)->fields.seq, server.before + 65535));
	assert_int_equal(tcp_stats(server.cores[1])[TCP_STAT_passive_opens], 0);
	run_for(3 * pair->link.delay_ns);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	if (server.conn == NULL)
		server.conn = pair->ends[PAIR_SERVER].conn;
	assert_non_null(server.conn);
	assert_int_equal(tcp_conn_state(server.conn), TCP_ESTABLISHED);
}

/* It comes to the worker of TIME-WAIT, which goes once the other has what follows. */
static void
test_to_the_one_that_waits(void **state)
{
	time_wait_make(2);
	follows();
	assert_int_equal(tcp_stats(server.cores[0])[TCP_STAT_time_wait_reused], 1);
}

/* It comes to the worker that listens, and by the one of TIME-WAIT back there. */
static void
test_to_the_one_that_listens(void **state)
{
	time_wait_make(2);
	server.linked = 1;
	server.pair->ends[PAIR_SERVER].core = server.cores[1];
	server.pair->ends[PAIR_SERVER].listener = server.listener;
	follows();
}

/* RFC 1337: who listens on another address refuses it, and that ends nothing. */
static void
test_refused(void **state)
{
	time_wait_make(ADDR_ELSEWHERE);
	pair_connect(server.pair);
	run_for(5 * server.pair->link.delay_ns);
	assert_int_equal(server.pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	assert_true(waits_still());
}

/* A cookie would leave nothing there that has what waits here go. */
static void
test_no_cookie(void **state)
{
	struct pair *pair = server.pair;

	time_wait_make(2);
	pair_inject(pair, PAIR_SERVER,
		&(struct tcp_fields){
			.src_port = 5000, .seq = 1, .flags = TCP_SYN, .window = 1000 },
		NULL, NULL, 0);
	run_for(pair->link.delay_ns);
	pair_connect(pair);
	run_for(5 * pair->link.delay_ns);
	assert_int_equal(pair->drop_counts[DROP_tcp_half_open_full], 1);
	assert_int_equal(tcp_stats(server.cores[1])[TCP_STAT_cookies_sent], 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	assert_true(waits_still());
}

#define WAIT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WAIT_TEST(test_to_the_one_that_waits),
		WAIT_TEST(test_to_the_one_that_listens),
		WAIT_TEST(test_refused),
		WAIT_TEST(test_no_cookie),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
