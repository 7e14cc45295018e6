/* SPDX-License-Identifier: BSD-3-Clause */
/* port set promiscuous, allmulticast, mac; port mac: what a port lets in. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/port.h"

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

int
port_set_promiscuous(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	bool before = port != NULL && port->promiscuous;
	int rc = stack_port_set_promiscuous(
		stack_of(call), name, cli_arg_present(call, "on"), call->err);

	if (rc == 0)
		cli_undo(call, "port set %s promiscuous %s", name, on_off(before));
	return rc;
}

int
port_set_allmulticast(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	bool before = port != NULL && !port->groups_filtered;
	int rc = stack_port_set_allmulticast(
		stack_of(call), name, cli_arg_present(call, "on"), call->err);

	if (rc == 0)
		cli_undo(call, "port set %s allmulticast %s", name, on_off(before));
	return rc;
}

int
port_set_mac(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	const struct port *port = port_lookup(&stack_of(call)->ports, name);
	struct mac_addr before = port != NULL ? port->mac : (struct mac_addr){ 0 };
	char text[MAC_TEXT_MAX];
	struct mac_addr mac;
	int rc;

	cli_arg_mac(call, "mac", &mac);
	rc = stack_port_set_mac(stack_of(call), name, &mac, call->err);
	if (rc == 0)
		cli_undo(call, "port set %s mac %s", name, mac_addr_format(&before, text));
	return rc;
}

int
port_mac_add(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	char text[MAC_TEXT_MAX];
	struct mac_addr mac;
	int rc;

	cli_arg_mac(call, "MAC", &mac);
	rc = stack_port_mac_add(stack_of(call), name, &mac, call->err);
	if (rc == 0)
		cli_undo(call, "port mac del %s %s", name, mac_addr_format(&mac, text));
	return rc;
}

int
port_mac_del(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "PORT");
	char text[MAC_TEXT_MAX];
	struct mac_addr mac;
	int rc;

	cli_arg_mac(call, "MAC", &mac);
	rc = stack_port_mac_remove(stack_of(call), name, &mac, call->err);
	if (rc == 0)
		cli_undo(call, "port mac add %s %s", name, mac_addr_format(&mac, text));
	return rc;
}

static void
show_mac(struct show *show, const struct port *port, const struct mac_addr *mac, const char *kind)
{
	char text[MAC_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "port", port->name);
	show_string(show, "mac", mac_addr_format(mac, text));
	show_string(show, "kind", kind);
	show_record_end(show);
}

int
port_mac_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct port *wanted;
	int rc = port_of(call, &wanted);

	if (rc < 0)
		return rc;
	show_list_begin(call->show, NULL);
	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U)) {
		if (wanted != NULL && wanted != port)
			continue;
		show_mac(call->show, port, &port->mac, "own");
		for (unsigned i = 0; i < port->mac_count; i++)
			show_mac(call->show, port, &port->macs[i], "added");
	}
	show_list_end(call->show);
	return 0;
}

void
port_filter_config(const struct port *port, struct strbuf *out)
{
	char text[MAC_TEXT_MAX];

	if (port->mac_asked)
		strbuf_printf(
			out, "port set %s mac %s\n", port->name, mac_addr_format(&port->mac, text));
	for (unsigned i = 0; i < port->mac_count; i++)
		strbuf_printf(out, "port mac add %s %s\n", port->name,
			mac_addr_format(&port->macs[i], text));
	if (port->promiscuous)
		strbuf_printf(out, "port set %s promiscuous on\n", port->name);
	if (port->groups_filtered)
		strbuf_printf(out, "port set %s allmulticast off\n", port->name);
}
