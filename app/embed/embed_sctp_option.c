/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of RFC 6458 8: finding them, and whose they are. What they do is in the files of their
 * families: settings, paths, authentication, streams, events, numbers, sending, and what is known.
 */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

#define VALUE_MAX 512 /* bytes that are set */

static const struct embed_option_table *const tables[] = {
	&embed_settings_options,
	&embed_path_options,
	&embed_auth_options,
	&embed_stream_options,
	&embed_event_options,
	&embed_switch_options,
	&embed_send_options,
	&embed_status_options,
	&embed_encaps_options,
};

static const struct embed_sctp_option *
option_find(enum spate_sctp_option option)
{
	for (unsigned t = 0; t < RTE_DIM(tables); t++) {
		for (unsigned i = 0; i < tables[t]->count; i++) {
			if (tables[t]->options[i].option == option)
				return &tables[t]->options[i];
		}
	}
	return NULL;
}

/* ---- whose it is ---- */

static size_t
id_place(enum embed_option_kind kind)
{
	switch (kind) {
	case EMBED_OPTION_SNDINFO: return offsetof(struct spate_sctp_sndinfo, snd_assoc_id);
	case EMBED_OPTION_SNDRCVINFO: return offsetof(struct spate_sctp_sndrcvinfo, sinfo_assoc_id);
	default: return 0;
	}
}

/* @return 0; -EINVAL: an id that the option cannot have */
static int
assoc_read(struct embed_option_call *call, bool set)
{
	const struct embed_sctp_option *option = call->option;

	call->assoc = set ? SOCK_SCTP_ALL : SOCK_SCTP_FUTURE;
	if (option->kind < EMBED_OPTION_ASSOC)
		return 0;
	memcpy(&call->assoc, (const uint8_t *)call->value + id_place(option->kind),
		sizeof(call->assoc));
	/* RFC 6458 7.1: of one-to-one sockets it does not matter. */
	if (sock_proto(call->sock) == SOCK_SCTP || call->assoc >= SOCK_SCTP_ASSOC_FIRST)
		return 0;
	return (option->ids >> call->assoc & 1) != 0 && (set || call->assoc == SOCK_SCTP_FUTURE)
		? 0
		: -EINVAL;
}

/* @return 0 or -errno; what the option has no part in stays as it is */
static int
settings_read(struct embed_option_call *call)
{
	switch (call->option->kind) {
	case EMBED_OPTION_SETTINGS:
	case EMBED_OPTION_SOCKET_SETTINGS:
		return sock_sctp_settings_get(call->sock, call->assoc, &call->settings);
	case EMBED_OPTION_FUTURE_SETTINGS: return sock_sctp_future_get(call->sock, &call->settings);
	default: return 0;
	}
}

/* ---- forms that are shorter ---- */

static bool
is_shorter(const struct embed_sctp_option *option, size_t length)
{
	return option->shorter != 0 && length >= option->shorter && length < option->length;
}

/* Where the program's bytes begin in the copy. */
static size_t
front_of(const struct embed_sctp_option *option, size_t length)
{
	return is_shorter(option, length) && option->shorter == sizeof(int) ? sizeof(int32_t) : 0;
}

/* @return 0 or -errno; the copy holds what was given, and zeros behind it */
static int
call_begin(struct embed_option_call *call, bool set, const void *value, size_t length)
{
	const struct embed_sctp_option *option = call->option;
	size_t front;
	int rc;

	call->sock = embed_sctp_sock(call->spate, call->fd, &rc);
	if (rc < 0)
		return rc;
	if (option == NULL || (set ? option->set : option->get) == NULL)
		return -ENOPROTOOPT;
	if (value == NULL || (length < option->length && !is_shorter(option, length)))
		return -EINVAL;
	front = front_of(option, length);
	memset(call->value, 0, VALUE_MAX);
	memcpy((uint8_t *)call->value + front, value, RTE_MIN(length, VALUE_MAX - front));
	call->length = length;
	return 0;
}

/* ---- set ---- */

static int
settings_change(struct sctp_settings *settings, void *arg)
{
	struct embed_option_call *call = arg;
	int rc;

	call->settings = *settings;
	rc = call->option->set(call);
	if (rc == 0)
		*settings = call->settings;
	return rc;
}

static int
option_set(struct embed_option_call *call)
{
	switch (call->option->kind) {
	case EMBED_OPTION_SETTINGS:
	case EMBED_OPTION_SOCKET_SETTINGS:
		return sock_sctp_settings_change(call->sock, call->assoc, settings_change, call);
	case EMBED_OPTION_FUTURE_SETTINGS:
		return sock_sctp_future_change(call->sock, settings_change, call);
	default: return call->option->set(call);
	}
}

int
spate_sctp_setsockopt(struct spate *spate, int fd, enum spate_sctp_option option, const void *value,
	size_t length)
{
	uint64_t copy[VALUE_MAX / sizeof(uint64_t)];
	struct embed_option_call call = {
		.spate = spate, .fd = fd, .value = copy, .option = option_find(option)
	};
	int rc = call_begin(&call, true, value, length);

	if (rc == 0)
		rc = assoc_read(&call, true);
	if (rc == 0)
		rc = option_set(&call);
	embed_run(spate);
	return embed_sock_result(rc);
}

/* ---- get ---- */

int
spate_sctp_getsockopt(
	struct spate *spate, int fd, enum spate_sctp_option option, void *value, size_t *length)
{
	uint64_t copy[VALUE_MAX / sizeof(uint64_t)];
	struct embed_option_call call = { .spate = spate,
		.fd = fd,
		.value = copy,
		.out = value,
		.room = *length,
		.option = option_find(option) };
	const size_t given = *length;
	int rc = call_begin(&call, false, value, given);
	size_t front;

	if (rc == 0)
		rc = assoc_read(&call, false);
	if (rc == 0)
		rc = settings_read(&call);
	if (rc == 0) {
		call.length =
			is_shorter(call.option, given) ? call.option->shorter : call.option->length;
		rc = call.option->get(&call);
	}
	/* Of a one-to-one socket without an association, as of an id that is none. */
	if (rc < 0)
		return embed_sock_result(rc == -ENOTCONN ? -EINVAL : rc);
	*length = call.length;
	front = front_of(call.option, given);
	if (call.out != NULL)
		memcpy(value, (const uint8_t *)copy + front, *length);
	return 0;
}

/* Of the form that has no place for an id: what the longer one says. */
static int
number_info(struct spate *spate, int fd, int32_t assoc_id, enum spate_sctp_option option,
	void *value, size_t *length)
{
	struct spate_sctp_assoc_value longer = { .assoc_id = assoc_id };
	size_t longer_length = sizeof(longer);
	int rc = spate_sctp_getsockopt(spate, fd, option, &longer, &longer_length);

	if (rc < 0)
		return rc;
	memcpy(value, &longer.assoc_value, sizeof(longer.assoc_value));
	*length = sizeof(longer.assoc_value);
	return 0;
}

int
spate_sctp_opt_info(struct spate *spate, int fd, int32_t assoc_id, enum spate_sctp_option option,
	void *value, size_t *length)
{
	const struct embed_sctp_option *found = option_find(option);

	if (found != NULL && value != NULL && front_of(found, *length) != 0)
		return number_info(spate, fd, assoc_id, option, value, length);
	if (found != NULL && value != NULL && found->kind >= EMBED_OPTION_ASSOC &&
		*length >= id_place(found->kind) + sizeof(assoc_id))
		memcpy((uint8_t *)value + id_place(found->kind), &assoc_id, sizeof(assoc_id));
	return spate_sctp_getsockopt(spate, fd, option, value, length);
}
