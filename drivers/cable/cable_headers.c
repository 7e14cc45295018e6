/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the headers of a frame, in one piece, that may hold anything. By workers. */
#include "cable/cable_headers.h"

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/vlan.h"

#define TCP_HDR_LENGTH    20
#define UDP_HDR_LENGTH    8
#define UDP_LENGTH_OFFSET 4
#define SCTP_HDR_LENGTH   12

unsigned
cable_link_length(const uint8_t *frame, uint32_t length)
{
	uint32_t at = ETHER_HDR_LENGTH;

	for (unsigned tags = 0; tags < VLAN_TAGS_MAX && at + VLAN_TAG_LENGTH <= length; tags++) {
		uint16_t type = be16_load(frame + at - 2);

		if (type != ETHER_TYPE_VLAN && type != ETHER_TYPE_QINQ)
			break;
		at += VLAN_TAG_LENGTH;
	}
	return at;
}

static void
ip4_parse(const struct ip4_header *hdr, uint32_t length, struct cable_headers *headers)
{
	uint32_t total, hdr_length;

	if (length < IP4_HDR_LENGTH)
		return;
	total = be16toh(hdr->total_length_be);
	hdr_length = ip4_hdr_length(hdr);
	if (hdr->version_ihl >> 4 != 4 || hdr_length < IP4_HDR_LENGTH || total < hdr_length ||
		total > length)
		return;
	headers->version = 4;
	headers->l4 = (uint16_t)(headers->l3 + hdr_length);
	headers->l4_length = total - hdr_length;
	if ((hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) == 0)
		headers->proto = hdr->proto;
}

static void
ip6_parse(const struct ip6_header *hdr, uint32_t length, struct cable_headers *headers)
{
	struct ip6_chain chain;
	uint32_t total;

	if (length < IP6_HDR_LENGTH)
		return;
	total = IP6_HDR_LENGTH + be16toh(hdr->payload_length_be);
	if (ip6_version(hdr) != 6 || total > length)
		return;
	headers->version = 6;
	if (ip6_chain_parse(hdr, total, &chain) < 0 || chain.fragment)
		return;
	headers->proto = chain.proto;
	headers->l4 = (uint16_t)(headers->l3 + chain.offset);
	headers->l4_length = total - chain.offset;
}

static uint32_t
transport_length(uint8_t proto)
{
	switch (proto) {
	case IP_PROTO_TCP: return TCP_HDR_LENGTH;
	case IP_PROTO_UDP: return UDP_HDR_LENGTH;
	case IP_PROTO_SCTP: return SCTP_HDR_LENGTH;
	default: return UINT32_MAX;
	}
}

/* UDP has a length of its own, which its checksum is over; IP may carry more behind it. */
static void
udp_trim(const uint8_t *frame, struct cable_headers *headers)
{
	uint16_t length = be16_load(frame + headers->l4 + UDP_LENGTH_OFFSET);

	if (length >= UDP_HDR_LENGTH && length < headers->l4_length)
		headers->l4_length = length;
}

void
cable_headers_parse(const uint8_t *frame, uint32_t length, struct cable_headers *headers)
{
	uint16_t type;

	*headers = (struct cable_headers){ .l3 = (uint16_t)cable_link_length(frame, length) };
	if (length < headers->l3)
		return;
	type = be16_load(frame + headers->l3 - 2);
	if (type == ETHER_TYPE_IP4)
		ip4_parse((const void *)(frame + headers->l3), length - headers->l3, headers);
	else if (type == ETHER_TYPE_IP6)
		ip6_parse((const void *)(frame + headers->l3), length - headers->l3, headers);
	if (headers->l4_length < transport_length(headers->proto))
		headers->proto = 0;
	if (headers->proto == IP_PROTO_UDP)
		udp_trim(frame, headers);
}
