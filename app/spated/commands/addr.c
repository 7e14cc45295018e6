/* SPDX-License-Identifier: BSD-3-Clause */
/* addr: addresses of interfaces. */
#include <bsd/string.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/show_ifaces.h"

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

/* In place of a secret; too short to be one. */
#define SECRET_RANDOM "random"

static int
secret_set(struct cli_call *call, const char *secret)
{
	struct stack_nd_config *config = &stack_of(call)->config.nd;
	const char *before =
		config->stable_secret[0] != '\0' ? config->stable_secret : SECRET_RANDOM;
	char quoted[2 * STACK_SECRET_MAX + 2];

	if (strcmp(secret, SECRET_RANDOM) == 0)
		secret = "";
	else if (strlen(secret) < STACK_SECRET_MIN || strlen(secret) >= STACK_SECRET_MAX)
		return cli_fail(call, "stable-secret", EINVAL,
			"a secret has from %u to %u characters; " SECRET_RANDOM
			" stands for one of this process",
			STACK_SECRET_MIN, STACK_SECRET_MAX - 1);
	cli_undo(call, "addr set stable-secret %s", cli_quote(before, quoted, sizeof(quoted)));
	strlcpy(config->stable_secret, secret, sizeof(config->stable_secret));
	return 0;
}

static int
addr_set(struct cli_call *call)
{
	struct stack_nd_config *config = &stack_of(call)->config.nd;
	const struct stack_nd_config before = *config;
	const char *secret = cli_arg_string(call, "stable-secret");
	int rc = secret != NULL ? secret_set(call, secret) : 0;

	if (rc < 0)
		return rc;
	config->announce_count = (uint8_t)cli_arg_number(call, "announce", before.announce_count);
	config->dad_transmits =
		(uint8_t)cli_arg_number(call, "dad-transmits", before.dad_transmits);
	if (cli_arg_present(call, "dad-disable"))
		config->dad_disable = cli_arg_present(call, "on");
	cli_undo(call, "addr set announce %u dad-transmits %u dad-disable %s",
		before.announce_count, before.dad_transmits, before.dad_disable ? "on" : "off");
	return 0;
}

static void
show_addrs(struct show *show, const struct stack *stack, const struct iface *iface)
{
	char text[IP_TEXT_MAX];

	for (unsigned i = 0; i < iface->addr_count; i++) {
		show_record_begin(show, NULL);
		show_string(show, "iface", iface->name);
		show_string(show, "vrf", stack->vrfs[iface->vrf]->name);
		show_string(show, "address", ip_prefix_format(&iface->addrs[i], text));
		show_string(show, "scope",
			ip_addr_is_link_local(&iface->addrs[i].addr) ? "link" : "global");
		show_string(show, "state",
			iface_addr_state_name((enum iface_addr_state)iface->addr_states[i]));
		show_record_end(show);
	}
}

static int
addr_show(struct cli_call *call)
{
	return show_ifaces(call, show_addrs);
}

static void
addr_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_nd_config usual = STACK_ND_CONFIG_DEFAULT;
	char text[IP_TEXT_MAX], quoted[2 * STACK_SECRET_MAX + 2];

	if (stack->config.nd.announce_count != usual.announce_count)
		strbuf_printf(out, "addr set announce %u\n", stack->config.nd.announce_count);
	if (stack->config.nd.dad_transmits != usual.dad_transmits)
		strbuf_printf(out, "addr set dad-transmits %u\n", stack->config.nd.dad_transmits);
	if (stack->config.nd.dad_disable)
		strbuf_append(out, "addr set dad-disable on\n");
	if (stack->config.nd.stable_secret[0] != '\0')
		strbuf_printf(out, "addr set stable-secret %s\n",
			cli_quote(stack->config.nd.stable_secret, quoted, sizeof(quoted)));
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		for (unsigned i = 0; i < iface->addr_count; i++) {
			/* What an interface gets by itself is no configuration. */
			if (iface->addr_origins[i] == IFACE_ADDR_MANUAL)
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
	{ "addr set [announce N:0-3] [dad-transmits N:0-10] [dad-disable on|off] "
	  "[stable-secret WORD]",
		"what is said of our addresses that are new\n"
		"announce: gratuitous ARPs and unsolicited advertisements (default 2)\n"
		"dad-transmits: probes for others that have an IPv6 address (default 1; 0: none)\n"
		"dad-disable: no IPv6 on an interface when another has the link-local address that "
		"its MAC address makes, until it goes down and up (default off)\n"
		"stable-secret: makes addresses of advertised prefixes the same after a restart; "
		"random: one of this process",
		addr_set, 0 },
	{ "addr show [IFACE] [vrf VRF]", "addresses; with a VRF, only those of its interfaces",
		addr_show, CLI_SHOW },
};

const struct cli_noun cli_noun_addr = {
	.name = "addr",
	.help = "addresses of interfaces",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = addr_config,
};
