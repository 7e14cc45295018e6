/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two workers' TCP, joined by a link on a virtual clock. The link loses, delays, repeats and reorders
 * by a seed, so that what happens once happens again; a filter of the test's may take segments away.
 *
 * Each end has an application that sends so many bytes of a pattern and checks what it receives.
 */
#ifndef UNIT_TCP_PAIR_H
#define UNIT_TCP_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "support/eal.h"
#include "support/virtual_link.h"
#include "tcp/tcp.h"
#include "wire/tcp.h"

#define PAIR_CLIENT 0
#define PAIR_SERVER 1
#define PAIR_PORT   80

#define MS_NS       1000000ULL
#define SECOND_NS   1000000000ULL

/** A segment on the link, as it was sent. */
struct pair_segment {
	unsigned from;
	struct tcp_fields fields;
	struct tcp_options options;
	uint32_t length; /**< bytes of data */
	uint8_t ecn; /**< codepoint */
	uint64_t sent_ns;
};

struct pair_end {
	struct tcp_core *core;
	struct tcp_listener *listener;
	struct tcp_conn *conn; /**< NULL: none yet, or closed by the application */
	/* what its application does */
	uint64_t to_send; /**< bytes, by and by */
	uint64_t read_max; /**< it stops reading after so many */
	bool close_when_sent, close_at_end; /**< shut down for writing; close at the peer's end */
	bool hand_over; /**< sends packets, and takes them */
	/* what happened to it */
	uint64_t sent, received;
	bool intact; /**< so far each byte was as sent */
	bool at_end; /**< of the peer's data */
	bool closed;
	int error;
	unsigned events; /**< enum tcp_event_bit, all that were told */
	unsigned segments_sent;
	unsigned
		large_sent; /**< packets of several segments; these were cut before they were lost */
	unsigned burst_max; /**< the most segments in a loop */
};

#define PAIR_LOG 512

struct pair {
	uint64_t now_ns;
	struct pair_end ends[2];
	struct virtual_link link;
	struct flight flight; /**< what was sent is held, if the link says so */
	struct tcp_config config; /**< of both, before pair_start() */
	struct tcp_settings settings; /**< of both */
	enum ip_family family;
	/** @return false: it is lost */
	bool (*filter)(struct pair *pair, const struct pair_segment *segment);
	void *filter_state;
	struct random random;
	struct pair_segment
		log[PAIR_LOG]; /**< the last ones sent, from 0 to log_count modulo PAIR_LOG */
	unsigned log_count;
	struct pkt_vec in, send4, send6, done, drops;
	struct tcp_out out;
	unsigned drop_counts[DROP_REASON_COUNT];
};

/** Configuration and settings at their defaults, but for small buffers; change, then start. */
struct pair *pair_create(uint64_t seed);
void pair_start(struct pair *pair);
/** Fails the test if descriptors or packets leak. */
void pair_destroy(struct pair *pair);

/** From the client's address, port 4000, to the server's PAIR_PORT. */
struct tcp_tuple pair_tuple(const struct pair *pair, unsigned end);
void pair_listen(struct pair *pair, unsigned backlog);
void pair_connect(struct pair *pair);
/** Listen, connect, and run until both are established. */
void pair_open(struct pair *pair);

/** Its application reads up to so many bytes in all, from what is there on. */
void pair_read_on(struct pair *pair, unsigned end, uint64_t read_max);

/** Run until nothing is to happen, at most so long. @return whether it came to rest */
bool pair_run(struct pair *pair, uint64_t at_most_ns);
/** Run until a time. */
void pair_run_for(struct pair *pair, uint64_t ns);

/** A segment from nobody, to an end, at once. Ports and addresses are the peer's. */
void pair_inject(struct pair *pair, unsigned to, const struct tcp_fields *fields,
	const struct tcp_options *options, const void *data, uint32_t length);

/** A filter: nothing arrives. */
bool pair_lose_all(struct pair *pair, const struct pair_segment *segment);

/** The last segment that an end sent. */
const struct pair_segment *pair_last(const struct pair *pair, unsigned from);
uint64_t pair_stat(const struct pair *pair, unsigned end, enum tcp_stat stat);
struct tcp_info pair_info(const struct pair *pair, unsigned end);
enum tcp_state pair_state(const struct pair *pair, unsigned end);
/** What the byte at a place in the stream is. */
uint8_t pair_pattern(unsigned from, uint64_t at);

/** For cmocka: EAL and packets. */
int pair_group_setup(void **state);

#endif
