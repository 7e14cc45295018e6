/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a bench client says first on a connection, and at the beginning of each datagram: what is to be
 * done. All numbers in network order:
 *
 *     0   "spbn"
 *     4   version: 1
 *     5   mode: enum bench_mode
 *     6   0; of a datagram that answers 1, so that no server answers it
 *     7   1: the stream after this is a pattern, which is verified (bench_pattern.h); else 0
 *     8   bytes of a request, without this; of a datagram with it
 *     12  bytes of a response
 *     16  of a datagram: a number, which the answer begins with as well, after a copy of the rest
 */
#ifndef SERVICE_BENCH_HELLO_H
#define SERVICE_BENCH_HELLO_H

#include "service/bench.h"

#define BENCH_HELLO_LENGTH    16
#define BENCH_DATAGRAM_LENGTH (BENCH_HELLO_LENGTH + 8)

struct bench_hello {
	enum bench_mode mode;
	uint32_t request_bytes, response_bytes;
	bool verify; /* of BENCH_SEND and BENCH_RECEIVE */
};

/* @param out BENCH_HELLO_LENGTH bytes */
void bench_hello_build(const struct bench_hello *hello, uint8_t *out);
/* @param data BENCH_HELLO_LENGTH bytes. @return false: it is none */
bool bench_hello_parse(const uint8_t *data, struct bench_hello *hello);

/* Have it be an answer, which is no hello. */
void bench_hello_answer(uint8_t *data);

void bench_number_build(uint64_t number, uint8_t out[8]);
uint64_t bench_number_parse(const uint8_t data[8]);

#endif
