/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * lib/sock's functions (sock/sock.h) over a network in memory: applications of one process that talk to
 * each other, without packets, ports and EAL. What stands in for the peer in a test is an application
 * too, which uses its sockets itself.
 *
 * Streams lose nothing, and take as much as the receiver has room for; what it has not received is not
 * acknowledged. A socket that is closed with
 * data unread resets its peer (RFC 2525 2.17), and loses what this one has not received either.
 */
#ifndef SUPPORT_SOCK_DOUBLE_H
#define SUPPORT_SOCK_DOUBLE_H

#include "sock/sock.h"

/** @param pool of sock_receive_msgs(); NULL: nobody calls it */
struct sock_core *sock_double_create(struct rte_mempool *pool);
/** All applications have ended. */
void sock_double_destroy(struct sock_core *core);

/** An application without functions, for the test's own sockets: with events, once a batch, to nobody. */
extern const struct sock_app_ops sock_double_nobody;

/** Start an application, as lib/stack does. @return NULL: its start() failed, with *rc */
struct sock_app *sock_double_start(
	struct sock_core *core, const struct sock_app_ops *ops, const void *config, int *rc);
void sock_double_stop(struct sock_app *app);

/** Tell what has happened, until nothing happens any more. */
void sock_double_run(struct sock_core *core);
/** Let time pass, timer by timer. */
void sock_double_advance(struct sock_core *core, uint64_t ns);

/** How much may wait in a stream's socket; 65536 at first. Its peer is told when a third is free. */
void sock_double_room_set(struct sock *sock, uint32_t bytes);
/** The next sock_connect() to anybody fails so, with SOCK_EVENT_ERROR. */
void sock_double_refuse(struct sock_core *core, int error);
/** How many sockets are open. */
unsigned sock_double_count(const struct sock_core *core);

#endif
