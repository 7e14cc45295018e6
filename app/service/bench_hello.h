/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a bench client says first on a connection, and at the beginning of each datagram: what is to be
 * done. Of SCTP it is a message, on stream 0. All numbers in network order:
 *
 *     0   "spbn"
 *     4   version: 1
 *     5   mode: enum bench_mode
 *     6   0; of a datagram that answers 1, so that no server answers it
 *     7   1: the stream after this is a pattern, which is verified (bench_pattern.h), or messages are
 *         (bench_message.h); else 0
 *     8   bytes of a request, without this; of a datagram with it
 *     12  bytes of a response
 *     16  of a datagram: a number, which the answer begins with as well, after a copy of the rest
 *     16  of SCTP: streams, 2 bytes; messages go to one after the other
 *     18  of SCTP: 1: they are unordered; else 0
 *     19  of SCTP: 0
 *
 * Messages on other streams, or unordered ones, may arrive before the hello: a client that has such to send
 * waits for the server's answer, which is the hello again, with 1 at 6.
 */
#ifndef SERVICE_BENCH_HELLO_H
#define SERVICE_BENCH_HELLO_H

#include "service/bench.h"

#define BENCH_HELLO_LENGTH      16
#define BENCH_NUMBER_LENGTH     8
#define BENCH_DATAGRAM_LENGTH   (BENCH_HELLO_LENGTH + BENCH_NUMBER_LENGTH)
#define BENCH_SCTP_HELLO_LENGTH (BENCH_HELLO_LENGTH + 4)

struct bench_hello {
	enum bench_mode mode;
	uint32_t request_bytes, response_bytes;
	bool verify; /* of TCP: of BENCH_SEND and BENCH_RECEIVE */
	bool unordered; /* of SCTP */
	uint16_t streams; /* of SCTP */
};

/* @param out BENCH_HELLO_LENGTH bytes */
void bench_hello_build(const struct bench_hello *hello, uint8_t *out);
/* @param data BENCH_HELLO_LENGTH bytes. @return false: it is none */
bool bench_hello_parse(const uint8_t *data, struct bench_hello *hello);

/* The same of SCTP. @{ */
void bench_sctp_hello_build(const struct bench_hello *hello, uint8_t out[BENCH_SCTP_HELLO_LENGTH]);
bool bench_sctp_hello_parse(const uint8_t data[BENCH_SCTP_HELLO_LENGTH], struct bench_hello *hello);
/* @} */

/* Whether it is to be answered before messages are sent. */
static inline bool
bench_sctp_hello_waits(const struct bench_hello *hello)
{
	return hello->mode != BENCH_RECEIVE && hello->mode != BENCH_HOLD &&
		(hello->streams > 1 || hello->unordered);
}

/* Have it be an answer, which is no hello. */
void bench_hello_answer(uint8_t *data);

void bench_number_build(uint64_t number, uint8_t out[BENCH_NUMBER_LENGTH]);
uint64_t bench_number_parse(const uint8_t data[BENCH_NUMBER_LENGTH]);

#endif
