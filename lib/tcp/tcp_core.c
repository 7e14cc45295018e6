/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's TCP: its making, its defaults, its counters. */
#include "tcp/tcp_priv.h"

#include <stdlib.h>

static const char *const stat_names[] = {
#define TCP_STAT(name, help) #name,
#include "tcp/tcp_stat.def"
#undef TCP_STAT
};

static const char *const stat_helps[] = {
#define TCP_STAT(name, help) help,
#include "tcp/tcp_stat.def"
#undef TCP_STAT
};

const char *
tcp_stat_name(enum tcp_stat stat)
{
	return stat < TCP_STAT_COUNT ? stat_names[stat] : "unknown";
}

const char *
tcp_stat_help(enum tcp_stat stat)
{
	return stat < TCP_STAT_COUNT ? stat_helps[stat] : "unknown";
}

const uint64_t *
tcp_stats(const struct tcp_core *core)
{
	return core->stats;
}

void
tcp_config_init(struct tcp_config *config)
{
	*config = (struct tcp_config){
		.conns_max = 65536,
		.segments_max = 65536,
		.send_buffers_max = 65536,
		.runs_max = 8192,
		.received_max = 64 << 20,
		.half_open_max = 16384,
		.time_wait_max = 65536,
		.listeners_max = 1024,
		.names_max = 1024,
		/* RFC 6298 2.4 asks for a second; like everyone since, less is taken. */
		.rto_min_us = 200000,
		.rto_max_us = 120000000,
		.rto_initial_us = 1000000,
		.delayed_ack_us = 40000,
		.time_wait_us = 60000000,
		.fin_wait_2_us = 60000000,
		/* RFC 9293 3.8.3, MUST-23: three minutes at least, doubled from a second on. */
		.syn_retries = 7,
		.synack_retries = 5,
		.sack = true,
		.timestamps = true,
		.window_scaling = true,
	};
	tcp_policy_init(&config->policy);
}

void
tcp_policy_init(struct tcp_policy *policy)
{
	*policy = (struct tcp_policy){
		.ecn = TCP_ECN_PASSIVE, .syn_cookies = true, .time_wait_reuse = true
	};
}

void
tcp_settings_init(struct tcp_settings *settings)
{
	*settings = (struct tcp_settings){
		.cc = cc_default(),
		.mtu = 1500,
		.receive_buffer = 131072,
		.receive_buffer_max = 6291456,
		.send_buffer = 87040,
		.send_buffer_max = 4194304,
		.keepalive_interval_ms = 75000,
		.keepalive_count = 9,
		.ttl = 64,
	};
}

static int
core_alloc(struct tcp_core *core)
{
	const struct tcp_config *config = &core->config;
	const struct {
		struct slab *slab;
		size_t size;
		uint32_t count;
	} slabs[] = {
		{ &core->conns, sizeof(struct tcp_conn), config->conns_max },
		{ &core->segs, sizeof(struct tcp_seg), config->segments_max },
		{ &core->runs, sizeof(struct tcp_run), config->runs_max },
		{ &core->half_opens, sizeof(struct tcp_half_open), config->half_open_max },
		{ &core->time_waits, sizeof(struct tcp_time_wait), config->time_wait_max },
		{ &core->listeners, sizeof(struct tcp_listener), config->listeners_max },
	};

	for (unsigned i = 0; i < RTE_DIM(slabs); i++) {
		int ret = slab_init(
			slabs[i].slab, (uint32_t)slabs[i].size, slabs[i].count, config->socket_id);

		if (ret != 0)
			return ret;
	}
	core->table.slabs[TCP_KIND_CONN] = &core->conns;
	core->table.slabs[TCP_KIND_HALF_OPEN] = &core->half_opens;
	core->table.slabs[TCP_KIND_TIME_WAIT] = &core->time_waits;
	if (config->ports != NULL) {
		/* As of the ports, most is never touched. */
		core->port_counts = calloc(UINT16_MAX + 1, sizeof(*core->port_counts));
		if (core->port_counts == NULL)
			return -ENOMEM;
		config->ports->tables[config->worker] = &core->table;
		config->ports->names[config->worker] = &core->names;
	}
	if (tcp_names_init(&core->names, config->names_max, config->socket_id) != 0)
		return -ENOMEM;
	if (tcp_peers_init(core) != 0)
		return -ENOMEM;
	return tcp_table_init(&core->table,
		config->conns_max + config->half_open_max + config->time_wait_max, &config->secret,
		config->socket_id);
}

int
tcp_core_create(const struct tcp_config *config, uint64_t now_ns, struct tcp_core **result)
{
	struct tcp_core *core =
		rte_zmalloc_socket("tcp core", sizeof(*core), 64, config->socket_id);

	if (core == NULL)
		return -ENOMEM;
	core->config = *config;
	if (core->config.synack_retries > TCP_SYNACK_RETRIES_MAX)
		core->config.synack_retries = TCP_SYNACK_RETRIES_MAX;
	TAILQ_INIT(&core->flush);
	TAILQ_INIT(&core->events);
	TAILQ_INIT(&core->listener_events);
	TAILQ_INIT(&core->time_wait);
	for (unsigned i = 0; i <= TCP_SYNACK_RETRIES_MAX; i++)
		TAILQ_INIT(&core->half_open[i]);
	timer_wheel_init(&core->wheel, now_ns);
	tcp_now_set(core, now_ns);
	if (core_alloc(core) != 0) {
		tcp_core_destroy(core);
		return -ENOMEM;
	}
	*result = core;
	return 0;
}

void
tcp_core_destroy(struct tcp_core *core)
{
	uint32_t cursor = 0;
	struct tcp_conn *conn;

	if (core == NULL)
		return;
	while (core->conns.items != NULL && (conn = tcp_conn_next(core, &cursor)) != NULL)
		tcp_conn_free(core, conn);
	slab_fini(&core->conns);
	slab_fini(&core->segs);
	slab_fini(&core->runs);
	slab_fini(&core->half_opens);
	slab_fini(&core->time_waits);
	slab_fini(&core->listeners);
	tcp_names_fini(&core->names);
	tcp_table_fini(&core->table);
	tcp_peers_fini(core);
	free(core->port_counts);
	rte_free(core);
}

void
tcp_now_set(struct tcp_core *core, uint64_t now_ns)
{
	core->now_ns = now_ns;
	core->now_us = (uint32_t)(now_ns / 1000);
	core->now_ms = (uint32_t)(now_ns / 1000000);
}

void
tcp_offload_set(struct tcp_core *core, const struct tcp_offload *offload)
{
	core->config.offload = *offload;
}

void
tcp_policy_set(struct tcp_core *core, const struct tcp_policy *policy)
{
	core->config.policy = *policy;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
tcp_next_ns(const struct tcp_core *core)
{
	const struct tcp_time_wait *wait = TAILQ_FIRST(&core->time_wait);
	uint64_t next;

	if (!TAILQ_EMPTY(&core->flush))
		return 0;
	/* As on a router. */
	if (core->table.count == 0)
		return UINT64_MAX;
	next = earlier(timer_wheel_next_ns(&core->wheel), tcp_half_open_next_ns(core));
	return wait != NULL ? earlier(next, wait->due_ns) : next;
}

struct tcp_conn *
tcp_conn_next(const struct tcp_core *core, uint32_t *cursor)
{
	while (*cursor < core->conns.fresh) {
		struct tcp_conn *conn = slab_at(&core->conns, (*cursor)++);

		if (conn->in_use)
			return conn;
	}
	return NULL;
}
