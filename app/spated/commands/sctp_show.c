/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp show: associations as lines, and listeners. */
#include "commands/sctp.h"

#include <stdlib.h>

#include "cli/job.h"
#include "commands/call.h"
#include "commands/sctp_filter.h"
#include "commands/show_socket.h"

/* Copied from a worker at a time, between two of its loops. */
#define ASSOCS_AT_A_TIME    32
#define LISTENERS_AT_A_TIME 32

void
sctp_show_names(struct show *show, const struct stack *stack, const struct stack_sctp_assoc *assoc)
{
	const struct sctp_info *info = &assoc->info;
	const struct sctp_path_info *path = &assoc->paths[info->primary];

	show_u64(show, "worker", assoc->worker);
	show_stringf(show, "tag", "0x%08x", info->local_tag);
	show_string(show, "application", assoc->owner.app);
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
	sctp_show_names(show, stack, assoc);
	show_u64(show, "paths", info->path_count);
	show_u64(show, "unread", info->unread);
	show_u64(show, "unsent", info->unsent);
	show_u64(show, "in_flight", info->in_flight);
	show_u64(show, "retransmitted", info->chunks_retransmitted);
	show_record_end(show);
}

/* ---- all of them, in slices ---- */

struct assocs_show {
	struct stack *stack;
	struct stack_filter filter;
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
	struct stack_filter filter = { 0 };
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

/* ---- listeners ---- */

static void
show_listener(
	struct show *show, const struct stack *stack, const struct stack_sctp_listener *listener)
{
	const struct sctp_listener_info *info = &listener->info;
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_u64(show, "worker", listener->worker);
	show_string(show, "application", listener->app);
	show_vrf(show, stack, info->bind.vrf);
	show_endpoint(show, "local", &info->bind.addrs[0], info->bind.port);
	show_list_begin(show, "others");
	for (unsigned i = 1; i < info->bind.addr_count; i++)
		show_string(show, NULL, ip_addr_format(&info->bind.addrs[i], text));
	show_list_end(show);
	show_u64(show, "accept_queue", info->accepted);
	show_u64(show, "backlog", info->backlog);
	show_u64(show, "streams_out", info->out_streams);
	show_u64(show, "streams_in", info->in_streams);
	show_string(show, "congestion", info->cc);
	show_record_end(show);
}

int
sctp_show_listeners(struct cli_call *call)
{
	struct stack_sctp_listener listeners[LISTENERS_AT_A_TIME];
	struct stack *stack = stack_of(call);

	show_list_begin(call->show, NULL);
	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		unsigned from = 0, count;

		while ((count = stack_sctp_listeners(
				stack, worker, from, listeners, LISTENERS_AT_A_TIME)) > 0) {
			for (unsigned i = 0; i < count; i++)
				show_listener(call->show, stack, &listeners[i]);
			from += count;
		}
	}
	show_list_end(call->show);
	return 0;
}
