/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole stack on port doubles: see stack_fixture.h. */
#include "support/stack_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "stack/worker.h"

/* Rounds after which a stack that still finds something to do has run wild. */
#define ROUNDS_MAX 100000
#define STEP_NS    10000000ULL

static void
check(int rc, const struct error *err, const char *what)
{
	if (rc < 0)
		fail_msg("%s: %s (%d)", what, err->text, rc);
}

static struct ip_prefix
prefix_of(const char *text)
{
	struct ip_prefix prefix;

	if (ip_prefix_parse(text, &prefix) != 0)
		fail_msg("%s is no prefix", text);
	return prefix;
}

/* ---- making and taking down ---- */

static void
port_add(struct stack_fixture *f, unsigned index)
{
	const struct port_config config = { .rxq_count = f->config.rxqs,
		.txq_count = f->config.txqs };
	struct port_double *wire;
	struct error err = { 0 };
	char name[PORT_NAME_MAX];

	snprintf(name, sizeof(name), "wire%u.%u", f->stack->id, index);
	wire = port_double_create(name);
	wire->offloads &= ~f->config.offloads_off;
	wire->mac = (struct mac_addr){ { 2, 0, 0, 0, 1, (uint8_t)index } };
	f->wires[index] = wire;
	snprintf(name, sizeof(name), "p%u", index);
	check(stack_port_add(f->stack, &port_double_ops, name, wire->name, &config, &err), &err,
		name);
}

static void
port_addrs(struct stack_fixture *f, unsigned index)
{
	char iface[16], addr[64], mac[32];

	snprintf(iface, sizeof(iface), "p%u", index);
	snprintf(addr, sizeof(addr), "10.0.%u.1/24", index);
	stack_fixture_addr(f, iface, addr);
	snprintf(addr, sizeof(addr), "2001:db8:%u::1/64", index);
	stack_fixture_addr(f, iface, addr);
	for (unsigned i = 2; i < 2 + STACK_FIXTURE_NEIGHS && !f->config.strangers; i++) {
		snprintf(mac, sizeof(mac), "02:00:00:00:%02x:%02x", i, index);
		snprintf(addr, sizeof(addr), "10.0.%u.%u", index, i);
		stack_fixture_neigh(f, iface, addr, mac);
		snprintf(addr, sizeof(addr), "2001:db8:%u::%u", index, i);
		stack_fixture_neigh(f, iface, addr, mac);
	}
}

struct stack_fixture *
stack_fixture_create(const struct stack_fixture_config *asked)
{
	struct stack_fixture *f = calloc(1, sizeof(*f));
	struct stack_config config = { .nexthops_max = 1024, .neigh = NEIGH_CONFIG_DEFAULT };
	struct error err = { 0 };

	assert_non_null(f);
	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++)
		log_level_set((enum log_module)i, LOG_LEVEL_ERROR);
	f->config = *asked;
	if (f->config.workers == 0)
		f->config.workers = 1;
	if (f->config.ports == 0)
		f->config.ports = 2;
	config.worker_count = f->config.workers;
	for (unsigned i = 0; i < config.worker_count; i++)
		config.lcores[i] = f->config.threads ? i + 1 : 0;
	config.mbufs_per_worker = f->config.mbufs != 0 ? f->config.mbufs : 4096;
	config.neigh.incomplete_max = 64;
	config.neigh.held_max = f->config.held_max != 0 ? f->config.held_max : 256;
	config.neigh.held_buffers_max = 2 * config.neigh.held_max;
	config.seed = f->config.seed;
	if (f->config.announce)
		config.nd.announce_count = 2;
	if (f->config.mld)
		config.nd.mld_robustness = 2;
	if (f->config.dad)
		config.nd.dad_transmits = 1;
	memcpy(config.nd.stable_secret, f->config.stable_secret, STACK_SECRET_MAX);
	check(stack_create(&config, &f->stack, &err), &err, "stack_create");
	for (unsigned i = 0; i < config.worker_count; i++)
		ip_id_init(&f->stack->workers[i]->ip.ids, 1, i, config.worker_count);
	f->pool = f->stack->workers[0]->pool;
	f->now_ns = 1000000000;
	for (unsigned i = 0; i < f->config.ports; i++) {
		port_add(f, i);
		if (!f->config.bare)
			port_addrs(f, i);
	}
	if (f->config.threads) {
		/* There are more workers than CPUs: one that finds nothing lets others run. */
		stack_poll_mode_set(f->stack, WORKER_POLL_ADAPTIVE);
		check(stack_start(f->stack, &err), &err, "stack_start");
	}
	return f;
}

/* What the stack holds for neighbours and what lies on wires belongs to nobody any more. */
static void
packets_return(struct stack_fixture *f)
{
	struct error err = { 0 };
	struct rte_mbuf *pkt;

	stack_fixture_run(f);
	/* Fragments that others never came to; errors about them may wait for neighbours. */
	f->now_ns += IP_REASSEMBLY_TIMEOUT_NS;
	stack_fixture_run(f);
	check(stack_neigh_flush(f->stack, "", &err), &err, "stack_neigh_flush");
	stack_fixture_run(f);
	for (unsigned i = 0; i < f->config.ports; i++) {
		while ((pkt = stack_fixture_take(f, i)) != NULL)
			rte_pktmbuf_free(pkt);
		for (unsigned q = 0; q < PORT_DOUBLE_QUEUES; q++)
			assert_int_equal(port_double_pending(f->wires[i], (uint16_t)q), 0);
	}
}

void
stack_fixture_destroy(struct stack_fixture *f)
{
	if (f->config.threads) {
		stack_stop(f->stack);
		f->config.threads = false;
	}
	packets_return(f);
	stack_fixture_flow(f);
	for (unsigned i = 0; i < f->stack->worker_count; i++) {
		unsigned lost = rte_mempool_in_use_count(f->stack->workers[i]->pool);

		if (lost != 0)
			fail_msg("%u packets of worker %u were not freed", lost, i);
	}
	stack_destroy(f->stack);
	for (unsigned i = 0; i < f->config.ports; i++)
		port_double_destroy(f->wires[i]);
	free(f);
}

/* ---- what a user says ---- */

void
stack_fixture_addr(struct stack_fixture *f, const char *iface, const char *text)
{
	const struct ip_prefix addr = prefix_of(text);
	struct error err = { 0 };

	check(stack_addr_add(f->stack, iface, &addr, &err), &err, text);
}

void
stack_fixture_unaddr(struct stack_fixture *f, const char *iface, const char *text)
{
	const struct ip_prefix addr = prefix_of(text);
	struct error err = { 0 };

	check(stack_addr_remove(f->stack, iface, &addr, &err), &err, text);
}

void
stack_fixture_neigh(struct stack_fixture *f, const char *iface, const char *text, const char *mac)
{
	const struct ip_prefix addr = prefix_of(text);
	struct mac_addr bytes;
	struct error err = { 0 };

	assert_int_equal(mac_addr_parse(mac, &bytes), 0);
	check(stack_neigh_add(f->stack, iface, &addr.addr, &bytes, &err), &err, text);
}

/* "10.0.1.2 10.0.1.3*7" */
static void
paths_parse(struct stack_route *route, char *text)
{
	for (char *word; (word = strsep(&text, " ")) != NULL; route->path_count++) {
		struct stack_path *path = &route->paths[route->path_count];
		char *weight = strchr(word, '*');

		path->weight = weight != NULL ? (uint32_t)strtoul(weight + 1, NULL, 10) : 1;
		if (weight != NULL)
			*weight = '\0';
		path->gateway = prefix_of(word).addr;
	}
}

void
stack_fixture_route(struct stack_fixture *f, const char *prefix, const char *to)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err = { 0 };
	char text[1024];

	assert_non_null(route);
	route->prefix = prefix_of(prefix);
	snprintf(text, sizeof(text), "%s", to);
	if (strcmp(to, "blackhole") == 0) {
		route->type = STACK_ROUTE_BLACKHOLE;
	} else if (strcmp(to, "unreachable") == 0) {
		route->type = STACK_ROUTE_UNREACHABLE;
	} else if (strcmp(to, "prohibit") == 0) {
		route->type = STACK_ROUTE_PROHIBIT;
	} else if (strncmp(to, "dev ", 4) == 0) {
		route->type = STACK_ROUTE_DEV;
		snprintf(route->iface, sizeof(route->iface), "%s", to + 4);
	} else {
		paths_parse(route, text);
	}
	check(stack_route_add(f->stack, route, true, &err), &err, prefix);
	free(route);
}

void
stack_fixture_unroute(struct stack_fixture *f, const char *text)
{
	const struct ip_prefix prefix = prefix_of(text);
	struct error err = { 0 };

	check(stack_route_remove(f->stack, IP_VRF_DEFAULT, &prefix, &err), &err, text);
}

/* ---- packets ---- */

void
stack_fixture_inject(struct stack_fixture *f, unsigned port, const struct packet *packet)
{
	port_double_inject(f->wires[port], 0, packet_mbuf(f->pool, packet));
}

/* Timers of the control thread make packets after the workers were polled. */
static bool
rings_filled(const struct stack_fixture *f)
{
	for (unsigned i = 0; i < f->stack->worker_count; i++) {
		const struct worker *w = f->stack->workers[i];

		if (!rte_ring_empty(w->inject) || !rte_ring_empty(w->punt) ||
			!rte_ring_empty(w->handoff) || !rte_ring_empty(w->spread))
			return true;
	}
	return false;
}

void
stack_fixture_run(struct stack_fixture *f)
{
	bool busy = true;

	for (unsigned round = 0; busy; round++) {
		if (round == ROUNDS_MAX)
			fail_msg("the stack does not come to rest");
		busy = false;
		for (unsigned i = 0; i < f->stack->worker_count && !f->config.threads; i++)
			busy |= worker_poll(f->stack->workers[i], f->now_ns);
		busy |= stack_poll(f->stack, f->now_ns);
		busy |= !f->config.threads && rings_filled(f);
	}
	if (!f->config.threads)
		stack_fixture_flow(f);
}

uint64_t
stack_fixture_next_ns(const struct stack_fixture *f)
{
	uint64_t next_ns = stack_next_event_ns(f->stack);

	for (unsigned i = 0; i < f->stack->worker_count; i++)
		next_ns = RTE_MIN(next_ns, worker_next_event_ns(f->stack->workers[i]));
	return next_ns;
}

void
stack_fixture_advance(struct stack_fixture *f, unsigned ms)
{
	const uint64_t end_ns = f->now_ns + ms * 1000000ULL;

	while (f->now_ns < end_ns) {
		f->now_ns += RTE_MIN(STEP_NS, end_ns - f->now_ns);
		stack_fixture_run(f);
	}
}

struct rte_mbuf *
stack_fixture_take(struct stack_fixture *f, unsigned port)
{
	struct rte_mbuf *pkt = NULL;

	for (uint16_t q = 0; q < PORT_DOUBLE_QUEUES && pkt == NULL; q++)
		pkt = port_double_take(f->wires[port], q);
	return pkt;
}

void
stack_fixture_expect_at(struct stack_fixture *f, unsigned port, const struct packet *expected,
	const char *file, int line)
{
	struct rte_mbuf *pkt = stack_fixture_take(f, port);
	struct packet packet = *expected;
	char mac[MAC_TEXT_MAX];

	mac_addr_format(&f->wires[port]->mac, mac);
	if (packet.eth_src == NULL)
		packet.eth_src = mac;
	packet_assert_at(pkt, &packet, file, line);
	rte_pktmbuf_free(pkt);
}

void
stack_fixture_expect_silence(const struct stack_fixture *f)
{
	for (unsigned i = 0; i < f->config.ports; i++) {
		for (uint16_t q = 0; q < PORT_DOUBLE_QUEUES; q++) {
			if (port_double_sent(f->wires[i], q) != 0)
				fail_msg("p%u sent what nobody expected", i);
		}
	}
}

/* ---- what became of it ---- */

struct flow_stats
stack_fixture_flow(const struct stack_fixture *f)
{
	struct worker_stats stats;
	const struct flow_stats *flow = &stats.flow;

	stack_worker_stats(f->stack, f->stack->worker_count, &stats);
	assert_int_equal(flow->rx + flow->originated + flow->injected + flow->split,
		flow->tx + flow->delivered + flow->punted + flow->dropped + flow->merged +
			flow->held + flow->in_transit + flow->in_handover);
	return *flow;
}

uint64_t
stack_fixture_drops(const struct stack_fixture *f, enum drop_reason reason)
{
	uint64_t drops[DROP_REASON_COUNT];

	stack_drops(f->stack, drops);
	return drops[reason];
}

uint64_t
stack_fixture_drops_all(const struct stack_fixture *f)
{
	uint64_t drops[DROP_REASON_COUNT], sum = 0;

	stack_drops(f->stack, drops);
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++)
		sum += drops[i];
	return sum;
}

unsigned
stack_fixture_nexthops(const struct stack_fixture *f)
{
	unsigned count = 0;

	for (uint32_t id = nexthop_next(f->stack->nexthops, NEXTHOP_ID_FIRST_FREE);
		id != UINT32_MAX; id = nexthop_next(f->stack->nexthops, id + 1))
		count++;
	return count;
}

unsigned
stack_fixture_routes(const struct stack_fixture *f)
{
	struct route_table_stats stats;

	route_table_stats(stack_routes(f->stack, IP_VRF_DEFAULT), &stats);
	return stats.routes4 + stats.routes6;
}
