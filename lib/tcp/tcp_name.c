/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names: the addresses and ports that sockets are bound to, so that none is taken twice, on whichever
 * workers. Each worker writes its own table, and looks into those of the others when it binds.
 */
#include "tcp/tcp_priv.h"

#include <rte_pause.h>

/* How often a table is walked that changes: then what is asked for counts as taken. */
#define WALK_TRIES 1000

#define NAME_NONE  UINT32_MAX

/* ---- a name as words ---- */

#define NAME_V6ONLY (UINT64_C(1) << 32)
#define NAME_SHARED (UINT64_C(1) << 33)

struct name_words {
	uint64_t addr[2];
	uint64_t rest; /* port, VRF, family, and the two above */
};

static struct name_words
words_of(const struct tcp_bind *bind, bool shared)
{
	struct name_words words = { .rest = bind->port | (uint64_t)bind->vrf << 16 |
			(uint64_t)bind->addr.family << 24 | (bind->v6only ? NAME_V6ONLY : 0) |
			(shared ? NAME_SHARED : 0) };

	memcpy(words.addr, bind->addr.bytes, ip_addr_length(&bind->addr));
	return words;
}

static uint8_t
words_family(const struct name_words *words)
{
	return (uint8_t)(words->rest >> 24);
}

static bool
is_any(const struct name_words *words)
{
	return (words->addr[0] | words->addr[1]) == 0;
}

/* Any address of IPv6 has IPv4's, too. */
static bool
has_both_families(const struct name_words *words)
{
	return words_family(words) == IP_FAMILY_6 && is_any(words) && !(words->rest & NAME_V6ONLY);
}

/* Whether they have some address in common, and do not both share it. */
static bool
words_conflict(const struct name_words *a, const struct name_words *b)
{
	/* Port and VRF. */
	if ((a->rest ^ b->rest) << 40 != 0 || a->rest & b->rest & NAME_SHARED)
		return false;
	if (words_family(a) != words_family(b))
		return has_both_families(a) || has_both_families(b);
	return is_any(a) || is_any(b) || (a->addr[0] == b->addr[0] && a->addr[1] == b->addr[1]);
}

/* ---- a worker's table ---- */

static uint32_t
bucket_of(const struct name_words *words)
{
	return (uint16_t)words->rest % TCP_NAME_BUCKETS;
}

static struct tcp_name *
name_at(const struct tcp_names *names, uint32_t index)
{
	return slab_at(&names->slab, index);
}

/* Whether a chain has something against it. May be wrong, and long, while the table changes. */
static bool
chain_conflicts(const struct tcp_names *names, const struct name_words *wanted)
{
	uint32_t index = __atomic_load_n(&names->buckets[bucket_of(wanted)], __ATOMIC_ACQUIRE);

	for (uint32_t steps = 0; index != NAME_NONE && steps < names->slab.max; steps++) {
		const struct tcp_name *name = name_at(names, index);
		const struct name_words words = {
			.addr = { __atomic_load_n(&name->addr[0], __ATOMIC_ACQUIRE),
				__atomic_load_n(&name->addr[1], __ATOMIC_ACQUIRE) },
			.rest = __atomic_load_n(&name->rest, __ATOMIC_ACQUIRE),
		};

		if (words_conflict(&words, wanted))
			return true;
		index = __atomic_load_n(&name->next, __ATOMIC_ACQUIRE);
	}
	return false;
}

static bool
names_conflict(const struct tcp_names *names, const struct name_words *wanted)
{
	for (unsigned tries = 0; tries < WALK_TRIES; tries++) {
		/* Ordered behind what was said of ourselves: see tcp_name_bind(). */
		uint32_t before = __atomic_load_n(&names->changes, __ATOMIC_SEQ_CST);
		bool conflict = before % 2 != 0 || chain_conflicts(names, wanted);

		if (before % 2 == 0 && __atomic_load_n(&names->changes, __ATOMIC_ACQUIRE) == before)
			return conflict;
		rte_pause();
	}
	return true;
}

static void
change_begin(struct tcp_names *names)
{
	/* Those who read release-acquire what follows see this as well. */
	__atomic_store_n(&names->changes, names->changes + 1, __ATOMIC_RELAXED);
}

static void
change_end(struct tcp_names *names)
{
	__atomic_fetch_add(&names->changes, 1, __ATOMIC_SEQ_CST);
}

static struct tcp_name *
name_insert(struct tcp_names *names, const struct name_words *words)
{
	uint32_t *bucket = &names->buckets[bucket_of(words)];
	struct tcp_name *name = slab_take(&names->slab);

	if (name == NULL)
		return NULL;
	change_begin(names);
	__atomic_store_n(&name->addr[0], words->addr[0], __ATOMIC_RELEASE);
	__atomic_store_n(&name->addr[1], words->addr[1], __ATOMIC_RELEASE);
	__atomic_store_n(&name->rest, words->rest, __ATOMIC_RELEASE);
	__atomic_store_n(&name->next, *bucket, __ATOMIC_RELEASE);
	__atomic_store_n(bucket, slab_index(&names->slab, name), __ATOMIC_RELEASE);
	change_end(names);
	return name;
}

int
tcp_names_init(struct tcp_names *names, uint32_t max, int socket_id)
{
	for (unsigned i = 0; i < TCP_NAME_BUCKETS; i++)
		names->buckets[i] = NAME_NONE;
	return slab_init(&names->slab, sizeof(struct tcp_name), max, socket_id);
}

void
tcp_names_fini(struct tcp_names *names)
{
	slab_fini(&names->slab);
}

/* ---- what users call ---- */

static bool
others_conflict(const struct tcp_core *core, const struct name_words *wanted)
{
	const struct tcp_ports *ports = core->config.ports;

	for (unsigned i = 0; ports != NULL && i < TCP_WORKERS_MAX; i++) {
		if (ports->names[i] != NULL && i != core->config.worker &&
			names_conflict(ports->names[i], wanted))
			return true;
	}
	return false;
}

bool
tcp_name_is_taken(const struct tcp_core *core, const struct tcp_bind *bind, bool shared)
{
	const struct name_words words = words_of(bind, shared);

	return chain_conflicts(&core->names, &words) || others_conflict(core, &words);
}

int
tcp_name_bind(
	struct tcp_core *core, const struct tcp_bind *bind, bool shared, struct tcp_name **result)
{
	const struct name_words words = words_of(bind, shared);
	struct tcp_name *name;

	if (chain_conflicts(&core->names, &words))
		return -EADDRINUSE;
	/* First said, then looked: of two at the same time one at least sees the other. */
	name = name_insert(&core->names, &words);
	if (name == NULL)
		return -ENFILE;
	if (others_conflict(core, &words)) {
		tcp_name_unbind(core, name);
		return -EADDRINUSE;
	}
	*result = name;
	return 0;
}

void
tcp_name_unbind(struct tcp_core *core, struct tcp_name *name)
{
	struct tcp_names *names = &core->names;
	uint32_t *at = &names->buckets[(uint16_t)name->rest % TCP_NAME_BUCKETS];
	uint32_t index = slab_index(&names->slab, name);

	while (*at != index)
		at = &name_at(names, *at)->next;
	change_begin(names);
	__atomic_store_n(at, name->next, __ATOMIC_RELEASE);
	change_end(names);
	slab_give(&names->slab, name);
}
