/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Path MTUs by probing: RFC 8899, by its names. A probe is a HEARTBEAT and a PAD chunk (6.2.1): its
 * answer says that packets of its size arrive; without one nothing else is concluded than that such
 * packets do not. The mtu of a path is its PLPMTU; sizes are those of IP packets, as ICMP has them.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

#include "wire/ip4.h"
#include "wire/ip6.h"

#define BASE_PLPMTU         1200U /* of SCTP: 5.1.2 */
#define MIN4                512U /* what is less is not believed */
#define MAX_PROBES          3
#define RAISE_TIMER_NS      (600 * UINT64_C(1000000000))
#define PROBE_TIMER_MIN_US  1000000U
#define ERROR_TIMER_NS      (15 * UINT64_C(1000000000)) /* 5.1.1: a PROBE_TIMER as it should be */
#define BLACK_HOLE_TIMEOUTS 2
#define SEARCH_STEP         16U /* bytes that are worth no probe */

static const char *const state_names[SCTP_PMTU_STATE_COUNT] = {
	[SCTP_PMTU_DISABLED] = "disabled",
	[SCTP_PMTU_BASE] = "base",
	[SCTP_PMTU_SEARCHING] = "searching",
	[SCTP_PMTU_COMPLETE] = "search complete",
	[SCTP_PMTU_ERROR] = "error",
};

const char *
sctp_pmtu_state_name(enum sctp_pmtu_state state)
{
	return state < SCTP_PMTU_STATE_COUNT ? state_names[state] : "unknown";
}

/* ---- sizes ---- */

/* Of IP's header, and of UDP's where it is encapsulated. */
static uint32_t
lower_length(const struct sctp_path *path)
{
	return (path->remote.family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH) +
		sctp_encaps_length(path->encaps_port);
}

uint32_t
sctp_pmtu_min(const struct sctp_path *path)
{
	return path->remote.family == IP_FAMILY_4 ? MIN4 : IP6_MTU_MIN;
}

static uint16_t
base_of(const struct sctp_path *path)
{
	uint32_t base = RTE_MAX(BASE_PLPMTU + lower_length(path), sctp_pmtu_min(path));

	return (uint16_t)RTE_MIN(base, (uint32_t)path->pmtu.max);
}

/* Bytes of user data that packets of BASE_PLPMTU have room for, or a little more. */
static uint32_t
base_data(const struct sctp_path *path)
{
	return (uint32_t)base_of(path) - lower_length(path) - SCTP_HDR_LENGTH -
		SCTP_DATA_HDR_LENGTH;
}

/* MAX_PLPMTU: what the link carries, and a packet buffer. */
static uint16_t
max_of(const struct sctp_core *core, const struct sctp_path *path)
{
	const struct sctp_assoc *assoc = path->assoc;
	uint32_t max = path->mtu;

	if (assoc->settings.mtu != 0)
		max = assoc->settings.mtu;
	else if (core->config.link_mtu != NULL)
		max = core->config.link_mtu(
			core->config.path_arg, &path->remote, assoc->vrf, path->iface);
	return (uint16_t)RTE_MAX(RTE_MIN(max, sctp_path_mtu_max(core)) & ~3U, sctp_pmtu_min(path));
}

/* What links and tunnels have: a search that knows them is a short one. */
static const uint16_t common_sizes[] = {
	1280, /* IPv6 at least */
	1400,
	1420, /* WireGuard */
	1448, /* VXLAN */
	1476, /* GRE */
	1480, /* an IP header in front */
	1492, /* PPPoE */
	1500,
	4352, /* FDDI */
	9000,
};

/* @return the next size to be tried: larger than is known to arrive; 0: there is none worth it */
static uint16_t
candidate(const struct sctp_path *path)
{
	uint32_t low = path->mtu, max = path->pmtu.max;
	unsigned from = 0, to = RTE_DIM(common_sizes);

	while (from < to && common_sizes[from] <= low)
		from++;
	while (to > from && common_sizes[to - 1] > max)
		to--;
	if (from < to)
		return common_sizes[(from + to) / 2];
	if (low + SEARCH_STEP > max)
		return 0;
	return (uint16_t)((low + max + 4) / 2 & ~3U);
}

/* ---- states: 5.2 ---- */

static bool
may_probe(const struct sctp_path *path)
{
	return path->pmtu.state != SCTP_PMTU_DISABLED && path->state == SCTP_PATH_ACTIVE &&
		sctp_heartbeats_may(path->assoc);
}

static void
probe(struct sctp_core *core, struct sctp_path *path, uint16_t size)
{
	path->pmtu.probed = size;
	path->pmtu.nonce = 0; /* of another size it says nothing */
	path->pmtu.count = 0;
	path->pmtu.wanted = true;
	sctp_flush_add(core, path->assoc);
}

static void
plpmtu_set(struct sctp_path *path, uint16_t mtu)
{
	path->mtu = mtu;
	cc_mss_set(&path->cc, sctp_path_pmdcs(path));
}

static void
complete(struct sctp_core *core, struct sctp_path *path)
{
	path->pmtu.state = SCTP_PMTU_COMPLETE;
	path->pmtu.probed = 0;
	path->pmtu.wanted = false;
	sctp_path_timer_set(core, path, SCTP_PATH_PMTU, core->now_ns + RAISE_TIMER_NS);
}

static void
search(struct sctp_core *core, struct sctp_path *path, uint16_t size)
{
	if (size == 0 || path->mtu >= path->pmtu.max) {
		complete(core, path);
		return;
	}
	path->pmtu.state = SCTP_PMTU_SEARCHING;
	probe(core, path, size);
}

/* To what nearly every path carries, and from there on anew. */
static void
base(struct sctp_core *core, struct sctp_path *path)
{
	path->pmtu.state = SCTP_PMTU_BASE;
	path->pmtu.timeouts = 0;
	plpmtu_set(path, base_of(path));
	probe(core, path, path->mtu);
}

static void
error(struct sctp_core *core, struct sctp_path *path, uint16_t mtu)
{
	path->pmtu.state = SCTP_PMTU_ERROR;
	plpmtu_set(path, mtu);
	probe(core, path, base_of(path));
	path->pmtu.wanted = false;
	sctp_path_timer_set(core, path, SCTP_PATH_PMTU, core->now_ns + ERROR_TIMER_NS);
}

void
sctp_pmtu_pause(struct sctp_path *path)
{
	path->pmtu.probed = 0;
	path->pmtu.wanted = false;
	sctp_path_timer_clear(path, SCTP_PATH_PMTU);
}

void
sctp_pmtu_begin(struct sctp_core *core, struct sctp_path *path)
{
	const struct sctp_settings *settings = &path->assoc->settings;

	sctp_pmtu_pause(path);
	path->pmtu.state = SCTP_PMTU_DISABLED;
	if (!settings->pmtu_probing || settings->pmtu_fixed)
		return;
	path->pmtu.max = max_of(core, path);
	base(core, path);
}

void
sctp_pmtu_resume(struct sctp_core *core, struct sctp_path *path)
{
	if (path->pmtu.state == SCTP_PMTU_SEARCHING || path->pmtu.state == SCTP_PMTU_COMPLETE) {
		path->pmtu.state = SCTP_PMTU_SEARCHING;
		probe(core, path, path->mtu);
		return;
	}
	sctp_pmtu_begin(core, path);
}

/* ---- probes ---- */

static void
probe_failed(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_pmtu *pmtu = &path->pmtu;

	sctp_count(core, SCTP_STAT_pmtu_probes_lost);
	if (++pmtu->count < MAX_PROBES) {
		pmtu->wanted = true;
		sctp_flush_add(core, path->assoc);
	} else if (pmtu->state == SCTP_PMTU_BASE) {
		error(core, path, (uint16_t)sctp_pmtu_min(path));
	} else if (pmtu->probed <= path->mtu) {
		/* 4.3: what was known to arrive does not any more. */
		sctp_count(core, SCTP_STAT_pmtu_black_holes);
		base(core, path);
	} else {
		pmtu->max = pmtu->probed - 4;
		search(core, path, candidate(path));
	}
}

void
sctp_pmtu_strike(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_pmtu *pmtu = &path->pmtu;

	if (!may_probe(path)) {
		sctp_pmtu_pause(path);
		return;
	}
	switch ((enum sctp_pmtu_state)pmtu->state) {
	case SCTP_PMTU_COMPLETE:
		/* PMTU_RAISE_TIMER: other links may be there by now. */
		pmtu->max = max_of(core, path);
		search(core, path, pmtu->max);
		break;
	case SCTP_PMTU_ERROR: probe(core, path, base_of(path)); break;
	default:
		if (pmtu->probed != 0 && !pmtu->wanted)
			probe_failed(core, path);
		break;
	}
}

/* 6.2.1: one packet of just that size, which nobody cuts. @return false: it could not be sent */
static bool
probe_send(struct sctp_core *core, struct sctp_path *path, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = path->assoc;
	struct sctp_pmtu *pmtu = &path->pmtu;
	uint32_t room = pmtu->probed - lower_length(path) - SCTP_HDR_LENGTH, place;
	struct sctp_build build;

	if (sctp_auth_protects(assoc, SCTP_HEARTBEAT) || sctp_auth_protects(assoc, SCTP_PAD))
		room -= sctp_auth_space(assoc);
	if (!sctp_build_begin(core, assoc, path, out, &build))
		return false;
	sctp_build_enlarge(&build, room);
	build.may_be_cut = false;
	build.probe = true;
	pmtu->nonce = sctp_draw(core);
	sctp_heartbeat_put(core, path, &build.writer, pmtu->nonce);
	/* RFC 4820 3: zeros. */
	place = sctp_chunk_begin(&build.writer, SCTP_PAD, 0);
	if (room > build.writer.used) {
		memset(build.writer.data + build.writer.used, 0, room - build.writer.used);
		build.writer.used = room;
	}
	sctp_chunk_end(&build.writer, place);
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
	sctp_count(core, SCTP_STAT_pmtu_probes);
	pmtu->wanted = false;
	/* PROBE_TIMER: 5.1.1 has it derived from the round trip. */
	sctp_path_timer_set(core, path, SCTP_PATH_PMTU,
		core->now_ns +
			(pmtu->state == SCTP_PMTU_ERROR
					? ERROR_TIMER_NS
					: RTE_MAX(path->rto_us, PROBE_TIMER_MIN_US) * 1000ULL));
	return true;
}

bool
sctp_pmtu_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (!path->pmtu.wanted)
			continue;
		if (!may_probe(path))
			path->pmtu.wanted = false;
		else if (!probe_send(core, path, out))
			return false;
	}
	return true;
}

/* ---- what is heard ---- */

bool
sctp_pmtu_ack_input(struct sctp_core *core, struct sctp_path *path, uint64_t nonce)
{
	struct sctp_pmtu *pmtu = &path->pmtu;
	uint16_t probed = pmtu->probed;

	if (probed == 0 || nonce == 0 || nonce != pmtu->nonce)
		return false;
	pmtu->nonce = 0;
	if (probed > path->mtu)
		plpmtu_set(path, probed);
	/* The largest first: mostly there is nothing to search for. */
	if (pmtu->state == SCTP_PMTU_SEARCHING && probed > base_of(path))
		search(core, path, candidate(path));
	else
		search(core, path, pmtu->max);
	return true;
}

void
sctp_pmtu_too_big(struct sctp_core *core, struct sctp_path *path, uint32_t mtu)
{
	struct sctp_pmtu *pmtu = &path->pmtu;
	const uint16_t size = (uint16_t)(RTE_MIN(mtu, (uint32_t)UINT16_MAX) & ~3U);

	if (path->assoc->settings.pmtu_fixed || mtu < sctp_pmtu_min(path))
		return;
	if (pmtu->state == SCTP_PMTU_DISABLED) {
		if (size < path->mtu)
			plpmtu_set(path, size);
		return;
	}
	/* 4.6.2: larger than all that was sent says nothing, or lies. */
	if (size >= RTE_MAX(path->mtu, pmtu->probed) || size >= pmtu->max)
		return;
	pmtu->max = size;
	if (size < RTE_MAX(BASE_PLPMTU + lower_length(path), sctp_pmtu_min(path)))
		error(core, path, size);
	else if (size < path->mtu)
		base(core, path);
	else
		search(core, path, size);
}

void
sctp_pmtu_timed_out(struct sctp_core *core, struct sctp_path *path, uint32_t lost)
{
	struct sctp_pmtu *pmtu = &path->pmtu;

	if (pmtu->state == SCTP_PMTU_DISABLED || path->mtu <= base_of(path) ||
		lost <= base_data(path) || ++pmtu->timeouts < BLACK_HOLE_TIMEOUTS)
		return;
	sctp_count(core, SCTP_STAT_pmtu_black_holes);
	base(core, path);
}

void
sctp_pmtu_acked(struct sctp_path *path, uint32_t acked)
{
	if (unlikely(path->pmtu.timeouts > 0) && acked > base_data(path))
		path->pmtu.timeouts = 0;
}
