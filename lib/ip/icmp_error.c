/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether an ICMP error is sent, from which address, and what it quotes: RFC 1812 4.3.2, RFC 4443 2. */
#include "ip/icmp_error.h"

#include "base/counter.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* An interface's address for an error to `to`, or NULL. With `narrow` it may reach no further than its link. */
static const struct ip_addr *
iface_source(const struct iface *iface, uint8_t vrf, const struct ip_addr *to, bool narrow)
{
	const struct ip_addr *source;

	if (iface == NULL || !iface->up || iface->vrf != vrf)
		return NULL;
	if (to->family == IP_FAMILY_6)
		source = iface_addr_source(iface, to);
	else
		source = iface->source4.family == IP_FAMILY_4 ? &iface->source4 : NULL;
	return source != NULL && (narrow || !ip_addr_is_link_local(source)) ? source : NULL;
}

static void
packet_addrs(
	const struct rte_mbuf *pkt, enum ip_family family, struct ip_addr *src, struct ip_addr *dst)
{
	const struct ip4_header *hdr4 = pkt_l3(pkt, const struct ip4_header *);
	const struct ip6_header *hdr6 = pkt_l3(pkt, const struct ip6_header *);

	*src = family == IP_FAMILY_4 ? ip_addr_from4(&hdr4->src_be) : ip_addr_from6(hdr6->src);
	*dst = family == IP_FAMILY_4 ? ip_addr_from4(&hdr4->dst_be) : ip_addr_from6(hdr6->dst);
}

/*
 * RFC 4443 2.2 (a): what was for an address of ours is answered from it. So of IPv4, too: by that a
 * traceroute to any of our addresses sees that it has arrived.
 */
static bool
is_to_us(const struct rte_mbuf *pkt, const struct ip_addr *dst)
{
	return pkt_meta(pkt)->nexthop == NEXTHOP_ID_LOCAL && !ip_addr_is_multicast(dst);
}

/*
 * RFC 1812 4.3.2.4, RFC 4443 2.2, RFC 6724 5 rule 2: an address of the interface by which the packet
 * came; if it has none that reaches further than its link, the first of another's of the VRF; then a
 * link-local one all the same. That all interfaces are looked at costs little: errors are limited in rate.
 */
const struct ip_addr *
icmp_error_source(const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *to)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);
	const uint8_t vrf = pkt_meta(pkt)->vrf;
	bool near = to->family == IP_FAMILY_6 && ip_addr_is_link_local(to);
	const struct ip_addr *source = iface_source(iface, vrf, to, near);

	for (uint16_t i = 0; i < IFACE_MAX && source == NULL && !near; i++)
		source = iface_source(iface_get(core->ifaces, i), vrf, to, false);
	return source != NULL ? source : iface_source(iface, vrf, to, true);
}

/* @return the error as a new packet, or NULL without a buffer */
static struct rte_mbuf *
icmp_error_build(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *src,
	const struct icmp_error_family *family)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const uint16_t hdrs_length = family->hdr_length + ICMP_HDR_LENGTH;
	uint16_t quoted = RTE_MIN(pkt_l3_length(pkt), family->length_max - hdrs_length);
	struct icmp icmp = { meta->icmp_type, meta->icmp_code, meta->icmp_rest };
	struct rte_mbuf *error = rte_pktmbuf_alloc(core->pool);
	uint8_t *data;

	if (error == NULL)
		return NULL;
	data = (uint8_t *)rte_pktmbuf_append(error, hdrs_length + quoted);
	if (data == NULL) {
		rte_pktmbuf_free(error);
		return NULL;
	}
	pkt_copy_out(pkt, pkt->l2_len, quoted, data + hdrs_length);
	icmp_build(data + family->hdr_length, &icmp);
	family->finish(core, pkt, src, error);
	pkt_meta_init(error, meta->iface, PKT_ORIGINATED);
	pkt_meta(error)->vrf = meta->vrf;
	error->tx_offload = 0;
	return error;
}

static void
icmp_error_one(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_out *out,
	const struct icmp_error_family *family)
{
	const struct ip_addr *src;
	struct ip_addr from, to;
	struct rte_mbuf *error;

	if (!family->allowed(pkt)) {
		counter_add(&core->counters.errors_suppressed, 1);
		return;
	}
	if (!rate_limit_take(&core->icmp_limit, pkt_meta(pkt)->iface, core->now_ns)) {
		counter_add(&core->counters.errors_limited, 1);
		return;
	}
	packet_addrs(pkt, family->family, &from, &to);
	src = is_to_us(pkt, &to) ? &to : icmp_error_source(core, pkt, &from);
	if (src == NULL) {
		counter_add(&core->counters.errors_suppressed, 1);
		return;
	}
	error = icmp_error_build(core, pkt, src, family);
	if (error == NULL) {
		counter_add(&core->counters.errors_nomem, 1);
		return;
	}
	counter_add(&core->counters.errors_sent, 1);
	counter_add(&core->counters.originated, 1);
	pkt_vec_append(out->replies, error);
}

void
icmp_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out,
	const struct icmp_error_family *family)
{
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];

		icmp_error_one(core, pkt, out, family);
		pkt_drop(out->drops, pkt, pkt_meta(pkt)->reason);
	}
}
