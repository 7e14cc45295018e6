/* SPDX-License-Identifier: BSD-3-Clause */
/* What users ask of an association, and say of it. */
#include "sctp/sctp_data.h"

enum sctp_state
sctp_assoc_state(const struct sctp_assoc *assoc)
{
	return (enum sctp_state)assoc->state;
}

int
sctp_error(struct sctp_assoc *assoc)
{
	int error = assoc->error;

	/* Until the abort has gone, it is why. */
	if (!(assoc->control & SCTP_SEND_ABORT))
		assoc->error = 0;
	return error;
}

void
sctp_user_set(struct sctp_assoc *assoc, void *user)
{
	assoc->user = user;
}

void *
sctp_user(const struct sctp_assoc *assoc)
{
	return assoc->user;
}

int
sctp_primary_set(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote)
{
	struct sctp_path *path = sctp_path_find(assoc, remote);

	/* RFC 9260 5.4: none that is not known to be the peer's. */
	if (path == NULL || path->state == SCTP_PATH_UNCONFIRMED)
		return -EINVAL;
	if (assoc->primary != path)
		sctp_notice_add(core, assoc,
			&(struct sctp_notice){
				.type = SCTP_NOTICE_PEER_ADDR_PRIMARY, .addr = *remote });
	assoc->primary = path;
	sctp_flush_add(core, assoc);
	return 0;
}

void
sctp_info(const struct sctp_core *core, const struct sctp_assoc *assoc, struct sctp_info *info)
{
	*info = (struct sctp_info){
		.state = (enum sctp_state)assoc->state,
		.local_port = assoc->local_port,
		.remote_port = assoc->remote_port,
		.vrf = assoc->vrf,
		.local_tag = assoc->local_tag,
		.peer_tag = assoc->peer_tag,
		.extensions = assoc->extensions,
		.out_streams = assoc->out_streams,
		.in_streams = assoc->in_streams,
		.path_count = assoc->path_count,
		.assoc_errors = assoc->errors,
		.next_tsn = assoc->next_tsn,
		.cum_tsn_acked = assoc->cum_acked,
		.rcv_cum_tsn = assoc->tsn_map.cum,
		.peer_rwnd = assoc->peer_rwnd,
		.rwnd = sctp_rwnd(core, assoc),
		.was_up = assoc->was_up,
		.in_flight = assoc->flight,
		.unacked = assoc->sent_bytes,
		.pending_chunks = assoc->ready_count - assoc->taken_count,
		.fragment_point = assoc->path_count > 0 ? sctp_fragment_length(assoc) : 0,
		.unsent = assoc->unsent_bytes,
		.unread = assoc->ready_bytes,
		.out_of_order = assoc->received - assoc->ready_bytes,
		.messages_in = assoc->messages_in,
		.messages_out = assoc->messages_out,
		.packets_in = assoc->packets_in,
		.packets_out = assoc->packets_out,
		.chunks_retransmitted = assoc->retransmitted,
		.send_buffer = assoc->settings.send_buffer,
		.receive_buffer = assoc->settings.receive_buffer,
		.scheduler = (enum sctp_scheduler)assoc->settings.scheduler,
		.cc = assoc->settings.cc->name,
	};
	for (unsigned i = 0; i < assoc->path_count; i++) {
		if (assoc->paths[i] == assoc->primary)
			info->primary = (uint8_t)i;
	}
}

unsigned
sctp_locals(const struct sctp_assoc *assoc, struct ip_addr addrs[SCTP_ADDRS_MAX])
{
	memcpy(addrs, assoc->locals, assoc->local_count * sizeof(addrs[0]));
	return assoc->local_count;
}

struct ip_addr
sctp_peer(const struct sctp_assoc *assoc)
{
	return assoc->primary != NULL ? assoc->primary->remote : assoc->ended_remote;
}

uint32_t
sctp_cum_tsn(const struct sctp_assoc *assoc)
{
	return assoc->tsn_map.cum;
}

bool
sctp_path_info(const struct sctp_assoc *assoc, unsigned index, struct sctp_path_info *info)
{
	const struct sctp_path *path;

	if (index >= assoc->path_count)
		return false;
	path = assoc->paths[index];
	*info = (struct sctp_path_info){
		/* None is there while it is silent: RFC 5061 5.3. */
		.local = path->silent ? (struct ip_addr){ .family = path->remote.family }
				      : path->local,
		.remote = path->remote,
		.state = (enum sctp_path_state)path->state,
		.primary = path == assoc->primary,
		.errors = path->errors,
		.mtu = path->mtu,
		.mtu_probed = path->pmtu.probed,
		.mtu_max = path->pmtu.max,
		.pmtu_state = (enum sctp_pmtu_state)path->pmtu.state,
		.rto_us = path->rto_us,
		.srtt_us = path->srtt_us,
		.cwnd = path->cc.cwnd_bytes,
		.ssthresh = path->cc.ssthresh_bytes,
		.in_flight = path->flight,
		.heartbeats = path->heartbeats,
		.timeouts = path->timeouts,
		.encaps_port = path->encaps_port,
	};
	return true;
}

void
sctp_counts(const struct sctp_core *core, struct sctp_counts *counts)
{
	*counts = (struct sctp_counts){
		.assocs = core->assocs.used,
		.paths = core->paths.used,
		.chunks = core->pieces.used,
		.sent_blocks = core->sent_blocks.used,
		.stream_blocks = core->stream_blocks.used,
		.listeners = core->listeners.used,
		.notices = core->notices.used,
		.auths = core->auths.used,
		.auth_keys = core->auth_keys.used,
		.reconfigs = core->reconfigs.used,
		.asconfs = core->asconfs.used,
		.gap_maps = core->gap_maps.used,
		.received = core->received,
		.curr_estab = core->estabs,
		.assocs_max = core->config.assocs_max,
	};
}
