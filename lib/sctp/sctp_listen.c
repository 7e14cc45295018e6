/* SPDX-License-Identifier: BSD-3-Clause */
/* Listeners, and associations that wait to be accepted. */
#include "sctp/sctp_priv.h"

static struct sctp_listener_bucket *
bucket(struct sctp_core *core, uint16_t port)
{
	return &core->by_port[port % SCTP_LISTENER_BUCKETS];
}

/* An address of a listener's takes packets to one. */
static bool
addr_takes(const struct ip_addr *bound, const struct ip_addr *local)
{
	if (ip_addr_equal(bound, local))
		return true;
	return ip_addr_is_unspecified(bound) &&
		(bound->family == local->family || bound->family == IP_FAMILY_6);
}

struct sctp_listener *
sctp_listener_lookup(
	struct sctp_core *core, uint8_t vrf, uint16_t port, const struct ip_addr *local)
{
	struct sctp_listener *listener, *any = NULL;

	LIST_FOREACH (listener, bucket(core, port), next) {
		if (listener->bind.port != port || listener->bind.vrf != vrf)
			continue;
		for (unsigned i = 0; i < listener->bind.addr_count; i++) {
			if (ip_addr_equal(&listener->bind.addrs[i], local))
				return listener;
			if (addr_takes(&listener->bind.addrs[i], local))
				any = listener;
		}
	}
	return any;
}

static bool
binds_clash(const struct sctp_bind *a, const struct sctp_bind *b)
{
	if (a->port != b->port || a->vrf != b->vrf)
		return false;
	for (unsigned i = 0; i < a->addr_count; i++) {
		for (unsigned j = 0; j < b->addr_count; j++) {
			if (ip_addr_equal(&a->addrs[i], &b->addrs[j]))
				return true;
		}
	}
	return false;
}

int
sctp_listen(struct sctp_core *core, const struct sctp_bind *bind,
	const struct sctp_settings *settings, unsigned backlog, void *user,
	struct sctp_listener **result)
{
	struct sctp_listener *listener;

	if (bind->addr_count == 0 || bind->addr_count > SCTP_ADDRS_MAX || bind->port == 0)
		return -EINVAL;
	LIST_FOREACH (listener, bucket(core, bind->port), next) {
		if (binds_clash(&listener->bind, bind))
			return -EADDRINUSE;
	}
	listener = slab_take(&core->listeners);
	if (listener == NULL)
		return -ENFILE;
	*listener = (struct sctp_listener){
		.bind = *bind, .settings = *settings, .backlog = backlog, .user = user
	};
	sctp_settings_limit(&listener->settings);
	TAILQ_INIT(&listener->accepted);
	LIST_INSERT_HEAD(bucket(core, bind->port), listener, next);
	sctp_ports_listener_add(core, bind->port);
	*result = listener;
	return 0;
}

int
sctp_listener_addrs_set(
	struct sctp_core *core, struct sctp_listener *listener, const struct sctp_bind *bind)
{
	const struct sctp_listener *other;

	if (bind->addr_count == 0 || bind->addr_count > SCTP_ADDRS_MAX ||
		bind->port != listener->bind.port || bind->vrf != listener->bind.vrf)
		return -EINVAL;
	LIST_FOREACH (other, bucket(core, bind->port), next) {
		if (other != listener && binds_clash(&other->bind, bind))
			return -EADDRINUSE;
	}
	listener->bind = *bind;
	return 0;
}

void
sctp_listener_backlog_set(struct sctp_listener *listener, unsigned backlog)
{
	listener->backlog = backlog;
}

void
sctp_unlisten(struct sctp_core *core, struct sctp_listener *listener)
{
	struct sctp_assoc *assoc;

	while ((assoc = TAILQ_FIRST(&listener->accepted)) != NULL) {
		sctp_accept_remove(assoc);
		sctp_abort(core, assoc, NULL, 0);
	}
	if (listener->on_events)
		TAILQ_REMOVE(&core->listener_events, listener, event_next);
	LIST_REMOVE(listener, next);
	sctp_ports_listener_remove(core, listener->bind.port);
	sctp_auth_keys_free(core, &listener->keys);
	slab_give(&core->listeners, listener);
}

void
sctp_accept_add(struct sctp_core *core, struct sctp_listener *listener, struct sctp_assoc *assoc)
{
	const uint8_t events = assoc->events;

	/* There is nobody to tell yet: what its set-up had to say waits for sctp_accept(). */
	sctp_event_drop(core, assoc);
	assoc->events = events;
	assoc->listener = listener;
	TAILQ_INSERT_TAIL(&listener->accepted, assoc, accept_next);
	listener->accepted_count++;
	sctp_listener_event_add(core, listener);
}

void
sctp_accept_remove(struct sctp_assoc *assoc)
{
	if (assoc->listener == NULL)
		return;
	TAILQ_REMOVE(&assoc->listener->accepted, assoc, accept_next);
	assoc->listener->accepted_count--;
	assoc->listener = NULL;
}

struct sctp_assoc *
sctp_accept(struct sctp_core *core, struct sctp_listener *listener, void *user)
{
	struct sctp_assoc *assoc = TAILQ_FIRST(&listener->accepted);

	if (assoc == NULL)
		return NULL;
	sctp_accept_remove(assoc);
	assoc->user = user;
	sctp_event_add(core, assoc, assoc->events);
	return assoc;
}

unsigned
sctp_listener_ready(const struct sctp_listener *listener)
{
	return listener->accepted_count;
}
