/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the bench client share: its instance on a worker. */
#ifndef SERVICE_BENCH_CLIENT_H
#define SERVICE_BENCH_CLIENT_H

#include "service/bench_hello.h"
#include "service/bench_stream.h"

enum bench_link_state { BENCH_LINK_CLOSED, BENCH_LINK_CONNECTING, BENCH_LINK_OPEN };

/* One of its connections. */
struct bench_link {
	STAILQ_ENTRY(bench_link) entry; /* while it is closed */
	struct sock *sock;
	enum bench_link_state state;
	uint8_t hello_left; /* bytes to be sent */
	uint32_t request_left;
	uint32_t response_left;
	uint64_t since_ns; /* when it began to connect, or its request */
	uint64_t number; /* of the datagram */
	uint64_t stream_left; /* bytes, of a stream that has an end */
	struct bench_stream stream; /* if it is verified */
};

STAILQ_HEAD(bench_link_list, bench_link);

struct bench_client {
	struct sock_app *app;
	const struct bench_config *config;
	uint16_t vrf;
	struct bench_link *links;
	uint32_t link_count, opening;
	struct bench_link_list waiting, failed; /* to be opened: at once, or at the next tick */
	struct sock_timer timer;
	uint64_t start_ns; /* when the first connection was there; 0: there was none yet */
	uint64_t is_done;
	uint8_t hello[BENCH_HELLO_LENGTH];
	uint64_t number;
	struct bench_counters counters;
	struct histogram latency;
};

#endif
