/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the ICMP errors that packets of the errors vector earned: RFC 792, RFC 1812 4.3.2. */
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* RFC 1812 4.3.2.3: as much of the packet as fits without exceeding 576 bytes. */
#define ICMP4_ERROR_MAX     576
#define ICMP4_ERROR_HEADERS (IP4_HDR_LENGTH + ICMP_HDR_LENGTH)
/* RFC 1812 4.3.2.5: TOS of errors is internetwork control. */
#define ICMP4_ERROR_TOS 0xc0

/* RFC 1812 4.3.2.7: when no error may be sent. */
static bool
icmp4_error_allowed(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
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

/* The address that the error comes from: the interface's by which the packet came. */
static bool
icmp4_error_source(const struct ip_core *core, const struct rte_mbuf *pkt, uint32_t *src_be)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);

	if (iface == NULL || iface->source4.family != IP_FAMILY_4)
		return false;
	memcpy(src_be, iface->source4.bytes, sizeof(*src_be));
	return true;
}

/* @return the error as a new packet, or NULL without a buffer */
static struct rte_mbuf *
icmp4_error_build(struct ip_core *core, const struct rte_mbuf *pkt, uint32_t src_be)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	const struct pkt_meta *meta = pkt_meta(pkt);
	uint16_t quoted = RTE_MIN(pkt_l3_length(pkt), ICMP4_ERROR_MAX - ICMP4_ERROR_HEADERS);
	struct icmp icmp = { meta->icmp_type, meta->icmp_code, meta->icmp_rest };
	struct rte_mbuf *error = rte_pktmbuf_alloc(core->pool);
	uint8_t *data;

	if (error == NULL)
		return NULL;
	data = (uint8_t *)rte_pktmbuf_append(error, ICMP4_ERROR_HEADERS + quoted);
	if (data == NULL) {
		rte_pktmbuf_free(error);
		return NULL;
	}
	pkt_copy_out(pkt, pkt->l2_len, quoted, data + ICMP4_ERROR_HEADERS);
	icmp_build(data + IP4_HDR_LENGTH, &icmp);
	icmp4_checksum_set(data + IP4_HDR_LENGTH, ICMP_HDR_LENGTH + quoted);
	ip4_hdr_build((struct ip4_header *)data,
		&(struct ip4_build){
			.src_be = src_be,
			.dst_be = hdr->src_be,
			.payload_length = ICMP_HDR_LENGTH + quoted,
			.id = core->ip_id++,
			.tos = ICMP4_ERROR_TOS,
			.ttl = IP_TTL_DEFAULT,
			.proto = IP_PROTO_ICMP,
		});
	pkt_meta_init(error, meta->iface, PKT_ORIGINATED);
	error->tx_offload = 0;
	return error;
}

static void
icmp4_error_one(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_out *out)
{
	struct rte_mbuf *error;
	uint32_t src_be;

	if (!icmp4_error_allowed(pkt, pkt_l3(pkt, const struct ip4_header *)) ||
		!icmp4_error_source(core, pkt, &src_be)) {
		counter_add(&core->counters.errors_suppressed, 1);
		return;
	}
	if (!token_bucket_take(&core->icmp_limit, core->now_ns)) {
		counter_add(&core->counters.errors_limited, 1);
		return;
	}
	error = icmp4_error_build(core, pkt, src_be);
	if (error == NULL) {
		counter_add(&core->counters.errors_nomem, 1);
		return;
	}
	counter_add(&core->counters.errors_sent, 1);
	counter_add(&core->counters.originated, 1);
	pkt_vec_append(out->replies, error);
}

void
icmp4_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];

		icmp4_error_one(core, pkt, out);
		pkt_drop(out->drops, pkt, pkt_meta(pkt)->reason);
	}
}
