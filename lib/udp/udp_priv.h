/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/udp share. */
#ifndef UDP_PRIV_H
#define UDP_PRIV_H

#include <rte_hash.h>

#include "udp/udp.h"

/* What a socket hears, the most specific first. A lookup goes down until one of them has it. */
enum udp_level { UDP_CONNECTED, UDP_BOUND, UDP_ANY, UDP_LEVELS };

/* What a table is looked up by; what the level leaves open is zero. */
struct udp_key {
	uint8_t local[16], peer[16];
	uint16_t local_port, peer_port;
	uint16_t vrf;
	uint16_t scope; /* of a link-local address: its interface + 1 */
	uint8_t family;
	uint8_t zero[7];
};
static_assert(sizeof(struct udp_key) == 48, "rte_hash compares 48 bytes fast");

/* A port: bit a worker that has sockets on it, by level. Each worker writes its own bits, atomically. */
struct udp_port_use {
	uint64_t workers[UDP_LEVELS];
};

struct udp_ports {
	uint32_t seed;
	uint16_t reserved; /* for another protocol: written by control, atomically; 0: none */
	struct rte_hash *tables[UDP_WORKERS_MAX]; /* written before workers run */
	struct udp_port_use ports[UINT16_MAX + 1];
};

/* A place in the queue of a socket. */
struct udp_slot {
	struct rte_mbuf *pkt;
	uint32_t next;
};
#define UDP_SLOT_NONE UINT32_MAX

TAILQ_HEAD(udp_events, udp_socket);

struct udp_core {
	struct udp_config config;
	struct rte_hash *table; /* struct udp_key -> struct udp_socket: the first; or a mark */
	struct udp_socket *sockets; /* [sockets_max] */
	uint32_t *free_sockets; /* a stack of their places */
	uint32_t free_count; /* atomic: written by the worker, read by control */
	struct udp_slot *slots; /* [held_max] */
	uint32_t free_slot;
	uint32_t held; /* packet buffers */
	struct udp_events events;
	uint32_t (*port_sockets)[UDP_LEVELS]; /* [65536]: how many here have it */
	struct udp_counters counters;
};

/* A datagram on its way in: what it is looked up by. */
struct udp_lookup {
	const void *src, *dst; /* addresses in the packet */
	uint16_t src_port, dst_port;
	uint16_t vrf, iface;
	uint8_t family;
};

/* udp_table.c */
int udp_table_create(struct udp_core *core);
void udp_table_destroy(struct udp_core *core);
int udp_table_insert(struct udp_socket *socket);
void udp_table_remove(struct udp_socket *socket);
/*
 * The socket for a datagram, the most specific; of several alike the one that the flow chooses.
 * `handed`: it stays here. @return NULL: none; or another worker's has it, which is in *worker
 */
struct udp_socket *udp_table_lookup(struct udp_core *core, const struct udp_lookup *lookup,
	struct rte_mbuf *pkt, bool handed, unsigned *worker);
#define UDP_WORKER_NONE UINT32_MAX
/* Whether another socket has what this one, which need not be in the table, would have. */
bool udp_table_conflicts(const struct udp_socket *socket);

/* Whether a port is another protocol's. */
static inline bool
udp_is_reserved(const struct udp_core *core, uint16_t port)
{
	return port != 0 &&
		port == __atomic_load_n(&core->config.ports->reserved, __ATOMIC_SEQ_CST);
}

/* udp_queue.c. @return whether it was taken; else *reason says why not */
bool udp_queue_put(struct udp_socket *socket, struct rte_mbuf *pkt, enum drop_reason *reason);
void udp_queue_flush(struct udp_socket *socket);

#endif
