/* SPDX-License-Identifier: BSD-3-Clause */
/* Options about paths: RFC 6458 8.1.9, 8.1.12, 8.3.1, RFC 7829 7.2. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

#define MTU_MIN        512
#define SACK_DELAY_MAX 500 /* RFC 9260 6.2 */

/* ---- whose path it is ---- */

/* An address that is given, and belongs to whom the id means. @return false: all are meant */
static bool
path_is_meant(struct embed_option_call *call, const void *sockaddr, struct ip_addr *addr)
{
	uint16_t port;

	if (!embed_sockaddr_parse(sockaddr, addr, &port))
		return false;
	/* RFC 6458 8.1.12: without an id the address says whose it is. */
	if (sock_proto(call->sock) == SOCK_SCTP_MANY && call->assoc == SOCK_SCTP_FUTURE)
		call->assoc = sock_sctp_assoc_with(
			call->sock, &(struct sock_addr){ *addr, port, PKT_IFACE_NONE });
	return true;
}

struct path_call {
	const struct ip_addr *addr;
	struct sctp_path_settings settings;
};

static int
path_get(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	struct path_call *path = arg;

	(void)core;
	return sctp_path_settings_get(assoc, path->addr, &path->settings);
}

static int
path_put(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct path_call *path = arg;

	return sctp_path_settings_set(core, assoc, path->addr, &path->settings);
}

/* What is set of all paths is set of each: also of those that were set by themselves. */
struct every_call {
	int (*apply)(const void *params, struct sctp_path_settings *path);
	const void *params;
};

static int
paths_put(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct every_call *every = arg;
	struct sctp_path_settings path;
	struct sctp_path_info info;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && sctp_path_info(assoc, i, &info); i++) {
		rc = sctp_path_settings_get(assoc, &info.remote, &path);
		if (rc == 0)
			rc = every->apply(every->params, &path);
		if (rc == 0)
			rc = sctp_path_settings_set(core, assoc, &info.remote, &path);
	}
	return rc;
}

/* @param change what is to come, and what a path is added with */
static int
every_path_set(struct embed_option_call *call, sock_sctp_change_fn *change, struct every_call every)
{
	int rc = sock_sctp_settings_change(call->sock, call->assoc, change, call->value);

	if (rc == 0)
		rc = sock_sctp_each(call->sock, call->assoc, paths_put, &every);
	return rc == -ENOTCONN ? 0 : rc;
}

/* ---- SCTP_PEER_ADDR_PARAMS ---- */

static bool
both(uint32_t flags, uint32_t a, uint32_t b)
{
	return (flags & a) != 0 && (flags & b) != 0;
}

/* RFC 6458 8.1.12: of two that exclude each other there is one. */
static bool
params_are_good(const struct spate_sctp_paddrparams *params)
{
	const uint32_t flags = params->spp_flags;
	const uint32_t known = SPATE_SPP_HB_ENABLE | SPATE_SPP_HB_DISABLE | SPATE_SPP_HB_DEMAND |
		SPATE_SPP_PMTUD_ENABLE | SPATE_SPP_PMTUD_DISABLE | SPATE_SPP_SACKDELAY_ENABLE |
		SPATE_SPP_SACKDELAY_DISABLE | SPATE_SPP_HB_TIME_IS_ZERO | SPATE_SPP_IPV6_FLOWLABEL |
		SPATE_SPP_DSCP;

	return (flags & ~known) == 0 && !both(flags, SPATE_SPP_HB_ENABLE, SPATE_SPP_HB_DISABLE) &&
		!both(flags, SPATE_SPP_PMTUD_ENABLE, SPATE_SPP_PMTUD_DISABLE) &&
		!both(flags, SPATE_SPP_SACKDELAY_ENABLE, SPATE_SPP_SACKDELAY_DISABLE) &&
		params->spp_sackdelay <= SACK_DELAY_MAX &&
		(params->spp_pathmtu == 0 || params->spp_pathmtu >= MTU_MIN) &&
		params->spp_pathmtu <= UINT16_MAX && params->spp_pathmaxrxt <= UINT8_MAX;
}

static int
params_apply(const void *value, struct sctp_path_settings *path)
{
	const struct spate_sctp_paddrparams *params = value;
	const uint32_t flags = params->spp_flags;

	if ((flags & SPATE_SPP_HB_DISABLE) != 0)
		path->heartbeats = SCTP_HEARTBEATS_OFF;
	if ((flags & SPATE_SPP_HB_ENABLE) != 0) {
		path->heartbeats = SCTP_HEARTBEATS_BY_INTERVAL;
		embed_keep_or_set32(&path->heartbeat_interval_ms, params->spp_hbinterval);
	}
	if ((flags & SPATE_SPP_HB_TIME_IS_ZERO) != 0 && (flags & SPATE_SPP_HB_DISABLE) == 0)
		path->heartbeats = SCTP_HEARTBEATS_AT_ONCE;
	if ((flags & SPATE_SPP_IPV6_FLOWLABEL) != 0)
		path->flow_label = params->spp_ipv6_flowlabel;
	/* RFC 3168 5: the other two bits are ECN's. */
	if ((flags & SPATE_SPP_DSCP) != 0)
		path->tos = params->spp_dscp & 0xfc;
	return embed_keep_or_set8(&path->retries, params->spp_pathmaxrxt);
}

static void
path_into(const struct sctp_path_settings *path, struct sctp_settings *settings)
{
	settings->heartbeat_interval_ms = path->heartbeat_interval_ms;
	settings->flow_label = path->flow_label;
	settings->heartbeats = path->heartbeats;
	settings->path_retries = path->retries;
	settings->pf_retries = path->pf_retries;
	settings->tos = path->tos;
}

/* RFC 6458 8.1.12: the value is of those MTUs that are not found out. */
static void
pmtud_apply(const struct spate_sctp_paddrparams *params, struct sctp_settings *settings)
{
	if ((params->spp_flags & SPATE_SPP_PMTUD_ENABLE) != 0) {
		if (settings->pmtu_fixed)
			settings->mtu = 0;
		settings->pmtu_fixed = false;
	}
	if ((params->spp_flags & SPATE_SPP_PMTUD_DISABLE) != 0) {
		settings->pmtu_fixed = true;
		embed_keep_or_set32(&settings->mtu, params->spp_pathmtu);
	}
}

/* Delays of acknowledgments, and how MTUs are known, are the association's. */
static int
common_change(struct sctp_settings *settings, void *arg)
{
	const struct spate_sctp_paddrparams *params = arg;

	pmtud_apply(params, settings);
	if ((params->spp_flags & SPATE_SPP_SACKDELAY_DISABLE) != 0)
		settings->sack_delay_ms = 0;
	if ((params->spp_flags & SPATE_SPP_SACKDELAY_ENABLE) != 0)
		embed_keep_or_set32(&settings->sack_delay_ms, params->spp_sackdelay);
	return 0;
}

static int
params_change(struct sctp_settings *settings, void *arg)
{
	struct sctp_path_settings path = sctp_path_settings_of(settings);
	int rc = params_apply(arg, &path);

	if (rc == 0)
		path_into(&path, settings);
	return rc == 0 ? common_change(settings, arg) : rc;
}

static int
heartbeat_all(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	struct sctp_path_info path;
	int rc = 0;

	(void)arg;
	for (unsigned i = 0; rc == 0 && sctp_path_info(assoc, i, &path); i++)
		rc = sctp_heartbeat(core, assoc, &path.remote);
	return rc;
}

/* RFC 6458 8.1.12: of an association, or of a path of its. */
static int
demand(struct embed_option_call *call, const struct ip_addr *addr)
{
	if (addr != NULL)
		return sock_sctp_heartbeat(call->sock, call->assoc, addr);
	return sock_sctp_one(call->sock, call->assoc, heartbeat_all, NULL);
}

static int
paddrparams_set(struct embed_option_call *call)
{
	struct spate_sctp_paddrparams *params = call->value;
	struct path_call path = { .addr = NULL };
	struct ip_addr addr;
	int rc;

	if (!params_are_good(params))
		return -EINVAL;
	if (path_is_meant(call, &params->spp_address, &addr))
		path.addr = &addr;
	if ((params->spp_flags & SPATE_SPP_HB_DEMAND) != 0) {
		rc = demand(call, path.addr);
		if (rc < 0)
			return rc == -ENOTCONN ? -EINVAL : rc;
	}
	if (path.addr == NULL)
		return every_path_set(
			call, params_change, (struct every_call){ params_apply, params });
	rc = sock_sctp_one(call->sock, call->assoc, path_get, &path) < 0 ? -EINVAL : 0;
	if (rc == 0)
		rc = params_apply(params, &path.settings);
	if (rc == 0)
		rc = sock_sctp_one(call->sock, call->assoc, path_put, &path);
	return rc == 0 ? sock_sctp_settings_change(call->sock, call->assoc, common_change, params)
		       : rc;
}

/* What holds for the path that is named, or for all. @return 0 or -errno */
static int
settings_read(struct embed_option_call *call, const void *sockaddr, struct sctp_path_settings *out)
{
	struct ip_addr addr;
	struct path_call path = { .addr = &addr };
	int rc;

	if (path_is_meant(call, sockaddr, &addr)) {
		rc = sock_sctp_one(call->sock, call->assoc, path_get, &path);
		if (rc < 0)
			return -EINVAL;
	}
	rc = sock_sctp_settings_get(call->sock, call->assoc, &call->settings);
	*out = path.settings.retries != 0 ? path.settings : sctp_path_settings_of(&call->settings);
	return rc;
}

static int
paddrparams_get(struct embed_option_call *call)
{
	struct spate_sctp_paddrparams *params = call->value;
	struct sctp_path_settings path;
	struct sctp_path_info info;
	struct ip_addr addr;
	uint16_t port;
	bool one = embed_sockaddr_parse(&params->spp_address, &addr, &port);
	int rc = settings_read(call, &params->spp_address, &path);
	bool off;

	if (rc < 0)
		return rc;
	off = path.heartbeats == SCTP_HEARTBEATS_OFF ||
		(path.heartbeats == SCTP_HEARTBEATS_BY_INTERVAL && path.heartbeat_interval_ms == 0);
	params->spp_hbinterval =
		path.heartbeats == SCTP_HEARTBEATS_AT_ONCE ? 0 : path.heartbeat_interval_ms;
	params->spp_pathmaxrxt = path.retries;
	params->spp_sackdelay = call->settings.sack_delay_ms;
	params->spp_pathmtu =
		sock_sctp_path_info(call->sock, call->assoc, one ? &addr : NULL, &info) == 0
		? info.mtu
		: call->settings.mtu;
	params->spp_flags = (off ? SPATE_SPP_HB_DISABLE : SPATE_SPP_HB_ENABLE) |
		(call->settings.pmtu_fixed ? SPATE_SPP_PMTUD_DISABLE : SPATE_SPP_PMTUD_ENABLE) |
		(call->settings.sack_delay_ms != 0 ? SPATE_SPP_SACKDELAY_ENABLE
						   : SPATE_SPP_SACKDELAY_DISABLE) |
		SPATE_SPP_DSCP |
		(sock_family(call->sock) == IP_FAMILY_6 ? SPATE_SPP_IPV6_FLOWLABEL : 0);
	params->spp_ipv6_flowlabel = path.flow_label;
	params->spp_dscp = path.tos;
	return 0;
}

/* ---- SCTP_PEER_ADDR_THLDS ---- */

static int
thlds_apply(const void *value, struct sctp_path_settings *path)
{
	const struct spate_sctp_paddrthlds *thlds = value;

	/* What is more is never potentially failed. */
	path->pf_retries = (uint8_t)RTE_MIN(thlds->spt_pathpfthld, UINT8_MAX);
	return embed_keep_or_set8(&path->retries, thlds->spt_pathmaxrxt);
}

static int
thlds_change(struct sctp_settings *settings, void *arg)
{
	struct sctp_path_settings path = sctp_path_settings_of(settings);
	int rc = thlds_apply(arg, &path);

	path_into(&path, settings);
	return rc;
}

static int
thlds_set(struct embed_option_call *call)
{
	struct spate_sctp_paddrthlds *thlds = call->value;
	struct ip_addr addr;
	struct path_call path = { .addr = &addr };
	int rc;

	if (!path_is_meant(call, &thlds->spt_address, &addr))
		return every_path_set(
			call, thlds_change, (struct every_call){ thlds_apply, thlds });
	rc = sock_sctp_one(call->sock, call->assoc, path_get, &path);
	if (rc == 0)
		rc = thlds_apply(thlds, &path.settings);
	return rc == 0 ? sock_sctp_one(call->sock, call->assoc, path_put, &path) : rc;
}

static int
thlds_get(struct embed_option_call *call)
{
	struct spate_sctp_paddrthlds *thlds = call->value;
	struct sctp_path_settings path;
	int rc = settings_read(call, &thlds->spt_address, &path);

	if (rc < 0)
		return rc;
	thlds->spt_pathmaxrxt = path.retries;
	thlds->spt_pathpfthld = path.pf_retries;
	return 0;
}

/* ---- primary addresses ---- */

static int
primary_set(struct embed_option_call *call)
{
	const struct spate_sctp_prim *prim = call->value;
	struct ip_addr addr;
	uint16_t port;

	return embed_sockaddr_parse(&prim->ssp_addr, &addr, &port)
		? sock_sctp_primary_set(call->sock, call->assoc, &addr)
		: -EINVAL;
}

static int
primary_get(struct embed_option_call *call)
{
	struct spate_sctp_prim *prim = call->value;
	struct sctp_path_info path;
	struct sockaddr_storage address;
	struct sctp_info info;
	int rc = sock_sctp_info(call->sock, call->assoc, &info);

	if (rc == 0)
		rc = sock_sctp_path_info(call->sock, call->assoc, NULL, &path);
	if (rc < 0)
		return rc;
	embed_sockaddr_build(
		&path.remote, info.remote_port, call->spate->sockets[call->fd].mapped, &address);
	memcpy(&prim->ssp_addr, &address, sizeof(address));
	return 0;
}

static int
peer_primary_ask(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	return sctp_peer_primary_set(core, assoc, arg);
}

static int
peer_primary_set(struct embed_option_call *call)
{
	const struct spate_sctp_setpeerprim *prim = call->value;
	struct ip_addr addr;
	uint16_t port;

	return embed_sockaddr_parse(&prim->sspp_addr, &addr, &port)
		? sock_sctp_one(call->sock, call->assoc, peer_primary_ask, &addr)
		: -EINVAL;
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_PEER_ADDR_PARAMS, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_paddrparams), 0, paddrparams_set, paddrparams_get },
	{ SPATE_SCTP_PEER_ADDR_THLDS, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_paddrthlds), 0, thlds_set, thlds_get },
	{ SPATE_SCTP_PRIMARY_ADDR, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_prim), 0, primary_set, primary_get },
	{ SPATE_SCTP_SET_PEER_PRIMARY_ADDR, EMBED_OPTION_ASSOC, EMBED_ID_NONE,
		sizeof(struct spate_sctp_setpeerprim), 0, peer_primary_set, NULL },
};

const struct embed_option_table embed_path_options = EMBED_OPTION_TABLE(options);
