/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP as the user sees it: associations of all workers, asked for by their mailboxes. */
#include "stack/worker.h"

#include "base/counter.h"

struct sctp_msg {
	struct worker_msg msg;
	const struct stack_filter *filter;
	struct stack_sctp_assoc *assocs; /* NULL: something is to be done */
	enum stack_sctp_verb verb;
	const struct ip_addr *remote;
	unsigned max, count;
	uint32_t place;
};

static bool
prefix_matches(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	return prefix->addr.family == IP_FAMILY_NONE || ip_prefix_contains(prefix, addr);
}

/* One path has both. */
static bool
paths_match(const struct stack_filter *filter, const struct sctp_assoc *assoc)
{
	struct sctp_path_info path;

	for (unsigned i = 0; sctp_path_info(assoc, i, &path); i++) {
		if (prefix_matches(&filter->local, &path.local) &&
			prefix_matches(&filter->remote, &path.remote))
			return true;
	}
	return false;
}

static bool
filter_matches(const struct stack_filter *filter, const struct sctp_info *info,
	const struct sctp_assoc *assoc)
{
	return (filter->vrf == STACK_VRF_ANY || filter->vrf == info->vrf) &&
		(filter->tag == 0 || filter->tag == info->local_tag) &&
		(filter->local_port == 0 || filter->local_port == info->local_port) &&
		(filter->remote_port == 0 || filter->remote_port == info->remote_port) &&
		(filter->states == 0 || (filter->states >> info->state & 1) != 0) &&
		paths_match(filter, assoc);
}

static unsigned
assoc_do(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_msg *ask)
{
	switch (ask->verb) {
	case STACK_SCTP_ABORT: return sctp_kill(core, assoc);
	case STACK_SCTP_SHUTDOWN: return sctp_shutdown(core, assoc) == 0;
	case STACK_SCTP_PRIMARY: return sctp_primary_set(core, assoc, ask->remote) == 0;
	case STACK_SCTP_HEARTBEAT: return sctp_heartbeat(core, assoc, ask->remote) == 0;
	}
	return 0;
}

static void
assoc_copy(const struct worker *w, uint32_t place, const struct sctp_info *info,
	struct stack_sctp_assoc *copy)
{
	const struct sctp_assoc *assoc = sctp_assoc_at(w->sctp, place);

	copy->worker = w->index;
	copy->place = place;
	copy->owner = sock_sctp_owner(assoc);
	copy->info = *info;
	for (unsigned i = 0; i < info->path_count; i++)
		sctp_path_info(assoc, i, &copy->paths[i]);
}

/* As many places as a worker has time for between two loops. */
static void
sctp_assocs_run(struct worker *w, struct worker_msg *msg)
{
	struct sctp_msg *ask = (struct sctp_msg *)msg;
	uint32_t places = sctp_assoc_places(w->sctp);
	struct sctp_info info;

	for (unsigned looks = 0;
		looks < STACK_SCTP_LOOKS && ask->place < places && ask->count < ask->max; looks++) {
		struct sctp_assoc *assoc = sctp_assoc_at(w->sctp, ask->place++);

		if (assoc == NULL)
			continue;
		sctp_info(w->sctp, assoc, &info);
		if (!filter_matches(ask->filter, &info, assoc))
			continue;
		if (ask->assocs != NULL)
			assoc_copy(w, ask->place - 1, &info, &ask->assocs[ask->count++]);
		else
			ask->count += assoc_do(w->sctp, assoc, ask);
	}
	if (ask->place >= places)
		ask->place = STACK_SCTP_END;
}

/* Ask a worker, from a place on. */
static unsigned
sctp_ask(struct stack *stack, unsigned worker, struct sctp_msg *ask, uint32_t *place)
{
	ask->msg.run = sctp_assocs_run;
	ask->place = *place;
	mailbox_call(stack->workers[worker], &ask->msg);
	*place = ask->place;
	return ask->count;
}

unsigned
stack_sctp_assocs(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	struct stack_sctp_assoc *assocs, unsigned max, uint32_t *place)
{
	struct sctp_msg ask = { .filter = filter, .assocs = assocs, .max = max };

	return sctp_ask(stack, worker, &ask, place);
}

unsigned
stack_sctp_do(struct stack *stack, unsigned worker, const struct stack_filter *filter,
	enum stack_sctp_verb verb, const struct ip_addr *remote, uint32_t *place)
{
	struct sctp_msg ask = {
		.filter = filter, .verb = verb, .remote = remote, .max = STACK_SCTP_LOOKS
	};

	return sctp_ask(stack, worker, &ask, place);
}

/* ---- streams ---- */

struct sctp_streams_msg {
	struct worker_msg msg;
	const struct stack_sctp_assoc *assoc;
	unsigned *cursor;
	struct sctp_stream_info *streams;
	unsigned max, count;
};

static void
sctp_streams_run(struct worker *w, struct worker_msg *msg)
{
	struct sctp_streams_msg *get = (struct sctp_streams_msg *)msg;
	const struct sctp_assoc *assoc = sctp_assoc_at(w->sctp, get->assoc->place);
	struct sctp_info info;

	if (assoc == NULL)
		return;
	/* Another may have its place by now. */
	sctp_info(w->sctp, assoc, &info);
	if (info.local_tag == get->assoc->info.local_tag)
		get->count = sctp_streams(w->sctp, assoc, get->cursor, get->streams, get->max);
}

unsigned
stack_sctp_streams(struct stack *stack, const struct stack_sctp_assoc *assoc, unsigned *cursor,
	struct sctp_stream_info *streams, unsigned max)
{
	struct sctp_streams_msg get = {
		.msg = { .run = sctp_streams_run },
		.assoc = assoc,
		.cursor = cursor,
		.streams = streams,
		.max = max,
	};

	mailbox_call(stack->workers[assoc->worker], &get.msg);
	return get.count;
}

/* ---- listeners ---- */

#define LISTENERS_AT_A_TIME 32

struct sctp_listeners_msg {
	struct worker_msg msg;
	struct sctp_listener_info infos[LISTENERS_AT_A_TIME];
	const char *apps[LISTENERS_AT_A_TIME];
	unsigned from, max, count;
};

static void
sctp_listeners_run(struct worker *w, struct worker_msg *msg)
{
	struct sctp_listeners_msg *get = (struct sctp_listeners_msg *)msg;

	get->count = sctp_listeners(w->sctp, get->from, get->infos, get->max);
	for (unsigned i = 0; i < get->count; i++)
		get->apps[i] = sock_app_name(get->infos[i].user);
}

unsigned
stack_sctp_listeners(struct stack *stack, unsigned worker, unsigned from,
	struct stack_sctp_listener *listeners, unsigned max)
{
	struct sctp_listeners_msg get = {
		.msg = { .run = sctp_listeners_run },
		.from = from,
		.max = RTE_MIN(max, (unsigned)LISTENERS_AT_A_TIME),
	};

	mailbox_call(stack->workers[worker], &get.msg);
	for (unsigned i = 0; i < get.count; i++)
		listeners[i] = (struct stack_sctp_listener){ worker, get.apps[i], get.infos[i] };
	return get.count;
}

/* ---- counters ---- */

struct sctp_counts_msg {
	struct worker_msg msg;
	struct sctp_counts counts;
};

static void
sctp_counts_run(struct worker *w, struct worker_msg *msg)
{
	sctp_counts(w->sctp, &((struct sctp_counts_msg *)msg)->counts);
}

static void
counts_add(struct sctp_counts *sum, const struct sctp_counts *counts)
{
	sum->assocs += counts->assocs;
	sum->paths += counts->paths;
	sum->chunks += counts->chunks;
	sum->stream_blocks += counts->stream_blocks;
	sum->listeners += counts->listeners;
	sum->notices += counts->notices;
	sum->auths += counts->auths;
	sum->auth_keys += counts->auth_keys;
	sum->reconfigs += counts->reconfigs;
	sum->asconfs += counts->asconfs;
	sum->gap_maps += counts->gap_maps;
	sum->sent_blocks += counts->sent_blocks;
	sum->received += counts->received;
	sum->curr_estab += counts->curr_estab;
	sum->assocs_max += counts->assocs_max;
}

void
stack_sctp_stats(
	const struct stack *stack, unsigned worker, uint64_t *stats, struct sctp_counts *counts)
{
	memset(stats, 0, SCTP_STAT_COUNT * sizeof(*stats));
	*counts = (struct sctp_counts){ 0 };
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct sctp_counts_msg get = { .msg = { .run = sctp_counts_run } };
		const uint64_t *from = sctp_stats(stack->workers[i]->sctp);

		if (worker < stack->worker_count && worker != i)
			continue;
		for (unsigned j = 0; j < SCTP_STAT_COUNT; j++)
			stats[j] += counter_read(&from[j]);
		mailbox_call(stack->workers[i], &get.msg);
		counts_add(counts, &get.counts);
	}
}

/* ---- defaults ---- */

struct sctp_settings_msg {
	struct worker_msg msg;
	const struct sctp_settings *settings;
};

static void
sctp_settings_run(struct worker *w, struct worker_msg *msg)
{
	sctp_defaults_set(w->sctp, ((struct sctp_settings_msg *)msg)->settings);
}

int
stack_sctp_settings_set(struct stack *stack, const struct sctp_settings *settings)
{
	int rc = udp_reserve(stack->udp_ports, settings->udp_port);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct sctp_settings_msg set = { .msg = { .run = sctp_settings_run },
			.settings = settings };

		mailbox_call(stack->workers[i], &set.msg);
	}
	stack->sctp_settings = *settings;
	return 0;
}
