/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets up the queues of an end: port_configure(). The port is stopped. By control. */
#include "cable/cable_priv.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

static uint16_t
descriptors_choose(uint16_t asked)
{
	if (asked == 0)
		return CABLE_RXD_DEFAULT;
	return RTE_MAX(CABLE_RXD_MIN, RTE_MIN(CABLE_RXD_MAX, asked));
}

static int
rxq_create(struct cable_end *end, uint16_t queue, struct rte_mempool *pool, uint16_t rxd_count,
	struct error *err)
{
	struct cable_rxq *rxq = &end->rxqs[queue];
	char name[RTE_RING_NAMESIZE];

	if (rte_pktmbuf_data_room_size(pool) <= RTE_PKTMBUF_HEADROOM)
		return error_set(err, EINVAL, "%s: the packet buffers have no room", end->name);
	snprintf(name, sizeof(name), "cable%u.%u.%u", end->cable->id, end->index, queue);
	/* Several workers send; one receives. */
	rxq->ring =
		rte_ring_create(name, rxd_count, SOCKET_ID_ANY, RING_F_EXACT_SZ | RING_F_SC_DEQ);
	if (rxq->ring == NULL)
		return error_set(err, ENOMEM, "%s: no memory for %u descriptors: %s", end->name,
			rxd_count, rte_strerror(rte_errno));
	rxq->pool = pool;
	return 0;
}

int
cable_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct cable_end *end = port->driver;
	struct port_config config = port->config;
	struct cable_setup *setup;
	int ret;

	config.rxq_count = RTE_MIN(config.rxq_count, (uint16_t)CABLE_QUEUE_MAX);
	config.txq_count = RTE_MIN(config.txq_count, (uint16_t)CABLE_QUEUE_MAX);
	config.rxd_count = descriptors_choose(config.rxd_count);
	config.txd_count = descriptors_choose(config.txd_count);
	if (config.mtu == 0)
		config.mtu = PORT_MTU_DEFAULT;
	ret = cable_medium_resize(&end->medium, end->flight, cable_frame_max(config.mtu), err);
	if (ret != 0)
		return ret;
	cable_queues_free(end);
	for (uint16_t q = 0; q < config.rxq_count; q++) {
		ret = rxq_create(end, q, pools[q], config.rxd_count, err);
		if (ret != 0) {
			cable_queues_free(end);
			return ret;
		}
	}
	end->mtu = config.mtu;
	end->rxq_count = config.rxq_count;
	end->txq_count = config.txq_count;
	end->txd_count = config.txd_count;
	end->offloads = end->offloads_possible;
	end->configured = true;
	setup = cable_setup_begin(end);
	cable_rss_spread(setup, config.rxq_count);
	cable_setup_commit(end);
	port->config = config;
	port->offloads = end->offloads;
	port->rx_flags_clear = 0;
	return 0;
}

int
cable_set_mtu(struct port *port, uint16_t mtu, struct error *err)
{
	struct cable_end *end = port->driver;
	int ret;

	if (mtu < PORT_MTU_MIN || mtu > PORT_MTU_MAX)
		return error_set(err, EINVAL, "%s: MTU %u is not within %u and %u", port->name, mtu,
			PORT_MTU_MIN, PORT_MTU_MAX);
	ret = cable_medium_resize(&end->medium, end->flight, cable_frame_max(mtu), err);
	if (ret != 0)
		return ret;
	end->mtu = mtu;
	port->config.mtu = mtu;
	return 0;
}
