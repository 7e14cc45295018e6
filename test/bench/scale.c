/* SPDX-License-Identifier: BSD-3-Clause */
/* Very many idle connections on one worker: see scale.h. */
#include "scale.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "samples.h"

#define BATCH   PKT_BURST
#define CHURN   4096 /* connections that come and go */
#define ROUNDS  16
#define REQUEST 64 /* bytes */
#define POLL_NS 20000
#define MBUFS   32768

static uint64_t
settle(const struct scale_ops *ops, struct scale_side *side)
{
	uint64_t cycles = 0;

	do {
		side->loop->now_ns += POLL_NS;
		cycles += loop_poll(side->loop);
	} while (ops->waiting(side->peers) > 0);
	return cycles;
}

static void
expect(uint64_t is, uint64_t wanted, const char *what)
{
	if (is != wanted)
		loop_die("%s: %" PRIu64 " in place of %" PRIu64, what, is, wanted);
}

/* ---- what is measured ---- */

/* Connections from a place on, or those of a list. */
struct range {
	const uint32_t *list; /* NULL: from `from` on */
	uint32_t from, count;
};

/* One batch after the other. */
static void
batches(const struct scale_ops *ops, struct scale_side *side, const struct range *range,
	void (*one)(void *peers, uint32_t conn), struct samples *samples)
{
	for (uint32_t i = 0; i < range->count; i += BATCH) {
		for (uint32_t j = i; j < RTE_MIN(i + BATCH, range->count); j++) {
			uint32_t conn = range->list != NULL ? range->list[j] : range->from + j;

			if (one != NULL)
				one(side->peers, conn);
			else
				ops->request(side->peers, conn, REQUEST);
		}
		samples_add(samples, settle(ops, side));
	}
}

static void
open_conns(const struct scale_ops *ops, struct scale_side *side, struct range range,
	struct samples *samples)
{
	uint64_t before = *side->established;

	batches(ops, side, &range, ops->begin, samples);
	expect(*side->established - before, range.count, "began");
}

static void
close_conns(const struct scale_ops *ops, struct scale_side *side, struct range range,
	struct samples *samples)
{
	uint64_t before = *side->ended;

	batches(ops, side, &range, ops->end, samples);
	expect(*side->ended - before, range.count, "ended");
}

/* A request and its answer on each of a list, in turn. */
static void
requests(const struct scale_ops *ops, struct scale_side *side, struct range range,
	struct samples *samples)
{
	uint64_t before = *side->bytes;

	batches(ops, side, &range, NULL, samples);
	expect(*side->bytes - before, (uint64_t)range.count * REQUEST, "bytes answered");
}

/* Of the stack without other connections, and of the one with them. */
struct figures {
	struct samples open, close, request;
};

static void
churn(const struct scale_ops *ops, struct scale_side *side, uint32_t from, struct figures *figures)
{
	const struct range range = { .from = from, .count = CHURN };

	open_conns(ops, side, range, &figures->open);
	close_conns(ops, side, range, &figures->close);
}

/* Whoever is idle is asked whether it is still there. */
static void
idle_run(const struct scale_ops *ops, struct scale_side *side, uint32_t conns)
{
	struct loop *loop = side->loop;
	const uint64_t end_ns = loop->now_ns + ops->idle_ns;
	uint64_t before = ops->idle_count(side, conns), cycles = 0, longest = 0, asked, busy;

	while (loop->now_ns < end_ns) {
		busy = thread_ns();
		cycles += loop_poll(loop);
		longest = RTE_MAX(longest, thread_ns() - busy);
		/* The next loop, or when there is something to do. */
		loop->now_ns = RTE_MAX(loop->now_ns + POLL_NS,
			ops->waiting(side->peers) == 0
				? RTE_MIN(worker_next_event_ns(loop->worker), end_ns)
				: 0);
	}
	settle(ops, side);
	asked = ops->idle_count(side, conns) - before;
	printf("%-24s %16s %15.0f   longest loop %.0f us; %" PRIu64 " in %.0f s\n", ops->idle_name,
		"", asked > 0 ? (double)cycles / (double)asked : 0, (double)longest / 1000, asked,
		(double)ops->idle_ns / 1e9);
}

/* What a stack for so many takes: all that it will ever have. */
static uint64_t
memory_of(const struct scale_ops *ops, const struct scale_memory *memory, uint32_t count)
{
	uint64_t before = memory_used(), used;
	struct scale_side side = memory->create(count, 1, 4096);

	used = memory_used() - before;
	ops->destroy(side.peers);
	return used;
}

static void
memory_print(const struct scale_ops *ops, const struct scale_memory *memory, uint32_t conns)
{
	const uint32_t others_max = ops->others_max;
	uint64_t small = memory_of(ops, memory, 1024), others = memory_of(ops, memory, others_max);
	uint64_t start_ns = thread_ns(), large = memory_of(ops, memory, others_max + conns);

	printf("%s takes %.1f bytes; with what there is beside %.1f; a stack with %u is made in %.0f ms\n",
		memory->name, (double)(large - others) / conns,
		(double)(large - small) / (conns + others_max - 1024), conns + others_max,
		(double)(thread_ns() - start_ns) / 1e6);
}

/* Places of a list all over the connections, in no order. */
static struct range
shuffle(uint32_t *list, uint32_t count, uint32_t conns)
{
	/* By a step that has no divisor with their number, so that each comes once. */
	for (uint32_t i = 0; i < count; i++)
		list[i] = (uint32_t)((uint64_t)i * 2654435761U % conns);
	return (struct range){ .list = list, .count = count };
}

/* One stack has nothing but the active connections, the other idle ones beside. In turn. */
static void
scale_run(const struct scale_ops *ops, uint32_t conns)
{
	uint32_t active = RTE_MAX(conns / 100, 1U), *list = calloc(active, sizeof(*list));
	struct scale_side empty = ops->create(active + CHURN + 1, active + CHURN, MBUFS);
	struct scale_side full = ops->create(conns + CHURN + 1, conns + CHURN, MBUFS);
	static struct figures figures[3];
	static struct samples idle;

	if (list == NULL)
		loop_die("no memory");
	open_conns(ops, &full, (struct range){ .count = conns }, &figures[2].open);
	/* The first round is not counted: it touches memory. */
	for (unsigned round = 0; round <= ROUNDS; round++) {
		churn(ops, &empty, active, &figures[round == 0 ? 2 : 0]);
		churn(ops, &full, conns, &figures[round == 0 ? 2 : 1]);
	}
	open_conns(ops, &empty, (struct range){ .count = active }, &figures[2].open);
	for (unsigned round = 0; round <= ROUNDS; round++) {
		requests(ops, &empty, shuffle(list, active, active),
			&figures[round == 0 ? 2 : 0].request);
		requests(ops, &full, shuffle(list, active, conns),
			&figures[round == 0 ? 2 : 1].request);
	}
	printf("cycles of the worker   without %u idle: 10 %%, median    with: 10 %%, median    ratios\n",
		conns);
	samples_row("accepted", &figures[0].open, &figures[1].open, BATCH);
	samples_row("closed", &figures[0].close, &figures[1].close, BATCH);
	samples_row("request on 1 % of them", &figures[0].request, &figures[1].request, BATCH);
	idle_run(ops, &full, conns);
	close_conns(ops, &full, shuffle(list, active, conns), &idle);
	printf("%-24s %16s %7.0f %7.0f\n", "idle one closed", "",
		samples_quantile(&idle, 0.1, BATCH), samples_quantile(&idle, 0.5, BATCH));
	expect(*full.failed + *empty.failed, 0, "resets");
	free(list);
	ops->destroy(full.peers);
	ops->destroy(empty.peers);
}

void
scale_main(int argc, char **argv, const struct scale_ops *ops)
{
	int eal = rte_eal_init(argc, argv);
	uint32_t conns = ops->default_count;

	if (eal < 0)
		loop_die("%s: %s", ops->program, rte_strerror(rte_errno));
	if (eal + 1 < argc)
		conns = (uint32_t)strtoul(argv[eal + 1], NULL, 10);
	if (conns < 100 || conns > ops->most)
		loop_die("%s: 100 to %u", ops->program, ops->most);
	for (const struct scale_memory *memory = ops->memories; memory->name != NULL; memory++)
		memory_print(ops, memory, conns);
	scale_run(ops, conns);
	rte_eal_cleanup();
}
