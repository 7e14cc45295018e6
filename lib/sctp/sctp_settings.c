/* SPDX-License-Identifier: BSD-3-Clause */
/* What associations are set to: RFC 9260 11.1.7 (SETPROTOCOLPARAMETERS), 16. */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

#define TIME_MAX_MS    (24 * 3600 * 1000U)
#define RTO_MAX_MS     (1800 * 1000U) /* twice as many microseconds fit 32 bits */
#define MAXSEG_MIN     64
#define FLOW_LABEL_MAX 0xfffff

static bool
times_are_good(const struct sctp_settings *settings)
{
	/* RFC 9260 6.2: a SACK waits 500 ms at most. */
	return settings->rto_min_ms > 0 && settings->rto_min_ms <= settings->rto_initial_ms &&
		settings->rto_initial_ms <= settings->rto_max_ms &&
		settings->rto_max_ms <= RTO_MAX_MS && settings->init_rto_max_ms <= RTO_MAX_MS &&
		settings->heartbeat_interval_ms <= TIME_MAX_MS && settings->cookie_life_ms > 0 &&
		settings->cookie_life_ms <= SCTP_COOKIE_LIFE_MAX_MS &&
		settings->sack_delay_ms <= 500;
}

int
sctp_settings_check(const struct sctp_settings *settings)
{
	/* RFC 9260 3.3.2: a receiver has room for 1500 bytes at least. */
	if (!times_are_good(settings) || settings->cc == NULL || settings->sack_packets == 0 ||
		settings->assoc_retries == 0 || settings->path_retries == 0 ||
		settings->heartbeats > SCTP_HEARTBEATS_AT_ONCE ||
		settings->flow_label > FLOW_LABEL_MAX || settings->ttl == 0 ||
		settings->out_streams == 0 || settings->out_streams > SCTP_STREAMS_MAX ||
		settings->in_streams == 0 || settings->in_streams > SCTP_STREAMS_MAX ||
		settings->receive_buffer < 1500 || settings->send_buffer == 0 ||
		(settings->maxseg != 0 && settings->maxseg < MAXSEG_MIN) ||
		settings->partial_point > settings->receive_buffer ||
		settings->auth_chunk_count > SCTP_AUTH_CHUNKS_MAX ||
		settings->auth_hmac_count > SCTP_AUTH_HMACS_MAX ||
		!sctp_auth_hmacs_are_good(settings->auth_hmacs, settings->auth_hmac_count) ||
		settings->scheduler >= SCTP_SCHED_COUNT || settings->pr_policy >= SCTP_PR_COUNT)
		return -EINVAL;
	return 0;
}

void
sctp_settings_get(const struct sctp_assoc *assoc, struct sctp_settings *settings)
{
	*settings = assoc->settings;
	settings->out_streams = assoc->out_streams;
	settings->in_streams = assoc->in_streams;
}

/* ---- of a path ---- */

struct sctp_path_settings
sctp_path_settings_of(const struct sctp_settings *settings)
{
	return (struct sctp_path_settings){
		.heartbeat_interval_ms = settings->heartbeat_interval_ms,
		.flow_label = settings->flow_label,
		.heartbeats = settings->heartbeats,
		.retries = settings->path_retries,
		.pf_retries = settings->pf_retries,
		.tos = settings->tos,
	};
}

static void
path_change(struct sctp_core *core, struct sctp_path *path, const struct sctp_path_settings *to)
{
	bool again = to->heartbeats != path->settings.heartbeats ||
		to->heartbeat_interval_ms != path->settings.heartbeat_interval_ms;

	path->settings = *to;
	if (again && path->assoc->state >= SCTP_ESTABLISHED)
		sctp_heartbeat_arm(core, path);
}

/* What is changed of all is changed of each; the rest stays as each has it. */
static void
paths_change(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_settings *before)
{
	const struct sctp_path_settings was = sctp_path_settings_of(before);
	const struct sctp_path_settings is = sctp_path_settings_of(&assoc->settings);

	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path_settings to = assoc->paths[i]->settings;

#define TAKE(field) to.field = is.field != was.field ? is.field : to.field
		TAKE(heartbeat_interval_ms);
		TAKE(flow_label);
		TAKE(heartbeats);
		TAKE(retries);
		TAKE(pf_retries);
		TAKE(tos);
#undef TAKE
		path_change(core, assoc->paths[i], &to);
	}
}

int
sctp_path_settings_get(const struct sctp_assoc *assoc, const struct ip_addr *remote,
	struct sctp_path_settings *settings)
{
	const struct sctp_path *path = sctp_path_find(assoc, remote);

	if (path == NULL)
		return -EINVAL;
	*settings = path->settings;
	return 0;
}

int
sctp_path_settings_set(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct ip_addr *remote, const struct sctp_path_settings *settings)
{
	struct sctp_path *path = sctp_path_find(assoc, remote);

	if (path == NULL || settings->heartbeats > SCTP_HEARTBEATS_AT_ONCE ||
		settings->heartbeat_interval_ms > TIME_MAX_MS || settings->retries == 0 ||
		settings->flow_label > FLOW_LABEL_MAX)
		return -EINVAL;
	path_change(core, path, settings);
	return 0;
}

/* ---- of an association ---- */

/* A fixed one stays as it is, unless it is said what it is. */
static void
pmtu_change(struct sctp_core *core, struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (!assoc->settings.pmtu_fixed || assoc->settings.mtu != 0) {
			sctp_path_mtu_init(core, path);
			cc_mss_set(&path->cc, sctp_path_pmdcs(path));
		}
		sctp_pmtu_begin(core, path);
	}
}

void
sctp_settings_set(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_settings *settings)
{
	struct sctp_settings before = assoc->settings;

	assoc->settings = *settings;
	assoc->settings.out_streams = before.out_streams;
	assoc->settings.in_streams = before.in_streams;
	assoc->settings.cc = before.cc;
	/* What the handshake has said, and keys are made of. */
	assoc->settings.extensions = before.extensions;
	memcpy(assoc->settings.auth_chunks, before.auth_chunks, sizeof(before.auth_chunks));
	assoc->settings.auth_chunk_count = before.auth_chunk_count;
	memcpy(assoc->settings.auth_hmacs, before.auth_hmacs, sizeof(before.auth_hmacs));
	assoc->settings.auth_hmac_count = before.auth_hmac_count;
	if (settings->scheduler != before.scheduler)
		sctp_scheduler_set(core, assoc, settings->scheduler);
	if (settings->interleave != before.interleave)
		sctp_interleave_set(core, assoc, settings->interleave);
	if (settings->mtu != before.mtu || settings->pmtu_fixed != before.pmtu_fixed ||
		settings->pmtu_probing != before.pmtu_probing)
		pmtu_change(core, assoc);
	/* RFC 9260 6.2.1: what a window has promised is kept. */
	assoc->settings.receive_buffer = RTE_MAX(settings->receive_buffer, before.receive_buffer);
	paths_change(core, assoc, &before);
	for (unsigned i = 0; settings->encaps_port != before.encaps_port && i < assoc->path_count;
		i++)
		sctp_encaps_path_set(assoc->paths[i], settings->encaps_port);
	/* RFC 6458 6.1.9: who asks while there is nothing to send is told so. */
	if (settings->notices & ~before.notices & 1U << SCTP_NOTICE_DRY &&
		assoc->state == SCTP_ESTABLISHED && !sctp_has_to_send(assoc))
		sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_DRY });
	sctp_flush_add(core, assoc);
}

void
sctp_listener_settings_set(struct sctp_listener *listener, const struct sctp_settings *settings)
{
	listener->settings = *settings;
}
