/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers solicitations for the anycast address of a subnet's routers (RFC 4291 2.6.1): a while
 * later, so that not all routers answer at once (RFC 4861 7.2.7).
 */
#include "stack/stack_neigh.h"

#include <stdlib.h>

/* RFC 4861 10: MAX_ANYCAST_DELAY_TIME */
#define ANYCAST_DELAY_MAX_MS 1000

struct stack_anycast {
	TAILQ_ENTRY(stack_anycast) entry;
	uint16_t iface;
	uint64_t due_ms;
	struct nd question;
	struct nd_envelope asked;
};

/* Whoever asks again waits for the same answer. */
static bool
is_waiting(const struct stack *stack, uint16_t iface, const struct nd_received *in)
{
	const struct stack_anycast *anycast;

	TAILQ_FOREACH (anycast, &stack->anycasts, entry) {
		if (anycast->iface == iface &&
			ip_addr_equal(&anycast->question.target, &in->nd.target) &&
			ip_addr_equal(&anycast->asked.src, &in->envelope.src))
			return true;
	}
	return false;
}

void
stack_anycast_answer(struct stack *stack, const struct iface *iface, const struct nd_received *in)
{
	struct stack_anycast *anycast;

	if (is_waiting(stack, iface->index, in))
		return;
	anycast = stack->anycast_count < STACK_ANYCASTS_MAX ? calloc(1, sizeof(*anycast)) : NULL;
	if (anycast == NULL) {
		stack_nd_advertise(stack, iface, &in->nd, &in->envelope, false);
		return;
	}
	anycast->iface = iface->index;
	anycast->due_ms =
		stack_neigh_now_ms(stack) + entropy_below(&stack->entropy, ANYCAST_DELAY_MAX_MS);
	anycast->question = in->nd;
	anycast->asked = in->envelope;
	TAILQ_INSERT_TAIL(&stack->anycasts, anycast, entry);
	stack->anycast_count++;
}

static void
anycast_free(struct stack *stack, struct stack_anycast *anycast)
{
	TAILQ_REMOVE(&stack->anycasts, anycast, entry);
	stack->anycast_count--;
	free(anycast);
}

void
stack_anycast_poll(struct stack *stack)
{
	struct stack_anycast *anycast, *next;

	for (anycast = TAILQ_FIRST(&stack->anycasts); anycast != NULL; anycast = next) {
		const struct iface *iface = iface_get(stack->ifaces, anycast->iface);

		next = TAILQ_NEXT(anycast, entry);
		if (stack_neigh_now_ms(stack) < anycast->due_ms)
			continue;
		if (iface != NULL && iface->up &&
			iface_addr_is_anycast(iface, &anycast->question.target))
			stack_nd_advertise(
				stack, iface, &anycast->question, &anycast->asked, false);
		anycast_free(stack, anycast);
	}
}

uint64_t
stack_anycast_next_ms(const struct stack *stack)
{
	const struct stack_anycast *anycast;
	uint64_t next_ms = UINT64_MAX;

	TAILQ_FOREACH (anycast, &stack->anycasts, entry)
		next_ms = RTE_MIN(next_ms, anycast->due_ms);
	return next_ms;
}

void
stack_anycast_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_anycast *anycast, *next;

	for (anycast = TAILQ_FIRST(&stack->anycasts); anycast != NULL; anycast = next) {
		next = TAILQ_NEXT(anycast, entry);
		if (iface == IFACE_NONE || anycast->iface == iface)
			anycast_free(stack, anycast);
	}
}
