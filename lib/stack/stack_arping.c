/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks a neighbour again and again, by ARP or ND, and tells whoever wants to know who answers.
 * stack_punt.c shows it each answer before stack_neigh.c takes it. */
#include "stack/worker.h"

#include <stdlib.h>

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ip6.h"
#include "wire/nd.h"

struct stack_arping {
	TAILQ_ENTRY(stack_arping) entry;
	struct neigh_key key;
	uint64_t sent_ns;
	void (*answered)(void *arg, const struct stack_arping_answer *answer);
	void *arg;
};

int
stack_arping_create(struct stack *stack, const char *iface_name, const struct ip_addr *dst,
	void (*answered)(void *arg, const struct stack_arping_answer *answer), void *arg,
	struct stack_arping **out, struct error *err)
{
	const struct iface *iface;
	struct stack_arping *arping;
	char text[IP_TEXT_MAX];
	int rc = stack_iface_find_l3(stack, iface_name, &iface, err);

	if (rc < 0)
		return rc;
	if (iface->port == PORT_NONE)
		return error_set(err, EINVAL, "%s has no link, and so no neighbours", iface_name);
	if (ip_addr_is_multicast(dst) || ip_addr_is_unspecified(dst))
		return error_set(err, EINVAL, "%s is no neighbour's", ip_addr_format(dst, text));
	if (iface_addr_is_own(iface, dst))
		return error_set(err, EINVAL, "%s is an address of %s itself",
			ip_addr_format(dst, text), iface_name);
	if ((dst->family == IP_FAMILY_4 ? iface->source4 : iface->source6).family == IP_FAMILY_NONE)
		return error_set(err, EADDRNOTAVAIL, "%s has no IPv%u address to ask from",
			iface_name, dst->family);
	arping = calloc(1, sizeof(*arping));
	if (arping == NULL)
		return error_set(err, ENOMEM, "no memory");
	arping->key = (struct neigh_key){ iface->index, *dst };
	arping->answered = answered;
	arping->arg = arg;
	TAILQ_INSERT_TAIL(&stack->arpings, arping, entry);
	*out = arping;
	return 0;
}

void
stack_arping_destroy(struct stack *stack, struct stack_arping *arping)
{
	TAILQ_REMOVE(&stack->arpings, arping, entry);
	free(arping);
}

void
stack_arping_send(struct stack *stack, struct stack_arping *arping)
{
	const struct neigh_action action = { .type = NEIGH_SOLICIT, .key = arping->key };

	arping->sent_ns = stack->now_ns;
	stack_neigh_solicit(stack, &action);
}

/* Who says that he has which address. */
static bool
arp_answer(const struct rte_mbuf *pkt, struct neigh_key *key, struct mac_addr *mac)
{
	struct arp arp;

	if (arp_parse(pkt_l3(pkt, const void *), pkt->data_len - pkt->l2_len, &arp) < 0 ||
		arp.op != ARP_REPLY)
		return false;
	key->addr = arp.sender_ip;
	*mac = arp.sender_mac;
	return true;
}

static bool
nd_answer(const struct rte_mbuf *pkt, struct neigh_key *key, struct mac_addr *mac)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct nd_envelope envelope = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst),
		hdr->hop_limit };
	struct nd nd;

	if (pkt->nb_segs > 1 ||
		nd_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset), pkt->data_len - offset,
			&envelope, &nd) < 0 ||
		nd.type != ICMP6_NEIGHBOR_ADVERTISEMENT)
		return false;
	key->addr = nd.target;
	*mac = nd.has_mac ? nd.mac : rte_pktmbuf_mtod(pkt, const struct ether_hdr *)->src;
	return true;
}

void
stack_arping_input(struct stack *stack, const struct rte_mbuf *pkt)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	struct neigh_key key = { .iface = meta->iface };
	struct stack_arping_answer answer;
	struct stack_arping *arping, *next;

	if (TAILQ_EMPTY(&stack->arpings))
		return;
	if (!(meta->reason == PUNT_ARP                ? arp_answer(pkt, &key, &answer.mac)
			    : meta->reason == PUNT_ND ? nd_answer(pkt, &key, &answer.mac)
						      : false))
		return;
	for (arping = TAILQ_FIRST(&stack->arpings); arping != NULL; arping = next) {
		next = TAILQ_NEXT(arping, entry);
		if (arping->key.iface != key.iface || !ip_addr_equal(&arping->key.addr, &key.addr))
			continue;
		answer.rtt_ns = stack->now_ns - arping->sent_ns;
		arping->answered(arping->arg, &answer);
	}
}
