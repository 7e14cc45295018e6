/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ASCONF as it comes: the peer's addresses change, by RFC 5061 4.2, 5.2. It is always behind an AUTH
 * chunk. What comes again is answered as before; an address that is new is asked before it is used.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

#include "wire/endian.h"

#define FIXED_LENGTH 4 /* of ASCONF and ASCONF-ACK: the serial number */
#define ANSWER_LEAST 64 /* bytes that an answer to one parameter may take */
/* Changes of a chunk that are done, each of which may look at all that was sent: all addresses at once. */
#define CHANGES_MAX (2 * SCTP_ADDRS_MAX)

bool
sctp_asconf_begin(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->asconf != NULL)
		return true;
	assoc->asconf = slab_take(&core->asconfs);
	if (assoc->asconf == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return false;
	}
	/* RFC 5061 5.1 A1: numbers begin with the initial TSNs. */
	*assoc->asconf = (struct sctp_asconf){ .next_serial = assoc->initial_tsn,
		.peer_serial = assoc->peer_initial_tsn };
	return true;
}

void
sctp_asconf_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->asconf != NULL)
		slab_give(&core->asconfs, assoc->asconf);
	assoc->asconf = NULL;
	sctp_timer_clear(assoc, SCTP_TIMER_ASCONF);
}

/* ---- paths that go ---- */

static void
piece_move(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn,
	const struct sctp_path *from, struct sctp_path *to)
{
	const struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
	struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn);

	if (piece == NULL || piece->path != from)
		return;
	/* What was in flight there is sent again. */
	if (!((block->acked | block->lost | block->abandoned) & sctp_sent_bit(tsn)))
		sctp_piece_lose(core, assoc, piece);
	piece->state |= SCTP_PIECE_MOVED;
	piece->path = to;
}

/* To others: what was sent on it, and what is. */
static void
path_leave(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_assoc *assoc = path->assoc;
	struct sctp_path *other = sctp_path_alternate(assoc, path);

	for (unsigned i = 0; i < assoc->path_count && other == path; i++)
		other = assoc->paths[i];
	for (uint32_t tsn = assoc->cum_acked + 1; tsn != assoc->next_tsn; tsn++)
		piece_move(core, assoc, tsn, path, other);
	if (assoc->primary == path)
		assoc->primary = other;
	if (assoc->last_path == path)
		assoc->last_path = other;
	if (assoc->sack_path == path)
		assoc->sack_path = other;
	sctp_flush_add(core, assoc);
}

void
sctp_path_retire(struct sctp_core *core, struct sctp_path *path)
{
	path_leave(core, path);
	sctp_path_remove(core, path);
}

void
sctp_path_silence(struct sctp_core *core, struct sctp_path *path)
{
	path_leave(core, path);
	sctp_pmtu_pause(path);
	path->state = SCTP_PATH_UNCONFIRMED;
	path->heartbeat_out = path->heartbeat_wanted = path->heartbeat_asked = false;
	path->primary_wanted = false;
	path->silent = true;
	memset(path->due_ns, 0, sizeof(path->due_ns));
}

/* ---- what a parameter asks for. @return SCTP_CAUSE_NONE, or why not ---- */

static bool
addr_may_be(const struct ip_addr *addr)
{
	static const struct ip_addr broadcast = { IP_FAMILY_4, { 255, 255, 255, 255 } };

	return !ip_addr_is_multicast(addr) && !ip_addr_is_loopback(addr) &&
		!ip_addr_equal(addr, &broadcast);
}

static void
peer_addr_notice(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_notice_type type,
	const struct ip_addr *addr)
{
	sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = type, .addr = *addr });
}

/* RFC 5061 5.2 D1, 5.2 */
static uint16_t
addr_add(struct sctp_core *core, struct sctp_packet *packet, const struct ip_addr *addr)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_path *path;

	if (sctp_path_find(assoc, addr) != NULL)
		return SCTP_CAUSE_NONE;
	switch (sctp_path_add(core, assoc, addr, packet->key.iface, &path)) {
	case 0: break;
	case -ENOBUFS: return SCTP_CAUSE_RESOURCE_SHORTAGE;
	case -EADDRINUSE: return SCTP_CAUSE_REQUEST_REFUSED;
	default: return SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
	}
	/* RFC 5061 5.2 D1, RFC 9260 5.4: it is to prove that it is the peer's. */
	path->heartbeat_wanted = true;
	sctp_heartbeat_arm(core, path);
	peer_addr_notice(core, assoc, SCTP_NOTICE_PEER_ADDR_ADDED, addr);
	sctp_flush_add(core, assoc);
	return SCTP_CAUSE_NONE;
}

static void
path_delete(struct sctp_core *core, struct sctp_path *path)
{
	const struct ip_addr addr = path->remote;
	struct sctp_assoc *assoc = path->assoc;

	/* One that never was confirmed may be a stranger's, who is to hear what others do. */
	if (path->state != SCTP_PATH_UNCONFIRMED)
		sctp_former_add(core, path);
	sctp_path_retire(core, path);
	peer_addr_notice(core, assoc, SCTP_NOTICE_PEER_ADDR_REMOVED, &addr);
}

/* RFC 9260 5.4: without one nothing may be sent but heartbeats, and nobody would see it end. */
static bool
others_are_confirmed(const struct sctp_assoc *assoc, const struct sctp_path *path)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		if (assoc->paths[i] != path && assoc->paths[i]->state != SCTP_PATH_UNCONFIRMED)
			return true;
	}
	return false;
}

/* RFC 5061 4.2.2: all but the one that it comes from. */
static uint16_t
others_delete(struct sctp_core *core, struct sctp_packet *packet)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_path *source = sctp_path_find(assoc, &packet->remote);

	if (source == NULL)
		return SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
	if (source->state == SCTP_PATH_UNCONFIRMED)
		return SCTP_CAUSE_REQUEST_REFUSED;
	while (assoc->path_count > 1)
		path_delete(core, assoc->paths[0] == source ? assoc->paths[1] : assoc->paths[0]);
	return SCTP_CAUSE_NONE;
}

static uint16_t
addr_delete(struct sctp_core *core, struct sctp_packet *packet, const struct ip_addr *addr)
{
	struct sctp_path *path;

	if (ip_addr_is_unspecified(addr))
		return others_delete(core, packet);
	path = sctp_path_find(packet->assoc, addr);
	if (path == NULL)
		return SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
	/* RFC 5061 5.2 D7, D8 */
	if (packet->assoc->path_count == 1)
		return SCTP_CAUSE_DELETE_LAST;
	if (ip_addr_equal(addr, &packet->remote))
		return SCTP_CAUSE_DELETE_SOURCE;
	if (!others_are_confirmed(packet->assoc, path))
		return SCTP_CAUSE_REQUEST_REFUSED;
	path_delete(core, path);
	return SCTP_CAUSE_NONE;
}

/* RFC 5061 4.2.4; one that is not confirmed becomes primary when it is. */
static uint16_t
primary_set(struct sctp_core *core, struct sctp_packet *packet, const struct ip_addr *addr)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_path *path = sctp_path_find(assoc, addr);

	if (path == NULL)
		return SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
	for (unsigned i = 0; i < assoc->path_count; i++)
		assoc->paths[i]->primary_wanted = assoc->paths[i] == path;
	if (path->state != SCTP_PATH_UNCONFIRMED)
		sctp_path_primary_take(core, path);
	return SCTP_CAUSE_NONE;
}

void
sctp_path_primary_take(struct sctp_core *core, struct sctp_path *path)
{
	if (!path->primary_wanted)
		return;
	path->primary_wanted = false;
	path->assoc->primary = path;
	peer_addr_notice(core, path->assoc, SCTP_NOTICE_PEER_ADDR_PRIMARY, &path->remote);
	sctp_flush_add(core, path->assoc);
}

static bool
is_change(uint16_t type)
{
	return type == SCTP_PARAM_ADD_IP || type == SCTP_PARAM_DELETE_IP ||
		type == SCTP_PARAM_SET_PRIMARY;
}

static uint16_t
change_do(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_param *param)
{
	struct sctp_cursor cursor = { param->value + 4, param->length - 4U };
	struct sctp_param inner;
	struct ip_addr addr;

	if (sctp_param_next(&cursor, &inner) <= 0 || !sctp_param_addr(&inner, &addr) ||
		!addr_may_be(&addr))
		return SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
	if (param->type == SCTP_PARAM_DELETE_IP)
		return addr_delete(core, packet, &addr);
	/* RFC 5061 4.2.1, 4.2.4: where it comes from. */
	if (ip_addr_is_unspecified(&addr))
		addr = packet->remote;
	return param->type == SCTP_PARAM_ADD_IP ? addr_add(core, packet, &addr)
						: primary_set(core, packet, &addr);
}

/* ---- the answer ---- */

static void
cause_put(struct sctp_writer *writer, const struct sctp_param *param, uint16_t cause)
{
	uint32_t place = sctp_param_begin(writer, SCTP_PARAM_ERROR_CAUSE);

	sctp_put(writer, param->value, 4);
	/* With what it is about, in which there may be anything. */
	sctp_param_put(writer, cause, param->value - SCTP_PARAM_HDR_LENGTH,
		RTE_MIN(param->length + SCTP_PARAM_HDR_LENGTH, 32));
	sctp_param_end(writer, place);
}

static void
success_put(struct sctp_writer *writer, const struct sctp_param *param)
{
	sctp_param_put(writer, SCTP_PARAM_SUCCESS, param->value, 4);
}

/* @return false: what follows is not done */
static bool
param_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_param *param,
	struct sctp_writer *writer, unsigned *changes)
{
	uint16_t cause;

	if (writer->room - writer->used < ANSWER_LEAST)
		return false;
	if (!is_change(param->type)) {
		if (sctp_param_unknown_reports(param->type))
			cause_put(writer, param, SCTP_CAUSE_UNRECOGNIZED_PARAMS);
		return sctp_param_unknown_skips(param->type);
	}
	cause = ++*changes <= CHANGES_MAX ? change_do(core, packet, param)
					  : SCTP_CAUSE_RESOURCE_SHORTAGE;
	/* RFC 5061 5.1 D4: without an error before it, success needs no word. */
	if (cause != SCTP_CAUSE_NONE)
		cause_put(writer, param, cause);
	else if (writer->used > 0)
		success_put(writer, param);
	return true;
}

static void
answer_send(struct sctp_core *core, const struct sctp_packet *packet, uint32_t serial,
	const struct sctp_out *out)
{
	const struct sctp_asconf *asconf = packet->assoc->asconf;
	uint8_t bytes[SCTP_ASCONF_ANSWER_MAX + 16];
	struct sctp_reply reply = { .to = packet,
		.vtag = packet->assoc->peer_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	uint32_t place = sctp_chunk_begin(&reply.writer, SCTP_ASCONF_ACK, 0);

	sctp_put_u32(&reply.writer, serial);
	sctp_put(&reply.writer, asconf->answer, asconf->answer_length);
	sctp_chunk_end(&reply.writer, place);
	sctp_reply_send(core, &reply, out);
}

/* ---- the chunk ---- */

/* Behind the serial number: the address by which the association is found, and all parameters. */
static bool
chunk_is_good(const struct sctp_chunk *chunk, struct ip_addr *addr)
{
	struct sctp_cursor cursor;
	struct sctp_param param;
	int ret;

	if (chunk->length < FIXED_LENGTH)
		return false;
	cursor = (struct sctp_cursor){ chunk->value + FIXED_LENGTH, chunk->length - FIXED_LENGTH };
	if (sctp_param_next(&cursor, &param) <= 0 || !sctp_param_addr(&param, addr))
		return false;
	while ((ret = sctp_param_next(&cursor, &param)) > 0) {
		if (param.length < 4)
			return false;
	}
	return ret == 0;
}

void
sctp_asconf_path_find(struct sctp_packet *packet)
{
	packet->path = sctp_path_find(packet->assoc, &packet->remote);
	if (packet->path == NULL)
		packet->path = packet->assoc->primary;
}

static void
changes_do(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_asconf *asconf = assoc->asconf;
	struct sctp_writer writer = { .data = asconf->answer, .room = sizeof(asconf->answer) };
	struct sctp_cursor cursor = { chunk->value + FIXED_LENGTH, chunk->length - FIXED_LENGTH };
	struct sctp_param param;
	unsigned changes = 0;

	sctp_param_next(&cursor, &param);
	while (sctp_param_next(&cursor, &param) > 0 &&
		param_input(core, packet, &param, &writer, &changes))
		;
	asconf->answer_length = (uint16_t)writer.used;
	asconf->has_answer = true;
	asconf->peer_serial++;
	sctp_asconf_path_find(packet);
	sctp_encaps_learn(packet);
	assoc->last_path = packet->path;
}

void
sctp_asconf_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct ip_addr addr;
	uint32_t serial;

	if (assoc->state < SCTP_ESTABLISHED) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (!chunk_is_good(chunk, &addr)) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	if (!sctp_asconf_begin(core, assoc))
		return;
	serial = be32_load(chunk->value);
	/* RFC 5061 5.2 B to E: the next one, or the last one again. */
	if (serial == assoc->asconf->peer_serial) {
		sctp_count(core, SCTP_STAT_asconfs);
		changes_do(core, packet, chunk);
	} else if (serial != assoc->asconf->peer_serial - 1 || !assoc->asconf->has_answer) {
		sctp_count(core, SCTP_STAT_asconfs_refused);
		return;
	}
	answer_send(core, packet, serial, out);
}

void
sctp_asconf_lookup(struct sctp_core *core, struct sctp_packet *packet)
{
	struct sctp_cursor cursor = { packet->bytes + SCTP_HDR_LENGTH,
		packet->length - SCTP_HDR_LENGTH };
	struct sctp_chunk auth, chunk;
	struct sctp_key key;
	struct sctp_path *path;
	struct sctp_assoc *assoc;
	struct ip_addr addr;

	if (sctp_chunk_next(&cursor, &auth) <= 0 || auth.type != SCTP_AUTH ||
		sctp_chunk_next(&cursor, &chunk) <= 0 || chunk.type != SCTP_ASCONF ||
		!chunk_is_good(&chunk, &addr))
		return;
	key = sctp_key_of(&addr, packet->fields.dst_port, packet->fields.src_port, packet->key.vrf,
		packet->key.iface);
	assoc = sctp_assoc_lookup(
		core, &key, sctp_table_hash(&core->table, &key), &packet->local, &path);
	if (assoc == NULL || !sctp_has(assoc, SCTP_EXT_ASCONF))
		return;
	packet->assoc = assoc;
	packet->path = path;
}
