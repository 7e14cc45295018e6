/* SPDX-License-Identifier: BSD-3-Clause */
/* ping: echo requests from the daemon's own addresses. */
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include <bsd/string.h>

#include "commands/commands.h"
#include "spated/daemon.h"
#include "wire/icmp.h"

#define PING_COUNT_DEFAULT    4
#define PING_INTERVAL_DEFAULT 1000
#define PING_SIZE_DEFAULT     56
#define PING_WAIT_MS          1000 /* for the last answer */

struct ping_job {
	TAILQ_ENTRY(ping_job) entry;
	struct daemon *daemon;
	struct cli_session *session;
	struct stack_ping *ping;
	struct ip_addr dst;
	uint16_t count, sent, received, errors;
	uint64_t interval_ns, due_ns;
	uint64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

TAILQ_HEAD(ping_jobs, ping_job);

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

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
		cli_session_printf(job->session, "from %s icmp_seq=%u: %s (code %u)\n", text,
			answer->sequence, error_text(job, answer), answer->code);
		return;
	}
	job->received++;
	job->rtt_sum_ns += answer->rtt_ns;
	if (job->rtt_min_ns == 0 || answer->rtt_ns < job->rtt_min_ns)
		job->rtt_min_ns = answer->rtt_ns;
	if (answer->rtt_ns > job->rtt_max_ns)
		job->rtt_max_ns = answer->rtt_ns;
	cli_session_printf(job->session, "%u bytes from %s: icmp_seq=%u ttl=%u time=%.3f ms\n",
		answer->size_bytes, text, answer->sequence, answer->ttl,
		(double)answer->rtt_ns / 1e6);
}

static void
ping_job_free(struct ping_job *job)
{
	struct daemon *daemon = job->daemon;

	TAILQ_REMOVE(daemon->pings, job, entry);
	stack_ping_destroy(daemon->stack, job->ping);
	free(job);
}

static void
ping_summary(const struct ping_job *job)
{
	unsigned lost = job->sent - RTE_MIN(job->received, job->sent);

	cli_session_printf(job->session, "%u sent, %u received, %u errors, %.0f%% lost\n",
		job->sent, job->received, job->errors,
		job->sent != 0 ? 100.0 * lost / job->sent : 0);
	if (job->received > 0)
		cli_session_printf(job->session, "round trip min/avg/max %.3f/%.3f/%.3f ms\n",
			(double)job->rtt_min_ns / 1e6,
			(double)job->rtt_sum_ns / job->received / 1e6,
			(double)job->rtt_max_ns / 1e6);
}

static void
ping_end(struct ping_job *job)
{
	struct cli_session *session = job->session;
	char text[IP_TEXT_MAX];
	struct error err;

	ping_summary(job);
	if (job->received > 0) {
		cli_session_end(session, 0, NULL);
	} else {
		error_set(&err, EHOSTUNREACH, "no answer from %s", ip_addr_format(&job->dst, text));
		cli_session_end(session, -EHOSTUNREACH, &err);
	}
	ping_job_free(job);
}

/* The client asked for it, or is gone. */
static void
ping_abort(void *arg)
{
	struct ping_job *job = arg;

	ping_summary(job);
	ping_job_free(job);
}

void
ping_poll(struct daemon *daemon)
{
	struct ping_job *job, *next;
	uint64_t now = now_ns();

	if (daemon->pings == NULL)
		return;
	for (job = TAILQ_FIRST(daemon->pings); job != NULL; job = next) {
		next = TAILQ_NEXT(job, entry);
		if (job->sent == job->count && job->received + job->errors >= job->count) {
			ping_end(job);
		} else if (now >= job->due_ns && job->sent == job->count) {
			ping_end(job);
		} else if (now >= job->due_ns) {
			stack_ping_send(daemon->stack, job->ping, ++job->sent, NULL);
			job->due_ns = now +
				(job->sent < job->count ? job->interval_ns
							: PING_WAIT_MS * 1000000ULL);
		}
	}
}

void
ping_stop_all(struct daemon *daemon)
{
	struct ping_job *job;

	if (daemon->pings == NULL)
		return;
	/* ping_end() takes the job off the list. */
	while ((job = TAILQ_FIRST(daemon->pings)) != NULL)
		ping_end(job); // NOLINT(clang-analyzer-unix.Malloc)
	free(daemon->pings);
	daemon->pings = NULL;
}

static int
ping_jobs_create(struct daemon *daemon, struct error *err)
{
	if (daemon->pings != NULL)
		return 0;
	daemon->pings = malloc(sizeof(*daemon->pings));
	if (daemon->pings == NULL)
		return error_set(err, ENOMEM, "no memory");
	TAILQ_INIT(daemon->pings);
	return 0;
}

static void
ping_config(const struct cli_call *call, struct stack_ping_config *config)
{
	const char *iface = cli_arg_string(call, "dev");

	*config = (struct stack_ping_config){
		.size_bytes = (uint16_t)cli_arg_number(call, "size", PING_SIZE_DEFAULT),
		.ttl = (uint8_t)cli_arg_number(call, "ttl", IP_TTL_DEFAULT),
	};
	cli_arg_addr(call, "ADDR", &config->dst);
	cli_arg_addr(call, "source", &config->source);
	if (iface != NULL)
		strlcpy(config->iface, iface, sizeof(config->iface));
}

static int
ping(struct cli_call *call)
{
	struct daemon *daemon = call->daemon;
	struct stack_ping_config config;
	struct ping_job *job;
	int rc = ping_jobs_create(daemon, call->err);

	if (rc < 0)
		return rc;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	ping_config(call, &config);
	job->daemon = daemon;
	job->dst = config.dst;
	job->count = (uint16_t)cli_arg_number(call, "count", PING_COUNT_DEFAULT);
	job->interval_ns = cli_arg_number(call, "interval", PING_INTERVAL_DEFAULT) * 1000000ULL;
	rc = stack_ping_create(daemon->stack, &config, ping_answered, job, &job->ping, call->err);
	if (rc < 0) {
		free(job);
		return rc;
	}
	job->session = cli_pend(call, ping_abort, job);
	if (job->session == NULL) {
		stack_ping_destroy(daemon->stack, job->ping);
		free(job);
		return -call->err->errnum;
	}
	TAILQ_INSERT_TAIL(daemon->pings, job, entry);
	return CLI_PENDING;
}

static const struct cli_command commands[] = {
	{ "ping ADDR [count N:1-65535] [interval N:1-60000] [size N:0-1472] [source SRC:ADDR] "
	  "[dev IFACE] [ttl N:1-255]",
		"send echo requests, as any host on the links would\n"
		"interval: milliseconds (default 1000)\n"
		"size: bytes of data (default 56)\n"
		"dev: the interface, for a link-local address",
		ping, CLI_NOT_IN_FILE },
};

const struct cli_noun cli_noun_ping = {
	.name = "ping",
	.help = "send echo requests",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
