/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server of a bench: it does what the first bytes of a connection ask for (bench_hello.h), until the
 * client ends. Datagrams are answered one by one, and never with more than came: a forged one would
 * have others flooded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/bench_server.h"

/* So long the hello may take to come. */
#define HELLO_NS          10000000000ULL
#define KEEPALIVE_IDLE_MS 60000

static int
server_create(struct sock_app *app, const void *service)
{
	struct bench_server *server = app->state;

	server->conns = calloc(BENCH_CONNECTIONS_MAX, sizeof(*server->conns));
	return server->conns != NULL ? bench_sctp_create(server) : -ENOMEM;
}

static void
server_destroy(struct sock_app *app)
{
	struct bench_server *server = app->state;

	bench_sctp_destroy(server);
	free(server->conns);
}

/* ---- connections ---- */

static void
conn_close(struct bench_server *server, struct bench_conn *conn)
{
	sock_close(conn->sock);
	if (!conn->is_told)
		TAILQ_REMOVE(&server->untold, conn, first.entry);
	else if (conn->is_sctp)
		bench_sctp_end(server, conn);
	SLIST_INSERT_HEAD(&server->free, conn, entry);
	counter_add(&server->counters.open, (uint64_t)-1);
}

void
bench_conn_told(
	struct bench_server *server, struct bench_conn *conn, const struct bench_hello *hello)
{
	TAILQ_REMOVE(&server->untold, conn, first.entry);
	conn->is_told = true;
	conn->hello = *hello;
}

/* @return 0, once it is whole, or -errno */
static int
conn_hear(struct bench_server *server, struct bench_conn *conn)
{
	struct bench_hello hello;
	int64_t n;

	while (conn->heard < BENCH_HELLO_LENGTH) {
		n = sock_receive(conn->sock, conn->first.data + conn->heard,
			(size_t)(BENCH_HELLO_LENGTH - conn->heard), NULL);
		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		conn->heard = (uint8_t)(conn->heard + n);
	}
	if (!bench_hello_parse(conn->first.data, &hello)) {
		counter_add(&server->counters.bad, 1);
		return -EPROTO;
	}
	bench_conn_told(server, conn, &hello);
	conn->request_left = hello.request_bytes;
	conn->response_left = 0;
	conn->stream = (struct bench_stream){ .place = 0 };
	return 0;
}

/* NULL: nobody looks at what it sends, or receives. */
static struct bench_stream *
conn_stream(struct bench_conn *conn)
{
	return conn->hello.verify ? &conn->stream : NULL;
}

static int
conn_send(struct bench_server *server, struct bench_conn *conn, uint64_t length)
{
	uint64_t done;
	int rc = bench_stream_send(conn->sock, conn_stream(conn), length, &done);

	counter_add(&server->counters.bytes_sent, done);
	if (conn->response_left > 0)
		conn->response_left -= done;
	return rc;
}

static int
conn_receive(struct bench_server *server, struct bench_conn *conn, uint64_t length, uint64_t *done)
{
	int rc = bench_stream_receive(conn->sock, conn_stream(conn), length, done);

	counter_add(&server->counters.bytes_received, *done);
	if (conn->hello.verify) {
		counter_add(&server->counters.bytes_wrong, conn->stream.wrong);
		conn->stream.wrong = 0;
	}
	return rc;
}

/* A part of a response, or of a request. @return 0: there may be more to do; or -errno */
static int
conn_respond(struct bench_server *server, struct bench_conn *conn)
{
	uint64_t done;
	int rc;

	if (conn->response_left > 0)
		return conn_send(
			server, conn, RTE_MIN(conn->response_left, (uint64_t)BENCH_TURN_BYTES));
	rc = conn_receive(server, conn, RTE_MIN(conn->request_left, BENCH_TURN_BYTES), &done);
	conn->request_left -= (uint32_t)done;
	if (conn->request_left == 0) {
		conn->request_left = conn->hello.request_bytes;
		conn->response_left = conn->hello.response_bytes;
		counter_add(&server->counters.responses, 1);
	}
	return rc;
}

static int
conn_step(struct bench_server *server, struct bench_conn *conn)
{
	uint64_t done;

	if (conn->is_sctp)
		return bench_sctp_step(server, conn);
	if (!conn->is_told)
		return conn_hear(server, conn);
	switch (conn->hello.mode) {
	case BENCH_RR:
	case BENCH_CRR: return conn_respond(server, conn);
	case BENCH_RECEIVE: return conn_send(server, conn, BENCH_TURN_BYTES);
	case BENCH_SEND:
	case BENCH_HOLD:
	default: return conn_receive(server, conn, BENCH_TURN_BYTES, &done);
	}
}

/* Requests and their responses are steps: so many, then others have their turn. */
static void
conn_run(struct bench_server *server, struct bench_conn *conn)
{
	int rc = 0;

	for (unsigned steps = 0; rc == 0 && steps < 16; steps++)
		rc = conn_step(server, conn);
	if (rc == 0)
		sock_event_again(conn->sock, SOCK_EVENT_READABLE);
	else if (rc != -EAGAIN)
		conn_close(server, conn);
}

/* Who connects and does not say what is wanted goes. */
static void
hello_strike(struct sock_app *app, struct sock_timer *timer)
{
	struct bench_server *server = app->state;
	struct bench_conn *conn;

	while ((conn = TAILQ_FIRST(&server->untold)) != NULL &&
		conn->first.deadline_ns <= sock_now_ns(app->core)) {
		counter_add(&server->counters.timeouts, 1);
		conn_close(server, conn);
	}
	if (conn != NULL)
		sock_timer_set(app, timer, conn->first.deadline_ns);
}

static struct bench_conn *
conn_alloc(struct bench_server *server)
{
	struct bench_conn *conn = SLIST_FIRST(&server->free);

	if (conn != NULL) {
		SLIST_REMOVE_HEAD(&server->free, entry);
		return conn;
	}
	return server->used < BENCH_CONNECTIONS_MAX ? &server->conns[server->used++] : NULL;
}

static void
conn_open(struct sock_app *app, struct bench_conn *conn, struct sock *sock)
{
	struct bench_server *server = app->state;

	*conn = (struct bench_conn){ .sock = sock,
		.is_sctp = sock_proto(sock) == SOCK_SCTP,
		.first.deadline_ns = sock_now_ns(app->core) + HELLO_NS };
	TAILQ_INSERT_TAIL(&server->untold, conn, first.entry);
	if (!sock_timer_is_set(&server->timer))
		sock_timer_set(app, &server->timer, conn->first.deadline_ns);
	sock_user_set(sock, conn);
	sock_option_set(sock, SOCK_OPT_NODELAY, 1);
	/* Who has gone without a word does not stay for ever; of SCTP heartbeats find out. */
	sock_option_set(sock, SOCK_OPT_KEEPALIVE_IDLE, KEEPALIVE_IDLE_MS);
	sock_option_set(sock, SOCK_OPT_KEEPALIVE, 1);
	counter_add(&server->counters.connections, 1);
	counter_add(&server->counters.open, 1);
	conn_run(server, conn);
}

static void
server_accept(struct sock_app *app, struct sock *listener)
{
	struct bench_server *server = app->state;
	struct bench_conn *conn;
	struct sock *sock;

	while (sock_accept(listener, &sock) == 0) {
		conn = conn_alloc(server);
		if (conn == NULL) {
			counter_add(&server->counters.refused, 1);
			sock_close(sock);
			continue;
		}
		conn_open(app, conn, sock);
	}
}

/* ---- datagrams ---- */

/* @return whether it is to be sent back, as it is now */
static bool
datagram_answer(struct bench_server *server, struct sock_msg *msg)
{
	uint8_t data[BENCH_HELLO_LENGTH];
	uint32_t length = msg->pkt->pkt_len, wanted;
	struct bench_hello hello = { .response_bytes = 0 };

	counter_add(&server->counters.bytes_received, length);
	if (length >= BENCH_DATAGRAM_LENGTH)
		pkt_copy_out(msg->pkt, 0, sizeof(data), data);
	if (length < BENCH_DATAGRAM_LENGTH || !bench_hello_parse(data, &hello) ||
		hello.mode != BENCH_RR || !service_udp_may_answer(msg) ||
		msg->pkt->data_len < BENCH_HELLO_LENGTH) {
		counter_add(&server->counters.bad, 1);
		return false;
	}
	wanted = RTE_MAX(hello.response_bytes, (uint32_t)BENCH_DATAGRAM_LENGTH);
	if (length > wanted)
		pkt_trim(msg->pkt, length - wanted);
	bench_hello_answer(rte_pktmbuf_mtod(msg->pkt, uint8_t *));
	counter_add(&server->counters.responses, 1);
	counter_add(&server->counters.bytes_sent, msg->pkt->pkt_len);
	return true;
}

/* From the address that was asked. One that cannot be sent is lost, as others are on the way. */
static void
datagrams_run(struct bench_server *server)
{
	struct sock_msg msgs[SOCK_BATCH];
	int n;

	while ((n = sock_receive_msgs(server->datagrams, msgs, SOCK_BATCH)) > 0) {
		for (int i = 0; i < n; i++) {
			if (!datagram_answer(server, &msgs[i]) ||
				sock_send_msgs(server->datagrams, &msgs[i], 1) != 1)
				rte_pktmbuf_free(msgs[i].pkt);
		}
	}
}

static int
server_start(struct sock_app *app, const void *service)
{
	struct bench_server *server = app->state;
	int rc = service_tcp_listen(app, service);

	SLIST_INIT(&server->free);
	TAILQ_INIT(&server->untold);
	server->timer.strike = hello_strike;
	if (rc == 0)
		rc = bench_sctp_listen(app, service);
	return rc < 0 ? rc : service_udp_open(app, service, &server->datagrams);
}

static void
server_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct bench_server *server = app->state;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if ((events[i].events & SOCK_EVENT_ACCEPTED) != 0)
			server_accept(app, events[i].sock);
		else if (events[i].sock == server->datagrams)
			datagrams_run(server);
		else
			conn_run(server, events[i].user);
	}
}

void
bench_server_collect(
	struct sock_app *const *apps, unsigned count, struct bench_server_counters *sum)
{
	*sum = (struct bench_server_counters){ 0 };
	for (unsigned i = 0; i < count; i++) {
		const struct bench_server *server = apps[i]->state;
		const uint64_t *from = (const uint64_t *)&server->counters;
		uint64_t *to = (uint64_t *)sum;

		for (unsigned j = 0; j < sizeof(*sum) / sizeof(*to); j++)
			to[j] += counter_read(&from[j]);
	}
}

const struct sock_app_ops service_bench_server = {
	.name = "bench-server",
	.proto = SOCK_PROTO_COUNT,
	.state_size = sizeof(struct bench_server),
	.create = server_create,
	.destroy = server_destroy,
	.start = server_start,
	.events = server_events,
};
