/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection of the HTTP server: it reads requests into its buffer and sends the answers, in order
 * (RFC 9112 9.3.2). Whatever it waits for, it waits so long and no longer.
 */
#include "service/http_server.h"

#include <errno.h>

/* How long a request may take to come, an answer to be taken on, and the peer to end. */
#define HEADER_S 10
#define SEND_S   30
#define ENDING_S 2
/* The peer acknowledges so many bytes of an answer in that time: one now and then holds no connection. */
#define SEND_LEAST (240 * SEND_S)

static uint64_t *
status_counter(struct http_counters *counters, uint16_t status)
{
	switch (status) {
	case 200: return &counters->ok;
	case 206: return &counters->partial;
	case 301: return &counters->redirected;
	case 304: return &counters->not_modified;
	default: return status < 500 ? &counters->client_errors : &counters->server_errors;
	}
}

static void
conn_close(struct http_conn *conn)
{
	struct http_server *server = conn->server;

	sock_timer_clear(&conn->timer);
	sock_close(conn->sock);
	conn->sock = NULL;
	SLIST_INSERT_HEAD(&server->free, conn, entry);
	counter_add(&server->counters.open, (uint64_t)-1);
}

/* Whether nothing of a request has come yet. */
static bool
conn_is_idle(const struct http_conn *conn)
{
	return conn->begin == conn->end && conn->body_left == 0;
}

/* ---- time ---- */

/* The timer moves only if it would strike too late: so most requests leave it alone. */
static void
conn_wait(struct http_conn *conn, uint64_t seconds)
{
	struct sock_app *app = conn->server->app;

	conn->deadline_ns = sock_now_ns(app->core) + seconds * NS_PER_S;
	if (sock_timer_is_set(&conn->timer) && conn->timer_ns <= conn->deadline_ns)
		return;
	conn->timer_ns = conn->deadline_ns;
	sock_timer_set(app, &conn->timer, conn->timer_ns);
}

/* RFC 9112 9.6: who closes first reads on, so that no reset overtakes the last answer. */
static void
conn_end(struct http_conn *conn)
{
	conn->is_ending = true;
	if (sock_shutdown(conn->sock, SOCK_SHUTDOWN_WRITE) < 0)
		conn_close(conn);
	else
		conn_wait(conn, ENDING_S);
}

/* ---- answers ---- */

static const char *
server_date(struct http_server *server)
{
	uint64_t now = http_server_now(server);

	if (now != server->dated_s) {
		http_date_build(now, server->date);
		server->dated_s = now;
	}
	return server->date;
}

/* How much of what the socket was given the peer has. Its room is told of too seldom to say that. */
static uint64_t
conn_taken(const struct http_conn *conn)
{
	int64_t unacked;

	if (sock_option_get(conn->sock, SOCK_OPT_UNACKED, &unacked) < 0)
		return conn->taken;
	return conn->sent - (uint64_t)unacked;
}

static void
conn_send_wait(struct http_conn *conn)
{
	conn->taken = conn_taken(conn);
	conn_wait(conn, SEND_S);
}

/* @return whether it can go on: all is sent, and the connection stays */
static bool
conn_send(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	uint64_t sent = 0;
	int rc = http_send_run(&conn->send, conn->sock, &sent);

	counter_add(&server->counters.bytes, sent);
	conn->sent += sent;
	if (rc == -EAGAIN) {
		if (!conn->is_sending)
			conn_send_wait(conn);
		conn->is_sending = true;
		return false;
	}
	conn->is_sending = false;
	if (rc < 0)
		conn_close(conn);
	else if (!conn->send.response.persist)
		conn_end(conn);
	else
		conn_wait(conn, conn_is_idle(conn) ? server->config->idle_s : HEADER_S);
	return rc == 0 && conn->send.response.persist;
}

static bool
conn_answer(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct http_response *response = &conn->send.response;

	conn->requests++;
	if (conn->requests >= server->config->requests_max)
		response->persist = false;
	counter_add(&server->counters.requests, 1);
	counter_add(status_counter(&server->counters, response->status), 1);
	http_send_begin(&conn->send, server_date(server));
	return conn_send(conn);
}

static bool
conn_refuse(struct http_conn *conn, int status)
{
	http_response_refuse(&conn->send.response, status);
	return conn_answer(conn);
}

/* ---- requests ---- */

/* What belongs to no header: a body that nobody wants, and empty lines. */
static void
data_skip(struct http_conn *conn)
{
	uint32_t length = conn->end - conn->begin;
	uint32_t body = conn->body_left < length ? conn->body_left : length;

	conn->begin += body;
	conn->body_left -= body;
	if (conn->scanned == 0)
		conn->begin += http_empty_lines(conn->data + conn->begin, length - body);
}

/* @return whether there was a request, and its answer is sent */
static bool
conn_request(struct http_conn *conn)
{
	struct http_request request;
	const char *data;
	int length, status;

	data_skip(conn);
	data = conn->data + conn->begin;
	length = http_header_find(data, conn->end - conn->begin, &conn->scanned);
	if (length == 0)
		return false;
	conn->scanned = 0;
	if (length < 0)
		return conn_refuse(conn, -length);
	status = http_parse(data, (uint32_t)length, &request);
	if (status != 0)
		return conn_refuse(conn, status);
	http_response_decide(&conn->send.response, &request, &conn->server->config->files,
		http_server_now(conn->server));
	conn->begin += (uint32_t)length;
	conn->body_left = (uint32_t)request.body_length;
	return conn_answer(conn);
}

/* @return whether something came */
static bool
conn_receive(struct http_conn *conn)
{
	const bool was_idle = conn_is_idle(conn);
	int64_t n;

	conn->end -= conn->begin;
	memmove(conn->data, conn->data + conn->begin, conn->end);
	conn->begin = 0;
	n = sock_receive(conn->sock, conn->data + conn->end, sizeof(conn->data) - conn->end, NULL);
	if (n == -EAGAIN)
		return false;
	/* The peer has ended: it asks for nothing more, and has all its answers. */
	if (n <= 0) {
		conn_close(conn);
		return false;
	}
	conn->end += (uint32_t)n;
	/* Empty lines in front of a request are none: who sends but these goes on being idle. */
	if (was_idle)
		data_skip(conn);
	if (was_idle && !conn_is_idle(conn))
		conn_wait(conn, HEADER_S);
	return true;
}

/* Only its end is waited for. */
static void
conn_drain(struct http_conn *conn)
{
	int64_t n;

	for (unsigned i = 0; i < HTTP_REQUESTS_A_TURN; i++) {
		n = sock_receive(conn->sock, conn->data, sizeof(conn->data), NULL);
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			conn_close(conn);
			return;
		}
	}
	sock_event_again(conn->sock, SOCK_EVENT_READABLE);
}

static void
conn_run(struct http_conn *conn)
{
	for (unsigned i = 0; i < HTTP_REQUESTS_A_TURN; i++) {
		if (conn_request(conn))
			continue;
		if (conn->sock == NULL || conn->is_sending || conn->is_ending)
			return;
		if (!conn_receive(conn))
			return;
	}
	sock_event_again(conn->sock, SOCK_EVENT_READABLE);
}

void
http_conn_events(struct http_conn *conn, uint32_t events)
{
	if ((events & (SOCK_EVENT_ERROR | SOCK_EVENT_CLOSED)) != 0 &&
		(events & SOCK_EVENT_READABLE) == 0) {
		conn_close(conn);
		return;
	}
	if (conn->is_sending && !conn_send(conn))
		return;
	if (conn->is_ending)
		conn_drain(conn);
	else
		conn_run(conn);
}

/* Whoever sent a part of a request is told why it is not answered: RFC 9110 15.5.9. */
static void
conn_strike(struct sock_app *app, struct sock_timer *timer)
{
	struct http_conn *conn =
		(struct http_conn *)((char *)timer - offsetof(struct http_conn, timer));

	if (sock_now_ns(app->core) < conn->deadline_ns) {
		conn->timer_ns = conn->deadline_ns;
		sock_timer_set(app, timer, conn->timer_ns);
		return;
	}
	if (conn->is_sending && conn_taken(conn) - conn->taken >= SEND_LEAST) {
		conn_send_wait(conn);
		return;
	}
	counter_add(&conn->server->counters.timeouts, 1);
	if (!conn->is_sending && !conn->is_ending && conn->end > conn->begin)
		conn_refuse(conn, 408);
	else
		conn_close(conn);
}

void
http_conn_open(struct http_server *server, struct http_conn *conn, struct sock *sock)
{
	conn->server = server;
	conn->sock = sock;
	conn->timer = (struct sock_timer){ .strike = conn_strike };
	conn->requests = 0;
	conn->sent = conn->taken = 0;
	conn->body_left = conn->begin = conn->end = conn->scanned = 0;
	conn->is_sending = conn->is_ending = false;
	sock_user_set(sock, conn);
	/* The end of an answer does not wait for the acknowledgment of what came before. */
	sock_option_set(sock, SOCK_OPT_NODELAY, 1);
	counter_add(&server->counters.connections, 1);
	counter_add(&server->counters.open, 1);
	conn_wait(conn, HEADER_S);
	conn_run(conn);
}
