/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which socket a datagram is for: the most specific one, on whichever worker. Called by udp_input.c,
 * udp_error.c and udp_socket.c.
 *
 * What each worker's table has is its own to change; all may look it up. A port's use says which
 * workers' tables are worth it: most datagrams cost one load of it, and one lookup.
 */
#include "udp/udp_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_hash_crc.h>

#include "pkt/flow_hash.h"
#include "wire/ip6.h"

struct udp_ports *
udp_ports_create(uint32_t random)
{
	struct udp_ports *ports = calloc(1, sizeof(*ports));

	if (ports != NULL)
		ports->seed = random;
	return ports;
}

void
udp_ports_destroy(struct udp_ports *ports)
{
	free(ports);
}

/* As udp_bind(): first taken, then looked at, so that of two that want it at least one sees the other. */
int
udp_reserve(struct udp_ports *ports, uint16_t port)
{
	const uint16_t before = ports->reserved;
	uint64_t workers = 0;

	__atomic_store_n(&ports->reserved, port, __ATOMIC_SEQ_CST);
	for (enum udp_level level = 0; level < UDP_LEVELS && port != 0 && port != before; level++)
		workers |= __atomic_load_n(&ports->ports[port].workers[level], __ATOMIC_SEQ_CST);
	if (workers == 0)
		return 0;
	__atomic_store_n(&ports->reserved, before, __ATOMIC_SEQ_CST);
	return -EADDRINUSE;
}

int
udp_table_create(struct udp_core *core)
{
	const struct udp_config *config = &core->config;
	char name[RTE_HASH_NAMESIZE];
	const struct rte_hash_parameters params = {
		.name = name,
		/* A dual socket has two; one on an address one, and marks. */
		.entries = 3 * config->sockets_max + 64,
		.key_len = sizeof(struct udp_key),
		.hash_func = rte_hash_crc,
		.hash_func_init_val = config->ports->seed,
		.socket_id = config->numa_node,
		.extra_flag = config->rcu != NULL ? RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF : 0,
	};
	struct rte_hash_rcu_config rcu = { .v = config->rcu, .mode = RTE_HASH_QSBR_MODE_DQ };

	snprintf(name, sizeof(name), "udp.%s", config->name);
	core->table = rte_hash_create(&params);
	if (core->table == NULL || (rcu.v != NULL && rte_hash_rcu_qsbr_add(core->table, &rcu) != 0))
		return -ENOMEM;
	config->ports->tables[config->worker] = core->table;
	return 0;
}

void
udp_table_destroy(struct udp_core *core)
{
	core->config.ports->tables[core->config.worker] = NULL;
	rte_hash_free(core->table);
}

/* ---- keys ---- */

static bool
is_link_local(uint8_t family, const void *addr)
{
	return family == IP_FAMILY_6 && ip6_is_link_local(addr);
}

/* Its ports, and where it is. */
static struct udp_key
key_base(const struct udp_lookup *lookup)
{
	return (struct udp_key){
		.local_port = lookup->dst_port,
		.vrf = lookup->vrf,
		.family = lookup->family,
	};
}

static struct udp_key
key_of(const struct udp_lookup *lookup, enum udp_level level)
{
	const size_t length = lookup->family == IP_FAMILY_4 ? 4 : 16;
	struct udp_key key = key_base(lookup);

	if (level == UDP_ANY)
		return key;
	memcpy(key.local, lookup->dst, length);
	if (is_link_local(lookup->family, lookup->dst))
		key.scope = (uint16_t)(lookup->iface + 1U);
	if (level == UDP_BOUND)
		return key;
	memcpy(key.peer, lookup->src, length);
	key.peer_port = lookup->src_port;
	if (is_link_local(lookup->family, lookup->src))
		key.scope = (uint16_t)(lookup->iface + 1U);
	return key;
}

static enum udp_level
level_of(const struct udp_socket *socket)
{
	if (socket->connected)
		return UDP_CONNECTED;
	return ip_addr_is_unspecified(&socket->local) ? UDP_ANY : UDP_BOUND;
}

/* What a datagram for it would be looked up by, if it were of this family. */
static struct udp_key
socket_key(const struct udp_socket *socket, uint8_t family)
{
	const struct udp_lookup lookup = {
		.src = socket->peer.bytes,
		.dst = socket->local.bytes,
		.src_port = socket->peer_port,
		.dst_port = socket->local_port,
		.vrf = socket->vrf,
		.iface = socket->iface,
		.family = family,
	};

	return key_of(&lookup, level_of(socket));
}

/* Whether it hears datagrams of the family. */
static bool
hears(const struct udp_socket *socket, uint8_t family)
{
	if (socket->local.family == family)
		return true;
	return family == IP_FAMILY_4 && !socket->v6only && level_of(socket) == UDP_ANY;
}

/* Where the chain of a family's key goes on. */
static struct udp_socket **
next_of(struct udp_socket *socket, uint8_t family)
{
	return &socket->next[socket->local.family != family];
}

/* ---- changes ---- */

static int
key_insert(struct udp_core *core, struct udp_socket *socket, uint8_t family)
{
	const struct udp_key key = socket_key(socket, family);
	struct udp_socket *first;

	*next_of(socket, family) = NULL;
	if (rte_hash_lookup_data(core->table, &key, (void **)&first) >= 0) {
		*next_of(socket, family) = *next_of(first, family);
		*next_of(first, family) = socket;
		return 0;
	}
	return rte_hash_add_key_data(core->table, &key, socket) == 0 ? 0 : -ENOSPC;
}

static void
key_remove(struct udp_core *core, struct udp_socket *socket, uint8_t family)
{
	const struct udp_key key = socket_key(socket, family);
	struct udp_socket *first, *next = *next_of(socket, family);

	if (rte_hash_lookup_data(core->table, &key, (void **)&first) < 0)
		return;
	if (first == socket && next == NULL) {
		rte_hash_del_key(core->table, &key);
		return;
	}
	if (first == socket) {
		rte_hash_add_key_data(core->table, &key, next);
		return;
	}
	while (*next_of(first, family) != socket)
		first = *next_of(first, family);
	*next_of(first, family) = next;
}

/*
 * So that who wants any address finds those that other workers have sockets on: keys that say how many
 * these are on a port, and that no datagram is looked up by, since they have no peer but its port.
 */
enum udp_mark { UDP_MARK_ALL = 1, UDP_MARK_UNSHARED = 2 };

static struct udp_key
mark_key(const struct udp_socket *socket, uint8_t family, enum udp_mark mark)
{
	return (struct udp_key){
		.local_port = socket->local_port,
		.peer_port = (uint16_t)mark,
		.vrf = socket->vrf,
		.family = family,
	};
}

static int
mark_add(struct udp_core *core, const struct udp_socket *socket, enum udp_mark mark)
{
	const struct udp_key key = mark_key(socket, socket->local.family, mark);
	void *count = NULL;

	if (rte_hash_lookup_data(core->table, &key, &count) < 0)
		count = NULL;
	count = (void *)((uintptr_t)count + 1);
	return rte_hash_add_key_data(core->table, &key, count) == 0 ? 0 : -ENOSPC;
}

static void
mark_remove(struct udp_core *core, const struct udp_socket *socket, enum udp_mark mark)
{
	const struct udp_key key = mark_key(socket, socket->local.family, mark);
	void *count;

	if (rte_hash_lookup_data(core->table, &key, &count) < 0)
		return;
	if ((uintptr_t)count == 1)
		rte_hash_del_key(core->table, &key);
	else
		rte_hash_add_key_data(core->table, &key, (void *)((uintptr_t)count - 1));
}

static int
marks_add(struct udp_core *core, const struct udp_socket *socket)
{
	int rc;

	if (level_of(socket) == UDP_ANY)
		return 0;
	rc = mark_add(core, socket, UDP_MARK_ALL);
	if (rc < 0 || socket->reuse)
		return rc;
	rc = mark_add(core, socket, UDP_MARK_UNSHARED);
	if (rc < 0)
		mark_remove(core, socket, UDP_MARK_ALL);
	return rc;
}

static void
marks_remove(struct udp_core *core, const struct udp_socket *socket)
{
	if (level_of(socket) == UDP_ANY)
		return;
	mark_remove(core, socket, UDP_MARK_ALL);
	if (!socket->reuse)
		mark_remove(core, socket, UDP_MARK_UNSHARED);
}

/* Others see the key before they see that it is worth a lookup: see udp_socket.c's conflicts. */
static void
use_add(struct udp_core *core, const struct udp_socket *socket)
{
	enum udp_level level = level_of(socket);

	if (core->port_sockets[socket->local_port][level]++ == 0)
		__atomic_fetch_or(&core->config.ports->ports[socket->local_port].workers[level],
			UINT64_C(1) << core->config.worker, __ATOMIC_SEQ_CST);
}

static void
use_remove(struct udp_core *core, const struct udp_socket *socket)
{
	enum udp_level level = level_of(socket);

	if (--core->port_sockets[socket->local_port][level] == 0)
		__atomic_fetch_and(&core->config.ports->ports[socket->local_port].workers[level],
			~(UINT64_C(1) << core->config.worker), __ATOMIC_SEQ_CST);
}

int
udp_table_insert(struct udp_socket *socket)
{
	struct udp_core *core = socket->core;
	uint8_t family = socket->local.family;
	int rc = key_insert(core, socket, family);

	if (rc == 0 && family == IP_FAMILY_6 && hears(socket, IP_FAMILY_4)) {
		rc = key_insert(core, socket, IP_FAMILY_4);
		if (rc < 0)
			key_remove(core, socket, family);
	}
	if (rc < 0)
		return rc;
	rc = marks_add(core, socket);
	if (rc < 0) {
		key_remove(core, socket, family);
		return rc;
	}
	use_add(core, socket);
	return 0;
}

void
udp_table_remove(struct udp_socket *socket)
{
	struct udp_core *core = socket->core;

	use_remove(core, socket);
	marks_remove(core, socket);
	key_remove(core, socket, socket->local.family);
	if (socket->local.family == IP_FAMILY_6 && hears(socket, IP_FAMILY_4))
		key_remove(core, socket, IP_FAMILY_4);
}

/* ---- whose a port is ---- */

static bool
overlaps(const struct udp_socket *a, const struct udp_socket *b, uint8_t family)
{
	return hears(a, family) && hears(b, family) &&
		(level_of(a) == UDP_ANY || level_of(b) == UDP_ANY ||
			(ip_addr_equal(&a->local, &b->local) &&
				(!ip_addr_is_link_local(&a->local) || a->iface == b->iface)));
}

/* Another one of this worker's, that does not share. */
static bool
conflicts_here(const struct udp_core *core, const struct udp_socket *socket)
{
	const uint32_t *counts = core->port_sockets[socket->local_port];

	if (counts[UDP_CONNECTED] + counts[UDP_BOUND] + counts[UDP_ANY] == 0)
		return false;
	for (uint32_t i = 0; i < core->config.sockets_max; i++) {
		const struct udp_socket *other = &core->sockets[i];

		if (other->core == NULL || !other->bound || other == socket ||
			other->vrf != socket->vrf || other->local_port != socket->local_port ||
			(other->reuse && socket->reuse))
			continue;
		if (overlaps(socket, other, IP_FAMILY_4) || overlaps(socket, other, IP_FAMILY_6))
			return true;
	}
	return false;
}

/* Other workers' sockets on whichever address, for one that wants all of them. */
static bool
conflicts_with_marked(const struct udp_core *core, const struct udp_socket *socket, uint8_t family)
{
	const struct udp_ports *ports = core->config.ports;
	const struct udp_port_use *use = &ports->ports[socket->local_port];
	const struct udp_key key =
		mark_key(socket, family, socket->reuse ? UDP_MARK_UNSHARED : UDP_MARK_ALL);
	uint64_t others = __atomic_load_n(&use->workers[UDP_CONNECTED], __ATOMIC_SEQ_CST) |
		__atomic_load_n(&use->workers[UDP_BOUND], __ATOMIC_SEQ_CST);

	others &= ~(UINT64_C(1) << core->config.worker);
	for (; others != 0; others &= others - 1) {
		if (rte_hash_lookup(ports->tables[__builtin_ctzll(others)], &key) >= 0)
			return true;
	}
	return false;
}

/* Other workers', by what can be looked up: the same address, or any. */
static bool
conflicts_there(const struct udp_core *core, const struct udp_socket *socket, uint8_t family)
{
	const struct udp_ports *ports = core->config.ports;
	const struct udp_port_use *use = &ports->ports[socket->local_port];
	struct udp_socket probe = *socket;

	if (level_of(socket) == UDP_ANY && conflicts_with_marked(core, socket, family))
		return true;
	for (enum udp_level level = UDP_BOUND; level < UDP_LEVELS; level++) {
		uint64_t others = __atomic_load_n(&use->workers[level], __ATOMIC_SEQ_CST) &
			~(UINT64_C(1) << core->config.worker);
		struct udp_key key;

		if (level == UDP_BOUND && level_of(socket) == UDP_ANY)
			continue;
		if (level == UDP_ANY)
			memset(probe.local.bytes, 0, sizeof(probe.local.bytes));
		key = socket_key(&probe, family);
		for (; others != 0; others &= others - 1) {
			const struct rte_hash *table = ports->tables[__builtin_ctzll(others)];
			const struct udp_socket *other;

			if (rte_hash_lookup_data(table, &key, (void **)&other) >= 0 &&
				!(socket->reuse &&
					__atomic_load_n(&other->reuse, __ATOMIC_RELAXED)))
				return true;
		}
	}
	return false;
}

bool
udp_table_conflicts(const struct udp_socket *socket)
{
	const struct udp_core *core = socket->core;

	return udp_is_reserved(core, socket->local_port) || conflicts_here(core, socket) ||
		(hears(socket, IP_FAMILY_4) && conflicts_there(core, socket, IP_FAMILY_4)) ||
		(hears(socket, IP_FAMILY_6) && conflicts_there(core, socket, IP_FAMILY_6));
}

/* ---- lookups ---- */

static uint32_t
flow_hash(const struct udp_core *core, uint8_t family, struct rte_mbuf *pkt)
{
	return family == IP_FAMILY_4 ? flow_hash_ip4(core->config.toeplitz, pkt)
				     : flow_hash_ip6(core->config.toeplitz, pkt);
}

/* Of those that share a key, the flow's. */
static struct udp_socket *
choose_socket(
	const struct udp_core *core, struct udp_socket *first, uint8_t family, struct rte_mbuf *pkt)
{
	uint32_t count = 0, chosen;

	if (likely(*next_of(first, family) == NULL))
		return first;
	for (struct udp_socket *s = first; s != NULL; s = *next_of(s, family))
		count++;
	/* Not by the low bits: by these it has come to this worker. */
	chosen = (uint32_t)((uint64_t)flow_hash(core, family, pkt) * count >> 32);
	for (struct udp_socket *s = first; s != NULL; s = *next_of(s, family)) {
		if (chosen-- == 0)
			return s;
	}
	return first;
}

/* Of other workers that have the key, the flow's. */
static unsigned
choose_worker(const struct udp_core *core, uint64_t others, const struct udp_key *key,
	struct rte_mbuf *pkt)
{
	uint64_t have = 0;
	uint32_t chosen;

	for (; others != 0; others &= others - 1) {
		unsigned worker = (unsigned)__builtin_ctzll(others);

		if (rte_hash_lookup(core->config.ports->tables[worker], key) >= 0)
			have |= UINT64_C(1) << worker;
	}
	if (have == 0)
		return UDP_WORKER_NONE;
	chosen = (uint32_t)((uint64_t)flow_hash(core, key->family, pkt) *
			(unsigned)__builtin_popcountll(have) >>
		32);
	while (chosen-- > 0)
		have &= have - 1;
	return (unsigned)__builtin_ctzll(have);
}

struct udp_socket *
udp_table_lookup(struct udp_core *core, const struct udp_lookup *lookup, struct rte_mbuf *pkt,
	bool handed, unsigned *worker)
{
	const struct udp_port_use *use = &core->config.ports->ports[lookup->dst_port];
	const uint64_t own = UINT64_C(1) << core->config.worker;
	struct udp_socket *first;

	*worker = UDP_WORKER_NONE;
	for (enum udp_level level = UDP_CONNECTED; level < UDP_LEVELS; level++) {
		uint64_t workers = __atomic_load_n(&use->workers[level], __ATOMIC_ACQUIRE);
		struct udp_key key;

		if (workers == 0)
			continue;
		key = key_of(lookup, level);
		if ((workers & own) != 0 &&
			rte_hash_lookup_data(core->table, &key, (void **)&first) >= 0)
			return choose_socket(core, first, lookup->family, pkt);
		if (handed || (workers & ~own) == 0)
			continue;
		*worker = choose_worker(core, workers & ~own, &key, pkt);
		if (*worker != UDP_WORKER_NONE)
			return NULL;
	}
	return NULL;
}
