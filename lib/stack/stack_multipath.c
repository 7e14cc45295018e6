/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash policy of a VRF: what the path of a packet depends on. */
#include "stack/worker.h"

#include <stdlib.h>

int
stack_multipath_set(
	struct stack *stack, uint16_t vrf, const struct flow_policy *policy, struct error *err)
{
	struct flow_policy *new = NULL;
	int rc;

	if (policy != NULL && policy->fields == 0)
		return error_set(err, EINVAL, "a path has to depend on at least one field");
	if (policy != NULL) {
		new = malloc(sizeof(*new));
		if (new == NULL)
			return error_set(err, ENOMEM, "no memory");
		*new = *policy;
	}
	rc = stack_vrf_policy_set(stack, stack->vrfs[vrf], new, err);
	if (rc < 0)
		free(new);
	return rc;
}
