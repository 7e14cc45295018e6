/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes of a bench, from a place and to a place of this file. */
#include "service/bench_stream.h"

#include <errno.h>

#define CHUNK_BYTES 16384

int
bench_stream_send(struct sock *sock, uint64_t length, uint64_t *done)
{
	static const uint8_t zeros[CHUNK_BYTES];

	for (*done = 0; *done < length;) {
		int64_t n = sock_send(
			sock, zeros, RTE_MIN(length - *done, (uint64_t)CHUNK_BYTES), NULL);

		if (n <= 0)
			return n < 0 ? (int)n : -EAGAIN;
		*done += (uint64_t)n;
	}
	return 0;
}

int
bench_stream_receive(struct sock *sock, uint64_t length, uint64_t *done)
{
	uint8_t data[CHUNK_BYTES];

	for (*done = 0; *done < length;) {
		int64_t n = sock_receive(
			sock, data, RTE_MIN(length - *done, (uint64_t)CHUNK_BYTES), NULL);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		*done += (uint64_t)n;
	}
	return 0;
}
