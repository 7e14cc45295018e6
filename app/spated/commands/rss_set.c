/* SPDX-License-Identifier: BSD-3-Clause */
/* rss set: the commands of rss.c that change something. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "commands/call.h"
#include "commands/rss.h"

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

static int
set_key(struct cli_call *call, const uint8_t *key, unsigned length)
{
	const struct port *port = rss_port_of(call);
	char before[RSS_KEY_TEXT_MAX];
	int rc;

	if (port == NULL)
		return -ENOENT;
	rss_key_format(&port->rss, before);
	rc = stack_rss_set_key(stack_of(call), port->name, key, length, call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s key %s", port->name, before);
	return rc;
}

int
rss_set_key(struct cli_call *call)
{
	const char *text = cli_arg_string(call, "key");
	const struct port *port = rss_port_of(call);
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

int
rss_set_symmetric(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
	char before[RSS_KEY_TEXT_MAX];
	int rc;

	if (port == NULL)
		return -ENOENT;
	rss_key_format(&port->rss, before);
	rc = stack_rss_set_symmetric(
		stack_of(call), port->name, cli_arg_present(call, "on"), call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s key %s", port->name, before);
	return rc;
}

int
rss_set_fields(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
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
	rss_fields_append(&port->rss, &before);
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

	rss_reta_append(&port->rss, &before);
	rc = stack_rss_set_reta(stack_of(call), port->name, reta, call->err);
	if (rc == 0)
		cli_undo(call, "rss set %s reta %s", port->name, strbuf_text(&before));
	strbuf_free(&before);
	return rc;
}

int
rss_set_reta(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
	unsigned queues[PORT_RETA_MAX];
	uint16_t reta[PORT_RETA_MAX];
	int count = cli_arg_list(call, "reta", queues, PORT_RETA_MAX);

	if (port == NULL)
		return -ENOENT;
	if (port->rss.reta_size > 0 && (count < 0 || count > port->rss.reta_size))
		return cli_fail(call, "reta", E2BIG, "the table of %s has %u buckets", port->name,
			port->rss.reta_size);
	/* Without a table, which is refused, the count does not matter. */
	port_reta_repeat(reta, port->rss.reta_size, queues, (unsigned)count);
	return set_reta(call, port, reta);
}

int
rss_set_equal(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
	unsigned queues[PORT_QUEUE_MAX], count = (unsigned)cli_arg_number(call, "equal", 1);
	uint16_t reta[PORT_RETA_MAX];

	if (port == NULL)
		return -ENOENT;
	for (unsigned i = 0; i < count; i++)
		queues[i] = i;
	port_reta_repeat(reta, port->rss.reta_size, queues, count);
	return set_reta(call, port, reta);
}

int
rss_set_weight(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
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

int
rss_set_bucket(struct cli_call *call)
{
	const struct port *port = rss_port_of(call);
	unsigned buckets[PORT_RETA_MAX];
	uint16_t reta[PORT_RETA_MAX];
	int count = cli_arg_list(call, "bucket", buckets, PORT_RETA_MAX);
	uint64_t to = cli_arg_number(call, "queue", cli_arg_number(call, "worker", 0));

	if (port == NULL)
		return -ENOENT;
	memcpy(reta, port->rss.reta, sizeof(reta));
	if (port->rss.reta_size == 0)
		return set_reta(call, port, reta); /* which says why not */
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

/* What of a port is on or off, and the words of its command around the port's name. */
struct rss_switch {
	bool (*is_on)(const struct port *port);
	int (*set)(struct stack *stack, const char *port, bool on, struct error *err);
	const char *before_port, *behind_port;
};

static int
switch_set(struct cli_call *call, const struct rss_switch *sw)
{
	const struct port *port = rss_port_of(call);
	bool before, on = cli_arg_present(call, "on");
	int rc;

	if (port == NULL)
		return -ENOENT;
	before = sw->is_on(port);
	rc = sw->set(stack_of(call), port->name, on, call->err);
	if (rc == 0 && before != on)
		cli_undo(call, "%s %s %s %s", sw->before_port, port->name, sw->behind_port,
			before ? "on" : "off");
	return rc;
}

static bool
is_software(const struct port *port)
{
	return port->spread != NULL;
}

int
rss_set_software(struct cli_call *call)
{
	static const struct rss_switch software = { is_software, stack_rss_set_software, "rss set",
		"software" };

	return switch_set(call, &software);
}

static bool
is_counted(const struct port *port)
{
	return port->buckets != NULL;
}

int
rss_count(struct cli_call *call)
{
	static const struct rss_switch count = { is_counted, stack_rss_count, "rss balance count",
		"" };

	return switch_set(call, &count);
}
