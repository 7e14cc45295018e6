/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the HTTP server share: an instance, and its connections. */
#ifndef SERVICE_HTTP_SERVER_H
#define SERVICE_HTTP_SERVER_H

#include "service/http.h"
#include "service/http_date.h"
#include "service/http_send.h"

/* Requests of one connection at a time, before others have their turn. */
#define HTTP_REQUESTS_A_TURN 16

struct http_conn {
	struct http_server *server;
	struct sock *sock;
	SLIST_ENTRY(http_conn) entry; /* while it is free */
	struct sock_timer timer;
	uint64_t deadline_ns; /* the timer may strike before, and is set again then */
	uint64_t timer_ns;
	uint32_t requests;
	uint64_t sent; /* bytes that the socket was given */
	uint64_t taken; /* of these, what the peer had when the wait for it began */
	uint32_t body_left; /* of the last request's body, which is read past */
	uint32_t begin, end; /* of what is in data[] */
	uint32_t scanned; /* bytes from begin on in which no header ends */
	bool is_sending, is_ending; /* ending: all was sent, and the peer's end is waited for */
	struct http_send send;
	char data[HTTP_HEADER_MAX];
};

SLIST_HEAD(http_conn_list, http_conn);

struct http_server {
	struct sock_app *app;
	const struct http_config *config;
	struct http_conn *conns; /* [connections_max] */
	struct http_conn_list free;
	uint64_t start_ns; /* of the worker's clock, when it was now_s */
	uint64_t now_s;
	uint64_t dated_s; /* of which the date is */
	char date[HTTP_DATE_LENGTH];
	struct http_counters counters;
};

/* Seconds since 1970. */
uint64_t http_server_now(const struct http_server *server);

/* http_conn.c. It takes the socket over. */
void http_conn_open(struct http_server *server, struct http_conn *conn, struct sock *sock);
void http_conn_events(struct http_conn *conn, uint32_t events);

#endif
