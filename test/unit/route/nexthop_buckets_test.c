/* SPDX-License-Identifier: BSD-3-Clause */
/* Hash buckets: right shares, and no bucket that moves without need. */
#include "unit/route/route_model.h"

#include "route/nexthop_buckets.h"

#define MEMBERS 8

struct fixture {
	struct model random;
	uint32_t weights[MEMBERS];
	bool lost[MEMBERS];
	struct nexthop_buckets buckets;
	uint16_t homes[NEXTHOP_BUCKETS_MAX], owners[NEXTHOP_BUCKETS_MAX];
	uint16_t before[NEXTHOP_BUCKETS_MAX];
};

static void
assign(struct fixture *f)
{
	uint32_t weights[MEMBERS];

	for (unsigned i = 0; i < MEMBERS; i++)
		weights[i] = f->lost[i] ? 0 : f->weights[i];
	memcpy(f->before, f->owners, sizeof(f->before));
	nexthop_buckets_assign(&f->buckets, weights, MEMBERS);
}

/* @param weight_max 1: all alike */
static struct fixture *
fixture_create(uint64_t seed, uint32_t weight_max)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->random.seed = seed;
	for (unsigned i = 0; i < MEMBERS; i++)
		f->weights[i] = 1 + model_below(&f->random, weight_max);
	f->buckets.count = nexthop_buckets_count(f->weights, MEMBERS);
	f->buckets.owners = f->homes;
	for (unsigned b = 0; b < f->buckets.count; b++)
		f->homes[b] = NEXTHOP_BUCKET_FREE;
	nexthop_buckets_assign(&f->buckets, f->weights, MEMBERS);
	memcpy(f->owners, f->homes, sizeof(f->owners));
	f->buckets.owners = f->owners;
	f->buckets.homes = f->homes;
	return f;
}

/* Of what is there, each member has its share to less than one bucket, and to 1 %. */
static void
assert_shares(const struct fixture *f)
{
	uint32_t held[MEMBERS] = { 0 };
	double sum = 0;

	for (unsigned b = 0; b < f->buckets.count; b++)
		held[f->owners[b]]++;
	for (unsigned i = 0; i < MEMBERS; i++)
		sum += f->lost[i] ? 0 : f->weights[i];
	for (unsigned i = 0; i < MEMBERS; i++) {
		double share = f->lost[i] ? 0 : f->weights[i] * f->buckets.count / sum;
		double off = held[i] - share;

		assert_true(off > -1 && off < 1);
		assert_true(off <= share * 0.01 && off >= -share * 0.01);
	}
}

/* What moved had to: from who is gone, to who came. */
static void
assert_moves(const struct fixture *f, unsigned member)
{
	for (unsigned b = 0; b < f->buckets.count; b++) {
		if (f->owners[b] == f->before[b])
			continue;
		if (f->lost[member])
			assert_int_equal(f->before[b], member);
		else
			assert_int_equal(f->owners[b], member);
	}
}

static unsigned
present(const struct fixture *f)
{
	unsigned count = 0;

	for (unsigned i = 0; i < MEMBERS; i++)
		count += !f->lost[i];
	return count;
}

static void
run_sequence(uint64_t seed, uint32_t weight_max)
{
	struct fixture *f = fixture_create(seed, weight_max);

	assert_shares(f);
	for (unsigned step = 0; step < 200; step++) {
		unsigned member = model_below(&f->random, MEMBERS);

		if (!f->lost[member] && present(f) == 1)
			continue;
		f->lost[member] = !f->lost[member];
		assign(f);
		assert_shares(f);
		assert_moves(f, member);
	}
	free(f);
}

static void
test_sequences(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		run_sequence(seed, 1);
		run_sequence(seed, 3);
		run_sequence(seed, 16);
	}
}

/* One that goes and comes back finds everything as it was. */
static void
test_return(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct fixture *f = fixture_create(seed, 1 + seed % 16);

		for (unsigned i = 0; i < MEMBERS; i++) {
			f->lost[i] = true;
			assign(f);
			assert_memory_not_equal(
				f->owners, f->homes, f->buckets.count * sizeof(f->homes[0]));
			f->lost[i] = false;
			assign(f);
			assert_memory_equal(
				f->owners, f->homes, f->buckets.count * sizeof(f->homes[0]));
		}
		free(f);
	}
}

static unsigned
away_from_home(const struct fixture *f, unsigned member)
{
	unsigned count = 0;

	for (unsigned b = 0; b < f->buckets.count; b++)
		count += f->homes[b] == member && f->owners[b] != member;
	return count;
}

/*
 * Of two that are gone one comes back: to its own buckets before those of the other, but for some
 * few whose owners have none too many.
 */
static void
test_own_first(void **state)
{
	(void)state;
	for (unsigned first = 0; first < MEMBERS; first++) {
		struct fixture *f = fixture_create(1, 1);
		unsigned second = (first + 3) % MEMBERS;

		f->lost[first] = true;
		assign(f);
		f->lost[second] = true;
		assign(f);
		f->lost[first] = false;
		assign(f);
		assert_in_range(away_from_home(f, first), 0, 4);
		f->lost[second] = false;
		assign(f);
		assert_in_range(away_from_home(f, second), 0, 4);
		free(f);
	}
}

/* What one leaves behind is spread over all others. */
static void
test_spread(void **state)
{
	struct fixture *f = fixture_create(1, 1);
	uint32_t got[MEMBERS] = { 0 };

	f->lost[5] = true;
	assign(f);
	for (unsigned b = 0; b < f->buckets.count; b++) {
		if (f->before[b] == 5)
			got[f->owners[b]]++;
	}
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_in_range(got[i], i == 5 ? 0 : 18, i == 5 ? 0 : 19);
	free(f);
	(void)state;
}

static void
test_same_again(void **state)
{
	struct fixture *a = fixture_create(77, 9), *b = fixture_create(77, 9);

	for (unsigned step = 0; step < 30; step++) {
		unsigned member = model_below(&a->random, MEMBERS - 1);

		a->lost[member] = b->lost[member] = !a->lost[member];
		assign(a);
		assign(b);
		assert_memory_equal(a->owners, b->owners, sizeof(a->owners));
		/* Nothing changed: nothing moves. */
		assign(b);
		assert_memory_equal(a->owners, b->owners, sizeof(a->owners));
	}
	free(a);
	free(b);
	(void)state;
}

static void
test_count(void **state)
{
	uint32_t weights[NEXTHOP_BUCKETS_MEMBERS_MAX];

	(void)state;
	for (unsigned i = 0; i < NEXTHOP_BUCKETS_MEMBERS_MAX; i++)
		weights[i] = 1;
	assert_int_equal(nexthop_buckets_count(weights, 1), 1);
	assert_int_equal(nexthop_buckets_count(weights, 4), 512);
	assert_int_equal(nexthop_buckets_count(weights, 5), 512);
	assert_int_equal(nexthop_buckets_count(weights, 6), 1024);
	assert_int_equal(nexthop_buckets_count(weights, 256), 32768);
	weights[1] = 0;
	assert_int_equal(nexthop_buckets_count(weights, 2), 512);
	weights[1] = 256;
	assert_int_equal(nexthop_buckets_count(weights, 2), 32768);
	weights[2] = 65535;
	assert_int_equal(nexthop_buckets_count(weights, 3), 65536);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_own_first),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_same_again),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
