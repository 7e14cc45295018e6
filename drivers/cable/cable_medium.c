/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A frame's way through an impaired direction: lost, mangled, doubled; queued, sent, on the wire.
 * By workers of both ends: senders bring frames, receivers fetch them.
 */
#include "cable/cable_medium.h"

#include <string.h>

#include "cable/cable_mangle.h"
#include "wire/filter_words.h"

#define BITS_NS (8 * 1000000000ULL) /* a byte's bits, in seconds */

/* ---- the wire: what is sent takes its time, and then its way ---- */

/* A burst is sent as if it had been before, while the wire was free. */
static uint64_t
burst_ns(const struct cable_impair *impair)
{
	return impair->rate_bps != 0 ? impair->burst_bytes * BITS_NS / impair->rate_bps : 0;
}

static uint64_t
wire_free_ns(const struct cable_medium *medium)
{
	uint64_t burst = burst_ns(&medium->impair);

	if (medium->impair.rate_bps == 0 || medium->sent_ns <= burst)
		return 0;
	return medium->sent_ns - burst;
}

/* When the frame at the head of the queue can be sent. */
static uint64_t
queue_next_ns(const struct cable_medium *medium)
{
	const struct cable_frame *head = cable_queue_head(&medium->flight);

	if (head == NULL)
		return UINT64_MAX;
	return RTE_MAX(head->time_ns, wire_free_ns(medium));
}

static uint64_t
wire_next_ns(const struct cable_medium *medium)
{
	const struct cable_frame *first = cable_wire_first(&medium->flight);

	return first != NULL ? first->time_ns : UINT64_MAX;
}

/* @return when its last bit has left */
static uint64_t
wire_occupy(struct cable_medium *medium, uint32_t length, uint64_t now_ns)
{
	const struct cable_impair *impair = &medium->impair;
	uint64_t work;

	if (impair->rate_bps == 0)
		return now_ns;
	work = length * BITS_NS + medium->sent_rest;
	medium->sent_ns = RTE_MAX(medium->sent_ns, now_ns) + work / impair->rate_bps;
	medium->sent_rest = work % impair->rate_bps;
	return RTE_MAX(now_ns, wire_free_ns(medium));
}

static uint64_t
delay_draw(struct cable_medium *medium)
{
	const struct cable_impair *impair = &medium->impair;
	int64_t delay = (int64_t)impair->delay_ns;

	if (impair->jitter_ns != 0 && impair->distribution == CABLE_NORMAL)
		delay += random_normal(&medium->random, impair->jitter_ns);
	else if (impair->jitter_ns != 0)
		delay += (int64_t)random_below(&medium->random, 2 * impair->jitter_ns + 1) -
			(int64_t)impair->jitter_ns;
	if (random_chance(&medium->random, impair->reorder)) {
		delay += (int64_t)impair->reorder_ns;
		counter_add(&medium->counters.reordered, 1);
	}
	return delay > 0 ? (uint64_t)delay : 0;
}

/* Whether the frame, which has waited for its turn, is not to be sent after all: RFC 8289. */
static bool
codel_drops(struct cable_medium *medium, struct cable_frame *frame, uint64_t now_ns)
{
	const uint64_t bytes = medium->flight.queue_bytes;

	if (!medium->impair.codel ||
		!cable_codel_drops(&medium->codel, now_ns - frame->time_ns,
			(uint32_t)RTE_MIN(bytes, UINT32_MAX), now_ns))
		return false;
	if (!medium->impair.ecn || !cable_ecn_mark(frame->bytes, frame->length))
		return true;
	cable_codel_marked(&medium->codel);
	counter_add(&medium->counters.marked, 1);
	return false;
}

static void
queue_send(struct cable_medium *medium, const struct cable_trail *trail)
{
	struct cable_frame *frame = cable_queue_pop(&medium->flight);

	if (codel_drops(medium, frame, trail->now_ns)) {
		cable_trail_lost(trail, CABLE_LOST_codel, frame->bytes, frame->length);
		cable_flight_free(&medium->flight, frame);
		return;
	}
	frame->time_ns = wire_occupy(medium, frame->length, trail->now_ns) + delay_draw(medium);
	cable_wire_push(&medium->flight, frame);
}

static void
wire_arrive(struct cable_medium *medium, const struct cable_trail *trail)
{
	struct cable_frame *frame = cable_wire_pop(&medium->flight);

	medium->arrive(medium->arg, frame->bytes, frame->length, trail);
	cable_flight_free(&medium->flight, frame);
}

/* All that happens until now, in its order. */
static void
medium_run(struct cable_medium *medium, const struct cable_tap *tap, uint64_t now_ns)
{
	struct cable_trail trail = { &medium->counters, tap, 0 };

	for (;;) {
		uint64_t send_ns = queue_next_ns(medium), arrive_ns = wire_next_ns(medium);

		trail.now_ns = RTE_MIN(send_ns, arrive_ns);
		if (trail.now_ns > now_ns)
			break;
		if (send_ns <= arrive_ns)
			queue_send(medium, &trail);
		else
			wire_arrive(medium, &trail);
	}
}

/* ---- the way there ---- */

static bool
is_timed(const struct cable_impair *impair)
{
	return impair->rate_bps != 0 || impair->delay_ns != 0 || impair->jitter_ns != 0 ||
		impair->reorder != 0;
}

static bool
queue_is_full(const struct cable_medium *medium, uint32_t length)
{
	const struct cable_impair *impair = &medium->impair;
	uint32_t packets = impair->limit_packets != 0 ? impair->limit_packets : CABLE_LIMIT_DEFAULT;

	return medium->flight.queue_count >= packets ||
		(impair->limit_bytes != 0 &&
			medium->flight.queue_bytes + length > impair->limit_bytes);
}

static void
frame_queue(struct cable_medium *medium, const uint8_t *bytes, uint32_t length,
	const struct cable_trail *trail)
{
	struct cable_frame *frame;

	if (!is_timed(&medium->impair)) {
		medium->arrive(medium->arg, bytes, length, trail);
		return;
	}
	if (queue_is_full(medium, length)) {
		cable_trail_lost(trail, CABLE_LOST_limit, bytes, length);
		return;
	}
	frame = cable_flight_alloc(&medium->flight);
	if (frame == NULL) {
		cable_trail_lost(trail, CABLE_LOST_flight, bytes, length);
		return;
	}
	memcpy(frame->bytes, bytes, length);
	frame->length = length;
	frame->time_ns = trail->now_ns;
	if (medium->flight.queue_count == 0 && wire_free_ns(medium) < trail->now_ns)
		cable_codel_idle(&medium->codel);
	cable_queue_push(&medium->flight, frame);
}

static bool
frame_is_lost(struct cable_medium *medium, const uint8_t *frame, uint32_t length)
{
	const struct cable_impair *impair = &medium->impair;

	if (impair->filter[0] != '\0' &&
		bpf_filter(medium->match.bf_insns, frame, length, length) == 0)
		return false;
	if (impair->filter[0] != '\0' && impair->loss.model == CABLE_LOSS_RANDOM &&
		impair->loss.p == 0)
		return true;
	return cable_loss_draw(&medium->loss, &impair->loss, &medium->random);
}

static void
frame_mangle(struct cable_medium *medium, uint8_t *frame, uint32_t *length)
{
	const struct cable_impair *impair = &medium->impair;
	struct cable_counters *counters = &medium->counters;
	struct random *random = &medium->random;

	if (random_chance(random, impair->corrupt_before) &&
		cable_corrupt_before(frame, *length, random))
		counter_add(&counters->corrupted_before, 1);
	if (random_chance(random, impair->corrupt_after) &&
		cable_corrupt_after(frame, *length, random))
		counter_add(&counters->corrupted_after, 1);
	if (random_chance(random, impair->truncate) && cable_truncate(length, random))
		counter_add(&counters->truncated, 1);
}

static void
frame_send(struct cable_medium *medium, uint8_t *frame, uint32_t length,
	const struct cable_trail *trail)
{
	if (frame_is_lost(medium, frame, length)) {
		cable_trail_lost(trail, CABLE_LOST_loss, frame, length);
		return;
	}
	frame_mangle(medium, frame, &length);
	if (random_chance(&medium->random, medium->impair.duplicate)) {
		counter_add(&medium->counters.duplicated, 1);
		cable_trail_note(trail, CABLE_EVENT_DUPLICATED, CABLE_LOST_COUNT, frame, length);
		frame_queue(medium, frame, length, trail);
	}
	frame_queue(medium, frame, length, trail);
}

/* ---- who comes in ---- */

/* CPUs need not agree on what time it is; in here it never goes back. */
static uint64_t
time_pass(struct cable_medium *medium, uint64_t now_ns)
{
	medium->now_ns = RTE_MAX(medium->now_ns, now_ns);
	return medium->now_ns;
}

static void
medium_leave(struct cable_medium *medium)
{
	uint32_t count = cable_flight_count(&medium->flight);

	counter_set(&medium->counters.in_flight, count);
	__atomic_store_n(&medium->active, count > 0 || !cable_impair_is_none(&medium->impair),
		__ATOMIC_RELEASE);
	rte_ticketlock_unlock(&medium->lock);
}

void
cable_medium_send(struct cable_medium *medium, uint8_t *frame, uint32_t length,
	const struct cable_tap *tap, uint64_t now_ns)
{
	struct cable_trail trail = { &medium->counters, tap, 0 };

	rte_ticketlock_lock(&medium->lock);
	trail.now_ns = time_pass(medium, now_ns);
	medium_run(medium, tap, trail.now_ns);
	frame_send(medium, frame, length, &trail);
	medium_run(medium, tap, trail.now_ns);
	medium_leave(medium);
}

void
cable_medium_poll(struct cable_medium *medium, const struct cable_tap *tap, uint64_t now_ns)
{
	if (rte_ticketlock_trylock(&medium->lock) == 0)
		return;
	medium_run(medium, tap, time_pass(medium, now_ns));
	medium_leave(medium);
}

void
cable_medium_flush(struct cable_medium *medium, const struct cable_tap *tap, uint64_t now_ns)
{
	struct cable_flight *flight = &medium->flight;
	struct cable_trail trail = { &medium->counters, tap, 0 };

	rte_ticketlock_lock(&medium->lock);
	trail.now_ns = time_pass(medium, now_ns);
	while (cable_flight_count(flight) > 0) {
		struct cable_frame *frame =
			flight->queue_count > 0 ? cable_queue_pop(flight) : cable_wire_pop(flight);

		cable_trail_lost(&trail, CABLE_LOST_link_down, frame->bytes, frame->length);
		cable_flight_free(flight, frame);
	}
	medium_leave(medium);
}

uint64_t
cable_medium_next_ns(struct cable_medium *medium)
{
	uint64_t next_ns;

	rte_ticketlock_lock(&medium->lock);
	next_ns = RTE_MIN(queue_next_ns(medium), wire_next_ns(medium));
	rte_ticketlock_unlock(&medium->lock);
	return next_ns;
}

/* ---- what it is to do: by control ---- */

bool
cable_impair_is_none(const struct cable_impair *impair)
{
	const struct cable_loss *loss = &impair->loss;

	return !is_timed(impair) && impair->filter[0] == '\0' && loss->p == 0 && loss->good == 0 &&
		loss->n == 0 && impair->corrupt_before == 0 && impair->corrupt_after == 0 &&
		impair->truncate == 0 && impair->duplicate == 0;
}

void
cable_medium_init(struct cable_medium *medium, uint64_t salt, cable_arrive arrive, void *arg)
{
	memset(medium, 0, sizeof(*medium));
	rte_ticketlock_init(&medium->lock);
	random_init(&medium->random, salt);
	medium->salt = salt;
	medium->arrive = arrive;
	medium->arg = arg;
}

void
cable_medium_rewind(struct cable_medium *medium)
{
	rte_ticketlock_lock(&medium->lock);
	medium->now_ns = medium->sent_ns = medium->sent_rest = 0;
	rte_ticketlock_unlock(&medium->lock);
}

void
cable_medium_fini(struct cable_medium *medium)
{
	cable_flight_fini(&medium->flight);
	pcap_freecode(&medium->match);
}

static int
match_compile(const char *filter, struct bpf_program *match, struct error *err)
{
	pcap_t *pcap;
	int rc;

	*match = (struct bpf_program){ 0 };
	if (filter[0] == '\0')
		return 0;
	rc = filter_words_check(filter, err);
	if (rc < 0)
		return rc;
	pcap = pcap_open_dead(DLT_EN10MB, CABLE_FRAME_MAX);
	if (pcap == NULL)
		return error_set(err, ENOMEM, "no memory for a filter");
	if (pcap_compile(pcap, match, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		rc = error_set(err, EINVAL, "\"%s\" is no filter: %s (see pcap-filter(7))", filter,
			pcap_geterr(pcap));
	pcap_close(pcap);
	return rc;
}

static bool
loss_is_same(const struct cable_loss *a, const struct cable_loss *b)
{
	return a->model == b->model && a->p == b->p && a->r == b->r && a->bad == b->bad &&
		a->good == b->good && a->n == b->n;
}

/* What CoDel has learnt of the queue stays unless it is told something else. */
static void
codel_apply(struct cable_medium *medium, bool was_on, uint32_t frame_max)
{
	const struct cable_impair *impair = &medium->impair;
	uint64_t target_ns = impair->codel_target_ns, interval_ns = impair->codel_interval_ns;

	if (target_ns == 0)
		target_ns = CABLE_CODEL_TARGET_NS;
	if (interval_ns == 0)
		interval_ns = CABLE_CODEL_INTERVAL_NS;
	if (impair->codel != was_on || target_ns != medium->codel.target_ns ||
		interval_ns != medium->codel.interval_ns)
		cable_codel_init(&medium->codel, target_ns, interval_ns, frame_max);
}

static void
impair_apply(struct cable_medium *medium, const struct cable_impair *impair, uint32_t frame_max)
{
	const struct cable_impair before = medium->impair;

	medium->impair = *impair;
	if (impair->seed != before.seed)
		random_init(&medium->random, impair->seed ^ medium->salt);
	if (!loss_is_same(&impair->loss, &before.loss))
		medium->loss = (struct cable_loss_state){ 0 };
	/* By the old rate and burst, sent_ns may be far ahead: the wire would be dead until then. */
	if (impair->rate_bps != before.rate_bps || impair->burst_bytes != before.burst_bytes) {
		medium->sent_ns = RTE_MIN(medium->sent_ns, medium->now_ns);
		medium->sent_rest = 0;
	}
	codel_apply(medium, before.codel, frame_max);
}

int
cable_medium_set(struct cable_medium *medium, const struct cable_impair *impair, uint32_t flight,
	uint32_t frame_max, struct error *err)
{
	struct bpf_program match, match_before;
	struct cable_flight room = { 0 };
	int rc = match_compile(impair->filter, &match, err);

	if (rc < 0)
		return rc;
	/* The first impairment that takes time needs memory, which then stays. */
	if (is_timed(impair) && medium->flight.memory == NULL &&
		!cable_flight_init(&room, flight, frame_max)) {
		pcap_freecode(&match);
		return error_set(err, ENOMEM, "no memory for %u frames on their way", flight);
	}
	rte_ticketlock_lock(&medium->lock);
	if (room.memory != NULL)
		medium->flight = room;
	match_before = medium->match;
	medium->match = match;
	impair_apply(medium, impair, frame_max);
	medium_leave(medium);
	pcap_freecode(&match_before);
	return 0;
}

int
cable_medium_resize(
	struct cable_medium *medium, uint32_t flight, uint32_t frame_max, struct error *err)
{
	struct cable_flight room = { 0 }, before = { 0 };

	if (medium->flight.memory != NULL && medium->flight.frame_max != frame_max &&
		!cable_flight_init(&room, flight, frame_max))
		return error_set(err, ENOMEM, "no memory for %u frames on their way", flight);
	/* The control thread of the other end's stack may pull the cable meanwhile. */
	rte_ticketlock_lock(&medium->lock);
	if (room.memory != NULL) {
		before = medium->flight;
		medium->flight = room;
	}
	medium->codel.max_packet = frame_max;
	rte_ticketlock_unlock(&medium->lock);
	cable_flight_fini(&before);
	return 0;
}
