/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts received frames by EtherType: after port_rx, before ip4_input and ip6_input. */
#include "ether/ether.h"

#include "wire/endian.h"
#include "wire/mac.h"

#define MAC_MASK 0xffffffffffffULL /* the first 6 of 8 bytes, on a little-endian machine */

static uint64_t
mac_load(const void *mac)
{
	uint64_t value;

	memcpy(&value, mac, sizeof(value));
	return value & MAC_MASK;
}

void
ether_input(const struct iface *iface, const struct pkt_vec *in, const struct ether_input_out *out)
{
	uint64_t own = 0;

	memcpy(&own, &iface->mac, sizeof(iface->mac));
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
		uint8_t flags = 0;

		if (unlikely(pkt->data_len < ETHER_HDR_LENGTH)) {
			pkt_meta_init(pkt, iface->index, 0);
			pkt_drop(out->drops, pkt, DROP_ether_truncated);
			continue;
		}
		if (mac_addr_is_group(&hdr->dst))
			flags = PKT_L2_GROUP;
		pkt_meta_init(pkt, iface->index, flags);
		pkt->tx_offload = ETHER_HDR_LENGTH; /* l2_len; the other lengths 0 */

		if (unlikely(mac_addr_is_group(&hdr->src)))
			pkt_drop(out->drops, pkt, DROP_ether_bad_src);
		else if (unlikely(mac_load(&hdr->dst) != own && flags == 0))
			pkt_drop(out->drops, pkt, DROP_ether_not_ours);
		else if (hdr->type_be == RTE_BE16(ETHER_TYPE_IP4))
			pkt_vec_append(out->ip4, pkt);
		else if (hdr->type_be == RTE_BE16(ETHER_TYPE_IP6))
			pkt_vec_append(out->ip6, pkt);
		else if (hdr->type_be == RTE_BE16(ETHER_TYPE_ARP))
			pkt_punt(out->punts, pkt, PUNT_ARP);
		else if (hdr->type_be == RTE_BE16(ETHER_TYPE_VLAN) ||
			hdr->type_be == RTE_BE16(ETHER_TYPE_QINQ))
			pkt_drop(out->drops, pkt, DROP_ether_unknown_vlan);
		else
			pkt_drop(out->drops, pkt, DROP_ether_unknown_type);
	}
}
