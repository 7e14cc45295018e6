/* SPDX-License-Identifier: BSD-3-Clause */
/* How both sides of a bench send and receive: bytes that nobody looks at, or a pattern. */
#ifndef SERVICE_BENCH_STREAM_H
#define SERVICE_BENCH_STREAM_H

#include "sock/sock.h"

/* At a time, before others have their turn. */
#define BENCH_TURN_BYTES (256U << 10)

/* A direction of a connection that is verified (bench_pattern.h). */
struct bench_stream {
	uint64_t place; /* bytes that were sent or received */
	uint64_t wrong; /* bytes that were not what belongs there */
};

/*
 * Send up to `length` bytes. @param stream NULL: zeros; @param done how many were
 * @return 0; -EAGAIN: the socket took no more; or its error
 */
int bench_stream_send(
	struct sock *sock, struct bench_stream *stream, uint64_t length, uint64_t *done);
/*
 * Receive up to `length` bytes, and drop them. @param stream NULL: nobody looks at them; @param done how
 * many were
 * @return 0; -EAGAIN: there are no more; -EPIPE: and there will be none; or the socket's error
 */
int bench_stream_receive(
	struct sock *sock, struct bench_stream *stream, uint64_t length, uint64_t *done);

#endif
