/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts IPv6 packets that were made here and are too big for their way: after ip6_output, before
 * ether_output. RFC 8200 4.5. What is made here has no extension headers.
 */
#include "ip/ip_fragment.h"

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/ip6.h"

struct fragment {
	uint32_t id;
	uint32_t offset, length; /* of payload, bytes */
	uint8_t next_header;
	bool more;
};

/* Write the IPv6 header's share and the fragment header behind it. */
static void
fragment_headers_set(struct ip6_header *hdr, const struct fragment *fragment)
{
	hdr->next_header = IP_PROTO_FRAGMENT;
	hdr->payload_length_be = htobe16((uint16_t)(IP6_FRAG_HDR_LENGTH + fragment->length));
	ip6_frag_build(hdr + 1,
		&(struct ip6_frag){
			.next_header = fragment->next_header,
			.offset = (uint16_t)fragment->offset,
			.more = fragment->more,
			.id = fragment->id,
		});
}

static void
parts_output(struct rte_mbuf *const parts[], unsigned count, const struct ip6_header *model,
	struct fragment *fragment, const struct ip_out *out)
{
	const uint16_t room = IP6_HDR_LENGTH + IP6_FRAG_HDR_LENGTH;

	for (unsigned i = 0; i < count; i++) {
		uint32_t length = parts[i]->pkt_len;
		/* The buffer is new: its headroom is larger than the headers. */
		struct ip6_header *hdr = (void *)rte_pktmbuf_prepend(parts[i], room);

		memcpy(hdr, model, sizeof(*hdr));
		fragment->length = length;
		fragment->more = i + 1 < count;
		fragment_headers_set(hdr, fragment);
		fragment->offset += length;
		pkt_vec_append(out->ether, parts[i]);
	}
}

/* Make room behind the IPv6 header. What is in front of it is of no use any more. */
static struct ip6_header *
first_open(struct rte_mbuf *pkt)
{
	struct ip6_header *hdr;

	rte_pktmbuf_adj(pkt, pkt->l2_len);
	pkt->l2_len = 0;
	hdr = (struct ip6_header *)rte_pktmbuf_prepend(pkt, IP6_FRAG_HDR_LENGTH);
	if (hdr != NULL)
		memmove(hdr, (const uint8_t *)hdr + IP6_FRAG_HDR_LENGTH, sizeof(*hdr));
	return hdr;
}

static void
ip6_fragment_one(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	struct ip6_header *hdr = pkt_l3(pkt, struct ip6_header *);
	const uint32_t room = pkt_meta(pkt)->icmp_rest - IP6_HDR_LENGTH - IP6_FRAG_HDR_LENGTH;
	const struct ip_division division = {
		.offset = pkt->l2_len + IP6_HDR_LENGTH,
		.length = pkt_l3_length(pkt) - IP6_HDR_LENGTH,
		.first_max = room,
		.rest_max = room,
	};
	struct fragment fragment = {
		.next_header = hdr->next_header,
		.length = ip_fragment_part(division.length, division.first_max),
		.more = true,
	};
	struct rte_mbuf *parts[IP_FRAGMENTS_MAX];
	int count = ip_fragment_copy(core, pkt, &division, parts);

	if (count < 0) {
		ip_fragment_fail(pkt, count, out);
		return;
	}
	ip_trim(pkt, IP6_HDR_LENGTH + fragment.length);
	hdr = first_open(pkt);
	if (hdr == NULL) {
		rte_pktmbuf_free_bulk(parts, (unsigned)count);
		pkt_drop(out->drops, pkt, DROP_tx_no_headroom);
		return;
	}
	fragment.id = ip_id_next(&core->ids, hdr->dst, sizeof(hdr->dst));
	fragment_headers_set(hdr, &fragment);
	pkt_vec_append(out->ether, pkt);
	fragment.offset = fragment.length;
	parts_output(parts, (unsigned)count, hdr, &fragment, out);
	counter_add(&core->counters.fragmented, 1);
	counter_add(&core->counters.fragments, (unsigned)count + 1);
}

void
ip6_fragment(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		ip6_fragment_one(core, in->pkts[i], out);
}
