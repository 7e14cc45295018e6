/* SPDX-License-Identifier: BSD-3-Clause */
/* Listeners, and segments for them: RFC 9293 3.10.1, 3.10.7.2. */
#include "tcp/tcp_priv.h"

static struct tcp_listener_bucket *
bucket_of(struct tcp_core *core, uint16_t port)
{
	return &core->listening[port % TCP_LISTENER_BUCKETS];
}

static bool
addr_matches(const struct tcp_bind *bind, const struct tcp_tuple *tuple)
{
	return bind->addr.family == tuple->family &&
		memcmp(bind->addr.bytes, tuple->local, ip_addr_length(&bind->addr)) == 0;
}

/* The address itself first, then any of its family, then any at all. 0: not this one */
static unsigned
listener_match(const struct tcp_listener *listener, const struct tcp_tuple *tuple)
{
	const struct tcp_bind *bind = &listener->bind;

	if (bind->port != tuple->local_port || bind->vrf != tuple->vrf)
		return 0;
	if (!ip_addr_is_unspecified(&bind->addr))
		return addr_matches(bind, tuple) ? 3 : 0;
	if (bind->addr.family == tuple->family)
		return 2;
	return bind->addr.family == IP_FAMILY_6 && !bind->v6only ? 1 : 0;
}

struct tcp_listener *
tcp_listener_lookup(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	struct tcp_listener *listener, *best = NULL;
	unsigned best_match = 0;

	LIST_FOREACH (listener, &core->listening[tuple->local_port % TCP_LISTENER_BUCKETS], next) {
		unsigned match = listener_match(listener, tuple);

		if (match > best_match) {
			best_match = match;
			best = listener;
		}
	}
	return best;
}

int
tcp_listen(struct tcp_core *core, const struct tcp_bind *bind, const struct tcp_settings *settings,
	unsigned backlog, void *user, struct tcp_listener **result)
{
	struct tcp_listener *listener;

	LIST_FOREACH (listener, bucket_of(core, bind->port), next) {
		if (listener->bind.port == bind->port && listener->bind.vrf == bind->vrf &&
			ip_addr_equal(&listener->bind.addr, &bind->addr))
			return -EADDRINUSE;
	}
	listener = slab_take(&core->listeners);
	if (listener == NULL)
		return -ENFILE;
	*listener = (struct tcp_listener){
		.bind = *bind,
		.settings = *settings,
		.backlog = RTE_MAX(backlog, 1U),
		.user = user,
	};
	STAILQ_INIT(&listener->accepted);
	LIST_INIT(&listener->half_open);
	LIST_INSERT_HEAD(bucket_of(core, bind->port), listener, next);
	tcp_ports_listener_add(core, bind->port);
	*result = listener;
	return 0;
}

void
tcp_listener_settings_set(struct tcp_listener *listener, const struct tcp_settings *settings)
{
	listener->settings = *settings;
}

void
tcp_unlisten(struct tcp_core *core, struct tcp_listener *listener)
{
	struct tcp_half_open *half;
	struct tcp_conn *conn;

	LIST_REMOVE(listener, next);
	tcp_ports_listener_remove(core, listener->bind.port);
	if (listener->on_events)
		TAILQ_REMOVE(&core->listener_events, listener, event_next);
	while ((half = LIST_FIRST(&listener->half_open)) != NULL)
		tcp_half_open_remove(core, half);
	while ((conn = tcp_accept(core, listener, NULL)) != NULL)
		tcp_abort(core, conn);
	slab_give(&core->listeners, listener);
}

struct tcp_conn *
tcp_accept(struct tcp_core *core, struct tcp_listener *listener, void *user)
{
	struct tcp_conn *conn = STAILQ_FIRST(&listener->accepted);

	if (conn == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&listener->accepted, accept_next);
	listener->accepted_count--;
	conn->listener = NULL;
	conn->user = user;
	/* What happened since it was established. */
	tcp_event_add(core, conn, 0);
	return conn;
}

static void
cookie_input(struct tcp_core *core, struct tcp_listener *listener, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	struct tcp_half_open half;
	struct tcp_conn *conn;

	if (!tcp_cookie_check(core, listener, segment, &half)) {
		tcp_reset_send(core, segment, out);
		return;
	}
	/* It comes again with data, and perhaps there is room then. */
	if (listener->accepted_count >= listener->backlog) {
		tcp_count(core, TCP_STAT_accept_dropped);
		tcp_segment_drop(segment, DROP_tcp_accept_full);
		return;
	}
	if (tcp_peer_refuses(core, segment, out))
		return;
	tcp_count(core, TCP_STAT_cookies_good);
	conn = tcp_half_open_accept(core, &half, segment);
	if (conn != NULL)
		tcp_established_input(core, conn, segment);
	else
		tcp_segment_drop(segment, DROP_tcp_no_conns);
}

void
tcp_listen_input(struct tcp_core *core, struct tcp_listener *listener, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	/* First step: no connection, so nothing to reset. */
	if (segment->flags & TCP_RST)
		return;
	/* Second step: an ACK is unexpected, unless it brings back what a SYN-ACK has told. */
	if (segment->flags & TCP_ACK) {
		cookie_input(core, listener, segment, out);
		return;
	}
	/* Third step. RFC 9293 3.10.7.2: what is neither is dropped; so is a SYN that ends as well. */
	if ((segment->flags & (TCP_SYN | TCP_FIN)) == TCP_SYN)
		tcp_half_open_add(core, listener, segment, out);
}
