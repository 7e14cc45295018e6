/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Congestion control: how much a sender may have in flight. Used by TCP, and by each path of SCTP.
 *
 * Pure: the time and all measurements are arguments, nothing is sent. The transport owns a
 * struct cc for each path, tells it of acknowledgments and congestion, and reads cwnd_bytes and
 * ssthresh_bytes, which only the functions here write. What is the same for all algorithms (slow
 * start with HyStart++, rounds, bounds, undo, idle times) is in cc.c and cc_slow_start.c; an
 * algorithm is one file with its struct cc_ops, and one line in the table of cc.c.
 *
 * What the transport keeps for itself: which bytes are lost, when recovery starts and ends, and how
 * much to send during it (PRR, RFC 6937): while it lasts, cwnd_bytes is what will hold after it.
 *
 * In order:
 *
 *     cc_init()                      the connection is established
 *     cc_ack()                       each acknowledgment that says something new
 *     cc_congestion(CC_LOSS)         fast recovery starts: once a window of data
 *     cc_congestion(CC_ECN)          the peer echoed a mark: once a window of data
 *     cc_recovery_end()              all that was out when recovery started is acknowledged, of a peer
 *                                    without SACK
 *     cc_congestion(CC_RTO)          the retransmission timer struck; CC_RTO_AGAIN for the same data
 *     cc_undo()                      the last loss or time-out was none (F-RTO, Eifel, D-SACK)
 *     cc_idle()                      before sending, when nothing was in flight for a while
 */
#ifndef CC_CC_H
#define CC_CC_H

#include <stdbool.h>
#include <stdint.h>

/** The largest window of TCP, RFC 7323 2.3; cwnd never exceeds it. */
#define CC_WINDOW_MAX (1U << 30)
/** Segments are never larger; what is said to be is taken for this. */
#define CC_MSS_MAX 65535
/** ssthresh as long as nothing was lost: "arbitrarily high", RFC 5681 3.1. */
#define CC_SSTHRESH_NONE UINT32_MAX
#define CC_PRIVATE_BYTES 56

struct cc;

/** What an acknowledgment says. Zeros where nothing is known. */
struct cc_ack {
	uint64_t now_us; /**< should the clock jump, growth suffers, nothing else */
	uint32_t acked_bytes; /**< by how much snd_una (or the cumulative TSN) advanced */
	uint32_t delivered_bytes; /**< newly acknowledged in any way, by SACK too: RFC 6937 2 */
	uint32_t in_flight_bytes; /**< still out after this: RFC 5681's FlightSize, less what was
				   * reported to have arrived or is deemed lost (RFC 6675's pipe) */
	uint32_t rtt_us; /**< the newest sample; 0: this acknowledgment gave none */
	uint32_t min_rtt_us; /**< the least that the transport remembers; 0: unknown */
	uint64_t delivery_rate; /**< bytes a second, by the transport's samples; 0: unknown */
	bool rate_app_limited; /**< the sample above says what was offered, not what the path has */
	bool cwnd_limited; /**< cwnd held the sender back in the last round, not its data or the
			    * peer's window: RFC 7661 4.3. Without it cwnd does not grow */
	bool in_recovery; /**< fast recovery is on: measure, but let cwnd be */
};

enum cc_signal {
	CC_LOSS, /**< segments are lost: fast recovery starts */
	CC_ECN, /**< a mark of ECN, RFC 3168 6.1.2 */
	CC_RTO, /**< a time-out, RFC 5681 3.1 */
	CC_RTO_AGAIN, /**< a time-out of what was sent again for one: ssthresh stays */
};

struct cc_congestion {
	enum cc_signal signal;
	uint64_t now_us;
	uint32_t in_flight_bytes; /**< FlightSize, with what is lost, without what limited transmit
				   * sent: RFC 5681 equation 4, 3.2 (2) */
	uint32_t min_rtt_us; /**< 0: unknown */
};

/**
 * One algorithm. cc.c has done what is common when it calls: bounds need not be checked after.
 * A function that is NULL has nothing to do.
 */
struct cc_ops {
	const char *name;
	const char *help; /**< one line */
	/** cc->private is zeros. Also when a connection changes its algorithm. */
	void (*init)(struct cc *cc);
	/** Every acknowledgment, first of all: take measurements, let cwnd be. */
	void (*measure)(struct cc *cc, const struct cc_ack *ack);
	/** Congestion avoidance: not in slow start or recovery, and the sender is cwnd-limited.
	 * acked_bytes is more than 0, and at most cwnd_bytes. */
	void (*avoid)(struct cc *cc, const struct cc_ack *ack);
	/** @return ssthresh after this; never CC_RTO_AGAIN */
	uint32_t (*ssthresh)(struct cc *cc, const struct cc_congestion *congestion);
	/** The last ssthresh() was for nothing; cwnd and ssthresh are again what they were. */
	void (*undo)(struct cc *cc);
	/** Nothing was in flight for a while: this time is no measure of anything. */
	void (*idle)(struct cc *cc);
	/** Bytes a second; NULL: as cc_pacing_rate() says. */
	uint64_t (*pacing_rate)(const struct cc *cc, uint32_t srtt_us);
	bool paces; /**< data is to leave at that rate, not as acknowledgments come */
	bool own_slow_start; /**< avoid() is called in slow start too, instead of HyStart++ */
};

/** Where slow start stands: RFC 9406 4.2. cc_slow_start.c. */
enum cc_phase {
	CC_SLOW_START,
	CC_CONSERVATIVE, /**< CSS: delay has risen; soon over, unless it falls again */
	CC_AVOIDANCE,
};

struct cc_config {
	uint32_t mss_bytes; /**< SMSS: what a full segment carries; at least 1 */
	uint32_t initial_window_bytes; /**< RFC 6928; SCTP's of RFC 9260 7.2.1 */
	bool bursts_moderated; /**< by pacing or otherwise: windows may grow in leaps, RFC 9406 4.3
				* (L is infinite), RFC 6582 3.2 (3) */
	bool no_abe; /**< a mark of ECN counts as a loss: without RFC 8511 */
	bool no_hystart; /**< slow start ends by loss or mark only: without RFC 9406 */
	bool one_at_a_time; /**< slow start grows by a segment an acknowledgment: L of RFC 3465 is 1 */
};

/** One path's state. Read what you like; written by the functions below. */
struct cc {
	const struct cc_ops *ops;
	uint32_t cwnd_bytes;
	uint32_t ssthresh_bytes;
	uint32_t mss_bytes;
	uint32_t initial_window_bytes;
	uint32_t growth_rest; /**< of the last growth: what was less than a byte */
	uint32_t undo_cwnd_bytes; /**< before the last loss or time-out; 0: nothing to undo */
	uint32_t undo_ssthresh_bytes;
	uint32_t delivered_bytes; /**< in all, modulo 2^32 */
	uint32_t round_end_bytes; /**< when more is delivered, the next round starts */
	uint32_t round_rtt_us; /**< the least of this round; UINT32_MAX: no sample yet */
	uint32_t last_round_rtt_us; /**< of the round before */
	uint32_t css_baseline_us; /**< cssBaselineMinRtt */
	uint32_t rto_left_bytes; /**< of what was out at the last time-out: not yet acknowledged */
	uint8_t phase; /**< enum cc_phase */
	uint8_t round_samples; /**< rttSampleCount, up to 255 */
	uint8_t css_rounds;
	bool round_start : 1; /**< this acknowledgment was the first of a round */
	bool bursts_moderated : 1;
	bool no_abe : 1;
	bool no_hystart : 1;
	bool one_at_a_time : 1;
	_Alignas(8) uint8_t private[CC_PRIVATE_BYTES]; /**< the algorithm's */
};

_Static_assert(sizeof(struct cc) <= 120, "a million connections have one each");

/** @return NULL: there is no such algorithm */
const struct cc_ops *cc_find(const char *name);
/** The table: NULL after the last. */
const struct cc_ops *cc_get(unsigned index);
/** What connections use that were not told otherwise: CUBIC. */
const struct cc_ops *cc_default(void);

/** RFC 6928 2: ten segments, at most 14600 bytes, at least two segments. */
uint32_t cc_initial_window(uint32_t mss_bytes);

void cc_init(struct cc *cc, const struct cc_ops *ops, const struct cc_config *config);
/** Another algorithm from here on; cwnd and ssthresh stay. */
void cc_switch(struct cc *cc, const struct cc_ops *ops);
/** The path's MTU changed. cwnd stays what it is in bytes, but at least one segment. */
void cc_mss_set(struct cc *cc, uint32_t mss_bytes);
/** Pacing was switched on or off: cc_config.bursts_moderated. */
void cc_bursts_set(struct cc *cc, bool moderated);

void cc_ack(struct cc *cc, const struct cc_ack *ack);
void cc_congestion(struct cc *cc, const struct cc_congestion *congestion);
/** RFC 6582 3.2 (3): unless bursts are moderated, cwnd is little more than what is in flight. */
void cc_recovery_end(struct cc *cc, uint32_t in_flight_bytes);
/** Only once after each loss or time-out; otherwise nothing happens. */
void cc_undo(struct cc *cc);
/** RFC 5681 4.1: after more than a retransmission time-out, slow start from the restart window. */
void cc_idle(struct cc *cc, uint64_t idle_us, uint64_t rto_us);

/** Bytes a second, so that a round's window leaves well within the round; UINT64_MAX: unknown RTT */
uint64_t cc_pacing_rate(const struct cc *cc, uint32_t srtt_us);

static inline bool
cc_in_slow_start(const struct cc *cc)
{
	return cc->cwnd_bytes < cc->ssthresh_bytes;
}

#endif
