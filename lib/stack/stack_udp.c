/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP as the user sees it: sockets of all workers, and their counters. */
#include "stack/worker.h"

#include "base/counter.h"

struct udp_sockets_msg {
	struct worker_msg msg;
	struct stack_udp_info *infos;
	unsigned max, count;
	uint32_t place;
};

static void
udp_sockets_run(struct worker *w, struct worker_msg *msg)
{
	struct udp_sockets_msg *get = (struct udp_sockets_msg *)msg;
	const struct udp_socket *socket;
	uint32_t place;

	while (get->count < get->max &&
		(socket = udp_socket_next(w->udp, get->place, &place)) != NULL) {
		get->infos[get->count++] = (struct stack_udp_info){
			.worker = w->index,
			.app = sock_app_name(socket->user),
			.socket = *socket,
		};
		get->place = place + 1;
	}
}

unsigned
stack_udp_sockets(struct stack *stack, unsigned worker, struct stack_udp_info *infos, unsigned max,
	uint32_t *place)
{
	struct udp_sockets_msg get = {
		.msg = { .run = udp_sockets_run },
		.infos = infos,
		.max = max,
		.place = *place,
	};

	mailbox_call(stack->workers[worker], &get.msg);
	*place = get.place;
	return get.count;
}

static void
counters_add(struct udp_counters *sum, const struct udp_counters *c)
{
	sum->in_datagrams += counter_read(&c->in_datagrams);
	sum->no_ports += counter_read(&c->no_ports);
	sum->in_errors += counter_read(&c->in_errors);
	sum->in_checksum_errors += counter_read(&c->in_checksum_errors);
	sum->receive_buffer_errors += counter_read(&c->receive_buffer_errors);
	sum->out_datagrams += counter_read(&c->out_datagrams);
	sum->send_buffer_errors += counter_read(&c->send_buffer_errors);
	sum->handed_over += counter_read(&c->handed_over);
	sum->icmp_errors += counter_read(&c->icmp_errors);
	sum->icmp_unmatched += counter_read(&c->icmp_unmatched);
}

void
stack_udp_stats(const struct stack *stack, unsigned worker, struct udp_counters *counters,
	uint32_t *sockets)
{
	*counters = (struct udp_counters){ 0 };
	*sockets = 0;
	for (unsigned i = 0; i < stack->worker_count; i++) {
		if (worker < stack->worker_count && worker != i)
			continue;
		counters_add(counters, udp_counters(stack->workers[i]->udp));
		*sockets += udp_socket_count(stack->workers[i]->udp);
	}
}
