/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cycles a lookup of our FIBs beside DPDK's, in the same run, over the same routes and addresses.
 * Run it by hand: fib_bench [EAL options] [-- ROUTES]; see doc/decisions/0001.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_malloc.h>

#include "route/route.h"
#include "fib_bench_set.h"

#define BATCH       64
#define ROUNDS      15
#define PASSES      8
#define ENGINES_MAX 8
/* rte_lpm looks for a rule by going through those of its length: minutes for a million. */
#define LPM_ROUTES_MAX 250000
#define ROUTES6_MAX    200000

union answers {
	uint32_t u32[BATCH];
	int32_t i32[BATCH];
	uint64_t u64[BATCH];
};

/* What is measured. lookup() looks up BATCH addresses from `at`. */
struct engine {
	const char *name;
	uint8_t family;
	unsigned answer_bytes;
	void *(*create)(const struct set *set); /* NULL: the one before, by another lookup */
	void (*destroy)(void *fib);
	int (*select)(void *fib); /* before each round; may be NULL */
	void (*lookup)(const void *fib, const struct set *set, uint32_t at, union answers *out);
};

struct result {
	const struct engine *engine;
	void *fib;
	double seconds, memory_mb;
	double cycles[ROUNDS];
	uint32_t wrong;
};

/* ---- ours ---- */

struct ours {
	struct nexthop_table *nexthops;
	struct route_table *table;
};

static void
ours_destroy(void *fib)
{
	struct ours *ours = fib;

	route_table_destroy(ours->table);
	nexthop_table_destroy(ours->nexthops);
	free(ours);
}

static void *
ours_create(const struct set *set)
{
	const struct nexthop_link link = { .iface = 1, .mtu = 1500 };
	struct ours *ours = array(1, sizeof(*ours));
	uint32_t ids[NEXTHOPS + 1];

	ours->nexthops = nexthop_table_create(NULL, 1024, -1);
	ours->table = route_table_create(NULL, ours->nexthops, -1);
	route_table_use_huge_pages(ours->table);
	/* The same numbers as everyone's: 1..NEXTHOPS, where the first ones are fixed. */
	for (uint32_t i = NEXTHOP_ID_FIRST_FREE; i <= NEXTHOPS; i++)
		nexthop_gateway(ours->nexthops, &link, &set->prefixes[0].addr, true, &ids[i], NULL);
	for (uint32_t i = 0; i < set->count; i++) {
		nexthop_hold(ours->nexthops, set->nexthops[i]);
		if (route_insert(ours->table, &set->prefixes[i], ROUTE_STATIC, set->nexthops[i],
			    NULL) < 0) {
			ours_destroy(ours);
			return NULL;
		}
	}
	return ours;
}

static void
ours4_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	const struct ours *ours = fib;

	fib4_lookup_bulk(route_table_fib4(ours->table), set->dst_be + at, out->u32, BATCH);
}

static void
ours6_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	const struct ours *ours = fib;

	fib6_lookup_bulk(route_table_fib6(ours->table), set->dst6_pointers + at, out->u32, BATCH);
}

/* ---- DPDK's ---- */

static void *
lpm_create(const struct set *set)
{
	const struct rte_lpm_config config = {
		.max_rules = set->count,
		.number_tbl8s = set->tbl8_max,
	};
	struct rte_lpm *lpm;

	if (set->count > LPM_ROUTES_MAX)
		return NULL;
	lpm = rte_lpm_create("lpm", SOCKET_ID_ANY, &config);
	for (uint32_t i = 0; lpm != NULL && i < set->count; i++) {
		if (rte_lpm_add(lpm, ip_addr_to_u32(&set->prefixes[i].addr),
			    set->prefixes[i].length, set->nexthops[i]) < 0) {
			rte_lpm_free(lpm);
			return NULL;
		}
	}
	return lpm;
}

static void
lpm_destroy(void *fib)
{
	rte_lpm_free(fib);
}

static void
lpm_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	rte_lpm_lookup_bulk((struct rte_lpm *)(uintptr_t)fib, set->dst + at, out->u32, BATCH);
	/* It answers in an entry with a flag: the user has to take it off. */
	for (unsigned i = 0; i < BATCH; i++)
		out->u32[i] &= 0xffffff;
}

static void
lpmx4_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	for (unsigned i = 0; i < BATCH; i += 4) {
		xmm_t ip;

		memcpy(&ip, set->dst + at + i, sizeof(ip));
		rte_lpm_lookupx4((struct rte_lpm *)(uintptr_t)fib, ip, out->u32 + i, 0);
	}
}

static void *
fib_create(const struct set *set)
{
	struct rte_fib_conf config = {
		.type = RTE_FIB_DIR24_8,
		.max_routes = (int)set->count + 1,
		.dir24_8 = { .nh_sz = RTE_FIB_DIR24_8_4B, .num_tbl8 = set->tbl8_max },
	};
	struct rte_fib *fib = rte_fib_create("fib", SOCKET_ID_ANY, &config);

	for (uint32_t i = 0; fib != NULL && i < set->count; i++) {
		if (rte_fib_add(fib, ip_addr_to_u32(&set->prefixes[i].addr),
			    set->prefixes[i].length, set->nexthops[i]) < 0) {
			rte_fib_free(fib);
			return NULL;
		}
	}
	return fib;
}

static int
fib_select_scalar(void *fib)
{
	return rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO);
}

static int
fib_select_avx512(void *fib)
{
	return rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512);
}

static void
fib_destroy(void *fib)
{
	rte_fib_free(fib);
}

static void
fib_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	rte_fib_lookup_bulk((struct rte_fib *)(uintptr_t)fib, set->dst + at, out->u64, BATCH);
}

static void *
lpm6_create(const struct set *set)
{
	const struct rte_lpm6_config config = {
		.max_rules = set->count,
		.number_tbl8s = set->tbl8_max,
	};
	struct rte_lpm6 *lpm = rte_lpm6_create("lpm6", SOCKET_ID_ANY, &config);

	for (uint32_t i = 0; lpm != NULL && i < set->count; i++) {
		if (rte_lpm6_add(lpm, set->prefixes[i].addr.bytes, set->prefixes[i].length,
			    set->nexthops[i]) < 0) {
			rte_lpm6_free(lpm);
			return NULL;
		}
	}
	return lpm;
}

static void
lpm6_destroy(void *fib)
{
	rte_lpm6_free(fib);
}

static void
lpm6_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	rte_lpm6_lookup_bulk_func(fib, set->dst6 + at, out->i32, BATCH);
}

static void *
fib6_create(const struct set *set)
{
	struct rte_fib6_conf config = {
		.type = RTE_FIB6_TRIE,
		.max_routes = (int)set->count + 1,
		.trie = { .nh_sz = RTE_FIB6_TRIE_4B, .num_tbl8 = set->tbl8_max },
	};
	struct rte_fib6 *fib = rte_fib6_create("fib6", SOCKET_ID_ANY, &config);

	for (uint32_t i = 0; fib != NULL && i < set->count; i++) {
		if (rte_fib6_add(fib, set->prefixes[i].addr.bytes, set->prefixes[i].length,
			    set->nexthops[i]) < 0) {
			rte_fib6_free(fib);
			return NULL;
		}
	}
	return fib;
}

static int
fib6_select_scalar(void *fib)
{
	return rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_TRIE_SCALAR);
}

static int
fib6_select_avx512(void *fib)
{
	return rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512);
}

static void
fib6_destroy(void *fib)
{
	rte_fib6_free(fib);
}

static void
fib6_lookup(const void *fib, const struct set *set, uint32_t at, union answers *out)
{
	rte_fib6_lookup_bulk((struct rte_fib6 *)(uintptr_t)fib, set->dst6 + at, out->u64, BATCH);
}

/* The first one of a family is what the others are compared with. */
static const struct engine engines[] = {
	{ "spate fib4", 4, 4, ours_create, ours_destroy, NULL, ours4_lookup },
	{ "rte_lpm bulk", 4, 4, lpm_create, lpm_destroy, NULL, lpm_lookup },
	{ "rte_lpm x4", 4, 4, NULL, NULL, NULL, lpmx4_lookup },
	{ "rte_fib scalar", 4, 8, fib_create, fib_destroy, fib_select_scalar, fib_lookup },
	{ "rte_fib avx512", 4, 8, NULL, NULL, fib_select_avx512, fib_lookup },
	{ "spate fib6", 6, 4, ours_create, ours_destroy, NULL, ours6_lookup },
	{ "rte_lpm6 bulk", 6, 4, lpm6_create, lpm6_destroy, NULL, lpm6_lookup },
	{ "rte_fib6 scalar", 6, 8, fib6_create, fib6_destroy, fib6_select_scalar, fib6_lookup },
	{ "rte_fib6 avx512", 6, 8, NULL, NULL, fib6_select_avx512, fib6_lookup },
};

/* ---- the measurement ---- */

static double
resident_mb(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	// NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers
	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* In hugepages, which are not resident memory to the kernel. */
static double
heap_mb(void)
{
	struct rte_malloc_socket_stats stats;
	size_t bytes = 0;

	for (unsigned i = 0; i < rte_socket_count() && rte_eal_has_hugepages(); i++) {
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &stats) == 0)
			bytes += stats.heap_allocsz_bytes;
	}
	return (double)bytes / (1 << 20);
}

static double
memory_mb(void)
{
	return resident_mb() + heap_mb();
}

/* Answers that differ from the first engine's, which are noted. */
static uint32_t
check(const struct result *result, struct set *set, bool first)
{
	const struct engine *engine = result->engine;
	union answers out;
	uint32_t wrong = 0;

	for (uint32_t at = 0; at < ADDRS; at += BATCH) {
		engine->lookup(result->fib, set, at, &out);
		for (unsigned i = 0; i < BATCH; i++) {
			uint64_t answer = engine->answer_bytes == 8 ? out.u64[i] : out.u32[i];

			if (first)
				set->expected[at + i] = (uint32_t)answer;
			wrong += answer != set->expected[at + i];
		}
	}
	return wrong;
}

/*
 * TSC cycles a lookup: the best of PASSES over all addresses. It takes some until the caches hold
 * what this engine needs, and not what the one before did.
 */
static double
measure(const struct result *result, const struct set *set)
{
	double best = 1e9;
	union answers out;

	if (result->engine->select != NULL)
		result->engine->select(result->fib);
	for (unsigned pass = 0; pass < PASSES; pass++) {
		uint64_t start = rte_rdtsc_precise();
		double cycles;

		for (uint32_t at = 0; at < ADDRS; at += BATCH) {
			result->engine->lookup(result->fib, set, at, &out);
			/* The answers are used. */
			__asm__ volatile("" : : "r"(&out) : "memory");
		}
		cycles = (double)(rte_rdtsc_precise() - start) / ADDRS;
		best = cycles < best ? cycles : best;
	}
	return best;
}

/* Build the engines of a family; those that cannot be built are told, and left out. */
static unsigned
build(const struct set *set, struct result *results)
{
	unsigned count = 0;
	void *fib = NULL;

	for (unsigned e = 0; e < sizeof(engines) / sizeof(engines[0]); e++) {
		const struct engine *engine = &engines[e];
		struct result *result = &results[count];
		uint64_t start = rte_rdtsc();

		if (engine->family != set->family)
			continue;
		*result = (struct result){ .engine = engine, .memory_mb = memory_mb() };
		if (engine->create != NULL)
			fib = engine->create(set);
		if (fib == NULL || (engine->select != NULL && engine->select(fib) < 0)) {
			printf("%-16s %8u  cannot be built, or not in time\n", engine->name,
				set->count);
			continue;
		}
		result->fib = fib;
		result->seconds = (double)(rte_rdtsc() - start) / (double)rte_get_tsc_hz();
		result->memory_mb = memory_mb() - result->memory_mb;
		count++;
	}
	return count;
}

static int
cycles_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The engines take turns, so that what else the machine does strikes all of them. */
static void
run(uint8_t family, uint32_t routes)
{
	struct set *set = set_create(family, routes);
	struct result results[ENGINES_MAX];
	unsigned count = build(set, results);

	for (unsigned i = 0; i < count; i++)
		results[i].wrong = check(&results[i], set, i == 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < count; i++)
			results[i].cycles[round] = measure(&results[i], set);
	}
	for (unsigned i = 0; i < count; i++) {
		struct result *result = &results[i];

		qsort(result->cycles, ROUNDS, sizeof(result->cycles[0]), cycles_order);
		printf("%-16s %8u %8.2f %8.2f %6.2f %9.3f %8.0f %7u\n", result->engine->name,
			set->count, result->cycles[0], result->cycles[ROUNDS / 2],
			result->cycles[0] / results[0].cycles[0], result->seconds,
			result->memory_mb, result->wrong);
	}
	for (unsigned i = 0; i < count; i++) {
		if (results[i].engine->create != NULL)
			results[i].engine->destroy(results[i].fib);
	}
	set_destroy(set);
}

int
main(int argc, char **argv)
{
	static const uint32_t counts[] = { 1, 10000, 200000, 1000000 };
	int eal = rte_eal_init(argc, argv);
	uint32_t only = eal >= 0 && eal + 1 < argc ? (uint32_t)strtoul(argv[eal + 1], NULL, 10) : 0;

	if (eal < 0)
		return 1;
	printf("cycles a lookup, bulk of %d, %d addresses in the routes, TSC %.2f GHz\n", BATCH,
		ADDRS, (double)rte_get_tsc_hz() / 1e9);
	printf("%-16s %8s %8s %8s %6s %9s %8s %7s\n", "engine", "routes", "best", "median", "ratio",
		"build s", "MB", "differ");
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (only != 0 && counts[i] != only)
			continue;
		run(IP_FAMILY_4, counts[i]);
		if (counts[i] <= ROUTES6_MAX)
			run(IP_FAMILY_6, counts[i]);
	}
	rte_eal_cleanup();
	return 0;
}
