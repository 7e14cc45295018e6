/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What a cable does to the frames that go through it one way. 0 everywhere: nothing, at once.
 *
 * In this order: a frame is lost; what is left is corrupted, truncated and duplicated; waits in a
 * queue for its turn to be sent at the rate of the wire; and travels, some frames slower than others.
 * The same frames at the same times and the same seed have the same fate.
 *
 * Chances are parts of RANDOM_PPB (base/random.h).
 */
#ifndef CABLE_CABLE_IMPAIR_H
#define CABLE_CABLE_IMPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

#define CABLE_FILTER_MAX 128
/** RFC 8289 4.2, 4.3. */
#define CABLE_CODEL_TARGET_NS   5000000U
#define CABLE_CODEL_INTERVAL_NS 100000000U
#define CABLE_CODEL_TIME_MAX_NS 4000000000U
/** Packets in the queue where nobody says how many: tc-netem's. */
#define CABLE_LIMIT_DEFAULT 1000
#define CABLE_RATE_MIN_BPS  1000
#define CABLE_BURST_MAX     1000000000
/** The longest that anything may take. */
#define CABLE_TIME_MAX_NS 3600000000000ULL

enum cable_loss_model {
	CABLE_LOSS_RANDOM, /**< each by itself, with chance `p` */
	CABLE_LOSS_GEMODEL, /**< Gilbert-Elliott: see struct cable_loss */
	CABLE_LOSS_NTH, /**< one: the `n`th */
	CABLE_LOSS_EVERY, /**< each `n`th */
};

/** Which frames are lost, of those that the filter lets through. */
struct cable_loss {
	enum cable_loss_model model;
	/** Gilbert-Elliott, as in tc-netem: chance to go from the good state to the bad one, and
	 * back; to lose a frame in the bad state, and in the good one. */
	uint32_t p, r, bad, good;
	uint64_t n;
};

enum cable_distribution { CABLE_UNIFORM, CABLE_NORMAL };

struct cable_impair {
	uint64_t seed; /**< another one: the random numbers start anew */
	struct cable_loss loss;
	/** pcap-filter(7): loss is for frames like that; alone, all of them are lost. "": all */
	char filter[CABLE_FILTER_MAX];
	/** A bit of what TCP, UDP or SCTP carries is wrong, and the checksum right for it. */
	uint32_t corrupt_before;
	/** A bit behind the link header is wrong, and the checksums as they were. */
	uint32_t corrupt_after;
	uint32_t truncate; /**< to any length */
	uint32_t duplicate;

	uint64_t rate_bps; /**< bits a second; 0: no limit, and so no queue */
	uint32_t burst_bytes; /**< that may go at once, after a pause */
	uint32_t limit_packets, limit_bytes; /**< of the queue; 0: default; no limit */
	bool codel; /**< RFC 8289 */
	bool ecn; /**< CoDel marks what is ECN-capable rather than to lose it */
	uint64_t codel_target_ns, codel_interval_ns; /**< 0: RFC 8289's */

	uint64_t delay_ns;
	uint64_t jitter_ns; /**< around the delay: uniform, this far; normal: the deviation */
	enum cable_distribution distribution;
	uint32_t reorder; /**< held back by reorder_ns, so that others overtake */
	uint64_t reorder_ns;
};

/** Whether it does anything. */
bool cable_impair_is_none(const struct cable_impair *impair);

#endif
