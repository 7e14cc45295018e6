/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which stream sends next: the schedulers of RFC 8260 3. Streams that have something to send are in a
 * tree by a key that their scheduler gives them, anew after each message, or after each chunk where
 * messages may be interleaved; the least is next.
 */
#include "sctp/sctp_data.h"

struct sched {
	const char *name;
	uint64_t (*key)(struct sctp_assoc *assoc, const struct sctp_stream *stream);
	/* What a chunk costs its stream. NULL: it is not counted */
	uint64_t (*cost)(const struct sctp_stream *stream, uint32_t bytes);
	bool by_packet; /* a packet has chunks of one stream only */
};

#define COST_SHIFT  16 /* fractions of a byte */
#define VALUE_SHIFT 48 /* the priority, above the turns of streams that have the same */

/* RFC 8260 3.1 */
static uint64_t
fcfs_key(struct sctp_assoc *assoc, const struct sctp_stream *stream)
{
	RTE_SET_USED(assoc);
	return TAILQ_FIRST(&stream->unsent)->order;
}

/* RFC 8260 3.2, 3.3: behind all that wait. */
static uint64_t
rr_key(struct sctp_assoc *assoc, const struct sctp_stream *stream)
{
	RTE_SET_USED(stream);
	return ++assoc->sched_rounds;
}

/* RFC 8260 3.4: a lower value goes first; those with the same take turns. */
static uint64_t
priority_key(struct sctp_assoc *assoc, const struct sctp_stream *stream)
{
	return (uint64_t)stream->value << VALUE_SHIFT | ++assoc->sched_rounds;
}

/* RFC 8260 3.5, 3.6: who has had least. */
static uint64_t
fair_key(struct sctp_assoc *assoc, const struct sctp_stream *stream)
{
	RTE_SET_USED(assoc);
	return stream->served;
}

static uint64_t
fair_cost(const struct sctp_stream *stream, uint32_t bytes)
{
	RTE_SET_USED(stream);
	return (uint64_t)bytes << COST_SHIFT;
}

static uint64_t
weighted_cost(const struct sctp_stream *stream, uint32_t bytes)
{
	return ((uint64_t)bytes << COST_SHIFT) / RTE_MAX(stream->value, 1);
}

static const struct sched scheds[SCTP_SCHED_COUNT] = {
	[SCTP_SCHED_FCFS] = { "fcfs", fcfs_key, NULL, false },
	[SCTP_SCHED_RR] = { "rr", rr_key, NULL, false },
	[SCTP_SCHED_RR_PACKET] = { "rr-packet", rr_key, NULL, true },
	[SCTP_SCHED_PRIORITY] = { "priority", priority_key, NULL, false },
	[SCTP_SCHED_FAIR] = { "fair", fair_key, fair_cost, false },
	[SCTP_SCHED_WEIGHTED] = { "weighted", fair_key, weighted_cost, false },
};

const char *
sctp_scheduler_name(enum sctp_scheduler scheduler)
{
	return scheduler < SCTP_SCHED_COUNT ? scheds[scheduler].name : "unknown";
}

static inline const struct sched *
sched_of(const struct sctp_assoc *assoc)
{
	return &scheds[assoc->settings.scheduler];
}

/* ---- the tree ---- */

static int
stream_compare(const struct sctp_stream *a, const struct sctp_stream *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (int)a->id - (int)b->id;
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(
	sctp_stream_tree, sctp_stream, node, stream_compare, __attribute__((unused)) static)

static void
stream_insert(struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	stream->key = sched_of(assoc)->key(assoc, stream);
	RB_INSERT(sctp_stream_tree, &assoc->busy, stream);
}

static void
stream_move(struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	RB_REMOVE(sctp_stream_tree, &assoc->busy, stream);
	stream_insert(assoc, stream);
}

void
sctp_sched_insert(struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	/* Who was silent has not saved up for it. */
	stream->served = RTE_MAX(stream->served, assoc->sched_time);
	stream_insert(assoc, stream);
}

void
sctp_sched_remove(struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	RB_REMOVE(sctp_stream_tree, &assoc->busy, stream);
	if (assoc->bundled == stream && !sched_of(assoc)->by_packet)
		assoc->bundled = NULL;
	if (assoc->sending == stream)
		assoc->sending = NULL;
}

void
sctp_sched_dropped(struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	if (TAILQ_EMPTY(&stream->unsent)) {
		sctp_sched_remove(assoc, stream);
		return;
	}
	/* What follows is another message. */
	if (TAILQ_FIRST(&stream->unsent)->flags & SCTP_DATA_BEGIN && assoc->sending == stream) {
		assoc->sending = NULL;
		stream_move(assoc, stream);
	}
}

/* ---- what is next ---- */

struct sctp_stream *
sctp_sched_next(struct sctp_assoc *assoc)
{
	if (assoc->sending != NULL)
		return assoc->sending;
	if (assoc->bundled != NULL && sched_of(assoc)->by_packet)
		return TAILQ_EMPTY(&assoc->bundled->unsent) ? NULL : assoc->bundled;
	return RB_MIN(sctp_stream_tree, &assoc->busy);
}

void
sctp_sched_taken(
	struct sctp_assoc *assoc, struct sctp_stream *stream, const struct sctp_piece *piece)
{
	const struct sched *sched = sched_of(assoc);
	/* RFC 8260 2.2.2: only I-DATA may have others in between. */
	bool within = !(piece->flags & SCTP_DATA_END) && !sctp_has(assoc, SCTP_EXT_I_DATA);

	if (sched->cost != NULL) {
		assoc->sched_time = RTE_MAX(assoc->sched_time, stream->served);
		stream->served += sched->cost(stream, piece->length);
	}
	assoc->bundled = stream;
	if (TAILQ_EMPTY(&stream->unsent)) {
		sctp_sched_remove(assoc, stream);
		/* Its user has not given the rest: RFC 6458 8.1.26. */
		assoc->sending = within ? stream : NULL;
		return;
	}
	assoc->sending = within ? stream : NULL;
	if (!within && !sched->by_packet)
		stream_move(assoc, stream);
}

void
sctp_sched_packet_begin(struct sctp_assoc *assoc)
{
	struct sctp_stream *last = assoc->bundled;

	assoc->bundled = NULL;
	if (last != NULL && sched_of(assoc)->by_packet && !TAILQ_EMPTY(&last->unsent) &&
		assoc->sending == NULL)
		stream_move(assoc, last);
}

/* ---- for users ---- */

int
sctp_scheduler_set(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_scheduler scheduler)
{
	struct sctp_stream *stream;
	unsigned cursor = 0;

	if (scheduler >= SCTP_SCHED_COUNT)
		return -EINVAL;
	assoc->settings.scheduler = (uint8_t)scheduler;
	assoc->bundled = NULL;
	assoc->sched_time = 0;
	RB_INIT(&assoc->busy);
	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		stream->served = 0;
		if (!TAILQ_EMPTY(&stream->unsent))
			stream_insert(assoc, stream);
	}
	return 0;
}

int
sctp_stream_value_set(
	struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream, uint16_t value)
{
	struct sctp_stream *found;

	if (stream >= assoc->out_streams)
		return -EINVAL;
	found = sctp_stream_get(core, assoc, stream);
	if (found == NULL)
		return -ENOBUFS;
	found->value = value;
	if (!TAILQ_EMPTY(&found->unsent))
		stream_move(assoc, found);
	return 0;
}

int
sctp_stream_value(
	struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream, uint16_t *value)
{
	const struct sctp_stream *found;

	if (stream >= assoc->out_streams)
		return -EINVAL;
	found = sctp_stream_find(core, assoc, stream);
	*value = found != NULL ? found->value : 0;
	return 0;
}
