/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small model of a network, for the behaviour of algorithms over minutes: senders with endless
 * data share a link with a rate, a delay and a queue that drops what does not fit, on a virtual
 * clock. There is no reordering, and acknowledgments are not lost, so that a segment is known to be
 * lost when a later one is acknowledged. What was lost is not sent again: nobody reads the data.
 */
#ifndef UNIT_CC_CC_LINK_H
#define UNIT_CC_CC_LINK_H

#include <stdlib.h>

#include "base/random.h"
#include "unit/cc/cc_fixture.h"

#define LINK_NEVER  UINT64_MAX
#define LINK_WINDOW 65536U /* segments of a sender that can be out */
#define LINK_RTO_NS 1000000000ULL

struct link {
	uint64_t rate; /* bytes a second */
	uint64_t delay_ns; /* a round trip without queues */
	uint64_t queue_bytes;
	uint64_t mark_bytes; /* a longer queue marks; 0: never */
	uint32_t loss_ppb; /* beside what the queue drops */
	struct random random;
	uint64_t now_ns, idle_ns; /* when the queue will be empty */
	uint64_t dropped;
};

struct link_segment {
	uint64_t sent_ns, acked_ns; /* LINK_NEVER: lost */
	bool marked;
};

struct link_sender {
	struct cc cc;
	uint64_t start_ns; /* sends nothing before */
	struct link_segment *segments; /* a ring */
	uint64_t first, next; /* oldest that is out, next to be sent */
	uint64_t recovery_end, mark_end; /* numbers of segments */
	bool in_recovery;
	uint64_t rto_ns;
	uint32_t min_rtt_us;
	uint64_t delivered, losses, timeouts, marks; /* segments; events */
	/* Called after each acknowledgment; NULL: nobody looks. */
	void (*watch)(const struct link_sender *sender, const struct link *link, uint32_t rtt_us);
};

static inline void
sender_init(struct link_sender *sender, const char *algorithm, uint64_t start_ns)
{
	*sender = (struct link_sender){
		.cc = cc_of(algorithm),
		.start_ns = start_ns,
		.rto_ns = LINK_NEVER,
		.min_rtt_us = UINT32_MAX,
		.segments = calloc(LINK_WINDOW, sizeof(struct link_segment)),
	};
	assert_non_null(sender->segments);
}

static inline void
sender_fini(struct link_sender *sender)
{
	free(sender->segments);
}

static inline struct link_segment *
sender_segment(const struct link_sender *sender, uint64_t number)
{
	return &sender->segments[number % LINK_WINDOW];
}

static inline uint32_t
sender_out_bytes(const struct link_sender *sender)
{
	return (uint32_t)(sender->next - sender->first) * sender->cc.mss_bytes;
}

/* What waits in the queue now. */
static inline uint64_t
link_queued(const struct link *link)
{
	if (link->idle_ns <= link->now_ns)
		return 0;
	return (uint64_t)((double)(link->idle_ns - link->now_ns) * (double)link->rate / 1e9);
}

static inline void
link_send(struct link *link, struct link_sender *sender)
{
	struct link_segment *segment = sender_segment(sender, sender->next++);
	uint64_t queued = link_queued(link);

	*segment = (struct link_segment){ .sent_ns = link->now_ns, .acked_ns = LINK_NEVER };
	sender->rto_ns = link->now_ns + LINK_RTO_NS;
	if (queued + sender->cc.mss_bytes > link->queue_bytes) {
		link->dropped++;
		return;
	}
	segment->marked = link->mark_bytes != 0 && queued > link->mark_bytes;
	if (link->idle_ns < link->now_ns)
		link->idle_ns = link->now_ns;
	link->idle_ns += sender->cc.mss_bytes * 1000000000ULL / link->rate;
	if (!random_chance(&link->random, link->loss_ppb))
		segment->acked_ns = link->idle_ns + link->delay_ns;
}

static inline void
sender_send(struct link_sender *sender, struct link *link)
{
	while (sender_out_bytes(sender) + sender->cc.mss_bytes <= sender->cc.cwnd_bytes &&
		sender->next - sender->first < LINK_WINDOW)
		link_send(link, sender);
}

/* The oldest segment that is not lost; the next to be sent if there is none. */
static inline uint64_t
sender_arriving(const struct link_sender *sender)
{
	uint64_t number = sender->first;

	while (number < sender->next && sender_segment(sender, number)->acked_ns == LINK_NEVER)
		number++;
	return number;
}

static inline void
sender_congestion(struct link_sender *sender, const struct link *link, enum cc_signal signal,
	uint32_t in_flight_bytes)
{
	cc_congestion(&sender->cc,
		&(struct cc_congestion){ .signal = signal,
			.now_us = link->now_ns / 1000,
			.in_flight_bytes = in_flight_bytes,
			.min_rtt_us = sender->min_rtt_us });
}

static inline void
sender_acked(struct link_sender *sender, struct link *link, uint64_t number)
{
	const struct link_segment *segment = sender_segment(sender, number);
	uint32_t mss = sender->cc.mss_bytes, flight = sender_out_bytes(sender);
	uint32_t rtt_us = (uint32_t)((link->now_ns - segment->sent_ns) / 1000);
	bool lost = number > sender->first;

	sender->first = number + 1;
	sender->delivered++;
	sender->rto_ns = link->now_ns + LINK_RTO_NS;
	if (rtt_us < sender->min_rtt_us)
		sender->min_rtt_us = rtt_us;
	if (lost && !sender->in_recovery) {
		sender->in_recovery = true;
		sender->recovery_end = sender->next;
		sender->losses++;
		sender_congestion(sender, link, CC_LOSS, flight);
	} else if (segment->marked && !sender->in_recovery && number >= sender->mark_end) {
		sender->mark_end = sender->next;
		sender->marks++;
		sender_congestion(sender, link, CC_ECN, flight);
	}
	if (sender->in_recovery && number >= sender->recovery_end) {
		sender->in_recovery = false;
		cc_recovery_end(&sender->cc, sender_out_bytes(sender));
	}
	cc_ack(&sender->cc,
		&(struct cc_ack){ .now_us = link->now_ns / 1000,
			.acked_bytes = mss,
			.delivered_bytes = mss,
			.in_flight_bytes = sender_out_bytes(sender),
			.rtt_us = rtt_us,
			.min_rtt_us = sender->min_rtt_us,
			.cwnd_limited = true,
			.in_recovery = sender->in_recovery });
	if (sender->watch != NULL)
		sender->watch(sender, link, rtt_us);
}

static inline void
sender_timed_out(struct link_sender *sender, struct link *link)
{
	sender->timeouts++;
	sender_congestion(sender, link, CC_RTO, sender_out_bytes(sender));
	sender->first = sender->next;
	sender->in_recovery = false;
}

/* When something happens next to this sender; its segment, or none for a time-out or a start. */
static inline uint64_t
sender_due(const struct link_sender *sender, uint64_t *number)
{
	*number = sender_arriving(sender);
	if (*number < sender->next)
		return sender_segment(sender, *number)->acked_ns;
	return sender->next == 0 ? sender->start_ns : sender->rto_ns;
}

static inline void
link_run(struct link *link, struct link_sender *senders, unsigned count, double seconds)
{
	uint64_t until_ns = link->now_ns + (uint64_t)(seconds * 1e9);

	for (;;) {
		struct link_sender *sender = NULL;
		uint64_t due_ns = LINK_NEVER, number = 0;

		for (unsigned i = 0; i < count; i++) {
			uint64_t its_number, its_ns = sender_due(&senders[i], &its_number);

			if (its_ns < due_ns) {
				sender = &senders[i];
				due_ns = its_ns;
				number = its_number;
			}
		}
		if (due_ns > until_ns)
			break;
		link->now_ns = due_ns;
		if (number < sender->next)
			sender_acked(sender, link, number);
		else if (sender->next > 0)
			sender_timed_out(sender, link);
		sender_send(sender, link);
	}
	link->now_ns = until_ns;
}

/* A link of so many Mbit/s and milliseconds, whose queue is a part of what it holds. */
static inline struct link
link_of(double mbit, double rtt_ms, double queue_bdp)
{
	struct link link = {
		.rate = (uint64_t)(mbit * 1e6 / 8),
		.delay_ns = (uint64_t)(rtt_ms * 1e6),
	};

	link.queue_bytes = (uint64_t)(mbit * 1e6 / 8 * rtt_ms / 1e3 * queue_bdp);
	random_init(&link.random, 1);
	return link;
}

/* Of what the link can carry in so many seconds, the part that it delivered. */
static inline double
link_used(const struct link *link, uint64_t delivered, double seconds)
{
	return (double)delivered * MSS / ((double)link->rate * seconds);
}

/*
 * Two senders of a kind, the second ten seconds later: Jain's index of what they deliver in the
 * last half of the time. 1 is equal, 0.5 is one alone.
 */
static inline double
link_fairness(struct link link, const char *algorithm, double seconds)
{
	struct link_sender senders[2];
	double a, b;

	sender_init(&senders[0], algorithm, 0);
	sender_init(&senders[1], algorithm, 10000000000ULL);
	link_run(&link, senders, 2, seconds / 2);
	a = (double)senders[0].delivered;
	b = (double)senders[1].delivered;
	link_run(&link, senders, 2, seconds / 2);
	a = (double)senders[0].delivered - a;
	b = (double)senders[1].delivered - b;
	sender_fini(&senders[0]);
	sender_fini(&senders[1]);
	return (a + b) * (a + b) / (2 * (a * a + b * b));
}

#endif
