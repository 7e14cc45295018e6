/* SPDX-License-Identifier: BSD-3-Clause */
/* ephemeral: local ports for those who do not say which. RFC 6056. */
#include <stdlib.h>
#include <string.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "ephemeral/ephemeral.h"

/* As many ports as a LIST can name. */
#define PORTS_MAX 65536

static const struct {
	const char *name;
	enum sock_proto proto;
} protos[] = {
	{ "udp", SOCK_UDP },
	{ "tcp", SOCK_TCP },
	{ "sctp", SOCK_SCTP },
};

#define EPHEMERAL_PROTO_COUNT (sizeof(protos) / sizeof(protos[0]))

/* ---- what is said of a policy ---- */

/* "5060-5061,8080"; nothing if none is. */
static void
excluded_append(const struct ephemeral_policy *policy, struct strbuf *out)
{
	const char *comma = "";
	uint16_t first, last;

	for (uint32_t from = 0; ephemeral_policy_excluded(policy, from, &first, &last);
		from = last + 1U) {
		strbuf_printf(out, "%s%u", comma, first);
		if (last != first)
			strbuf_printf(out, "-%u", last);
		comma = ",";
	}
}

/* All that makes it differ from another. */
static void
policy_append(const struct ephemeral_policy *policy, const struct ephemeral_policy *other,
	struct strbuf *out)
{
	if (policy->algorithm != other->algorithm)
		strbuf_printf(out, " algorithm %s", policy->algorithm->name);
	if (policy->min != other->min || policy->max != other->max)
		strbuf_printf(out, " range %u-%u", policy->min, policy->max);
	if (policy->increment != other->increment)
		strbuf_printf(out, " increment %u", policy->increment);
	if (memcmp(policy->excluded, other->excluded, sizeof(policy->excluded)) != 0) {
		size_t before = out->length;

		strbuf_append(out, " exclude ");
		excluded_append(policy, out);
		if (out->length == before + strlen(" exclude "))
			strbuf_append(out, "none");
	}
}

/* ---- set ---- */

static int
algorithm_set(struct cli_call *call, struct ephemeral_policy *policy)
{
	const char *name = cli_arg_string(call, "algorithm");

	if (name == NULL)
		return 0;
	policy->algorithm = ephemeral_algorithm_find(name);
	if (policy->algorithm == NULL)
		return cli_fail(call, "algorithm", ENOENT,
			"no algorithm \"%s\": 'ephemeral show algorithms' lists them", name);
	return 0;
}

/* A LIST that is one span. */
static int
range_set(struct cli_call *call, unsigned *ports, struct ephemeral_policy *policy)
{
	int count = cli_arg_list(call, "range", ports, PORTS_MAX);

	if (count <= 0)
		return count;
	for (int i = 1; i < count; i++) {
		if (ports[i] != ports[0] + (unsigned)i)
			return cli_fail(call, "range", EINVAL,
				"a range is one, such as 32768-60999: 'exclude' makes holes");
	}
	return ephemeral_policy_range(
		policy, (uint16_t)ports[0], (uint16_t)ports[count - 1], call->err);
}

static int
exclude_add(struct cli_call *call, unsigned *ports, struct ephemeral_policy *policy)
{
	int count = cli_arg_list(call, "PORTS", ports, PORTS_MAX), rc = 0;

	for (int i = 0, end; i < count && rc == 0; i = end) {
		for (end = i + 1; end < count && ports[end] == ports[end - 1] + 1; end++)
			;
		rc = ephemeral_policy_exclude(
			policy, (uint16_t)ports[i], (uint16_t)ports[end - 1], call->err);
	}
	return rc;
}

/* Exclusions are all said anew, or none: then the range must leave some as they are. */
static int
policy_parse(struct cli_call *call, struct ephemeral_policy *policy)
{
	unsigned *ports = malloc(sizeof(*ports) * PORTS_MAX);
	int rc = ports != NULL ? algorithm_set(call, policy)
			       : error_set(call->err, ENOMEM, "no memory");

	if (cli_arg_present(call, "exclude"))
		memset(policy->excluded, 0, sizeof(policy->excluded));
	policy->increment = (uint16_t)cli_arg_number(call, "increment", policy->increment);
	if (rc == 0)
		rc = range_set(call, ports, policy);
	if (rc == 0 && !cli_arg_present(call, "none"))
		rc = exclude_add(call, ports, policy);
	free(ports);
	return rc;
}

static int
ephemeral_set(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct ephemeral_policy policy, before;
	struct strbuf undo = STRBUF_INIT;
	size_t i = 0;
	int rc;

	while (i < EPHEMERAL_PROTO_COUNT - 1 && !cli_arg_present(call, protos[i].name))
		i++;
	before = *stack_ephemeral_get(stack, protos[i].proto);
	policy = before;
	rc = policy_parse(call, &policy);
	if (rc == 0)
		rc = stack_ephemeral_set(stack, protos[i].proto, &policy, call->err);
	if (rc < 0)
		return rc;
	policy_append(&before, &policy, &undo);
	cli_undo(call, "ephemeral set proto %s%s", protos[i].name, strbuf_text(&undo));
	strbuf_free(&undo);
	return 0;
}

/* ---- show ---- */

static void
show_proto(struct show *show, const struct stack *stack, size_t i)
{
	const struct ephemeral_policy *policy = stack_ephemeral_get(stack, protos[i].proto);
	struct stack_ephemeral_stats stats;
	struct strbuf excluded = STRBUF_INIT;
	char range[16];

	stack_ephemeral_stats(stack, protos[i].proto, &stats);
	excluded_append(policy, &excluded);
	snprintf(range, sizeof(range), "%u-%u", policy->min, policy->max);
	show_record_begin(show, NULL);
	show_string(show, "proto", protos[i].name);
	show_string(show, "algorithm", policy->algorithm->name);
	show_string(show, "range", range);
	show_string(show, "excluded", excluded.length > 0 ? strbuf_text(&excluded) : NULL);
	show_u64(show, "increment",
		policy->increment != 0 ? policy->increment : policy->algorithm->increment);
	show_u64(show, "chosen", stats.chosen);
	show_u64(show, "collisions", stats.collisions);
	show_u64(show, "elsewhere", stats.elsewhere);
	show_u64(show, "exhausted", stats.exhausted);
	show_record_end(show);
	strbuf_free(&excluded);
}

static int
ephemeral_show(struct cli_call *call)
{
	show_list_begin(call->show, NULL);
	for (size_t i = 0; i < EPHEMERAL_PROTO_COUNT; i++)
		show_proto(call->show, stack_of(call), i);
	show_list_end(call->show);
	return 0;
}

static int
ephemeral_show_algorithms(struct cli_call *call)
{
	const struct ephemeral_algorithm *algorithm;

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; (algorithm = ephemeral_algorithm_get(i)) != NULL; i++) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "algorithm", algorithm->name);
		show_string(call->show, "what", algorithm->help);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static void
ephemeral_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	struct strbuf line = STRBUF_INIT;
	struct ephemeral_policy usual;

	sock_ports_default(&usual);
	for (size_t i = 0; i < EPHEMERAL_PROTO_COUNT; i++) {
		policy_append(stack_ephemeral_get(stack, protos[i].proto), &usual, &line);
		if (line.length > 0)
			strbuf_printf(out, "ephemeral set proto %s%s\n", protos[i].name,
				strbuf_text(&line));
		strbuf_reset(&line);
	}
	strbuf_free(&line);
}

static const struct cli_command commands[] = {
	{ "ephemeral set proto udp|tcp|sctp [algorithm ALGORITHM] [range LIST] [exclude (none | PORTS:LIST)] "
	  "[increment N:0-65535]",
		"choose how local ports are chosen where the user does not; what is not said stays\n"
		"algorithm: one of RFC 6056; 'ephemeral show algorithms' says what each does\n"
		"range: such as 32768-60999, which it is at first\n"
		"exclude: ports never to be chosen, such as 33434-33523,50000; in place of those before\n"
		"increment: the largest of random steps; 0: as the algorithm has it",
		ephemeral_set, 0 },
	{ "ephemeral show",
		"how ports are chosen, and what came of it\n"
		"increment: the largest of random steps; 0: the algorithm makes none\n"
		"chosen: ports given\n"
		"collisions: candidates that were in use\n"
		"elsewhere: candidates whose answers would come to another worker\n"
		"exhausted: searches that found none",
		ephemeral_show, CLI_SHOW },
	{ "ephemeral show algorithms", "the algorithms that there are", ephemeral_show_algorithms,
		CLI_SHOW },
};

const struct cli_noun cli_noun_ephemeral = {
	.name = "ephemeral",
	.help = "local ports for those who do not say which",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = ephemeral_config,
};
