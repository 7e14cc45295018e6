/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies the parts of a payload that is cut: for ip4_fragment and ip6_fragment. */
#include "ip/ip_fragment.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/ip6.h"
#include "wire/sctp.h"
#include "wire/udp.h"

static void
udp_checksum_write(struct rte_mbuf *pkt, uint32_t offset)
{
	const struct ip4_header *hdr4 = pkt_l3(pkt, const struct ip4_header *);
	const struct ip6_header *hdr6 = (const void *)hdr4;
	const bool is4 = hdr4->version_ihl >> 4 == 4;
	const struct ip_addr src = is4 ? ip_addr_from4(&hdr4->src_be) : ip_addr_from6(hdr6->src);
	const struct ip_addr dst = is4 ? ip_addr_from4(&hdr4->dst_be) : ip_addr_from6(hdr6->dst);
	const uint32_t length = pkt->pkt_len - offset;
	uint8_t *field = rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset + UDP_CHECKSUM_FIELD);
	uint16_t checksum = 0;

	memcpy(field, &checksum, sizeof(checksum));
	checksum = udp_checksum_finish(
		checksum_pseudo(&src, &dst, IP_PROTO_UDP, length) + pkt_sum(pkt, offset, length));
	memcpy(field, &checksum, sizeof(checksum));
}

static void
sctp_checksum_write(struct rte_mbuf *pkt, uint32_t offset)
{
	uint8_t *field = rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset + SCTP_CHECKSUM_FIELD);
	uint32_t checksum = 0;

	memcpy(field, &checksum, sizeof(checksum));
	checksum = pkt_crc32c(pkt, offset, pkt->pkt_len - offset);
	memcpy(field, &checksum, sizeof(checksum));
}

void
ip_fragment_checksum(struct rte_mbuf *pkt)
{
	const uint32_t offset = pkt->l2_len + pkt->l3_len;

	switch (pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) {
	case RTE_MBUF_F_TX_UDP_CKSUM: udp_checksum_write(pkt, offset); break;
	case RTE_MBUF_F_TX_SCTP_CKSUM: sctp_checksum_write(pkt, offset); break;
	/* Segments of TCP are never too big for their path. */
	default: return;
	}
	pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
}

/* Like the packet that it is part of, but made here. */
static struct rte_mbuf *
part_create(struct ip_core *core, const struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	struct rte_mbuf *part = rte_pktmbuf_copy(pkt, core->pool, offset, length);

	if (part == NULL)
		return NULL;
	part->ol_flags &= RTE_MBUF_F_RX_RSS_HASH;
	part->tx_offload = 0;
	pkt_meta(part)->flags |= PKT_ORIGINATED;
	pkt_meta(part)->trace = 0;
	return part;
}

int
ip_fragment_copy(struct ip_core *core, const struct rte_mbuf *pkt,
	const struct ip_division *division, struct rte_mbuf *parts[IP_FRAGMENTS_MAX])
{
	uint32_t done = ip_fragment_part(division->length, division->first_max);
	unsigned count = 0;
	int rc = -ENOBUFS;

	if (done == 0 || division->rest_max < 8)
		return -EMSGSIZE;
	for (uint32_t part; done < division->length; done += part) {
		part = ip_fragment_part(division->length - done, division->rest_max);
		if (count == IP_FRAGMENTS_MAX - 1) {
			rc = -EMSGSIZE;
			goto fail;
		}
		parts[count] = part_create(core, pkt, division->offset + done, part);
		if (parts[count] == NULL)
			goto fail;
		count++;
	}
	return (int)count;

fail:
	rte_pktmbuf_free_bulk(parts, count);
	return rc;
}

void
ip_fragment_fail(struct rte_mbuf *pkt, int rc, const struct ip_out *out)
{
	pkt_drop(
		out->drops, pkt, rc == -ENOBUFS ? DROP_ip_fragment_nomem : DROP_ip_fragment_failed);
}
