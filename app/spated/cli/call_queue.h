/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Calls of other threads that the control thread makes for them, since only it may read what is
 * its own. Bounded: few wait, and none for longer than it said. Workers do not use it.
 */
#ifndef CLI_CALL_QUEUE_H
#define CLI_CALL_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

/** Calls that may wait at a time. */
#define CALL_QUEUE_MAX 16

struct call;

struct call_queue {
	pthread_mutex_t mutex; /**< of all below; held for moments only, never during a call */
	pthread_cond_t changed;
	TAILQ_HEAD(, call) waiting;
	unsigned count; /**< of `waiting`; atomic, so that the control thread can look first */
	unsigned callers; /**< inside of call_queue_call() */
	bool closed;
};

void call_queue_init(struct call_queue *queue);
/**
 * Control thread: refuse what waits and what comes. Afterwards no thread is inside.
 */
void call_queue_close(struct call_queue *queue);

/**
 * Any other thread: have the control thread run `run(arg)`, and wait for that.
 *
 * @param timeout_ms how long it may wait for its turn; once it runs, it is waited for
 * @return 0 when it was run, -EBUSY if too many wait, -ETIMEDOUT, -ESHUTDOWN
 */
int call_queue_call(
	struct call_queue *queue, void (*run)(void *arg), void *arg, unsigned timeout_ms);

/** Control thread: run the call that has waited longest. @return whether there was one */
bool call_queue_poll(struct call_queue *queue);

#endif
