/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets as they arrive: a burst is parsed, and its owners found; then each packet's tag is checked
 * (RFC 9260 8.5), and its chunks are given to who knows them. What they ask to be sent waits for
 * sctp_flush(), but for answers that need no association.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"
#include "sctp/sctp_encaps_priv.h"

#include "pkt/crc32c.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* ---- from packets to chunks ---- */

/* @return false: to a group */
static bool
addresses_read(const struct rte_mbuf *pkt, struct sctp_packet *packet)
{
	const struct pkt_meta *meta = pkt_meta(pkt);

	if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4) {
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		packet->local = ip_addr_from4(&hdr->dst_be);
		packet->remote = ip_addr_from4(&hdr->src_be);
		packet->marked = meta->ce || (hdr->tos & SCTP_TOS_ECN) == SCTP_TOS_CE;
		return !(meta->flags & PKT_L2_GROUP) && hdr->dst_be != UINT32_MAX &&
			!(ip4_class(hdr->dst_be) & IP4_CLASS_MULTICAST);
	}
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

	packet->local = ip_addr_from6(hdr->dst);
	packet->remote = ip_addr_from6(hdr->src);
	packet->marked = meta->ce ||
		(be32toh(hdr->version_class_flow_be) >> 20 & SCTP_TOS_ECN) == SCTP_TOS_CE;
	return !(meta->flags & PKT_L2_GROUP) && !ip6_is_multicast(hdr->dst);
}

/* How a packet came to be here. */
struct origin {
	bool handed; /* by another worker */
	bool encapsulated; /* in UDP */
};

/* RFC 9260 6.8 */
static bool
checksum_is_right(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	uint8_t header[SCTP_HDR_LENGTH];
	uint32_t crc, said;

	pkt_copy_out(pkt, offset + SCTP_CHECKSUM_FIELD, sizeof(said), &said);
	/* It was made with zeros in its own place. */
	pkt_copy_out(pkt, offset, sizeof(header), header);
	memset(header + SCTP_CHECKSUM_FIELD, 0, sizeof(said));
	crc = crc32c_add(CRC32C_INIT, header, sizeof(header));
	for (offset += sizeof(header), length -= sizeof(header); length > 0; pkt = pkt->next) {
		uint32_t part = RTE_MIN(pkt->data_len - RTE_MIN(offset, pkt->data_len), length);

		crc = crc32c_add(crc, rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset), part);
		offset -= RTE_MIN(offset, pkt->data_len);
		length -= part;
	}
	return crc32c_finish(crc) == said;
}

/*
 * Whether its checksum needs no look: a device knows that of UDP, a worker ours. A device's "bad" is
 * checked again: some say it of what they cut.
 */
static bool
checksum_is_known(const struct sctp_packet *packet, struct origin origin)
{
	uint64_t known = origin.encapsulated && !origin.handed
		? RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN
		: packet->pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	/* NONE: wrong in the packet, most often zero, but the data is not, as between virtual machines. */
	return known == RTE_MBUF_F_RX_L4_CKSUM_GOOD || known == RTE_MBUF_F_RX_L4_CKSUM_NONE;
}

static void
bad_checksum_drop(struct sctp_core *core, struct sctp_packet *packet)
{
	sctp_count(core, SCTP_STAT_in_errs);
	sctp_count(core, SCTP_STAT_checksum_errors);
	sctp_packet_drop(packet, DROP_sctp_bad_checksum);
}

/* RFC 9653 5.3: of those that have told the peer so. @return false: the packet is dropped */
static bool
unsummed_check(struct sctp_core *core, struct sctp_packet *packet)
{
	if (packet->assoc != NULL && packet->assoc->settings.extensions & SCTP_EXT_ZERO_CHECKSUM) {
		sctp_count(core, SCTP_STAT_zero_checksums);
		return true;
	}
	/* It may be right all the same. */
	if (checksum_is_right(packet->pkt, packet->offset, packet->length))
		return true;
	bad_checksum_drop(core, packet);
	return false;
}

/* RFC 4895 6.3: a COOKIE ECHO may have an AUTH chunk in front, and is first all the same. */
static uint8_t
type_behind_auth(const struct rte_mbuf *pkt, uint32_t offset, const uint8_t *header)
{
	const uint8_t *chunk = header + SCTP_HDR_LENGTH;
	uint8_t bytes[1];
	const uint8_t *type;

	offset += SCTP_HDR_LENGTH + sctp_padded(be16_load(chunk + 2));
	type = rte_pktmbuf_read(pkt, offset, sizeof(bytes), bytes);
	return type != NULL && *type == SCTP_COOKIE_ECHO ? SCTP_COOKIE_ECHO : SCTP_AUTH;
}

/*
 * UDP has seen to it that its header is whole, and in one piece. @return false: from a port of 0, which
 * UDP allows, but nobody could answer to
 */
static bool
udp_header_read(const struct rte_mbuf *pkt, struct sctp_packet *packet)
{
	packet->encaps_port = be16_load(rte_pktmbuf_mtod_offset(pkt, const void *, packet->offset));
	packet->offset += UDP_HDR_LENGTH;
	return packet->encaps_port != 0;
}

/* @return false: it is to be dropped, packet->drop says why */
static bool
packet_parse(struct sctp_core *core, struct rte_mbuf *pkt, struct origin origin,
	struct sctp_packet *packet)
{
	const uint32_t least = SCTP_HDR_LENGTH + SCTP_CHUNK_HDR_LENGTH;
	const struct pkt_meta *meta = pkt_meta(pkt);
	uint8_t bytes[SCTP_HDR_LENGTH + SCTP_CHUNK_HDR_LENGTH];
	const uint8_t *header;
	uint32_t checksum;
	bool known;

	*packet = (struct sctp_packet){ .pkt = pkt, .worker = SCTP_WORKER_NONE };
	packet->offset = pkt->l2_len + pkt->l3_len;
	if (unlikely(origin.encapsulated) && !udp_header_read(pkt, packet)) {
		sctp_count(core, SCTP_STAT_in_errs);
		sctp_packet_drop(packet, DROP_sctp_malformed);
		return false;
	}
	/* RFC 9260 8.4 (1) */
	if (!addresses_read(pkt, packet)) {
		sctp_packet_drop(packet, DROP_sctp_group);
		return false;
	}
	header = pkt->pkt_len >= packet->offset + least
		? rte_pktmbuf_read(pkt, packet->offset, least, bytes)
		: NULL;
	if (header == NULL || sctp_hdr_parse(header, least, &packet->fields) != 0) {
		sctp_count(core, SCTP_STAT_in_errs);
		sctp_packet_drop(packet, DROP_sctp_malformed);
		return false;
	}
	packet->first_type = header[SCTP_HDR_LENGTH];
	if (packet->first_type == SCTP_AUTH)
		packet->first_type = type_behind_auth(pkt, packet->offset, header);
	packet->reflected = (packet->first_type == SCTP_ABORT ||
				    packet->first_type == SCTP_SHUTDOWN_COMPLETE) &&
		header[SCTP_HDR_LENGTH + 1] & SCTP_FLAG_T;
	packet->length = pkt->pkt_len - packet->offset;
	known = checksum_is_known(packet, origin);
	/* RFC 9653 5.3: whose it is says whether a zero will do. */
	memcpy(&checksum, header + SCTP_CHECKSUM_FIELD, sizeof(checksum));
	packet->unsummed = !known && checksum == 0;
	if (!known && !packet->unsummed &&
		!checksum_is_right(pkt, packet->offset, packet->length)) {
		bad_checksum_drop(core, packet);
		return false;
	}
	packet->key = sctp_key_of(&packet->remote, packet->fields.dst_port, packet->fields.src_port,
		meta->vrf, meta->iface);
	packet->hash = sctp_table_hash(&core->table, &packet->key);
	return true;
}

/* The whole of it in one piece. */
static void
packet_linearize(struct sctp_core *core, struct sctp_packet *packet)
{
	packet->bytes =
		rte_pktmbuf_read(packet->pkt, packet->offset, packet->length, core->scratch);
}

/* ---- whose it is ---- */

/* @return whether another worker is to see it */
static bool
hand_over(struct sctp_packet *packet, unsigned worker)
{
	if (worker == SCTP_WORKER_NONE)
		return false;
	if (worker == SCTP_WORKER_UNSURE)
		sctp_packet_drop(packet, DROP_sctp_owner_unsure);
	else
		packet->worker = worker;
	return true;
}

/* A tag of ours says whose it is; of others the tables do. @return whether it is another's */
static bool
is_others(struct sctp_core *core, struct sctp_packet *packet, bool handed)
{
	const struct sctp_config *config = &core->config;
	uint16_t port = packet->fields.dst_port;

	if (handed || config->ports == NULL)
		return false;
	if (packet->fields.vtag != 0 && !packet->reflected) {
		unsigned worker = packet->fields.vtag % config->worker_count;

		return worker != config->worker && hand_over(packet, worker);
	}
	return packet->assoc == NULL &&
		hand_over(packet, sctp_ports_owner(core, port, packet->hash));
}

/* ---- RFC 9260 8.5 ---- */

static bool
tag_check(const struct sctp_packet *packet)
{
	const struct sctp_assoc *assoc = packet->assoc;

	switch (packet->first_type) {
	case SCTP_INIT: return packet->fields.vtag == 0;
	/* The cookie is checked against it. */
	case SCTP_COOKIE_ECHO: return true;
	/* 8.5.1 (E): of one that was before. */
	case SCTP_SHUTDOWN_ACK:
		return assoc->state <= SCTP_COOKIE_ECHOED ||
			packet->fields.vtag == assoc->local_tag;
	default:
		/* 8.5.1 (B), (C) */
		if (packet->reflected)
			return assoc->peer_tag != 0 && packet->fields.vtag == assoc->peer_tag;
		return packet->fields.vtag == assoc->local_tag;
	}
}

/* ---- chunks ---- */

/* RFC 9260 3.2: by the upper bits of its type. @return false: the rest is not looked at */
static bool
unknown_chunk(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_out *out)
{
	sctp_count(core, SCTP_STAT_unknown_chunk);
	if (sctp_chunk_unknown_reports(chunk->type) && packet->assoc->state >= SCTP_COOKIE_ECHOED)
		sctp_reply_error(core, packet, SCTP_CAUSE_UNRECOGNIZED_CHUNK,
			chunk->value - SCTP_CHUNK_HDR_LENGTH, chunk->length + SCTP_CHUNK_HDR_LENGTH,
			out);
	return sctp_chunk_unknown_skips(chunk->type);
}

/* RFC 9260 6.10: these stand alone, and a cookie in front. */
static bool
bundle_is_good(const struct sctp_packet *packet, uint8_t type)
{
	switch (type) {
	case SCTP_INIT:
	case SCTP_INIT_ACK:
	case SCTP_SHUTDOWN_COMPLETE: return packet->first && packet->last;
	/* RFC 4895 6.3: or behind AUTH. */
	case SCTP_COOKIE_ECHO: return packet->first || packet->behind_auth;
	default: return true;
	}
}

/* @return false: the rest is not looked at */
static bool
chunk_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;

	if (!bundle_is_good(packet, chunk->type)) {
		sctp_count(core, SCTP_STAT_bad_bundle);
		return false;
	}
	/* A COOKIE ECHO is asked for by its cookie's keys. */
	if (chunk->type != SCTP_COOKIE_ECHO && !sctp_auth_admits(packet, chunk->type)) {
		sctp_count(core, SCTP_STAT_unauthenticated);
		return true;
	}
	switch (chunk->type) {
	case SCTP_DATA: sctp_data_input(core, packet, chunk, out); return true;
	case SCTP_I_DATA:
		if (!sctp_has(assoc, SCTP_EXT_I_DATA))
			return unknown_chunk(core, packet, chunk, out);
		sctp_data_input(core, packet, chunk, out);
		return true;
	case SCTP_INIT: sctp_init_input(core, packet, chunk, out); return false;
	case SCTP_INIT_ACK: sctp_init_ack_input(core, packet, chunk, out); return false;
	case SCTP_SACK: sctp_sack_input(core, assoc, chunk); return true;
	case SCTP_HEARTBEAT: sctp_heartbeat_input(core, packet, chunk, out); return true;
	case SCTP_HEARTBEAT_ACK: sctp_heartbeat_ack_input(core, assoc, chunk); return true;
	case SCTP_ABORT:
		/* RFC 5061 5.3 F4, 5.3.1: to what came from an address that the peer knows no more. */
		if (sctp_asconf_is_changing(assoc, &packet->local))
			sctp_count(core, SCTP_STAT_unexpected_chunk);
		else if (!sctp_former_abort_input(core, packet))
			sctp_abort_input(core, assoc, chunk);
		return false;
	case SCTP_SHUTDOWN: sctp_shutdown_input(core, assoc, chunk); return true;
	case SCTP_SHUTDOWN_ACK: sctp_shutdown_ack_input(core, packet, out); return false;
	case SCTP_ERROR: sctp_error_chunk_input(core, assoc, chunk); return true;
	case SCTP_COOKIE_ECHO: return sctp_cookie_echo_input(core, packet, chunk, out);
	case SCTP_ASCONF:
		if (!sctp_has(assoc, SCTP_EXT_ASCONF))
			return unknown_chunk(core, packet, chunk, out);
		sctp_asconf_input(core, packet, chunk, out);
		return true;
	case SCTP_ASCONF_ACK:
		if (!sctp_has(assoc, SCTP_EXT_ASCONF))
			return unknown_chunk(core, packet, chunk, out);
		sctp_asconf_ack_input(core, packet, chunk);
		return true;
	case SCTP_RE_CONFIG:
		if (!sctp_has(assoc, SCTP_EXT_RE_CONFIG))
			return unknown_chunk(core, packet, chunk, out);
		sctp_reconfig_input(core, packet, chunk, out);
		return true;
	case SCTP_ECNE:
		if (!sctp_has(assoc, SCTP_EXT_ECN))
			return unknown_chunk(core, packet, chunk, out);
		sctp_ecne_input(core, packet, chunk);
		return true;
	case SCTP_CWR:
		if (!sctp_has(assoc, SCTP_EXT_ECN))
			return unknown_chunk(core, packet, chunk, out);
		sctp_cwr_input(core, assoc, chunk);
		return true;
	case SCTP_AUTH: return sctp_auth_input(core, packet, chunk, out);
	case SCTP_COOKIE_ACK: sctp_cookie_ack_input(core, assoc); return true;
	case SCTP_SHUTDOWN_COMPLETE: sctp_shutdown_complete_input(core, assoc); return false;
	case SCTP_FORWARD_TSN:
	case SCTP_I_FORWARD_TSN:
		/* RFC 3758 3.3.1 */
		if (!sctp_forward_is_agreed(assoc, chunk->type))
			return unknown_chunk(core, packet, chunk, out);
		sctp_forward_input(core, packet, chunk);
		return true;
	default: return unknown_chunk(core, packet, chunk, out);
	}
}

static bool
goes_on(const struct sctp_assoc *assoc)
{
	return assoc != NULL && assoc->state != SCTP_CLOSED && !(assoc->control & SCTP_SEND_ABORT);
}

/* The association comes of the next chunk. */
static bool
waits_for_cookie(const struct sctp_packet *packet)
{
	return packet->assoc == NULL && packet->auth.value != NULL;
}

static void
chunks_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out)
{
	struct sctp_cursor cursor = { packet->bytes + SCTP_HDR_LENGTH,
		packet->length - SCTP_HDR_LENGTH };
	struct sctp_chunk chunk;
	int ret;

	packet->first = true;
	while ((ret = sctp_chunk_next(&cursor, &chunk)) > 0) {
		packet->last = cursor.left == 0;
		if (chunk.type != SCTP_DATA && chunk.type != SCTP_I_DATA)
			sctp_count(core, SCTP_STAT_in_ctrl_chunks);
		if (!chunk_input(core, packet, &chunk, out) ||
			(!goes_on(packet->assoc) && !waits_for_cookie(packet)))
			break;
		packet->behind_auth = packet->first && chunk.type == SCTP_AUTH;
		packet->first = false;
	}
	if (ret < 0) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		if (packet->first)
			sctp_packet_drop(packet, DROP_sctp_malformed);
	}
	if (packet->has_data && goes_on(packet->assoc))
		sctp_data_packet_end(core, packet->assoc);
}

/* ---- the packet ---- */

static void
bad_tag_drop(struct sctp_core *core, struct sctp_packet *packet)
{
	sctp_count(core, SCTP_STAT_bad_tag);
	sctp_packet_drop(packet, DROP_sctp_bad_tag);
}

static void
assoc_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;

	/* It is as good as gone. */
	if (assoc->control & SCTP_SEND_ABORT)
		return;
	if (!tag_check(packet)) {
		bad_tag_drop(core, packet);
		return;
	}
	assoc->packets_in++;
	if (packet->first_type != SCTP_INIT && packet->first_type != SCTP_COOKIE_ECHO) {
		assoc->last_path = packet->path;
		sctp_encaps_learn(packet);
	}
	packet_linearize(core, packet);
	chunks_input(core, packet, out);
}

/*
 * RFC 9260 8.5: its tag led here, but another worker has an association with its sender, so the tag is
 * wrong. Not of SHUTDOWN ACK, which is answered all the same while that one is set up: 8.5.1 (E).
 */
static bool
tag_misled(const struct sctp_core *core, const struct sctp_packet *packet)
{
	return packet->first_type != SCTP_SHUTDOWN_ACK &&
		sctp_ports_owner(core, packet->fields.dst_port, packet->hash) != SCTP_WORKER_NONE;
}

/* RFC 9260 5.2: from another address of a peer that there is an association with. */
static unsigned
init_owner(struct sctp_core *core, struct sctp_packet *packet, struct sctp_init *init, bool handed)
{
	struct sctp_cursor cursor = { packet->bytes + SCTP_HDR_LENGTH,
		packet->length - SCTP_HDR_LENGTH };
	struct sctp_chunk chunk;

	if (sctp_chunk_next(&cursor, &chunk) <= 0 || sctp_init_parse(&chunk, init) != 0)
		return SCTP_WORKER_NONE;
	packet->init = init;
	return sctp_addrs_lookup(core, packet, init, handed);
}

static void
no_assoc_input(
	struct sctp_core *core, struct sctp_packet *packet, bool handed, const struct sctp_out *out)
{
	const uint16_t port = packet->fields.dst_port;
	bool init = packet->first_type == SCTP_INIT && packet->fields.vtag == 0;
	struct sctp_init parsed;

	packet_linearize(core, packet);
	if ((init || packet->first_type == SCTP_INIT_ACK) &&
		hand_over(packet, init_owner(core, packet, &parsed, handed || !init)))
		return;
	if (packet->first_type == SCTP_AUTH)
		sctp_asconf_lookup(core, packet);
	if (packet->assoc != NULL) {
		assoc_input(core, packet, out);
		return;
	}
	/* RFC 9260 8.4 (3), (4) */
	if (init && sctp_listener_lookup(core, packet->key.vrf, port, &packet->local) == NULL &&
		hand_over(packet, sctp_ports_listener(core, port, handed)))
		return;
	if (init || packet->first_type == SCTP_COOKIE_ECHO)
		chunks_input(core, packet, out);
	else if (tag_misled(core, packet))
		bad_tag_drop(core, packet);
	else if (!sctp_former_input(core, packet))
		sctp_blue_input(core, packet, out);
}

static void
packet_input(
	struct sctp_core *core, struct sctp_packet *packet, bool handed, const struct sctp_out *out)
{
	/* RFC 9260 8.5.1 (A) */
	if (packet->fields.vtag == 0 && packet->first_type != SCTP_INIT) {
		bad_tag_drop(core, packet);
		return;
	}
	packet->assoc =
		sctp_assoc_lookup(core, &packet->key, packet->hash, &packet->local, &packet->path);
	if (is_others(core, packet, handed) ||
		(unlikely(packet->unsummed) && !unsummed_check(core, packet)))
		return;
	if (packet->assoc != NULL)
		assoc_input(core, packet, out);
	else
		no_assoc_input(core, packet, handed, out);
}

static void
packet_finish(struct sctp_core *core, const struct sctp_packet *packet, const struct sctp_out *out)
{
	struct rte_mbuf *pkt = packet->pkt;

	if (packet->dropped) {
		pkt_drop(out->drops, pkt, packet->drop);
	} else if (packet->worker != SCTP_WORKER_NONE) {
		sctp_count(core, SCTP_STAT_handed_over);
		/* It was verified here, but for what its owner has to say. */
		pkt->ol_flags &= ~RTE_MBUF_F_RX_L4_CKSUM_MASK;
		if (!packet->unsummed)
			pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		pkt_meta(pkt)->worker = (uint8_t)packet->worker;
		pkt_meta(pkt)->reason =
			packet->encaps_port != 0 ? HANDOVER_SCTP_ENCAPSULATED : HANDOVER_SCTP;
		pkt_vec_append(out->handover, pkt);
	} else {
		pkt_vec_append(out->done, pkt);
	}
}

static void
burst_input(struct sctp_core *core, const struct pkt_vec *in, struct origin origin,
	const struct sctp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++) {
		struct sctp_packet packet;

		/* Another worker has counted those that it handed over. */
		if (!origin.handed)
			sctp_count(core, SCTP_STAT_in_sctp_packs);
		if (packet_parse(core, in->pkts[i], origin, &packet))
			packet_input(core, &packet, origin.handed, out);
		sctp_answer_send(core, out);
		packet_finish(core, &packet, out);
	}
}

void
sctp_input(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = false }, out);
}

void
sctp_input_handed(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = true }, out);
}

void
sctp_encaps_input(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .encapsulated = true }, out);
}

void
sctp_encaps_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = true, .encapsulated = true }, out);
}
