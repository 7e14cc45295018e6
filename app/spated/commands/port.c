/* SPDX-License-Identifier: BSD-3-Clause */
/* port: devices with queues. */
#include <limits.h>
#include <stdlib.h>

#include "base/counter.h"
#include "cable/cable.h"
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/port.h"
#include "ethdev/ethdev.h"

static int
port_add(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	bool pci = cli_arg_present(call, "pci");
	struct port_config config = {
		.rxq_count = (uint16_t)cli_arg_number(call, "rxq", 0),
		.txq_count = (uint16_t)cli_arg_number(call, "txq", 0),
		.rxd_count = (uint16_t)cli_arg_number(call, "rxd", 0),
		.txd_count = (uint16_t)cli_arg_number(call, "txd", 0),
		.mtu = (uint16_t)cli_arg_number(call, "mtu", 0),
	};
	int rc = stack_port_add(stack_of(call), &ethdev_port_ops, name,
		cli_arg_string(call, pci ? "pci" : "devargs"), &config, call->err);

	if (rc == 0)
		cli_undo(call, "port del %s", name);
	return rc;
}

static int
port_del(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	int rc;

	if (port != NULL)
		captures_port_detach(call->daemon, port);
	rc = stack_port_remove(stack_of(call), name, call->err);
	if (rc < 0 && port != NULL)
		captures_port_attach(call->daemon, port);
	return rc;
}

static int
port_up(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	bool before = port != NULL && port->up;
	int rc = stack_port_up(stack_of(call), name, call->err);

	if (rc == 0 && !before)
		cli_undo(call, "port down %s", name);
	return rc;
}

static int
port_down(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	bool before = port != NULL && port->up;
	int rc = stack_port_down(stack_of(call), name, call->err);

	if (rc == 0 && before)
		cli_undo(call, "port up %s", name);
	return rc;
}

static int
port_set(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	const struct iface *iface = iface_lookup(stack_of(call)->ifaces, name);
	uint16_t before = port != NULL ? port->config.mtu : 0;
	uint16_t iface_before = iface != NULL ? iface->mtu : 0;
	int rc = stack_port_set_mtu(
		stack_of(call), name, (uint16_t)cli_arg_number(call, "mtu", 0), call->err);

	/* Undone from the last to the first: the port's MTU bounds its interface's. */
	if (rc == 0) {
		cli_undo(call, "iface set %s mtu %u", name, iface_before);
		cli_undo(call, "port set %s mtu %u", name, before);
	}
	return rc;
}

static int
port_set_queues(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	uint16_t rxq_before = port != NULL ? port->rxq_used : 0;
	uint16_t txq_before = port != NULL ? port->config.txq_count : 0;
	int rc = stack_port_set_queues(stack_of(call), name,
		(uint16_t)cli_arg_number(call, "rxq", 0), (uint16_t)cli_arg_number(call, "txq", 0),
		call->err);

	if (rc == 0)
		cli_undo(call, "port set %s rxq %u txq %u", name, rxq_before, txq_before);
	return rc;
}

/* ---- shows ---- */

static void
show_offloads(struct show *show, uint32_t offloads)
{
	show_list_begin(show, "offloads");
	for (unsigned i = 0; i < PORT_OFFLOAD_COUNT; i++) {
		if (offloads & 1U << i)
			show_string(show, NULL, port_offload_name(i));
	}
	show_list_end(show);
}

static void
show_queue(struct show *show, unsigned queue, unsigned worker,
	const struct port_queue_counters *counters)
{
	show_record_begin(show, NULL);
	show_u64(show, "queue", queue);
	if (worker != UINT_MAX)
		show_u64(show, "worker", worker);
	else
		show_none(show, "worker");
	show_u64(show, "packets", counter_read(&counters->packets));
	show_u64(show, "bytes", counter_read(&counters->bytes));
	show_u64(show, "bursts", counter_read(&counters->bursts));
	show_u64(show, "polls_empty", counter_read(&counters->polls_empty));
	show_u64(show, "drops", counter_read(&counters->drops));
	show_record_end(show);
}

static void
show_queues(struct show *show, const struct stack *stack, const struct port *port)
{
	show_list_begin(show, "rx_queues");
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		show_queue(show, q, stack_rxq_worker(stack, port, q), &port->rxq_counters[q]);
	show_list_end(show);
	show_list_begin(show, "tx_queues");
	for (uint16_t q = 0; q < port->config.txq_count; q++)
		show_queue(show, q, stack_txq_worker(stack, port, q), &port->txq_counters[q]);
	show_list_end(show);
}

static void
show_link(struct show *show, struct port *port)
{
	struct port_link link = { 0 };

	if (port->up)
		port->ops->link(port, &link);
	show_string(show, "state", port->up ? "up" : "down");
	show_string(show, "link", link.up ? "up" : "down");
	if (link.up && link.speed_mbps != 0)
		show_stringf(show, "speed", "%u Mbps%s", link.speed_mbps,
			link.full_duplex ? "" : " half duplex");
	else
		show_none(show, "speed");
}

static void
show_basic_stats(struct show *show, struct port *port)
{
	struct port_stats stats = { 0 };

	if (port->ops->stats(port, &stats) < 0)
		return;
	show_u64(show, "rx_packets", stats.rx_packets);
	show_u64(show, "tx_packets", stats.tx_packets);
	show_u64(show, "rx_bytes", stats.rx_bytes);
	show_u64(show, "tx_bytes", stats.tx_bytes);
	show_u64(show, "rx_missed", stats.rx_missed);
	show_u64(show, "rx_errors", stats.rx_errors);
	show_u64(show, "rx_nombuf", stats.rx_nombuf);
	show_u64(show, "tx_errors", stats.tx_errors);
}

static void
show_port_line(struct show *show, struct port *port)
{
	char mac[MAC_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "driver", port->driver_name);
	show_link(show, port);
	show_string(show, "mac", mac_addr_format(&port->mac, mac));
	show_u64(show, "mtu", port->config.mtu);
	show_u64(show, "rxq", port->rxq_used);
	show_u64(show, "txq", port->config.txq_count);
	show_i64(show, "numa", port->numa_node);
	show_record_end(show);
}

static void
show_port_whole(struct show *show, const struct stack *stack, struct port *port)
{
	char mac[MAC_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "device", port->device_name);
	show_string(show, "driver", port->driver_name);
	show_string(show, "args", port->args);
	show_link(show, port);
	show_string(show, "mac", mac_addr_format(&port->mac, mac));
	show_u64(show, "mtu", port->config.mtu);
	show_i64(show, "numa", port->numa_node);
	show_bool(show, "promiscuous", port->promiscuous);
	show_bool(show, "allmulticast", !port->groups_filtered);
	show_u64(show, "rxd", port->config.rxd_count);
	show_u64(show, "txd", port->config.txd_count);
	show_offloads(show, port->offloads);
	show_queues(show, stack, port);
	show_record_begin(show, "statistics");
	show_basic_stats(show, port);
	show_record_end(show);
	show_record_end(show);
}

int
port_of(struct cli_call *call, struct port **port)
{
	const char *name = cli_arg_string(call, "PORT");

	*port = NULL;
	if (name == NULL)
		return 0;
	*port = port_lookup(&stack_of(call)->ports, name);
	if (*port == NULL)
		return cli_fail(
			call, "PORT", ENOENT, "no port \"%s\": 'port show' lists them", name);
	return 0;
}

static int
port_show(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct port *port;
	int rc = port_of(call, &port);

	if (rc < 0)
		return rc;
	if (port != NULL) {
		show_port_whole(call->show, stack, port);
		return 0;
	}
	show_list_begin(call->show, NULL);
	for (port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		show_port_line(call->show, port);
	show_list_end(call->show);
	return 0;
}

static int
show_port_stats(struct show *show, struct port *port, struct error *err)
{
	int count = port->ops->xstats(port, NULL, 0);
	struct port_xstat *xstats = calloc(count > 0 ? (size_t)count : 1, sizeof(*xstats));

	if (xstats == NULL)
		return error_set(err, ENOMEM, "no memory");
	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_basic_stats(show, port);
	count = port->ops->xstats(port, xstats, count > 0 ? (unsigned)count : 0);
	show_record_begin(show, "extended");
	for (int i = 0; i < count; i++)
		show_u64(show, xstats[i].name, xstats[i].value);
	show_record_end(show);
	show_record_end(show);
	free(xstats);
	return 0;
}

static int
port_stats(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct port *port;
	int rc = port_of(call, &port);

	if (rc < 0)
		return rc;
	if (port != NULL)
		return show_port_stats(call->show, port, call->err);
	show_blocks_begin(call->show, NULL);
	for (port = port_next(&stack->ports, 0); rc == 0 && port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		rc = show_port_stats(call->show, port, call->err);
	show_blocks_end(call->show);
	return rc;
}

static void
config_option(struct strbuf *out, const char *name, unsigned value)
{
	if (value != 0)
		strbuf_printf(out, " %s %u", name, value);
}

static void
port_config_show(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	char quoted[512];

	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		/* A cable's arguments are words of the command. */
		if (port_is_cable(port))
			strbuf_printf(out, "port add %s cable %s", port->name, port->args);
		else
			strbuf_printf(out, "port add %s %s %s", port->name,
				port->args_pci ? "pci" : "devargs",
				cli_quote(port->args, quoted, sizeof(quoted)));
		config_option(out, "rxq", port->asked.rxq_count);
		config_option(out, "txq", port->asked.txq_count);
		config_option(out, "rxd", port->asked.rxd_count);
		config_option(out, "txd", port->asked.txd_count);
		if (port->asked.mtu != PORT_MTU_DEFAULT)
			config_option(out, "mtu", port->asked.mtu);
		strbuf_append(out, "\n");
		port_filter_config(port, out);
		if (port->rxq_used != port->config.rxq_count)
			strbuf_printf(out, "port set %s rxq %u\n", port->name, port->rxq_used);
		if (!port->up)
			strbuf_printf(out, "port down %s\n", port->name);
	}
}

#define PORT_OPTIONS "[rxq N:1-64] [txq N:1-64] [rxd N:32-32768] [txd N:32-32768] [mtu N:68-9600]"
#define PORT_OPTIONS_HELP                                 \
	"\nrxq: receive queues (default: a worker each)"  \
	"\ntxq: transmit queues (default: a worker each)" \
	"\nrxd: descriptors of a receive queue"           \
	"\ntxd: descriptors of a transmit queue"          \
	"\nmtu: largest IP packet in bytes (default 1500)"

static const struct cli_command commands[] = {
	{ "port add NAME devargs WORD " PORT_OPTIONS,
		"add a DPDK device, by its driver's name and arguments\n"
		"devargs: e.g. net_tap0,iface=tap0 or net_memif0,role=server,socket=/run/m.sock" PORT_OPTIONS_HELP,
		port_add, 0 },
	{ "port add NAME pci WORD " PORT_OPTIONS,
		"add a PCI device that is bound to vfio-pci\n"
		"pci: its address, e.g. 0000:03:00.0" PORT_OPTIONS_HELP,
		port_add, 0 },
	{ "port add NAME cable peer PEER:NAME [queues N:1-16] [key N:40-52] [flight N:16-1048576] [offloads WORD] " PORT_OPTIONS,
		"join two ports of this daemon: each names the other; until both are there the link "
		"is down\n"
		"peer: the port at the other end\n"
		"queues: both of receive and transmit queues\n"
		"key: bytes of the RSS key: 40 or 52\n"
		"flight: frames that may be on their way to the peer (default 4096)\n"
		"offloads: all, none, or some of those that port show lists, with commas" PORT_OPTIONS_HELP,
		port_add_cable, 0 },
	{ "port del PORT", "remove a port, with its interface and addresses", port_del, 0 },
	{ "port up PORT", "start a port", port_up, 0 },
	{ "port down PORT", "stop a port; it keeps its configuration", port_down, 0 },
	{ "port set PORT mtu N:68-9600", "change the largest IP packet", port_set, 0 },
	{ "port set PORT rxq N:1-64 [txq N:1-64]",
		"change the number of queues\n"
		"rxq: as many as were set up, or fewer: without loss where `rss show` has a table;\n"
		"txq: this, and other changes of rxq: the port stops for a moment",
		port_set_queues, 0 },
	{ "port set PORT promiscuous on|off",
		"receive what is sent to others, or not: it is dropped, but captures see it",
		port_set_promiscuous, 0 },
	{ "port set PORT allmulticast on|off",
		"receive all multicast, or only what the interfaces on the port listen to",
		port_set_allmulticast, 0 },
	{ "port set PORT mac MAC",
		"change the MAC address, of the interfaces on the port too; neighbours are told",
		port_set_mac, 0 },
	{ "port mac add PORT MAC", "be reached by one more MAC address", port_mac_add, 0 },
	{ "port mac del PORT MAC", "not any more", port_mac_del, 0 },
	{ "port mac show [PORT]", "MAC addresses of ports", port_mac_show, CLI_SHOW },
	{ "port show [PORT]", "ports; of one: link, offloads, queues, statistics", port_show,
		CLI_SHOW },
	{ "port stats [PORT]", "basic and extended statistics of the devices", port_stats,
		CLI_SHOW },
};

const struct cli_noun cli_noun_port = {
	.name = "port",
	.help = "devices with receive and transmit queues",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = port_config_show,
};
