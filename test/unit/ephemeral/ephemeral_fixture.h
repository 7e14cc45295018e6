/* SPDX-License-Identifier: BSD-3-Clause */
/* Flows to numbered destinations, ports that are in use, and statistics of what is chosen. */
#ifndef UNIT_EPHEMERAL_EPHEMERAL_FIXTURE_H
#define UNIT_EPHEMERAL_EPHEMERAL_FIXTURE_H

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "ephemeral/ephemeral.h"
#include "wire/ip4.h"

/* Ports in use, as the caller of ephemeral_choose() knows them, and how often it was asked. */
struct ports {
	bool used[65536];
	uint16_t asked[65536];
	unsigned asked_count;
	uint16_t last; /* asked for */
};

static inline bool
ports_in_use(void *arg, const struct ip_flow *flow)
{
	struct ports *ports = arg;

	ports->asked[flow->src_port]++;
	ports->asked_count++;
	ports->last = flow->src_port;
	return ports->used[flow->src_port];
}

/* Destination `n` is 10.0.0.0 + n, port 443. */
static inline struct ephemeral_request
request_to(uint32_t n, struct ports *ports)
{
	return (struct ephemeral_request){
		.flow = {
			.src = { IP_FAMILY_4, { 192, 0, 2, 1 } },
			.dst = { IP_FAMILY_4, { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } },
			.proto = IP_PROTO_TCP,
			.dst_port = 443,
		},
		.in_use = ports_in_use,
		.arg = ports,
	};
}

static inline void
seed(struct ephemeral *ephemeral, uint64_t number)
{
	struct entropy entropy;

	entropy_init(&entropy, number);
	ephemeral_init(ephemeral, &entropy);
}

static inline struct ephemeral_policy
policy_of(const char *algorithm, uint16_t min, uint16_t max)
{
	struct ephemeral_policy policy;

	ephemeral_policy_init(&policy);
	policy.algorithm = ephemeral_algorithm_find(algorithm);
	assert_non_null(policy.algorithm);
	assert_int_equal(ephemeral_policy_range(&policy, min, max, NULL), 0);
	return policy;
}

static inline uint16_t
choose(struct ephemeral *ephemeral, const struct ephemeral_policy *policy,
	const struct ephemeral_request *request)
{
	uint16_t port = 0;

	assert_int_equal(ephemeral_choose(ephemeral, policy, request, &port), 0);
	return port;
}

/* From the port before to this one, within a range of `count` ports. */
static inline uint32_t
step(uint16_t before, uint16_t port, uint32_t count)
{
	return ((uint32_t)port + count - before) % count;
}

/*
 * How many standard deviations a chi-square of `count` bins is above what it is expected to be for
 * a uniform distribution. The seeds are fixed: that a test passes once is that it always does.
 */
static inline double
unevenness(const unsigned *bins, unsigned count)
{
	double total = 0, square = 0;

	for (unsigned i = 0; i < count; i++)
		total += bins[i];
	for (unsigned i = 0; i < count; i++)
		square += (bins[i] - total / count) * (bins[i] - total / count);
	return (square / (total / count) - (count - 1)) / sqrt(2.0 * (count - 1));
}

#endif
