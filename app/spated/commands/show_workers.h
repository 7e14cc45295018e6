/* SPDX-License-Identifier: BSD-3-Clause */
/* The shows of what each worker counted. */
#ifndef COMMANDS_SHOW_WORKERS_H
#define COMMANDS_SHOW_WORKERS_H

#include "cli/cli.h"
#include "stack/stack.h"

/* Writes a record of what worker `worker` counted, or all of them if that is stack->worker_count. */
typedef void show_worker_fn(
	struct show *show, const struct stack *stack, unsigned worker, const char *name);

/* A table with a column for each worker, and one for all. */
void show_by_worker(struct show *show, const struct stack *stack, show_worker_fn *show_one);

#endif
