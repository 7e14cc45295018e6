/* SPDX-License-Identifier: BSD-3-Clause */
/* arping and ndping: who on a link has an address. */
#include <stdlib.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "spated/jobs.h"

#define ARPING_COUNT_DEFAULT    4
#define ARPING_INTERVAL_DEFAULT 1000
#define ARPING_WAIT_MS          1000 /* for the last answer */

struct arping_job {
	struct job job;
	struct stack_arping *arping;
	struct ip_addr dst;
	uint16_t count, sent;
	unsigned answers, others; /* others: from another MAC than the first answer */
	struct mac_addr first;
	uint64_t interval_ns, due_ns;
};

static void
arping_answered(void *arg, const struct stack_arping_answer *answer)
{
	struct arping_job *job = arg;
	char addr[IP_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (job->answers++ == 0)
		job->first = answer->mac;
	else if (!mac_addr_equal(&job->first, &answer->mac))
		job->others++;
	cli_session_printf(job->job.session, "reply from %s [%s] %.3f ms\n",
		ip_addr_format(&job->dst, addr), mac_addr_format(&answer->mac, mac),
		(double)answer->rtt_ns / 1e6);
}

static void
arping_summary(const struct job *job)
{
	const struct arping_job *arping = (const struct arping_job *)job;

	cli_session_printf(job->session, "%u sent, %u received\n", arping->sent, arping->answers);
	if (arping->others > 0)
		cli_session_printf(
			job->session, "more than one neighbour answers for this address\n");
}

static void
arping_free(struct job *job)
{
	struct arping_job *arping = (struct arping_job *)job;

	stack_arping_destroy(job->daemon->stack, arping->arping);
	free(arping);
}

static void
arping_poll(struct job *job, uint64_t now_ns)
{
	struct arping_job *arping = (struct arping_job *)job;
	bool all_sent = arping->sent == arping->count;
	char text[IP_TEXT_MAX];
	struct error err;

	if (all_sent && (arping->answers >= arping->count || now_ns >= arping->due_ns)) {
		error_set(&err, EHOSTUNREACH, "no answer from %s",
			ip_addr_format(&arping->dst, text));
		job_end(job, arping->answers > 0 ? NULL : &err);
	} else if (!all_sent && now_ns >= arping->due_ns) {
		stack_arping_send(job->daemon->stack, arping->arping);
		arping->sent++;
		arping->due_ns = now_ns +
			(arping->sent < arping->count ? arping->interval_ns
						      : ARPING_WAIT_MS * 1000000ULL);
	}
}

static const struct job_ops arping_ops = { arping_poll, arping_summary, arping_free };

/* The link to ask on: neighbours are not found by routes. */
static int
parse_link(struct cli_call *call, const char **iface)
{
	int rc = cli_arg_scope(call, "ADDR", iface);

	if (rc == 0 && *iface == NULL)
		rc = cli_fail(call, "ADDR", EINVAL,
			"on which interface? Say '%s dev IFACE': 'iface show' lists them",
			cli_arg_string(call, "ADDR"));
	return rc;
}

static int
arping_start(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);
	struct arping_job *job;
	const char *iface;
	int rc = parse_link(call, &iface);

	if (rc < 0)
		return rc;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	cli_arg_addr(call, "ADDR", &job->dst);
	job->count = (uint16_t)cli_arg_number(call, "count", ARPING_COUNT_DEFAULT);
	job->interval_ns = cli_arg_number(call, "interval", ARPING_INTERVAL_DEFAULT) * 1000000ULL;
	rc = stack_arping_create(
		daemon->stack, iface, &job->dst, arping_answered, job, &job->arping, call->err);
	if (rc < 0) {
		free(job);
		return rc;
	}
	return job_start(&job->job, &arping_ops, call);
}

static int
family_check(struct cli_call *call, uint8_t family, const char *other)
{
	struct ip_addr addr;

	if (cli_arg_addr(call, "ADDR", &addr) && addr.family == family)
		return arping_start(call);
	return cli_fail(call, "ADDR", EINVAL, "not an IPv%u address: say '%s'", family, other);
}

static int
arping(struct cli_call *call)
{
	return family_check(call, IP_FAMILY_4, "ndping");
}

static int
ndping(struct cli_call *call)
{
	return family_check(call, IP_FAMILY_6, "arping");
}

#define ARPING_ARGS "ADDR:SCOPED [dev IFACE] [count N:1-65535] [interval N:10-60000]"
#define ARPING_HELP "\ninterval: milliseconds (default 1000)"

static const struct cli_command arping_commands[] = {
	{ "arping " ARPING_ARGS, "ask by ARP who has an IPv4 address" ARPING_HELP, arping,
		CLI_NOT_IN_FILE },
};

static const struct cli_command ndping_commands[] = {
	{ "ndping " ARPING_ARGS,
		"ask by neighbour solicitations who has an IPv6 address" ARPING_HELP
		"\ndev: may be left out where the address says it: fe80::1%p0",
		ndping, CLI_NOT_IN_FILE },
};

const struct cli_noun cli_noun_arping = {
	.name = "arping",
	.help = "ask by ARP who has an address",
	.commands = arping_commands,
	.count = sizeof(arping_commands) / sizeof(arping_commands[0]),
};

const struct cli_noun cli_noun_ndping = {
	.name = "ndping",
	.help = "ask by ND who has an address",
	.commands = ndping_commands,
	.count = sizeof(ndping_commands) / sizeof(ndping_commands[0]),
};
