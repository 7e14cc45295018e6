/* SPDX-License-Identifier: BSD-3-Clause */
/* What a device says of itself while it runs: link, statistics. Called by control. */
#include "ethdev/ethdev_priv.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(((struct port_xstat *)0)->name) >= RTE_ETH_XSTATS_NAME_SIZE, "xstat names");

void
ethdev_link(struct port *port, struct port_link *link)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_link eth_link;

	memset(link, 0, sizeof(*link));
	if (rte_eth_link_get_nowait(ethdev->id, &eth_link) != 0)
		return;
	link->up = eth_link.link_status == RTE_ETH_LINK_UP &&
		((ethdev->traits & ETHDEV_KERNEL_LINK) == 0 ||
			ethdev_kernel_link_is_up(ethdev->if_index));
	link->full_duplex = eth_link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
	if (eth_link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		link->speed_mbps = eth_link.link_speed;
}

int
ethdev_stats(struct port *port, struct port_stats *stats)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_stats eth_stats;
	int ret = rte_eth_stats_get(ethdev->id, &eth_stats);

	if (ret != 0)
		return ret;
	*stats = (struct port_stats){
		.rx_packets = eth_stats.ipackets,
		.tx_packets = eth_stats.opackets,
		.rx_bytes = eth_stats.ibytes,
		.tx_bytes = eth_stats.obytes,
		.rx_missed = eth_stats.imissed,
		.rx_missed_known = (ethdev->traits & ETHDEV_VIRTUAL) == 0 ||
			(ethdev->traits & ETHDEV_COUNTS_MISSED) != 0,
		.rx_errors = eth_stats.ierrors,
		.rx_nombuf = eth_stats.rx_nombuf,
		.tx_errors = eth_stats.oerrors,
	};
	return 0;
}

int
ethdev_xstats(struct port *port, struct port_xstat *xstats, unsigned max)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_xstat_name *names;
	struct rte_eth_xstat *values;
	int count = rte_eth_xstats_get_names(ethdev->id, NULL, 0);
	unsigned size = count > 0 ? (unsigned)count : 0;

	/* Some drivers fail while they have no peer: that is none, too. */
	if (count <= 0 || max == 0)
		return (int)size;
	names = calloc(size, sizeof(*names));
	values = calloc(size, sizeof(*values));
	if (names == NULL || values == NULL) {
		count = -ENOMEM;
		goto free_arrays;
	}
	if (rte_eth_xstats_get_names(ethdev->id, names, size) != count ||
		rte_eth_xstats_get(ethdev->id, values, size) != count) {
		count = -EIO;
		goto free_arrays;
	}
	for (unsigned i = 0; i < size && i < max; i++) {
		memcpy(xstats[i].name, names[values[i].id].name, sizeof(names[0].name));
		xstats[i].value = values[i].value;
	}

free_arrays:
	free(values);
	free(names);
	return count;
}
