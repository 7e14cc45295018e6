/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A line of a script while it is read, word by word, and what is wrong with it.
 */
#ifndef SCRIPT_TEXT_H
#define SCRIPT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/script_variable.h"

#define SCRIPT_WORD_MAX  256
#define SCRIPT_ERROR_MAX 4096

struct script_text {
	const char *file;
	unsigned line;
	const char *text; /**< the whole line, without its end */
	const char *at; /**< what is still to be read */
	const char *word_at; /**< where the last word began */
	char word[SCRIPT_WORD_MAX]; /**< the last word */
	struct script_variables variables; /**< of the script, up to this line */
	char error[SCRIPT_ERROR_MAX]; /**< "" while all is well */
};

/** The next word into text->word. @return false: the line ends */
bool script_word(struct script_text *text);
/** Whether the next word is this one; if so it is read. */
bool script_word_is(struct script_text *text, const char *word);
/** The rest of the line, without blanks in front. */
const char *script_rest(struct script_text *text);

/** Note what is wrong, with file, line and a caret under the last word. @return -EINVAL */
int script_fail(struct script_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** A number of any base of C, up to max. @return 0 or -EINVAL */
int script_number(const char *word, uint64_t max, uint64_t *value);
/** Pairs of hexadecimal digits. @return how many bytes, or -EINVAL */
int script_hex(const char *word, uint8_t *bytes, size_t size);

/** The byte at a place of what scripts call data. */
static inline uint8_t
script_pattern(uint64_t place)
{
	return (uint8_t)(place + place / 256);
}

#endif
