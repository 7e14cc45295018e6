/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: how local ports are chosen for those who do not say which. RFC 6056.
 */
#ifndef STACK_STACK_EPHEMERAL_H
#define STACK_STACK_EPHEMERAL_H

#include "ephemeral/ephemeral.h"
#include "stack/stack.h"

/** Since the stack was made, over all workers. */
struct stack_ephemeral_stats {
	uint64_t chosen, collisions, elsewhere, exhausted; /**< as struct ephemeral has them */
};

/** The one in force. */
const struct ephemeral_policy *stack_ephemeral_get(
	const struct stack *stack, enum sock_proto proto);
/** From now on. Ports that were chosen stay. @return 0 or -ENOMEM */
int stack_ephemeral_set(struct stack *stack, enum sock_proto proto,
	const struct ephemeral_policy *policy, struct error *err);
void stack_ephemeral_stats(
	const struct stack *stack, enum sock_proto proto, struct stack_ephemeral_stats *stats);

#endif
