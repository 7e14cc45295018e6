/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device lets in: promiscuous mode, groups, MAC addresses. Called by control. Frames to
 * addresses that are not ours are dropped later in any case (ether_input.c), so that a device which
 * cannot filter as asked lets everything in.
 */
#include "ethdev/ethdev_priv.h"

#include <string.h>

_Static_assert(sizeof(struct mac_addr) == sizeof(struct rte_ether_addr), "MAC addresses");

static bool
filters_nothing(const struct ethdev *ethdev)
{
	return (ethdev->traits & ETHDEV_NO_FILTER) != 0;
}

static int
promiscuous_apply(struct port *port, bool on, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	int ret;

	if (on == ethdev->promiscuous || filters_nothing(ethdev))
		return 0;
	ret = on ? rte_eth_promiscuous_enable(ethdev->id) : rte_eth_promiscuous_disable(ethdev->id);
	/* Virtual devices that have no such mode filter nothing. */
	if (ret == -ENOTSUP && (ethdev->traits & ETHDEV_VIRTUAL) != 0)
		ret = 0;
	if (ret != 0)
		return ethdev_error(err, port, ret, "setting promiscuous mode");
	ethdev->promiscuous = on;
	return 0;
}

int
ethdev_set_promiscuous(struct port *port, bool on, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	int ret = promiscuous_apply(
		port, on || ethdev->mac_unfiltered || ethdev->unfiltered_count > 0, err);

	if (ret == 0)
		port->promiscuous = on;
	return ret;
}

int
ethdev_set_groups(
	struct port *port, const struct mac_addr *groups, unsigned count, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_ether_addr list[PORT_GROUP_MAX];
	int ret;

	if (groups == NULL) {
		ret = rte_eth_allmulticast_enable(ethdev->id);
		return ret == 0 || ret == -ENOTSUP
			? 0
			: ethdev_error(err, port, ret, "receiving all multicast");
	}
	if (filters_nothing(ethdev))
		return error_set(err, ENOTSUP, "%s: %s has no filter for multicast", port->name,
			port->driver_name);
	memcpy(list, groups, count * sizeof(*list));
	/* First the groups: none is to be missed. */
	ret = rte_eth_dev_set_mc_addr_list(ethdev->id, list, count);
	if (ret == 0)
		ret = rte_eth_allmulticast_disable(ethdev->id);
	return ret == 0 ? 0 : ethdev_error(err, port, ret, "filtering multicast");
}

int
ethdev_set_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	bool unfiltered = false;
	struct rte_ether_addr addr;
	int ret = 0;

	memcpy(&addr, mac, sizeof(addr));
	if (!filters_nothing(ethdev))
		ret = rte_eth_dev_default_mac_addr_set(ethdev->id, &addr);
	if (ret == -ENOTSUP) {
		unfiltered = true;
		ret = promiscuous_apply(port, true, err);
		if (ret != 0)
			return ret;
	}
	if (ret != 0)
		return ethdev_error(err, port, ret, "setting the MAC address");
	if (mac_addr_is_zero(&ethdev->mac_before))
		ethdev->mac_before = port->mac;
	ethdev->mac_unfiltered = unfiltered && !mac_addr_equal(mac, &ethdev->mac_before);
	port->mac = *mac;
	return ethdev_set_promiscuous(port, port->promiscuous, err);
}

int
ethdev_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	struct rte_ether_addr addr;
	int ret;

	if (filters_nothing(ethdev))
		return 0;
	memcpy(&addr, mac, sizeof(addr));
	ret = rte_eth_dev_mac_addr_add(ethdev->id, &addr, 0);
	if (ret == 0)
		return 0;
	if (ret != -ENOTSUP && ret != -ENOSPC)
		return ethdev_error(err, port, ret, "adding a MAC address");
	ret = promiscuous_apply(port, true, err);
	if (ret == 0)
		ethdev->unfiltered[ethdev->unfiltered_count++] = *mac;
	return ret;
}

int
ethdev_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	struct rte_ether_addr addr;
	int ret;

	if (filters_nothing(ethdev))
		return 0;
	for (unsigned i = 0; i < ethdev->unfiltered_count; i++) {
		if (!mac_addr_equal(&ethdev->unfiltered[i], mac))
			continue;
		ethdev->unfiltered[i] = ethdev->unfiltered[--ethdev->unfiltered_count];
		return ethdev_set_promiscuous(port, port->promiscuous, err);
	}
	memcpy(&addr, mac, sizeof(addr));
	ret = rte_eth_dev_mac_addr_remove(ethdev->id, &addr);
	return ret == 0 ? 0 : ethdev_error(err, port, ret, "removing a MAC address");
}

void
ethdev_filter_restore(struct port *port)
{
	struct ethdev *ethdev = port->driver;
	struct rte_ether_addr addr;

	promiscuous_apply(port, false, NULL);
	if (mac_addr_is_zero(&ethdev->mac_before) || filters_nothing(ethdev) ||
		mac_addr_equal(&port->mac, &ethdev->mac_before))
		return;
	memcpy(&addr, &ethdev->mac_before, sizeof(addr));
	rte_eth_dev_default_mac_addr_set(ethdev->id, &addr);
}
