/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces and addresses of a stack, with the routes that come with them. */
#include "stack/worker.h"

#include <stdlib.h>

#include <bsd/string.h>

#include "base/log.h"
#include "wire/ip6.h"

int
stack_iface_find(
	const struct stack *stack, const char *name, const struct iface **iface, struct error *err)
{
	*iface = iface_lookup(stack->ifaces, name);
	if (*iface == NULL)
		return error_set(err, ENOENT, "no interface \"%s\": 'iface show' lists them", name);
	return 0;
}

void
stack_iface_link(const struct iface *iface, struct nexthop_link *link)
{
	*link = (struct nexthop_link){
		.iface = iface->index,
		.port = iface->port,
		.mtu = iface->mtu,
		.mac = iface->mac,
	};
}

/* On the heap: the struct is large. */
static struct iface *
iface_model(void)
{
	struct iface *model = aligned_alloc(_Alignof(struct iface), sizeof(*model));

	if (model != NULL)
		memset(model, 0, sizeof(*model));
	return model;
}

/* A copy to change. */
static int
iface_copy(const struct iface *iface, struct iface **copy, struct error *err)
{
	*copy = aligned_alloc(_Alignof(struct iface), sizeof(**copy));
	if (*copy == NULL)
		return error_set(err, ENOMEM, "no memory");
	**copy = *iface;
	return 0;
}

static int
iface_find_copy(const struct stack *stack, const char *name, struct iface **copy, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	return rc < 0 ? rc : iface_copy(iface, copy, err);
}

/* Publish a changed copy and free it; nexthops follow its MTU and MAC address. */
static int
iface_publish(struct stack *stack, struct iface *changed, struct error *err)
{
	struct nexthop_link link;
	int rc = iface_update(stack->ifaces, changed, err);

	if (rc == 0) {
		stack_iface_link(changed, &link);
		nexthop_link_update(stack->nexthops, &link);
	}
	free(changed);
	return rc;
}

/* A new interface with the nexthop for its link. */
static int
stack_iface_insert(struct stack *stack, struct iface *model, struct error *err)
{
	struct nexthop_link link;
	struct iface *copy;
	uint16_t index;
	int rc = iface_insert(stack->ifaces, model, &index, err);

	if (rc < 0)
		return rc;
	rc = iface_copy(iface_get(stack->ifaces, index), &copy, err);
	if (rc < 0)
		goto fail;
	stack_iface_link(copy, &link);
	rc = nexthop_attached(stack->nexthops, &link, &copy->attached, err);
	if (rc < 0) {
		free(copy);
		goto fail;
	}
	stack_nexthop_counters_base(stack, copy->attached);
	return iface_publish(stack, copy, err);

fail:
	iface_remove(stack->ifaces, index);
	return rc;
}

/* ---- interfaces of ports ---- */

int
stack_port_iface_add(struct stack *stack, const struct port *port, struct error *err)
{
	struct ip_prefix link_local = { ip6_link_local(port->mac.bytes), 64 };
	struct iface *model = iface_model();
	int rc;

	if (model == NULL)
		return error_set(err, ENOMEM, "no memory");
	model->type = IFACE_PORT;
	model->port = port->index;
	model->mtu = port->config.mtu;
	model->admin_up = true;
	model->mac = port->mac;
	strlcpy(model->name, port->name, sizeof(model->name));
	/* RFC 4291 2.1: every interface has a link-local address. */
	rc = iface_addr_add(model, &link_local, err);
	if (rc == 0)
		rc = stack_iface_insert(stack, model, err);
	free(model);
	return rc;
}

static void
stack_addrs_remove(struct stack *stack, const char *name)
{
	const struct iface *iface;

	while ((iface = iface_lookup(stack->ifaces, name)) != NULL && iface->addr_count > 0) {
		struct ip_prefix addr = iface->addrs[0];

		if (stack_addr_remove(stack, name, &addr, NULL) < 0)
			return;
	}
}

static void
stack_iface_destroy(struct stack *stack, const struct iface *iface)
{
	uint32_t attached = iface->attached;
	uint16_t index = iface->index;
	char name[IFACE_NAME_MAX];

	strlcpy(name, iface->name, sizeof(name));
	stack_neigh_iface_gone(stack, index);
	stack_addrs_remove(stack, name);
	iface_remove(stack->ifaces, index);
	nexthop_release(stack->nexthops, attached);
}

void
stack_port_iface_remove(struct stack *stack, const struct port *port)
{
	const struct iface *iface = stack->ifaces->by_port[port->index];

	if (iface != NULL)
		stack_iface_destroy(stack, iface);
}

void
stack_port_iface_refresh(struct stack *stack, const struct port *port)
{
	const struct iface *iface = stack->ifaces->by_port[port->index];
	struct iface *copy;
	uint16_t mtu;
	bool up;

	if (iface == NULL)
		return;
	up = iface->admin_up && port->up;
	mtu = RTE_MIN(iface->mtu, port->config.mtu);
	if (up == iface->up && mtu == iface->mtu)
		return;
	if (iface_copy(iface, &copy, NULL) < 0)
		return;
	log(iface, NOTICE, "%s: %s", iface->name, up ? "up" : "down");
	copy->up = up;
	copy->mtu = mtu;
	iface_publish(stack, copy, NULL);
	/* What was learned of neighbours is worth nothing behind a link that was gone. */
	if (!up)
		stack_neigh_flush(stack, port->name, NULL);
}

/* ---- loopbacks and settings ---- */

int
stack_loopback_add(struct stack *stack, const char *name, struct error *err)
{
	struct iface *model = iface_model();
	int rc;

	if (model == NULL)
		return error_set(err, ENOMEM, "no memory");
	model->type = IFACE_LOOPBACK;
	model->port = PORT_NONE;
	model->mtu = IFACE_MTU_LOOPBACK;
	model->admin_up = true;
	model->up = true;
	strlcpy(model->name, name, sizeof(model->name));
	rc = iface_insert(stack->ifaces, model, &model->index, err);
	free(model);
	return rc;
}

int
stack_iface_remove(struct stack *stack, const char *name, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	if (iface->type == IFACE_PORT)
		return error_set(err, EINVAL,
			"%s is a port's interface: 'port del %s' removes both", name, name);
	stack_iface_destroy(stack, iface);
	return 0;
}

int
stack_iface_set_admin(struct stack *stack, const char *name, bool up, struct error *err)
{
	struct iface *copy;
	int rc = iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	copy->admin_up = up;
	copy->up = up && (copy->type == IFACE_LOOPBACK || stack->ports.ports[copy->port]->up);
	rc = iface_publish(stack, copy, err);
	if (rc < 0)
		return rc;
	if (!up)
		stack_neigh_flush(stack, name, NULL);
	stack_neigh_iface_admin(stack, iface_lookup(stack->ifaces, name));
	return 0;
}

int
stack_iface_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err)
{
	const struct iface *iface;
	struct iface *copy;
	uint16_t max;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	max = iface->port < PORT_MAX ? stack->ports.ports[iface->port]->config.mtu
				     : IFACE_MTU_LOOPBACK;
	if (mtu < PORT_MTU_MIN || mtu > max)
		return error_set(err, EINVAL,
			"an MTU of %s is from %u to %u bytes, not %u: 'port set %s mtu N' raises it",
			name, PORT_MTU_MIN, max, mtu, name);
	rc = iface_copy(iface, &copy, err);
	if (rc < 0)
		return rc;
	copy->mtu = mtu;
	return iface_publish(stack, copy, err);
}

/* ---- addresses ---- */

static struct ip_prefix
host_prefix(const struct ip_addr *addr)
{
	return (struct ip_prefix){ *addr, ip_addr_bits(addr) };
}

/* The two addresses of an IPv4 subnet that mean all of it: RFC 1812 4.2.3.1, 5.3.5. */
static bool
broadcast_prefixes(const struct ip_prefix *addr, struct ip_prefix pair[2])
{
	struct ip_prefix network = ip_prefix_network(addr);
	uint32_t mask;

	if (addr->addr.family != IP_FAMILY_4 || addr->length > 30)
		return false;
	pair[0] = host_prefix(&network.addr);
	pair[1] = pair[0];
	mask = htobe32(addr->length == 0 ? UINT32_MAX : UINT32_MAX >> addr->length);
	for (unsigned i = 0; i < 4; i++)
		pair[1].addr.bytes[i] |= ((const uint8_t *)&mask)[i];
	return true;
}

/* Whether another address of the interface is in the very same subnet, which is its routes' then. */
static bool
subnet_is_shared(const struct iface *iface, const struct ip_prefix *addr)
{
	const struct ip_prefix network = ip_prefix_network(addr);

	for (unsigned i = 0; i < iface->addr_count; i++) {
		const struct ip_prefix other = ip_prefix_network(&iface->addrs[i]);

		if (!ip_addr_equal(&iface->addrs[i].addr, &addr->addr) &&
			ip_prefix_compare(&network, &other) == 0)
			return true;
	}
	return false;
}

/* Whether an address brings its subnet with it: not on a loopback, which has no link. */
static bool
addr_connects(const struct iface *iface, const struct ip_prefix *addr)
{
	return addr->length < ip_addr_bits(&addr->addr) && iface->attached != NEXTHOP_ID_NO_ROUTE &&
		!subnet_is_shared(iface, addr);
}

/* Whether a subnet of this router has this broadcast address: nested subnets can share one. */
static bool
broadcast_is_used(const struct stack *stack, const struct ip_prefix *broadcast)
{
	const struct iface *iface;

	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL; i = iface->index + 1) {
		for (unsigned a = 0; a < iface->addr_count; a++) {
			struct ip_prefix pair[2];

			if (iface->attached != NEXTHOP_ID_NO_ROUTE &&
				broadcast_prefixes(&iface->addrs[a], pair) &&
				(ip_prefix_compare(&pair[0], broadcast) == 0 ||
					ip_prefix_compare(&pair[1], broadcast) == 0))
				return true;
		}
	}
	return false;
}

/* Of an address that the interface, as published, does not have any more. */
static void
addr_routes_remove(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr)
{
	struct ip_prefix host = host_prefix(&addr->addr), network = ip_prefix_network(addr);
	struct ip_prefix broadcast[2];

	route_remove(stack->routes, &host, ROUTE_LOCAL, NULL);
	if (!addr_connects(iface, addr))
		return;
	for (unsigned i = 0; i < 2 && broadcast_prefixes(addr, broadcast); i++) {
		if (!broadcast_is_used(stack, &broadcast[i]))
			route_remove(stack->routes, &broadcast[i], ROUTE_CONNECTED, NULL);
	}
	route_remove(stack->routes, &network, ROUTE_CONNECTED, NULL);
}

static int
subnet_routes_insert(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr,
	struct error *err)
{
	struct ip_prefix network = ip_prefix_network(addr), broadcast[2];
	char text[IP_TEXT_MAX];
	int rc;

	nexthop_hold(stack->nexthops, iface->attached);
	rc = route_insert(stack->routes, &network, ROUTE_CONNECTED, iface->attached, err);
	if (rc < 0) {
		nexthop_release(stack->nexthops, iface->attached);
		return rc != -EEXIST
			? rc
			: error_set(err, EEXIST, "%s is connected on another interface already",
				  ip_prefix_format(&network, text));
	}
	for (unsigned i = 0; i < 2 && broadcast_prefixes(addr, broadcast); i++) {
		rc = route_insert(
			stack->routes, &broadcast[i], ROUTE_CONNECTED, NEXTHOP_ID_BROADCAST, err);
		if (rc < 0 && rc != -EEXIST)
			return rc;
	}
	return 0;
}

/* Local, connected, broadcast: all or none. The interface, as published, has not got it yet. */
static int
addr_routes_insert(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr,
	struct error *err)
{
	struct ip_prefix host = host_prefix(&addr->addr);
	char text[IP_TEXT_MAX];
	int rc = route_insert(stack->routes, &host, ROUTE_LOCAL, NEXTHOP_ID_LOCAL, err);

	if (rc == -EEXIST)
		return error_set(err, EEXIST, "%s is an address of this router already",
			ip_addr_format(&addr->addr, text));
	if (rc == 0 && addr_connects(iface, addr)) {
		rc = subnet_routes_insert(stack, iface, addr, err);
		if (rc == -EEXIST)
			route_remove(stack->routes, &host, ROUTE_LOCAL, NULL);
		else if (rc < 0)
			addr_routes_remove(stack, iface, addr);
	}
	return rc;
}

/* Link-local addresses of IPv6 are the interface's own matter: no route leads to them. */
static bool
addr_has_routes(const struct ip_prefix *addr)
{
	return addr->addr.family != IP_FAMILY_6 || !ip_addr_is_link_local(&addr->addr);
}

int
stack_addr_add(
	struct stack *stack, const char *name, const struct ip_prefix *addr, struct error *err)
{
	struct iface *copy;
	int rc = iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	rc = iface_addr_add(copy, addr, err);
	if (rc == 0 && addr_has_routes(addr))
		rc = addr_routes_insert(stack, copy, addr, err);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	rc = iface_publish(stack, copy, err);
	if (rc < 0 && addr_has_routes(addr))
		addr_routes_remove(stack, iface_lookup(stack->ifaces, name), addr);
	return rc;
}

int
stack_addr_remove(
	struct stack *stack, const char *name, const struct ip_prefix *addr, struct error *err)
{
	struct iface *copy;
	int rc = iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	rc = iface_addr_remove(copy, addr, err);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	rc = iface_publish(stack, copy, err);
	if (rc == 0 && addr_has_routes(addr)) {
		const struct iface *iface = iface_lookup(stack->ifaces, name);

		addr_routes_remove(stack, iface, addr);
		stack_neigh_subnet_gone(stack, iface);
	}
	return rc;
}
