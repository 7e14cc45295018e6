/* SPDX-License-Identifier: BSD-3-Clause */
/* A mutex and a condition between the control thread and those that ask it; used by telemetry.c. */
#include "cli/call_queue.h"

#include <errno.h>
#include <time.h>

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_DONE, CALL_REFUSED };

/* Lives on the stack of its caller, who stays until it is done or off the queue. */
struct call {
	TAILQ_ENTRY(call) entry;
	void (*run)(void *arg);
	void *arg;
	enum call_state state;
};

void
call_queue_init(struct call_queue *queue)
{
	pthread_condattr_t attr;

	*queue = (struct call_queue){ .mutex = PTHREAD_MUTEX_INITIALIZER };
	TAILQ_INIT(&queue->waiting);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->changed, &attr);
	pthread_condattr_destroy(&attr);
}

static void
call_remove(struct call_queue *queue, struct call *call)
{
	TAILQ_REMOVE(&queue->waiting, call, entry);
	__atomic_store_n(&queue->count, queue->count - 1, __ATOMIC_RELAXED);
}

void
call_queue_close(struct call_queue *queue)
{
	struct call *call;

	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	while ((call = TAILQ_FIRST(&queue->waiting)) != NULL) {
		call->state = CALL_REFUSED;
		call_remove(queue, call);
	}
	pthread_cond_broadcast(&queue->changed);
	while (queue->callers > 0)
		pthread_cond_wait(&queue->changed, &queue->mutex);
	pthread_mutex_unlock(&queue->mutex);
}

static struct timespec
deadline_after(unsigned timeout_ms)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
	if (deadline.tv_nsec >= 1000000000L) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000L;
	}
	return deadline;
}

/* With the mutex: until the control thread has run it, or will not. */
static int
call_wait(struct call_queue *queue, struct call *call, unsigned timeout_ms)
{
	struct timespec deadline = deadline_after(timeout_ms);

	while (call->state == CALL_WAITING) {
		if (pthread_cond_timedwait(&queue->changed, &queue->mutex, &deadline) ==
				ETIMEDOUT &&
			call->state == CALL_WAITING) {
			call_remove(queue, call);
			return -ETIMEDOUT;
		}
	}
	while (call->state == CALL_RUNNING)
		pthread_cond_wait(&queue->changed, &queue->mutex);
	return call->state == CALL_DONE ? 0 : -ESHUTDOWN;
}

int
call_queue_call(struct call_queue *queue, void (*run)(void *arg), void *arg, unsigned timeout_ms)
{
	struct call call = { .run = run, .arg = arg, .state = CALL_WAITING };
	int rc;

	pthread_mutex_lock(&queue->mutex);
	queue->callers++;
	if (queue->closed) {
		rc = -ESHUTDOWN;
	} else if (queue->count == CALL_QUEUE_MAX) {
		rc = -EBUSY;
	} else {
		TAILQ_INSERT_TAIL(&queue->waiting, &call, entry);
		__atomic_store_n(&queue->count, queue->count + 1, __ATOMIC_RELAXED);
		rc = call_wait(queue, &call, timeout_ms);
	}
	queue->callers--;
	if (queue->closed)
		pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
	return rc;
}

bool
call_queue_poll(struct call_queue *queue)
{
	struct call *call;

	/* Most often nobody waits, and there is nothing to lock for. */
	if (__atomic_load_n(&queue->count, __ATOMIC_RELAXED) == 0)
		return false;
	pthread_mutex_lock(&queue->mutex);
	call = TAILQ_FIRST(&queue->waiting);
	if (call != NULL) {
		call_remove(queue, call);
		call->state = CALL_RUNNING;
	}
	pthread_mutex_unlock(&queue->mutex);
	if (call == NULL)
		return false;
	call->run(call->arg);
	pthread_mutex_lock(&queue->mutex);
	call->state = CALL_DONE;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
	return true;
}
