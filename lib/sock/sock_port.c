/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports for sockets that do not say which: RFC 6056, by lib/ephemeral. For sock_udp.c and its like. */
#include "sock/sock_priv.h"

/* As Linux has it: below are services, above what NAT likes to take. */
#define PORT_FIRST 32768
#define PORT_LAST  60999

void
sock_port_init(struct sock_core *core)
{
	struct error err;

	ephemeral_init(&core->ephemeral, core->config.entropy);
	ephemeral_policy_init(&core->ports);
	ephemeral_policy_range(&core->ports, PORT_FIRST, PORT_LAST, &err);
}

uint16_t
sock_port_choose(struct sock_core *core, const struct ephemeral_request *request)
{
	uint16_t port;

	return ephemeral_choose(&core->ephemeral, &core->ports, request, &port) == 0 ? port : 0;
}
