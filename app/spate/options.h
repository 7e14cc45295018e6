/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * spate's command line.
 */
#ifndef SPATE_OPTIONS_H
#define SPATE_OPTIONS_H

#include <stdbool.h>

enum options_verdict { OPTIONS_GO, OPTIONS_DONE, OPTIONS_WRONG };

/** What to do, in the order given: -c COMMAND, -f FILE. */
struct options_job {
	const char *command; /**< or NULL */
	const char *file;
};

struct options {
	char socket[256];
	const char *instance; /**< for the prompt; NULL for the default one */
	bool json;
	struct options_job *jobs;
	unsigned job_count;
	char *words; /**< the command made of the words after the options, or NULL */
};

/** Prints help, version, or what is wrong. @return whether to go on */
enum options_verdict options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
