/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash policy: what the path of a packet depends on. */
#include "stack/worker.h"

#include <stdlib.h>

struct policy_msg {
	struct worker_msg msg;
	const struct flow_policy *policy;
};

static void
policy_run(struct worker *w, struct worker_msg *msg)
{
	w->ip.policy = ((const struct policy_msg *)msg)->policy;
}

int
stack_multipath_set(struct stack *stack, const struct flow_policy *policy, struct error *err)
{
	struct flow_policy *old = stack->policy, *new = NULL;

	if (policy != NULL && policy->fields == 0)
		return error_set(err, EINVAL, "a path has to depend on at least one field");
	if (policy != NULL) {
		new = malloc(sizeof(*new));
		if (new == NULL)
			return error_set(err, ENOMEM, "no memory");
		*new = *policy;
	}
	stack->policy = new;
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct policy_msg msg = { .msg.run = policy_run, .policy = new };

		mailbox_call(stack->workers[i], &msg.msg);
	}
	/* Each worker has said that it does not use it any more. */
	free(old);
	return 0;
}
