/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: SCTP as the user sees it. Associations are their workers': they are asked for
 * some at a time, of which each takes a moment of the worker's.
 */
#ifndef STACK_STACK_SCTP_H
#define STACK_STACK_SCTP_H

#include "sctp/sctp.h"
#include "sock/sock.h"
#include "stack/stack.h"
#include "stack/stack_filter.h"

/** Places of a worker's table that are looked at between two of its loops. */
#define STACK_SCTP_LOOKS 1024
/** The end of a worker's table. */
#define STACK_SCTP_END UINT32_MAX

struct stack_sctp_assoc {
	unsigned worker;
	uint32_t place; /**< in its worker's table */
	struct sock_sctp_owner owner;
	struct sctp_info info;
	struct sctp_path_info paths[SCTP_ADDRS_MAX]; /**< [info.path_count] */
};

/**
 * Copy associations of a worker, from a place on (0 at first).
 * @return how many; *place: where to go on, or STACK_SCTP_END
 */
unsigned stack_sctp_assocs(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_sctp_assoc *assocs, unsigned max, uint32_t *place);

/**
 * Copy streams of an association that were used, from `*cursor` (0 at first) on.
 * @return how many; 0: there are no more, or it has ended
 */
unsigned stack_sctp_streams(struct stack *stack, const struct stack_sctp_assoc *assoc,
	unsigned *cursor, struct sctp_stream_info *streams, unsigned max);

struct stack_sctp_listener {
	unsigned worker;
	const char *app;
	struct sctp_listener_info info; /**< its user leads nowhere */
};
/** @param from of the worker's: how many to leave out. @return how many were copied; 0: no more */
unsigned stack_sctp_listeners(struct stack *stack, unsigned worker, unsigned from,
	struct stack_sctp_listener *listeners, unsigned max);

/** What the user may do to an association of somebody else's. */
enum stack_sctp_verb {
	STACK_SCTP_ABORT, /**< its user is told ECONNABORTED */
	STACK_SCTP_SHUTDOWN, /**< what was sent still goes: RFC 9260 9.2 */
	STACK_SCTP_PRIMARY, /**< `remote` is the path that is used */
	STACK_SCTP_HEARTBEAT, /**< ask `remote` whether it is there */
};

/** Do it to associations that match, likewise. @return how many it was done to */
unsigned stack_sctp_do(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	enum stack_sctp_verb verb, const struct ip_addr *remote, uint32_t *place);

/** @param stats [SCTP_STAT_COUNT] @param worker index, or worker_count for the sum of all */
void stack_sctp_stats(
	const struct stack *stack, unsigned worker, uint64_t *stats, struct sctp_counts *counts);

/**
 * What sockets that are opened from now on begin with, unless they say otherwise.
 * @return 0; -EADDRINUSE: a socket of UDP has settings->udp_port, and nothing is set
 */
int stack_sctp_settings_set(struct stack *stack, const struct sctp_settings *settings);

#endif
