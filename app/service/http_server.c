/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server of HTTP/1.1 (RFC 9110, RFC 9112) for the files of a directory, which are in memory. This is
 * its instance on a worker: the listener, and the pool of connections (http_conn.c).
 */
#include "service/http_server.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct http_config *
http_config_create(const struct http_config *wanted, struct error *err)
{
	struct http_config *config = malloc(sizeof(*config));

	if (config == NULL) {
		error_set(err, ENOMEM, "no memory");
		return NULL;
	}
	*config = *wanted;
	if (http_files_load(config->directory, HTTP_FILES_BYTES, (uint64_t)time(NULL),
		    &config->files, err) < 0) {
		free(config);
		return NULL;
	}
	return config;
}

void
http_config_destroy(void *config)
{
	http_files_free(&((struct http_config *)config)->files);
	free(config);
}

/* The worker makes no system calls: it gets the time here, and counts on by its own clock. */
static int
server_create(struct sock_app *app, const void *service)
{
	struct http_server *server = app->state;

	server->config = ((const struct sock_service *)service)->options;
	server->conns = service_calloc(server->config->connections_max, sizeof(*server->conns));
	if (server->conns == NULL)
		return -ENOMEM;
	SLIST_INIT(&server->free);
	for (uint32_t i = server->config->connections_max; i > 0; i--)
		SLIST_INSERT_HEAD(&server->free, &server->conns[i - 1], entry);
	server->now_s = (uint64_t)time(NULL);
	return 0;
}

static void
server_destroy(struct sock_app *app)
{
	free(((struct http_server *)app->state)->conns);
}

uint64_t
http_server_now(const struct http_server *server)
{
	return server->now_s + (sock_now_ns(server->app->core) - server->start_ns) / NS_PER_S;
}

static int
server_start(struct sock_app *app, const void *service)
{
	struct http_server *server = app->state;

	server->app = app;
	server->start_ns = sock_now_ns(app->core);
	return service_tcp_listen(app, service);
}

/* Beyond the pool: the new one is refused, so that those that are there live on. */
static void
server_accept(struct http_server *server, struct sock *listener)
{
	struct http_conn *conn;
	struct sock *sock;

	while (sock_accept(listener, &sock) == 0) {
		conn = SLIST_FIRST(&server->free);
		if (conn == NULL) {
			counter_add(&server->counters.refused, 1);
			sock_close(sock);
			continue;
		}
		SLIST_REMOVE_HEAD(&server->free, entry);
		http_conn_open(server, conn, sock);
	}
}

static void
server_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct http_server *server = app->state;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) != 0)
			server_accept(server, events[i].sock);
		else
			http_conn_events(events[i].user, events[i].events);
	}
}

void
http_counters_sum(struct sock_app *const *apps, unsigned count, struct http_counters *sum)
{
	*sum = (struct http_counters){ 0 };
	for (unsigned i = 0; i < count; i++) {
		const struct http_server *server = apps[i]->state;
		const struct http_counters *c = &server->counters;

#define HTTP_COUNTER(name, help) sum->name += counter_read(&c->name);
		HTTP_COUNTERS(HTTP_COUNTER)
#undef HTTP_COUNTER
		sum->open += counter_read(&c->open);
	}
}

const struct sock_app_ops service_http = {
	.name = "http",
	.proto = SOCK_TCP,
	.state_size = sizeof(struct http_server),
	.create = server_create,
	.destroy = server_destroy,
	.start = server_start,
	.events = server_events,
};
