/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker's turns. Its loop may stop between two stages, as if its CPU were slow just then: other
 * workers and the control thread go on meanwhile. One that is to stop runs in a context of its own. So what is
 * withdrawn is withdrawn under the feet of packets that chose it, and what is used again before its
 * grace period is over is noticed. The seed decides who stops where.
 *
 * The control thread has no context of its own: where it waits for workers (RCU, mailboxes, rings),
 * they run until it need not wait any longer.
 */
#include "sim/sim_private.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <rte_rcu_qsbr.h>

#define STACK_HOOKS
#include "stack/stack_hook.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define CONTEXT_STACK (512 * 1024)
/* Stages at a stretch, at most; and of loops one in so many stops at all. */
#define STRETCH_MAX  16
#define STOPS_ONE_IN 4
/* Turns that control waits, after which it waits for ever. */
#define WAIT_TURNS 100000

struct sim_worker {
	struct worker *worker;
	ucontext_t context;
	void *memory; /* its stack */
	uint64_t now_ns; /* of the loop */
	unsigned stretch; /* stages until it stops; 0: it does not */
	bool inside; /* a loop */
	bool busy; /* the last loop was */
};

/* Who runs: one at a time. */
static struct {
	struct sim *sim;
	ucontext_t context; /* of the simulator */
	struct sim_worker *worker; /* NULL: the simulator itself */
	const void *memory; /* its stack */
	size_t memory_size;
} running;

/* ---- contexts ---- */

/* The address sanitizer has to know whose stack it is. */
#ifdef __SANITIZE_ADDRESS__
static void
switch_begin(void **fake, const void *memory, size_t size)
{
	__sanitizer_start_switch_fiber(fake, memory, size);
}

static void
switch_end(void *fake, const void **memory, size_t *size)
{
	__sanitizer_finish_switch_fiber(fake, memory, size);
}
#else
static void
switch_begin(void **fake, const void *memory, size_t size)
{
}

static void
switch_end(void *fake, const void **memory, size_t *size)
{
}
#endif

static void
worker_enter(struct sim_worker *self)
{
	void *fake = NULL;

	running.worker = self;
	switch_begin(&fake, self->memory, CONTEXT_STACK);
	swapcontext(&running.context, &self->context);
	switch_end(fake, NULL, NULL);
	running.worker = NULL;
}

static void
worker_leave(struct sim_worker *self)
{
	void *fake = NULL;

	switch_begin(&fake, running.memory, running.memory_size);
	swapcontext(&self->context, &running.context);
	switch_end(fake, &running.memory, &running.memory_size);
}

/* One, without a stop. */
static void
worker_loop(struct sim_worker *self)
{
	struct worker *w = self->worker;

	rte_rcu_qsbr_thread_online(w->stack->rcu, w->index);
	self->busy = worker_poll(w, self->now_ns);
	rte_rcu_qsbr_thread_offline(w->stack->rcu, w->index);
	self->inside = false;
}

static void
worker_life(void)
{
	struct sim_worker *self = running.worker;

	switch_end(NULL, &running.memory, &running.memory_size);
	/* Else the sanitizer's swapcontext() clears what it knows of all of it at each turn. */
	self->context.uc_stack = (stack_t){ 0 };
	for (;;) {
		worker_loop(self);
		worker_leave(self);
	}
}

void
stack_hook_stage(void)
{
	struct sim_worker *self = running.worker;

	if (self != NULL && self->stretch > 0 && --self->stretch == 0)
		worker_leave(self);
}

/* ---- turns ---- */

bool
sim_worker_is_inside(const struct sim_node *node, unsigned worker)
{
	return node->workers[worker]->inside;
}

bool
sim_worker_run(struct sim_node *node, unsigned worker, uint64_t now_ns)
{
	struct sim_worker *self = node->workers[worker];
	struct random *schedule = &node->sim->schedule;
	const bool was_inside = self->inside;

	if (!was_inside) {
		self->now_ns = now_ns;
		self->inside = true;
		self->stretch = 0;
		if (random_below(schedule, STOPS_ONE_IN) == 0)
			self->stretch = 1 + random_below(schedule, STRETCH_MAX);
	} else {
		self->stretch = random_below(schedule, STRETCH_MAX);
	}
	/* Two system calls are spared where nothing stops. */
	if (self->stretch == 0 && !was_inside)
		worker_loop(self);
	else
		worker_enter(self);
	return self->busy || self->inside;
}

/* ---- the control thread waits ---- */

static struct sim_node *
node_of(const struct rte_rcu_qsbr *rcu)
{
	for (unsigned i = 0; i < running.sim->node_count; i++) {
		struct sim_node *node = running.sim->nodes[i];

		if (node != NULL && node->stack->rcu == rcu)
			return node;
	}
	sim_fail("somebody waits for nobody's workers");
}

/* Also those who get no CPU otherwise: in the end they do. */
static void
workers_go_on(struct sim_node *node)
{
	for (unsigned i = 0; i < node->stack->worker_count; i++)
		sim_worker_run(node, i, sim_node_now_ns(node));
	node->dirty = true;
}

void
stack_hook_wait(const struct stack *stack)
{
	workers_go_on(node_of(stack->rcu));
}

/* Instead of librte_rcu's, which would wait for ever. */
void
rte_rcu_qsbr_synchronize(struct rte_rcu_qsbr *rcu, unsigned thread)
{
	const uint64_t token = rte_rcu_qsbr_start(rcu);

	sim_assert(thread == RTE_QSBR_THRID_INVALID, "a worker waits for a grace period");
	for (unsigned turns = 0; rte_rcu_qsbr_check(rcu, token, false) == 0; turns++) {
		sim_assert(turns < WAIT_TURNS, "a grace period does not end");
		workers_go_on(node_of(rcu));
	}
}

/* ---- they come and go ---- */

void
sim_workers_create(struct sim_node *node)
{
	running.sim = node->sim;
	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		struct sim_worker *self = calloc(1, sizeof(*self));

		if (self == NULL || getcontext(&self->context) < 0)
			abort();
		self->worker = node->stack->workers[i];
		self->memory = mmap(NULL, CONTEXT_STACK, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
		if (self->memory == MAP_FAILED)
			abort();
		self->context.uc_stack.ss_sp = self->memory;
		self->context.uc_stack.ss_size = CONTEXT_STACK;
		makecontext(&self->context, worker_life, 0);
		node->workers[i] = self;
	}
	node->stack->running = true;
}

void
sim_workers_destroy(struct sim_node *node)
{
	node->stack->running = false;
	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		munmap(node->workers[i]->memory, CONTEXT_STACK);
		free(node->workers[i]);
	}
}
