/* SPDX-License-Identifier: BSD-3-Clause */
/* The queues of a port double (port_double.c): a test is at one end, workers at the other. */
#include "support/port_double_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A test may fill a queue while a worker's thread empties it, and the other way round. */
uint32_t
port_double_queue_length(const struct port_double_queue *queue)
{
	return __atomic_load_n(&queue->tail, __ATOMIC_ACQUIRE) -
		__atomic_load_n(&queue->head, __ATOMIC_ACQUIRE);
}

void
port_double_queue_push(struct port_double_queue *queue, struct rte_mbuf *pkt)
{
	if (port_double_queue_length(queue) == PORT_DOUBLE_QUEUE_SIZE)
		fail_msg("the port double's queue is full");
	queue->pkts[queue->tail % PORT_DOUBLE_QUEUE_SIZE] = pkt;
	__atomic_store_n(&queue->tail, queue->tail + 1, __ATOMIC_RELEASE);
}

static struct rte_mbuf *
queue_pop(struct port_double_queue *queue)
{
	struct rte_mbuf *pkt;

	if (port_double_queue_length(queue) == 0)
		return NULL;
	pkt = queue->pkts[queue->head % PORT_DOUBLE_QUEUE_SIZE];
	__atomic_store_n(&queue->head, queue->head + 1, __ATOMIC_RELEASE);
	return pkt;
}

unsigned
port_double_queue_flush(struct port_double_queue *queue)
{
	unsigned count = 0;

	for (struct rte_mbuf *pkt; (pkt = queue_pop(queue)) != NULL; count++)
		rte_pktmbuf_free(pkt);
	return count;
}

void
port_double_inject(struct port_double *port_double, uint16_t queue, struct rte_mbuf *pkt)
{
	port_double_queue_push(&port_double->rx[queue], pkt);
}

unsigned
port_double_pending(const struct port_double *port_double, uint16_t queue)
{
	return port_double_queue_length(&port_double->rx[queue]);
}

unsigned
port_double_sent(const struct port_double *port_double, uint16_t queue)
{
	return port_double_queue_length(&port_double->tx[queue]);
}

struct rte_mbuf *
port_double_take(struct port_double *port_double, uint16_t queue)
{
	return queue_pop(&port_double->tx[queue]);
}

unsigned
port_double_flush(struct port_double *port_double)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PORT_DOUBLE_QUEUES; i++)
		count += port_double_queue_flush(&port_double->tx[i]);
	return count;
}

/* Queues are several workers'. */
static void
stats_add(uint64_t *sum, uint64_t n)
{
	__atomic_add_fetch(sum, n, __ATOMIC_RELAXED);
}

uint16_t
port_double_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct port_double *port_double = driver;
	uint16_t n = 0;

	__atomic_add_fetch(&port_double->calls.rx, 1, __ATOMIC_RELAXED);
	while (n < count && port_double_queue_length(&port_double->rx[queue]) > 0) {
		pkts[n] = queue_pop(&port_double->rx[queue]);
		stats_add(&port_double->stats.rx_packets, 1);
		stats_add(&port_double->stats.rx_bytes, pkts[n++]->pkt_len);
	}
	return n;
}

uint16_t
port_double_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct port_double *port_double = driver;
	uint16_t n = 0;

	__atomic_add_fetch(&port_double->calls.tx, 1, __ATOMIC_RELAXED);
	while (n < count && n < port_double->tx_call_max && port_double->tx_room > 0 &&
		port_double_queue_length(&port_double->tx[queue]) < PORT_DOUBLE_QUEUE_SIZE) {
		if (port_double->tx_room != PORT_DOUBLE_NO_LIMIT)
			port_double->tx_room--;
		stats_add(&port_double->stats.tx_packets, 1);
		stats_add(&port_double->stats.tx_bytes, pkts[n]->pkt_len);
		if (port_double->watch != NULL)
			port_double->watch(port_double->watch_arg, pkts[n]);
		port_double_queue_push(&port_double->tx[queue], pkts[n++]);
	}
	return n;
}
