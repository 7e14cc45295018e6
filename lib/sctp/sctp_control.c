/* SPDX-License-Identifier: BSD-3-Clause */
/* Control chunks of an association: in front of its data, with answers, or by themselves. RFC 9260 6.10. */
#include "sctp/sctp_control.h"

#include "sctp/sctp_ecn.h"

/* Bytes of a SACK, but for gaps and duplicates, and of ECNE and CWR before it. */
#define SACK_MOST 48

static inline bool
sack_is_due(const struct sctp_assoc *assoc)
{
	return assoc->sack_wanted || assoc->sack_due;
}

void
sctp_cookie_ack_put(const struct sctp_assoc *assoc, struct sctp_writer *writer)
{
	if (assoc->control & SCTP_SEND_COOKIE_ACK)
		sctp_chunk_end(writer, sctp_chunk_begin(writer, SCTP_COOKIE_ACK, 0));
}

static void
shutdown_put(struct sctp_assoc *assoc, struct sctp_build *build)
{
	if (assoc->control & SCTP_SEND_SHUTDOWN) {
		uint32_t place = sctp_chunk_begin(&build->writer, SCTP_SHUTDOWN, 0);

		sctp_put_u32(&build->writer, assoc->tsn_map.cum);
		sctp_chunk_end(&build->writer, place);
	} else if (assoc->control & SCTP_SEND_SHUTDOWN_ACK) {
		sctp_chunk_end(
			&build->writer, sctp_chunk_begin(&build->writer, SCTP_SHUTDOWN_ACK, 0));
	}
	sctp_build_again(assoc, build);
	assoc->control &= (uint8_t) ~(SCTP_SEND_SHUTDOWN | SCTP_SEND_SHUTDOWN_ACK);
}

/*
 * RFC 9260 6.10: they come before DATA. SHUTDOWN is in front of what it leaves to SACK, as others have it.
 * @param sack whether a SACK that is due goes along
 */
static void
control_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build, bool sack)
{
	sctp_cookie_ack_put(assoc, &build->writer);
	assoc->control &= (uint8_t)~SCTP_SEND_COOKIE_ACK;
	sctp_ecn_put(assoc, &build->writer);
	shutdown_put(assoc, build);
	if (sack && sack_is_due(assoc)) {
		sctp_sack_build(core, assoc, &build->writer);
		assoc->sacked_path = build->path;
	}
	if (assoc->forward_due)
		sctp_forward_put(core, assoc, &build->writer);
}

static struct sctp_path *
other_active_path(struct sctp_assoc *assoc, struct sctp_path *than)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[assoc->sack_turn++ % assoc->path_count];

		if (path != than && path->state == SCTP_PATH_ACTIVE)
			return path;
	}
	return than;
}

/* RFC 9260 6.4: back to where the data came from, unless nothing seems to arrive there. */
static struct sctp_path *
sack_path(struct sctp_assoc *assoc)
{
	struct sctp_path *path = assoc->sack_path;

	if (path->state != SCTP_PATH_ACTIVE) {
		struct sctp_path *other = sctp_path_for_data(assoc);

		return other->state == SCTP_PATH_ACTIVE ? other : path;
	}
	/* It comes again from there: the SACK before may be lost. */
	if (assoc->tsn_map.dup_count > 0 && assoc->sacked_path == path)
		return other_active_path(assoc, path);
	return path;
}

/* DATA to another address takes no SACK along: nothing may arrive there, and its sender would hear of nothing. */
static bool
sack_rides(const struct sctp_assoc *assoc, const struct sctp_path *path)
{
	const struct sctp_path *from = assoc->sack_path;

	if (assoc->path_count == 1 || from == NULL || from->state != SCTP_PATH_ACTIVE)
		return true;
	return path == from && (assoc->tsn_map.dup_count == 0 || assoc->sacked_path != path);
}

void
sctp_control_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build)
{
	control_put(core, assoc, build, sack_rides(assoc, build->path));
}

void
sctp_answer_sack_put(
	struct sctp_core *core, const struct sctp_packet *packet, struct sctp_writer *writer)
{
	struct sctp_assoc *assoc = packet->assoc;
	const uint32_t most = SACK_MOST + 4U * assoc->tsn_map.dup_count;
	uint32_t front;

	/* Other control chunks that wait are a packet anyway, which takes it along. */
	if (!packet->has_data || !assoc->sack_wanted || assoc->control != 0 ||
		!sctp_takes_data(assoc) || packet->path->state != SCTP_PATH_ACTIVE ||
		!sack_rides(assoc, packet->path))
		return;
	/* As many gaps as the path carries. */
	front = sctp_path_headers(packet->path) + sctp_auth_space(assoc);
	if (writer->used + front + most > packet->path->mtu || writer->room < writer->used + most)
		return;
	writer->room = RTE_MIN(writer->room, packet->path->mtu - front);
	sctp_ecn_put(assoc, writer);
	sctp_sack_build(core, assoc, writer);
	assoc->sacked_path = packet->path;
}

/* 9.2: of ends, if need be elsewhere. */
static struct sctp_path *
control_path(struct sctp_assoc *assoc)
{
	struct sctp_path *path = assoc->last_path;

	if (assoc->sack_wanted && assoc->sack_path != NULL)
		path = sack_path(assoc);
	else if (assoc->control & (SCTP_SEND_SHUTDOWN | SCTP_SEND_SHUTDOWN_ACK) ||
		assoc->forward_due)
		path = sctp_path_for_data(assoc);
	/* RFC 9260 5.4 */
	return path->state == SCTP_PATH_UNCONFIRMED ? sctp_path_for_data(assoc) : path;
}

/* @return false: it could not be sent */
bool
sctp_control_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	const unsigned ends = SCTP_SEND_SHUTDOWN | SCTP_SEND_SHUTDOWN_ACK;
	struct sctp_build build;

	if (!(assoc->control & (SCTP_SEND_COOKIE_ACK | ends)) && !assoc->sack_wanted &&
		!assoc->cwr_due && !assoc->forward_due)
		return true;
	if (!sctp_build_begin(core, assoc, control_path(assoc), out, &build))
		return false;
	control_put(core, assoc, &build, true);
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
	return true;
}

bool
sctp_abort_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_build build;
	uint32_t place;

	if (assoc->peer_tag != 0 && sctp_out_is_full(out))
		return false;
	/*
	 * To a peer that has not answered there is nobody to tell: RFC 9260 9.1. Without a packet buffer it goes
	 * untold: what it holds may be all there are.
	 */
	if (assoc->peer_tag != 0 &&
		sctp_build_begin(core, assoc, control_path(assoc), out, &build)) {
		place = sctp_chunk_begin(&build.writer, SCTP_ABORT, 0);
		if (assoc->abort_cause != SCTP_CAUSE_NONE)
			sctp_param_put(&build.writer, assoc->abort_cause, assoc->reason,
				assoc->reason_length);
		sctp_chunk_end(&build.writer, place);
		sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
		sctp_count(core, SCTP_STAT_out_aborts);
	}
	sctp_assoc_end(core, assoc, assoc->error, assoc->abort_cause);
	return true;
}
