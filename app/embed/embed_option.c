/* SPDX-License-Identifier: BSD-3-Clause */
/* Options as programs know them from Linux: by lib/sock's, but for what its sockets need not know. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "embed/embed.h"

/* What a value says, and how lib/sock says the same. */
enum value_kind {
	VALUE_NUMBER,
	VALUE_BOOL, /* all but 0 are 1 */
	VALUE_NOT, /* lib/sock says the contrary */
	VALUE_SECONDS, /* lib/sock's milliseconds */
	VALUE_RATE, /* more than lib/sock's is none */
	VALUE_BUFFER, /* what is too little or too much is made to fit, as on Linux */
};

#define BUFFER_MIN          4096
#define BUFFER_MAX          (64 << 20)
#define BUFFER_MAX_DATAGRAM (16 << 20)

static const struct {
	enum sock_option option;
	enum value_kind kind;
} options[] = {
	[SPATE_SO_ERROR] = { SOCK_OPT_ERROR, VALUE_NUMBER },
	[SPATE_SO_REUSEPORT] = { SOCK_OPT_REUSEPORT, VALUE_BOOL },
	[SPATE_SO_RCVBUF] = { SOCK_OPT_RECEIVE_BUFFER, VALUE_BUFFER },
	[SPATE_SO_NO_CHECK] = { SOCK_OPT_CHECKSUM, VALUE_NOT },
	[SPATE_IPV6_V6ONLY] = { SOCK_OPT_V6ONLY, VALUE_BOOL },
	[SPATE_IP_FREEBIND] = { SOCK_OPT_FREEBIND, VALUE_BOOL },
	[SPATE_IP_MTU] = { SOCK_OPT_MTU, VALUE_NUMBER },
	[SPATE_IP_MTU_DISCOVER] = { SOCK_OPT_PMTU, VALUE_NUMBER },
	[SPATE_IP_RECVERR] = { SOCK_OPT_ERRORS, VALUE_BOOL },
	[SPATE_IP_TTL] = { SOCK_OPT_TTL, VALUE_NUMBER },
	[SPATE_IP_TOS] = { SOCK_OPT_TOS, VALUE_NUMBER },
	[SPATE_UDP_SEGMENT] = { SOCK_OPT_SEGMENT, VALUE_NUMBER },
	[SPATE_SO_SNDBUF] = { SOCK_OPT_SEND_BUFFER, VALUE_BUFFER },
	[SPATE_SO_KEEPALIVE] = { SOCK_OPT_KEEPALIVE, VALUE_BOOL },
	[SPATE_SO_LINGER] = { SOCK_OPT_ABORT, VALUE_NUMBER },
	[SPATE_TCP_NODELAY] = { SOCK_OPT_NODELAY, VALUE_BOOL },
	[SPATE_TCP_MAXSEG] = { SOCK_OPT_MAXSEG, VALUE_NUMBER },
	[SPATE_TCP_KEEPIDLE] = { SOCK_OPT_KEEPALIVE_IDLE, VALUE_SECONDS },
	[SPATE_TCP_KEEPINTVL] = { SOCK_OPT_KEEPALIVE_INTERVAL, VALUE_SECONDS },
	[SPATE_TCP_KEEPCNT] = { SOCK_OPT_KEEPALIVE_COUNT, VALUE_NUMBER },
	[SPATE_TCP_USER_TIMEOUT] = { SOCK_OPT_USER_TIMEOUT, VALUE_NUMBER },
	[SPATE_TCP_CORK] = { SOCK_OPT_CORK, VALUE_BOOL },
	[SPATE_TCP_QUICKACK] = { SOCK_OPT_QUICKACK, VALUE_BOOL },
	[SPATE_SO_MAX_PACING_RATE] = { SOCK_OPT_PACING_RATE, VALUE_RATE },
	[SPATE_SO_ACCEPTCONN] = { SOCK_OPT_LISTENING, VALUE_BOOL },
	[SPATE_SIOCINQ] = { SOCK_OPT_UNREAD, VALUE_NUMBER },
	[SPATE_SIOCOUTQ] = { SOCK_OPT_UNACKED, VALUE_NUMBER },
	[SPATE_SIOCATMARK] = { SOCK_OPT_URGENT, VALUE_NUMBER },
};

static bool
option_is_sock_s(enum spate_sockopt option)
{
	return (unsigned)option < sizeof(options) / sizeof(options[0]);
}

/* @return false: what lib/sock measures in smaller units does not fit */
static bool
value_to_sock(const struct sock *sock, enum value_kind kind, int64_t *value)
{
	const int64_t buffer_max = sock_proto(sock) == SOCK_UDP ? BUFFER_MAX_DATAGRAM : BUFFER_MAX;

	switch (kind) {
	case VALUE_NUMBER: break;
	case VALUE_BOOL: *value = *value != 0; break;
	case VALUE_NOT: *value = *value == 0; break;
	case VALUE_BUFFER: *value = RTE_MIN(RTE_MAX(*value, BUFFER_MIN), buffer_max); break;
	case VALUE_SECONDS: return !__builtin_mul_overflow(*value, 1000, value);
	case VALUE_RATE: *value = *value < 0 || *value >= UINT32_MAX ? 0 : *value; break;
	}
	return true;
}

static int64_t
value_of_sock(enum value_kind kind, int64_t value)
{
	switch (kind) {
	case VALUE_NOT: return value == 0;
	case VALUE_SECONDS: return value / 1000;
	case VALUE_RATE: return value == 0 ? -1 : value;
	default: return value;
	}
}

/* 0: a close resets; all else lets TCP do what it has to, and no call waits for that. */
static int
linger_set(struct embed_socket *socket, int64_t value)
{
	int rc;

	if (value < -1 || value > INT32_MAX)
		return -EINVAL;
	rc = sock_option_set(socket->sock, SOCK_OPT_ABORT, value == 0);
	if (rc == 0)
		socket->linger_s = value > 0 ? (int)value : 0;
	return rc;
}

static int
linger_get(const struct embed_socket *socket, int64_t *value)
{
	int rc = sock_option_get(socket->sock, SOCK_OPT_ABORT, value);

	if (rc == 0)
		*value = *value != 0 ? 0 : socket->linger_s > 0 ? socket->linger_s : -1;
	return rc;
}

/* What a socket is. */
static int64_t
name_get(const struct sock *sock, enum spate_sockopt option)
{
	static const struct {
		int type, protocol;
	} names[SOCK_PROTO_COUNT] = {
		[SOCK_UDP] = { SOCK_DGRAM, IPPROTO_UDP },
		[SOCK_TCP] = { SOCK_STREAM, IPPROTO_TCP },
		[SOCK_SCTP] = { SOCK_STREAM, IPPROTO_SCTP },
		[SOCK_SCTP_MANY] = { SOCK_SEQPACKET, IPPROTO_SCTP },
	};

	switch (option) {
	case SPATE_SO_TYPE: return names[sock_proto(sock)].type;
	case SPATE_SO_PROTOCOL: return names[sock_proto(sock)].protocol;
	default: return sock_family(sock) == IP_FAMILY_4 ? AF_INET : AF_INET6;
	}
}

static int
option_set(struct embed_socket *socket, enum spate_sockopt option, int64_t value)
{
	switch (option) {
	case SPATE_SO_LINGER: return linger_set(socket, value);
	case SPATE_SO_REUSEADDR: socket->reuseaddr = value != 0; return 0;
	default:
		if (!option_is_sock_s(option))
			return -ENOPROTOOPT;
		if (!value_to_sock(socket->sock, options[option].kind, &value))
			return -EINVAL;
		return sock_option_set(socket->sock, options[option].option, value);
	}
}

static int
option_get(const struct embed_socket *socket, enum spate_sockopt option, int64_t *value)
{
	int rc;

	switch (option) {
	case SPATE_SO_LINGER: return linger_get(socket, value);
	case SPATE_SO_REUSEADDR: *value = socket->reuseaddr; return 0;
	case SPATE_SO_TYPE:
	case SPATE_SO_PROTOCOL:
	case SPATE_SO_DOMAIN: *value = name_get(socket->sock, option); return 0;
	default: break;
	}
	if (!option_is_sock_s(option))
		return -ENOPROTOOPT;
	rc = sock_option_get(socket->sock, options[option].option, value);
	if (rc == 0)
		*value = value_of_sock(options[option].kind, *value);
	/* The mark is in front of the urgent octet. */
	if (rc == 0 && option == SPATE_SIOCATMARK)
		*value = *value == 1;
	return rc;
}

int
spate_setsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t value)
{
	int rc = -EBADF;

	if (embed_sock(spate, fd) != NULL)
		rc = option_set(&spate->sockets[fd], option, value);
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_getsockopt(struct spate *spate, int fd, enum spate_sockopt option, int64_t *value)
{
	int rc = -EBADF;

	if (embed_sock(spate, fd) != NULL)
		rc = option_get(&spate->sockets[fd], option, value);
	return embed_sock_result(rc);
}
