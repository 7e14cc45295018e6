/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers of applications: calls at a time, on the worker's clock. They are nodes of a wheel, in memory
 * of the applications. Called by sock_event.c.
 */
#include "sock/sock_priv.h"

void
sock_timer_init(struct sock_core *core)
{
	timer_wheel_init(&core->timers, core->config.ip->now_ns);
	core->timers_next_ns = UINT64_MAX;
}

void
sock_timer_set(struct sock_app *app, struct sock_timer *timer, uint64_t due_ns)
{
	struct sock_core *core = app->core;

	if (timer->app == NULL) {
		timer->app = app;
		LIST_INSERT_HEAD(&app->timers, timer, entry);
	}
	timer_wheel_arm(&core->timers, &timer->node, due_ns);
	core->timers_next_ns = timer_wheel_next_ns(&core->timers);
}

static void
timer_forget(struct sock_timer *timer)
{
	LIST_REMOVE(timer, entry);
	timer->app = NULL;
}

/* The wheel's next time stays: to look at it then, and find nothing, costs less than to look now. */
void
sock_timer_clear(struct sock_timer *timer)
{
	if (timer->app == NULL)
		return;
	timer_stop(&timer->node);
	timer_forget(timer);
}

void
sock_timer_run(struct sock_core *core)
{
	struct timer_node *node;

	timer_wheel_advance(&core->timers, core->config.ip->now_ns);
	for (unsigned i = 0; i < SOCK_TIMERS_A_LOOP; i++) {
		struct sock_timer *timer;
		struct sock_app *app;

		node = timer_wheel_take(&core->timers);
		if (node == NULL)
			break;
		timer = (struct sock_timer *)node;
		app = timer->app;
		timer_forget(timer);
		timer->strike(app, timer);
	}
	core->timers_next_ns = timer_wheel_next_ns(&core->timers);
}
