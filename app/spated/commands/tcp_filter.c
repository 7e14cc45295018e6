/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections: the words that `tcp show` and `tcp kill` have in common. */
#include "commands/tcp_filter.h"

#include "commands/parse_vrf.h"

int
tcp_filter_parse(struct cli_call *call, const struct stack *stack, struct stack_filter *filter)
{
	const char *names[TCP_STATE_COUNT];

	for (int i = 0; i < TCP_STATE_COUNT; i++)
		names[i] = tcp_state_name((enum tcp_state)i);
	return parse_filter(call, stack,
		&(struct filter_states){ names, TCP_SYN_SENT, TCP_STATE_COUNT }, filter);
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
tcp_conn_parse(struct cli_call *call, struct stack *stack, struct stack_filter *filter)
{
	int rc = parse_vrf(call, stack, "vrf", &filter->vrf);

	if (rc == 0)
		rc = end_parse(call, "LOCAL", &filter->local, &filter->local_port);
	return rc == 0 ? end_parse(call, "REMOTE", &filter->remote, &filter->remote_port) : rc;
}
