/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loss x round trip x reordering x congestion control: an association is no slower than the steady-state
 * models of TCP's goodput say (tcp_model.h, doc/congestion.md), and two share a link.
 *
 *     build/test/sim/sim_sctp_goodput -o -w 1 -n 200
 *     build/test/sim/sim_sctp_goodput -o -w 1 -n 10 newreno_20ms two_cubic
 */
#include <stdio.h>

#include "sim/sctp_run.h"
#include "sim/tcp_model.h"

/* Packets of a round trip at the rate of the bottleneck, and in its queue. */
#define PATH_PACKETS 100
/* Of user data, in a packet of 1500 bytes by IPv4: a chunk of DATA. */
#define MESSAGE 1452
#define PACKET  (MESSAGE + 20 + 12 + 16)

/* The margins, as of sim_tcp_matrix: of one association, of the mean of ten or more. */
#define PART_LEAST 0.3
#define MEAN_LEAST 0.8
#define MEAN_SEEDS 10
/* Jain's index of two of a kind: 1 is equal, 0.5 is one alone. */
#define FAIR_LEAST 0.8

enum { LOSSES = 4, RTTS = 3, ORDERS = 2, CCS = 2 };

static const struct {
	const char *text;
	uint32_t ppb;
	/* To be measured: some losses are to be among them; and before: slow start is to be over. */
	unsigned messages, skipped;
} losses[LOSSES] = {
	{ "0", 0, 5000, 3000 },
	{ "0.1", 1000000, 8000, 4000 },
	{ "1", 10000000, 3000, 1000 },
	{ "5", 50000000, 1500, 300 },
};

static const unsigned rtts_ms[RTTS] = { 1, 20, 200 };
static const char *const ccs[CCS] = { "newreno", "cubic" };

struct row {
	unsigned cc, rtt;
};

/* Of all seeds: goodput as a part of the model's. */
static struct cell {
	double sum, least;
	unsigned runs;
} cells[CCS][RTTS][LOSSES][ORDERS];

/*
 * What is late has been overtaken by more than three, and counts as lost: RFC 9260 does not take back. With
 * gap blocks a time-out is needed only where what was sent again is lost, too; it is RTO.Min or more.
 */
static double
model_rate(const char *cc, unsigned rtt_ms, uint32_t loss_ppb, uint32_t late_ppb)
{
	const double loss = (double)loss_ppb / RANDOM_PPB;
	const struct tcp_model_path path = {
		.loss = loss + (double)late_ppb / RANDOM_PPB,
		.rtt_s = rtt_ms / 1e3 * (1 + 1.0 / PATH_PACKETS),
		.rate = PATH_PACKETS / (rtt_ms / 1e3),
		.window = 10 * PATH_PACKETS,
	};

	return 1 / (1 / tcp_model_rate(cc, &path) + loss * loss * RTE_MAX(3 * rtt_ms / 1e3, 1.0));
}

static void
link_set(struct virtual_link *link, unsigned rtt_ms, unsigned packets)
{
	link->delay_ns = rtt_ms * MS_NS / 2;
	link->rate_bps = (uint64_t)packets * PACKET * 8 * 1000 / rtt_ms;
	link->queue_bytes = packets * PACKET;
}

static struct pair *
pair_make(struct sim *sim, unsigned rtt_ms, unsigned packets)
{
	struct pair *pair = sctp_run_create(sim);
	struct sctp_settings *settings = &pair->settings;

	link_set(&pair->links[0], rtt_ms, packets);
	settings->in_streams = settings->out_streams = TALK_STREAMS;
	/* They do not limit. */
	settings->receive_buffer = settings->send_buffer = 10 * PATH_PACKETS * PACKET;
	return pair;
}

/* ---- one association ---- */

/* When so many have arrived. */
static unsigned awaited;

static bool
have_arrived(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	return talk->ways[PAIR_CLIENT].delivered >= awaited;
}

static uint64_t
arrival_ns(struct pair *pair, unsigned messages)
{
	awaited = messages;
	sctp_run_until(pair, "arrived", have_arrived);
	return pair->now_ns;
}

static void
cell_run(struct sim *sim, const struct row *row, unsigned loss, bool reordered)
{
	const unsigned rtt_ms = rtts_ms[row->rtt];
	const uint32_t late_ppb = reordered ? RANDOM_PPB / 100 : 0;
	const struct talk_plan plan = { .count = losses[loss].skipped + losses[loss].messages,
		.order = TALK_UNORDERED,
		.length = MESSAGE };
	struct cell *cell = &cells[row->cc][row->rtt][loss][reordered];
	struct pair *pair = pair_make(sim, rtt_ms, PATH_PACKETS);
	struct talk talk;
	uint64_t begin_ns;
	double part;

	pair->links[0].loss_ppb = losses[loss].ppb;

	pair->links[0].reorder_ppb = late_ppb;
	pair->settings.cc = cc_find(ccs[row->cc]);
	talk_init(&talk, pair, 0);
	talk_plan(&talk, PAIR_CLIENT, &plan);
	sctp_run_start(pair, &talk);
	begin_ns = arrival_ns(pair, losses[loss].skipped);
	part = losses[loss].messages * 1e9 / (double)(arrival_ns(pair, plan.count) - begin_ns) /
		model_rate(ccs[row->cc], rtt_ms, losses[loss].ppb, late_ppb);
	sctp_run_end(pair, &talk);
	cell->sum += part;
	cell->least = cell->runs++ == 0 ? part : RTE_MIN(cell->least, part);
	/* Of 1 ms a time-out or two are all of the time. */
	sim_assert(rtt_ms == 1 || part >= PART_LEAST, "%s%% lost, %s: %.2f of the model's goodput",
		losses[loss].text, reordered ? "reordered" : "in order", part);
}

static void
row_run(struct sim *sim)
{
	if (sim_workers(sim) != 1)
		return;
	for (unsigned loss = 0; loss < LOSSES; loss++) {
		cell_run(sim, sim_arg(sim), loss, false);
		cell_run(sim, sim_arg(sim), loss, true);
	}
}

/* ---- two ---- */

struct two {
	const char *ccs[2];
	double least; /* Jain's index */
};

static double
fairness_of(const double got[2])
{
	return (got[0] + got[1]) * (got[0] + got[1]) / (2 * (got[0] * got[0] + got[1] * got[1]));
}

/* The second begins five seconds later; from then on it is waited for so long that they have met. */
static void
two_run(struct sim *sim)
{
	static const struct talk_plan plan = {
		.count = 100000, .order = TALK_UNORDERED, .length = MESSAGE
	};
	const struct two *two = sim_arg(sim);
	struct talk talks[2];
	struct pair *pair;
	double got[2], fairness;

	if (sim_workers(sim) != 1)
		return;
	pair = pair_make(sim, 20, PATH_PACKETS / 4);
	pair_start(pair);
	for (unsigned i = 0; i < 2; i++) {
		pair->settings.cc = cc_find(two->ccs[i]);
		talk_init(&talks[i], pair, i);
		talk_plan(&talks[i], PAIR_CLIENT, &plan);
		talk_listen(&talks[i]);
		talk_connect(&talks[i]);
		pair_run_for(pair, (5000 + sim_random(sim, 500)) * MS_NS);
	}
	for (unsigned i = 0; i < 2; i++)
		got[i] = -(double)talks[i].ways[PAIR_CLIENT].bytes;
	pair_run_for(pair, 30 * SECOND_NS);
	for (unsigned i = 0; i < 2; i++)
		got[i] += (double)talks[i].ways[PAIR_CLIENT].bytes;
	for (unsigned i = 0; i < 2; i++) {
		sctp_abort(pair->ends[PAIR_CLIENT].core, talks[i].assocs[PAIR_CLIENT], NULL, 0);
		talks[i].assocs[PAIR_CLIENT] = NULL;
	}
	pair->arg = &talks[1];
	talk_close(&talks[0]);
	sctp_run_end(pair, &talks[1]);
	talk_fini(&talks[0]);
	fairness = fairness_of(got);
	printf("%s %.2f Mbit/s, %s %.2f Mbit/s\n", two->ccs[0], got[0] * 8 / 30e6, two->ccs[1],
		got[1] * 8 / 30e6);
	sim_assert(fairness >= two->least, "%s %.0f and %s %.0f bytes: Jain's index is %.2f",
		two->ccs[0], got[0], two->ccs[1], got[1], fairness);
}
/* ---- all ---- */

/* @return whether the mean of a cell is too low */
static bool
cell_check(const struct row *row, unsigned loss, bool reordered)
{
	const struct cell *cell = &cells[row->cc][row->rtt][loss][reordered];
	const double mean = cell->runs > 0 ? cell->sum / cell->runs : 0;

	if (cell->runs == 0)
		return false;
	printf("%-7s %3u ms, %3s%% lost, %s: %5.2f of the model, least %.2f\n", ccs[row->cc],
		rtts_ms[row->rtt], losses[loss].text, reordered ? "reordered" : "in order ", mean,
		cell->least);
	return cell->runs >= MEAN_SEEDS && mean < MEAN_LEAST;
}

int
main(int argc, char **argv)
{
	static const struct two twos[] = {
		{ { "newreno", "newreno" }, FAIR_LEAST },
		{ { "cubic", "cubic" }, FAIR_LEAST },
		{ { "newreno", "cubic" }, FAIR_LEAST },
	};
	static const struct row rows[] = { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 0 }, { 1, 1 },
		{ 1, 2 } };
	static const struct sim_scenario scenarios[] = {
		{ "newreno_1ms", row_run, &rows[0] },
		{ "newreno_20ms", row_run, &rows[1] },
		{ "newreno_200ms", row_run, &rows[2] },
		{ "cubic_1ms", row_run, &rows[3] },
		{ "cubic_20ms", row_run, &rows[4] },
		{ "cubic_200ms", row_run, &rows[5] },
		{ "two_newreno", two_run, &twos[0] },
		{ "two_cubic", two_run, &twos[1] },
		{ "newreno_beside_cubic", two_run, &twos[2] },
	};
	int rc = sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
	unsigned low = 0;

	for (unsigned i = 0; i < RTE_DIM(rows) && rc == 0; i++) {
		for (unsigned loss = 0; loss < LOSSES; loss++)
			low += cell_check(&rows[i], loss, false) + cell_check(&rows[i], loss, true);
	}
	if (low > 0)
		fprintf(stderr, "the means of %u are below %.2f\n", low, MEAN_LEAST);
	return rc != 0 || low > 0;
}
