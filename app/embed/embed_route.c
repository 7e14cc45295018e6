/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes: by arguments, or in the words of `route add`. */
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "embed/embed.h"

/* ---- by arguments ---- */

static int
iface_set(char iface[IFACE_NAME_MAX], const char *name, struct error *err)
{
	if (strlcpy(iface, name, IFACE_NAME_MAX) >= IFACE_NAME_MAX)
		return error_set(err, ENOENT, "no interface \"%.64s\"", name);
	return 0;
}

static int
route_parse(struct stack_route *route, const char *prefix, const char *gateway, const char *iface,
	struct error *err)
{
	int rc = embed_prefix_parse(prefix, &route->prefix, err);

	if (rc < 0)
		return rc;
	if (gateway == NULL && iface == NULL)
		return error_set(err, EINVAL, "a route needs a gateway, or an interface, or both");
	if (gateway == NULL) {
		route->type = STACK_ROUTE_DEV;
		return iface_set(route->iface, iface, err);
	}
	route->type = STACK_ROUTE_VIA;
	route->path_count = 1;
	route->paths[0].weight = 1;
	rc = embed_addr_parse(gateway, &route->paths[0].gateway, err);
	if (rc == 0 && iface != NULL)
		rc = iface_set(route->paths[0].iface, iface, err);
	return rc;
}

/* ---- in words ---- */

struct words {
	char *rest;
	const char *word; /* NULL: they are at their end */
};

static void
word_next(struct words *words)
{
	do {
		words->word = strsep(&words->rest, " ");
	} while (words->word != NULL && words->word[0] == '\0');
}

static bool
word_is(const struct words *words, const char *word)
{
	return words->word != NULL && strcmp(words->word, word) == 0;
}

/* The word behind the one that was read. */
static int
value_next(struct words *words, struct error *err)
{
	const char *name = words->word;

	word_next(words);
	if (words->word == NULL)
		return error_set(err, EINVAL, "what follows \"%s\"?", name);
	return 0;
}

static int
weight_parse(const char *word, uint32_t *weight, struct error *err)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end != '\0' || value == 0 || value > UINT32_MAX)
		return error_set(err, EINVAL, "\"%.64s\" is no weight", word);
	*weight = (uint32_t)value;
	return 0;
}

/* via GATEWAY [dev IFACE] [weight N] */
static int
path_parse(struct words *words, struct stack_path *path, struct error *err)
{
	int rc = value_next(words, err);

	path->weight = 1;
	if (rc == 0)
		rc = embed_addr_parse(words->word, &path->gateway, err);
	while (rc == 0) {
		word_next(words);
		if (word_is(words, "dev")) {
			rc = value_next(words, err);
			if (rc == 0)
				rc = iface_set(path->iface, words->word, err);
		} else if (word_is(words, "weight")) {
			rc = value_next(words, err);
			if (rc == 0)
				rc = weight_parse(words->word, &path->weight, err);
		} else {
			return 0;
		}
	}
	return rc;
}

static int
paths_parse(struct words *words, struct stack_route *route, struct error *err)
{
	int rc = 0;

	route->type = STACK_ROUTE_VIA;
	while (rc == 0 && word_is(words, "via")) {
		if (route->path_count == NEXTHOP_PATHS_MAX)
			return error_set(
				err, EINVAL, "a route has %u ways at most", NEXTHOP_PATHS_MAX);
		rc = path_parse(words, &route->paths[route->path_count++], err);
	}
	return rc;
}

static int
way_parse(struct words *words, struct stack_route *route, struct error *err)
{
	int rc = 0;

	word_next(words);
	if (word_is(words, "via"))
		return paths_parse(words, route, err);
	if (word_is(words, "dev")) {
		route->type = STACK_ROUTE_DEV;
		rc = value_next(words, err);
		if (rc == 0)
			rc = iface_set(route->iface, words->word, err);
	} else if (word_is(words, "blackhole")) {
		route->type = STACK_ROUTE_BLACKHOLE;
	} else if (word_is(words, "unreachable")) {
		route->type = STACK_ROUTE_UNREACHABLE;
	} else if (word_is(words, "prohibit")) {
		route->type = STACK_ROUTE_PROHIBIT;
	} else {
		return error_set(err, EINVAL,
			"a route is via GATEWAY [dev IFACE] [weight N]..., dev IFACE, blackhole, "
			"unreachable or prohibit");
	}
	word_next(words);
	return rc;
}

static int
words_parse(struct stack_route *route, const char *text, struct error *err)
{
	char *copy = strdup(text);
	struct words words = { .rest = copy };
	int rc;

	if (copy == NULL)
		return error_set(err, ENOMEM, "no memory for a route");
	rc = way_parse(&words, route, err);
	if (rc == 0 && words.word != NULL)
		rc = error_set(err, EINVAL, "\"%.64s\" does not belong there", words.word);
	free(copy);
	return rc;
}

/* ---- what programs call ---- */

/* As large as a route of all paths. */
static struct stack_route *
route_alloc(struct error *err)
{
	struct stack_route *route = calloc(1, sizeof(*route));

	if (route == NULL)
		error_set(err, ENOMEM, "no memory for a route");
	return route;
}

int
spate_route_add(struct spate *spate, const char *prefix, const char *gateway, const char *iface)
{
	struct error err;
	struct stack_route *route = route_alloc(&err);
	int rc = -ENOMEM;

	embed_run(spate);
	if (route != NULL)
		rc = route_parse(route, prefix, gateway, iface, &err);
	if (rc == 0)
		rc = stack_route_add(spate->stack, route, false, &err);
	free(route);
	return embed_changed(spate, rc, &err);
}

int
spate_route_remove(struct spate *spate, const char *prefix)
{
	return spate_route_unset(spate, NULL, prefix);
}

int
spate_route_set(struct spate *spate, const char *vrf, const char *prefix, const char *way)
{
	struct error err;
	struct stack_route *route = route_alloc(&err);
	int rc = -ENOMEM;

	embed_run(spate);
	if (route != NULL)
		rc = embed_prefix_parse(prefix, &route->prefix, &err);
	if (rc == 0)
		rc = stack_vrf_find(spate->stack, vrf, &route->vrf, &err);
	if (rc == 0)
		rc = words_parse(route, way, &err);
	if (rc == 0)
		rc = stack_route_add(spate->stack, route, true, &err);
	free(route);
	return embed_changed(spate, rc, &err);
}

int
spate_route_unset(struct spate *spate, const char *vrf, const char *text)
{
	struct ip_prefix prefix;
	struct error err;
	uint16_t index;
	int rc = embed_prefix_parse(text, &prefix, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_vrf_find(spate->stack, vrf, &index, &err);
	if (rc == 0)
		rc = stack_route_remove(spate->stack, index, &prefix, &err);
	return embed_changed(spate, rc, &err);
}
