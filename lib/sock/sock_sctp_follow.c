/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Associations of sockets that are bound to any follow the addresses of interfaces: SCTP_AUTO_ASCONF,
 * RFC 6458 8.1.23. Called by sock_event.c.
 */
#include "sock/sock_sctp_priv.h"

/* Associations that are looked at in one loop. */
#define FOLLOW_AT_ONCE 64

/* More that we have than the peer knows, while there is room for it. @return what there was no time for */
static bool
adds_tell(const struct sock_assoc *sa, const struct sctp_bind *now, const struct ip_addr *known,
	unsigned count)
{
	bool again = false;

	for (unsigned i = 0; i < now->addr_count; i++) {
		int rc = sock_addr_is_among(known, count, &now->addrs[i])
			? 0
			: sctp_addr_add(sock_sctp_of(sa->sock), sa->assoc, &now->addrs[i]);

		again |= rc == -ENOBUFS;
	}
	return again;
}

/* Less: the last one that paths can be sent on from stays, and goes when another has come. */
static bool
deletes_tell(const struct sock_assoc *sa, const struct sctp_bind *now, const struct ip_addr *known,
	unsigned count)
{
	bool again = false;

	for (unsigned i = 0; i < count; i++) {
		/* There may be more than `now` has room for. */
		bool is_ours = sock_addr_is_among(now->addrs, now->addr_count, &known[i]) ||
			ip_addr_is_local(sa->sock->app->core->config.ip, sa->sock->sctp->vrf,
				PKT_IFACE_NONE, &known[i]);
		int rc = is_ours ? 0
				 : sctp_addr_delete(sock_sctp_of(sa->sock), sa->assoc, &known[i]);

		again |= rc == -ENOBUFS || rc == -EINVAL;
	}
	return again;
}

void
sock_assoc_follow(struct sock_assoc *sa)
{
	const enum sctp_state state = sctp_assoc_state(sa->assoc);
	struct sctp_bind now = { .addr_count = 0 };
	struct ip_addr known[SCTP_ADDRS_MAX];
	unsigned count = sctp_locals(sa->assoc, known);

	/* Handshakes have said what there was when they began. */
	sa->follow_again = sa->sock->sctp->follow &&
		(state == SCTP_COOKIE_WAIT || state == SCTP_COOKIE_ECHOED);
	if (state != SCTP_ESTABLISHED || !sa->sock->sctp->follow)
		return;
	sock_sctp_addrs_all(sa->sock, &now);
	sa->follow_again = deletes_tell(sa, &now, known, count);
	sa->follow_again |= adds_tell(sa, &now, known, count);
}

void
sock_sctp_follow_set(struct sock_sctp *sctp, bool on)
{
	struct sock_core *core = sctp->sock->app->core;

	if (sctp->follow == on)
		return;
	sctp->follow = on;
	if (!on) {
		core->sctp.follow_count--;
		return;
	}
	/* What has changed before was never promised to be told. */
	if (core->sctp.follow_count++ == 0) {
		core->sctp.follow_changes = ip_addrs_changes(core->config.ip);
		core->sctp.follow_next = core->sctp.assocs.max;
	}
}

/* Of the worker's associations some are left to be looked at, or all are again. */
bool
sock_sctp_follow_is_due(const struct sock_core *core)
{
	const struct sock_sctp_core *sctp = &core->sctp;

	return unlikely(sctp->follow_count > 0) &&
		(sctp->follow_next < sctp->assocs.fresh ||
			sctp->follow_changes != ip_addrs_changes(core->config.ip));
}

void
sock_sctp_follow(struct sock_core *core)
{
	struct sock_sctp_core *sctp = &core->sctp;
	const uint32_t changes = ip_addrs_changes(core->config.ip);
	uint32_t end;

	if (sctp->follow_changes != changes)
		sctp->follow_next = 0;
	sctp->follow_changes = changes;
	end = RTE_MIN(sctp->follow_next + FOLLOW_AT_ONCE, sctp->assocs.fresh);
	for (; sctp->follow_next < end; sctp->follow_next++) {
		struct sock_assoc *sa = slab_at(&sctp->assocs, sctp->follow_next);

		if (sa->sock != NULL && sa->sock->sctp->addr_count == 0)
			sock_assoc_follow(sa);
	}
	if (sctp->follow_next >= sctp->assocs.fresh)
		sctp->follow_next = sctp->assocs.max;
}
