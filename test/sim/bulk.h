/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A stream of bytes from one node to another by TCP, as fast as it goes. Each byte that arrives is
 * checked against what was sent at its place.
 */
#ifndef SIM_BULK_H
#define SIM_BULK_H

#include "sim/sim.h"
#include "tcp/tcp.h"

struct bulk_config {
	const char *cc; /**< congestion control */
	uint16_t port;
	uint8_t family; /**< enum ip_family */
	uint32_t buffer_bytes; /**< of both ends; 0: as tuning has it */
	uint64_t bytes; /**< to send; UINT64_MAX: until bulk_end() */
	uint64_t skip_bytes; /**< bulk.skipped_ns is when so many had arrived */
};

struct bulk {
	struct bulk_config config;
	struct sim *sim;
	struct sim_node *from, *to;
	struct sock_app sender, sink; /**< on their nodes */
	struct sock_addr peer;
	struct sock *out; /**< NULL: closed */
	uint64_t sent, received; /**< bytes */
	uint64_t skipped_ns, received_ns; /**< when that was so, and when the last byte came */
	int error; /**< of the sender's connection; 0: none */
	bool ended; /**< both ends have closed it */
	struct tcp_info info; /**< of the sender's connection, when it had ended */
};

void bulk_start(struct sim *sim, struct bulk *bulk, struct sim_node *from, struct sim_node *to,
	const struct bulk_config *config);
/** Nothing more is sent than what is in the send buffer. */
void bulk_end(struct bulk *bulk);
/** Let time pass until all has arrived; fails if that takes more than so long, or goes wrong. */
void bulk_wait(struct bulk *bulk, uint64_t at_most_ms);
/** Of the sender's connection, which is open. */
struct tcp_info bulk_info(struct bulk *bulk);
/** Its memory may be given away. */
void bulk_stop(struct bulk *bulk);

#endif
