/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two SCTPs on one, two or four paths: what is sent arrives intact, once and in its stream's order, or is
 * reported as given up; and nothing is left in the end. A scenario is about one value of one dimension;
 * of all others the seed draws one.
 *
 *     build/test/sim/sim_sctp_matrix -o -w 1 -n 200
 *     build/test/sim/sim_sctp_matrix -o -w 1 -n 10 loss_5 chunks_idata
 */
#include <stdio.h>

#include "sim/sctp_run.h"

enum dimension {
	LOSS,
	RTT,
	LATE,
	TWICE,
	SIZES,
	SCHEDULER,
	CHUNKS,
	ORDER,
	POLICY,
	PATHS,
	OUTAGE,
	READER,
	AUTH,
	DIMENSIONS
};

enum outage { OUTAGE_NONE, OUTAGE_PRIMARY, OUTAGE_EACH };

#define VALUES_MAX 6

static const struct {
	const char *name;
	const char *values[VALUES_MAX];
} dimensions[DIMENSIONS] = {
	[LOSS] = { "loss", { "0", "0.1", "1", "5" } },
	[RTT] = { "rtt", { "1ms", "20ms", "200ms" } },
	[LATE] = { "late", { "none", "some" } },
	[TWICE] = { "twice", { "none", "some" } },
	[SIZES] = { "sizes", { "tiny", "packets", "mixed", "megabyte" } },
	[SCHEDULER] = { "scheduler",
		{ "fcfs", "rr", "rr_packet", "priority", "fair", "weighted" } },
	[CHUNKS] = { "chunks", { "data", "idata" } },
	[ORDER] = { "order", { "ordered", "unordered", "both" } },
	[POLICY] = { "policy", { "none", "timed", "limited", "priority" } },
	[PATHS] = { "paths", { "1", "2", "4" } },
	[OUTAGE] = { "outage", { "none", "primary", "each" } },
	[READER] = { "reader", { "prompt", "late" } },
	[AUTH] = { "auth", { "none", "data" } },
};

static const uint32_t losses_ppb[] = { 0, 1000000, 10000000, 50000000 };
static const unsigned rtts_ms[] = { 1, 20, 200 };
static const unsigned paths[] = { 1, 2, 4 };
static const unsigned counts[TALK_SIZES_COUNT] = { 600, 200, 120, 20 };
static const uint32_t buffers[] = { 16384, 65536, 262144, 2 << 20 };
static const enum sctp_pr_policy policies[] = { SCTP_PR_NONE, SCTP_PR_TIMED, SCTP_PR_LIMITED,
	SCTP_PR_PRIORITY };

/* What a scenario is about. */
struct fixed {
	enum dimension dimension;
	unsigned value;
};

static unsigned
value_count(unsigned dimension)
{
	unsigned count = 0;

	while (count < VALUES_MAX && dimensions[dimension].values[count] != NULL)
		count++;
	return count;
}

/* ---- how it is set ---- */

static void
links_set(struct sim *sim, struct pair *pair, const unsigned cell[DIMENSIONS])
{
	pair->link_count = paths[cell[PATHS]];
	pair->ip6 = sim_random(sim, 2) == 0;
	for (unsigned i = 0; i < pair->link_count; i++) {
		struct virtual_link *link = &pair->links[i];

		link->delay_ns = rtts_ms[cell[RTT]] * MS_NS / 2 * (4 + sim_random(sim, 3)) / 4;
		link->loss_ppb = losses_ppb[cell[LOSS]];
		link->reorder_ppb = cell[LATE] != 0 ? RANDOM_PPB / 50 : 0;
		link->duplicate_ppb = cell[TWICE] != 0 ? RANDOM_PPB / 50 : 0;
	}
}

static void
settings_set(struct sim *sim, struct pair *pair, const unsigned cell[DIMENSIONS])
{
	struct sctp_settings *settings = &pair->settings;
	bool interleaved = cell[CHUNKS] != 0;

	settings->scheduler = (uint8_t)cell[SCHEDULER];
	settings->cc = cc_get(sim_random(sim, 2));
	settings->nodelay = sim_random(sim, 2) == 0;
	settings->in_streams = settings->out_streams = TALK_STREAMS;
	settings->receive_buffer = buffers[sim_random(sim, RTE_DIM(buffers))];
	/* A message has to fit. */
	settings->send_buffer = buffers[cell[SIZES] == TALK_LARGE ? 3 : 1 + sim_random(sim, 3)];
	if (interleaved)
		settings->extensions |= SCTP_EXT_I_DATA;
	if (cell[POLICY] != 0)
		settings->extensions |= interleaved ? SCTP_EXT_I_FORWARD_TSN : SCTP_EXT_FORWARD_TSN;
	if (cell[AUTH] != 0) {
		settings->extensions |= SCTP_EXT_AUTH;
		settings->auth_chunks[settings->auth_chunk_count++] =
			interleaved ? SCTP_I_DATA : SCTP_DATA;
	}
}

static void
plans_set(struct sim *sim, struct talk *talk, const unsigned cell[DIMENSIONS])
{
	struct talk_plan plan = { .sizes = (enum talk_sizes)cell[SIZES],
		.order = (enum talk_order)cell[ORDER],
		.policy = policies[cell[POLICY]] };

	for (unsigned i = 0; i < 2; i++) {
		plan.count = counts[plan.sizes] / (1 + sim_random(sim, 4));
		talk_plan(talk, i, &plan);
	}
	talk->reads_not[0] = talk->reads_not[1] = cell[READER] != 0;
}

/* Of streams: their weights or priorities. */
static void
values_set(struct sim *sim, struct pair *pair, const struct talk *talk)
{
	for (unsigned i = 0; i < 2; i++) {
		for (uint16_t s = 0; s < TALK_STREAMS; s++)
			sctp_stream_value_set(pair->ends[i].core, talk->assocs[i], s,
				(uint16_t)(1 + sim_random(sim, 8)));
	}
}

/* ---- what happens ---- */

static void
time_pass(struct sim *sim, struct pair *pair, unsigned least_ms, unsigned most_ms)
{
	pair_run_for(pair, (least_ms + sim_random(sim, most_ms - least_ms)) * MS_NS);
}

static void
outages(struct sim *sim, struct pair *pair, unsigned kind)
{
	for (unsigned i = 0; i < pair->link_count; i++) {
		time_pass(sim, pair, 20, 2000);
		pair->links[i].cut = true;
		/* With no other path it must not take so long that the association ends. */
		time_pass(sim, pair, 1000, pair->link_count > 1 ? 60000 : 15000);
		pair->links[i].cut = false;
		if (kind == OUTAGE_PRIMARY)
			break;
	}
}

static bool
paths_are_active(const struct pair *pair)
{
	const struct talk *talk = pair->arg;
	struct sctp_path_info info;

	for (unsigned end = 0; end < 2; end++) {
		for (unsigned i = 0; i < pair->link_count; i++) {
			if (!sctp_path_info(talk->assocs[end], i, &info) ||
				info.state != SCTP_PATH_ACTIVE)
				return false;
		}
	}
	return true;
}

/* Where nothing was lost, dropped or overtaken nothing is sent twice. */
static void
retransmissions_check(const struct pair *pair, const unsigned cell[DIMENSIONS])
{
	if (cell[LOSS] + cell[LATE] + cell[TWICE] + cell[OUTAGE] + cell[READER] != 0)
		return;
	for (unsigned i = 0; i < 2; i++)
		sim_assert(pair_stat(pair, 1 - i, SCTP_STAT_received_full) > 0 ||
				pair_stat(pair, i, SCTP_STAT_retransmitted) == 0,
			"%u chunks were sent again, of which none was lost",
			(unsigned)pair_stat(pair, i, SCTP_STAT_retransmitted));
}

/* By either end, or both at once. */
static void
shut_down(struct sim *sim, struct pair *pair, struct talk *talk)
{
	unsigned who = sim_random(sim, 3);

	for (unsigned i = 0; i < 2; i++) {
		if (who == i || who == 2)
			assert_int_equal(sctp_shutdown(pair->ends[i].core, talk->assocs[i]), 0);
	}
	sctp_run_until(pair, "closed", sctp_run_is_closed);
	sim_assert(talk->errors[0] == 0 && talk->errors[1] == 0, "it ended with errors %d and %d",
		talk->errors[0], talk->errors[1]);
	sim_assert(talk->ways[0].parts_open + talk->ways[1].parts_open == 0,
		"of a message there is no more than a part");
}

static void
cell_draw(struct sim *sim, unsigned cell[DIMENSIONS])
{
	const struct fixed *fixed = sim_arg(sim);

	/* So that scenarios of the same seed draw differently. */
	for (unsigned i = 0; i < fixed->dimension * VALUES_MAX + fixed->value; i++)
		sim_random(sim, 2);
	for (unsigned d = 0; d < DIMENSIONS; d++) {
		cell[d] = sim_random(sim, value_count(d));
		if (d == fixed->dimension)
			cell[d] = fixed->value;
	}
}

static void
matrix_run(struct sim *sim)
{
	unsigned cell[DIMENSIONS];
	struct pair *pair;
	struct talk talk;

	if (sim_workers(sim) != 1)
		return;
	cell_draw(sim, cell);
	pair = sctp_run_create(sim);
	links_set(sim, pair, cell);
	settings_set(sim, pair, cell);
	talk_init(&talk, pair, 0);
	plans_set(sim, &talk, cell);
	sctp_run_start(pair, &talk);
	sctp_run_until(pair, "up", sctp_run_is_up);
	values_set(sim, pair, &talk);
	if (cell[READER] != 0) {
		time_pass(sim, pair, 1000, 20000);
		talk.reads_not[0] = talk.reads_not[1] = false;
		talk_go_on(&talk);
	}
	if (cell[OUTAGE] != OUTAGE_NONE)
		outages(sim, pair, cell[OUTAGE]);
	sctp_run_until(pair, "over", sctp_run_is_over);
	talk_check(&talk);
	retransmissions_check(pair, cell);
	sctp_run_until(pair, "active on all paths", paths_are_active);
	/* What was given up is late, or told of. */
	time_pass(sim, pair, 1, 10000);
	shut_down(sim, pair, &talk);
	sctp_run_end(pair, &talk);
}

int
main(int argc, char **argv)
{
	static struct sim_scenario scenarios[DIMENSIONS * VALUES_MAX];
	static struct fixed fixed[RTE_DIM(scenarios)];
	static char names[RTE_DIM(scenarios)][32];
	unsigned count = 0;

	for (unsigned d = 0; d < DIMENSIONS; d++) {
		for (unsigned v = 0; v < value_count(d); v++) {
			fixed[count] = (struct fixed){ (enum dimension)d, v };
			snprintf(names[count], sizeof(names[count]), "%s_%s", dimensions[d].name,
				dimensions[d].values[v]);
			scenarios[count] =
				(struct sim_scenario){ names[count], matrix_run, &fixed[count] };
			count++;
		}
	}
	return sim_main(argc, argv, scenarios, count);
}
