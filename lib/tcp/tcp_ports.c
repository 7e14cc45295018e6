/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the workers of a stack know of each other: who has connections and listeners on
 * which port. So that a segment that comes to another worker than its connection's finds its way.
 *
 * Each worker writes its own bits and its own table. Tables of others are only asked whether they have
 * a hash; wrong answers do no harm: who is handed a segment that it does not know treats it as one of
 * nobody's. That nobody has one is said only of tables that stood still meanwhile.
 */
#include "tcp/tcp_priv.h"

#include <stdlib.h>

struct tcp_ports *
tcp_ports_create(void)
{
	/* Most ports are never used: pages of the system's, which come when they are. */
	return calloc(1, sizeof(struct tcp_ports));
}

void
tcp_ports_destroy(struct tcp_ports *ports)
{
	free(ports);
}

static void
bit_set(uint64_t *word, unsigned worker)
{
	__atomic_fetch_or(word, UINT64_C(1) << worker, __ATOMIC_SEQ_CST);
}

static void
bit_clear(uint64_t *word, unsigned worker)
{
	__atomic_fetch_and(word, ~(UINT64_C(1) << worker), __ATOMIC_SEQ_CST);
}

/* ---- connections ---- */

void
tcp_ports_conn_add(struct tcp_core *core, uint16_t port)
{
	if (core->config.ports != NULL && core->port_counts[port].conns++ == 0)
		bit_set(&core->config.ports->ports[port].conns, core->config.worker);
}

void
tcp_ports_conn_remove(struct tcp_core *core, uint16_t port)
{
	if (core->config.ports != NULL && --core->port_counts[port].conns == 0)
		bit_clear(&core->config.ports->ports[port].conns, core->config.worker);
}

static unsigned
owner_of_kinds(const struct tcp_core *core, uint16_t port, uint32_t hash, uint32_t kinds)
{
	const struct tcp_ports *ports = core->config.ports;
	bool unsure = false;
	uint64_t workers;

	if (ports == NULL)
		return TCP_WORKER_NONE;
	workers = __atomic_load_n(&ports->ports[port].conns, __ATOMIC_ACQUIRE);
	workers &= ~(UINT64_C(1) << core->config.worker);
	for (; workers != 0; workers &= workers - 1) {
		unsigned worker = (unsigned)__builtin_ctzll(workers);

		switch (tcp_table_has(ports->tables[worker], hash, kinds)) {
		case TCP_TABLE_HAS: return worker;
		case TCP_TABLE_CHANGES: unsure = true; break;
		case TCP_TABLE_HAS_NOT: break;
		}
	}
	return unsure ? TCP_WORKER_UNSURE : TCP_WORKER_NONE;
}

unsigned
tcp_ports_owner(const struct tcp_core *core, uint16_t port, uint32_t hash)
{
	return owner_of_kinds(core, port, hash, TCP_KINDS_ALL);
}

unsigned
tcp_ports_successor(const struct tcp_core *core, uint16_t port, uint32_t hash)
{
	return owner_of_kinds(core, port, hash, ~(1U << TCP_KIND_TIME_WAIT));
}

/* ---- listeners ---- */

void
tcp_ports_listener_add(struct tcp_core *core, uint16_t port)
{
	if (core->config.ports != NULL && core->port_counts[port].listeners++ == 0)
		bit_set(&core->config.ports->ports[port].listeners, core->config.worker);
}

void
tcp_ports_listener_remove(struct tcp_core *core, uint16_t port)
{
	if (core->config.ports != NULL && --core->port_counts[port].listeners == 0)
		bit_clear(&core->config.ports->ports[port].listeners, core->config.worker);
}

unsigned
tcp_ports_listener(const struct tcp_core *core, uint16_t port, bool handed)
{
	const struct tcp_ports *ports = core->config.ports;
	const uint64_t own = core->config.worker;
	uint64_t workers;

	if (ports == NULL)
		return TCP_WORKER_NONE;
	workers = __atomic_load_n(&ports->ports[port].listeners, __ATOMIC_ACQUIRE);
	/* From one to the next, and never back: each has its say once. */
	workers &= handed ? ~UINT64_C(0) << own << 1 : ~(UINT64_C(1) << own);
	return workers != 0 ? (unsigned)__builtin_ctzll(workers) : TCP_WORKER_NONE;
}
