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
discard_run(struct sock_app *app, struct sock *sock)
{
	struct sock_msg msgs[SOCK_BATCH];
	int n;

	(void)app;
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
	service_tcp_events(app, events, count, discard_run);
}

const struct sock_app_ops service_tcp_discard = {
	.name = "tcp-discard",
	.proto = SOCK_TCP,
	.start = discard_start,
	.events = discard_events,
};
