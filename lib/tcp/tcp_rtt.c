/* SPDX-License-Identifier: BSD-3-Clause */
/* Round-trip times and what follows for the retransmission timer: RFC 6298. */
#include "tcp/tcp_priv.h"

/* A path may change: the least time is looked for again after so long. */
#define MIN_RTT_AGE_US 300000000U

void
tcp_rto_compute(const struct tcp_core *core, struct tcp_conn *conn)
{
	/* RFC 6298 2.3, with the least that the variation counts for, as clocks are coarse. */
	uint64_t rto_us =
		conn->srtt_us + (uint64_t)RTE_MAX(4 * conn->rttvar_us, core->config.rto_min_us);

	conn->rto_us = (uint32_t)RTE_MIN(rto_us, (uint64_t)core->config.rto_max_us);
}

static void
min_rtt_update(struct tcp_core *core, struct tcp_conn *conn, uint32_t rtt_us)
{
	if (conn->min_rtt_us != 0 && rtt_us > conn->min_rtt_us &&
		core->now_us - conn->min_rtt_at_us < MIN_RTT_AGE_US)
		return;
	conn->min_rtt_us = rtt_us;
	conn->min_rtt_at_us = core->now_us;
}

/* One more than the difference: the echo was made somewhere within its tick. 0: it tells nothing */
uint32_t
tcp_rtt_by_timestamp(
	const struct tcp_core *core, const struct tcp_conn *conn, const struct tcp_segment *segment)
{
	uint32_t rtt_ms = tcp_ts_now(core) + conn->ts_offset - segment->options.ts_ecr + 1;

	if (!conn->timestamps_ok || !(segment->options.present & TCP_OPTION_TIMESTAMPS) ||
		rtt_ms == 0 || rtt_ms > core->config.rto_max_us / 1000)
		return 0;
	return rtt_ms * 1000;
}

void
tcp_rtt_sample(struct tcp_core *core, struct tcp_conn *conn, uint32_t rtt_us)
{
	min_rtt_update(core, conn, rtt_us);
	/* RFC 6298 5: not sooner, or a time-out that is too short would go on for ever (Karn). */
	conn->rto_backoff = 0;
	if (conn->srtt_us == 0) {
		/* RFC 6298 2.2 */
		conn->srtt_us = rtt_us;
		conn->rttvar_us = rtt_us / 2;
	} else {
		uint32_t error =
			rtt_us > conn->srtt_us ? rtt_us - conn->srtt_us : conn->srtt_us - rtt_us;

		/* RFC 6298 2.3: alpha 1/8, beta 1/4; the variation first. */
		conn->rttvar_us = (uint32_t)((3ULL * conn->rttvar_us + error) / 4);
		conn->srtt_us = (uint32_t)RTE_MAX((7ULL * conn->srtt_us + rtt_us) / 8, 1ULL);
	}
	tcp_rto_compute(core, conn);
}
