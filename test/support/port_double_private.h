/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the port double share. */
#ifndef SUPPORT_PORT_DOUBLE_PRIVATE_H
#define SUPPORT_PORT_DOUBLE_PRIVATE_H

#include "support/port_double.h"

/* port_double.c: the error that a call is to end with, if any */
int port_double_failure(int errnum, const char *what, struct error *err);

/* port_double_queue.c */
uint32_t port_double_queue_length(const struct port_double_queue *queue);
void port_double_queue_push(struct port_double_queue *queue, struct rte_mbuf *pkt);
unsigned port_double_queue_flush(struct port_double_queue *queue);
uint16_t port_double_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
uint16_t port_double_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);

/* port_double_rss.c */
void port_double_rss_reset(struct port_double *port_double, uint16_t rxq_count);
int port_double_rss_get(struct port *port, struct port_rss *rss);
int port_double_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err);
int port_double_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err);
void *port_double_flow_create(struct port *port, const struct port_flow_rule *rule);
int port_double_flow_destroy(struct port *port, void *handle, struct error *err);
int port_double_flow_hits(struct port *port, void *handle, uint64_t *packets);

#endif
