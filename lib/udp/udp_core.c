/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's UDP: its memory, all of which is taken before the worker runs. */
#include "udp/udp_priv.h"

#include <stdlib.h>

#include <rte_malloc.h>

static void *
numa_alloc(const struct udp_config *config, const char *what, size_t count, size_t size)
{
	return rte_calloc_socket(what, count, size, 64, config->numa_node);
}

static void
free_lists_init(struct udp_core *core)
{
	const uint32_t held_max = core->config.held_max;

	core->free_count = core->config.sockets_max;
	for (uint32_t i = 0; i < core->free_count; i++)
		core->free_sockets[i] = core->free_count - 1 - i;
	for (uint32_t i = 0; i < held_max; i++)
		core->slots[i].next = i + 1 < held_max ? i + 1 : UDP_SLOT_NONE;
	core->free_slot = held_max > 0 ? 0 : UDP_SLOT_NONE;
	TAILQ_INIT(&core->events);
}

struct udp_core *
udp_core_create(const struct udp_config *config)
{
	struct udp_core *core = numa_alloc(config, "udp", 1, sizeof(*core));

	if (core == NULL)
		return NULL;
	core->config = *config;
	core->sockets =
		numa_alloc(config, "udp sockets", config->sockets_max, sizeof(*core->sockets));
	core->free_sockets = numa_alloc(
		config, "udp free sockets", config->sockets_max, sizeof(*core->free_sockets));
	core->slots = numa_alloc(config, "udp slots", config->held_max, sizeof(*core->slots));
	/* Most ports are never used: pages of the system's, which come when they are. */
	core->port_sockets = calloc(UINT16_MAX + 1, sizeof(*core->port_sockets));
	if (core->sockets == NULL || core->free_sockets == NULL || core->slots == NULL ||
		core->port_sockets == NULL || udp_table_create(core) < 0) {
		udp_core_destroy(core);
		return NULL;
	}
	free_lists_init(core);
	core->config.name = NULL;
	return core;
}

void
udp_core_destroy(struct udp_core *core)
{
	if (core == NULL)
		return;
	/* In one that was not made wholly there are no sockets. */
	for (uint32_t i = 0; core->sockets != NULL && i < core->config.sockets_max; i++) {
		if (core->sockets[i].core != NULL)
			udp_close(&core->sockets[i]);
	}
	udp_table_destroy(core);
	free(core->port_sockets);
	rte_free(core->slots);
	rte_free(core->free_sockets);
	rte_free(core->sockets);
	rte_free(core);
}

const struct udp_counters *
udp_counters(const struct udp_core *core)
{
	return &core->counters;
}

uint32_t
udp_socket_count(const struct udp_core *core)
{
	return core->config.sockets_max - __atomic_load_n(&core->free_count, __ATOMIC_RELAXED);
}

const struct udp_socket *
udp_socket_next(const struct udp_core *core, uint32_t from, uint32_t *place)
{
	for (uint32_t i = from; i < core->config.sockets_max; i++) {
		if (core->sockets[i].core != NULL) {
			*place = i;
			return &core->sockets[i];
		}
	}
	return NULL;
}
