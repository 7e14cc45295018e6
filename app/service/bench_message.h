/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of SCTP between the two sides of a bench. Where they are verified, each begins with its
 * number: that of its stream, from 0 on, or unordered that of its association; the response to a request
 * has the request's. The rest is the pattern of streams (bench_pattern.h), from a place that the number
 * and the stream make.
 */
#ifndef SERVICE_BENCH_MESSAGE_H
#define SERVICE_BENCH_MESSAGE_H

#include "service/bench_hello.h"

/* What was received of an association, if it is verified. */
struct bench_check {
	SLIST_ENTRY(bench_check) entry; /* while nobody has it */
	union {
		uint64_t next[BENCH_STREAMS_MAX]; /* number of each stream's next message */
		uint64_t seen[BENCH_STREAMS_MAX]; /* unordered: the last 65536, a bit each */
	};
	uint64_t end; /* unordered: behind the highest number */
};
/* Unordered messages come with others between, but not with so many. */
#define BENCH_SEEN_MAX (BENCH_STREAMS_MAX * 64U)

/* The message that is being received, which may come in parts. */
struct bench_reader {
	struct bench_check *check; /* NULL: nobody looks at it */
	uint64_t number;
	uint32_t done; /* bytes of it */
	uint16_t stream;
	bool unordered; /* as all are to be */
	bool wrong; /* something of it was */
};

void bench_check_init(struct bench_check *check);

/* The association has ended in good order: unordered messages that never came. */
uint64_t bench_check_missing(const struct bench_check *check);

/* Number `number` of a stream, whole. */
void bench_message_fill(uint64_t number, uint16_t stream, uint8_t *data, uint32_t length);

/* Messages of a length can be sent, and the next one while one is under way. */
void bench_message_room(struct sock *sock, uint32_t length);

/*
 * Take a part that was received. @param expected bytes of the message; 0: any
 * @return how many messages were found to be wrong, once one has ended: those that are missing before it,
 *         and it
 */
uint64_t bench_reader_take(struct bench_reader *reader, const uint8_t *data, uint32_t length,
	const struct sock_sctp_info *info, uint32_t expected);

#endif
