/* SPDX-License-Identifier: BSD-3-Clause */
/* Which groups are reported when: RFC 3810 6, 8.2. */
#include "mld/mld.h"

#include "wire/ip6.h"

/* RFC 3810 9.11: between two reports of the same change. */
#define UNSOLICITED_INTERVAL_MS 1000
/* RFC 3810 9.2, for queriers of version 1, who do not say theirs. */
#define QUERY_INTERVAL_S 125

static struct mld_group *
group_find(struct mld_listener *listener, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < listener->count; i++) {
		if (ip_addr_equal(&listener->groups[i].addr, addr))
			return &listener->groups[i];
	}
	return NULL;
}

static void
group_remove(struct mld_listener *listener, struct mld_group *group)
{
	*group = listener->groups[--listener->count];
}

uint8_t
mld_listener_robustness(const struct mld_listener *listener)
{
	return listener->robustness_said != 0 ? listener->robustness_said : listener->robustness;
}

/* RFC 3810 6.1: at once, and again robustness - 1 times. */
static void
group_change(struct mld_listener *listener, struct mld_group *group, bool joined, uint64_t now_ms)
{
	group->joined = joined;
	group->changes_left = mld_listener_robustness(listener);
	if (!joined)
		group->asked = false;
	listener->change_ms = now_ms;
}

/* Where there is no place, one that was left goes, of whom it is no more said then: it times out. */
static struct mld_group *
group_place(struct mld_listener *listener)
{
	if (listener->count < MLD_GROUPS_MAX)
		return &listener->groups[listener->count++];
	for (unsigned i = 0; i < listener->count; i++) {
		if (!listener->groups[i].joined)
			return &listener->groups[i];
	}
	return NULL;
}

static void
group_join(struct mld_listener *listener, const struct ip_addr *addr, uint64_t now_ms)
{
	struct mld_group *group = group_find(listener, addr);

	if (group != NULL && group->joined)
		return;
	if (group == NULL) {
		group = group_place(listener);
		if (group == NULL)
			return;
		*group = (struct mld_group){ .addr = *addr };
	}
	group_change(listener, group, true, now_ms);
}

static bool
has(const struct ip_addr *groups, unsigned count, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_addr_equal(&groups[i], addr))
			return true;
	}
	return false;
}

void
mld_listener_set(struct mld_listener *listener, const struct ip_addr *groups, unsigned count,
	uint64_t now_ms)
{
	for (unsigned i = 0; i < listener->count; i++) {
		struct mld_group *group = &listener->groups[i];

		if (group->joined && !has(groups, count, &group->addr))
			group_change(listener, group, false, now_ms);
	}
	for (unsigned i = 0; i < count; i++) {
		if (!ip_addr_equal(&groups[i], &ip6_all_nodes))
			group_join(listener, &groups[i], now_ms);
	}
}

uint8_t
mld_listener_version(const struct mld_listener *listener, uint64_t now_ms)
{
	return now_ms < listener->version1_until_ms ? 1 : 2;
}

/* RFC 3810 8.2.1: with the mode changes what there is to be said; all is said afresh. */
static void
pending_cancel(struct mld_listener *listener)
{
	listener->asked = false;
	for (unsigned i = listener->count; i-- > 0;) {
		struct mld_group *group = &listener->groups[i];

		group->asked = false;
		group->changes_left = 0;
		if (!group->joined)
			group_remove(listener, group);
	}
}

/* A querier of version 1 came, or has been silent for long enough. */
static void
version_update(struct mld_listener *listener, uint64_t now_ms)
{
	bool version1 = mld_listener_version(listener, now_ms) == 1;

	if (version1 != listener->spoke_version1)
		pending_cancel(listener);
	listener->spoke_version1 = version1;
}

/* RFC 3810 6.2: an answer that is due sooner serves for this query as well. */
static void
response_schedule(bool *asked, uint64_t *response_ms, uint64_t due_ms)
{
	if (*asked && *response_ms <= due_ms)
		return;
	*asked = true;
	*response_ms = due_ms;
}

/* RFC 2710 4: each group at a time of its own, so that routers and switches are not flooded. */
static void
version1_schedule(struct mld_listener *listener, const struct mld_query *query, uint64_t now_ms,
	uint32_t random)
{
	for (unsigned i = 0; i < listener->count; i++) {
		struct mld_group *group = &listener->groups[i];
		uint32_t delay_ms = query->response_ms > 0 ? random % query->response_ms : 0;

		if (group->joined)
			response_schedule(&group->asked, &group->response_ms, now_ms + delay_ms);
		/* Numerical Recipes: nobody gains by guessing it. */
		random = random * 1664525U + 1013904223U;
	}
}

void
mld_listener_query(struct mld_listener *listener, const struct mld_query *query, uint64_t now_ms,
	uint32_t random)
{
	uint64_t due_ms = now_ms + (query->response_ms > 0 ? random % query->response_ms : 0);
	struct mld_group *group;

	if (query->version == 1)
		/* 9.12: Older Version Querier Present Timeout */
		listener->version1_until_ms = now_ms +
			mld_listener_robustness(listener) * QUERY_INTERVAL_S * UINT64_C(1000) +
			query->response_ms;
	else
		listener->robustness_said = query->robustness;
	version_update(listener, now_ms);
	if (ip_addr_is_unspecified(&query->group)) {
		if (listener->spoke_version1) {
			version1_schedule(listener, query, now_ms, random);
			return;
		}
		response_schedule(&listener->asked, &listener->response_ms, due_ms);
		return;
	}
	if (listener->asked && listener->response_ms <= due_ms)
		return;
	group = group_find(listener, &query->group);
	if (group != NULL && group->joined)
		response_schedule(&group->asked, &group->response_ms, due_ms);
}

static void
report_add(struct mld_report *report, const struct mld_group *group, enum mld_record_type type)
{
	report->records[report->count++] = (struct mld_record){ type, group->addr };
}

/* Changes: RFC 3810 6.1. Version 1 repeats joins (RFC 2710 4), but not leaves. */
static void
report_changes(
	struct mld_listener *listener, uint64_t now_ms, uint32_t random, struct mld_report *report)
{
	if (now_ms < listener->change_ms)
		return;
	listener->change_ms = now_ms + 1 + random % UNSOLICITED_INTERVAL_MS;
	for (unsigned i = listener->count; i-- > 0;) {
		struct mld_group *group = &listener->groups[i];

		if (group->changes_left == 0)
			continue;
		group->changes_left--;
		report_add(report, group, group->joined ? MLD_TO_EXCLUDE : MLD_TO_INCLUDE);
		if (!group->joined && (group->changes_left == 0 || report->version == 1))
			group_remove(listener, group);
	}
}

static void
report_responses(struct mld_listener *listener, uint64_t now_ms, struct mld_report *report)
{
	bool all = listener->asked && now_ms >= listener->response_ms;

	if (all)
		listener->asked = false;
	for (unsigned i = 0; i < listener->count; i++) {
		struct mld_group *group = &listener->groups[i];

		if (!group->joined || !(all || (group->asked && now_ms >= group->response_ms)))
			continue;
		group->asked = false;
		report_add(report, group, MLD_IS_EXCLUDE);
	}
}

bool
mld_listener_tick(
	struct mld_listener *listener, uint64_t now_ms, uint32_t random, struct mld_report *report)
{
	version_update(listener, now_ms);
	*report = (struct mld_report){ .version = mld_listener_version(listener, now_ms) };
	report_changes(listener, now_ms, random, report);
	if (report->count == 0)
		report_responses(listener, now_ms, report);
	return report->count > 0;
}

uint64_t
mld_listener_next_ms(const struct mld_listener *listener)
{
	uint64_t next_ms = listener->spoke_version1 ? listener->version1_until_ms : UINT64_MAX;

	if (listener->asked && listener->response_ms < next_ms)
		next_ms = listener->response_ms;
	for (unsigned i = 0; i < listener->count; i++) {
		const struct mld_group *group = &listener->groups[i];

		if (group->changes_left > 0 && listener->change_ms < next_ms)
			next_ms = listener->change_ms;
		if (group->asked && group->response_ms < next_ms)
			next_ms = group->response_ms;
	}
	return next_ms;
}
