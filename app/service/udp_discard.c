/* SPDX-License-Identifier: BSD-3-Clause */
/* The discard protocol: what comes is thrown away. RFC 863. */
#include "service/service.h"

static int
discard_start(struct sock_app *app, const void *config)
{
	struct sock *sock;

	return service_udp_open(app, config, &sock);
}

static void
discard_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];

	(void)app;
	for (unsigned i = 0; i < count; i++) {
		int n;

		while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0) {
			for (int j = 0; j < n; j++)
				rte_pktmbuf_free(msgs[j].pkt);
		}
	}
}

const struct sock_app_ops service_udp_discard = {
	.name = "udp-discard",
	.start = discard_start,
	.events = discard_events,
};
