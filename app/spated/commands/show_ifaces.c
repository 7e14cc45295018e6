/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks over the interfaces for addr, autoconf and mld. */
#include "commands/show_ifaces.h"

#include "commands/call.h"
#include "commands/parse_vrf.h"

int
show_ifaces(struct cli_call *call, show_iface_fn *show_one)
{
	const struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *only = name != NULL ? iface_lookup(stack->ifaces, name) : NULL;

	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc < 0)
		return rc;
	if (name != NULL && only == NULL)
		return cli_fail(call, "IFACE", ENOENT,
			"no interface \"%s\": 'iface show' lists them", name);
	show_list_begin(call->show, NULL);
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		if ((only == NULL || iface == only) &&
			(!cli_arg_present(call, "vrf") || iface->vrf == vrf))
			show_one(call->show, stack, iface);
	}
	show_list_end(call->show);
	return 0;
}
