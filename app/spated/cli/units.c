/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and writes numbers with units; type.c has their types. */
#include "cli/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CHANCE_MAX 1000000000U
/* Far above what anybody means, far below an overflow. */
#define NUMBER_MAX 1000000000000ULL

struct unit {
	const char *name;
	uint64_t scale;
};

static const struct unit times[] = { { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 },
	{ "ns", 1 }, { NULL, 0 } };
static const struct unit rates[] = { { "gbit", 1000000000 }, { "mbit", 1000000 }, { "kbit", 1000 },
	{ "bit", 1 }, { NULL, 0 } };
static const struct unit chances[] = { { "%", CHANCE_MAX / 100 }, { NULL, 0 } };

static bool
unit_parse(const char *word, const struct unit *units, uint64_t *value)
{
	uint64_t whole = 0, fraction = 0, fraction_scale = 1;

	if (!isdigit((unsigned char)*word))
		return false;
	for (; isdigit((unsigned char)*word); word++) {
		whole = whole * 10 + (uint64_t)(*word - '0');
		if (whole > NUMBER_MAX)
			return false;
	}
	if (*word == '.') {
		for (word++; isdigit((unsigned char)*word); word++) {
			fraction = fraction * 10 + (uint64_t)(*word - '0');
			fraction_scale *= 10;
			if (fraction_scale > CHANCE_MAX)
				return false;
		}
	}
	*value = 0;
	if (*word == '\0')
		return whole == 0 && fraction == 0;
	for (; units->name != NULL && strcmp(units->name, word) != 0; units++)
		continue;
	if (units->name == NULL || (units->scale > 1 && whole > UINT64_MAX / 2 / units->scale))
		return false;
	*value = whole * units->scale + fraction * units->scale / fraction_scale;
	return true;
}

/* By the largest unit of which it is a multiple. */
static char *
unit_format(uint64_t value, const struct unit *units, char text[CLI_UNITS_TEXT_MAX])
{
	while (value % units->scale != 0)
		units++;
	if (value == 0)
		snprintf(text, CLI_UNITS_TEXT_MAX, "0");
	else
		snprintf(text, CLI_UNITS_TEXT_MAX, "%" PRIu64 "%s", value / units->scale,
			units->name);
	return text;
}

bool
cli_time_parse(const char *word, uint64_t *ns)
{
	return unit_parse(word, times, ns);
}

bool
cli_rate_parse(const char *word, uint64_t *bps)
{
	return unit_parse(word, rates, bps);
}

bool
cli_chance_parse(const char *word, uint64_t *ppb)
{
	return unit_parse(word, chances, ppb) && *ppb <= CHANCE_MAX;
}

char *
cli_time_format(uint64_t ns, char text[CLI_UNITS_TEXT_MAX])
{
	return unit_format(ns, times, text);
}

char *
cli_rate_format(uint64_t bps, char text[CLI_UNITS_TEXT_MAX])
{
	return unit_format(bps, rates, text);
}

char *
cli_chance_format(uint64_t ppb, char text[CLI_UNITS_TEXT_MAX])
{
	const uint64_t percent = CHANCE_MAX / 100;
	int length = snprintf(
		text, CLI_UNITS_TEXT_MAX, "%" PRIu64 ".%07" PRIu64, ppb / percent, ppb % percent);

	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] == '.')
		length--;
	snprintf(text + length, CLI_UNITS_TEXT_MAX - (size_t)length, "%%");
	return text;
}

bool
cli_arg_time(const struct cli_call *call, const char *name, uint64_t *ns)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL && cli_time_parse(word, ns);
}

bool
cli_arg_rate(const struct cli_call *call, const char *name, uint64_t *bps)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL && cli_rate_parse(word, bps);
}

bool
cli_arg_chance(const struct cli_call *call, const char *name, uint32_t *ppb)
{
	const char *word = cli_arg_string(call, name);
	uint64_t chance;

	if (word == NULL || !cli_chance_parse(word, &chance))
		return false;
	*ppb = (uint32_t)chance;
	return true;
}
