/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: connections, what became of their segments, and what new ones begin with. */
#include "commands/tcp.h"

#include "cc/cc.h"
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"
#include "commands/show_workers.h"
#include "commands/tcp_filter.h"

/* ---- kill ---- */

static int
conns_kill(struct cli_call *call, const struct stack_filter *filter)
{
	struct stack *stack = stack_of(call);
	unsigned long long count = 0;

	for (unsigned worker = 0; worker < stack->worker_count; worker++) {
		for (uint32_t place = 0; place != STACK_TCP_END;)
			count += stack_tcp_kill(stack, worker, filter, &place);
	}
	if (count == 0)
		return error_set(call->err, ENOENT, "no connection is so: 'tcp show' lists them");
	cli_printf(call, "%llu connection%s reset\n", count, count == 1 ? "" : "s");
	return 0;
}

static int
tcp_kill_conn(struct cli_call *call)
{
	struct stack_filter filter = { 0 };
	int rc = tcp_conn_parse(call, stack_of(call), &filter);

	return rc < 0 ? rc : conns_kill(call, &filter);
}

static int
tcp_kill_conns(struct cli_call *call)
{
	struct stack_filter filter = { 0 };
	int rc = tcp_filter_parse(call, stack_of(call), &filter);

	if (rc < 0)
		return rc;
	if (filter_is_empty(&filter) != cli_arg_present(call, "all"))
		return error_set(call->err, EINVAL,
			"say which, as to 'tcp show', or 'tcp kill all', which is all there are");
	return conns_kill(call, &filter);
}

/* ---- stats ---- */

static void
show_stats(struct show *show, const struct stack *stack, unsigned worker, const char *name)
{
	uint64_t stats[TCP_STAT_COUNT];
	struct tcp_counts counts;

	stack_tcp_stats(stack, worker, stats, &counts);
	show_record_begin(show, NULL);
	show_string(show, "worker", name);
	show_u64(show, "connections", counts.conns);
	show_u64(show, "half_open", counts.half_open);
	show_u64(show, "time_wait", counts.time_wait);
	show_u64(show, "listeners", counts.listeners);
	show_u64(show, "segments", counts.segments);
	show_u64(show, "send_buffers", counts.send_buffers);
	show_u64(show, "gaps", counts.runs);
	for (unsigned i = 0; i < TCP_STAT_COUNT; i++)
		show_u64(show, tcp_stat_name((enum tcp_stat)i), stats[i]);
	show_record_end(show);
}

static int
tcp_stats_show(struct cli_call *call)
{
	show_by_worker(call->show, stack_of(call), show_stats);
	return 0;
}

static int
tcp_show_counters(struct cli_call *call)
{
	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < TCP_STAT_COUNT; i++) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "counter", tcp_stat_name((enum tcp_stat)i));
		show_string(call->show, "counts", tcp_stat_help((enum tcp_stat)i));
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

/* ---- congestion control ---- */

static int
tcp_set(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "congestion");
	const struct cc_ops *cc = cc_find(name);
	struct stack *stack = stack_of(call);
	struct strbuf line = STRBUF_INIT;
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc < 0)
		return rc;
	if (cc == NULL)
		return cli_fail(call, "congestion", ENOENT,
			"no congestion control \"%s\": 'tcp show congestion' lists them", name);
	strbuf_printf(&line, "tcp set congestion %s", stack->vrfs[vrf]->cc->name);
	vrf_append(stack, vrf, &line);
	stack_tcp_cc_set(stack, vrf, cc);
	cli_undo(call, "%s", strbuf_text(&line));
	strbuf_free(&line);
	return 0;
}

/* Each algorithm, and the VRFs whose default it is. */
static int
tcp_show_congestion(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct stack_vrf *vrf;
	const struct cc_ops *cc;

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; (cc = cc_get(i)) != NULL; i++) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "congestion", cc->name);
		show_list_begin(call->show, "vrfs");
		for (unsigned j = 0; (vrf = stack_vrf_next(stack, j)) != NULL;
			j = vrf->index + 1U) {
			if (vrf->cc == cc)
				show_string(call->show, NULL, vrf->name);
		}
		show_list_end(call->show);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

/* ---- offloads ---- */

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

static int
tcp_set_offload(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct tcp_offload offload = stack->tcp_offload;
	const bool gro = cli_arg_present(call, "gro");
	bool *which = gro ? &offload.gro : &offload.tso;

	cli_undo(call, "tcp set %s %s", gro ? "gro" : "tso", on_off(*which));
	*which = cli_arg_present(call, "on");
	stack_tcp_offload_set(stack, &offload);
	return 0;
}

static int
tcp_show_offload(struct cli_call *call)
{
	const struct tcp_offload *offload = &stack_of(call)->tcp_offload;

	show_record_begin(call->show, NULL);
	show_bool(call->show, "gro", offload->gro);
	show_bool(call->show, "tso", offload->tso);
	show_record_end(call->show);
	return 0;
}

/* ---- what new connections do ---- */

/* By enum tcp_ecn_mode. */
static const char *const ecn_modes[] = {
	[TCP_ECN_OFF] = "off",
	[TCP_ECN_PASSIVE] = "passive",
	[TCP_ECN_ON] = "on",
};

static int
tcp_set_ecn(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct tcp_policy policy = stack->tcp_policy;

	cli_undo(call, "tcp set ecn %s", ecn_modes[policy.ecn]);
	for (unsigned i = 0; i < RTE_DIM(ecn_modes); i++) {
		if (cli_arg_present(call, ecn_modes[i]))
			policy.ecn = (enum tcp_ecn_mode)i;
	}
	stack_tcp_policy_set(stack, &policy);
	return 0;
}

static int
tcp_set_policy(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct tcp_policy policy = stack->tcp_policy;
	const char *word = "time-wait-reuse";
	bool *which = &policy.time_wait_reuse;

	if (cli_arg_present(call, "syn-cookies")) {
		word = "syn-cookies";
		which = &policy.syn_cookies;
	} else if (cli_arg_present(call, "pacing")) {
		word = "pacing";
		which = &policy.pacing;
	}
	cli_undo(call, "tcp set %s %s", word, on_off(*which));
	*which = cli_arg_present(call, "on");
	stack_tcp_policy_set(stack, &policy);
	return 0;
}

static int
tcp_show_policy(struct cli_call *call)
{
	const struct tcp_policy *policy = &stack_of(call)->tcp_policy;

	show_record_begin(call->show, NULL);
	show_string(call->show, "ecn", ecn_modes[policy->ecn]);
	show_bool(call->show, "syn_cookies", policy->syn_cookies);
	show_bool(call->show, "time_wait_reuse", policy->time_wait_reuse);
	show_bool(call->show, "pacing", policy->pacing);
	show_record_end(call->show);
	return 0;
}

/* Lines that make of the defaults what is so now. */
static void
policy_config(const struct tcp_policy *policy, struct strbuf *out)
{
	struct tcp_policy unset;

	tcp_policy_init(&unset);
	if (policy->ecn != unset.ecn)
		strbuf_printf(out, "tcp set ecn %s\n", ecn_modes[policy->ecn]);
	if (policy->syn_cookies != unset.syn_cookies)
		strbuf_printf(out, "tcp set syn-cookies %s\n", on_off(policy->syn_cookies));
	if (policy->time_wait_reuse != unset.time_wait_reuse)
		strbuf_printf(out, "tcp set time-wait-reuse %s\n", on_off(policy->time_wait_reuse));
	if (policy->pacing != unset.pacing)
		strbuf_printf(out, "tcp set pacing %s\n", on_off(policy->pacing));
}

static void
tcp_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_vrf *vrf;

	policy_config(&stack->tcp_policy, out);
	if (!stack->tcp_offload.gro)
		strbuf_append(out, "tcp set gro off\n");
	if (!stack->tcp_offload.tso)
		strbuf_append(out, "tcp set tso off\n");
	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U) {
		if (vrf->cc == cc_default())
			continue;
		strbuf_printf(out, "tcp set congestion %s", vrf->cc->name);
		vrf_append(stack, vrf->index, out);
		strbuf_append(out, "\n");
	}
}

static const struct cli_command commands[] = {
	{ "tcp show " FILTER_SYNTAX,
		"connections; without filters all of them\n"
		"local, remote: addresses of either end; bytes: unread, unsent, in_flight, cwnd\n"
		"application: none of one that waits to be accepted, or that its user has closed\n"
		"state: of RFC 9293, such as established\n"
		"syn-received and time-wait are listed with 'state' only: 'tcp stats' counts them",
		tcp_show, CLI_SHOW },
	{ "tcp show " TCP_CONN_SYNTAX,
		"all about one connection, as RFC 4898 and Linux's tcp_info have it\n"
		"pmtu_most: what probes may raise pmtu to, once it is less (RFC 4821)\n"
		"mtu_probe_out: one of them is under way\n"
		"receiver_limited_us: of busy_us, held back by the peer's window\n"
		"sender_limited_us: of busy_us, for want of data from the application",
		tcp_show_conn, CLI_SHOW },
	{ "tcp show listeners",
		"who accepts connections\n"
		"half_open: handshakes under way\n"
		"accept_queue: connections that the application has not accepted yet",
		tcp_show_listeners, CLI_SHOW },
	{ "tcp show counters", "what the counters of 'tcp stats' count", tcp_show_counters,
		CLI_SHOW },
	{ "tcp stats",
		"segments and connections by worker; 'tcp show counters' says what each counts\n"
		"segments: that are to be sent, or acknowledged\n"
		"send_buffers: packet buffers that hold these\n"
		"gaps: pieces of data that wait for what is in front of them",
		tcp_stats_show, CLI_SHOW },
	{ "tcp kill " TCP_CONN_SYNTAX,
		"reset a connection; its application is told that it was aborted", tcp_kill_conn,
		CLI_NOT_IN_FILE },
	{ "tcp kill [all] " FILTER_SYNTAX, "reset all connections that are so", tcp_kill_conns,
		CLI_NOT_IN_FILE },
	{ "tcp set congestion CONGESTION [vrf VRF]",
		"choose the congestion control of sockets that are opened in a VRF from now on\n"
		"congestion: 'tcp show congestion' lists them; a socket's own choice comes first",
		tcp_set, 0 },
	{ "tcp set gro|tso on|off",
		"segments that are processed together; both are on by default\n"
		"gro: received ones that follow each other in a burst, as one segment: 'tcp stats'\n"
		"counts them; what is forwarded stays as it is\n"
		"tso: data in packets of up to 64 KB, which the port cuts, or spated for it",
		tcp_set_offload, 0 },
	{ "tcp set ecn off|passive|on",
		"explicit congestion notification (RFC 3168) of connections that begin from now on\n"
		"passive: where the peer asks for it, as at first; on: ask for it as well",
		tcp_set_ecn, 0 },
	{ "tcp set syn-cookies|time-wait-reuse|pacing on|off",
		"what connections do that begin from now on; all but pacing are on at first\n"
		"syn-cookies: handshakes beyond a listener's backlog go on without being kept (RFC 4987)\n"
		"time-wait-reuse: connections begun here take the place of one in TIME-WAIT that had\n"
		"timestamps, after a second\n"
		"pacing: data leaves spread over the round trip, not as acknowledgments come; a socket's\n"
		"own rate, and what a congestion control asks for, hold without it",
		tcp_set_policy, 0 },
	{ "tcp show policy", "what new connections do", tcp_show_policy, CLI_SHOW },
	{ "tcp show offload", "whether segments are processed together", tcp_show_offload,
		CLI_SHOW },
	{ "tcp show congestion", "the algorithms, and whose default each is", tcp_show_congestion,
		CLI_SHOW },
};

const struct cli_noun cli_noun_tcp = {
	.name = "tcp",
	.help = "connections of TCP",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = tcp_config,
};
