/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this folder share: a session, and the taps that feed it. */
#ifndef CAPTURE_CAPTURE_PRIV_H
#define CAPTURE_CAPTURE_PRIV_H

#include <pthread.h>

#include <pcap/pcap.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "capture/capture.h"

#define CAPTURE_RING_SIZE 4096
/* Those on the ring, those that workers hold in their caches, and those being written. */
#define CAPTURE_POOL_SIZE (CAPTURE_RING_SIZE + 4095)
/* Of the pool; with jumbo frames it holds fewer. */
#define CAPTURE_POOL_BYTES_MAX (32U << 20)

/* A port's place among those that can be captured: a device's id of ethdev's, or after all of these
 * the index of the port. */
#define CAPTURE_SLOTS (RTE_MAX_ETHPORTS + PORT_MAX)

/* What the writer is to know of a packet: stands in front of its copy. */
struct capture_record {
	uint64_t tsc;
	uint32_t length; /* of the packet, of which a part may have been copied */
	uint16_t slot, queue;
	enum capture_direction direction;
};

/* Of the writer: where it writes, and from which cycle of the TSC on. */
struct capture_file {
	int fd;
	uint64_t tsc, ns; /* the same moment, by the TSC and since 1970 */
	uint16_t ifaces[CAPTURE_SLOTS]; /* of each port in the file */
};

/* One capture. Made and freed by control; workers reach it by capture->session, under RCU. */
struct capture_session {
	struct rte_ring *ring;
	struct rte_mempool *pool;
	struct bpf_program filter; /* without instructions: all packets */
	uint32_t snaplen;
	unsigned directions; /* of enum capture_direction; control */
	bool finished; /* atomic: the writer wants no more */

	/* the writer's, from its start to its end */
	pthread_t writer;
	struct capture_file file;
	uint64_t packets_max; /* 0: no end */
	bool stopping; /* atomic: control says that nothing comes any more */
	int errnum; /* atomic: of the write that failed */
	uint64_t written, bytes; /* counters */
};

/* A queue that is listened at. Its counters belong to the worker that owns the queue. */
struct capture_tap {
	struct capture *capture;
	const struct rte_eth_rxtx_callback *callback; /* control; NULL: none */
	uint64_t seen, filtered, drops;
} __attribute__((aligned(64)));

/* A port's taps stay in memory as long as the capture: a callback that ethdev did not give back,
 * because its queue is gone for now, then finds no session and does nothing. */
struct capture_port {
	uint16_t slot;
	struct port_tap tap; /* of a port that is no device of ethdev's */
	const struct port *port; /* likewise, while attached */
	bool attached;
	bool wanted; /* by the session: to be attached again if it is not removed */
	struct capture_tap rx[PORT_QUEUE_MAX], tx[PORT_QUEUE_MAX];
};

struct capture {
	struct capture_session *session; /* atomic: written by control, read by workers */
	struct rte_rcu_qsbr *rcu;
	struct capture_port *ports[CAPTURE_SLOTS]; /* made when first needed */
	struct capture_stats last; /* of the session that has ended; state of none yet */
};

/* capture_tap.c */
void capture_tap_clear(struct capture *capture);
int capture_tap_attach(struct capture *capture, const struct port *port, unsigned directions);
/* The caller frees the old callbacks after a grace period, in which workers may be in the tap. */
void capture_tap_detach(
	struct capture_port *port, const struct rte_eth_rxtx_callback **old, unsigned *old_count);

/* capture_filter.c */
/* To be freed with pcap_freecode(). */
int capture_filter_load(
	const char *expression, uint32_t snaplen, struct bpf_program *filter, struct error *err);
bool capture_filter_match(const struct bpf_program *filter, const struct rte_mbuf *pkt);

/* capture_file.c */
/* @return 0, -ENOTSUP (a port that nobody can listen at), or why it cannot be written */
int capture_file_start(
	struct capture_file *file, const struct capture_config *config, struct error *err);
/* @param count PKT_BURST at most. @return bytes; -errno, -ENOSPC if not all were written */
ssize_t capture_file_write(
	const struct capture_file *file, struct rte_mbuf *const *pkts, unsigned count);
/* The slot of a port; -ENOTSUP: nobody can listen at it. */
int capture_slot(const struct port *port, uint16_t *slot);

/* capture_writer.c */
int capture_writer_start(
	struct capture_session *session, const struct capture_config *config, struct error *err);
/* Nothing is put on the ring any more: write what is there, and end. */
void capture_writer_stop(struct capture_session *session);

#endif
