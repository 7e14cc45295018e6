/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets as programs know them: numbers, texts and errnos, over lib/sock's. To the stack they are an
 * application that wants to know of no event: the program asks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "embed/embed.h"

/* ---- the application ---- */

static int
embed_app_start(struct sock_app *app, const void *config)
{
	(void)app;
	(void)config;
	return 0;
}

static void
embed_app_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	(void)app;
	(void)events;
	(void)count;
}

void
embed_sockets_start(struct spate *spate)
{
	static const struct sock_app_ops ops = {
		.name = "program",
		.start = embed_app_start,
		.events = embed_app_events,
	};

	spate->app.ops = &ops;
	stack_app_start(spate->stack, &spate->app);
}

void
embed_sockets_stop(struct spate *spate)
{
	sock_app_stop(&spate->app);
}

/* ---- numbers and texts ---- */

int
embed_sock_result(int64_t rc)
{
	struct error err;

	if (rc < 0)
		error_set(&err, (int)-rc, "%s", strerror((int)-rc));
	return embed_result((int)rc, &err);
}

struct sock *
embed_sock(const struct spate *spate, int fd)
{
	return fd >= 0 && fd < EMBED_SOCKETS_MAX ? spate->socks[fd] : NULL;
}

/* "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; NULL: any. */
static int
addr_parse(const struct spate *spate, const char *text, unsigned port, struct sock_addr *addr)
{
	char copy[SPATE_ADDR_TEXT], *percent;
	const struct iface *iface;

	*addr = (struct sock_addr){ .port = (uint16_t)port, .iface = PKT_IFACE_NONE };
	if (port > UINT16_MAX)
		return -EINVAL;
	if (text == NULL)
		return 0;
	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return -EINVAL;
	percent = strchr(copy, '%');
	if (percent != NULL) {
		*percent = '\0';
		iface = iface_lookup(spate->stack->ifaces, percent + 1);
		if (iface == NULL)
			return -ENODEV;
		addr->iface = iface->index;
	}
	return ip_addr_parse(copy, &addr->addr);
}

static void
addr_format(const struct spate *spate, const struct sock_addr *addr, char *text, unsigned *port)
{
	const struct iface *iface = iface_get(spate->stack->ifaces, addr->iface);
	char buf[IP_TEXT_MAX];

	if (port != NULL)
		*port = addr->port;
	if (text == NULL)
		return;
	snprintf(text, SPATE_ADDR_TEXT, "%s%s%s", ip_addr_format(&addr->addr, buf),
		iface != NULL ? "%" : "", iface != NULL ? iface->name : "");
}

/* ---- life ---- */

/* The lowest that is free, or -EMFILE. */
static int
number_find(const struct spate *spate)
{
	for (int fd = 0; fd < EMBED_SOCKETS_MAX; fd++) {
		if (spate->socks[fd] == NULL)
			return fd;
	}
	return -EMFILE;
}

int
spate_socket(struct spate *spate, int family, enum spate_protocol protocol)
{
	static const enum sock_proto protos[] = { SOCK_UDP, SOCK_TCP, SOCK_SCTP };
	int fd = number_find(spate), rc;

	if ((unsigned)protocol >= sizeof(protos) / sizeof(protos[0]))
		return embed_sock_result(-EPROTONOSUPPORT);
	if (fd < 0)
		return embed_sock_result(fd);
	if (family != 4 && family != 6)
		return embed_sock_result(-EAFNOSUPPORT);
	rc = sock_open(&spate->app, protos[protocol], (enum ip_family)family, IP_VRF_DEFAULT,
		&spate->socks[fd]);
	return embed_sock_result(rc < 0 ? rc : fd);
}

int
spate_close(struct spate *spate, int fd)
{
	struct sock *sock = embed_sock(spate, fd);

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	sock_close(sock);
	spate->socks[fd] = NULL;
	embed_run(spate);
	return 0;
}

int
spate_bind(struct spate *spate, int fd, const char *addr, unsigned port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr local;
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = addr_parse(spate, addr, port, &local);
	return embed_sock_result(rc < 0 ? rc : sock_bind(sock, &local));
}

int
spate_connect(struct spate *spate, int fd, const char *addr, unsigned port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr peer;
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = addr_parse(spate, addr, port, &peer);
	if (rc == 0)
		rc = sock_connect(sock, &peer);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_listen(struct spate *spate, int fd, int backlog)
{
	struct sock *sock = embed_sock(spate, fd);

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	/* As on Linux: 0 is 1, and what is negative is a lot. */
	return embed_sock_result(sock_listen(
		sock, backlog < 0 ? EMBED_SOCKETS_MAX : RTE_MAX((unsigned)backlog, 1U)));
}

int
spate_accept(struct spate *spate, int fd, char *addr, unsigned *port)
{
	struct sock *listener = embed_sock(spate, fd);
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int accepted = number_find(spate), rc;

	if (listener == NULL)
		return embed_sock_result(-EBADF);
	if (accepted < 0)
		return embed_sock_result(accepted);
	rc = sock_accept(listener, &spate->socks[accepted]);
	if (rc < 0)
		return embed_sock_result(rc);
	sock_peer(spate->socks[accepted], &peer);
	addr_format(spate, &peer, addr, port);
	return accepted;
}

int
spate_shutdown(struct spate *spate, int fd, int how)
{
	struct sock *sock = embed_sock(spate, fd);
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	if (how < SOCK_SHUTDOWN_READ || how > SOCK_SHUTDOWN_BOTH)
		return embed_sock_result(-EINVAL);
	rc = sock_shutdown(sock, (enum sock_shutdown)how);
	embed_run(spate);
	return embed_sock_result(rc);
}

/* ---- data ---- */

int
spate_sendto(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr peer;
	int64_t rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = addr_parse(spate, addr, port, &peer);
	if (rc == 0)
		rc = sock_send(sock, data, length, addr != NULL ? &peer : NULL);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_recvfrom(struct spate *spate, int fd, void *data, size_t size, char *addr, unsigned *port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int64_t rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = sock_receive(sock, data, size, &peer);
	/* A stream has room again, and says so to its peer. */
	embed_run(spate);
	if (rc >= 0)
		addr_format(spate, &peer, addr, port);
	return embed_sock_result(rc);
}

int
spate_send(struct spate *spate, int fd, const void *data, size_t length)
{
	return spate_sendto(spate, fd, data, length, NULL, 0);
}

int
spate_recv(struct spate *spate, int fd, void *data, size_t size)
{
	return spate_recvfrom(spate, fd, data, size, NULL, NULL);
}

int
spate_ready(struct spate *spate, int fd)
{
	const struct sock *sock = embed_sock(spate, fd);
	uint32_t ready;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	ready = sock_ready(sock);
	if (ready & SOCK_EVENT_ACCEPTED)
		ready = (ready & ~(uint32_t)SOCK_EVENT_ACCEPTED) | SPATE_READABLE;
	return (int)ready;
}

/* ---- options and names ---- */

/* lib/sock's option of each of ours, and how many of its units ours has. */
static const struct {
	enum sock_option option;
	int64_t unit;
} options[] = {
	[SPATE_SO_ERROR] = { SOCK_OPT_ERROR, 1 },
	[SPATE_SO_REUSEPORT] = { SOCK_OPT_REUSEPORT, 1 },
	[SPATE_SO_RCVBUF] = { SOCK_OPT_RECEIVE_BUFFER, 1 },
	[SPATE_SO_NO_CHECK] = { SOCK_OPT_CHECKSUM, 1 },
	[SPATE_IPV6_V6ONLY] = { SOCK_OPT_V6ONLY, 1 },
	[SPATE_IP_FREEBIND] = { SOCK_OPT_FREEBIND, 1 },
	[SPATE_IP_MTU] = { SOCK_OPT_MTU, 1 },
	[SPATE_IP_MTU_DISCOVER] = { SOCK_OPT_PMTU, 1 },
	[SPATE_IP_RECVERR] = { SOCK_OPT_ERRORS, 1 },
	[SPATE_IP_TTL] = { SOCK_OPT_TTL, 1 },
	[SPATE_IP_TOS] = { SOCK_OPT_TOS, 1 },
	[SPATE_UDP_SEGMENT] = { SOCK_OPT_SEGMENT, 1 },
	[SPATE_SO_SNDBUF] = { SOCK_OPT_SEND_BUFFER, 1 },
	[SPATE_SO_KEEPALIVE] = { SOCK_OPT_KEEPALIVE, 1 },
	[SPATE_SO_LINGER] = { SOCK_OPT_ABORT, 1 },
	[SPATE_TCP_NODELAY] = { SOCK_OPT_NODELAY, 1 },
	[SPATE_TCP_MAXSEG] = { SOCK_OPT_MAXSEG, 1 },
	[SPATE_TCP_KEEPIDLE] = { SOCK_OPT_KEEPALIVE_IDLE, 1000 },
	[SPATE_TCP_KEEPINTVL] = { SOCK_OPT_KEEPALIVE_INTERVAL, 1000 },
	[SPATE_TCP_KEEPCNT] = { SOCK_OPT_KEEPALIVE_COUNT, 1 },
	[SPATE_TCP_USER_TIMEOUT] = { SOCK_OPT_USER_TIMEOUT, 1 },
};

/* What lib/sock calls the contrary: that checksums are made, and that a close resets. @{ */
static int64_t
value_to_sock(enum spate_sockopt option, int64_t value)
{
	switch (option) {
	case SPATE_SO_NO_CHECK: return value == 0;
	case SPATE_SO_LINGER: return value <= 0 ? value + 1 : -1;
	default: return value;
	}
}

static int64_t
value_of_sock(enum spate_sockopt option, int64_t value)
{
	switch (option) {
	case SPATE_SO_NO_CHECK: return value == 0;
	case SPATE_SO_LINGER: return value - 1;
	default: return value;
	}
}
/* @} */

static bool
option_is_known(enum spate_sockopt option)
{
	return (unsigned)option < sizeof(options) / sizeof(options[0]);
}

int
spate_setsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t value)
{
	struct sock *sock = embed_sock(spate, fd);
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	if (!option_is_known(option))
		return embed_sock_result(-ENOPROTOOPT);
	if (value > INT64_MAX / options[option].unit || value < INT64_MIN / options[option].unit)
		return embed_sock_result(-EINVAL);
	value = value_to_sock(option, value) * options[option].unit;
	rc = sock_option_set(sock, options[option].option, value);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_getsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t *value)
{
	struct sock *sock = embed_sock(spate, fd);
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	if (!option_is_known(option))
		return embed_sock_result(-ENOPROTOOPT);
	rc = sock_option_get(sock, options[option].option, value);
	if (rc == 0)
		*value = value_of_sock(option, *value / options[option].unit);
	return embed_sock_result(rc);
}

typedef int sock_name_fn(const struct sock *sock, struct sock_addr *addr);

static int
name_get(struct spate *spate, int fd, sock_name_fn *get, char *addr, unsigned *port)
{
	const struct sock *sock = embed_sock(spate, fd);
	struct sock_addr name;
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = get(sock, &name);
	if (rc == 0)
		addr_format(spate, &name, addr, port);
	return embed_sock_result(rc);
}

int
spate_getsockname(struct spate *spate, int fd, char *addr, unsigned *port)
{
	return name_get(spate, fd, sock_local, addr, port);
}

int
spate_getpeername(struct spate *spate, int fd, char *addr, unsigned *port)
{
	return name_get(spate, fd, sock_peer, addr, port);
}
