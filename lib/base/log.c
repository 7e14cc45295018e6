/* SPDX-License-Identifier: BSD-3-Clause */
/* Log lines by module; the sink is the daemon's choice (stderr or syslog). */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *help;
} modules[LOG_MODULE_COUNT] = {
#define LOG_MODULE(name, help) [LOG_##name] = { #name, help },
#include "base/log_module.def"
#undef LOG_MODULE
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static void
sink_stderr(enum log_level level, const char *module, const char *line)
{
	fprintf(stderr, "%s: %s: %s\n", module, level_names[level], line);
}

/* Written by the control thread, as its user asks; the only process-wide state in lib/base. */
static log_sink current_sink = sink_stderr;
static enum log_level levels[LOG_MODULE_COUNT] = {
#define LOG_MODULE(name, help) [LOG_##name] = LOG_LEVEL_NOTICE,
#include "base/log_module.def"
#undef LOG_MODULE
};

void
log_set_sink(log_sink sink)
{
	current_sink = sink != NULL ? sink : sink_stderr;
}

const char *
log_module_name(enum log_module module)
{
	return modules[module].name;
}

const char *
log_module_help(enum log_module module)
{
	return modules[module].help;
}

int
log_module_lookup(const char *name, enum log_module *module)
{
	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++) {
		if (strcmp(modules[i].name, name) == 0) {
			*module = i;
			return 0;
		}
	}
	return -ENOENT;
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

int
log_level_parse(const char *name, enum log_level *level)
{
	for (unsigned i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(level_names[i], name) == 0) {
			*level = i;
			return 0;
		}
	}
	return -EINVAL;
}

enum log_level
log_level_get(enum log_module module)
{
	return levels[module];
}

void
log_level_set(enum log_module module, enum log_level level)
{
	levels[module] = level;
}

void
log_write(enum log_module module, enum log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	current_sink(level, modules[module].name, line);
}
