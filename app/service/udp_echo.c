/* SPDX-License-Identifier: BSD-3-Clause */
/* The echo protocol: what comes goes back. RFC 862. */
#include "service/service.h"

static int
echo_start(struct sock_app *app, const void *config)
{
	struct sock *sock;

	return service_udp_open(app, config, &sock);
}

/* Leave those that are to be answered, in order. @return how many */
static unsigned
echo_filter(struct sock_msg *msgs, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		if (service_udp_may_answer(&msgs[i]))
			msgs[kept++] = msgs[i];
		else
			rte_pktmbuf_free(msgs[i].pkt);
	}
	return kept;
}

/* One that cannot be sent is lost, as others are on the way. */
static void
echo_send(struct sock *sock, struct sock_msg *msgs, unsigned count)
{
	for (unsigned i = 0; i < count;) {
		int sent = sock_send_msgs(sock, msgs + i, count - i);

		if (sent <= 0)
			rte_pktmbuf_free(msgs[i++].pkt);
		else
			i += (unsigned)sent;
	}
}

static void
echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];

	(void)app;
	for (unsigned i = 0; i < count; i++) {
		int n;

		while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0)
			echo_send(events[i].sock, msgs, echo_filter(msgs, (unsigned)n));
	}
}

const struct sock_app_ops service_udp_echo = {
	.name = "udp-echo",
	.start = echo_start,
	.events = echo_events,
};
