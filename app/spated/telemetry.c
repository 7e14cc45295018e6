/* SPDX-License-Identifier: BSD-3-Clause */
/* Every show as an endpoint of DPDK's telemetry: "port show" is /spate/port/show. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <rte_telemetry.h>

#include "base/log.h"
#include "cli/call_queue.h"
#include "cli/engine.h"
#include "cli/show_telemetry.h"
#include "commands/commands.h"
#include "spated/daemon.h"

/* How long a client waits for a control thread that is at other work. */
#define TELEMETRY_WAIT_MS  2000
#define TELEMETRY_PREFIX   "/spate/"
#define TELEMETRY_PATH_MAX 56 /* DPDK's bound */

/* DPDK's callbacks carry no argument, and its threads live as long as the process. */
static struct call_queue calls;
static struct daemon *telemetry_daemon;

struct telemetry_call {
	char line[1024];
	unsigned from;
	struct rte_tel_data *data;
	int status;
};

/* On the control thread. */
static void
telemetry_run(void *arg)
{
	struct telemetry_call *call = arg;
	struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct show_telemetry telemetry;
	struct show *show = show_create_telemetry(&telemetry, call->data, call->from);
	struct cli_request request = { .line = call->line, .show = show };
	int rc;

	call->status = -ENOMEM;
	if (show == NULL)
		return;
	request.length = strlen(call->line);
	call->status = cli_run(telemetry_daemon->cli, &request, &out, &errors);
	rc = show_destroy(show);
	if (call->status == 0)
		call->status = rc;
	if (call->status < 0)
		log(daemon, INFO, "telemetry: \"%s\": %s", call->line, strbuf_text(&errors));
	strbuf_free(&out);
	strbuf_free(&errors);
}

/* "p0 from 16": the words of the command, and the first item that is wanted. */
static void
take_from(char *words, unsigned *from)
{
	char *last = strrchr(words, ' '), *end;
	unsigned long value;

	*from = 0;
	if (last == NULL || last - words < 4 || strncmp(last - 4, "from", 4) != 0 ||
		(last - words > 4 && last[-5] != ' ') || !isdigit((unsigned char)last[1]))
		return;
	value = strtoul(last + 1, &end, 10);
	if (*end != '\0')
		return;
	*from = value < UINT32_MAX ? (unsigned)value : UINT32_MAX;
	last[-4] = '\0';
}

/* On a thread of DPDK's. */
static int
telemetry_asked(const char *path, const char *params, struct rte_tel_data *data)
{
	struct telemetry_call call = { .data = data };
	int rc;

	strlcpy(call.line, path + strlen(TELEMETRY_PREFIX), sizeof(call.line));
	for (char *slash = call.line; (slash = strchr(slash, '/')) != NULL;)
		*slash = ' ';
	if (params != NULL) {
		strlcat(call.line, " ", sizeof(call.line));
		if (strlcat(call.line, params, sizeof(call.line)) >= sizeof(call.line))
			return -E2BIG;
	}
	take_from(call.line, &call.from);
	rc = call_queue_call(&calls, telemetry_run, &call, TELEMETRY_WAIT_MS);
	return rc < 0 ? rc : call.status;
}

/* The keywords that a syntax begins with, as a path. */
static void
path_build(const char *syntax, char path[TELEMETRY_PATH_MAX])
{
	strlcpy(path, TELEMETRY_PREFIX, TELEMETRY_PATH_MAX);
	for (size_t end = strlen(path); end < TELEMETRY_PATH_MAX - 1; end++) {
		if (!islower((unsigned char)*syntax) && *syntax != ' ')
			syntax = "";
		path[end] = *syntax == ' ' ? '/' : *syntax;
		path[end + 1] = '\0';
		if (*syntax == '\0') {
			while (path[end - 1] == '/')
				path[--end] = '\0';
			return;
		}
		syntax++;
	}
}

static void
telemetry_register(const struct cli_command *command)
{
	char path[TELEMETRY_PATH_MAX], help[RTE_TEL_MAX_STRING_LEN];
	int rc;

	path_build(command->syntax, path);
	snprintf(help, sizeof(help), "%.*s", (int)strcspn(command->help, "\n"), command->help);
	rc = rte_telemetry_register_cmd(path, telemetry_asked, help);
	/* Several commands may begin with the same words: one endpoint takes them all. */
	if (rc < 0 && rc != -EEXIST)
		log(daemon, WARNING, "telemetry: DPDK refuses %s: %s", path, strerror(-rc));
}

void
telemetry_open(struct daemon *daemon)
{
	call_queue_init(&calls);
	telemetry_daemon = daemon;
	for (unsigned n = 0; n < commands_noun_count; n++) {
		for (unsigned i = 0; i < commands_nouns[n]->count; i++) {
			if (commands_nouns[n]->commands[i].flags & CLI_SHOW)
				telemetry_register(&commands_nouns[n]->commands[i]);
		}
	}
}

void
telemetry_poll(void)
{
	call_queue_poll(&calls);
}

void
telemetry_close(void)
{
	call_queue_close(&calls);
}
