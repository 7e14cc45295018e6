/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules by rte_flow, where the device's driver has it. Called by control. */
#include "ethdev/ethdev_priv.h"

#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>

#include "wire/ip4.h"

/* eth, vlan, IP, transport, end */
#define ITEMS_MAX 5
/* count, queue, end */
#define ACTIONS_MAX 3
/* A rule for a protocol of either family is two for a device. */
#define FLOWS_MAX 2

struct ethdev_flow {
	LIST_ENTRY(ethdev_flow) entry;
	bool counted;
	unsigned count;
	struct rte_flow *flows[FLOWS_MAX];
};

/* What the items of a pattern point to. */
struct specs {
	struct rte_flow_item_eth eth, eth_mask;
	struct rte_flow_item_vlan vlan, vlan_mask;
	struct rte_flow_item_ipv4 ip4, ip4_mask;
	struct rte_flow_item_ipv6 ip6, ip6_mask;
	/* The ports of TCP, UDP and SCTP are in one place: what differs is the item's type. */
	union {
		struct rte_flow_item_tcp tcp;
		struct rte_flow_item_udp udp;
		struct rte_flow_item_sctp sctp;
		rte_be16_t ports[2];
	} l4, l4_mask;
};

struct pattern {
	unsigned count;
	struct rte_flow_item items[ITEMS_MAX];
	struct specs specs;
};

static void
item_add(struct pattern *pattern, enum rte_flow_item_type type, const void *spec, const void *mask)
{
	pattern->items[pattern->count++] =
		(struct rte_flow_item){ .type = type, .spec = spec, .mask = mask };
}

static void
pattern_link(struct pattern *pattern, const struct port_flow_match *match, bool ip)
{
	const bool tagged = (match->fields & PORT_FLOW_VLAN) != 0;
	const bool typed = (match->fields & PORT_FLOW_ETH_TYPE) != 0 && !ip;
	struct specs *s = &pattern->specs;

	if (typed && !tagged) {
		s->eth.type = rte_cpu_to_be_16(match->eth_type);
		s->eth_mask.type = UINT16_MAX;
		item_add(pattern, RTE_FLOW_ITEM_TYPE_ETH, &s->eth, &s->eth_mask);
	} else {
		item_add(pattern, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL);
	}
	if (!tagged)
		return;
	s->vlan.tci = rte_cpu_to_be_16(match->vlan);
	s->vlan_mask.tci = RTE_BE16(0x0fff);
	if (typed) {
		s->vlan.inner_type = rte_cpu_to_be_16(match->eth_type);
		s->vlan_mask.inner_type = UINT16_MAX;
	}
	item_add(pattern, RTE_FLOW_ITEM_TYPE_VLAN, &s->vlan, &s->vlan_mask);
}

static void
prefix_write(const struct ip_prefix *prefix, void *addr, void *mask)
{
	uint8_t *bits = mask;

	memcpy(addr, prefix->addr.bytes, ip_addr_length(&prefix->addr));
	for (unsigned i = 0; i < prefix->length; i++)
		bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

/* @param proto of the header, 0: a transport item says it */
static void
pattern_ip4(struct pattern *pattern, const struct port_flow_match *match, uint8_t proto)
{
	struct specs *s = &pattern->specs;

	if (match->fields & PORT_FLOW_SRC)
		prefix_write(&match->src, &s->ip4.hdr.src_addr, &s->ip4_mask.hdr.src_addr);
	if (match->fields & PORT_FLOW_DST)
		prefix_write(&match->dst, &s->ip4.hdr.dst_addr, &s->ip4_mask.hdr.dst_addr);
	s->ip4.hdr.next_proto_id = proto;
	s->ip4_mask.hdr.next_proto_id = proto != 0 ? UINT8_MAX : 0;
	item_add(pattern, RTE_FLOW_ITEM_TYPE_IPV4, &s->ip4, &s->ip4_mask);
}

static void
pattern_ip6(struct pattern *pattern, const struct port_flow_match *match, uint8_t proto)
{
	struct specs *s = &pattern->specs;

	if (match->fields & PORT_FLOW_SRC)
		prefix_write(&match->src, s->ip6.hdr.src_addr, s->ip6_mask.hdr.src_addr);
	if (match->fields & PORT_FLOW_DST)
		prefix_write(&match->dst, s->ip6.hdr.dst_addr, s->ip6_mask.hdr.dst_addr);
	s->ip6.hdr.proto = proto;
	s->ip6_mask.hdr.proto = proto != 0 ? UINT8_MAX : 0;
	item_add(pattern, RTE_FLOW_ITEM_TYPE_IPV6, &s->ip6, &s->ip6_mask);
}

static enum rte_flow_item_type
transport_type(const struct port_flow_match *match)
{
	if ((match->fields & PORT_FLOW_PROTO) == 0)
		return RTE_FLOW_ITEM_TYPE_END;
	switch (match->proto) {
	case IP_PROTO_TCP: return RTE_FLOW_ITEM_TYPE_TCP;
	case IP_PROTO_UDP: return RTE_FLOW_ITEM_TYPE_UDP;
	case IP_PROTO_SCTP: return RTE_FLOW_ITEM_TYPE_SCTP;
	default: return RTE_FLOW_ITEM_TYPE_END;
	}
}

/* @param family IP_FAMILY_NONE: the rule says nothing about IP */
static void
pattern_build(struct pattern *pattern, const struct port_flow_match *match, uint8_t family)
{
	const enum rte_flow_item_type type = transport_type(match);
	const uint8_t proto = type == RTE_FLOW_ITEM_TYPE_END ? match->proto : 0;
	struct specs *s = &pattern->specs;

	memset(pattern, 0, sizeof(*pattern));
	pattern_link(pattern, match, family != IP_FAMILY_NONE);
	if (family == IP_FAMILY_4)
		pattern_ip4(pattern, match, proto);
	if (family == IP_FAMILY_6)
		pattern_ip6(pattern, match, proto);
	if (type != RTE_FLOW_ITEM_TYPE_END) {
		s->l4.ports[0] = rte_cpu_to_be_16(match->src_port);
		s->l4.ports[1] = rte_cpu_to_be_16(match->dst_port);
		s->l4_mask.ports[0] = match->fields & PORT_FLOW_SRC_PORT ? UINT16_MAX : 0;
		s->l4_mask.ports[1] = match->fields & PORT_FLOW_DST_PORT ? UINT16_MAX : 0;
		item_add(pattern, type, &s->l4, &s->l4_mask);
	}
	item_add(pattern, RTE_FLOW_ITEM_TYPE_END, NULL, NULL);
}

static struct rte_flow *
flow_try(
	uint16_t id, const struct port_flow_rule *rule, const struct pattern *pattern, bool counted)
{
	const struct rte_flow_attr attr = { .ingress = 1, .priority = rule->priority };
	const struct rte_flow_action_queue queue = { .index = rule->target };
	const struct rte_flow_action actions[ACTIONS_MAX] = {
		{ .type = RTE_FLOW_ACTION_TYPE_COUNT },
		{ .type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &queue },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};
	const struct rte_flow_action *wanted = counted ? actions : actions + 1;
	struct rte_flow_error error;

	if (rte_flow_validate(id, &attr, pattern->items, wanted, &error) != 0)
		return NULL;
	return rte_flow_create(id, &attr, pattern->items, wanted, &error);
}

/* Take a rule from the device, as far as that goes. */
static bool
flows_destroy(uint16_t id, struct ethdev_flow *flow)
{
	struct rte_flow_error error;

	while (flow->count > 0) {
		if (rte_flow_destroy(id, flow->flows[flow->count - 1], &error) != 0)
			return false;
		flow->count--;
	}
	return true;
}

/* The families that a device is to be told of, each in a rule of its own. */
static unsigned
families_of(const struct port_flow_match *match, uint8_t families[FLOWS_MAX])
{
	families[0] = IP_FAMILY_NONE;
	if (match->fields & PORT_FLOW_SRC)
		families[0] = match->src.addr.family;
	else if (match->fields & PORT_FLOW_DST)
		families[0] = match->dst.addr.family;
	if (families[0] != IP_FAMILY_NONE || (match->fields & PORT_FLOW_PROTO) == 0)
		return 1;
	families[0] = IP_FAMILY_4;
	families[1] = IP_FAMILY_6;
	if ((match->fields & PORT_FLOW_ETH_TYPE) == 0)
		return 2;
	families[0] = match->eth_type == RTE_ETHER_TYPE_IPV4 ? IP_FAMILY_4 : IP_FAMILY_6;
	return 1;
}

static struct ethdev_flow *
flows_create(uint16_t id, const struct port_flow_rule *rule, bool counted)
{
	struct ethdev_flow *flow = calloc(1, sizeof(*flow));
	uint8_t families[FLOWS_MAX];
	unsigned count = families_of(&rule->match, families);
	struct pattern pattern;

	if (flow == NULL)
		return NULL;
	flow->counted = counted;
	while (flow->count < count) {
		pattern_build(&pattern, &rule->match, families[flow->count]);
		flow->flows[flow->count] = flow_try(id, rule, &pattern, counted);
		if (flow->flows[flow->count] == NULL) {
			flows_destroy(id, flow);
			free(flow);
			return NULL;
		}
		flow->count++;
	}
	return flow;
}

void *
ethdev_flow_create(struct port *port, const struct port_flow_rule *rule)
{
	struct ethdev *ethdev = port->driver;
	struct ethdev_flow *flow = flows_create(ethdev->id, rule, true);

	if (flow == NULL)
		flow = flows_create(ethdev->id, rule, false);
	if (flow != NULL)
		LIST_INSERT_HEAD(&ethdev->flows, flow, entry);
	return flow;
}

int
ethdev_flow_destroy(struct port *port, void *handle, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct ethdev_flow *flow = handle;

	if (!flows_destroy(ethdev->id, flow))
		return error_set(err, EIO, "%s: the device keeps the rule (DPDK's log says why)",
			port->name);
	LIST_REMOVE(flow, entry);
	free(flow);
	return 0;
}

void
ethdev_flows_flush(struct ethdev *ethdev)
{
	struct ethdev_flow *flow, *next;

	for (flow = LIST_FIRST(&ethdev->flows); flow != NULL; flow = next) {
		next = LIST_NEXT(flow, entry);
		flows_destroy(ethdev->id, flow);
		free(flow);
	}
	LIST_INIT(&ethdev->flows);
}

int
ethdev_flow_hits(struct port *port, void *handle, uint64_t *packets)
{
	const struct rte_flow_action count = { .type = RTE_FLOW_ACTION_TYPE_COUNT };
	const struct ethdev *ethdev = port->driver;
	const struct ethdev_flow *flow = handle;
	struct rte_flow_error error;

	*packets = 0;
	for (unsigned i = 0; i < flow->count && flow->counted; i++) {
		struct rte_flow_query_count query = { 0 };

		if (rte_flow_query(ethdev->id, flow->flows[i], &count, &query, &error) != 0)
			return -EIO;
		*packets += query.hits;
	}
	return flow->counted ? 0 : -ENOTSUP;
}
