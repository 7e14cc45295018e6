/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Paths: a peer's address each. Their states (RFC 9260 5.4, 8.2, RFC 7829), their times (6.3), and
 * which of them is used.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

#include "wire/ip4.h"
#include "wire/ip6.h"

static const char *const state_names[] = {
	[SCTP_PATH_UNCONFIRMED] = "unconfirmed",
	[SCTP_PATH_ACTIVE] = "active",
	[SCTP_PATH_PF] = "potentially failed",
	[SCTP_PATH_INACTIVE] = "inactive",
};

const char *
sctp_path_state_name(enum sctp_path_state state)
{
	return state < RTE_DIM(state_names) ? state_names[state] : "unknown";
}

/* ---- coming and going ---- */

struct sctp_key
sctp_key_of(const struct ip_addr *remote, uint16_t local_port, uint16_t remote_port, uint8_t vrf,
	uint16_t iface)
{
	struct sctp_key key = {
		.local_port = local_port,
		.remote_port = remote_port,
		.iface = ip_addr_is_link_local(remote) && remote->family == IP_FAMILY_6
			? iface
			: PKT_IFACE_NONE,
		.vrf = vrf,
		.family = remote->family,
	};

	memcpy(key.remote, remote->bytes, sizeof(key.remote));
	return key;
}

static bool
local_serves(const struct sctp_assoc *assoc, unsigned index, uint8_t family)
{
	return assoc->locals[index].family == family && !(assoc->locals_unused >> index & 1);
}

/* The one that routes say: answers to it come by the link that leads there, and no other has to be up. */
static const struct ip_addr *
local_by_route(const struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct ip_addr *remote, uint16_t iface)
{
	struct ip_addr source;

	if (core->config.path_source == NULL ||
		!core->config.path_source(
			core->config.path_arg, remote, assoc->vrf, iface, &source))
		return NULL;
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (local_serves(assoc, i, remote->family) &&
			ip_addr_equal(&assoc->locals[i], &source))
			return &assoc->locals[i];
	}
	return NULL;
}

/* Else the n-th path of a family is from the n-th address: so different links are used, if there are. */
const struct ip_addr *
sctp_path_local(const struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct ip_addr *remote, uint16_t iface)
{
	const struct ip_addr *by_route = local_by_route(core, assoc, remote, iface);
	const uint8_t family = remote->family;
	unsigned count = 0, before = 0;

	if (by_route != NULL)
		return by_route;
	for (unsigned i = 0; i < assoc->local_count; i++)
		count += local_serves(assoc, i, family);
	if (count == 0)
		return NULL;
	for (unsigned i = 0; i < assoc->path_count; i++)
		before += assoc->paths[i]->remote.family == family;
	before %= count;
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (local_serves(assoc, i, family) && before-- == 0)
			return &assoc->locals[i];
	}
	return NULL;
}

uint32_t
sctp_path_headers(const struct sctp_path *path)
{
	return (path->remote.family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH) +
		sctp_encaps_length(path->encaps_port) + SCTP_HDR_LENGTH;
}

uint32_t
sctp_path_pmdcs(const struct sctp_path *path)
{
	/* What is sent before it is known whether I-DATA was agreed has to fit all the same. */
	bool interleaved = (path->assoc->settings.extensions & SCTP_EXT_I_DATA) != 0;

	return (path->mtu - sctp_path_headers(path) - sctp_auth_space(path->assoc) -
		       (interleaved ? SCTP_I_DATA_HDR_LENGTH : SCTP_DATA_HDR_LENGTH)) &
		~3U;
}

uint32_t
sctp_path_mtu_max(const struct sctp_core *core)
{
	/* A packet is one buffer. */
	return (rte_pktmbuf_data_room_size(core->config.pool) - RTE_PKTMBUF_HEADROOM) & ~3U;
}

static uint32_t
mtu_known(const struct sctp_core *core, const struct sctp_path *path)
{
	const struct sctp_assoc *assoc = path->assoc;

	if (assoc->settings.mtu != 0)
		return assoc->settings.mtu;
	if (core->config.path_mtu == NULL)
		return 1500;
	return core->config.path_mtu(core->config.path_arg, &path->remote, assoc->vrf, path->iface);
}

void
sctp_path_mtu_init(const struct sctp_core *core, struct sctp_path *path)
{
	path->mtu = (uint16_t)RTE_MIN(
		RTE_MAX(mtu_known(core, path), sctp_pmtu_min(path)), sctp_path_mtu_max(core));
}

void
sctp_path_reset(struct sctp_path *path)
{
	const struct sctp_settings *settings = &path->assoc->settings;
	uint32_t pmdcs = sctp_path_pmdcs(path);
	/* RFC 9260 7.2.1: L SHOULD be 1; its slow start is RFC 5681's. */
	const struct cc_config config = { .mss_bytes = pmdcs,
		.initial_window_bytes = RTE_MIN(4 * pmdcs, RTE_MAX(2 * pmdcs, 4404U)),
		.no_abe = true,
		.one_at_a_time = true,
		.no_hystart = strcmp(settings->cc->name, "newreno") == 0 };

	cc_init(&path->cc, settings->cc, &config);
	path->state = SCTP_PATH_UNCONFIRMED;
	path->errors = 0;
	path->flight = 0;
	path->srtt_us = path->rttvar_us = 0;
	path->rtt_tsn = path->assoc->next_tsn;
	path->rto_us = settings->rto_initial_ms * 1000;
	path->heartbeat_out = path->heartbeat_wanted = false;
	path->cwnd_limited = path->timed_out = path->unsent = false;
	path->pmtu = (struct sctp_pmtu){ .state = SCTP_PMTU_DISABLED };
	memset(path->due_ns, 0, sizeof(path->due_ns));
}

/* Each association has its first path. */
static bool
may_take_path(const struct sctp_core *core, const struct sctp_assoc *assoc)
{
	uint32_t kept = RTE_MIN(core->assocs.max - core->assocs.used, core->paths.max / 2);

	return assoc->path_count == 0 || core->paths.max - core->paths.used > kept;
}

int
sctp_path_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote,
	uint16_t iface, struct sctp_path **result)
{
	const struct ip_addr *local = sctp_path_local(core, assoc, remote, iface);
	struct sctp_key key =
		sctp_key_of(remote, assoc->local_port, assoc->remote_port, assoc->vrf, iface);
	uint32_t hash = sctp_table_hash(&core->table, &key);
	struct sctp_path *path;

	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (sctp_assoc_lookup(core, &key, hash, &assoc->locals[i], &path) != NULL)
			return -EADDRINUSE;
	}
	if (local == NULL)
		return -EINVAL;
	if (assoc->path_count == SCTP_ADDRS_MAX || !may_take_path(core, assoc) ||
		(path = slab_take(&core->paths)) == NULL)
		return -ENOBUFS;
	/* But for its link, which other workers may be looking at. */
	path->node.key = key;
	path->node.hash = hash;
	memset(&path->node + 1, 0, sizeof(*path) - sizeof(path->node));
	path->assoc = assoc;
	path->remote = *remote;
	path->local = *local;
	path->iface = key.iface;
	path->settings = sctp_path_settings_of(&assoc->settings);
	path->encaps_port = assoc->settings.encaps_port;
	sctp_path_mtu_init(core, path);
	sctp_path_reset(path);
	sctp_table_insert(&core->table, &path->node);
	assoc->paths[assoc->path_count++] = path;
	if (result != NULL)
		*result = path;
	return 0;
}

void
sctp_path_remove(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_assoc *assoc = path->assoc;
	unsigned at = 0;

	if (assoc->paths_wanted)
		sctp_path_unwant(core, assoc, path);
	while (assoc->paths[at] != path)
		at++;
	for (assoc->path_count--; at < assoc->path_count; at++)
		assoc->paths[at] = assoc->paths[at + 1];
	sctp_table_remove(&core->table, &path->node);
	slab_give(&core->paths, path);
}

struct sctp_path *
sctp_path_find(const struct sctp_assoc *assoc, const struct ip_addr *remote)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		if (ip_addr_equal(&assoc->paths[i]->remote, remote))
			return assoc->paths[i];
	}
	return NULL;
}

/* ---- states ---- */

static void
state_set(struct sctp_core *core, struct sctp_path *path, enum sctp_path_state state)
{
	const enum sctp_path_state was = (enum sctp_path_state)path->state;

	if (was == state)
		return;
	path->state = (uint8_t)state;
	if (state == SCTP_PATH_ACTIVE)
		sctp_pmtu_resume(core, path);
	else
		sctp_pmtu_pause(path);
	if (state == SCTP_PATH_INACTIVE)
		sctp_count(core, SCTP_STAT_path_failures);
	if (state == SCTP_PATH_PF)
		sctp_count(core, SCTP_STAT_path_pf);
	sctp_notice_add(core, path->assoc,
		&(struct sctp_notice){ .type = SCTP_NOTICE_PATH,
			.path_state = state,
			.path_was = was,
			.addr = path->remote });
	sctp_flush_add(core, path->assoc);
}

void
sctp_path_confirm(struct sctp_core *core, struct sctp_path *path)
{
	if (path->state != SCTP_PATH_UNCONFIRMED || path->silent)
		return;
	state_set(core, path, SCTP_PATH_ACTIVE);
	sctp_path_primary_take(core, path);
}

void
sctp_path_alive(struct sctp_core *core, struct sctp_path *path)
{
	path->assoc->errors = 0;
	path->errors = 0;
	if (path->state == SCTP_PATH_PF || path->state == SCTP_PATH_INACTIVE)
		state_set(core, path, SCTP_PATH_ACTIVE);
}

/* @param of_assoc the association's error counts, too */
static bool
path_error(struct sctp_core *core, struct sctp_path *path, bool of_assoc)
{
	struct sctp_assoc *assoc = path->assoc;

	if (path->errors < UINT8_MAX)
		path->errors++;
	/* RFC 9260 8.1: a path that nothing is sent on says nothing of the association. */
	if (of_assoc && path->state != SCTP_PATH_UNCONFIRMED)
		assoc->errors++;
	if (assoc->errors > assoc->settings.assoc_retries) {
		/* What is sent may arrive all the same: a peer that hears of it does not wait for nothing. */
		assoc->error = ETIMEDOUT;
		sctp_abort_with(core, assoc, SCTP_CAUSE_NONE, NULL, 0);
		return false;
	}
	if (path->state == SCTP_PATH_UNCONFIRMED)
		return true;
	if (path->errors > path->settings.retries)
		state_set(core, path, SCTP_PATH_INACTIVE);
	else if (path->errors > path->settings.pf_retries)
		state_set(core, path, SCTP_PATH_PF);
	/* RFC 7829 4.2 (4): it is probed at once, and then at each RTO. */
	if (path->state == SCTP_PATH_PF && !path->heartbeat_out) {
		path->heartbeat_wanted = true;
		sctp_flush_add(core, assoc);
	}
	return true;
}

bool
sctp_path_error(struct sctp_core *core, struct sctp_path *path, bool counts)
{
	return !counts || path_error(core, path, true);
}

bool
sctp_path_heartbeat_error(struct sctp_core *core, struct sctp_path *path)
{
	/* RFC 9260 8.1: as long as data takes another one, the peer may well be there. */
	return path_error(core, path, path == sctp_path_for_data(path->assoc));
}

/* ---- choice ---- */

/* Better ones first; of potentially failed ones those with fewer errors: RFC 7829 4.2 (2). */
static unsigned
rank(const struct sctp_path *path)
{
	switch ((enum sctp_path_state)path->state) {
	case SCTP_PATH_ACTIVE: return 0;
	case SCTP_PATH_PF: return 1U + path->errors;
	case SCTP_PATH_INACTIVE: return 1000;
	case SCTP_PATH_UNCONFIRMED: return 2000;
	}
	return 3000;
}

struct sctp_path *
sctp_path_for_data(struct sctp_assoc *assoc)
{
	struct sctp_path *best = assoc->primary;

	for (unsigned i = 0; i < assoc->path_count; i++) {
		if (rank(assoc->paths[i]) < rank(best))
			best = assoc->paths[i];
	}
	return best;
}

struct sctp_path *
sctp_path_alternate(struct sctp_assoc *assoc, const struct sctp_path *other)
{
	struct sctp_path *best = NULL;

	/* RFC 9260 6.4.1: another one, as long as that has not failed. */
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (path != other && rank(path) < 1000 && (best == NULL || rank(path) < rank(best)))
			best = path;
	}
	return best != NULL ? best : sctp_path_for_data(assoc);
}

/* ---- what is known of it ---- */

static void
rto_bound(struct sctp_path *path, uint64_t rto_us)
{
	const struct sctp_settings *settings = &path->assoc->settings;

	/* RFC 9260 6.3.1, C6 and C7 */
	rto_us = RTE_MAX(rto_us, settings->rto_min_ms * 1000ULL);
	path->rto_us = (uint32_t)RTE_MIN(rto_us, settings->rto_max_ms * 1000ULL);
}

void
sctp_rtt_sample(struct sctp_path *path, uint64_t rtt_ns)
{
	uint32_t rtt_us = (uint32_t)RTE_MIN(RTE_MAX(rtt_ns / 1000, 1ULL), 120000000ULL);

	if (path->srtt_us == 0) {
		/* C2 */
		path->srtt_us = rtt_us;
		path->rttvar_us = rtt_us / 2;
	} else {
		uint32_t error =
			rtt_us > path->srtt_us ? rtt_us - path->srtt_us : path->srtt_us - rtt_us;

		/* C3: alpha 1/8, beta 1/4; the variation first. */
		path->rttvar_us = (uint32_t)((3ULL * path->rttvar_us + error) / 4);
		path->srtt_us = (uint32_t)RTE_MAX((7ULL * path->srtt_us + rtt_us) / 8, 1ULL);
	}
	/* C5 of 6.3.1: the clock's granularity, of which a tick of the wheel is a part. */
	rto_bound(path, path->srtt_us + RTE_MAX(4ULL * path->rttvar_us, 1000ULL));
}

void
sctp_rto_backoff(struct sctp_path *path)
{
	rto_bound(path, 2ULL * path->rto_us);
}
