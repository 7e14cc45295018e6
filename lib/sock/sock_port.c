/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports for sockets that do not say which: RFC 6056, by lib/ephemeral. For sock_udp.c and its like. */
#include "sock/sock_priv.h"

/* As Linux has it: below are services, above what NAT likes to take. */
#define PORT_FIRST 32768
#define PORT_LAST  60999

void
sock_ports_default(struct ephemeral_policy *policy)
{
	struct error err;

	ephemeral_policy_init(policy);
	ephemeral_policy_range(policy, PORT_FIRST, PORT_LAST, &err);
}

void
sock_port_init(struct sock_core *core)
{
	for (unsigned i = 0; i < SOCK_PROTO_COUNT; i++)
		ephemeral_init(&core->ephemeral[i], core->config.entropy);
}

void
sock_ports_set(struct sock_core *core, enum sock_proto proto, const struct ephemeral_policy *policy)
{
	core->config.ports[proto] = policy;
}

const struct ephemeral *
sock_ephemeral(const struct sock_core *core, enum sock_proto proto)
{
	return &core->ephemeral[proto];
}

uint16_t
sock_port_choose(struct sock_core *core, enum sock_proto proto, uint16_t iface,
	struct ephemeral_request *request)
{
	const struct sock_config *config = &core->config;
	struct ephemeral *ephemeral = &core->ephemeral[proto];
	struct ephemeral_rss rss;
	uint16_t port;

	if (iface != PKT_IFACE_NONE && config->rss != NULL &&
		config->rss(config->rss_arg, iface, &rss)) {
		request->rss = &rss;
		if (ephemeral_choose(ephemeral, config->ports[proto], request, &port) == 0)
			return port;
		request->rss = NULL;
	}
	return ephemeral_choose(ephemeral, config->ports[proto], request, &port) == 0 ? port : 0;
}
