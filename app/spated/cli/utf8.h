/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * UTF-8, as much of it as keeps terminals and JSON whole. Used by line.c, diag.c and show_*.c.
 */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @param available bytes that may be looked at, at least 1
 * @return the length of the character at `text`, or 0 if it is no UTF-8 (RFC 3629)
 */
unsigned cli_utf8_length(const char *text, size_t available);

/**
 * Step over the character at `text`, or over one byte that is none.
 *
 * @param printable false for what must not reach a terminal: control characters, of 7 or
 *        of 8 bits, and what is no UTF-8
 */
unsigned cli_utf8_step(const char *text, size_t available, bool *printable);

#endif
