/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the workers of a stack know of each other: who has associations and listeners on which port.
 * For packets that carry no tag of ours: INIT, and those that reflect their sender's tag.
 *
 * Each worker writes its own bits and its own table. Tables of others are only asked whether they
 * have a hash; wrong answers do no harm: who is handed a packet that it does not know treats it as
 * one of nobody's.
 */
#include <stdlib.h>

#include "sctp/sctp_priv.h"

struct sctp_ports *
sctp_ports_create(void)
{
	/* Most ports are never used: pages of the system's, which come when they are. */
	return calloc(1, sizeof(struct sctp_ports));
}

void
sctp_ports_destroy(struct sctp_ports *ports)
{
	free(ports);
}

static void
bit_set(const struct sctp_core *core, uint64_t *word)
{
	__atomic_fetch_or(word, UINT64_C(1) << core->config.worker, __ATOMIC_SEQ_CST);
}

static void
bit_clear(const struct sctp_core *core, uint64_t *word)
{
	__atomic_fetch_and(word, ~(UINT64_C(1) << core->config.worker), __ATOMIC_SEQ_CST);
}

void
sctp_ports_assoc_add(struct sctp_core *core, uint16_t port)
{
	if (core->port_counts[port].assocs++ == 0 && core->config.ports != NULL)
		bit_set(core, &core->config.ports->ports[port].assocs);
}

void
sctp_ports_assoc_remove(struct sctp_core *core, uint16_t port)
{
	if (--core->port_counts[port].assocs == 0 && core->config.ports != NULL)
		bit_clear(core, &core->config.ports->ports[port].assocs);
}

void
sctp_ports_listener_add(struct sctp_core *core, uint16_t port)
{
	if (core->port_counts[port].listeners++ == 0 && core->config.ports != NULL)
		bit_set(core, &core->config.ports->ports[port].listeners);
}

void
sctp_ports_listener_remove(struct sctp_core *core, uint16_t port)
{
	if (--core->port_counts[port].listeners == 0 && core->config.ports != NULL)
		bit_clear(core, &core->config.ports->ports[port].listeners);
}

bool
sctp_port_is_used(const struct sctp_core *core, uint16_t port)
{
	const struct sctp_ports *ports = core->config.ports;

	return core->port_counts[port].assocs > 0 ||
		(ports != NULL &&
			__atomic_load_n(&ports->ports[port].assocs, __ATOMIC_RELAXED) != 0);
}

unsigned
sctp_ports_owner(const struct sctp_core *core, uint16_t port, uint32_t hash)
{
	const struct sctp_ports *ports = core->config.ports;
	bool unsure = false;
	uint64_t workers;

	if (ports == NULL)
		return SCTP_WORKER_NONE;
	workers = __atomic_load_n(&ports->ports[port].assocs, __ATOMIC_ACQUIRE);
	workers &= ~(UINT64_C(1) << core->config.worker);
	for (; workers != 0; workers &= workers - 1) {
		unsigned worker = (unsigned)__builtin_ctzll(workers);

		switch (sctp_table_has(ports->tables[worker], hash)) {
		case SCTP_TABLE_HAS: return worker;
		case SCTP_TABLE_CHANGES: unsure = true; break;
		case SCTP_TABLE_HAS_NOT: break;
		}
	}
	return unsure ? SCTP_WORKER_UNSURE : SCTP_WORKER_NONE;
}

unsigned
sctp_ports_listener(const struct sctp_core *core, uint16_t port, bool handed)
{
	const struct sctp_ports *ports = core->config.ports;
	const uint64_t own = core->config.worker;
	uint64_t workers;

	if (ports == NULL)
		return SCTP_WORKER_NONE;
	workers = __atomic_load_n(&ports->ports[port].listeners, __ATOMIC_ACQUIRE);
	/* From one to the next, and never back: each has its say once. */
	workers &= handed ? ~UINT64_C(0) << own << 1 : ~(UINT64_C(1) << own);
	return workers != 0 ? (unsigned)__builtin_ctzll(workers) : SCTP_WORKER_NONE;
}
