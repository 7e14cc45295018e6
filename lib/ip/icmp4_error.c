/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the ICMP errors that packets of the errors vector earned: RFC 792, RFC 1812 4.3.2. */
#include "ip/icmp_error.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* RFC 1812 4.3.2.3: as much of the packet as fits without exceeding 576 bytes. */
#define ICMP4_ERROR_MAX 576
/* RFC 1812 4.3.2.5: TOS of errors is internetwork control. */
#define ICMP4_ERROR_TOS 0xc0

/* RFC 1812 4.3.2.7: when no error may be sent. */
static bool
icmp4_error_allowed(const struct rte_mbuf *pkt)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	unsigned offset = pkt->l2_len + ip4_hdr_length(hdr);
	uint8_t dst_class = ip4_class(hdr->dst_be), src_class = ip4_class(hdr->src_be);

	if (pkt_meta(pkt)->flags & (PKT_L2_GROUP | PKT_ORIGINATED))
		return false;
	if (hdr->frag_be & htobe16(IP4_FRAG_OFFSET))
		return false;
	if ((dst_class & (IP4_CLASS_MULTICAST | IP4_CLASS_NOT_DST)) ||
		(src_class & IP4_CLASS_NOT_SRC))
		return false;
	if (hdr->proto != IP_PROTO_ICMP)
		return true;
	return offset < pkt->data_len &&
		!icmp4_type_is_error(*rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset));
}

static void
icmp4_error_finish(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *src,
	struct rte_mbuf *error)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	uint8_t *data = rte_pktmbuf_mtod(error, uint8_t *);
	uint16_t length = error->data_len - IP4_HDR_LENGTH;
	uint32_t src_be;

	memcpy(&src_be, src->bytes, sizeof(src_be));
	icmp4_checksum_set(data + IP4_HDR_LENGTH, length);
	ip4_hdr_build((struct ip4_header *)data,
		&(struct ip4_build){
			.src_be = src_be,
			.dst_be = hdr->src_be,
			.payload_length = length,
			.id = be16toh(ip4_id_be(core, hdr->src_be)),
			.tos = ICMP4_ERROR_TOS,
			.ttl = IP_TTL_DEFAULT,
			.proto = IP_PROTO_ICMP,
		});
}

void
icmp4_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	static const struct icmp_error_family family = {
		.family = IP_FAMILY_4,
		.hdr_length = IP4_HDR_LENGTH,
		.length_max = ICMP4_ERROR_MAX,
		.allowed = icmp4_error_allowed,
		.finish = icmp4_error_finish,
	};

	icmp_error(core, in, out, &family);
}
