/* SPDX-License-Identifier: BSD-3-Clause */
/* The first half of the handshake: INIT and INIT ACK, sent and received. RFC 9260 5.1, 5.2.1, 5.2.2. */
#include "sctp/sctp_data.h"

#include "wire/endian.h"

#define RWND_MIN 1500 /* RFC 9260 3.3.2 */

/* ---- what both carry ---- */

static void
fixed_put(struct sctp_writer *writer, uint32_t tag, uint32_t rwnd, uint16_t out_streams,
	uint16_t in_streams, uint32_t tsn)
{
	sctp_put_u32(writer, tag);
	sctp_put_u32(writer, rwnd);
	sctp_put_u16(writer, out_streams);
	sctp_put_u16(writer, in_streams);
	sctp_put_u32(writer, tsn);
}

/* RFC 5061 4.2.6 */
static void
adaptation_put(struct sctp_writer *writer, const struct sctp_settings *settings)
{
	uint32_t place;

	if (!settings->adaptation_said)
		return;
	place = sctp_param_begin(writer, SCTP_PARAM_ADAPTATION);
	sctp_put_u32(writer, settings->adaptation);
	sctp_param_end(writer, place);
}

/* ---- INIT, sent ---- */

void
sctp_init_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_path *path = assoc->paths[assoc->init_path % assoc->path_count];
	struct sctp_build build;
	uint32_t place;

	if (!sctp_build_begin(core, assoc, path, out, &build))
		return;
	build.summed = true;
	place = sctp_chunk_begin(&build.writer, SCTP_INIT, 0);
	fixed_put(&build.writer, assoc->local_tag, assoc->settings.receive_buffer,
		assoc->settings.out_streams, assoc->settings.in_streams, assoc->initial_tsn);
	sctp_addrs_put(&build.writer, assoc->locals, assoc->local_count, NULL, 0);
	if (assoc->cookie_extra_ms != 0) {
		uint32_t extra = htobe32(assoc->cookie_extra_ms);

		sctp_param_put(
			&build.writer, SCTP_PARAM_COOKIE_PRESERVATIVE, &extra, sizeof(extra));
	}
	sctp_families_put(&build.writer, assoc);
	sctp_extensions_put(&build.writer, assoc->settings.extensions);
	adaptation_put(&build.writer, &assoc->settings);
	sctp_auth_put(core, &assoc->settings, assoc->local_tag, assoc->initial_tsn, &build.writer);
	sctp_chunk_end(&build.writer, place);
	sctp_build_again(assoc, &build);
	/* RFC 9260 8.5.1 (A) */
	sctp_build_send(core, assoc, &build, 0, out);
	assoc->control &= (uint8_t)~SCTP_SEND_INIT;
}

/* RFC 9260 5.4: a cookie goes to no address that is not known to be the peer's. */
static void
init_path_advance(struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		assoc->init_path = (uint8_t)((assoc->init_path + 1U) % assoc->path_count);
		if (assoc->paths[assoc->init_path]->state != SCTP_PATH_UNCONFIRMED)
			return;
	}
}

void
sctp_t1_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const uint32_t most_us = sctp_t1_max_us(&assoc->settings);

	sctp_count(core, SCTP_STAT_t1_expireds);
	/* RFC 9260 4 (3), (4) */
	if (assoc->retries++ >= assoc->settings.init_retries) {
		sctp_assoc_end(core, assoc, ETIMEDOUT, SCTP_CAUSE_NONE);
		return;
	}
	assoc->t1_rto_us = RTE_MIN(2 * assoc->t1_rto_us, most_us);
	init_path_advance(assoc);
	assoc->control |= SCTP_SEND_AGAIN;
	assoc->control |= assoc->state == SCTP_COOKIE_WAIT ? SCTP_SEND_INIT : SCTP_SEND_COOKIE_ECHO;
	sctp_timer_set(core, assoc, SCTP_TIMER_T1, core->now_ns + assoc->t1_rto_us * 1000ULL);
	sctp_flush_add(core, assoc);
}

/* ---- INIT, received ---- */

/* RFC 9260 3.3.2: what may not be answered by an INIT ACK. @return false: it was refused */
static bool
init_check(struct sctp_core *core, const struct sctp_packet *packet, const struct sctp_chunk *chunk,
	struct sctp_init *init, const struct sctp_out *out)
{
	struct sctp_param cause = { .type = SCTP_CAUSE_NONE };
	int ret = 0;

	if (packet->init != NULL)
		*init = *packet->init;
	else
		ret = sctp_init_parse(chunk, init);
	if (ret == 0 && init->initiate_tag != 0 && init->out_streams > 0 && init->in_streams > 0 &&
		init->a_rwnd >= RWND_MIN && !init->host_name)
		return true;
	sctp_count(core, SCTP_STAT_bad_init);
	/* Without a tag nobody could tell the answer from a forged one. */
	if (chunk->length < SCTP_INIT_LENGTH || init->initiate_tag == 0)
		return false;
	if (init->host_name) {
		cause.type = SCTP_CAUSE_UNRESOLVABLE_ADDRESS;
		cause.value = init->host_name_param;
		cause.length = be16_load(init->host_name_param + 2);
	} else if (ret == 0) {
		cause.type = SCTP_CAUSE_INVALID_PARAM;
	} else {
		cause.type = SCTP_CAUSE_PROTOCOL_VIOLATION;
	}
	sctp_reply_abort(core, packet, init->initiate_tag, 0, &cause, out);
	return false;
}

/* Of ours, what the INIT ACK says. */
struct offer {
	const struct sctp_settings *settings;
	const struct ip_addr *addrs;
	unsigned addr_count;
	struct sctp_auth_vector vector; /* the peer's */
};

static void
cookie_fill(struct sctp_core *core, const struct sctp_packet *packet, const struct sctp_init *init,
	const struct offer *offer, struct sctp_cookie *cookie)
{
	const struct sctp_settings *settings = offer->settings;
	const struct sctp_assoc *assoc = packet->assoc;
	uint64_t life_ms = settings->cookie_life_ms;

	life_ms += RTE_MIN(init->cookie_preservative_ms, (uint32_t)SCTP_COOKIE_LIFE_MAX_MS);
	*cookie = (struct sctp_cookie){
		.life_ms = (uint32_t)RTE_MIN(life_ms, (uint64_t)SCTP_COOKIE_LIFE_MAX_MS),
		.peer_tag = init->initiate_tag,
		.peer_tsn = init->initial_tsn,
		.peer_rwnd = init->a_rwnd,
		.local_port = packet->fields.dst_port,
		.peer_port = packet->fields.src_port,
		.out_streams = RTE_MIN(settings->out_streams, init->in_streams),
		.in_streams = RTE_MIN(settings->in_streams, init->out_streams),
		.extensions = sctp_extensions_agreed(settings->extensions, init->extensions),
		.iface = packet->key.iface,
		.vrf = packet->key.vrf,
		.addr_count = init->addr_count,
		.remote_family = packet->remote.family,
		.local_family = packet->local.family,
		.adaptation_said = init->adaptation_said,
		.adaptation = init->adaptation,
	};
	memcpy(cookie->remote, packet->remote.bytes, 16);
	memcpy(cookie->local, packet->local.bytes, 16);
	for (unsigned i = 0; i < init->addr_count; i++) {
		cookie->addrs[i].family = init->addrs[i].family;
		memcpy(cookie->addrs[i].bytes, init->addrs[i].bytes, 16);
	}
	if (cookie->extensions & SCTP_EXT_AUTH)
		sctp_auth_cookie_put(&offer->vector, cookie);
	/* RFC 9260 5.2.1, 5.2.2: there is none to be tied to before the peer's tag is known. */
	if (assoc != NULL && assoc->state != SCTP_COOKIE_WAIT) {
		cookie->local_tie = assoc->local_tag;
		cookie->peer_tie = assoc->peer_tag;
	}
	/* RFC 9260 5.2.1: both ends began at once, so ours stays as we have said. */
	if (assoc != NULL && assoc->state <= SCTP_COOKIE_ECHOED) {
		cookie->local_tag = assoc->local_tag;
		cookie->local_tsn = assoc->initial_tsn;
	} else {
		cookie->local_tag = sctp_tag_draw(core);
		cookie->local_tsn = (uint32_t)sctp_draw(core);
	}
}

static void
init_ack_send(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_init *init, const struct offer *offer, const struct sctp_out *out)
{
	uint8_t bytes[1280];
	struct sctp_reply reply = { .to = packet,
		.vtag = init->initiate_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	struct sctp_writer *writer = &reply.writer;
	uint32_t place = sctp_chunk_begin(writer, SCTP_INIT_ACK, 0);
	struct sctp_cookie cookie;
	uint32_t cookie_length;

	cookie_fill(core, packet, init, offer, &cookie);
	cookie_length = sctp_cookie_sign(core, &cookie);
	fixed_put(writer, cookie.local_tag, offer->settings->receive_buffer, cookie.out_streams,
		offer->settings->in_streams, cookie.local_tsn);
	sctp_param_put(writer, SCTP_PARAM_STATE_COOKIE, &cookie, cookie_length);
	sctp_addrs_put(writer, offer->addrs, offer->addr_count, init, packet->remote.family);
	sctp_extensions_put(writer, offer->settings->extensions);
	adaptation_put(writer, offer->settings);
	sctp_auth_put(core, offer->settings, cookie.local_tag, cookie.local_tsn, writer);
	for (unsigned i = 0; i < init->unknown_count; i++) {
		const struct sctp_cursor *unknown = &init->unknown[i];

		/* With those that are too long the others would not fit. */
		if (unknown->left <= 128 && writer->room - writer->used > 160)
			sctp_param_put(writer, SCTP_PARAM_UNRECOGNIZED, unknown->at, unknown->left);
	}
	sctp_chunk_end(writer, place);
	sctp_count(core, SCTP_STAT_cookies_sent);
	sctp_reply_send(core, &reply, out);
}

/* What it says of authentication may be unacceptable: RFC 4895 6.1. */
static void
auth_abort(struct sctp_core *core, const struct sctp_packet *packet, uint32_t tag,
	const struct sctp_out *out)
{
	const struct sctp_param cause = { .type = SCTP_CAUSE_PROTOCOL_VIOLATION };

	sctp_count(core, SCTP_STAT_bad_init);
	sctp_reply_abort(core, packet, tag, 0, &cause, out);
}

static void
init_answer(struct sctp_core *core, const struct sctp_packet *packet, struct sctp_init *init,
	struct offer *offer, const struct sctp_out *out)
{
	if (sctp_auth_parse(offer->settings, init, &offer->vector))
		init_ack_send(core, packet, init, offer, out);
	else
		auth_abort(core, packet, init->initiate_tag, out);
}

void
sctp_init_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_init init = { .initiate_tag = 0 };
	struct sctp_listener *listener;
	struct offer offer;

	if (!init_check(core, packet, chunk, &init, out))
		return;
	if (assoc != NULL) {
		/* RFC 9260 9.2: it has not heard that this one ends. */
		if (assoc->state == SCTP_SHUTDOWN_ACK_SENT) {
			assoc->control |= SCTP_SEND_SHUTDOWN_ACK | SCTP_SEND_AGAIN;
			sctp_flush_add(core, assoc);
			return;
		}
		/* It would learn our tag, and with it take the association: the peer gets our INIT. */
		if (assoc->state == SCTP_COOKIE_WAIT &&
			sctp_path_find(assoc, &packet->remote) == NULL) {
			sctp_count(core, SCTP_STAT_bad_init);
			return;
		}
		if (assoc->state != SCTP_COOKIE_WAIT && sctp_addrs_add(packet, &init)) {
			sctp_count(core, SCTP_STAT_bad_init);
			sctp_addrs_abort(core, packet, &init, out);
			return;
		}
		offer = (struct offer){ &assoc->settings, assoc->locals, assoc->local_count,
			{ 0 } };
		init_answer(core, packet, &init, &offer, out);
		return;
	}
	listener = sctp_listener_lookup(
		core, packet->key.vrf, packet->fields.dst_port, &packet->local);
	if (listener == NULL) {
		/* RFC 9260 8.4 (3): it is out of the blue, too, as it finds no association, nor begins one. */
		sctp_count(core, SCTP_STAT_out_of_blues);
		sctp_packet_drop(packet, DROP_sctp_no_port);
		sctp_reply_abort(core, packet, init.initiate_tag, 0, NULL, out);
		return;
	}
	offer = (struct offer){ &listener->settings, listener->bind.addrs,
		listener->bind.addr_count, { 0 } };
	init_answer(core, packet, &init, &offer, out);
}

/* ---- INIT ACK, received ---- */

/* What COOKIE ECHO will carry, and behind it what of the INIT ACK is to be reported. */
static bool
cookie_keep(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_init *init)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(core->config.pool);

	if (pkt == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return false;
	}
	if (rte_pktmbuf_tailroom(pkt) < init->cookie_length) {
		rte_pktmbuf_free(pkt);
		return false;
	}
	memcpy(rte_pktmbuf_append(pkt, init->cookie_length), init->cookie, init->cookie_length);
	for (unsigned i = 0; i < init->unknown_count; i++) {
		const struct sctp_cursor *unknown = &init->unknown[i];
		uint32_t padded = sctp_padded(unknown->left);
		char *place = padded <= 128 ? rte_pktmbuf_append(pkt, (uint16_t)padded) : NULL;

		if (place == NULL)
			continue;
		memset(place, 0, padded);
		memcpy(place, unknown->at, unknown->left);
	}
	rte_pktmbuf_free(assoc->cookie);
	assoc->cookie = pkt;
	assoc->cookie_length = init->cookie_length;
	return true;
}

static void
missing_cookie_abort(struct sctp_core *core, const struct sctp_packet *packet, uint32_t tag,
	const struct sctp_out *out)
{
	/* RFC 9260 3.3.10.2: one parameter, and which. */
	static const uint8_t missing[] = { 0, 0, 0, 1, 0, SCTP_PARAM_STATE_COOKIE };
	const struct sctp_param cause = { SCTP_CAUSE_MISSING_PARAM, sizeof(missing), missing };

	sctp_reply_abort(core, packet, tag, 0, &cause, out);
}

void
sctp_peer_set(
	struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tag, uint32_t tsn, uint32_t rwnd)
{
	assoc->peer_tag = tag;
	assoc->peer_initial_tsn = tsn;
	assoc->left_tsn = tsn - 1;
	assoc->left_ends = true;
	assoc->peer_rwnd = rwnd;
	sctp_tsn_map_init(core, &assoc->tsn_map, tsn);
}

void
sctp_init_ack_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_init init = { .initiate_tag = 0 };
	struct sctp_auth_vector vector;

	/* RFC 9260 5.2.3 */
	if (assoc->state != SCTP_COOKIE_WAIT) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	/* Not even a tag is in it: it counts as one that did not come. */
	if (chunk->length < SCTP_INIT_LENGTH) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	if (!init_check(core, packet, chunk, &init, out)) {
		/* RFC 9260 3.3.3: the association goes; ABORT may say so, by our tag as there is no other. */
		if (init.initiate_tag == 0)
			sctp_reply_abort(core, packet, packet->fields.vtag, SCTP_FLAG_T,
				&(struct sctp_param){ .type = SCTP_CAUSE_INVALID_PARAM }, out);
		sctp_assoc_end(core, assoc, EPROTO, SCTP_CAUSE_NONE);
		return;
	}
	if (init.cookie == NULL) {
		sctp_count(core, SCTP_STAT_bad_init);
		missing_cookie_abort(core, packet, init.initiate_tag, out);
		sctp_assoc_end(core, assoc, EPROTO, SCTP_CAUSE_MISSING_PARAM);
		return;
	}
	if (!sctp_auth_parse(&assoc->settings, &init, &vector)) {
		auth_abort(core, packet, init.initiate_tag, out);
		sctp_assoc_end(core, assoc, EPROTO, SCTP_CAUSE_PROTOCOL_VIOLATION);
		return;
	}
	if (!cookie_keep(core, assoc, &init))
		return;
	sctp_peer_set(core, assoc, init.initiate_tag, init.initial_tsn, init.a_rwnd);
	/* RFC 9260 5.1.1 */
	assoc->out_streams = RTE_MIN(assoc->settings.out_streams, init.in_streams);
	assoc->in_streams = RTE_MIN(assoc->settings.in_streams, init.out_streams);
	assoc->extensions = sctp_extensions_agreed(assoc->settings.extensions, init.extensions);
	sctp_auth_agree(core, assoc, &vector);
	assoc->peer_adaptation_said = init.adaptation_said;
	assoc->peer_adaptation = init.adaptation;
	sctp_send_refuse(core, assoc);
	/* Addresses that are others', or of a family that we are not of, are not used. */
	sctp_path_add(core, assoc, &packet->remote, packet->key.iface, NULL);
	for (unsigned i = 0; i < init.addr_count; i++)
		sctp_path_add(core, assoc, &init.addrs[i], packet->key.iface, NULL);
	for (unsigned i = 0; i < assoc->path_count; i++) {
		if (assoc->paths[i] == packet->path)
			assoc->init_path = (uint8_t)i;
	}
	sctp_assoc_state_set(core, assoc, SCTP_COOKIE_ECHOED);
	assoc->retries = 0;
	assoc->control = SCTP_SEND_COOKIE_ECHO;
	assoc->t1_rto_us = sctp_t1_initial_us(&assoc->settings);
	sctp_timer_set(core, assoc, SCTP_TIMER_T1, core->now_ns + assoc->t1_rto_us * 1000ULL);
	sctp_flush_add(core, assoc);
}
