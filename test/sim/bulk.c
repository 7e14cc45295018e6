/* SPDX-License-Identifier: BSD-3-Clause */
/* A stream of bytes: see bulk.h. */
#include "sim/bulk.h"

#include <errno.h>
#include <string.h>

/* A prime, so that no multiple of a segment's length looks right at another place. */
#define PERIOD 65521
#define CHUNK  16384

static const uint8_t *
pattern_at(uint64_t offset)
{
	static uint8_t pattern[PERIOD + CHUNK];
	struct random random;

	if (pattern[0] == 0) {
		random_init(&random, PERIOD);
		for (unsigned i = 0; i < PERIOD; i++)
			pattern[i] = (uint8_t)random_draw(&random);
		pattern[0] = 1;
		memcpy(pattern + PERIOD, pattern, CHUNK);
	}
	return pattern + offset % PERIOD;
}

/* ---- who sends ---- */

static int
sender_start(struct sock_app *app, const void *config)
{
	struct bulk *bulk = app->state;
	int rc = sock_open(app, SOCK_TCP, bulk->peer.addr.family, IP_VRF_DEFAULT, &bulk->out);
	unsigned cc = 0;

	while (sock_congestion_name(cc) != NULL &&
		strcmp(sock_congestion_name(cc), bulk->config.cc) != 0)
		cc++;
	if (rc == 0)
		rc = sock_option_set(bulk->out, SOCK_OPT_CONGESTION, cc);
	if (rc == 0 && bulk->config.buffer_bytes != 0)
		rc = sock_option_set(bulk->out, SOCK_OPT_SEND_BUFFER, bulk->config.buffer_bytes);
	if (rc == 0)
		rc = sock_connect(bulk->out, &bulk->peer);
	return rc == -EINPROGRESS ? 0 : rc;
}

static void
sender_send(struct bulk *bulk)
{
	int64_t rc = 0;

	while (bulk->sent < bulk->config.bytes && rc >= 0) {
		uint64_t rest = bulk->config.bytes - bulk->sent;

		rc = sock_send(
			bulk->out, pattern_at(bulk->sent), RTE_MIN(rest, (uint64_t)CHUNK), NULL);
		bulk->sent += rc > 0 ? (uint64_t)rc : 0;
	}
	if (bulk->sent >= bulk->config.bytes)
		sock_shutdown(bulk->out, SOCK_SHUTDOWN_WRITE);
}

static void
sender_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct bulk *bulk = app->state;
	uint8_t byte;
	int64_t rc;

	if (bulk->out == NULL)
		return;
	if ((events[0].events & SOCK_EVENT_WRITABLE) != 0)
		sender_send(bulk);
	if ((events[0].events & SOCK_EVENT_READABLE) == 0)
		return;
	rc = sock_receive(bulk->out, &byte, sizeof(byte), NULL);
	if (rc == -EAGAIN)
		return;
	bulk->error = (int)-rc;
	bulk->ended = true;
	sock_tcp_info(bulk->out, &bulk->info);
	sock_close(bulk->out);
	bulk->out = NULL;
}

static const struct sock_app_ops sender_ops = {
	.name = "bulk sender", .proto = SOCK_TCP, .start = sender_start, .events = sender_events
};

/* ---- who receives ---- */

static int
sink_start(struct sock_app *app, const void *config)
{
	const struct bulk *bulk = app->state;
	struct sock_addr local = { .port = bulk->config.port, .iface = PKT_IFACE_NONE };
	struct sock *listener;
	int rc = sock_open(app, SOCK_TCP, IP_FAMILY_6, IP_VRF_DEFAULT, &listener);

	if (rc == 0 && bulk->config.buffer_bytes != 0)
		rc = sock_option_set(listener, SOCK_OPT_RECEIVE_BUFFER, bulk->config.buffer_bytes);
	if (rc == 0)
		rc = sock_bind(listener, &local);
	return rc == 0 ? sock_listen(listener, 1) : rc;
}

static void
sink_receive(struct bulk *bulk, struct sock *sock)
{
	uint8_t data[CHUNK];
	int64_t n;

	while ((n = sock_receive(sock, data, sizeof(data), NULL)) > 0) {
		sim_assert(memcmp(data, pattern_at(bulk->received), (size_t)n) == 0,
			"what came behind byte %llu of %s's is not what was sent",
			(unsigned long long)bulk->received, bulk->config.cc);
		bulk->received += (uint64_t)n;
		bulk->received_ns = sock_now_ns(bulk->sink.core);
		if (bulk->skipped_ns == 0 && bulk->received >= bulk->config.skip_bytes)
			bulk->skipped_ns = bulk->received_ns;
	}
	if (n != -EAGAIN)
		sock_close(sock);
}

static void
sink_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct sock *sock;

		while ((events[i].events & SOCK_EVENT_ACCEPTED) != 0 &&
			sock_accept(events[i].sock, &sock) == 0)
			sink_receive(app->state, sock);
		if ((events[i].events & SOCK_EVENT_READABLE) != 0 && events[i].sock != NULL)
			sink_receive(app->state, events[i].sock);
	}
}

static const struct sock_app_ops sink_ops = {
	.name = "bulk sink", .proto = SOCK_TCP, .start = sink_start, .events = sink_events
};

/* ---- both ---- */

void
bulk_start(struct sim *sim, struct bulk *bulk, struct sim_node *from, struct sim_node *to,
	const struct bulk_config *config)
{
	*bulk = (struct bulk){
		.config = *config,
		.sim = sim,
		.from = from,
		.to = to,
		.sender = { .ops = &sender_ops, .state = bulk },
		.sink = { .ops = &sink_ops, .state = bulk },
		.peer = { sim_addr(to, config->family), config->port, PKT_IFACE_NONE },
	};
	sim_assert(stack_app_start(sim_stack(to), &bulk->sink) == 0, "nobody listens");
	sim_assert(stack_app_start(sim_stack(from), &bulk->sender) == 0, "no connection");
}

void
bulk_end(struct bulk *bulk)
{
	bulk->config.bytes = bulk->sent;
	sim_stack(bulk->from);
	if (bulk->out != NULL)
		sock_shutdown(bulk->out, SOCK_SHUTDOWN_WRITE);
}

void
bulk_wait(struct bulk *bulk, uint64_t at_most_ms)
{
	const uint64_t end_ns = sim_now_ns(bulk->sim) + at_most_ms * SIM_MS_NS;

	while (!bulk->ended && sim_now_ns(bulk->sim) < end_ns)
		sim_run_ms(bulk->sim, 10);
	sim_assert(bulk->ended && bulk->error == 0 && bulk->received == bulk->config.bytes,
		"%s: error %d, %llu bytes out, %llu arrived", bulk->config.cc, bulk->error,
		(unsigned long long)bulk->sent, (unsigned long long)bulk->received);
}

struct tcp_info
bulk_info(struct bulk *bulk)
{
	struct tcp_info info;

	sim_assert(bulk->out != NULL && sock_tcp_info(bulk->out, &info) == 0,
		"%s: no connection to ask", bulk->config.cc);
	return info;
}

void
bulk_stop(struct bulk *bulk)
{
	sim_stack(bulk->from);
	sock_app_stop(&bulk->sender);
	sim_stack(bulk->to);
	sock_app_stop(&bulk->sink);
}
