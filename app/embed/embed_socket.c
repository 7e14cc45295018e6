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

/* What a call says: socket calls have the sentence of their errno. */
static int
result(int64_t rc)
{
	struct error err;

	if (rc < 0)
		error_set(&err, (int)-rc, "%s", strerror((int)-rc));
	return embed_result((int)rc, &err);
}

static struct sock *
sock_of(const struct spate *spate, int fd)
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

int
spate_socket(struct spate *spate, int family, enum spate_protocol protocol)
{
	static const enum sock_proto protos[] = { SOCK_UDP, SOCK_TCP, SOCK_SCTP };
	int fd = 0, rc;

	if ((unsigned)protocol >= sizeof(protos) / sizeof(protos[0]))
		return result(-EPROTONOSUPPORT);
	while (fd < EMBED_SOCKETS_MAX && spate->socks[fd] != NULL)
		fd++;
	if (fd == EMBED_SOCKETS_MAX)
		return result(-EMFILE);
	if (family != 4 && family != 6)
		return result(-EAFNOSUPPORT);
	rc = sock_open(&spate->app, protos[protocol], (enum ip_family)family, IP_VRF_DEFAULT,
		&spate->socks[fd]);
	return result(rc < 0 ? rc : fd);
}

int
spate_close(struct spate *spate, int fd)
{
	struct sock *sock = sock_of(spate, fd);

	if (sock == NULL)
		return result(-EBADF);
	sock_close(sock);
	spate->socks[fd] = NULL;
	embed_run(spate);
	return 0;
}

int
spate_bind(struct spate *spate, int fd, const char *addr, unsigned port)
{
	struct sock *sock = sock_of(spate, fd);
	struct sock_addr local;
	int rc;

	if (sock == NULL)
		return result(-EBADF);
	rc = addr_parse(spate, addr, port, &local);
	return result(rc < 0 ? rc : sock_bind(sock, &local));
}

int
spate_connect(struct spate *spate, int fd, const char *addr, unsigned port)
{
	struct sock *sock = sock_of(spate, fd);
	struct sock_addr peer;
	int rc;

	if (sock == NULL)
		return result(-EBADF);
	rc = addr_parse(spate, addr, port, &peer);
	if (rc == 0)
		rc = sock_connect(sock, &peer);
	embed_run(spate);
	return result(rc);
}

int
spate_shutdown(struct spate *spate, int fd, int how)
{
	struct sock *sock = sock_of(spate, fd);

	if (sock == NULL)
		return result(-EBADF);
	if (how < SOCK_SHUTDOWN_READ || how > SOCK_SHUTDOWN_BOTH)
		return result(-EINVAL);
	return result(sock_shutdown(sock, (enum sock_shutdown)how));
}

/* ---- data ---- */

int
spate_sendto(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port)
{
	struct sock *sock = sock_of(spate, fd);
	struct sock_addr peer;
	int64_t rc;

	if (sock == NULL)
		return result(-EBADF);
	rc = addr_parse(spate, addr, port, &peer);
	if (rc == 0)
		rc = sock_send(sock, data, length, addr != NULL ? &peer : NULL);
	embed_run(spate);
	return result(rc);
}

int
spate_recvfrom(struct spate *spate, int fd, void *data, size_t size, char *addr, unsigned *port)
{
	struct sock *sock = sock_of(spate, fd);
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int64_t rc;

	if (sock == NULL)
		return result(-EBADF);
	rc = sock_receive(sock, data, size, &peer);
	if (rc >= 0)
		addr_format(spate, &peer, addr, port);
	return result(rc);
}

int
spate_ready(struct spate *spate, int fd)
{
	const struct sock *sock = sock_of(spate, fd);

	return sock != NULL ? (int)sock_ready(sock) : result(-EBADF);
}

/* ---- options and names ---- */

/* lib/sock's option of each of ours. */
static const enum sock_option options[] = {
	[SPATE_SO_ERROR] = SOCK_OPT_ERROR,
	[SPATE_SO_REUSEPORT] = SOCK_OPT_REUSEPORT,
	[SPATE_SO_RCVBUF] = SOCK_OPT_RECEIVE_BUFFER,
	[SPATE_SO_NO_CHECK] = SOCK_OPT_CHECKSUM,
	[SPATE_IPV6_V6ONLY] = SOCK_OPT_V6ONLY,
	[SPATE_IP_FREEBIND] = SOCK_OPT_FREEBIND,
	[SPATE_IP_MTU] = SOCK_OPT_MTU,
	[SPATE_IP_MTU_DISCOVER] = SOCK_OPT_PMTU,
	[SPATE_IP_RECVERR] = SOCK_OPT_ERRORS,
	[SPATE_IP_TTL] = SOCK_OPT_TTL,
	[SPATE_IP_TOS] = SOCK_OPT_TOS,
	[SPATE_UDP_SEGMENT] = SOCK_OPT_SEGMENT,
};

int
spate_setsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t value)
{
	struct sock *sock = sock_of(spate, fd);

	if (sock == NULL)
		return result(-EBADF);
	if ((unsigned)option >= sizeof(options) / sizeof(options[0]))
		return result(-ENOPROTOOPT);
	if (option == SPATE_SO_NO_CHECK)
		value = value == 0;
	return result(sock_option_set(sock, options[option], value));
}

int
spate_getsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t *value)
{
	struct sock *sock = sock_of(spate, fd);
	int rc;

	if (sock == NULL)
		return result(-EBADF);
	if ((unsigned)option >= sizeof(options) / sizeof(options[0]))
		return result(-ENOPROTOOPT);
	rc = sock_option_get(sock, options[option], value);
	if (rc == 0 && option == SPATE_SO_NO_CHECK)
		*value = *value == 0;
	return result(rc);
}

typedef int sock_name_fn(const struct sock *sock, struct sock_addr *addr);

static int
name_get(struct spate *spate, int fd, sock_name_fn *get, char *addr, unsigned *port)
{
	const struct sock *sock = sock_of(spate, fd);
	struct sock_addr name;
	int rc;

	if (sock == NULL)
		return result(-EBADF);
	rc = get(sock, &name);
	if (rc == 0)
		addr_format(spate, &name, addr, port);
	return result(rc);
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
