/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User data on its way: received and put together (sctp_data.c to sctp_fragment.c), or cut, chosen,
 * sent and acknowledged (sctp_send.c to sctp_sack.c).
 */
#ifndef SCTP_SCTP_DATA_H
#define SCTP_SCTP_DATA_H

#include "sctp/sctp_priv.h"

/* ---- sctp_data.c, sctp_tsn.c, sctp_reass.c: received data ---- */

bool sctp_takes_data(const struct sctp_assoc *assoc);
/* An SSN's upper half is as near to the next one's as can be. */
uint32_t sctp_mid_of_ssn(const struct sctp_stream *stream, uint16_t ssn);
void sctp_data_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
/* A packet with DATA is read: RFC 9260 6.2. */
void sctp_data_packet_end(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_sack_strike(struct sctp_core *core, struct sctp_assoc *assoc);

/* Nothing has come. What it was is forgotten. */
void sctp_tsn_map_init(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t initial_tsn);
void sctp_tsn_map_free(struct sctp_core *core, struct sctp_tsn_map *map);
enum sctp_tsn_place { SCTP_TSN_NEW, SCTP_TSN_DUPLICATE, SCTP_TSN_BEYOND };
enum sctp_tsn_place sctp_tsn_look(const struct sctp_tsn_map *map, uint32_t tsn);
/* Whether a TSN is one of those behind the cumulative one that a map knows of; older ones may wrap. */
static inline bool
sctp_tsn_is_behind(uint32_t tsn, uint32_t cum)
{
	return tsn - cum - 1 < SCTP_TSN_MAP_BITS;
}
/* Before it is marked. @return false: there is a gap before it, and no memory to remember that */
bool sctp_tsn_hold(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn);
void sctp_tsn_mark(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn);
/* It was dropped: the peer has to send it again. */
void sctp_tsn_renege(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn);
/* What is not there up to a TSN does not come any more. */
void sctp_tsn_forward(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t cum);
void sctp_tsn_duplicate(struct sctp_tsn_map *map, uint32_t tsn);
static inline bool
sctp_tsn_has_gap(const struct sctp_tsn_map *map)
{
	return map->highest != map->cum;
}
/* Write a SACK. */
void sctp_sack_build(
	const struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_writer *writer);
uint32_t sctp_rwnd(const struct sctp_core *core, const struct sctp_assoc *assoc);
/*
 * Of its receive buffer. The window closes by what small chunks cost (sctp_rwnd()), but those that come within
 * what was told before have room: were they dropped, nothing but T3-rtx would have them sent again.
 */
static inline uint32_t
sctp_held(const struct sctp_assoc *assoc)
{
	return RTE_MAX(assoc->received, assoc->received_pieces * (SCTP_PIECE_COST / 4));
}

/* @return false: it contradicts what is there */
bool sctp_reass_input(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_piece *piece);
/* Messages of a stream, up to one, do not come any more, unless they are there. */
void sctp_reass_skip(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	bool unordered, uint32_t mid);
void sctp_reass_skip_fragments(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream,
	bool unordered, uint32_t mid);
/* Nor do fragments of DATA up to this TSN. */
void sctp_reass_forward(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum);
/* RFC 9260 6.2: drop what only gap blocks have acknowledged. @return whether there was something */
bool sctp_reass_renege(struct sctp_core *core, struct sctp_assoc *assoc);
/*
 * There is no room, and nothing to read: messages are delivered in part that came while others were
 * missing, or whose turn it is since others were skipped.
 */
void sctp_reass_relieve(struct sctp_core *core, struct sctp_assoc *assoc);
static inline uint32_t
sctp_second(const struct sctp_core *core)
{
	return (uint32_t)(core->now_ns / 1000000000);
}
#define SCTP_READY_UNIT 64
static inline void
sctp_held_since_now(const struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->held_s = (uint16_t)sctp_second(core);
	assoc->ready_since = 0;
}
/* Of other associations', for one that needs room: sctp_reclaim.c */
void sctp_reclaim(struct sctp_core *core, const struct sctp_assoc *needy);
/* ... and still there is nothing to read, and no gap: its peer has filled the buffer. */
bool sctp_reass_is_stuck(const struct sctp_assoc *assoc);
/* Messages whose turn it is not, by their numbers. @param head the one before; NULL: the first */
struct sctp_piece *sctp_waiting_next(struct sctp_stream *stream, struct sctp_piece *head);
void sctp_received_free(struct sctp_core *core, struct sctp_assoc *assoc);
/* The peer has begun again, or it is over: all but what its user may still read. */
void sctp_reass_free(struct sctp_core *core, struct sctp_assoc *assoc);

/* ---- sctp_fragment.c ---- */

/* What fragments of an I-DATA message have in common; none is 0, which is that of all DATA. */
static inline uint64_t
sctp_group_of(uint16_t stream, bool unordered, uint32_t mid)
{
	return UINT64_C(1) << 63 | (uint64_t)unordered << 48 | (uint64_t)stream << 32 | mid;
}
/* The first one of a group, or of those behind it. */
struct sctp_piece *sctp_fragment_from(struct sctp_assoc *assoc, uint64_t group);

/* @return the first one of its run; NULL: it contradicts what is there, and was not taken */
struct sctp_piece *sctp_fragment_insert(struct sctp_assoc *assoc, struct sctp_piece *piece);
/* @return false: it begins where another message has to go on, or goes on where one has ended */
bool sctp_fragment_fits(struct sctp_assoc *assoc, const struct sctp_piece *piece);
/* Take out a run, and link it by `more`. */
void sctp_fragments_take(struct sctp_assoc *assoc, struct sctp_piece *first);
/* The runs that are wholly behind a TSN, linked by `more`. */
struct sctp_piece *sctp_fragments_take_behind(struct sctp_assoc *assoc, uint32_t tsn);
/* Take out the first one of a run. */
void sctp_fragment_take(struct sctp_assoc *assoc, struct sctp_piece *first);
/* NULL: there is none */
struct sctp_piece *sctp_fragment_first(struct sctp_assoc *assoc);

/* ---- sctp_piece.c ---- */

/* A packet of its own is worth it for a piece of so many bytes. */
#define SCTP_PIECE_ALONE_MIN 512

/* With a copy of the bytes in a packet of its own: to be sent by reference. NULL: no memory */
struct sctp_piece *sctp_piece_alone(struct sctp_core *core, const void *bytes, uint32_t length);
/* With a copy of the bytes, or holding on to the packet they are in. NULL: no memory */
struct sctp_piece *sctp_piece_copy(
	struct sctp_core *core, struct rte_mbuf **tail, const void *bytes, uint32_t length);
struct sctp_piece *sctp_piece_hold(
	struct sctp_core *core, struct rte_mbuf *pkt, uint32_t offset, uint32_t length);
void sctp_piece_free(struct sctp_core *core, struct sctp_piece *piece);
/* The same of one that was to be sent. */
void sctp_piece_out_free(
	struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece);
void sctp_pieces_free(struct sctp_core *core, struct sctp_piece_list *list);

/* ---- sctp_stream.c ---- */

/* NULL: no memory. The stream is one that there is. */
struct sctp_stream *sctp_stream_get(
	struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream);
/* NULL: nothing was sent or received on it yet */
struct sctp_stream *sctp_stream_find(
	struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream);
/* One after the other, from *cursor (0 at first) on. NULL: no more */
struct sctp_stream *sctp_stream_next(
	struct sctp_core *core, const struct sctp_assoc *assoc, unsigned *cursor);
struct sctp_stream_block *sctp_stream_block(
	struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream);
/* Where the number of the next message to be sent of a piece's kind is. */
static inline uint32_t *
sctp_stream_mid(struct sctp_stream *stream, const struct sctp_piece *piece)
{
	return piece->flags & SCTP_DATA_UNORDERED ? &stream->out_unordered_mid : &stream->out_mid;
}
void sctp_streams_free(struct sctp_core *core, struct sctp_assoc *assoc);

/* ---- sctp_sched.c: which stream sends next ---- */

/* It has something to send; it has nothing any more. */
void sctp_sched_insert(struct sctp_assoc *assoc, struct sctp_stream *stream);
void sctp_sched_remove(struct sctp_assoc *assoc, struct sctp_stream *stream);
/* A piece of its was taken out of its queue, and is not sent. */
void sctp_sched_dropped(struct sctp_assoc *assoc, struct sctp_stream *stream);
/* The one with the next chunk for the packet that is made. NULL: none */
struct sctp_stream *sctp_sched_next(struct sctp_assoc *assoc);
/* A piece was taken out of its queue. */
void sctp_sched_taken(
	struct sctp_assoc *assoc, struct sctp_stream *stream, const struct sctp_piece *piece);
void sctp_sched_packet_begin(struct sctp_assoc *assoc);

/* ---- sctp_sent.c: what was sent, by TSN ---- */

static inline uint64_t
sctp_sent_bit(uint32_t tsn)
{
	return UINT64_C(1) << tsn % SCTP_SENT_BLOCK;
}
/* The first TSN of its block. */
static inline uint32_t
sctp_sent_base(uint32_t tsn)
{
	return tsn & ~(SCTP_SENT_BLOCK - 1);
}
/* The block that a TSN is in, or was. NULL: none of its TSNs was sent */
struct sctp_sent_block *sctp_sent_block(
	struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn);
/* Which TSNs of a block are sent and not acknowledged cumulatively. base: its first TSN */
uint64_t sctp_sent_mask(const struct sctp_assoc *assoc, uint32_t base);
/* NULL: it is not there */
struct sctp_piece *sctp_sent_at(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn);
/* @return false: as many as there may be, or no memory */
bool sctp_sent_has_room(struct sctp_core *core, struct sctp_assoc *assoc);
/* There is room: it gets the next TSN. */
void sctp_sent_append(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece);
/* A fragment leaves its message's ring. */
static inline void
sctp_sibling_remove(struct sctp_piece *piece)
{
	piece->sibling->sibling_before = piece->sibling_before;
	piece->sibling_before->sibling = piece->sibling;
}
/* Take out the first one, which moves cum_acked. NULL: there is none */
struct sctp_piece *sctp_sent_take(struct sctp_core *core, struct sctp_assoc *assoc);
/* It is to be sent again: not in flight any more. */
void sctp_piece_lose(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece);
/* The first one that is to be sent again. NULL: there is none */
struct sctp_piece *sctp_lost_next(struct sctp_core *core, struct sctp_assoc *assoc);

/* ---- sctp_pr.c: when messages are given up ---- */

/* How long a message of its user's is worth to be sent. */
void sctp_pr_set(const struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct sctp_message *message, struct sctp_piece *piece);
bool sctp_pr_is_agreed(const struct sctp_assoc *assoc);
/* Before it is sent, or sent again. */
bool sctp_pr_is_over(const struct sctp_core *core, const struct sctp_piece *piece);
/* Give up a piece's message. @return false: that cannot be, now or ever */
bool sctp_pr_abandon(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece);
/* For a message, by giving up others. */
void sctp_pr_make_room(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_message *message, size_t length);

/* ---- sctp_forward.c: FORWARD TSN, I-FORWARD-TSN ---- */

/* Something was abandoned, or acknowledged. */
void sctp_forward_advance(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_forward_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_writer *writer);
void sctp_forward_strike(struct sctp_core *core, struct sctp_assoc *assoc);
bool sctp_forward_is_agreed(const struct sctp_assoc *assoc, uint8_t type);
void sctp_forward_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk);

/* ---- sctp_sack.c: acknowledgments ---- */

void sctp_sack_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);
/* RFC 9260 7.2.4: paths that have lost something have less in flight, until this is acknowledged. */
void sctp_recovery_begin(struct sctp_core *core, struct sctp_assoc *assoc);
/* Less is to be sent than was: its user is told, and an end may go on. */
void sctp_sent_progress(struct sctp_core *core, struct sctp_assoc *assoc);
/* SHUTDOWN acknowledges as well. @return false: what was never sent, or it has ended */
bool sctp_cum_ack_input(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum_tsn);

/* ---- sctp_send.c, sctp_output.c ---- */

/* If there is one to be sent, it comes before all others: RFC 9260 5.1 (D). */
void sctp_cookie_ack_put(const struct sctp_assoc *assoc, struct sctp_writer *writer);
/* RFC 9260 6.5, 6.10: what answers a packet with DATA takes a SACK along that is wanted, if it has room. */
void sctp_answer_sack_put(
	struct sctp_core *core, const struct sctp_packet *packet, struct sctp_writer *writer);

/* Bytes of user data in a chunk at most. */
uint32_t sctp_fragment_length(const struct sctp_assoc *assoc);
/* @return false: the vector is full */
bool sctp_output(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
void sctp_t3_strike(struct sctp_core *core, struct sctp_path *path);
/* What a packet to a path carries of user data at most: PMDCS. */
/* Bytes in front of the chunks of a packet. */
uint32_t sctp_path_headers(const struct sctp_path *path);
uint32_t sctp_path_pmdcs(const struct sctp_path *path);
void sctp_send_queues_free(struct sctp_core *core, struct sctp_assoc *assoc, bool tell);
/* If its user was told EAGAIN: there is room again. */
void sctp_writable_check(struct sctp_core *core, struct sctp_assoc *assoc);
/* There may be memory again, for what is to be sent and for what the user has. */
void sctp_retry_strike(struct sctp_core *core, struct sctp_assoc *assoc);
/* RFC 9260 5.1.1: what waits for streams that the peer does not take. */
void sctp_send_refuse(struct sctp_core *core, struct sctp_assoc *assoc);
static inline bool
sctp_has_to_send(const struct sctp_assoc *assoc)
{
	return assoc->unsent_bytes > 0 || assoc->cum_acked + 1 != assoc->next_tsn;
}

#endif
