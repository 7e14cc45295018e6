/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client of a bench on one worker: its connections, each of which has one request under way, or a
 * stream. So the server says how fast it goes: what is measured is the rate, and how long it takes.
 */
#include "service/bench_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Connections that are being opened at a time, so that no queue on the way runs over. */
#define OPENING_MAX 64
#define TICK_NS     100000000ULL
/* After so long a datagram is taken as lost. */
#define LOST_NS 1000000000ULL
/* Transactions of a connection before others have their turn. */
#define TURN_STEPS 16

static int
client_create(struct sock_app *app, const void *service)
{
	const struct bench_config *config = ((const struct sock_service *)service)->options;
	struct bench_client *client = app->state;

	client->config = config;
	client->links = service_calloc(
		config->connections / config->worker_count + 1, sizeof(*client->links));
	if (client->links == NULL)
		return -ENOMEM;
	return config->proto == SOCK_SCTP ? bench_assocs_create(client) : 0;
}

static void
client_destroy(struct sock_app *app)
{
	struct bench_client *client = app->state;

	bench_assocs_destroy(client);
	free(client->links);
}

static bool
is_datagram(const struct bench_client *client)
{
	return client->config->proto == SOCK_UDP;
}

/* ---- connections ---- */

static void
link_wait(struct bench_link_list *list, struct bench_link *link)
{
	STAILQ_INSERT_TAIL(list, link, entry);
}

static void
link_close(struct bench_client *client, struct bench_link *link)
{
	if (link->state == BENCH_LINK_CONNECTING)
		client->opening--;
	else
		counter_add(&client->counters.open, (uint64_t)-1);
	sock_close(link->sock);
	link->state = BENCH_LINK_CLOSED;
}

/* It is tried again, but not at once. */
static void
link_fail(struct bench_client *client, struct bench_link *link)
{
	counter_add(&client->counters.failed, 1);
	link_close(client, link);
	link_wait(&client->failed, link);
}

static void
request_begin(struct bench_client *client, struct bench_link *link)
{
	link->request_left = client->config->request_bytes;
	link->response_left = client->config->response_bytes;
	link->number = ++client->number;
	/* Of a new connection the time began before. */
	if (client->config->mode == BENCH_RR)
		link->since_ns = sock_now_ns(client->app->core);
}

static void
link_established(struct bench_client *client, struct bench_link *link)
{
	uint64_t now = sock_now_ns(client->app->core);

	if (client->start_ns == 0) {
		client->start_ns = now;
		sock_timer_set(client->app, &client->timer, now);
	}
	client->opening--;
	link->state = BENCH_LINK_OPEN;
	link->stream_left = client->config->stream_bytes;
	link->stream = (struct bench_stream){ .place = 0 };
	link->hello_left = client->config->raw || is_datagram(client) ? 0 : BENCH_HELLO_LENGTH;
	counter_add(&client->counters.opened, 1);
	counter_add(&client->counters.open, 1);
	if (link->assoc != NULL)
		bench_assoc_begin(client, link);
	if (!bench_has_transactions(client->config))
		histogram_add(&client->latency, now - link->since_ns);
	else if (link->assoc == NULL)
		request_begin(client, link);
}

static int
link_connect(struct bench_client *client, struct bench_link *link)
{
	const struct bench_config *config = client->config;
	int rc = sock_open(
		client->app, config->proto, config->peers[0].addr.family, client->vrf, &link->sock);

	if (rc < 0)
		return rc;
	sock_user_set(link->sock, link);
	if (config->proto == SOCK_TCP)
		sock_option_set(link->sock, SOCK_OPT_NODELAY, 1);
	if (config->keepalive_ms > 0) {
		sock_option_set(link->sock, SOCK_OPT_KEEPALIVE_IDLE, config->keepalive_ms);
		sock_option_set(link->sock, SOCK_OPT_KEEPALIVE_INTERVAL, config->keepalive_ms);
		sock_option_set(link->sock, SOCK_OPT_KEEPALIVE, 1);
	}
	rc = sock_connect(link->sock, &config->peers[0]);
	if (rc < 0 && rc != -EINPROGRESS)
		sock_close(link->sock);
	return rc;
}

/* Streams say when they are connected, datagrams are. */
static void
link_open(struct bench_client *client, struct bench_link *link)
{
	int rc = client->config->proto == SOCK_SCTP ? bench_assoc_connect(client, link)
						    : link_connect(client, link);

	if (rc < 0 && rc != -EINPROGRESS) {
		counter_add(&client->counters.failed, 1);
		link_wait(&client->failed, link);
		return;
	}
	link->since_ns = sock_now_ns(client->app->core);
	link->state = BENCH_LINK_CONNECTING;
	client->opening++;
	if (is_datagram(client)) {
		link_established(client, link);
		sock_event_again(link->sock, SOCK_EVENT_WRITABLE);
	}
}

static void
links_open(struct bench_client *client)
{
	struct bench_link *link;

	for (unsigned i = 0; i < OPENING_MAX && client->opening < OPENING_MAX; i++) {
		link = STAILQ_FIRST(&client->waiting);
		if (link == NULL)
			return;
		STAILQ_REMOVE_HEAD(&client->waiting, entry);
		link_open(client, link);
	}
}

/* ---- streams ---- */

static int
hello_send(struct bench_client *client, struct bench_link *link)
{
	int64_t n = sock_send(link->sock, client->hello + BENCH_HELLO_LENGTH - link->hello_left,
		link->hello_left, NULL);

	if (n < 0)
		return (int)n;
	link->hello_left = (uint8_t)(link->hello_left - n);
	return 0;
}

/* NULL: nobody looks at what it sends, or receives. */
static struct bench_stream *
link_stream(const struct bench_client *client, struct bench_link *link)
{
	return client->config->verify ? &link->stream : NULL;
}

static int
stream_send(struct bench_client *client, struct bench_link *link, uint64_t length, uint64_t *done)
{
	int rc = bench_stream_send(link->sock, link_stream(client, link), length, done);

	counter_add(&client->counters.bytes_sent, *done);
	return rc;
}

static int
stream_receive(
	struct bench_client *client, struct bench_link *link, uint64_t length, uint64_t *done)
{
	struct bench_stream *stream =
		client->config->mode == BENCH_RECEIVE ? link_stream(client, link) : NULL;
	int rc = bench_stream_receive(link->sock, stream, length, done);

	counter_add(&client->counters.bytes_received, *done);
	if (stream != NULL) {
		counter_add(&client->counters.bytes_wrong, stream->wrong);
		stream->wrong = 0;
	}
	return rc;
}

void
bench_transaction_count(struct bench_client *client, uint64_t since_ns)
{
	counter_add(&client->counters.transactions, 1);
	histogram_add(&client->latency, sock_now_ns(client->app->core) - since_ns);
}

void
bench_link_again(struct bench_client *client, struct bench_link *link)
{
	link_close(client, link);
	link_wait(&client->waiting, link);
}

/* @return 0: the next request may begin; -EAGAIN: on another connection */
static int
transaction_end(struct bench_client *client, struct bench_link *link)
{
	bench_transaction_count(client, link->since_ns);
	if (client->config->mode == BENCH_CRR) {
		bench_link_again(client, link);
		return -EAGAIN;
	}
	request_begin(client, link);
	return 0;
}

static int
transaction_step(struct bench_client *client, struct bench_link *link)
{
	uint64_t done;
	int rc;

	if (link->request_left > 0) {
		rc = stream_send(
			client, link, RTE_MIN(link->request_left, BENCH_TURN_BYTES), &done);
		link->request_left -= (uint32_t)done;
		/* An echo has to be received meanwhile, or both would wait for each other. */
		if (rc != -EAGAIN || !client->config->raw)
			return rc;
	}
	rc = stream_receive(client, link, RTE_MIN(link->response_left, BENCH_TURN_BYTES), &done);
	link->response_left -= (uint32_t)done;
	return link->response_left > 0 ? rc : transaction_end(client, link);
}

uint64_t
bench_link_turn(const struct bench_client *client, const struct bench_link *link)
{
	return client->config->stream_bytes == 0
		? BENCH_TURN_BYTES
		: RTE_MIN(link->stream_left, (uint64_t)BENCH_TURN_BYTES);
}

bool
bench_link_advance(const struct bench_client *client, struct bench_link *link, uint64_t bytes)
{
	if (client->config->stream_bytes == 0)
		return false;
	link->stream_left -= RTE_MIN(link->stream_left, bytes);
	return link->stream_left == 0;
}

void
bench_link_end(struct bench_client *client, struct bench_link *link)
{
	counter_add(&client->counters.ended, 1);
	counter_set(
		&client->counters.elapsed_ns, sock_now_ns(client->app->core) - client->start_ns);
	link_close(client, link);
}

/* @return what stream_step() does */
static int
stream_end(struct bench_client *client, struct bench_link *link)
{
	bench_link_end(client, link);
	return -EAGAIN;
}

/* What comes back is not looked at, but whether it has ended: then the peer has had all. */
static int
send_step(struct bench_client *client, struct bench_link *link)
{
	const uint64_t turn = bench_link_turn(client, link);
	uint64_t done;
	int rc = stream_receive(client, link, BENCH_TURN_BYTES, &done);

	if (rc == -EPIPE && turn == 0)
		return stream_end(client, link);
	if ((rc != 0 && rc != -EAGAIN) || turn == 0)
		return rc;
	rc = stream_send(client, link, turn, &done);
	return bench_link_advance(client, link, done)
		? sock_shutdown(link->sock, SOCK_SHUTDOWN_WRITE)
		: rc;
}

static int
receive_step(struct bench_client *client, struct bench_link *link)
{
	uint64_t done;
	int rc = stream_receive(client, link, bench_link_turn(client, link), &done);

	return bench_link_advance(client, link, done) ? stream_end(client, link) : rc;
}

/* @return 0: there may be more to do; -EAGAIN: there will be an event; or why it has ended */
static int
stream_step(struct bench_client *client, struct bench_link *link)
{
	if (link->assoc != NULL)
		return bench_assoc_step(client, link);
	if (link->hello_left > 0)
		return hello_send(client, link);
	switch (client->config->mode) {
	case BENCH_RR:
	case BENCH_CRR: return transaction_step(client, link);
	case BENCH_SEND: return send_step(client, link);
	case BENCH_RECEIVE:
	case BENCH_HOLD:
	default: return receive_step(client, link);
	}
}

static void
stream_run(struct bench_client *client, struct bench_link *link)
{
	const unsigned steps = bench_has_transactions(client->config) ? TURN_STEPS : 2;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < steps; i++)
		rc = stream_step(client, link);
	if (rc == 0)
		sock_event_again(link->sock, SOCK_EVENT_READABLE);
	else if (rc != -EAGAIN)
		link_fail(client, link);
}

/* ---- datagrams ---- */

static void
datagram_send(struct bench_client *client, struct bench_link *link)
{
	uint8_t data[65536];
	int64_t n;

	memset(data, 0, client->config->request_bytes);
	memcpy(data, client->hello, BENCH_HELLO_LENGTH);
	bench_number_build(link->number, data + BENCH_HELLO_LENGTH);
	link->request_left = 0;
	n = sock_send(link->sock, data, client->config->request_bytes, NULL);
	/* What could not be sent is as lost as what was. */
	if (n > 0)
		counter_add(&client->counters.bytes_sent, (uint64_t)n);
}

static void
datagram_run(struct bench_client *client, struct bench_link *link)
{
	uint8_t data[65536];
	int64_t n;

	while ((n = sock_receive(link->sock, data, sizeof(data), NULL)) != -EAGAIN) {
		/* An error of the way: the datagram is lost, which its time will tell. */
		if (n < BENCH_DATAGRAM_LENGTH ||
			bench_number_parse(data + BENCH_HELLO_LENGTH) != link->number)
			continue;
		counter_add(&client->counters.bytes_received, (uint64_t)n);
		transaction_end(client, link);
	}
	if (link->request_left > 0)
		datagram_send(client, link);
}

static void
datagrams_check(struct bench_client *client, uint64_t now)
{
	for (uint32_t i = 0; i < client->link_count; i++) {
		struct bench_link *link = &client->links[i];

		if (link->state != BENCH_LINK_OPEN || now - link->since_ns < LOST_NS)
			continue;
		counter_add(&client->counters.lost, 1);
		request_begin(client, link);
		datagram_send(client, link);
	}
}

/* ---- time ---- */

static void
client_finish(struct bench_client *client)
{
	for (uint32_t i = 0; i < client->link_count; i++) {
		if (client->links[i].state != BENCH_LINK_CLOSED)
			link_close(client, &client->links[i]);
	}
	STAILQ_INIT(&client->waiting);
	STAILQ_INIT(&client->failed);
	counter_set(&client->is_done, 1);
}

static uint64_t
client_end_ns(const struct bench_client *client)
{
	return client->start_ns != 0 ? client->start_ns + client->config->duration_ns : UINT64_MAX;
}

static void
client_tick(struct sock_app *app, struct sock_timer *timer)
{
	struct bench_client *client = app->state;
	const bool ended = client->counters.ended == client->link_count;
	uint64_t now = sock_now_ns(app->core), end = client_end_ns(client);

	if (client->start_ns != 0 && !ended)
		counter_set(&client->counters.elapsed_ns, RTE_MIN(now, end) - client->start_ns);
	if (now >= end || ended) {
		client_finish(client);
		return;
	}
	if (is_datagram(client))
		datagrams_check(client, now);
	STAILQ_CONCAT(&client->waiting, &client->failed);
	links_open(client);
	sock_timer_set(app, timer, RTE_MIN(now + TICK_NS, client_end_ns(client)));
}

/* ---- the application ---- */

static void
link_event(struct bench_client *client, struct bench_link *link, uint32_t events)
{
	if (link->state == BENCH_LINK_CONNECTING) {
		if ((events & (SOCK_EVENT_ERROR | SOCK_EVENT_CLOSED)) != 0) {
			link_fail(client, link);
			return;
		}
		link_established(client, link);
	}
	if (is_datagram(client))
		datagram_run(client, link);
	else
		stream_run(client, link);
}

static void
client_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct bench_client *client = app->state;

	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock != NULL)
			link_event(client, events[i].user, events[i].events);
	}
	links_open(client);
}

static int
client_start(struct sock_app *app, const void *service)
{
	struct bench_client *client = app->state;
	const struct bench_config *config = client->config;
	const unsigned worker = sock_worker(app->core);
	const struct bench_hello hello = {
		.mode = config->mode,
		.request_bytes = config->request_bytes,
		.response_bytes = config->response_bytes,
		.verify = config->verify,
	};

	client->app = app;
	client->vrf = ((const struct sock_service *)service)->vrf;
	client->link_count = config->connections / config->worker_count +
		(worker < config->connections % config->worker_count);
	bench_hello_build(&hello, client->hello);
	STAILQ_INIT(&client->waiting);
	STAILQ_INIT(&client->failed);
	for (uint32_t i = 0; i < client->link_count; i++)
		link_wait(&client->waiting, &client->links[i]);
	client->timer.strike = client_tick;
	if (client->link_count == 0)
		client_finish(client);
	else
		sock_timer_set(app, &client->timer, sock_now_ns(app->core));
	return 0;
}

const struct sock_app_ops service_bench_client = {
	.name = "bench-client",
	.proto = SOCK_TCP,
	.state_size = sizeof(struct bench_client),
	.create = client_create,
	.destroy = client_destroy,
	.start = client_start,
	.events = client_events,
};
