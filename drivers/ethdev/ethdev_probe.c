/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds a device in DPDK, or has DPDK attach it, and explains what went wrong. For ethdev.c. */
#include "ethdev/ethdev_priv.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_pci.h>

#define SYSFS_PCI "/sys/bus/pci/devices"

/* Devices that are ports of ours: control thread only. DPDK's ownership would say the same, but
 * rte_pcapng and dpdk-dumpcap find only devices that nobody owns. */
static bool taken[RTE_MAX_ETHPORTS];

void
ethdev_take(uint16_t id, bool take)
{
	taken[id] = take;
}

static int
address_parse(const char *args, struct ethdev_address *address, struct error *err)
{
	struct rte_pci_addr pci;
	size_t length;

	if (strncmp(args, "pci:", 4) == 0)
		args += 4;
	else if (strncmp(args, "vdev:", 5) == 0)
		args += 5;
	length = strcspn(args, ",");
	if (length == 0)
		return error_set(err, EINVAL,
			"no device: expected devargs (net_tap0,iface=tap0) or a PCI address");
	if (length >= sizeof(address->name))
		return error_set(err, EINVAL, "the device's name is longer than %zu characters",
			sizeof(address->name) - 1);
	memcpy(address->name, args, length);
	address->name[length] = '\0';
	address->has_args = args[length] != '\0' && args[length + 1] != '\0';
	address->pci = rte_pci_addr_parse(address->name, &pci) == 0;
	if (address->pci)
		rte_pci_device_name(&pci, address->name, sizeof(address->name));
	return 0;
}

static bool
id_is_device(uint16_t id, const char *name)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(id, &info) == 0 && info.device != NULL &&
		strcmp(rte_dev_name(info.device), name) == 0;
}

/* 0: found, and free; -EBUSY: found, all of its ports taken or owned; -ENODEV: not there. */
static int
id_find(const char *name, uint16_t *id)
{
	uint16_t i;

	RTE_ETH_FOREACH_DEV (i) {
		if (!taken[i] && id_is_device(i, name)) {
			*id = i;
			return 0;
		}
	}
	for (i = rte_eth_find_next(0); i < RTE_MAX_ETHPORTS; i = rte_eth_find_next(i + 1)) {
		if (id_is_device(i, name)) {
			*id = i;
			return -EBUSY;
		}
	}
	return -ENODEV;
}

static int
busy_error(const char *name, uint16_t id, struct error *err)
{
	struct rte_eth_dev_owner owner = { 0 };

	rte_eth_dev_owner_get(id, &owner);
	return error_set(err, EBUSY, "device %s is in use by %s", name,
		taken[id]                       ? "spate"
			: owner.name[0] != '\0' ? owner.name
						: "another part of DPDK");
}

/* The last part of what /sys/bus/pci/devices/NAME/LINK leads to, or "". */
static void
pci_link_read(const char *name, const char *link, char *target, size_t size)
{
	char path[PATH_MAX], text[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), SYSFS_PCI "/%s/%s", name, link);
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	snprintf(target, size, "%s", length > 0 ? basename(text) : "");
}

static bool
driver_is_for_dpdk(const char *driver)
{
	/* The last two share the NIC with the kernel. */
	static const char *const names[] = { "vfio-pci", "uio_pci_generic", "igb_uio", "mlx5_core",
		"mlx4_core" };

	for (unsigned i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(driver, names[i]) == 0)
			return true;
	}
	return false;
}

static int
pci_probe_error(const char *name, int ret, struct error *err)
{
	char driver[64], group[32], path[PATH_MAX];

	snprintf(path, sizeof(path), SYSFS_PCI "/%s", name);
	if (access(path, F_OK) != 0)
		return error_set(
			err, ENODEV, "there is no PCI device %s (see dpdk-devbind.py -s)", name);
	pci_link_read(name, "driver", driver, sizeof(driver));
	if (!driver_is_for_dpdk(driver))
		return error_set(err, ENOTSUP,
			"%s is bound to %s: give it to DPDK with dpdk-devbind.py --bind=vfio-pci %s",
			name, driver[0] != '\0' ? driver : "no kernel driver", name);
	pci_link_read(name, "iommu_group", group, sizeof(group));
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	if (strcmp(driver, "vfio-pci") == 0 && group[0] != '\0' && access(path, R_OK | W_OK) != 0 &&
		errno == EACCES)
		return error_set(err, EACCES, "%s: no permission for %s", name, path);
	if (ret == -ENODEV)
		return error_set(
			err, ENODEV, "DPDK does not see %s (EAL --no-pci or --block?)", name);
	if (ret == -ENOTSUP)
		return error_set(
			err, ENOTSUP, "no driver of DPDK supports %s, or it is not loaded", name);
	return error_set(err, -ret, "DPDK could not attach %s: %s (its log says more)", name,
		rte_strerror(-ret));
}

static int
probe_error(const struct ethdev_address *address, int ret, struct error *err)
{
	const struct ethdev_kind *kind = ethdev_kind_of_device(address->name);

	if (address->pci)
		return pci_probe_error(address->name, ret, err);
	/* DPDK found no bus, which is to say no driver, for the name. */
	if (ret == -EFAULT && kind == NULL)
		return error_set(err, ENODEV,
			"no driver for %s: expected a PCI address or a device of %s", address->name,
			ethdev_kind_list());
	if (ret == -EFAULT)
		return error_set(err, ENODEV, "driver %s is not loaded into DPDK (EAL option -d)",
			kind->driver);
	/* Most drivers fail with a bare -1, which is not EPERM. */
	return error_set(err, ret == -1 ? EIO : -ret, "DPDK could not create %s: %s%s%s",
		address->name, ret == -1 ? "its log says why" : rte_strerror(-ret),
		kind != NULL ? "; usage: " : "", kind != NULL ? kind->usage : "");
}

int
ethdev_probe(const char *args, struct ethdev_address *address, uint16_t *id, struct error *err)
{
	int ret = address_parse(args, address, err);

	if (ret != 0)
		return ret;
	/* A device may be there since EAL started (--vdev, --allow). Looked for first, because
	 * rte_dev_probe() has no error for it. */
	ret = id_find(address->name, id);
	if (ret == -EBUSY)
		return busy_error(address->name, *id, err);
	if (ret == 0 && address->has_args && !address->pci)
		return error_set(err, EEXIST,
			"device %s exists already: add it by its name alone, or choose another",
			address->name);
	if (ret == 0)
		return 0;

	ret = rte_dev_probe(args);
	if (ret != 0)
		return probe_error(address, ret, err);
	ret = id_find(address->name, id);
	if (ret != 0) {
		rte_eal_hotplug_remove(address->pci ? "pci" : "vdev", address->name);
		return error_set(err, ENODEV, "%s is not a network device", address->name);
	}
	return 0;
}
