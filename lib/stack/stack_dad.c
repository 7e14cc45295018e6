/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicate address detection (RFC 4862 5.4): lib/autoconf decides, here is asked and listened. An
 * address proven unique stays so while its interface is down.
 */
#include "stack/stack_neigh.h"

#include <stdlib.h>

#include "autoconf/autoconf.h"
#include "base/log.h"

/* A tentative address of an interface that is up: at most IFACE_ADDR_MAX an interface. */
struct stack_dad {
	TAILQ_ENTRY(stack_dad) entry;
	uint16_t iface;
	struct autoconf_dad dad;
};

static void
dad_free(struct stack *stack, struct stack_dad *dad)
{
	TAILQ_REMOVE(&stack->dads, dad, entry);
	free(dad);
}

static struct stack_dad *
dad_find(const struct stack *stack, uint16_t iface, const struct ip_addr *addr)
{
	struct stack_dad *dad;

	TAILQ_FOREACH (dad, &stack->dads, entry) {
		if (dad->iface == iface && ip_addr_equal(&dad->dad.addr, addr))
			return dad;
	}
	return NULL;
}

bool
stack_dad_needed(const struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	return addr->family == IP_FAMILY_6 && iface->type != IFACE_LOOPBACK &&
		stack->config.nd.dad_transmits > 0;
}

void
stack_dad_start(struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	struct stack_dad *dad;

	if (!iface->up || iface->ip6_off || dad_find(stack, iface->index, addr) != NULL)
		return;
	dad = calloc(1, sizeof(*dad));
	if (dad == NULL) {
		log(iface, ERROR, "%s: no memory to look for duplicates of an address",
			iface->name);
		return;
	}
	dad->iface = iface->index;
	autoconf_dad_start(&dad->dad, addr, stack_neigh_now_ms(stack),
		stack->config.nd.dad_transmits, entropy_u32(&stack->entropy));
	TAILQ_INSERT_TAIL(&stack->dads, dad, entry);
}

/* RFC 4862 5.4: again for those that were found to be somebody else's, who may be gone. */
void
stack_dad_iface_up(struct stack *stack, uint16_t index)
{
	if (iface_get(stack->ifaces, index)->ip6_off)
		stack_iface_ip6_set(stack, index, true);
	for (unsigned i = 0; i < IFACE_ADDR_MAX; i++) {
		const struct iface *iface = iface_get(stack->ifaces, index);
		struct ip_addr addr;

		if (i >= iface->addr_count)
			return;
		addr = iface->addrs[i].addr;
		if (iface->addr_states[i] == IFACE_ADDR_DUPLICATE) {
			stack_addr_state_set(stack, index, &addr, IFACE_ADDR_TENTATIVE);
			iface = iface_get(stack->ifaces, index);
		}
		if (iface->addr_states[i] == IFACE_ADDR_TENTATIVE)
			stack_dad_start(stack, iface, &addr);
	}
}

void
stack_dad_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_dad *dad, *next;

	for (dad = TAILQ_FIRST(&stack->dads); dad != NULL; dad = next) {
		next = TAILQ_NEXT(dad, entry);
		if (iface == IFACE_NONE || dad->iface == iface)
			dad_free(stack, dad);
	}
}

static void
dad_unique(struct stack *stack, struct stack_dad *dad)
{
	const uint16_t index = dad->iface;
	const struct ip_addr addr = dad->dad.addr;

	dad_free(stack, dad);
	stack_addr_state_set(stack, index, &addr, IFACE_ADDR_PREFERRED);
	stack_announce_addr(stack, iface_get(stack->ifaces, index), &addr);
	/* RFC 3590 4: routers did not believe reports that came from nowhere. */
	if (ip_addr_is_link_local(&addr)) {
		stack_mld_iface_gone(stack, index);
		stack_mld_sync(stack, iface_get(stack->ifaces, index));
	}
}

/* RFC 4862 5.4.5: who has the address that the MAC address makes has that too. */
static void
mac_is_duplicate(struct stack *stack, uint16_t index)
{
	log(iface, ERROR,
		"%s: carries no IPv6, since its MAC address is another's too, until it has another "
		"('port set mac') or goes down and up",
		iface_get(stack->ifaces, index)->name);
	stack_iface_ip6_set(stack, index, false);
}

/* RFC 4862 5.4.5: it is not used, and the user hears of it. */
static void
dad_duplicate(struct stack *stack, struct stack_dad *dad, const struct mac_addr *owner)
{
	const uint16_t index = dad->iface;
	const struct ip_addr addr = dad->dad.addr;
	char addr_text[IP_TEXT_MAX], mac_text[MAC_TEXT_MAX];
	const struct iface *iface = iface_get(stack->ifaces, index);

	dad_free(stack, dad);
	stack->neigh_counters.duplicates++;
	log(iface, ERROR, "%s: address %s is not used: %s has it", iface->name,
		ip_addr_format(&addr, addr_text), mac_addr_format(owner, mac_text));
	stack_addr_state_set(stack, index, &addr, IFACE_ADDR_DUPLICATE);
	iface = iface_get(stack->ifaces, index);
	if (stack->config.nd.dad_disable &&
		iface->addr_origins[iface_addr_find(iface, &addr)] == IFACE_ADDR_LINK_LOCAL)
		mac_is_duplicate(stack, index);
}

static void
dad_poll(struct stack *stack, struct stack_dad *dad)
{
	const struct iface *iface = iface_get(stack->ifaces, dad->iface);
	const uint64_t now_ms = stack_neigh_now_ms(stack);
	uint8_t nonce[ND_NONCE_LENGTH];
	struct nd_envelope envelope;
	struct nd nd;
	int index = iface != NULL ? iface_addr_find(iface, &dad->dad.addr) : -1;

	/* It went, or its interface went down: coming up starts afresh. */
	if (index < 0 || !iface->up || iface->ip6_off ||
		iface->addr_states[index] != IFACE_ADDR_TENTATIVE) {
		dad_free(stack, dad);
		return;
	}
	if (now_ms < dad->dad.due_ms)
		return;
	entropy_fill(&stack->entropy, nonce, sizeof(nonce));
	switch (autoconf_dad_tick(&dad->dad, now_ms, nonce, &nd, &envelope)) {
	case AUTOCONF_DAD_WAIT: break;
	case AUTOCONF_DAD_SOLICIT: stack_nd_send(stack, iface, &nd, &envelope, NULL); break;
	case AUTOCONF_DAD_UNIQUE: dad_unique(stack, dad); break;
	}
}

void
stack_dad_poll(struct stack *stack)
{
	struct stack_dad *dad, *next;

	for (dad = TAILQ_FIRST(&stack->dads); dad != NULL; dad = next) {
		next = TAILQ_NEXT(dad, entry);
		dad_poll(stack, dad);
	}
}

uint64_t
stack_dad_next_ms(const struct stack *stack)
{
	const struct stack_dad *dad;
	uint64_t next_ms = UINT64_MAX;

	TAILQ_FOREACH (dad, &stack->dads, entry)
		next_ms = RTE_MIN(next_ms, dad->dad.due_ms);
	return next_ms;
}

bool
stack_dad_input(struct stack *stack, const struct iface *iface, const struct nd_received *in)
{
	struct stack_dad *dad = dad_find(stack, iface->index, &in->nd.target);

	/* One that was removed is forgotten at the next poll. */
	if (dad == NULL || iface_addr_find(iface, &in->nd.target) < 0)
		return false;
	/* Also from our MAC address, which others may have: a loop is known by the nonce. */
	if (autoconf_dad_input(&dad->dad, &in->nd, &in->envelope))
		dad_duplicate(stack, dad, &in->from);
	return true;
}
