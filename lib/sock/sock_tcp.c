/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of TCP: what lib/tcp does, with what lib/ip says of addresses and ways. Listeners are in
 * sock_listener.c, options in sock_tcp_option.c.
 */
#include "sock/sock_priv.h"

#include <errno.h>

#include "wire/ip4.h"

static struct tcp_core *
tcp_of(const struct sock *sock)
{
	return sock->app->core->config.tcp;
}

static int
tcp_sock_open(struct sock_core *core, struct sock *sock, uint16_t vrf)
{
	sock->tcp = (struct sock_tcp){ .vrf = vrf };
	tcp_settings_init(&sock->tcp.settings);
	sock->tcp.settings.cc = core->congestion[vrf];
	sock->tcp.settings.keepalive_idle_ms = 7200000; /* RFC 9293 3.8.4, MUST-28: two hours */
	sock->tcp.settings.ttl = 0;
	sock->bound = (struct sock_addr){ { .family = sock->family }, 0, PKT_IFACE_NONE };
	return 0;
}

static void
tcp_sock_close(struct sock *sock)
{
	struct sock_tcp *tcp = &sock->tcp;

	if (tcp->listener != NULL)
		sock_tcp_unlisten(sock);
	if (tcp->conn != NULL && tcp->abort)
		tcp_abort(tcp_of(sock), tcp->conn);
	else if (tcp->conn != NULL)
		tcp_close(tcp_of(sock), tcp->conn);
	if (tcp->name != NULL)
		tcp_name_unbind(tcp_of(sock), tcp->name);
}

/* ---- names ---- */

static struct tcp_bind
name_of(const struct sock *sock, const struct ip_addr *addr, uint16_t port)
{
	return (struct tcp_bind){
		.addr = *addr,
		.port = port,
		.vrf = (uint8_t)sock->tcp.vrf,
		.v6only = sock->tcp.v6only,
	};
}

static struct tcp_tuple
tuple_of(const struct sock *sock, const struct ip_addr *local, uint16_t port,
	const struct sock_addr *peer)
{
	struct tcp_tuple tuple = {
		.local_port = port,
		.remote_port = peer->port,
		.iface = sock_scope_of(&peer->addr, peer->iface),
		.vrf = (uint8_t)sock->tcp.vrf,
		.family = peer->addr.family,
	};

	memcpy(tuple.local, local->bytes, ip_addr_length(local));
	memcpy(tuple.remote, peer->addr.bytes, ip_addr_length(&peer->addr));
	return tuple;
}

/* What a port is asked for: a name alone, or, with a peer, the ends of a connection. */
struct port_query {
	const struct sock *sock;
	const struct sock_addr *peer;
};

static bool
port_in_use(void *arg, const struct ip_flow *flow)
{
	const struct port_query *query = arg;
	const struct tcp_bind name = name_of(query->sock, &flow->src, flow->src_port);
	struct tcp_tuple tuple;

	if (tcp_name_is_taken(tcp_of(query->sock), &name, query->sock->tcp.reuse))
		return true;
	if (query->peer->port == 0)
		return false;
	tuple = tuple_of(query->sock, &flow->src, flow->src_port, query->peer);
	return tcp_tuple_is_used(tcp_of(query->sock), &tuple);
}

/* @return a port for the socket; 0: there is none. @param peer port 0: not known, nor the interface */
static uint16_t
port_choose(const struct sock *sock, const struct ip_addr *local, const struct sock_addr *peer,
	uint16_t iface)
{
	struct port_query query = { sock, peer };
	struct ephemeral_request request = {
		.flow = { .src = *local,
			.dst = peer->addr,
			.proto = IP_PROTO_TCP,
			.dst_port = peer->port },
		.vrf = sock->tcp.vrf,
		.in_use = port_in_use,
		.arg = &query,
	};

	return sock_port_choose(sock->app->core, SOCK_TCP, iface, &request);
}

static int
tcp_sock_bind(struct sock *sock, const struct sock_addr *local)
{
	const struct sock_addr unknown = { .port = 0 };
	const struct sock_core *core = sock->app->core;
	struct sock_tcp *tcp = &sock->tcp;
	uint16_t iface = sock_scope_of(&local->addr, local->iface), port = local->port;
	struct tcp_bind name;
	int rc;

	if (tcp->name != NULL || tcp->conn != NULL ||
		(local->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6 && tcp->v6only))
		return -EINVAL;
	if (!ip_addr_is_unspecified(&local->addr) && !sock->freebind &&
		!ip_addr_is_local(core->config.ip, tcp->vrf, iface, &local->addr))
		return -EADDRNOTAVAIL;
	if (port == 0)
		port = port_choose(sock, &local->addr, &unknown, PKT_IFACE_NONE);
	if (port == 0)
		return -EADDRINUSE;
	name = name_of(sock, &local->addr, port);
	rc = tcp_name_bind(tcp_of(sock), &name, tcp->reuse, &tcp->name);
	if (rc == 0)
		sock->bound = (struct sock_addr){ local->addr, port, iface };
	return rc;
}

static int
tcp_sock_local(const struct sock *sock, struct sock_addr *local)
{
	const struct tcp_tuple *tuple;

	*local = sock->bound;
	if (sock->tcp.conn == NULL)
		return 0;
	tuple = tcp_conn_tuple(sock->tcp.conn);
	local->addr = tuple->family == IP_FAMILY_4 ? ip_addr_from4(tuple->local)
						   : ip_addr_from6(tuple->local);
	local->port = tuple->local_port;
	local->iface = sock_scope_of(&local->addr, tuple->iface);
	return 0;
}

static int
tcp_sock_peer(const struct sock *sock, struct sock_addr *peer)
{
	const struct tcp_tuple *tuple;

	if (sock->tcp.conn == NULL)
		return -ENOTCONN;
	tuple = tcp_conn_tuple(sock->tcp.conn);
	peer->addr = tuple->family == IP_FAMILY_4 ? ip_addr_from4(tuple->remote)
						  : ip_addr_from6(tuple->remote);
	peer->port = tuple->remote_port;
	peer->iface = sock_scope_of(&peer->addr, tuple->iface);
	return 0;
}

/* ---- connecting ---- */

static int
connect_check(const struct sock *sock, const struct sock_addr *peer)
{
	const struct sock_tcp *tcp = &sock->tcp;
	const struct ip_addr *bound = &sock->bound.addr;

	if (tcp->listener != NULL)
		return -EOPNOTSUPP;
	if (tcp->conn != NULL)
		return tcp_conn_is_opening(tcp->conn) ? -EALREADY : -EISCONN;
	if (peer->port == 0 || peer->addr.family == IP_FAMILY_NONE ||
		ip_addr_is_unspecified(&peer->addr) ||
		(sock_scope_of(&peer->addr, 0) == 0 && peer->iface == PKT_IFACE_NONE))
		return -EINVAL;
	/* RFC 9293 3.9.2.3, MUST-46: to one only. */
	if (ip_addr_is_multicast(&peer->addr) ||
		(peer->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6 && tcp->v6only))
		return -ENETUNREACH;
	return !ip_addr_is_unspecified(bound) && bound->family != peer->addr.family ? -EINVAL : 0;
}

/* As of other sockets: who asks again is told why the attempt failed, unless he knows, and may try anew. */
static int
failure_take(struct sock *sock)
{
	struct sock_tcp *tcp = &sock->tcp;
	int error;

	if (tcp->conn == NULL || !tcp_conn_has_failed(tcp->conn))
		return 0;
	error = tcp_error(tcp->conn);
	tcp_close(tcp_of(sock), tcp->conn);
	tcp->conn = NULL;
	/* What is still to be told was of this one. */
	sock_event_forget(sock);
	return -error;
}

static int
tcp_sock_connect(struct sock *sock, const struct sock_addr *peer)
{
	struct sock_tcp *tcp = &sock->tcp;
	const struct ip_path_query query = {
		.dst = &peer->addr,
		.vrf = tcp->vrf,
		.iface = peer->iface,
		.source = ip_addr_is_unspecified(&sock->bound.addr),
	};
	struct tcp_settings settings;
	struct tcp_tuple tuple;
	struct ip_path path;
	struct ip_addr local;
	uint16_t port = sock->bound.port;
	int rc = failure_take(sock);

	if (rc == 0)
		rc = connect_check(sock, peer);
	if (rc < 0)
		return rc;
	path = (struct ip_path){ .ttl = 0 };
	rc = ip_path_find(sock->app->core->config.ip, &query, &path);
	if (rc < 0)
		return rc;
	if (!query.source && !sock_stays_on_link(&sock->bound.addr, sock->bound.iface, &path))
		return -ENETUNREACH;
	local = query.source ? path.source : sock->bound.addr;
	if (port == 0)
		port = port_choose(sock, &local, peer, path.iface);
	if (port == 0)
		return -EADDRNOTAVAIL;
	tuple = tuple_of(sock, &local, port, peer);
	settings = sock_tcp_settings(sock, path.ttl);
	settings.mtu = (uint16_t)RTE_MIN(path.path_mtu, (uint32_t)UINT16_MAX);
	rc = tcp_connect(tcp_of(sock), &tuple, &settings, sock, &tcp->conn);
	if (rc < 0)
		return rc;
	tcp->settings.ttl = settings.ttl;
	return -EINPROGRESS;
}

static int
tcp_sock_shutdown(struct sock *sock, enum sock_shutdown how)
{
	_Static_assert((int)SOCK_SHUTDOWN_READ == (int)TCP_SHUTDOWN_READ &&
			(int)SOCK_SHUTDOWN_WRITE == (int)TCP_SHUTDOWN_WRITE,
		"the same bits");

	return sock->tcp.conn != NULL ? tcp_shutdown(tcp_of(sock), sock->tcp.conn, how) : -ENOTCONN;
}

/* ---- data ---- */

static int
tcp_sock_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max)
{
	struct rte_mbuf *pkts[SOCK_BATCH];
	int count;

	if (sock->tcp.conn == NULL)
		return -ENOTCONN;
	count = tcp_recv_pkts(
		tcp_of(sock), sock->tcp.conn, pkts, RTE_MIN(max, (unsigned)SOCK_BATCH));
	for (int i = 0; i < count; i++)
		msgs[i] = (struct sock_msg){ .pkt = pkts[i] };
	return count;
}

static int
tcp_sock_send_msg(struct sock *sock, struct sock_msg *msg)
{
	int rc = sock->tcp.conn != NULL ? tcp_send_pkts(tcp_of(sock), sock->tcp.conn, &msg->pkt, 1)
					: -EPIPE;

	return rc < 0 ? rc : 0;
}

/* Its peer is sock_peer()'s to tell. */
static int64_t
tcp_sock_receive(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	RTE_SET_USED(peer);
	return sock->tcp.conn != NULL ? tcp_recv(tcp_of(sock), sock->tcp.conn, data, size)
				      : -ENOTCONN;
}

static int64_t
tcp_sock_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	return sock->tcp.conn != NULL ? tcp_peek(sock->tcp.conn, data, size) : -ENOTCONN;
}

static int64_t
tcp_sock_send(struct sock *sock, const void *data, size_t length, const struct sock_addr *peer)
{
	RTE_SET_USED(peer);
	return sock->tcp.conn != NULL ? tcp_send(tcp_of(sock), sock->tcp.conn, data, length)
				      : -EPIPE;
}

static int64_t
tcp_sock_send_urgent(struct sock *sock, const void *data, size_t length)
{
	int64_t sent;
	int rc = 0;

	/* Before a byte is taken: what fails is tried again. */
	if (sock->tcp.conn != NULL && tcp_conn_is_opening(sock->tcp.conn))
		return -ENOTCONN;
	sent = tcp_sock_send(sock, data, length, NULL);

	if (sent > 0 && (size_t)sent == length)
		rc = tcp_urgent_send(tcp_of(sock), sock->tcp.conn);
	return rc < 0 ? rc : sent;
}

static uint32_t
tcp_sock_ready(const struct sock *sock)
{
	uint32_t ready = 0;

	if (sock->tcp.listener != NULL)
		return tcp_listener_ready(sock->tcp.listener) != 0 ? SOCK_EVENT_ACCEPTED : 0U;
	if (sock->tcp.conn != NULL)
		ready = tcp_ready(tcp_of(sock), sock->tcp.conn);
	return ((ready & TCP_EVENT_READABLE) != 0 ? SOCK_EVENT_READABLE : 0U) |
		((ready & TCP_EVENT_WRITABLE) != 0 ? SOCK_EVENT_WRITABLE : 0U) |
		((ready & TCP_EVENT_CLOSED) != 0 ? SOCK_EVENT_CLOSED : 0U) |
		((ready & TCP_EVENT_ERROR) != 0 ? SOCK_EVENT_ERROR : 0U) |
		((ready & TCP_EVENT_URGENT) != 0 ? SOCK_EVENT_URGENT : 0U);
}

int
sock_tcp_info(const struct sock *sock, struct tcp_info *info)
{
	if (sock->ops != &sock_tcp_ops || sock->tcp.conn == NULL)
		return -ENOTCONN;
	tcp_info(tcp_of(sock), sock->tcp.conn, info);
	return 0;
}

const struct sock_ops sock_tcp_ops = {
	.open = tcp_sock_open,
	.bind = tcp_sock_bind,
	.listen = sock_tcp_listen,
	.accept = sock_tcp_accept,
	.connect = tcp_sock_connect,
	.shutdown = tcp_sock_shutdown,
	.close = tcp_sock_close,
	.receive_msgs = tcp_sock_receive_msgs,
	.send_msg = tcp_sock_send_msg,
	.receive = tcp_sock_receive,
	.peek = tcp_sock_peek,
	.send = tcp_sock_send,
	.send_urgent = tcp_sock_send_urgent,
	.ready = tcp_sock_ready,
	.option_set = sock_tcp_option_set,
	.option_get = sock_tcp_option_get,
	.local = tcp_sock_local,
	.peer = tcp_sock_peer,
};
