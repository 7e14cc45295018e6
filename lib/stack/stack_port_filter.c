/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port lets in, and its MAC addresses, which are those of the interfaces on it. */
#include "stack/worker.h"

#include <stdlib.h>

#include <bsd/string.h>

#include "base/log.h"
#include "wire/ip6.h"

int
stack_port_set_promiscuous(struct stack *stack, const char *name, bool on, struct error *err)
{
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	return rc < 0 ? rc : port->ops->set_promiscuous(port, on, err);
}

/* ---- MAC addresses ---- */

static int
mac_check(const struct port *port, const struct mac_addr *mac, struct error *err)
{
	char text[MAC_TEXT_MAX];

	mac_addr_format(mac, text);
	if (mac_addr_is_group(mac) || mac_addr_is_zero(mac))
		return error_set(err, EINVAL, "%s is %s: a port has none such", text,
			mac_addr_is_zero(mac) ? "no address" : "a group's address");
	if (mac_addr_equal(mac, &port->mac))
		return error_set(err, EEXIST, "%s is the address of %s itself", text, port->name);
	for (unsigned i = 0; i < port->mac_count; i++) {
		if (mac_addr_equal(mac, &port->macs[i]))
			return error_set(
				err, EEXIST, "%s has the address %s already", port->name, text);
	}
	return 0;
}

/* RFC 4291 2.1: made of the MAC address. It is new, so that it is told to the link. */
static void
link_local_renew(struct stack *stack, const char *name, const struct mac_addr *mac)
{
	const struct iface *iface = iface_lookup(stack->ifaces, name);
	const struct ip_prefix renewed = { ip6_link_local(mac->bytes), 64 };

	for (unsigned i = 0; i < iface->addr_count; i++) {
		struct ip_prefix addr = iface->addrs[i];

		if (iface->addr_origins[i] != IFACE_ADDR_LINK_LOCAL)
			continue;
		stack_addr_remove(stack, name, &addr, NULL);
		stack_addr_add_as(stack, name, &renewed, IFACE_ADDR_LINK_LOCAL, NULL);
		return;
	}
}

/* One of the interfaces on the port, VLANs included. */
static int
iface_mac_set(struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err)
{
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	copy->mac = *mac;
	rc = stack_iface_publish(stack, copy, err);
	if (rc < 0)
		return rc;
	link_local_renew(stack, name, mac);
	if (iface_lookup(stack->ifaces, name)->ip6_off)
		stack_dad_iface_up(stack, iface_lookup(stack->ifaces, name)->index);
	stack_announce_iface(stack, iface_lookup(stack->ifaces, name));
	return 0;
}

int
stack_port_set_mac(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err)
{
	const struct iface *iface;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	if (!mac_addr_equal(mac, &port->mac)) {
		rc = mac_check(port, mac, err);
		if (rc == 0)
			rc = port->ops->set_mac(port, mac, err);
	}
	if (rc < 0)
		return rc;
	port->mac_asked = true;
	for (iface = iface_next(stack->ifaces, 0); rc == 0 && iface != NULL;) {
		const uint16_t index = iface->index;
		char iface_name[IFACE_NAME_MAX];

		strlcpy(iface_name, iface->name, sizeof(iface_name));
		if (iface->port == port->index && !mac_addr_equal(mac, &iface->mac))
			rc = iface_mac_set(stack, iface_name, mac, err);
		iface = iface_next(stack->ifaces, index + 1U);
	}
	return rc;
}

/* The port's interface has what the port has. */
static int
ifaces_macs_set(struct stack *stack, const struct port *port, struct error *err)
{
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, port->name, &copy, err);

	if (rc < 0)
		return rc;
	copy->mac_count = port->mac_count;
	memcpy(copy->macs, port->macs, sizeof(copy->macs));
	return stack_iface_publish(stack, copy, err);
}

int
stack_port_mac_add(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err)
{
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc == 0)
		rc = mac_check(port, mac, err);
	if (rc < 0)
		return rc;
	if (port->mac_count == PORT_MAC_MAX)
		return error_set(err, ENOSPC, "%s has %u more addresses already, the most", name,
			PORT_MAC_MAX);
	rc = port->ops->add_mac(port, mac, err);
	if (rc < 0)
		return rc;
	port->macs[port->mac_count++] = *mac;
	return ifaces_macs_set(stack, port, err);
}

int
stack_port_mac_remove(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err)
{
	char text[MAC_TEXT_MAX];
	struct port *port;
	unsigned i = 0;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	while (i < port->mac_count && !mac_addr_equal(mac, &port->macs[i]))
		i++;
	if (i == port->mac_count)
		return error_set(err, ENOENT, "%s was not added to %s: 'port mac show %s'",
			mac_addr_format(mac, text), name, name);
	rc = port->ops->remove_mac(port, mac, err);
	if (rc < 0)
		return rc;
	port->macs[i] = port->macs[--port->mac_count];
	return ifaces_macs_set(stack, port, err);
}

/* ---- multicast ---- */

/* Those that every interface with IP listens to: RFC 1112 6.4, RFC 4291 2.8, as Ethernet has them. */
static const struct mac_addr groups_fixed[] = {
	{ { 0x01, 0x00, 0x5e, 0, 0, 1 } },
	{ { 0x33, 0x33, 0, 0, 0, 1 } },
	{ { 0x33, 0x33, 0, 0, 0, 2 } },
};

/* RFC 2464 7: of a solicited-node group. @return false: there is no more room */
static bool
group_add(struct mac_addr *groups, unsigned *count, const struct ip_addr *addr)
{
	const struct ip_addr node = ip6_solicited_node(addr);
	const struct mac_addr mac = { { 0x33, 0x33, node.bytes[12], node.bytes[13], node.bytes[14],
		node.bytes[15] } };

	for (unsigned i = 0; i < *count; i++) {
		if (mac_addr_equal(&groups[i], &mac))
			return true;
	}
	if (*count == PORT_GROUP_MAX)
		return false;
	groups[(*count)++] = mac;
	return true;
}

/* What the interfaces on a port listen to. @return false: that is too much */
static bool
groups_of(const struct stack *stack, const struct port *port, struct mac_addr *groups,
	unsigned *count)
{
	bool room = true;

	memcpy(groups, groups_fixed, sizeof(groups_fixed));
	*count = RTE_DIM(groups_fixed);
	for (const struct iface *iface = iface_next(stack->ifaces, 0); room && iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		if (iface->port != port->index)
			continue;
		for (unsigned i = 0; room && i < iface->addr_count; i++) {
			const struct ip_prefix *addr = &iface->addrs[i];
			struct ip_addr anycast;

			room = addr->addr.family != IP_FAMILY_6 ||
				group_add(groups, count, &addr->addr);
			if (room && iface_addr_anycast(addr, &anycast))
				room = group_add(groups, count, &anycast);
		}
	}
	return room;
}

static int
groups_set(struct stack *stack, struct port *port, struct error *err)
{
	struct mac_addr groups[PORT_GROUP_MAX];
	unsigned count;

	if (!groups_of(stack, port, groups, &count))
		return error_set(err, ENOSPC, "%s: more than %u groups to listen to", port->name,
			PORT_GROUP_MAX);
	return port->ops->set_groups(port, groups, count, err);
}

int
stack_port_set_allmulticast(struct stack *stack, const char *name, bool on, struct error *err)
{
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	rc = on ? port->ops->set_groups(port, NULL, 0, err) : groups_set(stack, port, err);
	if (rc == 0)
		port->groups_filtered = !on;
	return rc;
}

void
stack_port_groups_follow(struct stack *stack, uint16_t index)
{
	struct port *port = index < PORT_MAX ? stack->ports.ports[index] : NULL;
	struct error err = { 0 };

	if (port == NULL || !port->groups_filtered || groups_set(stack, port, &err) == 0)
		return;
	/* Too much is better than too little. */
	log(port, WARNING, "%s: receives all multicast: %s", port->name, err.text);
	port->ops->set_groups(port, NULL, 0, NULL);
}
