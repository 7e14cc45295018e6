/* SPDX-License-Identifier: BSD-3-Clause */
/* Which associations: the words that `sctp show`, `sctp abort` and `sctp shutdown` have in common. */
#include "commands/sctp_filter.h"

#include "commands/call.h"
#include "commands/parse_state.h"
#include "commands/parse_vrf.h"

static int
state_parse(struct cli_call *call, uint16_t *states)
{
	const char *names[SCTP_STATE_COUNT];

	for (int i = 0; i < SCTP_STATE_COUNT; i++)
		names[i] = sctp_state_name((enum sctp_state)i);
	return parse_state(call, names, SCTP_COOKIE_WAIT, SCTP_STATE_COUNT, states);
}

/* Without "vrf" a list is of all of them. */
static int
vrf_parse(struct cli_call *call, struct stack *stack, uint16_t *vrf)
{
	*vrf = STACK_SCTP_VRF_ANY;
	return cli_arg_present(call, "vrf") ? parse_vrf(call, stack, "vrf", vrf) : 0;
}

int
sctp_filter_parse(struct cli_call *call, struct stack *stack, struct stack_sctp_filter *filter)
{
	int rc = vrf_parse(call, stack, &filter->vrf);

	if (rc == 0)
		rc = state_parse(call, &filter->states);
	if (rc < 0)
		return rc;
	cli_arg_prefix(call, "local", &filter->local);
	cli_arg_prefix(call, "remote", &filter->remote);
	filter->local_port = (uint16_t)cli_arg_number(call, "local-port", 0);
	filter->remote_port = (uint16_t)cli_arg_number(call, "remote-port", 0);
	return 0;
}

int
sctp_assoc_parse(struct cli_call *call, struct stack_sctp_filter *filter)
{
	const uint64_t tag = cli_arg_number(call, "TAG", 0);

	if (tag == 0 || tag > UINT32_MAX)
		return cli_fail(call, "TAG", EINVAL,
			"a verification tag is a number of 32 bits, not 0: 'sctp show' has them");
	filter->vrf = STACK_SCTP_VRF_ANY;
	filter->tag = (uint32_t)tag;
	return 0;
}

bool
sctp_filter_is_empty(const struct stack_sctp_filter *filter)
{
	return filter->vrf == STACK_SCTP_VRF_ANY && filter->states == 0 &&
		filter->local_port == 0 && filter->remote_port == 0 &&
		filter->local.addr.family == IP_FAMILY_NONE &&
		filter->remote.addr.family == IP_FAMILY_NONE;
}

int
sctp_assoc_find(struct cli_call *call, const struct stack_sctp_filter *filter,
	struct stack_sctp_assoc *assoc)
{
	struct stack *stack = stack_of(call);

	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		for (uint32_t place = 0; place != STACK_SCTP_END;) {
			if (stack_sctp_assocs(stack, worker, filter, assoc, 1, &place) > 0)
				return 0;
		}
	}
	return cli_fail(call, "TAG", ENOENT,
		"no association has this tag: 'sctp show' lists those that there are");
}
