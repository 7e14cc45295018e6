/* SPDX-License-Identifier: BSD-3-Clause */
/* A queue, a heap, and the memory of both. Pure. */
#include "cable/cable_flight.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_ALIGN 8U

bool
cable_flight_init(struct cable_flight *flight, uint32_t size, uint32_t frame_max)
{
	size_t slot = (sizeof(struct cable_frame) + frame_max + FRAME_ALIGN - 1) &
		~(size_t)(FRAME_ALIGN - 1);

	*flight = (struct cable_flight){ .size = size, .frame_max = frame_max };
	flight->memory = malloc(size * slot);
	flight->free = calloc(size, sizeof(*flight->free));
	flight->queue = calloc(size, sizeof(*flight->queue));
	flight->wire = calloc(size, sizeof(*flight->wire));
	if (flight->memory == NULL || flight->free == NULL || flight->queue == NULL ||
		flight->wire == NULL) {
		cable_flight_fini(flight);
		return false;
	}
	/* The first ones on top: what is never needed is never touched. */
	for (uint32_t i = 0; i < size; i++)
		flight->free[i] = (void *)(flight->memory + (size - 1 - i) * slot);
	flight->free_count = size;
	return true;
}

void
cable_flight_fini(struct cable_flight *flight)
{
	free(flight->memory);
	free(flight->free);
	free(flight->queue);
	free(flight->wire);
	*flight = (struct cable_flight){ 0 };
}

struct cable_frame *
cable_flight_alloc(struct cable_flight *flight)
{
	return flight->free_count > 0 ? flight->free[--flight->free_count] : NULL;
}

void
cable_flight_free(struct cable_flight *flight, struct cable_frame *frame)
{
	flight->free[flight->free_count++] = frame;
}

void
cable_queue_push(struct cable_flight *flight, struct cable_frame *frame)
{
	flight->queue[(flight->queue_head + flight->queue_count++) % flight->size] = frame;
	flight->queue_bytes += frame->length;
}

struct cable_frame *
cable_queue_head(const struct cable_flight *flight)
{
	return flight->queue_count > 0 ? flight->queue[flight->queue_head] : NULL;
}

struct cable_frame *
cable_queue_pop(struct cable_flight *flight)
{
	struct cable_frame *frame = flight->queue[flight->queue_head];

	flight->queue_head = (flight->queue_head + 1) % flight->size;
	flight->queue_count--;
	flight->queue_bytes -= frame->length;
	return frame;
}

static bool
is_before(const struct cable_frame *a, const struct cable_frame *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->number < b->number;
}

void
cable_wire_push(struct cable_flight *flight, struct cable_frame *frame)
{
	uint32_t at = flight->wire_count++;

	frame->number = flight->number++;
	for (uint32_t parent; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!is_before(frame, flight->wire[parent]))
			break;
		flight->wire[at] = flight->wire[parent];
	}
	flight->wire[at] = frame;
}

struct cable_frame *
cable_wire_first(const struct cable_flight *flight)
{
	return flight->wire_count > 0 ? flight->wire[0] : NULL;
}

struct cable_frame *
cable_wire_pop(struct cable_flight *flight)
{
	struct cable_frame *first = flight->wire[0];
	struct cable_frame *last = flight->wire[--flight->wire_count];
	uint32_t at = 0;

	for (uint32_t child; (child = 2 * at + 1) < flight->wire_count; at = child) {
		if (child + 1 < flight->wire_count &&
			is_before(flight->wire[child + 1], flight->wire[child]))
			child++;
		if (!is_before(flight->wire[child], last))
			break;
		flight->wire[at] = flight->wire[child];
	}
	flight->wire[at] = last;
	return first;
}
