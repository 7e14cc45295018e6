/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two workers' SCTP, joined by several links on a virtual clock. Links lose, delay, repeat and reorder
 * by a seed, so that what happens once happens again; each may be cut, and a filter of the test's may
 * take packets away.
 *
 * Each end has an application that sends numbered messages, and checks those that it receives: each
 * once, whole, and ordered ones in their order.
 */
#ifndef UNIT_SCTP_PAIR_H
#define UNIT_SCTP_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "sctp/sctp.h"
#include "support/eal.h"
#include "support/virtual_link.h"

#define PAIR_CLIENT   0
#define PAIR_SERVER   1
#define PAIR_PORT     7

#define MS_NS         1000000ULL
#define SECOND_NS     1000000000ULL

#define PAIR_LINKS    4
#define PAIR_MESSAGES 4096
#define PAIR_STREAMS  8

/** A packet on a link: its chunks, and who sent it. */
struct pair_packet {
	unsigned from, link;
	struct sctp_fields fields;
	struct sctp_cursor chunks;
};

struct pair_end {
	struct sctp_core *core;
	struct sctp_listener *listener;
	struct sctp_assoc *assoc;
	/* what its application does */
	unsigned to_send, size_max; /**< messages; bytes of each, 8 at least */
	bool unordered, reads_not, shutdown_when_sent, close_at_end;
	/* what happened to it */
	unsigned sent, received;
	bool bad, at_end, closed;
	bool seen[PAIR_MESSAGES];
	unsigned next_of_stream[PAIR_STREAMS];
	uint8_t partial[1 << 20];
	size_t partial_length;
	unsigned events; /**< enum sctp_event_bit, all that were told */
	unsigned notices[SCTP_NOTICE_COUNT]; /**< by type */
	struct sctp_notice last_notice;
	struct sctp_notice last_path; /**< the last one of a path */
	uint16_t cause; /**< of the last one that had one */
	int error;
};

struct pair {
	uint64_t now_ns;
	struct pair_end ends[2];
	struct virtual_link links[PAIR_LINKS];
	struct flight flight;
	unsigned link_count; /**< that pair_open() uses */
	bool ip6; /**< odd links are IPv6 */
	struct sctp_config config; /**< of both, before pair_start() */
	struct sctp_settings settings; /**< of both */
	/** @return false: it is lost */
	bool (*filter)(struct pair *pair, const struct pair_packet *packet);
	/** Has the place of the applications of both ends. */
	void (*app)(struct pair *pair, unsigned end, const struct sctp_event *event);
	void *arg; /**< of whoever is called */
	uint32_t cut_asked; /**< while it is asked: the MTU that IP is to cut to; 0: none */
	unsigned filter_state;
	uint16_t inject_port; /**< of the server; 0: PAIR_PORT */
	struct random random;
	uint64_t chained; /**< packets of several segments */
	unsigned chunks_sent[2][256]; /**< by end and type */
	uint8_t last[2][1500]; /**< the chunks of the packet that an end sent last */
	struct sctp_cursor last_chunks[2]; /**< ... these */
	struct sctp_fields last_fields[2];
	unsigned last_link[2];
	unsigned inject_link; /**< from whose address of the peer's injected packets come */
	uint8_t cookie[512]; /**< the last COOKIE ECHO, with its packet's fields */
	uint32_t cookie_length;
	struct sctp_fields cookie_fields;
	struct pkt_vec in, send4, send6, done, drops, handover, punts;
	struct sctp_out out;
	unsigned drop_counts[DROP_REASON_COUNT];
};

struct pair *pair_create(uint64_t seed);
void pair_start(struct pair *pair);
/** Fails the test if descriptors or packets leak. */
void pair_destroy(struct pair *pair);

struct ip_addr pair_addr(const struct pair *pair, unsigned end, unsigned link);
struct sctp_bind pair_bind(const struct pair *pair, unsigned end);
void pair_listen(struct pair *pair);
void pair_connect(struct pair *pair);
/** Listen, connect, and run until both are established. */
void pair_open(struct pair *pair);

/** Run until a time. */
void pair_run_for(struct pair *pair, uint64_t ns);
/** ... or until something is so. @return whether it is */
bool pair_run_until(struct pair *pair, uint64_t ns, bool (*is_so)(const struct pair *pair));
/** ... or until all messages have arrived. */
void pair_run_messages(struct pair *pair, uint64_t at_most_ns);

/** A packet with one chunk from nobody to an end, at once, from the peer's address of inject_link. */
void pair_inject(struct pair *pair, unsigned to, uint32_t vtag, uint8_t type, uint8_t flags,
	const void *value, uint16_t length);
/** The same of several chunks, already built. */
void pair_inject_bytes(
	struct pair *pair, unsigned to, uint32_t vtag, const void *bytes, uint32_t length);
/* A DATA chunk with eight bytes for the server. flags: SCTP_DATA_BEGIN... */
void pair_data_inject(
	struct pair *pair, uint32_t tsn, uint16_t stream, uint16_t ssn, uint8_t flags);
/* A pair with an association that is open, and a server that does not read. */
struct pair *pair_opened(uint64_t seed);

uint64_t pair_stat(const struct pair *pair, unsigned end, enum sctp_stat stat);
enum sctp_state pair_state(const struct pair *pair, unsigned end);
struct sctp_info pair_info(const struct pair *pair, unsigned end);

/** For cmocka: EAL and packets. */
int pair_group_setup(void **state);

#endif
