/* SPDX-License-Identifier: BSD-3-Clause */
/* Steady-state models: see tcp_model.h. */
#include "sim/tcp_model.h"

#include <math.h>
#include <string.h>

/*
 * Padhye, Firoiu, Towsley, Kurose, "Modeling TCP Reno Performance", 2000, equation 30 without time-outs
 * is Mathis's: sqrt(3/2p). A window grows by what is acknowledged, however many segments an
 * acknowledgment is for (RFC 3465), so that b, the segments of one, is 1.
 */
static double
newreno_window(double loss)
{
	return sqrt(3 / (2 * loss));
}

/* RFC 9438 5.1 with its C and beta; 4.3: never below NewReno's. */
static double
cubic_window(double loss, double rtt_s)
{
	const double c = 0.4, beta = 0.7;

	return fmax(pow(c * (3 + beta) / (4 * (1 - beta)), 0.25) * pow(rtt_s / loss, 0.75),
		newreno_window(loss));
}

/*
 * Xu, Harfoush, Rhee, 2004, III.C: the rounds between two losses, and what is sent in them, if the
 * window is w_max at each loss. As Linux has it (cc_bic.c), a step of the search is a quarter of the
 * distance, and the last four segments take 20 rounds.
 */
static double
bic_segments(double w_max, double *rounds)
{
	const double beta = 0.2, s_max = 16, step = 4, smooth = 20;
	double distance = beta * w_max;
	double n1 = fmax(ceil(distance / s_max) - step, 0), n2, n3;
	double y1 = w_max * (1 - beta) * n1 + s_max * n1 * (n1 - 1) / 2;

	distance -= n1 * s_max;
	n2 = distance > step ? log(distance / step) / log(step / (step - 1)) : 0;
	n3 = smooth * fmin(distance, step) / step;
	*rounds = n1 + n2 + n3;
	return y1 + w_max * n2 - step * fmax(distance - step, 0) + w_max * n3 -
		n3 * fmin(distance, step) / 2;
}

static double
bic_window(double loss)
{
	const double low_window = 14;
	double low = 1, high = 1e6, rounds = 1;

	/* The window at which losses are 1/p segments apart. */
	for (unsigned i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (bic_segments(middle, &rounds) < 1 / loss)
			low = middle;
		else
			high = middle;
	}
	return low < low_window ? newreno_window(loss) : 1 / (loss * rounds);
}

static double
loss_window(const char *cc, const struct tcp_model_path *path)
{
	if (strcmp(cc, "cubic") == 0)
		return cubic_window(path->loss, path->rtt_s);
	if (strcmp(cc, "bic") == 0)
		return bic_window(path->loss);
	/*
	 * Samios, Vernon, 2003: where losses keep it from queueing, Vegas is Reno. Grieco, Mascolo, 2004:
	 * Westwood+ has no less than Reno.
	 */
	return newreno_window(path->loss);
}

double
tcp_model_rate(const char *cc, const struct tcp_model_path *path)
{
	double p = path->loss, round_s, timeouts_s, window;

	if (p == 0)
		return fmin(path->rate, path->window / path->rtt_s);
	/* Padhye, equation 30: time for a segment by rounds, and by time-outs. */
	timeouts_s = path->rto_s * fmin(1, 3 * sqrt(3 * p / 8)) * p * (1 + 32 * p * p);
	window = fmin(path->window, loss_window(cc, path));
	round_s = path->rtt_s / window;
	return fmin(path->rate, 1 / (round_s + timeouts_s));
}
