/* SPDX-License-Identifier: BSD-3-Clause */
/* Options that are a number of the socket's: RFC 6458 8.1. */
#include <errno.h>

#include "embed/embed_sctp.h"

/* ---- by lib/sock's numbers ---- */

static const struct {
	enum spate_sctp_option option;
	enum sock_option sock;
	bool is_switch;
} numbers[] = {
	{ SPATE_SCTP_NODELAY, SOCK_OPT_NODELAY, true },
	{ SPATE_SCTP_AUTOCLOSE, SOCK_OPT_AUTOCLOSE, false },
	{ SPATE_SCTP_FRAGMENT_INTERLEAVE, SOCK_OPT_FRAGMENT_INTERLEAVE, false },
	{ SPATE_SCTP_REUSE_PORT, SOCK_OPT_REUSEPORT, true },
	{ SPATE_SCTP_AUTO_ASCONF, SOCK_OPT_AUTO_ASCONF, true },
};

static unsigned
number_find(enum spate_sctp_option option)
{
	unsigned i = 0;

	while (numbers[i].option != option)
		i++;
	return i;
}

static int
number_set(struct embed_option_call *call)
{
	const unsigned i = number_find(call->option->option);
	const int value = *(const int *)call->value;

	return sock_option_set(
		call->sock, numbers[i].sock, numbers[i].is_switch ? value != 0 : value);
}

static int
number_get(struct embed_option_call *call)
{
	int64_t value;
	int rc = sock_option_get(
		call->sock, numbers[number_find(call->option->option)].sock, &value);

	if (rc == 0)
		*(int *)call->value = (int)value;
	return rc;
}

/* ---- those that only matter here ---- */

static bool *
switch_of(struct embed_option_call *call)
{
	struct embed_socket *socket = &call->spate->sockets[call->fd];

	switch (call->option->option) {
	case SPATE_SCTP_I_WANT_MAPPED_V4_ADDR: return &socket->mapped;
	case SPATE_SCTP_RECVRCVINFO: return &socket->rcvinfo;
	case SPATE_SCTP_RECVNXTINFO: return &socket->nxtinfo;
	default: return &socket->explicit_eor;
	}
}

static int
switch_set(struct embed_option_call *call)
{
	/* RFC 6458 8.1.15: where there are addresses to be mapped. */
	if (call->option->option == SPATE_SCTP_I_WANT_MAPPED_V4_ADDR &&
		sock_family(call->sock) != IP_FAMILY_6)
		return -EINVAL;
	*switch_of(call) = *(const int *)call->value != 0;
	return 0;
}

static int
switch_get(struct embed_option_call *call)
{
	*(int *)call->value = *switch_of(call);
	return 0;
}

#define NUMBER(option)                                                                             \
	{                                                                                          \
		option, EMBED_OPTION_SOCKET, EMBED_ID_NONE, sizeof(int), 0, number_set, number_get \
	}
#define SWITCH(option)                                                                             \
	{                                                                                          \
		option, EMBED_OPTION_SOCKET, EMBED_ID_NONE, sizeof(int), 0, switch_set, switch_get \
	}

static const struct embed_sctp_option options[] = {
	NUMBER(SPATE_SCTP_NODELAY),
	NUMBER(SPATE_SCTP_AUTOCLOSE),
	NUMBER(SPATE_SCTP_FRAGMENT_INTERLEAVE),
	NUMBER(SPATE_SCTP_REUSE_PORT),
	NUMBER(SPATE_SCTP_AUTO_ASCONF),
	SWITCH(SPATE_SCTP_I_WANT_MAPPED_V4_ADDR),
	SWITCH(SPATE_SCTP_RECVRCVINFO),
	SWITCH(SPATE_SCTP_RECVNXTINFO),
	SWITCH(SPATE_SCTP_EXPLICIT_EOR),
};

const struct embed_option_table embed_switch_options = EMBED_OPTION_TABLE(options);
