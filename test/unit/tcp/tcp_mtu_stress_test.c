/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Probes of the path's MTU among everything else, from many seeds: a path that carries more or less from one
 * moment to the next, without a word, and loses, repeats and reorders; readers that stop; sequence numbers that
 * wrap; an end while a probe is out. RFC 4821 7.
 */
#include <stdlib.h>

#include "base/sequence.h"
#include "unit/tcp/tcp_pair.h"

#define SEEDS     60
#define FOLLOWERS 4 /* segments behind a probe: RFC 4821 7.4 */

static struct pair *pair;
static struct random choices;
static struct {
	uint32_t mtu;
	uint32_t first; /* sequence number of the first byte */
	uint32_t next; /* what was sent so far ends here */
	uint32_t edge; /* of the window that the server has advertised */
	uint8_t wscale;
	bool open;
	unsigned probes_out; /* that were seen to be well chosen */
} link_;

static uint64_t
choose(uint64_t below)
{
	return random_below(&choices, (uint32_t)below);
}

static void
window_note(const struct pair_segment *segment)
{
	uint32_t edge;

	if (segment->fields.flags & TCP_SYN) {
		link_.wscale =
			segment->options.present & TCP_OPTION_WSCALE ? segment->options.wscale : 0;
		link_.edge = segment->fields.ack + segment->fields.window;
		return;
	}
	edge = segment->fields.ack + ((uint32_t)segment->fields.window << link_.wscale);
	link_.edge = seq_max(link_.edge, edge);
}

/* Larger than what the path is known to carry: never without room for it, nor without more behind it. */
static void
probe_check(const struct pair_segment *segment, uint32_t mss)
{
	uint32_t behind = segment->fields.seq - link_.first + segment->length;

	assert_true(pair->config.sack);
	assert_int_equal(segment->fields.flags & (TCP_FIN | TCP_SYN), 0);
	assert_true(pair->ends[PAIR_CLIENT].sent >= (uint64_t)behind + FOLLOWERS * mss);
	link_.probes_out++;
}

/* A filter. */
static bool
link_passes(struct pair *other, const struct pair_segment *segment)
{
	uint32_t size = 20 + segment->fields.hdr_length + segment->length;
	uint32_t end = segment->fields.seq + segment->length;
	bool is_new;

	if (segment->from == PAIR_SERVER) {
		window_note(segment);
		return true;
	}
	if (segment->fields.flags & TCP_SYN) {
		link_.first = link_.next = segment->fields.seq + 1;
		return true;
	}
	/* One byte may ask whether the window is still closed. */
	assert_true(segment->length <= 1 || seq_until(end, link_.edge));
	is_new = seq_from(segment->fields.seq, link_.next);
	link_.next = seq_max(link_.next, end);
	/* What was sent before the path was known to carry less may be sent again as it was. */
	if (link_.open && is_new && size > pair_info(pair, PAIR_CLIENT).pmtu)
		probe_check(segment, pair_info(pair, PAIR_CLIENT).snd_mss);
	return size <= link_.mtu;
}

/* From where the bytes of a second on, or some more, go beyond 2^32. */
static void
numbers_wrap_soon(uint64_t seed)
{
	struct pair *trial = pair_create(seed);
	uint32_t isn;

	trial->filter = pair_lose_all;
	pair_start(trial);
	pair_connect(trial);
	pair_run_for(trial, MS_NS);
	isn = pair_last(trial, PAIR_CLIENT)->fields.seq;
	/* RFC 6528 3: it grows by one each 4 microseconds. */
	pair->now_ns += (uint32_t)(0U - 30000U - (uint32_t)choose(1000000) - isn) * 4000ULL;
	pair_destroy(trial);
}

static void
setup_from(uint64_t seed)
{
	random_init(&choices, seed);
	memset(&link_, 0, sizeof(link_));
	pair = pair_create(seed);
	if (choose(2) == 0)
		numbers_wrap_soon(seed);
	pair->config.sack = choose(6) != 0;
	pair->config.timestamps = choose(4) != 0;
	pair->config.offload.tso = choose(2) == 0;
	pair->config.offload.gro = choose(2) == 0;
	pair->config.segments_max = 1024;
	pair->settings.receive_buffer = 16384 << choose(4);
	pair->settings.receive_buffer_max = pair->settings.receive_buffer << choose(3);
	pair->settings.send_buffer = pair->settings.send_buffer_max = 65536 << choose(3);
	pair->link.delay_ns = (1 + choose(100)) * MS_NS;
	pair->link.queue_bytes = 60000;
	/* So that minutes are not gigabytes. */
	switch (choose(3)) {
	case 0: pair->settings.pacing_rate = 20000 + (uint32_t)choose(60000); break;
	case 1: pair->link.rate_bps = 300000 + choose(500000); break;
	default: /* the peer's window, which is full */
		pair->settings.receive_buffer = 8192 << choose(2);
		pair->settings.receive_buffer_max = pair->settings.receive_buffer;
		pair->link.delay_ns += 50 * MS_NS;
		break;
	}
	pair->link.jitter_ns = choose(2) * choose(5) * MS_NS;
	pair->link.loss_ppb = (uint32_t)(choose(2) * choose(20000000));
	pair->link.reorder_ppb = (uint32_t)(choose(2) * choose(30000000));
	pair->link.duplicate_ppb = (uint32_t)(choose(2) * choose(10000000));
	pair->filter = link_passes;
	pair->ends[PAIR_CLIENT].hand_over = choose(3) == 0;
	pair->ends[PAIR_CLIENT].to_send = UINT64_MAX;
	link_.mtu = 1500;
}

static void
mtu_change(void)
{
	static const uint32_t mtus[] = { 1280, 1400, 1434, 1500 };
	uint64_t which = choose(RTE_DIM(mtus) + 1);

	link_.mtu = which < RTE_DIM(mtus) ? mtus[which] : 1280 + (uint32_t)choose(221);
}

/* A minute or so. */
static void
weather(void)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];

	for (unsigned i = 0; i < 90; i++) {
		pair_run_for(pair, 1 + choose(2000) * MS_NS);
		assert_true(server->intact);
		if (choose(8) == 0)
			mtu_change();
		if (choose(12) == 0)
			server->read_max = server->received;
		else if (server->read_max != UINT64_MAX && choose(2) == 0)
			pair_read_on(pair, PAIR_SERVER, UINT64_MAX);
	}
	pair_read_on(pair, PAIR_SERVER, UINT64_MAX);
}

/* With a probe out, where that comes in time. */
static void
finish(void)
{
	struct pair_end *ends = pair->ends;

	for (unsigned i = 0; i < 3000 && !pair_info(pair, PAIR_CLIENT).mtu_probe_out; i++)
		pair_run_for(pair, 5 * MS_NS);
	for (unsigned i = 0; i < 2; i++)
		ends[i].close_when_sent = ends[i].close_at_end = true;
	ends[PAIR_CLIENT].to_send = ends[PAIR_CLIENT].sent;
	assert_int_equal(
		tcp_shutdown(ends[PAIR_CLIENT].core, ends[PAIR_CLIENT].conn, TCP_SHUTDOWN_WRITE),
		0);
	/* Now it may be gone when something of it arrives. */
	link_.open = false;
	assert_true(pair_run(pair, 3600 * SECOND_NS));
}

static void
run(uint64_t seed, uint64_t *probes, uint64_t *raised)
{
	struct pair_end *ends;

	setup_from(seed);
	ends = pair->ends;
	pair_start(pair);
	pair_listen(pair, 1);
	pair_connect(pair);
	for (unsigned i = 0; ends[PAIR_SERVER].conn == NULL; i++) {
		assert_in_range(i, 0, 1000);
		pair_run_for(pair, 100 * MS_NS);
	}
	link_.open = true;
	weather();
	finish();
	assert_true(ends[PAIR_SERVER].intact && ends[PAIR_SERVER].at_end);
	assert_int_equal(ends[PAIR_SERVER].received, ends[PAIR_CLIENT].sent);
	assert_int_equal(ends[PAIR_CLIENT].error, 0);
	assert_int_equal(ends[PAIR_SERVER].error, 0);
	*probes += link_.probes_out;
	*raised += pair_stat(pair, PAIR_CLIENT, TCP_STAT_mtu_raised);
	pair_destroy(pair);
}

static void
test_weather(void **state)
{
	const char *from = getenv("SPATE_TEST_SEED");
	uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 1, probes = 0, raised = 0;

	for (uint64_t seed = first; seed < first + SEEDS; seed++) {
		print_message("seed %ju\n", (uintmax_t)seed);
		run(seed, &probes, &raised);
	}
	/* It was tried, and sometimes it was more. */
	assert_true(probes > SEEDS);
	assert_true(raised > SEEDS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weather),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
