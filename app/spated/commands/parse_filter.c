/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/parse_filter.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "commands/parse_vrf.h"

/* @param bits one each; as they were without the word */
static int
state_parse(struct cli_call *call, const struct filter_states *states, uint16_t *bits)
{
	const char *word = cli_arg_string(call, "state");
	struct strbuf all = STRBUF_INIT;
	int rc;

	if (word == NULL)
		return 0;
	for (unsigned i = 0; i < states->count; i++) {
		if (strcasecmp(states->names[i], word) == 0) {
			*bits = (uint16_t)(1U << i);
			return 0;
		}
	}
	for (unsigned i = states->first; i < states->count; i++)
		strbuf_printf(&all, "%s%s", i == states->first ? "" : ", ", states->names[i]);
	rc = cli_fail(
		call, "state", ENOENT, "no state \"%s\": there are %s", word, strbuf_text(&all));
	strbuf_free(&all);
	return rc;
}

/* Without "vrf" a list is of all of them. */
static int
vrf_parse(struct cli_call *call, const struct stack *stack, uint16_t *vrf)
{
	*vrf = STACK_VRF_ANY;
	return cli_arg_present(call, "vrf") ? parse_vrf(call, stack, "vrf", vrf) : 0;
}

int
parse_filter(struct cli_call *call, const struct stack *stack, const struct filter_states *states,
	struct stack_filter *filter)
{
	int rc = vrf_parse(call, stack, &filter->vrf);

	if (rc == 0)
		rc = state_parse(call, states, &filter->states);
	if (rc < 0)
		return rc;
	cli_arg_prefix(call, "local", &filter->local);
	cli_arg_prefix(call, "remote", &filter->remote);
	filter->local_port = (uint16_t)cli_arg_number(call, "local-port", 0);
	filter->remote_port = (uint16_t)cli_arg_number(call, "remote-port", 0);
	return 0;
}

bool
filter_is_empty(const struct stack_filter *filter)
{
	return filter->vrf == STACK_VRF_ANY && filter->states == 0 && filter->local_port == 0 &&
		filter->remote_port == 0 && filter->local.addr.family == IP_FAMILY_NONE &&
		filter->remote.addr.family == IP_FAMILY_NONE;
}
