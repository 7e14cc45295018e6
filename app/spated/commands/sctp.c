/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp: associations, what became of their packets, and what new ones begin with. */
#include "commands/sctp.h"

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/sctp_filter.h"
#include "commands/show_workers.h"

/* ---- abort, shutdown ---- */

static unsigned long long
assocs_do(struct stack *stack, const struct stack_filter *filter, enum stack_sctp_verb verb,
	const struct ip_addr *remote)
{
	unsigned long long count = 0;

	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		for (uint32_t place = 0; place != STACK_SCTP_END;)
			count += stack_sctp_do(stack, worker, filter, verb, remote, &place);
	}
	return count;
}

static int
assocs_end(struct cli_call *call, const struct stack_filter *filter, enum stack_sctp_verb verb)
{
	unsigned long long count = assocs_do(stack_of(call), filter, verb, NULL);

	if (count == 0)
		return error_set(call->err, ENOENT, "no association is so: 'sctp show' lists them");
	cli_printf(call, "%llu association%s %s\n", count, count == 1 ? "" : "s",
		verb == STACK_SCTP_ABORT ? "aborted" : "shut down");
	return 0;
}

static int
assoc_end(struct cli_call *call, enum stack_sctp_verb verb)
{
	struct stack_filter filter;
	struct stack_sctp_assoc assoc;
	int rc = sctp_assoc_find(call, &filter, &assoc);

	return rc < 0 ? rc : assocs_end(call, &filter, verb);
}

static int
filtered_end(struct cli_call *call, enum stack_sctp_verb verb)
{
	struct stack_filter filter = { 0 };
	int rc = sctp_filter_parse(call, stack_of(call), &filter);

	if (rc < 0)
		return rc;
	if (filter_is_empty(&filter) != cli_arg_present(call, "all"))
		return error_set(call->err, EINVAL,
			"say which, as to 'sctp show', or 'all', which is all there are");
	return assocs_end(call, &filter, verb);
}

static int
sctp_abort_one(struct cli_call *call)
{
	return assoc_end(call, STACK_SCTP_ABORT);
}

static int
sctp_abort_some(struct cli_call *call)
{
	return filtered_end(call, STACK_SCTP_ABORT);
}

static int
sctp_shutdown_one(struct cli_call *call)
{
	return assoc_end(call, STACK_SCTP_SHUTDOWN);
}

static int
sctp_shutdown_some(struct cli_call *call)
{
	return filtered_end(call, STACK_SCTP_SHUTDOWN);
}

/* ---- paths ---- */

static int
path_find(struct cli_call *call, const struct stack_sctp_assoc *assoc, struct ip_addr *remote)
{
	struct strbuf all = STRBUF_INIT;
	char text[IP_TEXT_MAX];
	int rc = -1;

	cli_arg_addr(call, "ADDR", remote);
	for (unsigned i = 0; i < assoc->info.path_count && rc < 0; i++) {
		const struct ip_addr *addr = &assoc->paths[i].remote;

		if (ip_addr_equal(addr, remote))
			rc = (int)i;
		strbuf_printf(&all, "%s%s", i == 0 ? "" : ", ", ip_addr_format(addr, text));
	}
	if (rc < 0)
		rc = cli_fail(call, "ADDR", EINVAL, "no address of the peer's, which are %s",
			strbuf_text(&all));
	strbuf_free(&all);
	return rc;
}

static int
path_do(struct cli_call *call, enum stack_sctp_verb verb)
{
	struct stack_sctp_assoc assoc;
	struct stack_filter filter;
	struct ip_addr remote;
	int rc = sctp_assoc_find(call, &filter, &assoc);
	int path = rc == 0 ? path_find(call, &assoc, &remote) : rc;

	if (path < 0)
		return path;
	if (verb == STACK_SCTP_PRIMARY && assoc.paths[path].state == SCTP_PATH_UNCONFIRMED)
		return cli_fail(call, "ADDR", EAGAIN,
			"the peer has not confirmed that it has this address: 'sctp heartbeat "
			"0x%08x' asks it",
			filter.tag);
	if (assocs_do(stack_of(call), &filter, verb, &remote) == 0)
		return cli_fail(call, "TAG", EAGAIN, "it cannot be done now: the association is %s",
			sctp_state_name(assoc.info.state));
	return 0;
}

static int
sctp_primary(struct cli_call *call)
{
	return path_do(call, STACK_SCTP_PRIMARY);
}

static int
sctp_heartbeat_now(struct cli_call *call)
{
	return path_do(call, STACK_SCTP_HEARTBEAT);
}

/* ---- stats ---- */

static void
show_stats(struct show *show, const struct stack *stack, unsigned worker, const char *name)
{
	uint64_t stats[SCTP_STAT_COUNT];
	struct sctp_counts counts;

	stack_sctp_stats(stack, worker, stats, &counts);
	show_record_begin(show, NULL);
	show_string(show, "worker", name);
	show_u64(show, "associations", counts.assocs);
	show_u64(show, "curr_estab", counts.curr_estab);
	show_u64(show, "paths", counts.paths);
	show_u64(show, "listeners", counts.listeners);
	show_u64(show, "chunks", counts.chunks);
	show_u64(show, "stream_blocks", counts.stream_blocks);
	show_u64(show, "notices", counts.notices);
	show_u64(show, "received_bytes", counts.received);
	for (unsigned i = 0; i < SCTP_STAT_COUNT; i++)
		show_u64(show, sctp_stat_name((enum sctp_stat)i), stats[i]);
	show_record_end(show);
}

static int
sctp_stats_show(struct cli_call *call)
{
	show_by_worker(call->show, stack_of(call), show_stats);
	return 0;
}

static int
sctp_show_counters(struct cli_call *call)
{
	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < SCTP_STAT_COUNT; i++) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "counter", sctp_stat_name((enum sctp_stat)i));
		show_string(call->show, "counts", sctp_stat_help((enum sctp_stat)i));
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static void
sctp_config(void *arg, struct strbuf *out)
{
	sctp_set_config(((struct daemon *)arg)->stack, out);
}

static const struct cli_command commands[] = {
	{ "sctp show " FILTER_SYNTAX,
		"associations; without filters all of them\n"
		"tag: the verification tag of ours, by which an association is named\n"
		"application: none of one that waits to be accepted, or that its user has closed\n"
		"local, remote: addresses of either end, of any path; of each the primary one is "
		"shown\n"
		"state: of RFC 9260, such as established",
		sctp_show, CLI_SHOW },
	{ "sctp show " SCTP_ASSOC_SYNTAX,
		"all about one association, with its paths, and its first streams that are used\n"
		"TAG: the verification tag of ours, as in 'sctp show'\n"
		"errors: of the association and of each path, since something was answered\n"
		"more_streams: 'sctp show TAG streams' lists all that are used",
		sctp_show_assoc, CLI_SHOW },
	{ "sctp show " SCTP_ASSOC_SYNTAX " streams",
		"all streams of an association that are used\n"
		"out_next, in_next: SSN of the next ordered message; MID if interleaving is agreed\n"
		"unsent: is to be sent; waiting: received, while others before are missing\n"
		"in_part: a message is delivered while it still comes\n"
		"value: priority or weight, if the scheduler heeds it\n"
		"has_more: more wait than were counted",
		sctp_show_streams, CLI_SHOW },
	{ "sctp show listeners",
		"who accepts associations\n"
		"streams_out, streams_in: offered, and taken at most\n"
		"accept_queue: associations that the application has not accepted yet",
		sctp_show_listeners, CLI_SHOW },
	{ "sctp show counters", "what the counters of 'sctp stats' count", sctp_show_counters,
		CLI_SHOW },
	{ "sctp show mib",
		"the SCTP MIB (RFC 3873), of all workers: curr_estab is its sctpCurrEstab\n"
		"rto_min_ms and what follows: of associations that begin from now on: 'sctp set'\n"
		"max_assocs: as many as there may be; counters are never set back",
		sctp_show_mib, CLI_SHOW },
	{ "sctp stats",
		"packets and associations by worker; 'sctp show counters' says what each counts\n"
		"chunks: of data that is to be sent, or acknowledged, or was received\n"
		"curr_estab: associations that are set up, and not ended from here\n"
		"stream_blocks: of 4 streams that were used",
		sctp_stats_show, CLI_SHOW },
	{ "sctp abort " SCTP_ASSOC_SYNTAX,
		"abort an association; its application is told that it was aborted", sctp_abort_one,
		CLI_NOT_IN_FILE },
	{ "sctp abort [all] " FILTER_SYNTAX, "abort all associations that are so", sctp_abort_some,
		CLI_NOT_IN_FILE },
	{ "sctp shutdown " SCTP_ASSOC_SYNTAX,
		"end an association, once all that was sent has arrived", sctp_shutdown_one,
		CLI_NOT_IN_FILE },
	{ "sctp shutdown [all] " FILTER_SYNTAX, "end all associations that are so",
		sctp_shutdown_some, CLI_NOT_IN_FILE },
	{ "sctp primary " SCTP_ASSOC_SYNTAX " ADDR",
		"send to this address of the peer's, as long as it answers", sctp_primary,
		CLI_NOT_IN_FILE },
	{ "sctp heartbeat " SCTP_ASSOC_SYNTAX " ADDR",
		"ask the peer by this address of its whether it is there", sctp_heartbeat_now,
		CLI_NOT_IN_FILE },
	{ "sctp address add|delete " SCTP_ASSOC_SYNTAX " ADDR",
		"have an address of ours be one of the association's, or no longer (RFC 5061)\n"
		"add: it is sent from when the peer has agreed; delete: from now on it is not",
		sctp_address, CLI_NOT_IN_FILE },
	{ "sctp peer-primary " SCTP_ASSOC_SYNTAX " ADDR",
		"ask the peer to send to this address of ours (RFC 5061)", sctp_peer_primary,
		CLI_NOT_IN_FILE },
	{ "sctp reset streams " SCTP_ASSOC_SYNTAX " in|out|both [STREAMS:LIST]",
		"ask the peer to have streams begin anew (RFC 6525), once what was sent on them "
		"has gone\n"
		"in: those to us; out: those to the peer\n"
		"STREAMS: 0-3,7; all without it",
		sctp_reset_streams, CLI_NOT_IN_FILE },
	{ "sctp reset association " SCTP_ASSOC_SYNTAX,
		"ask the peer to have all streams and TSNs begin anew (RFC 6525), once all that was "
		"sent has arrived",
		sctp_reset_assoc, CLI_NOT_IN_FILE },
	{ "sctp add-streams " SCTP_ASSOC_SYNTAX " [in N:1-1023] [out N:1-1023]",
		"ask the peer for so many more streams (RFC 6525)\n"
		"in: to us; out: to the peer",
		sctp_add_streams, CLI_NOT_IN_FILE },
	{ "sctp set " SCTP_SET_SYNTAX,
		"what sockets begin with that are opened from now on, and do not say otherwise\n"
		"congestion: 'tcp show congestion' lists them; newreno, which is RFC 9260's, by default\n"
		"rto-initial, rto-min, rto-max: ms; those of RFC 9260 16: 1000, 1000, 60000\n"
		"heartbeat: ms between those to an idle path; 0: none\n"
		"cookie-life: ms that a peer may take for the handshake\n"
		"sack-delay: ms that an acknowledgment waits for more, sack-packets: so many at most\n"
		"init-retries, assoc-retries, path-retries: timeouts until it is given up\n"
		"pf-retries: until a path is potentially failed, as RFC 7829 has it, which recommends 0; "
		"never by default\n"
		"burst: packets that are sent at once\n"
		"pmtu-probing: probe for the MTUs of paths (RFC 8899), beside what ICMP says; off by "
		"default\n"
		"receive-buffer, send-buffer: bytes of user data\n"
		"forward-tsn, re-config, i-data, auth, asconf: offer the extension (RFC 3758, 6525, "
		"8260, 4895, 5061; asconf needs auth); forward-tsn and re-config by default\n"
		"ecn: heed routers' marks, and have them marked in the place of dropped (RFC 4960 A)\n"
		"zero-checksum: packets need none (RFC 9653), for where what is below vouches for "
		"them, as DTLS does; not by default\n"
		"reset-requests: that peers may make, added up: 1 of streams, 2 of the association, 4 "
		"for more streams (RFC 6525)\n"
		"udp-port: ours for SCTP in UDP (RFC 6951), in all VRFs; 9899 is IANA's; 0: what comes "
		"in UDP is no SCTP\n"
		"encaps-port: that of peers which associations begun from now on go to in UDP; 0: "
		"without UDP",
		sctp_set, 0 },
	{ "sctp show defaults", "what 'sctp set' has set", sctp_show_defaults, CLI_SHOW },
};

const struct cli_noun cli_noun_sctp = {
	.name = "sctp",
	.help = "associations of SCTP",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = sctp_config,
};
