/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A stack with an application on a worker that notes what it is told, and whose sockets the test uses
 * itself: as if the application did, for nobody else runs meanwhile.
 */
#ifndef UNIT_SOCK_FIXTURE_H
#define UNIT_SOCK_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

struct sock_fixture {
	struct stack_fixture *f;
	struct sock_app app;
	unsigned batches, count; /* of events that were told */
	struct sock_event events[256];
	void (*each)(struct sock_fixture *s, const struct sock_event *event); /* may be NULL */
};

static inline int
sock_fixture_app_start(struct sock_app *app, const void *config)
{
	return 0;
}

static inline void
sock_fixture_app_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_fixture *s = app->state;

	s->batches++;
	for (unsigned i = 0; i < count; i++) {
		assert_in_range(s->count, 0, RTE_DIM(s->events) - 1);
		s->events[s->count++] = events[i];
		if (s->each != NULL && events[i].sock != NULL)
			s->each(s, &events[i]);
	}
}

static const struct sock_app_ops sock_fixture_ops = {
	.name = "test",
	.start = sock_fixture_app_start,
	.events = sock_fixture_app_events,
};

static inline struct sock_fixture *
sock_fixture_create(const struct stack_fixture_config *config)
{
	struct sock_fixture *s = calloc(1, sizeof(*s));
	struct port *port;

	assert_non_null(s);
	s->f = stack_fixture_create(config);
	/* Ports make no checksums, so that those that are made are seen. */
	for (unsigned i = 0; (port = port_next(&s->f->stack->ports, i)) != NULL;
		i = port->index + 1U)
		port->offloads &= ~(uint32_t)PORT_TX_L4_CHECKSUM;
	s->app.ops = &sock_fixture_ops;
	s->app.state = s;
	assert_int_equal(sock_app_start(s->f->stack->workers[0]->socks, &s->app, NULL), 0);
	return s;
}

static inline struct sock_fixture *
sock_fixture_two_ports(void)
{
	return sock_fixture_create(&(struct stack_fixture_config){ .ports = 2 });
}

static inline void
sock_fixture_destroy(struct sock_fixture *s)
{
	sock_app_stop(&s->app);
	stack_fixture_destroy(s->f);
	free(s);
}

/* "10.0.0.1", 53; "" for no address. */
static inline struct sock_addr
sock_fixture_addr(const char *text, uint16_t port)
{
	struct sock_addr addr = { .port = port, .iface = PKT_IFACE_NONE };

	if (text[0] != '\0')
		assert_int_equal(ip_addr_parse(text, &addr.addr), 0);
	return addr;
}

static inline struct sock *
sock_fixture_open(struct sock_fixture *s, enum ip_family family)
{
	struct sock *sock;

	assert_int_equal(sock_open(&s->app, SOCK_UDP, family, IP_VRF_DEFAULT, &sock), 0);
	return sock;
}

static inline int
sock_fixture_bind(struct sock *sock, const char *addr, uint16_t port)
{
	const struct sock_addr local = sock_fixture_addr(addr, port);

	return sock_bind(sock, &local);
}

static inline int
sock_fixture_connect(struct sock *sock, const char *addr, uint16_t port)
{
	const struct sock_addr peer = sock_fixture_addr(addr, port);

	return sock_connect(sock, &peer);
}

/* @return what sock_send() does */
static inline int64_t
sock_fixture_send(struct sock *sock, const char *data, const char *addr, uint16_t port)
{
	const struct sock_addr peer = sock_fixture_addr(addr, port);

	return sock_send(sock, data, strlen(data), addr[0] != '\0' ? &peer : NULL);
}

static inline int64_t
sock_fixture_option(struct sock *sock, enum sock_option option)
{
	int64_t value = -1;

	assert_int_equal(sock_option_get(sock, option, &value), 0);
	return value;
}

#endif
