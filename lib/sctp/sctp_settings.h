/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from settings. */
#ifndef SCTP_SCTP_SETTINGS_H
#define SCTP_SCTP_SETTINGS_H

#include <rte_common.h>

#include "sctp/sctp.h"

/* The most that INIT or COOKIE ECHO waits: RFC 6458 5.3.1, sinit_max_init_timeo. */
static inline uint32_t
sctp_t1_max_us(const struct sctp_settings *settings)
{
	return 1000 *
		(settings->init_rto_max_ms != 0 ? settings->init_rto_max_ms : settings->rto_max_ms);
}

static inline uint32_t
sctp_t1_initial_us(const struct sctp_settings *settings)
{
	return RTE_MIN(settings->rto_initial_ms * 1000, sctp_t1_max_us(settings));
}

#endif
