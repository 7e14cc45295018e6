/* SPDX-License-Identifier: BSD-3-Clause */
/* A firewall that takes windows as they stand in the header, and what only looks like one. */
#include "unit/tcp/tcp_pair.h"

#include "base/sequence.h"

#define SENT 300000

static struct pair *pair;
static struct {
	uint32_t edge; /* what the client may send, by what was seen */
	bool seen, off, all_lost;
	unsigned lost;
} firewall;

/* A filter. */
static bool
firewall_passes(struct pair *other, const struct pair_segment *segment)
{
	const struct tcp_fields *fields = &segment->fields;

	if (segment->from == PAIR_SERVER) {
		if (!firewall.seen || seq_after(fields->ack + fields->window, firewall.edge))
			firewall.edge = fields->ack + fields->window;
		firewall.seen = true;
		return true;
	}
	if (segment->length == 0 || firewall.off ||
		(!firewall.all_lost && !seq_after(fields->seq + segment->length, firewall.edge)))
		return true;
	firewall.lost++;
	return false;
}

static int
setup(void **state)
{
	pair = pair_create(1);
	memset(&firewall, 0, sizeof(firewall));
	pair->settings.receive_buffer = 131072;
	pair->settings.receive_buffer_max = 4U << 20;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 262144;
	pair->filter = firewall_passes;
	pair->ends[PAIR_CLIENT].to_send = SENT;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

static bool
all_arrived(void)
{
	const struct pair_end *server = &pair->ends[PAIR_SERVER];

	return server->received == pair->ends[PAIR_CLIENT].to_send && server->intact;
}

/* What is beyond 64 KB goes in windows of a kilobyte each. */
static void
test_firewall(void **state)
{
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 7);
	pair_run_for(pair, 30 * SECOND_NS);
	assert_true(all_arrived());
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scale_fallbacks), 1);
}

/* An ACK of the server's, so many bytes behind its last. @return whether it is acceptable */
static bool
old_ack_is_taken(uint32_t behind)
{
	struct tcp_fields fields = pair_last(pair, PAIR_SERVER)->fields;
	const uint64_t bad = pair_stat(pair, PAIR_CLIENT, TCP_STAT_bad_acks);

	fields.ack -= behind;
	pair_inject(pair, PAIR_CLIENT, &fields, &pair_last(pair, PAIR_SERVER)->options, NULL, 0);
	return pair_stat(pair, PAIR_CLIENT, TCP_STAT_bad_acks) == bad;
}

/* RFC 5961 5.2: MAX.SND.WND is that of the scale that was agreed on, before, meanwhile and behind. */
static void
test_old_acks(void **state)
{
	pair->ends[PAIR_CLIENT].to_send = 2000000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 40 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 0);
	assert_true(old_ack_is_taken(100000));
	assert_false(old_ack_is_taken(5U << 20));
	firewall.off = true;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 7);
	assert_true(old_ack_is_taken(100000));
	assert_false(old_ack_is_taken(5U << 20));
}

/* Once it lets scaled windows through they are used again. */
static void
test_firewall_gone(void **state)
{
	pair->ends[PAIR_CLIENT].to_send = 2000000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 40 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 0);
	assert_false(all_arrived());
	firewall.off = true;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 7);
	assert_true(all_arrived());
}

/* While it does not, one time-out a minute is what trying costs. */
static void
test_firewall_stays(void **state)
{
	unsigned timeouts;

	pair->ends[PAIR_CLIENT].to_send = 20000000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 40 * SECOND_NS);
	timeouts = pair_info(pair, PAIR_CLIENT).timeouts;
	pair_run_for(pair, 200 * SECOND_NS);
	assert_in_range(pair_info(pair, PAIR_CLIENT).timeouts - timeouts, 3, 6);
	assert_in_range(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scale_fallbacks), 3, 5);
}

/* What went beyond an unscaled window once says that it is not that. */
static void
test_outage(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint8_t bytes[10000] = { 0 };

	firewall.off = true;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	assert_true(all_arrived());
	firewall.off = false;
	firewall.all_lost = true;
	assert_int_equal(tcp_send(client->core, client->conn, bytes, sizeof(bytes)), sizeof(bytes));
	pair_run_for(pair, 60 * SECOND_NS);
	assert_true(pair_info(pair, PAIR_CLIENT).timeouts > 6);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scale_fallbacks), 0);
}

/* Nor is it, if less is lost as well. */
static void
test_early_outage(void **state)
{
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 10 * MS_NS);
	firewall.all_lost = true;
	pair_run_for(pair, 120 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scale_fallbacks), 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wscale, 7);
	firewall.off = true;
	pair_run_for(pair, 240 * SECOND_NS);
	assert_true(all_arrived());
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scale_fallbacks), 1);
}

#define SCALE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCALE_TEST(test_firewall),
		SCALE_TEST(test_old_acks),
		SCALE_TEST(test_firewall_gone),
		SCALE_TEST(test_firewall_stays),
		SCALE_TEST(test_outage),
		SCALE_TEST(test_early_outage),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
