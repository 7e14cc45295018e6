/* SPDX-License-Identifier: BSD-3-Clause */
/* Which ports may be chosen, and how: RFC 6056 3.2. Control's, until it is published. */
#include "ephemeral/ephemeral.h"

#include <string.h>

#include "base/error.h"

void
ephemeral_policy_init(struct ephemeral_policy *policy)
{
	*policy = (struct ephemeral_policy){
		.algorithm = ephemeral_algorithm_get(0),
		.min = EPHEMERAL_MIN_DEFAULT,
		.max = EPHEMERAL_MAX_DEFAULT,
	};
}

static bool
policy_has_port(const struct ephemeral_policy *policy)
{
	for (uint32_t port = policy->min; port <= policy->max; port++) {
		if (!ephemeral_policy_excludes(policy, (uint16_t)port))
			return true;
	}
	return false;
}

static int
range_check(uint16_t first, uint16_t last, struct error *err)
{
	if (first == 0 || first > last)
		return error_set(err, EINVAL,
			"%u-%u is no range of ports: the first is at least 1, the last no less",
			first, last);
	return 0;
}

int
ephemeral_policy_range(
	struct ephemeral_policy *policy, uint16_t min, uint16_t max, struct error *err)
{
	uint16_t before[2] = { policy->min, policy->max };
	int rc = range_check(min, max, err);

	if (rc < 0)
		return rc;
	policy->min = min;
	policy->max = max;
	if (policy_has_port(policy))
		return 0;
	policy->min = before[0];
	policy->max = before[1];
	return error_set(err, ENOSPC, "all ports from %u to %u are excluded", min, max);
}

int
ephemeral_policy_exclude(
	struct ephemeral_policy *policy, uint16_t first, uint16_t last, struct error *err)
{
	uint64_t before[65536 / 64];
	int rc = range_check(first, last, err);

	if (rc < 0)
		return rc;
	memcpy(before, policy->excluded, sizeof(before));
	for (uint32_t port = first; port <= last; port++)
		policy->excluded[port / 64] |= 1ULL << port % 64;
	if (policy_has_port(policy))
		return 0;
	memcpy(policy->excluded, before, sizeof(before));
	return error_set(
		err, ENOSPC, "no port from %u to %u would be left", policy->min, policy->max);
}

bool
ephemeral_policy_excluded(
	const struct ephemeral_policy *policy, uint32_t from, uint16_t *first, uint16_t *last)
{
	while (from <= UINT16_MAX && !ephemeral_policy_excludes(policy, (uint16_t)from))
		from++;
	if (from > UINT16_MAX)
		return false;
	*first = (uint16_t)from;
	while (from <= UINT16_MAX && ephemeral_policy_excludes(policy, (uint16_t)from))
		from++;
	*last = (uint16_t)(from - 1);
	return true;
}
