/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP messages to an address of ours: echo is answered, errors go to the transport, or to control. */
#include "ip/ip4_options.h"

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* The checksum over a message that may span segments. */
static bool
icmp4_checksum_is_good(const struct rte_mbuf *pkt, unsigned offset)
{
	return checksum_fold(pkt_sum(pkt, offset, pkt->pkt_len - offset)) == 0xffff;
}

/* RFC 1122 3.2.2.6: the request goes back with the addresses swapped, all data as it came. */
static void
icmp4_echo_reply(
	struct ip_core *core, struct rte_mbuf *pkt, uint8_t *icmp, const struct ip_out *out)
{
	struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);
	struct pkt_meta *meta = pkt_meta(pkt);
	uint16_t checksum;

	memcpy(&checksum, icmp + 2, sizeof(checksum));
	checksum = checksum_update16(
		checksum, RTE_BE16(ICMP4_ECHO_REQUEST << 8), RTE_BE16(ICMP4_ECHO_REPLY << 8));
	/* RFC 1624 5: a reply of all zeros needs ones here; to others it is the same. */
	if (checksum == 0)
		checksum = 0xffff;
	memcpy(icmp + 2, &checksum, sizeof(checksum));
	icmp[0] = ICMP4_ECHO_REPLY;

	RTE_SWAP(hdr->src_be, hdr->dst_be);
	hdr->ttl = IP_TTL_DEFAULT;
	hdr->id_be = ip4_id_be(core, hdr->dst_be);
	hdr->frag_be = 0;
	hdr->checksum = 0;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, pkt->l3_len));
	/* RFC 1122 3.2.2.6: the answer carries the options, with our address and time in them. */
	if (pkt->l3_len > IP4_HDR_LENGTH)
		ip4_options_record(hdr, hdr->src_be, core->now_ns);

	/* What came in ends here; what goes out is ours, and another flow than what came. */
	pkt->ol_flags &= ~(RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_MASK);
	meta->flags = PKT_ORIGINATED;
	counter_add(&core->counters.delivered, 1);
	counter_add(&core->counters.originated, 1);
	pkt_vec_append(out->replies, pkt);
}

void
icmp4_input(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	unsigned offset = pkt->l2_len + pkt->l3_len;
	uint8_t *data = rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset);
	struct icmp icmp;

	if (icmp_parse(data, pkt->data_len - offset, &icmp) < 0) {
		pkt_drop(out->drops, pkt, DROP_icmp_truncated);
		return;
	}
	if (!icmp4_checksum_is_good(pkt, offset)) {
		pkt_drop(out->drops, pkt, DROP_icmp_bad_checksum);
		return;
	}
	switch (icmp.type) {
	case ICMP4_ECHO_REQUEST: icmp4_echo_reply(core, pkt, data, out); break;
	case ICMP4_ECHO_REPLY: pkt_punt(out->punts, pkt, PUNT_ICMP); break;
	case ICMP4_UNREACHABLE:
	case ICMP4_TIME_EXCEEDED:
	case ICMP4_PARAMETER_PROBLEM: icmp_error_sort(IP_FAMILY_4, pkt, offset, out); break;
	default: pkt_drop(out->drops, pkt, DROP_icmp_ignored); break;
	}
}
