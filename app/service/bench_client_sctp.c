/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Associations of a bench client: messages to the server or from it, one stream after the other, or
 * requests, of which each stream has one under way. Called by bench_client.c, which has the connections.
 */
#include "service/bench_client.h"

#include <errno.h>
#include <stdlib.h>

#include "sctp/sctp.h"

/* Of a step, before others have their turn. */
#define TURN_MESSAGES 256

/* ---- memory ---- */

static bool
is_checked(const struct bench_config *config)
{
	return config->verify && config->mode != BENCH_SEND;
}

/* How many requests an association has under way. */
static uint16_t
requests_of(const struct bench_config *config)
{
	switch (config->mode) {
	case BENCH_RR: return config->streams;
	case BENCH_CRR: return 1;
	case BENCH_SEND:
	case BENCH_RECEIVE:
	case BENCH_HOLD:
	default: return 0;
	}
}

static void
link_prepare(struct bench_client *client, uint32_t index)
{
	struct bench_assoc *assoc = &client->assocs[index];

	if (client->checks != NULL)
		assoc->reader.check = &client->checks[index];
	if (client->requests != NULL)
		assoc->requests = &client->requests[index * requests_of(client->config)];
	client->links[index].assoc = assoc;
}

int
bench_assocs_create(struct bench_client *client)
{
	const struct bench_config *config = client->config;
	const uint32_t count = config->connections / config->worker_count + 1;
	const uint16_t requests = requests_of(config);

	client->message = service_calloc(1, BENCH_MESSAGE_MAX);
	client->zeros = service_calloc(1, BENCH_MESSAGE_MAX);
	client->assocs = service_calloc(count, sizeof(*client->assocs));
	if (requests > 0)
		client->requests =
			service_calloc((size_t)count * requests, sizeof(*client->requests));
	if (is_checked(config))
		client->checks = service_calloc(count, sizeof(*client->checks));
	if (client->message == NULL || client->zeros == NULL || client->assocs == NULL ||
		(requests > 0 && client->requests == NULL) ||
		(is_checked(config) && client->checks == NULL))
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		link_prepare(client, i);
	return 0;
}

void
bench_assocs_destroy(struct bench_client *client)
{
	free(client->message);
	free(client->zeros);
	free(client->assocs);
	free(client->requests);
	free(client->checks);
}

/* ---- connecting ---- */

/* One of both families has addresses of both. */
static enum ip_family
family_of(const struct bench_config *config)
{
	for (unsigned i = 0; i < config->peer_count; i++) {
		if (config->peers[i].addr.family == IP_FAMILY_6)
			return IP_FAMILY_6;
	}
	for (unsigned i = 0; i < config->local_count; i++) {
		if (config->locals[i].addr.family == IP_FAMILY_6)
			return IP_FAMILY_6;
	}
	return IP_FAMILY_4;
}

int
bench_assoc_connect(struct bench_client *client, struct bench_link *link)
{
	const struct bench_config *config = client->config;
	int rc = sock_open(client->app, SOCK_SCTP, family_of(config), client->vrf, &link->sock);

	if (rc < 0)
		return rc;
	sock_user_set(link->sock, link);
	/* Of requests none waits for the answer to another; of the rest packets are to be full. */
	sock_option_set(link->sock, SOCK_OPT_NODELAY, bench_has_transactions(config));
	bench_message_room(link->sock, config->request_bytes);
	rc = sock_sctp_streams_set(link->sock, config->streams);
	if (rc == 0 && config->local_count > 0)
		rc = sock_sctp_bindx(link->sock, config->locals, config->local_count, true);
	if (rc == 0)
		rc = sock_sctp_connectx(link->sock, config->peers, config->peer_count, NULL);
	if (rc < 0 && rc != -EINPROGRESS)
		sock_close(link->sock);
	return rc;
}

static void
request_begin(struct bench_client *client, struct bench_link *link, uint16_t stream)
{
	struct bench_request *request = &link->assoc->requests[stream];

	/* Of a new connection the time began before. */
	request->since_ns =
		client->config->mode == BENCH_CRR ? link->since_ns : sock_now_ns(client->app->core);
	request->is_sent = false;
	STAILQ_INSERT_TAIL(&link->assoc->unsent, request, entry);
}

void
bench_assoc_begin(struct bench_client *client, struct bench_link *link)
{
	struct bench_assoc *assoc = link->assoc;
	struct bench_check *check = assoc->reader.check;

	link->hello_left = client->config->raw ? 0 : BENCH_SCTP_HELLO_LENGTH;
	assoc->sent = assoc->abandoned = 0;
	assoc->hello_waits = false;
	assoc->reader =
		(struct bench_reader){ .check = check, .unordered = client->config->unordered };
	if (check != NULL)
		bench_check_init(check);
	STAILQ_INIT(&assoc->unsent);
	for (uint16_t i = 0; i < requests_of(client->config); i++) {
		assoc->requests[i].number = 0;
		request_begin(client, link, i);
	}
}

/* ---- messages ---- */

static int
hello_send(struct bench_client *client, struct bench_link *link)
{
	const struct bench_config *config = client->config;
	const struct bench_hello hello = {
		.mode = config->mode,
		.request_bytes = config->request_bytes,
		.response_bytes = config->response_bytes,
		.verify = config->verify,
		.unordered = config->unordered,
		.streams = config->streams,
	};
	const struct sock_sctp_info info = { .ppid_be = config->ppid_be };
	uint8_t data[BENCH_SCTP_HELLO_LENGTH];
	int64_t n;

	bench_sctp_hello_build(&hello, data);
	n = sock_sctp_send(link->sock, data, sizeof(data), &info, NULL);
	if (n < 0)
		return (int)n;
	link->hello_left = 0;
	link->assoc->hello_waits = bench_sctp_hello_waits(&hello);
	return 0;
}

/* What it says is what was asked. @return 0 or -errno */
static int
hello_receive(struct bench_link *link)
{
	uint8_t data[BENCH_SCTP_HELLO_LENGTH + 1];
	int64_t n = sock_sctp_receive(link->sock, data, sizeof(data), NULL, NULL);

	if (n <= 0)
		return n < 0 ? (int)n : -EPIPE;
	if (n != BENCH_SCTP_HELLO_LENGTH)
		return -EPROTO;
	link->assoc->hello_waits = false;
	return 0;
}

static int
message_send(struct bench_client *client, struct bench_link *link, uint64_t number, uint16_t stream)
{
	const struct bench_config *config = client->config;
	const uint32_t length = config->request_bytes;
	const struct sock_sctp_info info = { .stream = stream,
		.ppid_be = config->ppid_be,
		.flags = config->unordered ? SOCK_SCTP_UNORDERED : 0,
		.pr_policy = config->pr_policy,
		.pr_value = config->pr_value };
	int64_t n;

	if (config->verify)
		bench_message_fill(number, stream, client->message, length);
	n = sock_sctp_send(
		link->sock, config->verify ? client->message : client->zeros, length, &info, NULL);
	if (n < 0)
		return (int)n;
	link->assoc->sent++;
	counter_add(&client->counters.messages_sent, 1);
	counter_add(&client->counters.bytes_sent, length);
	return 0;
}

/* A part of one. @return 1: it was its last; 0: there is more of it; or -errno */
static int
message_receive(struct bench_client *client, struct bench_link *link, uint64_t *bytes)
{
	const struct bench_config *config = client->config;
	struct sock_sctp_info info;
	uint64_t wrong;
	int64_t n = sock_sctp_receive(link->sock, client->message, BENCH_MESSAGE_MAX, &info, NULL);

	if (n <= 0)
		return n < 0 ? (int)n : -EPIPE;
	*bytes += (uint64_t)n;
	/* Those that generate by themselves have lengths of their own. */
	wrong = bench_reader_take(&link->assoc->reader, client->message, (uint32_t)n, &info,
		config->raw && config->mode == BENCH_RECEIVE ? 0 : config->response_bytes);
	counter_add(&client->counters.bytes_received, (uint64_t)n);
	counter_add(&client->counters.messages_wrong, wrong);
	if ((info.flags & SOCK_SCTP_EOR) == 0)
		return 0;
	counter_add(&client->counters.messages_received, 1);
	return 1;
}

/* ---- streams ---- */

static int
messages_send(struct bench_client *client, struct bench_link *link, uint64_t turn)
{
	const struct bench_config *config = client->config;
	uint64_t bytes = 0;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < TURN_MESSAGES && bytes < turn; i++) {
		const uint64_t sent = link->assoc->sent;

		rc = message_send(client, link, config->unordered ? sent : sent / config->streams,
			(uint16_t)(sent % config->streams));
		bytes += rc == 0 ? config->request_bytes : 0;
	}
	return bench_link_advance(client, link, bytes)
		? sock_shutdown(link->sock, SOCK_SHUTDOWN_WRITE)
		: rc;
}

/* @param bytes that were received */
static int
messages_receive(
	struct bench_client *client, struct bench_link *link, uint64_t turn, uint64_t *bytes)
{
	int rc = 0;

	*bytes = 0;
	for (unsigned i = 0; rc >= 0 && i < TURN_MESSAGES && *bytes < turn; i++)
		rc = message_receive(client, link, bytes);
	return RTE_MIN(rc, 0);
}

static int
abandoned_sum(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct sctp_abandoned *abandoned = sctp_abandoned(assoc);
	uint64_t *sum = arg;

	for (unsigned i = 0; i < SCTP_PR_COUNT; i++)
		*sum += abandoned->sent[i] + abandoned->unsent[i];
	return 0;
}

/* Messages that were given up since it was asked before. */
static void
abandoned_count(struct bench_client *client, struct bench_link *link)
{
	uint64_t sum = 0;

	if (client->config->pr_policy == SCTP_PR_DEFAULT ||
		sock_sctp_one(link->sock, SOCK_SCTP_FUTURE, abandoned_sum, &sum) < 0)
		return;
	counter_add(&client->counters.messages_abandoned, sum - link->assoc->abandoned);
	link->assoc->abandoned = sum;
}

/* As of TCP: the end of what comes says that the peer has had all. */
static int
send_step(struct bench_client *client, struct bench_link *link)
{
	const uint64_t turn = bench_link_turn(client, link);
	uint64_t bytes;
	int rc = messages_receive(client, link, BENCH_TURN_BYTES, &bytes);

	abandoned_count(client, link);
	if (rc == -EPIPE && turn == 0) {
		bench_link_end(client, link);
		return -EAGAIN;
	}
	if ((rc != 0 && rc != -EAGAIN) || turn == 0)
		return rc;
	return messages_send(client, link, turn);
}

static int
receive_step(struct bench_client *client, struct bench_link *link)
{
	uint64_t bytes;
	int rc = messages_receive(client, link, bench_link_turn(client, link), &bytes);

	if (!bench_link_advance(client, link, bytes))
		return rc;
	bench_link_end(client, link);
	return -EAGAIN;
}

/* ---- requests ---- */

static int
requests_send(struct bench_client *client, struct bench_link *link)
{
	struct bench_assoc *assoc = link->assoc;
	struct bench_request *request;

	while ((request = STAILQ_FIRST(&assoc->unsent)) != NULL) {
		const uint16_t stream = (uint16_t)(request - assoc->requests);
		int rc = message_send(client, link,
			client->config->unordered ? assoc->sent : request->number, stream);

		if (rc < 0)
			return rc;
		request->number++;
		request->is_sent = true;
		STAILQ_REMOVE_HEAD(&assoc->unsent, entry);
	}
	return 0;
}

/* The response of a stream. @return 0: there may be more; -EAGAIN: it is another connection's turn */
static int
response_take(struct bench_client *client, struct bench_link *link)
{
	const uint16_t stream = link->assoc->reader.stream;

	/* Of nothing that was asked. */
	if (stream >= requests_of(client->config) || !link->assoc->requests[stream].is_sent) {
		counter_add(&client->counters.messages_wrong, 1);
		return 0;
	}
	bench_transaction_count(client, link->assoc->requests[stream].since_ns);
	if (client->config->mode == BENCH_CRR) {
		bench_link_again(client, link);
		return -EAGAIN;
	}
	request_begin(client, link, stream);
	return 0;
}

static int
request_step(struct bench_client *client, struct bench_link *link)
{
	uint64_t bytes = 0;
	int rc = requests_send(client, link);

	/* What comes is received meanwhile, or both would wait for each other; and to the end, if it is shut down. */
	if (rc < 0 && rc != -EAGAIN && rc != -EPIPE)
		return rc;
	rc = message_receive(client, link, &bytes);
	return rc > 0 ? response_take(client, link) : rc;
}

static int
requests_step(struct bench_client *client, struct bench_link *link)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < TURN_MESSAGES; i++)
		rc = request_step(client, link);
	return rc;
}

int
bench_assoc_step(struct bench_client *client, struct bench_link *link)
{
	if (link->hello_left > 0)
		return hello_send(client, link);
	if (link->assoc->hello_waits)
		return hello_receive(link);
	switch (client->config->mode) {
	case BENCH_RR:
	case BENCH_CRR: return requests_step(client, link);
	case BENCH_SEND: return send_step(client, link);
	case BENCH_RECEIVE:
	case BENCH_HOLD:
	default: return receive_step(client, link);
	}
}
