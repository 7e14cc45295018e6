/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP and ND messages that the control thread sends: built whole, and given to worker 0. */
#include "stack/stack_neigh.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static const struct mac_addr mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

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
	if (*pkt == NULL) {
		stack->neigh_counters.unsent++;
		return NULL;
	}
	pkt_meta_init(*pkt, iface->index, PKT_ORIGINATED);
	pkt_meta(*pkt)->reason = INJECT_FRAME;
	pkt_meta(*pkt)->vrf = (uint8_t)iface->vrf;
	(*pkt)->l2_len = hdr_length;
	frame = (uint8_t *)rte_pktmbuf_append(*pkt, (uint16_t)(hdr_length + length));
	vlan_hdr_build(frame, dst, &iface->mac, &iface->tags, type);
	return frame + hdr_length;
}

void
stack_arp_send(struct stack *stack, const struct iface *iface, const struct arp *arp,
	const struct mac_addr *dst)
{
	struct rte_mbuf *pkt;
	uint8_t *message = frame_create(stack, iface, dst, ETHER_TYPE_ARP, ARP_LENGTH, &pkt);

	if (message == NULL)
		return;
	arp_build(message, arp);
	stack_inject(stack, 0, pkt);
}

void
stack_ip6_send(struct stack *stack, const struct iface *iface, const struct ip6_build *build,
	const void *payload, const struct mac_addr *dst)
{
	/* RFC 2464 7 */
	struct mac_addr group = { { 0x33, 0x33, build->dst[12], build->dst[13], build->dst[14],
		build->dst[15] } };
	struct rte_mbuf *pkt;
	uint8_t *packet;

	if (iface->ip6_off)
		return;
	packet = frame_create(stack, iface, ip6_is_multicast(build->dst) ? &group : dst,
		ETHER_TYPE_IP6, IP6_HDR_LENGTH + build->payload_length, &pkt);
	if (packet == NULL)
		return;
	ip6_hdr_build((struct ip6_header *)packet, build);
	memcpy(packet + IP6_HDR_LENGTH, payload, build->payload_length);
	stack_inject(stack, 0, pkt);
}

void
stack_nd_send(struct stack *stack, const struct iface *iface, const struct nd *nd,
	const struct nd_envelope *envelope, const struct mac_addr *dst)
{
	uint8_t message[ND_LENGTH_MAX];
	uint32_t length = nd_build(message, nd, envelope);

	stack_ip6_send(stack, iface,
		&(struct ip6_build){
			.src = envelope->src.bytes,
			.dst = envelope->dst.bytes,
			.payload_length = (uint16_t)length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = envelope->hop_limit,
		},
		message, dst);
}

/* ---- solicitations ---- */

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

	stack_arp_send(stack, iface, &arp, unicast ? &action->mac : &mac_broadcast);
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

	stack_nd_send(stack, iface, &nd, &envelope, &action->mac);
}

void
stack_neigh_solicit(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);
	const struct ip_addr *source;

	source = iface != NULL && iface->up ? iface_addr_source(iface, &action->key.addr) : NULL;
	if (source == NULL)
		return;
	if (action->key.addr.family == IP_FAMILY_4)
		arp_solicit(stack, iface, action, source);
	else
		nd_solicit(stack, iface, action, source);
}

/* ---- announcements ---- */

static void
arp_announce(struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	const struct arp arp = {
		.op = ARP_REQUEST,
		.sender_mac = iface->mac,
		.sender_ip = *addr,
		.target_ip = *addr,
	};

	stack_arp_send(stack, iface, &arp, &mac_broadcast);
}

static void
nd_announce(struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	const struct nd_envelope envelope = {
		.src = *addr,
		.dst = ip6_all_nodes,
		.hop_limit = 255,
	};
	const struct nd nd = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.router = true,
		.override = true,
		.has_mac = true,
		.mac = iface->mac,
		.target = *addr,
	};

	stack_nd_send(stack, iface, &nd, &envelope, NULL);
}

void
stack_neigh_announce(struct stack *stack, const struct iface *iface, const struct ip_addr *addr)
{
	stack->neigh_counters.announced++;
	if (addr->family == IP_FAMILY_4)
		arp_announce(stack, iface, addr);
	else
		nd_announce(stack, iface, addr);
}
