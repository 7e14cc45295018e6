/* SPDX-License-Identifier: BSD-3-Clause */
/* Words, numbers and errors of a script's line: see script_text.h. */
#include "script/script_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
script_word(struct script_text *text)
{
	size_t length = 0;

	while (isspace((unsigned char)*text->at))
		text->at++;
	text->word_at = text->at;
	for (; *text->at != '\0' && !isspace((unsigned char)*text->at); text->at++) {
		if (length < sizeof(text->word) - 1)
			text->word[length++] = *text->at;
	}
	text->word[length] = '\0';
	return length > 0;
}

bool
script_word_is(struct script_text *text, const char *word)
{
	const char *at = text->at, *word_at = text->word_at;
	char before[SCRIPT_WORD_MAX];

	memcpy(before, text->word, sizeof(before));
	if (script_word(text) && strcmp(text->word, word) == 0)
		return true;
	text->at = at;
	text->word_at = word_at;
	memcpy(text->word, before, sizeof(before));
	return false;
}

const char *
script_rest(struct script_text *text)
{
	while (isspace((unsigned char)*text->at))
		text->at++;
	text->word_at = text->at;
	return text->at;
}

int
script_fail(struct script_text *text, const char *format, ...)
{
	char what[SCRIPT_ERROR_MAX / 2];
	int column = (int)(text->word_at - text->text);
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* The caret stands under the word, whatever tabs are in front of it. */
	snprintf(text->error, sizeof(text->error), "%s:%u: %s\n  %s\n  %*s^\n", text->file,
		text->line, what, text->text, column, "");
	return -EINVAL;
}

int
script_number(const char *word, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(word, &end, 0);
	if (!isdigit((unsigned char)*word) || *end != '\0' || errno != 0 || *value > max)
		return -EINVAL;
	return 0;
}

int
script_hex(const char *word, uint8_t *bytes, size_t size)
{
	size_t length = strlen(word);
	char pair[3] = { 0 };

	if (length % 2 != 0 || length / 2 > size)
		return -EINVAL;
	for (size_t i = 0; i < length; i += 2) {
		memcpy(pair, word + i, 2);
		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return -EINVAL;
		bytes[i / 2] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return (int)(length / 2);
}
