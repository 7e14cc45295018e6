/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a simulator comes in: test/sim builds the files that include this once more, with
 * STACK_HOOKS, and decides who goes on. In spate there is nothing here.
 */
#ifndef STACK_STACK_HOOK_H
#define STACK_STACK_HOOK_H

#include <rte_pause.h>

struct stack;

#ifdef STACK_HOOKS
/* A worker is between two stages: others may run. */
void stack_hook_stage(void);
/* The control thread waits for its workers. */
void stack_hook_wait(const struct stack *stack);
#else
static inline void
stack_hook_stage(void)
{
}

static inline void
stack_hook_wait(const struct stack *stack)
{
	rte_pause();
}
#endif

#endif
