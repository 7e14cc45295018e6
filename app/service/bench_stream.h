/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that nobody looks at: how both sides of a bench send and receive them. */
#ifndef SERVICE_BENCH_STREAM_H
#define SERVICE_BENCH_STREAM_H

#include "sock/sock.h"

/* At a time, before others have their turn. */
#define BENCH_TURN_BYTES (256U << 10)

/*
 * Send up to `length` bytes. @param done how many were
 * @return 0; -EAGAIN: the socket took no more; or its error
 */
int bench_stream_send(struct sock *sock, uint64_t length, uint64_t *done);
/*
 * Receive up to `length` bytes, and drop them. @param done how many were
 * @return 0; -EAGAIN: there are no more; -EPIPE: and there will be none; or the socket's error
 */
int bench_stream_receive(struct sock *sock, uint64_t length, uint64_t *done);

#endif
