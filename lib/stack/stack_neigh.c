/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbours of a stack: ARP and ND packets to lib/neigh, and its actions to wires and nexthops. */
#include "stack/worker.h"

#include "base/counter.h"
#include "base/log.h"
#include "wire/arp.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/nd.h"

static const struct mac_addr mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static uint64_t
now_ms(const struct stack *stack)
{
	return stack->now_ns / 1000000;
}

/*
 * A frame with `length` bytes to build in behind its link header; it belongs to worker 0's pool and
 * is sent by worker 0.
 */
static uint8_t *
frame_create(struct stack *stack, const struct iface *iface, const struct mac_addr *dst,
	uint16_t type, uint16_t length, struct rte_mbuf **pkt)
{
	unsigned hdr_length = vlan_hdr_length(&iface->tags);
	uint8_t *frame;

	*pkt = rte_pktmbuf_alloc(stack->workers[0]->pool);
	if (*pkt == NULL)
		return NULL;
	pkt_meta_init(*pkt, iface->index, PKT_ORIGINATED);
	pkt_meta(*pkt)->reason = INJECT_FRAME;
	(*pkt)->l2_len = hdr_length;
	frame = (uint8_t *)rte_pktmbuf_append(*pkt, (uint16_t)(hdr_length + length));
	vlan_hdr_build(frame, dst, &iface->mac, &iface->tags, type);
	return frame + hdr_length;
}

static void
arp_send(struct stack *stack, const struct iface *iface, const struct arp *arp,
	const struct mac_addr *dst)
{
	struct rte_mbuf *pkt;
	uint8_t *message = frame_create(stack, iface, dst, ETHER_TYPE_ARP, ARP_LENGTH, &pkt);

	if (message == NULL)
		return;
	arp_build(message, arp);
	stack_inject(stack, 0, pkt);
}

static void
nd_send(struct stack *stack, const struct iface *iface, const struct nd *nd,
	const struct nd_envelope *envelope, const struct mac_addr *dst)
{
	struct rte_mbuf *pkt;
	uint8_t *packet = frame_create(
		stack, iface, dst, ETHER_TYPE_IP6, IP6_HDR_LENGTH + ND_LENGTH_MAX, &pkt);
	uint32_t length;

	if (packet == NULL)
		return;
	length = nd_build(packet + IP6_HDR_LENGTH, nd, envelope);
	ip6_hdr_build((struct ip6_header *)packet,
		&(struct ip6_build){
			.src = envelope->src.bytes,
			.dst = envelope->dst.bytes,
			.payload_length = length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = envelope->hop_limit,
		});
	rte_pktmbuf_trim(pkt, ND_LENGTH_MAX - length);
	stack_inject(stack, 0, pkt);
}

/* ---- solicitations ---- */

/* Of our addresses, the one in the neighbour's subnet; else the interface's first. */
static bool
solicit_source(const struct iface *iface, const struct ip_addr *target, struct ip_addr *source)
{
	const struct ip_prefix *own = iface_addr_covering(iface, target);

	if (own != NULL)
		*source = own->addr;
	else
		*source = target->family == IP_FAMILY_4 ? iface->source4 : iface->source6;
	return source->family != IP_FAMILY_NONE;
}

static void
arp_solicit(struct stack *stack, const struct iface *iface, const struct neigh_action *action,
	const struct ip_addr *source)
{
	bool unicast = action->type == NEIGH_SOLICIT_UNICAST;
	struct arp arp = {
		.op = ARP_REQUEST,
		.sender_mac = iface->mac,
		.sender_ip = *source,
		.target_ip = action->key.addr,
	};

	arp_send(stack, iface, &arp, unicast ? &action->mac : &mac_broadcast);
}

static void
nd_solicit(struct stack *stack, const struct iface *iface, const struct neigh_action *action,
	const struct ip_addr *source)
{
	bool unicast = action->type == NEIGH_SOLICIT_UNICAST;
	struct ip_addr group = ip6_solicited_node(&action->key.addr);
	struct nd_envelope envelope = {
		.src = *source,
		.dst = unicast ? action->key.addr : group,
		.hop_limit = 255,
	};
	struct nd nd = {
		.type = ICMP6_NEIGHBOR_SOLICITATION,
		.has_mac = true,
		.mac = iface->mac,
		.target = action->key.addr,
	};
	struct mac_addr group_mac = { { 0x33, 0x33, group.bytes[12], group.bytes[13],
		group.bytes[14], group.bytes[15] } };

	nd_send(stack, iface, &nd, &envelope, unicast ? &action->mac : &group_mac);
}

void
stack_neigh_solicit(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);
	struct ip_addr source;

	if (iface == NULL || !iface->up || !solicit_source(iface, &action->key.addr, &source))
		return;
	if (action->key.addr.family == IP_FAMILY_4)
		arp_solicit(stack, iface, action, &source);
	else
		nd_solicit(stack, iface, action, &source);
}

/* ---- adjacencies ---- */

static struct ip_prefix
host_route(const struct neigh_key *key)
{
	return (struct ip_prefix){ key->addr, ip_addr_bits(&key->addr) };
}

/* The host route spares packets to the neighbour itself the way over the control thread. */
static void
host_route_insert(struct stack *stack, const struct iface *iface, const struct neigh_key *key)
{
	struct ip_prefix host = host_route(key);
	struct nexthop_link link;
	struct route present;
	uint32_t nexthop;

	if (ip_addr_is_link_local(&key->addr) ||
		route_find(stack->routes, &host, ROUTE_NEIGHBOUR, &present) == 0)
		return;
	/* Only where the subnet is connected here: else another interface's traffic would follow. */
	if (iface_addr_covering(iface, &key->addr) == NULL)
		return;
	stack_iface_link(iface, &link);
	if (nexthop_gateway(stack->nexthops, &link, &key->addr, false, &nexthop, NULL) < 0)
		return;
	if (nexthop_references(stack->nexthops, nexthop) == 1)
		stack_nexthop_counters_base(stack, nexthop);
	if (route_insert(stack->routes, &host, ROUTE_NEIGHBOUR, nexthop, NULL) < 0)
		nexthop_release(stack->nexthops, nexthop);
}

static void
resolved(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);

	if (iface == NULL)
		return;
	host_route_insert(stack, iface, &action->key);
	if (iface->admin_up)
		nexthop_resolve(
			stack->nexthops, action->key.iface, &action->key.addr, &action->mac);
}

static void
unresolved(struct stack *stack, const struct neigh_action *action)
{
	struct ip_prefix host = host_route(&action->key);

	nexthop_unresolve(stack->nexthops, action->key.iface, &action->key.addr);
	route_remove(stack->routes, &host, ROUTE_NEIGHBOUR, NULL);
}

/* ---- held packets ---- */

/* The link header replaces what the packet came with; then it goes to the worker that punted it. */
static void
transmit(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);
	bool ip4 = action->key.addr.family == IP_FAMILY_4;
	struct rte_mbuf *pkt = action->pkt;
	struct pkt_meta *meta = pkt_meta(pkt);
	uint8_t *frame;

	if (iface == NULL || !iface->up) {
		stack_drop(stack, pkt, DROP_neigh_no_iface);
		return;
	}
	/* It may be known for longer than its subnet is connected: the next packet needs no help. */
	resolved(stack, action);
	rte_pktmbuf_adj(pkt, pkt->l2_len);
	frame = (uint8_t *)rte_pktmbuf_prepend(pkt, (uint16_t)vlan_hdr_length(&iface->tags));
	if (frame == NULL) {
		stack_drop(stack, pkt, DROP_tx_no_headroom);
		return;
	}
	pkt->l2_len = vlan_hdr_length(&iface->tags);
	vlan_hdr_build(frame, &action->mac, &iface->mac, &iface->tags,
		ip4 ? ETHER_TYPE_IP4 : ETHER_TYPE_IP6);
	meta->iface = iface->index;
	meta->reason = INJECT_FRAME;
	stack_inject(stack, meta->worker, pkt);
}

/* RFC 1812 3.3.2, RFC 4861 7.2.2: a neighbour that does not answer is reported to the sender. */
static void
discard(struct stack *stack, const struct neigh_action *action)
{
	static const enum drop_reason reasons[] = {
		[NEIGH_DISCARD_FAILED] = DROP_neigh_failed,
		[NEIGH_DISCARD_QUEUE_FULL] = DROP_neigh_queue_full,
		[NEIGH_DISCARD_TABLE_FULL] = DROP_neigh_table_full,
		[NEIGH_DISCARD_NO_IFACE] = DROP_neigh_no_iface,
	};
	struct rte_mbuf *pkt = action->pkt;
	struct pkt_meta *meta = pkt_meta(pkt);

	if (action->reason != NEIGH_DISCARD_FAILED || (meta->flags & PKT_ORIGINATED)) {
		stack_drop(stack, pkt, reasons[action->reason]);
		return;
	}
	meta->icmp_code = action->key.addr.family == IP_FAMILY_4 ? ICMP4_HOST_UNREACHABLE
								 : ICMP6_ADDR_UNREACHABLE;
	meta->icmp_type =
		action->key.addr.family == IP_FAMILY_4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE;
	meta->icmp_rest = 0;
	meta->reason = action->key.addr.family == IP_FAMILY_4 ? INJECT_ERROR4 : INJECT_ERROR6;
	stack_inject(stack, meta->worker, pkt);
}

/* Carry out what lib/neigh decided, in its order. */
static void
carry_out(struct stack *stack)
{
	struct neigh_actions *actions = &stack->neigh_actions;

	for (uint32_t i = 0; i < actions->count; i++) {
		const struct neigh_action *action = &actions->items[i];

		/* Groups let go of a path before it loses its adjacency, and take it back after. */
		if (action->type == NEIGH_UNRESOLVED || action->type == NEIGH_DISCARD)
			stack_failover_neigh(stack, &action->key);
		switch (action->type) {
		case NEIGH_SOLICIT:
		case NEIGH_SOLICIT_UNICAST: stack_neigh_solicit(stack, action); break;
		case NEIGH_RESOLVED:
			resolved(stack, action);
			stack_failover_neigh(stack, &action->key);
			break;
		case NEIGH_UNRESOLVED: unresolved(stack, action); break;
		case NEIGH_TRANSMIT: transmit(stack, action); break;
		case NEIGH_DISCARD: discard(stack, action); break;
		}
	}
	actions->count = 0;
}

/* ---- packets in ---- */

void
stack_neigh_arp_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(stack->ifaces, pkt_meta(pkt)->iface);
	struct neigh_news news = {
		.key.iface = pkt_meta(pkt)->iface, .has_mac = true, .override = true
	};
	struct arp arp, reply;
	bool ours;

	if (arp_parse(pkt_l3(pkt, const void *), pkt->data_len - pkt->l2_len, &arp) < 0) {
		stack_drop(stack, pkt, DROP_arp_malformed);
		return;
	}
	ours = iface != NULL && iface_addr_is_own(iface, &arp.target_ip);
	/* Somebody who claims an address of ours is not a neighbour. */
	if (iface == NULL || iface_addr_is_own(iface, &arp.sender_ip)) {
		stack_drop(stack, pkt, iface == NULL ? DROP_neigh_no_iface : DROP_arp_not_ours);
		return;
	}
	if (!ip_addr_is_unspecified(&arp.sender_ip) &&
		iface_addr_covering(iface, &arp.sender_ip) != NULL) {
		news.key.addr = arp.sender_ip;
		news.mac = arp.sender_mac;
		news.advertisement = arp.op == ARP_REPLY;
		news.solicited = arp.op == ARP_REPLY && ours;
		news.create = ours;
		neigh_input(stack->neighs, now_ms(stack), &news, &stack->neigh_actions);
	}
	if (ours && arp.op == ARP_REQUEST) {
		reply = (struct arp){
			.op = ARP_REPLY,
			.sender_mac = iface->mac,
			.sender_ip = arp.target_ip,
			.target_mac = arp.sender_mac,
			.target_ip = arp.sender_ip,
		};
		arp_send(stack, iface, &reply, &arp.sender_mac);
	}
	carry_out(stack);
	if (ours)
		rte_pktmbuf_free(pkt);
	else
		stack_drop(stack, pkt, DROP_arp_not_ours);
}

/* RFC 4861 7.2.4, and for a probe from nowhere RFC 4862 5.4.3: to all nodes. */
static void
nd_advertise(struct stack *stack, const struct iface *iface, const struct nd *question,
	const struct nd_envelope *asked)
{
	static const struct ip_addr all_nodes = { IP_FAMILY_6, { 0xff, 0x02, [15] = 1 } };
	static const struct mac_addr all_nodes_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
	bool probe = ip_addr_is_unspecified(&asked->src);
	struct nd_envelope envelope = {
		.src = question->target,
		.dst = probe ? all_nodes : asked->src,
		.hop_limit = 255,
	};
	struct nd answer = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.router = true,
		.solicited = !probe,
		.override = true,
		.has_mac = true,
		.mac = iface->mac,
		.target = question->target,
	};

	nd_send(stack, iface, &answer, &envelope, probe ? &all_nodes_mac : &question->mac);
}

static void
nd_solicitation(struct stack *stack, const struct iface *iface, struct nd *nd,
	const struct nd_envelope *envelope, const struct mac_addr *from)
{
	struct neigh_news news = {
		.key = { iface->index, envelope->src },
		.mac = nd->mac,
		.has_mac = nd->has_mac,
		.override = true,
		.create = true,
	};

	/* Without the option (a unicast probe) the answer goes where the question came from. */
	if (!nd->has_mac)
		nd->mac = *from;
	if (nd->has_mac && !ip_addr_is_unspecified(&envelope->src))
		neigh_input(stack->neighs, now_ms(stack), &news, &stack->neigh_actions);
	nd_advertise(stack, iface, nd, envelope);
}

static void
nd_advertisement(struct stack *stack, const struct iface *iface, const struct nd *nd)
{
	struct neigh_news news = {
		.key = { iface->index, nd->target },
		.mac = nd->mac,
		.has_mac = nd->has_mac,
		.solicited = nd->solicited,
		.override = nd->override,
		.router = nd->router,
		.advertisement = true,
	};

	neigh_input(stack->neighs, now_ms(stack), &news, &stack->neigh_actions);
}

void
stack_neigh_nd_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(stack->ifaces, pkt_meta(pkt)->iface);
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	struct mac_addr from = rte_pktmbuf_mtod(pkt, const struct ether_hdr *)->src;
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct nd_envelope envelope = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst),
		hdr->hop_limit };
	struct nd nd;

	if (pkt->nb_segs > 1 ||
		nd_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset), pkt->data_len - offset,
			&envelope, &nd) < 0) {
		stack_drop(stack, pkt, DROP_nd_malformed);
		return;
	}
	if (iface == NULL) {
		stack_drop(stack, pkt, DROP_neigh_no_iface);
		return;
	}
	if (nd.type == ICMP6_NEIGHBOR_SOLICITATION) {
		if (!iface_addr_is_own(iface, &nd.target) ||
			iface_addr_is_own(iface, &envelope.src)) {
			stack_drop(stack, pkt, DROP_nd_not_ours);
			return;
		}
		nd_solicitation(stack, iface, &nd, &envelope, &from);
	} else {
		if (iface_addr_is_own(iface, &nd.target)) {
			stack_drop(stack, pkt, DROP_nd_not_ours);
			return;
		}
		nd_advertisement(stack, iface, &nd);
	}
	carry_out(stack);
	rte_pktmbuf_free(pkt);
}

/* A packet whose next hop has no adjacency: hold it, and ask. */
void
stack_neigh_glean(struct stack *stack, struct rte_mbuf *pkt)
{
	struct neigh_key key;

	if (stack_glean_key(stack, pkt, &key) < 0)
		stack_drop(stack, pkt, DROP_neigh_no_iface); /* gone since the worker saw it */
	else if (neigh_resolve(stack->neighs, now_ms(stack), &key, pkt, &stack->neigh_actions) < 0)
		stack_drop(stack, pkt, DROP_neigh_table_full);
	carry_out(stack);
}

void
stack_neigh_ask(struct stack *stack, const struct neigh_key *key)
{
	if (neigh_resolve(stack->neighs, now_ms(stack), key, NULL, &stack->neigh_actions) == 0)
		carry_out(stack);
}

/* ---- timers, and what users say ---- */

struct used_sum {
	struct stack *stack;
	bool used;
};

static void
used_visit(void *arg, uint32_t id)
{
	struct used_sum *sum = arg;
	uint64_t packets = 0;

	for (unsigned i = 0; i < sum->stack->worker_count; i++)
		packets += counter_read(&sum->stack->workers[i]->nexthop_counters[id].packets);
	sum->used |= packets != sum->stack->nexthop_seen[id];
	sum->stack->nexthop_seen[id] = packets;
}

/* Whether packets went to a neighbour since it was asked last. */
static bool
neigh_used(void *arg, const struct neigh_key *key)
{
	struct used_sum sum = { .stack = arg };

	nexthop_gateway_foreach(sum.stack->nexthops, key->iface, &key->addr, used_visit, &sum);
	return sum.used;
}

void
stack_neigh_poll(struct stack *stack)
{
	neigh_tick(stack->neighs, now_ms(stack), neigh_used, stack, &stack->neigh_actions);
	carry_out(stack);
}

void
stack_neigh_iface_gone(struct stack *stack, uint16_t iface)
{
	neigh_flush(stack->neighs, iface, true, &stack->neigh_actions);
	carry_out(stack);
}

/* Visit the neighbours of an interface. */
static bool
neigh_next_on(const struct stack *stack, uint16_t iface, struct neigh_info *info)
{
	return neigh_next(stack->neighs, now_ms(stack), info) == 0 && info->key.iface == iface;
}

void
stack_neigh_subnet_gone(struct stack *stack, const struct iface *iface)
{
	struct neigh_info info = { .key.iface = iface->index };

	while (neigh_next_on(stack, iface->index, &info)) {
		const struct ip_prefix host = host_route(&info.key);

		if (iface_addr_covering(iface, &info.key.addr) == NULL)
			route_remove(stack->routes, &host, ROUTE_NEIGHBOUR, NULL);
	}
}

void
stack_neigh_iface_admin(struct stack *stack, const struct iface *iface)
{
	struct neigh_info info = { .key.iface = iface->index };

	while (neigh_next_on(stack, iface->index, &info)) {
		if (info.state != NEIGH_PERMANENT)
			continue;
		if (iface->admin_up)
			nexthop_resolve(stack->nexthops, iface->index, &info.key.addr, &info.mac);
		else
			nexthop_unresolve(stack->nexthops, iface->index, &info.key.addr);
	}
}

int
stack_neigh_add(struct stack *stack, const char *name, const struct ip_addr *addr,
	const struct mac_addr *mac, struct error *err)
{
	const struct iface *iface;
	char text[IP_TEXT_MAX];
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	if (mac_addr_is_group(mac) || mac_addr_is_zero(mac))
		return error_set(
			err, EINVAL, "a neighbour's MAC address is not a group's, nor zero");
	if (iface_addr_is_own(iface, addr))
		return error_set(err, EINVAL, "%s is an address of %s itself",
			ip_addr_format(addr, text), name);
	rc = neigh_add(stack->neighs, now_ms(stack), &(struct neigh_key){ iface->index, *addr },
		mac, &stack->neigh_actions, err);
	carry_out(stack);
	return rc;
}

int
stack_neigh_remove(
	struct stack *stack, const char *name, const struct ip_addr *addr, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	rc = neigh_remove(stack->neighs, &(struct neigh_key){ iface->index, *addr },
		&stack->neigh_actions, err);
	carry_out(stack);
	return rc;
}

int
stack_neigh_flush(struct stack *stack, const char *name, struct error *err)
{
	const struct iface *iface = NULL;
	int rc = name[0] != '\0' ? stack_iface_find(stack, name, &iface, err) : 0;

	if (rc < 0)
		return rc;
	neigh_flush(stack->neighs, iface != NULL ? iface->index : IFACE_NONE, false,
		&stack->neigh_actions);
	carry_out(stack);
	return 0;
}
