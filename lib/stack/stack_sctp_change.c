/* SPDX-License-Identifier: BSD-3-Clause */
/* Associations that are to ask their peers for a change: by their workers, as in stack_sctp.c. */
#include "stack/worker.h"

struct change_msg {
	struct worker_msg msg;
	const struct stack_sctp_change *change;
	uint32_t tag, place;
	int rc; /* -ENOENT until it is found */
};

static int
addr_add(struct worker *w, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	struct sctp_info info;

	sctp_info(w->sctp, assoc, &info);
	if (!ip_addr_is_local(&w->ip, info.vrf, PKT_IFACE_NONE, addr))
		return -EADDRNOTAVAIL;
	return sctp_addr_add(w->sctp, assoc, addr);
}

static int
assoc_change(struct worker *w, struct sctp_assoc *assoc, const struct stack_sctp_change *change)
{
	switch (change->verb) {
	case STACK_SCTP_ADDR_ADD: return addr_add(w, assoc, &change->addr);
	case STACK_SCTP_ADDR_DELETE: return sctp_addr_delete(w->sctp, assoc, &change->addr);
	case STACK_SCTP_PEER_PRIMARY: return sctp_peer_primary_set(w->sctp, assoc, &change->addr);
	case STACK_SCTP_STREAMS_RESET:
		return sctp_streams_reset(
			w->sctp, assoc, change->directions, change->streams, change->stream_count);
	case STACK_SCTP_ASSOC_RESET: return sctp_assoc_reset(w->sctp, assoc);
	case STACK_SCTP_STREAMS_ADD:
		return sctp_streams_add(w->sctp, assoc, change->out, change->in);
	}
	return -EINVAL;
}

/* As many places as a worker has time for between two loops. */
static void
change_run(struct worker *w, struct worker_msg *msg)
{
	struct change_msg *ask = (struct change_msg *)msg;
	const uint32_t places = sctp_assoc_places(w->sctp);
	struct sctp_info info;

	for (unsigned looks = 0; looks < STACK_SCTP_LOOKS && ask->place < places; looks++) {
		struct sctp_assoc *assoc = sctp_assoc_at(w->sctp, ask->place++);

		if (assoc == NULL)
			continue;
		sctp_info(w->sctp, assoc, &info);
		if (info.local_tag != ask->tag)
			continue;
		ask->rc = assoc_change(w, assoc, ask->change);
		ask->place = places;
	}
	if (ask->place >= places)
		ask->place = STACK_SCTP_END;
}

int
stack_sctp_change(struct stack *stack, uint32_t tag, const struct stack_sctp_change *change)
{
	struct change_msg ask = {
		.msg = { .run = change_run }, .change = change, .tag = tag, .rc = -ENOENT
	};

	for (unsigned i = 0; i < stack->worker_count && ask.rc == -ENOENT; i++) {
		for (ask.place = 0; ask.place != STACK_SCTP_END;)
			mailbox_call(stack->workers[i], &ask.msg);
	}
	return ask.rc;
}
