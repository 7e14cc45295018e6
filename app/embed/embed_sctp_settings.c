/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of RFC 6458 8 that are some fields of an association's settings: read, changed, set again. */
#include <errno.h>

#include "embed/embed_sctp.h"

#define SACK_PACKETS 2 /* RFC 9260 6.2 */

static int
rtoinfo_set(struct embed_option_call *call)
{
	const struct spate_sctp_rtoinfo *info = call->value;

	embed_keep_or_set32(&call->settings.rto_initial_ms, info->srto_initial);
	embed_keep_or_set32(&call->settings.rto_max_ms, info->srto_max);
	embed_keep_or_set32(&call->settings.rto_min_ms, info->srto_min);
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

	embed_keep_or_set32(&call->settings.cookie_life_ms, params->sasoc_cookie_life);
	return embed_keep_or_set8(&call->settings.assoc_retries, params->sasoc_asocmaxrxt);
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

	/* RFC 6458 5.3.1: the stack's limits override it. */
	if (init->sinit_num_ostreams != 0)
		call->settings.out_streams =
			RTE_MIN(init->sinit_num_ostreams, (uint16_t)SCTP_STREAMS_MAX);
	if (init->sinit_max_instreams != 0)
		call->settings.in_streams =
			RTE_MIN(init->sinit_max_instreams, (uint16_t)SCTP_STREAMS_MAX);
	if (init->sinit_max_init_timeo != 0)
		call->settings.init_rto_max_ms = init->sinit_max_init_timeo;
	return embed_keep_or_set8(&call->settings.init_retries, init->sinit_max_attempts);
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
			(uint16_t)RTE_MIN(settings->init_rto_max_ms != 0 ? settings->init_rto_max_ms
									 : settings->rto_max_ms,
				(uint32_t)UINT16_MAX),
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

	/* RFC 6458 8.1.16: what is larger than a packet is no limit. */
	call->settings.maxseg = value->assoc_value > UINT16_MAX ? 0 : (uint16_t)value->assoc_value;
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

	/* RFC 6458 8.1.24: 0 is no limit. */
	if (value->assoc_value > UINT8_MAX)
		return -EINVAL;
	call->settings.burst = (uint8_t)value->assoc_value;
	return 0;
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

	embed_keep_or_set32(&call->settings.sack_delay_ms, info->sack_delay);
	/* RFC 6458 8.1.19: with one packet there is no delay. That is what the older form means by 0. */
	if (call->length < sizeof(*info))
		call->settings.sack_packets = info->sack_delay != 0 ? SACK_PACKETS : 1;
	return embed_keep_or_set8(&call->settings.sack_packets, info->sack_freq);
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

/* ---- extensions: they are offered to peers from now on ---- */

static const struct {
	enum spate_sctp_option option;
	uint16_t extensions;
} supported[] = {
	{ SPATE_SCTP_PR_SUPPORTED, SCTP_EXT_FORWARD_TSN },
	{ SPATE_SCTP_RECONFIG_SUPPORTED, SCTP_EXT_RE_CONFIG },
	{ SPATE_SCTP_INTERLEAVING_SUPPORTED, SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN },
	{ SPATE_SCTP_ASCONF_SUPPORTED, SCTP_EXT_ASCONF },
	{ SPATE_SCTP_AUTH_SUPPORTED, SCTP_EXT_AUTH },
};

static uint16_t
extensions_of(enum spate_sctp_option option)
{
	unsigned i = 0;

	while (supported[i].option != option)
		i++;
	return supported[i].extensions;
}

static int
supported_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;
	const uint16_t extensions = extensions_of(call->option->option);

	if (value->assoc_value != 0)
		call->settings.extensions |= extensions;
	else
		call->settings.extensions &= (uint16_t)~extensions;
	return 0;
}

/* Of an association: whether it was agreed. */
static int
supported_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_value *value = call->value;
	const uint16_t extensions = extensions_of(call->option->option);
	uint16_t has = call->settings.extensions;
	struct sctp_info info;

	if (sock_sctp_info(call->sock, call->assoc, &info) == 0 && info.was_up)
		has = info.extensions;
	value->assoc_value = (has & extensions) != 0;
	return 0;
}

static int
adaptation_set(struct embed_option_call *call)
{
	call->settings.adaptation_said = true;
	call->settings.adaptation =
		((const struct spate_sctp_setadaptation *)call->value)->ssb_adaptation_ind;
	return 0;
}

static int
adaptation_get(struct embed_option_call *call)
{
	((struct spate_sctp_setadaptation *)call->value)->ssb_adaptation_ind =
		call->settings.adaptation;
	return 0;
}

/* ---- the table ---- */

#define ASSOC_VALUE sizeof(struct spate_sctp_assoc_value)

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_RTOINFO, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_rtoinfo), 0, rtoinfo_set, rtoinfo_get },
	{ SPATE_SCTP_ASSOCINFO, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_assocparams), 0, associnfo_set, associnfo_get },
	{ SPATE_SCTP_INITMSG, EMBED_OPTION_FUTURE_SETTINGS, EMBED_ID_NONE,
		sizeof(struct spate_sctp_initmsg), 0, initmsg_set, initmsg_get },
	{ SPATE_SCTP_ADAPTATION_LAYER, EMBED_OPTION_FUTURE_SETTINGS, EMBED_ID_NONE,
		sizeof(struct spate_sctp_setadaptation), 0, adaptation_set, adaptation_get },
	{ SPATE_SCTP_DISABLE_FRAGMENTS, EMBED_OPTION_SOCKET_SETTINGS, EMBED_ID_NONE, sizeof(int), 0,
		fragments_set, fragments_get },
	{ SPATE_SCTP_MAXSEG, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, sizeof(int),
		maxseg_set, maxseg_get },
	{ SPATE_SCTP_DELAYED_SACK, EMBED_OPTION_SETTINGS, EMBED_ID_ANY,
		sizeof(struct spate_sctp_sack_info), ASSOC_VALUE, sack_set, sack_get },
	{ SPATE_SCTP_PARTIAL_DELIVERY_POINT, EMBED_OPTION_SOCKET_SETTINGS, EMBED_ID_NONE,
		sizeof(uint32_t), 0, delivery_point_set, delivery_point_get },
	{ SPATE_SCTP_MAX_BURST, EMBED_OPTION_SETTINGS, EMBED_ID_ANY, ASSOC_VALUE, sizeof(int),
		burst_set, burst_get },
	{ SPATE_SCTP_PR_SUPPORTED, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, 0,
		supported_set, supported_get },
	{ SPATE_SCTP_RECONFIG_SUPPORTED, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, 0,
		supported_set, supported_get },
	{ SPATE_SCTP_INTERLEAVING_SUPPORTED, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, 0,
		supported_set, supported_get },
	{ SPATE_SCTP_ASCONF_SUPPORTED, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, 0,
		supported_set, supported_get },
	{ SPATE_SCTP_AUTH_SUPPORTED, EMBED_OPTION_SETTINGS, EMBED_ID_FUTURE, ASSOC_VALUE, 0,
		supported_set, supported_get },
};

const struct embed_option_table embed_settings_options = EMBED_OPTION_TABLE(options);
