/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces of a stack: of ports, VLANs, loopbacks; what they follow. Addresses are stack_addr.c. */
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
		.mtu6 = iface->mtu6,
		.mac = iface->mac,
		.tags = iface->tags,
	};
}

/* On the heap: the struct is large. */
static struct iface *
iface_model(enum iface_type type, const char *name)
{
	struct iface *model = aligned_alloc(_Alignof(struct iface), sizeof(*model));

	if (model == NULL)
		return NULL;
	memset(model, 0, sizeof(*model));
	model->type = type;
	model->port = PORT_NONE;
	model->parent = IFACE_NONE;
	model->admin_up = true;
	strlcpy(model->name, name, sizeof(model->name));
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

int
stack_iface_find_copy(
	const struct stack *stack, const char *name, struct iface **copy, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	return rc < 0 ? rc : iface_copy(iface, copy, err);
}

int
stack_iface_publish(struct stack *stack, struct iface *changed, struct error *err)
{
	struct nexthop_link link;
	int rc = iface_update(stack->ifaces, changed, err);

	if (rc == 0) {
		stack_iface_link(changed, &link);
		nexthop_link_update(stack->nexthops, &link);
		stack_failover_iface(stack, changed);
		stack_mld_sync(stack, iface_get(stack->ifaces, changed->index));
		stack_port_groups_follow(stack, changed->port);
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
	int rc = stack_iface_counters_reserve(stack, iface_index_next(stack->ifaces), err);

	if (rc == 0)
		rc = iface_insert(stack->ifaces, model, &index, err);
	if (rc != 0)
		return rc;
	rc = iface_copy(iface_get(stack->ifaces, index), &copy, err);
	if (rc != 0)
		goto fail;
	stack_iface_link(copy, &link);
	rc = nexthop_attached(stack->nexthops, &link, &copy->attached, err);
	if (rc < 0) {
		free(copy);
		goto fail;
	}
	stack_nexthop_counters_base(stack, copy->attached);
	return stack_iface_publish(stack, copy, err);

fail:
	iface_remove(stack->ifaces, index);
	return rc;
}

/* One with a link: RFC 4291 2.1 wants it to have a link-local address. Frees the model. */
static int
iface_link_insert(struct stack *stack, struct iface *model, struct error *err)
{
	struct ip_prefix link_local = { ip6_link_local(model->mac.bytes), 64 };
	int rc = iface_addr_add(model, &link_local, err);

	model->addr_origins[0] = IFACE_ADDR_LINK_LOCAL;
	if (stack_dad_needed(stack, model, &link_local.addr))
		iface_addr_state_set(model, 0, IFACE_ADDR_TENTATIVE);
	if (rc == 0)
		rc = stack_iface_insert(stack, model, err);
	free(model);
	return rc;
}

/* ---- what an interface is on: a port, or for a VLAN its parent ---- */

/* The first at index `from` or after of the VLANs on an interface. */
static const struct iface *
vlan_next(const struct stack *stack, uint16_t parent, unsigned from)
{
	const struct iface *iface = iface_next(stack->ifaces, from);

	while (iface != NULL && (iface->type != IFACE_VLAN || iface->parent != parent))
		iface = iface_next(stack->ifaces, iface->index + 1U);
	return iface;
}

/* Whether an interface can be up, and the largest MTU that it can have. */
static void
iface_below(const struct stack *stack, const struct iface *iface, bool *up, uint16_t *mtu)
{
	if (iface->type == IFACE_PORT) {
		*up = stack->ports.ports[iface->port]->up;
		*mtu = stack->ports.ports[iface->port]->config.mtu;
	} else if (iface->type == IFACE_VLAN) {
		const struct iface *parent = iface_get(stack->ifaces, iface->parent);

		*up = parent->up;
		*mtu = parent->mtu;
	} else {
		*up = true;
		*mtu = IFACE_MTU_LOOPBACK;
	}
}

/* Its link may have other neighbours than before. */
static void
iface_came_up(struct stack *stack, uint16_t index)
{
	stack_dad_iface_up(stack, index);
	stack_announce_iface(stack, iface_get(stack->ifaces, index));
}

/* Something below changed: follow it, and have the VLANs follow. */
static void
iface_follow(struct stack *stack, const struct iface *iface)
{
	uint16_t index = iface->index, mtu_max;
	bool up;

	iface_below(stack, iface, &up, &mtu_max);
	up = up && iface->admin_up;
	if (up != iface->up || mtu_max < iface->mtu) {
		bool news = up != iface->up;
		struct iface *copy;

		if (iface_copy(iface, &copy, NULL) < 0)
			return;
		copy->up = up;
		copy->mtu = RTE_MIN(iface->mtu, mtu_max);
		stack_iface_publish(stack, copy, NULL);
		iface = iface_get(stack->ifaces, index);
		if (news)
			log(iface, NOTICE, "%s: %s", iface->name, up ? "up" : "down");
		/* What was learned of neighbours is worth nothing behind a link that was gone. */
		if (!up)
			stack_neigh_flush(stack, iface->name, NULL);
		else if (news)
			iface_came_up(stack, index);
	}
	for (iface = vlan_next(stack, index, 0); iface != NULL;) {
		uint16_t vlan = iface->index;

		iface_follow(stack, iface);
		iface = vlan_next(stack, index, vlan + 1U);
	}
}

unsigned
stack_iface_routes_all(const struct stack *stack, const struct iface *iface)
{
	unsigned count = stack_iface_routes(stack, iface->index);

	for (const struct iface *vlan = vlan_next(stack, iface->index, 0); vlan != NULL;
		vlan = vlan_next(stack, iface->index, vlan->index + 1U))
		count += stack_iface_routes_all(stack, vlan);
	return count;
}

/* ---- interfaces of ports ---- */

int
stack_port_iface_add(struct stack *stack, const struct port *port, struct error *err)
{
	struct iface *model = iface_model(IFACE_PORT, port->name);

	if (model == NULL)
		return error_set(err, ENOMEM, "no memory");
	model->port = port->index;
	model->mtu = port->config.mtu;
	model->mac = port->mac;
	return iface_link_insert(stack, model, err);
}

void
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
	const struct iface *vlan;
	char name[IFACE_NAME_MAX];

	while ((vlan = vlan_next(stack, index, 0)) != NULL)
		stack_iface_destroy(stack, vlan);
	strlcpy(name, iface->name, sizeof(name));
	stack_neigh_iface_gone(stack, index);
	stack_dad_iface_gone(stack, index);
	stack_anycast_iface_gone(stack, index);
	stack_announce_iface_gone(stack, index);
	stack_proxy_iface_gone(stack, index);
	stack_autoconf_iface_gone(stack, index);
	stack_addrs_remove(stack, name);
	stack_mld_iface_gone(stack, index);
	stack_iface_counters_fold(stack, iface_get(stack->ifaces, index));
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

	if (iface != NULL)
		iface_follow(stack, iface);
}

/* ---- VLANs, loopbacks and settings ---- */

int
stack_vlan_add(struct stack *stack, const char *name, const char *parent_name,
	const struct vlan_tag *tag, struct error *err)
{
	const struct iface *parent;
	struct iface *model;
	int rc = stack_iface_find(stack, parent_name, &parent, err);

	if (rc < 0)
		return rc;
	if (parent->type == IFACE_LOOPBACK)
		return error_set(err, EINVAL, "%s has no link that could have VLANs", parent_name);
	if (parent->tags.count == VLAN_TAGS_MAX)
		return error_set(err, EINVAL, "%s has %u tags already, the most there can be",
			parent_name, VLAN_TAGS_MAX);
	if (tag->id < VLAN_ID_MIN || tag->id > VLAN_ID_MAX)
		return error_set(err, EINVAL, "a VLAN is from %u to %u, not %u", VLAN_ID_MIN,
			VLAN_ID_MAX, tag->id);
	model = iface_model(IFACE_VLAN, name);
	if (model == NULL)
		return error_set(err, ENOMEM, "no memory");
	model->port = parent->port;
	model->parent = parent->index;
	model->mac = parent->mac;
	model->mtu = parent->mtu;
	model->tags = parent->tags;
	model->tags.tags[model->tags.count++] = *tag;
	rc = iface_link_insert(stack, model, err);
	if (rc == 0)
		iface_follow(stack, iface_lookup(stack->ifaces, name));
	return rc;
}

int
stack_loopback_add(struct stack *stack, const char *name, struct error *err)
{
	struct iface *model = iface_model(IFACE_LOOPBACK, name);
	int rc;

	if (model == NULL)
		return error_set(err, ENOMEM, "no memory");
	model->mtu = IFACE_MTU_LOOPBACK;
	model->up = true;
	rc = stack_iface_counters_reserve(stack, iface_index_next(stack->ifaces), err);
	if (rc == 0)
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
	if (stack_iface_routes_all(stack, iface) > 0)
		return error_set(err, EBUSY, "%u static routes go through %s: delete them first",
			stack_iface_routes_all(stack, iface), name);
	stack_iface_destroy(stack, iface);
	return 0;
}

int
stack_iface_set_admin(struct stack *stack, const char *name, bool up, struct error *err)
{
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	copy->admin_up = up;
	rc = stack_iface_publish(stack, copy, err);
	if (rc < 0)
		return rc;
	iface_follow(stack, iface_lookup(stack->ifaces, name));
	stack_neigh_iface_admin(stack, iface_lookup(stack->ifaces, name));
	return 0;
}

static int
mtu_error(const struct stack *stack, const struct iface *iface, uint16_t max, uint16_t mtu,
	struct error *err)
{
	const char *name = iface->name;

	if (iface->type == IFACE_VLAN)
		return error_set(err, EINVAL,
			"an MTU of %s is from %u to %u bytes, that of %s below it, not %u", name,
			PORT_MTU_MIN, max, iface_get(stack->ifaces, iface->parent)->name, mtu);
	return error_set(err, EINVAL,
		"an MTU of %s is from %u to %u bytes, not %u: 'port set %s mtu N' raises it", name,
		PORT_MTU_MIN, max, mtu, name);
}

int
stack_iface_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err)
{
	const struct iface *iface;
	struct iface *copy;
	uint16_t max;
	bool up;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	iface_below(stack, iface, &up, &max);
	if (mtu < PORT_MTU_MIN || mtu > max)
		return mtu_error(stack, iface, max, mtu, err);
	rc = iface_copy(iface, &copy, err);
	if (rc < 0)
		return rc;
	copy->mtu = mtu;
	rc = stack_iface_publish(stack, copy, err);
	if (rc == 0)
		iface_follow(stack, iface_lookup(stack->ifaces, name));
	return rc;
}
