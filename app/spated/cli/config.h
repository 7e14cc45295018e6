/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Configuration files: commands, one a line. Checked as a whole, run or undone as a whole.
 *
 * Errors read "FILE:LINE: what is wrong", with the line and carets under the word.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/engine.h"

enum cli_config_phase {
	/** The CLI_AT_START lines, wherever they stand in the file. While the daemon runs they
	 * must say what is so already. */
	CLI_CONFIG_START,
	CLI_CONFIG_REST, /**< all others */
};

struct cli_config;

/**
 * Read a file, whose lines are then to be checked.
 *
 * @return NULL with `errors` set
 */
struct cli_config *cli_config_open(const char *path, struct strbuf *errors);
/**
 * Parse so many lines more.
 *
 * @return 1: there are more; 0: that was all, and all are good; else -errno with `errors` naming the
 *         first 20 bad lines, and the number of them all
 */
int cli_config_check(
	struct cli_config *config, struct cli *cli, unsigned lines, struct strbuf *errors);
/** Both at once. @return NULL with `errors` set */
struct cli_config *cli_config_read(struct cli *cli, const char *path, struct strbuf *errors);

/**
 * Run one line of a phase; if one has failed, take back one of those before it.
 *
 * @return 1: there is more to do; 0: all was run; the failed line's -errno with `errors` set: all was
 *         taken back
 */
int cli_config_step(struct cli_config *config, struct cli *cli, enum cli_config_phase phase,
	struct strbuf *out, struct strbuf *errors);
/** Nobody wants it any more: steps take back from now on. @return whether there is anything */
bool cli_config_abandon(struct cli_config *config);
/** All steps at once. */
int cli_config_run(struct cli_config *config, struct cli *cli, enum cli_config_phase phase,
	struct strbuf *out, struct strbuf *errors);
void cli_config_free(struct cli_config *config);

/**
 * For the handlers of 'config check' and 'config load': checked in slices, then run in slices, or not.
 * Meanwhile nobody else can change the configuration, so that it can be taken back.
 */
int cli_config_start(struct cli_call *call, const char *path, bool to_run);

/** Where in the running state one is; zero: at its start. */
struct cli_config_cursor {
	unsigned noun;
	_Alignas(8) uint8_t position[CLI_CONFIG_POSITION]; /**< the noun's */
};

/** Print some of the running state, as commands. @return whether there is more */
bool cli_config_next(const struct cli *cli, struct cli_config_cursor *cursor, struct strbuf *out);

/** For handlers: print the running state as commands, in slices. */
int cli_config_show(struct cli_call *call);
/**
 * For handlers: write it to a new file of mode 0600 that takes the place of `path` once it is
 * safely on disk. In slices, and from the start again if the configuration changes meanwhile.
 */
int cli_config_save(struct cli_call *call, const char *path);

#endif
