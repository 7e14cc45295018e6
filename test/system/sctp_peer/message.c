/* SPDX-License-Identifier: BSD-3-Clause */
#include "message.h"

#include <endian.h>
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

/* The lesser of two draws, each of which has as many between 2^n and 2^(n+1) as between 2^(n+1) and 2^(n+2). */
size_t
message_size(const struct message_plan *plan, uint32_t number)
{
	uint64_t draw = mixed(number + 1ULL);
	unsigned low = 31 - (unsigned)__builtin_clz(plan->size_min);
	unsigned high = 31 - (unsigned)__builtin_clz(plan->size_max);
	unsigned one = (unsigned)(draw & UINT16_MAX) % (high - low + 1);
	unsigned other = (unsigned)(draw >> 16 & UINT16_MAX) % (high - low + 1);
	unsigned power = low + (one < other ? one : other);
	size_t size = ((size_t)1 << power) | (draw >> 32 & (((size_t)1 << power) - 1));

	/* Both ends are there, however few there are. */
	if (number == 0)
		return plan->size_max;
	if (number == 1 || size < plan->size_min)
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

bool
message_is_benchs(uint16_t stream, const uint8_t *bytes, size_t length)
{
	uint64_t number, index;

	if (length < sizeof(number))
		return false;
	memcpy(&number, bytes, sizeof(number));
	index = be64toh(number) * (UINT16_MAX + 1ULL) + stream;
	for (size_t at = sizeof(number); at < length; at += 8, index++) {
		/* SplitMix64, of which there are as many words as bench_pattern.h says */
		uint64_t word = (index % 131071 + 1) * 0x9e3779b97f4a7c15ULL;

		word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
		word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
		word = htole64(word ^ (word >> 31));
		if (memcmp(bytes + at, &word, length - at < 8 ? length - at : 8) != 0)
			return false;
	}
	return true;
}
