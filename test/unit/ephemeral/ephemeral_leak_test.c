/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one destination can tell of the ports that others are given: RFC 6056 3.3.3 to 3.3.5, and
 * 3.5 on the secrets. Each test has many hosts, which differ by their secrets alone.
 */
#include "unit/ephemeral/ephemeral_fixture.h"

#define MIN   1024
#define MAX   65535
#define COUNT (MAX - MIN + 1U)
#define HOSTS 1260
#define BINS  63

static struct ephemeral ephemeral;
static struct ports ports;

typedef void (*change)(struct ephemeral_request *request);

static void
other_address(struct ephemeral_request *request)
{
	request->flow.dst.bytes[3]++;
}

static void
other_port(struct ephemeral_request *request)
{
	request->flow.dst_port++;
}

static void
other_source(struct ephemeral_request *request)
{
	request->flow.src.bytes[3]++;
}

static void
other_protocol(struct ephemeral_request *request)
{
	request->flow.proto = IP_PROTO_UDP;
}

static void
other_vrf(struct ephemeral_request *request)
{
	request->vrf++;
}

/* Who sees the port that it is given knows nothing of the one for a destination that differs. */
static void
ports_of_two_destinations_are_independent(void **state)
{
	const char *const names[] = { "hash", "double-hash", "double-hash-increments" };
	const change changes[] = { other_address, other_port, other_source, other_protocol,
		other_vrf };

	for (unsigned i = 0; i < 3 * 5; i++) {
		struct ephemeral_policy policy = policy_of(names[i / 5], MIN, MAX);
		struct ephemeral_request a = request_to(1, &ports), b = a;
		unsigned steps[BINS] = { 0 };

		changes[i % 5](&b);
		for (unsigned host = 1; host <= HOSTS; host++) {
			uint16_t seen;

			seed(&ephemeral, host);
			seen = choose(&ephemeral, &policy, &a);
			steps[step(seen, choose(&ephemeral, &policy, &b), COUNT) / 1024]++;
		}
		assert_true(fabs(unevenness(steps, BINS)) < 4);
	}
}

/* The first port that a host chooses tells no secret either: all are as likely. */
static void
first_ports_are_uniform(void **state)
{
	for (unsigned i = 0; ephemeral_algorithm_get(i) != NULL; i++) {
		struct ephemeral_policy policy =
			policy_of(ephemeral_algorithm_get(i)->name, MIN, MAX);
		struct ephemeral_request request = request_to(1, &ports);
		unsigned bins[BINS] = { 0 };

		for (unsigned host = 1; host <= HOSTS; host++) {
			seed(&ephemeral, host);
			bins[(choose(&ephemeral, &policy, &request) - MIN) / 1024]++;
		}
		assert_true(fabs(unevenness(bins, BINS)) < 4);
	}
}

/* How far a destination's sequence moves while `others` ports are given to other destinations. */
static uint32_t
moved_while(const struct ephemeral_policy *policy, unsigned others)
{
	struct ephemeral_request request = request_to(1, &ports);
	uint16_t before = choose(&ephemeral, policy, &request);

	for (unsigned n = 0; n < others; n++) {
		struct ephemeral_request other = request_to(2 + n, &ports);

		choose(&ephemeral, policy, &other);
	}
	return step(before, choose(&ephemeral, policy, &request), COUNT);
}

/* 3.3.3: one counter, so how many were given in between is seen; 3.3.4 mends it. */
static void
what_the_counters_tell(void **state)
{
	struct ephemeral_policy single = policy_of("hash", MIN, MAX);
	struct ephemeral_policy many = policy_of("double-hash", MIN, MAX);
	unsigned shared = 0;

	for (unsigned host = 1; host <= 200; host++) {
		seed(&ephemeral, host);
		assert_int_equal(moved_while(&single, 100), 101);
		seed(&ephemeral, host);
		shared += moved_while(&many, 100) != 1;
	}
	/* That one of a hundred has the same counter: 100 in EPHEMERAL_TABLE, so 5 of 200 hosts. */
	assert_in_range(shared, 1, 15);
}

/* How far the sequence of destination 1 moves while one port is given to destination `n`. */
static uint32_t
moved_beside(struct ephemeral *host, const struct ephemeral_policy *policy, uint32_t n)
{
	struct ephemeral_request a = request_to(1, &ports), b = request_to(n, &ports);
	uint16_t seen = choose(host, policy, &a);

	choose(host, policy, &b);
	return step(seen, choose(host, policy, &a), COUNT);
}

/*
 * With random increments, who sees a step cannot tell whether the counter was another's in between:
 * half of the steps that two ports make could be those of one. A twin without them, which has the
 * same secrets, tells who shares the counter.
 */
static void
random_increments_hide_the_others(void **state)
{
	struct ephemeral_policy policy = policy_of("double-hash-increments", MIN, MAX);
	struct ephemeral_policy telling = policy_of("double-hash", MIN, MAX);
	unsigned ambiguous = 0, shared = 0;
	struct ephemeral twin;

	seed(&ephemeral, 1);
	seed(&twin, 1);
	for (uint32_t n = 2; n < 400000 && shared < 30; n++) {
		uint32_t moved = moved_beside(&ephemeral, &policy, n);

		if (moved_beside(&twin, &telling, n) == 1) {
			assert_in_range(moved, 1, 16);
		} else {
			assert_in_range(moved, 2, 32);
			shared++;
			ambiguous += moved <= 16;
		}
	}
	assert_int_equal(shared, 30);
	assert_in_range(ambiguous, 5, 24);
}

/* 3.3.5: what is next can be guessed by one of N: N more for less of it. */
static void
guesses_of_random_increments(void **state)
{
	const uint16_t n[] = { 20, 200 };

	for (unsigned i = 0; i < 2; i++) {
		struct ephemeral_policy policy = policy_of("random-increments", MIN, MAX);
		struct ephemeral_request a = request_to(1, &ports), b = request_to(2, &ports);
		unsigned hits = 0;

		seed(&ephemeral, 1);
		policy.increment = n[i];
		for (unsigned k = 0; k < 40000; k++) {
			uint16_t seen = choose(&ephemeral, &policy, &a);

			hits += step(seen, choose(&ephemeral, &policy, &b), COUNT) == 7;
		}
		/* Of 40000 one in N, and five standard deviations. */
		assert_true(fabs(hits - 40000.0 / n[i]) < 5 * sqrt(40000.0 / n[i]));
	}
}

/* 3.3.1, 3.3.2: nor can anything be told where each port is drawn. */
static void
guesses_of_random_ports(void **state)
{
	const char *const names[] = { "simple", "redraw" };

	for (unsigned i = 0; i < 2; i++) {
		struct ephemeral_policy policy = policy_of(names[i], MIN, MAX);
		struct ephemeral_request a = request_to(1, &ports), b = request_to(2, &ports);
		unsigned steps[BINS] = { 0 };

		seed(&ephemeral, 1);
		for (unsigned k = 0; k < 10 * HOSTS; k++) {
			uint16_t seen = choose(&ephemeral, &policy, &a);

			steps[step(seen, choose(&ephemeral, &policy, &b), COUNT) / 1024]++;
		}
		assert_true(fabs(unevenness(steps, BINS)) < 4);
	}
}

/* Without a seed the secrets are the system's: no two hosts are alike. */
static void
secrets_differ(void **state)
{
	struct ephemeral a, b;

	seed(&a, 0);
	seed(&b, 0);
	assert_memory_not_equal(&a.offset_key, &b.offset_key, sizeof(a.offset_key));
	assert_memory_not_equal(&a.index_key, &b.index_key, sizeof(a.index_key));
	assert_memory_not_equal(&a.offset_key, &a.index_key, sizeof(a.offset_key));
	assert_memory_not_equal(a.table, b.table, sizeof(a.table));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_of_two_destinations_are_independent),
		cmocka_unit_test(first_ports_are_uniform),
		cmocka_unit_test(what_the_counters_tell),
		cmocka_unit_test(random_increments_hide_the_others),
		cmocka_unit_test(guesses_of_random_increments),
		cmocka_unit_test(guesses_of_random_ports),
		cmocka_unit_test(secrets_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
