/* SPDX-License-Identifier: BSD-3-Clause */
/* cable: ports that are joined inside of the daemon; port add NAME cable. */
#include "commands/cable.h"

#include <string.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/port.h"

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

	/* A quoted word may hold spaces, which part the driver's arguments. */
	if (offloads != NULL && strchr(offloads, ' ') != NULL)
		return cli_fail(call, "offloads", EINVAL,
			"\"%s\" has spaces: offloads are parted by commas", offloads);
	strbuf_printf(&args, "peer %s", cli_arg_string(call, "peer"));
	if (cli_arg_present(call, "key"))
		strbuf_printf(&args, " key %s", cli_arg_string(call, "key"));
	if (cli_arg_present(call, "flight"))
		strbuf_printf(&args, " flight %s", cli_arg_string(call, "flight"));
	if (offloads != NULL)
		strbuf_printf(&args, " offloads %s", offloads);
	rc = stack_port_add(
		stack_of(call), &cable_port_ops, name, strbuf_text(&args), &config, call->err);
	strbuf_free(&args);
	if (rc == 0)
		cli_undo(call, "port del %s", name);
	return rc;
}

int
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

/* As `cable set` is told. */
static void
show_impair(struct show *show, const struct port *port)
{
	struct strbuf words = STRBUF_INIT;
	struct cable_impair impair;

	cable_impair_get(port, &impair);
	cable_impair_words(&impair, &words);
	show_string(show, "impairments", words.length > 0 ? strbuf_text(&words) + 1 : NULL);
	strbuf_free(&words);
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
	show_u64(show, "in_flight", counters.in_flight);
	show_impair(show, port);
	show_record_end(show);
}

static void
show_whole(struct show *show, struct port *port)
{
	struct cable_counters counters;

	cable_counters(port, &counters);
	show_record_begin(show, NULL);
	show_end(show, port);
	show_impair(show, port);
	show_record_begin(show, "counters");
	show_u64(show, "sent", counters.sent);
	show_u64(show, "sent_bytes", counters.sent_bytes);
	show_u64(show, "refused", counters.refused);
	show_u64(show, "delivered", counters.delivered);
	show_u64(show, "delivered_bytes", counters.delivered_bytes);
	show_u64(show, "in_flight", counters.in_flight);
	show_u64(show, "duplicated", counters.duplicated);
	show_u64(show, "corrupted", counters.corrupted_after);
	show_u64(show, "corrupted_before", counters.corrupted_before);
	show_u64(show, "truncated", counters.truncated);
	show_u64(show, "reordered", counters.reordered);
	show_u64(show, "marked", counters.marked);
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
		struct strbuf words = STRBUF_INIT;
		struct cable_impair impair;

		if (!port_is_cable(port))
			continue;
		cable_impair_get(port, &impair);
		cable_impair_words(&impair, &words);
		if (words.length > 0)
			strbuf_printf(out, "cable set %s%s\n", port->name, strbuf_text(&words));
		if (!cable_is_plugged(port))
			strbuf_printf(out, "cable link %s down\n", port->name);
		strbuf_free(&words);
	}
}

static const struct cli_command commands[] = {
	{ "cable show [PORT]",
		"ports that are ends of cables, and what became of the frames that they sent\n"
		"lost: on the way, or at the peer; of one port, by reason\n"
		"in_flight: on their way now; sent + duplicated = delivered + lost + in_flight",
		cable_show, CLI_SHOW },
	{ "cable set PORT [seed N:0-4294967295] [delay TIME] [jitter TIME] [distribution uniform|normal] "
	  "[loss (LOSS:CHANCE | gemodel P:CHANCE R:CHANCE BAD:CHANCE GOOD:CHANCE | "
	  "nth N:1-1000000000 | every N:1-1000000000)] [filter WORD] [duplicate CHANCE] "
	  "[corrupt CHANCE] [corrupt-before CHANCE] [truncate CHANCE] [reorder CHANCE by TIME] "
	  "[rate RATE] [burst N:0-1000000000] [limit N:0-1000000] [limit-bytes N:0-1000000000] "
	  "[aqm off|codel|ecn] [target TIME] [interval TIME]",
		"what happens to the frames that a port sends; what is not said stays as it was\n"
		"seed: of the random numbers, which start anew when it changes\n"
		"jitter: around the delay; of a normal distribution, the deviation\n"
		"loss: of each frame; gemodel: chance of the bad state, of the good one again, of "
		"loss in the bad one, and in the good one; nth, every: by the frame's number\n"
		"filter: which frames loss is for (see pcap-filter(7)): alone, all of them; none: no "
		"filter\n"
		"corrupt, corrupt-before: a wrong bit, and checksums as they were, or as if it had been "
		"there before these were computed\n"
		"truncate: to any length\n"
		"reorder: held back by so long, so that others overtake\n"
		"rate: of the wire; burst: bytes that may go at once after a pause\n"
		"limit, limit-bytes: of the queue in front of the wire (default 1000 packets)\n"
		"aqm: CoDel (RFC 8289), which loses or, with ecn, marks; target, interval: 5ms and "
		"100ms by themselves",
		cable_set, 0 },
	{ "cable clear PORT", "nothing happens to the frames that a port sends", cable_clear, 0 },
	{ "cable link PORT up|down", "plug a port's cable in, or pull it out", cable_link_set, 0 },
};

const struct cli_noun cli_noun_cable = {
	.name = "cable",
	.help = "ports that are joined inside of the daemon",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = cable_config_show,
};
