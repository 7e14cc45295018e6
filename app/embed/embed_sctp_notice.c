/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications as RFC 6458 6.1 has them, made of lib/sctp's notices. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"
#include "sctp/sctp.h"
#include "wire/endian.h"

/* Those that there are, and what they are made of. */
static const struct {
	uint16_t type;
	uint32_t notices;
} types[] = {
	{ SPATE_SCTP_ASSOC_CHANGE,
		1U << SCTP_NOTICE_UP | 1U << SCTP_NOTICE_LOST | 1U << SCTP_NOTICE_RESTART |
			1U << SCTP_NOTICE_SHUTDOWN_COMPLETE },
	{ SPATE_SCTP_PEER_ADDR_CHANGE, 1U << SCTP_NOTICE_PATH },
	{ SPATE_SCTP_REMOTE_ERROR, 1U << SCTP_NOTICE_REMOTE_ERROR },
	{ SPATE_SCTP_SHUTDOWN_EVENT, 1U << SCTP_NOTICE_SHUTDOWN },
	{ SPATE_SCTP_PARTIAL_DELIVERY_EVENT, 1U << SCTP_NOTICE_PART_ABORTED },
	{ SPATE_SCTP_SENDER_DRY_EVENT, 1U << SCTP_NOTICE_DRY },
	{ SPATE_SCTP_SEND_FAILED_EVENT, 1U << SCTP_NOTICE_SEND_FAILED },
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

/* What is known when it is read. @return bytes */
static uint32_t
assoc_change_fill(const struct sock *sock, uint32_t assoc, const struct sctp_notice *notice,
	struct spate_sctp_assoc_change *change)
{
	struct sctp_info info = { .was_up = true };

	sock_sctp_info(sock, assoc, &info);
	change->sac_state = notice->type == SCTP_NOTICE_UP      ? SPATE_SCTP_COMM_UP
		: notice->type == SCTP_NOTICE_RESTART           ? SPATE_SCTP_RESTART
		: notice->type == SCTP_NOTICE_SHUTDOWN_COMPLETE ? SPATE_SCTP_SHUTDOWN_COMP
		: info.was_up                                   ? SPATE_SCTP_COMM_LOST
								: SPATE_SCTP_CANT_STR_ASSOC;
	change->sac_error = notice->cause;
	change->sac_outbound_streams = info.out_streams;
	change->sac_inbound_streams = info.in_streams;
	change->sac_assoc_id = (int32_t)assoc;
	return sizeof(*change);
}

static uint32_t
paddr_change_fill(uint32_t assoc, uint16_t port, const struct sctp_notice *notice,
	struct spate_sctp_paddr_change *change)
{
	embed_sockaddr_build(&notice->addr, port, &change->spc_aaddr);
	change->spc_state = notice->path_state == SCTP_PATH_INACTIVE ? SPATE_SCTP_ADDR_UNREACHABLE
		: notice->path_state == SCTP_PATH_PF ? SPATE_SCTP_ADDR_POTENTIALLY_FAILED
						     : SPATE_SCTP_ADDR_AVAILABLE;
	change->spc_assoc_id = (int32_t)assoc;
	return sizeof(*change);
}

static uint32_t
send_failed_fill(uint32_t assoc, const struct sctp_notice *notice,
	struct spate_sctp_send_failed_event *failed)
{
	failed->ssf_flags = notice->was_sent ? SPATE_SCTP_DATA_SENT : SPATE_SCTP_DATA_UNSENT;
	failed->ssfe_info = (struct spate_sctp_sndinfo){ .snd_sid = notice->stream,
		.snd_ppid = notice->ppid_be,
		.snd_context = notice->context,
		.snd_assoc_id = (int32_t)assoc };
	failed->ssf_assoc_id = (int32_t)assoc;
	return sizeof(*failed);
}

static uint32_t
notification_fill(const struct sock *sock, uint32_t assoc, const struct sctp_notice *notice,
	union spate_sctp_notification *out)
{
	struct sctp_info info = { .remote_port = 0 };

	switch (notice->type) {
	case SCTP_NOTICE_PATH:
		sock_sctp_info(sock, assoc, &info);
		return paddr_change_fill(assoc, info.remote_port, notice, &out->sn_paddr_change);
	case SCTP_NOTICE_REMOTE_ERROR:
		out->sn_remote_error.sre_error = htobe16(notice->cause);
		out->sn_remote_error.sre_assoc_id = (int32_t)assoc;
		return sizeof(out->sn_remote_error);
	case SCTP_NOTICE_SEND_FAILED:
		return send_failed_fill(assoc, notice, &out->sn_send_failed_event);
	case SCTP_NOTICE_PART_ABORTED:
		out->sn_pdapi_event.pdapi_indication = SPATE_SCTP_PARTIAL_DELIVERY_ABORTED;
		out->sn_pdapi_event.pdapi_assoc_id = (int32_t)assoc;
		out->sn_pdapi_event.pdapi_stream = notice->stream;
		out->sn_pdapi_event.pdapi_seq = notice->number;
		return sizeof(out->sn_pdapi_event);
	case SCTP_NOTICE_SHUTDOWN:
		out->sn_shutdown_event.sse_assoc_id = (int32_t)assoc;
		return sizeof(out->sn_shutdown_event);
	case SCTP_NOTICE_DRY:
		out->sn_sender_dry_event.sender_dry_assoc_id = (int32_t)assoc;
		return sizeof(out->sn_sender_dry_event);
	default: return assoc_change_fill(sock, assoc, notice, &out->sn_assoc_change);
	}
}

int64_t
embed_notification_take(struct sock *sock, void *data, size_t size)
{
	union spate_sctp_notification out;
	struct sctp_notice notice;
	uint32_t assoc, length;
	int rc = sock_sctp_notice(sock, &assoc, &notice);

	if (rc < 0)
		return rc;
	memset(&out, 0, sizeof(out));
	length = notification_fill(sock, assoc, &notice, &out);
	for (unsigned i = 0; i < RTE_DIM(types); i++) {
		if ((types[i].notices & 1U << notice.type) != 0)
			out.sn_header.sn_type = types[i].type;
	}
	out.sn_header.sn_length = length;
	memcpy(data, &out, RTE_MIN(size, (size_t)length));
	return RTE_MIN(size, (size_t)length);
}
