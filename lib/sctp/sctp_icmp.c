/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors about packets that were sent: RFC 9260 10, by its numbers. Heard are those that quote
 * the peer's tag, or our INIT; and of these that the path carries less, or that the peer has no SCTP.
 */
#include "sctp/sctp_encaps_priv.h"

#include "wire/endian.h"
#include "wire/icmp_quote.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* A common header without its checksum. */
#define QUOTED_LEAST 8U
/* Of an INIT that is quoted: how far its initiate tag reaches. */
#define INIT_TAG_END (SCTP_HDR_LENGTH + SCTP_CHUNK_HDR_LENGTH + 4U)

struct quoted {
	struct sctp_key key;
	struct ip_addr local;
	uint32_t vtag, initiate_tag;
	bool has_initiate_tag;
	bool encapsulated; /* in UDP, from our port */
	struct icmp message;
};

/* From the common header on. */
static void
quoted_read(const uint8_t *header, size_t left, struct quoted *quoted)
{
	quoted->vtag = be32_load(header + 4);
	quoted->has_initiate_tag = left >= INIT_TAG_END && header[SCTP_HDR_LENGTH] == SCTP_INIT;
	if (quoted->has_initiate_tag)
		quoted->initiate_tag = be32_load(header + INIT_TAG_END - 4);
}

/* @return whether it quotes a packet from the address that it came to, so perhaps one of ours */
static bool
error_parse(const struct rte_mbuf *pkt, struct quoted *quoted)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	const uint8_t family = l3[0] >> 4;
	const uint8_t proto = quoted->encapsulated ? IP_PROTO_UDP : IP_PROTO_SCTP;
	const uint8_t *outer_dst = l3 +
		(family == IP_FAMILY_4 ? offsetof(struct ip4_header, dst_be)
				       : offsetof(struct ip6_header, dst));
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	const uint8_t *start = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset);
	struct icmp_quote quote;
	struct ip_addr remote;
	const uint8_t *header;
	size_t left;

	/* What is quoted is in the first segment, or not looked at. */
	if (offset + ICMP_HDR_LENGTH > pkt->data_len ||
		icmp_parse(start, pkt->data_len - offset, &quoted->message) < 0 ||
		!icmp_quote_parse(family, proto, start + ICMP_HDR_LENGTH,
			pkt->data_len - offset - ICMP_HDR_LENGTH, &quote) ||
		memcmp(quote.src, outer_dst, family == IP_FAMILY_4 ? 4 : 16) != 0)
		return false;
	left = (size_t)(rte_pktmbuf_mtod(pkt, const uint8_t *) + pkt->data_len - quote.l4);
	/* RFC 6951 5.5: without a tag it is not believed. */
	if (quoted->encapsulated && left < UDP_HDR_LENGTH + QUOTED_LEAST)
		return false;
	header = quote.l4 + (quoted->encapsulated ? UDP_HDR_LENGTH : 0);
	left -= (size_t)(header - quote.l4);
	quoted->local = family == IP_FAMILY_4 ? ip_addr_from4(quote.src) : ip_addr_from6(quote.src);
	remote = family == IP_FAMILY_4 ? ip_addr_from4(quote.dst) : ip_addr_from6(quote.dst);
	quoted->key = sctp_key_of(
		&remote, be16_load(header), be16_load(header + 2), meta->vrf, meta->iface);
	quoted_read(header, left, quoted);
	return true;
}

/* ICMP6, ICMP7 */
static bool
tag_fits(const struct sctp_assoc *assoc, const struct quoted *quoted)
{
	if (quoted->vtag != 0)
		return quoted->vtag == assoc->peer_tag;
	return assoc->state == SCTP_COOKIE_WAIT && quoted->has_initiate_tag &&
		quoted->initiate_tag == assoc->local_tag;
}

/* ICMP8, ICMP9: nobody speaks SCTP there. RFC 6951 5.5: or nobody listens to it in UDP. */
static bool
says_no_sctp(const struct quoted *quoted)
{
	const struct icmp *message = &quoted->message;
	const bool is4 = quoted->key.family == IP_FAMILY_4;

	if (quoted->encapsulated)
		return is4 ? message->type == ICMP4_UNREACHABLE &&
				message->code == ICMP4_PORT_UNREACHABLE
			   : message->type == ICMP6_UNREACHABLE &&
				message->code == ICMP6_PORT_UNREACHABLE;
	if (is4)
		return message->type == ICMP4_UNREACHABLE &&
			message->code == ICMP4_PROTO_UNREACHABLE;
	return message->type == ICMP6_PARAMETER_PROBLEM &&
		message->code == ICMP6_UNRECOGNIZED_NEXT_HEADER;
}

/* @return whether it is control's to know as well */
static bool
error_apply(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_path *path,
	const struct quoted *quoted)
{
	if (icmp_error_is_too_big((enum ip_family)quoted->key.family, &quoted->message)) {
		uint32_t mtu = quoted->message.rest;

		/* What was lost by it T3-rtx sends again, in pieces of IP's. */
		sctp_pmtu_too_big(
			core, path, quoted->key.family == IP_FAMILY_4 ? mtu & 0xffff : mtu);
		return true;
	}
	if (says_no_sctp(quoted))
		sctp_assoc_end(core, assoc,
			assoc->state <= SCTP_COOKIE_ECHOED ? ECONNREFUSED : ECONNRESET,
			SCTP_CAUSE_NONE);
	return false;
}

/* How an error came to be here, and what it quotes. */
struct origin {
	bool handed; /* by another worker */
	bool encapsulated;
};

static void
error_input(struct sctp_core *core, struct rte_mbuf *pkt, struct origin origin,
	const struct sctp_out *out)
{
	struct sctp_assoc *assoc = NULL;
	struct sctp_path *path = NULL;
	struct quoted quoted = { .encapsulated = origin.encapsulated };
	unsigned worker;
	uint32_t hash;

	if (error_parse(pkt, &quoted)) {
		hash = sctp_table_hash(&core->table, &quoted.key);
		assoc = sctp_assoc_lookup(core, &quoted.key, hash, &quoted.local, &path);
		worker = assoc == NULL && !origin.handed
			? sctp_ports_owner(core, quoted.key.local_port, hash)
			: SCTP_WORKER_NONE;
		if (worker < SCTP_WORKERS_MAX) {
			pkt_meta(pkt)->worker = (uint8_t)worker;
			pkt_meta(pkt)->reason = origin.encapsulated
				? HANDOVER_SCTP_ENCAPSULATED_ERROR
				: HANDOVER_SCTP_ERROR;
			pkt_vec_append(out->handover, pkt);
			return;
		}
	}
	if (assoc == NULL || !tag_fits(assoc, &quoted)) {
		sctp_count(core, SCTP_STAT_icmp_ignored);
		pkt_drop(out->drops, pkt, DROP_sctp_error_unmatched);
		return;
	}
	/* Path MTUs are control's to write: other associations learn of it, too. */
	if (error_apply(core, assoc, path, &quoted)) {
		pkt_meta(pkt)->flags |= PKT_ABOUT_OURS;
		pkt_punt(out->punts, pkt, PUNT_ICMP);
	} else {
		pkt_vec_append(out->done, pkt);
	}
}

static void
burst_input(struct sctp_core *core, const struct pkt_vec *in, struct origin origin,
	const struct sctp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		error_input(core, in->pkts[i], origin, out);
}

void
sctp_error_input(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = false }, out);
}

void
sctp_error_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = true }, out);
}

void
sctp_encaps_error_input(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .encapsulated = true }, out);
}

void
sctp_encaps_error_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out)
{
	burst_input(core, in, (struct origin){ .handed = true, .encapsulated = true }, out);
}
