/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts IPv4 packets that are too big for their link: after ip4_output, before ether_output. RFC 791. */
#include "ip/ip_fragment.h"

#include <errno.h>

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4_option.h"

/* What a header says of a fragment. `offset` and `length` are of payload, bytes. */
static void
fragment_header_set(struct ip4_header *hdr, uint32_t offset, uint32_t length, bool more)
{
	unsigned hdr_length = ip4_hdr_length(hdr);

	hdr->total_length_be = htobe16((uint16_t)(hdr_length + length));
	hdr->frag_be = htobe16((uint16_t)(offset / 8 | (more ? IP4_FRAG_MF : 0)));
	hdr->checksum = 0;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, hdr_length));
}

/* The headers in front of the parts, and the parts on their way. */
static void
parts_output(struct rte_mbuf *const parts[], unsigned count, const struct ip4_header *model,
	uint32_t offset, const struct ip_out *out)
{
	const unsigned hdr_length = ip4_hdr_length(model);
	bool last_more = (model->frag_be & htobe16(IP4_FRAG_MF)) != 0;

	for (unsigned i = 0; i < count; i++) {
		uint32_t length = parts[i]->pkt_len;
		/* The buffer is new: its headroom is larger than any header. */
		struct ip4_header *hdr = (void *)rte_pktmbuf_prepend(parts[i], hdr_length);

		memcpy(hdr, model, hdr_length);
		fragment_header_set(hdr, offset, length, last_more || i + 1 < count);
		offset += length;
		pkt_vec_append(out->ether, parts[i]);
	}
}

static void
ip4_fragment_one(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);
	const unsigned hdr_length = ip4_hdr_length(hdr);
	const uint32_t mtu = pkt_meta(pkt)->icmp_rest, total = pkt_l3_length(pkt);
	uint32_t offset = (be16toh(hdr->frag_be) & IP4_FRAG_OFFSET) * 8U;
	struct ip4_header_max rest;
	/* RFC 791 3.1: later fragments carry only the options that say so. */
	const unsigned rest_length = ip4_hdr_fragment(hdr, &rest);
	struct ip_division division = {
		.offset = pkt->l2_len + hdr_length,
		.length = total - hdr_length,
		.first_max = mtu - hdr_length,
		.rest_max = mtu - rest_length,
	};
	struct rte_mbuf *parts[IP_FRAGMENTS_MAX];
	uint32_t first = ip_fragment_part(division.length, division.first_max);
	int count = -EMSGSIZE;

	/* A fragment that ends behind all datagrams cannot say so when it is cut again. */
	if (offset + division.length <= IP4_LENGTH_MAX - hdr_length && mtu > hdr_length)
		count = ip_fragment_copy(core, pkt, &division, parts);
	if (count < 0) {
		ip_fragment_fail(pkt, count, out);
		return;
	}
	ip_trim(pkt, hdr_length + first);
	fragment_header_set(hdr, offset, first, true);
	pkt_vec_append(out->ether, pkt);
	parts_output(parts, (unsigned)count, &rest.hdr, offset + first, out);
	counter_add(&core->counters.fragmented, 1);
	counter_add(&core->counters.fragments, (unsigned)count + 1);
}

void
ip4_fragment(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		ip4_fragment_one(core, in->pkts[i], out);
}
