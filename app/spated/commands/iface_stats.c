/* SPDX-License-Identifier: BSD-3-Clause */
/* iface stats: what interfaces sent, received and lost. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/iface.h"

static void
show_way(struct show *show, const struct stack_iface_way *way)
{
	show_u64(show, "packets", way->packets);
	show_u64(show, "bytes", way->bytes);
	show_u64(show, "unicast", way->unicast);
	show_u64(show, "multicast", way->multicast);
	show_u64(show, "broadcast", way->broadcast);
}

static void
show_drops(struct show *show, const uint64_t drops[DROP_REASON_COUNT])
{
	uint64_t sum = 0;

	for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
		sum += drops[r];
	show_u64(show, "dropped", sum);
	show_list_begin(show, "drops");
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++) {
		if (drops[r] == 0)
			continue;
		show_record_begin(show, NULL);
		show_string(show, "reason", drop_reason_name(r));
		show_u64(show, "packets", drops[r]);
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_iface(struct show *show, const struct stack *stack, const struct iface *iface)
{
	struct stack_iface_stats stats;

	stack_iface_stats(stack, iface, &stats);
	show_record_begin(show, NULL);
	show_string(show, "iface", iface->name);
	show_record_begin(show, "rx");
	show_way(show, &stats.rx);
	if (stats.has_port) {
		show_u64(show, "errors", stats.port.rx_errors);
		if (stats.port.rx_missed_known)
			show_u64(show, "missed", stats.port.rx_missed);
		else
			show_none(show, "missed");
		show_u64(show, "nombuf", stats.port.rx_nombuf);
	}
	show_record_end(show);
	show_record_begin(show, "tx");
	show_way(show, &stats.tx);
	if (stats.has_port)
		show_u64(show, "errors", stats.port.tx_errors);
	show_record_end(show);
	show_drops(show, stats.drops);
	show_record_end(show);
}

static void
show_elsewhere(struct show *show, const struct stack *stack)
{
	uint64_t drops[DROP_REASON_COUNT];

	stack_drops_elsewhere(stack, drops);
	show_record_begin(show, NULL);
	show_none(show, "iface");
	show_drops(show, drops);
	show_record_end(show);
}

int
iface_stats(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *iface;

	if (name != NULL) {
		iface = iface_lookup(stack->ifaces, name);
		if (iface == NULL)
			return cli_fail(call, "IFACE", ENOENT,
				"no interface \"%s\": 'iface show' lists them", name);
		show_iface(call->show, stack, iface);
		return 0;
	}
	show_blocks_begin(call->show, NULL);
	for (iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U))
		show_iface(call->show, stack, iface);
	show_elsewhere(call->show, stack);
	show_blocks_end(call->show);
	return 0;
}
