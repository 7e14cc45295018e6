/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections: the words that `tcp show` and `tcp kill` have in common. */
#include "commands/tcp_filter.h"

#include "commands/parse_state.h"
#include "commands/parse_vrf.h"

static int
state_parse(struct cli_call *call, uint16_t *states)
{
	const char *names[TCP_STATE_COUNT];

	for (int i = 0; i < TCP_STATE_COUNT; i++)
		names[i] = tcp_state_name((enum tcp_state)i);
	return parse_state(call, names, TCP_SYN_SENT, TCP_STATE_COUNT, states);
}

/* Without "vrf" a list is of all of them. */
static int
vrf_parse(struct cli_call *call, struct stack *stack, uint16_t *vrf)
{
	*vrf = STACK_TCP_VRF_ANY;
	return cli_arg_present(call, "vrf") ? parse_vrf(call, stack, "vrf", vrf) : 0;
}

int
tcp_filter_parse(struct cli_call *call, struct stack *stack, struct stack_tcp_filter *filter)
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

static int
end_parse(struct cli_call *call, const char *name, struct ip_prefix *prefix, uint16_t *port)
{
	cli_arg_endpoint(call, name, &prefix->addr, port);
	prefix->length = (uint8_t)ip_addr_bits(&prefix->addr);
	if (*port == 0)
		return cli_fail(call, name, EINVAL,
			"an end of a connection has a port: 10.0.0.9:4000 or [2001:db8::1]:80");
	return 0;
}

int
tcp_conn_parse(struct cli_call *call, struct stack *stack, struct stack_tcp_filter *filter)
{
	int rc = parse_vrf(call, stack, "vrf", &filter->vrf);

	if (rc == 0)
		rc = end_parse(call, "LOCAL", &filter->local, &filter->local_port);
	return rc == 0 ? end_parse(call, "REMOTE", &filter->remote, &filter->remote_port) : rc;
}

bool
tcp_filter_is_empty(const struct stack_tcp_filter *filter)
{
	return filter->vrf == STACK_TCP_VRF_ANY && filter->states == 0 && filter->local_port == 0 &&
		filter->remote_port == 0 && filter->local.addr.family == IP_FAMILY_NONE &&
		filter->remote.addr.family == IP_FAMILY_NONE;
}
