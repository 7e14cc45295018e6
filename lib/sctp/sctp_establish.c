/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The second half of the handshake: COOKIE ECHO and COOKIE ACK, and what a cookie means to an
 * association that there is. RFC 9260 5.1 (C) to (E), 5.2.4.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"
#include "sctp/sctp_encaps_priv.h"

/* ---- COOKIE ECHO, sent ---- */

void
sctp_cookie_echo_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_path *path = assoc->paths[assoc->init_path % assoc->path_count];
	const uint8_t *cookie = rte_pktmbuf_mtod(assoc->cookie, const uint8_t *);
	uint32_t report = assoc->cookie->data_len - assoc->cookie_length;
	struct sctp_build build;
	uint32_t place;

	if (!sctp_build_begin(core, assoc, path, out, &build))
		return;
	build.summed = true;
	/* RFC 9260 6.10: what no packet to there carries IP cuts. */
	if (build.writer.room < SCTP_CHUNK_HDR_LENGTH + sctp_padded(assoc->cookie_length))
		sctp_build_enlarge(
			&build, SCTP_CHUNK_HDR_LENGTH + sctp_padded(assoc->cookie_length));
	place = sctp_chunk_begin(&build.writer, SCTP_COOKIE_ECHO, 0);
	sctp_put(&build.writer, cookie, assoc->cookie_length);
	sctp_chunk_end(&build.writer, place);
	/* RFC 9260 3.2.1: what of the INIT ACK was not understood. */
	if (report > 0 && build.writer.room - build.writer.used > report + 8) {
		place = sctp_chunk_begin(&build.writer, SCTP_ERROR, 0);
		sctp_param_put(&build.writer, SCTP_CAUSE_UNRECOGNIZED_PARAMS,
			cookie + assoc->cookie_length, report);
		sctp_chunk_end(&build.writer, place);
	}
	sctp_build_again(assoc, &build);
	assoc->control &= (uint8_t)~SCTP_SEND_COOKIE_ECHO;
	if (build.writer.full) {
		/* A cookie that no packet of ours can carry. */
		sctp_build_drop(&build);
		return;
	}
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
}

/* ---- from a cookie to an association ---- */

static struct ip_addr
cookie_addr(uint8_t family, const uint8_t *bytes)
{
	return family == IP_FAMILY_4 ? ip_addr_from4(bytes) : ip_addr_from6(bytes);
}

/* The path that the INIT ACK went to; the peer has answered from there, so it is confirmed: 5.4 (2). */
static struct sctp_path *
cookie_path(const struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	const struct ip_addr remote = cookie_addr(cookie->remote_family, cookie->remote);

	return sctp_path_find(assoc, &remote);
}

static void
peer_set(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	const struct sctp_auth_vector vector = sctp_auth_cookie_get(cookie);

	assoc->out_streams = cookie->out_streams;
	assoc->in_streams = cookie->in_streams;
	assoc->extensions = cookie->extensions;
	sctp_peer_set(core, assoc, cookie->peer_tag, cookie->peer_tsn, cookie->peer_rwnd);
	sctp_auth_agree(core, assoc, &vector);
	assoc->peer_adaptation_said = cookie->adaptation_said != 0;
	assoc->peer_adaptation = cookie->adaptation;
}

static void
numbers_set(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	assoc->local_tag = cookie->local_tag;
	assoc->initial_tsn = cookie->local_tsn;
	assoc->next_tsn = cookie->local_tsn;
	assoc->cum_acked = cookie->local_tsn - 1;
	assoc->recovery_exit = assoc->cum_acked;
	assoc->in_recovery = false;
	peer_set(core, assoc, cookie);
}

static void
cookie_paths_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	for (unsigned i = 0; i < cookie->addr_count; i++) {
		const struct ip_addr addr =
			cookie_addr(cookie->addrs[i].family, cookie->addrs[i].bytes);

		/* Others', or of a family that we are not of: not used. */
		sctp_path_add(core, assoc, &addr, cookie->iface, NULL);
	}
}

/* The addresses of ours that a listener's association has. */
static struct sctp_bind
listener_bind(const struct sctp_listener *listener, const struct sctp_cookie *cookie)
{
	const struct ip_addr local = cookie_addr(cookie->local_family, cookie->local);
	struct sctp_bind bind = { .port = listener->bind.port, .vrf = listener->bind.vrf };
	bool has_local = false;

	for (unsigned i = 0; i < listener->bind.addr_count; i++) {
		const struct ip_addr *addr = &listener->bind.addrs[i];

		if (ip_addr_is_unspecified(addr))
			continue;
		has_local |= ip_addr_equal(addr, &local);
		bind.addrs[bind.addr_count++] = *addr;
	}
	if (!has_local && bind.addr_count < SCTP_ADDRS_MAX)
		bind.addrs[bind.addr_count++] = local;
	return bind;
}

/* RFC 9260 5.1.5 (5). @return NULL: it is refused, by *cause */
static struct sctp_assoc *
assoc_from_cookie(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_cookie *cookie, uint16_t *cause)
{
	const struct ip_addr remote = cookie_addr(cookie->remote_family, cookie->remote);
	const struct ip_addr local = cookie_addr(cookie->local_family, cookie->local);
	struct sctp_listener *listener =
		sctp_listener_lookup(core, cookie->vrf, cookie->local_port, &local);
	struct sctp_bind bind;
	struct sctp_assoc *assoc;

	*cause = SCTP_CAUSE_NONE;
	if (listener == NULL)
		return NULL;
	*cause = SCTP_CAUSE_OUT_OF_RESOURCE;
	if (listener->accepted_count >= listener->backlog) {
		sctp_count(core, SCTP_STAT_accept_dropped);
		return NULL;
	}
	bind = listener_bind(listener, cookie);
	assoc = sctp_assoc_create(core, &listener->settings, &bind);
	if (assoc == NULL)
		return NULL;
	assoc->remote_port = cookie->peer_port;
	/* RFC 6951 5.4: as it came; other addresses of the peer's are likely to be reached so, too. */
	assoc->settings.encaps_port = packet->encaps_port;
	if ((cookie->extensions & SCTP_EXT_AUTH &&
		    sctp_auth_create(core, assoc, &listener->keys) != 0) ||
		sctp_path_add(core, assoc, &remote, cookie->iface, &assoc->primary) != 0) {
		sctp_assoc_free(core, assoc);
		return NULL;
	}
	assoc->last_path = assoc->primary;
	assoc->primary->state = SCTP_PATH_ACTIVE;
	cookie_paths_add(core, assoc, cookie);
	numbers_set(core, assoc, cookie);
	packet->assoc = assoc;
	if (!sctp_auth_cookie_input(core, packet, cookie)) {
		sctp_packet_drop(packet, DROP_sctp_bad_auth);
		sctp_assoc_free(core, assoc);
		return NULL;
	}
	sctp_accept_add(core, listener, assoc);
	sctp_count(core, SCTP_STAT_passive_estabs);
	return assoc;
}

/* ---- RFC 9260 5.2.4 ---- */

enum cookie_action {
	COOKIE_DISCARD, /* C, and what the table has not */
	COOKIE_RESTART, /* A: the peer has begun again */
	COOKIE_COLLISION, /* B: both began at once */
	COOKIE_AGAIN, /* D: it is ours */
};

static enum cookie_action
cookie_action(const struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	bool local = cookie->local_tag == assoc->local_tag;
	bool peer = cookie->peer_tag == assoc->peer_tag;
	bool ties = cookie->local_tie == assoc->local_tag && cookie->peer_tie == assoc->peer_tag;

	if (local && peer)
		return COOKIE_AGAIN;
	if (local)
		return COOKIE_COLLISION;
	/* An address that was taken away meanwhile is nobody's to begin again from. */
	if (!peer && ties && assoc->was_up && cookie_path(assoc, cookie) != NULL)
		return COOKIE_RESTART;
	return COOKIE_DISCARD;
}

static bool
cookie_has(const struct sctp_cookie *cookie, const struct ip_addr *remote)
{
	for (unsigned i = 0; i < cookie->addr_count; i++) {
		const struct ip_addr addr =
			cookie_addr(cookie->addrs[i].family, cookie->addrs[i].bytes);

		if (ip_addr_equal(&addr, remote))
			return true;
	}
	return false;
}

/* Those that the peer has now, as if they were new. */
static void
paths_restart(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_path *confirmed = cookie_path(assoc, cookie);

	/* An INIT that added addresses was not answered: its source is one that there was. */
	assoc->primary = assoc->last_path = packet->path = confirmed;
	assoc->sack_path = NULL;
	assoc->init_path = 0;
	for (unsigned i = assoc->path_count; i-- > 0;) {
		struct sctp_path *path = assoc->paths[i];

		if (path != confirmed && !cookie_has(cookie, &path->remote)) {
			sctp_path_remove(core, path);
			continue;
		}
		sctp_path_mtu_init(core, path);
		sctp_path_reset(path);
		if (path == confirmed) {
			path->state = SCTP_PATH_ACTIVE;
			sctp_pmtu_begin(core, path);
		} else {
			path->heartbeat_wanted = true;
		}
		sctp_heartbeat_arm(core, path);
	}
}

/* RFC 9260 5.2.4.1 */
static void
restart(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie)
{
	struct sctp_assoc *assoc = packet->assoc;

	sctp_count(core, SCTP_STAT_restarts);
	memset(assoc->due_ns, 0, sizeof(assoc->due_ns));
	sctp_send_queues_free(core, assoc, true);
	sctp_reass_free(core, assoc);
	sctp_streams_free(core, assoc);
	sctp_reconfig_free(core, assoc);
	sctp_asconf_restart(core, assoc);
	assoc->errors = 0;
	assoc->peer_ended = false;
	assoc->sack_wanted = assoc->sack_due = assoc->sack_said = false;
	assoc->sack_packets = 0;
	numbers_set(core, assoc, cookie);
	paths_restart(core, packet, cookie);
	sctp_ecn_reset(assoc);
	sctp_assoc_state_set(core, assoc, SCTP_ESTABLISHED);
	assoc->control = SCTP_SEND_COOKIE_ACK;
	sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_RESTART });
	sctp_event_add(core, assoc, SCTP_EVENT_WRITABLE);
	if (assoc->shutdown_wanted) {
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_PENDING);
		sctp_shutdown_progress(core, assoc);
	}
	sctp_flush_add(core, assoc);
}

/* The cookie is for an association that is being set up, or that is: RFC 9260 5.2.4, B and D. */
static void
cookie_answer(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	struct sctp_path *path = cookie_path(assoc, cookie);

	if (path != NULL)
		sctp_path_confirm(core, path);
	assoc->control &= (uint8_t) ~(SCTP_SEND_INIT | SCTP_SEND_COOKIE_ECHO | SCTP_SEND_AGAIN);
	assoc->control |= SCTP_SEND_COOKIE_ACK;
	if (assoc->state <= SCTP_COOKIE_ECHOED) {
		sctp_assoc_up(core, assoc);
		sctp_count(core, SCTP_STAT_active_estabs);
	}
	sctp_flush_add(core, assoc);
}

/* RFC 9260 5.2.4, B: the peer has drawn another tag since it answered us; what it numbers, too. */
static void
collide(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_cookie *cookie)
{
	const struct ip_addr remote = cookie_addr(cookie->remote_family, cookie->remote);

	if (assoc->state <= SCTP_COOKIE_ECHOED) {
		peer_set(core, assoc, cookie);
		sctp_send_refuse(core, assoc);
	} else if (assoc->tsn_map.highest == assoc->peer_initial_tsn - 1) {
		/* What was agreed stays: data may have been sent by it. */
		sctp_peer_set(core, assoc, cookie->peer_tag, cookie->peer_tsn, assoc->peer_rwnd);
	} else {
		/* Of its data there is some by its old numbers. */
		assoc->peer_tag = cookie->peer_tag;
	}
	sctp_path_add(core, assoc, &remote, cookie->iface, NULL);
	cookie_paths_add(core, assoc, cookie);
	cookie_answer(core, assoc, cookie);
}

/* To who has the cookie, by the tag that is in it: an association may have another peer's. */
static void
error_send(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_cookie *cookie, uint16_t cause, const void *info, uint32_t length,
	const struct sctp_out *out)
{
	uint8_t bytes[16];
	struct sctp_reply reply = { .to = packet,
		.vtag = cookie->peer_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	uint32_t place = sctp_chunk_begin(&reply.writer, SCTP_ERROR, 0);

	sctp_param_put(&reply.writer, cause, info, length);
	sctp_chunk_end(&reply.writer, place);
	sctp_reply_send(core, &reply, out);
}

/* @return false: the packet says nothing more */
static bool
cookie_apply(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie,
	const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;

	switch (cookie_action(assoc, cookie)) {
	case COOKIE_RESTART:
		if (assoc->state == SCTP_SHUTDOWN_ACK_SENT) {
			/* It has not heard that this one ends. */
			error_send(
				core, packet, cookie, SCTP_CAUSE_COOKIE_IN_SHUTDOWN, NULL, 0, out);
			assoc->control |= SCTP_SEND_SHUTDOWN_ACK | SCTP_SEND_AGAIN;
			sctp_flush_add(core, assoc);
			return false;
		}
		restart(core, packet, cookie);
		return true;
	case COOKIE_COLLISION: collide(core, assoc, cookie); return true;
	case COOKIE_AGAIN: cookie_answer(core, assoc, cookie); return true;
	case COOKIE_DISCARD: break;
	}
	sctp_count(core, SCTP_STAT_unexpected_chunk);
	return false;
}

/* ---- COOKIE ECHO, received ---- */

static void
stale_send(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_cookie *cookie, uint64_t stale_us, const struct sctp_out *out)
{
	uint32_t staleness = htobe32((uint32_t)RTE_MIN(stale_us, (uint64_t)UINT32_MAX));

	error_send(
		core, packet, cookie, SCTP_CAUSE_STALE_COOKIE, &staleness, sizeof(staleness), out);
}

/* RFC 9260 5.2.4: it may come from another address than the INIT did. */
static void
assoc_of_cookie(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie)
{
	const struct ip_addr remote = cookie_addr(cookie->remote_family, cookie->remote);
	const struct ip_addr local = cookie_addr(cookie->local_family, cookie->local);
	struct sctp_key key = sctp_key_of(
		&remote, cookie->local_port, cookie->peer_port, cookie->vrf, cookie->iface);

	packet->assoc = sctp_assoc_lookup(
		core, &key, sctp_table_hash(&core->table, &key), &local, &packet->path);
}

static void
cookie_refuse(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie,
	uint16_t cause, const struct sctp_out *out)
{
	const struct sctp_param param = { .type = cause };

	sctp_packet_drop(packet, DROP_sctp_refused);
	sctp_reply_abort(
		core, packet, cookie->peer_tag, 0, cause != SCTP_CAUSE_NONE ? &param : NULL, out);
}

bool
sctp_cookie_echo_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	uint64_t stale_us = 0;
	struct sctp_cookie cookie;
	int ret = sctp_cookie_check(core, chunk, &cookie, &stale_us);
	uint16_t cause;

	/* RFC 9260 5.1.5 (1) to (3): of ours, and for who has it. */
	if (ret == -EINVAL || cookie.local_tag != packet->fields.vtag ||
		cookie.local_port != packet->fields.dst_port ||
		cookie.peer_port != packet->fields.src_port || cookie.vrf != packet->key.vrf) {
		sctp_count(core, SCTP_STAT_cookies_bad);
		sctp_packet_drop(packet, DROP_sctp_bad_cookie);
		return false;
	}
	if (packet->assoc == NULL)
		assoc_of_cookie(core, packet, &cookie);
	if (packet->assoc != NULL && !sctp_auth_cookie_input(core, packet, &cookie)) {
		sctp_packet_drop(packet, DROP_sctp_bad_auth);
		return false;
	}
	/* (4); RFC 9260 5.2.4: not of an association that it has made already. */
	if (ret == -ESTALE &&
		(packet->assoc == NULL || cookie_action(packet->assoc, &cookie) != COOKIE_AGAIN)) {
		sctp_count(core, SCTP_STAT_cookies_stale);
		stale_send(core, packet, &cookie, stale_us, out);
		return false;
	}
	if (packet->assoc != NULL) {
		bool taken = cookie_apply(core, packet, &cookie, out);

		if (taken)
			sctp_encaps_learn(packet);
		return taken;
	}
	packet->assoc = assoc_from_cookie(core, packet, &cookie, &cause);
	if (packet->assoc == NULL) {
		/* What is not believed is not answered: RFC 4895 6.3. */
		if (!packet->dropped)
			cookie_refuse(core, packet, &cookie, cause, out);
		return false;
	}
	packet->path = sctp_path_find(packet->assoc, &packet->remote);
	if (packet->path == NULL)
		packet->path = packet->assoc->primary;
	packet->assoc->control = SCTP_SEND_COOKIE_ACK;
	sctp_assoc_up(core, packet->assoc);
	return true;
}

void
sctp_cookie_ack_input(struct sctp_core *core, struct sctp_assoc *assoc)
{
	/* RFC 9260 5.2.5 */
	if (assoc->state != SCTP_COOKIE_ECHOED) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	/* T1 may have struck: the cookie goes. */
	assoc->control &= (uint8_t) ~(SCTP_SEND_COOKIE_ECHO | SCTP_SEND_AGAIN);
	sctp_count(core, SCTP_STAT_active_estabs);
	sctp_assoc_up(core, assoc);
}
