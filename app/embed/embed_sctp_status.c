/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of associations and paths, as RFC 6458 8.2 has it. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"
#include "sctp/sctp.h"

/* ---- states ---- */

static int32_t
path_state(enum sctp_path_state state)
{
	switch (state) {
	case SCTP_PATH_ACTIVE: return SPATE_SCTP_ACTIVE;
	case SCTP_PATH_PF: return SPATE_SCTP_PF;
	case SCTP_PATH_UNCONFIRMED: return SPATE_SCTP_UNCONFIRMED;
	default: return SPATE_SCTP_INACTIVE;
	}
}

/* RFC 6458 7.1: of a one-to-one socket it did not matter which one was given. */
static int32_t
id_of(const struct embed_option_call *call)
{
	uint32_t id = call->assoc;

	if (sock_proto(call->sock) == SOCK_SCTP)
		sock_sctp_assocs(call->sock, &id, 1);
	return (int32_t)id;
}

static void
paddrinfo_fill(const struct embed_option_call *call, uint16_t port,
	const struct sctp_path_info *path, struct spate_sctp_paddrinfo *info)
{
	struct sockaddr_storage address;

	embed_sockaddr_build(&path->remote, port, call->spate->sockets[call->fd].mapped, &address);
	*info = (struct spate_sctp_paddrinfo){
		.spinfo_assoc_id = id_of(call),
		.spinfo_address = address,
		.spinfo_state = path_state(path->state),
		.spinfo_cwnd = path->cwnd,
		.spinfo_srtt = path->srtt_us / 1000,
		.spinfo_rto = path->rto_us / 1000,
		.spinfo_mtu = path->mtu,
	};
}

static int
paddrinfo_get(struct embed_option_call *call)
{
	struct spate_sctp_paddrinfo *info = call->value;
	struct sctp_path_info path;
	struct ip_addr addr;
	uint16_t port;

	if (!embed_sockaddr_parse(&info->spinfo_address, &addr, &port))
		return -EINVAL;
	/* RFC 6458 8.2.2: without an id the address says whose it is. */
	if (sock_proto(call->sock) == SOCK_SCTP_MANY && call->assoc == SOCK_SCTP_FUTURE)
		call->assoc = sock_sctp_assoc_with(
			call->sock, &(struct sock_addr){ addr, port, PKT_IFACE_NONE });
	if (sock_sctp_path_info(call->sock, call->assoc, &addr, &path) < 0)
		return -EINVAL;
	paddrinfo_fill(call, port, &path, info);
	return 0;
}

static int
status_get(struct embed_option_call *call)
{
	struct spate_sctp_status *status = call->value;
	struct sctp_path_info path;
	struct sctp_info info;
	int rc = sock_sctp_info(call->sock, call->assoc, &info);

	if (rc < 0)
		return rc;
	*status = (struct spate_sctp_status){
		.sstat_assoc_id = id_of(call),
		.sstat_state = (int32_t)info.state + SPATE_SCTP_CLOSED,
		.sstat_rwnd = info.peer_rwnd,
		.sstat_unackdata = (uint16_t)(info.next_tsn - info.cum_tsn_acked - 1),
		.sstat_penddata = (uint16_t)info.pending_chunks,
		.sstat_instrms = info.in_streams,
		.sstat_outstrms = info.out_streams,
		.sstat_fragmentation_point = info.fragment_point,
	};
	if (sock_sctp_path_info(call->sock, call->assoc, NULL, &path) == 0)
		paddrinfo_fill(call, info.remote_port, &path, &status->sstat_primary);
	return 0;
}

static int
assoc_number_get(struct embed_option_call *call)
{
	*(uint32_t *)call->value = sock_sctp_assocs(call->sock, NULL, 0);
	return sock_proto(call->sock) == SOCK_SCTP_MANY ? 0 : -EINVAL;
}

/* As many as there is room for may be more than a copy holds. */
static int
assoc_ids_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_ids *ids = call->out;
	const unsigned room = (unsigned)((call->room - sizeof(*ids)) / sizeof(int32_t));
	const unsigned count = sock_sctp_assocs(call->sock, NULL, 0);

	if (count > room || sock_proto(call->sock) != SOCK_SCTP_MANY)
		return -EINVAL;
	sock_sctp_assocs(call->sock, (uint32_t *)(ids + 1), count);
	ids->gaids_number_of_ids = count;
	call->length = sizeof(*ids) + count * sizeof(int32_t);
	call->out = NULL;
	return 0;
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_STATUS, EMBED_OPTION_ASSOC, EMBED_ID_NONE, sizeof(struct spate_sctp_status), 0,
		NULL, status_get },
	{ SPATE_SCTP_GET_PEER_ADDR_INFO, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_paddrinfo), 0, NULL, paddrinfo_get },
	{ SPATE_SCTP_GET_ASSOC_NUMBER, EMBED_OPTION_SOCKET, EMBED_ID_NONE, sizeof(uint32_t), 0,
		NULL, assoc_number_get },
	{ SPATE_SCTP_GET_ASSOC_ID_LIST, EMBED_OPTION_SOCKET, EMBED_ID_NONE,
		sizeof(struct spate_sctp_assoc_ids), 0, NULL, assoc_ids_get },
};

const struct embed_option_table embed_status_options = EMBED_OPTION_TABLE(options);
