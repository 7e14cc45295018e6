/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams between sockets of two hosts, over links that do what links do: RFC 768, RFC 1122 4.1. */
#include "sim/sim.h"

#include <errno.h>
#include <string.h>

#define COUNT      400
#define PORT       7
#define LENGTH_MAX 3000

/* ---- the server: an instance on each worker ---- */

static int
server_start(struct sock_app *app, const void *config)
{
	const struct sock_service *service = config;
	struct sock *sock;
	int rc = sock_open(app, SOCK_UDP, IP_FAMILY_6, service->vrf, &sock);

	if (rc == 0)
		rc = sock_option_set(sock, SOCK_OPT_REUSEPORT, 1);
	return rc == 0 ? sock_bind(sock, &service->local) : rc;
}

static void
server_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];

	for (unsigned i = 0; i < count; i++) {
		int n;

		while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0) {
			int sent = sock_send_msgs(events[i].sock, msgs, (unsigned)n);

			for (int j = sent > 0 ? sent : 0; j < n; j++)
				rte_pktmbuf_free(msgs[j].pkt);
		}
	}
}

static const struct sock_app_ops server_ops = {
	.name = "server", .start = server_start, .events = server_events
};

static void
server_create(struct sim_node *node)
{
	const struct stack_service_config config = {
		.ops = &server_ops,
		.service.local = { .port = PORT, .iface = PKT_IFACE_NONE },
	};
	struct error err = { 0 };

	sim_assert(stack_service_start(sim_stack(node), &config, &err) == 0, "%s", err.text);
}

/* ---- the client: numbered datagrams of many lengths, and what comes back ---- */

struct client {
	struct sim *sim;
	struct sim_node *node;
	struct sock_app app;
	struct sock *sock;
	unsigned sent, received, refused;
	uint8_t seen[COUNT];
};

static size_t
length_of(unsigned number)
{
	return 4 + (size_t)number * 37 % (LENGTH_MAX - 4);
}

static void
data_fill(unsigned number, uint8_t *data)
{
	for (size_t i = 0; i < length_of(number); i++)
		data[i] = (uint8_t)(i * 7 + number);
	memcpy(data, &number, sizeof(number));
}

static void
client_check(struct client *client, const uint8_t *data, size_t length)
{
	uint8_t expected[LENGTH_MAX];
	unsigned number = COUNT;

	if (length >= sizeof(number))
		memcpy(&number, data, sizeof(number));
	sim_assert(number < COUNT && length == length_of(number), "%zu bytes that nobody sent",
		length);
	data_fill(number, expected);
	sim_assert(memcmp(data, expected, length) == 0, "datagram %u is not what was sent", number);
	client->received += client->seen[number]++ == 0;
}

static int
client_start(struct sock_app *app, const void *config)
{
	return 0;
}

static void
client_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct client *client = app->state;
	uint8_t data[LENGTH_MAX + 1];
	int64_t length;

	while ((length = sock_receive(client->sock, data, sizeof(data), NULL)) >= 0)
		client_check(client, data, (size_t)length);
	client->refused += length == -ECONNREFUSED;
}

static const struct sock_app_ops client_ops = {
	.name = "client", .start = client_start, .events = client_events
};

static void
client_create(struct sim *sim, struct client *client, struct sim_node *node,
	const struct sim_node *to, enum ip_family family)
{
	const struct sock_addr peer = { sim_addr(to, family), PORT, PKT_IFACE_NONE };

	*client = (struct client){ .sim = sim, .node = node };
	client->app.ops = &client_ops;
	client->app.state = client;
	sim_assert(stack_app_start(sim_stack(node), &client->app) == 0, "no application");
	sim_assert(sock_open(&client->app, SOCK_UDP, family, IP_VRF_DEFAULT, &client->sock) == 0 &&
			sock_connect(client->sock, &peer) == 0,
		"no socket");
}

/* One a millisecond. */
static void
client_send(struct sim *sim, void *arg)
{
	struct client *client = arg;
	uint8_t data[LENGTH_MAX];
	size_t length = length_of(client->sent);
	int64_t rc;

	data_fill(client->sent, data);
	sim_stack(client->node);
	rc = sock_send(client->sock, data, length, NULL);
	sim_assert(rc == (int64_t)length || rc == -ECONNREFUSED, "send says %d", (int)rc);
	client->refused += rc < 0;
	client->sent++;
	if (client->sent < COUNT)
		sim_after_ms(sim, 1, client_send, client);
}

/* ---- scenarios ---- */

struct path {
	struct sim_node *a, *b;
	struct client clients[2]; /* of a, by family */
};

static void
path_create(struct sim *sim, struct path *p)
{
	struct sim_node *r = sim_node(sim, "r");

	p->a = sim_node(sim, "a");
	p->b = sim_node(sim, "b");
	sim_link(p->a, r);
	sim_link(r, p->b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
}

static void
path_run(struct sim *sim, struct path *p)
{
	for (unsigned i = 0; i < 2; i++) {
		client_create(sim, &p->clients[i], p->a, p->b, i == 0 ? IP_FAMILY_4 : IP_FAMILY_6);
		client_send(sim, &p->clients[i]);
	}
	/* Fragments wait a minute for those that were lost. */
	sim_run_ms(sim, COUNT + 65000);
	for (unsigned i = 0; i < 2; i++) {
		sim_assert(p->clients[i].sent == COUNT, "only %u were sent", p->clients[i].sent);
		sim_stack(p->a);
		sock_app_stop(&p->clients[i].app);
	}
}

/* The first ones wait for their neighbours, of whose queue little is asked: 8 fit. */
static void
all_come_back(struct sim *sim)
{
	struct path p;

	path_create(sim, &p);
	server_create(p.b);
	path_run(sim, &p);
	for (unsigned i = 0; i < 2; i++)
		for (unsigned n = 8; n < COUNT; n++)
			sim_assert(p.clients[i].seen[n] == 1, "datagram %u came back %u times", n,
				p.clients[i].seen[n]);
}

/* What comes is what was sent, whatever befalls it on its way; and a good part of it comes. */
static void
what_comes_is_intact(struct sim *sim)
{
	const struct cable_impair bad = {
		.delay_ns = 10 * SIM_MS_NS,
		.jitter_ns = 5 * SIM_MS_NS,
		.loss.p = SIM_PERCENT(3),
		.duplicate = SIM_PERCENT(2),
		.corrupt_after = SIM_PERCENT(2),
	};
	struct path p;

	path_create(sim, &p);
	server_create(p.b);
	/* Before that neighbours are known: who has to be asked for again takes a second. */
	sim_ping(p.a, p.b, IP_FAMILY_4, &(struct sim_ping_config){ .count = 1 });
	sim_ping(p.a, p.b, IP_FAMILY_6, &(struct sim_ping_config){ .count = 1 });
	sim_run_ms(sim, 5000);
	for (unsigned i = 0; i < sim_link_count(sim); i++)
		sim_link_impair(sim_link_at(sim, i), &bad);
	path_run(sim, &p);
	for (unsigned i = 0; i < 2; i++)
		sim_assert(p.clients[i].received > COUNT / 3, "only %u came back",
			p.clients[i].received);
}

/* RFC 1122 4.1.3.1, 4.1.3.3: who asks in vain is told, within the rate of errors. */
static void
nobody_listens(struct sim *sim)
{
	struct path p;

	path_create(sim, &p);
	path_run(sim, &p);
	for (unsigned i = 0; i < 2; i++)
		sim_assert(p.clients[i].received == 0 && p.clients[i].refused > 10,
			"%u refusals were told", p.clients[i].refused);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(all_come_back),
		SIM_SCENARIO(what_comes_is_intact),
		SIM_SCENARIO(nobody_listens),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
