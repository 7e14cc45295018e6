/* SPDX-License-Identifier: BSD-3-Clause */
/* Resilient hash buckets: called by nexthop_group.c. */
#include "route/nexthop_buckets.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* A share that is wrong by less than one bucket of a hundred is right to 1 %. */
#define BUCKETS_PER_SHARE 100

/* An assignment under way, by member. */
struct shares {
	uint32_t members;
	uint64_t sum; /* of the weights */
	uint32_t held[NEXTHOP_BUCKETS_MEMBERS_MAX]; /* buckets it has */
	uint32_t target[NEXTHOP_BUCKETS_MEMBERS_MAX]; /* buckets it should have */
	uint32_t home[NEXTHOP_BUCKETS_MEMBERS_MAX]; /* buckets that are its own */
	uint64_t rest[NEXTHOP_BUCKETS_MEMBERS_MAX]; /* what rounding down took: of `sum` */
};

static uint64_t
weights_sum(const uint32_t *weights, uint32_t members)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < members; i++)
		sum += weights[i];
	return sum;
}

uint32_t
nexthop_buckets_count(const uint32_t *weights, uint32_t members)
{
	uint64_t sum = weights_sum(weights, members);
	uint32_t count = NEXTHOP_BUCKETS_MIN;
	uint32_t least = UINT32_MAX;

	if (members == 1)
		return 1;
	for (uint32_t i = 0; i < members; i++) {
		if (weights[i] != 0 && weights[i] < least)
			least = weights[i];
	}
	while (count < NEXTHOP_BUCKETS_MAX && count * (uint64_t)least < BUCKETS_PER_SHARE * sum)
		count *= 2;
	return count;
}

/*
 * Who of two members that rounding wronged has the better claim to one more bucket: whose home it
 * is; who has it already, so that nothing moves; who lost the most.
 */
static bool
claim_is_better(const struct shares *s, uint32_t a, uint32_t b)
{
	bool home_a = s->home[a] > s->target[a], home_b = s->home[b] > s->target[b];
	bool held_a = s->held[a] > s->target[a], held_b = s->held[b] > s->target[b];

	if (home_a != home_b)
		return home_a;
	if (held_a != held_b)
		return held_a;
	return s->rest[a] > s->rest[b];
}

/* Shares rounded down; what is left over goes to those with the best claims, one bucket each. */
static void
targets_compute(struct shares *s, const uint32_t *weights, uint32_t count)
{
	uint32_t left = count;

	for (uint32_t i = 0; i < s->members; i++) {
		uint64_t share = (uint64_t)count * weights[i];

		s->target[i] = (uint32_t)(share / s->sum);
		s->rest[i] = share % s->sum;
		left -= s->target[i];
	}
	for (; left > 0; left--) {
		uint32_t best = UINT32_MAX;

		for (uint32_t i = 0; i < s->members; i++) {
			if (s->rest[i] != 0 && (best == UINT32_MAX || claim_is_better(s, i, best)))
				best = i;
		}
		assert(best != UINT32_MAX); /* the rests sum up to `left` shares */
		s->target[best]++;
		s->rest[best] = 0;
	}
}

static void
shares_init(struct shares *s, const struct nexthop_buckets *buckets, const uint32_t *weights,
	uint32_t members)
{
	memset(s, 0, sizeof(*s));
	s->members = members;
	s->sum = weights_sum(weights, members);
	assert(s->sum > 0);
	for (uint32_t b = 0; b < buckets->count; b++) {
		if (buckets->owners[b] != NEXTHOP_BUCKET_FREE)
			s->held[buckets->owners[b]]++;
		if (buckets->homes != NULL)
			s->home[buckets->homes[b]]++;
	}
	targets_compute(s, weights, buckets->count);
}

/* Nobody's, or of a member that has too many. */
static bool
may_leave(const struct shares *s, uint16_t owner)
{
	return owner == NEXTHOP_BUCKET_FREE || s->held[owner] > s->target[owner];
}

static void
bucket_move(struct shares *s, uint16_t *owner, uint16_t to)
{
	if (*owner != NEXTHOP_BUCKET_FREE)
		s->held[*owner]--;
	if (to != NEXTHOP_BUCKET_FREE)
		s->held[to]++;
	*owner = to;
}

/* Buckets go home where there is room for them. */
static void
buckets_return(struct shares *s, struct nexthop_buckets *buckets)
{
	for (uint32_t b = 0; b < buckets->count; b++) {
		uint16_t home = buckets->homes[b];

		if (buckets->owners[b] != home && may_leave(s, buckets->owners[b]) &&
			s->held[home] < s->target[home])
			bucket_move(s, &buckets->owners[b], home);
	}
}

/* Members give up what they have too much of; `guests`: only buckets that are not at home. */
static void
buckets_release(struct shares *s, struct nexthop_buckets *buckets, bool guests)
{
	for (uint32_t b = 0; b < buckets->count; b++) {
		uint16_t owner = buckets->owners[b];

		if (owner != NEXTHOP_BUCKET_FREE && may_leave(s, owner) &&
			!(guests && buckets->homes[b] == owner))
			bucket_move(s, &buckets->owners[b], NEXTHOP_BUCKET_FREE);
	}
}

/*
 * Deal out the free buckets: each goes to the member that is furthest behind its part of them
 * ("smooth weighted round robin"), so that any run of them is shared nearly as the parts say.
 */
static void
buckets_deal(struct shares *s, struct nexthop_buckets *buckets)
{
	int64_t behind[NEXTHOP_BUCKETS_MEMBERS_MAX] = { 0 };
	uint32_t part[NEXTHOP_BUCKETS_MEMBERS_MAX];
	const uint32_t members = s->members;
	int64_t sum = 0;

	for (uint32_t i = 0; i < members; i++) {
		part[i] = s->target[i] - s->held[i];
		sum += part[i];
	}
	for (uint32_t b = 0; b < buckets->count; b++) {
		uint32_t best = UINT32_MAX;

		if (buckets->owners[b] != NEXTHOP_BUCKET_FREE)
			continue;
		for (uint32_t i = 0; i < members; i++) {
			behind[i] += part[i];
			if (s->held[i] < s->target[i] &&
				(best == UINT32_MAX || behind[i] > behind[best]))
				best = i;
		}
		assert(best != UINT32_MAX); /* the targets sum up to all buckets */
		behind[best] -= sum;
		bucket_move(s, &buckets->owners[b], (uint16_t)best);
	}
}

void
nexthop_buckets_assign(struct nexthop_buckets *buckets, const uint32_t *weights, uint32_t members)
{
	struct shares s;

	assert(members <= NEXTHOP_BUCKETS_MEMBERS_MAX);
	shares_init(&s, buckets, weights, members);
	if (buckets->homes != NULL) {
		buckets_return(&s, buckets);
		buckets_release(&s, buckets, true);
	}
	buckets_release(&s, buckets, false);
	buckets_deal(&s, buckets);
}
