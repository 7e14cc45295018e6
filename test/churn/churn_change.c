/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The changes: what a routing protocol and a restless network would do, through the functions that
 * the CLI calls. Each is noted in the timelines before it begins and when it is complete.
 */
#include "churn/churn.h"

#include <stdio.h>
#include <stdlib.h>

#define METRIC_PRIMARY 10
#define METRIC_BACKUP  20
#define VARIANTS       200 /* of MAC addresses */

void
churn_die(const char *what, const struct error *err)
{
	fprintf(stderr, "churn: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

/* ---- what is done to the stack ---- */

static void
route_do(const struct family *family, const struct ip_prefix *prefix, uint32_t metric, uint16_t way)
{
	struct error err = { 0 };
	char text[IP_TEXT_MAX];
	int rc;

	if (way == TIMELINE_NONE) {
		rc = stack_route_remove_metric(churn.stack, IP_VRF_DEFAULT, prefix, metric, &err);
	} else {
		struct stack_route *route = family->ways[way].route;

		route->prefix = *prefix;
		route->metric = metric;
		rc = stack_route_add(churn.stack, route, true, &err);
	}
	if (rc < 0)
		churn_die(ip_prefix_format(prefix, text), &err);
}

static void
sink_name(unsigned sink, char name[8])
{
	snprintf(name, 8, "p%u", sink + 1);
}

static void
neigh_do(const struct family *family, unsigned sink, unsigned number, uint16_t variant)
{
	const struct ip_addr addr = plan_neigh(family, sink, number);
	const struct mac_addr mac = plan_mac(sink, number, variant);
	struct error err = { 0 };
	char name[8], text[IP_TEXT_MAX];
	int rc;

	sink_name(sink, name);
	if (variant == TIMELINE_NONE)
		rc = stack_neigh_remove(churn.stack, name, &addr, &err);
	else
		rc = stack_neigh_add(churn.stack, name, &addr, &mac, &err);
	if (rc < 0)
		churn_die(ip_addr_format(&addr, text), &err);
}

/* ---- single changes ---- */

static uint16_t
leaf_effective(const struct leaf *leaf)
{
	return leaf->primary != TIMELINE_NONE ? leaf->primary : leaf->backup;
}

/* Give one of the two routes of a leaf another way, or take it away. */
static void
leaf_change(struct family *family, unsigned index, bool primary, uint16_t way)
{
	struct leaf *leaf = &family->leaves[index];
	uint16_t *field = primary ? &leaf->primary : &leaf->backup;
	const struct ip_prefix prefix = plan_leaf(family, index);
	uint16_t before = leaf_effective(leaf);

	if (*field == TIMELINE_NONE && way == TIMELINE_NONE)
		return;
	*field = way;
	if (leaf_effective(leaf) == before) {
		route_do(family, &prefix, primary ? METRIC_PRIMARY : METRIC_BACKUP, way);
		return;
	}
	timeline_begin(&leaf->way, leaf_effective(leaf));
	route_do(family, &prefix, primary ? METRIC_PRIMARY : METRIC_BACKUP, way);
	timeline_end(&leaf->way);
}

static uint16_t
way_draw(const struct family *family, bool steady)
{
	return (uint16_t)churn_below(
		&churn.seed, steady ? family->steady_count : family->way_count);
}

static void
leaf_step(struct family *family, unsigned index)
{
	bool steady = plan_is_steady(family, index);
	uint16_t way = way_draw(family, steady);

	switch (churn_below(&churn.seed, 8)) {
	case 0:
	case 1: leaf_change(family, index, true, TIMELINE_NONE); break;
	case 2: leaf_change(family, index, false, TIMELINE_NONE); break;
	case 3: leaf_change(family, index, false, way); break;
	default: leaf_change(family, index, true, way); break;
	}
}

/* Only below covers: where there is none, nothing is to come in place of a leaf that goes. */
static void
middle_step(struct family *family)
{
	unsigned leaf = churn_below(&churn.seed, family->leaf_count);
	unsigned index = plan_middle_of(family, leaf);
	struct timeline *middle = &family->middles[index];
	const struct ip_prefix prefix = plan_middle(family, index);
	uint16_t way = way_draw(family, true);

	if (!plan_is_steady(family, leaf))
		return;
	if (timeline_now(middle) != TIMELINE_NONE && churn_below(&churn.seed, 2) == 0)
		way = TIMELINE_NONE;
	timeline_begin(middle, way);
	route_do(family, &prefix, 0, way);
	timeline_end(middle);
}

/* The ways of resolvers are the last steady ones: a resolver is never behind another. */
static void
resolver_step(struct family *family)
{
	unsigned index = churn_below(&churn.seed, CHURN_RESOLVERS);
	const struct ip_prefix prefix = plan_resolver(family, index);
	uint16_t way = (uint16_t)churn_below(&churn.seed, family->steady_count - CHURN_RESOLVERS);

	timeline_begin(&family->resolvers[index], way);
	route_do(family, &prefix, 0, way);
	timeline_end(&family->resolvers[index]);
}

static void
neigh_step(struct family *family)
{
	unsigned sink = churn_below(&churn.seed, CHURN_SINKS);
	unsigned number = churn_below(&churn.seed, CHURN_NEIGHS);
	struct timeline *neigh = &family->neighs[sink][number];
	uint16_t variant = (uint16_t)churn_below(&churn.seed, VARIANTS);

	if (number >= CHURN_STABLE && timeline_now(neigh) != TIMELINE_NONE &&
		churn_below(&churn.seed, 2) == 0)
		variant = TIMELINE_NONE;
	timeline_begin(neigh, variant);
	neigh_do(family, sink, number, variant);
	timeline_end(neigh);
}

void
change_step(void)
{
	struct family *family = &churn.families[churn_below(&churn.seed, CHURN_FAMILIES)];
	unsigned kind = churn_below(&churn.seed, 100);

	if (kind < 10)
		leaf_step(family, family->hot[churn_below(&churn.seed, CHURN_HOT)]);
	else if (kind < 15)
		middle_step(family);
	else if (kind < 17)
		resolver_step(family);
	else if (kind < 25)
		neigh_step(family);
	else
		leaf_step(family, churn_below(&churn.seed, family->leaf_count));
}

/* ---- the state that everything starts in ---- */

static void
ports_set_up(void)
{
	struct error err = { 0 };

	for (unsigned i = 0; i < CHURN_PORTS; i++) {
		/* One port has one queue: most workers hand their packets for it to another. */
		const struct port_config config = {
			.rxq_count = (uint16_t)(i == 0 ? churn.stack->worker_count : 1),
			.txq_count = (uint16_t)(i == 3 ? 1 : churn.stack->worker_count),
		};
		char name[8], text[IP_TEXT_MAX];
		struct ip_prefix own4, own6;

		snprintf(name, sizeof(name), "p%u", i);
		if (stack_port_add(churn.stack, &churn_port_ops, name, name + 1, &config, &err) < 0)
			churn_die(name, &err);
		snprintf(text, sizeof(text), "10.0.%u.1/24", i);
		ip_prefix_parse(text, &own4);
		snprintf(text, sizeof(text), "2001:db8:%u::1/64", i);
		ip_prefix_parse(text, &own6);
		if (stack_addr_add(churn.stack, name, &own4, &err) < 0 ||
			stack_addr_add(churn.stack, name, &own6, &err) < 0)
			churn_die(name, &err);
	}
}

/* Whom ICMP errors go to. */
static void
source_set_up(void)
{
	static const char *const sources[] = { "10.0.0.9", "2001:db8::9" };
	const struct mac_addr mac = { { 2, 0, 0, 0, 2, 0 } };
	struct error err = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		struct ip_addr addr;

		ip_addr_parse(sources[i], &addr);
		if (stack_neigh_add(churn.stack, "p0", &addr, &mac, &err) < 0)
			churn_die(sources[i], &err);
	}
}

static void
family_set_up(const struct family *family)
{
	for (unsigned sink = 0; sink < CHURN_SINKS; sink++) {
		for (unsigned i = 0; i < CHURN_NEIGHS; i++)
			neigh_do(family, sink, i, timeline_now(&family->neighs[sink][i]));
	}
	for (unsigned i = 0; i < CHURN_RESOLVERS; i++) {
		const struct ip_prefix prefix = plan_resolver(family, i);

		route_do(family, &prefix, 0, timeline_now(&family->resolvers[i]));
	}
	for (unsigned i = 1; i < CHURN_COVERS; i += 2) {
		const struct ip_prefix prefix = plan_cover(family, i);

		route_do(family, &prefix, 0, family->cover_ways[i]);
	}
	for (unsigned i = 0; i < family->leaf_count; i++) {
		const struct ip_prefix prefix = plan_leaf(family, i);

		route_do(family, &prefix, METRIC_PRIMARY, family->leaves[i].primary);
	}
}

void
change_set_up(void)
{
	ports_set_up();
	source_set_up();
	for (unsigned i = 0; i < CHURN_FAMILIES; i++)
		family_set_up(&churn.families[i]);
}
