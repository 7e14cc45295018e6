/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP and ND messages that workers punt: what is answered, and what lib/neigh learns of them. */
#include "stack/stack_neigh.h"

#include "wire/icmp.h"
#include "wire/ip6.h"

/* Instead of a reason to drop it: the packet was for us. */
#define TAKEN DROP_REASON_COUNT

static void
packet_finish(struct stack *stack, struct rte_mbuf *pkt, enum drop_reason reason)
{
	if (reason == TAKEN)
		rte_pktmbuf_free(pkt);
	else
		stack_drop(stack, pkt, reason);
}

/* ---- ARP ---- */

/*
 * RFC 826: whoever asked us or answered is known by that; others only if they were already. Of an
 * address that is in no subnet of the link nothing is learned, unless a route led us to ask for it.
 */
static void
arp_learn(struct stack *stack, const struct iface *iface, const struct arp *arp, bool ours)
{
	bool in_subnet = iface_addr_covering(iface, &arp->sender_ip) != NULL;
	const struct neigh_news news = {
		.key = { iface->index, arp->sender_ip },
		.mac = arp->sender_mac,
		.has_mac = true,
		.override = true,
		.advertisement = arp->op == ARP_REPLY,
		.solicited = arp->op == ARP_REPLY && ours,
		.create = ours && in_subnet,
	};

	/* One that means the whole subnet is nobody's. */
	if (!in_subnet || iface_addr_is_host(iface, &arp->sender_ip))
		neigh_input(stack->neighs, stack_neigh_now_ms(stack), &news, &stack->neigh_actions);
}

static void
arp_answer(struct stack *stack, const struct iface *iface, const struct arp *asked)
{
	const struct arp reply = {
		.op = ARP_REPLY,
		.sender_mac = iface->mac,
		.sender_ip = asked->target_ip,
		.target_mac = asked->sender_mac,
		.target_ip = asked->sender_ip,
	};

	stack_arp_send(stack, iface, &reply, &asked->sender_mac);
}

/* RFC 1027: a question, not an announcement or probe, for somebody behind another interface. */
static bool
arp_proxied(const struct stack *stack, const struct iface *iface, const struct arp *arp)
{
	return arp->op == ARP_REQUEST && !ip_addr_is_unspecified(&arp->sender_ip) &&
		!ip_addr_equal(&arp->sender_ip, &arp->target_ip) &&
		stack_neigh_proxied(stack, iface, &arp->target_ip);
}

/* @return TAKEN, or why it is dropped */
static enum drop_reason
arp_input(struct stack *stack, const struct iface *iface, const struct arp *arp)
{
	bool ours = iface_addr_is_own(iface, &arp->target_ip);
	bool proxied = !ours && arp_proxied(stack, iface, arp);

	/* Somebody who claims an address of ours is not a neighbour; but for our own echo. */
	if (iface_addr_is_own(iface, &arp->sender_ip)) {
		if (!mac_addr_equal(&arp->sender_mac, &iface->mac))
			stack_announce_defend(stack, iface, &arp->sender_ip, &arp->sender_mac);
		return DROP_arp_not_ours;
	}
	arp_learn(stack, iface, arp, ours || proxied);
	if ((ours || proxied) && arp->op == ARP_REQUEST)
		arp_answer(stack, iface, arp);
	stack->neigh_counters.proxied += proxied;
	return ours || proxied ? TAKEN : DROP_arp_not_ours;
}

void
stack_neigh_arp_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(stack->ifaces, pkt_meta(pkt)->iface);
	struct arp arp;
	enum drop_reason reason;

	if (arp_parse(pkt_l3(pkt, const void *), pkt->data_len - pkt->l2_len, &arp) < 0)
		reason = DROP_arp_malformed;
	else if (iface == NULL)
		reason = DROP_neigh_no_iface;
	else
		reason = arp_input(stack, iface, &arp);
	stack_neigh_carry_out(stack);
	packet_finish(stack, pkt, reason);
}

/* ---- ND ---- */

/*
 * RFC 4861 7.2.4, and for a probe from nowhere RFC 4862 5.4.3: to all nodes. For an address that is
 * not ours alone (7.2.7, 7.2.8) from one that is, and not to override others' answers.
 */
void
stack_nd_advertise(struct stack *stack, const struct iface *iface, const struct nd *question,
	const struct nd_envelope *asked, bool own)
{
	bool probe = ip_addr_is_unspecified(&asked->src);
	struct nd_envelope envelope = {
		.src = own ? question->target : iface->source6,
		.dst = probe ? ip6_all_nodes : asked->src,
		.hop_limit = 255,
	};
	struct nd answer = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.router = true,
		.solicited = !probe,
		.override = own,
		.has_mac = true,
		.mac = iface->mac,
		.target = question->target,
	};

	if (envelope.src.family == IP_FAMILY_6)
		stack_nd_send(stack, iface, &answer, &envelope, &question->mac);
}

/* @return TAKEN, or why it is dropped */
static enum drop_reason
nd_solicitation(struct stack *stack, const struct iface *iface, struct nd_received *in)
{
	struct neigh_news news = {
		.key = { iface->index, in->envelope.src },
		.mac = in->nd.mac,
		.has_mac = in->nd.has_mac,
		.override = true,
		.create = true,
	};
	bool probe = ip_addr_is_unspecified(&in->envelope.src);
	bool ours = iface_addr_is_own(iface, &in->nd.target);
	bool anycast = !ours && iface_addr_is_anycast(iface, &in->nd.target);

	if (iface_addr_is_own(iface, &in->envelope.src)) {
		if (!mac_addr_equal(&in->from, &iface->mac))
			stack_announce_defend(stack, iface, &in->envelope.src, &in->from);
		return DROP_nd_not_ours;
	}
	if (!ours && !anycast && (probe || !stack_neigh_proxied(stack, iface, &in->nd.target)))
		return DROP_nd_not_ours;
	/* Without the option (a unicast probe) the answer goes where the question came from. */
	if (!in->nd.has_mac)
		in->nd.mac = in->from;
	if (in->nd.has_mac && !probe)
		neigh_input(stack->neighs, stack_neigh_now_ms(stack), &news, &stack->neigh_actions);
	stack->neigh_counters.proxied += !ours && !anycast;
	if (anycast)
		stack_anycast_answer(stack, iface, in);
	else
		stack_nd_advertise(stack, iface, &in->nd, &in->envelope, ours);
	return TAKEN;
}

/* @return TAKEN, or why it is dropped */
static enum drop_reason
nd_advertisement(struct stack *stack, const struct iface *iface, const struct nd_received *in)
{
	const struct nd *nd = &in->nd;
	struct neigh_news news = {
		.key = { iface->index, nd->target },
		.mac = nd->mac,
		.has_mac = nd->has_mac,
		.solicited = nd->solicited,
		.override = nd->override,
		.router = nd->router,
		.advertisement = true,
	};
	struct neigh_info info;

	if (iface_addr_is_own(iface, &nd->target)) {
		if (!mac_addr_equal(&in->from, &iface->mac))
			stack_announce_defend(stack, iface, &nd->target, &in->from);
		return DROP_nd_not_ours;
	}
	neigh_input(stack->neighs, stack_neigh_now_ms(stack), &news, &stack->neigh_actions);
	/* 7.2.5: one that is a router no more leads nowhere. */
	if (neigh_find(stack->neighs, stack_neigh_now_ms(stack), &news.key, &info) == 0 &&
		!info.router)
		stack_autoconf_router_gone(stack, iface, &nd->target);
	return TAKEN;
}

void
stack_neigh_nd_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(stack->ifaces, pkt_meta(pkt)->iface);
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct nd_received in = {
		.envelope = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst), hdr->hop_limit },
		.from = rte_pktmbuf_mtod(pkt, const struct ether_hdr *)->src,
	};
	enum drop_reason reason;

	if (pkt->nb_segs > 1 ||
		nd_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset), pkt->data_len - offset,
			&in.envelope, &in.nd) < 0)
		reason = DROP_nd_malformed;
	else if (iface == NULL)
		reason = DROP_neigh_no_iface;
	else if (stack_dad_input(stack, iface, &in))
		reason = TAKEN;
	else if (in.nd.type == ICMP6_NEIGHBOR_SOLICITATION)
		reason = nd_solicitation(stack, iface, &in);
	else
		reason = nd_advertisement(stack, iface, &in);
	stack_neigh_carry_out(stack);
	packet_finish(stack, pkt, reason);
}

/* A packet whose next hop has no adjacency: hold it, and ask. */
void
stack_neigh_glean(struct stack *stack, struct rte_mbuf *pkt)
{
	struct neigh_key key;
	uint32_t nexthop;

	if (stack_glean_key(stack, pkt, &key, &nexthop) < 0)
		stack_drop(stack, pkt, DROP_neigh_no_iface); /* gone since the worker saw it */
	else if (neigh_resolve(stack->neighs, stack_neigh_now_ms(stack), &key, pkt,
			 &stack->neigh_actions) < 0)
		stack_drop(stack, pkt, DROP_neigh_table_full);
	stack_neigh_carry_out(stack);
}

void
stack_neigh_ask(struct stack *stack, const struct neigh_key *key)
{
	if (neigh_resolve(stack->neighs, stack_neigh_now_ms(stack), key, NULL,
		    &stack->neigh_actions) == 0)
		stack_neigh_carry_out(stack);
}
