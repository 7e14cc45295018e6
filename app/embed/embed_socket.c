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

#include "embed/embed_sctp.h"

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
	return fd >= 0 && fd < EMBED_SOCKETS_MAX ? spate->sockets[fd].sock : NULL;
}

int
embed_sock_addr_parse(
	const struct spate *spate, const char *text, unsigned port, struct sock_addr *addr)
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

void
embed_sock_addr_format(
	const struct spate *spate, const struct sock_addr *addr, char *text, unsigned *port)
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

int
embed_number_find(const struct spate *spate)
{
	for (int fd = 0; fd < EMBED_SOCKETS_MAX; fd++) {
		if (spate->sockets[fd].sock == NULL)
			return fd;
	}
	return -EMFILE;
}

int
spate_socket(struct spate *spate, int family, enum spate_protocol protocol)
{
	static const enum sock_proto protos[] = { SOCK_UDP, SOCK_TCP, SOCK_SCTP, SOCK_SCTP_MANY };
	int fd = embed_number_find(spate), rc;

	if ((unsigned)protocol >= sizeof(protos) / sizeof(protos[0]))
		return embed_sock_result(-EPROTONOSUPPORT);
	if (fd < 0)
		return embed_sock_result(fd);
	if (family != 4 && family != 6)
		return embed_sock_result(-EAFNOSUPPORT);
	spate->sockets[fd] = (struct embed_socket){ .sock = NULL };
	rc = sock_open(&spate->app, protos[protocol], (enum ip_family)family, IP_VRF_DEFAULT,
		&spate->sockets[fd].sock);
	return embed_sock_result(rc < 0 ? rc : fd);
}

int
spate_close(struct spate *spate, int fd)
{
	struct sock *sock = embed_sock(spate, fd);

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	sock_close(sock);
	spate->sockets[fd].sock = NULL;
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
	rc = embed_sock_addr_parse(spate, addr, port, &local);
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
	rc = embed_sock_addr_parse(spate, addr, port, &peer);
	if (rc == 0)
		rc = sock_connect(sock, &peer);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_listen(struct spate *spate, int fd, int backlog)
{
	struct sock *sock = embed_sock(spate, fd);
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	/* As on Linux: what is negative is a lot, and 0 is 1, or with SCTP the end of it. */
	if (backlog == 0 && sock_proto(sock) == SOCK_TCP)
		backlog = 1;
	rc = sock_listen(sock, backlog < 0 ? EMBED_SOCKETS_MAX : (unsigned)backlog);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_accept(struct spate *spate, int fd, char *addr, unsigned *port)
{
	struct sock *listener = embed_sock(spate, fd);
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int accepted = embed_number_find(spate), rc;

	if (listener == NULL)
		return embed_sock_result(-EBADF);
	if (accepted < 0)
		return embed_sock_result(accepted);
	spate->sockets[accepted] = spate->sockets[fd];
	spate->sockets[accepted].sock = NULL;
	rc = sock_accept(listener, &spate->sockets[accepted].sock);
	if (rc < 0)
		return embed_sock_result(rc);
	sock_peer(spate->sockets[accepted].sock, &peer);
	embed_sock_addr_format(spate, &peer, addr, port);
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

static bool
is_sctp(const struct sock *sock)
{
	return sock_proto(sock) == SOCK_SCTP || sock_proto(sock) == SOCK_SCTP_MANY;
}

int
spate_sendto(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr peer;
	int64_t rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = embed_sock_addr_parse(spate, addr, port, &peer);
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
	/* Of SCTP notifications are received as well: RFC 6458 3.1.5. */
	if (is_sctp(sock))
		return spate_sctp_recvv(spate, fd, data, size, addr, port, NULL, NULL, NULL);
	rc = sock_receive(sock, data, size, &peer);
	/* A stream has room again, and says so to its peer. */
	embed_run(spate);
	if (rc >= 0)
		embed_sock_addr_format(spate, &peer, addr, port);
	return embed_sock_result(rc);
}

int
spate_peek(struct spate *spate, int fd, void *data, size_t size, char *addr, unsigned *port)
{
	struct sock *sock = embed_sock(spate, fd);
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int64_t rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = is_sctp(sock) ? embed_notification_take(spate, fd, data, size, NULL) : -EAGAIN;
	if (rc == -EAGAIN)
		rc = sock_peek(sock, data, size, &peer);
	if (rc >= 0)
		embed_sock_addr_format(spate, &peer, addr, port);
	return embed_sock_result(rc);
}

int
spate_send_urgent(struct spate *spate, int fd, const void *data, size_t length)
{
	struct sock *sock = embed_sock(spate, fd);
	int64_t rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = sock_send_urgent(sock, data, length);
	embed_run(spate);
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

/* ---- names ---- */

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
		embed_sock_addr_format(spate, &name, addr, port);
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
