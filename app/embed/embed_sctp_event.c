/* SPDX-License-Identifier: BSD-3-Clause */
/* Options about notifications: RFC 6458 6.2. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

static void
notices_switch(struct sctp_settings *settings, uint32_t notices, bool on)
{
	settings->notices &= ~notices;
	settings->notices |= on ? notices : 0;
}

static int
event_set(struct embed_option_call *call)
{
	const struct spate_sctp_event *event = call->value;
	uint32_t notices = embed_notification_notices(event->se_type);

	if (notices == 0)
		return -EINVAL;
	notices_switch(&call->settings, notices, event->se_on != 0);
	embed_notification_choose(call, event->se_type, event->se_on != 0);
	return 0;
}

static int
event_get(struct embed_option_call *call)
{
	struct spate_sctp_event *event = call->value;
	uint32_t notices = embed_notification_notices(event->se_type);

	event->se_on = (call->settings.notices & notices) != 0 &&
		embed_notification_is_chosen(call, event->se_type);
	return notices != 0 ? 0 : -EINVAL;
}

/* ---- RFC 6458 6.2.1: all at once ---- */

/* By their place in struct sctp_event_subscribe, behind sctp_data_io_event. */
static const uint16_t types[] = {
	SPATE_SCTP_ASSOC_CHANGE,
	SPATE_SCTP_PEER_ADDR_CHANGE,
	SPATE_SCTP_SEND_FAILED,
	SPATE_SCTP_REMOTE_ERROR,
	SPATE_SCTP_SHUTDOWN_EVENT,
	SPATE_SCTP_PARTIAL_DELIVERY_EVENT,
	SPATE_SCTP_ADAPTATION_INDICATION,
	SPATE_SCTP_AUTHENTICATION_EVENT,
	SPATE_SCTP_SENDER_DRY_EVENT,
	SPATE_SCTP_STREAM_RESET_EVENT,
	SPATE_SCTP_ASSOC_RESET_EVENT,
	SPATE_SCTP_STREAM_CHANGE_EVENT,
	SPATE_SCTP_SEND_FAILED_EVENT,
};

_Static_assert(RTE_DIM(types) + 1 == sizeof(struct spate_sctp_event_subscribe), "one each");

static int
events_set(struct embed_option_call *call)
{
	const uint8_t *on = call->value;
	const size_t given = RTE_MIN(call->length, sizeof(struct spate_sctp_event_subscribe));

	call->spate->sockets[call->fd].data_io = on[0] != 0;
	for (unsigned i = 0; i < RTE_DIM(types) && i + 1 < given; i++) {
		const struct spate_sctp_event event = { .se_type = types[i], .se_on = on[i + 1] };
		/* Of the two that are about the same the older one is there to begin with. */
		const bool older = types[i] == SPATE_SCTP_SEND_FAILED_EVENT &&
			on[1 + SPATE_SCTP_SEND_FAILED - SPATE_SCTP_ASSOC_CHANGE] != 0;

		if (!older || event.se_on != 0) {
			notices_switch(&call->settings, embed_notification_notices(types[i]),
				event.se_on != 0);
			embed_notification_choose(call, types[i], event.se_on != 0);
		}
	}
	return 0;
}

static int
events_get(struct embed_option_call *call)
{
	uint8_t *on = call->value;

	on[0] = call->spate->sockets[call->fd].data_io;
	for (unsigned i = 0; i < RTE_DIM(types); i++)
		on[i + 1] = (call->settings.notices & embed_notification_notices(types[i])) != 0 &&
			embed_notification_is_chosen(call, types[i]);
	call->length = RTE_MIN(call->room, sizeof(struct spate_sctp_event_subscribe));
	return 0;
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_EVENT, EMBED_OPTION_SETTINGS, EMBED_ID_ANY, sizeof(struct spate_sctp_event), 0,
		event_set, event_get },
	{ SPATE_SCTP_EVENTS, EMBED_OPTION_SOCKET_SETTINGS, EMBED_ID_NONE, 1, 0, events_set,
		events_get },
};

const struct embed_option_table embed_event_options = EMBED_OPTION_TABLE(options);
