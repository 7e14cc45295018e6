/* SPDX-License-Identifier: BSD-3-Clause */
/* rss: what a port hashes, by which key, and to which queue and worker that leads. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/parse_flow.h"
#include "spated/daemon.h"

/* Two digits a byte, and a colon in between. */
#define KEY_TEXT_MAX (3 * PORT_RSS_KEY_MAX)

static struct stack *
stack_of(const struct cli_call *call)
{
	return ((struct daemon *)call->daemon)->stack;
}

/* @return NULL with the error set */
static const struct port *
port_of(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);

	if (port == NULL)
		cli_fail(call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	return port;
}

/* ---- texts ---- */

/* As ethtool prints it. */
static const char *
key_format(const struct port_rss *rss, char text[KEY_TEXT_MAX])
{
	text[0] = '\0';
	for (unsigned i = 0; i < rss->key_length; i++)
		snprintf(
			text + (i > 0 ? 3 * i - 1 : 0), 4, "%s%02x", i > 0 ? ":" : "", rss->key[i]);
	return text;
}

/* Bytes of two digits, with or without colons. @return how many; -EINVAL */
static int
key_parse(const char *text, uint8_t key[PORT_RSS_KEY_MAX])
{
	unsigned length = 0;

	while (*text != '\0') {
		const char digits[3] = { text[0], text[1], '\0' };

		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
			length == PORT_RSS_KEY_MAX)
			return -EINVAL;
		key[length++] = (uint8_t)strtoul(digits, NULL, 16);
		text += 2;
		if (*text == ':' && text[1] != '\0')
			text++;
	}
	return (int)length;
}

/* A table as what repeats in it, "0-3" or "0,0,1". */
static void
reta_append(const struct port_rss *rss, struct strbuf *out)
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

static void
fields_append(const struct port_rss *rss, struct strbuf *out)
{
	if (rss->fields == 0)
		strbuf_append(out, " none");
	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (rss->fields & 1U << i)
			strbuf_printf(out, " %s", port_rss_field_name(i));
	}
}

/* ---- set ---- */

static int
set_key(struct cli_call *call, const uint8_t *key, unsigned length)
{
	const struct port *port = port_of(call);
	char before[KEY_TEXT_MAX];
	int rc;

	if (port == NULL)
		return -ENOENT;
	key_format(&port->rss, before);
	rc = stack_rss_set_key(stack_of(call), port->name, key, length, call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s key %s", port->name, before);
	return rc;
}

static int
rss_set_key(struct cli_call *call)
{
	const char *text = cli_arg_string(call, "key");
	const struct port *port = port_of(call);
	uint8_t key[PORT_RSS_KEY_MAX];
	int length;

	if (port == NULL)
		return -ENOENT;
	if (strcmp(text, "default") == 0) {
		port_rss_default_key(key, port->rss.key_length);
		return set_key(call, key, port->rss.key_length);
	}
	length = key_parse(text, key);
	if (length < 0)
		return cli_fail(call, "key", EINVAL,
			"a key is bytes of two hexadecimal digits, 6d5a56da... or 6d:5a:56:da..., "
			"or the word default");
	return set_key(call, key, (unsigned)length);
}

static int
rss_set_symmetric(struct cli_call *call)
{
	const struct port *port = port_of(call);
	char before[KEY_TEXT_MAX];
	int rc;

	if (port == NULL)
		return -ENOENT;
	key_format(&port->rss, before);
	rc = stack_rss_set_symmetric(
		stack_of(call), port->name, cli_arg_present(call, "on"), call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s key %s", port->name, before);
	return rc;
}

static int
rss_set_fields(struct cli_call *call)
{
	const struct port *port = port_of(call);
	struct strbuf before = STRBUF_INIT;
	uint32_t fields = 0;
	int rc;

	if (port == NULL)
		return -ENOENT;
	if (cli_arg_present(call, "default"))
		fields = port->rss.fields_possible;
	while (cli_arg_group_next(call)) {
		for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
			if (cli_arg_present(call, port_rss_field_name(i)))
				fields |= 1U << i;
		}
	}
	fields_append(&port->rss, &before);
	rc = stack_rss_set_fields(stack_of(call), port->name, fields, call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s fields%s", port->name, strbuf_text(&before));
	strbuf_free(&before);
	return rc;
}

static int
set_reta(struct cli_call *call, const struct port *port, const uint16_t *reta)
{
	struct strbuf before = STRBUF_INIT;
	int rc;

	reta_append(&port->rss, &before);
	rc = stack_rss_set_reta(stack_of(call), port->name, reta, call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s reta %s", port->name, strbuf_text(&before));
	strbuf_free(&before);
	return rc;
}

static int
rss_set_reta(struct cli_call *call)
{
	const struct port *port = port_of(call);
	unsigned queues[PORT_RETA_MAX];
	uint16_t reta[PORT_RETA_MAX];
	int count = cli_arg_list(call, "reta", queues, PORT_RETA_MAX);

	if (port == NULL)
		return -ENOENT;
	if (count < 0 || (port->rss.reta_size > 0 && count > port->rss.reta_size))
		return cli_fail(call, "reta", E2BIG, "the table of %s has %u buckets", port->name,
			port->rss.reta_size);
	port_reta_repeat(reta, port->rss.reta_size, queues, (unsigned)count);
	return set_reta(call, port, reta);
}

static int
rss_set_equal(struct cli_call *call)
{
	const struct port *port = port_of(call);
	unsigned queues[PORT_QUEUE_MAX], count = (unsigned)cli_arg_number(call, "equal", 1);
	uint16_t reta[PORT_RETA_MAX];

	if (port == NULL)
		return -ENOENT;
	for (unsigned i = 0; i < count; i++)
		queues[i] = i;
	port_reta_repeat(reta, port->rss.reta_size, queues, count);
	return set_reta(call, port, reta);
}

static int
rss_set_weight(struct cli_call *call)
{
	const struct port *port = port_of(call);
	unsigned weights[PORT_QUEUE_MAX], total = 0;
	uint16_t reta[PORT_RETA_MAX];
	int count = cli_arg_list(call, "weight", weights, PORT_QUEUE_MAX);

	if (port == NULL)
		return -ENOENT;
	for (int i = 0; i < count; i++)
		total += weights[i];
	if (count < 0 || total == 0)
		return cli_fail(call, "weight", EINVAL,
			"at most %u weights, one a queue, not all of them 0", PORT_QUEUE_MAX);
	port_reta_weigh(reta, port->rss.reta_size, weights, (unsigned)count);
	return set_reta(call, port, reta);
}

static int
rss_set_bucket(struct cli_call *call)
{
	const struct port *port = port_of(call);
	unsigned buckets[PORT_RETA_MAX];
	uint16_t reta[PORT_RETA_MAX];
	int count = cli_arg_list(call, "bucket", buckets, PORT_RETA_MAX);
	uint64_t to = cli_arg_number(call, "queue", cli_arg_number(call, "worker", 0));

	if (port == NULL)
		return -ENOENT;
	memcpy(reta, port->rss.reta, sizeof(reta));
	for (int i = 0; i < count; i++) {
		if (buckets[i] >= port->rss.reta_size)
			count = -EINVAL;
		else
			reta[buckets[i]] = (uint16_t)to;
	}
	if (count < 0)
		return cli_fail(call, "bucket", EINVAL, "the table of %s has %u buckets",
			port->name, port->rss.reta_size);
	return set_reta(call, port, reta);
}

static int
rss_set_software(struct cli_call *call)
{
	const struct port *port = port_of(call);
	bool before, on = cli_arg_present(call, "on");
	int rc;

	if (port == NULL)
		return -ENOENT;
	before = port->spread != NULL;
	rc = stack_rss_set_software(stack_of(call), port->name, on, call->err);
	if (rc == 0 && before != on)
		cli_undo(call, "rss set %s software %s", port->name, before ? "on" : "off");
	return rc;
}

/* ---- shows ---- */

static void
show_reta_text(struct show *show, const struct port_rss *rss)
{
	struct strbuf text = STRBUF_INIT;

	reta_append(rss, &text);
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
	char key[KEY_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "rss", rss_kind(port));
	show_fields(show, "fields", rss->fields);
	show_fields(show, "fields_possible", rss->fields_possible);
	show_string(show, "key", rss->key_length > 0 ? key_format(rss, key) : NULL);
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
		port = port_of(call);
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
	const struct port *port = port_of(call);
	struct show *show = call->show;
	struct stack_rss_way way;
	struct ip_flow flow;
	int rc;

	if (port == NULL)
		return -ENOENT;
	rc = parse_flow(call, &flow);
	if (rc < 0)
		return rc;
	stack_rss_predict(stack_of(call), port, &flow, &way);
	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "by", way.hardware ? "hardware" : "software");
	if (!way.hashed)
		show_none(show, "hash");
	else
		show_stringf(show, "hash", "0x%08x", way.hash);
	show_known(show, "bucket", way.bucket);
	show_known(show, "queue", way.queue);
	show_known(show, "worker", way.worker);
	show_record_end(show);
	return 0;
}

static void
rss_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	char key[KEY_TEXT_MAX];

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (port->spread != NULL)
			strbuf_printf(out, "rss set %s software on\n", port->name);
		if (port->rss_asked & PORT_RSS_ASKED_FIELDS) {
			strbuf_printf(out, "rss set %s fields", port->name);
			fields_append(&port->rss, out);
			strbuf_append(out, "\n");
		}
		if (port->rss_asked & PORT_RSS_ASKED_KEY)
			strbuf_printf(out, "rss set %s key %s\n", port->name,
				key_format(&port->rss, key));
		if (port->rss_asked & PORT_RSS_ASKED_RETA) {
			strbuf_printf(out, "rss set %s reta ", port->name);
			reta_append(&port->rss, out);
			strbuf_append(out, "\n");
		}
	}
}

#define RSS_FIELDS                                                              \
	"ipv4|ipv4-frag|ipv4-tcp|ipv4-udp|ipv4-sctp|ipv4-other|ipv6|ipv6-frag|" \
	"ipv6-tcp|ipv6-udp|ipv6-sctp|ipv6-other"

static const struct cli_command commands[] = {
	{ "rss show [PORT]", "what ports hash; of one: fields, key, table, queues and workers",
		rss_show, CLI_SHOW },
	{ "rss predict PORT [flow] PROTO SRC:ENDPOINT DST:ENDPOINT",
		"the hash of a flow's packets that come in there, and the bucket, queue and "
		"worker\n"
		"flow: e.g. flow udp 10.0.0.9:4000 192.0.2.1:53",
		rss_predict, CLI_SHOW },
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
