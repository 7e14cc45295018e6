/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Runs one script on a stack that is made for it, on a virtual clock. doc/scripts.md has the language.
 */
#ifndef SCRIPT_RUN_H
#define SCRIPT_RUN_H

#include "script/script_sock.h"
#include "script/script_text.h"
#include "support/stack_fixture.h"

/** Packets that a script may see. */
#define SCRIPT_PACKETS_MAX 4096

/** A packet that came to the stack, or that it sent. */
struct script_event {
	uint64_t at_ns; /**< since the start of the script */
	unsigned port;
	bool sent; /**< by the stack */
	bool taken; /**< and expected */
	size_t length;
	uint8_t *frame;
};

struct script_run {
	struct stack_fixture *fixture; /**< NULL until the first line that needs it */
	struct stack_fixture_config config;
	struct script_text *text;
	struct script_sock *socks; /**< NULL until the first line about a socket */
	uint64_t start_ns;
	uint64_t last_ns; /**< when the last line happened: what times are counted from */
	struct script_event events[SCRIPT_PACKETS_MAX];
	unsigned event_count;
	bool overflow; /**< more than that */
	bool included; /**< the line is of a file that the script includes */
};

/**
 * @param capture a pcapng file for all packets; NULL: none
 * @return 0; -EINVAL with the reason and all packets so far in `error`; -EIO: no capture
 */
int script_run(
	const char *file, unsigned workers, const char *capture, char *error, size_t error_size);

/** Write all packets to a pcapng file. @return 0, -errno */
int script_capture(const struct script_run *run, const char *path);

/** A line that is no packet. @return 0, -EINVAL, or -ENOENT: it is none of these */
int script_command(struct script_run *run);

#endif
