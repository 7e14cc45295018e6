/* SPDX-License-Identifier: BSD-3-Clause */
#include "message.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
mixed(uint64_t value)
{
	value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

/* As many between 2^n and 2^(n+1) as between 2^(n+1) and 2^(n+2). */
size_t
message_size(const struct message_plan *plan, uint32_t number)
{
	uint64_t draw = mixed(number + 1ULL);
	unsigned low = 31 - (unsigned)__builtin_clz(plan->size_min);
	unsigned high = 31 - (unsigned)__builtin_clz(plan->size_max);
	unsigned power = low + (unsigned)(draw % (high - low + 1));
	size_t size = ((size_t)1 << power) | (draw >> 32 & (((size_t)1 << power) - 1));

	if (size < plan->size_min)
		return plan->size_min;
	return size > plan->size_max ? plan->size_max : size;
}

void
message_fill(const struct message_plan *plan, uint32_t number, uint8_t *bytes)
{
	size_t size = message_size(plan, number);

	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = mixed((uint64_t)number << 32 | i);

		memcpy(bytes + i, &word, size - i < 8 ? size - i : 8);
	}
}

void
message_log_init(struct message_log *log, const struct message_plan *plan)
{
	*log = (struct message_log){ .plan = *plan };
	log->seen = calloc(plan->count, sizeof(*log->seen));
	log->next = calloc(plan->streams, sizeof(*log->next));
	if (log->seen == NULL || log->next == NULL)
		err(1, "calloc");
}

void
message_log_add(struct message_log *log, uint32_t number, uint16_t stream, const uint8_t *bytes,
	size_t length)
{
	const struct message_plan *plan = &log->plan;
	uint8_t *expected;

	log->bytes += length;
	if (number >= plan->count || stream != number % plan->streams) {
		log->unknown++;
		return;
	}
	if (log->seen[number]++ != 0) {
		log->repeated++;
		return;
	}
	log->received++;
	if (plan->ordered && number < log->next[stream])
		log->reordered++;
	log->next[stream] = number + 1;
	expected = malloc(plan->size_max);
	if (expected == NULL)
		err(1, "malloc");
	message_fill(plan, number, expected);
	if (length != message_size(plan, number) || memcmp(bytes, expected, length) != 0)
		log->damaged++;
	free(expected);
}
