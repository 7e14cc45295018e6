/* SPDX-License-Identifier: BSD-3-Clause */
/* Options about streams: RFC 6525 6.3, RFC 8260 4.3, RFC 7496 4.3, 4.4. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

/* ---- resets ---- */

static int
enable_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;
	const uint32_t known = SPATE_SCTP_ENABLE_RESET_STREAM_REQ |
		SPATE_SCTP_ENABLE_RESET_ASSOC_REQ | SPATE_SCTP_ENABLE_CHANGE_ASSOC_REQ;

	if ((value->assoc_value & ~known) != 0)
		return -EINVAL;
	call->settings.reconfig = (uint8_t)value->assoc_value;
	return 0;
}

static int
enable_get(struct embed_option_call *call)
{
	((struct spate_sctp_assoc_value *)call->value)->assoc_value = call->settings.reconfig;
	return 0;
}

static int
streams_reset(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct spate_sctp_reset_streams *reset = arg;

	return sctp_streams_reset(core, assoc, reset->srs_flags, (const uint16_t *)(reset + 1),
		reset->srs_number_streams);
}

static int
reset_streams_set(struct embed_option_call *call)
{
	const struct spate_sctp_reset_streams *reset = call->value;

	if (reset->srs_number_streams > SCTP_RESET_STREAMS_MAX ||
		call->length < sizeof(*reset) + reset->srs_number_streams * sizeof(uint16_t))
		return -EINVAL;
	return sock_sctp_each(call->sock, call->assoc, streams_reset, call->value);
}

static int
assoc_reset(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	(void)arg;
	return sctp_assoc_reset(core, assoc);
}

static int
reset_assoc_set(struct embed_option_call *call)
{
	return sock_sctp_each(call->sock, call->assoc, assoc_reset, NULL);
}

static int
streams_add(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct spate_sctp_add_streams *add = arg;

	return sctp_streams_add(core, assoc, add->sas_outstrms, add->sas_instrms);
}

static int
add_streams_set(struct embed_option_call *call)
{
	return sock_sctp_each(call->sock, call->assoc, streams_add, call->value);
}

/* ---- schedulers ---- */

static const enum sctp_scheduler schedulers[] = {
	[SPATE_SCTP_SS_FCFS] = SCTP_SCHED_FCFS,
	[SPATE_SCTP_SS_PRIO] = SCTP_SCHED_PRIORITY,
	[SPATE_SCTP_SS_RR] = SCTP_SCHED_RR,
	[SPATE_SCTP_SS_FC] = SCTP_SCHED_FAIR,
	[SPATE_SCTP_SS_WFQ] = SCTP_SCHED_WEIGHTED,
	[SPATE_SCTP_SS_RR_PKT] = SCTP_SCHED_RR_PACKET,
};

static int
scheduler_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;

	if (value->assoc_value >= RTE_DIM(schedulers))
		return -EINVAL;
	call->settings.scheduler = (uint8_t)schedulers[value->assoc_value];
	return 0;
}

static int
scheduler_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_value *value = call->value;
	uint32_t at = 0;

	while (schedulers[at] != (enum sctp_scheduler)call->settings.scheduler)
		at++;
	value->assoc_value = at;
	return 0;
}

static int
value_put(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct spate_sctp_stream_value *value = arg;

	return sctp_stream_value_set(core, assoc, value->stream_id, value->stream_value);
}

static int
value_read(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	struct spate_sctp_stream_value *value = arg;

	return sctp_stream_value(core, assoc, value->stream_id, &value->stream_value);
}

static int
stream_value_set(struct embed_option_call *call)
{
	return sock_sctp_each(call->sock, call->assoc, value_put, call->value);
}

static int
stream_value_get(struct embed_option_call *call)
{
	return sock_sctp_one(call->sock, call->assoc, value_read, call->value);
}

/* ---- messages that were given up ---- */

/* @return 0; -EINVAL: no such policy */
static int
abandoned_fill(const struct sctp_abandoned *abandoned, struct spate_sctp_prstatus *status)
{
	enum sctp_pr_policy policy = embed_pr_policy(status->sprstat_policy);
	const bool all = status->sprstat_policy == SPATE_SCTP_PR_SCTP_ALL;

	if (!all && (policy == SCTP_PR_COUNT || policy == SCTP_PR_NONE))
		return -EINVAL;
	status->sprstat_abandoned_unsent = status->sprstat_abandoned_sent = 0;
	for (unsigned i = 0; i < SCTP_PR_COUNT; i++) {
		if (!all && i != (unsigned)policy)
			continue;
		status->sprstat_abandoned_unsent += abandoned->unsent[i];
		status->sprstat_abandoned_sent += abandoned->sent[i];
	}
	return 0;
}

static int
assoc_abandoned(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	(void)core;
	return abandoned_fill(sctp_abandoned(assoc), arg);
}

static int
stream_abandoned(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	struct spate_sctp_prstatus *status = arg;
	struct sctp_abandoned abandoned;
	int rc = sctp_stream_abandoned(core, assoc, status->sprstat_sid, &abandoned);

	return rc == 0 ? abandoned_fill(&abandoned, status) : rc;
}

static int
pr_assoc_get(struct embed_option_call *call)
{
	return sock_sctp_one(call->sock, call->assoc, assoc_abandoned, call->value);
}

static int
pr_stream_get(struct embed_option_call *call)
{
	return sock_sctp_one(call->sock, call->assoc, stream_abandoned, call->value);
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_ENABLE_STREAM_RESET, EMBED_OPTION_SETTINGS, EMBED_ID_ANY,
		sizeof(struct spate_sctp_assoc_value), 0, enable_set, enable_get },
	{ SPATE_SCTP_RESET_STREAMS, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_reset_streams), 0, reset_streams_set, NULL },
	{ SPATE_SCTP_RESET_ASSOC, EMBED_OPTION_ASSOC, EMBED_ID_NONE, sizeof(int32_t), 0,
		reset_assoc_set, NULL },
	{ SPATE_SCTP_ADD_STREAMS, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_add_streams), 0, add_streams_set, NULL },
	{ SPATE_SCTP_STREAM_SCHEDULER, EMBED_OPTION_SETTINGS, EMBED_ID_ANY,
		sizeof(struct spate_sctp_assoc_value), 0, scheduler_set, scheduler_get },
	{ SPATE_SCTP_STREAM_SCHEDULER_VALUE, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_stream_value), 0, stream_value_set, stream_value_get },
	{ SPATE_SCTP_PR_ASSOC_STATUS, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_prstatus), 0, NULL, pr_assoc_get },
	{ SPATE_SCTP_PR_STREAM_STATUS, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_prstatus), 0, NULL, pr_stream_get },
};

const struct embed_option_table embed_stream_options = EMBED_OPTION_TABLE(options);
