/* SPDX-License-Identifier: BSD-3-Clause */
/* How associations of sockets begin: by connecting, by listening, and by being taken from another socket. */
#include "sock/sock_sctp_priv.h"

#include "wire/ip4.h"

/* Of a one-to-many socket: they wait for nobody. */
#define BACKLOG_MANY 1024
/* Ports that are tried: one may still be that of an association whose socket is gone. */
#define PORT_TRIES 8

struct sctp_settings
sock_sctp_settings(const struct sock *sock, uint8_t ttl)
{
	struct sctp_settings settings = sock->sctp->settings;

	if (settings.ttl == 0)
		settings.ttl = ttl;
	return settings;
}

/* ---- addresses of ours ---- */

static void
addr_append(struct sctp_bind *bind, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < bind->addr_count; i++) {
		if (ip_addr_equal(&bind->addrs[i], addr))
			return;
	}
	if (bind->addr_count < SCTP_ADDRS_MAX)
		bind->addrs[bind->addr_count++] = *addr;
}

/* RFC 6458 9.1: a socket that is bound to any has all, as many as can be told. */
void
sock_sctp_addrs_all(const struct sock *sock, struct sctp_bind *bind)
{
	const struct ip_core *ip = sock->app->core->config.ip;
	static const enum ip_family families[] = { IP_FAMILY_4, IP_FAMILY_6 };

	for (unsigned i = 0; i < RTE_DIM(families); i++) {
		struct ip_addr addrs[SCTP_ADDRS_MAX];
		unsigned count = 0;

		if (families[i] == sock->family ||
			(sock->family == IP_FAMILY_6 && !sock->sctp->v6only))
			count = ip_addrs_list(
				ip, sock->sctp->vrf, families[i], addrs, SCTP_ADDRS_MAX);
		for (unsigned j = 0; j < count; j++)
			addr_append(bind, &addrs[j]);
	}
}

struct sctp_bind
sock_sctp_bind_of(const struct sock *sock)
{
	const struct sock_sctp *sctp = sock->sctp;
	struct sctp_bind bind = { .port = sock->bound.port, .vrf = (uint8_t)sctp->vrf };

	for (unsigned i = 0; i < sctp->addr_count; i++)
		addr_append(&bind, &sctp->addrs[i]);
	return bind;
}

/* ---- connecting ---- */

static int
peer_check(const struct sock *sock, const struct sock_addr *peer)
{
	if (peer->port == 0 || peer->addr.family == IP_FAMILY_NONE ||
		ip_addr_is_unspecified(&peer->addr) || ip_addr_is_multicast(&peer->addr) ||
		/* Other addresses of ours would have no way to a link's. */
		sock_is_link_local(&peer->addr))
		return -EINVAL;
	if (peer->addr.family != sock->family &&
		(sock->family == IP_FAMILY_4 || sock->sctp->v6only))
		return -EAFNOSUPPORT;
	return 0;
}

/* @return 0 or -errno; the way to the first of them */
static int
peers_check(struct sock *sock, const struct sock_addr *peers, unsigned count,
	struct sctp_bind *remote, struct ip_path *path)
{
	const struct ip_path_query query = {
		.dst = &peers[0].addr,
		.vrf = sock->sctp->vrf,
		.iface = PKT_IFACE_NONE,
		.source = sock->sctp->addr_count == 0,
	};

	if (count == 0 || count > SCTP_ADDRS_MAX)
		return -EINVAL;
	*remote = (struct sctp_bind){ .port = peers[0].port, .vrf = (uint8_t)sock->sctp->vrf };
	for (unsigned i = 0; i < count; i++) {
		int rc = peer_check(sock, &peers[i]);

		if (rc < 0)
			return rc;
		if (peers[i].port != remote->port)
			return -EINVAL;
		addr_append(remote, &peers[i].addr);
	}
	*path = (struct ip_path){ .ttl = 0 };
	return ip_path_find(sock->app->core->config.ip, &query, path);
}

/* A socket without a name gets one: another, if that was an association's whose socket is gone. */
static int
associate(struct sock *sock, const struct sctp_bind *remote, const struct ip_path *path,
	struct sctp_assoc **assoc)
{
	const struct sctp_settings settings = sock_sctp_settings(sock, path->ttl);
	const struct sock_addr peer = { remote->addrs[0], remote->port, PKT_IFACE_NONE };
	bool was_bound = sock->sctp->bound;
	int rc = -EADDRINUSE;

	for (unsigned i = 0; i < PORT_TRIES && rc == -EADDRINUSE; i++) {
		struct sctp_bind bind;

		rc = sock_sctp_bind_any(sock, &peer, path->iface);
		if (rc < 0)
			return rc == -EADDRINUSE ? -EADDRNOTAVAIL : rc;
		bind = sock_sctp_bind_of(sock);
		if (sock->sctp->addr_count == 0) {
			addr_append(&bind, &path->source);
			sock_sctp_addrs_all(sock, &bind);
		}
		rc = sctp_connect(sock_sctp_of(sock), &bind, remote, &settings, NULL, assoc);
		if (was_bound)
			break;
		if (rc < 0)
			sock_sctp_unbind(sock);
	}
	return rc;
}

int
sock_sctp_associate(
	struct sock *sock, const struct sock_addr *peers, unsigned count, struct sock_assoc **sa)
{
	struct sctp_assoc *assoc;
	struct sctp_bind remote;
	struct ip_path path;
	int rc = peers_check(sock, peers, count, &remote, &path);

	if (rc == 0)
		rc = associate(sock, &remote, &path, &assoc);
	if (rc != 0)
		return rc;
	*sa = sock_sctp_keys_give(sock, assoc) == 0 ? sock_assoc_add(sock) : NULL;
	if (*sa == NULL) {
		sctp_abort(sock_sctp_of(sock), assoc, NULL, 0);
		return -ENOBUFS;
	}
	sock_assoc_set(*sa, assoc);
	return 0;
}

/* It is there, or is coming. */
static int
begun_already(const struct sock_assoc *sa)
{
	const enum sctp_state state = sctp_assoc_state(sa->assoc);

	return state == SCTP_COOKIE_WAIT || state == SCTP_COOKIE_ECHOED ? -EALREADY : -EISCONN;
}

/* @return -EISCONN, or another one that says why it cannot connect; 0: it can */
static int
connect_check(const struct sock *sock)
{
	const struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);

	if (sock->sctp->many)
		return 0;
	if (sock->sctp->listener != NULL)
		return -EOPNOTSUPP;
	return sa != NULL ? begun_already(sa) : 0;
}

/* What never was an association is no obstacle to another try. */
static void
failed_remove(struct sock *sock)
{
	struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);
	struct sctp_info info;

	if (sock->sctp->many || sa == NULL || sctp_assoc_state(sa->assoc) != SCTP_CLOSED)
		return;
	sctp_info(sock_sctp_of(sock), sa->assoc, &info);
	if (info.was_up)
		return;
	sctp_close(sock_sctp_of(sock), sa->assoc);
	sock_assoc_remove(sa);
}

int
sock_sctp_connectx(struct sock *sock, const struct sock_addr *peers, unsigned count, uint32_t *id)
{
	struct sock_assoc *sa;
	int rc;

	if (sock->ops != &sock_sctp_ops && sock->ops != &sock_sctp_many_ops)
		return -EOPNOTSUPP;
	failed_remove(sock);
	rc = connect_check(sock);
	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < count; i++) {
		sa = sock_assoc_with(sock, &peers[i]);
		if (sa != NULL)
			return begun_already(sa);
	}
	rc = sock_sctp_associate(sock, peers, count, &sa);
	if (rc < 0)
		return rc;
	if (id != NULL)
		*id = sa->id;
	return sock->sctp->many ? 0 : -EINPROGRESS;
}

int
sock_sctp_connect(struct sock *sock, const struct sock_addr *peer)
{
	return sock_sctp_connectx(sock, peer, 1, NULL);
}

/* ---- listening ---- */

struct sctp_bind
sock_sctp_listen_bind(const struct sock *sock)
{
	struct sctp_bind bind = sock_sctp_bind_of(sock);

	if (sock->sctp->addr_count == 0) {
		const struct ip_addr any = { .family = sock->family };

		if (!sock->sctp->v6only)
			addr_append(&bind, &any);
		sock_sctp_addrs_all(sock, &bind);
	}
	return bind;
}

/* RFC 6458 3.1.3, 4.1.3: with 0 no more are wanted. */
static void
listen_change(struct sock *sock, unsigned backlog)
{
	struct sctp_listener *listener = sock->sctp->listener;

	if (listener != NULL && backlog == 0)
		sock_sctp_unlisten(sock);
	else if (listener != NULL && !sock->sctp->many)
		sctp_listener_backlog_set(listener, backlog);
}

int
sock_sctp_listen(struct sock *sock, unsigned backlog)
{
	struct sock_sctp *sctp = sock->sctp;
	struct sctp_settings settings;
	struct sctp_bind bind;
	int rc;

	if (!sctp->many && sctp->assoc_count > 0)
		return -EINVAL;
	if (sctp->listener != NULL || backlog == 0) {
		listen_change(sock, backlog);
		return 0;
	}
	rc = sock_sctp_bind_any(sock, NULL, PKT_IFACE_NONE);
	if (rc < 0)
		return rc;
	bind = sock_sctp_listen_bind(sock);
	settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);
	rc = sctp_listen(sock_sctp_of(sock), &bind, &settings, sctp->many ? BACKLOG_MANY : backlog,
		sock, &sctp->listener);
	if (rc == 0)
		rc = sock_sctp_keys_lend(sock);
	if (rc < 0 && sctp->listener != NULL)
		sock_sctp_unlisten(sock);
	return rc;
}

static void
starved_end(struct sock_sctp *sctp)
{
	struct sock_core *core = sctp->sock->app->core;

	if (sctp->starved)
		STAILQ_REMOVE(&core->sctp.starved, sctp, sock_sctp, starved_entry);
	sctp->starved = false;
}

void
sock_sctp_feed(struct sock_core *core)
{
	struct sock_sctp *sctp = STAILQ_FIRST(&core->sctp.starved);

	if (likely(sctp == NULL))
		return;
	starved_end(sctp);
	sock_event_again(sctp->sock, SOCK_EVENT_ACCEPTED);
}

void
sock_sctp_unlisten(struct sock *sock)
{
	starved_end(sock->sctp);
	sctp_unlisten(sock_sctp_of(sock), sock->sctp->listener);
	sock->sctp->listener = NULL;
}

void
sock_sctp_accept_all(struct sock *sock)
{
	struct sctp_core *core = sock_sctp_of(sock);
	struct sctp_assoc *assoc;

	while ((assoc = sctp_accept(core, sock->sctp->listener, NULL)) != NULL) {
		struct sock_assoc *sa = sock_assoc_add(sock);

		if (sa != NULL)
			sock_assoc_set(sa, assoc);
		else
			sctp_abort(core, assoc, NULL, 0);
	}
}

/* ---- sockets made of others ---- */

/* A one-to-one socket like another one. @return 0; -ENFILE */
static int
sock_like(const struct sock *of, struct sock *sock, struct sock_assoc **sa)
{
	const struct sock_sctp *like = of->sctp;
	struct sock_sctp *sctp;

	*sock = (struct sock){
		.app = of->app, .ops = &sock_sctp_ops, .family = of->family, .bound = of->bound
	};
	sctp = sock_sctp_add(sock, like->vrf);
	*sa = sctp != NULL ? sock_assoc_add(sock) : NULL;
	if (*sa == NULL) {
		if (sctp != NULL)
			slab_give(&of->app->core->sctp.socks, sctp);
		sock->app = NULL;
		return -ENFILE;
	}
	sock->bound = of->bound;
	sctp->settings = like->settings;
	sctp->defaults = (*sa)->defaults = like->defaults;
	sctp->context = (*sa)->context = like->context;
	sctp->v6only = like->v6only;
	sctp->abort = like->abort;
	sctp->interleave = like->interleave;
	sctp->reuse = like->reuse;
	sctp->addr_count = like->addr_count;
	memcpy(sctp->addrs, like->addrs, sizeof(sctp->addrs));
	sock_sctp_follow_set(sctp, like->follow);
	return 0;
}

int
sock_sctp_accept(struct sock *listener, struct sock *sock)
{
	struct sock_sctp *sctp = listener->sctp;
	struct sock_core *core = listener->app->core;
	struct sock_assoc *sa;
	int rc = -ENFILE;

	if (sctp->listener == NULL)
		return -EINVAL;
	if (sctp_listener_ready(sctp->listener) == 0)
		return -EAGAIN;
	if (sock != NULL)
		rc = sock_like(listener, sock, &sa);
	if (rc < 0) {
		if (!sctp->starved)
			STAILQ_INSERT_TAIL(&core->sctp.starved, sctp, starved_entry);
		sctp->starved = true;
		return rc;
	}
	sock_assoc_set(sa, sctp_accept(core->config.sctp, sctp->listener, sa));
	return 0;
}

int
sock_sctp_peeloff(struct sock *sock, uint32_t id, struct sock **out)
{
	struct sock_assoc *sa, *peeled;
	struct sock *own;
	int rc;

	if (sock->ops != &sock_sctp_many_ops)
		return -EOPNOTSUPP;
	sa = sock_assoc_find(sock, id);
	if (sa == NULL)
		return -EINVAL;
	own = sock_take(sock->app->core);
	if (own == NULL)
		return -ENFILE;
	rc = sock_like(sock, own, &peeled);
	if (rc < 0)
		return rc;
	sctp_settings_get(sa->assoc, &own->sctp->settings);
	peeled->defaults = sa->defaults;
	peeled->context = sa->context;
	sock_assoc_set(peeled, sa->assoc);
	sock_assoc_remove(sa);
	sock_own(own);
	sock_event_again(own, sock_ready(own));
	*out = own;
	return 0;
}
