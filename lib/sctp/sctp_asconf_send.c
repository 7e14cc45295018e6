/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ASCONF as it is sent: our addresses change, by RFC 5061 5.1, 5.3. One is on its way at a time, with
 * what was wanted until then; it is repeated by T-4 RTO until it is answered.
 */
#include "sctp/sctp_priv.h"

#include "wire/endian.h"

/* ---- addresses of ours ---- */

static int
local_index(const struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (ip_addr_equal(&assoc->locals[i], addr))
			return (int)i;
	}
	return -1;
}

static void
local_remove(struct sctp_assoc *assoc, unsigned at)
{
	uint8_t below = (uint8_t)((1U << at) - 1);

	assoc->local_count--;
	for (unsigned i = at; i < assoc->local_count; i++)
		assoc->locals[i] = assoc->locals[i + 1];
	assoc->locals_unused =
		(uint8_t)((assoc->locals_unused & below) | (assoc->locals_unused >> 1 & ~below));
}

/* Paths are sent on from other addresses; those that have none are not sent on. */
static void
local_leave(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	for (unsigned i = assoc->path_count; i-- > 0;) {
		struct sctp_path *path = assoc->paths[i];
		const struct ip_addr *other;

		if (!ip_addr_equal(&path->local, addr))
			continue;
		other = sctp_path_local(core, assoc, &path->remote, path->iface);
		if (other != NULL)
			path->local = *other;
		else
			sctp_path_silence(core, path);
	}
}

bool
sctp_asconf_is_changing(const struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	int at = assoc->locals_unused != 0 ? local_index(assoc, addr) : -1;

	return at >= 0 && (assoc->locals_unused >> at & 1) != 0;
}

/* Those that have an address of ours to be sent from again, once the peer has answered by it. */
static void
paths_wake(struct sctp_core *core, struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];
		const struct ip_addr *local;

		if (!path->silent)
			continue;
		local = sctp_path_local(core, assoc, &path->remote, path->iface);
		if (local == NULL)
			continue;
		path->local = *local;
		path->silent = false;
		path->heartbeat_wanted = true;
		sctp_heartbeat_arm(core, path);
		sctp_flush_add(core, assoc);
	}
}

/* A peer that has begun again knows those that it is told by the handshake: all. */
void
sctp_asconf_restart(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->locals_unused = 0;
	paths_wake(core, assoc);
	sctp_asconf_free(core, assoc);
}

/* Whether paths remain that can be sent on without these, a bit each. */
static bool
can_leave(const struct sctp_assoc *assoc, uint8_t leaving)
{
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if ((assoc->locals_unused | leaving) >> i & 1)
			continue;
		for (unsigned p = 0; p < assoc->path_count; p++) {
			if (assoc->paths[p]->remote.family == assoc->locals[i].family &&
				assoc->paths[p]->state != SCTP_PATH_UNCONFIRMED)
				return true;
		}
	}
	return false;
}

/* ---- what users call ---- */

static void
change_queue(
	struct sctp_core *core, struct sctp_assoc *assoc, uint16_t type, const struct ip_addr *addr)
{
	struct sctp_asconf *asconf = assoc->asconf;

	asconf->changes[asconf->count++] =
		(struct sctp_asconf_change){ .type = type, .addr = *addr };
	sctp_flush_add(core, assoc);
}

/* @return 0, or -errno; there is a struct sctp_asconf with room for so many then */
static int
may_change(struct sctp_core *core, struct sctp_assoc *assoc, unsigned count)
{
	if (assoc->state != SCTP_ESTABLISHED)
		return -ENOTCONN;
	if (!sctp_has(assoc, SCTP_EXT_ASCONF))
		return -EOPNOTSUPP;
	if (!sctp_asconf_begin(core, assoc) ||
		assoc->asconf->count + count > SCTP_ASCONF_CHANGES_MAX)
		return -ENOBUFS;
	return 0;
}

/* Another association that has it already, with one of the peer's addresses and the same ports. */
static bool
is_in_use(struct sctp_core *core, const struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	struct sctp_path *found;

	for (unsigned i = 0; i < assoc->path_count; i++) {
		const struct sctp_node *node = &assoc->paths[i]->node;

		if (sctp_assoc_lookup(core, &node->key, node->hash, addr, &found) != NULL)
			return true;
	}
	return false;
}

static bool
is_among(const struct ip_addr *addrs, unsigned count, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_addr_equal(&addrs[i], addr))
			return true;
	}
	return false;
}

static int
adds_check(struct sctp_core *core, const struct sctp_assoc *assoc, const struct ip_addr *addrs,
	unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_addr_is_unspecified(&addrs[i]) || ip_addr_is_multicast(&addrs[i]))
			return -EINVAL;
		if (is_in_use(core, assoc, &addrs[i]) || is_among(addrs, i, &addrs[i]))
			return -EADDRINUSE;
	}
	return assoc->local_count + count > SCTP_ADDRS_MAX ? -ENOBUFS : 0;
}

static int
deletes_check(const struct sctp_assoc *assoc, const struct ip_addr *addrs, unsigned count)
{
	uint8_t leaving = 0;

	for (unsigned i = 0; i < count; i++) {
		int at = local_index(assoc, &addrs[i]);

		if (at < 0)
			return -EADDRNOTAVAIL;
		if ((assoc->locals_unused | leaving) >> at & 1)
			return -EALREADY;
		leaving |= (uint8_t)(1U << at);
	}
	return can_leave(assoc, leaving) ? 0 : -EINVAL;
}

/* RFC 5061 5.3: the peer may use it at once, we only when it has agreed. */
static void
one_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	assoc->locals_unused |= (uint8_t)(1U << assoc->local_count);
	assoc->locals[assoc->local_count++] = *addr;
	change_queue(core, assoc, SCTP_PARAM_ADD_IP, addr);
}

/* RFC 5061 5.3: nothing is sent from it any more, but what comes to it is taken. */
static void
one_delete(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	assoc->locals_unused |= (uint8_t)(1U << local_index(assoc, addr));
	local_leave(core, assoc, addr);
	change_queue(core, assoc, SCTP_PARAM_DELETE_IP, addr);
}

int
sctp_locals_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addrs,
	unsigned count)
{
	int ret = may_change(core, assoc, count);

	if (ret == 0)
		ret = adds_check(core, assoc, addrs, count);
	for (unsigned i = 0; i < count && ret == 0; i++)
		one_add(core, assoc, &addrs[i]);
	return ret;
}

int
sctp_locals_delete(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addrs,
	unsigned count)
{
	int ret = may_change(core, assoc, count);

	if (ret == 0)
		ret = deletes_check(assoc, addrs, count);
	for (unsigned i = 0; i < count && ret == 0; i++)
		one_delete(core, assoc, &addrs[i]);
	return ret;
}

int
sctp_addr_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	return sctp_locals_add(core, assoc, addr, 1);
}

int
sctp_addr_delete(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	return sctp_locals_delete(core, assoc, addr, 1);
}

int
sctp_peer_primary_set(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	int at = local_index(assoc, addr), ret = may_change(core, assoc, 1);

	if (ret != 0)
		return ret;
	if (at < 0)
		return -EADDRNOTAVAIL;
	change_queue(core, assoc, SCTP_PARAM_SET_PRIMARY, addr);
	return 0;
}

/* ---- sent ---- */

static bool
is_being_added(const struct sctp_asconf *asconf, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < asconf->count; i++) {
		if (asconf->changes[i].type == SCTP_PARAM_ADD_IP &&
			ip_addr_equal(&asconf->changes[i].addr, addr))
			return true;
	}
	return false;
}

/* RFC 5061 4.1.1: an address by which the peer finds the association, wherever this comes from. */
static const struct ip_addr *
known_addr(const struct sctp_assoc *assoc)
{
	unsigned at = 0;

	while (at + 1U < assoc->local_count && is_being_added(assoc->asconf, &assoc->locals[at]))
		at++;
	return &assoc->locals[at];
}

static void
asconf_put(struct sctp_assoc *assoc, struct sctp_writer *writer)
{
	struct sctp_asconf *asconf = assoc->asconf;
	uint32_t place = sctp_chunk_begin(writer, SCTP_ASCONF, 0);

	sctp_put_u32(writer, asconf->next_serial);
	sctp_addr_put(writer, known_addr(assoc));
	for (uint32_t i = 0; i < asconf->sent; i++) {
		const struct sctp_asconf_change *change = &asconf->changes[i];
		uint32_t inner = sctp_param_begin(writer, change->type);

		sctp_put_u32(writer, i);
		sctp_addr_put(writer, &change->addr);
		sctp_param_end(writer, inner);
	}
	sctp_chunk_end(writer, place);
}

bool
sctp_asconf_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_asconf *asconf = assoc->asconf;
	struct sctp_path *path;
	struct sctp_build build;

	if (asconf == NULL)
		return true;
	/* RFC 5061 5.1 B1: it says the same when it is sent again. */
	if (asconf->sent == 0 && asconf->count > 0) {
		asconf->sent = asconf->count;
		asconf->send_wanted = true;
	}
	if (!asconf->send_wanted)
		return true;
	path = sctp_path_for_data(assoc);
	if (!sctp_build_begin(core, assoc, path, out, &build))
		return false;
	build.summed = true;
	asconf_put(assoc, &build.writer);
	build.other_chunks = asconf->again;
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
	asconf->send_wanted = asconf->again = false;
	path->used_ns = core->now_ns;
	sctp_timer_set(core, assoc, SCTP_TIMER_ASCONF, core->now_ns + path->rto_us * 1000ULL);
	return true;
}

/* RFC 5061 5.1 B: T-4 RTO */
void
sctp_asconf_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_path *path = sctp_path_for_data(assoc);

	if (assoc->asconf == NULL || assoc->asconf->sent == 0)
		return;
	sctp_rto_backoff(path);
	if (!sctp_path_error(core, path, true))
		return;
	assoc->asconf->send_wanted = assoc->asconf->again = true;
	sctp_flush_add(core, assoc);
}

/* ---- answered ---- */

/* What the answer says of a change. @return false: nothing */
static bool
answer_find(const struct sctp_chunk *chunk, uint32_t correlation, uint16_t *cause)
{
	struct sctp_cursor cursor = { chunk->value + 4, chunk->length - 4U };
	struct sctp_param param, inner;

	while (sctp_param_next(&cursor, &param) > 0) {
		struct sctp_cursor causes = { param.value + 4, param.length - 4U };

		if (param.length < 4 || be32_load(param.value) != correlation)
			continue;
		*cause = SCTP_CAUSE_NONE;
		if (param.type == SCTP_PARAM_SUCCESS)
			return true;
		if (param.type != SCTP_PARAM_ERROR_CAUSE)
			continue;
		*cause = sctp_param_next(&causes, &inner) > 0 ? inner.type
							      : SCTP_CAUSE_REQUEST_REFUSED;
		return true;
	}
	return false;
}

static void
change_done(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_asconf_change *change, uint16_t cause)
{
	int at = local_index(assoc, &change->addr);
	bool refused = cause != SCTP_CAUSE_NONE;

	/* What was not added, or was deleted, is not ours any more. */
	if (at >= 0 && change->type != SCTP_PARAM_SET_PRIMARY) {
		if (refused == (change->type == SCTP_PARAM_ADD_IP))
			local_remove(assoc, (unsigned)at);
		else
			assoc->locals_unused &= (uint8_t) ~(1U << at);
		paths_wake(core, assoc);
	}
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){ .type = change->type == SCTP_PARAM_ADD_IP
				? SCTP_NOTICE_ADDR_ADDED
				: change->type == SCTP_PARAM_DELETE_IP ? SCTP_NOTICE_ADDR_REMOVED
								       : SCTP_NOTICE_ADDR_PRIMARY,
			.addr = change->addr,
			.cause = cause });
}

static void
changes_done(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	struct sctp_asconf *asconf = assoc->asconf;
	bool failed = false;

	/* RFC 5061 5.1 D4 to D6: what is not spoken of was done, unless something before it failed. */
	for (uint32_t i = 0; i < asconf->sent; i++) {
		uint16_t cause = failed ? SCTP_CAUSE_REQUEST_REFUSED : SCTP_CAUSE_NONE;

		if (answer_find(chunk, i, &cause))
			failed |= cause != SCTP_CAUSE_NONE;
		change_done(core, assoc, &asconf->changes[i], cause);
	}
	asconf->count = (uint8_t)(asconf->count - asconf->sent);
	memmove(asconf->changes, asconf->changes + asconf->sent,
		asconf->count * sizeof(asconf->changes[0]));
	asconf->sent = 0;
	asconf->send_wanted = asconf->again = false;
	asconf->next_serial++;
	sctp_event_add(core, assoc, SCTP_EVENT_ADDRS);
}

void
sctp_asconf_ack_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk)
{
	struct sctp_assoc *assoc = packet->assoc;
	uint32_t serial, next;

	if (chunk->length < 4 || assoc->state < SCTP_ESTABLISHED) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	serial = be32_load(chunk->value);
	next = assoc->asconf != NULL ? assoc->asconf->next_serial : assoc->initial_tsn;
	if (assoc->asconf != NULL && assoc->asconf->sent > 0 && serial == next) {
		sctp_timer_clear(assoc, SCTP_TIMER_ASCONF);
		sctp_path_alive(core, sctp_path_for_data(assoc));
		changes_done(core, assoc, chunk);
		sctp_asconf_path_find(packet);
		sctp_flush_add(core, assoc);
	} else if (seq_from(serial, next)) {
		/* RFC 5061 5.1: of what was never asked. */
		sctp_count(core, SCTP_STAT_protocol_violations);
		assoc->error = EPROTO;
		sctp_abort_with(core, assoc, SCTP_CAUSE_ILLEGAL_ASCONF_ACK, NULL, 0);
	} else {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
	}
}
