/* SPDX-License-Identifier: BSD-3-Clause */
/* NewReno: the window of RFC 5681 3.1; recovery is the transport's (RFC 6582, RFC 6675). */
#include "cc/cc_priv.h"

/* RFC 5681 equation 3: a segment more in each round. */
void
cc_newreno_avoid(struct cc *cc, const struct cc_ack *ack)
{
	cc_grow(cc, cc->mss_bytes, ack->acked_bytes);
}

/* RFC 5681 equation 4; RFC 8511 2: beta_ecn is 0.8. */
uint32_t
cc_newreno_ssthresh(struct cc *cc, const struct cc_congestion *congestion)
{
	if (congestion->signal == CC_ECN && !cc->no_abe)
		return cc_part(congestion->in_flight_bytes, 4, 5);
	return congestion->in_flight_bytes / 2;
}

const struct cc_ops cc_newreno = {
	.name = "newreno",
	.help = "a segment more a round, half of it after a loss (RFC 5681, RFC 6582)",
	.avoid = cc_newreno_avoid,
	.ssthresh = cc_newreno_ssthresh,
};
