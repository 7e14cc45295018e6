/* SPDX-License-Identifier: BSD-3-Clause */
/* The discard protocol (RFC 863) over SCTP: messages are thrown away, until the peer ends. */
#include "service/service.h"

#include <errno.h>

struct discard {
	uint8_t message[65536];
};

static int
discard_start(struct sock_app *app, const void *config)
{
	return service_sctp_listen(app, config);
}

static void
discard_run(struct sock_app *app, struct sock *sock)
{
	struct discard *discard = app->state;
	int64_t n;

	do
		n = sock_receive(sock, discard->message, sizeof(discard->message), NULL);
	while (n > 0);
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
discard_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	service_sctp_events(app, events, count, discard_run);
}

const struct sock_app_ops service_sctp_discard = {
	.name = "sctp-discard",
	.proto = SOCK_SCTP,
	.state_size = sizeof(struct discard),
	.start = discard_start,
	.events = discard_events,
};
