/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: TCP as the user sees it. Connections are their workers': they are asked for some at
 * a time, of which each takes a moment of the worker's.
 */
#ifndef STACK_STACK_TCP_H
#define STACK_STACK_TCP_H

#include "stack/stack.h"
#include "stack/stack_filter.h"
#include "tcp/tcp.h"

/** Places of a worker's table that are looked at between two of its loops. */
#define STACK_TCP_LOOKS 1024
/** The end of a worker's table. */
#define STACK_TCP_END UINT32_MAX

struct stack_tcp_conn {
	unsigned worker;
	const char *app; /**< whose it is; NULL: not accepted yet, or closed by its user */
	struct tcp_tuple tuple;
	struct tcp_info info;
};

struct stack_tcp_listener {
	unsigned worker;
	const char *app;
	struct tcp_listener_info info; /**< its user leads nowhere */
};

/**
 * Copy connections of a worker, from a place on (0 at first).
 * @return how many; *place: where to go on, or STACK_TCP_END
 */
unsigned stack_tcp_conns(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_tcp_conn *conns, unsigned max, uint32_t *place);
/** The same of handshakes that listeners wait for, and of TIME-WAIT: of `info` only the state is set. */
unsigned stack_tcp_brief(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_tcp_conn *conns, unsigned max, uint32_t *place);
/** Reset connections, likewise: their users are told ECONNABORTED. @return how many */
unsigned stack_tcp_kill(
	struct stack *stack, unsigned worker, const struct stack_filter *filter, uint32_t *place);
/** @param from of the worker's: how many to leave out. @return how many were copied */
unsigned stack_tcp_listeners(struct stack *stack, unsigned worker, unsigned from,
	struct stack_tcp_listener *listeners, unsigned max);

/** @param stats [TCP_STAT_COUNT] @param worker index, or worker_count for the sum of all */
void stack_tcp_stats(
	const struct stack *stack, unsigned worker, uint64_t *stats, struct tcp_counts *counts);

/** The congestion control of sockets of a VRF that are opened from now on, and do not say another. */
void stack_tcp_cc_set(struct stack *stack, uint16_t vrf, const struct cc_ops *cc);

/** On all workers, for all connections, from now on. */
void stack_tcp_offload_set(struct stack *stack, const struct tcp_offload *offload);

/** On all workers, for connections that begin from now on. */
void stack_tcp_policy_set(struct stack *stack, const struct tcp_policy *policy);

#endif
