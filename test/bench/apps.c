/* SPDX-License-Identifier: BSD-3-Clause */
/* Applications that keep nothing of a connection: see apps.h. */
#include "apps.h"

#include "loop.h"

static int
app_start(struct sock_app *app, const void *unused)
{
	const struct sock_addr local = { .port = APP_PORT, .iface = PKT_IFACE_NONE };
	const struct app_config *config = app->state;
	struct sock *listener;
	int rc = sock_open(app, config->proto, IP_FAMILY_6, IP_VRF_DEFAULT, &listener);

	if (rc == 0 && config->keepalive_idle_ms != 0) {
		sock_option_set(listener, SOCK_OPT_KEEPALIVE_IDLE, config->keepalive_idle_ms);
		sock_option_set(listener, SOCK_OPT_KEEPALIVE, 1);
	}
	if (rc == 0)
		rc = sock_bind(listener, &local);
	return rc == 0 ? sock_listen(listener, config->backlog) : rc;
}

static void
app_events(struct sock_app *app, const struct sock_event *events, unsigned count,
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
		while (sock_accept(events[i].sock, &sock) == 0)
			sock_event_again(sock, sock_ready(sock));
	}
}

static void
echo_run(struct sock_app *app, struct sock *sock)
{
	struct sock_msg msg;
	int n;

	while ((n = sock_receive_msgs(sock, &msg, 1)) > 0) {
		if (sock_send_msgs(sock, &msg, 1) != 1)
			loop_die("the echo does not take a request");
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	app_events(app, events, count, echo_run);
}

const struct sock_app_ops app_echo = {
	.name = "bench-echo",
	.start = app_start,
	.events = echo_events,
};

static void
discard_run(struct sock_app *app, struct sock *sock)
{
	struct app_config *config = app->state;
	struct sock_msg msgs[PKT_BURST];
	int n;

	while ((n = sock_receive_msgs(sock, msgs, PKT_BURST)) > 0) {
		for (int i = 0; i < n; i++) {
			config->discarded += msgs[i].pkt->pkt_len;
			rte_pktmbuf_free(msgs[i].pkt);
		}
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
discard_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	app_events(app, events, count, discard_run);
}

const struct sock_app_ops app_discard = {
	.name = "bench-discard",
	.start = app_start,
	.events = discard_events,
};
