/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A call about a socket as it is read: what script_sock.c has, and script_sock_sctp.c for SCTP.
 */
#ifndef SCRIPT_CALL_H
#define SCRIPT_CALL_H

#include "base/error.h"
#include "sock/sock.h"

#define SCRIPT_CALL_ARGS 3

struct script_sock;

/** Results: 0 or more, or -errno; texts are compared as they are. */
struct script_call {
	struct script_sock *socks;
	struct sock *sock; /**< NULL: there is none of that name */
	const char *name;
	char *args[SCRIPT_CALL_ARGS];
	int64_t usual; /**< what it has to answer if the script does not say */
	struct error *err;
};

struct script_call_row {
	const char *name;
	/** @return 0 with the answer in `answer`, or -EINVAL: the line is wrong */
	int (*run)(struct script_call *call, int64_t *answer);
};

/** @return -1 without it */
int script_word_index(const char *const words[], unsigned count, const char *word);
/** @return 0 or -EINVAL @{ */
int script_number_arg(struct script_call *call, unsigned arg, uint64_t max, uint64_t *value);
/** "10.0.0.1 80", "* 80" */
int script_addr_args(struct script_call *call, struct sock_addr *addr);
/** @} */

/* ---- script_sock_sctp.c ---- */

/** @return NULL: SCTP has no such call */
const struct script_call_row *script_sctp_call_find(const char *name);
/** A message, with what is said about it: "stream=1,ppid=2,unordered". @return 0 or -EINVAL @{ */
int script_sctp_send(
	struct script_call *call, const void *data, size_t length, char *about, int64_t *answer);
int script_sctp_receive(
	struct script_call *call, void *data, size_t size, char *about, int64_t *answer);
/** @} */

#endif
