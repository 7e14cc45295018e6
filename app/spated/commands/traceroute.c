/* SPDX-License-Identifier: BSD-3-Clause */
/* traceroute: the routers on the way to an address, by echo requests whose hops run out. */
#include <stdlib.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_ping.h"
#include "spated/jobs.h"
#include "wire/icmp.h"

#define TRACEROUTE_PROBES       3 /* a hop */
#define TRACEROUTE_HOPS_DEFAULT 30
#define TRACEROUTE_WAIT_DEFAULT 1000 /* milliseconds for the answers of a hop */
#define TRACEROUTE_SIZE_DEFAULT 32

struct probe {
	bool answered;
	struct stack_ping_answer answer;
};

struct traceroute_job {
	struct job job;
	struct stack_ping *ping;
	struct ip_addr dst;
	uint8_t hops_max, hop; /* hop: 0 before the first */
	uint16_t size_bytes;
	uint64_t wait_ns, due_ns;
	unsigned answers; /* of this hop */
	bool reached, unreachable;
	struct probe probes[TRACEROUTE_PROBES];
};

static bool
is_reply(const struct stack_ping_answer *answer)
{
	return answer->type ==
		(answer->from.family == IP_FAMILY_4 ? (uint8_t)ICMP4_ECHO_REPLY
						    : (uint8_t)ICMP6_ECHO_REPLY);
}

static bool
is_expired(const struct stack_ping_answer *answer)
{
	return answer->type ==
		(answer->from.family == IP_FAMILY_4 ? (uint8_t)ICMP4_TIME_EXCEEDED
						    : (uint8_t)ICMP6_TIME_EXCEEDED);
}

static void
traceroute_answered(void *arg, const struct stack_ping_answer *answer)
{
	struct traceroute_job *job = arg;
	unsigned probe = answer->sequence % TRACEROUTE_PROBES;

	/* Not what comes late, of a hop that is printed. */
	if (answer->sequence / TRACEROUTE_PROBES != job->hop || job->probes[probe].answered)
		return;
	job->probes[probe] = (struct probe){ true, *answer };
	job->answers++;
	job->reached |= is_reply(answer);
	job->unreachable |= !is_reply(answer) && !is_expired(answer);
}

/* What traceroute(8) prints behind the time; "" for an answer that is none of them. */
static const char *
mark(const struct stack_ping_answer *answer)
{
	bool ip4 = answer->from.family == IP_FAMILY_4;

	if (is_reply(answer) || is_expired(answer))
		return "";
	if (!ip4)
		return answer->type == ICMP6_PACKET_TOO_BIG      ? " !F"
			: answer->code == ICMP6_NO_ROUTE         ? " !N"
			: answer->code == ICMP6_ADDR_UNREACHABLE ? " !H"
								 : " !X";
	return answer->code == ICMP4_NET_UNREACHABLE         ? " !N"
		: answer->code == ICMP4_HOST_UNREACHABLE     ? " !H"
		: answer->code == ICMP4_FRAGMENTATION_NEEDED ? " !F"
							     : " !X";
}

/* " 2  10.0.0.1  0.123 ms  0.110 ms  *": an address again only where it changes. */
static void
hop_print(const struct traceroute_job *job)
{
	const struct ip_addr *before = NULL;
	struct strbuf line = STRBUF_INIT;
	char text[IP_TEXT_MAX];

	strbuf_printf(&line, "%2u ", job->hop);
	for (unsigned i = 0; i < TRACEROUTE_PROBES; i++) {
		const struct stack_ping_answer *answer = &job->probes[i].answer;

		if (!job->probes[i].answered) {
			strbuf_append(&line, " *");
			continue;
		}
		if (before == NULL || !ip_addr_equal(before, &answer->from))
			strbuf_printf(&line, " %s", ip_addr_format(&answer->from, text));
		before = &answer->from;
		strbuf_printf(&line, "  %.3f ms%s", (double)answer->rtt_ns / 1e6, mark(answer));
	}
	cli_session_printf(job->job.session, "%s\n", strbuf_text(&line));
	strbuf_free(&line);
}

static void
hop_start(struct traceroute_job *job, uint64_t now_ns)
{
	struct error err;
	int rc = 0;

	job->hop++;
	job->answers = 0;
	job->due_ns = now_ns + job->wait_ns;
	stack_ping_set_ttl(job->ping, job->hop);
	for (unsigned i = 0; rc == 0 && i < TRACEROUTE_PROBES; i++) {
		job->probes[i] = (struct probe){ 0 };
		rc = stack_ping_send(job->job.daemon->stack, job->ping,
			(uint16_t)(job->hop * TRACEROUTE_PROBES + i), &err);
	}
	if (rc < 0)
		job_end(&job->job, &err);
}

static void
traceroute_poll(struct job *base, uint64_t now_ns)
{
	struct traceroute_job *job = (struct traceroute_job *)base;
	char text[IP_TEXT_MAX];
	struct error err;

	if (job->hop == 0) {
		cli_session_printf(base->session,
			"traceroute to %s, %u hops max, %u byte packets\n",
			ip_addr_format(&job->dst, text), job->hops_max, job->size_bytes);
		hop_start(job, now_ns);
		return;
	}
	if (job->answers < TRACEROUTE_PROBES && now_ns < job->due_ns)
		return;
	hop_print(job);
	if (!job->reached && !job->unreachable && job->hop < job->hops_max) {
		hop_start(job, now_ns);
		return;
	}
	error_set(&err, EHOSTUNREACH, "%s was not reached", ip_addr_format(&job->dst, text));
	job_end(base, job->reached ? NULL : &err);
}

/* The hops have said it all. */
static void
traceroute_summary(const struct job *base)
{
	(void)base;
}

static void
traceroute_free(struct job *base)
{
	struct traceroute_job *job = (struct traceroute_job *)base;

	stack_ping_destroy(base->daemon->stack, job->ping);
	free(job);
}

static const struct job_ops traceroute_ops = { traceroute_poll, traceroute_summary,
	traceroute_free };

static int
traceroute(struct cli_call *call)
{
	struct traceroute_job *job;
	struct stack_ping_config config;
	int rc = parse_ping(call, TRACEROUTE_SIZE_DEFAULT, &config);

	if (rc < 0)
		return rc;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	job->dst = config.dst;
	job->size_bytes = config.size_bytes;
	job->hops_max = (uint8_t)cli_arg_number(call, "hops", TRACEROUTE_HOPS_DEFAULT);
	job->wait_ns = cli_arg_number(call, "wait", TRACEROUTE_WAIT_DEFAULT) * 1000000ULL;
	rc = stack_ping_create(
		stack_of(call), &config, traceroute_answered, job, &job->ping, call->err);
	if (rc < 0) {
		free(job);
		return rc;
	}
	return job_start(&job->job, &traceroute_ops, call);
}

static const struct cli_command commands[] = {
	{ "traceroute ADDR:SCOPED [hops N:1-255] [wait N:10-60000] [size N:0-65527] [source SRC:ADDR] "
	  "[dev IFACE] [df] [vrf VRF]",
		"the routers on the way to an address: three echo requests a hop\n"
		"hops: give up after so many (default 30)\n"
		"wait: milliseconds for the answers of a hop (default 1000)\n"
		"size: bytes of data (default 32; of IPv4 at most 65507)\n"
		"source: one of our addresses (default: by the interface it leaves by)\n"
		"dev: the interface, for a link-local address; fe80::1%p0 says the same\n"
		"df: not to be fragmented, neither here nor on the way\n"
		"vrf: by whose routes they go; with dev that of the interface",
		traceroute, CLI_NOT_IN_FILE },
};

const struct cli_noun cli_noun_traceroute = {
	.name = "traceroute",
	.help = "the routers on the way to an address",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
