/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Options of TCP in words: `mss=1460 sackok ts=1:0 nop wscale=7`. An option is a row in
 * script_tcp_option.c.
 */
#ifndef SCRIPT_TCP_OPTION_H
#define SCRIPT_TCP_OPTION_H

#include <stddef.h>
#include <stdint.h>

/** The longest: 40 bytes are all that a header has room for. */
#define SCRIPT_TCP_OPTION_MAX 40

/**
 * Write an option. A value `*` is any: its bits of the mask are 0.
 * @param value what is behind `=`; NULL: nothing
 * @return its length; -ENOENT: none is called so; -EINVAL: not with this value
 */
int script_tcp_option_parse(const char *name, const char *value,
	uint8_t bytes[SCRIPT_TCP_OPTION_MAX], uint8_t mask[SCRIPT_TCP_OPTION_MAX]);

/** Options as words. @param mask NULL: all of them matter */
void script_tcp_options_format(
	const uint8_t *bytes, const uint8_t *mask, size_t length, char *text, size_t size);

#endif
