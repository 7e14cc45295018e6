/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of RFC 6458 8: reading and setting them; those that are fields of settings are in embed_sctp_settings.c. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

/* ---- the socket's, by lib/sock's numbers ---- */

static int
nodelay_set(struct embed_option_call *call)
{
	return sock_option_set(call->sock, SOCK_OPT_NODELAY, *(const int *)call->value != 0);
}

static int
autoclose_set(struct embed_option_call *call)
{
	return sock_option_set(call->sock, SOCK_OPT_AUTOCLOSE, *(const int *)call->value);
}

static int
interleave_set(struct embed_option_call *call)
{
	return sock_option_set(call->sock, SOCK_OPT_FRAGMENT_INTERLEAVE, *(const int *)call->value);
}

static int
number_get(struct embed_option_call *call, enum sock_option option)
{
	int64_t value;
	int rc = sock_option_get(call->sock, option, &value);

	if (rc == 0)
		*(int *)call->value = (int)value;
	return rc;
}

static int
nodelay_get(struct embed_option_call *call)
{
	return number_get(call, SOCK_OPT_NODELAY);
}

static int
autoclose_get(struct embed_option_call *call)
{
	return number_get(call, SOCK_OPT_AUTOCLOSE);
}

static int
interleave_get(struct embed_option_call *call)
{
	return number_get(call, SOCK_OPT_FRAGMENT_INTERLEAVE);
}

/* ---- others ---- */

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
status_get(struct embed_option_call *call)
{
	return embed_status_get(call->sock, call->value);
}

static int
paddrinfo_get(struct embed_option_call *call)
{
	return embed_paddrinfo_get(call->sock, call->value);
}

static int
context_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;

	return sock_sctp_context_set(call->sock, call->assoc, value->assoc_value);
}

static int
context_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_value *value = call->value;

	return sock_sctp_context_get(call->sock, call->assoc, &value->assoc_value);
}

static int
sndinfo_set(struct embed_option_call *call)
{
	struct sock_sctp_info info;
	int rc = embed_sndinfo_parse(call->value, &info);

	return rc == 0 ? sock_sctp_default_set(call->sock, call->assoc, &info) : rc;
}

static int
sndinfo_get(struct embed_option_call *call)
{
	struct sock_sctp_info info;
	int rc = sock_sctp_default_get(call->sock, call->assoc, &info);

	if (rc < 0)
		return rc;
	info.assoc = call->assoc;
	*(struct spate_sctp_sndinfo *)call->value = embed_sndinfo_of(&info);
	return 0;
}

static int
assoc_number_get(struct embed_option_call *call)
{
	*(uint32_t *)call->value = sock_sctp_assocs(call->sock, NULL, 0);
	return 0;
}

static int
assoc_ids_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_ids *ids = call->value;
	const unsigned room = (unsigned)((call->length - sizeof(*ids)) / sizeof(int32_t));
	unsigned count = sock_sctp_assocs(call->sock, (uint32_t *)(ids + 1), room);

	ids->gaids_number_of_ids = count;
	call->length = sizeof(*ids) + count * sizeof(int32_t);
	return count <= room ? 0 : -EINVAL;
}

/* ---- the table ---- */

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_NODELAY, EMBED_OPTION_SOCKET, sizeof(int), nodelay_set, nodelay_get },
	{ SPATE_SCTP_AUTOCLOSE, EMBED_OPTION_SOCKET, sizeof(int), autoclose_set, autoclose_get },
	{ SPATE_SCTP_PRIMARY_ADDR, EMBED_OPTION_ASSOC, sizeof(struct spate_sctp_prim), primary_set,
		NULL },
	{ SPATE_SCTP_STATUS, EMBED_OPTION_ASSOC, sizeof(struct spate_sctp_status), NULL,
		status_get },
	{ SPATE_SCTP_GET_PEER_ADDR_INFO, EMBED_OPTION_ASSOC, sizeof(struct spate_sctp_paddrinfo),
		NULL, paddrinfo_get },
	{ SPATE_SCTP_CONTEXT, EMBED_OPTION_ASSOC, sizeof(struct spate_sctp_assoc_value),
		context_set, context_get },
	{ SPATE_SCTP_FRAGMENT_INTERLEAVE, EMBED_OPTION_SOCKET, sizeof(int), interleave_set,
		interleave_get },
	{ SPATE_SCTP_GET_ASSOC_NUMBER, EMBED_OPTION_SOCKET, sizeof(uint32_t), NULL,
		assoc_number_get },
	{ SPATE_SCTP_GET_ASSOC_ID_LIST, EMBED_OPTION_LIST, sizeof(struct spate_sctp_assoc_ids),
		NULL, assoc_ids_get },
	{ SPATE_SCTP_DEFAULT_SNDINFO, EMBED_OPTION_ASSOC, sizeof(struct spate_sctp_sndinfo),
		sndinfo_set, sndinfo_get },
};

static const struct embed_sctp_option *
option_find(enum spate_sctp_option option)
{
	const struct embed_sctp_option *other = embed_sctp_encaps_find(option);

	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		if (options[i].option == option)
			return &options[i];
	}
	return other != NULL ? other : embed_sctp_setting_find(option);
}

/* Whose it is: but for sndinfo, a struct begins with that. */
static uint32_t
assoc_of(const struct embed_option_call *call)
{
	uint32_t assoc = SOCK_SCTP_ALL;

	if (call->option->option == SPATE_SCTP_DEFAULT_SNDINFO)
		return (uint32_t)((const struct spate_sctp_sndinfo *)call->value)->snd_assoc_id;
	if (call->option->kind == EMBED_OPTION_ASSOC || call->option->kind == EMBED_OPTION_SETTINGS)
		memcpy(&assoc, call->value, sizeof(assoc));
	return assoc;
}

/* Of ids that mean several, those to come stand for all. */
static int
settings_read(struct embed_option_call *call)
{
	const uint32_t assoc =
		call->assoc >= SOCK_SCTP_ASSOC_FIRST ? call->assoc : SOCK_SCTP_FUTURE;

	return sock_sctp_settings_get(call->sock, assoc, &call->settings);
}

static bool
has_settings(const struct embed_sctp_option *option)
{
	return option->kind == EMBED_OPTION_SETTINGS ||
		option->kind == EMBED_OPTION_SOCKET_SETTINGS;
}

static int
settings_change(struct sctp_settings *settings, void *arg)
{
	struct embed_option_call *call = arg;
	int rc;

	call->settings = *settings;
	rc = call->option->set(call);
	*settings = call->settings;
	return rc;
}

/* Of a path there is no more to be had than a heartbeat. */
static int
path_set(const struct embed_option_call *call, const struct ip_addr *addr)
{
	const struct spate_sctp_paddrparams *params = call->value;

	return params->spp_flags == SPATE_SPP_HB_DEMAND
		? sock_sctp_heartbeat(call->sock, call->assoc, addr)
		: -EOPNOTSUPP;
}

static int
option_set(struct embed_option_call *call)
{
	const struct spate_sctp_paddrparams *params = call->value;
	struct ip_addr addr;
	uint16_t port;

	if (!has_settings(call->option))
		return call->option->set(call);
	if (call->option->option == SPATE_SCTP_PEER_ADDR_PARAMS &&
		embed_sockaddr_parse(&params->spp_address, &addr, &port))
		return path_set(call, &addr);
	return sock_sctp_settings_change(call->sock, call->assoc, settings_change, call);
}

#define VALUE_MAX 512

int
spate_sctp_setsockopt(struct spate *spate, int fd, enum spate_sctp_option option, const void *value,
	size_t length)
{
	uint64_t copy[VALUE_MAX / sizeof(uint64_t)];
	struct embed_option_call call = {
		.value = copy, .length = length, .option = option_find(option)
	};
	int rc;

	call.sock = embed_sctp_sock(spate, fd, &rc);
	if (rc == 0 && (call.option == NULL || call.option->set == NULL))
		rc = -ENOPROTOOPT;
	if (rc == 0 && length < call.option->length)
		rc = -EINVAL;
	if (rc < 0)
		return embed_sock_result(rc);
	memcpy(copy, value, call.option->length);
	call.assoc = assoc_of(&call);
	rc = option_set(&call);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_sctp_getsockopt(
	struct spate *spate, int fd, enum spate_sctp_option option, void *value, size_t *length)
{
	uint64_t copy[(VALUE_MAX + EMBED_SOCKETS_MAX * sizeof(int32_t)) / sizeof(uint64_t)];
	struct embed_option_call call = { .value = copy, .option = option_find(option) };
	int rc;

	call.sock = embed_sctp_sock(spate, fd, &rc);
	if (rc == 0 && (call.option == NULL || call.option->get == NULL))
		rc = -ENOPROTOOPT;
	if (rc == 0 && *length < call.option->length)
		rc = -EINVAL;
	if (rc < 0)
		return embed_sock_result(rc);
	call.length = call.option->kind == EMBED_OPTION_LIST ? RTE_MIN(*length, sizeof(copy))
							     : call.option->length;
	memcpy(copy, value, call.option->length);
	call.assoc = assoc_of(&call);
	if (has_settings(call.option))
		rc = settings_read(&call);
	if (rc == 0)
		rc = call.option->get(&call);
	if (rc == 0) {
		memcpy(value, copy, call.length);
		*length = call.length;
	}
	return embed_sock_result(rc);
}
