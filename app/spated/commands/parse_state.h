/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections or associations, by the name of their state. */
#ifndef COMMANDS_PARSE_STATE_H
#define COMMANDS_PARSE_STATE_H

#include "cli/cli.h"

/*
 * The word "state", if it is there.
 * @param names of all states, [count]; those from `first` on are told to who names none of them
 * @param states a bit each; as it was without the word
 * @return 0; -ENOENT, with a message
 */
int parse_state(struct cli_call *call, const char *const *names, unsigned first, unsigned count,
	uint16_t *states);

#endif
