/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Links of bare IP packets. The stack speaks Ethernet, as on every link: here its header comes and
 * goes, and the link is one station that has every address. So neighbours are found at once, by the
 * same ARP and ND as elsewhere, of which the program sees nothing.
 */
#include "embed/embed_port.h"

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/nd.h"
#include "wire/vlan.h"

/* A link header, and the longest message of the control thread's that is answered here. */
#define QUESTION_MAX (ETHER_HDR_LENGTH + IP6_HDR_LENGTH + ND_LENGTH_MAX)

/* The station at the other end. Ports of ours have other addresses by themselves. */
static const struct mac_addr station = { { 0x06, 0, 0, 0, 0, 0 } };
static const struct vlan_tags untagged;

bool
embed_ip_link_hdr(
	const struct embed_port *embed, const uint8_t *packet, uint8_t hdr[ETHER_HDR_LENGTH])
{
	const unsigned version = packet[0] >> 4;

	if (version != 4 && version != 6)
		return false;
	vlan_hdr_build(hdr, &embed->port->mac, &station, &untagged,
		version == 4 ? ETHER_TYPE_IP4 : ETHER_TYPE_IP6);
	return true;
}

static void
answer(struct embed_port *embed, uint16_t type, const void *message, size_t length)
{
	uint8_t hdr[ETHER_HDR_LENGTH];

	/* Without room the stack asks again. */
	vlan_hdr_build(hdr, &embed->port->mac, &station, &untagged, type);
	(void)embed_port_receive(embed, hdr, sizeof(hdr), message, length);
}

static void
answer_arp(struct embed_port *embed, const uint8_t *message, size_t length)
{
	uint8_t reply[ARP_LENGTH];
	struct arp asked;

	/* RFC 5227 1.1: whoever probes for an address, or announces it, has it alone. */
	if (arp_parse(message, (uint32_t)length, &asked) < 0 || asked.op != ARP_REQUEST ||
		ip_addr_is_unspecified(&asked.sender_ip) ||
		ip_addr_equal(&asked.sender_ip, &asked.target_ip))
		return;
	arp_build(reply,
		&(struct arp){
			.op = ARP_REPLY,
			.sender_mac = station,
			.sender_ip = asked.target_ip,
			.target_mac = asked.sender_mac,
			.target_ip = asked.sender_ip,
		});
	answer(embed, ETHER_TYPE_ARP, reply, sizeof(reply));
}

static void
answer_nd(struct embed_port *embed, const uint8_t *packet, size_t length)
{
	const struct ip6_header *hdr = (const struct ip6_header *)packet;
	const struct nd_envelope asked = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst),
		hdr->hop_limit };
	uint8_t reply[IP6_HDR_LENGTH + ND_LENGTH_MAX];
	struct nd_envelope envelope;
	struct nd nd;

	/* RFC 4862 5.4: likewise. */
	if (nd_parse(packet + IP6_HDR_LENGTH, (uint32_t)(length - IP6_HDR_LENGTH), &asked, &nd) <
			0 ||
		nd.type != ICMP6_NEIGHBOR_SOLICITATION || ip_addr_is_unspecified(&asked.src))
		return;
	envelope = (struct nd_envelope){ nd.target, asked.src, 255 };
	nd = (struct nd){
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.solicited = true,
		.override = true,
		.has_mac = true,
		.mac = station,
		.target = nd.target,
	};
	length = nd_build(reply + IP6_HDR_LENGTH, &nd, &envelope);
	ip6_hdr_build((struct ip6_header *)reply,
		&(struct ip6_build){
			.src = envelope.src.bytes,
			.dst = envelope.dst.bytes,
			.payload_length = (uint16_t)length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = envelope.hop_limit,
		});
	answer(embed, ETHER_TYPE_IP6, reply, IP6_HDR_LENGTH + length);
}

/* RFC 4861 7.1, 11.2: with this hop limit, which nothing forwarded has, it is the link's. */
static bool
is_nd(const uint8_t *packet, size_t length)
{
	const struct ip6_header *hdr = (const struct ip6_header *)packet;

	return length > IP6_HDR_LENGTH && packet[0] >> 4 == 6 &&
		hdr->next_header == IP_PROTO_ICMP6 && hdr->hop_limit == 255 &&
		packet[IP6_HDR_LENGTH] >= ICMP6_ROUTER_SOLICITATION &&
		packet[IP6_HDR_LENGTH] <= ICMP6_REDIRECT;
}

bool
embed_ip_send(struct embed_port *embed, struct rte_mbuf *pkt)
{
	uint8_t copy[QUESTION_MAX];
	const size_t length = RTE_MIN(pkt->pkt_len, (uint32_t)sizeof(copy)) - ETHER_HDR_LENGTH;
	const uint8_t *frame = rte_pktmbuf_read(pkt, 0, ETHER_HDR_LENGTH + (uint32_t)length, copy);
	const struct ether_hdr *hdr = (const struct ether_hdr *)frame;

	if (hdr->type_be == RTE_BE16(ETHER_TYPE_ARP)) {
		answer_arp(embed, frame + ETHER_HDR_LENGTH, length);
	} else if (is_nd(frame + ETHER_HDR_LENGTH, length)) {
		answer_nd(embed, frame + ETHER_HDR_LENGTH, length);
	} else {
		if (!embed_queue_put(&embed->out, pkt))
			return false;
		rte_pktmbuf_adj(pkt, ETHER_HDR_LENGTH);
		return true;
	}
	rte_pktmbuf_free(pkt);
	return true;
}
