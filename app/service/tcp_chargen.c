/* SPDX-License-Identifier: BSD-3-Clause */
/* The character generator: lines without end, as fast as the peer reads; what comes is thrown away. RFC 864. */
#include "service/service.h"

#include <errno.h>

#define LINE_LENGTH   72
#define LINE_BYTES    (LINE_LENGTH + 2)
#define CHARGEN_FIRST ' '
/* The printable characters: after as many lines it begins again. */
#define CHARGEN_COUNT 95
#define PATTERN_BYTES (CHARGEN_COUNT * LINE_BYTES)
/* At a time; then others have their turn. */
#define PATTERNS_AT_ONCE 8

struct chargen {
	char pattern[PATTERN_BYTES];
};

static int
chargen_start(struct sock_app *app, const void *config)
{
	struct chargen *chargen = app->state;

	for (unsigned i = 0; i < PATTERN_BYTES; i++) {
		unsigned line = i / LINE_BYTES, column = i % LINE_BYTES;

		if (column < LINE_LENGTH)
			chargen->pattern[i] =
				(char)(CHARGEN_FIRST + (line + column) % CHARGEN_COUNT);
		else
			chargen->pattern[i] = column == LINE_LENGTH ? '\r' : '\n';
	}
	return service_tcp_listen(app, config);
}

/* @return whether the peer is still there */
static bool
chargen_receive(struct sock *sock)
{
	struct sock_msg msgs[SOCK_BATCH];
	int n;

	while ((n = sock_receive_msgs(sock, msgs, SOCK_BATCH)) > 0) {
		for (int i = 0; i < n; i++)
			rte_pktmbuf_free(msgs[i].pkt);
	}
	return n == -EAGAIN;
}

/* A socket's user is where it has stopped. */
static void
chargen_send(struct sock *sock, const struct chargen *chargen)
{
	uintptr_t offset = (uintptr_t)sock_user(sock);

	for (unsigned i = 0; i < PATTERNS_AT_ONCE; i++) {
		int64_t sent =
			sock_send(sock, chargen->pattern + offset, PATTERN_BYTES - offset, NULL);

		if (sent <= 0)
			return;
		offset = (offset + (uintptr_t)sent) % PATTERN_BYTES;
		sock_user_set(sock, (void *)offset);
	}
	sock_event_again(sock, SOCK_EVENT_WRITABLE);
}

static void
chargen_run(struct sock_app *app, struct sock *sock)
{
	if (chargen_receive(sock))
		chargen_send(sock, app->state);
	else
		sock_close(sock);
}

static void
chargen_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	service_tcp_events(app, events, count, chargen_run);
}

const struct sock_app_ops service_tcp_chargen = {
	.name = "tcp-chargen",
	.proto = SOCK_TCP,
	.state_size = sizeof(struct chargen),
	.start = chargen_start,
	.events = chargen_events,
};
