/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp show: associations as lines, and one of them with its paths and all that is known of it. */
#include "commands/sctp.h"

#include <stdlib.h>

#include "cc/cc.h"
#include "cli/job.h"
#include "commands/call.h"
#include "commands/sctp_filter.h"
#include "commands/show_socket.h"

/* Copied from a worker at a time, between two of its loops. */
#define ASSOCS_AT_A_TIME 32

/* Whose, and between whom: by the primary path. */
static void
show_names(struct show *show, const struct stack *stack, const struct stack_sctp_assoc *assoc)
{
	const struct sctp_info *info = &assoc->info;
	const struct sctp_path_info *path = &assoc->paths[info->primary];

	show_u64(show, "worker", assoc->worker);
	show_stringf(show, "tag", "0x%08x", info->local_tag);
	show_vrf(show, stack, info->vrf);
	show_string(show, "state", sctp_state_name(info->state));
	show_endpoint(show, "local", &path->local, info->local_port);
	show_endpoint(show, "remote", &path->remote, info->remote_port);
}

static void
show_line(struct show *show, const struct stack *stack, const struct stack_sctp_assoc *assoc)
{
	const struct sctp_info *info = &assoc->info;

	show_record_begin(show, NULL);
	show_names(show, stack, assoc);
	show_u64(show, "paths", info->path_count);
	show_u64(show, "unread", info->unread);
	show_u64(show, "unsent", info->unsent);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "retransmitted", info->chunks_retransmitted);
	show_record_end(show);
}

/* ---- one association ---- */

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
	show_u64(show, "streams", info->out_streams);
	show_u64(show, "next_tsn", info->next_tsn);
	show_u64(show, "cum_tsn_acked", info->cum_tsn_acked);
	show_u64(show, "peer_rwnd", info->peer_rwnd);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "unsent", info->unsent);
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

int
sctp_show_assoc(struct cli_call *call)
{
	struct stack_sctp_filter filter = { 0 };
	struct stack *stack = stack_of(call);
	struct stack_sctp_assoc assoc = { .worker = 0 };
	int rc = sctp_assoc_parse(call, &filter);

	if (rc == 0)
		rc = sctp_assoc_find(call, &filter, &assoc);
	if (rc < 0)
		return rc;
	show_record_begin(call->show, NULL);
	show_names(call->show, stack, &assoc);
	show_agreed(call->show, &assoc.info);
	show_sender(call->show, &assoc.info);
	show_receiver(call->show, &assoc.info);
	show_list_begin(call->show, "paths");
	for (unsigned i = 0; i < assoc.info.path_count; i++)
		show_path(call->show, &assoc.paths[i]);
	show_list_end(call->show);
	show_record_end(call->show);
	return 0;
}

/* ---- all of them, in slices ---- */

struct assocs_show {
	struct stack *stack;
	struct stack_sctp_filter filter;
	unsigned worker;
	uint32_t place;
	bool begun;
};

static int
assocs_step(struct show *show, void *arg)
{
	struct stack_sctp_assoc assocs[ASSOCS_AT_A_TIME];
	struct assocs_show *self = arg;
	unsigned count;

	if (!self->begun)
		show_list_begin(show, NULL);
	self->begun = true;
	count = stack_sctp_assocs(
		self->stack, self->worker, &self->filter, assocs, ASSOCS_AT_A_TIME, &self->place);
	for (unsigned i = 0; i < count; i++)
		show_line(show, self->stack, &assocs[i]);
	if (self->place == STACK_SCTP_END) {
		self->place = 0;
		self->worker++;
	}
	if (self->worker < self->stack->worker_count)
		return 1;
	show_list_end(show);
	return 0;
}

int
sctp_show(struct cli_call *call)
{
	struct stack_sctp_filter filter = { 0 };
	struct assocs_show *self;
	int rc = sctp_filter_parse(call, stack_of(call), &filter);

	if (rc < 0)
		return rc;
	self = malloc(sizeof(*self));
	if (self == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	*self = (struct assocs_show){ .stack = stack_of(call), .filter = filter };
	return cli_show_start(
		call, &(struct cli_show_job){ .step = assocs_step, .free = free, .arg = self });
}
