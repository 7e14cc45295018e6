/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/show_socket.h"

void
show_endpoint(struct show *show, const char *name, const struct ip_addr *addr, uint16_t port)
{
	char text[IP_TEXT_MAX];

	ip_addr_format(addr, text);
	show_stringf(show, name, addr->family == IP_FAMILY_6 ? "[%s]:%u" : "%s:%u",
		ip_addr_is_unspecified(addr) ? "*" : text, port);
}

void
show_vrf(struct show *show, const struct stack *stack, uint8_t vrf)
{
	show_string(show, "vrf", stack->vrfs[vrf] != NULL ? stack->vrfs[vrf]->name : NULL);
}
