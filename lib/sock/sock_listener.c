/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of TCP that accept connections. The rest of them is in sock_tcp.c. */
#include "sock/sock_priv.h"

#include <errno.h>

#include "wire/ip4.h"

int
sock_tcp_listen(struct sock *sock, unsigned backlog)
{
	const struct sock_addr any = { { .family = sock->family }, 0, PKT_IFACE_NONE };
	struct sock_tcp *tcp = &sock->tcp;
	struct tcp_settings settings;
	int rc = 0;

	if (tcp->listener != NULL || tcp->conn != NULL)
		return -EINVAL;
	if (tcp->name == NULL)
		rc = sock->ops->bind(sock, &any);
	if (rc < 0)
		return rc;
	settings = sock_tcp_settings(sock, IP_TTL_DEFAULT);
	/* Of each peer's path. */
	settings.mtu = 0;
	return tcp_listen(sock->app->core->config.tcp,
		&(struct tcp_bind){ .addr = sock->bound.addr,
			.port = sock->bound.port,
			.vrf = (uint8_t)tcp->vrf,
			.v6only = tcp->v6only },
		&settings, backlog, sock, &tcp->listener);
}

int
sock_tcp_accept(struct sock *listener, struct sock *sock)
{
	struct sock_core *core = listener->app->core;
	struct sock_tcp *tcp = &listener->tcp;
	struct tcp_conn *conn;

	if (tcp->listener == NULL)
		return -EINVAL;
	if (tcp_listener_ready(tcp->listener) == 0)
		return -EAGAIN;
	if (sock == NULL) {
		if (!tcp->starved)
			STAILQ_INSERT_TAIL(&core->starved, listener, tcp.starved_entry);
		tcp->starved = true;
		return -ENFILE;
	}
	conn = tcp_accept(core->config.tcp, tcp->listener, sock);
	*sock = (struct sock){ .app = listener->app,
		.ops = listener->ops,
		.family = tcp_conn_tuple(conn)->family,
		.bound = listener->bound,
		.tcp = { .conn = conn,
			.vrf = tcp->vrf,
			.v6only = tcp->v6only,
			.settings = tcp->settings,
			.keepalive = tcp->keepalive,
			.abort = tcp->abort } };
	return 0;
}

static void
starved_end(struct sock *sock)
{
	struct sock_core *core = sock->app->core;

	if (sock->tcp.starved)
		STAILQ_REMOVE(&core->starved, sock, sock, tcp.starved_entry);
	sock->tcp.starved = false;
}

void
sock_tcp_feed(struct sock_core *core)
{
	struct sock *sock = STAILQ_FIRST(&core->starved);

	if (likely(sock == NULL))
		return;
	starved_end(sock);
	sock_event_again(sock, SOCK_EVENT_ACCEPTED);
}

void
sock_tcp_unlisten(struct sock *sock)
{
	starved_end(sock);
	tcp_unlisten(sock->app->core->config.tcp, sock->tcp.listener);
	sock->tcp.listener = NULL;
}
