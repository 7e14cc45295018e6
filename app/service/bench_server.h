/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the bench server share: its instance on a worker, and its connections. */
#ifndef SERVICE_BENCH_SERVER_H
#define SERVICE_BENCH_SERVER_H

#include "service/bench_message.h"
#include "service/bench_stream.h"

/* What an association waits for its turn to be sent. */
enum bench_debt {
	BENCH_OWES_NOTHING,
	BENCH_OWES_HELLO, /* the answer to it */
	BENCH_OWES_RESPONSE, /* to the reader's message */
};

/* BENCH_CONNECTIONS_MAX of a worker: they have memory only once they were there. */
struct bench_conn {
	struct sock *sock;
	uint8_t heard; /* bytes of the hello */
	bool is_told; /* it is whole */
	bool is_sctp;
	uint8_t owes; /* of SCTP: enum bench_debt */
	uint32_t ppid_be; /* of SCTP: as its hello's */
	union {
		SLIST_ENTRY(bench_conn) entry; /* while it is free */
		struct {
			TAILQ_ENTRY(bench_conn) entry; /* of those that wait equally long */
			uint64_t deadline_ns;
			uint8_t data[BENCH_HELLO_LENGTH];
		} first; /* until it is told */
		struct {
			struct bench_hello hello;
			union {
				struct {
					uint32_t request_left;
					uint64_t response_left;
					struct bench_stream stream; /* if it is verified */
				};
				struct { /* of SCTP */
					struct bench_reader reader;
					uint64_t sent; /* messages of BENCH_RECEIVE */
				};
			};
		};
	};
};

_Static_assert(sizeof(struct bench_conn) <= 64, "a million of them");

SLIST_HEAD(bench_conn_list, bench_conn);
TAILQ_HEAD(bench_conn_queue, bench_conn);

/* What associations share: bench_server_sctp.c's */
struct bench_server_sctp {
	struct bench_check *checks; /* [BENCH_CHECKS_MAX] */
	uint32_t used; /* of these: the others were never needed */
	SLIST_HEAD(, bench_check) free;
	uint8_t *message; /* BENCH_MESSAGE_MAX bytes: what comes or goes */
	uint8_t *zeros; /* as many: what goes if nobody looks at it */
};

struct bench_server {
	struct sock *datagrams;
	struct bench_conn *conns;
	uint32_t used; /* of conns[]: the others were never needed */
	struct bench_conn_list free;
	struct bench_conn_queue untold; /* by deadline */
	struct sock_timer timer; /* of the first of these */
	struct bench_server_sctp sctp;
	struct bench_server_counters counters;
};

/* It has said what it wants. */
void bench_conn_told(
	struct bench_server *server, struct bench_conn *conn, const struct bench_hello *hello);

/* bench_server_sctp.c. @return 0 or -errno @{ */
int bench_sctp_create(struct bench_server *server);
int bench_sctp_listen(struct sock_app *app, const struct sock_service *service);
/* Something of what an association asks for. @return 0: there may be more to do; or -errno */
int bench_sctp_step(struct bench_server *server, struct bench_conn *conn);
/* @} */
/* It is closed, and was told. */
void bench_sctp_end(struct bench_server *server, struct bench_conn *conn);
void bench_sctp_destroy(struct bench_server *server);

#endif
