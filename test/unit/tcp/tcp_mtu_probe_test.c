/* SPDX-License-Identifier: BSD-3-Clause */
/* A path that carries less for a while: how segments become larger again. Links lose what is too large, silently. */
#include "unit/tcp/tcp_pair.h"

#include <errno.h>

#define HEADERS 52 /* with timestamps */

static struct pair *pair;
static struct {
	uint32_t mtu;
	bool ends_with_probe, ended; /* nothing gets through, from a probe on */
} link_;

/* A filter. */
static bool
link_passes(struct pair *other, const struct pair_segment *segment)
{
	link_.ended |= link_.ends_with_probe && segment->length + HEADERS == 1500;
	return !link_.ended &&
		(segment->from != PAIR_CLIENT || segment->length + HEADERS <= link_.mtu);
}

static int
setup(void **state)
{
	pair = pair_create(1);
	memset(&link_, 0, sizeof(link_));
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 262144;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 262144;
	pair->config.segments_max = 1024;
	/* So that minutes are not gigabytes. */
	pair->settings.pacing_rate = 50000;
	pair->filter = link_passes;
	pair->ends[PAIR_CLIENT].to_send = UINT64_MAX;
	return 0;
}

static int
teardown(void **state)
{
	assert_true(pair->ends[PAIR_SERVER].intact);
	pair_destroy(pair);
	return 0;
}

static struct tcp_info
client_info(void)
{
	return pair_info(pair, PAIR_CLIENT);
}

/* Until it is noticed that a path carries less than so much. */
static void
shrink_wait(uint32_t mtu)
{
	for (unsigned i = 0; client_info().pmtu >= mtu; i++) {
		assert_in_range(i, 0, 1000);
		pair_run_for(pair, SECOND_NS / 10);
	}
}

/* Open, with a link that carries as much. @return what segments have become after the black hole was noticed */
static uint32_t
black_hole(uint32_t mtu)
{
	link_.mtu = mtu;
	pair_start(pair);
	pair_listen(pair, 1);
	pair_connect(pair);
	shrink_wait(1500);
	return client_info().pmtu;
}

/* What is lost of probes is no congestion: cwnd does not become smaller, nor is anything recovered. */
static void
test_search(void **state)
{
	struct tcp_info before;

	assert_int_equal(black_hole(1400), 1280);
	pair_run_for(pair, 5 * SECOND_NS);
	before = client_info();
	pair_run_for(pair, 60 * SECOND_NS);
	assert_in_range(client_info().pmtu, 1400 - 32, 1400);
	assert_int_equal(client_info().snd_mss, client_info().pmtu - HEADERS);
	assert_int_equal(client_info().recoveries, before.recoveries);
	assert_int_equal(client_info().timeouts, before.timeouts);
	assert_true(client_info().cwnd >= before.cwnd);
	assert_in_range(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 6, 16);
	/* What was lost is sent again, in two. */
	assert_in_range(client_info().bytes_retransmitted - before.bytes_retransmitted, 1,
		pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes) * 1500);
}

/* It was none: a probe is enough. */
static void
test_all_at_once(void **state)
{
	assert_int_equal(black_hole(1280), 1280);
	link_.mtu = 1500;
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 1);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_raised), 1);
}

/* What was found out holds for ten minutes, and is then doubted. */
static void
test_later(void **state)
{
	uint64_t probes;

	assert_int_equal(black_hole(1280), 1280);
	pair_run_for(pair, 60 * SECOND_NS);
	probes = pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes);
	assert_true(probes > 3);
	link_.mtu = 1500;
	pair_run_for(pair, 500 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), probes);
	assert_in_range(client_info().pmtu, 1280, 1280 + 32);
	pair_run_for(pair, 100 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
}

/* Told by a router: the same. */
static void
test_told(void **state)
{
	struct tcp_icmp icmp = { .error = EMSGSIZE, .mtu = 1300 };

	link_.mtu = 1500;
	pair_start(pair);
	pair_open(pair);
	icmp.tuple = pair_tuple(pair, PAIR_CLIENT);
	icmp.seq = pair_last(pair, PAIR_CLIENT)->fields.seq;
	assert_true(tcp_icmp_input(pair->ends[PAIR_CLIENT].core, &icmp));
	assert_int_equal(client_info().pmtu, 1300);
	pair_run_for(pair, 590 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 0);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
}

/* With losses of other reasons, too, all arrives, and the path's MTU is found. */
static void
test_with_losses(void **state)
{
	assert_int_equal(black_hole(1400), 1280);
	pair->link.loss_ppb = 5000000;
	pair->link.reorder_ppb = 5000000;
	pair_run_for(pair, 120 * SECOND_NS);
	assert_in_range(client_info().pmtu, 1400 - 64, 1400);
}

/* Segments that are cut behind lib/tcp do not have a probe among them; and packets that were handed over are joined. */
static void
test_with_tso(void **state)
{
	pair->config.offload.tso = true;
	pair->settings.pacing_rate = 0;
	assert_int_equal(black_hole(1400), 1280);
	pair->ends[PAIR_CLIENT].hand_over = true;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_in_range(client_info().pmtu, 1400 - 32, 1400);
	assert_int_equal(client_info().snd_mss, client_info().pmtu - HEADERS);
}

/* What fills a window, cwnd or the peer's, waits a moment: then there is room. */
static void
test_full_windows(void **state)
{
	pair->settings.pacing_rate = 0;
	pair->link.delay_ns = 500 * MS_NS;
	assert_int_equal(black_hole(1280), 1280);
	pair_run_for(pair, 8 * SECOND_NS);
	link_.mtu = 1500;
	pair_run_for(pair, 12 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 1);
}

/* Until the next probe is under way. */
static void
probe_wait(void)
{
	for (unsigned i = 0; !client_info().mtu_probe_out; i++) {
		assert_in_range(i, 0, 60000);
		pair_run_for(pair, MS_NS);
	}
}

/* RFC 8899 4.6.2: a router says what it carries of a probe, and that is tried next. */
static void
test_too_big(void **state)
{
	struct tcp_icmp icmp = { .error = EMSGSIZE, .mtu = 1434 };
	uint64_t fails;

	assert_int_equal(black_hole(1434), 1280);
	probe_wait();
	icmp.tuple = pair_tuple(pair, PAIR_CLIENT);
	/* Of another segment, or of more than it was, it says nothing. */
	icmp.seq = pair_last(pair, PAIR_CLIENT)->fields.seq - 1;
	tcp_icmp_input(pair->ends[PAIR_CLIENT].core, &icmp);
	assert_true(client_info().mtu_probe_out);
	for (unsigned i = 1; pair_last(pair, PAIR_CLIENT)->length + HEADERS != 1500; i++) {
		assert_in_range(i, 1, 100);
		pair_run_for(pair, MS_NS);
	}
	icmp.seq = pair_last(pair, PAIR_CLIENT)->fields.seq;
	icmp.mtu = 1500;
	tcp_icmp_input(pair->ends[PAIR_CLIENT].core, &icmp);
	assert_true(client_info().mtu_probe_out);
	icmp.mtu = 1434;
	fails = client_info().recoveries;
	tcp_icmp_input(pair->ends[PAIR_CLIENT].core, &icmp);
	assert_false(client_info().mtu_probe_out);
	assert_int_equal(client_info().pmtu, 1280);
	pair_run_for(pair, 3 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1434);
	assert_int_equal(client_info().recoveries, fails);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_raised), 1);
}

/* Not by its pace: that does not let cwnd grow again after a time-out (RFC 7661). */
static void
slow_by_window(void)
{
	pair->settings.pacing_rate = 0;
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 16384;
	pair->link.delay_ns = 250 * MS_NS;
}

/* RFC 4821 7.6.4: a time-out says nothing of the probe that was out: so all is still tried first. */
static void
test_time_out(void **state)
{
	slow_by_window();
	assert_int_equal(black_hole(1280), 1280);
	link_.mtu = 1500;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t timeouts = 0;

		link_.ends_with_probe = true;
		for (unsigned j = 0; !link_.ended || client_info().timeouts == timeouts; j++) {
			assert_in_range(j, 0, 300);
			if (!link_.ended)
				timeouts = client_info().timeouts;
			pair_run_for(pair, SECOND_NS / 10);
		}
		link_.ended = link_.ends_with_probe = false;
	}
	assert_int_equal(client_info().pmtu, 1280);
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_raised), 1);
}

/* A path that takes back what a probe had found is not believed for ten minutes. */
static void
test_taken_back(void **state)
{
	uint64_t probes;

	slow_by_window();
	assert_int_equal(black_hole(1280), 1280);
	link_.mtu = 1500;
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
	link_.mtu = 1280;
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1280);
	probes = pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes);
	pair_run_for(pair, 500 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), probes);
	pair_run_for(pair, 130 * SECOND_NS);
	assert_true(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes) > probes);
}

/* Without SACK nobody knows what was lost; and nothing is tried. */
static void
test_without_sack(void **state)
{
	pair->config.sack = false;
	assert_int_equal(black_hole(1280), 1280);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 0);
}

static uint32_t path_mtu;

static uint32_t
path_mtu_of_test(void *arg, const struct tcp_tuple *tuple)
{
	/* The server's has always carried as much. */
	return tuple->local_port == PAIR_PORT ? 1500 : path_mtu;
}

/* What was known of the path when it began may be forgotten while it lasts; the peer's MSS is the bound. */
static void
test_known_at_first(void **state)
{
	pair->settings.mtu = 0;
	pair->config.path_mtu = path_mtu_of_test;
	path_mtu = 1300;
	link_.mtu = 9000;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(client_info().pmtu, 1300);
	assert_int_equal(client_info().pmtu_most, 1500);
	pair_run_for(pair, 620 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1300);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 0);
	path_mtu = 9000;
	pair_run_for(pair, 620 * SECOND_NS);
	assert_int_equal(client_info().pmtu, 1500);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 1);
}

/* Who has little to send does not probe. */
static void
test_nothing_to_probe_with(void **state)
{
	const uint8_t bytes[1300] = { 0 };

	pair->ends[PAIR_CLIENT].to_send = 20000;
	assert_int_equal(black_hole(1400), 1280);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(tcp_unacked(pair->ends[PAIR_CLIENT].conn), 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core,
					 pair->ends[PAIR_CLIENT].conn, bytes, sizeof(bytes)),
			sizeof(bytes));
		pair_run_for(pair, SECOND_NS);
	}
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_probes), 0);
	/* These were no pattern. */
	pair->ends[PAIR_SERVER].intact = true;
}

#define PROBE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROBE_TEST(test_search),
		PROBE_TEST(test_all_at_once),
		PROBE_TEST(test_later),
		PROBE_TEST(test_told),
		PROBE_TEST(test_with_losses),
		PROBE_TEST(test_with_tso),
		PROBE_TEST(test_full_windows),
		PROBE_TEST(test_too_big),
		PROBE_TEST(test_time_out),
		PROBE_TEST(test_taken_back),
		PROBE_TEST(test_without_sack),
		PROBE_TEST(test_known_at_first),
		PROBE_TEST(test_nothing_to_probe_with),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
