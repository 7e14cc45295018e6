/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet buffers of simulated stacks: a mempool handler that fails as it is told, and notices a
 * buffer that is freed twice, or written after it was freed. What is read from such a buffer is
 * nothing that any packet has.
 *
 * Without caches: the simulator runs on no lcore, so that each allocation comes here.
 */
#include "sim/sim_private.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#define POOL_NAME "sim"
#define POISON    0xe5
#define MILLION   1000000
#define FREE_MARK UINT64_C(0x6672656562756666) /* "freebuff" */

struct sim_pool {
	struct sim_pool_faults faults;
	struct random random;
	uint64_t asked;
	bool poisoned; /* all that is free, once the buffers are set up */
	unsigned count;
	void *free[];
};

static uint64_t
mark_of(const struct rte_mbuf *pkt)
{
	return FREE_MARK ^ (uintptr_t)pkt;
}

static void
poison(struct rte_mbuf *pkt)
{
	const uint64_t mark = mark_of(pkt);

	memset(pkt->buf_addr, POISON, pkt->buf_len);
	memcpy(pkt->buf_addr, &mark, sizeof(mark));
}

/* Whether nobody has written to it since it was poisoned. */
static bool
is_poisoned(const struct rte_mbuf *pkt)
{
	const uint8_t *bytes = pkt->buf_addr;
	const uint64_t mark = mark_of(pkt);

	return memcmp(bytes, &mark, sizeof(mark)) == 0 && bytes[sizeof(mark)] == POISON &&
		memcmp(bytes + sizeof(mark), bytes + sizeof(mark) + 1,
			pkt->buf_len - sizeof(mark) - 1) == 0;
}

static int
pool_alloc(struct rte_mempool *mp)
{
	struct sim_pool *pool = calloc(1, sizeof(*pool) + mp->size * sizeof(void *));

	if (pool == NULL)
		return -ENOMEM;
	mp->pool_data = pool;
	return 0;
}

static void
pool_free(struct rte_mempool *mp)
{
	free(mp->pool_data);
}

static int
pool_enqueue(struct rte_mempool *mp, void *const *objects, unsigned count)
{
	struct sim_pool *pool = mp->pool_data;

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = objects[i];
		uint64_t mark;

		if (pool->poisoned) {
			memcpy(&mark, pkt->buf_addr, sizeof(mark));
			sim_assert(
				mark != mark_of(pkt), "a packet of %s was freed twice", mp->name);
			poison(pkt);
		}
		pool->free[pool->count++] = pkt;
	}
	return 0;
}

static bool
is_to_fail(struct sim_pool *pool)
{
	pool->asked++;
	return (pool->faults.every_nth != 0 && pool->asked % pool->faults.every_nth == 0) ||
		(pool->faults.fail_ppm != 0 &&
			random_below(&pool->random, MILLION) < pool->faults.fail_ppm);
}

static int
pool_dequeue(struct rte_mempool *mp, void **objects, unsigned count)
{
	struct sim_pool *pool = mp->pool_data;

	for (unsigned i = 0; i < pool->count && !pool->poisoned; i++)
		poison(pool->free[i]);
	pool->poisoned = true;
	if (pool->count < count || is_to_fail(pool))
		return -ENOBUFS;
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = pool->free[--pool->count];

		sim_assert(is_poisoned(pkt), "a packet of %s was written after it was freed",
			mp->name);
		memset(pkt->buf_addr, 0, sizeof(uint64_t));
		objects[i] = pkt;
	}
	return 0;
}

static unsigned
pool_count(const struct rte_mempool *mp)
{
	const struct sim_pool *pool = mp->pool_data;

	return pool->count;
}

void
sim_pool_register(void)
{
	static const struct rte_mempool_ops ops = {
		.name = POOL_NAME,
		.alloc = pool_alloc,
		.free = pool_free,
		.enqueue = pool_enqueue,
		.dequeue = pool_dequeue,
		.get_count = pool_count,
	};

	if (rte_mempool_register_ops(&ops) < 0 || rte_mbuf_set_user_mempool_ops(POOL_NAME) < 0)
		sim_fail("no handler of packet buffers");
}

void
sim_pool_faults_set(struct rte_mempool *mp, const struct sim_pool_faults *faults, uint64_t seed)
{
	struct sim_pool *pool = mp->pool_data;

	pool->faults = *faults;
	pool->asked = 0;
	random_init(&pool->random, seed);
}
