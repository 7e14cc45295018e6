/* SPDX-License-Identifier: BSD-3-Clause */
/* VLANs on links, in the default VRF or in one of their own. */
#include "sim/sim_private.h"

#include <stdio.h>

static void
vrf_enter(struct sim_node *node, const char *iface, const char *name)
{
	struct error err = { 0 };
	uint16_t vrf;
	int rc = stack_vrf_add(sim_stack(node), name, &err);

	if (rc == 0 || rc == -EEXIST)
		rc = stack_vrf_find(sim_stack(node), name, &vrf, &err);
	if (rc == 0)
		rc = stack_iface_set_vrf(sim_stack(node), iface, vrf, &err);
	if (rc < 0)
		sim_fail("%s: VRF %s: %s", node->name, name, err.text);
}

/* In a VRF of its own the VLAN has the addresses of the link: they have nothing to do with it. */
static struct ip_prefix
addr_of(const struct sim_link *link, unsigned end, uint8_t family)
{
	static const char *const formats[] = { "10.1.%u.%u/24", "2001:db8:2%02x::%x/64" };
	const bool six = family == IP_FAMILY_6;
	struct ip_prefix prefix = { link->ends[end].addr[six], six ? 64 : 24 };
	char text[64];

	if (link->vlan_vrf[0] != '\0')
		return prefix;
	snprintf(text, sizeof(text), formats[six], link->index, end + 1);
	if (ip_prefix_parse(text, &prefix) < 0)
		sim_fail("%s is no address", text);
	return prefix;
}

static void
end_add(const struct sim_link *link, unsigned end, const char *name)
{
	const struct vlan_tag tag = { ETHER_TYPE_VLAN, link->vlan };
	struct sim_node *node = link->ends[end].node;
	struct error err = { 0 };
	int rc = stack_vlan_add(sim_stack(node), name, link->name, &tag, &err);

	if (rc == 0 && link->vlan_vrf[0] != '\0')
		vrf_enter(node, name, link->vlan_vrf);
	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6 && rc == 0; family += 2) {
		const struct ip_prefix addr = addr_of(link, end, family);

		rc = stack_addr_add(sim_stack(node), name, &addr, &err);
	}
	if (rc < 0)
		sim_fail("%s: %s: %s", node->name, name, err.text);
}

void
sim_link_add_vlan(struct sim_link *link, uint16_t id, const char *vrf)
{
	char name[IFACE_NAME_MAX];

	sim_assert(link->vlan == 0, "%s has VLAN %u already", link->name, link->vlan);
	link->vlan = id;
	if (vrf != NULL)
		snprintf(link->vlan_vrf, sizeof(link->vlan_vrf), "%s", vrf);
	snprintf(name, sizeof(name), "%s.%u", link->name, id);
	for (unsigned end = 0; end < 2; end++)
		end_add(link, end, name);
}

bool
sim_link_has_vlan(const struct sim_link *link)
{
	return link->vlan != 0;
}

struct sim_ping *
sim_ping_vlan(const struct sim_link *link, unsigned end, uint8_t family,
	const struct sim_ping_config *config)
{
	struct sim_node *from = link->ends[end].node;
	const struct ip_addr dst = addr_of(link, !end, family).addr;
	struct error err = { 0 };
	uint16_t vrf = IP_VRF_DEFAULT;

	sim_assert(link->vlan != 0, "%s has no VLAN", link->name);
	if (link->vlan_vrf[0] != '\0' &&
		stack_vrf_find(from->stack, link->vlan_vrf, &vrf, &err) < 0)
		sim_fail("%s: %s", from->name, err.text);
	return sim_ping_start(from, &dst, vrf, config);
}

void
sim_vrfs_remove(struct sim_node *node)
{
	const struct stack_vrf *vrf;
	struct error err = { 0 };

	while ((vrf = stack_vrf_next(node->stack, IP_VRF_DEFAULT + 1U)) != NULL) {
		if (stack_vrf_remove(node->stack, vrf->name, &err) < 0)
			sim_fail("%s: %s", node->name, err.text);
	}
}
