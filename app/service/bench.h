/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Load for measuring, and who answers it: bench_client.c and bench_server.c. For those who start them
 * and show what came of it.
 */
#ifndef SERVICE_BENCH_H
#define SERVICE_BENCH_H

#include "base/histogram.h"
#include "service/service.h"

enum bench_mode {
	BENCH_SEND, /* a stream to the server */
	BENCH_RECEIVE, /* a stream from the server */
	BENCH_RR, /* a request and its response, again and again on each connection */
	BENCH_CRR, /* connect, one request and its response, close; and again */
	BENCH_HOLD, /* open connections, and keep them */
	BENCH_MODE_COUNT
};

/* "rr", and so on. NULL: there is no such mode */
const char *bench_mode_name(unsigned mode);

#define BENCH_PORT            5201
#define BENCH_CONNECTIONS_MAX 1048576
#define BENCH_SIZE_MAX        (1U << 30)
/* Of SCTP: */
#define BENCH_ADDRS_MAX   SCTP_ADDRS_MAX /* of ours and of the peer */
#define BENCH_STREAMS_MAX 1024
#define BENCH_MESSAGE_MAX (1U << 20)
/* Requests under way of a client, one a stream of each of its associations. */
#define BENCH_REQUESTS_MAX 1048576
/* Associations whose messages a worker of the server, or of the client, looks at. */
#define BENCH_CHECKS_MAX 1024

struct bench_config {
	enum bench_mode mode;
	enum sock_proto proto; /* SOCK_UDP: BENCH_RR only */
	/*
	 * BENCH_SEND and BENCH_RECEIVE: a pattern, and the receiver looks at it. Of SCTP BENCH_RR
	 * and BENCH_CRR, too: messages are whole, come once, and in the order of their streams.
	 */
	bool verify;
	bool raw; /* the server is none of ours: it discards, generates, or echoes what it gets */
	struct sock_addr peers[BENCH_ADDRS_MAX]; /* one host's; several: of SCTP */
	struct sock_addr locals[BENCH_ADDRS_MAX]; /* of SCTP; none: as the way says, or all */
	unsigned peer_count, local_count;
	uint32_t connections; /* of all workers together */
	uint32_t request_bytes, response_bytes; /* of SCTP: of a message, in all modes */
	uint16_t streams; /* of SCTP: of each association */
	bool unordered; /* likewise */
	uint32_t ppid_be; /* likewise */
	uint8_t pr_policy; /* of SCTP in BENCH_SEND: enum sctp_pr_policy; 0: as settings say */
	uint32_t pr_value;
	uint64_t stream_bytes; /* of BENCH_SEND and BENCH_RECEIVE: of each connection; 0: no end */
	uint64_t duration_ns; /* from the first connection on */
	uint32_t keepalive_ms; /* of silence before a probe, and from one to the next; 0: none */
	unsigned worker_count;
};

/* What a client has counted. Written by its worker, read by all. */
struct bench_counters {
	uint64_t opened, failed; /* connections; failed: not opened, or ended by the other side */
	uint64_t transactions; /* responses that came whole */
	uint64_t lost; /* datagrams without an answer, which were sent again */
	uint64_t bytes_sent, bytes_received;
	uint64_t bytes_wrong; /* of these, where they are verified */
	uint64_t messages_sent, messages_received; /* of SCTP */
	/* Of these, where they are verified: lost, again, misplaced, or not what belongs there. */
	uint64_t messages_wrong;
	uint64_t
		messages_abandoned; /* partially reliable ones, of those sent: they may not arrive */
	uint64_t ended; /* streams that were as long as asked */
	uint64_t open; /* connections, now */
	uint64_t elapsed_ns; /* since the first connection was there */
};

/* Of all workers together. */
struct bench_result {
	struct bench_counters counters; /* elapsed_ns: of the one that began first */
	bool is_done; /* on all workers */
	struct histogram latency; /* nanoseconds: connecting, a transaction, or both */
};

/* What a server has counted. */
struct bench_server_counters {
	uint64_t connections, refused; /* refused: beyond the limit */
	uint64_t open;
	uint64_t responses;
	uint64_t bytes_sent, bytes_received;
	uint64_t bytes_wrong; /* of these, where they are verified */
	uint64_t messages_sent, messages_received, messages_wrong; /* as a client's */
	uint64_t bad; /* connections and datagrams that say nothing that it understands */
	uint64_t timeouts; /* connections that say nothing at all */
};

void bench_result_collect(
	struct sock_app *const *apps, unsigned count, struct bench_result *result);
void bench_server_collect(
	struct sock_app *const *apps, unsigned count, struct bench_server_counters *sum);

#endif
