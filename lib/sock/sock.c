/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of applications: what all protocols have in common is done here, the rest by their sock_ops. */
#include "sock/sock_priv.h"

#include <errno.h>

#include "cc/cc.h"

static const struct sock_ops *const protos[SOCK_PROTO_COUNT] = {
	[SOCK_UDP] = &sock_udp_ops,
	[SOCK_TCP] = &sock_tcp_ops,
	[SOCK_SCTP] = &sock_sctp_ops,
	[SOCK_SCTP_MANY] = &sock_sctp_many_ops,
};

/* A free one, not yet anybody's. NULL: there is none */
struct sock *
sock_take(struct sock_core *core)
{
	return core->free_count > 0 ? &core->socks[core->free_socks[core->free_count - 1]] : NULL;
}

/* The one that sock_take() has given. */
void
sock_own(struct sock *sock)
{
	struct sock_app *app = sock->app;

	app->core->free_count--;
	TAILQ_INSERT_TAIL(&app->socks, sock, app_entry);
}

int
sock_open(struct sock_app *app, enum sock_proto proto, enum ip_family family, uint16_t vrf,
	struct sock **out)
{
	struct sock_core *core = app->core;
	struct sock *sock;
	int rc;

	if ((unsigned)proto >= SOCK_PROTO_COUNT || protos[proto] == NULL)
		return -EPROTONOSUPPORT;
	if (family != IP_FAMILY_4 && family != IP_FAMILY_6)
		return -EAFNOSUPPORT;
	sock = sock_take(core);
	if (sock == NULL)
		return -ENFILE;
	*sock = (struct sock){ .app = app, .ops = protos[proto], .family = (uint8_t)family };
	rc = sock->ops->open(core, sock, vrf);
	if (rc < 0) {
		sock->app = NULL;
		return rc;
	}
	sock_own(sock);
	*out = sock;
	return 0;
}

void
sock_close(struct sock *sock)
{
	struct sock_app *app = sock->app;
	struct sock_core *core = app->core;

	sock_event_forget(sock);
	sock->ops->close(sock);
	TAILQ_REMOVE(&app->socks, sock, app_entry);
	sock->app = NULL;
	core->free_socks[core->free_count++] = (uint32_t)(sock - core->socks);
	sock_tcp_feed(core);
	sock_sctp_feed(core);
}

/* An address that a socket of its family can have to do with. */
static bool
family_fits(const struct sock *sock, const struct sock_addr *addr)
{
	return addr->addr.family == sock->family ||
		(addr->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6);
}

int
sock_bind(struct sock *sock, const struct sock_addr *local)
{
	struct sock_addr addr = *local;

	if (addr.addr.family == IP_FAMILY_NONE)
		addr.addr.family = sock->family;
	if (!family_fits(sock, &addr))
		return -EAFNOSUPPORT;
	return sock->ops->bind(sock, &addr);
}

int
sock_listen(struct sock *sock, unsigned backlog)
{
	return sock->ops->listen != NULL ? sock->ops->listen(sock, backlog) : -EOPNOTSUPP;
}

int
sock_accept(struct sock *listener, struct sock **out)
{
	struct sock *sock = sock_take(listener->app->core);
	int rc;

	if (listener->ops->accept == NULL)
		return -EOPNOTSUPP;
	rc = listener->ops->accept(listener, sock);
	if (rc < 0)
		return rc;
	sock_own(sock);
	*out = sock;
	return 0;
}

int
sock_connect(struct sock *sock, const struct sock_addr *peer)
{
	if (peer->addr.family != IP_FAMILY_NONE && !family_fits(sock, peer))
		return -EAFNOSUPPORT;
	return sock->ops->connect(sock, peer);
}

int
sock_shutdown(struct sock *sock, enum sock_shutdown how)
{
	struct sock_addr peer;
	int rc;

	if (sock->ops->shutdown != NULL)
		return sock->ops->shutdown(sock, how);
	rc = sock->ops->peer(sock, &peer);
	if (rc < 0)
		return rc;
	sock->shut |= (uint8_t)how;
	if ((how & SOCK_SHUTDOWN_READ) != 0)
		sock_event_again(sock, SOCK_EVENT_READABLE);
	return 0;
}

int
sock_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max)
{
	int rc = sock->ops->receive_msgs(sock, msgs, max);

	return rc == -EAGAIN && (sock->shut & SOCK_SHUTDOWN_READ) != 0 ? 0 : rc;
}

int
sock_send_msgs(struct sock *sock, struct sock_msg *msgs, unsigned count)
{
	unsigned done = 0;
	int rc = 0;

	if ((sock->shut & SOCK_SHUTDOWN_WRITE) != 0)
		return -EPIPE;
	for (; done < count && rc == 0; done += rc == 0)
		rc = sock->ops->send_msg(sock, &msgs[done]);
	return done > 0 ? (int)done : rc;
}

int64_t
sock_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	int64_t rc = sock->ops->peek(sock, data, size, peer);

	return rc == -EAGAIN && (sock->shut & SOCK_SHUTDOWN_READ) != 0 ? 0 : rc;
}

int64_t
sock_send_urgent(struct sock *sock, const void *data, size_t length)
{
	return sock->ops->send_urgent != NULL ? sock->ops->send_urgent(sock, data, length)
					      : -EOPNOTSUPP;
}

uint32_t
sock_ready(const struct sock *sock)
{
	return sock->ops->ready(sock) |
		((sock->shut & SOCK_SHUTDOWN_READ) != 0 ? SOCK_EVENT_READABLE : 0U);
}

int
sock_option_check(const struct sock_option_rule rules[SOCK_OPT_COUNT], enum sock_option option,
	int64_t value, enum sock_option_time is)
{
	const struct sock_option_rule *rule =
		(unsigned)option < SOCK_OPT_COUNT ? &rules[option] : NULL;

	if (rule == NULL || rule->time == SOCK_OPTION_NEVER)
		return -ENOPROTOOPT;
	if (value < rule->min || value > rule->max ||
		(rule->time == SOCK_OPTION_UNBOUND && is > SOCK_OPTION_UNBOUND) ||
		(option == SOCK_OPT_CONGESTION && cc_get((unsigned)value) == NULL))
		return -EINVAL;
	return rule->time < is ? -EISCONN : 0;
}

int
sock_option_set(struct sock *sock, enum sock_option option, int64_t value)
{
	return sock->ops->option_set(sock, option, value);
}

int
sock_option_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	return sock->ops->option_get(sock, option, value);
}

int
sock_local(const struct sock *sock, struct sock_addr *local)
{
	return sock->ops->local(sock, local);
}

int
sock_peer(const struct sock *sock, struct sock_addr *peer)
{
	return sock->ops->peer(sock, peer);
}

enum sock_proto
sock_proto(const struct sock *sock)
{
	unsigned proto = 0;

	while (proto < SOCK_PROTO_COUNT - 1 && protos[proto] != sock->ops)
		proto++;
	return (enum sock_proto)proto;
}

enum ip_family
sock_family(const struct sock *sock)
{
	return (enum ip_family)sock->family;
}

void
sock_user_set(struct sock *sock, void *user)
{
	sock->user = user;
}

void *
sock_user(const struct sock *sock)
{
	return sock->user;
}

unsigned
sock_worker(const struct sock_core *core)
{
	return core->config.worker;
}

uint64_t
sock_now_ns(const struct sock_core *core)
{
	return core->config.ip->now_ns;
}
