/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of UDP: what lib/udp does, with what lib/ip says of addresses and ways. */
#include "sock/sock_priv.h"

#include <errno.h>

#include "wire/ip4.h"

static int
udp_sock_open(struct sock_core *core, struct sock *sock, uint16_t vrf)
{
	sock->udp = udp_open(core->config.udp, sock->family, vrf, sock);
	return sock->udp != NULL ? 0 : -ENFILE;
}

static void
udp_sock_close(struct sock *sock)
{
	udp_close(sock->udp);
}

/* ---- names ---- */

static bool
port_in_use(void *arg, const struct ip_flow *flow)
{
	const struct sock *sock = arg;

	return !udp_port_is_free(sock->udp, &flow->src, flow->src_port);
}

/* @return a port for the socket; 0: there is none. @param peer of family IP_FAMILY_NONE: not known */
static uint16_t
port_choose(struct sock *sock, const struct ip_addr *local, const struct sock_addr *peer)
{
	struct ephemeral_request request = {
		.flow = { .src = *local,
			.dst = peer->addr,
			.proto = IP_PROTO_UDP,
			.dst_port = peer->port },
		.vrf = sock->udp->vrf,
		.in_use = port_in_use,
		.arg = sock,
	};

	return sock_port_choose(sock->app->core, SOCK_UDP, PKT_IFACE_NONE, &request);
}

static int
bind_to(struct sock *sock, const struct sock_addr *local, const struct sock_addr *peer)
{
	const struct ip_core *ip = sock->app->core->config.ip;
	uint16_t iface = sock_scope_of(&local->addr, local->iface), port = local->port;
	int rc;

	if (sock->udp->bound)
		return -EINVAL;
	if (local->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6 && sock->udp->v6only)
		return -EINVAL;
	if (!ip_addr_is_unspecified(&local->addr) && !sock->freebind &&
		!ip_addr_is_local(ip, sock->udp->vrf, iface, &local->addr))
		return -EADDRNOTAVAIL;
	if (port == 0)
		port = port_choose(sock, &local->addr, peer);
	if (port == 0)
		return -EADDRINUSE;
	rc = udp_bind(sock->udp, &local->addr, iface, port);
	if (rc == 0)
		sock->bound = (struct sock_addr){ local->addr, port, iface };
	return rc;
}

static int
udp_sock_bind(struct sock *sock, const struct sock_addr *local)
{
	const struct sock_addr unknown = { .port = 0 };

	return bind_to(sock, local, &unknown);
}

/* Who sends without a name gets one. */
static int
bind_any(struct sock *sock, const struct sock_addr *peer)
{
	const struct sock_addr any = { { .family = sock->family }, 0, PKT_IFACE_NONE };
	int rc;

	if (sock->udp->bound)
		return 0;
	rc = bind_to(sock, &any, peer);
	return rc == -EADDRINUSE ? -EADDRNOTAVAIL : rc;
}

/* ---- ways ---- */

/*
 * The way to a peer. `local`: the address to send from; all zeros, or of no family: the way's own.
 */
static int
way_find(const struct sock *sock, const struct sock_addr *peer, const struct ip_addr *local,
	struct udp_way *way)
{
	struct ip_core *ip = sock->app->core->config.ip;
	const struct ip_path_query query = {
		.dst = &peer->addr,
		.vrf = sock->udp->vrf,
		.iface = peer->iface != PKT_IFACE_NONE ? peer->iface : sock->udp->iface,
		.source = local->family != peer->addr.family || ip_addr_is_unspecified(local),
	};
	struct ip_path path;
	int rc;

	if (peer->port == 0 || ip_addr_is_unspecified(&peer->addr))
		return -EINVAL;
	if (sock_is_link_local(&peer->addr) && query.iface == PKT_IFACE_NONE)
		return -EINVAL;
	rc = ip_path_find(ip, &query, &path);
	if (rc < 0)
		return rc;
	if (!query.source &&
		!sock_stays_on_link(local,
			sock_is_link_local(&sock->udp->local) ? sock->udp->iface : query.iface,
			&path))
		return -ENETUNREACH;
	*way = (struct udp_way){
		.src = query.source ? path.source : *local,
		.dst = peer->addr,
		.dst_port = peer->port,
		.iface = sock_scope_of(&peer->addr, query.iface),
		.link_mtu = path.link_mtu,
		.path_mtu = path.path_mtu,
		.ttl = sock->udp->ttl != 0 ? sock->udp->ttl : path.ttl,
	};
	if (peer->addr.family == IP_FAMILY_4)
		way->id = (uint16_t)ip_id_next(&ip->ids, way->dst.bytes, 4);
	return 0;
}

static int
udp_sock_connect(struct sock *sock, const struct sock_addr *peer)
{
	struct udp_way way;
	uint16_t iface;
	int rc;

	if (peer->addr.family == IP_FAMILY_NONE)
		return sock->udp->connected
			? udp_disconnect(sock->udp, &sock->bound.addr, sock->bound.iface)
			: 0;
	if (peer->addr.family == IP_FAMILY_4 && sock->family == IP_FAMILY_6 && sock->udp->v6only)
		return -ENETUNREACH;
	rc = bind_any(sock, peer);
	if (rc < 0)
		return rc;
	rc = way_find(sock, peer, &sock->bound.addr, &way);
	if (rc < 0)
		return rc;
	if (!ip_addr_is_unspecified(&sock->bound.addr) &&
		sock->bound.addr.family != peer->addr.family)
		return -EINVAL;
	iface = way.iface != PKT_IFACE_NONE ? way.iface
					    : sock_scope_of(&way.src, sock->bound.iface);
	return udp_connect(sock->udp, &way.src, iface, &peer->addr, peer->port);
}

/* ---- data ---- */

static int
error_take(struct sock *sock)
{
	int error = sock->udp->error;

	sock->udp->error = 0;
	return error;
}

static int
udp_sock_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max)
{
	struct udp_datagram datagrams[SOCK_BATCH];
	unsigned count;

	if (unlikely(sock->udp->error != 0)) {
		/* Who stops at it is told of what waits behind it. */
		if (sock->udp->queued > 0)
			sock_event_again(sock, SOCK_EVENT_READABLE);
		return -error_take(sock);
	}
	count = udp_receive(sock->udp, datagrams, RTE_MIN(max, (unsigned)SOCK_BATCH));
	for (unsigned i = 0; i < count; i++) {
		const struct udp_datagram *d = &datagrams[i];

		msgs[i] = (struct sock_msg){
			.pkt = d->pkt,
			.peer = { d->src, d->src_port, sock_scope_of(&d->src, d->iface) },
			.local = d->dst,
			.tos = d->tos,
			.ttl = d->ttl,
			.flags = SOCK_MSG_END,
		};
	}
	return count > 0 ? (int)count : -EAGAIN;
}

static int64_t
udp_sock_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	struct udp_datagram datagram;
	uint32_t offset, length;

	if (unlikely(sock->udp->error != 0))
		return -error_take(sock);
	if (!udp_peek(sock->udp, &datagram, &offset))
		return -EAGAIN;
	length = RTE_MIN(datagram.pkt->pkt_len - offset, (uint32_t)RTE_MIN(size, UINT32_MAX));
	pkt_copy_out(datagram.pkt, offset, length, data);
	if (peer != NULL)
		*peer = (struct sock_addr){ datagram.src, datagram.src_port,
			sock_scope_of(&datagram.src, datagram.iface) };
	return length;
}

/* The address to send from: as the message, the connection or the user's bind() says. */
static int
source_of(const struct sock *sock, const struct sock_msg *msg, const struct sock_addr *peer,
	const struct ip_addr **local)
{
	const struct udp_socket *udp = sock->udp;

	*local = &udp->local;
	if (msg->local.family == IP_FAMILY_NONE || ip_addr_equal(&msg->local, &udp->local))
		return 0;
	if (!ip_addr_is_unspecified(&udp->local) ||
		!ip_addr_is_local(sock->app->core->config.ip, udp->vrf, peer->iface, &msg->local))
		return -EADDRNOTAVAIL;
	*local = &msg->local;
	return 0;
}

static int
datagram_send(struct sock *sock, struct sock_msg *msg)
{
	struct sock_addr peer = msg->peer;
	const struct ip_addr *local;
	struct udp_way way;
	int rc;

	if (unlikely(sock->udp->error != 0))
		return -error_take(sock);
	if (peer.addr.family == IP_FAMILY_NONE) {
		if (!sock->udp->connected)
			return -EDESTADDRREQ;
		peer = (struct sock_addr){ sock->udp->peer, sock->udp->peer_port,
			sock->udp->iface };
	} else if (peer.addr.family != sock->family &&
		(sock->family == IP_FAMILY_4 || sock->udp->v6only)) {
		return -EAFNOSUPPORT;
	}
	rc = bind_any(sock, &peer);
	if (rc < 0)
		return rc;
	if (!ip_addr_is_unspecified(&sock->bound.addr) &&
		sock->bound.addr.family != peer.addr.family)
		return -ENETUNREACH;
	rc = source_of(sock, msg, &peer, &local);
	if (rc < 0)
		return rc;
	rc = way_find(sock, &peer, local, &way);
	return rc < 0 ? rc : udp_send(sock->udp, msg->pkt, &way);
}

static int
udp_sock_send_msg(struct sock *sock, struct sock_msg *msg)
{
	int rc;

	if (likely(sock->segment == 0 || msg->pkt->pkt_len <= sock->segment))
		rc = datagram_send(sock, msg);
	else
		rc = sock_segment_send(sock, msg, datagram_send);
	/* The output is empty again at the next loop. */
	if (rc == -EAGAIN)
		sock_event_again(sock, SOCK_EVENT_WRITABLE);
	return rc;
}

static uint32_t
udp_sock_ready(const struct sock *sock)
{
	const struct udp_socket *udp = sock->udp;

	return (udp->queued > 0 ? SOCK_EVENT_READABLE : 0U) |
		(udp->error != 0 ? SOCK_EVENT_ERROR : 0U) |
		(pkt_queue_room(sock->app->core->config.output) > 0 ? SOCK_EVENT_WRITABLE : 0U);
}

/* ---- options ---- */

/* What the path to the peer carries, as far as is known. */
static int
mtu_get(const struct sock *sock, int64_t *value)
{
	const struct udp_socket *udp = sock->udp;
	const struct sock_addr peer = { udp->peer, udp->peer_port, udp->iface };
	struct udp_way way;
	int rc;

	if (!udp->connected)
		return -ENOTCONN;
	rc = way_find(sock, &peer, &udp->local, &way);
	if (rc == 0)
		*value = way.path_mtu;
	return rc;
}

/* What an option's value may be, and whether it is too late for it. */
static int
option_check(const struct sock *sock, enum sock_option option, int64_t value)
{
	static const struct {
		int64_t min, max;
		bool settable, before_bind;
	} options[SOCK_OPT_COUNT] = {
		[SOCK_OPT_REUSEPORT] = { 0, 1, true, true },
		[SOCK_OPT_V6ONLY] = { 0, 1, true, true },
		[SOCK_OPT_FREEBIND] = { 0, 1, true, true },
		[SOCK_OPT_RECEIVE_BUFFER] = { 1, UDP_BUFFER_MAX, true, false },
		[SOCK_OPT_PMTU] = { SOCK_PMTU_DONT, SOCK_PMTU_PROBE, true, false },
		[SOCK_OPT_SEGMENT] = { 0, UINT16_MAX, true, false },
		[SOCK_OPT_TTL] = { 1, UINT8_MAX, true, false },
		[SOCK_OPT_TOS] = { 0, UINT8_MAX, true, false },
		[SOCK_OPT_CHECKSUM] = { 0, 1, true, false },
		[SOCK_OPT_ERRORS] = { 0, 1, true, false },
	};

	if ((unsigned)option >= SOCK_OPT_COUNT || !options[option].settable)
		return -ENOPROTOOPT;
	if (value < options[option].min || value > options[option].max ||
		(options[option].before_bind && sock->udp->bound))
		return -EINVAL;
	return 0;
}

static int
udp_sock_option_set(struct sock *sock, enum sock_option option, int64_t value)
{
	struct udp_socket *udp = sock->udp;
	int rc = option_check(sock, option, value);

	if (rc < 0)
		return rc;
	switch (option) {
	case SOCK_OPT_REUSEPORT: udp->reuse = value != 0; break;
	case SOCK_OPT_V6ONLY: udp->v6only = value != 0; break;
	case SOCK_OPT_FREEBIND: sock->freebind = value != 0; break;
	case SOCK_OPT_RECEIVE_BUFFER: udp->buffer_max = (uint32_t)value; break;
	case SOCK_OPT_PMTU: udp->pmtu = (uint8_t)value; break;
	case SOCK_OPT_SEGMENT: sock->segment = (uint16_t)value; break;
	case SOCK_OPT_TTL: udp->ttl = (uint8_t)value; break;
	case SOCK_OPT_TOS: udp->tos = (uint8_t)value; break;
	case SOCK_OPT_CHECKSUM: udp->checksum = value != 0; break;
	case SOCK_OPT_ERRORS: udp->errors = value != 0; break;
	default: break;
	}
	return 0;
}

/* Of the next datagram; one without data, and none, have 0. */
static uint32_t
unread(const struct udp_socket *udp)
{
	struct udp_datagram datagram;
	uint32_t offset;

	return udp_peek(udp, &datagram, &offset) ? datagram.pkt->pkt_len - offset : 0;
}

static int
udp_sock_option_get(struct sock *sock, enum sock_option option, int64_t *value)
{
	const struct udp_socket *udp = sock->udp;

	switch (option) {
	case SOCK_OPT_ERROR: *value = error_take(sock); return 0;
	case SOCK_OPT_REUSEPORT: *value = udp->reuse; return 0;
	case SOCK_OPT_V6ONLY: *value = udp->v6only; return 0;
	case SOCK_OPT_FREEBIND: *value = sock->freebind; return 0;
	case SOCK_OPT_RECEIVE_BUFFER: *value = udp->buffer_max; return 0;
	case SOCK_OPT_PMTU: *value = udp->pmtu; return 0;
	case SOCK_OPT_MTU: return mtu_get(sock, value);
	case SOCK_OPT_SEGMENT: *value = sock->segment; return 0;
	case SOCK_OPT_TTL: *value = udp->ttl != 0 ? udp->ttl : IP_TTL_DEFAULT; return 0;
	case SOCK_OPT_TOS: *value = udp->tos; return 0;
	case SOCK_OPT_CHECKSUM: *value = udp->checksum; return 0;
	case SOCK_OPT_ERRORS: *value = udp->errors; return 0;
	case SOCK_OPT_UNREAD: *value = unread(udp); return 0;
	default: return -ENOPROTOOPT;
	}
}

static int
udp_sock_local(const struct sock *sock, struct sock_addr *local)
{
	const struct udp_socket *udp = sock->udp;

	*local = (struct sock_addr){ udp->local, udp->local_port, udp->iface };
	if (!udp->bound)
		*local = (struct sock_addr){ { .family = sock->family }, 0, PKT_IFACE_NONE };
	return 0;
}

static int
udp_sock_peer(const struct sock *sock, struct sock_addr *peer)
{
	if (!sock->udp->connected)
		return -ENOTCONN;
	*peer = (struct sock_addr){ sock->udp->peer, sock->udp->peer_port,
		sock_scope_of(&sock->udp->peer, sock->udp->iface) };
	return 0;
}

const struct sock_ops sock_udp_ops = {
	.open = udp_sock_open,
	.bind = udp_sock_bind,
	.connect = udp_sock_connect,
	.close = udp_sock_close,
	.receive_msgs = udp_sock_receive_msgs,
	.peek = udp_sock_peek,
	.send_msg = udp_sock_send_msg,
	.ready = udp_sock_ready,
	.option_set = udp_sock_option_set,
	.option_get = udp_sock_option_get,
	.local = udp_sock_local,
	.peer = udp_sock_peer,
};
