/* SPDX-License-Identifier: BSD-3-Clause */
/* The echo protocol: what comes goes back, until the peer ends. RFC 862. */
#include "service/service.h"

#include <errno.h>

/* Connections that have received a packet and cannot send it now. */
#define WAITING_MAX 1024

struct echo {
	struct rte_mbuf *waiting[WAITING_MAX]; /* NULL: free; a socket's user is its place here */
};

static int
echo_start(struct sock_app *app, const void *config)
{
	return service_tcp_listen(app, config);
}

/* One that cannot even wait: its peer is to know that something is lost. */
static void
echo_give_up(struct sock *sock, struct rte_mbuf *pkt)
{
	rte_pktmbuf_free(pkt);
	sock_option_set(sock, SOCK_OPT_ABORT, 1);
	sock_close(sock);
}

/* The packet is sent when there is room. @return false: the socket is gone */
static bool
echo_wait(struct sock *sock, struct echo *echo, struct rte_mbuf *pkt)
{
	for (unsigned i = 0; i < WAITING_MAX; i++) {
		if (echo->waiting[i] != NULL)
			continue;
		echo->waiting[i] = pkt;
		sock_user_set(sock, &echo->waiting[i]);
		return true;
	}
	echo_give_up(sock, pkt);
	return false;
}

/* @return whether there is room for more, and a socket */
static bool
echo_send(struct sock *sock, struct echo *echo, struct rte_mbuf *pkt)
{
	struct sock_msg msg = { .pkt = pkt };
	int rc = sock_send_msgs(sock, &msg, 1);

	if (rc == 1)
		return true;
	/* Of what did not fit a part may have been taken. */
	if (rc == -EAGAIN)
		echo_wait(sock, echo, msg.pkt);
	else
		echo_give_up(sock, msg.pkt);
	return false;
}

/* What a peer sends and does not read again waits in its own buffers, by the window. */
static void
echo_run(struct sock_app *app, struct sock *sock)
{
	struct echo *echo = app->state;
	struct rte_mbuf **place = sock_user(sock), *pkt;
	struct sock_msg msg;
	int n;

	if (place != NULL) {
		pkt = *place;
		*place = NULL;
		sock_user_set(sock, NULL);
		if (!echo_send(sock, echo, pkt))
			return;
	}
	while ((n = sock_receive_msgs(sock, &msg, 1)) > 0) {
		if (!echo_send(sock, echo, msg.pkt))
			return;
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	service_tcp_events(app, events, count, echo_run);
}

static void
echo_stop(struct sock_app *app)
{
	struct echo *echo = app->state;

	for (unsigned i = 0; i < WAITING_MAX; i++)
		rte_pktmbuf_free(echo->waiting[i]);
}

const struct sock_app_ops service_tcp_echo = {
	.name = "tcp-echo",
	.proto = SOCK_TCP,
	.state_size = sizeof(struct echo),
	.start = echo_start,
	.events = echo_events,
	.stop = echo_stop,
};
