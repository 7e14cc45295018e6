/* SPDX-License-Identifier: BSD-3-Clause */
/* "vrf NAME" in the syntax of several nouns. */
#include "commands/parse_vrf.h"

int
parse_vrf(struct cli_call *call, const struct stack *stack, const char *name, uint16_t *vrf)
{
	const char *word = cli_arg_string(call, name);

	if (stack_vrf_find(stack, word, vrf, call->err) == 0)
		return 0;
	return cli_fail(call, name, ENOENT, "no VRF \"%s\": 'vrf show' lists them", word);
}

int
parse_vrf_of(struct cli_call *call, const struct stack *stack, const char *name, uint16_t *vrf)
{
	const struct iface *iface = name != NULL ? iface_lookup(stack->ifaces, name) : NULL;
	int rc = parse_vrf(call, stack, "vrf", vrf);

	if (rc < 0 || iface == NULL)
		return rc;
	if (cli_arg_present(call, "vrf") && iface->vrf != *vrf)
		return cli_fail(call, "vrf", EINVAL, "%s is in VRF %s", name,
			stack->vrfs[iface->vrf]->name);
	*vrf = iface->vrf;
	return 0;
}

void
vrf_append(const struct stack *stack, uint16_t vrf, struct strbuf *out)
{
	if (vrf != IP_VRF_DEFAULT)
		strbuf_printf(out, " vrf %s", stack->vrfs[vrf]->name);
}
