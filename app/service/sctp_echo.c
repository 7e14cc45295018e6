/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The echo protocol (RFC 862) over SCTP: a message goes back on the stream that it came by, with its PPID,
 * and unordered if it was.
 */
#include "service/service.h"

#include <errno.h>

/* What is larger than this, or half of the receive buffer, goes back in parts, as it comes: RFC 9260 6.9. */
#define MESSAGE_MAX (1 << 20)

struct echo {
	uint8_t message[MESSAGE_MAX];
};

static int
echo_start(struct sock_app *app, const void *config)
{
	return service_sctp_listen(app, config);
}

/* One at a time: what there is no room for waits where it is, in the peer's window. */
static void
echo_run(struct sock_app *app, struct sock *sock)
{
	struct echo *echo = app->state;
	struct sock_sctp_info info;
	int64_t rc;

	while (sock_sctp_next(sock, &info) > 0) {
		rc = sock_peek(sock, echo->message, sizeof(echo->message), NULL);
		if (rc > 0)
			rc = sock_sctp_send(sock, echo->message, (size_t)rc, &info, NULL);
		if (rc == -EAGAIN)
			return;
		/* A stream that the peer does not take. */
		if (rc < 0 && rc != -EINVAL) {
			sock_close(sock);
			return;
		}
		sock_receive(sock, echo->message, sizeof(echo->message), NULL);
	}
	rc = sock_receive(sock, echo->message, sizeof(echo->message), NULL);
	if (rc != -EAGAIN)
		sock_close(sock);
}

static void
echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	service_sctp_events(app, events, count, echo_run);
}

const struct sock_app_ops service_sctp_echo = {
	.name = "sctp-echo",
	.proto = SOCK_SCTP,
	.state_size = sizeof(struct echo),
	.start = echo_start,
	.events = echo_events,
};
