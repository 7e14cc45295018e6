/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's SCTP: its making, its defaults, its counters. */
#include <stdlib.h>

#include "sctp/sctp_data.h"

static const char *const stat_names[] = {
#define SCTP_STAT(name, help) #name,
#include "sctp/sctp_stat.def"
#undef SCTP_STAT
};

static const char *const stat_helps[] = {
#define SCTP_STAT(name, help) help,
#include "sctp/sctp_stat.def"
#undef SCTP_STAT
};

const char *
sctp_stat_name(enum sctp_stat stat)
{
	return stat < SCTP_STAT_COUNT ? stat_names[stat] : "unknown";
}

const char *
sctp_stat_help(enum sctp_stat stat)
{
	return stat < SCTP_STAT_COUNT ? stat_helps[stat] : "unknown";
}

const uint64_t *
sctp_stats(const struct sctp_core *core)
{
	return core->stats;
}

void
sctp_config_init(struct sctp_config *config)
{
	*config = (struct sctp_config){
		.worker_count = 1,
		.assocs_max = 16384,
		.paths_max = 32768,
		.chunks_max = 131072,
		.stream_blocks_max = 32768,
		.received_max = 64 << 20,
		.listeners_max = 1024,
		.notices_max = 16384,
		.auths_max = 4096,
		.auth_keys_max = 8192,
		.reconfigs_max = 4096,
		.asconfs_max = 4096,
		.gap_maps_max = 4096,
		.sent_blocks_max = 32768,
	};
}

void
sctp_settings_init(struct sctp_settings *settings)
{
	/* RFC 9260 16; it knows no potentially failed paths: RFC 7829's are there if wished for. */
	*settings = (struct sctp_settings){
		.cc = cc_find("newreno"),
		.rto_initial_ms = 1000,
		.rto_min_ms = 1000,
		.rto_max_ms = 60000,
		.heartbeat_interval_ms = 30000,
		.cookie_life_ms = 60000,
		.sack_delay_ms = 200,
		.sack_packets = 2,
		.pr_policy = SCTP_PR_NONE,
		.init_retries = 8,
		.assoc_retries = 10,
		.path_retries = 5,
		.pf_retries = UINT8_MAX,
		.burst = 4,
		.out_streams = 10,
		.in_streams = SCTP_STREAMS_MAX,
		.receive_buffer = 262144,
		.send_buffer = 262144,
		.ttl = 64,
		/* As systems have it; what a peer may ask for by RE-CONFIG is still to be allowed. */
		.extensions = SCTP_EXT_FORWARD_TSN | SCTP_EXT_RE_CONFIG,
		.notices = UINT32_MAX,
	};
}

const struct sctp_settings *
sctp_defaults(const struct sctp_core *core)
{
	return &core->defaults;
}

void
sctp_defaults_set(struct sctp_core *core, const struct sctp_settings *settings)
{
	core->defaults = *settings;
}

static int
core_alloc(struct sctp_core *core)
{
	const struct sctp_config *config = &core->config;
	const struct {
		struct slab *slab;
		size_t size;
		uint32_t count;
	} slabs[] = {
		{ &core->assocs, sizeof(struct sctp_assoc), config->assocs_max },
		{ &core->paths, sizeof(struct sctp_path), config->paths_max },
		{ &core->pieces, sizeof(struct sctp_piece), config->chunks_max },
		{ &core->sent_blocks, sizeof(struct sctp_sent_block),
			config->chunks_max / SCTP_SENT_BLOCK + config->sent_blocks_max },
		{ &core->stream_blocks, sizeof(struct sctp_stream_block),
			config->stream_blocks_max },
		{ &core->abandoned, SCTP_BLOCK * sizeof(struct sctp_abandoned),
			RTE_MAX(config->stream_blocks_max / 8, 1U) },
		{ &core->listeners, sizeof(struct sctp_listener), config->listeners_max },
		{ &core->notices, sizeof(struct sctp_notice_item), config->notices_max },
		{ &core->auths, sizeof(struct sctp_auth), config->auths_max },
		{ &core->auth_keys, sizeof(struct sctp_auth_key), config->auth_keys_max },
		{ &core->keyrings, sizeof(struct sctp_auth_keys), config->auths_max },
		{ &core->reconfigs, sizeof(struct sctp_reconfig), config->reconfigs_max },
		{ &core->asconfs, sizeof(struct sctp_asconf), config->asconfs_max },
		{ &core->gap_maps, sizeof(struct sctp_gap_map), config->gap_maps_max },
	};

	for (unsigned i = 0; i < RTE_DIM(slabs); i++) {
		int ret = slab_init(
			slabs[i].slab, (uint32_t)slabs[i].size, slabs[i].count, config->socket_id);

		if (ret != 0)
			return ret;
	}
	/* Most is never touched. */
	core->port_counts = calloc(UINT16_MAX + 1, sizeof(*core->port_counts));
	if (core->port_counts == NULL)
		return -ENOMEM;
	if (config->ports != NULL)
		config->ports->tables[config->worker] = &core->table;
	return sctp_table_init(
		&core->table, config->paths_max, &config->secret, &core->paths, config->socket_id);
}

int
sctp_core_create(const struct sctp_config *config, uint64_t now_ns, struct sctp_core **result)
{
	struct sctp_core *core =
		rte_zmalloc_socket("sctp core", sizeof(*core), 64, config->socket_id);

	if (core == NULL)
		return -ENOMEM;
	core->config = *config;
	core->cookie_epoch = UINT64_MAX;
	sctp_settings_init(&core->defaults);
	TAILQ_INIT(&core->flush);
	TAILQ_INIT(&core->events);
	TAILQ_INIT(&core->listener_events);
	timer_wheel_init(&core->wheel, now_ns);
	core->now_ns = now_ns;
	if (core_alloc(core) != 0) {
		sctp_core_destroy(core);
		return -ENOMEM;
	}
	*result = core;
	return 0;
}

uint32_t
sctp_assocs_max(const struct sctp_core *core)
{
	return core->config.assocs_max;
}

void
sctp_core_destroy(struct sctp_core *core)
{
	uint32_t cursor = 0;
	struct sctp_assoc *assoc;

	if (core == NULL)
		return;
	while (core->assocs.items != NULL && (assoc = sctp_assoc_next(core, &cursor)) != NULL)
		sctp_assoc_free(core, assoc);
	slab_fini(&core->assocs);
	slab_fini(&core->paths);
	slab_fini(&core->pieces);
	slab_fini(&core->sent_blocks);
	slab_fini(&core->stream_blocks);
	slab_fini(&core->abandoned);
	slab_fini(&core->listeners);
	slab_fini(&core->notices);
	slab_fini(&core->auths);
	slab_fini(&core->auth_keys);
	slab_fini(&core->keyrings);
	slab_fini(&core->reconfigs);
	slab_fini(&core->asconfs);
	slab_fini(&core->gap_maps);
	sctp_table_fini(&core->table);
	free(core->port_counts);
	rte_free(core);
}

void
sctp_now_set(struct sctp_core *core, uint64_t now_ns)
{
	/* Users may have begun before the clock did. */
	if (unlikely(!core->clock_runs) && now_ns > core->now_ns)
		sctp_timers_shift(core, now_ns - core->now_ns);
	core->clock_runs = true;
	core->now_ns = now_ns;
}

uint64_t
sctp_draw(struct sctp_core *core)
{
	/* The time as well: after another start the count begins anew. */
	const uint64_t words[3] = { core->draws++, core->config.worker, core->now_ns };

	return siphash(&core->config.secret, words, sizeof(words));
}

uint64_t
sctp_next_ns(const struct sctp_core *core)
{
	if (!TAILQ_EMPTY(&core->flush))
		return 0;
	return timer_wheel_next_ns(&core->wheel);
}

uint32_t
sctp_assoc_places(const struct sctp_core *core)
{
	return core->assocs.fresh;
}

struct sctp_assoc *
sctp_assoc_at(const struct sctp_core *core, uint32_t place)
{
	struct sctp_assoc *assoc = slab_at(&core->assocs, place);

	return assoc->in_use ? assoc : NULL;
}

struct sctp_assoc *
sctp_assoc_next(const struct sctp_core *core, uint32_t *cursor)
{
	struct sctp_assoc *assoc = NULL;

	while (assoc == NULL && *cursor < sctp_assoc_places(core))
		assoc = sctp_assoc_at(core, (*cursor)++);
	return assoc;
}
