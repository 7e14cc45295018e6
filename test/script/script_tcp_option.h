/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Options of TCP in words: `mss=1460 sackok ts=1:0 nop wscale=7`. An option is a row in
 * script_tcp_option.c.
 */
#ifndef SCRIPT_TCP_OPTION_H
#define SCRIPT_TCP_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include "script/script_variable.h"

/** The longest: 40 bytes are all that a header has room for. */
#define SCRIPT_TCP_OPTION_MAX    40
#define SCRIPT_TCP_OPTION_VALUES 8 /**< of SACK: four blocks */

struct script_tcp_option {
	unsigned length;
	uint8_t bytes[SCRIPT_TCP_OPTION_MAX];
	uint8_t mask[SCRIPT_TCP_OPTION_MAX]; /**< 0 where any value will do: `*`, and variables */
	/** Variables that have no value yet, or are to differ; bits are counted from the option on. */
	struct script_binding bindings[SCRIPT_TCP_OPTION_VALUES];
	unsigned binding_count;
};

/**
 * Write an option.
 * @param value what is behind `=`; NULL: nothing
 * @return 0; -ENOENT: none is called so; -EINVAL: not with this value
 */
int script_tcp_option_parse(const struct script_variables *variables, const char *name,
	const char *value, struct script_tcp_option *option);

/** Options as words. @param mask NULL: all of them matter */
void script_tcp_options_format(
	const uint8_t *bytes, const uint8_t *mask, size_t length, char *text, size_t size);

#endif
