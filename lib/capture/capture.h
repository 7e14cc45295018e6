/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Captures: copies of what ports receive and send, written to a file in pcapng.
 *
 * Callbacks of the ports' drivers copy packets on the workers, and put the copies on a bounded ring. A thread
 * of the capture's own takes them off and writes: neither workers nor the control thread wait for
 * the disk. A ring or a pool that is full is a counted drop. A port without a capture pays nothing.
 *
 * Control thread only.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "port/port.h"

#define CAPTURE_PATH_MAX        4096
#define CAPTURE_FILTER_MAX      512
#define CAPTURE_SNAPLEN_DEFAULT 65535

struct capture;
struct rte_rcu_qsbr;

enum capture_direction {
	CAPTURE_IN = 1 << 0,
	CAPTURE_OUT = 1 << 1,
};

struct capture_config {
	char path[CAPTURE_PATH_MAX]; /**< overwritten if it is a regular file */
	const struct port *ports[PORT_MAX]; /**< at least one */
	unsigned port_count;
	unsigned directions; /**< of enum capture_direction */
	char filter[CAPTURE_FILTER_MAX]; /**< an expression as tcpdump's; "": all packets */
	uint32_t snaplen; /**< bytes of a packet that are kept */
	uint64_t packets; /**< end after so many; 0: when told to */
};

enum capture_state {
	CAPTURE_NONE, /**< there was none yet */
	CAPTURE_RUNNING,
	CAPTURE_STOPPED,
	CAPTURE_FAILED, /**< the file could not be written */
};

/** Of the capture that runs, or of the last one. */
struct capture_stats {
	enum capture_state state;
	int errnum; /**< CAPTURE_FAILED: why */
	uint64_t seen; /**< packets that the ports received and sent */
	uint64_t filtered; /**< of these: not wanted by the filter */
	uint64_t drops; /**< of these: no copy could be made, or the ring was full */
	uint64_t written; /**< packets in the file */
	uint64_t bytes; /**< of the file */
};

/** @param rcu that every worker reports quiescent to */
struct capture *capture_create(struct rte_rcu_qsbr *rcu);
/** Stop, and free. No worker runs any more. */
void capture_destroy(struct capture *capture);

/** @return 0, -EBUSY if one runs, -EINVAL for a filter that is none, -ENOTSUP for a port whose driver
 * shows its packets to nobody, or what the file says */
int capture_start(struct capture *capture, const struct capture_config *config, struct error *err);
/** Write what is on the ring, and close the file. Nothing if none runs. */
void capture_stop(struct capture *capture);
/** Stop one that has come to its end: its count is reached, or the file failed. Call it often. */
void capture_poll(struct capture *capture);
/** Before a port is closed: take no more of its packets. */
void capture_port_detach(struct capture *capture, const struct port *port);
/** It is not closed after all. */
void capture_port_attach(struct capture *capture, const struct port *port);

void capture_stats(const struct capture *capture, struct capture_stats *stats);

#endif
