/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Messages both ways over an association of a sctp_pair.h. Each is checked as it comes: intact, once, in
 * its stream's order; and of each that does not come the sender is told.
 */
#ifndef SIM_SCTP_TALK_H
#define SIM_SCTP_TALK_H

#include "unit/sctp/sctp_pair.h"

#define TALK_STREAMS    16
#define TALK_LENGTH_MAX (1U << 20)

enum talk_sizes { TALK_TINY, TALK_PACKETS, TALK_MIXED, TALK_LARGE, TALK_SIZES_COUNT };
enum talk_order { TALK_ORDERED, TALK_UNORDERED, TALK_BOTH, TALK_ORDERS_COUNT };

struct talk_message {
	uint32_t length;
	uint16_t stream;
	uint8_t policy; /**< enum sctp_pr_policy */
	bool unordered, delivered, failed;
	bool lost; /**< it may be: who had acknowledged it is no more */
	uint32_t value; /**< of its policy */
	uint32_t place; /**< among the ordered ones of its stream */
	uint64_t sent_ns, delivered_ns;
};

/** What one end sends, and the other receives. */
struct talk_way {
	struct talk_message *messages;
	unsigned count, sent, delivered, failed, lost, aborted;
	uint64_t bytes; /**< delivered */
	uint32_t next[TALK_STREAMS]; /**< place of the ordered message that comes next */
	/** Messages of which a part was delivered. */
	struct talk_part {
		bool open;
		uint32_t number, done;
	} parts[TALK_STREAMS][2];
	unsigned parts_open;
};

struct talk_plan {
	unsigned count;
	enum talk_sizes sizes;
	enum talk_order order;
	enum sctp_pr_policy policy; /**< of some of them */
	uint32_t length; /**< of all; 0: by `sizes` */
};

struct talk {
	struct pair *pair;
	uint16_t port; /**< of the server; the client's is 1000 more */
	struct sctp_settings settings[2]; /**< as the pair's, until talk_open() */
	struct sctp_listener *listener;
	struct sctp_assoc *assocs[2]; /**< NULL: none, or closed */
	struct talk_way ways[2]; /**< by who sends */
	bool reads_not[2]; /**< ... until told otherwise, and talk_go_on() */
	bool up[2], closed[2], at_end[2];
	int errors[2]; /**< why it ended; 0: in good order */
	unsigned restarts[2]; /**< of the other */
	unsigned paths_failed[2], paths_back[2];
	bool interrupted; /**< by a restart or an abort: not all need arrive */
};

/** Its ports are those of the n-th talk. */
void talk_init(struct talk *talk, struct pair *pair, unsigned n);
void talk_plan(struct talk *talk, unsigned from, const struct talk_plan *plan);
void talk_listen(struct talk *talk);
/** The client, anew if its core is. */
void talk_connect(struct talk *talk);
/** They send, and read, as far as that goes. */
void talk_go_on(struct talk *talk);
/** Whether all messages of both ways have arrived, or were given up. */
bool talk_is_over(const struct talk *talk);
/** Of what this end has sent nobody knows any more whether it was acknowledged. */
void talk_lose(struct talk *talk, unsigned from);
/** Fails if a message is not accounted for. */
void talk_check(const struct talk *talk);
/** Their users are done with it. */
void talk_close(struct talk *talk);
void talk_fini(struct talk *talk);

/** What pair->app is; its talks are found by what their associations' users are. */
void talk_event(struct pair *pair, unsigned end, const struct sctp_event *event);

#endif
