/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The curve that each congestion control draws: one connection through a bottleneck, whose rate doubles
 * after a while, on four times the path. What makes the curve is checked by numbers.
 *
 *     SPATE_CURVES=FOLDER build/test/sim/sim_tcp_curve -o -w 1      # FOLDER/cubic.csv and so on
 *
 * scripts/plot_curves makes the pictures of doc/congestion.md of these.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/bulk.h"

/* Data out of order has 128 bytes of each. */
#define MBUFS 32768
/* Of windows in which a segment was lost three times. */
#define BUFFER_BYTES 2000000
/* Segments of a round trip, and in the queue. */
#define PATH_SEGMENTS  100
#define QUEUE_SEGMENTS 50
#define RTT_MS         100
#define MSS            1448
#define FRAME          1514

#define SECONDS        40
#define DOUBLES_AT_S   20.0
#define SAMPLE_MS      20
#define SAMPLES        (SECONDS * 1000 / SAMPLE_MS)

/* In segments and seconds. */
struct sample {
	double time_s, cwnd, ssthresh, srtt_s;
};

static struct curve {
	struct sample samples[SAMPLES];
	struct bulk bulk;
	uint32_t retransmits; /* before the last half of the second part */
} curve;

/* ---- drawing ---- */

static void
rate_set(struct sim_link *link, unsigned times)
{
	const struct cable_impair impair = {
		.rate_bps = times * PATH_SEGMENTS * FRAME * 8 * 1000ULL / RTT_MS,
		.limit_packets = QUEUE_SEGMENTS,
		.delay_ns = RTT_MS * SIM_MS_NS / 2,
	};

	sim_link_impair(link, &impair);
}

static void
sample_take(unsigned i)
{
	struct tcp_info info = bulk_info(&curve.bulk);

	curve.samples[i] = (struct sample){
		.time_s = (i + 1) * SAMPLE_MS / 1e3,
		.cwnd = (double)info.cwnd / MSS,
		.ssthresh = info.ssthresh == CC_SSTHRESH_NONE ? 0 : (double)info.ssthresh / MSS,
		.srtt_s = info.srtt_us / 1e6,
	};
	if (curve.samples[i].time_s < (DOUBLES_AT_S + SECONDS) / 2)
		curve.retransmits = info.retransmits;
}

static void
curve_write(const char *cc)
{
	const char *folder = getenv("SPATE_CURVES");
	char path[512];
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.csv", folder, cc);
	file = fopen(path, "w");
	sim_assert(file != NULL, "%s cannot be written", path);
	fprintf(file, "seconds,cwnd,ssthresh,srtt\n");
	for (unsigned i = 0; i < SAMPLES; i++) {
		const struct sample *s = &curve.samples[i];

		fprintf(file, "%.2f,%.2f,%.2f,%.4f\n", s->time_s, s->cwnd, s->ssthresh, s->srtt_s);
	}
	fclose(file);
}

/* @return false: not on four workers, where it would be the same for four times as long */
static bool
curve_draw(struct sim *sim, const char *cc)
{
	const struct bulk_config config = {
		.cc = cc,
		.port = 5001,
		.family = IP_FAMILY_4,
		/* Windows and buffers are not to be part of the picture. */
		.buffer_bytes = BUFFER_BYTES,
		.bytes = UINT64_MAX,
	};
	struct sim_node *a, *b;
	struct sim_link *link;

	if (sim_workers(sim) != 1)
		return false;
	sim_mbufs_set(sim, MBUFS);
	a = sim_node(sim, "a");
	b = sim_node(sim, "b");
	link = sim_link(a, b);
	sim_link_know(link);
	sim_run_ms(sim, SIM_SETTLE_MS);
	rate_set(link, 1);
	bulk_start(sim, &curve.bulk, a, b, &config);
	for (unsigned i = 0; i < SAMPLES; i++) {
		sim_run_ms(sim, SAMPLE_MS);
		sample_take(i);
		if (curve.samples[i].time_s == DOUBLES_AT_S)
			rate_set(link, 2);
	}
	bulk_end(&curve.bulk);
	bulk_wait(&curve.bulk, 60000);
	bulk_stop(&curve.bulk);
	curve_write(cc);
	return true;
}

/* ---- reading ---- */

static bool
falls_at(unsigned i)
{
	const struct sample *before = &curve.samples[i - 1], *now = &curve.samples[i];

	return now->cwnd < 0.95 * before->cwnd && fabs(now->cwnd - now->ssthresh) < 1;
}

/* Fast convergence: RFC 9438 4.7, and BIC's. */
enum { CUBIC, BIC };
static const double converged[2] = { 0.85, 0.9 };

/* From one loss to the next. */
struct epoch {
	unsigned first, last; /* samples: the first behind the loss, the last before the next */
	double before; /* the window that was too large */
	double w_max[2]; /* where it leads: less, if that was less than the last time */
};

/* @return whether there is one more that begins behind a time */
static bool
epoch_next(struct epoch *epoch, double from_s)
{
	unsigned i = RTE_MAX(epoch->last + 1, (unsigned)(from_s * 1000 / SAMPLE_MS));

	while (i < SAMPLES && (i == 0 || !falls_at(i)))
		i++;
	if (i == SAMPLES)
		return false;
	epoch->before = curve.samples[i - 1].cwnd;
	for (unsigned cc = CUBIC; cc <= BIC; cc++)
		epoch->w_max[cc] =
			epoch->before * (epoch->before < epoch->w_max[cc] ? converged[cc] : 1);
	/* What recovery does to it takes a round trip or two. */
	while (i + 1 < SAMPLES && curve.samples[i + 1].cwnd < curve.samples[i].cwnd)
		i++;
	epoch->first = i;
	while (i + 1 < SAMPLES && !falls_at(i + 1))
		i++;
	epoch->last = i;
	return true;
}

/* The one in which the rate doubles: it goes on where others end. */
static struct epoch
epoch_of_doubling(void)
{
	struct epoch epoch = { 0 }, found = { 0 };

	while (epoch_next(&epoch, 0) && curve.samples[epoch.first].time_s < DOUBLES_AT_S)
		found = epoch;
	sim_assert(found.last * SAMPLE_MS / 1e3 > DOUBLES_AT_S + 2,
		"no epoch goes on when the rate doubles");
	return found;
}

static double
cwnd_at(double time_s)
{
	unsigned i = (unsigned)(time_s * 1000 / SAMPLE_MS);

	return curve.samples[RTE_MIN(i, (unsigned)SAMPLES - 1)].cwnd;
}

/* Segments that the window grew in a round trip, from sample `i` on. */
static double
growth_at(unsigned i)
{
	double from_s = curve.samples[i].time_s, srtt_s = curve.samples[i].srtt_s;

	return cwnd_at(from_s + srtt_s) - curve.samples[i].cwnd;
}

static void
assert_between(const char *what, double value, double least, double most)
{
	sim_assert(value >= least && value <= most, "%s: %.2f, which is not from %.2f to %.2f",
		what, value, least, most);
}

/* ---- signatures ---- */

/* RFC 5681: half of it, and then a segment a round trip, all the way. */
static void
newreno_is_a_sawtooth(struct sim *sim)
{
	struct epoch epoch = { 0 };
	unsigned count = 0;

	if (!curve_draw(sim, "newreno"))
		return;
	while (epoch_next(&epoch, 2)) {
		const struct sample *first = &curve.samples[epoch.first];

		count++;
		assert_between("of the window", first->ssthresh / epoch.before, 0.45, 0.55);
		for (unsigned i = epoch.first + 30; i + 30 < epoch.last; i += 10)
			assert_between("a round trip", growth_at(i), 0.5, 1.6);
	}
	assert_between("losses", count, 2, 20);
}

/* RFC 9438 figure 1, 4.7: concave up to the window before, a plateau there, then convex. */
static void
cubic_is_concave_then_convex(struct sim *sim)
{
	const double c = 0.4;
	struct epoch epoch;
	double start_s, k_s, low;

	if (!curve_draw(sim, "cubic"))
		return;
	epoch = epoch_of_doubling();
	start_s = curve.samples[epoch.first].time_s;
	low = curve.samples[epoch.first].ssthresh;
	assert_between("of the window", low / epoch.before, 0.65, 0.75);
	k_s = cbrt((epoch.w_max[CUBIC] - low) / c);
	/* After half of the time an eighth of it is missing. */
	assert_between("half of the time",
		(epoch.w_max[CUBIC] - cwnd_at(start_s + k_s / 2)) / (epoch.w_max[CUBIC] - low),
		0.02, 0.3);
	assert_between("plateau", cwnd_at(start_s + k_s) / epoch.w_max[CUBIC], 0.97, 1.03);
	for (double beyond_s = 3; beyond_s <= 6; beyond_s++)
		assert_between("beyond it",
			(cwnd_at(start_s + k_s + beyond_s) - epoch.w_max[CUBIC]) /
				(c * pow(beyond_s, 3)),
			0.6, 1.6);
}

/* A quarter of the distance each round, then slowly past the window before, then ever faster. */
static void
bic_searches_then_probes(struct sim *sim)
{
	struct epoch epoch;
	double slowest = INFINITY, fastest = 0;
	unsigned slowest_at = 0;

	if (!curve_draw(sim, "bic"))
		return;
	epoch = epoch_of_doubling();
	assert_between(
		"of the window", curve.samples[epoch.first].ssthresh / epoch.before, 0.75, 0.85);
	for (unsigned i = epoch.first + 5; i + 15 < epoch.last; i++) {
		if (growth_at(i) < slowest) {
			slowest = growth_at(i);
			slowest_at = i;
		}
	}
	for (unsigned i = slowest_at; i + 15 < epoch.last; i++)
		fastest = fmax(fastest, growth_at(i));
	assert_between("where the search ends", curve.samples[slowest_at].cwnd / epoch.w_max[BIC],
		0.95, 1.05);
	assert_between("segments a round there", slowest, 0, 0.4);
	assert_between("segments a round at first", growth_at(epoch.first + 5), 2, 16);
	/* 16, and what a sample is too long for a round. */
	assert_between("segments a round at last", fastest, 4, 19);
}

/* Two to four segments in the queue, whatever the rate: the window stands still, and nothing is lost. */
static void
vegas_stands_still(struct sim *sim)
{
	double low, high;
	uint32_t retransmits;

	if (!curve_draw(sim, "vegas"))
		return;
	retransmits = curve.bulk.info.retransmits - curve.retransmits;
	for (unsigned part = 0; part < 2; part++) {
		double end_s = part == 0 ? DOUBLES_AT_S : SECONDS;

		low = high = cwnd_at(end_s - 5);
		for (double at_s = end_s - 5; at_s < end_s - 0.1; at_s += 0.1) {
			low = fmin(low, cwnd_at(at_s));
			high = fmax(high, cwnd_at(at_s));
		}
		assert_between("the least", low, (part + 1) * PATH_SEGMENTS, INFINITY);
		assert_between("the most", high, 0, (part + 1) * PATH_SEGMENTS + 8);
		assert_between("between them", high - low, 0, 3);
	}
	sim_assert(retransmits == 0, "%u segments were sent again", retransmits);
}

/* Not half of the window, but what the path takes without a queue. */
static void
westwood_falls_to_the_bandwidth(struct sim *sim)
{
	struct epoch epoch = { 0 };
	unsigned count = 0;

	if (!curve_draw(sim, "westwood"))
		return;
	/* Its estimate takes a while to follow. */
	while (epoch_next(&epoch, 10)) {
		const struct sample *first = &curve.samples[epoch.first];
		double path = first->time_s < DOUBLES_AT_S ? PATH_SEGMENTS : 2 * PATH_SEGMENTS;

		count++;
		assert_between("of the path", first->ssthresh / path, 0.85, 1.05);
		assert_between("of the window", first->ssthresh / epoch.before, 0.6, 0.9);
	}
	assert_between("losses", count, 1, 20);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(newreno_is_a_sawtooth),
		SIM_SCENARIO(cubic_is_concave_then_convex),
		SIM_SCENARIO(bic_searches_then_probes),
		SIM_SCENARIO(vegas_stands_still),
		SIM_SCENARIO(westwood_falls_to_the_bandwidth),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
