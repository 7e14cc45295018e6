/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The CLI as main.c and the server use it: made from a table of nouns, it runs, completes
 * and explains lines.
 */
#ifndef CLI_ENGINE_H
#define CLI_ENGINE_H

#include "cli/cli.h"

struct cli_journal;
struct cli_words;

/** Adds, with cli_words_add(), every word of an argument type that exists now. */
typedef void (*cli_completer)(void *daemon, struct cli_words *words);

/**
 * @param nouns in the order that `config show` prints them; must outlive the CLI
 * @return NULL with `err` set: a syntax that does not compile, or no memory
 */
struct cli *cli_create(
	const struct cli_noun *const *nouns, unsigned count, void *daemon, struct error *err);
void cli_destroy(struct cli *cli);

/** From now on the CLI_AT_START commands are refused. */
void cli_set_started(struct cli *cli);

/** @return 0, -ENOENT for a type that does not exist, -ENOSPC */
int cli_set_completer(struct cli *cli, const char *type, cli_completer completer);
void cli_words_add(struct cli_words *words, const char *word);

struct cli_request {
	const char *line; /**< need not be ended by a NUL */
	size_t length;
	bool json; /**< as if a show said "json" */
	struct show *show; /**< where a show writes, rather than to `out`; others are refused */
	bool in_file; /**< a configuration file's: no CLI_NOT_IN_FILE command */
	const char *directory; /**< where relative paths start; NULL: the daemon's own */
	struct cli_session *session; /**< who can wait for a CLI_PENDING command, or NULL */
	struct cli_journal *journal; /**< collects cli_undo() lines, or NULL */
};

/**
 * Run a line. An empty one does nothing.
 *
 * @param out what the command prints
 * @param errors on failure, a sentence, perhaps with the line and carets under the word
 * @return 0, CLI_PENDING or -errno
 */
int cli_run(struct cli *cli, const struct cli_request *request, struct strbuf *out,
	struct strbuf *errors);

/** Go on with the commands that run in slices. @return whether there is more to do */
bool cli_poll(struct cli *cli);

/**
 * Parse a line without running it.
 *
 * @param command the command it is, NULL for an empty line
 * @return 0, or -errno with `errors` as above
 */
int cli_check(struct cli *cli, const char *line, size_t length, const struct cli_command **command,
	struct strbuf *errors);

/**
 * The words that may come at the end of `line`, each followed by a newline.
 *
 * @return how many bytes at the end of `line` they would replace, or -errno
 */
int cli_complete(struct cli *cli, const char *line, size_t length, struct strbuf *out);

/** Like cli_complete(), for people: each word with what it means. */
int cli_help(struct cli *cli, const char *line, size_t length, struct strbuf *out);

/** The commands whose words begin like those of `text` ("" for the list of nouns). */
int cli_help_commands(struct cli *cli, const char *text, struct strbuf *out);

/** doc/cli.md, from the tables. */
void cli_doc(const struct cli *cli, struct strbuf *out);

/** For a handler whose errors need more than a sentence: what it appends is shown instead. */
struct strbuf *cli_errors(struct cli_call *call);
/** Where the client's relative paths start, or NULL. */
const char *cli_directory(const struct cli_call *call);

#endif
