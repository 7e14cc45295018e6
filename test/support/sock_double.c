/* SPDX-License-Identifier: BSD-3-Clause */
/* A network in memory for applications of lib/sock: what sock_double.h says, and sock/sock.h. */
#include "support/sock_double_private.h"

#define ROOM       65536
#define PORT_FIRST 32768

static void
nobody_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
}

static int
nobody_start(struct sock_app *app, const void *config)
{
	return 0;
}

const struct sock_app_ops sock_double_nobody = {
	.name = "nobody", .start = nobody_start, .events = nobody_events
};

/* ---- applications ---- */

struct sock_core *
sock_double_create(struct rte_mempool *pool)
{
	struct sock_core *core = calloc(1, sizeof(*core));

	assert_non_null(core);
	core->pool = pool;
	core->port_next = PORT_FIRST;
	core->now_ns = 1000000000;
	return core;
}

void
sock_double_destroy(struct sock_core *core)
{
	assert_int_equal(core->app_count, 0);
	assert_int_equal(core->count, 0);
	free(core);
}

static void
app_end(struct sock_app *app)
{
	struct sock_core *core = app->core;
	struct sock_timer *timer;

	while ((timer = LIST_FIRST(&app->timers)) != NULL)
		sock_timer_clear(timer);
	/* Newest first: so a listener has none left that waits in it. */
	for (unsigned i = core->count; i-- > 0;) {
		if (core->socks[i]->app == app)
			sock_close(core->socks[i]);
	}
	for (unsigned i = 0; i < core->app_count; i++) {
		if (core->apps[i] == app)
			core->apps[i] = core->apps[--core->app_count];
	}
	if (app->ops->destroy != NULL)
		app->ops->destroy(app);
	free(app->state);
	free(app);
}

struct sock_app *
sock_double_start(
	struct sock_core *core, const struct sock_app_ops *ops, const void *config, int *rc)
{
	struct sock_app *app = calloc(1, sizeof(*app));

	assert_non_null(app);
	*app = (struct sock_app){ .core = core, .ops = ops };
	app->state = calloc(1, ops->state_size + 1);
	assert_non_null(app->state);
	LIST_INIT(&app->timers);
	assert_in_range(core->app_count, 0, 7);
	core->apps[core->app_count++] = app;
	*rc = ops->create != NULL ? ops->create(app, config) : 0;
	if (*rc == 0)
		*rc = ops->start(app, config);
	if (*rc == 0)
		return app;
	app_end(app);
	return NULL;
}

void
sock_double_stop(struct sock_app *app)
{
	if (app->ops->stop != NULL)
		app->ops->stop(app);
	app_end(app);
}

unsigned
sock_double_count(const struct sock_core *core)
{
	return core->count;
}

/* ---- events ---- */

void
sock_event_again(struct sock *sock, uint32_t events)
{
	sock->events |= events;
}

static bool
events_tell(struct sock_core *core, struct sock_app *app)
{
	struct sock_event events[SOCK_BATCH];
	unsigned count = 0;

	for (unsigned i = 0; i < core->count && count < SOCK_BATCH; i++) {
		struct sock *sock = core->socks[i];

		/* Who is not accepted yet has nobody to be told to. */
		if (sock->app != app || sock->events == 0 || sock->listener != NULL)
			continue;
		events[count++] = (struct sock_event){ sock, sock->user, sock->events };
		sock->events = 0;
	}
	if (count > 0)
		app->ops->events(app, events, count);
	return count > 0;
}

static struct sock_timer *
timer_next(struct sock_core *core)
{
	struct sock_timer *timer, *next = NULL;

	for (unsigned i = 0; i < core->app_count; i++) {
		LIST_FOREACH (timer, &core->apps[i]->timers, entry) {
			if (next == NULL || timer->node.tick < next->node.tick)
				next = timer;
		}
	}
	return next;
}

void
sock_double_run(struct sock_core *core)
{
	bool more = true;

	for (unsigned turns = 0; more; turns++) {
		assert_in_range(turns, 0, 100000);
		more = false;
		for (unsigned i = 0; i < core->app_count; i++)
			more |= events_tell(core, core->apps[i]);
	}
}

void
sock_double_advance(struct sock_core *core, uint64_t ns)
{
	uint64_t end = core->now_ns + ns;
	struct sock_timer *timer;

	sock_double_run(core);
	while ((timer = timer_next(core)) != NULL && timer->node.tick <= end) {
		struct sock_app *app = timer->app;

		core->now_ns = RTE_MAX(core->now_ns, timer->node.tick);
		sock_timer_clear(timer);
		timer->strike(app, timer);
		sock_double_run(core);
	}
	core->now_ns = end;
}

/* Here a node has nanoseconds in place of ticks. */
void
sock_timer_set(struct sock_app *app, struct sock_timer *timer, uint64_t due_ns)
{
	if (timer->app == NULL)
		LIST_INSERT_HEAD(&app->timers, timer, entry);
	timer->app = app;
	timer->node.tick = due_ns;
}

void
sock_timer_clear(struct sock_timer *timer)
{
	if (timer->app == NULL)
		return;
	LIST_REMOVE(timer, entry);
	timer->app = NULL;
}

uint64_t
sock_now_ns(const struct sock_core *core)
{
	return core->now_ns;
}

unsigned
sock_worker(const struct sock_core *core)
{
	return 0;
}

/* ---- life ---- */

static struct sock *
sock_create(struct sock_app *app, enum sock_proto proto)
{
	struct sock_core *core = app->core;
	struct sock *sock = calloc(1, sizeof(*sock));

	assert_non_null(sock);
	assert_in_range(core->count, 0, SOCK_DOUBLE_SOCKS_MAX - 1);
	sock->app = app;
	sock->proto = proto;
	sock->room = ROOM;
	STAILQ_INIT(&sock->datagrams);
	core->socks[core->count++] = sock;
	return sock;
}

int
sock_open(struct sock_app *app, enum sock_proto proto, enum ip_family family, uint16_t vrf,
	struct sock **sock)
{
	*sock = sock_create(app, proto);
	return 0;
}

struct sock *
sock_double_find(struct sock_core *core, enum sock_proto proto, uint16_t port)
{
	for (unsigned i = 0; i < core->count; i++) {
		struct sock *sock = core->socks[i];

		if (sock->proto == proto && sock->local.port == port &&
			(proto == SOCK_UDP || sock->is_listener))
			return sock;
	}
	return NULL;
}

int
sock_bind(struct sock *sock, const struct sock_addr *local)
{
	struct sock_core *core = sock->app->core;

	if (local->port != 0 && sock_double_find(core, sock->proto, local->port) != NULL)
		return -EADDRINUSE;
	sock->local = *local;
	if (local->port == 0)
		sock->local.port = core->port_next++;
	return 0;
}

int
sock_listen(struct sock *sock, unsigned backlog)
{
	sock->is_listener = true;
	sock->backlog = backlog;
	return 0;
}

void
sock_double_refuse(struct sock_core *core, int error)
{
	core->refuse = error;
}

static void
connect_fail(struct sock *sock, int error)
{
	sock->error = error;
	sock->events |= SOCK_EVENT_ERROR;
}

static int
stream_connect(struct sock *sock, const struct sock_addr *to)
{
	struct sock_core *core = sock->app->core;
	struct sock *listener = sock_double_find(core, SOCK_TCP, to->port), *peer;

	if (core->refuse != 0 || listener == NULL || listener->waiting >= listener->backlog) {
		connect_fail(sock, core->refuse != 0 ? core->refuse : ECONNREFUSED);
		core->refuse = 0;
		return -EINPROGRESS;
	}
	peer = sock_create(listener->app, SOCK_TCP);
	peer->local = listener->local;
	peer->remote = sock->local;
	peer->peer = sock;
	peer->listener = listener;
	peer->is_connected = sock->is_connected = true;
	sock->peer = peer;
	sock->events |= SOCK_EVENT_WRITABLE;
	listener->waiting++;
	listener->events |= SOCK_EVENT_ACCEPTED;
	return -EINPROGRESS;
}

int
sock_connect(struct sock *sock, const struct sock_addr *peer)
{
	const struct sock_addr any = { .port = 0 };

	if (sock->local.port == 0)
		sock_bind(sock, &any);
	sock->remote = *peer;
	if (sock->proto == SOCK_TCP)
		return stream_connect(sock, peer);
	sock->is_connected = true;
	return 0;
}

int
sock_accept(struct sock *listener, struct sock **sock)
{
	const struct sock_core *core = listener->app->core;

	for (unsigned i = 0; i < core->count; i++) {
		if (core->socks[i]->listener != listener)
			continue;
		listener->waiting--;
		*sock = core->socks[i];
		(*sock)->listener = NULL;
		return 0;
	}
	return -EAGAIN;
}

static void
peer_end(struct sock *peer)
{
	peer->is_ended = true;
	peer->events |= SOCK_EVENT_READABLE;
}

int
sock_shutdown(struct sock *sock, enum sock_shutdown how)
{
	if (!sock->is_connected)
		return -ENOTCONN;
	if ((how & SOCK_SHUTDOWN_WRITE) != 0 && !sock->is_shut) {
		sock->is_shut = true;
		if (sock->peer != NULL)
			peer_end(sock->peer);
	}
	return 0;
}

static void
peer_leave(struct sock *sock)
{
	struct sock *peer = sock->peer;

	peer->peer = NULL;
	if (sock->length == 0) {
		peer_end(peer);
		return;
	}
	peer->length = 0;
	connect_fail(peer, ECONNRESET);
}

static void
core_remove(struct sock_core *core, struct sock *sock)
{
	unsigned i = 0;

	while (core->socks[i] != sock)
		i++;
	memmove(&core->socks[i], &core->socks[i + 1], (--core->count - i) * sizeof(struct sock *));
}

void
sock_close(struct sock *sock)
{
	struct sock_core *core = sock->app->core;
	struct datagram *d;

	for (unsigned i = core->count; i-- > 0 && sock->waiting > 0;) {
		if (core->socks[i]->listener == sock)
			sock_close(core->socks[i]);
	}
	if (sock->listener != NULL)
		sock->listener->waiting--;
	if (sock->peer != NULL)
		peer_leave(sock);
	while ((d = STAILQ_FIRST(&sock->datagrams)) != NULL) {
		STAILQ_REMOVE_HEAD(&sock->datagrams, entry);
		free(d);
	}
	core_remove(core, sock);
	free(sock->data);
	free(sock);
}

/* ---- options and names ---- */

uint32_t
sock_ready(const struct sock *sock)
{
	return sock->length > 0 || sock->is_ended ? SOCK_EVENT_READABLE : 0;
}

int
sock_option_set(struct sock *sock, enum sock_option option, int64_t value)
{
	return 0;
}

int
sock_option_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	switch (option) {
	case SOCK_OPT_ERROR: *value = sock->error; return 0;
	case SOCK_OPT_UNACKED:
		if (sock->peer == NULL)
			return -ENOTCONN;
		*value = (int64_t)sock->peer->length;
		return 0;
	default: return -ENOPROTOOPT;
	}
}

int
sock_local(const struct sock *sock, struct sock_addr *local)
{
	*local = sock->local;
	return 0;
}

int
sock_peer(const struct sock *sock, struct sock_addr *peer)
{
	*peer = sock->remote;
	return sock->is_connected ? 0 : -ENOTCONN;
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
