/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker whose memory for received data is used up refuses what comes: first what is not next, then all.
 * But messages that nothing completes, or data behind gaps that nothing closes, would keep everybody else
 * out for as long as their associations like. Called by sctp_data.c for what is next and has no room.
 */
#include "sctp/sctp_data.h"

#define ASSOCS_A_TURN 16 /* that are looked at */
#define PIECES_A_TURN 2048 /* about */
#define TURN_NS       1000000ULL
/* So long less could be delivered than is held: what is slow is not taken for what does not come. */
#define STALE_S 60

/* What it has is not its user's yet. */
static inline bool
holds(const struct sctp_assoc *assoc)
{
	return assoc->state != SCTP_CLOSED && !(assoc->control & SCTP_SEND_ABORT) &&
		assoc->received > assoc->ready_bytes;
}

/* RFC 9260 6.2: what only gap blocks acknowledge may be dropped, and comes again; then its user may help. */
static void
assoc_reclaim(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (sctp_reass_renege(core, assoc))
		return;
	sctp_reass_relieve(core, assoc);
	if (!TAILQ_EMPTY(&assoc->ready) || (uint16_t)(sctp_second(core) - assoc->held_s) < STALE_S)
		return;
	sctp_count(core, SCTP_STAT_stale_aborts);
	assoc->error = ENOBUFS;
	sctp_abort_with(core, assoc, SCTP_CAUSE_OUT_OF_RESOURCE, NULL, 0);
}

void
sctp_reclaim(struct sctp_core *core, const struct sctp_assoc *needy)
{
	const uint32_t places = sctp_assoc_places(core);
	uint32_t seen = 0;

	/* Whoever floods us does not have us search all the time. */
	if (core->now_ns < core->reclaim_ns)
		return;
	core->reclaim_ns = core->now_ns + TURN_NS;
	for (uint32_t i = 0; i < RTE_MIN(places, (uint32_t)ASSOCS_A_TURN) && seen < PIECES_A_TURN;
		i++) {
		struct sctp_assoc *assoc = sctp_assoc_at(core, core->reclaim_place++ % places);

		if (assoc == NULL || assoc == needy || !holds(assoc))
			continue;
		seen += assoc->received_pieces;
		assoc_reclaim(core, assoc);
	}
}
