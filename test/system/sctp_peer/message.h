/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the messages of a test are: number N (its PPID) has a size and bytes that follow from N, and goes
 * on stream N modulo the streams. So whoever receives it knows what it should have been.
 */
#ifndef SCTP_PEER_MESSAGE_H
#define SCTP_PEER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_plan {
	uint32_t count, streams;
	uint32_t size_min, size_max; /* bytes; of small ones there are more */
	bool ordered;
};

size_t message_size(const struct message_plan *plan, uint32_t number);
/* @param bytes message_size() of them */
void message_fill(const struct message_plan *plan, uint32_t number, uint8_t *bytes);

/* What has come of them. */
struct message_log {
	struct message_plan plan;
	uint8_t *seen; /* [count] */
	uint32_t *next; /* [streams]: the least number that may come next, if ordered */
	uint64_t bytes;
	uint32_t received, repeated, reordered, damaged, unknown;
};

void message_log_init(struct message_log *log, const struct message_plan *plan);
/* A whole one. */
void message_log_add(struct message_log *log, uint32_t number, uint16_t stream,
	const uint8_t *bytes, size_t length);

/* Whether it is whole, and one of spated's bench client with `verify` (app/service/bench_message.h). */
bool message_is_benchs(uint16_t stream, const uint8_t *bytes, size_t length);

#endif
