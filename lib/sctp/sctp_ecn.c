/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Explicit congestion notification: RFC 4960 appendix A, which RFC 9260 has left where it was. What
 * routers have marked is told the sender by ECNE with each SACK, until CWR says that it has heard; it
 * takes its window back once for each window of data.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"

#include "wire/endian.h"

/*
 * Of ECNE and CWR, at least. Behind it our ECNE counts marked packets, as draft-stewart-tsvwg-sctpecn has it:
 * usrsctp takes no shorter one, and others, such as Linux, leave it aside.
 */
#define TSN_LENGTH 4

/* ---- marks, received ---- */

void
sctp_ecn_mark_input(struct sctp_core *core, struct sctp_packet *packet, uint32_t tsn)
{
	struct sctp_assoc *assoc = packet->assoc;

	/* Once a packet: the lowest TSN is its first. */
	packet->marked = false;
	if (!sctp_has(assoc, SCTP_EXT_ECN))
		return;
	sctp_count(core, SCTP_STAT_ecn_marks);
	/* The newest: a CWR for it is one for those before. */
	if (!assoc->ecne_due || seq_after(tsn, assoc->ecne_tsn))
		assoc->ecne_tsn = tsn;
	assoc->ecne_packets = assoc->ecne_due ? assoc->ecne_packets + 1 : 1;
	assoc->ecne_due = true;
	assoc->sack_wanted = true;
}

void
sctp_ecn_put(struct sctp_assoc *assoc, struct sctp_writer *writer)
{
	uint32_t place;

	if (assoc->cwr_due) {
		place = sctp_chunk_begin(writer, SCTP_CWR, 0);
		sctp_put_u32(writer, assoc->cwr_tsn);
		sctp_chunk_end(writer, place);
	}
	assoc->cwr_due = false;
	if (assoc->ecne_due && (assoc->sack_wanted || assoc->sack_due)) {
		place = sctp_chunk_begin(writer, SCTP_ECNE, 0);
		sctp_put_u32(writer, assoc->ecne_tsn);
		sctp_put_u32(writer, assoc->ecne_packets);
		sctp_chunk_end(writer, place);
	}
}

void
sctp_cwr_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	if (chunk->length < TSN_LENGTH) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	sctp_count(core, SCTP_STAT_ecn_cwrs);
	if (assoc->ecne_due && seq_from(be32_load(chunk->value), assoc->ecne_tsn))
		assoc->ecne_due = false;
}

/* ---- marks, of what was sent ---- */

/* By which path it went; what is acknowledged by now, most likely by the one that the echo came by. */
static struct sctp_path *
path_of(struct sctp_core *core, const struct sctp_packet *packet, uint32_t tsn)
{
	const struct sctp_piece *piece = sctp_sent_at(core, packet->assoc, tsn);

	return piece != NULL ? piece->path : packet->path;
}

/* Whether cwnd was taken back for the window that a TSN is of. */
static bool
is_reduced(const struct sctp_path *path, uint32_t tsn)
{
	return path->ecn_reduced && seq_until(tsn, path->ecn_exit) &&
		seq_before(path->ecn_exit, path->assoc->next_tsn);
}

static void
reduce(struct sctp_core *core, struct sctp_path *path, uint32_t tsn)
{
	const struct sctp_assoc *assoc = path->assoc;
	/* As a loss: ssthresh is half of cwnd, and four chunks at least (RFC 9260 7.2.3). */
	const struct cc_congestion congestion = { .signal = CC_ECN,
		.now_us = core->now_ns / 1000,
		.in_flight_bytes = RTE_MAX(path->cc.cwnd_bytes, 8 * sctp_path_pmdcs(path)) };

	path->ecn_reduced = true;
	/* A loss has seen to it. */
	if (assoc->in_recovery && seq_until(tsn, assoc->recovery_exit)) {
		path->ecn_exit = assoc->recovery_exit;
		return;
	}
	path->ecn_exit = assoc->next_tsn - 1;
	sctp_count(core, SCTP_STAT_ecn_reductions);
	cc_congestion(&path->cc, &congestion);
}

void
sctp_ecne_input(
	struct sctp_core *core, const struct sctp_packet *packet, const struct sctp_chunk *chunk)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_path *path;
	uint32_t tsn;

	if (chunk->length < TSN_LENGTH || assoc->state < SCTP_ESTABLISHED ||
		seq_from(be32_load(chunk->value), assoc->next_tsn)) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	sctp_count(core, SCTP_STAT_ecn_echoes);
	tsn = be32_load(chunk->value);
	path = path_of(core, packet, tsn);
	if (!is_reduced(path, tsn))
		reduce(core, path, tsn);
	/* The last one may have been lost. */
	assoc->cwr_due = true;
	assoc->cwr_tsn = path->ecn_exit;
	sctp_flush_add(core, assoc);
}

void
sctp_ecn_reset(struct sctp_assoc *assoc)
{
	assoc->ecne_due = assoc->cwr_due = false;
	for (unsigned i = 0; i < assoc->path_count; i++)
		assoc->paths[i]->ecn_reduced = false;
}
