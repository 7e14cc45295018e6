/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User data of chunks. What is large stays in the packet that it came in; small ones are copied, and
 * share packets, so that a buffer that is held holds a fair share of data.
 */
#include "sctp/sctp_data.h"

static struct sctp_piece *
piece_take(struct sctp_core *core, struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	struct sctp_piece *piece = slab_take(&core->pieces);

	if (piece == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return NULL;
	}
	*piece = (struct sctp_piece){ .pkt = pkt, .offset = offset, .length = (uint16_t)length };
	rte_pktmbuf_refcnt_update(pkt, 1);
	return piece;
}

struct sctp_piece *
sctp_piece_hold(struct sctp_core *core, struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	return piece_take(core, pkt, offset, length);
}

struct sctp_piece *
sctp_piece_copy(struct sctp_core *core, struct rte_mbuf **tail, const void *bytes, uint32_t length)
{
	struct sctp_piece *piece;
	uint32_t offset;

	if (*tail == NULL || rte_pktmbuf_tailroom(*tail) < length) {
		struct rte_mbuf *pkt = rte_pktmbuf_alloc(core->config.pool);

		if (pkt == NULL) {
			sctp_count(core, SCTP_STAT_nomem);
			return NULL;
		}
		rte_pktmbuf_free(*tail);
		*tail = pkt;
	}
	offset = (*tail)->data_len;
	piece = piece_take(core, *tail, offset, length);
	if (piece != NULL)
		memcpy(rte_pktmbuf_append(*tail, (uint16_t)length), bytes, length);
	return piece;
}

struct sctp_piece *
sctp_piece_alone(struct sctp_core *core, const void *bytes, uint32_t length)
{
	const uint32_t padded = sctp_padded(length);
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(core->config.pool);
	struct sctp_piece *piece;
	uint8_t *data;

	if (pkt == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return NULL;
	}
	data = (uint8_t *)rte_pktmbuf_append(pkt, (uint16_t)padded);
	piece = data != NULL ? piece_take(core, pkt, pkt->data_off, length) : NULL;
	rte_pktmbuf_free(pkt);
	if (piece == NULL)
		return NULL;
	memset(data + length, 0, padded - length);
	memcpy(data, bytes, length);
	piece->state = SCTP_PIECE_ALONE;
	return piece;
}

void
sctp_piece_free(struct sctp_core *core, struct sctp_piece *piece)
{
	rte_pktmbuf_free(piece->pkt);
	slab_give(&core->pieces, piece);
}

void
sctp_piece_out_free(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	assoc->pieces_out--;
	core->pieces_out--;
	sctp_auth_piece_release(core, assoc, piece);
	sctp_piece_free(core, piece);
}

void
sctp_pieces_free(struct sctp_core *core, struct sctp_piece_list *list)
{
	struct sctp_piece *piece;

	while ((piece = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, piece, next);
		sctp_piece_free(core, piece);
	}
}
