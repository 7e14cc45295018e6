/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the CLI's own parser does for "route add", for a million lines: without its tables, and with
 * one pass over the line. Called by route_load.c.
 */
#include "commands/route_line.h"

#include <stdlib.h>

#include <bsd/string.h>

#define WORD_MAX 64

/* The words of a line, one after the other. */
struct words {
	const struct stack *stack;
	const char *at, *end;
	char word[WORD_MAX]; /* the last one; "" at the end */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Errors repeat words to people's terminals. */
static bool
is_printable(char c)
{
	return c > ' ' && c <= '~';
}

/* @return whether there was one */
static bool
next_word(struct words *words)
{
	size_t length = 0;

	while (words->at < words->end && is_blank(*words->at))
		words->at++;
	while (words->at < words->end && !is_blank(*words->at)) {
		if (length < WORD_MAX - 1)
			words->word[length++] = is_printable(*words->at) ? *words->at : '?';
		words->at++;
	}
	words->word[length] = '\0';
	if (words->word[0] == '#') {
		words->at = words->end;
		words->word[0] = '\0';
	}
	return words->word[0] != '\0';
}

static bool
is_word(const struct words *words, const char *word)
{
	return strcmp(words->word, word) == 0;
}

static int
parse_number(struct words *words, uint32_t min, uint32_t max, uint32_t *number, struct error *err)
{
	char *end;
	unsigned long value;

	next_word(words);
	value = strtoul(words->word, &end, 10);
	if (words->word[0] < '0' || words->word[0] > '9' || *end != '\0' || value < min ||
		value > max)
		return error_set(
			err, EINVAL, "\"%s\" is no number from %u to %u", words->word, min, max);
	*number = (uint32_t)value;
	return 0;
}

static int
parse_iface(struct words *words, char iface[IFACE_NAME_MAX], struct error *err)
{
	next_word(words);
	if (words->word[0] == '\0' || strlcpy(iface, words->word, IFACE_NAME_MAX) >= IFACE_NAME_MAX)
		return error_set(err, EINVAL, "\"%s\" is no name of an interface", words->word);
	return 0;
}

static int
parse_vrf_name(struct words *words, uint16_t *vrf, struct error *err)
{
	next_word(words);
	return stack_vrf_find(words->stack, words->word, vrf, err);
}

/* Behind "via". The word that belongs to no path is left in `words`. */
static int
parse_path(struct words *words, struct stack_route *route, struct error *err)
{
	struct stack_path *path = &route->paths[route->path_count];
	int rc = 0;

	if (route->path_count == NEXTHOP_PATHS_MAX)
		return error_set(err, E2BIG, "a route has at most %u paths", NEXTHOP_PATHS_MAX);
	memset(path, 0, sizeof(*path));
	path->weight = 1;
	next_word(words);
	if (ip_addr_parse(words->word, &path->gateway) != 0)
		return error_set(err, EINVAL, "\"%s\" is no address of a gateway", words->word);
	route->path_count++;
	while (rc == 0 && next_word(words)) {
		if (is_word(words, "dev")) {
			rc = parse_iface(words, path->iface, err);
		} else if (is_word(words, "weight")) {
			rc = parse_number(words, 1, NEXTHOP_WEIGHT_MAX, &path->weight, err);
		} else if (is_word(words, "recursive")) {
			path->recursive = true;
		} else if (is_word(words, "nexthop-vrf")) {
			path->leaked = true;
			rc = parse_vrf_name(words, &path->vrf, err);
		} else {
			break;
		}
	}
	return rc;
}

static int
parse_paths(struct words *words, struct stack_route *route, struct error *err)
{
	int rc = 0;

	route->type = STACK_ROUTE_VIA;
	while (rc == 0 && is_word(words, "via"))
		rc = parse_path(words, route, err);
	return rc;
}

/* Behind "dev". */
static int
parse_dev(struct words *words, struct stack_route *route, struct error *err)
{
	int rc = parse_iface(words, route->iface, err);

	route->type = STACK_ROUTE_DEV;
	next_word(words);
	if (rc < 0 || !is_word(words, "nexthop-vrf"))
		return rc;
	route->leaked = true;
	rc = parse_vrf_name(words, &route->nexthop_vrf, err);
	next_word(words);
	return rc;
}

/* Where the route leads. */
static int
parse_to(struct words *words, struct stack_route *route, struct error *err)
{
	if (is_word(words, "via"))
		return parse_paths(words, route, err);
	if (is_word(words, "blackhole")) {
		route->type = STACK_ROUTE_BLACKHOLE;
	} else if (is_word(words, "unreachable")) {
		route->type = STACK_ROUTE_UNREACHABLE;
	} else if (is_word(words, "prohibit")) {
		route->type = STACK_ROUTE_PROHIBIT;
	} else if (is_word(words, "dev")) {
		return parse_dev(words, route, err);
	} else {
		return error_set(err, EINVAL,
			"\"%s\" is not via, dev, blackhole, unreachable or prohibit", words->word);
	}
	next_word(words);
	return 0;
}

/* What may follow, in any order. */
static int
parse_options(struct words *words, struct stack_route *route, struct error *err)
{
	int rc = 0;

	for (; rc == 0 && words->word[0] != '\0'; next_word(words)) {
		if (is_word(words, "metric"))
			rc = parse_number(words, 0, UINT32_MAX, &route->metric, err);
		else if (is_word(words, "vrf"))
			rc = parse_vrf_name(words, &route->vrf, err);
		else if (is_word(words, "counted"))
			route->counted = true;
		else
			rc = error_set(err, EINVAL, "\"%s\" is not expected here", words->word);
	}
	return rc;
}

int
route_line_parse(const struct stack *stack, uint16_t vrf, const char *line, size_t length,
	struct stack_route *route, bool *replace, struct error *err)
{
	struct words words = { .stack = stack, .at = line, .end = line + length };
	int rc;

	if (!next_word(&words))
		return 1;
	*replace = false;
	if (is_word(&words, "route")) {
		next_word(&words);
		*replace = is_word(&words, "replace");
		if (!*replace && !is_word(&words, "add"))
			return error_set(err, EINVAL, "\"route %s\" is not route add or replace",
				words.word);
		next_word(&words);
	}
	route->vrf = vrf;
	route->metric = 0;
	route->path_count = 0;
	route->counted = route->leaked = false;
	if (ip_prefix_parse(words.word, &route->prefix) != 0)
		return error_set(err, EINVAL, "\"%s\" is no prefix", words.word);
	next_word(&words);
	rc = parse_to(&words, route, err);
	return rc == 0 ? parse_options(&words, route, err) : rc;
}
