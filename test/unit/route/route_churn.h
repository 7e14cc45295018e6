/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A worker that looks up while control inserts, replaces and removes routes as fast as it can.
 *
 * Each nexthop belongs to one prefix for ever, so that the worker knows of every answer whether it
 * ever was right for the address. Two prefixes are never removed: an answer that is less specific
 * is an error, and so is none.
 */
#ifndef UNIT_ROUTE_ROUTE_CHURN_H
#define UNIT_ROUTE_ROUTE_CHURN_H

#include "unit/route/route_model.h"

#include <pthread.h>
#include <time.h>

#include "route/route.h"

#define CHURN_PREFIXES 128
#define CHURN_ADDRS    1024
#define CHURN_READER   1
#define CHURN_MS       1000

struct churn {
	struct rte_rcu_qsbr *rcu;
	struct nexthop_table *nexthops;
	struct route_table *table;
	struct model *model; /**< only its random numbers */
	struct ip_prefix prefixes[CHURN_PREFIXES]; /**< [0] and [1] stay */
	uint32_t ids[CHURN_PREFIXES][2];
	bool present[CHURN_PREFIXES];
	struct ip_addr addrs[CHURN_ADDRS];
	/** [address][prefix]: it contains the address, and is long enough */
	bool valid[CHURN_ADDRS][CHURN_PREFIXES];
	int prefix_of[1024]; /**< by nexthop id; -1: of none */
	void (*lookup)(const struct churn *churn, uint32_t *ids);
	bool stop;
	/* written by the reader */
	uint64_t rounds, wrong, changes;
};

static inline void *
churn_read(void *arg)
{
	struct churn *churn = arg;
	static uint32_t ids[2][CHURN_ADDRS];
	unsigned now = 0;

	rte_rcu_qsbr_thread_register(churn->rcu, CHURN_READER);
	rte_rcu_qsbr_thread_online(churn->rcu, CHURN_READER);
	while (!__atomic_load_n(&churn->stop, __ATOMIC_RELAXED)) {
		churn->lookup(churn, ids[now]);
		for (unsigned i = 0; i < CHURN_ADDRS; i++) {
			uint32_t id = ids[now][i];
			int prefix = id < 1024 ? churn->prefix_of[id] : -1;

			if (prefix < 0 || !churn->valid[i][prefix])
				churn->wrong++;
			if (id != ids[!now][i])
				churn->changes++;
		}
		churn->rounds++;
		now = !now;
		rte_rcu_qsbr_quiescent(churn->rcu, CHURN_READER);
	}
	rte_rcu_qsbr_thread_offline(churn->rcu, CHURN_READER);
	rte_rcu_qsbr_thread_unregister(churn->rcu, CHURN_READER);
	return NULL;
}

static inline void
churn_setup(struct churn *churn)
{
	const struct nexthop_link link = { .iface = 1, .mtu = 1500 };

	for (unsigned i = 0; i < 1024; i++)
		churn->prefix_of[i] = -1;
	for (unsigned p = 0; p < CHURN_PREFIXES; p++) {
		for (unsigned i = 0; i < 2; i++) {
			assert_int_equal(nexthop_gateway(churn->nexthops, &link, &churn->addrs[0],
						 true, &churn->ids[p][i], NULL),
				0);
			churn->prefix_of[churn->ids[p][i]] = (int)p;
		}
		for (unsigned a = 0; a < CHURN_ADDRS; a++) {
			const struct ip_addr *addr = &churn->addrs[a];

			churn->valid[a][p] = ip_prefix_contains(&churn->prefixes[p], addr) &&
				(!ip_prefix_contains(&churn->prefixes[1], addr) ||
					churn->prefixes[p].length >= churn->prefixes[1].length);
		}
	}
	for (unsigned p = 0; p < 2; p++) {
		nexthop_hold(churn->nexthops, churn->ids[p][0]);
		assert_int_equal(route_insert(churn->table, &churn->prefixes[p], ROUTE_STATIC,
					 churn->ids[p][0], NULL),
			0);
	}
}

/* One random change. */
static inline void
churn_step(struct churn *churn)
{
	unsigned p = model_below(churn->model, CHURN_PREFIXES);
	uint32_t id = churn->ids[p][model_below(churn->model, 2)];
	const struct ip_prefix *prefix = &churn->prefixes[p];

	if (p >= 2 && churn->present[p] && model_below(churn->model, 4) != 0) {
		assert_int_equal(route_remove(churn->table, prefix, ROUTE_STATIC, NULL), 0);
		churn->present[p] = false;
		return;
	}
	nexthop_hold(churn->nexthops, id);
	assert_int_equal(route_replace(churn->table, prefix, ROUTE_STATIC, id, NULL), 0);
	churn->present[p] = true;
}

static inline uint64_t
churn_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* `churn`: prefixes without duplicates, addrs and lookup are set. */
static inline void
churn_run(struct churn *churn)
{
	uint64_t end = churn_now_ms() + CHURN_MS;
	uint64_t steps = 0;
	pthread_t thread;

	churn_setup(churn);
	assert_int_equal(pthread_create(&thread, NULL, churn_read, churn), 0);
	while (churn_now_ms() < end) {
		for (unsigned i = 0; i < 64; i++)
			churn_step(churn);
		steps += 64;
	}
	__atomic_store_n(&churn->stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	print_message("%lu changes, %lu lookups, %lu changed answers\n", steps,
		churn->rounds * CHURN_ADDRS, churn->changes);
	assert_int_equal(churn->wrong, 0);
	/* It was a test: the reader ran, and saw changes. */
	assert_true(churn->rounds > 10 && churn->changes > 100);
}

/* `rcu` has reader 0 offline. */
static inline struct churn *
churn_create(uint64_t seed)
{
	struct churn *churn = calloc(1, sizeof(*churn));

	assert_non_null(churn);
	churn->model = calloc(1, sizeof(*churn->model));
	assert_non_null(churn->model);
	churn->model->seed = seed;
	churn->rcu = model_rcu_create();
	rte_rcu_qsbr_thread_offline(churn->rcu, 0);
	churn->nexthops = nexthop_table_create(churn->rcu, 1024, -1);
	churn->table = route_table_create(churn->rcu, churn->nexthops, -1);
	assert_non_null(churn->table);
	return churn;
}

static inline void
churn_destroy(struct churn *churn)
{
	route_table_destroy(churn->table);
	nexthop_table_destroy(churn->nexthops);
	free(churn->rcu);
	free(churn->model);
	free(churn);
}

/* The prefix is not among the first `count`. */
static inline bool
churn_is_new(const struct churn *churn, const struct ip_prefix *prefix, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_prefix_compare(&churn->prefixes[i], prefix) == 0)
			return false;
	}
	return true;
}

/* Random prefixes below [0], of 4 values for each byte, and addresses in them. */
static inline void
churn_fill(struct churn *churn)
{
	unsigned first = churn->prefixes[0].length / 8;
	unsigned bits = ip_addr_bits(&churn->prefixes[0].addr);

	for (unsigned p = 2; p < CHURN_PREFIXES;) {
		struct ip_prefix prefix = churn->prefixes[0];

		for (unsigned i = first; i < bits / 8; i++)
			prefix.addr.bytes[i] = model_below(churn->model, 4) * 0x55;
		prefix.length += 1 + model_below(churn->model, bits - prefix.length);
		prefix = ip_prefix_network(&prefix);
		if (churn_is_new(churn, &prefix, p))
			churn->prefixes[p++] = prefix;
	}
	for (unsigned a = 0; a < CHURN_ADDRS; a++) {
		struct ip_prefix *prefix = &churn->prefixes[a % CHURN_PREFIXES];

		churn->addrs[a] = prefix->addr;
		for (unsigned bit = prefix->length; bit < bits; bit++) {
			if (model_below(churn->model, 4) == 0)
				churn->addrs[a].bytes[bit / 8] |= 0x80 >> bit % 8;
		}
	}
}

#endif
