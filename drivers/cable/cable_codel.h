/* SPDX-License-Identifier: BSD-3-Clause */
/* Controlled delay: RFC 8289. */
#ifndef CABLE_CABLE_CODEL_H
#define CABLE_CABLE_CODEL_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 8289 5.3's names. */
struct cable_codel {
	uint64_t target_ns, interval_ns; /* at most CABLE_CODEL_TIME_MAX_NS */
	uint32_t max_packet; /* bytes that may always wait: the largest frame */
	uint64_t
		first_above_ns; /* when it will have been above target for an interval; 0: it is not */
	uint64_t drop_next_ns;
	uint32_t count, last_count;
	bool dropping;
	bool entered; /* the frame that made it enter the dropping state was dropped just now */
	bool law_due; /* a frame was dropped: drop_next_ns is to be set if the next is above, too */
};

void cable_codel_init(
	struct cable_codel *codel, uint64_t target_ns, uint64_t interval_ns, uint32_t max_packet);
/*
 * Whether the frame at the head of the queue, which can be sent now, is to be dropped. Then the next
 * is asked for, at the same time. Or it is marked and sent all the same: cable_codel_marked().
 * @param sojourn_ns how long it was in the queue
 * @param queue_bytes in the queue behind it
 */
bool cable_codel_drops(
	struct cable_codel *codel, uint64_t sojourn_ns, uint32_t queue_bytes, uint64_t now_ns);
void cable_codel_marked(struct cable_codel *codel);
/* The queue was found empty. */
void cable_codel_idle(struct cable_codel *codel);

#endif
