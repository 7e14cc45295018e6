/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What a file of commands needs: nouns, commands, their arguments, their output.
 *
 * A noun is one file in app/spated/commands/ that exports a `struct cli_noun`, and
 * one line in commands.c. Everything here runs on the control thread.
 *
 * Syntax of a command (the whole line, noun first):
 *
 *     port         lower case: a keyword
 *     PORT         upper case: an argument of the type with that name (type.c)
 *     SRC:ENDPOINT an argument shown as SRC, of type ENDPOINT
 *     N:1-65535    a number with its bounds
 *     [mtu N]      optional; optional groups side by side come in any order, each at most once
 *     {via ADDR}   one or more times; at most one such group in a command
 *     (a B)        a group
 *     a|b          either word or group, where `|` touches both
 *     a B | c      either sequence, inside of a group
 *
 * TEXT takes the rest of the line as it stands, so it must be the last word.
 * A quoted word is always an argument, never a keyword.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "cli/show.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"

/** What a handler returns that will end its command later: see cli_pend(). */
#define CLI_PENDING 1

enum cli_command_flags {
	/**
	 * Accepted only before DPDK starts. From a file that is loaded later its handler is called
	 * to say whether the line is what is so already; it changes nothing then.
	 */
	CLI_AT_START = 1 << 0,
	/** Writes through call->show. Takes a trailing [json]; `X show` works as `show X`. */
	CLI_SHOW = 1 << 1,
	/** Not accepted in a configuration file (ping, shutdown, config load). */
	CLI_NOT_IN_FILE = 1 << 2,
	/** Its keywords are not to be abbreviated: what nobody should run by a slip. */
	CLI_WRITTEN_OUT = 1 << 3,
	/** No CLI_SHOW, but changes nothing either. */
	CLI_ONLY_READS = 1 << 4,
};

struct cli;
struct cli_call;
struct cli_session;

struct cli_command {
	const char *syntax;
	/**
	 * A line that says what the command does. Further lines, as "word: text", say
	 * what single words of the syntax mean, e.g. "add a port\nrxq: receive queues".
	 */
	const char *help;
	/** @return 0, CLI_PENDING after cli_pend(), or -errno with call->err set */
	int (*run)(struct cli_call *call);
	unsigned flags; /**< of enum cli_command_flags */
};

struct cli_noun {
	const char *name; /**< first word of each of its commands */
	const char *help;
	const struct cli_command *commands;
	unsigned count;
	/** Print the noun's state as commands that recreate it, a line each. May be NULL. */
	void (*config)(void *daemon, struct strbuf *out);
	/**
	 * The same, of a noun that has more than clients can wait for: print the next lines.
	 * @param position CLI_CONFIG_POSITION bytes of the noun's own, zero at first
	 * @return whether there are more
	 */
	bool (*config_next)(void *daemon, void *position, struct strbuf *out);
};
#define CLI_CONFIG_POSITION 64

/** One command being run: valid while its handler runs. */
struct cli_call {
	void *daemon; /**< what the app gave to cli_create() */
	struct cli *cli;
	const struct cli_command *command;
	struct error *err;
	struct show *show; /**< the output of a CLI_SHOW command */
	struct cli_args *args; /**< read it with cli_arg_*() */
};

/** @name Arguments
 * `name` is the word of the syntax: the argument's own ("PORT") or the keyword just
 * before it ("mtu" of `mtu N`). Words were checked against their types already.
 * @{
 */
/** Whether the keyword or the argument was given. */
bool cli_arg_present(const struct cli_call *call, const char *name);
/** The word, without its quotes; the rest of the line for TEXT; NULL if it was not given. */
const char *cli_arg_string(const struct cli_call *call, const char *name);
/** An unsigned number, or `fallback` if it was not given. */
uint64_t cli_arg_number(const struct cli_call *call, const char *name, uint64_t fallback);
/** These return false, and leave the result alone, if the argument was not given. @{ */
bool cli_arg_addr(const struct cli_call *call, const char *name, struct ip_addr *addr);
bool cli_arg_prefix(const struct cli_call *call, const char *name, struct ip_prefix *prefix);
bool cli_arg_mac(const struct cli_call *call, const char *name, struct mac_addr *mac);
/** `port` is 0 for a bare address. */
bool cli_arg_endpoint(
	const struct cli_call *call, const char *name, struct ip_addr *addr, uint16_t *port);
/** @} */
/**
 * The interface of a SCOPED address (fe80::1%p0), or the "dev" beside it; NULL: neither is given.
 * @return 0, or -EINVAL with call->err set: they differ
 */
int cli_arg_scope(struct cli_call *call, const char *name, const char **iface);
/**
 * The numbers of a LIST such as 1-3,5, in the order given.
 * @return how many; 0 if it was not given; -E2BIG if there are more than `max`
 */
int cli_arg_list(const struct cli_call *call, const char *name, unsigned *values, unsigned max);
/**
 * The path of a FILE, made absolute with the directory the client runs in.
 * @return 0, or -errno with call->err set
 */
int cli_arg_path(const struct cli_call *call, const char *name, char *path, size_t size);
/**
 * Go on to the next repetition of the {..} group: the getters above then see its words
 * only. After the last one it returns false, and they see the whole line again, so that
 * `while (cli_arg_group_next(call))` visits each.
 */
bool cli_arg_group_next(struct cli_call *call);
/** @} */

/** Fail, with the carets of the error under argument `name`: `return cli_fail(...)`. */
int cli_fail(struct cli_call *call, const char *name, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** Text for people, of a command that is no CLI_SHOW. */
void cli_printf(struct cli_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Text that may hold anything, e.g. a file's contents. */
void cli_write(struct cli_call *call, const char *bytes, size_t length);

/**
 * Journal the command that undoes what the handler has just done, so that a `config load`
 * that fails further down can take it back. Costs nothing outside of a load, but that a `config
 * show` or `config save` under way notices.
 */
void cli_undo(struct cli_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** The word as it has to stand in a command: quoted where it must be. @return `buf` */
const char *cli_quote(const char *word, char *buf, size_t size);

/** @name Commands that take their time
 * @{
 */
/**
 * Keep the client waiting; the handler then returns CLI_PENDING and later ends the command
 * with cli_session_end().
 *
 * `abort` is called when the client has asked for it or has gone: it must stop the
 * work, may still write, and may end the session itself. When it returns, the
 * session is over and its pointer invalid.
 *
 * @return NULL with call->err set where nobody can wait (a configuration file)
 */
struct cli_session *cli_pend(struct cli_call *call, void (*abort)(void *arg), void *arg);
void cli_session_printf(struct cli_session *session, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** @param status 0 or -errno; @param err says why it failed, or NULL */
void cli_session_end(struct cli_session *session, int status, const struct error *err);
/** @} */

#endif
