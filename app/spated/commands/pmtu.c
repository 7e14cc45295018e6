/* SPDX-License-Identifier: BSD-3-Clause */
/* pmtu: what routers said of the MTUs of paths. */
#include "commands/call.h"
#include "commands/commands.h"

static int
pmtu_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	char text[IP_TEXT_MAX];
	struct ip_pmtu_info info;

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < IP_PMTU_SETS * IP_PMTU_WAYS; i++) {
		if (!ip_pmtu_get(&stack->pmtu, i, &info))
			continue;
		show_record_begin(call->show, NULL);
		/* One that goes takes what was learned in it along. */
		show_string(call->show, "vrf", stack->vrfs[info.vrf]->name);
		show_string(call->show, "address", ip_addr_format(&info.dst, text));
		show_u64(call->show, "mtu", info.mtu);
		show_u64(call->show, "age_s", (stack->now_ns - info.since_ns) / 1000000000);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static int
pmtu_stats(struct cli_call *call)
{
	const struct ip_pmtu *pmtu = &stack_of(call)->pmtu;

	show_record_begin(call->show, NULL);
	show_u64(call->show, "entries", pmtu->count);
	show_u64(call->show, "entries_max", IP_PMTU_SETS * IP_PMTU_WAYS);
	show_u64(call->show, "learned", pmtu->learned);
	show_u64(call->show, "evicted", pmtu->evicted);
	show_record_end(call->show);
	return 0;
}

static int
pmtu_flush(struct cli_call *call)
{
	ip_pmtu_flush(&stack_of(call)->pmtu);
	return 0;
}

static const struct cli_command commands[] = {
	{ "pmtu flush", "forget them all: what is too big will be told again", pmtu_flush,
		CLI_NOT_IN_FILE },
	{ "pmtu show",
		"destinations whose path is narrower than our link, and for how long that is known; "
		"it is forgotten after ten minutes",
		pmtu_show, CLI_SHOW },
	{ "pmtu stats",
		"how full the table is\n"
		"learned, evicted: destinations, and those that made room for others",
		pmtu_stats, CLI_SHOW },
};

const struct cli_noun cli_noun_pmtu = {
	.name = "pmtu",
	.help = "path MTUs that were learned",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
