/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/show_workers.h"

#include <stdio.h>

void
show_by_worker(struct show *show, const struct stack *stack, show_worker_fn *show_one)
{
	char name[16];

	show_transposed_begin(show);
	for (unsigned i = 0; i < stack->worker_count; i++) {
		snprintf(name, sizeof(name), "%u", i);
		show_one(show, stack, i, name);
	}
	show_one(show, stack, stack->worker_count, "all");
	show_transposed_end(show);
}
