/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the ICMPv6 errors that packets of the errors vector earned: RFC 4443 2.2, 2.4, 3. */
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ICMP6_ERROR_HEADERS (IP6_HDR_LENGTH + ICMP_HDR_LENGTH)

/* RFC 4443 2.4 (e): when no error may be sent. */
static bool
icmp6_error_allowed(const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	struct ip6_chain chain;
	bool group = ip6_is_multicast(hdr->dst) || (meta->flags & PKT_L2_GROUP) != 0;

	if (meta->flags & PKT_ORIGINATED)
		return false;
	/* (e.3), (e.4): to a group only packet too big, which tells of no fault of the sender's */
	if (group && meta->icmp_type != ICMP6_PACKET_TOO_BIG)
		return false;
	/* (e.6) */
	if (ip6_is_unspecified_or_loopback(hdr->src) || ip6_is_multicast(hdr->src))
		return false;
	/* (e.1), (e.2) */
	if (ip6_chain_parse(hdr, pkt->data_len - pkt->l2_len, &chain) < 0)
		return false;
	if (chain.fragment && !chain.fragment_first)
		return true;
	if (chain.proto != IP_PROTO_ICMP6)
		return true;
	return chain.offset < pkt->data_len - pkt->l2_len &&
		!icmp6_type_is_error(((const uint8_t *)hdr)[chain.offset]) &&
		((const uint8_t *)hdr)[chain.offset] != ICMP6_REDIRECT;
}

/* RFC 4443 2.2 (b): an address of the interface by which the packet came. */
static const struct ip_addr *
icmp6_error_source(const struct ip_core *core, const struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);

	if (iface == NULL || iface->source6.family != IP_FAMILY_6)
		return NULL;
	return &iface->source6;
}

/* @return the error as a new packet, or NULL without a buffer */
static struct rte_mbuf *
icmp6_error_build(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *src)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	const struct pkt_meta *meta = pkt_meta(pkt);
	struct ip_addr dst = ip_addr_from6(hdr->src);
	/* RFC 4443 2.4 (c): as much as fits the least MTU */
	uint16_t quoted = RTE_MIN(pkt_l3_length(pkt), IP6_MTU_MIN - ICMP6_ERROR_HEADERS);
	struct icmp icmp = { meta->icmp_type, meta->icmp_code, meta->icmp_rest };
	struct rte_mbuf *error = rte_pktmbuf_alloc(core->pool);
	uint8_t *data;

	if (error == NULL)
		return NULL;
	data = (uint8_t *)rte_pktmbuf_append(error, ICMP6_ERROR_HEADERS + quoted);
	if (data == NULL) {
		rte_pktmbuf_free(error);
		return NULL;
	}
	pkt_copy_out(pkt, pkt->l2_len, quoted, data + ICMP6_ERROR_HEADERS);
	icmp_build(data + IP6_HDR_LENGTH, &icmp);
	icmp6_checksum_set(data + IP6_HDR_LENGTH, ICMP_HDR_LENGTH + quoted, src, &dst);
	ip6_hdr_build((struct ip6_header *)data,
		&(struct ip6_build){
			.src = src->bytes,
			.dst = dst.bytes,
			.payload_length = ICMP_HDR_LENGTH + quoted,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = IP_TTL_DEFAULT,
		});
	pkt_meta_init(error, meta->iface, PKT_ORIGINATED);
	error->tx_offload = 0;
	return error;
}

static void
icmp6_error_one(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_out *out)
{
	const struct ip_addr *src = icmp6_error_source(core, pkt);
	struct rte_mbuf *error;

	if (src == NULL || !icmp6_error_allowed(pkt, pkt_l3(pkt, const struct ip6_header *))) {
		counter_add(&core->counters.errors_suppressed, 1);
		return;
	}
	if (!token_bucket_take(&core->icmp_limit, core->now_ns)) {
		counter_add(&core->counters.errors_limited, 1);
		return;
	}
	error = icmp6_error_build(core, pkt, src);
	if (error == NULL) {
		counter_add(&core->counters.errors_nomem, 1);
		return;
	}
	counter_add(&core->counters.errors_sent, 1);
	counter_add(&core->counters.originated, 1);
	pkt_vec_append(out->replies, error);
}

void
icmp6_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];

		icmp6_error_one(core, pkt, out);
		pkt_drop(out->drops, pkt, pkt_meta(pkt)->reason);
	}
}
