/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of TCP's sockets: kept in the socket, and told to its connection if it has one. */
#include "sock/sock_priv.h"

#include <errno.h>

#include "cc/cc.h"
#include "wire/ip4.h"

/* Buffers: no fewer than a few segments, no more than a window of RFC 7323 may say. */
#define BUFFER_MIN  4096
#define BUFFER_MAX  (64 << 20)
#define TIMEOUT_MAX 86400000 /* a day */
#define MAXSEG_MIN  88

const char *
sock_congestion_name(unsigned number)
{
	const struct cc_ops *ops = cc_get(number);

	return ops != NULL ? ops->name : NULL;
}

void
sock_congestion_set(struct sock_core *core, uint16_t vrf, const struct cc_ops *cc)
{
	core->congestion[vrf] = cc;
}

struct tcp_settings
sock_tcp_settings(const struct sock *sock, uint8_t ttl)
{
	struct tcp_settings settings = sock->tcp.settings;

	if (settings.ttl == 0)
		settings.ttl = ttl;
	if (!sock->tcp.keepalive)
		settings.keepalive_idle_ms = 0;
	return settings;
}

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
		[SOCK_OPT_CORK] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_QUICKACK] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_KEEPALIVE] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_KEEPALIVE_IDLE] = { 1, TIMEOUT_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_KEEPALIVE_INTERVAL] = { 1, TIMEOUT_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_KEEPALIVE_COUNT] = { 1, UINT8_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_USER_TIMEOUT] = { 0, TIMEOUT_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_USER_TIMEOUT_TOLD] = { 0, 1, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_PACING_RATE] = { 0, UINT32_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_CONGESTION] = { 0, UINT8_MAX, SOCK_OPTION_ALWAYS },
		[SOCK_OPT_MAXSEG] = { MAXSEG_MIN, UINT16_MAX, SOCK_OPTION_UNCONNECTED },
		[SOCK_OPT_ABORT] = { 0, 1, SOCK_OPTION_ALWAYS },
	};
	const struct sock_tcp *tcp = &sock->tcp;
	bool connected = tcp->conn != NULL || tcp->listener != NULL;
	int rc = sock_option_check(rules, option, value,
		connected                   ? SOCK_OPTION_ALWAYS
			: tcp->name != NULL ? SOCK_OPTION_UNCONNECTED
					    : SOCK_OPTION_UNBOUND);

	/* What SYN-ACKs have said of the window holds for what becomes of them. */
	return rc == 0 && option == SOCK_OPT_RECEIVE_BUFFER && tcp->listener != NULL ? -EINVAL : rc;
}

static void
settings_put(struct sock *sock, enum sock_option option, int64_t value)
{
	struct tcp_settings *settings = &sock->tcp.settings;

	switch (option) {
	case SOCK_OPT_RECEIVE_BUFFER:
		settings->receive_buffer = settings->receive_buffer_max = (uint32_t)value;
		break;
	case SOCK_OPT_SEND_BUFFER:
		settings->send_buffer = settings->send_buffer_max = (uint32_t)value;
		break;
	case SOCK_OPT_TTL: settings->ttl = (uint8_t)value; break;
	case SOCK_OPT_TOS: settings->tos = (uint8_t)(value & ~3); break; /* RFC 3168 5: ECN's */
	case SOCK_OPT_NODELAY: settings->nodelay = value != 0; break;
	case SOCK_OPT_CORK: settings->cork = value != 0; break;
	case SOCK_OPT_QUICKACK: settings->quickack = value != 0; break;
	case SOCK_OPT_KEEPALIVE: sock->tcp.keepalive = value != 0; break;
	case SOCK_OPT_KEEPALIVE_IDLE: settings->keepalive_idle_ms = (uint32_t)value; break;
	case SOCK_OPT_KEEPALIVE_INTERVAL: settings->keepalive_interval_ms = (uint32_t)value; break;
	case SOCK_OPT_KEEPALIVE_COUNT: settings->keepalive_count = (uint8_t)value; break;
	case SOCK_OPT_USER_TIMEOUT: settings->user_timeout_ms = (uint32_t)value; break;
	case SOCK_OPT_USER_TIMEOUT_TOLD: settings->adv_uto = value != 0; break;
	case SOCK_OPT_PACING_RATE: settings->pacing_rate = (uint32_t)value; break;
	case SOCK_OPT_CONGESTION: settings->cc = cc_get((unsigned)value); break;
	case SOCK_OPT_MAXSEG: settings->mss_max = (uint16_t)value; break;
	default: break;
	}
}

int
sock_tcp_option_set(struct sock *sock, enum sock_option option, int64_t value)
{
	struct tcp_core *core = sock->app->core->config.tcp;
	struct sock_tcp *tcp = &sock->tcp;
	struct tcp_settings settings;
	int rc = option_check(sock, option, value);

	if (rc < 0)
		return rc;
	switch (option) {
	case SOCK_OPT_REUSEPORT: tcp->reuse = value != 0; return 0;
	case SOCK_OPT_V6ONLY: tcp->v6only = value != 0; return 0;
	case SOCK_OPT_FREEBIND: sock->freebind = value != 0; return 0;
	case SOCK_OPT_ABORT: tcp->abort = value != 0; return 0;
	default: settings_put(sock, option, value); break;
	}
	if (tcp->conn != NULL) {
		settings = sock_tcp_settings(sock, IP_TTL_DEFAULT);
		tcp_settings_set(core, tcp->conn, &settings);
	} else if (tcp->listener != NULL) {
		settings = sock_tcp_settings(sock, IP_TTL_DEFAULT);
		settings.mtu = 0;
		tcp_listener_settings_set(tcp->listener, &settings);
	}
	return 0;
}

static int64_t
congestion_number(const struct cc_ops *ops)
{
	unsigned number = 0;

	while (cc_get(number) != ops)
		number++;
	return number;
}

/* Those that only a connection has. */
static int
connection_get(const struct sock *sock, enum sock_option option, int64_t *value)
{
	struct tcp_info info;

	if (sock->tcp.conn == NULL)
		return option == SOCK_OPT_MTU ? -ENOTCONN : 0;
	tcp_info(sock->app->core->config.tcp, sock->tcp.conn, &info);
	*value = option == SOCK_OPT_MTU          ? info.pmtu
		: option == SOCK_OPT_MAXSEG      ? info.snd_mss
		: option == SOCK_OPT_SEND_BUFFER ? info.send_buffer
						 : info.receive_buffer;
	return 0;
}

/* How much is in the buffers. */
static int
queue_get(const struct sock_tcp *tcp, enum sock_option option, int64_t *value)
{
	if (tcp->conn == NULL)
		return -ENOTCONN;
	*value = option == SOCK_OPT_URGENT  ? tcp_urgent_left(tcp->conn)
		: option == SOCK_OPT_UNREAD ? tcp_unread(tcp->conn)
					    : tcp_unacked(tcp->conn);
	return 0;
}

int
sock_tcp_option_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	const struct tcp_settings *settings = &sock->tcp.settings;
	const struct sock_tcp *tcp = &sock->tcp;

	switch (option) {
	case SOCK_OPT_ERROR: *value = tcp->conn != NULL ? tcp_error(tcp->conn) : 0; return 0;
	case SOCK_OPT_REUSEPORT: *value = tcp->reuse; return 0;
	case SOCK_OPT_V6ONLY: *value = tcp->v6only; return 0;
	case SOCK_OPT_FREEBIND: *value = sock->freebind; return 0;
	case SOCK_OPT_RECEIVE_BUFFER:
		*value = settings->receive_buffer;
		return connection_get(sock, option, value);
	case SOCK_OPT_SEND_BUFFER:
		*value = settings->send_buffer;
		return connection_get(sock, option, value);
	case SOCK_OPT_MTU: return connection_get(sock, option, value);
	case SOCK_OPT_TTL: *value = settings->ttl != 0 ? settings->ttl : IP_TTL_DEFAULT; return 0;
	case SOCK_OPT_TOS: *value = settings->tos; return 0;
	case SOCK_OPT_NODELAY: *value = settings->nodelay; return 0;
	case SOCK_OPT_CORK: *value = settings->cork; return 0;
	case SOCK_OPT_QUICKACK: *value = settings->quickack; return 0;
	case SOCK_OPT_KEEPALIVE: *value = tcp->keepalive; return 0;
	case SOCK_OPT_KEEPALIVE_IDLE: *value = settings->keepalive_idle_ms; return 0;
	case SOCK_OPT_KEEPALIVE_INTERVAL: *value = settings->keepalive_interval_ms; return 0;
	case SOCK_OPT_KEEPALIVE_COUNT: *value = settings->keepalive_count; return 0;
	case SOCK_OPT_USER_TIMEOUT: *value = settings->user_timeout_ms; return 0;
	case SOCK_OPT_USER_TIMEOUT_TOLD: *value = settings->adv_uto; return 0;
	case SOCK_OPT_PACING_RATE: *value = settings->pacing_rate; return 0;
	case SOCK_OPT_CONGESTION: *value = congestion_number(settings->cc); return 0;
	case SOCK_OPT_MAXSEG:
		*value = settings->mss_max;
		return connection_get(sock, option, value);
	case SOCK_OPT_ABORT: *value = tcp->abort; return 0;
	case SOCK_OPT_LISTENING: *value = tcp->listener != NULL; return 0;
	case SOCK_OPT_URGENT:
	case SOCK_OPT_UNREAD:
	case SOCK_OPT_UNACKED: return queue_get(tcp, option, value);
	default: return -ENOPROTOOPT;
	}
}
