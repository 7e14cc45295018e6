/* SPDX-License-Identifier: BSD-3-Clause */
/* Two SCTPs, from their beginning to their end: see sctp_run.h. */
#include "sim/sctp_run.h"

#include <stdlib.h>

#include <rte_mbuf.h>

/* Messages of a megabyte at both ends, and on their way. */
#define MBUFS  16383
#define CHUNKS 32768

static struct rte_mempool *the_pool; /* of all runs, one after the other */

static void
pool_destroy(void)
{
	rte_mempool_free(the_pool);
}

static struct rte_mempool *
pool_get(void)
{
	if (the_pool == NULL && pkt_init() == 0) {
		the_pool = rte_pktmbuf_pool_create(
			"sctp", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
		atexit(pool_destroy);
	}
	sim_assert(the_pool != NULL, "no packet pool");
	return the_pool;
}

struct pair *
sctp_run_create(struct sim *sim)
{
	struct pair *pair = pair_create(
		(uint64_t)sim_random(sim, UINT32_MAX) << 32 | sim_random(sim, UINT32_MAX));

	pair->config.pool = pool_get();
	pair->config.chunks_max = CHUNKS;
	pair->config.notices_max = 4096;
	pair->app = talk_event;
	return pair;
}

void
sctp_run_start(struct pair *pair, struct talk *talk)
{
	pair->arg = talk;
	pair_start(pair);
	talk_listen(talk);
	talk_connect(talk);
}

void
sctp_run_until(struct pair *pair, const char *what, bool (*is_so)(const struct pair *pair))
{
	const struct talk *talk = pair->arg;
	sim_assert(pair_run_until(pair, 3600 * SECOND_NS, is_so),
		"not %s after an hour: %u of %u and %u of %u messages came, errors %d and %d", what,
		talk->ways[0].delivered, talk->ways[0].count, talk->ways[1].delivered,
		talk->ways[1].count, talk->errors[0], talk->errors[1]);
}

bool
sctp_run_is_up(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	return talk->up[0] && talk->up[1];
}

bool
sctp_run_is_over(const struct pair *pair)
{
	return talk_is_over(pair->arg);
}

bool
sctp_run_is_closed(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	return talk->closed[0] && talk->closed[1];
}

/* No association, no timer, and nothing under way. */
static bool
is_at_rest(const struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct sctp_counts counts;

		sctp_counts(pair->ends[i].core, &counts);
		if (counts.assocs != 0 || sctp_next_ns(pair->ends[i].core) != UINT64_MAX)
			return false;
	}
	return flight_next_ns(&pair->flight) == UINT64_MAX;
}

static void
nothing_is_left(const struct pair *pair, unsigned end)
{
	struct sctp_counts counts;

	sctp_counts(pair->ends[end].core, &counts);
	sim_assert(counts.assocs + counts.paths + counts.chunks + counts.stream_blocks +
				counts.listeners + counts.notices + counts.auths +
				counts.auth_keys + counts.reconfigs + counts.asconfs +
				counts.sent_blocks + counts.received ==
			0,
		"left: %u paths, %u chunks, %u blocks of streams and %u of chunks sent, "
		"%u listeners, %u notices, %u auths, %u bytes",
		counts.paths, counts.chunks, counts.stream_blocks, counts.sent_blocks,
		counts.listeners, counts.notices, counts.auths, counts.received);
}

void
sctp_run_end(struct pair *pair, struct talk *talk)
{
	for (unsigned i = 0; i < PAIR_LINKS; i++)
		pair->links[i].cut = false;
	talk_close(talk);
	sctp_run_until(pair, "at rest", is_at_rest);
	nothing_is_left(pair, 0);
	nothing_is_left(pair, 1);
	sim_assert(rte_mempool_in_use_count(pair->config.pool) == 0, "%u packets are left",
		rte_mempool_in_use_count(pair->config.pool));
	talk_fini(talk);
	pair_destroy(pair);
}
