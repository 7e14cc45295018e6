/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of RFC 6458 8 that are some fields of an association's settings: read, changed, set again. */
#include <errno.h>

#include "embed/embed_sctp.h"

static inline void
keep_or_set32(uint32_t *field, uint32_t value)
{
	if (value != 0)
		*field = value;
}

static inline int
keep_or_set8(uint8_t *field, uint32_t value)
{
	if (value != 0)
		*field = (uint8_t)value;
	return value <= UINT8_MAX ? 0 : -EINVAL;
}

static int
rtoinfo_set(struct embed_option_call *call)
{
	const struct spate_sctp_rtoinfo *info = call->value;

	keep_or_set32(&call->settings.rto_initial_ms, info->srto_initial);
	keep_or_set32(&call->settings.rto_max_ms, info->srto_max);
	keep_or_set32(&call->settings.rto_min_ms, info->srto_min);
	return 0;
}

static int
rtoinfo_get(struct embed_option_call *call)
{
	struct spate_sctp_rtoinfo *info = call->value;

	info->srto_initial = call->settings.rto_initial_ms;
	info->srto_max = call->settings.rto_max_ms;
	info->srto_min = call->settings.rto_min_ms;
	return 0;
}

static int
associnfo_set(struct embed_option_call *call)
{
	const struct spate_sctp_assocparams *params = call->value;

	keep_or_set32(&call->settings.cookie_life_ms, params->sasoc_cookie_life);
	return keep_or_set8(&call->settings.assoc_retries, params->sasoc_asocmaxrxt);
}

static int
associnfo_get(struct embed_option_call *call)
{
	struct spate_sctp_assocparams *params = call->value;
	struct sctp_info info;

	params->sasoc_asocmaxrxt = call->settings.assoc_retries;
	params->sasoc_cookie_life = call->settings.cookie_life_ms;
	params->sasoc_number_peer_destinations = 0;
	params->sasoc_peer_rwnd = 0;
	params->sasoc_local_rwnd = call->settings.receive_buffer;
	if (sock_sctp_info(call->sock, call->assoc, &info) == 0) {
		params->sasoc_number_peer_destinations = info.path_count;
		params->sasoc_peer_rwnd = info.peer_rwnd;
		params->sasoc_local_rwnd = info.rwnd;
	}
	return 0;
}

static int
initmsg_set(struct embed_option_call *call)
{
	const struct spate_sctp_initmsg *init = call->value;

	if (init->sinit_num_ostreams != 0)
		call->settings.out_streams = init->sinit_num_ostreams;
	if (init->sinit_max_instreams != 0)
		call->settings.in_streams = init->sinit_max_instreams;
	if (init->sinit_max_init_timeo != 0)
		call->settings.rto_max_ms = init->sinit_max_init_timeo;
	return keep_or_set8(&call->settings.init_retries, init->sinit_max_attempts);
}

static int
initmsg_get(struct embed_option_call *call)
{
	const struct sctp_settings *settings = &call->settings;

	*(struct spate_sctp_initmsg *)call->value = (struct spate_sctp_initmsg){
		.sinit_num_ostreams = settings->out_streams,
		.sinit_max_instreams = settings->in_streams,
		.sinit_max_attempts = settings->init_retries,
		.sinit_max_init_timeo =
			(uint16_t)RTE_MIN(settings->rto_max_ms, (uint32_t)UINT16_MAX),
	};
	return 0;
}

static int
fragments_set(struct embed_option_call *call)
{
	call->settings.no_fragments = *(const int *)call->value != 0;
	return 0;
}

static int
fragments_get(struct embed_option_call *call)
{
	*(int *)call->value = call->settings.no_fragments;
	return 0;
}

static int
maxseg_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;

	if (value->assoc_value > UINT16_MAX)
		return -EINVAL;
	call->settings.maxseg = (uint16_t)value->assoc_value;
	return 0;
}

static int
maxseg_get(struct embed_option_call *call)
{
	((struct spate_sctp_assoc_value *)call->value)->assoc_value = call->settings.maxseg;
	return 0;
}

static int
burst_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;

	return keep_or_set8(&call->settings.burst, value->assoc_value);
}

static int
burst_get(struct embed_option_call *call)
{
	((struct spate_sctp_assoc_value *)call->value)->assoc_value = call->settings.burst;
	return 0;
}

static int
sack_set(struct embed_option_call *call)
{
	const struct spate_sctp_sack_info *info = call->value;

	keep_or_set32(&call->settings.sack_delay_ms, info->sack_delay);
	/* RFC 6458 8.1.19: with one packet there is no delay. */
	return keep_or_set8(&call->settings.sack_packets, info->sack_freq);
}

static int
sack_get(struct embed_option_call *call)
{
	struct spate_sctp_sack_info *info = call->value;

	info->sack_delay = call->settings.sack_delay_ms;
	info->sack_freq = call->settings.sack_packets;
	return 0;
}

static int
delivery_point_set(struct embed_option_call *call)
{
	call->settings.partial_point = *(const uint32_t *)call->value;
	return 0;
}

static int
delivery_point_get(struct embed_option_call *call)
{
	*(uint32_t *)call->value = call->settings.partial_point != 0
		? call->settings.partial_point
		: call->settings.receive_buffer / 2;
	return 0;
}

static int
event_set(struct embed_option_call *call)
{
	const struct spate_sctp_event *event = call->value;
	uint32_t notices = embed_notification_notices(event->se_type);

	if (notices == 0)
		return -EINVAL;
	call->settings.notices &= ~notices;
	call->settings.notices |= event->se_on != 0 ? notices : 0;
	return 0;
}

static int
event_get(struct embed_option_call *call)
{
	struct spate_sctp_event *event = call->value;
	uint32_t notices = embed_notification_notices(event->se_type);

	event->se_on = (call->settings.notices & notices) != 0;
	return notices != 0 ? 0 : -EINVAL;
}

/* RFC 6458 8.1.12: one or the other; the value is of those that are not found out. */
static int
pmtud_set(struct sctp_settings *settings, const struct spate_sctp_paddrparams *params)
{
	const uint32_t both = SPATE_SPP_PMTUD_ENABLE | SPATE_SPP_PMTUD_DISABLE;

	switch (params->spp_flags & both) {
	case 0: return 0;
	case SPATE_SPP_PMTUD_ENABLE:
		if (settings->pmtu_fixed)
			settings->mtu = 0;
		settings->pmtu_fixed = false;
		return 0;
	case SPATE_SPP_PMTUD_DISABLE:
		settings->pmtu_fixed = true;
		if (params->spp_pathmtu > UINT16_MAX)
			return -EINVAL;
		keep_or_set32(&settings->mtu, params->spp_pathmtu);
		return 0;
	default: return -EINVAL;
	}
}

static int
paddrparams_set(struct embed_option_call *call)
{
	const struct spate_sctp_paddrparams *params = call->value;
	struct sctp_settings *settings = &call->settings;
	const uint32_t known = SPATE_SPP_HB_ENABLE | SPATE_SPP_HB_DISABLE |
		SPATE_SPP_SACKDELAY_ENABLE | SPATE_SPP_SACKDELAY_DISABLE | SPATE_SPP_PMTUD_ENABLE |
		SPATE_SPP_PMTUD_DISABLE | SPATE_SPP_HB_TIME_IS_ZERO;

	int rc;

	if ((params->spp_flags & ~known) != 0)
		return -EINVAL;
	if ((params->spp_flags & SPATE_SPP_HB_DISABLE) != 0)
		settings->heartbeat_interval_ms = 0;
	if ((params->spp_flags & SPATE_SPP_HB_ENABLE) != 0)
		keep_or_set32(&settings->heartbeat_interval_ms, params->spp_hbinterval);
	if ((params->spp_flags & SPATE_SPP_SACKDELAY_DISABLE) != 0)
		settings->sack_delay_ms = 0;
	if ((params->spp_flags & SPATE_SPP_SACKDELAY_ENABLE) != 0)
		keep_or_set32(&settings->sack_delay_ms, params->spp_sackdelay);
	rc = pmtud_set(settings, params);
	return rc < 0 ? rc : keep_or_set8(&settings->path_retries, params->spp_pathmaxrxt);
}

static int
paddrparams_get(struct embed_option_call *call)
{
	struct spate_sctp_paddrparams *params = call->value;
	const struct sctp_settings *settings = &call->settings;
	struct sctp_path_info path;

	params->spp_hbinterval = settings->heartbeat_interval_ms;
	params->spp_pathmaxrxt = settings->path_retries;
	params->spp_sackdelay = settings->sack_delay_ms;
	params->spp_pathmtu = sock_sctp_path_info(call->sock, call->assoc, NULL, &path) == 0
		? path.mtu
		: settings->mtu;
	params->spp_flags =
		(settings->pmtu_fixed ? SPATE_SPP_PMTUD_DISABLE : SPATE_SPP_PMTUD_ENABLE) |
		(settings->heartbeat_interval_ms != 0 ? SPATE_SPP_HB_ENABLE
						      : SPATE_SPP_HB_DISABLE) |
		(settings->sack_delay_ms != 0 ? SPATE_SPP_SACKDELAY_ENABLE
					      : SPATE_SPP_SACKDELAY_DISABLE);
	params->spp_ipv6_flowlabel = 0;
	params->spp_dscp = settings->tos & 0xfc;
	return 0;
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_RTOINFO, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_rtoinfo), rtoinfo_set,
		rtoinfo_get },
	{ SPATE_SCTP_ASSOCINFO, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_assocparams),
		associnfo_set, associnfo_get },
	{ SPATE_SCTP_INITMSG, EMBED_OPTION_SOCKET_SETTINGS, sizeof(struct spate_sctp_initmsg),
		initmsg_set, initmsg_get },
	{ SPATE_SCTP_DISABLE_FRAGMENTS, EMBED_OPTION_SOCKET_SETTINGS, sizeof(int), fragments_set,
		fragments_get },
	{ SPATE_SCTP_PEER_ADDR_PARAMS, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_paddrparams),
		paddrparams_set, paddrparams_get },
	{ SPATE_SCTP_MAXSEG, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_assoc_value),
		maxseg_set, maxseg_get },
	{ SPATE_SCTP_DELAYED_SACK, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_sack_info),
		sack_set, sack_get },
	{ SPATE_SCTP_PARTIAL_DELIVERY_POINT, EMBED_OPTION_SOCKET_SETTINGS, sizeof(uint32_t),
		delivery_point_set, delivery_point_get },
	{ SPATE_SCTP_MAX_BURST, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_assoc_value),
		burst_set, burst_get },
	{ SPATE_SCTP_EVENT, EMBED_OPTION_SETTINGS, sizeof(struct spate_sctp_event), event_set,
		event_get },
};

const struct embed_sctp_option *
embed_sctp_setting_find(enum spate_sctp_option option)
{
	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		if (options[i].option == option)
			return &options[i];
	}
	return NULL;
}
