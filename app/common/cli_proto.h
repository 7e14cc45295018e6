/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What `spate` and `spated` say to each other over the UNIX stream socket.
 *
 * A message is a header and `length` bytes. Numbers are in host byte order: both
 * ends are on one machine. Requests are answered in order, one at a time:
 *
 *     RUN        flags (1 byte, CLI_RUN_*), the line                 -> OUTPUT*, END
 *     COMPLETE   the line up to the cursor                           -> OUTPUT*, END
 *     HELP       the line up to the cursor                           -> OUTPUT*, END
 *     DIRECTORY  where relative paths of later commands start        -> nothing
 *     ABORT      stop the command that runs; ignored if none does    -> nothing
 *
 *     OUTPUT     bytes: what the command prints; for COMPLETE, a word a line
 *     END        status (int32_t, 0 or -errno), the error text (empty on success):
 *                a sentence, then perhaps the line it is about and carets under the word.
 *                For COMPLETE, a status >= 0 is the length of the word being completed.
 *
 * The daemon closes the connection on a message that is longer than CLI_PROTO_REQUEST_MAX
 * or of an unknown type, after an END with -EPROTO.
 */
#ifndef COMMON_CLI_PROTO_H
#define COMMON_CLI_PROTO_H

#include <stdint.h>

/** Longest command line in bytes. */
#define CLI_PROTO_LINE_MAX 65536
/** Longest body of a request. */
#define CLI_PROTO_REQUEST_MAX (CLI_PROTO_LINE_MAX + 1)
/** Longest body of a reply. */
#define CLI_PROTO_REPLY_MAX  65536

#define CLI_SOCKET_DIRECTORY "/run/spate"
#define CLI_INSTANCE_DEFAULT "spate"

enum cli_proto_type {
	CLI_PROTO_RUN = 'R',
	CLI_PROTO_COMPLETE = 'C',
	CLI_PROTO_HELP = 'H',
	CLI_PROTO_DIRECTORY = 'D',
	CLI_PROTO_ABORT = 'A',
	CLI_PROTO_OUTPUT = 'O',
	CLI_PROTO_END = 'E',
};

/** Flags of RUN. */
#define CLI_RUN_JSON 1

struct cli_proto_header {
	uint32_t length; /**< of the body */
	uint8_t type; /**< enum cli_proto_type */
	uint8_t reserved[3]; /**< zero */
};

#endif
