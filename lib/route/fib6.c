/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 lookups for whole vectors. Called by workers; the trie is written by route_table.c. */
#include "route/fib6.h"

#include "wire/endian.h"

#include "route/route.h"

#define ROOT_BYTES (MTRIE_ROOT_BITS / 8)

/* ThreadSanitizer does not see what is gathered. */
#ifdef __SANITIZE_THREAD__
#define GATHER false
#else
#define GATHER true
#endif

#ifdef __x86_64__
static bool
cpu_has_avx512(void)
{
	return GATHER && __builtin_cpu_supports("avx512f");
}
#else
static bool
cpu_has_avx512(void)
{
	return false;
}

void
fib6_lookup_avx512(
	const struct mtrie *trie, const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	__builtin_unreachable();
}
#endif

int
fib6_init(struct fib6 *fib, struct rte_rcu_qsbr *rcu, int socket_id)
{
	fib->avx512 = cpu_has_avx512();
	return mtrie_init(&fib->trie, rcu, FIB6_BLOCK_MAX, socket_id);
}

/*
 * Level by level over the addresses that are not resolved yet: the loads of a level do not depend
 * on each other, so that the CPU overlaps their cache misses.
 */
static void
fib6_lookup_scalar(
	const struct mtrie *trie, const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	const uint32_t *blocks = trie->blocks;
	uint32_t default_nexthop = mtrie_load(&trie->default_nexthop);
	uint8_t pending[FIB6_CHUNK];
	unsigned left = 0;

	for (unsigned i = 0; i < count; i++) {
		uint32_t entry = mtrie_load(&trie->root[be32_load(dst[i]) >> MTRIE_BLOCK_BITS]);

		nexthops[i] = entry != 0 ? entry : default_nexthop;
		/* Without a branch: whether it leads down is as good as random. */
		pending[left] = i;
		left += entry >> 31;
	}
	for (unsigned byte = ROOT_BYTES; left > 0; byte++) {
		unsigned walking = left;

		left = 0;
		for (unsigned p = 0; p < walking; p++) {
			// NOLINTNEXTLINE(clang-analyzer-core.*): written for p < walking
			unsigned i = pending[p];
			uint32_t entry =
				mtrie_load(&mtrie_block(blocks, nexthops[i])[dst[i][byte]]);

			nexthops[i] = entry != 0 ? entry : default_nexthop;
			pending[left] = i;
			left += entry >> 31;
		}
	}
}

void
fib6_lookup_bulk(
	const struct fib6 *fib, const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	while (count > 0) {
		unsigned chunk = count < FIB6_CHUNK ? count : FIB6_CHUNK;

		if (fib->avx512 && chunk >= FIB6_AVX512_LANES) {
			chunk -= chunk % FIB6_AVX512_LANES;
			fib6_lookup_avx512(&fib->trie, dst, nexthops, chunk);
		} else {
			fib6_lookup_scalar(&fib->trie, dst, nexthops, chunk);
		}
		dst += chunk;
		nexthops += chunk;
		count -= chunk;
	}
}
