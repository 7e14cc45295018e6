/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames on their way: first in the order in which they came, in front of the wire; then, on the
 * wire, in the order in which they arrive.
 */
#ifndef CABLE_CABLE_FLIGHT_H
#define CABLE_CABLE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

struct cable_frame {
	uint64_t time_ns; /* when it came to the queue; on the wire: when it arrives */
	uint64_t number; /* of frames that arrive at the same time the first one sent comes first */
	uint32_t length;
	uint8_t bytes[];
};

struct cable_flight {
	uint32_t size; /* frames that there is room for */
	uint32_t frame_max; /* bytes of one */
	uint8_t *memory;
	struct cable_frame **free; /* a stack */
	uint32_t free_count;
	struct cable_frame **queue; /* a ring */
	uint32_t queue_head, queue_count;
	uint64_t queue_bytes;
	struct cable_frame **wire; /* a heap */
	uint32_t wire_count;
	uint64_t number; /* of the next frame on the wire */
};

/* @return whether there was memory; it is used as frames need it */
bool cable_flight_init(struct cable_flight *flight, uint32_t size, uint32_t frame_max);
void cable_flight_fini(struct cable_flight *flight);
static inline uint32_t
cable_flight_count(const struct cable_flight *flight)
{
	return flight->queue_count + flight->wire_count;
}

/* Memory for a frame; NULL: there is no room. */
struct cable_frame *cable_flight_alloc(struct cable_flight *flight);
void cable_flight_free(struct cable_flight *flight, struct cable_frame *frame);

void cable_queue_push(struct cable_flight *flight, struct cable_frame *frame);
struct cable_frame *cable_queue_head(const struct cable_flight *flight);
struct cable_frame *cable_queue_pop(struct cable_flight *flight);
/* It arrives at frame->time_ns. */
void cable_wire_push(struct cable_flight *flight, struct cable_frame *frame);
struct cable_frame *cable_wire_first(const struct cable_flight *flight);
struct cable_frame *cable_wire_pop(struct cable_flight *flight);

#endif
