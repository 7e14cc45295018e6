/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The daemon's nouns, one file each in this folder.
 */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_noun cli_noun_addr;
extern const struct cli_noun cli_noun_arping;
extern const struct cli_noun cli_noun_cable;
extern const struct cli_noun cli_noun_capture;
extern const struct cli_noun cli_noun_autoconf;
extern const struct cli_noun cli_noun_config;
extern const struct cli_noun cli_noun_drops;
extern const struct cli_noun cli_noun_eal;
extern const struct cli_noun cli_noun_ephemeral;
extern const struct cli_noun cli_noun_flow;
extern const struct cli_noun cli_noun_fragment;
extern const struct cli_noun cli_noun_help;
extern const struct cli_noun cli_noun_iface;
extern const struct cli_noun cli_noun_log;
extern const struct cli_noun cli_noun_memory;
extern const struct cli_noun cli_noun_ndping;
extern const struct cli_noun cli_noun_multipath;
extern const struct cli_noun cli_noun_mld;
extern const struct cli_noun cli_noun_neigh;
extern const struct cli_noun cli_noun_nexthop;
extern const struct cli_noun cli_noun_ping;
extern const struct cli_noun cli_noun_pipeline;
extern const struct cli_noun cli_noun_pmtu;
extern const struct cli_noun cli_noun_port;
extern const struct cli_noun cli_noun_queue;
extern const struct cli_noun cli_noun_ring;
extern const struct cli_noun cli_noun_route;
extern const struct cli_noun cli_noun_rss;
extern const struct cli_noun cli_noun_service;
extern const struct cli_noun cli_noun_shutdown;
extern const struct cli_noun cli_noun_stats;
extern const struct cli_noun cli_noun_sctp;
extern const struct cli_noun cli_noun_tcp;
extern const struct cli_noun cli_noun_trace;
extern const struct cli_noun cli_noun_traceroute;
extern const struct cli_noun cli_noun_udp;
extern const struct cli_noun cli_noun_version;
extern const struct cli_noun cli_noun_vrf;
extern const struct cli_noun cli_noun_worker;

/** In the order that `config show` prints them: what others are built on comes first. */
extern const struct cli_noun *const commands_nouns[];
extern const unsigned commands_noun_count;

#endif
