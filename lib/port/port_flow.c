/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules of a port: what they say, which decides, what the device does. By control. */
#include "port/port.h"

#include <string.h>

#include "pkt/flow_hash.h"
#include "port/port_flow_key.h"
#include "wire/endian.h"
#include "wire/mac.h"

#define ETH_TYPE_MIN 0x0600
#define ADDRS        (PORT_FLOW_SRC | PORT_FLOW_DST)
#define PORTS        (PORT_FLOW_SRC_PORT | PORT_FLOW_DST_PORT)

/* ---- what can be said ---- */

/* IP_FAMILY_NONE: either, or none. */
static uint8_t
match_family(const struct port_flow_match *match)
{
	if (match->fields & ADDRS)
		return match->fields & PORT_FLOW_SRC ? match->src.addr.family
						     : match->dst.addr.family;
	if ((match->fields & PORT_FLOW_ETH_TYPE) == 0)
		return IP_FAMILY_NONE;
	return match->eth_type == ETHER_TYPE_IP4    ? IP_FAMILY_4
		: match->eth_type == ETHER_TYPE_IP6 ? IP_FAMILY_6
						    : IP_FAMILY_NONE;
}

static int
check_eth_type(const struct port_flow_match *match, struct error *err)
{
	const uint16_t type = match->eth_type;
	const uint8_t family = match_family(match);

	if (type < ETH_TYPE_MIN)
		return error_set(err, EINVAL, "an EtherType is 0x0600 or more");
	if (type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ)
		return error_set(err, EINVAL,
			"0x%04x is the type of a VLAN tag: say 'vlan N', and what is behind it",
			type);
	if ((match->fields & (ADDRS | PORT_FLOW_PROTO)) != 0 &&
		type != (family == IP_FAMILY_6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4))
		return error_set(
			err, EINVAL, "0x%04x is not the EtherType of IP packets like this", type);
	return 0;
}

int
port_flow_check(const struct port_flow_match *match, struct error *err)
{
	const uint32_t fields = match->fields;
	const uint8_t family = match_family(match);
	int rc = 0;

	if ((fields & ADDRS) == ADDRS && match->src.addr.family != match->dst.addr.family)
		return error_set(err, EINVAL, "source and destination are of different families");
	if (fields & PORT_FLOW_ETH_TYPE)
		rc = check_eth_type(match, err);
	if (rc < 0)
		return rc;
	if ((fields & PORTS) != 0 &&
		((fields & PORT_FLOW_PROTO) == 0 || !flow_has_ports(match->proto)))
		return error_set(err, EINVAL, "ports are those of a protocol: tcp, udp or sctp");
	if ((fields & PORT_FLOW_PROTO) != 0 &&
		((family == IP_FAMILY_6 && match->proto == IP_PROTO_ICMP) ||
			(family == IP_FAMILY_4 && match->proto == IP_PROTO_ICMP6)))
		return error_set(err, EINVAL, "IPv4 has icmp, IPv6 has icmp6");
	return 0;
}

/* ---- as bits ---- */

static void
compile_prefix(const struct ip_prefix *prefix, uint8_t value[16], uint8_t mask[16])
{
	for (unsigned bit = 0; bit < prefix->length; bit++)
		mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	memcpy(value, prefix->addr.bytes, 16);
}

static void
compile_flag(struct port_flow_compare *compare, enum port_flow_key_flag flag, bool set)
{
	compare->mask.flags |= (uint8_t)flag;
	if (set)
		compare->value.flags |= (uint8_t)flag;
}

void
port_flow_compile(const struct port_flow_match *match, struct port_flow_compare *compare)
{
	union port_flow_key *value = &compare->value, *mask = &compare->mask;
	const uint8_t family = match_family(match);
	const uint32_t fields = match->fields;

	memset(compare, 0, sizeof(*compare));
	/* As in rte_flow, where "eth / ipv4" is not "eth / vlan / ipv4". */
	if (fields != 0)
		compile_flag(compare, PORT_FLOW_KEY_TAGGED, (fields & PORT_FLOW_VLAN) != 0);
	if (fields & PORT_FLOW_VLAN) {
		value->vlan = match->vlan;
		mask->vlan = UINT16_MAX;
	}
	if ((fields & (PORT_FLOW_ETH_TYPE | ADDRS)) != 0) {
		value->eth_type = family == IP_FAMILY_4 ? ETHER_TYPE_IP4
			: family == IP_FAMILY_6         ? ETHER_TYPE_IP6
							: match->eth_type;
		mask->eth_type = UINT16_MAX;
	}
	if ((fields & (ADDRS | PORT_FLOW_PROTO)) != 0)
		compile_flag(compare, PORT_FLOW_KEY_IP, true);
	if (fields & PORT_FLOW_SRC)
		compile_prefix(&match->src, value->src, mask->src);
	if (fields & PORT_FLOW_DST)
		compile_prefix(&match->dst, value->dst, mask->dst);
	if (fields & PORT_FLOW_PROTO) {
		value->proto = match->proto;
		mask->proto = UINT8_MAX;
	}
	if ((fields & PORTS) != 0)
		compile_flag(compare, PORT_FLOW_KEY_PORTS, true);
	value->ports_be[0] = htobe16(match->src_port);
	value->ports_be[1] = htobe16(match->dst_port);
	mask->ports_be[0] = fields & PORT_FLOW_SRC_PORT ? UINT16_MAX : 0;
	mask->ports_be[1] = fields & PORT_FLOW_DST_PORT ? UINT16_MAX : 0;
}

bool
port_flow_match_equal(const struct port_flow_match *a, const struct port_flow_match *b)
{
	struct port_flow_compare one, other;

	port_flow_compile(a, &one);
	port_flow_compile(b, &other);
	return memcmp(&one, &other, sizeof(one)) == 0;
}

static void
key_of_flow(const struct ip_flow *flow, uint16_t vlan, union port_flow_key *key)
{
	const bool ip6 = flow->src.family == IP_FAMILY_6;

	*key = (union port_flow_key){
		.vlan = vlan,
		.eth_type = ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4,
		.proto = flow->proto,
		.flags = PORT_FLOW_KEY_IP,
	};
	if (vlan != 0)
		key->flags |= PORT_FLOW_KEY_TAGGED;
	memcpy(key->src, flow->src.bytes, sizeof(key->src));
	memcpy(key->dst, flow->dst.bytes, sizeof(key->dst));
	if (!flow_has_ports(flow->proto))
		return;
	key->flags |= PORT_FLOW_KEY_PORTS;
	key->ports_be[0] = htobe16(flow->src_port);
	key->ports_be[1] = htobe16(flow->dst_port);
}

const struct port_flow_rule *
port_flow_decide(const struct port *port, const struct ip_flow *flow, uint16_t vlan, bool by_device)
{
	struct port_flow_compare compare;
	union port_flow_key key;

	key_of_flow(flow, vlan, &key);
	for (unsigned i = 0; i < port->flow_count; i++) {
		const struct port_flow_rule *rule = &port->flow_rules[i];

		if (by_device && rule->hardware == NULL)
			continue;
		port_flow_compile(&rule->match, &compare);
		if (port_flow_key_matches(&key, &compare))
			return rule;
	}
	return NULL;
}

/* ---- the list ---- */

struct port_flow_rule *
port_flow_find(struct port *port, uint32_t id)
{
	for (unsigned i = 0; i < port->flow_count; i++) {
		if (port->flow_rules[i].id == id)
			return &port->flow_rules[i];
	}
	return NULL;
}

/* Behind the last one, so that the oldest goes first; when these are used up, one that is free. */
static uint32_t
id_choose(struct port *port)
{
	uint32_t id = 0;

	for (unsigned i = 0; i < port->flow_count; i++) {
		if (port->flow_rules[i].id >= id)
			id = port->flow_rules[i].id + 1;
	}
	if (id <= PORT_FLOW_ID_MAX)
		return id;
	for (id = 0; port_flow_find(port, id) != NULL; id++)
		;
	return id;
}

static bool
goes_before(const struct port_flow_rule *rule, const struct port_flow_rule *other)
{
	return rule->priority < other->priority ||
		(rule->priority == other->priority && rule->id < other->id);
}

struct port_flow_rule *
port_flow_insert(struct port *port, const struct port_flow_rule *asked)
{
	struct port_flow_rule *rules = port->flow_rules, rule = *asked;
	unsigned at = port->flow_count;

	if (rule.id == PORT_FLOW_ID_ANY)
		rule.id = id_choose(port);
	for (; at > 0 && goes_before(&rule, &rules[at - 1]); at--)
		rules[at] = rules[at - 1];
	rules[at] = rule;
	port->flow_count++;
	return &rules[at];
}

void
port_flow_remove(struct port *port, uint32_t id)
{
	const struct port_flow_rule *rule = port_flow_find(port, id);
	unsigned at = (unsigned)(rule - port->flow_rules);

	port->flow_count--;
	memmove(&port->flow_rules[at], &port->flow_rules[at + 1],
		(port->flow_count - at) * sizeof(*rule));
}

/* ---- the device ---- */

void
port_flow_offload(struct port *port)
{
	for (unsigned i = 0; i < port->flow_count; i++) {
		struct port_flow_rule *rule = &port->flow_rules[i];

		rule->hardware = NULL;
		if (port->ops->flow_create != NULL && !rule->to_worker)
			rule->hardware = port->ops->flow_create(port, rule);
	}
}
