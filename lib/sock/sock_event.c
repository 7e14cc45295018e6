/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Once a loop: what happened to sockets, told to their applications in batches; then their timers. Called
 * by pipeline_sock.c.
 */
#include "sock/sock_priv.h"

static void
batch_tell(struct sock_core *core)
{
	struct sock_app *app = core->batch_app;

	if (core->batch_count > 0)
		app->ops->events(app, core->batch, core->batch_count);
	core->batch_count = 0;
	core->batch_app = NULL;
}

static void
event_tell(struct sock *sock, uint32_t events)
{
	struct sock_core *core = sock->app->core;

	core->batch_app = sock->app;
	core->batch[core->batch_count++] =
		(struct sock_event){ .sock = sock, .user = sock->user, .events = events };
}

static void
again_remove(struct sock *sock)
{
	struct sock_core *core = sock->app->core;

	TAILQ_REMOVE(&core->again, sock, again_entry);
	core->again_count--;
	sock->again = 0;
}

void
sock_event_forget(struct sock *sock)
{
	struct sock_core *core = sock->app->core;

	for (unsigned i = 0; i < core->batch_count; i++) {
		if (core->batch[i].sock == sock)
			core->batch[i] = (struct sock_event){ 0 };
	}
	if (sock->again != 0)
		again_remove(sock);
}

void
sock_event_again(struct sock *sock, uint32_t events)
{
	struct sock_core *core = sock->app->core;

	/* None that applications know. */
	if (events == 0)
		return;
	if (sock->again == 0) {
		TAILQ_INSERT_TAIL(&core->again, sock, again_entry);
		core->again_count++;
	}
	sock->again |= (uint8_t)events;
}

/* Those that ask again while they are told wait for the next loop. */
static void
again_tell(struct sock_core *core)
{
	for (uint32_t count = core->again_count; count > 0 && core->again_count > 0;) {
		struct sock *sock = TAILQ_FIRST(&core->again);
		uint32_t events = sock->again;

		/* Who is told now may close it: so while it is still on the list. */
		if (core->batch_count > 0 &&
			(core->batch_app != sock->app || core->batch_count == SOCK_BATCH)) {
			batch_tell(core);
			continue;
		}
		count--;
		again_remove(sock);
		event_tell(sock, events);
	}
}

static uint32_t
udp_events(uint8_t events)
{
	return ((events & UDP_EVENT_READABLE) != 0 ? SOCK_EVENT_READABLE : 0U) |
		((events & UDP_EVENT_ERROR) != 0 ? SOCK_EVENT_ERROR : 0U);
}

static uint32_t
tcp_events_of(uint32_t events)
{
	static const struct {
		uint32_t tcp, sock;
	} bits[] = {
		{ TCP_EVENT_READABLE, SOCK_EVENT_READABLE },
		{ TCP_EVENT_WRITABLE, SOCK_EVENT_WRITABLE },
		{ TCP_EVENT_ACCEPTED, SOCK_EVENT_ACCEPTED },
		{ TCP_EVENT_CLOSED, SOCK_EVENT_CLOSED },
		{ TCP_EVENT_ERROR, SOCK_EVENT_ERROR },
		{ TCP_EVENT_URGENT, SOCK_EVENT_URGENT },
	};
	uint32_t result = 0;

	for (unsigned i = 0; i < RTE_DIM(bits); i++)
		result |= (events & bits[i].tcp) != 0 ? bits[i].sock : 0;
	return result;
}

static void
tcp_take(struct sock_core *core)
{
	struct tcp_event events[SOCK_BATCH];
	unsigned count;

	while ((count = tcp_events(core->config.tcp, events, SOCK_BATCH)) > 0) {
		for (unsigned i = 0; i < count; i++)
			sock_event_again(events[i].user, tcp_events_of(events[i].events));
	}
}

bool
sock_poll(struct sock_core *core)
{
	struct udp_socket *udp;
	uint8_t events;

	if (!sock_pending(core))
		return false;
	/* All is one list first, so that a batch has no socket twice. */
	while ((udp = udp_event_take(core->config.udp, &events)) != NULL)
		sock_event_again(udp->user, udp_events(events));
	tcp_take(core);
	sock_sctp_take(core);
	if (sock_sctp_follow_is_due(core))
		sock_sctp_follow(core);
	again_tell(core);
	batch_tell(core);
	if (sock_timer_is_due(core))
		sock_timer_run(core);
	return true;
}

static bool
has_events(const struct sock_core *core)
{
	return !TAILQ_EMPTY(&core->again) || udp_event_pending(core->config.udp) ||
		tcp_events_pending(core->config.tcp) || sctp_events_pending(core->config.sctp) ||
		sock_sctp_follow_is_due(core);
}

bool
sock_pending(const struct sock_core *core)
{
	return has_events(core) || sock_timer_is_due(core);
}

uint64_t
sock_next_ns(const struct sock_core *core)
{
	return has_events(core) ? 0 : core->timers_next_ns;
}
