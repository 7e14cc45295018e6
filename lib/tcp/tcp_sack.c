/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Selective acknowledgments: the scoreboard of the sender (RFC 2018, 6675), duplicates reported
 * (RFC 2883), and the receiver's blocks.
 */
#include "tcp/tcp_priv.h"

/* ---- sender ---- */

/* RFC 2883 4: the first block is below the acknowledgment, or within the second. */
static bool
block_is_dsack(const struct tcp_segment *segment)
{
	const struct tcp_options *options = &segment->options;
	const struct tcp_sack_block *first = &options->sack[0], *second = &options->sack[1];

	if (seq_before(first->first, segment->ack))
		return true;
	return options->sack_count > 1 && seq_from(first->first, second->first) &&
		seq_until(first->end, second->end);
}

static void
dsack_note(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack,
	const struct tcp_sack_block *block)
{
	/* Of what this connection never sent, or long ago, nothing is believed. */
	if (seq_after(block->end, conn->snd_nxt) ||
		seq_before(block->first, conn->snd_una - conn->snd_wnd_max)) {
		tcp_count(core, TCP_STAT_bad_sacks);
		return;
	}
	ack->dsack = true;
	conn->dsacks_in++;
	if (conn->undo_retrans > 0)
		conn->undo_retrans--;
	tcp_count(core, TCP_STAT_dsacks_in);
}

static void
seg_sack(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack, struct tcp_seg *seg)
{
	uint32_t space = tcp_seg_space(seg);

	tcp_ack_delivered(core, conn, ack, seg);
	if (tcp_seg_is_timed(conn, seg))
		TAILQ_REMOVE(&conn->in_flight, seg, by_time);
	if (seg->state & TCP_SEG_LOST)
		conn->lost_bytes -= space;
	if (seg->state & TCP_SEG_RETRANS)
		conn->retrans_bytes -= space;
	seg->state &= (uint8_t) ~(TCP_SEG_LOST | TCP_SEG_RETRANS);
	seg->state |= TCP_SEG_SACKED;
	conn->sacked_bytes += space;
}

/* Segments that lie in the block wholly. Of one that does in part, the rest is waited for. */
static void
block_apply(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack,
	const struct tcp_sack_block *block)
{
	struct tcp_seg *seg = conn->sack_hint;

	/* Blocks mostly go on where the last one began: no need to look from the start. */
	if (seg == NULL || seq_after(seg->seq, block->first))
		seg = STAILQ_FIRST(&conn->queue);
	while (seg != NULL && seg != conn->unsent && seq_before(seg->seq, block->first))
		seg = STAILQ_NEXT(seg, next);
	if (seg != NULL && seg != conn->unsent)
		conn->sack_hint = seg;
	for (; seg != NULL && seg != conn->unsent && seq_until(tcp_seg_end(seg), block->end);
		seg = STAILQ_NEXT(seg, next)) {
		if (!(seg->state & TCP_SEG_SACKED))
			seg_sack(core, conn, ack, seg);
	}
}

static bool
block_is_valid(const struct tcp_conn *conn, const struct tcp_sack_block *block)
{
	return seq_before(block->first, block->end) && seq_until(block->end, conn->snd_nxt) &&
		seq_from(block->first, conn->snd_una);
}

/* Those that can be from `first` on, by sequence number. @return how many */
static unsigned
blocks_sort(struct tcp_core *core, const struct tcp_conn *conn, const struct tcp_options *options,
	unsigned first, const struct tcp_sack_block *sorted[TCP_SACK_BLOCKS_MAX])
{
	unsigned count = 0;

	for (unsigned i = first; i < options->sack_count; i++) {
		const struct tcp_sack_block *block = &options->sack[i];
		unsigned at = count;

		if (!block_is_valid(conn, block)) {
			if (seq_after(block->end, conn->snd_una))
				tcp_count(core, TCP_STAT_bad_sacks);
			continue;
		}
		for (; at > 0 && seq_before(block->first, sorted[at - 1]->first); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = block;
		count++;
	}
	return count;
}

void
tcp_sack_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack)
{
	const struct tcp_options *options = &ack->segment->options;
	const struct tcp_sack_block *blocks[TCP_SACK_BLOCKS_MAX];
	unsigned first = 0, count;

	if (options->sack_count == 0)
		return;
	if (block_is_dsack(ack->segment)) {
		dsack_note(core, conn, ack, &options->sack[0]);
		first = 1;
	}
	/* RFC 8985 6.2 step 3: in ascending order, or what came in one go would seem to be reordered. */
	count = blocks_sort(core, conn, options, first, blocks);
	for (unsigned i = 0; i < count; i++)
		block_apply(core, conn, ack, blocks[i]);
}

void
tcp_sack_forget(struct tcp_conn *conn)
{
	struct tcp_seg *seg;

	STAILQ_FOREACH (seg, &conn->queue, next) {
		if (seg == conn->unsent)
			break;
		if (!(seg->state & TCP_SEG_SACKED))
			continue;
		seg->state &= (uint8_t)~TCP_SEG_SACKED;
		conn->sacked_bytes -= tcp_seg_space(seg);
		/* They are marked lost next, and no list has them. */
		seg->state |= TCP_SEG_LOST;
		conn->lost_bytes += tcp_seg_space(seg);
	}
	conn->sack_hint = NULL;
	conn->lost_hint = STAILQ_FIRST(&conn->queue);
}

/* ---- receiver ---- */

/* RFC 2018 4: the run of the segment that came last first, then the others, by their age. */
void
tcp_sack_report(const struct tcp_conn *conn, struct tcp_options *options)
{
	const struct tcp_run *latest[TCP_SACK_BLOCKS_MAX];
	unsigned count = 0, at;

	if (!conn->sack_ok)
		return;
	for (const struct tcp_run *run = conn->runs; run != NULL; run = run->next) {
		for (at = count; at > 0 && seq_after(run->age, latest[at - 1]->age); at--) {
			if (at < TCP_SACK_BLOCKS_MAX)
				latest[at] = latest[at - 1];
		}
		if (at < TCP_SACK_BLOCKS_MAX)
			latest[at] = run;
		if (count < TCP_SACK_BLOCKS_MAX)
			count++;
	}
	options->sack_count = 0;
	/* RFC 2883 4: what came twice goes in front. */
	if (conn->dsack_ok)
		options->sack[options->sack_count++] = conn->dsack;
	for (unsigned i = 0; i < count && options->sack_count < TCP_SACK_BLOCKS_MAX; i++)
		options->sack[options->sack_count++] =
			(struct tcp_sack_block){ latest[i]->first, latest[i]->end };
}
