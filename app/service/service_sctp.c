/* SPDX-License-Identifier: BSD-3-Clause */
/* How services of SCTP begin, and take what connects: for sctp_echo.c and its like. */
#include "service/service.h"

#include "sctp/sctp.h"

#define BACKLOG 128

/* What is not as `sctp set` says. */
struct wishes {
	uint16_t streams;
	uint32_t notices;
};

static int
notices_change(struct sctp_settings *settings, void *arg)
{
	const struct wishes *wishes = arg;

	settings->notices = wishes->notices;
	return 0;
}

static int
listen_as(struct sock_app *app, const struct sock_service *service, struct wishes *wishes)
{
	enum ip_family family =
		service->local.addr.family == IP_FAMILY_4 ? IP_FAMILY_4 : IP_FAMILY_6;
	struct sock *sock;
	int rc = sock_open(app, SOCK_SCTP, family, service->vrf, &sock);

	if (rc < 0)
		return rc;
	/* Each worker has one; an address of a configuration may be ours a little later. */
	sock_option_set(sock, SOCK_OPT_REUSEPORT, 1);
	sock_option_set(sock, SOCK_OPT_FREEBIND, 1);
	/* What goes back is not to wait for what comes later. */
	sock_option_set(sock, SOCK_OPT_NODELAY, 1);
	if (wishes->streams != 0)
		sock_sctp_streams_set(sock, wishes->streams);
	if (wishes->notices != 0)
		sock_sctp_future_change(sock, notices_change, wishes);
	rc = sock_bind(sock, &service->local);
	return rc == 0 ? sock_listen(sock, BACKLOG) : rc;
}

int
service_sctp_listen_with(struct sock_app *app, const struct sock_service *service, uint16_t streams)
{
	return listen_as(app, service, &(struct wishes){ .streams = streams });
}

int
service_sctp_listen_noted(
	struct sock_app *app, const struct sock_service *service, uint32_t notices)
{
	return listen_as(app, service, &(struct wishes){ .notices = notices });
}

int
service_sctp_listen(struct sock_app *app, const struct sock_service *service)
{
	return service_sctp_listen_with(app, service, 0);
}

void
service_sctp_events(struct sock_app *app, const struct sock_event *events, unsigned count,
	void (*run)(struct sock_app *app, struct sock *sock))
{
	struct sock *sock;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) == 0) {
			run(app, events[i].sock);
			continue;
		}
		/* Heartbeats find those that have gone without a word. */
		while (sock_accept(events[i].sock, &sock) == 0)
			sock_event_again(sock, sock_ready(sock));
	}
}
