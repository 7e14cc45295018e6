/* SPDX-License-Identifier: BSD-3-Clause */
/* How services of TCP begin, and take what connects: for tcp_echo.c and its like. */
#include "service/service.h"

#define BACKLOG 128

int
service_tcp_listen(struct sock_app *app, const struct sock_service *service)
{
	enum ip_family family =
		service->local.addr.family == IP_FAMILY_4 ? IP_FAMILY_4 : IP_FAMILY_6;
	struct sock *sock;
	int rc = sock_open(app, SOCK_TCP, family, service->vrf, &sock);

	if (rc < 0)
		return rc;
	/* Each worker has one; an address of a configuration may be ours a little later. */
	sock_option_set(sock, SOCK_OPT_REUSEPORT, 1);
	sock_option_set(sock, SOCK_OPT_FREEBIND, 1);
	rc = sock_bind(sock, &service->local);
	return rc == 0 ? sock_listen(sock, BACKLOG) : rc;
}

void
service_tcp_accept(struct sock *listener)
{
	struct sock *sock;

	while (sock_accept(listener, &sock) == 0) {
		/* Who has gone without a word does not stay for ever. */
		sock_option_set(sock, SOCK_OPT_KEEPALIVE, 1);
		sock_event_again(sock, sock_ready(sock));
	}
}

void
service_tcp_events(struct sock_app *app, const struct sock_event *events, unsigned count,
	void (*run)(struct sock_app *app, struct sock *sock))
{
	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) != 0)
			service_tcp_accept(events[i].sock);
		else
			run(app, events[i].sock);
	}
}
