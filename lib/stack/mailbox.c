/* SPDX-License-Identifier: BSD-3-Clause */
/* Small jobs that the control thread has a worker do between two loops. */
#include "stack/worker.h"

#include "base/counter.h"
#include "stack/stack_hook.h"

/* Worker: once a loop. */
void
mailbox_run(struct worker *w)
{
	struct worker_msg *msg;

	while (rte_ring_dequeue(w->mailbox, (void **)&msg) == 0) {
		msg->run(w, msg);
		__atomic_store_n(&msg->done, true, __ATOMIC_RELEASE);
	}
}

/* Control, which waits until it is done: also for room, so that nothing is done by half. */
void
mailbox_call(struct worker *w, struct worker_msg *msg)
{
	unsigned depth;

	msg->done = false;
	if (!w->stack->running) {
		msg->run(w, msg);
		msg->done = true;
		return;
	}
	while (rte_ring_enqueue(w->mailbox, msg) < 0)
		stack_hook_wait(w->stack);
	counter_add(&w->mailbox_ring.enqueued, 1);
	depth = rte_ring_count(w->mailbox);
	if (depth > w->mailbox_ring.high)
		w->mailbox_ring.high = depth;
	while (!__atomic_load_n(&msg->done, __ATOMIC_ACQUIRE))
		stack_hook_wait(w->stack);
}
