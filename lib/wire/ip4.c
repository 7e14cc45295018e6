/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 headers: complete check, building, classes of addresses. */
#include "wire/ip4.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/endian.h"

const uint8_t ip4_class_table[256] = {
	[0] = IP4_CLASS_NOT_SRC | IP4_CLASS_NOT_DST,
	[127] = IP4_CLASS_NOT_SRC | IP4_CLASS_NOT_DST,
	[169] = IP4_CLASS_MAYBE_LINK_LOCAL,
	[224 ... 239] = IP4_CLASS_NOT_SRC | IP4_CLASS_MULTICAST,
	[240 ... 255] = IP4_CLASS_NOT_SRC | IP4_CLASS_NOT_DST,
};

int
ip4_hdr_parse(const void *data, uint32_t length, struct ip4_summary *summary)
{
	struct ip4_header hdr;
	uint16_t total_length, frag;
	unsigned hdr_length;

	/* RFC 1812 5.2.2 (1)..(5) */
	if (length < IP4_HDR_LENGTH)
		return -EINVAL;
	memcpy(&hdr, data, sizeof(hdr)); /* quoted in an ICMP error it may be unaligned */
	if (hdr.version_ihl >> 4 != 4)
		return -EINVAL;
	hdr_length = ip4_hdr_length(&hdr);
	total_length = be16toh(hdr.total_length_be);
	if (hdr_length < IP4_HDR_LENGTH || total_length < hdr_length || total_length > length)
		return -EINVAL;
	if (checksum_fold(checksum_add(0, data, hdr_length)) != 0xffff)
		return -EINVAL;

	frag = be16toh(hdr.frag_be);
	summary->proto = hdr.proto;
	summary->fragment = (frag & (IP4_FRAG_MF | IP4_FRAG_OFFSET)) != 0;
	summary->fragment_first = summary->fragment && (frag & IP4_FRAG_OFFSET) == 0;
	summary->hdr_length = hdr_length;
	summary->payload_length = total_length - hdr_length;
	return 0;
}

void
ip4_hdr_build(struct ip4_header *hdr, const struct ip4_build *build)
{
	*hdr = (struct ip4_header){
		.version_ihl = IP4_VERSION_IHL,
		.tos = build->tos,
		.total_length_be = htobe16(IP4_HDR_LENGTH + build->payload_length),
		.id_be = htobe16(build->id),
		.frag_be = build->df ? htobe16(IP4_FRAG_DF) : 0,
		.ttl = build->ttl,
		.proto = build->proto,
		.src_be = build->src_be,
		.dst_be = build->dst_be,
	};
	hdr->checksum = (uint16_t)~checksum_ip4_hdr_sum(hdr);
}
