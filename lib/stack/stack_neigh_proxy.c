/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers on one link for those behind another: proxy ARP (RFC 1027) and ND (RFC 4861 7.2.8). */
#include "stack/stack_neigh.h"

#include <stdlib.h>

static struct stack_proxy *
proxy_find(const struct stack *stack, uint16_t iface, const struct ip_prefix *prefix)
{
	struct stack_proxy *proxy;

	TAILQ_FOREACH (proxy, &stack->proxies, entry) {
		if (proxy->iface == iface && ip_prefix_compare(&proxy->prefix, prefix) == 0)
			return proxy;
	}
	return NULL;
}

static unsigned
proxy_count(const struct stack *stack)
{
	const struct stack_proxy *proxy;
	unsigned count = 0;

	TAILQ_FOREACH (proxy, &stack->proxies, entry)
		count++;
	return count;
}

int
stack_proxy_add(
	struct stack *stack, const char *name, const struct ip_prefix *prefix, struct error *err)
{
	struct ip_prefix network = ip_prefix_network(prefix);
	const struct iface *iface;
	struct stack_proxy *proxy;
	char text[IP_TEXT_MAX];
	int rc = stack_iface_find_l3(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	if (iface->attached == NEXTHOP_ID_NO_ROUTE)
		return error_set(err, EINVAL, "nobody asks on the loopback %s", name);
	if (ip_prefix_compare(&network, prefix) != 0)
		return error_set(err, EINVAL, "%s has bits set behind its length",
			ip_prefix_format(prefix, text));
	if (ip_addr_is_multicast(&prefix->addr))
		return error_set(err, EINVAL, "nobody asks for %s: it is multicast",
			ip_prefix_format(prefix, text));
	if (proxy_find(stack, iface->index, prefix) != NULL)
		return error_set(err, EEXIST, "%s answers for %s already", name,
			ip_prefix_format(prefix, text));
	if (proxy_count(stack) == STACK_PROXIES_MAX)
		return error_set(err, ENOSPC, "there are %u proxies already, the most there can be",
			STACK_PROXIES_MAX);
	proxy = calloc(1, sizeof(*proxy));
	if (proxy == NULL)
		return error_set(err, ENOMEM, "no memory");
	proxy->iface = iface->index;
	proxy->prefix = *prefix;
	TAILQ_INSERT_TAIL(&stack->proxies, proxy, entry);
	return 0;
}

static void
proxy_free(struct stack *stack, struct stack_proxy *proxy)
{
	TAILQ_REMOVE(&stack->proxies, proxy, entry);
	free(proxy);
}

int
stack_proxy_remove(
	struct stack *stack, const char *name, const struct ip_prefix *prefix, struct error *err)
{
	const struct iface *iface;
	struct stack_proxy *proxy;
	char text[IP_TEXT_MAX];
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	proxy = proxy_find(stack, iface->index, prefix);
	if (proxy == NULL)
		return error_set(err, ENOENT, "%s does not answer for %s: 'neigh proxy show' lists",
			name, ip_prefix_format(prefix, text));
	proxy_free(stack, proxy);
	return 0;
}

void
stack_proxy_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_proxy *proxy, *next;

	for (proxy = TAILQ_FIRST(&stack->proxies); proxy != NULL; proxy = next) {
		next = TAILQ_NEXT(proxy, entry);
		if (iface == IFACE_NONE || proxy->iface == iface)
			proxy_free(stack, proxy);
	}
}

/* Whoever is on the asker's own link answers for himself, and who is nowhere is nobody's. */
static bool
leads_elsewhere(const struct stack *stack, const struct iface *iface, const struct ip_addr *target)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	const struct nexthop *nexthop;
	struct route route;

	if (route_lookup(stack_routes(stack, iface->vrf), target, &route) < 0)
		return false;
	nexthop = nexthop_get(nexthops, route.nexthop);
	if (nexthop->type == NEXTHOP_GROUP)
		nexthop = nexthop_get(nexthops, nexthop->group->paths[0].nexthop);
	return nexthop->type == NEXTHOP_LOCAL ||
		(nexthop->type >= NEXTHOP_ATTACHED && nexthop->iface != iface->index);
}

bool
stack_neigh_proxied(
	const struct stack *stack, const struct iface *iface, const struct ip_addr *target)
{
	const struct stack_proxy *proxy;

	TAILQ_FOREACH (proxy, &stack->proxies, entry) {
		if (proxy->iface == iface->index && ip_prefix_contains(&proxy->prefix, target))
			return leads_elsewhere(stack, iface, target);
	}
	return false;
}
