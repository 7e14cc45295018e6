/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The policies by which workers choose local ports: one a protocol, the same for all workers. A new one
 * is given to each in turn by its mailbox; the old one goes when all have it.
 */
#include "stack/worker.h"

#include <stdlib.h>

#include "base/counter.h"

struct ephemeral_msg {
	struct worker_msg msg;
	enum sock_proto proto;
	const struct ephemeral_policy *policy;
};

static void
ephemeral_run(struct worker *w, struct worker_msg *msg)
{
	const struct ephemeral_msg *set = (struct ephemeral_msg *)msg;

	sock_ports_set(w->socks, set->proto, set->policy);
}

int
stack_ephemeral_create(struct stack *stack, struct error *err)
{
	for (unsigned i = 0; i < SOCK_PROTO_COUNT; i++) {
		stack->ephemeral[i] = malloc(sizeof(*stack->ephemeral[i]));
		if (stack->ephemeral[i] == NULL)
			return error_set(err, ENOMEM, "no memory for the choice of ports");
		sock_ports_default(stack->ephemeral[i]);
	}
	return 0;
}

void
stack_ephemeral_destroy(struct stack *stack)
{
	for (unsigned i = 0; i < SOCK_PROTO_COUNT; i++)
		free(stack->ephemeral[i]);
}

const struct ephemeral_policy *
stack_ephemeral_get(const struct stack *stack, enum sock_proto proto)
{
	return stack->ephemeral[proto];
}

int
stack_ephemeral_set(struct stack *stack, enum sock_proto proto,
	const struct ephemeral_policy *policy, struct error *err)
{
	struct ephemeral_msg set = { .msg = { .run = ephemeral_run }, .proto = proto };
	struct ephemeral_policy *new = malloc(sizeof(*new));

	if (new == NULL)
		return error_set(err, ENOMEM, "no memory for the choice of ports");
	*new = *policy;
	set.policy = new;
	for (unsigned i = 0; i < stack->worker_count; i++)
		mailbox_call(stack->workers[i], &set.msg);
	free(stack->ephemeral[proto]);
	stack->ephemeral[proto] = new;
	return 0;
}

void
stack_ephemeral_stats(
	const struct stack *stack, enum sock_proto proto, struct stack_ephemeral_stats *stats)
{
	*stats = (struct stack_ephemeral_stats){ 0 };
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct ephemeral *e = sock_ephemeral(stack->workers[i]->socks, proto);

		stats->chosen += counter_read(&e->chosen);
		stats->collisions += counter_read(&e->collisions);
		stats->elsewhere += counter_read(&e->elsewhere);
		stats->exhausted += counter_read(&e->exhausted);
	}
}
