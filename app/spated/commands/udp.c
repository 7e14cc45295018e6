/* SPDX-License-Identifier: BSD-3-Clause */
/* udp: sockets of UDP, and what became of datagrams. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/show_socket.h"
#include "commands/show_workers.h"

/* Copied from a worker at a time, between two of its loops. */
#define SOCKETS_AT_A_TIME 64

static void
show_socket(struct show *show, const struct stack *stack, const struct stack_udp_info *info)
{
	const struct udp_socket *s = &info->socket;

	show_record_begin(show, NULL);
	show_u64(show, "worker", info->worker);
	show_string(show, "application", info->app);
	show_vrf(show, stack, s->vrf);
	if (s->bound)
		show_endpoint(show, "local", &s->local, s->local_port);
	else
		show_none(show, "local");
	if (s->connected)
		show_endpoint(show, "peer", &s->peer, s->peer_port);
	else
		show_none(show, "peer");
	show_u64(show, "queued", s->queued);
	show_u64(show, "queued_bytes", s->queued_bytes);
	show_u64(show, "buffer_bytes", s->buffer_max);
	show_u64(show, "received", s->counters.received);
	show_u64(show, "sent", s->counters.sent);
	show_u64(show, "drops_buffer", s->counters.drops_buffer);
	show_u64(show, "drops_memory", s->counters.drops_memory);
	show_u64(show, "icmp_errors", s->counters.errors);
	show_record_end(show);
}

static int
udp_show(struct cli_call *call)
{
	struct stack_udp_info infos[SOCKETS_AT_A_TIME];
	struct stack *stack = stack_of(call);

	show_list_begin(call->show, NULL);
	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		uint32_t place = 0;
		unsigned count;

		do {
			count = stack_udp_sockets(stack, worker, infos, SOCKETS_AT_A_TIME, &place);
			for (unsigned i = 0; i < count; i++)
				show_socket(call->show, stack, &infos[i]);
		} while (count == SOCKETS_AT_A_TIME);
	}
	show_list_end(call->show);
	return 0;
}

static void
show_stats(struct show *show, const struct stack *stack, unsigned worker, const char *name)
{
	struct udp_counters c;
	uint32_t sockets;

	stack_udp_stats(stack, worker, &c, &sockets);
	show_record_begin(show, NULL);
	show_string(show, "worker", name);
	show_u64(show, "sockets", sockets);
	show_u64(show, "in_datagrams", c.in_datagrams);
	show_u64(show, "no_ports", c.no_ports);
	show_u64(show, "in_errors", c.in_errors);
	show_u64(show, "in_checksum_errors", c.in_checksum_errors);
	show_u64(show, "receive_buffer_errors", c.receive_buffer_errors);
	show_u64(show, "out_datagrams", c.out_datagrams);
	show_u64(show, "send_buffer_errors", c.send_buffer_errors);
	show_u64(show, "handed_over", c.handed_over);
	show_u64(show, "icmp_errors", c.icmp_errors);
	show_u64(show, "icmp_unmatched", c.icmp_unmatched);
	show_record_end(show);
}

static int
udp_stats(struct cli_call *call)
{
	show_by_worker(call->show, stack_of(call), show_stats);
	return 0;
}

static const struct cli_command commands[] = {
	{ "udp show",
		"sockets, what waits in them, and what became of their datagrams\n"
		"queued_bytes, buffer_bytes: packet buffers that wait, and that may\n"
		"drops_buffer, drops_memory: the socket's buffer was full, or the worker's",
		udp_show, CLI_SHOW },
	{ "udp stats",
		"datagrams by worker; in_datagrams to out_datagrams as RFC 4113 has them\n"
		"no_ports: for ports that nobody has; their senders are told\n"
		"receive_buffer_errors, send_buffer_errors: no room\n"
		"handed_over: came to a worker, and were another's\n"
		"icmp_errors, icmp_unmatched: ICMP about datagrams of ours, and about none of ours",
		udp_stats, CLI_SHOW },
};

const struct cli_noun cli_noun_udp = {
	.name = "udp",
	.help = "sockets and datagrams of UDP",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
