/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Associations of a bench server. The first message of each says what is to be done (bench_hello.h); then
 * messages are taken, sent, or each answered by one. Called by bench_server.c, which has the
 * connections.
 */
#include "service/bench_server.h"

#include <errno.h>
#include <stdlib.h>

/* Of a step, before others have their turn. */
#define TURN_MESSAGES 256

int
bench_sctp_create(struct bench_server *server)
{
	struct bench_server_sctp *sctp = &server->sctp;

	SLIST_INIT(&sctp->free);
	sctp->message = service_calloc(1, BENCH_MESSAGE_MAX);
	sctp->zeros = service_calloc(1, BENCH_MESSAGE_MAX);
	sctp->checks = calloc(BENCH_CHECKS_MAX, sizeof(*sctp->checks));
	return sctp->message != NULL && sctp->zeros != NULL && sctp->checks != NULL ? 0 : -ENOMEM;
}

void
bench_sctp_destroy(struct bench_server *server)
{
	free(server->sctp.message);
	free(server->sctp.zeros);
	free(server->sctp.checks);
}

int
bench_sctp_listen(struct sock_app *app, const struct sock_service *service)
{
	return service_sctp_listen_with(app, service, BENCH_STREAMS_MAX);
}

/* ---- who is looked at ---- */

static struct bench_check *
check_take(struct bench_server_sctp *sctp)
{
	struct bench_check *check = SLIST_FIRST(&sctp->free);

	if (check != NULL)
		SLIST_REMOVE_HEAD(&sctp->free, entry);
	else if (sctp->used < BENCH_CHECKS_MAX)
		check = &sctp->checks[sctp->used++];
	if (check != NULL)
		bench_check_init(check);
	return check;
}

static bool
is_checked(const struct bench_hello *hello)
{
	return hello->verify && hello->mode != BENCH_RECEIVE && hello->mode != BENCH_HOLD;
}

void
bench_sctp_end(struct bench_server *server, struct bench_conn *conn)
{
	if (conn->reader.check != NULL)
		SLIST_INSERT_HEAD(&server->sctp.free, conn->reader.check, entry);
}

/* Nothing else is sent before. @return 0 or -errno; -EAGAIN: others have what it takes, it is still owed */
static int
hello_answer(struct bench_conn *conn)
{
	const struct sock_sctp_info info = { .ppid_be = conn->ppid_be };
	uint8_t data[BENCH_SCTP_HELLO_LENGTH];
	int64_t n;

	bench_sctp_hello_build(&conn->hello, data);
	bench_hello_answer(data);
	n = sock_sctp_send(conn->sock, data, sizeof(data), &info, NULL);
	if (n < 0)
		return (int)n;
	conn->owes = BENCH_OWES_NOTHING;
	return 0;
}

/* It is the first message, and whole. @return 0 or -errno */
static int
conn_hear(struct bench_server *server, struct bench_conn *conn)
{
	uint8_t data[BENCH_SCTP_HELLO_LENGTH + 1];
	struct bench_check *check = NULL;
	struct bench_hello hello;
	struct sock_sctp_info info;
	int64_t n = sock_sctp_receive(conn->sock, data, sizeof(data), &info, NULL);

	if (n <= 0)
		return n < 0 ? (int)n : -EPIPE;
	if (n != BENCH_SCTP_HELLO_LENGTH || (info.flags & SOCK_SCTP_EOR) == 0 ||
		!bench_sctp_hello_parse(data, &hello)) {
		counter_add(&server->counters.bad, 1);
		return -EPROTO;
	}
	if (is_checked(&hello)) {
		check = check_take(&server->sctp);
		if (check == NULL) {
			counter_add(&server->counters.refused, 1);
			return -ENOBUFS;
		}
	}
	bench_conn_told(server, conn, &hello);
	conn->ppid_be = info.ppid_be;
	conn->owes = bench_sctp_hello_waits(&hello) ? BENCH_OWES_HELLO : BENCH_OWES_NOTHING;
	conn->sent = 0;
	conn->reader = (struct bench_reader){ .check = check, .unordered = hello.unordered };
	bench_message_room(conn->sock, hello.response_bytes);
	return 0;
}

/* ---- messages ---- */

static int
message_send(struct bench_server *server, const struct bench_conn *conn, uint64_t number,
	uint16_t stream)
{
	const uint32_t length = conn->hello.response_bytes;
	const struct sock_sctp_info info = { .stream = stream,
		.ppid_be = conn->ppid_be,
		.flags = conn->hello.unordered ? SOCK_SCTP_UNORDERED : 0 };
	int64_t n;

	if (conn->hello.verify)
		bench_message_fill(number, stream, server->sctp.message, length);
	n = sock_sctp_send(conn->sock,
		conn->hello.verify ? server->sctp.message : server->sctp.zeros, length, &info,
		NULL);
	if (n < 0)
		return (int)n;
	counter_add(&server->counters.messages_sent, 1);
	counter_add(&server->counters.bytes_sent, length);
	return 0;
}

/* A part of one. @return 1: it was its last; 0: there is more of it; or -errno */
static int
message_receive(struct bench_server *server, struct bench_conn *conn)
{
	struct sock_sctp_info info;
	uint64_t wrong;
	int64_t n =
		sock_sctp_receive(conn->sock, server->sctp.message, BENCH_MESSAGE_MAX, &info, NULL);

	if (n <= 0) {
		if (n == 0 && conn->reader.check != NULL && conn->hello.unordered)
			counter_add(&server->counters.messages_wrong,
				bench_check_missing(conn->reader.check));
		return n < 0 ? (int)n : -EPIPE;
	}
	wrong = bench_reader_take(&conn->reader, server->sctp.message, (uint32_t)n, &info,
		conn->hello.mode == BENCH_HOLD ? 0 : conn->hello.request_bytes);
	counter_add(&server->counters.bytes_received, (uint64_t)n);
	counter_add(&server->counters.messages_wrong, wrong);
	if ((info.flags & SOCK_SCTP_EOR) == 0)
		return 0;
	counter_add(&server->counters.messages_received, 1);
	return 1;
}

/* @return 0, or why there are no more */
static int
messages_receive(struct bench_server *server, struct bench_conn *conn)
{
	int rc = 0;

	for (unsigned i = 0; rc >= 0 && i < TURN_MESSAGES; i++)
		rc = message_receive(server, conn);
	return RTE_MIN(rc, 0);
}

static int
messages_send(struct bench_server *server, struct bench_conn *conn)
{
	const uint16_t streams = conn->hello.streams;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < TURN_MESSAGES; i++) {
		const uint16_t stream = (uint16_t)(conn->sent % streams);

		rc = message_send(server, conn,
			conn->hello.unordered ? conn->sent : conn->sent / streams, stream);
		conn->sent += rc == 0;
	}
	return rc;
}

/* What comes next stays where it is until this was answered. */
static int
message_answer(struct bench_server *server, struct bench_conn *conn)
{
	int rc;

	if (conn->owes == BENCH_OWES_NOTHING) {
		rc = message_receive(server, conn);
		if (rc <= 0)
			return rc;
		conn->owes = BENCH_OWES_RESPONSE;
	}
	rc = message_send(server, conn, conn->reader.number, conn->reader.stream);
	if (rc < 0)
		return rc;
	conn->owes = BENCH_OWES_NOTHING;
	counter_add(&server->counters.responses, 1);
	return 0;
}

static int
messages_answer(struct bench_server *server, struct bench_conn *conn)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < TURN_MESSAGES; i++)
		rc = message_answer(server, conn);
	return rc;
}

/* What has come is looked at first: the peer may have ended. */
static int
conn_generate(struct bench_server *server, struct bench_conn *conn)
{
	int rc = messages_receive(server, conn);

	return rc == 0 || rc == -EAGAIN ? messages_send(server, conn) : rc;
}

int
bench_sctp_step(struct bench_server *server, struct bench_conn *conn)
{
	if (!conn->is_told)
		return conn_hear(server, conn);
	if (conn->owes == BENCH_OWES_HELLO)
		return hello_answer(conn);
	switch (conn->hello.mode) {
	case BENCH_RR:
	case BENCH_CRR: return messages_answer(server, conn);
	case BENCH_RECEIVE: return conn_generate(server, conn);
	case BENCH_SEND:
	case BENCH_HOLD:
	default: return messages_receive(server, conn);
	}
}
