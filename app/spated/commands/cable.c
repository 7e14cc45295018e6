/* SPDX-License-Identifier: BSD-3-Clause */
/* cable: ports that are joined inside of the daemon; port add NAME cable. */
#include "cable/cable.h"
#include "commands/commands.h"
#include "commands/port.h"
#include "spated/daemon.h"

static struct stack *
stack_of(const struct cli_call *call)
{
	return ((struct daemon *)call->daemon)->stack;
}

int
port_add_cable(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	const char *offloads = cli_arg_string(call, "offloads");
	uint64_t queues = cli_arg_number(call, "queues", 0);
	const struct port_config config = {
		.rxq_count = (uint16_t)cli_arg_number(call, "rxq", queues),
		.txq_count = (uint16_t)cli_arg_number(call, "txq", queues),
		.rxd_count = (uint16_t)cli_arg_number(call, "rxd", 0),
		.txd_count = (uint16_t)cli_arg_number(call, "txd", 0),
		.mtu = (uint16_t)cli_arg_number(call, "mtu", 0),
	};
	struct strbuf args = STRBUF_INIT;
	int rc;

	strbuf_printf(&args, "peer %s", cli_arg_string(call, "peer"));
	if (cli_arg_present(call, "key"))
		strbuf_printf(&args, " key %s", cli_arg_string(call, "key"));
	if (offloads != NULL)
		strbuf_printf(&args, " offloads %s", offloads);
	rc = stack_port_add(
		stack_of(call), &cable_port_ops, name, strbuf_text(&args), &config, call->err);
	strbuf_free(&args);
	if (rc == 0)
		cli_undo(call, "port del %s", name);
	return rc;
}

/* The argument PORT, which must be an end of a cable; NULL if it is not there. */
static int
cable_of(struct cli_call *call, struct port **port)
{
	int rc = port_of(call, port);

	if (rc < 0 || *port == NULL || port_is_cable(*port))
		return rc;
	return cli_fail(call, "PORT", EINVAL,
		"%s is no end of a cable: 'port add NAME cable peer NAME' makes one",
		(*port)->name);
}

static int
cable_link_set(struct cli_call *call)
{
	bool up = cli_arg_present(call, "up");
	struct port *port;
	int rc = cable_of(call, &port);

	if (rc < 0)
		return rc;
	if (cable_is_plugged(port) != up)
		cli_undo(call, "cable link %s %s", port->name, up ? "down" : "up");
	cable_plug(port, up);
	return 0;
}

/* ---- shows ---- */

static uint64_t
lost_all(const struct cable_counters *counters)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		sum += counters->lost[i];
	return sum;
}

static void
show_end(struct show *show, struct port *port)
{
	struct port_link link;

	port->ops->link(port, &link);
	show_string(show, "port", port->name);
	show_string(show, "peer", cable_peer_name(port));
	show_string(show, "plug", cable_is_plugged(port) ? "in" : "out");
	show_string(show, "link", link.up ? "up" : "down");
}

static void
show_line(struct show *show, struct port *port)
{
	struct cable_counters counters;

	cable_counters(port, &counters);
	show_record_begin(show, NULL);
	show_end(show, port);
	show_u64(show, "sent", counters.sent);
	show_u64(show, "delivered", counters.delivered);
	show_u64(show, "lost", lost_all(&counters));
	show_record_end(show);
}

static void
show_whole(struct show *show, struct port *port)
{
	struct cable_counters counters;

	cable_counters(port, &counters);
	show_record_begin(show, NULL);
	show_end(show, port);
	show_record_begin(show, "counters");
	show_u64(show, "sent", counters.sent);
	show_u64(show, "sent_bytes", counters.sent_bytes);
	show_u64(show, "refused", counters.refused);
	show_u64(show, "delivered", counters.delivered);
	show_u64(show, "delivered_bytes", counters.delivered_bytes);
	show_record_end(show);
	show_record_begin(show, "lost");
	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		show_u64(show, cable_lost_name(i), counters.lost[i]);
	show_record_end(show);
	show_record_end(show);
}

static int
cable_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct port *port;
	int rc = cable_of(call, &port);

	if (rc < 0)
		return rc;
	if (port != NULL) {
		show_whole(call->show, port);
		return 0;
	}
	show_list_begin(call->show, NULL);
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (port_is_cable(port))
			show_line(call->show, port);
	}
	show_list_end(call->show);
	return 0;
}

static void
cable_config_show(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (port_is_cable(port) && !cable_is_plugged(port))
			strbuf_printf(out, "cable link %s down\n", port->name);
	}
}

static const struct cli_command commands[] = {
	{ "cable show [PORT]",
		"ports that are ends of cables, and what became of the frames that they sent\n"
		"lost: on the way, or at the peer; of one port, by reason",
		cable_show, CLI_SHOW },
	{ "cable link PORT up|down", "plug a port's cable in, or pull it out", cable_link_set, 0 },
};

const struct cli_noun cli_noun_cable = {
	.name = "cable",
	.help = "ports that are joined inside of the daemon",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = cable_config_show,
};
