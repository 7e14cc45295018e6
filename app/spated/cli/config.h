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
	CLI_CONFIG_START, /**< the CLI_AT_START lines, wherever they stand in the file */
	CLI_CONFIG_REST, /**< all others */
};

struct cli_config;

/**
 * Read a file and parse every line of it.
 *
 * @return NULL with `errors` naming the first 20 bad lines, and the number of them all
 */
struct cli_config *cli_config_read(struct cli *cli, const char *path, struct strbuf *errors);

/**
 * Run the lines of one phase. If one fails, those before it are undone.
 *
 * @return 0, or the line's -errno with `errors` set
 */
int cli_config_run(struct cli_config *config, struct cli *cli, enum cli_config_phase phase,
	struct strbuf *out, struct strbuf *errors);
void cli_config_free(struct cli_config *config);

/** Read a file for its errors only. @return 0, or -EINVAL with `errors` set */
int cli_config_check(struct cli *cli, const char *path, struct strbuf *errors);

/** Read and run a file while the daemon runs; CLI_AT_START lines are errors then. */
int cli_config_load(struct cli *cli, const char *path, struct strbuf *out, struct strbuf *errors);

/**
 * Write the running state as commands: to a new file of mode 0600 that takes the
 * place of `path` once it is safely on disk.
 */
int cli_config_save(const struct cli *cli, const char *path, struct error *err);

#endif
