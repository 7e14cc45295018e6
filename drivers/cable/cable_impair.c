/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port's direction is to do to its frames, checked and put in force. By control. */
#include "cable/cable_priv.h"

static int
chances_check(const struct cable_impair *impair, struct error *err)
{
	const uint32_t chances[] = { impair->loss.p, impair->loss.r, impair->loss.bad,
		impair->loss.good, impair->corrupt_before, impair->corrupt_after, impair->truncate,
		impair->duplicate, impair->reorder };

	for (unsigned i = 0; i < RTE_DIM(chances); i++) {
		if (chances[i] > RANDOM_PPB)
			return error_set(err, EINVAL, "a chance is 100%% at most");
	}
	return 0;
}

static int
times_check(const struct cable_impair *impair, struct error *err)
{
	const uint64_t times[] = { impair->delay_ns, impair->jitter_ns, impair->reorder_ns };

	for (unsigned i = 0; i < RTE_DIM(times); i++) {
		if (times[i] > CABLE_TIME_MAX_NS)
			return error_set(err, EINVAL, "frames take an hour at most");
	}
	if (impair->codel_target_ns > CABLE_CODEL_TIME_MAX_NS ||
		impair->codel_interval_ns > CABLE_CODEL_TIME_MAX_NS)
		return error_set(err, EINVAL, "CoDel's target and interval are 4 s at most");
	return 0;
}

int
cable_impair_set(struct port *port, const struct cable_impair *impair, struct error *err)
{
	struct cable_end *end = port->driver;
	int rc = chances_check(impair, err);

	if (rc == 0)
		rc = times_check(impair, err);
	if (rc == 0 && impair->rate_bps != 0 && impair->rate_bps < CABLE_RATE_MIN_BPS)
		rc = error_set(err, EINVAL, "a rate is %u bit/s at least", CABLE_RATE_MIN_BPS);
	if (rc == 0 && impair->burst_bytes > CABLE_BURST_MAX)
		rc = error_set(err, EINVAL, "a burst has %u bytes at most", CABLE_BURST_MAX);
	if (rc == 0)
		rc = cable_medium_set(
			&end->medium, impair, end->flight, cable_frame_max(end->mtu), err);
	return rc;
}

void
cable_impair_get(const struct port *port, struct cable_impair *impair)
{
	*impair = ((const struct cable_end *)port->driver)->medium.impair;
}

uint64_t
cable_next_event_ns(const struct port *port)
{
	return cable_medium_next_ns(&cable_peer(port->driver)->medium);
}
