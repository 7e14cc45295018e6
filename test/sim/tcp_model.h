/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What a long connection is to achieve, by the published steady-state models of its congestion
 * control: doc/congestion.md says which.
 */
#ifndef SIM_TCP_MODEL_H
#define SIM_TCP_MODEL_H

/** A path. Windows and rates are in segments, times in seconds. */
struct tcp_model_path {
	double loss; /**< chance of each segment */
	double rtt_s; /**< without queues */
	double rto_s; /**< the first time-out */
	double rate; /**< of the bottleneck, segments a second */
	double window; /**< the most that the receiver and the sender's buffer allow */
};

/** @return segments a second that arrive, each counted once */
double tcp_model_rate(const char *cc, const struct tcp_model_path *path);

#endif
