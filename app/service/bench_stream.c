/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes of a bench, from a place and to a place of this file. */
#include "service/bench_stream.h"

#include <errno.h>

#include "service/bench_pattern.h"

#define CHUNK_BYTES 16384

int
bench_stream_send(struct sock *sock, struct bench_stream *stream, uint64_t length, uint64_t *done)
{
	static const uint8_t zeros[CHUNK_BYTES];
	uint8_t pattern[CHUNK_BYTES];

	for (*done = 0; *done < length;) {
		const uint64_t count = RTE_MIN(length - *done, (uint64_t)CHUNK_BYTES);
		int64_t n;

		if (stream != NULL)
			bench_pattern_fill(stream->place, pattern, count);
		n = sock_send(sock, stream != NULL ? pattern : zeros, count, NULL);
		if (n <= 0)
			return n < 0 ? (int)n : -EAGAIN;
		*done += (uint64_t)n;
		if (stream != NULL)
			stream->place += (uint64_t)n;
	}
	return 0;
}

int
bench_stream_receive(
	struct sock *sock, struct bench_stream *stream, uint64_t length, uint64_t *done)
{
	uint8_t data[CHUNK_BYTES];

	for (*done = 0; *done < length;) {
		int64_t n = sock_receive(
			sock, data, RTE_MIN(length - *done, (uint64_t)CHUNK_BYTES), NULL);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		*done += (uint64_t)n;
		if (stream == NULL)
			continue;
		stream->wrong += bench_pattern_compare(stream->place, data, (size_t)n);
		stream->place += (uint64_t)n;
	}
	return 0;
}
