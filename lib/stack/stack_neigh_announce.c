/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells the links of our addresses: gratuitous ARP (RFC 5227 2.3) and unsolicited advertisements
 * (RFC 4861 7.2.6) when an interface comes up or gets an address, and when somebody else claims
 * one (RFC 5227 2.4).
 */
#include "stack/stack_neigh.h"

#include <stdlib.h>

#include "base/log.h"

/* RFC 5227 1.1: ANNOUNCE_INTERVAL. RFC 4861 10 would have one second. */
#define ANNOUNCE_INTERVAL_MS 2000
/* RFC 5227 1.1 */
#define DEFEND_INTERVAL_MS 10000

/* An address being told of; afterwards kept for as long as it is not to be defended again. */
struct stack_announce {
	TAILQ_ENTRY(stack_announce) entry;
	struct ip_addr addr;
	uint16_t iface;
	uint8_t left; /* announcements to be sent */
	uint64_t due_ms;
	uint64_t defended_ms; /* 0: never */
};

static struct stack_announce *
announce_find(const struct stack *stack, uint16_t iface, const struct ip_addr *addr)
{
	struct stack_announce *announce;

	TAILQ_FOREACH (announce, &stack->announces, entry) {
		if (announce->iface == iface && ip_addr_equal(&announce->addr, addr))
			return announce;
	}
	return NULL;
}

/* One for each address of ours at most: IFACE_ADDR_MAX an interface. */
static struct stack_announce *
announce_get(struct stack *stack, uint16_t iface, const struct ip_addr *addr)
{
	struct stack_announce *announce = announce_find(stack, iface, addr);

	if (announce != NULL)
		return announce;
	announce = calloc(1, sizeof(*announce));
	if (announce == NULL)
		return NULL;
	announce->iface = iface;
	announce->addr = *addr;
	TAILQ_INSERT_TAIL(&stack->announces, announce, entry);
	return announce;
}

static void
announce_free(struct stack *stack, struct stack_announce *announce)
{
	TAILQ_REMOVE(&stack->announces, announce, entry);
	free(announce);
}

void
stack_announce_addr(struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	struct stack_announce *announce;

	if (!iface->up || iface->attached == NEXTHOP_ID_NO_ROUTE ||
		stack->config.nd.announce_count == 0)
		return;
	announce = announce_get(stack, iface->index, addr);
	if (announce == NULL)
		return;
	announce->left = stack->config.nd.announce_count;
	announce->due_ms = stack_neigh_now_ms(stack);
}

void
stack_announce_iface(struct stack *stack, const struct iface *iface)
{
	for (unsigned i = 0; i < iface->addr_count; i++)
		stack_announce_addr(stack, iface, &iface->addrs[i].addr);
}

void
stack_announce_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_announce *announce, *next;

	for (announce = TAILQ_FIRST(&stack->announces); announce != NULL; announce = next) {
		next = TAILQ_NEXT(announce, entry);
		if (iface == IFACE_NONE || announce->iface == iface)
			announce_free(stack, announce);
	}
}

/* @return whether it is still needed */
static bool
announce_poll(struct stack *stack, struct stack_announce *announce)
{
	const struct iface *iface = iface_get(stack->ifaces, announce->iface);
	uint64_t now_ms = stack_neigh_now_ms(stack);

	if (iface == NULL || !iface->up || !iface_addr_is_own(iface, &announce->addr))
		return false;
	if (announce->left == 0)
		return announce->defended_ms != 0 &&
			now_ms - announce->defended_ms < DEFEND_INTERVAL_MS;
	if (now_ms < announce->due_ms)
		return true;
	stack_neigh_announce(stack, iface, &announce->addr);
	announce->left--;
	announce->due_ms = now_ms + ANNOUNCE_INTERVAL_MS;
	return true;
}

void
stack_announce_poll(struct stack *stack)
{
	struct stack_announce *announce, *next;

	for (announce = TAILQ_FIRST(&stack->announces); announce != NULL; announce = next) {
		next = TAILQ_NEXT(announce, entry);
		if (!announce_poll(stack, announce))
			announce_free(stack, announce);
	}
}

uint64_t
stack_announce_next_ms(const struct stack *stack)
{
	const struct stack_announce *announce;
	uint64_t next_ms = UINT64_MAX;

	TAILQ_FOREACH (announce, &stack->announces, entry) {
		/* One that was never defended is needed no more. */
		uint64_t idle_ms =
			announce->defended_ms != 0 ? announce->defended_ms + DEFEND_INTERVAL_MS : 0;

		next_ms = RTE_MIN(next_ms, announce->left > 0 ? announce->due_ms : idle_ms);
	}
	return next_ms;
}

/* RFC 5227 2.4 (c): a router keeps its address, and says so, but not for each claim. */
void
stack_announce_defend(struct stack *stack, const struct iface *iface, const struct ip_addr *addr,
	const struct mac_addr *rival)
{
	struct stack_announce *announce = announce_get(stack, iface->index, addr);
	char addr_text[IP_TEXT_MAX], mac_text[MAC_TEXT_MAX];
	uint64_t now_ms = stack_neigh_now_ms(stack);

	stack->neigh_counters.conflicts++;
	if (announce == NULL ||
		(announce->defended_ms != 0 && now_ms - announce->defended_ms < DEFEND_INTERVAL_MS))
		return;
	announce->defended_ms = now_ms;
	log(neigh, WARNING, "%s: %s claims our address %s", iface->name,
		mac_addr_format(rival, mac_text), ip_addr_format(addr, addr_text));
	if (iface->up && stack->config.nd.announce_count != 0)
		stack_neigh_announce(stack, iface, addr);
}
