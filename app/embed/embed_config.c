/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user configures: texts become values, and the functions of lib/stack do the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/embed.h"
#include "embed/embed_port.h"

/* What it calls for happens at once. @return what the program is told */
static int
changed(struct spate *spate, int rc, const struct error *err)
{
	embed_run(spate);
	return embed_result(rc, err);
}

/* ---- texts ---- */

static int
addr_parse(const char *text, struct ip_addr *addr, struct error *err)
{
	if (ip_addr_parse(text, addr) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no address", text);
}

static int
prefix_parse(const char *text, struct ip_prefix *prefix, struct error *err)
{
	if (ip_prefix_parse(text, prefix) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no address with a length", text);
}

static int
mac_parse(const char *text, struct mac_addr *mac, struct error *err)
{
	if (mac_addr_parse(text, mac) == 0)
		return 0;
	return error_set(err, EINVAL, "\"%.64s\" is no MAC address", text);
}

/* ---- interfaces ---- */

/* By the stack's number and its interface's: local, and alone in this process. */
static void
mac_make(struct spate *spate, char text[MAC_TEXT_MAX])
{
	const unsigned id = spate->stack->id, number = ++spate->ifaces_made;

	mac_addr_format(&(struct mac_addr){ { 0x02, (uint8_t)(id >> 16), (uint8_t)(id >> 8),
				(uint8_t)id, (uint8_t)(number >> 8), (uint8_t)number } },
		text);
}

static int
iface_add(struct spate *spate, const char *name, const struct port_ops *ops, unsigned mtu,
	const char *mac, struct error *err)
{
	const struct port_config config = { .rxq_count = 1, .txq_count = 1, .mtu = (uint16_t)mtu };
	char made[MAC_TEXT_MAX];

	if (mtu > SPATE_MTU_MAX)
		return error_set(
			err, EINVAL, "an MTU is %u bytes at most, not %u", SPATE_MTU_MAX, mtu);
	if (mac == NULL)
		mac_make(spate, made);
	return stack_port_add(spate->stack, ops, name, mac != NULL ? mac : made, &config, err);
}

int
spate_iface_add(
	struct spate *spate, const char *name, enum spate_link link, unsigned mtu, const char *mac)
{
	const struct port_ops *ops = NULL;
	struct error err;
	int rc;

	embed_run(spate);
	switch (link) {
	case SPATE_LINK_ETHERNET: ops = &embed_ethernet_ops; break;
	case SPATE_LINK_IP: ops = &embed_ip_ops; break;
	}
	if (ops == NULL)
		rc = error_set(&err, EINVAL, "%d is no kind of link", (int)link);
	else
		rc = iface_add(spate, name, ops, mtu, mac, &err);
	return changed(spate, rc, &err);
}

int
spate_iface_remove(struct spate *spate, const char *name)
{
	struct error err;

	embed_run(spate);
	return changed(spate, stack_port_remove(spate->stack, name, &err), &err);
}

int
spate_iface_set_up(struct spate *spate, const char *name, int up)
{
	struct error err;

	embed_run(spate);
	return changed(spate, stack_iface_set_admin(spate->stack, name, up != 0, &err), &err);
}

int
spate_iface_mac(struct spate *spate, const char *name, char mac[SPATE_MAC_TEXT])
{
	struct embed_port *embed;
	struct error err;
	int rc = embed_port_find(spate, name, &embed, &err);

	_Static_assert(SPATE_MAC_TEXT == MAC_TEXT_MAX, "the text of a MAC address");
	if (rc == 0)
		mac_addr_format(&embed->port->mac, mac);
	return embed_result(rc, &err);
}

/* ---- addresses ---- */

int
spate_addr_add(struct spate *spate, const char *iface, const char *text)
{
	struct ip_prefix addr;
	struct error err;
	int rc = prefix_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_addr_add(spate->stack, iface, &addr, &err);
	return changed(spate, rc, &err);
}

int
spate_addr_remove(struct spate *spate, const char *iface, const char *text)
{
	struct ip_prefix addr;
	struct error err;
	int rc = prefix_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_addr_remove(spate->stack, iface, &addr, &err);
	return changed(spate, rc, &err);
}

/* ---- routes ---- */

static int
route_parse(struct stack_route *route, const char *prefix, const char *gateway, const char *iface,
	struct error *err)
{
	const char *name = iface != NULL ? iface : "";
	int rc = prefix_parse(prefix, &route->prefix, err);

	if (rc < 0)
		return rc;
	if (strlen(name) >= IFACE_NAME_MAX)
		return error_set(err, ENOENT, "no interface \"%.64s\"", name);
	if (gateway == NULL && iface == NULL)
		return error_set(err, EINVAL, "a route needs a gateway, or an interface, or both");
	if (gateway == NULL) {
		route->type = STACK_ROUTE_DEV;
		snprintf(route->iface, sizeof(route->iface), "%s", name);
		return 0;
	}
	route->type = STACK_ROUTE_VIA;
	route->path_count = 1;
	route->paths[0].weight = 1;
	snprintf(route->paths[0].iface, sizeof(route->paths[0].iface), "%s", name);
	return addr_parse(gateway, &route->paths[0].gateway, err);
}

int
spate_route_add(struct spate *spate, const char *prefix, const char *gateway, const char *iface)
{
	/* As large as a route of all paths. */
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err;
	int rc;

	embed_run(spate);
	if (route == NULL)
		rc = error_set(&err, ENOMEM, "no memory for a route");
	else
		rc = route_parse(route, prefix, gateway, iface, &err);
	if (rc == 0)
		rc = stack_route_add(spate->stack, route, false, &err);
	free(route);
	return changed(spate, rc, &err);
}

int
spate_route_remove(struct spate *spate, const char *text)
{
	struct ip_prefix prefix;
	struct error err;
	int rc = prefix_parse(text, &prefix, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_route_remove(spate->stack, IP_VRF_DEFAULT, &prefix, &err);
	return changed(spate, rc, &err);
}

/* ---- neighbours ---- */

int
spate_neigh_add(struct spate *spate, const char *iface, const char *text, const char *mac_text)
{
	struct ip_addr addr;
	struct mac_addr mac;
	struct error err;
	int rc = addr_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = mac_parse(mac_text, &mac, &err);
	if (rc == 0)
		rc = stack_neigh_add(spate->stack, iface, &addr, &mac, &err);
	return changed(spate, rc, &err);
}

int
spate_neigh_remove(struct spate *spate, const char *iface, const char *text)
{
	struct ip_addr addr;
	struct error err;
	int rc = addr_parse(text, &addr, &err);

	embed_run(spate);
	if (rc == 0)
		rc = stack_neigh_remove(spate->stack, iface, &addr, &err);
	return changed(spate, rc, &err);
}
