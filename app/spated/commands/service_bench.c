/* SPDX-License-Identifier: BSD-3-Clause */
/* service ... bench-server and bench-client: the words of a bench, and what came of it. */
#include "service/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/units.h"
#include "commands/service.h"
#include "sctp/sctp.h"
#include "service/bench_hello.h"

#define DURATION_NS      10000000000ULL
#define SIZE_BYTES       64
#define NS_PER_US        1000.0
#define NS_PER_MS        1000000ULL

#define KEEPALIVE_MIN_NS NS_PER_MS
#define KEEPALIVE_MAX_NS (86400000ULL * NS_PER_MS)

/* ---- the server ---- */

static int
server_parse_words(struct cli_call *call, struct stack_service_config *config)
{
	config->service.local.port = (uint16_t)cli_arg_number(call, "port", BENCH_PORT);
	return 0;
}

static void
server_show(const struct stack_service *service, struct show *show)
{
	struct bench_server_counters counters;

	bench_server_collect(service->apps, service->app_count, &counters);
	show_u64(show, "open", counters.open);
	show_u64(show, "connections", counters.connections);
	show_u64(show, "refused", counters.refused);
	show_u64(show, "responses", counters.responses);
	show_u64(show, "bytes_sent", counters.bytes_sent);
	show_u64(show, "bytes_received", counters.bytes_received);
	show_u64(show, "bytes_wrong", counters.bytes_wrong);
	show_u64(show, "messages_sent", counters.messages_sent);
	show_u64(show, "messages_received", counters.messages_received);
	show_u64(show, "messages_wrong", counters.messages_wrong);
	show_u64(show, "bad", counters.bad);
	show_u64(show, "timeouts", counters.timeouts);
}

const struct service_words service_words_bench_server = {
	.ops = &service_bench_server,
	.parse = server_parse_words,
	.show = server_show,
};

/* ---- the client's words ---- */

static int
name_parse(struct cli_call *call, struct stack_service_config *config)
{
	const char *name = cli_arg_string(call, "name");

	if (name != NULL)
		snprintf(config->name, sizeof(config->name), "%s", name);
	return 0;
}

static enum bench_mode
mode_parse(const struct cli_call *call)
{
	unsigned mode = 0;

	while (mode + 1 < BENCH_MODE_COUNT && !cli_arg_present(call, bench_mode_name(mode)))
		mode++;
	return (enum bench_mode)mode;
}

/* One host's, and not a link's. */
static int
addr_check(struct cli_call *call, const char *word, const struct ip_addr *addr)
{
	if (ip_addr_is_unspecified(addr) || ip_addr_is_multicast(addr) ||
		ip_addr_is_link_local(addr))
		return cli_fail(call, word, EINVAL, "one host's address is needed, not a link's");
	return 0;
}

static void
addr_add(const struct ip_addr *addr, uint16_t port, struct sock_addr *addrs, unsigned *count)
{
	for (unsigned i = 0; i < *count; i++) {
		if (ip_addr_equal(&addrs[i].addr, addr))
			return;
	}
	addrs[(*count)++] = (struct sock_addr){ *addr, port, PKT_IFACE_NONE };
}

/* Each `to`, and the `from` behind it. @return 0 or -EINVAL */
static int
addrs_parse(struct cli_call *call, struct bench_config *bench)
{
	const uint16_t port = (uint16_t)cli_arg_number(call, "port", BENCH_PORT);
	unsigned count = 0;
	int rc = 0;

	while (cli_arg_group_next(call)) {
		struct ip_addr addr;

		if (rc < 0)
			continue;
		if (++count > BENCH_ADDRS_MAX) {
			rc = cli_fail(call, "to", EINVAL, "%u are the most", BENCH_ADDRS_MAX);
			continue;
		}
		cli_arg_addr(call, "to", &addr);
		addr_add(&addr, port, bench->peers, &bench->peer_count);
		rc = addr_check(call, "to", &addr);
		if (rc < 0 || !cli_arg_addr(call, "from", &addr))
			continue;
		addr_add(&addr, 0, bench->locals, &bench->local_count);
		rc = addr_check(call, "from", &addr);
	}
	return rc;
}

/* Words of partial reliability; each is of another policy. */
static const struct {
	const char *word;
	enum sctp_pr_policy policy;
} policies[] = {
	{ "lifetime", SCTP_PR_TIMED },
	{ "retransmissions", SCTP_PR_LIMITED },
};

/* @return 0 or -EINVAL */
static int
policy_parse(struct cli_call *call, struct bench_config *bench)
{
	uint64_t ns = 0;

	for (unsigned i = 0; i < RTE_DIM(policies); i++) {
		if (!cli_arg_present(call, policies[i].word))
			continue;
		if (bench->pr_policy != SCTP_PR_DEFAULT)
			return cli_fail(call, policies[i].word, EINVAL, "messages have one policy");
		if (bench->mode != BENCH_SEND || bench->proto != SOCK_SCTP)
			return cli_fail(
				call, policies[i].word, EINVAL, "this is for sctp in mode send");
		/* A server of ours counts what does not come as wrong. */
		if (bench->verify && !bench->raw)
			return cli_fail(
				call, "verify", EINVAL, "messages may be missing: 'raw' only");
		bench->pr_policy = (uint8_t)policies[i].policy;
		bench->pr_value = (uint32_t)cli_arg_number(call, policies[i].word, 0);
	}
	if (cli_arg_time(call, "lifetime", &ns) && (ns < NS_PER_MS || ns > UINT32_MAX * NS_PER_MS))
		return cli_fail(call, "lifetime", EINVAL, "it is from 1ms to 49 days");
	if (bench->pr_policy == SCTP_PR_TIMED)
		bench->pr_value = (uint32_t)(ns / NS_PER_MS);
	return 0;
}

/* Of SCTP alone, or of what it has not. @return 0 or -EINVAL */
static int
sctp_check(struct cli_call *call, const struct bench_config *bench)
{
	static const char *const words[] = { "streams", "ppid", "unordered", "from" };
	const bool requests = bench->mode == BENCH_RR;

	for (unsigned i = 0; bench->proto != SOCK_SCTP && i < RTE_DIM(words); i++) {
		if (cli_arg_present(call, words[i]))
			return cli_fail(call, words[i], EINVAL, "this is for sctp");
	}
	if (bench->proto != SOCK_SCTP)
		return bench->peer_count > 1
			? cli_fail(call, "to", EINVAL, "only hosts of sctp have several")
			: 0;
	if (cli_arg_present(call, "udp"))
		return cli_fail(call, "sctp", EINVAL, "it is that, or udp");
	if (bench->keepalive_ms > 0)
		return cli_fail(call, "keepalive", EINVAL, "sctp has heartbeats");
	if (RTE_MAX(bench->request_bytes, bench->response_bytes) > BENCH_MESSAGE_MAX)
		return cli_fail(call,
			bench->request_bytes > BENCH_MESSAGE_MAX ? "size" : "response", EINVAL,
			"a message has %u bytes at most", BENCH_MESSAGE_MAX);
	if (bench->verify &&
		RTE_MIN(bench->request_bytes, bench->response_bytes) < BENCH_NUMBER_LENGTH)
		return cli_fail(call, "verify", EINVAL, "that takes messages of %u bytes",
			BENCH_NUMBER_LENGTH);
	if (bench->verify && bench->connections > BENCH_CHECKS_MAX)
		return cli_fail(
			call, "verify", EINVAL, "of %u connections at most", BENCH_CHECKS_MAX);
	if (requests && (uint64_t)bench->streams * bench->connections > BENCH_REQUESTS_MAX)
		return cli_fail(call, "connections", EINVAL,
			"each stream has a request under way: %u of all connections are the most",
			BENCH_REQUESTS_MAX);
	return 0;
}

/* What the words say together. @return 0 or -EINVAL */
static int
client_check(struct cli_call *call, const struct bench_config *bench)
{
	const bool transactions = bench->mode == BENCH_RR || bench->mode == BENCH_CRR;
	const bool streams = bench->mode == BENCH_SEND || bench->mode == BENCH_RECEIVE;

	if (bench->proto == SOCK_UDP && bench->mode != BENCH_RR)
		return cli_fail(call, "udp", EINVAL, "datagrams are for mode rr only");
	if (bench->proto == SOCK_UDP &&
		(bench->request_bytes < BENCH_DATAGRAM_LENGTH || bench->request_bytes > 65507))
		return cli_fail(call, "size", EINVAL, "a datagram has %u to 65507 bytes",
			BENCH_DATAGRAM_LENGTH);
	if (!transactions && bench->proto != SOCK_SCTP && cli_arg_present(call, "size"))
		return cli_fail(call, "size", EINVAL, "requests are for modes rr and crr");
	if (!streams && bench->stream_bytes > 0)
		return cli_fail(call, "bytes", EINVAL, "streams are of modes send and receive");
	if (!streams && bench->verify && (bench->proto != SOCK_SCTP || !transactions))
		return cli_fail(call, "verify", EINVAL, "streams are of modes send and receive");
	if (bench->proto == SOCK_UDP && bench->keepalive_ms > 0)
		return cli_fail(call, "keepalive", EINVAL, "it is for connections, not datagrams");
	if (bench->raw && bench->response_bytes != bench->request_bytes)
		return cli_fail(call, "response", EINVAL,
			"an echo is as long as what was sent: without 'response' it is");
	return sctp_check(call, bench);
}

static int
keepalive_parse(struct cli_call *call, struct bench_config *bench)
{
	uint64_t ns;

	if (!cli_arg_time(call, "keepalive", &ns))
		return 0;
	if (ns < KEEPALIVE_MIN_NS || ns > KEEPALIVE_MAX_NS)
		return cli_fail(call, "keepalive", EINVAL, "from 1ms to 86400s");
	bench->keepalive_ms = (uint32_t)(ns / NS_PER_MS);
	return 0;
}

static int
client_parse(struct cli_call *call, struct bench_config *bench)
{
	int rc = keepalive_parse(call, bench);

	if (rc == 0)
		rc = addrs_parse(call, bench);
	bench->mode = mode_parse(call);
	bench->proto = cli_arg_present(call, "sctp") ? SOCK_SCTP
		: cli_arg_present(call, "udp")       ? SOCK_UDP
						     : SOCK_TCP;
	bench->raw = cli_arg_present(call, "raw");
	bench->connections = (uint32_t)cli_arg_number(call, "connections", 1);
	bench->request_bytes = (uint32_t)cli_arg_number(call, "size", SIZE_BYTES);
	bench->response_bytes = (uint32_t)cli_arg_number(call, "response", bench->request_bytes);
	bench->streams = (uint16_t)cli_arg_number(call, "streams", 1);
	bench->unordered = cli_arg_present(call, "unordered");
	bench->ppid_be = rte_cpu_to_be_32((uint32_t)cli_arg_number(call, "ppid", 0));
	bench->stream_bytes = cli_arg_number(call, "bytes", 0);
	bench->verify = cli_arg_present(call, "verify");
	bench->duration_ns = DURATION_NS;
	cli_arg_time(call, "duration", &bench->duration_ns);
	if (rc == 0)
		rc = policy_parse(call, bench);
	return rc < 0 ? rc : client_check(call, bench);
}

static int
client_parse_words(struct cli_call *call, struct stack_service_config *config)
{
	struct bench_config *bench;
	int rc = name_parse(call, config);

	/* `service stop` says only its name; and of the server's port, which is not ours. */
	config->service.local.port = 0;
	if (rc < 0 || !cli_arg_present(call, "to"))
		return rc;
	bench = calloc(1, sizeof(*bench));
	if (bench == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	rc = client_parse(call, bench);
	if (rc < 0) {
		free(bench);
		return rc;
	}
	bench->worker_count = service_stack(call)->worker_count;
	config->service.options = bench;
	config->options_free = free;
	return 0;
}

/* Which `from` was said with which `to` does not matter. */
static void
addrs_append(const struct bench_config *bench, struct strbuf *out)
{
	char text[IP_TEXT_MAX], local[IP_TEXT_MAX];

	for (unsigned i = 0; i < bench->peer_count; i++) {
		strbuf_printf(out, " to %s", ip_addr_format(&bench->peers[i].addr, text));
		if (i < bench->local_count)
			strbuf_printf(
				out, " from %s", ip_addr_format(&bench->locals[i].addr, text));
	}
	for (unsigned i = bench->peer_count; i < bench->local_count; i++)
		strbuf_printf(out, " to %s from %s", ip_addr_format(&bench->peers[0].addr, text),
			ip_addr_format(&bench->locals[i].addr, local));
}

static void
policy_append(const struct bench_config *bench, struct strbuf *out)
{
	char time[CLI_UNITS_TEXT_MAX];

	for (unsigned i = 0; i < RTE_DIM(policies); i++) {
		if (bench->pr_policy != policies[i].policy)
			continue;
		if (bench->pr_policy == SCTP_PR_TIMED)
			strbuf_printf(out, " lifetime %s",
				cli_time_format(bench->pr_value * NS_PER_MS, time));
		else
			strbuf_printf(out, " %s %u", policies[i].word, bench->pr_value);
	}
}

static void
sctp_append(const struct bench_config *bench, struct strbuf *out)
{
	strbuf_printf(out, " sctp streams %u", bench->streams);
	if (bench->ppid_be != 0)
		strbuf_printf(out, " ppid %u", rte_be_to_cpu_32(bench->ppid_be));
	if (bench->unordered)
		strbuf_append(out, " unordered");
	policy_append(bench, out);
}

static void
client_append(const struct stack_service_config *config, struct strbuf *out)
{
	const struct bench_config *bench = config->service.options;
	char time[CLI_UNITS_TEXT_MAX];

	strbuf_printf(out, " mode %s", bench_mode_name(bench->mode));
	addrs_append(bench, out);
	strbuf_printf(out, " port %u connections %u", bench->peers[0].port, bench->connections);
	if (bench->mode == BENCH_RR || bench->mode == BENCH_CRR || bench->proto == SOCK_SCTP)
		strbuf_printf(out, " size %u", bench->request_bytes);
	if (bench->response_bytes != bench->request_bytes)
		strbuf_printf(out, " response %u", bench->response_bytes);
	if (bench->stream_bytes > 0)
		strbuf_printf(out, " bytes %" PRIu64, bench->stream_bytes);
	strbuf_printf(out, " duration %s", cli_time_format(bench->duration_ns, time));
	if (bench->keepalive_ms > 0)
		strbuf_printf(out, " keepalive %s",
			cli_time_format(bench->keepalive_ms * NS_PER_MS, time));
	if (bench->proto == SOCK_UDP)
		strbuf_append(out, " udp");
	if (bench->proto == SOCK_SCTP)
		sctp_append(bench, out);
	if (bench->raw)
		strbuf_append(out, " raw");
	if (bench->verify)
		strbuf_append(out, " verify");
}

/* ---- what came of it ---- */

static void
latency_show(struct show *show, const struct histogram *latency)
{
	static const struct {
		const char *name;
		uint32_t of_100000;
	} percentiles[] = { { "p50_us", 50000 }, { "p90_us", 90000 }, { "p99_us", 99000 },
		{ "p999_us", 99900 }, { "p9999_us", 99990 } };

	show_record_begin(show, "latency");
	show_u64(show, "count", latency->count);
	show_double(show, "min_us", (double)latency->min / NS_PER_US, 1);
	show_double(show, "mean_us",
		latency->count > 0 ? (double)latency->sum / (double)latency->count / NS_PER_US : 0,
		1);
	for (unsigned i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		show_double(show, percentiles[i].name,
			(double)histogram_percentile(latency, percentiles[i].of_100000) / NS_PER_US,
			1);
	show_double(show, "max_us", (double)latency->max / NS_PER_US, 1);
	show_record_end(show);
}

static void
client_show(const struct stack_service *service, struct show *show)
{
	const struct bench_config *bench = service->config.service.options;
	struct bench_result *result = malloc(sizeof(*result));
	const struct bench_counters *c;
	char text[IP_TEXT_MAX];
	double seconds;

	if (result == NULL)
		return;
	bench_result_collect(service->apps, service->app_count, result);
	c = &result->counters;
	seconds = (double)c->elapsed_ns / 1e9;
	show_string(show, "mode", bench_mode_name(bench->mode));
	show_string(show, "to", ip_addr_format(&bench->peers[0].addr, text));
	show_u64(show, "to_port", bench->peers[0].port);
	show_string(show, "state",
		result->is_done         ? "done"
			: c->opened > 0 ? "running"
					: "connecting");
	show_double(show, "seconds", seconds, 3);
	show_u64(show, "opened", c->opened);
	show_u64(show, "failed", c->failed);
	show_u64(show, "open", c->open);
	show_u64(show, "transactions", c->transactions);
	show_u64(show, "lost", c->lost);
	show_u64(show, "bytes_sent", c->bytes_sent);
	show_u64(show, "bytes_received", c->bytes_received);
	show_u64(show, "bytes_wrong", c->bytes_wrong);
	show_u64(show, "messages_sent", c->messages_sent);
	show_u64(show, "messages_received", c->messages_received);
	show_u64(show, "messages_wrong", c->messages_wrong);
	show_u64(show, "messages_abandoned", c->messages_abandoned);
	if (c->elapsed_ns == 0)
		seconds = INFINITY;
	show_double(show, "connections_per_second", (double)c->opened / seconds, 1);
	show_double(show, "transactions_per_second", (double)c->transactions / seconds, 1);
	show_double(show, "messages_sent_per_second", (double)c->messages_sent / seconds, 1);
	show_double(
		show, "messages_received_per_second", (double)c->messages_received / seconds, 1);
	show_double(show, "sent_mbit_per_second", (double)c->bytes_sent * 8e-6 / seconds, 3);
	show_double(
		show, "received_mbit_per_second", (double)c->bytes_received * 8e-6 / seconds, 3);
	latency_show(show, &result->latency);
	free(result);
}

const struct service_words service_words_bench_client = {
	.ops = &service_bench_client,
	.parse = client_parse_words,
	.append = client_append,
	.show = client_show,
};
