/* SPDX-License-Identifier: BSD-3-Clause */
/* addr: addresses of interfaces. */
#include "commands/commands.h"
#include "spated/daemon.h"
#include "wire/ip6.h"

static struct stack *
stack_of(const struct cli_call *call)
{
	return ((struct daemon *)call->daemon)->stack;
}

static int
addr_add(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct ip_prefix addr;
	int rc;

	cli_arg_prefix(call, "PREFIX", &addr);
	rc = stack_addr_add(stack_of(call), iface, &addr, call->err);
	if (rc == 0)
		cli_undo(call, "addr del %s dev %s", cli_arg_string(call, "PREFIX"), iface);
	return rc;
}

static int
addr_del(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct ip_prefix addr;
	int rc;

	cli_arg_prefix(call, "PREFIX", &addr);
	rc = stack_addr_remove(stack_of(call), iface, &addr, call->err);
	if (rc == 0)
		cli_undo(call, "addr add %s dev %s", cli_arg_string(call, "PREFIX"), iface);
	return rc;
}

static void
show_addrs(struct show *show, const struct iface *iface)
{
	char text[IP_TEXT_MAX];

	for (unsigned i = 0; i < iface->addr_count; i++) {
		show_record_begin(show, NULL);
		show_string(show, "iface", iface->name);
		show_string(show, "address", ip_prefix_format(&iface->addrs[i], text));
		show_string(show, "scope",
			ip_addr_is_link_local(&iface->addrs[i].addr) ? "link" : "global");
		show_record_end(show);
	}
}

static int
addr_show(struct cli_call *call)
{
	const struct iface_table *table = stack_of(call)->ifaces;
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface = name != NULL ? iface_lookup(table, name) : NULL;

	if (name != NULL && iface == NULL)
		return cli_fail(call, "IFACE", ENOENT,
			"no interface \"%s\": 'iface show' lists them", name);
	show_list_begin(call->show, NULL);
	if (name != NULL) {
		show_addrs(call->show, iface);
	} else {
		for (iface = iface_next(table, 0); iface != NULL;
			iface = iface_next(table, iface->index + 1U))
			show_addrs(call->show, iface);
	}
	show_list_end(call->show);
	return 0;
}

/* The link-local address that every interface gets by itself is no configuration. */
static bool
is_automatic(const struct iface *iface, const struct ip_prefix *addr)
{
	struct ip_addr automatic = ip6_link_local(iface->mac.bytes);

	return iface->type != IFACE_LOOPBACK && ip_addr_equal(&automatic, &addr->addr);
}

static void
addr_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	char text[IP_TEXT_MAX];

	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		for (unsigned i = 0; i < iface->addr_count; i++) {
			if (!is_automatic(iface, &iface->addrs[i]))
				strbuf_printf(out, "addr add %s dev %s\n",
					ip_prefix_format(&iface->addrs[i], text), iface->name);
		}
	}
}

static const struct cli_command commands[] = {
	{ "addr add PREFIX [dev] IFACE",
		"give an interface an address\n"
		"PREFIX: the address with its subnet's length, e.g. 10.0.0.1/24",
		addr_add, 0 },
	{ "addr del PREFIX [dev] IFACE", "take an address away", addr_del, 0 },
	{ "addr show [IFACE]", "addresses", addr_show, CLI_SHOW },
};

const struct cli_noun cli_noun_addr = {
	.name = "addr",
	.help = "addresses of interfaces",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = addr_config,
};
