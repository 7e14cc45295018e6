/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces that carry no IP or no IPv6, and those that carry it again. The rest of them is stack_iface.c. */
#include "stack/worker.h"

#include "wire/ip6.h"

int
stack_iface_find_l3(
	const struct stack *stack, const char *name, const struct iface **iface, struct error *err)
{
	int rc = stack_iface_find(stack, name, iface, err);

	if (rc == 0 && (*iface)->l2_only)
		return error_set(err, EINVAL, "%s carries no IP: 'iface set %s l3 on' changes that",
			name, name);
	return rc;
}

/* Neighbours that the user gave it, and whom it answers for. */
static int
neighs_check(const struct stack *stack, const struct iface *iface, struct error *err)
{
	struct neigh_info info = { .key.iface = iface->index };
	const struct stack_proxy *proxy;

	while (neigh_next(stack->neighs, stack->now_ns / 1000000, &info) == 0 &&
		info.key.iface == iface->index) {
		if (info.state == NEIGH_PERMANENT)
			return error_set(err, EBUSY,
				"%s has static neighbours: 'neigh show %s', 'neigh del' first",
				iface->name, iface->name);
	}
	TAILQ_FOREACH (proxy, &stack->proxies, entry) {
		if (proxy->iface == iface->index)
			return error_set(err, EBUSY,
				"%s answers for others: 'neigh proxy show', 'neigh proxy del' "
				"first",
				iface->name);
	}
	return 0;
}

/* What the user gave the interface, he takes away himself. */
static int
is_in_use(const struct stack *stack, const struct iface *iface, struct error *err)
{
	unsigned routes = stack_iface_routes(stack, iface->index);
	char text[IP_TEXT_MAX];

	for (unsigned i = 0; i < iface->addr_count; i++) {
		if (iface->addr_origins[i] != IFACE_ADDR_MANUAL)
			continue;
		ip_prefix_format(&iface->addrs[i], text);
		return error_set(err, EBUSY, "%s has the address %s: 'addr del %s dev %s' first",
			iface->name, text, text, iface->name);
	}
	if (routes > 0)
		return error_set(err, EBUSY, "%u static routes go through %s: delete them first",
			routes, iface->name);
	if (stack_autoconf_show(stack, iface->index) != NULL)
		return error_set(err, EBUSY,
			"%s takes addresses from routers: 'iface set %s accept-ra off' first",
			iface->name, iface->name);
	return neighs_check(stack, iface, err);
}

static int
l2_only_set(struct stack *stack, const char *name, bool l2_only, struct error *err)
{
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	copy->l2_only = l2_only;
	copy->ip6_off = false;
	return stack_iface_publish(stack, copy, err);
}

static int
l3_off(struct stack *stack, const struct iface *iface, const char *name, struct error *err)
{
	const uint16_t index = iface->index;
	int rc = is_in_use(stack, iface, err);

	if (rc < 0)
		return rc;
	stack_neigh_iface_gone(stack, index);
	stack_dad_iface_gone(stack, index);
	stack_announce_iface_gone(stack, index);
	stack_addrs_remove(stack, name);
	return l2_only_set(stack, name, true, err);
}

/* RFC 4291 2.1: with a link-local address, as it had when it was made. */
static int
l3_on(struct stack *stack, const char *name, struct error *err)
{
	const struct mac_addr mac = iface_lookup(stack->ifaces, name)->mac;
	struct ip_prefix link_local = { ip6_link_local(mac.bytes), 64 };
	int rc = l2_only_set(stack, name, false, err);

	return rc < 0 ? rc
		      : stack_addr_add_as(stack, name, &link_local, IFACE_ADDR_LINK_LOCAL, err);
}

void
stack_iface_ip6_set(struct stack *stack, uint16_t index, bool on)
{
	const char *name = iface_get(stack->ifaces, index)->name;
	struct iface *copy;

	if (stack_iface_find_copy(stack, name, &copy, NULL) < 0)
		return;
	copy->ip6_off = !on;
	if (stack_iface_publish(stack, copy, NULL) < 0)
		return;
	if (on)
		stack_neigh_iface_admin(stack, iface_get(stack->ifaces, index));
	else
		stack_neigh_ip6_off(stack, iface_get(stack->ifaces, index));
}

int
stack_iface_set_l3(struct stack *stack, const char *name, bool on, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	if (iface->type == IFACE_LOOPBACK)
		return error_set(err, EINVAL, "%s is a loopback, which has nothing but IP", name);
	if (on == !iface->l2_only)
		return 0;
	return on ? l3_on(stack, name, err) : l3_off(stack, iface, name, err);
}
