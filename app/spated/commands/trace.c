/* SPDX-License-Identifier: BSD-3-Clause */
/* trace: single packets on their way through the stages. */
#include <stdlib.h>

#include <rte_cycles.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"
#include "commands/show_nexthop.h"
#include "wire/ip4.h"

static int
parse_filter(struct cli_call *call, struct trace_filter *filter)
{
	static const struct {
		const char *name;
		uint8_t number4, number6;
	} protos[] = { { "icmp", IP_PROTO_ICMP, IP_PROTO_ICMP6 },
		{ "udp", IP_PROTO_UDP, IP_PROTO_UDP }, { "tcp", IP_PROTO_TCP, IP_PROTO_TCP },
		{ "sctp", IP_PROTO_SCTP, IP_PROTO_SCTP } };
	const char *iface_name = cli_arg_string(call, "iface");
	const char *proto = cli_arg_string(call, "proto");
	const struct iface *iface;
	bool ip6;

	*filter = (struct trace_filter){ .iface = IFACE_NONE, .vrf = TRACE_VRF_ANY };
	if (cli_arg_present(call, "vrf") &&
		parse_vrf_of(call, stack_of(call), iface_name, &filter->vrf) < 0)
		return -EINVAL;
	cli_arg_prefix(call, "src", &filter->src);
	cli_arg_prefix(call, "dst", &filter->dst);
	ip6 = filter->src.addr.family == IP_FAMILY_6 || filter->dst.addr.family == IP_FAMILY_6;
	for (size_t i = 0; proto != NULL && i < RTE_DIM(protos); i++) {
		if (strcmp(protos[i].name, proto) == 0)
			filter->proto = ip6 ? protos[i].number6 : protos[i].number4;
	}
	if (iface_name == NULL)
		return 0;
	iface = iface_lookup(stack_of(call)->ifaces, iface_name);
	if (iface == NULL)
		return cli_fail(call, "iface", ENOENT,
			"no interface \"%s\": 'iface show' lists them", iface_name);
	filter->iface = iface->index;
	return 0;
}

static int
trace_add(struct cli_call *call)
{
	struct trace_filter filter;
	int rc = parse_filter(call, &filter);

	if (rc < 0)
		return rc;
	return stack_trace_add(
		stack_of(call), (unsigned)cli_arg_number(call, "N", 0), &filter, call->err);
}

static int
trace_clear(struct cli_call *call)
{
	stack_trace_clear(stack_of(call));
	return 0;
}

/* What the stage had before it: the nexthop, the port, the reason. */
static void
show_decision(struct show *show, const struct stack *stack, const struct trace_step *step)
{
	const struct port *port;

	switch ((enum stage)step->stage) {
	case STAGE_drop: show_string(show, "decision", drop_reason_help(step->reason)); break;
	case STAGE_punt: show_string(show, "decision", punt_reason_name(step->reason)); break;
	case STAGE_tx:
		port = step->tx_port < PORT_MAX ? stack->ports.ports[step->tx_port] : NULL;
		show_string(show, "decision", port != NULL ? port->name : "no port");
		break;
	case STAGE_ip4_forward:
	case STAGE_ip6_forward:
	case STAGE_ip4_output:
	case STAGE_ip6_output:
	case STAGE_ether_output:
		show_nexthop(show, stack, SHOW_VRF_NONE, "decision", step->nexthop);
		break;
	default: show_none(show, "decision"); break;
	}
}

static void
show_bytes(struct show *show, const struct trace_record *record)
{
	char text[TRACE_BYTES_MAX * 2 + 1];

	for (unsigned i = 0; i < record->byte_count; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", record->bytes[i]);
	text[2 * (size_t)record->byte_count] = '\0';
	show_string(show, "bytes", text);
}

static void
show_trace(struct show *show, const struct stack *stack, const struct trace_record *record)
{
	const struct iface *iface = iface_get(stack->ifaces, record->iface);
	const struct stack_vrf *vrf = stack->vrfs[record->vrf]; /* NULL: gone since */

	show_record_begin(show, NULL);
	show_u64(show, "worker", record->worker);
	show_string(show, "iface", iface != NULL ? iface->name : NULL);
	show_string(show, "vrf", vrf != NULL ? vrf->name : NULL);
	show_u64(show, "length", record->length);
	show_list_begin(show, "stages");
	for (unsigned i = 0; i < record->step_count; i++) {
		const struct trace_step *step = &record->steps[i];

		show_record_begin(show, NULL);
		show_string(show, "stage", stage_name(step->stage));
		show_u64(show, "cycles", step->cycles);
		show_decision(show, stack, step);
		show_record_end(show);
	}
	show_list_end(show);
	show_bytes(show, record);
	show_record_end(show);
}

static int
trace_show(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	unsigned max = TRACE_PACKETS_MAX * stack->worker_count;
	struct trace_record *records = calloc(max, sizeof(*records));
	unsigned count;

	if (records == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	count = stack_trace_get(stack, records, max);
	show_blocks_begin(call->show, NULL);
	for (unsigned i = 0; i < count; i++)
		show_trace(call->show, stack, &records[i]);
	show_blocks_end(call->show);
	free(records);
	return 0;
}

static const struct cli_command commands[] = {
	{ "trace add N:1-250 [iface IFACE] [vrf VRF] [proto PROTO] [src PREFIX] [dst PREFIX]",
		"follow the next packets through the stages, so many on each worker\n"
		"N: packets\n"
		"iface: only those that come in there\n"
		"vrf: only those that come in by an interface in it",
		trace_add, 0 },
	{ "trace show", "the packets' ways, and what was decided at each stage", trace_show,
		CLI_SHOW },
	{ "trace clear", "forget them, and stop", trace_clear, 0 },
};

const struct cli_noun cli_noun_trace = {
	.name = "trace",
	.help = "single packets on their way through the stages",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
