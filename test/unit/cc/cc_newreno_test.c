/* SPDX-License-Identifier: BSD-3-Clause */
/* NewReno against RFC 5681, RFC 8511, and the model of its throughput. */
#include "unit/cc/cc_link.h"

/* RFC 5681 equation 3: one segment a round, whatever the window is. */
static void
a_segment_a_round(void **state)
{
	const uint32_t windows[] = { 2, 10, 1000, 100000 };

	for (unsigned i = 0; i < 4; i++) {
		struct cc cc = cc_avoiding("newreno", windows[i]);
		uint64_t now_us = 0;

		for (unsigned round = 0; round < 10; round++)
			round_run(&cc, &now_us, 100000);
		/* A window grows within a round, too: somewhat less than a segment. */
		assert_in_range(cc.cwnd_bytes, (windows[i] + 7) * MSS, (windows[i] + 10) * MSS);
	}
}

/* RFC 3465 2.1: one acknowledgment for the whole round brings as much as one a segment. */
static void
stretched_acknowledgments_count_bytes(void **state)
{
	struct cc cc = cc_avoiding("newreno", 50);
	struct cc_ack ack = ack_at(&cc, 1, 100000);

	ack.acked_bytes = ack.delivered_bytes = 50 * MSS;
	cc_ack(&cc, &ack);
	assert_int_equal(cc.cwnd_bytes, 51 * MSS);
	ack.acked_bytes = 500 * MSS; /* no more than a window */
	cc_ack(&cc, &ack);
	assert_int_equal(cc.cwnd_bytes, 52 * MSS);
}

/* RFC 5681 equation 4, and RFC 8511 2 where it is not turned off. */
static void
what_congestion_costs(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	lose(&cc, CC_LOSS, 1);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
	lose(&cc, CC_ECN, 2);
	assert_int_equal(cc.cwnd_bytes, 40 * MSS);
	cc.no_abe = true;
	lose(&cc, CC_ECN, 3);
	assert_int_equal(cc.cwnd_bytes, 20 * MSS);
	/* Of what is in flight, not of cwnd. */
	cc_congestion(
		&cc, &(struct cc_congestion){ .signal = CC_LOSS, .in_flight_bytes = 10 * MSS });
	assert_int_equal(cc.cwnd_bytes, 5 * MSS);
}

static uint32_t least, most;

static void
watch_window(const struct link_sender *sender, const struct link *link, uint32_t rtt_us)
{
	if (sender->losses < 2 || sender->in_recovery)
		return;
	least = least < sender->cc.cwnd_bytes ? least : sender->cc.cwnd_bytes;
	most = most > sender->cc.cwnd_bytes ? most : sender->cc.cwnd_bytes;
}

/* The saw: from half of what link and queue hold to all of it, W/2 rounds later. */
static void
the_saw(void **state)
{
	struct link link = link_of(20, 50, 1); /* 125 segments in the link, 125 in its queue */
	struct link_sender sender;

	least = UINT32_MAX;
	most = 0;
	sender_init(&sender, "newreno", 0);
	sender.watch = watch_window;
	link_run(&link, &sender, 1, 120);
	assert_near(most, 250 * MSS, 3);
	assert_near(least, 125 * MSS, 3);
	/* 125 rounds of 50 to 100 ms, 75 in the mean. */
	assert_near((double)sender.losses, 120 / (125 * 0.075), 15);
	assert_int_equal(sender.timeouts, 0);
	/* A queue of one bandwidth-delay product keeps the link busy. */
	assert_between(link_used(&link, sender.delivered, 120), 0.97, 1);
	sender_fini(&sender);
}

/* Mathis and others, 1997: MSS / RTT * sqrt(3 / 2p). */
static void
throughput_with_random_loss(void **state)
{
	const double losses[] = { 0.0005, 0.002, 0.005 };

	for (unsigned i = 0; i < 3; i++) {
		struct link link = link_of(1000, 40, 1);
		struct link_sender sender;

		link.loss_ppb = (uint32_t)(losses[i] * 1e9);
		sender_init(&sender, "newreno", 0);
		link_run(&link, &sender, 1, 400);
		assert_near((double)sender.delivered / 400, sqrt(1.5 / losses[i]) / 0.04, 20);
		sender_fini(&sender);
	}
}

static void
two_flows_share(void **state)
{
	assert_between(link_fairness(link_of(20, 40, 1), "newreno", 120), 0.95, 1);
}

/* With marks at half of the queue nothing is lost, and ABE keeps the link busier than without. */
static void
marks_instead_of_losses(void **state)
{
	double delivered[2];

	for (unsigned without = 0; without < 2; without++) {
		struct link link = link_of(20, 50, 1);
		struct link_sender sender;

		link.mark_bytes = 20 * MSS; /* a queue that is kept short */
		sender_init(&sender, "newreno", 0);
		sender.cc.no_abe = without;
		link_run(&link, &sender, 1, 60);
		assert_in_range(sender.marks, 10, 1000);
		assert_int_equal(sender.timeouts, 0);
		delivered[without] = link_used(&link, sender.delivered, 60);
		sender_fini(&sender);
	}
	assert_between(delivered[0], delivered[1] * 1.05, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_a_round),
		cmocka_unit_test(stretched_acknowledgments_count_bytes),
		cmocka_unit_test(what_congestion_costs),
		cmocka_unit_test(the_saw),
		cmocka_unit_test(throughput_with_random_loss),
		cmocka_unit_test(two_flows_share),
		cmocka_unit_test(marks_instead_of_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
