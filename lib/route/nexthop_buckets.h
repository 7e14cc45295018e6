/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Which member of a nexthop group serves which hash bucket. Pure: the same calls give the same
 * buckets.
 *
 * Shares follow the weights to less than one bucket, and of all assignments that do, one is chosen
 * that moves the fewest buckets: when a member goes only its buckets move, when one comes only the
 * buckets that it gets.
 */
#ifndef ROUTE_NEXTHOP_BUCKETS_H
#define ROUTE_NEXTHOP_BUCKETS_H

#include <stdint.h>

/** Members that a group can have. */
#define NEXTHOP_BUCKETS_MEMBERS_MAX 256
#define NEXTHOP_BUCKETS_MIN         512 /**< of several members */
#define NEXTHOP_BUCKETS_MAX         65536
/** The owner of a bucket that nobody serves yet. */
#define NEXTHOP_BUCKET_FREE UINT16_MAX

struct nexthop_buckets {
	uint32_t count;
	uint16_t *owners; /**< [count]: members by index; changed by nexthop_buckets_assign() */
	/** [count]: who serves each bucket when nobody is missing, and gets it back with preference;
	 * NULL: not known yet */
	const uint16_t *homes;
};

/**
 * Buckets with which the share of each member is right to 1 %, as far as NEXTHOP_BUCKETS_MAX allows
 * it: a power of two, so that twice as many buckets split each into two neighbours. One member needs
 * but one: there is nothing to share, and nothing to remember.
 */
uint32_t nexthop_buckets_count(const uint32_t *weights, uint32_t members);

/**
 * Move as few buckets as the weights demand.
 * @param weights of each member; 0: it gets none. Their sum is above 0
 */
void nexthop_buckets_assign(
	struct nexthop_buckets *buckets, const uint32_t *weights, uint32_t members);

#endif
