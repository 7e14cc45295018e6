/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications as RFC 6458 6.1 has them, made of lib/sctp's notices. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"
#include "sctp/sctp.h"
#include "wire/endian.h"

#define NOTICE(type) (1U << SCTP_NOTICE_##type)

/* Those that there are, and what they are made of. */
static const struct {
	uint16_t type;
	uint32_t notices;
} types[] = {
	{ SPATE_SCTP_ASSOC_CHANGE,
		NOTICE(UP) | NOTICE(LOST) | NOTICE(RESTART) | NOTICE(SHUTDOWN_COMPLETE) },
	{ SPATE_SCTP_PEER_ADDR_CHANGE,
		NOTICE(PATH) | NOTICE(PEER_ADDR_ADDED) | NOTICE(PEER_ADDR_REMOVED) |
			NOTICE(PEER_ADDR_PRIMARY) },
	{ SPATE_SCTP_REMOTE_ERROR, NOTICE(REMOTE_ERROR) },
	{ SPATE_SCTP_SHUTDOWN_EVENT, NOTICE(SHUTDOWN) },
	{ SPATE_SCTP_PARTIAL_DELIVERY_EVENT, NOTICE(PART_ABORTED) },
	{ SPATE_SCTP_ADAPTATION_INDICATION, NOTICE(ADAPTATION) },
	{ SPATE_SCTP_AUTHENTICATION_EVENT,
		NOTICE(AUTH_NEW_KEY) | NOTICE(AUTH_NO_AUTH) | NOTICE(AUTH_FREE_KEY) },
	{ SPATE_SCTP_SENDER_DRY_EVENT, NOTICE(DRY) },
	{ SPATE_SCTP_STREAM_RESET_EVENT, NOTICE(STREAM_RESET) },
	{ SPATE_SCTP_ASSOC_RESET_EVENT, NOTICE(ASSOC_RESET) },
	{ SPATE_SCTP_STREAM_CHANGE_EVENT, NOTICE(STREAM_CHANGE) },
	{ SPATE_SCTP_SEND_FAILED, NOTICE(SEND_FAILED) },
	{ SPATE_SCTP_SEND_FAILED_EVENT, NOTICE(SEND_FAILED) },
};

uint32_t
embed_notification_notices(uint16_t type)
{
	for (unsigned i = 0; i < RTE_DIM(types); i++) {
		if (types[i].type == type)
			return types[i].notices;
	}
	return 0;
}

void
embed_notification_choose(struct embed_option_call *call, uint16_t type, bool on)
{
	if (on && embed_notification_notices(type) == NOTICE(SEND_FAILED))
		call->spate->sockets[call->fd].older_failed = type == SPATE_SCTP_SEND_FAILED;
}

bool
embed_notification_is_chosen(const struct embed_option_call *call, uint16_t type)
{
	const bool older = call->spate->sockets[call->fd].older_failed;

	return embed_notification_notices(type) != NOTICE(SEND_FAILED) ||
		older == (type == SPATE_SCTP_SEND_FAILED);
}

/* ---- one each ---- */

/* What is at hand when one is written. */
struct filling {
	const struct embed_socket *socket;
	uint32_t assoc;
	struct sctp_notice notice;
	union spate_sctp_notification out;
};

typedef uint32_t fill_fn(struct filling *f);

/* What is known when it is read. @return bytes */
static uint32_t
assoc_change_fill(struct filling *f)
{
	struct spate_sctp_assoc_change *change = &f->out.sn_assoc_change;
	struct sctp_info info = { .was_up = true };

	sock_sctp_info(f->socket->sock, f->assoc, &info);
	change->sac_state = f->notice.type == SCTP_NOTICE_UP      ? SPATE_SCTP_COMM_UP
		: f->notice.type == SCTP_NOTICE_RESTART           ? SPATE_SCTP_RESTART
		: f->notice.type == SCTP_NOTICE_SHUTDOWN_COMPLETE ? SPATE_SCTP_SHUTDOWN_COMP
		: info.was_up                                     ? SPATE_SCTP_COMM_LOST
								  : SPATE_SCTP_CANT_STR_ASSOC;
	change->sac_error = f->notice.cause;
	change->sac_outbound_streams = info.out_streams;
	change->sac_inbound_streams = info.in_streams;
	change->sac_assoc_id = (int32_t)f->assoc;
	return sizeof(*change);
}

static int32_t
spc_state(const struct sctp_notice *notice)
{
	switch (notice->type) {
	case SCTP_NOTICE_PEER_ADDR_ADDED: return SPATE_SCTP_ADDR_ADDED;
	case SCTP_NOTICE_PEER_ADDR_REMOVED: return SPATE_SCTP_ADDR_REMOVED;
	case SCTP_NOTICE_PEER_ADDR_PRIMARY: return SPATE_SCTP_ADDR_MADE_PRIM;
	default: break;
	}
	switch (notice->path_state) {
	case SCTP_PATH_INACTIVE: return SPATE_SCTP_ADDR_UNREACHABLE;
	case SCTP_PATH_PF: return SPATE_SCTP_ADDR_POTENTIALLY_FAILED;
	default: break;
	}
	return notice->path_was == SCTP_PATH_UNCONFIRMED ? SPATE_SCTP_ADDR_CONFIRMED
							 : SPATE_SCTP_ADDR_AVAILABLE;
}

static uint32_t
paddr_change_fill(struct filling *f)
{
	struct spate_sctp_paddr_change *change = &f->out.sn_paddr_change;
	struct sctp_info info = { .remote_port = 0 };
	struct sockaddr_storage address;

	sock_sctp_info(f->socket->sock, f->assoc, &info);
	embed_sockaddr_build(&f->notice.addr, info.remote_port, f->socket->mapped, &address);
	memcpy(&change->spc_aaddr, &address, sizeof(address));
	change->spc_state = spc_state(&f->notice);
	change->spc_assoc_id = (int32_t)f->assoc;
	return sizeof(*change);
}

static uint32_t
remote_error_fill(struct filling *f)
{
	f->out.sn_remote_error.sre_error = htobe16(f->notice.cause);
	f->out.sn_remote_error.sre_assoc_id = (int32_t)f->assoc;
	return sizeof(f->out.sn_remote_error);
}

static uint32_t
send_failed_older_fill(struct filling *f)
{
	struct spate_sctp_send_failed *failed = &f->out.sn_send_failed;

	failed->ssf_info = (struct spate_sctp_sndrcvinfo){ .sinfo_stream = f->notice.stream,
		.sinfo_flags = f->notice.unordered ? SPATE_SCTP_UNORDERED : 0,
		.sinfo_ppid = f->notice.ppid_be,
		.sinfo_context = f->notice.context,
		.sinfo_assoc_id = (int32_t)f->assoc };
	failed->ssf_assoc_id = (int32_t)f->assoc;
	return sizeof(*failed);
}

static uint32_t
send_failed_fill(struct filling *f)
{
	struct spate_sctp_send_failed_event *failed = &f->out.sn_send_failed_event;

	/* At the same place in both. */
	failed->ssf_flags = f->notice.was_sent ? SPATE_SCTP_DATA_SENT : SPATE_SCTP_DATA_UNSENT;
	failed->ssf_error = f->notice.cause;
	if (f->socket->older_failed)
		return send_failed_older_fill(f);
	failed->ssfe_info = (struct spate_sctp_sndinfo){ .snd_sid = f->notice.stream,
		.snd_flags = f->notice.unordered ? SPATE_SCTP_UNORDERED : 0,
		.snd_ppid = f->notice.ppid_be,
		.snd_context = f->notice.context,
		.snd_assoc_id = (int32_t)f->assoc };
	failed->ssf_assoc_id = (int32_t)f->assoc;
	return sizeof(*failed);
}

static uint32_t
part_aborted_fill(struct filling *f)
{
	struct spate_sctp_pdapi_event *pdapi = &f->out.sn_pdapi_event;

	pdapi->pdapi_indication = SPATE_SCTP_PARTIAL_DELIVERY_ABORTED;
	pdapi->pdapi_assoc_id = (int32_t)f->assoc;
	pdapi->pdapi_stream = f->notice.stream;
	pdapi->pdapi_seq = f->notice.number;
	return sizeof(*pdapi);
}

static uint32_t
shutdown_fill(struct filling *f)
{
	f->out.sn_shutdown_event.sse_assoc_id = (int32_t)f->assoc;
	return sizeof(f->out.sn_shutdown_event);
}

static uint32_t
dry_fill(struct filling *f)
{
	f->out.sn_sender_dry_event.sender_dry_assoc_id = (int32_t)f->assoc;
	return sizeof(f->out.sn_sender_dry_event);
}

static uint32_t
adaptation_fill(struct filling *f)
{
	f->out.sn_adaptation_event.sai_adaptation_ind = f->notice.adaptation;
	f->out.sn_adaptation_event.sai_assoc_id = (int32_t)f->assoc;
	return sizeof(f->out.sn_adaptation_event);
}

static uint32_t
auth_fill(struct filling *f)
{
	struct spate_sctp_authkey_event *auth = &f->out.sn_auth_event;

	auth->auth_keynumber = f->notice.key_id;
	auth->auth_indication = f->notice.type == SCTP_NOTICE_AUTH_NEW_KEY ? SPATE_SCTP_AUTH_NEW_KEY
		: f->notice.type == SCTP_NOTICE_AUTH_FREE_KEY ? SPATE_SCTP_AUTH_FREE_KEY
							      : SPATE_SCTP_AUTH_NO_AUTH;
	auth->auth_assoc_id = (int32_t)f->assoc;
	return sizeof(*auth);
}

static uint32_t
stream_reset_fill(struct filling *f)
{
	f->out.sn_strreset_event.strreset_flags = f->notice.reset_flags;
	f->out.sn_strreset_event.strreset_assoc_id = (int32_t)f->assoc;
	return sizeof(f->out.sn_strreset_event);
}

static uint32_t
assoc_reset_fill(struct filling *f)
{
	struct spate_sctp_assoc_reset_event *reset = &f->out.sn_assocreset_event;

	reset->assocreset_flags = f->notice.reset_flags;
	reset->assocreset_assoc_id = (int32_t)f->assoc;
	reset->assocreset_local_tsn = f->notice.local_tsn;
	reset->assocreset_remote_tsn = f->notice.remote_tsn;
	return sizeof(*reset);
}

static uint32_t
stream_change_fill(struct filling *f)
{
	struct spate_sctp_stream_change_event *change = &f->out.sn_strchange_event;

	change->strchange_flags = f->notice.reset_flags;
	change->strchange_assoc_id = (int32_t)f->assoc;
	change->strchange_instrms = f->notice.in_streams;
	change->strchange_outstrms = f->notice.out_streams;
	return sizeof(*change);
}

static fill_fn *const fills[SCTP_NOTICE_COUNT] = {
	[SCTP_NOTICE_UP] = assoc_change_fill,
	[SCTP_NOTICE_LOST] = assoc_change_fill,
	[SCTP_NOTICE_RESTART] = assoc_change_fill,
	[SCTP_NOTICE_SHUTDOWN_COMPLETE] = assoc_change_fill,
	[SCTP_NOTICE_PATH] = paddr_change_fill,
	[SCTP_NOTICE_PEER_ADDR_ADDED] = paddr_change_fill,
	[SCTP_NOTICE_PEER_ADDR_REMOVED] = paddr_change_fill,
	[SCTP_NOTICE_PEER_ADDR_PRIMARY] = paddr_change_fill,
	[SCTP_NOTICE_REMOTE_ERROR] = remote_error_fill,
	[SCTP_NOTICE_SEND_FAILED] = send_failed_fill,
	[SCTP_NOTICE_PART_ABORTED] = part_aborted_fill,
	[SCTP_NOTICE_SHUTDOWN] = shutdown_fill,
	[SCTP_NOTICE_DRY] = dry_fill,
	[SCTP_NOTICE_ADAPTATION] = adaptation_fill,
	[SCTP_NOTICE_AUTH_NEW_KEY] = auth_fill,
	[SCTP_NOTICE_AUTH_FREE_KEY] = auth_fill,
	[SCTP_NOTICE_AUTH_NO_AUTH] = auth_fill,
	[SCTP_NOTICE_STREAM_RESET] = stream_reset_fill,
	[SCTP_NOTICE_ASSOC_RESET] = assoc_reset_fill,
	[SCTP_NOTICE_STREAM_CHANGE] = stream_change_fill,
};

static uint16_t
type_of(const struct filling *f)
{
	if (f->notice.type == SCTP_NOTICE_SEND_FAILED)
		return f->socket->older_failed ? SPATE_SCTP_SEND_FAILED
					       : SPATE_SCTP_SEND_FAILED_EVENT;
	for (unsigned i = 0; i < RTE_DIM(types); i++) {
		if ((types[i].notices & 1U << f->notice.type) != 0)
			return types[i].type;
	}
	return 0;
}

/* ---- in parts ---- */

/* What is behind the struct, from `offset` on: bytes that lib/sctp has, or streams. */
static size_t
behind_copy(const struct filling *f, uint32_t offset, uint8_t *data, size_t size)
{
	const size_t length = f->notice.stream_count * sizeof(f->notice.streams[0]);
	size_t part;

	if (f->notice.type != SCTP_NOTICE_STREAM_RESET)
		return sock_sctp_notice_data(f->socket->sock, offset, data, size);
	part = RTE_MIN(size, length - offset);
	memcpy(data, (const uint8_t *)f->notice.streams + offset, part);
	return part;
}

/* The one in front. @param length of its struct. @return 0, -EAGAIN or -EOPNOTSUPP */
static int
filling_begin(struct filling *f, uint32_t *length)
{
	int rc = sock_sctp_notice_peek(f->socket->sock, &f->assoc, &f->notice);
	uint32_t behind;

	if (rc < 0)
		return rc;
	*length =
		fills[f->notice.type] != NULL ? fills[f->notice.type](f) : sizeof(f->out.sn_header);
	behind = f->notice.type == SCTP_NOTICE_STREAM_RESET
		? f->notice.stream_count * (uint32_t)sizeof(f->notice.streams[0])
		: f->notice.data_length;
	f->out.sn_header.sn_type = type_of(f);
	f->out.sn_header.sn_length = *length + behind;
	return 0;
}

/* Where it is to be gone on with. */
static uint32_t
filling_place(const struct filling *f)
{
	const struct embed_socket *socket = f->socket;

	return socket->notified_assoc == f->assoc && socket->notified < f->out.sn_header.sn_length
		? socket->notified
		: 0;
}

uint32_t
embed_notification_next(struct spate *spate, int fd, uint32_t *assoc)
{
	struct filling f = { .socket = &spate->sockets[fd] };
	uint32_t length;

	if (filling_begin(&f, &length) < 0)
		return 0;
	*assoc = f.assoc;
	return f.out.sn_header.sn_length - filling_place(&f);
}

int64_t
embed_notification_take(struct spate *spate, int fd, void *data, size_t size, bool *end)
{
	struct embed_socket *socket = &spate->sockets[fd];
	struct filling f = { .socket = socket };
	uint32_t length, from;
	size_t done = 0;
	int rc = filling_begin(&f, &length);

	if (rc < 0)
		return rc;
	from = filling_place(&f);
	if (from < length) {
		done = RTE_MIN(size, (size_t)length - from);
		memcpy(data, (const uint8_t *)&f.out + from, done);
	}
	if (from + done >= length && done < size)
		done += behind_copy(
			&f, (uint32_t)(from + done) - length, (uint8_t *)data + done, size - done);
	if (end == NULL)
		return (int64_t)done;
	socket->notified = from + (uint32_t)done;
	socket->notified_assoc = f.assoc;
	*end = socket->notified >= f.out.sn_header.sn_length;
	if (*end) {
		socket->notified = 0;
		sock_sctp_notice(socket->sock, &f.assoc, &f.notice);
	}
	return (int64_t)done;
}
