/* SPDX-License-Identifier: BSD-3-Clause */
/* flow: rules that lead packets to a queue or a worker, before RSS does. */
#include <string.h>

#include "cli/type.h"
#include "commands/call.h"
#include "commands/commands.h"
#include "wire/ip4.h"

static const struct {
	const char *name;
	uint8_t number;
} protos[] = {
	{ "icmp", IP_PROTO_ICMP },
	{ "tcp", IP_PROTO_TCP },
	{ "udp", IP_PROTO_UDP },
	{ "icmp6", IP_PROTO_ICMP6 },
	{ "sctp", IP_PROTO_SCTP },
};

#define PROTO_COUNT (sizeof(protos) / sizeof(protos[0]))

static struct port *
port_of(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	struct port *port = port_lookup(&stack_of(call)->ports, name);

	if (port == NULL)
		cli_fail(call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	return port;
}

/* ---- what a rule says ---- */

static int
proto_parse(struct cli_call *call, struct port_flow_match *match)
{
	const char *word = cli_arg_string(call, "proto");
	uint64_t number;

	for (size_t i = 0; i < PROTO_COUNT; i++) {
		if (strcmp(protos[i].name, word) == 0) {
			match->proto = protos[i].number;
			return 0;
		}
	}
	if (!cli_number_parse(word, &number) || number > UINT8_MAX)
		return cli_fail(call, "proto", EINVAL,
			"a protocol is tcp, udp, sctp, icmp, icmp6 or a number from 0 to 255");
	match->proto = (uint8_t)number;
	return 0;
}

static int
prefix_parse(struct cli_call *call, const char *name, struct ip_prefix *prefix)
{
	struct ip_prefix asked;

	cli_arg_prefix(call, name, &asked);
	*prefix = ip_prefix_network(&asked);
	if (ip_prefix_compare(prefix, &asked) != 0)
		return cli_fail(call, name, EINVAL, "%s has bits beyond its length",
			cli_arg_string(call, name));
	return 0;
}

static uint16_t
number_field(const struct cli_call *call, const char *name, enum port_flow_field field,
	struct port_flow_match *match)
{
	if (cli_arg_present(call, name))
		match->fields |= field;
	return (uint16_t)cli_arg_number(call, name, 0);
}

static int
match_parse(struct cli_call *call, struct port_flow_match *match)
{
	int rc = 0;

	match->vlan = number_field(call, "vlan", PORT_FLOW_VLAN, match);
	match->eth_type = number_field(call, "eth-type", PORT_FLOW_ETH_TYPE, match);
	match->src_port = number_field(call, "sport", PORT_FLOW_SRC_PORT, match);
	match->dst_port = number_field(call, "dport", PORT_FLOW_DST_PORT, match);
	if (cli_arg_present(call, "src")) {
		match->fields |= PORT_FLOW_SRC;
		rc = prefix_parse(call, "src", &match->src);
	}
	if (rc == 0 && cli_arg_present(call, "dst")) {
		match->fields |= PORT_FLOW_DST;
		rc = prefix_parse(call, "dst", &match->dst);
	}
	if (rc == 0 && cli_arg_present(call, "proto")) {
		match->fields |= PORT_FLOW_PROTO;
		rc = proto_parse(call, match);
	}
	return rc;
}

static void
proto_append(uint8_t number, struct strbuf *out)
{
	for (size_t i = 0; i < PROTO_COUNT; i++) {
		if (protos[i].number == number) {
			strbuf_printf(out, " proto %s", protos[i].name);
			return;
		}
	}
	strbuf_printf(out, " proto %u", number);
}

/* Each with a blank in front. */
static void
match_append(const struct port_flow_match *match, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	if (match->fields & PORT_FLOW_VLAN)
		strbuf_printf(out, " vlan %u", match->vlan);
	if (match->fields & PORT_FLOW_ETH_TYPE)
		strbuf_printf(out, " eth-type 0x%04x", match->eth_type);
	if (match->fields & PORT_FLOW_SRC)
		strbuf_printf(out, " src %s", ip_prefix_format(&match->src, text));
	if (match->fields & PORT_FLOW_DST)
		strbuf_printf(out, " dst %s", ip_prefix_format(&match->dst, text));
	if (match->fields & PORT_FLOW_PROTO)
		proto_append(match->proto, out);
	if (match->fields & PORT_FLOW_SRC_PORT)
		strbuf_printf(out, " sport %u", match->src_port);
	if (match->fields & PORT_FLOW_DST_PORT)
		strbuf_printf(out, " dport %u", match->dst_port);
}

/* The command that makes the rule. */
static void
rule_append(const struct port *port, const struct port_flow_rule *rule, struct strbuf *out)
{
	strbuf_printf(out, "flow add %s match", port->name);
	match_append(&rule->match, out);
	strbuf_printf(out, " %s %u", rule->to_worker ? "worker" : "queue", rule->target);
	if (rule->priority != 0)
		strbuf_printf(out, " priority %u", rule->priority);
	strbuf_printf(out, " id %u", rule->id);
}

/* ---- commands ---- */

static int
flow_add(struct cli_call *call)
{
	struct port_flow_rule rule = { 0 };
	const struct port *port = port_of(call);
	uint32_t id = 0;
	int rc;

	if (port == NULL)
		return -ENOENT;
	rc = match_parse(call, &rule.match);
	if (rc < 0)
		return rc;
	rule.to_worker = cli_arg_present(call, "worker");
	rule.target = (uint16_t)cli_arg_number(call, rule.to_worker ? "worker" : "queue", 0);
	rule.priority = (uint16_t)cli_arg_number(call, "priority", 0);
	rule.id = (uint32_t)cli_arg_number(call, "id", PORT_FLOW_ID_ANY);
	rc = stack_flow_add(stack_of(call), port->name, &rule, &id, call->err);
	if (rc == 0)
		cli_undo(call, "flow del %s %u", port->name, id);
	return rc;
}

static int
rule_del(struct cli_call *call, struct port *port, uint32_t id)
{
	const struct port_flow_rule *rule = port_flow_find(port, id);
	struct strbuf undo = STRBUF_INIT;
	int rc;

	if (rule != NULL)
		rule_append(port, rule, &undo);
	rc = stack_flow_remove(stack_of(call), port->name, id, call->err);
	if (rc == 0)
		cli_undo(call, "%s", strbuf_text(&undo));
	strbuf_free(&undo);
	return rc;
}

static int
flow_del(struct cli_call *call)
{
	struct port *port = port_of(call);

	if (port == NULL)
		return -ENOENT;
	return rule_del(call, port, (uint32_t)cli_arg_number(call, "N", 0));
}

static int
flow_del_all(struct cli_call *call)
{
	struct port *port = port_of(call);
	int rc = 0;

	if (port == NULL)
		return -ENOENT;
	while (rc == 0 && port->flow_count > 0)
		rc = rule_del(call, port, port->flow_rules[port->flow_count - 1].id);
	return rc;
}

static void
show_rule(struct show *show, struct port *port, const struct port_flow_rule *rule)
{
	struct strbuf text = STRBUF_INIT;
	uint64_t packets;

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_u64(show, "id", rule->id);
	show_u64(show, "priority", rule->priority);
	match_append(&rule->match, &text);
	show_string(show, "match", rule->match.fields != 0 ? strbuf_text(&text) + 1 : "all");
	show_stringf(show, "to", "%s %u", rule->to_worker ? "worker" : "queue", rule->target);
	if (port->up)
		show_string(show, "by", rule->hardware != NULL ? "hardware" : "software");
	else
		show_none(show, "by");
	if (stack_flow_hits(port, rule, &packets))
		show_u64(show, "packets", packets);
	else
		show_none(show, "packets");
	show_record_end(show);
	strbuf_free(&text);
}

static void
show_rules(struct show *show, struct port *port)
{
	for (unsigned i = 0; i < port->flow_count; i++)
		show_rule(show, port, &port->flow_rules[i]);
}

static int
flow_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct port *port = NULL;

	if (cli_arg_present(call, "PORT")) {
		port = port_of(call);
		if (port == NULL)
			return -ENOENT;
	}
	show_list_begin(call->show, NULL);
	if (port != NULL)
		show_rules(call->show, port);
	else
		for (port = port_next(&stack->ports, 0); port != NULL;
			port = port_next(&stack->ports, port->index + 1U))
			show_rules(call->show, port);
	show_list_end(call->show);
	return 0;
}

static void
flow_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		for (unsigned i = 0; i < port->flow_count; i++) {
			rule_append(port, &port->flow_rules[i], out);
			strbuf_append(out, "\n");
		}
	}
}

static const struct cli_command commands[] = {
	{ "flow add PORT match [vlan N:1-4094] [eth-type N:1536-65535] [src PREFIX] [dst PREFIX] "
	  "[proto WORD] [sport N:0-65535] [dport N:0-65535] (queue N:0-63 | worker N:0-63) "
	  "[priority N:0-65535] [id N:0-65535]",
		"lead packets to a queue or a worker, before RSS does: by the device where it can\n"
		"match: all of it must be so; with nothing said, all packets\n"
		"vlan: the packets with this tag; without it, those without a tag\n"
		"eth-type: behind the tag, e.g. 0x0806 for ARP\n"
		"proto: tcp, udp, sctp, icmp, icmp6 or a number\n"
		"sport: the source port; no fragments\n"
		"dport: the destination port; no fragments\n"
		"queue: in software, the worker that polls it\n"
		"priority: of the rules that a packet is like, the lowest decides, then the "
		"lowest id\n"
		"id: else the next that is free",
		flow_add, 0 },
	{ "flow del PORT N:0-65535", "remove a rule", flow_del, 0 },
	{ "flow del PORT all", "remove all rules of a port", flow_del_all, 0 },
	{ "flow show [PORT]",
		"the rules in their order, who does them, and how many packets they led", flow_show,
		CLI_SHOW },
};

const struct cli_noun cli_noun_flow = {
	.name = "flow",
	.help = "steering rules: which packets come to which queue or worker",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = flow_config,
};
