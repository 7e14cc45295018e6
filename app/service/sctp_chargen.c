/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The character generator (RFC 864) over SCTP: a line a message, as fast as the peer reads; what comes is
 * thrown away.
 */
#include "service/service.h"

#include <errno.h>

#define LINE_LENGTH   72
#define LINE_BYTES    (LINE_LENGTH + 2)
#define CHARGEN_FIRST ' '
/* The printable characters: after as many lines it begins again. */
#define CHARGEN_COUNT 95
/* At a time; then others have their turn. */
#define LINES_AT_ONCE 512

struct chargen {
	char lines[CHARGEN_COUNT][LINE_BYTES];
	uint8_t thrown_away[4096];
};

static int
chargen_start(struct sock_app *app, const void *config)
{
	struct chargen *chargen = app->state;

	for (unsigned line = 0; line < CHARGEN_COUNT; line++) {
		for (unsigned column = 0; column < LINE_LENGTH; column++)
			chargen->lines[line][column] =
				(char)(CHARGEN_FIRST + (line + column) % CHARGEN_COUNT);
		chargen->lines[line][LINE_LENGTH] = '\r';
		chargen->lines[line][LINE_LENGTH + 1] = '\n';
	}
	return service_sctp_listen(app, config);
}

/* A socket's user is the next line. */
static void
chargen_send(struct sock *sock, const struct chargen *chargen)
{
	uintptr_t line = (uintptr_t)sock_user(sock);

	for (unsigned i = 0; i < LINES_AT_ONCE; i++) {
		if (sock_send(sock, chargen->lines[line], LINE_BYTES, NULL) <= 0)
			return;
		line = (line + 1) % CHARGEN_COUNT;
		sock_user_set(sock, (void *)line);
	}
	sock_event_again(sock, SOCK_EVENT_WRITABLE);
}

static void
chargen_run(struct sock_app *app, struct sock *sock)
{
	struct chargen *chargen = app->state;
	int64_t n;

	do
		n = sock_receive(sock, chargen->thrown_away, sizeof(chargen->thrown_away), NULL);
	while (n > 0);
	if (n == -EAGAIN)
		chargen_send(sock, chargen);
	else
		sock_close(sock);
}

static void
chargen_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	service_sctp_events(app, events, count, chargen_run);
}

const struct sock_app_ops service_sctp_chargen = {
	.name = "sctp-chargen",
	.proto = SOCK_SCTP,
	.state_size = sizeof(struct chargen),
	.start = chargen_start,
	.events = chargen_events,
};
