/* SPDX-License-Identifier: BSD-3-Clause */
/* What users may have in send queues: bounds, which hold for packet buffers, too. */
#include "unit/tcp/tcp_pair.h"

#include <errno.h>

#define BUFFERS 64
#define OTHERS  20

/* A connection by jumbo frames that is about to begin: what is sent waits. */
static struct pair *
jumbo_pair(void)
{
	struct pair *pair = pair_create(1);

	pair->config.send_buffers_max = BUFFERS;
	pair->settings.mtu = 9000;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 1U << 20;
	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	return pair;
}

static struct tcp_counts
counts_of(const struct pair *pair)
{
	struct tcp_counts counts;

	tcp_counts(pair->ends[PAIR_CLIENT].core, &counts);
	return counts;
}

/* However it ends: those whose data is thrown away are free again. */
static void
end(struct pair *pair)
{
	tcp_abort(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn);
	pair->ends[PAIR_CLIENT].conn = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(counts_of(pair).send_buffers, 0);
	pair_destroy(pair);
}

static void
test_copied_jumbo_segments(void **state)
{
	struct pair *pair = jumbo_pair();
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[9000] = { 0 };
	struct tcp_conn *others[OTHERS];
	uint32_t sent = 0;
	int64_t n;

	while ((n = tcp_send(client->core, client->conn, bytes, sizeof(bytes))) > 0)
		sent += (uint32_t)n;
	assert_int_equal(n, -EAGAIN);
	/* Descriptors are not what is missing, and memory that is there is used. */
	assert_true(counts_of(pair).segments < BUFFERS / 4);
	assert_in_range(counts_of(pair).send_buffers, BUFFERS / 2, BUFFERS);
	assert_int_equal(test_pool_in_use(), counts_of(pair).send_buffers);
	assert_true(sent >= BUFFERS / 2 * 1500);
	/* Others get something, as long as there is anything. */
	for (uint16_t i = 0; i < OTHERS; i++) {
		struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

		tuple.remote_port = (uint16_t)(tuple.remote_port + i + 1);
		assert_int_equal(
			tcp_connect(client->core, &tuple, &pair->settings, NULL, &others[i]), 0);
		n = tcp_send(client->core, others[i], bytes, sizeof(bytes));
		assert_true(i > 0 || n > 0);
	}
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(counts_of(pair).send_buffers, BUFFERS);
	assert_int_equal(test_pool_in_use(), BUFFERS);
	for (unsigned i = 0; i < OTHERS; i++)
		tcp_abort(client->core, others[i]);
	end(pair);
}

static void
test_jumbo_packets_handed_over(void **state)
{
	struct pair *pair = jumbo_pair();
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[1500] = { 0 };
	struct rte_mbuf *pkt;
	int n;

	do {
		pkt = test_mbuf(bytes, sizeof(bytes));
		for (unsigned i = 1; i < 5; i++)
			assert_int_equal(
				rte_pktmbuf_chain(pkt, test_mbuf(bytes, sizeof(bytes))), 0);
		n = tcp_send_pkts(client->core, client->conn, &pkt, 1);
	} while (n == 1);
	assert_int_equal(n, -EAGAIN);
	rte_pktmbuf_free(pkt);
	assert_in_range(counts_of(pair).send_buffers, BUFFERS / 2, BUFFERS);
	assert_int_equal(test_pool_in_use(), counts_of(pair).send_buffers);
	end(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copied_jumbo_segments),
		cmocka_unit_test(test_jumbo_packets_handed_over),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
