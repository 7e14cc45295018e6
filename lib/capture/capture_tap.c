/* SPDX-License-Identifier: BSD-3-Clause */
/* On the workers: callbacks, of ethdev or of another driver, which copy what is wanted to the ring.
 * rte_pdump does the same, but only for another process (dpdk-dumpcap), and so not without hugepages;
 * and rte_pcapng_copy() has no room for its options behind packets of several buffers. */
#include "capture/capture_priv.h"

#include <stdlib.h>

#include <rte_cycles.h>

#include "base/counter.h"
#include "pkt/pkt.h"

/* Of any length: of segments that a port makes or cuts, too. NULL: there is no buffer */
static struct rte_mbuf *
packet_copy(const struct capture_session *session, const struct rte_mbuf *pkt,
	const struct capture_record *seen)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(pkt, session->pool, 0, session->snaplen);
	struct capture_record *record;

	if (copy == NULL)
		return NULL;
	_Static_assert(sizeof(*record) <= RTE_PKTMBUF_HEADROOM, "there is room for it");
	record = (struct capture_record *)rte_pktmbuf_prepend(copy, sizeof(*record));
	*record = *seen;
	record->length = pkt->pkt_len;
	return copy;
}

/* Copies of the packets that the filter wants. */
static unsigned
tap_copy(struct capture_tap *tap, const struct capture_session *session,
	const struct capture_record *seen, struct rte_mbuf **pkts, unsigned count,
	struct rte_mbuf **copies)
{
	const struct bpf_program *filter = &session->filter;
	unsigned copied = 0;

	for (unsigned i = 0; i < count; i++) {
		if (filter->bf_len > 0 && !capture_filter_match(filter, pkts[i])) {
			counter_add(&tap->filtered, 1);
			continue;
		}
		copies[copied] = packet_copy(session, pkts[i], seen);
		if (copies[copied] != NULL)
			copied++;
		else
			counter_add(&tap->drops, 1);
	}
	return copied;
}

static void
tap_packets(struct capture_tap *tap, uint16_t slot, uint16_t queue, struct rte_mbuf **pkts,
	unsigned count, enum capture_direction direction)
{
	const struct capture_record seen = {
		.tsc = rte_get_tsc_cycles(), .slot = slot, .queue = queue, .direction = direction
	};
	const struct capture_session *session =
		__atomic_load_n(&tap->capture->session, __ATOMIC_ACQUIRE);
	struct rte_mbuf *copies[PKT_BURST];
	unsigned copied, taken, burst;

	if (session == NULL || __atomic_load_n(&session->finished, __ATOMIC_RELAXED))
		return;
	counter_add(&tap->seen, count);
	for (unsigned i = 0; i < count; i += burst) {
		burst = RTE_MIN(count - i, (unsigned)PKT_BURST);
		copied = tap_copy(tap, session, &seen, pkts + i, burst, copies);
		taken = rte_ring_enqueue_burst(session->ring, (void **)copies, copied, NULL);
		counter_add(&tap->drops, copied - taken);
		rte_pktmbuf_free_bulk(copies + taken, copied - taken);
	}
}

static uint16_t
tap_rx(uint16_t ethdev, uint16_t queue, struct rte_mbuf **pkts, uint16_t count, uint16_t max,
	void *tap)
{
	if (count > 0)
		tap_packets(tap, ethdev, queue, pkts, count, CAPTURE_IN);
	return count;
}

static uint16_t
tap_tx(uint16_t ethdev, uint16_t queue, struct rte_mbuf **pkts, uint16_t count, void *tap)
{
	if (count > 0)
		tap_packets(tap, ethdev, queue, pkts, count, CAPTURE_OUT);
	return count;
}

static void
port_tap_rx(void *arg, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct capture_port *port = arg;

	tap_packets(&port->rx[queue], port->slot, queue, pkts, count, CAPTURE_IN);
}

static void
port_tap_tx(void *arg, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct capture_port *port = arg;

	tap_packets(&port->tx[queue], port->slot, queue, pkts, count, CAPTURE_OUT);
}

static void
tap_clear(struct capture_tap *tap)
{
	counter_set(&tap->seen, 0);
	counter_set(&tap->filtered, 0);
	counter_set(&tap->drops, 0);
}

void
capture_tap_clear(struct capture *capture)
{
	for (unsigned i = 0; i < CAPTURE_SLOTS; i++) {
		for (unsigned queue = 0; capture->ports[i] != NULL && queue < PORT_QUEUE_MAX;
			queue++) {
			tap_clear(&capture->ports[i]->rx[queue]);
			tap_clear(&capture->ports[i]->tx[queue]);
			capture->ports[i]->wanted = false;
		}
	}
}

static struct capture_port *
port_get(struct capture *capture, uint16_t slot)
{
	struct capture_port *port = capture->ports[slot];

	if (port != NULL)
		return port;
	if (posix_memalign((void **)&port, _Alignof(struct capture_port), sizeof(*port)) != 0)
		return NULL;
	*port = (struct capture_port){ .slot = slot };
	for (unsigned i = 0; i < PORT_QUEUE_MAX; i++)
		port->rx[i].capture = port->tx[i].capture = capture;
	capture->ports[slot] = port;
	return port;
}

static int
ethdev_attach(struct capture_port *port, unsigned directions)
{
	uint16_t ethdev = port->slot;
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(ethdev, &info);

	if (rc < 0)
		return rc;
	for (uint16_t i = 0; (directions & CAPTURE_IN) && i < info.nb_rx_queues; i++) {
		struct capture_tap *rx = &port->rx[i];

		if (rx->callback == NULL)
			rx->callback = rte_eth_add_rx_callback(ethdev, i, tap_rx, rx);
		if (rx->callback == NULL)
			return -ENOMEM;
	}
	for (uint16_t i = 0; (directions & CAPTURE_OUT) && i < info.nb_tx_queues; i++) {
		struct capture_tap *tx = &port->tx[i];

		if (tx->callback == NULL)
			tx->callback = rte_eth_add_tx_callback(ethdev, i, tap_tx, tx);
		if (tx->callback == NULL)
			return -ENOMEM;
	}
	return 0;
}

int
capture_tap_attach(struct capture *capture, const struct port *port, unsigned directions)
{
	struct capture_port *tapped;
	uint16_t slot;
	int rc = capture_slot(port, &slot);

	if (rc < 0)
		return rc;
	tapped = port_get(capture, slot);
	if (tapped == NULL)
		return -ENOMEM;
	tapped->attached = tapped->wanted = true;
	if (slot < RTE_MAX_ETHPORTS)
		return ethdev_attach(tapped, directions);
	tapped->port = port;
	tapped->tap = (struct port_tap){
		.rx = (directions & CAPTURE_IN) != 0 ? port_tap_rx : NULL,
		.tx = (directions & CAPTURE_OUT) != 0 ? port_tap_tx : NULL,
		.arg = tapped,
	};
	port->ops->tap_set(port, &tapped->tap);
	return 0;
}

static void
ethdev_detach(
	struct capture_port *port, const struct rte_eth_rxtx_callback **old, unsigned *old_count)
{
	for (uint16_t i = 0; i < PORT_QUEUE_MAX; i++) {
		struct capture_tap *rx = &port->rx[i], *tx = &port->tx[i];

		/* A queue that the port does not have now keeps its callback until it has it again. */
		if (rx->callback != NULL &&
			rte_eth_remove_rx_callback(port->slot, i, rx->callback) == 0) {
			old[(*old_count)++] = rx->callback;
			rx->callback = NULL;
		}
		if (tx->callback != NULL &&
			rte_eth_remove_tx_callback(port->slot, i, tx->callback) == 0) {
			old[(*old_count)++] = tx->callback;
			tx->callback = NULL;
		}
	}
}

void
capture_tap_detach(
	struct capture_port *port, const struct rte_eth_rxtx_callback **old, unsigned *old_count)
{
	if (port->slot < RTE_MAX_ETHPORTS)
		ethdev_detach(port, old, old_count);
	else
		port->port->ops->tap_set(port->port, NULL);
	port->attached = false;
}
