/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Learns the MTUs of paths from ICMP errors that workers punt: RFC 1191, RFC 8201. Called by
 * stack_punt.c before the ping that may wait for the message.
 *
 * What is believed quotes a packet of ours that may have been: from the address that the error came
 * to, of a socket that a worker has found, or an echo request or reply, larger than what the error
 * says would do. That is no proof, for answers leave no trace here; but all that a forger wins is
 * that packets of ours to the address that he quotes are cut to what every link must carry.
 */
#include "stack/worker.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* Bytes of an error from its IP header on, as far as they are in the first segment. */
struct message {
	const uint8_t *l3, *quoted;
	uint32_t quoted_length;
	bool vouched; /* a worker has found the socket that has sent what is quoted */
};

static bool
quoted_is_ours4(const struct message *message, uint32_t mtu, struct ip_addr *dst)
{
	const struct ip4_header *outer = (const void *)message->l3;
	struct ip4_header inner;
	uint32_t hdr_length;
	uint8_t type;

	if (message->quoted_length < IP4_HDR_LENGTH + 1)
		return false;
	memcpy(&inner, message->quoted, sizeof(inner)); /* it may be unaligned */
	hdr_length = ip4_hdr_length(&inner);
	if (inner.version_ihl >> 4 != 4 || hdr_length < IP4_HDR_LENGTH ||
		message->quoted_length <= hdr_length)
		return false;
	type = message->quoted[hdr_length];
	*dst = ip_addr_from4(&inner.dst_be);
	return inner.src_be == outer->dst_be &&
		(message->vouched ||
			(inner.proto == IP_PROTO_ICMP &&
				(type == ICMP4_ECHO_REQUEST || type == ICMP4_ECHO_REPLY))) &&
		be16toh(inner.total_length_be) > mtu;
}

static bool
quoted_is_ours6(const struct message *message, uint32_t mtu, struct ip_addr *dst)
{
	const struct ip6_header *outer = (const void *)message->l3;
	const uint8_t *inner = message->quoted;
	struct ip6_chain chain;

	if (message->quoted_length < IP6_HDR_LENGTH ||
		ip6_chain_parse(inner, message->quoted_length, &chain) < 0 ||
		message->quoted_length <= chain.offset)
		return false;
	*dst = ip_addr_from6(inner + offsetof(struct ip6_header, dst));
	/* Of a later fragment nothing tells what it was. */
	if (!message->vouched &&
		(chain.proto != IP_PROTO_ICMP6 ||
			(!(chain.fragment && !chain.fragment_first) &&
				inner[chain.offset] != ICMP6_ECHO_REQUEST &&
				inner[chain.offset] != ICMP6_ECHO_REPLY)))
		return false;
	return memcmp(inner + offsetof(struct ip6_header, src), outer->dst, 16) == 0 &&
		(uint32_t)IP6_HDR_LENGTH +
			be16_load(inner + offsetof(struct ip6_header, payload_length_be)) >
		mtu;
}

void
stack_pmtu_input(struct stack *stack, const struct rte_mbuf *pkt)
{
	uint32_t offset = pkt->l2_len + pkt->l3_len, mtu;
	struct message message = {
		.l3 = pkt_l3(pkt, const uint8_t *),
		.vouched = (pkt_meta(pkt)->flags & PKT_ABOUT_OURS) != 0,
	};
	struct ip_addr dst;
	struct icmp icmp;
	bool ours;

	if (offset + ICMP_HDR_LENGTH > pkt->data_len ||
		icmp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &icmp) < 0)
		return;
	offset += ICMP_HDR_LENGTH;
	message.quoted = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset);
	message.quoted_length = pkt->data_len - offset;
	if (message.l3[0] >> 4 == 4) {
		if (icmp.type != ICMP4_UNREACHABLE || icmp.code != ICMP4_FRAGMENTATION_NEEDED)
			return;
		mtu = icmp.rest & 0xffff;
		ours = quoted_is_ours4(&message, mtu, &dst);
	} else {
		if (icmp.type != ICMP6_PACKET_TOO_BIG)
			return;
		mtu = icmp.rest;
		/* RFC 8201 4: there is no such link. */
		if (mtu < IP6_MTU_MIN)
			return;
		ours = quoted_is_ours6(&message, mtu, &dst);
	}
	/* The VRF may have gone while the message was on its way. */
	if (ours && stack->vrfs[pkt_meta(pkt)->vrf] != NULL)
		ip_pmtu_insert(&stack->pmtu, pkt_meta(pkt)->vrf, &dst, mtu, stack->now_ns);
}
