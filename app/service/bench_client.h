/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the bench client share: its instance on a worker. */
#ifndef SERVICE_BENCH_CLIENT_H
#define SERVICE_BENCH_CLIENT_H

#include "service/bench_message.h"
#include "service/bench_stream.h"

enum bench_link_state { BENCH_LINK_CLOSED, BENCH_LINK_CONNECTING, BENCH_LINK_OPEN };

/* A request of SCTP's: a stream has one under way. */
struct bench_request {
	STAILQ_ENTRY(bench_request) entry; /* while it is to be sent */
	uint64_t since_ns;
	uint64_t number;
	bool is_sent; /* and not answered */
};

/* What a connection of SCTP has beside. */
struct bench_assoc {
	uint64_t sent; /* messages; of BENCH_CRR requests */
	struct bench_reader reader;
	bool hello_waits; /* for its answer */
	uint64_t abandoned; /* messages that were counted so */
	struct bench_request *requests; /* by stream */
	STAILQ_HEAD(, bench_request) unsent;
};

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
	struct bench_assoc *assoc; /* of SCTP */
};

STAILQ_HEAD(bench_link_list, bench_link);

struct bench_client {
	struct sock_app *app;
	const struct bench_config *config;
	uint16_t vrf;
	struct bench_link *links;
	struct bench_assoc *assocs; /* of SCTP, as many */
	struct bench_request *requests; /* of SCTP, if there are any */
	struct bench_check *checks; /* of SCTP, of each that is verified and receives */
	uint8_t *message; /* of SCTP: what comes or goes */
	uint8_t *zeros; /* what goes if nobody looks at it */
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

static inline bool
bench_has_transactions(const struct bench_config *config)
{
	return config->mode == BENCH_RR || config->mode == BENCH_CRR;
}

/* ---- bench_client.c ---- */

/* One has taken so long. */
void bench_transaction_count(struct bench_client *client, uint64_t since_ns);
/* It is closed, and to be opened again. */
void bench_link_again(struct bench_client *client, struct bench_link *link);
/* It is closed: its stream was as long as asked. */
void bench_link_end(struct bench_client *client, struct bench_link *link);
/* How much of a stream may go now. */
uint64_t bench_link_turn(const struct bench_client *client, const struct bench_link *link);
/* So much of it is done. @return whether this was the last of it */
bool bench_link_advance(const struct bench_client *client, struct bench_link *link, uint64_t bytes);

/* ---- bench_client_sctp.c ---- */

/* @return 0 or -errno @{ */
int bench_assocs_create(struct bench_client *client);
int bench_assoc_connect(struct bench_client *client, struct bench_link *link);
/* Something of what it is to do. @return 0: there may be more; -EAGAIN: there will be an event */
int bench_assoc_step(struct bench_client *client, struct bench_link *link);
/* @} */
/* It is connected. */
void bench_assoc_begin(struct bench_client *client, struct bench_link *link);
void bench_assocs_destroy(struct bench_client *client);

#endif
