/* SPDX-License-Identifier: BSD-3-Clause */
/* Which frames an end lets in, by their destination. */
#include "cable/cable_priv.h"

#include <string.h>

static bool
list_has(const struct mac_addr *list, unsigned count, const struct mac_addr *mac)
{
	for (unsigned i = 0; i < count; i++) {
		if (mac_addr_equal(&list[i], mac))
			return true;
	}
	return false;
}

bool
cable_filter_accepts(const struct cable_setup *setup, const struct mac_addr *dst)
{
	if (list_has(setup->macs, setup->mac_count, dst) || setup->promiscuous)
		return true;
	return mac_addr_is_group(dst) &&
		(setup->groups_all || mac_addr_is_broadcast(dst) ||
			list_has(setup->groups, setup->group_count, dst));
}

int
cable_set_promiscuous(struct port *port, bool on, struct error *err)
{
	struct cable_end *end = port->driver;

	cable_setup_begin(end)->promiscuous = on;
	cable_setup_commit(end);
	port->promiscuous = on;
	return 0;
}

int
cable_set_groups(
	struct port *port, const struct mac_addr *groups, unsigned count, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);

	setup->groups_all = groups == NULL;
	setup->group_count = (uint16_t)count;
	if (groups != NULL)
		memcpy(setup->groups, groups, count * sizeof(*groups));
	cable_setup_commit(end);
	return 0;
}

int
cable_set_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct cable_end *end = port->driver;

	cable_setup_begin(end)->macs[0] = *mac;
	cable_setup_commit(end);
	port->mac = *mac;
	return 0;
}

int
cable_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);

	if (setup->mac_count > PORT_MAC_MAX)
		return error_set(
			err, ENOSPC, "%s has %u MAC addresses already", port->name, PORT_MAC_MAX);
	setup->macs[setup->mac_count++] = *mac;
	cable_setup_commit(end);
	return 0;
}

int
cable_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);

	for (unsigned i = 1; i < setup->mac_count; i++) {
		if (!mac_addr_equal(&setup->macs[i], mac))
			continue;
		setup->macs[i] = setup->macs[--setup->mac_count];
		cable_setup_commit(end);
		return 0;
	}
	return error_set(err, ENOENT, "%s does not have that MAC address", port->name);
}
