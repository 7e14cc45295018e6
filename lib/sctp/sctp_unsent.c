/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a port's queue had no room for. Behind the last packets of a burst comes nothing that could tell
 * of a gap: the peer would hear of them by T3-rtx, a second later. But here it is known what they carry.
 * Called by pipeline.c, with what it drops.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

#include "wire/endian.h"
#include "wire/icmp_quote.h"
#include "wire/ip4.h"

/* A queue of packets of any size is shorter by then. A SACK, or more to send, comes sooner, mostly. */
#define AGAIN_NS 1000000ULL

/* A packet of ours, as far as it is in the first segment. */
struct unsent {
	struct sctp_path *path;
	const uint8_t *chunks;
	uint32_t left;
};

/* @return NULL: of no association here, or not the beginning of what IP has cut */
static struct sctp_assoc *
unsent_parse(struct sctp_core *core, const struct rte_mbuf *pkt, struct unsent *unsent)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	const uint8_t *end = rte_pktmbuf_mtod(pkt, const uint8_t *) + pkt->data_len;
	const uint8_t family = l3[0] >> 4;
	const uint32_t length = (uint32_t)(end - l3);
	bool encapsulated = false;
	struct ip_addr local, remote;
	struct icmp_quote whose;
	struct sctp_assoc *assoc;
	struct sctp_key key;

	if (!icmp_quote_parse(family, IP_PROTO_SCTP, l3, length, &whose)) {
		encapsulated = icmp_quote_parse(family, IP_PROTO_UDP, l3, length, &whose) &&
			be16_load(whose.l4) == sctp_encaps_local(core);
		if (!encapsulated)
			return NULL;
	}
	unsent->chunks = whose.l4 + (encapsulated ? UDP_HDR_LENGTH : 0) + SCTP_HDR_LENGTH;
	if (unsent->chunks > end)
		return NULL;
	unsent->left = (uint32_t)(end - unsent->chunks);
	local = family == IP_FAMILY_4 ? ip_addr_from4(whose.src) : ip_addr_from6(whose.src);
	remote = family == IP_FAMILY_4 ? ip_addr_from4(whose.dst) : ip_addr_from6(whose.dst);
	key = sctp_key_of(&remote, be16_load(unsent->chunks - SCTP_HDR_LENGTH),
		be16_load(unsent->chunks - SCTP_HDR_LENGTH + 2), meta->vrf, meta->iface);
	assoc = sctp_assoc_lookup(
		core, &key, sctp_table_hash(&core->table, &key), &local, &unsent->path);
	if (assoc == NULL || be32_load(unsent->chunks - SCTP_HDR_LENGTH + 4) != assoc->peer_tag)
		return NULL;
	return assoc;
}

/* @return whether it is in flight, and was sent by no other path since */
static bool
piece_unsent(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_path *path,
	uint32_t tsn)
{
	struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn);
	const struct sctp_sent_block *block;

	if (piece == NULL || piece->path != path)
		return false;
	block = sctp_sent_block(core, assoc, tsn);
	if ((block->acked | block->lost | block->abandoned) & sctp_sent_bit(tsn))
		return false;
	sctp_piece_lose(core, assoc, piece);
	piece->state |= SCTP_PIECE_UNSENT;
	sctp_count(core, SCTP_STAT_unsent_data);
	return true;
}

/* What holds user data behind may go on in another segment. */
static bool
chunks_unsent(struct sctp_core *core, struct sctp_assoc *assoc, const struct unsent *unsent)
{
	bool any = false;

	for (uint32_t at = 0; at + SCTP_CHUNK_HDR_LENGTH + 4 <= unsent->left;) {
		const uint8_t *chunk = unsent->chunks + at;

		if (chunk[0] == SCTP_DATA || chunk[0] == SCTP_I_DATA)
			any |= piece_unsent(core, assoc, unsent->path,
				be32_load(chunk + SCTP_CHUNK_HDR_LENGTH));
		at += sctp_padded(RTE_MAX(be16_load(chunk + 2), SCTP_CHUNK_HDR_LENGTH));
	}
	return any;
}

void
sctp_unsent(struct sctp_core *core, const struct rte_mbuf *pkt)
{
	const uint64_t due_ns = core->now_ns + AGAIN_NS;
	struct unsent unsent;
	struct sctp_assoc *assoc = unsent_parse(core, pkt, &unsent);

	if (assoc == NULL || assoc->state == SCTP_CLOSED || !chunks_unsent(core, assoc, &unsent))
		return;
	/* Until something is acknowledged T3-rtx goes on: a queue that stays full is a path that has failed. */
	unsent.path->unsent = true;
	for (unsigned i = 0; i < assoc->path_count; i++)
		assoc->paths[i]->lost = assoc->paths[i] == unsent.path;
	/* A queue of ours is as any other on the way: RFC 9260 7.2.4, once for all that is in flight. */
	if (!assoc->in_recovery)
		sctp_recovery_begin(core, assoc);
	if (assoc->due_ns[SCTP_TIMER_RETRY] == 0 || assoc->due_ns[SCTP_TIMER_RETRY] > due_ns)
		sctp_timer_set(core, assoc, SCTP_TIMER_RETRY, due_ns);
}
