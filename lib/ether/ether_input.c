/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts received frames by EtherType: after port_rx, before ip4_input and ip6_input. */
#include "ether/ether.h"

#include <rte_byteorder.h>

#include "base/counter.h"
#include "wire/mac.h"
#include "wire/vlan.h"

#define MAC_MASK 0xffffffffffffULL /* the first 6 of 8 bytes, on a little-endian machine */

static uint64_t
mac_load(const void *mac)
{
	uint64_t value;

	memcpy(&value, mac, sizeof(value));
	return value & MAC_MASK;
}

void
ether_input_count(const struct rte_mbuf *pkt, bool vlan, struct iface_counters *const *all)
{
	const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	struct iface_counters *counters =
		__atomic_load_n(&all[pkt_meta(pkt)->iface], __ATOMIC_ACQUIRE);

	if (counters == NULL)
		return;
	if (pkt->data_len >= ETHER_HDR_LENGTH && mac_addr_is_group(&hdr->dst))
		counter_add(mac_addr_is_broadcast(&hdr->dst) ? &counters->rx_broadcast
							     : &counters->rx_multicast,
			1);
	if (vlan) {
		counter_add(&counters->rx_packets, 1);
		counter_add(&counters->rx_bytes, pkt->pkt_len);
	}
}

/* The interface of a frame's tags, which it then is in. @return NULL if it was dropped */
static const struct iface *
vlan_input(struct rte_mbuf *pkt, const struct iface *iface, const struct iface_table *ifaces,
	uint16_t *type, const struct ether_input_out *out)
{
	struct vlan_tags tags;
	unsigned length =
		vlan_hdr_parse(rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, &tags, type);

	if (length == 0) {
		pkt_drop(out->drops, pkt, DROP_ether_truncated);
		return NULL;
	}
	if (tags.count > 0)
		iface = iface_by_vlan(ifaces, iface->port, &tags);
	if (iface == NULL) {
		pkt_drop(out->drops, pkt, DROP_ether_unknown_vlan);
		return NULL;
	}
	pkt_meta(pkt)->iface = iface->index;
	pkt_meta(pkt)->vrf = (uint8_t)iface->vrf;
	if (!iface->up) {
		pkt_drop(out->drops, pkt, DROP_rx_no_iface);
		return NULL;
	}
	pkt->l2_len = length;
	return iface;
}

/* All but plain IPv4 and IPv6 to our own address. The metadata is there. */
static __rte_noinline void
ether_sort_slow(struct rte_mbuf *pkt, const struct iface *iface, const struct iface_table *ifaces,
	const struct ether_input_out *out)
{
	const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	const struct iface *link = iface;
	uint16_t type;

	iface = vlan_input(pkt, link, ifaces, &type, out);
	ether_input_count(pkt, pkt_meta(pkt)->iface != link->index, out->counters);
	if (iface == NULL)
		return;
	if (mac_addr_is_group(&hdr->src)) {
		pkt_drop(out->drops, pkt, DROP_ether_bad_src);
		return;
	}
	if (iface->l2_only) {
		pkt_drop(out->drops, pkt, DROP_ether_l2_only);
		return;
	}
	if (mac_addr_is_group(&hdr->dst)) {
		pkt_meta(pkt)->flags = PKT_L2_GROUP;
	} else if (!mac_addr_equal(&hdr->dst, &iface->mac) &&
		!iface_mac_is_added(link, &hdr->dst)) {
		pkt_drop(out->drops, pkt, DROP_ether_not_ours);
		return;
	}
	switch (type) {
	case ETHER_TYPE_IP4: pkt_vec_append(out->ip4, pkt); break;
	case ETHER_TYPE_IP6:
		if (iface->ip6_off)
			pkt_drop(out->drops, pkt, DROP_ether_ip6_off);
		else
			pkt_vec_append(out->ip6, pkt);
		break;
	case ETHER_TYPE_ARP: pkt_punt(out->punts, pkt, PUNT_ARP); break;
	case ETHER_TYPE_VLAN:
	case ETHER_TYPE_QINQ: pkt_drop(out->drops, pkt, DROP_ether_unknown_vlan); break;
	default: pkt_drop(out->drops, pkt, DROP_ether_unknown_type); break;
	}
}

void
ether_input(const struct iface *iface, const struct iface_table *ifaces, const struct pkt_vec *in,
	const struct ether_input_out *out)
{
	const bool ip = !iface->l2_only, ip6 = !iface->ip6_off;
	uint64_t own = 0;

	memcpy(&own, &iface->mac, sizeof(iface->mac));
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
		bool ours = ip && pkt->data_len >= ETHER_HDR_LENGTH && mac_load(&hdr->dst) == own &&
			!mac_addr_is_group(&hdr->src);

		pkt_meta_init(pkt, iface->index, 0);
		pkt_meta(pkt)->vrf = (uint8_t)iface->vrf;
		pkt->tx_offload = ETHER_HDR_LENGTH; /* l2_len; the other lengths 0 */
		if (likely(ours && hdr->type_be == RTE_BE16(ETHER_TYPE_IP4)))
			pkt_vec_append(out->ip4, pkt);
		else if (likely(ours && ip6 && hdr->type_be == RTE_BE16(ETHER_TYPE_IP6)))
			pkt_vec_append(out->ip6, pkt);
		else
			ether_sort_slow(pkt, iface, ifaces, out);
	}
}
