/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/parse_state.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

int
parse_state(struct cli_call *call, const char *const *names, unsigned first, unsigned count,
	uint16_t *states)
{
	const char *word = cli_arg_string(call, "state");
	struct strbuf all = STRBUF_INIT;
	int rc;

	if (word == NULL)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		if (strcasecmp(names[i], word) == 0) {
			*states = (uint16_t)(1U << i);
			return 0;
		}
	}
	for (unsigned i = first; i < count; i++)
		strbuf_printf(&all, "%s%s", i == first ? "" : ", ", names[i]);
	rc = cli_fail(
		call, "state", ENOENT, "no state \"%s\": there are %s", word, strbuf_text(&all));
	strbuf_free(&all);
	return rc;
}
