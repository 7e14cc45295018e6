/* SPDX-License-Identifier: BSD-3-Clause */
/* Which associations `sctp show`, `sctp abort` and others are about. */
#include "commands/sctp_filter.h"

#include "commands/call.h"

int
sctp_filter_parse(struct cli_call *call, const struct stack *stack, struct stack_filter *filter)
{
	const char *names[SCTP_STATE_COUNT];

	for (int i = 0; i < SCTP_STATE_COUNT; i++)
		names[i] = sctp_state_name((enum sctp_state)i);
	return parse_filter(call, stack,
		&(struct filter_states){ names, SCTP_COOKIE_WAIT, SCTP_STATE_COUNT }, filter);
}

static int
tag_parse(struct cli_call *call, struct stack_filter *filter)
{
	const uint64_t tag = cli_arg_number(call, "TAG", 0);

	if (tag == 0 || tag > UINT32_MAX)
		return cli_fail(call, "TAG", EINVAL,
			"a verification tag is a number of 32 bits, not 0: 'sctp show' has them");
	*filter = (struct stack_filter){ .vrf = STACK_VRF_ANY, .tag = (uint32_t)tag };
	return 0;
}

int
sctp_assoc_find(struct cli_call *call, struct stack_filter *filter, struct stack_sctp_assoc *assoc)
{
	struct stack *stack = stack_of(call);
	int rc = tag_parse(call, filter);

	if (rc < 0)
		return rc;
	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		for (uint32_t place = 0; place != STACK_SCTP_END;) {
			if (stack_sctp_assocs(stack, worker, filter, assoc, 1, &place) > 0)
				return 0;
		}
	}
	return cli_fail(call, "TAG", ENOENT,
		"no association has this tag: 'sctp show' lists those that there are");
}
