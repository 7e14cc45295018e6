/* SPDX-License-Identifier: BSD-3-Clause */
/* The nouns of the CLI's tests: route (groups), thing (undo, show), wait (pending), boot. */
#include "fake_nouns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "cli/job.h"
#include "commands/commands.h"

static void
note(struct fake_daemon *daemon, const char *text)
{
	strlcat(daemon->last, text, sizeof(daemon->last));
}

static int
route_add(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;
	char text[IP_TEXT_MAX], line[160];
	struct ip_prefix prefix;
	struct ip_addr addr;

	cli_arg_prefix(call, "PREFIX", &prefix);
	snprintf(daemon->last, sizeof(daemon->last), "%s", ip_prefix_format(&prefix, text));
	if (cli_arg_present(call, "blackhole"))
		note(daemon, " blackhole");
	while (cli_arg_group_next(call)) {
		cli_arg_addr(call, "via", &addr);
		snprintf(line, sizeof(line), " %s/%s/%u", ip_addr_format(&addr, text),
			cli_arg_present(call, "dev") ? cli_arg_string(call, "dev") : "-",
			(unsigned)cli_arg_number(call, "weight", 1));
		note(daemon, line);
	}
	if (cli_arg_present(call, "table"))
		note(daemon, " table");
	return 0;
}

static int
route_get(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;
	char text[IP_TEXT_MAX];
	struct ip_addr addr;
	uint16_t port = 0;

	cli_arg_addr(call, "ADDR", &addr);
	snprintf(daemon->last, sizeof(daemon->last), "%s", ip_addr_format(&addr, text));
	if (cli_arg_present(call, "flow")) {
		cli_arg_endpoint(call, "DST", &addr, &port);
		snprintf(daemon->last, sizeof(daemon->last), "%s %s %s %u",
			cli_arg_string(call, "flow"), cli_arg_string(call, "SRC"),
			ip_addr_format(&addr, text), port);
	}
	return 0;
}

static int
route_show(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;
	const char *prefix = cli_arg_string(call, "PREFIX");

	snprintf(daemon->last, sizeof(daemon->last), "%s%s%s", prefix != NULL ? prefix : "all",
		cli_arg_present(call, "ipv4") ? " ipv4" : "",
		cli_arg_present(call, "ipv6") ? " ipv6" : "");
	show_list_begin(call->show, NULL);
	show_record_begin(call->show, NULL);
	show_string(call->show, "prefix", "10.0.0.0/8");
	show_u64(call->show, "metric", 7);
	show_record_end(call->show);
	show_list_end(call->show);
	return 0;
}

static const struct cli_command route_commands[] = {
	{ "route add PREFIX ({via ADDR [dev IFACE] [weight N:1-256]} | dev IFACE | "
	  "blackhole|unreachable) [table N]",
		"add a route\nvia: the next router\nPREFIX: where the route leads", route_add, 0 },
	{ "route del PREFIX", "delete a route", route_add, 0 },
	{ "route get ADDR [flow PROTO SRC:ENDPOINT DST:ENDPOINT]", "look up", route_get, 0 },
	{ "route show [PREFIX] [ipv4|ipv6]", "show the routes", route_show, CLI_SHOW },
};

static const struct cli_noun noun_route = { "route", "the routes", route_commands,
	sizeof(route_commands) / sizeof(route_commands[0]), NULL, NULL };

static char *
thing_lookup(struct fake_daemon *daemon, const char *name)
{
	for (unsigned i = 0; i < FAKE_NAMES_MAX; i++) {
		if (strcmp(daemon->names[i], name) == 0)
			return daemon->names[i];
	}
	return NULL;
}

static int
thing_add(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	char *place;

	if (thing_lookup(call->daemon, name) != NULL)
		return cli_fail(call, "NAME", EEXIST, "thing %s exists already", name);
	place = thing_lookup(call->daemon, "");
	if (place == NULL)
		return error_set(call->err, ENOSPC, "too many things");
	strlcpy(place, name, 32);
	cli_undo(call, "thing del %s", name);
	return 0;
}

static int
thing_del(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "IFACE");
	char *place = thing_lookup(call->daemon, name);

	if (place == NULL)
		return cli_fail(call, "IFACE", ENOENT, "there is no thing %s", name);
	cli_undo(call, "thing add %s", name);
	place[0] = '\0';
	return 0;
}

/* Things, one a slice, as a load of routes. */
struct fill {
	struct cli_job job;
	struct fake_daemon *daemon;
	uint64_t left;
};

static int
fill_step(struct cli_job *job)
{
	struct fill *fill = (struct fill *)job;
	char *place = thing_lookup(fill->daemon, "");

	if (fill->left-- == 0)
		return 0;
	if (place == NULL)
		return error_set(&job->err, ENOSPC, "too many things");
	snprintf(place, 32, "filled%u", (unsigned)fill->left);
	cli_job_changed(job);
	return 1;
}

static void
fill_free(struct cli_job *job)
{
	free(job);
}

static int
thing_fill(struct cli_call *call)
{
	struct fill *fill = calloc(1, sizeof(*fill));

	if (fill == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	fill->job = (struct cli_job){ .step = fill_step, .free = fill_free, .changes = true };
	fill->daemon = call->daemon;
	fill->left = cli_arg_number(call, "N", 1);
	return cli_job_start(call, &fill->job);
}

static int
thing_show(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;
	const char *wanted = cli_arg_string(call, "IFACE");

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < FAKE_NAMES_MAX; i++) {
		if (daemon->names[i][0] == '\0' ||
			(wanted != NULL && strcmp(wanted, daemon->names[i]) != 0))
			continue;
		show_record_begin(call->show, NULL);
		show_string(call->show, "name", daemon->names[i]);
		show_u64(call->show, "number", i);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static int
thing_fail(struct cli_call *call)
{
	show_list_begin(call->show, NULL);
	show_string(call->show, NULL, "half");
	return error_set(call->err, EIO, "it broke");
}

static int
thing_many(struct cli_call *call)
{
	for (uint64_t i = 0; i < cli_arg_number(call, "N", 1); i++)
		cli_printf(call, "0123456789012345678901234567890123456789\n");
	return 0;
}

static int
thing_note(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;

	strlcpy(daemon->last, cli_arg_string(call, "TEXT"), sizeof(daemon->last));
	return 0;
}

/* One at a time; those that begin with "long" fill a slice each. */
static bool
thing_config(void *arg, void *position, struct strbuf *out)
{
	struct fake_daemon *daemon = arg;
	unsigned *i = position;

	for (unsigned line = 0; strncmp(daemon->names[*i], "long", 4) == 0 && line < 2000; line++)
		strbuf_append(out, "# as long as forty characters can be.\n");
	if (daemon->names[*i][0] != '\0')
		strbuf_printf(out, "thing add %s\n", daemon->names[*i]);
	return ++*i < FAKE_NAMES_MAX;
}

static const struct cli_command thing_commands[] = {
	{ "thing add NAME", "add a thing", thing_add, 0 },
	{ "thing del [dev] IFACE", "delete a thing", thing_del, 0 },
	{ "thing show [IFACE]", "show the things", thing_show, CLI_SHOW },
	{ "thing fail", "fail in the middle of a show", thing_fail, CLI_SHOW },
	{ "thing many N", "print a lot", thing_many, 0 },
	{ "thing fill N", "add things, one a slice", thing_fill, 0 },
	{ "thing note TEXT", "remember a text", thing_note, 0 },
};

static const struct cli_noun noun_thing = {
	.name = "thing",
	.help = "the things",
	.commands = thing_commands,
	.count = sizeof(thing_commands) / sizeof(thing_commands[0]),
	.config_next = thing_config,
};

static void
wait_abort(void *arg)
{
	struct fake_daemon *daemon = arg;

	daemon->aborted++;
	cli_session_printf(daemon->pending, "aborted\n");
	daemon->pending = NULL;
}

static int
wait_run(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;

	cli_printf(call, "waiting\n");
	daemon->pending = cli_pend(call, wait_abort, daemon);
	if (daemon->pending == NULL)
		return -ENOTSUP;
	cli_printf(call, "really\n");
	return CLI_PENDING;
}

static const struct cli_command wait_commands[] = {
	{ "wait", "wait to be told", wait_run, CLI_NOT_IN_FILE },
};

static const struct cli_noun noun_wait = { "wait", "waiting", wait_commands, 1, NULL, NULL };

static int
boot_run(struct cli_call *call)
{
	struct fake_daemon *daemon = call->daemon;
	const char *said = cli_arg_present(call, "busy") ? "busy" : "cores";

	if (daemon->boot[0] != '\0' && strcmp(daemon->boot, said) != 0)
		return cli_fail(call, "poll", EBUSY, "it is %s", daemon->boot);
	strlcpy(daemon->boot, said, sizeof(daemon->boot));
	strlcpy(daemon->last, said, sizeof(daemon->last));
	return 0;
}

static const struct cli_command boot_commands[] = {
	{ "boot cores LIST", "use these cores", boot_run, CLI_AT_START },
	{ "boot poll busy|adaptive", "how to poll", boot_run, CLI_AT_START },
};

static const struct cli_noun noun_boot = { "boot", "at start", boot_commands, 2, NULL, NULL };

static void
thing_words(void *arg, struct cli_words *words)
{
	struct fake_daemon *daemon = arg;

	for (unsigned i = 0; i < FAKE_NAMES_MAX; i++) {
		if (daemon->names[i][0] != '\0')
			cli_words_add(words, daemon->names[i]);
	}
}

struct cli *
fake_cli_create(struct fake_daemon *daemon)
{
	static const struct cli_noun *const nouns[] = { &noun_boot, &noun_thing, &noun_route,
		&noun_wait, &cli_noun_config, &cli_noun_help, &cli_noun_log, &cli_noun_version };
	struct error err = { 0 };
	struct cli *cli;

	memset(daemon, 0, sizeof(*daemon));
	cli = cli_create(nouns, sizeof(nouns) / sizeof(nouns[0]), daemon, &err);
	if (cli == NULL)
		fprintf(stderr, "%s\n", err.text);
	else
		cli_set_completer(cli, "IFACE", thing_words);
	return cli;
}

int
fake_run(struct cli *cli, const char *line, struct strbuf *out, struct strbuf *errors)
{
	struct cli_request request = { .line = line, .length = strlen(line) };

	strbuf_reset(out);
	strbuf_reset(errors);
	return cli_run(cli, &request, out, errors);
}
