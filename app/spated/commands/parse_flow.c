/* SPDX-License-Identifier: BSD-3-Clause */
/* A flow as commands say it: `udp 10.0.0.9:4000 192.0.2.1:53`. */
#include "commands/parse_flow.h"

#include <string.h>

#include "wire/ip4.h"

static uint8_t
proto_number(const char *name)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protos[] = { { "icmp", IP_PROTO_ICMP }, { "udp", IP_PROTO_UDP }, { "tcp", IP_PROTO_TCP },
		{ "sctp", IP_PROTO_SCTP } };

	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (strcmp(protos[i].name, name) == 0)
			return protos[i].number;
	}
	return 0;
}

int
parse_flow(struct cli_call *call, struct ip_flow *flow)
{
	*flow = (struct ip_flow){ .proto = proto_number(cli_arg_string(call, "PROTO")) };
	cli_arg_endpoint(call, "SRC", &flow->src, &flow->src_port);
	cli_arg_endpoint(call, "DST", &flow->dst, &flow->dst_port);
	if (flow->src.family != flow->dst.family)
		return cli_fail(
			call, "DST", EINVAL, "source and destination are of different families");
	return 0;
}
