/* SPDX-License-Identifier: BSD-3-Clause */
/* The associations of sockets of SCTP: their ids, and which of them have something to be received. */
#include "sock/sock_sctp_priv.h"

#define SECOND_NS 1000000000ULL
/* That one strike of a socket's autoclose timer ends. */
#define AUTOCLOSE_AT_ONCE 64

int
sock_sctp_core_init(struct sock_core *core)
{
	const struct sock_config *config = &core->config;
	struct sock_sctp_core *sctp = &core->sctp;
	const uint32_t assocs_max = sctp_assocs_max(config->sctp);
	int rc;

	STAILQ_INIT(&sctp->starved);
	/* One each, and as many again that listen, or have no association yet. */
	rc = slab_init(&sctp->socks, sizeof(struct sock_sctp),
		RTE_MIN(config->socks_max, 2 * assocs_max), config->numa_node);
	return rc != 0 ? rc
		       : slab_init(&sctp->assocs, sizeof(struct sock_assoc), assocs_max,
				 config->numa_node);
}

void
sock_sctp_core_fini(struct sock_core *core)
{
	slab_fini(&core->sctp.socks);
	slab_fini(&core->sctp.assocs);
}

/* ---- ids ---- */

/* Its place, and how often places were taken: an id is not soon another's. */
static uint32_t
id_make(struct sock_sctp_core *sctp, const struct sock_assoc *sa)
{
	const uint32_t max = sctp->assocs.max;
	const uint32_t rounds = (INT32_MAX - SOCK_SCTP_ASSOC_FIRST) / max;

	return SOCK_SCTP_ASSOC_FIRST + slab_index(&sctp->assocs, sa) +
		max * (sctp->assocs_taken++ % rounds);
}

struct sock_assoc *
sock_assoc_find(const struct sock *sock, uint32_t id)
{
	const struct slab *assocs = &sock->app->core->sctp.assocs;
	struct sock_assoc *sa;
	uint32_t index;

	if (!sock->sctp->many)
		return TAILQ_FIRST(&sock->sctp->assocs);
	if (id < SOCK_SCTP_ASSOC_FIRST)
		return NULL;
	index = (id - SOCK_SCTP_ASSOC_FIRST) % assocs->max;
	if (index >= assocs->fresh)
		return NULL;
	sa = slab_at(assocs, index);
	return sa->id == id && sa->sock == sock ? sa : NULL;
}

struct sock_assoc *
sock_assoc_with(const struct sock *sock, const struct sock_addr *peer)
{
	const struct sock_sctp *sctp = sock->sctp;
	struct sctp_assoc *assoc = NULL;

	if (!sctp->bound)
		return NULL;
	while ((assoc = sctp_lookup(sock_sctp_of(sock), (uint8_t)sctp->vrf, sock->bound.port,
			&peer->addr, peer->port, assoc)) != NULL) {
		struct sock_assoc *sa = sctp_user(assoc);

		if (sa != NULL && sa->sock == sock)
			return sa;
	}
	return NULL;
}

uint32_t
sock_sctp_assoc_with(const struct sock *sock, const struct sock_addr *peer)
{
	const struct sock_assoc *sa = sock_is_sctp(sock) ? sock_assoc_with(sock, peer) : NULL;

	return sa != NULL ? sa->id : SOCK_SCTP_FUTURE;
}

unsigned
sock_sctp_assocs(const struct sock *sock, uint32_t *ids, unsigned max)
{
	const struct sock_assoc *sa;
	unsigned count = 0;

	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		/* What has ended is there for what is left to be received. */
		if (sctp_assoc_state(sa->assoc) == SCTP_CLOSED)
			continue;
		if (count < max)
			ids[count] = sa->id;
		count++;
	}
	return count;
}

/* ---- coming and going ---- */

struct sock_assoc *
sock_assoc_add(struct sock *sock)
{
	struct sock_sctp_core *core = &sock->app->core->sctp;
	struct sock_sctp *sctp = sock->sctp;
	struct sock_assoc *sa = slab_take(&core->assocs);

	if (sa == NULL)
		return NULL;
	*sa = (struct sock_assoc){ .sock = sock,
		.defaults = sctp->defaults,
		.context = sctp->context,
		.id = id_make(core, sa) };
	TAILQ_INSERT_TAIL(&sctp->assocs, sa, entry);
	sctp->assoc_count++;
	sock_assoc_touch(sa);
	if (sctp->autoclose_s != 0 && !sock_timer_is_set(&sctp->autoclose))
		sock_autoclose_set(sock, sctp->autoclose_s);
	return sa;
}

void
sock_assoc_set(struct sock_assoc *sa, struct sctp_assoc *assoc)
{
	struct sctp_info info;

	sa->assoc = assoc;
	sctp_user_set(assoc, sa);
	sctp_info(sock_sctp_of(sa->sock), assoc, &info);
	sa->remote_port = info.remote_port;
	if (sa->sock->sctp->follow && sa->sock->sctp->addr_count == 0)
		sock_assoc_follow(sa);
}

void
sock_assoc_remove(struct sock_assoc *sa)
{
	struct sock_sctp *sctp = sa->sock->sctp;
	struct sock_core *core = sa->sock->app->core;

	sock_assoc_unready(sa);
	TAILQ_REMOVE(&sctp->assocs, sa, entry);
	sctp->assoc_count--;
	sa->id = 0;
	sa->sock = NULL;
	sa->assoc = NULL;
	slab_give(&core->sctp.assocs, sa);
}

void
sock_assocs_close(struct sock *sock)
{
	struct sctp_core *core = sock_sctp_of(sock);
	struct sock_assoc *sa, *next;

	for (sa = TAILQ_FIRST(&sock->sctp->assocs); sa != NULL; sa = next) {
		next = TAILQ_NEXT(sa, entry);
		if (sock->sctp->abort)
			sctp_abort(core, sa->assoc, NULL, 0);
		else
			sctp_close(core, sa->assoc);
		sock_assoc_remove(sa);
	}
}

/* ---- what is to be received ---- */

void
sock_assoc_ready(struct sock_assoc *sa)
{
	if (sa->on_ready || !sa->sock->sctp->many)
		return;
	TAILQ_INSERT_TAIL(&sa->sock->sctp->ready, sa, ready_entry);
	sa->on_ready = true;
}

void
sock_assoc_unready(struct sock_assoc *sa)
{
	if (sa->on_ready)
		TAILQ_REMOVE(&sa->sock->sctp->ready, sa, ready_entry);
	sa->on_ready = false;
}

/* ---- autoclose: RFC 6458 8.1.8 ---- */

void
sock_assoc_touch(struct sock_assoc *sa)
{
	struct sock_sctp *sctp = sa->sock->sctp;

	if (!sctp->many)
		return;
	sa->active_ns = sock_now_ns(sa->sock->app->core);
	TAILQ_REMOVE(&sctp->assocs, sa, entry);
	TAILQ_INSERT_TAIL(&sctp->assocs, sa, entry);
}

/* The oldest is in front: who has ended gets another such time to do so. */
static void
autoclose_strike(struct sock_app *app, struct sock_timer *timer)
{
	struct sock_sctp *sctp =
		(struct sock_sctp *)RTE_PTR_SUB(timer, offsetof(struct sock_sctp, autoclose));
	const uint64_t wait_ns = sctp->autoclose_s * SECOND_NS, now_ns = sock_now_ns(app->core);
	struct sock_assoc *sa;

	for (unsigned i = 0; i < AUTOCLOSE_AT_ONCE; i++) {
		sa = TAILQ_FIRST(&sctp->assocs);
		if (sa == NULL || sa->active_ns + wait_ns > now_ns)
			break;
		sctp_shutdown(app->core->config.sctp, sa->assoc);
		sock_assoc_touch(sa);
	}
	sock_autoclose_set(sctp->sock, sctp->autoclose_s);
}

void
sock_autoclose_set(struct sock *sock, uint32_t seconds)
{
	struct sock_sctp *sctp = sock->sctp;
	const struct sock_assoc *sa = TAILQ_FIRST(&sctp->assocs);

	sctp->autoclose_s = seconds;
	if (seconds == 0 || sa == NULL) {
		sock_timer_clear(&sctp->autoclose);
		return;
	}
	sctp->autoclose.strike = autoclose_strike;
	sock_timer_set(sock->app, &sctp->autoclose, sa->active_ns + seconds * SECOND_NS);
}
