/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections of two hosts, over links that do what links do: RFC 9293. What is sent comes back, and ends. */
#include "service/service.h"
#include "sim/sim.h"

#include <errno.h>
#include <string.h>

#define PORT    7
#define CLIENTS 4
/* RFC 9293 3.6.1: a minute, and again should the last ACK be lost. */
#define TIME_WAIT_MS 130000

static void
server_create(struct sim_node *node)
{
	const struct stack_service_config config = {
		.ops = &service_tcp_echo,
		.service.local = { .port = PORT, .iface = PKT_IFACE_NONE },
	};
	struct error err = { 0 };

	sim_assert(stack_service_start(sim_stack(node), &config, &err) == 0, "%s", err.text);
}

/* ---- the client: sends so many bytes, then the end, and reads what comes back ---- */

struct client {
	struct sock_app app;
	struct sock_addr peer;
	struct sock *sock;
	uint32_t length, sent, received;
	int error;
	bool ended;
};

static uint8_t
byte_at(uint32_t offset)
{
	return (uint8_t)((offset * 31 >> 3) ^ (offset >> 11));
}

static int
client_start(struct sock_app *app, const void *config)
{
	struct client *client = app->state;
	int rc = sock_open(app, SOCK_TCP, client->peer.addr.family, IP_VRF_DEFAULT, &client->sock);

	if (rc == 0)
		rc = sock_connect(client->sock, &client->peer);
	return rc == -EINPROGRESS ? 0 : rc;
}

static void
client_send(struct client *client)
{
	uint8_t data[3000];
	int64_t rc = 0;

	while (client->sent < client->length && rc >= 0) {
		uint32_t n = RTE_MIN(client->length - client->sent, (uint32_t)sizeof(data));

		for (uint32_t i = 0; i < n; i++)
			data[i] = byte_at(client->sent + i);
		rc = sock_send(client->sock, data, n, NULL);
		client->sent += rc > 0 ? (uint32_t)rc : 0;
	}
	if (client->sent == client->length && rc >= 0)
		sock_shutdown(client->sock, SOCK_SHUTDOWN_WRITE);
}

static void
client_receive(struct client *client)
{
	uint8_t data[5000];
	int64_t n;

	while ((n = sock_receive(client->sock, data, sizeof(data), NULL)) > 0) {
		for (int64_t i = 0; i < n; i++)
			sim_assert(data[i] == byte_at(client->received + (uint32_t)i),
				"byte %u is not what was sent", client->received + (uint32_t)i);
		client->received += (uint32_t)n;
	}
	if (n == -EAGAIN)
		return;
	client->error = (int)-n;
	client->ended = true;
	sock_close(client->sock);
}

static void
client_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct client *client = app->state;

	if ((events[0].events & SOCK_EVENT_WRITABLE) != 0)
		client_send(client);
	if ((events[0].events & SOCK_EVENT_READABLE) != 0)
		client_receive(client);
}

static const struct sock_app_ops client_ops = {
	.name = "client", .proto = SOCK_TCP, .start = client_start, .events = client_events
};

/* ---- scenarios ---- */

static void
clients_start(struct sim_path *p, struct client *clients, uint32_t length)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *client = &clients[i];

		*client = (struct client){
			.length = length,
			.peer = { sim_addr(p->b, i % 2 == 0 ? IP_FAMILY_4 : IP_FAMILY_6), PORT,
				PKT_IFACE_NONE },
		};
		client->app.ops = &client_ops;
		client->app.state = client;
		sim_assert(stack_app_start(sim_stack(p->a), &client->app) == 0, "no connection");
	}
}

static bool
clients_ended(const struct client *clients)
{
	unsigned ended = 0;

	for (unsigned i = 0; i < CLIENTS; i++)
		ended += clients[i].ended;
	return ended == CLIENTS;
}

static void
clients_run(struct sim *sim, struct sim_path *p, struct client *clients, unsigned seconds)
{
	for (unsigned i = 0; i < seconds && !clients_ended(clients); i++)
		sim_run_ms(sim, 1000);
	for (unsigned i = 0; i < CLIENTS; i++) {
		const struct client *c = &clients[i];

		sim_assert(c->ended, "connection %u hangs: %u bytes out, %u back", i, c->sent,
			c->received);
	}
	/* Nothing of them is left in the end. */
	sim_run_ms(sim, TIME_WAIT_MS);
	for (unsigned i = 0; i < CLIENTS; i++) {
		sim_stack(p->a);
		sock_app_stop(&clients[i].app);
	}
}

static void
clients_check(const struct client *clients)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		sim_assert(clients[i].received == clients[i].length && clients[i].error == 0,
			"connection %u: %u of %u bytes, error %d", i, clients[i].received,
			clients[i].length, clients[i].error);
}

/* Answers come to other workers than the client's, too: they are handed over. */
static void
all_comes_back(struct sim *sim)
{
	struct client clients[CLIENTS];
	struct sim_path p = sim_path(sim);

	server_create(p.b);
	clients_start(&p, clients, 200000);
	clients_run(sim, &p, clients, 60);
	clients_check(clients);
}

/* Over links that lose, delay, reorder, double and spoil. */
static void
all_comes_back_over_bad_links(struct sim *sim)
{
	const struct cable_impair bad = {
		.delay_ns = 10 * SIM_MS_NS,
		.jitter_ns = 3 * SIM_MS_NS,
		.loss.p = SIM_PERCENT(2),
		.duplicate = SIM_PERCENT(2),
		.corrupt_after = SIM_PERCENT(1),
	};
	struct client clients[CLIENTS];
	struct sim_path p = sim_path(sim);

	for (unsigned i = 0; i < sim_link_count(sim); i++)
		sim_link_impair(sim_link_at(sim, i), &bad);
	server_create(p.b);
	clients_start(&p, clients, 60000);
	clients_run(sim, &p, clients, 600);
	clients_check(clients);
}

/* RFC 9293 3.10.7.1 */
static void
nobody_listens(struct sim *sim)
{
	struct client clients[CLIENTS];
	struct sim_path p = sim_path(sim);

	clients_start(&p, clients, 1);
	clients_run(sim, &p, clients, 60);
	for (unsigned i = 0; i < CLIENTS; i++)
		sim_assert(clients[i].error == ECONNREFUSED && clients[i].received == 0,
			"connection %u ends with error %d", i, clients[i].error);
}

/* A narrower link further on: RFC 1191, RFC 8201. Segments shrink, and all arrives. */
static void
path_has_a_narrow_link(struct sim *sim)
{
	struct sim_path p = { .a = sim_node(sim, "a"), .r = sim_node(sim, "r") };
	struct sim_node *r2 = sim_node(sim, "r2");
	struct client clients[CLIENTS];

	p.b = sim_node(sim, "b");
	sim_link(p.a, p.r);
	sim_link_set_mtu(sim_link(p.r, r2), 1400);
	sim_link(r2, p.b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	server_create(p.b);
	clients_start(&p, clients, 100000);
	clients_run(sim, &p, clients, 60);
	clients_check(clients);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(all_comes_back),
		SIM_SCENARIO(all_comes_back_over_bad_links),
		SIM_SCENARIO(nobody_listens),
		SIM_SCENARIO(path_has_a_narrow_link),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
