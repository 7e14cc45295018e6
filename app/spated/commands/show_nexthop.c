/* SPDX-License-Identifier: BSD-3-Clause */
/* Nexthops as words of the CLI's own syntax. */
#include "commands/show_nexthop.h"

const char *
nexthop_type_name(enum nexthop_type type)
{
	static const char *const names[] = {
		[NEXTHOP_NO_ROUTE] = "no-route",
		[NEXTHOP_LOCAL] = "local",
		[NEXTHOP_BLACKHOLE] = "blackhole",
		[NEXTHOP_UNREACHABLE] = "unreachable",
		[NEXTHOP_PROHIBIT] = "prohibit",
		[NEXTHOP_BROADCAST] = "broadcast",
		[NEXTHOP_ATTACHED] = "attached",
		[NEXTHOP_UNRESOLVED] = "unresolved",
		[NEXTHOP_RESOLVED] = "resolved",
		[NEXTHOP_GATEWAY] = "gateway",
		[NEXTHOP_GROUP] = "group",
	};

	return names[type];
}

static const struct nexthop *
nexthop_of(const struct stack *stack, uint32_t id)
{
	return nexthop_get(nexthop_table_array(stack->nexthops), id);
}

const char *
nexthop_iface_name(const struct stack *stack, uint32_t id)
{
	const struct nexthop *nexthop = nexthop_of(stack, id);
	const struct iface *iface =
		nexthop->type >= NEXTHOP_ATTACHED && nexthop->type != NEXTHOP_GROUP
		? iface_get(stack->ifaces, nexthop->iface)
		: NULL;

	return iface != NULL ? iface->name : NULL;
}

const char *
nexthop_flags(const struct stack *stack, uint32_t id)
{
	unsigned down = nexthop_down(stack->nexthops, id);

	if ((down & NEXTHOP_DOWN_LINK) != 0)
		return "dead linkdown";
	return down != 0 ? "dead" : "";
}

static void
append_vrf(const struct stack *stack, uint16_t vrf, uint16_t nexthop_vrf, struct strbuf *out)
{
	if (vrf != SHOW_VRF_NONE && vrf != nexthop_vrf)
		strbuf_printf(out, " nexthop-vrf %s", stack->vrfs[nexthop_vrf]->name);
}

/* By an interface: "dev p0". */
static void
append_iface(const struct stack *stack, uint16_t vrf, uint32_t id, struct strbuf *out)
{
	const struct iface *iface = iface_get(stack->ifaces, nexthop_of(stack, id)->iface);

	strbuf_printf(out, "dev %s", iface != NULL ? iface->name : "-");
	if (iface != NULL)
		append_vrf(stack, vrf, iface->vrf, out);
}

static void
append_flags(const struct stack *stack, uint32_t id, struct strbuf *out)
{
	const char *flags = nexthop_flags(stack, id);

	strbuf_printf(out, "%s%s", flags[0] != '\0' ? " " : "", flags);
}

/* Where the gateways of a group are found, if that is not what was said. */
static void
append_members(const struct stack *stack, const struct nexthop_group *group, struct strbuf *out)
{
	strbuf_append(out, " [");
	for (uint32_t i = 0; i < group->path_count; i++) {
		if (i > 0)
			strbuf_append(out, ", ");
		nexthop_append(stack, SHOW_VRF_NONE, group->paths[i].nexthop, out);
		append_flags(stack, group->paths[i].nexthop, out);
	}
	strbuf_append(out, "]");
}

/* The paths as they were said; `state`: and what has become of them. */
static void
append_group(const struct stack *stack, uint16_t vrf, uint32_t id, bool state, struct strbuf *out)
{
	const struct nexthop_group *group = nexthop_of(stack, id)->group;
	char text[IP_TEXT_MAX];
	bool recursive = false;
	const struct stack_path *paths;
	uint32_t count;

	paths = stack_route_paths(stack, id, &count);
	for (uint32_t i = 0; i < count; i++)
		recursive |= paths[i].recursive;
	for (uint32_t i = 0; i < count; i++) {
		strbuf_printf(
			out, "%svia %s", i > 0 ? " " : "", ip_addr_format(&paths[i].gateway, text));
		if (paths[i].recursive)
			strbuf_append(out, " recursive");
		else
			strbuf_printf(out, " dev %s", paths[i].iface);
		append_vrf(stack, vrf, paths[i].vrf, out);
		if (count > 1)
			strbuf_printf(out, " weight %u", paths[i].weight);
		if (state && !recursive)
			append_flags(stack, group->paths[i].nexthop, out);
	}
	if (state && recursive)
		append_members(stack, group, out);
}

void
nexthop_append(const struct stack *stack, uint16_t vrf, uint32_t id, struct strbuf *out)
{
	const struct nexthop *nexthop = nexthop_of(stack, id);
	char text[IP_TEXT_MAX];

	switch ((enum nexthop_type)nexthop->type) {
	case NEXTHOP_GROUP: append_group(stack, vrf, id, false, out); break;
	case NEXTHOP_UNRESOLVED:
	case NEXTHOP_RESOLVED:
	case NEXTHOP_GATEWAY:
		strbuf_printf(out, "via %s ", ip_addr_format(&nexthop->gateway, text));
		append_iface(stack, vrf, id, out);
		break;
	case NEXTHOP_ATTACHED: append_iface(stack, vrf, id, out); break;
	default: strbuf_append(out, nexthop_type_name(nexthop->type)); break;
	}
}

void
show_nexthop(
	struct show *show, const struct stack *stack, uint16_t vrf, const char *name, uint32_t id)
{
	const struct nexthop *nexthop = nexthop_of(stack, id);
	struct strbuf text = STRBUF_INIT;

	if (nexthop->type == NEXTHOP_GROUP) {
		append_group(stack, vrf, id, true, &text);
	} else {
		nexthop_append(stack, vrf, id, &text);
		append_flags(stack, id, &text);
	}
	show_string(show, name, strbuf_text(&text));
	strbuf_free(&text);
}
