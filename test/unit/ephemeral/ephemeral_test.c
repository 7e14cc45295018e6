/* SPDX-License-Identifier: BSD-3-Clause */
/* What RFC 6056 3.3 says of each algorithm: its sequence, its collisions, its end. */
#include "unit/ephemeral/ephemeral_fixture.h"

#include <stdio.h>

#include "pkt/flow_hash.h"

#define MIN   1024
#define MAX   65535
#define COUNT (MAX - MIN + 1U)

static struct ephemeral ephemeral;
static struct ports ports;

static int
setup(void **state)
{
	seed(&ephemeral, 6056);
	memset(&ports, 0, sizeof(ports));
	return 0;
}

static void
the_table_has_all_algorithms(void **state)
{
	const char *const names[] = { "double-hash-increments", "simple", "redraw", "hash",
		"double-hash", "random-increments" };
	unsigned i;

	for (i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		assert_string_equal(ephemeral_algorithm_get(i)->name, names[i]);
		assert_ptr_equal(ephemeral_algorithm_find(names[i]), ephemeral_algorithm_get(i));
	}
	assert_int_equal(i, sizeof(names) / sizeof(names[0]));
	assert_null(ephemeral_algorithm_find("sequential"));
}

/* 3.3.1, 3.3.2: any port as likely as any other, whatever was chosen before. */
static void
random_ports_are_uniform(void **state)
{
	const char *const names[] = { "simple", "redraw" };

	for (unsigned i = 0; i < 2; i++) {
		struct ephemeral_policy policy = policy_of(names[i], MIN, MAX);
		struct ephemeral_request request = request_to(1, &ports);
		unsigned bins[63] = { 0 }, steps[63] = { 0 };
		uint16_t before = MIN;

		for (unsigned n = 0; n < 63000; n++) {
			uint16_t port = choose(&ephemeral, &policy, &request);

			assert_true(port >= MIN);
			bins[(port - MIN) / 1024]++;
			steps[step(before, port, COUNT) / 1024]++;
			before = port;
		}
		assert_true(fabs(unevenness(bins, 63)) < 4);
		assert_true(fabs(unevenness(steps, 63)) < 4);
	}
}

/* The first and the last port of a range are ever chosen, and none beyond. */
static void
all_of_the_range_is_used(void **state)
{
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		struct ephemeral_policy policy =
			policy_of(ephemeral_algorithm_get(i)->name, 2000, 2009);
		struct ephemeral_request request = request_to(1, &ports);
		unsigned seen = 0;

		for (unsigned n = 0; n < 1000; n++) {
			uint16_t port = choose(&ephemeral, &policy, &request);

			assert_in_range(port, 2000, 2009);
			seen |= 1U << (port - 2000);
		}
		assert_int_equal(seen, 0x3ff);
	}
}

static void
one_port_is_a_range(void **state)
{
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		const char *name = ephemeral_algorithm_get(i)->name;
		struct ephemeral_policy least = policy_of(name, 1, 1);
		struct ephemeral_policy greatest = policy_of(name, 65535, 65535);
		struct ephemeral_request request = request_to(1, &ports);

		assert_int_equal(choose(&ephemeral, &least, &request), 1);
		assert_int_equal(choose(&ephemeral, &greatest, &request), 65535);
	}
}

/* 3.3.3, 3.3.4: a destination's ports follow each other: none is used again before all were. */
static void
hashed_sequences_have_the_longest_cycle(void **state)
{
	const char *const names[] = { "hash", "double-hash" };

	for (unsigned i = 0; i < 2; i++) {
		struct ephemeral_policy policy = policy_of(names[i], MIN, MAX);
		struct ephemeral_request request = request_to(1, &ports);
		uint16_t first = choose(&ephemeral, &policy, &request), before = first;

		for (unsigned n = 1; n < 3 * COUNT; n++) {
			uint16_t port = choose(&ephemeral, &policy, &request);

			assert_int_equal(step(before, port, COUNT), 1);
			before = port;
		}
	}
}

/* 3.3.5: steps of 1 to N, all as likely. */
static void
random_increments_are_uniform_up_to_n(void **state)
{
	const struct {
		const char *name;
		uint16_t set, n;
	} cases[] = { { "random-increments", 0, 500 }, { "random-increments", 40, 40 },
		{ "double-hash-increments", 0, 16 }, { "double-hash-increments", 100, 100 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ephemeral_policy policy = policy_of(cases[i].name, MIN, MAX);
		struct ephemeral_request request = request_to(1, &ports);
		unsigned bins[500] = { 0 };
		uint16_t before;

		policy.increment = cases[i].set;
		before = choose(&ephemeral, &policy, &request);
		for (unsigned n = 0; n < 200U * cases[i].n; n++) {
			uint16_t port = choose(&ephemeral, &policy, &request);
			uint32_t by = step(before, port, COUNT);

			assert_in_range(by, 1, cases[i].n);
			bins[by - 1]++;
			before = port;
		}
		assert_true(fabs(unevenness(bins, cases[i].n)) < 4);
	}
}

/* A step of one makes 3.3.5 the traditional sequence, as the RFC remarks. */
static void
increments_of_one_are_a_sequence(void **state)
{
	struct ephemeral_policy policy = policy_of("random-increments", MIN, MAX);
	struct ephemeral_request request = request_to(1, &ports);
	uint16_t before = choose(&ephemeral, &policy, &request);

	policy.increment = 1;
	for (unsigned n = 0; n < COUNT; n++) {
		uint16_t port = choose(&ephemeral, &policy, &request);

		assert_int_equal(step(before, port, COUNT), 1);
		before = port;
	}
}

/* 3.3.1, 3.3.3, 3.3.4: after a collision the next port; after the last the first. */
static void
collisions_move_to_the_next_port(void **state)
{
	const char *const names[] = { "simple", "hash", "double-hash", "double-hash-increments" };

	for (unsigned i = 0; i < 4; i++) {
		struct ephemeral_policy policy = policy_of(names[i], 1000, 1999);
		struct ephemeral_request request = request_to(1, &ports);
		bool wrapped = false;

		for (unsigned start = 0; start < 200; start++) {
			struct ephemeral again;
			uint16_t port;

			again = ephemeral;
			port = choose(&again, &policy, &request);
			memset(ports.used, 0, sizeof(ports.used));
			for (unsigned n = 0; n < 300; n++)
				ports.used[1000 + (port - 1000U + n) % 1000] = true;
			assert_int_equal(
				step(port, choose(&ephemeral, &policy, &request), 1000), 300);
			wrapped |= port >= 1700;
			memset(ports.used, 0, sizeof(ports.used));
		}
		assert_true(wrapped);
	}
}

/* 3.3.2: after a collision any port; so all free ones are as likely, also those beside used ones. */
static void
collisions_draw_again(void **state)
{
	struct ephemeral_policy policy = policy_of("redraw", 1000, 1999);
	struct ephemeral_request request = request_to(1, &ports);
	unsigned bins[50] = { 0 };

	memset(ports.used + 1050, true, 950);
	for (unsigned n = 0; n < 10000; n++)
		bins[choose(&ephemeral, &policy, &request) - 1000]++;
	assert_true(fabs(unevenness(bins, 50)) < 4);
}

/* 3.3.5: after a collision another increment. */
static void
collisions_increment_again(void **state)
{
	struct ephemeral_policy policy = policy_of("random-increments", MIN, MAX);
	struct ephemeral_request request = request_to(1, &ports);
	uint16_t before = choose(&ephemeral, &policy, &request);

	policy.increment = 10;
	for (unsigned n = 0; n < 1000; n++) {
		uint16_t port = choose(&ephemeral, &policy, &request), collided, after;

		ports.used[MIN + (port - MIN + 1) % COUNT] = true; /* one of the ten */
		ports.asked_count = 0;
		before = port;
		after = choose(&ephemeral, &policy, &request);
		collided = (uint16_t)(ports.asked_count - 1);
		assert_in_range(collided, 0, 1);
		assert_in_range(step(before, after, COUNT), 1 + collided, collided ? 11 : 10);
		memset(ports.used, 0, sizeof(ports.used));
	}
	assert_in_range(ephemeral.collisions, 50, 150);
}

/* 3.3: "count" candidates, then an error: each port once, where the order is not drawn. */
static void
exhaustion_is_told_after_one_round(void **state)
{
	memset(ports.used, true, sizeof(ports.used));
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		const char *name = ephemeral_algorithm_get(i)->name;
		struct ephemeral_policy policy = policy_of(name, MIN, MAX);
		struct ephemeral_request request = request_to(1, &ports);
		bool drawn = strcmp(name, "redraw") == 0 || strcmp(name, "random-increments") == 0;
		uint16_t port = 7;

		memset(ports.asked, 0, sizeof(ports.asked));
		ports.asked_count = 0;
		assert_int_equal(
			ephemeral_choose(&ephemeral, &policy, &request, &port), -EADDRNOTAVAIL);
		assert_int_equal(port, 7);
		assert_int_equal(ports.asked_count, COUNT);
		for (unsigned p = MIN; p <= MAX && !drawn; p++)
			assert_int_equal(ports.asked[p], 1);
		assert_int_equal(ephemeral.exhausted, i + 1);
	}
	assert_int_equal(ephemeral.chosen, 0);
}

/* The last free port is found, wherever it is, by all that go round. */
static void
the_last_free_port_is_found(void **state)
{
	const char *const names[] = { "simple", "hash", "double-hash", "double-hash-increments" };

	memset(ports.used, true, sizeof(ports.used));
	for (unsigned i = 0; i < 4; i++) {
		struct ephemeral_policy policy = policy_of(names[i], 1000, 1999);
		struct ephemeral_request request = request_to(1, &ports);

		for (unsigned n = 0; n < 1000; n++) {
			ports.used[1000 + n] = false;
			assert_int_equal(choose(&ephemeral, &policy, &request), 1000 + n);
			ports.used[1000 + n] = true;
		}
	}
}

static void
excluded_ports_are_never_chosen(void **state)
{
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		struct ephemeral_policy policy =
			policy_of(ephemeral_algorithm_get(i)->name, 1000, 1099);
		struct ephemeral_request request = request_to(1, &ports);

		assert_int_equal(ephemeral_policy_exclude(&policy, 1000, 1019, NULL), 0);
		assert_int_equal(ephemeral_policy_exclude(&policy, 1050, 1050, NULL), 0);
		assert_int_equal(ephemeral_policy_exclude(&policy, 1060, 1099, NULL), 0);
		for (unsigned n = 0; n < 2000; n++) {
			uint16_t port = choose(&ephemeral, &policy, &request);

			assert_in_range(port, 1020, 1059);
			assert_int_not_equal(port, 1050);
		}
	}
	assert_int_equal(ports.asked[1050], 0);
	assert_int_equal(ephemeral.collisions, 0);
}

/* A narrower range takes effect on what was counted in a wider one. */
static void
the_range_may_change(void **state)
{
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		const char *name = ephemeral_algorithm_get(i)->name;
		struct ephemeral_policy wide = policy_of(name, 1, 65535);
		struct ephemeral_policy narrow = policy_of(name, 5000, 5002);
		struct ephemeral_request request = request_to(1, &ports);

		for (unsigned n = 0; n < 100; n++) {
			choose(&ephemeral, &wide, &request);
			assert_in_range(choose(&ephemeral, &narrow, &request), 5000, 5002);
		}
	}
}

/* What comes back to a port comes to the worker that chose it, and all ports have one. */
static void
packets_come_back_to_the_worker(void **state)
{
	static struct toeplitz toeplitz;
	struct ip_addr six[2] = { { IP_FAMILY_6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
		{ IP_FAMILY_6, { 0x20, 1, 0xd, 0xb8, [15] = 2 } } };
	uint16_t workers[128];

	toeplitz_init(&toeplitz, toeplitz_default_key);
	for (unsigned i = 0; i < 128; i++)
		workers[i] = (uint16_t)(i % 3);
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		struct ephemeral_policy policy =
			policy_of(ephemeral_algorithm_get(i)->name, MIN, MAX);

		for (unsigned n = 0; n < 3000; n++) {
			struct ephemeral_rss rss = { &toeplitz, workers, 128, (uint16_t)(n % 3) };
			struct ephemeral_request request = request_to(n, &ports);
			struct ip_flow back;

			request.rss = &rss;
			if (n % 2 == 0) {
				request.flow.src = six[0];
				request.flow.dst = six[1];
			}
			back = (struct ip_flow){ .src = request.flow.dst,
				.dst = request.flow.src,
				.proto = IP_PROTO_TCP,
				.src_port = request.flow.dst_port,
				.dst_port = choose(&ephemeral, &policy, &request) };
			assert_int_equal(
				workers[flow_hash_flow(&toeplitz, &back) % 128], rss.worker);
		}
	}
	/* About two of three candidates were others'; nothing else was wrong with them. */
	assert_in_range(ephemeral.elsewhere, 6 * 5000, 6 * 7000);
	assert_int_equal(ephemeral.collisions, 0);
	assert_int_equal(ports.asked_count, 6 * 3000);
}

static void
a_worker_that_gets_nothing_finds_nothing(void **state)
{
	static struct toeplitz toeplitz;
	const uint16_t workers[2] = { 0, 0 };
	struct ephemeral_rss rss = { &toeplitz, workers, 2, 1 };
	struct ephemeral_policy policy = policy_of("simple", MIN, MAX);
	struct ephemeral_request request = request_to(1, &ports);
	uint16_t port;

	toeplitz_init(&toeplitz, toeplitz_default_key);
	request.rss = &rss;
	assert_int_equal(ephemeral_choose(&ephemeral, &policy, &request, &port), -EADDRNOTAVAIL);
	assert_int_equal(ports.asked_count, 0);
	assert_int_equal(ephemeral.elsewhere, COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_table_has_all_algorithms, setup),
		cmocka_unit_test_setup(random_ports_are_uniform, setup),
		cmocka_unit_test_setup(all_of_the_range_is_used, setup),
		cmocka_unit_test_setup(one_port_is_a_range, setup),
		cmocka_unit_test_setup(hashed_sequences_have_the_longest_cycle, setup),
		cmocka_unit_test_setup(random_increments_are_uniform_up_to_n, setup),
		cmocka_unit_test_setup(increments_of_one_are_a_sequence, setup),
		cmocka_unit_test_setup(collisions_move_to_the_next_port, setup),
		cmocka_unit_test_setup(collisions_draw_again, setup),
		cmocka_unit_test_setup(collisions_increment_again, setup),
		cmocka_unit_test_setup(exhaustion_is_told_after_one_round, setup),
		cmocka_unit_test_setup(the_last_free_port_is_found, setup),
		cmocka_unit_test_setup(excluded_ports_are_never_chosen, setup),
		cmocka_unit_test_setup(the_range_may_change, setup),
		cmocka_unit_test_setup(packets_come_back_to_the_worker, setup),
		cmocka_unit_test_setup(a_worker_that_gets_nothing_finds_nothing, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
