/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver: two queues of packets, one queue each way, and no device. */
#include "embed/embed_port.h"

#include <stdlib.h>
#include <string.h>

/* ---- queues ---- */

bool
embed_queue_put(struct embed_queue *queue, struct rte_mbuf *pkt)
{
	if (queue->tail - queue->head == EMBED_QUEUE_SIZE)
		return false;
	queue->pkts[queue->tail++ % EMBED_QUEUE_SIZE] = pkt;
	return true;
}

static struct rte_mbuf *
queue_first(const struct embed_queue *queue)
{
	return queue->head != queue->tail ? queue->pkts[queue->head % EMBED_QUEUE_SIZE] : NULL;
}

static void
queue_flush(struct embed_queue *queue)
{
	for (; queue->head != queue->tail; queue->head++)
		rte_pktmbuf_free(queue->pkts[queue->head % EMBED_QUEUE_SIZE]);
}

/* ---- the program's end ---- */

/* Copy behind what a packet has, into as many buffers as it takes. */
static int
pkt_append(struct rte_mempool *pool, struct rte_mbuf *pkt, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		struct rte_mbuf *last = rte_pktmbuf_lastseg(pkt);
		size_t part = RTE_MIN(length, (size_t)rte_pktmbuf_tailroom(last));

		if (part == 0) {
			last = rte_pktmbuf_alloc(pool);
			if (last == NULL)
				return -ENOBUFS;
			rte_pktmbuf_chain(pkt, last);
			continue;
		}
		memcpy(rte_pktmbuf_append(pkt, (uint16_t)part), bytes, part);
		bytes += part;
		length -= part;
	}
	return 0;
}

int
embed_port_receive(struct embed_port *embed, const void *hdr, size_t hdr_length, const void *bytes,
	size_t length)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(embed->pool);

	if (pkt == NULL)
		return -ENOBUFS;
	if (pkt_append(embed->pool, pkt, hdr, hdr_length) < 0 ||
		pkt_append(embed->pool, pkt, bytes, length) < 0 ||
		!embed_queue_put(&embed->in, pkt)) {
		rte_pktmbuf_free(pkt);
		return -ENOBUFS;
	}
	return 0;
}

struct rte_mbuf *
embed_port_sent(const struct embed_port *embed)
{
	return queue_first(&embed->out);
}

void
embed_port_sent_free(struct embed_port *embed)
{
	rte_pktmbuf_free(embed_port_sent(embed));
	embed->out.head++;
}

/* ---- the stack's end ---- */

static int
embed_open(struct port *port, const char *args, struct error *err)
{
	struct embed_port *embed;

	if (mac_addr_parse(args, &port->mac) < 0 || mac_addr_is_group(&port->mac) ||
		mac_addr_is_zero(&port->mac))
		return error_set(
			err, EINVAL, "%s: \"%s\" is no MAC address of a port", port->name, args);
	embed = calloc(1, sizeof(*embed));
	if (embed == NULL)
		return error_set(err, ENOMEM, "no memory for %s", port->name);
	embed->port = port;
	port->driver = embed;
	port->rxq_max = port->txq_max = 1;
	snprintf(port->device_name, sizeof(port->device_name), "%s", port->name);
	snprintf(port->driver_name, sizeof(port->driver_name), "embed");
	return 0;
}

static int
embed_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct embed_port *embed = port->driver;

	embed->pool = pools[0];
	if (port->config.mtu == 0)
		port->config.mtu = PORT_MTU_DEFAULT;
	port->config.rxd_count = port->config.txd_count = EMBED_QUEUE_SIZE;
	port->offloads = PORT_TX_MULTI_SEGS;
	return 0;
}

static int
embed_start(struct port *port, struct error *err)
{
	return 0;
}

static void
embed_stop(struct port *port)
{
	queue_flush(&((struct embed_port *)port->driver)->in);
}

static void
embed_close(struct port *port)
{
	struct embed_port *embed = port->driver;

	queue_flush(&embed->in);
	queue_flush(&embed->out);
	free(embed);
	port->driver = NULL;
}

static void
embed_link(struct port *port, struct port_link *link)
{
	*link = (struct port_link){ .up = true, .full_duplex = true };
}

/* Of losses that its own counters would not tell. */
static int
embed_stats(struct port *port, struct port_stats *stats)
{
	*stats = (struct port_stats){ .rx_missed_known = true };
	return 0;
}

static int
embed_rss_get(struct port *port, struct port_rss *rss)
{
	*rss = (struct port_rss){ 0 };
	return 0;
}

static uint16_t
embed_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct embed_queue *in = &((struct embed_port *)driver)->in;
	uint16_t done = 0;

	while (done < count && (pkts[done] = queue_first(in)) != NULL) {
		in->head++;
		done++;
	}
	return done;
}

static uint16_t
embed_ethernet_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct embed_port *embed = driver;
	uint16_t done = 0;

	while (done < count && embed_queue_put(&embed->out, pkts[done]))
		done++;
	return done;
}

static uint16_t
embed_ip_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint16_t done = 0;

	while (done < count && embed_ip_send(driver, pkts[done]))
		done++;
	return done;
}

/* What spate.h has no function for is never asked of a port. */
#define EMBED_OPS                                                                           \
	.open = embed_open, .configure = embed_configure, .start = embed_start,             \
	.stop = embed_stop, .close = embed_close, .link = embed_link, .stats = embed_stats, \
	.rss_get = embed_rss_get, .rx = embed_rx

const struct port_ops embed_ethernet_ops = {
	.name = "embed_ethernet",
	EMBED_OPS,
	.tx = embed_ethernet_tx,
};

const struct port_ops embed_ip_ops = {
	.name = "embed_ip",
	EMBED_OPS,
	.tx = embed_ip_tx,
};
