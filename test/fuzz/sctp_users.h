/* SPDX-License-Identifier: BSD-3-Clause */
/* Two SCTPs of fuzz_sctp_pair.c, and what their users do: sctp_users.c. */
#ifndef FUZZ_SCTP_USERS_H
#define FUZZ_SCTP_USERS_H

#include "fuzz/wire.h"
#include "sctp/sctp_assoc.h"

#define SETUP_BYTES  12
#define PORT         80
#define PATHS        3U
#define STREAMS      6U
#define MESSAGES_MAX 64U
#define LENGTH_MAX   5000U

enum { CLIENT, SERVER };

/* What comes of a message is kept until its end is there. */
struct part {
	uint32_t length;
	uint8_t bytes[LENGTH_MAX];
};

struct end {
	struct sctp_core *core;
	struct sctp_listener *listener;
	struct sctp_assoc *assoc; /* NULL: none, or closed */
	unsigned to_send, sent, received;
	bool seen[MESSAGES_MAX]; /* of the other's messages */
	int64_t last[STREAMS]; /* the last ordered one of each stream */
	struct part parts[STREAMS][2];
	bool paused, full, closed, shut; /* full: it waits to be writable */
};

struct sctp_pair {
	struct wire wire;
	struct sctp_config config;
	struct sctp_settings settings;
	struct end ends[2];
	uint8_t setup[SETUP_BYTES];
	bool gave_up; /* an end, waiting for the other */
	bool meddled; /* a user did not wait for the end, or began again */
};

extern struct sctp_pair pair; /* fuzz_sctp_pair.c */

/* Of an end on a path. Path 1 is IPv6's. */
struct ip_addr addr_of(unsigned e, unsigned path);
void core_create(unsigned e);
void user_connect(unsigned e);
/* As two bytes of an input say. */
void user_act(uint8_t what, uint8_t number);
/* After each step of an end's: accept, receive, send, and close. */
void users_act(unsigned e);
struct sctp_message message_of(unsigned number);

#endif
