/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of an echo request, as ping and traceroute take it. */
#include "commands/parse_ping.h"

#include <bsd/string.h>

#include "commands/call.h"
#include "commands/parse_vrf.h"

int
parse_ping(struct cli_call *call, uint16_t size_default, struct stack_ping_config *config)
{
	const char *iface;
	int rc = cli_arg_scope(call, "ADDR", &iface);

	if (rc < 0)
		return rc;
	*config = (struct stack_ping_config){
		.size_bytes = (uint16_t)cli_arg_number(call, "size", size_default),
		.ttl = (uint8_t)cli_arg_number(call, "ttl", 0),
		.df = cli_arg_present(call, "df"),
	};
	cli_arg_addr(call, "ADDR", &config->dst);
	cli_arg_addr(call, "source", &config->source);
	if (iface != NULL)
		strlcpy(config->iface, iface, sizeof(config->iface));
	return parse_vrf_of(call, stack_of(call), iface, &config->vrf);
}
