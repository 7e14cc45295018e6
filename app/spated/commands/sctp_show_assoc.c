/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp show TAG: an association with its paths, its streams and all that is known of it. */
#include "commands/sctp.h"

#include "cc/cc.h"
#include "commands/call.h"
#include "commands/sctp_filter.h"

/* Copied from a worker at a time, between two of its loops. */
#define STREAMS_AT_A_TIME 64
#define STREAMS_SHOWN     16 /* beside the rest */

static void
show_path(struct show *show, const struct sctp_path_info *path)
{
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "remote", ip_addr_format(&path->remote, text));
	show_string(show, "local", ip_addr_format(&path->local, text));
	show_string(show, "state", sctp_path_state_name(path->state));
	show_bool(show, "primary", path->primary);
	show_u64(show, "errors", path->errors);
	show_u64(show, "mtu", path->mtu);
	show_string(show, "mtu_probing", sctp_pmtu_state_name(path->pmtu_state));
	show_u64(show, "srtt_us", path->srtt_us);
	show_u64(show, "rto_us", path->rto_us);
	show_u64(show, "cwnd", path->cwnd);
	if (path->ssthresh != CC_SSTHRESH_NONE)
		show_u64(show, "ssthresh", path->ssthresh);
	else
		show_none(show, "ssthresh");
	show_u64(show, "in_flight", path->in_flight);
	if (path->encaps_port != 0)
		show_u64(show, "encaps_port", path->encaps_port);
	else
		show_none(show, "encaps_port");
	show_u64(show, "heartbeats", path->heartbeats);
	show_u64(show, "timeouts", path->timeouts);
	show_record_end(show);
}

static void
show_sender(struct show *show, const struct sctp_info *info)
{
	show_record_begin(show, "sender");
	show_stringf(show, "peer_tag", "0x%08x", info->peer_tag);
	show_string(show, "congestion", info->cc);
	show_u64(show, "streams", info->out_streams);
	show_string(show, "scheduler", sctp_scheduler_name(info->scheduler));
	show_u64(show, "next_tsn", info->next_tsn);
	show_u64(show, "cum_tsn_acked", info->cum_tsn_acked);
	show_u64(show, "peer_rwnd", info->peer_rwnd);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "unacked", info->unacked);
	show_u64(show, "unsent", info->unsent);
	show_u64(show, "send_buffer", info->send_buffer);
	show_u64(show, "fragment_point", info->fragment_point);
	show_u64(show, "errors", info->assoc_errors);
	show_u64(show, "packets", info->packets_out);
	show_u64(show, "messages", info->messages_out);
	show_u64(show, "retransmitted", info->chunks_retransmitted);
	show_record_end(show);
}

static void
show_receiver(struct show *show, const struct sctp_info *info)
{
	show_record_begin(show, "receiver");
	show_u64(show, "streams", info->in_streams);
	show_u64(show, "cum_tsn", info->rcv_cum_tsn);
	show_u64(show, "rwnd", info->rwnd);
	show_u64(show, "unread", info->unread);
	show_u64(show, "out_of_order", info->out_of_order);
	show_u64(show, "receive_buffer", info->receive_buffer);
	show_u64(show, "packets", info->packets_in);
	show_u64(show, "messages", info->messages_in);
	show_record_end(show);
}

static void
show_agreed(struct show *show, const struct sctp_info *info)
{
	static const struct {
		enum sctp_extension extension;
		const char *name;
	} extensions[] = {
		{ SCTP_EXT_FORWARD_TSN, "partial_reliability" },
		{ SCTP_EXT_AUTH, "auth" },
		{ SCTP_EXT_ASCONF, "address_change" },
		{ SCTP_EXT_RE_CONFIG, "re_config" },
		{ SCTP_EXT_I_DATA, "interleaving" },
		{ SCTP_EXT_ECN, "ecn" },
		{ SCTP_EXT_ZERO_CHECKSUM, "zero_checksum" },
	};

	show_record_begin(show, "agreed");
	for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		show_bool(show, extensions[i].name,
			(info->extensions & extensions[i].extension) != 0);
	show_record_end(show);
}

/* ---- streams ---- */

static void
show_stream(struct show *show, const struct sctp_stream_info *stream)
{
	show_record_begin(show, NULL);
	show_u64(show, "stream", stream->id);
	show_u64(show, "out_next", stream->out_next);
	show_u64(show, "unsent_messages", stream->unsent_messages);
	show_u64(show, "unsent_bytes", stream->unsent_bytes);
	show_u64(show, "value", stream->value);
	show_u64(show, "in_next", stream->in_next);
	show_u64(show, "waiting_messages", stream->waiting_messages);
	show_u64(show, "waiting_bytes", stream->waiting_bytes);
	show_bool(show, "in_part", stream->in_part);
	show_bool(show, "has_more", stream->has_more);
	show_record_end(show);
}

/* @return how many there are, at_most and one if these are not all */
static unsigned
show_streams(struct show *show, const char *name, struct stack *stack,
	const struct stack_sctp_assoc *assoc, unsigned at_most)
{
	struct sctp_stream_info streams[STREAMS_AT_A_TIME];
	unsigned cursor = 0, shown = 0, count;

	show_list_begin(show, name);
	while (shown <= at_most &&
		(count = stack_sctp_streams(stack, assoc, &cursor, streams, STREAMS_AT_A_TIME)) >
			0) {
		for (unsigned i = 0; i < count && shown <= at_most; i++) {
			if (shown++ < at_most)
				show_stream(show, &streams[i]);
		}
	}
	show_list_end(show);
	return shown;
}

int
sctp_show_streams(struct cli_call *call)
{
	struct stack_sctp_assoc assoc;
	struct stack_filter filter;
	int rc = sctp_assoc_find(call, &filter, &assoc);

	if (rc < 0)
		return rc;
	show_streams(call->show, NULL, stack_of(call), &assoc, SCTP_STREAMS_MAX);
	return 0;
}

/* ---- all of it ---- */

static void
show_owner(struct show *show, const struct sock_sctp_owner *owner)
{
	show_record_begin(show, "socket");
	show_string(show, "style",
		owner->app == NULL    ? NULL
			: owner->many ? "one-to-many"
				      : "one-to-one");
	if (owner->app != NULL)
		show_u64(show, "association", owner->assoc);
	else
		show_none(show, "association");
	show_record_end(show);
}

int
sctp_show_assoc(struct cli_call *call)
{
	struct show *show = call->show;
	struct stack *stack = stack_of(call);
	struct stack_sctp_assoc assoc;
	struct stack_filter filter;
	unsigned streams;
	int rc = sctp_assoc_find(call, &filter, &assoc);

	if (rc < 0)
		return rc;
	show_record_begin(show, NULL);
	sctp_show_names(show, stack, &assoc);
	show_owner(show, &assoc.owner);
	show_agreed(show, &assoc.info);
	show_sender(show, &assoc.info);
	show_receiver(show, &assoc.info);
	show_list_begin(show, "paths");
	for (unsigned i = 0; i < assoc.info.path_count; i++)
		show_path(show, &assoc.paths[i]);
	show_list_end(show);
	streams = show_streams(show, "streams", stack, &assoc, STREAMS_SHOWN);
	show_bool(show, "more_streams", streams > STREAMS_SHOWN);
	show_record_end(show);
	return 0;
}
