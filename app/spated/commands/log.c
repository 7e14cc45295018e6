/* SPDX-License-Identifier: BSD-3-Clause */
/* log: how much each module of spate, and of DPDK, tells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_log.h>

#include "base/log.h"
#include "cli/engine.h"
#include "commands/commands.h"

/* DPDK's types have a dot (lib.eal, pmd.net.tap, user1 aside); ours have none. */
static bool
is_dpdk(const char *module)
{
	return strchr(module, '.') != NULL || strchr(module, '*') != NULL ||
		strncmp(module, "lib", 3) == 0 || strncmp(module, "pmd", 3) == 0 ||
		strncmp(module, "user", 4) == 0;
}

/* Calls `each` for every log type of DPDK: rte_log_dump() prints "id N: NAME, level is LEVEL"
 * to a stream, and there is no other way to list them. */
static int
dpdk_types_visit(void (*each)(void *arg, const char *name, const char *level), void *arg)
{
	char *text = NULL, *line, *rest;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		return -ENOMEM;
	rte_log_dump(stream);
	if (fclose(stream) != 0) {
		free(text);
		return -ENOMEM;
	}
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char name[128], level[32];

		if (sscanf(line, "id %*u: %127[^,], level is %31s", name, level) == 2)
			each(arg, name, level);
	}
	free(text);
	return 0;
}

static void
show_row(struct show *show, const char *module, const char *level, const char *help)
{
	show_record_begin(show, NULL);
	show_string(show, "module", module);
	show_string(show, "level", level);
	show_string(show, "about", help);
	show_record_end(show);
}

static void
show_dpdk_type(void *arg, const char *name, const char *level)
{
	show_row(arg, name, level, "DPDK");
}

static int
log_show(struct cli_call *call)
{
	int ret;

	show_list_begin(call->show, NULL);
	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++)
		show_row(call->show, log_module_name(i), log_level_name(log_level_get(i)),
			log_module_help(i));
	ret = dpdk_types_visit(show_dpdk_type, call->show);
	show_list_end(call->show);
	return ret != 0 ? error_set(call->err, -ret, "cannot list DPDK's log types") : 0;
}

/* Both follow syslog, but DPDK counts from 1 and we from 0. */
static uint32_t
dpdk_level(enum log_level level)
{
	return (uint32_t)level + 1;
}

struct pattern_search {
	const char *pattern;
	bool found;
};

static void
search_type(void *arg, const char *name, const char *level)
{
	struct pattern_search *search = arg;
	size_t prefix = strcspn(search->pattern, "*");

	if (strcmp(name, search->pattern) == 0 ||
		(search->pattern[prefix] == '*' && strncmp(name, search->pattern, prefix) == 0))
		search->found = true;
}

static int
level_dpdk(struct cli_call *call, const char *module, enum log_level level)
{
	struct pattern_search search = { module, false };

	if (dpdk_types_visit(search_type, &search) != 0 || !search.found)
		return cli_fail(call, "MODULE", ENOENT,
			"DPDK has no log type \"%s\": log show lists them", module);
	if (rte_log_set_level_pattern(module, dpdk_level(level)) != 0)
		return cli_fail(call, "MODULE", EINVAL, "DPDK refuses the pattern \"%s\"", module);
	return 0;
}

static int
log_level(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "MODULE");
	enum log_module module;
	enum log_level level = LOG_LEVEL_NOTICE;

	log_level_parse(cli_arg_string(call, "LEVEL"), &level);
	if (log_module_lookup(name, &module) != 0) {
		if (is_dpdk(name))
			return level_dpdk(call, name, level);
		return cli_fail(
			call, "MODULE", ENOENT, "no log module \"%s\": log show lists them", name);
	}
	cli_undo(call, "log level %s %s", name, log_level_name(log_level_get(module)));
	log_level_set(module, level);
	return 0;
}

/* Only what is not as at start; DPDK's levels are not ours to save, as EAL options set them. */
static void
log_config(void *daemon, struct strbuf *out)
{
	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++) {
		if (log_level_get(i) != LOG_LEVEL_NOTICE)
			strbuf_printf(out, "log level %s %s\n", log_module_name(i),
				log_level_name(log_level_get(i)));
	}
}

static const struct cli_command commands[] = {
	{ "log show", "show the log level of each module", log_show, CLI_SHOW },
	{ "log level MODULE LEVEL",
		"choose how much a module tells\n"
		"MODULE: one of spate's modules, or a type of DPDK such as lib.eal or pmd.net.*",
		log_level, 0 },
};

const struct cli_noun cli_noun_log = {
	.name = "log",
	.help = "how much each module tells",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = log_config,
};
