/* SPDX-License-Identifier: BSD-3-Clause */
/* rss: what a port hashes, by which key, and to which queue and worker that leads. Setting it:
 * rss_set.c */
#include <limits.h>
#include <stdio.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_flow.h"
#include "commands/rss.h"

const struct port *
rss_port_of(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);

	if (port == NULL)
		cli_fail(call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	return port;
}

const char *
rss_key_format(const struct port_rss *rss, char text[RSS_KEY_TEXT_MAX])
{
	text[0] = '\0';
	for (unsigned i = 0; i < rss->key_length; i++)
		snprintf(
			text + (i > 0 ? 3 * i - 1 : 0), 4, "%s%02x", i > 0 ? ":" : "", rss->key[i]);
	return text;
}

void
rss_reta_append(const struct port_rss *rss, struct strbuf *out)
{
	uint16_t period = port_reta_period(rss->reta, rss->reta_size), last;

	for (uint16_t i = 0; i < period; i = last + 1) {
		last = i;
		while (last + 1 < period && rss->reta[last + 1] == rss->reta[last] + 1)
			last++;
		strbuf_printf(out, "%s%u", i > 0 ? "," : "", rss->reta[i]);
		if (last > i)
			strbuf_printf(out, "-%u", rss->reta[last]);
	}
}

void
rss_fields_append(const struct port_rss *rss, struct strbuf *out)
{
	if (rss->fields == 0)
		strbuf_append(out, " none");
	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (rss->fields & 1U << i)
			strbuf_printf(out, " %s", port_rss_field_name(i));
	}
}

/* ---- shows ---- */

static void
show_reta_text(struct show *show, const struct port_rss *rss)
{
	struct strbuf text = STRBUF_INIT;

	rss_reta_append(rss, &text);
	show_string(show, "reta", rss->reta_size > 0 ? strbuf_text(&text) : NULL);
	strbuf_free(&text);
}

static const char *
rss_kind(const struct port *port)
{
	if (port->spread != NULL)
		return "software";
	return port->rss.fields_possible != 0 ? "hardware" : "none";
}

static void
show_port_line(struct show *show, const struct stack *stack, const struct port *port)
{
	const struct port_rss *rss = &port->rss;

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "rss", rss_kind(port));
	show_bool(show, "symmetric", port_rss_is_symmetric(rss));
	show_bool(show, "flow_hash",
		(port->offloads & PORT_RX_RSS_HASH) != 0 &&
			port_rss_is_flow_hash(rss, stack->toeplitz.key));
	show_u64(show, "rxq", port->rxq_used);
	show_u64(show, "reta_size", rss->reta_size);
	show_reta_text(show, rss);
	show_record_end(show);
}

static void
show_fields(struct show *show, const char *name, uint32_t fields)
{
	show_list_begin(show, name);
	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (fields & 1U << i)
			show_string(show, NULL, port_rss_field_name(i));
	}
	show_list_end(show);
}

static void
show_worker(struct show *show, unsigned worker)
{
	if (worker != UINT_MAX)
		show_u64(show, "worker", worker);
	else
		show_none(show, "worker");
}

static void
show_queues(struct show *show, const struct stack *stack, const struct port *port)
{
	show_list_begin(show, "queues");
	for (uint16_t q = 0; q < port->rxq_used; q++) {
		unsigned buckets = 0;

		for (uint16_t i = 0; i < port->rss.reta_size; i++)
			buckets += port->rss.reta[i] == q;
		show_record_begin(show, NULL);
		show_u64(show, "queue", q);
		show_worker(show, stack_rxq_worker(stack, port, q));
		show_u64(show, "buckets", buckets);
		show_record_end(show);
	}
	show_list_end(show);
}

/* Software RSS: the table leads to them. */
static void
show_workers(struct show *show, const struct port *port)
{
	show_list_begin(show, "workers");
	for (uint16_t w = 0; w < port_reta_targets(port); w++) {
		unsigned buckets = 0;

		for (uint16_t i = 0; i < port->rss.reta_size; i++)
			buckets += port->rss.reta[i] == w;
		show_record_begin(show, NULL);
		show_u64(show, "worker", w);
		show_u64(show, "buckets", buckets);
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_port_whole(struct show *show, const struct stack *stack, const struct port *port)
{
	const struct port_rss *rss = &port->rss;
	char key[RSS_KEY_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "rss", rss_kind(port));
	show_fields(show, "fields", rss->fields);
	show_fields(show, "fields_possible", rss->fields_possible);
	show_string(show, "key", rss->key_length > 0 ? rss_key_format(rss, key) : NULL);
	show_bool(show, "symmetric", port_rss_is_symmetric(rss));
	show_bool(show, "flow_hash",
		(port->offloads & PORT_RX_RSS_HASH) != 0 &&
			port_rss_is_flow_hash(rss, stack->toeplitz.key));
	show_u64(show, "reta_size", rss->reta_size);
	show_reta_text(show, rss);
	if (show_is_json(show)) {
		show_list_begin(show, "buckets");
		for (uint16_t i = 0; i < rss->reta_size; i++)
			show_u64(show, NULL, rss->reta[i]);
		show_list_end(show);
	}
	if (port->spread != NULL)
		show_workers(show, port);
	else
		show_queues(show, stack, port);
	show_record_end(show);
}

static int
rss_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct port *port;

	if (cli_arg_present(call, "PORT")) {
		port = rss_port_of(call);
		if (port == NULL)
			return -ENOENT;
		show_port_whole(call->show, stack, port);
		return 0;
	}
	show_list_begin(call->show, NULL);
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		show_port_line(call->show, stack, port);
	show_list_end(call->show);
	return 0;
}

static void
show_known(struct show *show, const char *name, unsigned value)
{
	if (value != UINT_MAX)
		show_u64(show, name, value);
	else
		show_none(show, name);
}

static int
rss_predict(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
	struct show *show = call->show;
	struct stack_rss_way way;
	struct ip_flow flow;
	int rc;

	if (port == NULL)
		return -ENOENT;
	rc = parse_flow(call, &flow);
	if (rc < 0)
		return rc;
	stack_rss_predict(
		stack_of(call), port, &flow, (uint16_t)cli_arg_number(call, "vlan", 0), &way);
	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "by", way.hardware ? "hardware" : "software");
	if (!way.hashed)
		show_none(show, "hash");
	else
		show_stringf(show, "hash", "0x%08x", way.hash);
	show_known(show, "bucket", way.bucket);
	show_known(show, "flow_rule", way.rule != NULL ? way.rule->id : UINT_MAX);
	show_known(show, "queue", way.queue);
	show_known(show, "worker", way.worker);
	show_record_end(show);
	return 0;
}

static void
rss_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	char key[RSS_KEY_TEXT_MAX];

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (port->spread != NULL)
			strbuf_printf(out, "rss set %s software on\n", port->name);
		if (port->rss_asked & PORT_RSS_ASKED_FIELDS) {
			strbuf_printf(out, "rss set %s fields", port->name);
			rss_fields_append(&port->rss, out);
			strbuf_append(out, "\n");
		}
		if (port->rss_asked & PORT_RSS_ASKED_KEY)
			strbuf_printf(out, "rss set %s key %s\n", port->name,
				rss_key_format(&port->rss, key));
		if (port->rss_asked & PORT_RSS_ASKED_RETA) {
			strbuf_printf(out, "rss set %s reta ", port->name);
			rss_reta_append(&port->rss, out);
			strbuf_append(out, "\n");
		}
		if (port->buckets != NULL)
			strbuf_printf(out, "rss balance count %s on\n", port->name);
	}
}

#define RSS_FIELDS                                                              \
	"ipv4|ipv4-frag|ipv4-tcp|ipv4-udp|ipv4-sctp|ipv4-other|ipv6|ipv6-frag|" \
	"ipv6-tcp|ipv6-udp|ipv6-sctp|ipv6-other"

static const struct cli_command commands[] = {
	{ "rss show [PORT]", "what ports hash; of one: fields, key, table, queues and workers",
		rss_show, CLI_SHOW },
	{ "rss predict PORT [flow] PROTO SRC:ENDPOINT DST:ENDPOINT [vlan N:1-4094]",
		"the hash of a flow's packets that come in there, and the bucket, steering rule, "
		"queue and worker\n"
		"flow: e.g. flow udp 10.0.0.9:4000 192.0.2.1:53",
		rss_predict, CLI_SHOW },
	{ "rss balance show [PORT]",
		"how the load of the last second is spread over workers, queues and buckets",
		rss_balance_show, CLI_SHOW },
	{ "rss balance count PORT on|off",
		"count the packets of each bucket, for some cycles a packet", rss_count, 0 },
	{ "rss set PORT software on|off",
		"hash in software where the port does not; the table then leads to workers",
		rss_set_software, 0 },
	{ "rss set PORT fields ({" RSS_FIELDS "} | default | none)",
		"choose what is hashed: addresses, and the ports of tcp, udp and sctp\n"
		"default: all that the device can\n"
		"none: nothing, so that all packets come to queue 0",
		rss_set_fields, 0 },
	{ "rss set PORT key WORD",
		"set the key of the hash\n"
		"key: as hexadecimal digits, 6d5a56da... or 6d:5a:56:da..., or default",
		rss_set_key, 0 },
	{ "rss set PORT symmetric on|off",
		"set the key by which both directions of a flow hash alike, or the default key",
		rss_set_symmetric, 0 },
	{ "rss set PORT equal N:1-64",
		"spread the buckets evenly over so many queues or workers, as ethtool -X does",
		rss_set_equal, 0 },
	{ "rss set PORT weight LIST",
		"spread the buckets over queue or worker 0, 1, 2... by these weights, as ethtool "
		"-X does",
		rss_set_weight, 0 },
	{ "rss set PORT reta LIST",
		"set the queue, or worker, of each bucket\n"
		"reta: those of bucket 0, 1, 2..., again from the first when they end",
		rss_set_reta, 0 },
	{ "rss set PORT bucket LIST (queue N:0-63 | worker N:0-63)",
		"lead some buckets to a queue, or, in software, to a worker", rss_set_bucket, 0 },
};

const struct cli_noun cli_noun_rss = {
	.name = "rss",
	.help = "receive-side scaling: which flow comes to which queue and worker",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = rss_config,
};
