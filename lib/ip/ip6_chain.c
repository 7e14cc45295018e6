/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What extension headers ask of the node that a packet is for: RFC 8200 4, RFC 4443 3.4, RFC 7112.
 * Called by ip6_local, before reassembly and after it.
 */
#include "ip/ip6_chain.h"

#include <errno.h>

#include "wire/icmp.h"
#include "wire/ip6_option.h"

/* Where the type and the segments left are in a routing header. */
#define ROUTING_TYPE          2
#define ROUTING_SEGMENTS_LEFT 3

static int
parameter_problem(struct rte_mbuf *pkt, enum drop_reason reason, uint8_t code, uint32_t pointer,
	const struct ip_out *out)
{
	ip_error(out, pkt, reason, (struct ip_error){ ICMP6_PARAMETER_PROBLEM, code, pointer });
	return -EINVAL;
}

static int
refuse(struct rte_mbuf *pkt, enum drop_reason reason, const struct ip_out *out)
{
	pkt_drop(out->drops, pkt, reason);
	return -EINVAL;
}

/* RFC 7112 5: bytes of the upper-layer header that the first fragment has to hold. */
static uint32_t
upper_length_min(uint8_t proto)
{
	switch (proto) {
	case IP_PROTO_TCP: return 20;
	case IP_PROTO_SCTP: return 12;
	case IP_PROTO_UDP:
	case IP_PROTO_ICMP6: return 8;
	default: return 0;
	}
}

static bool
first_is_short(const struct rte_mbuf *pkt, const struct ip6_chain *chain)
{
	return chain->fragment_first &&
		chain->offset + upper_length_min(chain->proto) > pkt_l3_length(pkt);
}

/* Where the chain ends, or why that cannot be said. */
static int
chain_parse(struct rte_mbuf *pkt, struct ip6_chain *chain, const struct ip_out *out)
{
	uint32_t length = pkt->data_len - pkt->l2_len;
	int rc = ip6_chain_parse(pkt_l3(pkt, const void *), length, chain);

	if ((rc == 0 && first_is_short(pkt, chain)) ||
		(rc == -EINVAL && chain->fragment_first && length == pkt_l3_length(pkt)))
		return parameter_problem(
			pkt, DROP_ip_fragment_short, ICMP6_INCOMPLETE_CHAIN, 0, out);
	/* RFC 8200 4: as if it were a header that nobody knows. */
	if (rc == -EPROTO)
		return parameter_problem(pkt, DROP_ip6_bad_extension,
			ICMP6_UNRECOGNIZED_NEXT_HEADER, chain->proto_field, out);
	/* l3_len has nine bits: a chain that does not fit is longer than any that is of use. */
	if (rc == -E2BIG || (rc == 0 && chain->offset >= 512))
		return refuse(pkt, DROP_ip6_chain_too_long, out);
	return rc < 0 ? refuse(pkt, DROP_ip6_bad_extension, out) : 0;
}

/* RFC 8200 4.2: the upper bits of an unknown option's type say what to do. */
static int
options_input(struct rte_mbuf *pkt, unsigned offset, const struct ip_out *out)
{
	const uint8_t *hdr = pkt_l3(pkt, const uint8_t *);
	bool group = ip6_is_multicast(((const struct ip6_header *)hdr)->dst);
	uint16_t at = 0;
	int action = ip6_options_check(hdr + offset, &at);

	switch (action) {
	case IP6_OPTION_SKIP: return 0;
	case IP6_OPTION_DISCARD: return refuse(pkt, DROP_ip6_unknown_option, out);
	case IP6_OPTION_TELL_UNICAST:
		if (group)
			return refuse(pkt, DROP_ip6_unknown_option, out);
		/* fall through */
	case IP6_OPTION_TELL:
		return parameter_problem(
			pkt, DROP_ip6_unknown_option, ICMP6_UNRECOGNIZED_OPTION, offset + at, out);
	case -E2BIG: return refuse(pkt, DROP_ip6_chain_too_long, out);
	default:
		return parameter_problem(
			pkt, DROP_ip6_bad_extension, ICMP6_ERRONEOUS_FIELD, offset + at, out);
	}
}

/* RFC 8200 4.4, RFC 5095 3: no type is known here; one that leads on is refused, 0 as any other. */
static int
routing_input(struct rte_mbuf *pkt, unsigned offset, const struct ip_out *out)
{
	const uint8_t *header = pkt_l3(pkt, const uint8_t *) + offset;

	if (header[ROUTING_SEGMENTS_LEFT] == 0)
		return 0;
	return parameter_problem(
		pkt, DROP_ip6_routing_header, ICMP6_ERRONEOUS_FIELD, offset + ROUTING_TYPE, out);
}

int
ip6_chain_input(struct rte_mbuf *pkt, struct ip6_chain *chain, const struct ip_out *out)
{
	int rc = chain_parse(pkt, chain, out);
	const uint8_t *hdr;
	unsigned length;
	uint8_t proto;

	if (rc < 0)
		return rc;
	hdr = pkt_l3(pkt, const uint8_t *);
	proto = ((const struct ip6_header *)hdr)->next_header;
	/* The walk was up to chain->offset: these headers are there. */
	for (unsigned offset = IP6_HDR_LENGTH; rc == 0 && offset < chain->offset;) {
		/* What is behind waits for reassembly. */
		if (chain->fragment && offset == chain->fragment_offset)
			break;
		if (proto == IP_PROTO_ROUTING)
			rc = routing_input(pkt, offset, out);
		else if (proto != IP_PROTO_FRAGMENT)
			rc = options_input(pkt, offset, out);
		length = proto == IP_PROTO_FRAGMENT ? IP6_FRAG_HDR_LENGTH
						    : (hdr[offset + 1] + 1U) * 8;
		proto = hdr[offset];
		offset += length;
	}
	return rc;
}
