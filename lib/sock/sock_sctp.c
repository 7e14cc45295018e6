/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of SCTP, of both styles: their beginning, names and end. How associations begin is in
 * sock_sctp_connect.c, whose they are in sock_sctp_assoc.c, data in sock_sctp_data.c.
 */
#include "sock/sock_sctp_priv.h"

#include "wire/ip4.h"

/* ---- life ---- */

struct sock_sctp *
sock_sctp_add(struct sock *sock, uint16_t vrf)
{
	struct sock_sctp *sctp = slab_take(&sock->app->core->sctp.socks);

	if (sctp == NULL)
		return NULL;
	*sctp = (struct sock_sctp){
		.sock = sock, .vrf = vrf, .many = sock->ops == &sock_sctp_many_ops
	};
	TAILQ_INIT(&sctp->assocs);
	TAILQ_INIT(&sctp->ready);
	sock->sctp = sctp;
	return sctp;
}

static int
sctp_sock_open(struct sock_core *core, struct sock *sock, uint16_t vrf)
{
	struct sock_sctp *sctp = sock_sctp_add(sock, vrf);

	if (sctp == NULL)
		return -ENFILE;
	sctp->settings = *sctp_defaults(core->config.sctp);
	sctp->settings.ttl = 0;
	sctp->settings.notices = 0;
	sock->bound = (struct sock_addr){ { .family = sock->family }, 0, PKT_IFACE_NONE };
	return 0;
}

static void
sctp_sock_close(struct sock *sock)
{
	struct sock_sctp *sctp = sock->sctp;

	sock_timer_clear(&sctp->autoclose);
	sock_sctp_follow_set(sctp, false);
	if (sctp->listener != NULL)
		sock_sctp_unlisten(sock);
	sock_assocs_close(sock);
	sock_sctp_unbind(sock);
	sctp_keyring_destroy(sock_sctp_of(sock), sctp->keys);
	slab_give(&sock->app->core->sctp.socks, sctp);
}

static int
sctp_sock_shutdown(struct sock *sock, enum sock_shutdown how)
{
	const struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);
	int rc = 0;

	/* RFC 6458 3.1.6: which one? */
	if (sock->sctp->many)
		return -EOPNOTSUPP;
	if (sa == NULL)
		return -ENOTCONN;
	if ((how & SOCK_SHUTDOWN_WRITE) != 0)
		rc = sctp_shutdown(sock_sctp_of(sock), sa->assoc);
	if ((how & SOCK_SHUTDOWN_READ) != 0) {
		sock->shut |= SOCK_SHUTDOWN_READ;
		sock_assoc_discard(sa);
		sock_event_again(sock, SOCK_EVENT_READABLE);
	}
	return rc;
}

static uint32_t
sctp_sock_ready(const struct sock *sock)
{
	const struct sock_sctp *sctp = sock->sctp;
	const struct sock_assoc *sa = TAILQ_FIRST(&sctp->assocs);
	uint32_t ready;

	/* RFC 6458 3.1.1: it can always be sent by, to somebody. */
	if (sctp->many)
		return SOCK_EVENT_WRITABLE |
			(sock_sctp_is_readable(sock) ? SOCK_EVENT_READABLE : 0U);
	if (sctp->listener != NULL)
		return sctp_listener_ready(sctp->listener) != 0 ? SOCK_EVENT_ACCEPTED : 0U;
	ready = sa != NULL ? sctp_ready(sa->assoc) : 0;
	return ((ready & (SCTP_EVENT_READABLE | SCTP_EVENT_NOTICE)) != 0 ? SOCK_EVENT_READABLE
									 : 0U) |
		((ready & SCTP_EVENT_WRITABLE) != 0 ? SOCK_EVENT_WRITABLE : 0U) |
		((ready & SCTP_EVENT_CLOSED) != 0 ? SOCK_EVENT_CLOSED : 0U) |
		((ready & SCTP_EVENT_ERROR) != 0 ? SOCK_EVENT_ERROR : 0U);
}

/* ---- names ---- */

static struct sock_sctp_bound *
bound_bucket(struct sock_core *core, uint16_t port)
{
	return &core->sctp.bound[port % SOCK_SCTP_BUCKETS];
}

static bool
addrs_clash(const struct sock_sctp *other, const struct ip_addr *addr)
{
	if (other->addr_count == 0 || ip_addr_is_unspecified(addr))
		return true;
	for (unsigned i = 0; i < other->addr_count; i++) {
		if (ip_addr_equal(&other->addrs[i], addr))
			return true;
	}
	return false;
}

bool
sock_sctp_name_is_taken(const struct sock *sock, const struct ip_addr *addr, uint16_t port)
{
	const struct sock_sctp *sctp = sock->sctp, *other;

	LIST_FOREACH (other, bound_bucket(sock->app->core, port), bound_entry) {
		if (other != sctp && other->sock->bound.port == port && other->vrf == sctp->vrf &&
			!(other->reuse && sctp->reuse) && addrs_clash(other, addr))
			return true;
	}
	return false;
}

/* Ports that have associations with others, and so are passed over, before one of those will do. */
#define PORTS_PASSED 64

/* What a port is asked for. */
struct port_query {
	const struct sock *sock;
	const struct sock_addr *peer; /* NULL: not known */
	unsigned pass; /* so many more ports that others are reached from */
};

/*
 * RFC 9260 5.2.2: a host that has another address than the one that is asked for, and an association
 * with ours and this port by that, would take it for an attempt to add an address.
 */
static bool
port_is_passed(struct port_query *query, uint16_t port)
{
	if (query->pass == 0 || !sctp_port_is_used(sock_sctp_of(query->sock), port))
		return false;
	query->pass--;
	return true;
}

static bool
port_in_use(void *arg, const struct ip_flow *flow)
{
	struct port_query *query = arg;
	const struct sock_sctp *sctp = query->sock->sctp;

	return sock_sctp_name_is_taken(query->sock, &flow->src, flow->src_port) ||
		(query->peer != NULL &&
			sctp_is_used(sock_sctp_of(query->sock), (uint8_t)sctp->vrf, flow->src_port,
				&query->peer->addr, query->peer->port)) ||
		port_is_passed(query, flow->src_port);
}

static uint16_t
port_choose(const struct sock *sock, const struct ip_addr *local, const struct sock_addr *peer,
	uint16_t iface)
{
	struct port_query query = { sock, peer, PORTS_PASSED };
	struct ephemeral_request request = {
		.flow = { .src = *local, .proto = IP_PROTO_SCTP },
		.vrf = sock->sctp->vrf,
		.in_use = port_in_use,
		.arg = &query,
	};
	uint16_t port;

	if (peer != NULL) {
		request.flow.dst = peer->addr;
		request.flow.dst_port = peer->port;
	}
	port = sock_port_choose(sock->app->core, SOCK_SCTP, iface, &request);
	if (port != 0 || query.pass == PORTS_PASSED)
		return port;
	/* Of a range as small as that. */
	query.pass = 0;
	return sock_port_choose(sock->app->core, SOCK_SCTP, iface, &request);
}

int
sock_sctp_bind_check(const struct sock *sock, const struct sock_addr *local)
{
	const struct sock_sctp *sctp = sock->sctp;

	if (local->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6 && sctp->v6only)
		return -EINVAL;
	/* Peers have to be told of it: RFC 9260 5.1.2 (C). */
	if (sock_is_link_local(&local->addr) || ip_addr_is_multicast(&local->addr))
		return -EADDRNOTAVAIL;
	if (!ip_addr_is_unspecified(&local->addr) && !sock->freebind &&
		!ip_addr_is_local(
			sock->app->core->config.ip, sctp->vrf, PKT_IFACE_NONE, &local->addr))
		return -EADDRNOTAVAIL;
	return 0;
}

static void
name_take(struct sock *sock, const struct ip_addr *addr, uint16_t port)
{
	struct sock_sctp *sctp = sock->sctp;

	sock->bound = (struct sock_addr){ *addr, port, PKT_IFACE_NONE };
	if (!ip_addr_is_unspecified(addr))
		sctp->addrs[sctp->addr_count++] = *addr;
	sctp->bound = true;
	LIST_INSERT_HEAD(bound_bucket(sock->app->core, port), sctp, bound_entry);
}

static int
bind_to(struct sock *sock, const struct sock_addr *local, const struct sock_addr *peer,
	uint16_t iface)
{
	uint16_t port = local->port;
	int rc = sock_sctp_bind_check(sock, local);

	if (sock->sctp->bound || sock->sctp->assoc_count > 0)
		return -EINVAL;
	if (rc < 0)
		return rc;
	if (port == 0)
		port = port_choose(sock, &local->addr, peer, iface);
	if (port == 0 || sock_sctp_name_is_taken(sock, &local->addr, port))
		return -EADDRINUSE;
	name_take(sock, &local->addr, port);
	return 0;
}

int
sock_sctp_bind(struct sock *sock, const struct sock_addr *local)
{
	return bind_to(sock, local, NULL, PKT_IFACE_NONE);
}

int
sock_sctp_bind_any(struct sock *sock, const struct sock_addr *peer, uint16_t iface)
{
	const struct sock_addr any = { { .family = sock->family }, 0, PKT_IFACE_NONE };

	return sock->sctp->bound ? 0 : bind_to(sock, &any, peer, iface);
}

void
sock_sctp_unbind(struct sock *sock)
{
	struct sock_sctp *sctp = sock->sctp;

	if (sctp->bound)
		LIST_REMOVE(sctp, bound_entry);
	sctp->bound = false;
}

static int
sctp_sock_local(const struct sock *sock, struct sock_addr *local)
{
	const struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);
	struct sctp_path_info path;

	*local = sock->bound;
	if (!sock->sctp->many && sa != NULL && sctp_path_info(sa->assoc, 0, &path))
		local->addr = path.local;
	return 0;
}

static int
sctp_sock_peer(const struct sock *sock, struct sock_addr *peer)
{
	const struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);

	if (sock->sctp->many || sa == NULL)
		return -ENOTCONN;
	/* Who is accepted may have ended before. */
	sock_assoc_peer(sa, peer);
	return sctp_assoc_state(sa->assoc) == SCTP_CLOSED ? -ENOTCONN : 0;
}

/* ---- the styles ---- */

const struct sock_ops sock_sctp_ops = {
	.open = sctp_sock_open,
	.bind = sock_sctp_bind,
	.listen = sock_sctp_listen,
	.accept = sock_sctp_accept,
	.connect = sock_sctp_connect,
	.shutdown = sctp_sock_shutdown,
	.close = sctp_sock_close,
	.receive_msgs = sock_sctp_receive_msgs,
	.send_msg = sock_sctp_send_msg,
	.receive = sock_sctp_receive_plain,
	.peek = sock_sctp_peek,
	.send = sock_sctp_send_plain,
	.ready = sctp_sock_ready,
	.option_set = sock_sctp_option_set,
	.option_get = sock_sctp_option_get,
	.local = sctp_sock_local,
	.peer = sctp_sock_peer,
};

const struct sock_ops sock_sctp_many_ops = {
	.open = sctp_sock_open,
	.bind = sock_sctp_bind,
	.listen = sock_sctp_listen,
	.connect = sock_sctp_connect,
	.shutdown = sctp_sock_shutdown,
	.close = sctp_sock_close,
	.receive_msgs = sock_sctp_receive_msgs,
	.send_msg = sock_sctp_send_msg,
	.receive = sock_sctp_receive_plain,
	.peek = sock_sctp_peek,
	.send = sock_sctp_send_plain,
	.ready = sctp_sock_ready,
	.option_set = sock_sctp_option_set,
	.option_get = sock_sctp_option_get,
	.local = sctp_sock_local,
	.peer = sctp_sock_peer,
};
