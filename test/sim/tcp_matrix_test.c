/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loss x round trip x reordering x congestion control: what is sent arrives as it was sent, and no
 * slower than the models of each algorithm say (tcp_model.h, doc/congestion.md); and two connections
 * of a kind share a path.
 *
 *     build/test/sim/sim_tcp_matrix -o -w 1 -n 200          # all of it, for half an hour
 *     build/test/sim/sim_tcp_matrix -w 1 -n 10 cubic_20ms
 *
 * On four workers it would be the same for four times as long: nothing is run there.
 */
#include <stdio.h>

#include "sim/bulk.h"
#include "sim/tcp_model.h"

#define PORT 5001
/* What is in flight, in the queue, and waits at both ends. */
#define MBUFS 8192
/* Segments of a round trip at the rate of the bottleneck, and in its queue: so a cell costs the same
 * whatever its round trip. */
#define PATH_SEGMENTS 100
#define MSS           1428 /* of IPv6 with timestamps; IPv4's carry 20 more */
#define FRAME         1514

/*
 * The margins: parts of the models' goodput, of one connection and of the mean of ten or more. Models
 * have losses at equal distances; a few dozen of random ones vary, and of two that follow each other the
 * second costs the more, the less is in flight by then.
 */
#define PART_LEAST 0.4
#define MEAN_LEAST 0.8
#define MEAN_SEEDS 10
/* Jain's index of two connections: 1 is equal, 0.5 is one alone. */
#define FAIR_LEAST 0.8

enum { LOSSES = 4, RTTS = 4, ORDERS = 2, CCS = 5 };

static const struct {
	const char *text;
	uint32_t ppb;
	/* To be measured: some losses are to be among them; and before: slow start is to be over. */
	unsigned segments, skipped;
} losses[LOSSES] = {
	{ "0", 0, 5000, 3000 },
	{ "0.1", 1000000, 8000, 4000 },
	{ "1", 10000000, 3000, 1000 },
	{ "3", 30000000, 2000, 400 },
};

static const unsigned rtts_ms[RTTS] = { 1, 20, 100, 200 };

/* What a scenario is about. */
struct row {
	unsigned cc, rtt;
};

/* Of all seeds: goodput as a part of the model's. */
static struct cell {
	double sum, least;
	unsigned runs;
} cells[CCS][RTTS][LOSSES][ORDERS];

static struct tcp_model_path
model_path(unsigned rtt_ms, uint32_t loss_ppb)
{
	return (struct tcp_model_path){
		.loss = (double)loss_ppb / RANDOM_PPB,
		/* The segment itself takes time, too. */
		.rtt_s = rtt_ms / 1e3 * (1 + 1.0 / PATH_SEGMENTS),
		.rto_s = rtt_ms / 1e3 + 0.2,
		.rate = PATH_SEGMENTS / (rtt_ms / 1e3),
		/* Receive windows and send buffers follow what is in flight: they do not limit. */
		.window = 10 * PATH_SEGMENTS,
	};
}

static struct cable_impair
path_impair(unsigned rtt_ms, uint32_t loss_ppb, bool reordered)
{
	return (struct cable_impair){
		.loss.p = loss_ppb,
		.rate_bps = PATH_SEGMENTS * FRAME * 8 * 1000ULL / rtt_ms,
		.limit_packets = PATH_SEGMENTS,
		.delay_ns = rtt_ms * SIM_MS_NS / 2,
		.reorder = reordered ? SIM_PERCENT(1) : 0,
		.reorder_ns = reordered ? rtt_ms * SIM_MS_NS / 8 : 0,
	};
}

static struct sim_link *
path_create(struct sim *sim)
{
	struct sim_node *a, *b;
	struct sim_link *link;

	sim_mbufs_set(sim, MBUFS);
	a = sim_node(sim, "a");
	b = sim_node(sim, "b");
	link = sim_link(a, b);
	sim_link_know(link);
	sim_run_ms(sim, SIM_SETTLE_MS);
	return link;
}

/* ---- one connection ---- */

static void
part_note(const struct row *row, unsigned loss, bool reordered, double part)
{
	struct cell *cell = &cells[row->cc][row->rtt][loss][reordered];

	cell->sum += part;
	cell->least = cell->runs++ == 0 ? part : RTE_MIN(cell->least, part);
	sim_assert(part >= PART_LEAST, "%s%% lost, %s: %.2f of the model's goodput",
		losses[loss].text, reordered ? "reordered" : "in order", part);
}

static void
cell_run(struct sim *sim, struct sim_link *link, const struct row *row, unsigned loss,
	bool reordered)
{
	const unsigned rtt_ms = rtts_ms[row->rtt];
	const struct cable_impair impair = path_impair(rtt_ms, losses[loss].ppb, reordered);
	const struct tcp_model_path path = model_path(rtt_ms, losses[loss].ppb);
	const double rate = tcp_model_rate(cc_get(row->cc)->name, &path);
	const uint64_t skip = (uint64_t)losses[loss].skipped * MSS;
	const struct bulk_config config = {
		.cc = cc_get(row->cc)->name,
		.port = (uint16_t)(PORT + 2 * loss + reordered),
		.family = sim_random(sim, 2) == 0 ? IP_FAMILY_4 : IP_FAMILY_6,
		.bytes = skip + (uint64_t)losses[loss].segments * MSS,
		.skip_bytes = skip,
	};
	struct bulk bulk;

	sim_link_impair(link, &impair);
	bulk_start(sim, &bulk, sim_link_node(link, 0), sim_link_node(link, 1), &config);
	bulk_wait(&bulk, 60000 + (uint64_t)(20e3 * (double)config.bytes / MSS / rate));
	bulk_stop(&bulk);
	/* RFC 3522: with nothing out of order hardly any recovery but time-outs was for nothing: where
	 * an acknowledgment is lost it may seem so. */
	sim_assert(
		reordered || bulk.info.undos <= bulk.info.timeouts + 1 + bulk.info.recoveries / 16,
		"%s%% lost: of %u recoveries %u were taken back", losses[loss].text,
		bulk.info.recoveries, bulk.info.undos);
	part_note(row, loss, reordered,
		losses[loss].segments / rate /
			((double)(bulk.received_ns - bulk.skipped_ns) / 1e9));
}

static void
row_run(struct sim *sim)
{
	struct sim_link *link;

	if (sim_workers(sim) != 1)
		return;
	link = path_create(sim);
	for (unsigned loss = 0; loss < LOSSES; loss++) {
		cell_run(sim, link, sim_arg(sim), loss, false);
		cell_run(sim, link, sim_arg(sim), loss, true);
	}
}

/* ---- two connections ---- */

static void
two_run(struct sim *sim)
{
	const struct row *row = sim_arg(sim);
	struct cable_impair impair = path_impair(rtts_ms[row->rtt], 0, false);
	struct sim_link *link;
	struct bulk bulks[2];
	double got[2], fairness;

	if (sim_workers(sim) != 1)
		return;
	/* A narrower one, so that they meet often. */
	impair.rate_bps /= 4;
	impair.limit_packets /= 4;
	link = path_create(sim);
	sim_link_impair(link, &impair);
	for (unsigned i = 0; i < 2; i++) {
		const struct bulk_config config = {
			.cc = cc_get(row->cc)->name,
			.port = (uint16_t)(PORT + i),
			.family = IP_FAMILY_4,
			.bytes = UINT64_MAX,
		};

		bulk_start(sim, &bulks[i], sim_link_node(link, 0), sim_link_node(link, 1), &config);
		sim_run_ms(sim, 5000 + sim_random(sim, 500));
	}
	for (unsigned i = 0; i < 2; i++)
		got[i] = -(double)bulks[i].received;
	sim_run_ms(sim, 30000);
	for (unsigned i = 0; i < 2; i++) {
		got[i] += (double)bulks[i].received;
		bulk_end(&bulks[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		bulk_wait(&bulks[i], 60000);
		bulk_stop(&bulks[i]);
	}
	fairness =
		(got[0] + got[1]) * (got[0] + got[1]) / (2 * (got[0] * got[0] + got[1] * got[1]));
	sim_assert(fairness >= FAIR_LEAST, "%.0f and %.0f bytes: Jain's index is %.2f", got[0],
		got[1], fairness);
}

/* ---- all ---- */

/* @return 1 if the mean of a cell is too low */
static int
cell_check(const struct cell *cell, const struct row *row, unsigned loss, bool reordered)
{
	double mean = cell->runs > 0 ? cell->sum / cell->runs : 0;

	if (cell->runs == 0)
		return 0;
	printf("%-9s %3u ms, %3s%% lost, %s: %5.2f of the model, least %.2f\n",
		cc_get(row->cc)->name, rtts_ms[row->rtt], losses[loss].text,
		reordered ? "reordered" : "in order ", mean, cell->least);
	return cell->runs >= MEAN_SEEDS && mean < MEAN_LEAST;
}

static int
row_check(const struct row *row)
{
	int low = 0;

	for (unsigned loss = 0; loss < LOSSES; loss++) {
		low += cell_check(&cells[row->cc][row->rtt][loss][0], row, loss, false);
		low += cell_check(&cells[row->cc][row->rtt][loss][1], row, loss, true);
	}
	return low;
}

int
main(int argc, char **argv)
{
	static struct sim_scenario scenarios[CCS * (RTTS + 1)];
	static struct row rows[CCS * RTTS];
	static char names[RTE_DIM(scenarios)][32];
	unsigned count = 0;
	int rc, low = 0;

	for (unsigned i = 0; i < RTE_DIM(rows); i++) {
		rows[i] = (struct row){ i / RTTS, i % RTTS };
		snprintf(names[count], sizeof(names[count]), "%s_%ums", cc_get(rows[i].cc)->name,
			rtts_ms[rows[i].rtt]);
		scenarios[count] = (struct sim_scenario){ names[count], row_run, &rows[i] };
		count++;
	}
	for (unsigned cc = 0; cc < CCS; cc++) {
		snprintf(names[count], sizeof(names[count]), "two_%s", cc_get(cc)->name);
		/* Of 20 ms. */
		scenarios[count] =
			(struct sim_scenario){ names[count], two_run, &rows[cc * RTTS + 1] };
		count++;
	}
	rc = sim_main(argc, argv, scenarios, count);
	for (unsigned i = 0; i < RTE_DIM(rows) && rc == 0; i++)
		low += row_check(&rows[i]);
	if (low > 0)
		fprintf(stderr, "the means of %d are below %.2f\n", low, MEAN_LEAST);
	return rc != 0 || low > 0;
}
