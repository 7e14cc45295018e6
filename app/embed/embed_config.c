/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a user configures: texts become values, and the functions of lib/stack do the rest. Routes
 * are in embed_route.c.
 */
#include "embed/embed.h"
#include "embed/embed_port.h"
#include "wire/vlan.h"

int
embed_changed(struct spate *spate, int rc, const struct error *err)
{
	embed_run(spate);
	return embed_result(rc, err);
}

/* ---- texts ---- */

int
embed_addr_parse(const char *text, struct ip_addr *addr, struct error *err)
{
	if (ip_addr_parse(text, addr) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no address", text);
}

int
embed_prefix_parse(const char *text, struct ip_prefix *prefix, struct error *err)
{
	if (ip_prefix_parse(text, prefix) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no address with a length", text);
}

static int
mac_parse(const char *text, struct mac_addr *mac, struct error *err)
{
	if (mac_addr_parse(text, mac) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no MAC address", text);
}

/* ---- interfaces ---- */

/* By the stack's number and its interface's: local, and alone in this process. */
static void
mac_make(struct spate *spate, char text[MAC_TEXT_MAX])
{
	const unsigned id = spate->stack->id, number = ++spate->ifaces_made;

	mac_addr_format(&(struct mac_addr){ { 0x02, (uint8_t)(id >> 16), (uint8_t)(id >> 8),
				(uint8_t)id, (uint8_t)(number >> 8), (uint8_t)number } },
		text);
}

static int
iface_add(struct spate *spate, const char *name, const struct port_ops *ops, unsigned mtu,
	const char *mac, struct error *err)
{
	const struct port_config config = { .rxq_count = 1, .txq_count = 1, .mtu = (uint16_t)mtu };
	char made[MAC_TEXT_MAX];

	if (mtu > SPATE_MTU_MAX)
		return error_set(
			err, EINVAL, "an MTU is %u bytes at most, not %u", SPATE_MTU_MAX, mtu);
	if (mac == NULL)
		mac_make(spate, made);
	return stack_port_add(spate->stack, ops, name, mac != NULL ? mac : made, &config, err);
}

int
spate_iface_add(
	struct spate *spate, const char *name, enum spate_link link, unsigned mtu, const char *mac)
{
	const struct port_ops *ops = NULL;
	struct error err;
	int rc;

	embed_run(spate);
	switch (link) {
	case SPATE_LINK_ETHERNET: ops = &embed_ethernet_ops; break;
	case SPATE_LINK_IP: ops = &embed_ip_ops; break;
	}
	if (ops == NULL)
		rc = error_set(&err, EINVAL, "%d is no kind of link", (int)link);
	else
		rc = iface_add(spate, name, ops, mtu, mac, &err);
	return embed_changed(spate, rc, &err);
}

int
spate_iface_remove(struct spate *spate, const char *name)
{
	struct error err;
	int rc;

	embed_run(spate);
	if (port_lookup(&spate->stack->ports, name) != NULL)
		rc = stack_port_remove(spate->stack, name, &err);
	else
		rc = stack_iface_remove(spate->stack, name, &err);
	return embed_changed(spate, rc, &err);
}

int
spate_iface_set_up(struct spate *spate, const char *name, int up)
{
	struct error err;

	embed_run(spate);
	return embed_changed(spate, stack_iface_set_admin(spate->stack, name, up != 0, &err), &err);
}

int
spate_iface_mac(struct spate *spate, const char *name, char mac[SPATE_MAC_TEXT])
{
	const struct iface *iface = iface_lookup(spate->stack->ifaces, name);
	struct error err;

	_Static_assert(SPATE_MAC_TEXT == MAC_TEXT_MAX, "the text of a MAC address");
	if (iface == NULL)
		return embed_result(error_set(&err, ENOENT, "no interface \"%.64s\"", name), &err);
	mac_addr_format(&iface->mac, mac);
	return 0;
}

/* ---- VLANs ---- */

/* Bare IP packets have no header that a tag could be in. */
static int
vlan_check(const struct spate *spate, const char *parent, unsigned id, struct error *err)
{
	const struct iface *iface = iface_lookup(spate->stack->ifaces, parent);

	if (id > VLAN_ID_MAX)
		return error_set(err, EINVAL, "a VLAN is from %d to %d, not %u", VLAN_ID_MIN,
			VLAN_ID_MAX, id);
	if (iface == NULL)
		return error_set(err, ENOENT, "no interface \"%.64s\"", parent);
	if (iface->type == IFACE_PORT &&
		spate->stack->ports.ports[iface->port]->ops == &embed_ip_ops)
		return error_set(err, EINVAL, "%s carries no Ethernet, and so no VLANs", parent);
	return 0;
}

int
spate_vlan_add(struct spate *spate, const char *name, const char *parent, enum spate_vlan type,
	unsigned id)
{
	const struct vlan_tag tag = { .type = (uint16_t)type, .id = (uint16_t)id };
	struct error err;
	int rc;

	embed_run(spate);
	rc = vlan_check(spate, parent, id, &err);
	if (rc == 0 && type != SPATE_VLAN_CUSTOMER && type != SPATE_VLAN_SERVICE)
		rc = error_set(&err, EINVAL, "0x%x is no kind of VLAN", (unsigned)type);
	if (rc == 0)
		rc = stack_vlan_add(spate->stack, name, parent, &tag, &err);
	return embed_changed(spate, rc, &err);
}

/* ---- VRFs ---- */

int
spate_vrf_add(struct spate *spate, const char *name)
{
	struct error err;

	embed_run(spate);
	return embed_changed(spate, stack_vrf_add(spate->stack, name, &err), &err);
}

int
spate_vrf_remove(struct spate *spate, const char *name)
{
	struct error err;

	embed_run(spate);
	return embed_changed(spate, stack_vrf_remove(spate->stack, name, &err), &err);
}

int
spate_iface_set_vrf(struct spate *spate, const char *name, const char *vrf)
{
	struct error err;
	uint16_t index;
	int rc = stack_vrf_find(spate->stack, vrf, &index, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_iface_set_vrf(spate->stack, name, index, &err);
	return embed_changed(spate, rc, &err);
}

/* ---- addresses ---- */

int
spate_addr_add(struct spate *spate, const char *iface, const char *text)
{
	struct ip_prefix addr;
	struct error err;
	int rc = embed_prefix_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_addr_add(spate->stack, iface, &addr, &err);
	return embed_changed(spate, rc, &err);
}

int
spate_addr_remove(struct spate *spate, const char *iface, const char *text)
{
	struct ip_prefix addr;
	struct error err;
	int rc = embed_prefix_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_addr_remove(spate->stack, iface, &addr, &err);
	return embed_changed(spate, rc, &err);
}

/* ---- neighbours ---- */

int
spate_neigh_add(struct spate *spate, const char *iface, const char *text, const char *mac_text)
{
	struct ip_addr addr;
	struct mac_addr mac;
	struct error err;
	int rc = embed_addr_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = mac_parse(mac_text, &mac, &err);
	if (rc == 0)
		rc = stack_neigh_add(spate->stack, iface, &addr, &mac, &err);
	return embed_changed(spate, rc, &err);
}

int
spate_neigh_remove(struct spate *spate, const char *iface, const char *text)
{
	struct ip_addr addr;
	struct error err;
	int rc = embed_addr_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_neigh_remove(spate->stack, iface, &addr, &err);
	return embed_changed(spate, rc, &err);
}
