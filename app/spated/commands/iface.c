/* SPDX-License-Identifier: BSD-3-Clause */
/* iface: where IP lives. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/iface.h"
#include "commands/parse_vrf.h"

/* One that was just added, into the VRF that was said. */
static int
iface_added(struct cli_call *call, const char *name, uint16_t vrf)
{
	int rc = stack_iface_set_vrf(stack_of(call), name, vrf, call->err);

	if (rc < 0)
		stack_iface_remove(stack_of(call), name, NULL);
	else
		cli_undo(call, "iface del %s", name);
	return rc;
}

static int
iface_add(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	uint16_t vrf;
	int rc = parse_vrf(call, stack_of(call), "vrf", &vrf);

	if (rc == 0)
		rc = stack_loopback_add(stack_of(call), name, call->err);
	return rc == 0 ? iface_added(call, name, vrf) : rc;
}

static int
iface_add_vlan(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	const struct vlan_tag tag = {
		.type = cli_arg_present(call, "802.1ad") ? ETHER_TYPE_QINQ : ETHER_TYPE_VLAN,
		.id = (uint16_t)cli_arg_number(call, "vlan", 0),
	};
	uint16_t vrf;
	int rc = parse_vrf(call, stack_of(call), "vrf", &vrf);

	if (rc == 0)
		rc = stack_vlan_add(
			stack_of(call), name, cli_arg_string(call, "IFACE"), &tag, call->err);
	return rc == 0 ? iface_added(call, name, vrf) : rc;
}

static int
iface_del(struct cli_call *call)
{
	return stack_iface_remove(stack_of(call), cli_arg_string(call, "IFACE"), call->err);
}

static int
iface_set_admin(struct cli_call *call, bool up)
{
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface = iface_lookup(stack_of(call)->ifaces, name);
	bool before = iface != NULL && iface->admin_up;
	int rc = stack_iface_set_admin(stack_of(call), name, up, call->err);

	if (rc == 0 && up != before)
		cli_undo(call, "iface %s %s", before ? "up" : "down", name);
	return rc;
}

static int
iface_up(struct cli_call *call)
{
	return iface_set_admin(call, true);
}

static int
iface_down(struct cli_call *call)
{
	return iface_set_admin(call, false);
}

static int
iface_set(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface = iface_lookup(stack_of(call)->ifaces, name);
	uint16_t before = iface != NULL ? iface->mtu : 0;
	int rc = stack_iface_set_mtu(
		stack_of(call), name, (uint16_t)cli_arg_number(call, "mtu", 0), call->err);

	if (rc == 0)
		cli_undo(call, "iface set %s mtu %u", name, before);
	return rc;
}

static int
iface_set_vrf(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "IFACE");
	const struct stack *stack = stack_of(call);
	const struct iface *iface = iface_lookup(stack->ifaces, name);
	uint16_t before = iface != NULL ? iface->vrf : IP_VRF_DEFAULT, vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc == 0)
		rc = stack_iface_set_vrf(stack_of(call), name, vrf, call->err);
	if (rc == 0)
		cli_undo(call, "iface set %s vrf %s", name, stack->vrfs[before]->name);
	return rc;
}

static int
iface_accept_ra(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface = iface_lookup(stack_of(call)->ifaces, name);
	bool before = iface != NULL && stack_autoconf_show(stack_of(call), iface->index) != NULL;
	bool accept = cli_arg_present(call, "on");
	int rc = stack_autoconf_set(stack_of(call), name, accept, call->err);

	if (rc == 0 && accept != before)
		cli_undo(call, "iface set %s accept-ra %s", name, before ? "on" : "off");
	return rc;
}

static int
iface_l3(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface = iface_lookup(stack_of(call)->ifaces, name);
	bool before = iface != NULL && !iface->l2_only;
	int rc = stack_iface_set_l3(stack_of(call), name, cli_arg_present(call, "on"), call->err);

	if (rc == 0)
		cli_undo(call, "iface set %s l3 %s", name, before ? "on" : "off");
	return rc;
}

static const char *
protocol_name(const struct vlan_tag *tag)
{
	return tag->type == ETHER_TYPE_QINQ ? "802.1ad" : "802.1q";
}

/* What tells a VLAN from its parent: the innermost tag. */
static const struct vlan_tag *
own_tag(const struct iface *iface)
{
	return &iface->tags.tags[iface->tags.count - 1];
}

static void
show_vlan(struct show *show, const struct iface_table *table, const struct iface *iface)
{
	if (iface->type != IFACE_VLAN) {
		show_none(show, "parent");
		show_none(show, "vlan");
		show_none(show, "protocol");
		return;
	}
	show_string(show, "parent", iface_get(table, iface->parent)->name);
	show_u64(show, "vlan", own_tag(iface)->id);
	show_string(show, "protocol", protocol_name(own_tag(iface)));
}

static void
show_iface(struct show *show, const struct stack *stack, const struct iface *iface)
{
	static const char *const types[] = {
		[IFACE_PORT] = "port", [IFACE_VLAN] = "vlan", [IFACE_LOOPBACK] = "loopback"
	};
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "iface", iface->name);
	show_string(show, "type", types[iface->type]);
	show_string(show, "vrf", stack->vrfs[iface->vrf]->name);
	show_string(show, "admin", iface->admin_up ? "up" : "down");
	show_string(show, "state", iface->up ? "up" : "down");
	show_string(show, "l3", iface->l2_only ? "off" : iface->ip6_off ? "ipv4" : "on");
	show_u64(show, "mtu", iface->mtu);
	if (iface->type != IFACE_LOOPBACK)
		show_string(show, "mac", mac_addr_format(&iface->mac, text));
	else
		show_none(show, "mac");
	show_vlan(show, stack->ifaces, iface);
	show_list_begin(show, "addresses");
	for (unsigned i = 0; i < iface->addr_count; i++)
		show_string(show, NULL, ip_prefix_format(&iface->addrs[i], text));
	show_list_end(show);
	show_record_end(show);
}

static int
iface_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct iface_table *table = stack->ifaces;
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface;

	if (name != NULL) {
		iface = iface_lookup(table, name);
		if (iface == NULL)
			return cli_fail(call, "IFACE", ENOENT,
				"no interface \"%s\": 'iface show' lists them", name);
		show_iface(call->show, stack, iface);
		return 0;
	}
	show_list_begin(call->show, NULL);
	for (iface = iface_next(table, 0); iface != NULL;
		iface = iface_next(table, iface->index + 1U))
		show_iface(call->show, stack, iface);
	show_list_end(call->show);
	return 0;
}

/* The largest MTU that an interface can have, which it has by itself. */
static uint16_t
mtu_max(const struct stack *stack, const struct iface *iface)
{
	switch ((enum iface_type)iface->type) {
	case IFACE_PORT: return stack->ports.ports[iface->port]->config.mtu;
	case IFACE_VLAN: return iface_get(stack->ifaces, iface->parent)->mtu;
	case IFACE_LOOPBACK: break;
	}
	return IFACE_MTU_LOOPBACK;
}

/* Interfaces with so many tags: a VLAN comes after its parent. */
static void
config_depth(const struct stack *stack, unsigned tags, struct strbuf *out)
{
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		if (iface->tags.count != tags)
			continue;
		if (iface->type == IFACE_LOOPBACK)
			strbuf_printf(out, "iface add %s loopback\n", iface->name);
		if (iface->type == IFACE_VLAN)
			strbuf_printf(out, "iface add %s vlan %u parent %s protocol %s\n",
				iface->name, own_tag(iface)->id,
				iface_get(stack->ifaces, iface->parent)->name,
				protocol_name(own_tag(iface)));
		if (iface->vrf != IP_VRF_DEFAULT)
			strbuf_printf(out, "iface set %s vrf %s\n", iface->name,
				stack->vrfs[iface->vrf]->name);
		if (iface->mtu != mtu_max(stack, iface))
			strbuf_printf(out, "iface set %s mtu %u\n", iface->name, iface->mtu);
		if (stack_autoconf_show(stack, iface->index) != NULL)
			strbuf_printf(out, "iface set %s accept-ra on\n", iface->name);
		if (iface->l2_only)
			strbuf_printf(out, "iface set %s l3 off\n", iface->name);
		if (!iface->admin_up)
			strbuf_printf(out, "iface down %s\n", iface->name);
	}
}

static void
iface_config(void *arg, struct strbuf *out)
{
	for (unsigned tags = 0; tags <= VLAN_TAGS_MAX; tags++)
		config_depth(((struct daemon *)arg)->stack, tags, out);
}

static const struct cli_command commands[] = {
	{ "iface add NAME loopback [vrf VRF]", "add an interface that has addresses but no link",
		iface_add, 0 },
	{ "iface add NAME vlan N:1-4094 parent IFACE [protocol 802.1q|802.1ad] [vrf VRF]",
		"add an interface for the frames of another one that have this VLAN's tag\n"
		"IFACE: a port's interface, or for a second tag a VLAN's\n"
		"802.1ad: a service tag, EtherType 0x88a8; 802.1q is 0x8100\n"
		"vrf: without it the default one, also if its parent is in another",
		iface_add_vlan, 0 },
	{ "iface del IFACE", "remove a loopback or a VLAN, with its addresses", iface_del, 0 },
	{ "iface up IFACE", "let packets in and out", iface_up, 0 },
	{ "iface down IFACE", "drop what comes in", iface_down, 0 },
	{ "iface set IFACE mtu N:68-65535", "change the largest IP packet", iface_set, 0 },
	{ "iface set IFACE vrf VRF",
		"move an interface to another VRF, with its addresses and neighbours\n"
		"vrf: no static route may go through the interface",
		iface_set_vrf, 0 },
	{ "iface set IFACE accept-ra on|off",
		"learn default routers, prefixes and addresses from router advertisements, or not",
		iface_accept_ra, 0 },
	{ "iface set IFACE l3 on|off",
		"carry IP, or not: an interface for frames only, and for VLANs on it", iface_l3,
		0 },
	{ "iface show [IFACE]",
		"interfaces and their addresses\n"
		"l3: \"ipv4\" where IPv6 is off since another has the MAC address ('addr set')",
		iface_show, CLI_SHOW },
	{ "iface stats [IFACE]",
		"what interfaces received, sent and dropped; last: drops of no interface\n"
		"packets, bytes: those of the VLANs on it included; errors: its device's\n"
		"drops: of packets that came in by it, or that were to leave by it",
		iface_stats, CLI_SHOW },
};

const struct cli_noun cli_noun_iface = {
	.name = "iface",
	.help = "interfaces: where IP lives",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = iface_config,
};
