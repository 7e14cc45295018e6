/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One direction of a cable with impairments: a shared serial medium, with a lock. All that happens
 * in it happens at a time that follows from when frames were sent, not from when somebody looks.
 */
#ifndef CABLE_CABLE_MEDIUM_H
#define CABLE_CABLE_MEDIUM_H

#include <pcap/pcap.h>
#include <rte_ticketlock.h>

#include "base/counter.h"
#include "base/error.h"
#include "cable/cable.h"
#include "cable/cable_codel.h"
#include "cable/cable_flight.h"
#include "cable/cable_loss.h"

/* Where it is noted what becomes of a frame. */
struct cable_trail {
	struct cable_counters *counters; /* only one thread at a time writes to them */
	const struct cable_tap *tap; /* NULL: nobody looks */
	uint64_t now_ns;
};

/* A frame comes out at the other end. */
typedef void (*cable_arrive)(
	void *arg, const uint8_t *frame, uint32_t length, const struct cable_trail *trail);

struct cable_medium {
	bool active; /* atomic: frames have to go through here */
	rte_ticketlock_t lock; /* for all that follows, but for reading counters */
	struct cable_impair impair;
	struct bpf_program match; /* of impair.filter */
	struct random random;
	struct cable_loss_state loss;
	struct cable_codel codel;
	struct cable_flight flight;
	uint64_t now_ns; /* the latest that was heard of */
	uint64_t sent_ns; /* when all that was sent will have passed at the rate of the wire */
	uint64_t sent_rest; /* what division left of that */
	struct cable_counters counters;
	uint64_t salt; /* of the seed: directions differ */
	cable_arrive arrive;
	void *arg;
};

void cable_medium_init(struct cable_medium *medium, uint64_t salt, cable_arrive arrive, void *arg);
/* No frame is in it. */
void cable_medium_fini(struct cable_medium *medium);
/* @param flight frames that may be on their way; @param frame_max bytes of each */
int cable_medium_set(struct cable_medium *medium, const struct cable_impair *impair,
	uint32_t flight, uint32_t frame_max, struct error *err);
/* It is empty, and time begins anew. */
void cable_medium_rewind(struct cable_medium *medium);
/* Nobody sends: frames may be of another size from now on. If it fails, all is as it was. */
int cable_medium_resize(
	struct cable_medium *medium, uint32_t flight, uint32_t frame_max, struct error *err);

/* The frame may be changed. */
void cable_medium_send(struct cable_medium *medium, uint8_t *frame, uint32_t length,
	const struct cable_tap *tap, uint64_t now_ns);
/* Let arrive what has had its time by now. If somebody else is at it, leave it to them. */
void cable_medium_poll(struct cable_medium *medium, const struct cable_tap *tap, uint64_t now_ns);
/* The link went down: all that is on its way is lost. */
void cable_medium_flush(struct cable_medium *medium, const struct cable_tap *tap, uint64_t now_ns);
/* When something happens next; UINT64_MAX: never. */
uint64_t cable_medium_next_ns(struct cable_medium *medium);

static inline void
cable_trail_note(const struct cable_trail *trail, enum cable_event_kind kind, enum cable_lost lost,
	const uint8_t *frame, uint32_t length)
{
	const struct cable_event event = { kind, lost, trail->now_ns, frame, length };

	if (trail->tap != NULL)
		trail->tap->event(trail->tap->arg, &event);
}

static inline void
cable_trail_lost(const struct cable_trail *trail, enum cable_lost lost, const uint8_t *frame,
	uint32_t length)
{
	counter_add(&trail->counters->lost[lost], 1);
	cable_trail_note(trail, CABLE_EVENT_LOST, lost, frame, length);
}

#endif
