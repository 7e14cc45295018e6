/* SPDX-License-Identifier: BSD-3-Clause */
/* Changes what an end lets in and where to, while packets come in. By control. */
#include "cable/cable_priv.h"

struct cable_setup *
cable_setup_begin(struct cable_end *end)
{
	*end->spare = *end->setup;
	return end->spare;
}

void
cable_setup_commit(struct cable_end *end)
{
	struct cable_setup *before = end->setup;

	__atomic_store_n(&end->setup, end->spare, __ATOMIC_RELEASE);
	/* It is written to the next time. */
	cable_gate_wait(end->cable);
	end->spare = before;
}
