/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The echo protocol (RFC 862) over SCTP: a message goes back on the stream that it came by, with its PPID,
 * and unordered if it was. One that comes in parts (RFC 9260 6.9) goes back in parts, as one message.
 */
#include "service/service.h"

#include <errno.h>

#include "sctp/sctp.h"

/* At a time: what is larger goes back in parts as well. */
#define MESSAGE_MAX (1 << 20)
/* ... of which each has room in what is free when there is said to be some. */
#define PART_MAX (1 << 16)

struct echo {
	uint8_t message[MESSAGE_MAX];
};

static int
echo_start(struct sock_app *app, const void *config)
{
	/* A message that has begun to go back may not be ended otherwise. */
	return service_sctp_listen_noted(app, config, 1U << SCTP_NOTICE_PART_ABORTED);
}

/* A socket's user: whether a message has begun to go back, and its end has not come. */
static inline bool
is_amid(const struct sock *sock)
{
	return sock_user(sock) != NULL;
}

static inline void
amid_set(struct sock *sock, bool amid)
{
	sock_user_set(sock, amid ? sock : NULL);
}

/* RFC 8260: parts of other messages may come in between, which no sender of ours could have there. */
static bool
is_interleaved(struct sock *sock)
{
	struct sctp_info info;

	return sock_sctp_info(sock, SOCK_SCTP_CURRENT, &info) != 0 ||
		(info.extensions & SCTP_EXT_I_DATA) != 0;
}

/* What is next. @return bytes, or -errno */
static int64_t
next_send(struct echo *echo, struct sock *sock, const struct sock_sctp_info *info, uint32_t length)
{
	const bool in_parts = !is_interleaved(sock);
	struct sock_sctp_to to = { .count = 0 };
	int64_t rc = sock_peek(
		sock, echo->message, in_parts ? (size_t)PART_MAX : sizeof(echo->message), NULL);

	if (rc <= 0)
		return rc;
	to.more = in_parts && ((info->flags & SOCK_SCTP_EOR) == 0 || rc < length);
	rc = sock_sctp_sendx(sock, echo->message, (size_t)rc, info, &to);
	if (rc > 0)
		amid_set(sock, to.more);
	return rc;
}

/* The only notification: RFC 3758 has a peer give up what we have begun to send. */
static void
given_up(struct sock *sock)
{
	static const char reason[] = "the rest of a message did not come";
	const struct sock_sctp_info abort = { .flags = SOCK_SCTP_ABORT };
	struct sctp_notice notice;
	uint32_t assoc;

	if (sock_sctp_notice(sock, &assoc, &notice) == 0 && is_amid(sock))
		sock_sctp_send(sock, reason, sizeof(reason) - 1, &abort, NULL);
}

/* One at a time: what there is no room for waits where it is, in the peer's window. */
static void
echo_run(struct sock_app *app, struct sock *sock)
{
	struct echo *echo = app->state;
	struct sock_sctp_info info;
	uint32_t length;
	int64_t rc;

	do {
		while ((length = sock_sctp_next(sock, &info)) > 0) {
			rc = next_send(echo, sock, &info, length);
			if (rc == -EAGAIN)
				return;
			/* A stream that the peer does not take. */
			if (rc < 0 && rc != -EINVAL) {
				sock_close(sock);
				return;
			}
			sock_receive(sock, echo->message,
				rc > 0 ? (size_t)rc : sizeof(echo->message), NULL);
		}
		rc = sock_receive(sock, echo->message, sizeof(echo->message), NULL);
		if (rc == -ENOMSG)
			given_up(sock);
	} while (rc == -ENOMSG);
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
