/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of TCP in words and in bytes: see script_tcp_option.h. */
#include "script/script_tcp_option.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/script_text.h"

struct option {
	const char *name;
	uint8_t kind;
	uint8_t width; /* bytes of a value */
	uint8_t values; /* what is between colons */
	bool repeated; /* several of these, between commas */
	bool single; /* one byte, without a length */
};

static const struct option options[] = {
	{ "eol", 0, 0, 0, false, true }, /* RFC 9293 3.2 */
	{ "nop", 1, 0, 0, false, true }, { "mss", 2, 2, 1, false, false },
	{ "wscale", 3, 1, 1, false, false }, /* RFC 7323 2.2 */
	{ "sackok", 4, 0, 0, false, false }, /* RFC 2018 2 */
	{ "sack", 5, 4, 2, true, false }, /* RFC 2018 3 */
	{ "ts", 8, 4, 2, false, false }, /* RFC 7323 3.2 */
	{ "uto", 28, 2, 1, false, false }, /* RFC 5482 3.3: as it stands */
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

/* A number, `*`, or a variable. */
static int
value_parse(const struct script_variables *variables, const struct option *option, const char *word,
	struct script_tcp_option *made)
{
	const struct script_field field = { .name = option->name,
		.bit = (uint16_t)(8 * made->length),
		.width = 8 * option->width };
	struct script_binding binding;
	uint64_t value;

	made->length += option->width;
	if (strcmp(word, "*") == 0)
		return 0;
	if (word[0] == '$' || word[0] == '!') {
		if (script_binding_parse(variables, word, &binding) < 0)
			return -EINVAL;
		if (!binding.known || binding.differs) {
			binding.field = field;
			made->bindings[made->binding_count++] = binding;
			return 0;
		}
		script_value_put(&field, made->bytes, &binding.value);
	} else {
		if (script_number(word, UINT64_MAX >> (64 - field.width), &value) < 0)
			return -EINVAL;
		script_bits_set(made->bytes, field.bit, field.width, value);
	}
	script_bits_set(made->mask, field.bit, field.width, UINT64_MAX);
	return 0;
}

/* VALUE:VALUE,VALUE:VALUE */
static int
values_parse(const struct script_variables *variables, const struct option *option,
	const char *text, struct script_tcp_option *made)
{
	unsigned count = 0;
	char copy[SCRIPT_WORD_MAX];
	char *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ":,")) != NULL) {
		if (++count > SCRIPT_TCP_OPTION_VALUES ||
			value_parse(variables, option, word, made) < 0)
			return -EINVAL;
	}
	return count % option->values != 0 || (count != option->values && !option->repeated)
		? -EINVAL
		: 0;
}

int
script_tcp_option_parse(const struct script_variables *variables, const char *name,
	const char *value, struct script_tcp_option *made)
{
	const struct option *option = NULL;

	for (unsigned i = 0; i < OPTION_COUNT && option == NULL; i++) {
		if (strcmp(options[i].name, name) == 0)
			option = &options[i];
	}
	if (option == NULL)
		return -ENOENT;
	if ((option->values != 0) != (value != NULL))
		return -EINVAL;
	*made = (struct script_tcp_option){
		.length = option->single ? 1 : 2, .bytes = { option->kind }, .mask = { 0xff, 0xff }
	};
	if (value != NULL && values_parse(variables, option, value, made) < 0)
		return -EINVAL;
	if (!option->single)
		made->bytes[1] = (uint8_t)made->length;
	return 0;
}

static const struct option *
option_by_kind(uint8_t kind)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		if (options[i].kind == kind)
			return &options[i];
	}
	return NULL;
}

/* One option that is whole: its values, or its bytes where it is not as it should be. */
static void
option_format(const uint8_t *bytes, const uint8_t *mask, unsigned length, char *text, size_t size)
{
	const struct option *option = option_by_kind(bytes[0]);
	unsigned values = option != NULL && option->width != 0 ? (length - 2) / option->width : 0;
	int at;

	if (option == NULL || (!option->single && length != 2 + values * option->width) ||
		(!option->repeated && values != option->values)) {
		at = snprintf(text, size, "kind%u=0x", bytes[0]);
		for (unsigned i = 2; i < length; i++)
			at += snprintf(text + at, size - (size_t)at, "%02x", bytes[i]);
		return;
	}
	at = snprintf(text, size, "%s", option->name);
	for (unsigned i = 0; i < values; i++) {
		const unsigned from = 2 + i * option->width;
		const char *between = i == 0 ? "=" : i % option->values != 0 ? ":" : ",";
		uint32_t value = 0;

		for (unsigned b = 0; b < option->width; b++)
			value = value << 8 | bytes[from + b];
		if (mask != NULL && mask[from] == 0)
			at += snprintf(text + at, size - (size_t)at, "%s*", between);
		else
			at += snprintf(text + at, size - (size_t)at, "%s%u", between, value);
	}
}

void
script_tcp_options_format(
	const uint8_t *bytes, const uint8_t *mask, size_t length, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t at = 0; at < length;) {
		unsigned own = bytes[at] < 2 ? 1 : at + 1 < length ? bytes[at + 1] : 0;
		char word[128];

		/* RFC 9293 3.1: what is behind the end of the list is padding. */
		if (own == 0 || (own == 1 && bytes[at] >= 2) || at + own > length) {
			snprintf(word, sizeof(word), "broken");
			own = (unsigned)(length - at);
		} else {
			option_format(bytes + at, mask != NULL ? mask + at : NULL, own, word,
				sizeof(word));
		}
		used += (size_t)snprintf(
			text + used, size - used, "%s%s", used == 0 ? "" : " ", word);
		if (used >= size || bytes[at] == 0)
			return;
		at += own;
	}
}
