/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of a bench: what is in them, and whether they are what was sent. */
#include "service/bench_message.h"

#include <string.h>

#include "service/bench_pattern.h"

#define WORD_BYTES 8

/* So that no message has what another one has, near or far. */
static uint64_t
message_place(uint64_t number, uint16_t stream)
{
	return (number * (UINT16_MAX + 1ULL) + stream) * WORD_BYTES;
}

void
bench_message_fill(uint64_t number, uint16_t stream, uint8_t *data, uint32_t length)
{
	bench_number_build(number, data);
	bench_pattern_fill(message_place(number, stream), data + BENCH_NUMBER_LENGTH,
		length - BENCH_NUMBER_LENGTH);
}

void
bench_message_room(struct sock *sock, uint32_t length)
{
	const int64_t least = 2 * (int64_t)length;
	int64_t bytes;

	if (sock_option_get(sock, SOCK_OPT_SEND_BUFFER, &bytes) == 0 && bytes < least)
		sock_option_set(sock, SOCK_OPT_SEND_BUFFER, least);
}

void
bench_check_init(struct bench_check *check)
{
	memset(check, 0, sizeof(*check));
}

/* A message was lost: counted when its place is needed for one so much later. */
static uint64_t
seen_advance(struct bench_check *check, uint64_t number)
{
	uint64_t lost = 0;

	/* What nobody sends: nothing is known of what was before. */
	if (number - check->end >= BENCH_SEEN_MAX) {
		memset(check->seen, 0, sizeof(check->seen));
		check->end = number + 1;
		return 1;
	}
	/* A word at a time: the end may come around to 0. */
	while (check->end != number + 1) {
		uint64_t *word = &check->seen[check->end / 64 % BENCH_STREAMS_MAX];
		const unsigned first = check->end % 64;
		const uint64_t count = RTE_MIN(number - check->end + 1, (uint64_t)64 - first);
		const uint64_t bits = UINT64_MAX >> (64 - count) << first;

		if (check->end >= BENCH_SEEN_MAX)
			lost += (unsigned)__builtin_popcountll(~*word & bits);
		*word &= ~bits;
		check->end += count;
	}
	return lost;
}

static uint64_t
unordered_check(struct bench_check *check, uint64_t number)
{
	uint64_t *word = &check->seen[number / 64 % BENCH_STREAMS_MAX];
	const uint64_t bit = 1ULL << number % 64;
	uint64_t wrong = 0;

	if (number >= check->end)
		wrong = seen_advance(check, number);
	else if (check->end - number > BENCH_SEEN_MAX || (*word & bit) != 0)
		wrong = 1;
	*word |= bit;
	return wrong;
}

uint64_t
bench_check_missing(const struct bench_check *check)
{
	uint64_t number = check->end > BENCH_SEEN_MAX ? check->end - BENCH_SEEN_MAX : 0, count = 0;

	for (; number < check->end; number++)
		count += (check->seen[number / 64 % BENCH_STREAMS_MAX] >> number % 64 & 1) == 0;
	return count;
}

static uint64_t
ordered_check(struct bench_check *check, uint16_t stream, uint64_t number)
{
	uint64_t *next = &check->next[stream % BENCH_STREAMS_MAX], wrong;

	/* Those that are missing, or, of one that is too late or came before, it. */
	wrong = number >= *next ? number - *next : 1;
	*next = RTE_MAX(*next, number + 1);
	return wrong;
}

/* Its number, and the part of the pattern behind it. */
static void
part_check(struct bench_reader *reader, const uint8_t *data, uint32_t length)
{
	uint64_t place;

	if (reader->done == 0 && length < BENCH_NUMBER_LENGTH) {
		reader->wrong = true;
		return;
	}
	if (reader->done == 0) {
		reader->number = bench_number_parse(data);
		data += BENCH_NUMBER_LENGTH;
		length -= BENCH_NUMBER_LENGTH;
	}
	place = message_place(reader->number, reader->stream) +
		(reader->done == 0 ? 0 : reader->done - BENCH_NUMBER_LENGTH);
	if (bench_pattern_compare(place, data, length) != 0)
		reader->wrong = true;
}

uint64_t
bench_reader_take(struct bench_reader *reader, const uint8_t *data, uint32_t length,
	const struct sock_sctp_info *info, uint32_t expected)
{
	if (reader->done == 0) {
		reader->stream = info->stream;
		reader->wrong = reader->check != NULL &&
			reader->unordered != ((info->flags & SOCK_SCTP_UNORDERED) != 0);
	} else if (reader->stream != info->stream) {
		reader->wrong = true;
	}
	if (reader->check != NULL && !reader->wrong)
		part_check(reader, data, length);
	reader->done += length;
	if ((info->flags & SOCK_SCTP_EOR) == 0)
		return 0;
	if (expected != 0 && reader->done != expected)
		reader->wrong = true;
	reader->done = 0;
	if (reader->wrong || reader->check == NULL)
		return reader->wrong;
	return reader->unordered ? unordered_check(reader->check, reader->number)
				 : ordered_check(reader->check, reader->stream, reader->number);
}
