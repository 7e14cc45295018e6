/* SPDX-License-Identifier: BSD-3-Clause */
/* Associations as such: how they begin, are found, and end. */
#include "sctp/sctp_data.h"

static const char *const state_names[SCTP_STATE_COUNT] = {
	[SCTP_CLOSED] = "CLOSED",
	[SCTP_COOKIE_WAIT] = "COOKIE-WAIT",
	[SCTP_COOKIE_ECHOED] = "COOKIE-ECHOED",
	[SCTP_ESTABLISHED] = "ESTABLISHED",
	[SCTP_SHUTDOWN_PENDING] = "SHUTDOWN-PENDING",
	[SCTP_SHUTDOWN_SENT] = "SHUTDOWN-SENT",
	[SCTP_SHUTDOWN_RECEIVED] = "SHUTDOWN-RECEIVED",
	[SCTP_SHUTDOWN_ACK_SENT] = "SHUTDOWN-ACK-SENT",
};

const char *
sctp_state_name(enum sctp_state state)
{
	return state < SCTP_STATE_COUNT ? state_names[state] : "unknown";
}

/* ---- beginning ---- */

uint32_t
sctp_tag_draw(struct sctp_core *core)
{
	uint32_t count = core->config.worker_count;
	uint32_t tag;

	/* RFC 9260 5.3.1: any but 0; which of the rest says whose it is. */
	do {
		tag = (uint32_t)sctp_draw(core);
		tag = tag / count * count;
		tag += tag <= UINT32_MAX - core->config.worker ? core->config.worker : 0;
	} while (tag == 0 || tag % count != core->config.worker);
	return tag;
}

void
sctp_settings_limit(struct sctp_settings *settings)
{
	settings->rto_max_ms = RTE_MAX(settings->rto_max_ms, 1U);
	settings->rto_min_ms = RTE_MIN(settings->rto_min_ms, settings->rto_max_ms);
	settings->rto_initial_ms = RTE_MIN(
		RTE_MAX(settings->rto_initial_ms, settings->rto_min_ms), settings->rto_max_ms);
	/* RFC 9260 6.2 */
	settings->sack_delay_ms = RTE_MIN(settings->sack_delay_ms, 500U);
	settings->out_streams = RTE_MIN(RTE_MAX(settings->out_streams, 1), SCTP_STREAMS_MAX);
	settings->in_streams = RTE_MIN(RTE_MAX(settings->in_streams, 1), SCTP_STREAMS_MAX);
	/* RFC 9260 3.3.2: a receiver has room for 1500 bytes at least. */
	settings->receive_buffer = RTE_MAX(settings->receive_buffer, 1500U);
	settings->send_buffer = RTE_MAX(settings->send_buffer, 1U);
	/* What is offered is of use. */
	settings->extensions = sctp_extensions_agreed(settings->extensions, settings->extensions);
	if (settings->scheduler >= SCTP_SCHED_COUNT)
		settings->scheduler = SCTP_SCHED_FCFS;
	if (settings->pr_policy >= SCTP_PR_COUNT)
		settings->pr_policy = SCTP_PR_NONE;
}

struct sctp_assoc *
sctp_assoc_create(
	struct sctp_core *core, const struct sctp_settings *settings, const struct sctp_bind *bind)
{
	struct sctp_assoc *assoc = slab_take(&core->assocs);

	if (assoc == NULL) {
		sctp_count(core, SCTP_STAT_no_assocs);
		return NULL;
	}
	*assoc = (struct sctp_assoc){
		.settings = *settings,
		.in_use = true,
		.local_port = bind->port,
		.vrf = bind->vrf,
		.local_count = (uint8_t)bind->addr_count,
		.next_tsn = 1, /* behind cum_acked: nothing was sent */
	};
	sctp_settings_limit(&assoc->settings);
	assoc->out_streams = assoc->settings.out_streams;
	assoc->in_streams = assoc->settings.in_streams;
	memcpy(assoc->locals, bind->addrs, bind->addr_count * sizeof(bind->addrs[0]));
	RB_INIT(&assoc->busy);
	RB_INIT(&assoc->fragments);
	TAILQ_INIT(&assoc->ready);
	TAILQ_INIT(&assoc->behind);
	TAILQ_INIT(&assoc->notices);
	sctp_ports_assoc_add(core, bind->port);
	return assoc;
}

/* RFC 3873, sctpCurrEstab */
static bool
is_estab(const struct sctp_assoc *assoc)
{
	return assoc->state == SCTP_ESTABLISHED || assoc->state == SCTP_SHUTDOWN_PENDING ||
		assoc->state == SCTP_SHUTDOWN_RECEIVED;
}

void
sctp_assoc_state_set(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_state state)
{
	core->estabs -= is_estab(assoc);
	assoc->state = (uint8_t)state;
	core->estabs += is_estab(assoc);
}

void
sctp_assoc_up(struct sctp_core *core, struct sctp_assoc *assoc)
{
	sctp_timer_clear(assoc, SCTP_TIMER_T1);
	sctp_assoc_state_set(core, assoc, SCTP_ESTABLISHED);
	assoc->was_up = true;
	assoc->errors = 0;
	assoc->retries = 0;
	rte_pktmbuf_free(assoc->cookie);
	assoc->cookie = NULL;
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		/* RFC 9260 5.4: others are asked whether they are the peer's. */
		path->heartbeat_wanted = path->state == SCTP_PATH_UNCONFIRMED;
		sctp_heartbeat_arm(core, path);
		if (path->state == SCTP_PATH_ACTIVE)
			sctp_pmtu_begin(core, path);
	}
	sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_UP });
	if (assoc->peer_adaptation_said)
		sctp_notice_add(core, assoc,
			&(struct sctp_notice){ .type = SCTP_NOTICE_ADAPTATION,
				.adaptation = assoc->peer_adaptation });
	sctp_event_add(core, assoc, SCTP_EVENT_WRITABLE);
	/* Its user may have ended it before it began. */
	if (assoc->shutdown_wanted) {
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_PENDING);
		sctp_shutdown_progress(core, assoc);
	}
	sctp_flush_add(core, assoc);
}

void
sctp_flush_add(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->on_flush)
		return;
	TAILQ_INSERT_TAIL(&core->flush, assoc, flush_next);
	assoc->on_flush = true;
}

/* ---- being found ---- */

bool
sctp_assoc_has_local(const struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (ip_addr_equal(&assoc->locals[i], addr))
			return true;
	}
	return false;
}

struct sctp_assoc *
sctp_assoc_lookup(struct sctp_core *core, const struct sctp_key *key, uint32_t hash,
	const struct ip_addr *local, struct sctp_path **path)
{
	const struct sctp_node *node = NULL;

	while ((node = sctp_table_lookup(&core->table, key, hash, node)) != NULL) {
		struct sctp_path *found = RTE_PTR_SUB(node, offsetof(struct sctp_path, node));

		if (!sctp_assoc_has_local(found->assoc, local))
			continue;
		*path = found;
		return found->assoc;
	}
	*path = NULL;
	return NULL;
}

/* ---- ending ---- */

static void
paths_remove(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const struct ip_addr remote = sctp_peer(assoc);

	while (assoc->path_count > 0)
		sctp_path_remove(core, assoc->paths[assoc->path_count - 1]);
	/* What is left to be received is still from there. */
	assoc->ended_remote = remote;
	assoc->primary = assoc->last_path = assoc->sack_path = NULL;
}

void
sctp_assoc_end(struct sctp_core *core, struct sctp_assoc *assoc, int error, uint16_t cause)
{
	const bool in_order = assoc->state >= SCTP_SHUTDOWN_SENT && error == 0;
	/* RFC 3873, sctpAborteds: nobody aborts what was given up before it began. */
	const bool given_up = assoc->state <= SCTP_COOKIE_ECHOED && error == ETIMEDOUT;

	if (assoc->state == SCTP_CLOSED)
		return;
	timer_stop(&assoc->timer);
	memset(assoc->due_ns, 0, sizeof(assoc->due_ns));
	sctp_assoc_state_set(core, assoc, SCTP_CLOSED);
	assoc->control = 0;
	assoc->error = error;
	assoc->abort_cause = cause;
	assoc->peer_ended = true;
	assoc->sack_wanted = assoc->sack_due = false;
	sctp_send_queues_free(core, assoc, true);
	sctp_reass_free(core, assoc);
	sctp_tsn_map_free(core, &assoc->tsn_map);
	sctp_streams_free(core, assoc);
	paths_remove(core, assoc);
	sctp_auth_free(core, assoc);
	sctp_reconfig_free(core, assoc);
	sctp_asconf_free(core, assoc);
	rte_pktmbuf_free(assoc->cookie);
	assoc->cookie = NULL;
	if (error != 0 && !given_up)
		sctp_count(core, SCTP_STAT_aborteds);
	else if (in_order)
		sctp_count(core, SCTP_STAT_shutdowns);
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){
			.type = error != 0 ? SCTP_NOTICE_LOST : SCTP_NOTICE_SHUTDOWN_COMPLETE,
			.cause = cause });
	sctp_event_add(core, assoc,
		SCTP_EVENT_CLOSED | SCTP_EVENT_READABLE | (error != 0 ? SCTP_EVENT_ERROR : 0));
	/* A flush frees it, as callers still look at it. */
	if (assoc->detached)
		sctp_flush_add(core, assoc);
}

void
sctp_assoc_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->detached = true;
	sctp_assoc_state_set(core, assoc, SCTP_CLOSED);
	sctp_event_drop(core, assoc);
	sctp_accept_remove(assoc);
	timer_stop(&assoc->timer);
	sctp_send_queues_free(core, assoc, false);
	sctp_reass_free(core, assoc);
	sctp_received_free(core, assoc);
	sctp_tsn_map_free(core, &assoc->tsn_map);
	sctp_streams_free(core, assoc);
	sctp_notices_free(core, assoc);
	paths_remove(core, assoc);
	sctp_auth_free(core, assoc);
	sctp_reconfig_free(core, assoc);
	sctp_asconf_free(core, assoc);
	rte_pktmbuf_free(assoc->cookie);
	if (assoc->on_flush)
		TAILQ_REMOVE(&core->flush, assoc, flush_next);
	sctp_ports_assoc_remove(core, assoc->local_port);
	assoc->in_use = false;
	slab_give(&core->assocs, assoc);
}
