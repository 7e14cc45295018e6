/* SPDX-License-Identifier: BSD-3-Clause */
/* The stacks' log lines: to the program, if it asks for them, and nowhere else. */
#include <stdio.h>

#include "base/log.h"
#include "embed/embed.h"

static spate_log_fn *program_log; /* atomic: any thread may change it */

static void
log_sink_program(enum log_level level, const char *module, const char *line)
{
	spate_log_fn *program = __atomic_load_n(&program_log, __ATOMIC_ACQUIRE);
	char text[1100];

	if (program == NULL)
		return;
	snprintf(text, sizeof(text), "%s: %s: %s", module, log_level_name(level), line);
	program(text);
}

void
embed_log_start(void)
{
	log_set_sink(log_sink_program);
}

void
spate_log_set(spate_log_fn *log_fn)
{
	__atomic_store_n(&program_log, log_fn, __ATOMIC_RELEASE);
}
