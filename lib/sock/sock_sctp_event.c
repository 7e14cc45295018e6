/* SPDX-License-Identifier: BSD-3-Clause */
/* What happened to associations becomes events of their sockets. Called by sock_event.c. */
#include "sock/sock_sctp_priv.h"

static uint32_t
one_events(uint32_t events)
{
	static const struct {
		uint32_t sctp, sock;
	} bits[] = {
		{ SCTP_EVENT_READABLE | SCTP_EVENT_NOTICE, SOCK_EVENT_READABLE },
		{ SCTP_EVENT_WRITABLE, SOCK_EVENT_WRITABLE },
		{ SCTP_EVENT_CLOSED, SOCK_EVENT_CLOSED },
		{ SCTP_EVENT_ERROR, SOCK_EVENT_ERROR },
	};
	uint32_t result = 0;

	for (unsigned i = 0; i < RTE_DIM(bits); i++)
		result |= (events & bits[i].sctp) != 0 ? bits[i].sock : 0;
	return result;
}

/* Of one association of many: its end is read, by its last notification, if anybody wants to know. */
static void
many_event(struct sock_assoc *sa, uint32_t events)
{
	struct sock *sock = sa->sock;

	if ((events & SCTP_EVENT_WRITABLE) != 0)
		sock_event_again(sock, SOCK_EVENT_WRITABLE);
	if ((events & (SCTP_EVENT_READABLE | SCTP_EVENT_NOTICE | SCTP_EVENT_CLOSED)) == 0)
		return;
	sock_assoc_touch(sa);
	sock_assoc_ready(sa);
	if (sock_sctp_reader(sock) != NULL)
		sock_event_again(sock, SOCK_EVENT_READABLE);
}

static void
listener_event(struct sock *sock)
{
	if (sock->sctp->many)
		sock_sctp_accept_all(sock);
	else
		sock_event_again(sock, SOCK_EVENT_ACCEPTED);
}

static void
assoc_event(const struct sctp_event *event)
{
	struct sock_assoc *sa = event->user;

	/* One of many that another's event found at its end. */
	if (sa->assoc != event->assoc)
		return;
	if (unlikely(sa->follow_again) &&
		(event->events & (SCTP_EVENT_ADDRS | SCTP_EVENT_WRITABLE)) != 0)
		sock_assoc_follow(sa);
	if (unlikely((sa->sock->shut & SOCK_SHUTDOWN_READ) != 0))
		sock_assoc_discard(sa);
	if (sa->sock->sctp->many)
		many_event(sa, event->events);
	else
		sock_event_again(sa->sock, one_events(event->events));
}

void
sock_sctp_take(struct sock_core *core)
{
	struct sctp_event events[SOCK_BATCH];
	unsigned count;

	while ((count = sctp_events(core->config.sctp, events, SOCK_BATCH)) > 0) {
		for (unsigned i = 0; i < count; i++) {
			if (events[i].listener != NULL)
				listener_event(events[i].user);
			else
				assoc_event(&events[i]);
		}
	}
}
