/* SPDX-License-Identifier: BSD-3-Clause */
/* ping: echo requests from the daemon's own addresses. */
#include <stdlib.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_ping.h"
#include "spated/jobs.h"
#include "wire/icmp.h"

#define PING_COUNT_DEFAULT    4
#define PING_INTERVAL_DEFAULT 1000
#define PING_SIZE_DEFAULT     56
#define PING_WAIT_MS          1000 /* for the last answer */

struct ping_job {
	struct job job;
	struct stack_ping *ping;
	struct ip_addr dst;
	uint16_t count, sent, received, errors;
	uint64_t interval_ns, due_ns;
	uint64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

static const char *
error_text(const struct ping_job *job, const struct stack_ping_answer *answer)
{
	bool ip4 = job->dst.family == IP_FAMILY_4;

	if (answer->type == (ip4 ? (uint8_t)ICMP4_TIME_EXCEEDED : (uint8_t)ICMP6_TIME_EXCEEDED))
		return ip4 ? "time to live exceeded" : "hop limit exceeded";
	if (!ip4 && answer->type == ICMP6_PACKET_TOO_BIG)
		return "packet too big";
	if (ip4 && answer->code == ICMP4_FRAGMENTATION_NEEDED)
		return "fragmentation needed";
	return "destination unreachable";
}

static void
ping_answered(void *arg, const struct stack_ping_answer *answer)
{
	struct ping_job *job = arg;
	bool ip4 = job->dst.family == IP_FAMILY_4;
	char text[IP_TEXT_MAX];

	ip_addr_format(&answer->from, text);
	if (answer->type != (ip4 ? (uint8_t)ICMP4_ECHO_REPLY : (uint8_t)ICMP6_ECHO_REPLY)) {
		job->errors++;
		cli_session_printf(job->job.session, "from %s icmp_seq=%u: %s (code %u)\n", text,
			answer->sequence, error_text(job, answer), answer->code);
		return;
	}
	job->received++;
	job->rtt_sum_ns += answer->rtt_ns;
	if (job->rtt_min_ns == 0 || answer->rtt_ns < job->rtt_min_ns)
		job->rtt_min_ns = answer->rtt_ns;
	if (answer->rtt_ns > job->rtt_max_ns)
		job->rtt_max_ns = answer->rtt_ns;
	cli_session_printf(job->job.session, "%u bytes from %s: icmp_seq=%u ttl=%u time=%.3f ms\n",
		answer->size_bytes, text, answer->sequence, answer->ttl,
		(double)answer->rtt_ns / 1e6);
}

static void
ping_free(struct job *job)
{
	struct ping_job *ping = (struct ping_job *)job;

	stack_ping_destroy(job->daemon->stack, ping->ping);
	free(ping);
}

static void
ping_summary(const struct job *job)
{
	const struct ping_job *ping = (const struct ping_job *)job;
	unsigned lost = ping->sent - RTE_MIN(ping->received, ping->sent);

	cli_session_printf(job->session, "%u sent, %u received, %u errors, %.0f%% lost\n",
		ping->sent, ping->received, ping->errors,
		ping->sent != 0 ? 100.0 * lost / ping->sent : 0);
	if (ping->received > 0)
		cli_session_printf(job->session, "round trip min/avg/max %.3f/%.3f/%.3f ms\n",
			(double)ping->rtt_min_ns / 1e6,
			(double)ping->rtt_sum_ns / ping->received / 1e6,
			(double)ping->rtt_max_ns / 1e6);
}

static void
ping_end(struct ping_job *ping)
{
	char text[IP_TEXT_MAX];
	struct error err;

	if (ping->received > 0) {
		job_end(&ping->job, NULL);
		return;
	}
	error_set(&err, EHOSTUNREACH, "no answer from %s", ip_addr_format(&ping->dst, text));
	job_end(&ping->job, &err);
}

static void
ping_poll(struct job *job, uint64_t now_ns)
{
	struct ping_job *ping = (struct ping_job *)job;
	bool all_sent = ping->sent == ping->count;
	struct error err;

	if (all_sent && (ping->received + ping->errors >= ping->count || now_ns >= ping->due_ns)) {
		ping_end(ping);
	} else if (now_ns >= ping->due_ns) {
		ping->sent++;
		if (stack_ping_send(job->daemon->stack, ping->ping, ping->sent, &err) < 0) {
			ping->errors++;
			cli_session_printf(job->session, "icmp_seq=%u: %s\n", ping->sent, err.text);
		}
		ping->due_ns = now_ns +
			(ping->sent < ping->count ? ping->interval_ns : PING_WAIT_MS * 1000000ULL);
	}
}

static const struct job_ops ping_ops = { ping_poll, ping_summary, ping_free };

static int
ping(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);
	struct stack_ping_config config;
	struct ping_job *job;
	int rc = parse_ping(call, PING_SIZE_DEFAULT, &config);

	if (rc < 0)
		return rc;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	job->dst = config.dst;
	job->count = (uint16_t)cli_arg_number(call, "count", PING_COUNT_DEFAULT);
	job->interval_ns = cli_arg_number(call, "interval", PING_INTERVAL_DEFAULT) * 1000000ULL;
	rc = stack_ping_create(daemon->stack, &config, ping_answered, job, &job->ping, call->err);
	if (rc < 0) {
		free(job);
		return rc;
	}
	return job_start(&job->job, &ping_ops, call);
}

static const struct cli_command commands[] = {
	{ "ping ADDR:SCOPED [count N:1-65535] [interval N:1-60000] [size N:0-65527] [source SRC:ADDR] "
	  "[dev IFACE] [ttl N:1-255] [df] [vrf VRF]",
		"send echo requests, as any host on the links would\n"
		"interval: milliseconds (default 1000)\n"
		"size: bytes of data (default 56; of IPv4 at most 65507)\n"
		"source: one of our addresses (default: by the interface it leaves by)\n"
		"dev: the interface, for a link-local address; fe80::1%p0 says the same\n"
		"df: not to be fragmented, neither here nor on the way\n"
		"vrf: by whose routes it goes; with dev that of the interface",
		ping, CLI_NOT_IN_FILE },
};

const struct cli_noun cli_noun_ping = {
	.name = "ping",
	.help = "send echo requests",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
