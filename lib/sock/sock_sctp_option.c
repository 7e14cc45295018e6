/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of SCTP's sockets that other protocols have, too, or that are the socket's alone. */
#include "sock/sock_sctp_priv.h"

#include "cc/cc.h"
#include "wire/ip4.h"

#define BUFFER_MIN 4096
#define BUFFER_MAX (64 << 20)

static int
option_check(const struct sock *sock, enum sock_option option, int64_t value)
{
	static const struct sock_option_rule rules[SOCK_OPT_COUNT] = {
		[SOCK_OPT_REUSEPORT] = { 0, 1, SOCK_OPTION_UNBOUND },
		[SOCK_OPT_V6ONLY] = { 0, 1, SOCK_OPTION_UNBOUND },
		[SOCK_OPT_FREEBIND] = { 0, 1, SOCK_OPTION_UNBOUND },
		[SOCK_OPT_RECEIVE_BUFFER] = { BUFFER_MIN, BUFFER_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_SEND_BUFFER] = { BUFFER_MIN, BUFFER_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_TTL] = { 1, UINT8_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_TOS] = { 0, UINT8_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_NODELAY] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_MAXSEG] = { 0, UINT16_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_CONGESTION] = { 0, UINT8_MAX, SOCK_OPTION_UNBOUND },
		[SOCK_OPT_ABORT] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_AUTOCLOSE] = { 0, INT32_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_FRAGMENT_INTERLEAVE] = { 0, 2, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_AUTO_ASCONF] = { 0, 1, SOCK_OPTION_ALWAYS },
	};
	const struct sock_sctp *sctp = sock->sctp;
	int rc = sock_option_check(rules, option, value,
		sctp->bound || sctp->assoc_count > 0 ? SOCK_OPTION_ALWAYS : SOCK_OPTION_UNBOUND);

	return rc == 0 && option == SOCK_OPT_AUTOCLOSE && !sctp->many ? -EOPNOTSUPP : rc;
}

/* Those that are associations', too. */
struct setting {
	enum sock_option option;
	int64_t value;
};

static int
setting_change(struct sctp_settings *settings, void *arg)
{
	const struct setting *setting = arg;
	const int64_t value = setting->value;

	switch (setting->option) {
	case SOCK_OPT_RECEIVE_BUFFER: settings->receive_buffer = (uint32_t)value; break;
	case SOCK_OPT_SEND_BUFFER: settings->send_buffer = (uint32_t)value; break;
	case SOCK_OPT_TTL: settings->ttl = (uint8_t)value; break;
	case SOCK_OPT_TOS: settings->tos = (uint8_t)(value & ~3); break; /* RFC 3168 5: ECN's */
	case SOCK_OPT_NODELAY: settings->nodelay = value != 0; break;
	case SOCK_OPT_MAXSEG: settings->maxseg = (uint16_t)value; break;
	case SOCK_OPT_CONGESTION: settings->cc = cc_get((unsigned)value); break;
	case SOCK_OPT_FRAGMENT_INTERLEAVE: settings->interleave = value == 2; break;
	default: break;
	}
	return 0;
}

int
sock_sctp_option_set(struct sock *sock, enum sock_option option, int64_t value)
{
	struct sock_sctp *sctp = sock->sctp;
	int rc = option_check(sock, option, value);

	if (rc < 0)
		return rc;
	switch (option) {
	case SOCK_OPT_REUSEPORT: sctp->reuse = value != 0; return 0;
	case SOCK_OPT_V6ONLY: sctp->v6only = value != 0; return 0;
	case SOCK_OPT_FREEBIND: sock->freebind = value != 0; return 0;
	case SOCK_OPT_ABORT: sctp->abort = value != 0; return 0;
	case SOCK_OPT_AUTO_ASCONF: sock_sctp_follow_set(sctp, value != 0); return 0;
	case SOCK_OPT_AUTOCLOSE: sock_autoclose_set(sock, (uint32_t)value); return 0;
	case SOCK_OPT_FRAGMENT_INTERLEAVE: sctp->interleave = value != 0; break;
	default: break;
	}
	return sock_sctp_settings_change(
		sock, SOCK_SCTP_ALL, setting_change, &(struct setting){ option, value });
}

static int64_t
congestion_number(const struct cc_ops *ops)
{
	unsigned number = 0;

	while (cc_get(number) != ops)
		number++;
	return number;
}

/* How much is in the buffers, and why it ended: of a one-to-one socket. */
static int
assoc_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	struct sock_assoc *sa = sock->sctp->many ? NULL : TAILQ_FIRST(&sock->sctp->assocs);
	struct sctp_path_info path;
	struct sctp_info info;

	if (option == SOCK_OPT_ERROR) {
		*value = sa != NULL ? sctp_error(sa->assoc) : 0;
		return 0;
	}
	if (option == SOCK_OPT_UNREAD) {
		*value = sock_sctp_next(sock, NULL);
		return 0;
	}
	if (sa == NULL || sctp_assoc_state(sa->assoc) == SCTP_CLOSED)
		return -ENOTCONN;
	if (option == SOCK_OPT_MTU) {
		*value = sock_sctp_path_info(sock, sa->id, NULL, &path) == 0 ? path.mtu : 0;
		return 0;
	}
	sctp_info(sock_sctp_of(sock), sa->assoc, &info);
	*value = (int64_t)info.unacked + info.unsent;
	return 0;
}

int
sock_sctp_option_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	const struct sock_sctp *sctp = sock->sctp;
	const struct sctp_settings settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);

	switch (option) {
	case SOCK_OPT_REUSEPORT: *value = sctp->reuse; return 0;
	case SOCK_OPT_V6ONLY: *value = sctp->v6only; return 0;
	case SOCK_OPT_FREEBIND: *value = sock->freebind; return 0;
	case SOCK_OPT_RECEIVE_BUFFER: *value = settings.receive_buffer; return 0;
	case SOCK_OPT_SEND_BUFFER: *value = settings.send_buffer; return 0;
	case SOCK_OPT_TTL: *value = settings.ttl; return 0;
	case SOCK_OPT_TOS: *value = settings.tos; return 0;
	case SOCK_OPT_NODELAY: *value = settings.nodelay; return 0;
	case SOCK_OPT_MAXSEG: *value = settings.maxseg; return 0;
	case SOCK_OPT_CONGESTION: *value = congestion_number(settings.cc); return 0;
	case SOCK_OPT_ABORT: *value = sctp->abort; return 0;
	case SOCK_OPT_AUTOCLOSE: *value = sctp->autoclose_s; return sctp->many ? 0 : -EOPNOTSUPP;
	case SOCK_OPT_FRAGMENT_INTERLEAVE:
		*value = settings.interleave ? 2 : sctp->interleave;
		return 0;
	case SOCK_OPT_AUTO_ASCONF: *value = sctp->follow; return 0;
	case SOCK_OPT_LISTENING: *value = sctp->listener != NULL; return 0;
	case SOCK_OPT_ERROR:
	case SOCK_OPT_MTU:
	case SOCK_OPT_UNREAD:
	case SOCK_OPT_UNACKED: return assoc_get(sock, option, value);
	default: return -ENOPROTOOPT;
	}
}
