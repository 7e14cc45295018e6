/* SPDX-License-Identifier: BSD-3-Clause */
/* Software RSS: the hash of a frame as a NIC would compute it. By workers, before ether_input. */
#include "port/port.h"

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ETHER_LENGTH    14
#define VLAN_LENGTH     4
#define VLAN_TAGS_MAX   2
#define TYPE_IP4        0x0800
#define TYPE_IP6        0x86dd
#define TYPE_VLAN       0x8100
#define TYPE_QINQ       0x88a8
#define ADDRS_IP4_BYTES 8
#define ADDRS_IP6_BYTES 32

/* What of a frame is hashed; pointers into its first segment. */
struct frame_tuple {
	const void *addrs;
	const void *ports; /* NULL: there are none, or they are not all there */
	uint8_t proto;
	bool ip6, fragment;
};

static bool
ip4_tuple(const struct ip4_header *hdr, uint32_t length, struct frame_tuple *tuple)
{
	if (length < IP4_HDR_LENGTH || hdr->version_ihl >> 4 != 4)
		return false;
	tuple->addrs = &hdr->src_be;
	tuple->proto = hdr->proto;
	tuple->fragment = (hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) != 0;
	if (ip4_hdr_length(hdr) + 4 <= length)
		tuple->ports = (const uint8_t *)hdr + ip4_hdr_length(hdr);
	return true;
}

static bool
ip6_tuple(const struct ip6_header *hdr, uint32_t length, struct frame_tuple *tuple)
{
	struct ip6_chain chain;

	if (length < IP6_HDR_LENGTH || *(const uint8_t *)hdr >> 4 != 6)
		return false;
	tuple->ip6 = true;
	tuple->addrs = hdr->src;
	tuple->proto = hdr->next_header;
	if (ip6_chain_parse(hdr, length, &chain) < 0)
		return true;
	tuple->proto = chain.proto;
	tuple->fragment = chain.fragment;
	if (chain.offset + 4U <= length)
		tuple->ports = (const uint8_t *)hdr + chain.offset;
	return true;
}

static bool
frame_tuple_get(const struct rte_mbuf *pkt, struct frame_tuple *tuple)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	uint32_t length = pkt->data_len, at = ETHER_LENGTH;
	uint16_t type;

	*tuple = (struct frame_tuple){ 0 };
	if (length < at)
		return false;
	type = be16_load(frame + at - 2);
	for (unsigned tags = 0; (type == TYPE_VLAN || type == TYPE_QINQ) && tags < VLAN_TAGS_MAX;
		tags++) {
		at += VLAN_LENGTH;
		if (length < at)
			return false;
		type = be16_load(frame + at - 2);
	}
	if (type == TYPE_IP4)
		return ip4_tuple((const void *)(frame + at), length - at, tuple);
	if (type == TYPE_IP6)
		return ip6_tuple((const void *)(frame + at), length - at, tuple);
	return false;
}

bool
port_spread_hash(const struct port_spread *spread, struct rte_mbuf *pkt, uint32_t *hash)
{
	struct frame_tuple tuple;
	uint32_t fields, with_ports;
	unsigned length;

	if (!frame_tuple_get(pkt, &tuple))
		return false;
	fields = tuple.ip6 ? spread->fields / PORT_RSS_IP6 : spread->fields % PORT_RSS_IP6;
	length = tuple.ip6 ? ADDRS_IP6_BYTES : ADDRS_IP4_BYTES;
	with_ports = tuple.fragment ? 0 : port_rss_ports_field(tuple.proto);
	if (tuple.fragment)
		fields &= PORT_RSS_IP4_FRAG;
	else if (with_ports != 0)
		fields &= with_ports | PORT_RSS_IP4;
	else
		fields &= PORT_RSS_IP4 | PORT_RSS_IP4_OTHER;
	if (fields == 0)
		return false;
	*hash = toeplitz_hash_at(&spread->toeplitz, 0, tuple.addrs, length);
	if ((fields & with_ports) != 0 && tuple.ports != NULL)
		*hash ^= toeplitz_hash_at(&spread->toeplitz, length, tuple.ports, 4);
	/* A header that goes on in the next segment is read by others as a whole. */
	if (spread->flow_hash && pkt->nb_segs == 1) {
		pkt->hash.rss = *hash;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	}
	return true;
}
