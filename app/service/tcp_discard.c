/* SPDX-License-Identifier: BSD-3-Clause */
/* The discard protocol: what comes is thrown away, until the peer ends. RFC 863. */
#include "service/service.h"

#include <errno.h>

static int
discard_start(struct sock_app *app, const void *config)
{
	return service_tcp_listen(app, config);
}

static void
discard_receive(struct sock *sock)
{
	struct sock_msg msgs[SOCK_BATCH];
	int n;

	while ((n = sock_receive_msgs(sock, msgs, SOCK_BATCH)) > 0) {
		for (int i = 0; i < n; i++)
			rte_pktmbuf_free(msgs[i].pkt);
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
discard_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	(void)app;
	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) != 0)
			service_tcp_accept(events[i].sock);
		else
			discard_receive(events[i].sock);
	}
}

const struct sock_app_ops service_tcp_discard = {
	.name = "tcp-discard",
	.proto = SOCK_TCP,
	.start = discard_start,
	.events = discard_events,
};
