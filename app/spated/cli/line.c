/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts a line into words; called by parser.c before anything else looks at what a client sent. */
#include "cli/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/utf8.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int
line_check(const char *text, size_t length, struct cli_line_fault *fault)
{
	*fault = (struct cli_line_fault){ .length = 1 };
	if (length > CLI_LINE_MAX) {
		fault->reason = "the line is longer than 65536 bytes";
		return -EINVAL;
	}
	for (size_t i = 0, step; i < length; i += step) {
		unsigned char c = text[i];

		step = cli_utf8_length(text + i, length - i);
		if (step == 0) {
			fault->reason = "the line is not UTF-8";
			fault->offset = i;
			return -EINVAL;
		}
		if ((c < ' ' && c != '\t') || c == 0x7f) {
			fault->reason = c == '\0' ? "a NUL byte stands in the line"
						  : "a control character stands in the line";
			fault->offset = i;
			return -EINVAL;
		}
	}
	return 0;
}

/* Copies the word at `pos` without its quotes; returns where it ends in the line. */
static size_t
word_read(struct cli_line *line, size_t pos, char **value, struct cli_word *word)
{
	const char *text = line->text;
	bool inside = false;
	char *out = *value;

	*word = (struct cli_word){ .offset = pos, .text = out };
	for (; pos < line->length; pos++) {
		char c = text[pos];

		if (c == '"') {
			inside = !inside;
			word->quoted = true;
			continue;
		}
		if (!inside && is_blank(c))
			break;
		if (inside && c == '\\' && pos + 1 < line->length &&
			(text[pos + 1] == '"' || text[pos + 1] == '\\'))
			c = text[++pos];
		*out++ = c;
	}
	*out++ = '\0';
	*value = out;
	word->length = pos - word->offset;
	line->open_quote = inside;
	return pos;
}

/* An upper bound, to allocate once: a word starts after a blank. */
static unsigned
words_bound(const char *text, size_t length)
{
	unsigned count = 1;

	for (size_t i = 1; i < length; i++)
		count += is_blank(text[i - 1]) && !is_blank(text[i]);
	return count;
}

int
cli_line_split(struct cli_line *line, const char *text, size_t length, struct cli_line_fault *fault)
{
	unsigned bound;
	size_t pos = 0;
	char *value;
	int ret;

	*line = (struct cli_line){ .text = text, .length = length };
	ret = line_check(text, length, fault);
	if (ret != 0)
		return ret;
	bound = words_bound(text, length);
	line->words = calloc(bound, sizeof(*line->words));
	line->values = malloc(length + bound + 1);
	if (line->words == NULL || line->values == NULL) {
		cli_line_free(line);
		return -ENOMEM;
	}
	for (value = line->values;;) {
		while (pos < length && is_blank(text[pos]))
			pos++;
		if (pos == length || text[pos] == '#')
			break;
		if (line->count == CLI_WORDS_MAX) {
			*fault = (struct cli_line_fault){ "the line has more than 8192 words", pos,
				1 };
			cli_line_free(line);
			return -EINVAL;
		}
		pos = word_read(line, pos, &value, &line->words[line->count++]);
		line->end = pos;
	}
	return 0;
}

void
cli_line_free(struct cli_line *line)
{
	free(line->words);
	free(line->values);
	line->words = NULL;
	line->values = NULL;
	line->count = 0;
}
