/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of nouns, given to cli_create() by main.c: a new noun is one line here. */
#include "commands/commands.h"

const struct cli_noun *const commands_nouns[] = {
	&cli_noun_eal,
	&cli_noun_worker,
	&cli_noun_log,
	&cli_noun_vrf,
	&cli_noun_port,
	&cli_noun_cable,
	&cli_noun_queue,
	&cli_noun_rss,
	&cli_noun_flow,
	&cli_noun_iface,
	&cli_noun_addr,
	&cli_noun_neigh,
	&cli_noun_mld,
	&cli_noun_autoconf,
	&cli_noun_route,
	&cli_noun_nexthop,
	&cli_noun_multipath,
	&cli_noun_udp,
	&cli_noun_service,
	&cli_noun_stats,
	&cli_noun_drops,
	&cli_noun_fragment,
	&cli_noun_pmtu,
	&cli_noun_pipeline,
	&cli_noun_trace,
	&cli_noun_ring,
	&cli_noun_memory,
	&cli_noun_capture,
	&cli_noun_ping,
	&cli_noun_traceroute,
	&cli_noun_arping,
	&cli_noun_ndping,
	&cli_noun_config,
	&cli_noun_version,
	&cli_noun_help,
	&cli_noun_shutdown,
};

const unsigned commands_noun_count = sizeof(commands_nouns) / sizeof(commands_nouns[0]);
