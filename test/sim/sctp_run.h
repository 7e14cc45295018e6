/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What scenarios of two SCTPs (sctp_talk.h) have in common: how they begin, and that nothing is left.
 */
#ifndef SIM_SCTP_RUN_H
#define SIM_SCTP_RUN_H

#include "sim/sctp_talk.h"
#include "sim/sim.h"

/** Two ends, by the scenario's seed, with room for many messages, before sctp_run_start(). */
struct pair *sctp_run_create(struct sim *sim);
/** pair->arg is the talk, unless the scenario has others. */
void sctp_run_start(struct pair *pair, struct talk *talk);
/** Until it is so; fails if it is not in an hour. */
void sctp_run_until(struct pair *pair, const char *what, bool (*is_so)(const struct pair *pair));
/** Both users are done with it. Fails if time does not make it vanish, or something is left. */
void sctp_run_end(struct pair *pair, struct talk *talk);

/** For sctp_run_until(), of pair->arg: both are up; all was said; both ends have ended. @{ */
bool sctp_run_is_up(const struct pair *pair);
bool sctp_run_is_over(const struct pair *pair);
bool sctp_run_is_closed(const struct pair *pair);
/** @} */

#endif
