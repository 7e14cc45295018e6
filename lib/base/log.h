/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Log lines by module, with a level for each module that can be changed while running.
 *
 * For the control thread only: a worker never logs (doc/invariants.md).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

/** Levels, with syslog's numbers. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

enum log_module {
#define LOG_MODULE(name, help) LOG_##name,
#include "base/log_module.def"
#undef LOG_MODULE
	LOG_MODULE_COUNT
};

/** Receives each line: no newline at its end. Called on the thread that logged. */
typedef void (*log_sink)(enum log_level level, const char *module, const char *line);

/** Choose where lines go; the default writes "module: line" to stderr. */
void log_set_sink(log_sink sink);

const char *log_module_name(enum log_module module);
const char *log_module_help(enum log_module module);
/** @return 0, or -ENOENT for a name that is no module */
int log_module_lookup(const char *name, enum log_module *module);

const char *log_level_name(enum log_level level);
/** @return 0, or -EINVAL for a word that is no level */
int log_level_parse(const char *name, enum log_level *level);

enum log_level log_level_get(enum log_module module);
void log_level_set(enum log_module module, enum log_level level);

void log_write(enum log_module module, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** log(port, WARNING, "%s: link is down", name) */
#define log(module, level, ...)                                                  \
	do {                                                                     \
		if (LOG_LEVEL_##level <= log_level_get(LOG_##module))            \
			log_write(LOG_##module, LOG_LEVEL_##level, __VA_ARGS__); \
	} while (0)

#endif
