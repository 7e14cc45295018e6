/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams for an address of ours: checked (RFC 768, RFC 8200 8.1), and queued for their sockets. */
#include "udp/udp_priv.h"

#include <errno.h>

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

static void
lookup_addrs(const struct rte_mbuf *pkt, struct udp_lookup *lookup)
{
	const struct ip4_header *hdr4 = pkt_l3(pkt, const struct ip4_header *);
	const struct ip6_header *hdr6 = (const void *)hdr4;

	if (hdr4->version_ihl >> 4 == 4) {
		lookup->family = IP_FAMILY_4;
		lookup->src = &hdr4->src_be;
		lookup->dst = &hdr4->dst_be;
	} else {
		lookup->family = IP_FAMILY_6;
		lookup->src = hdr6->src;
		lookup->dst = hdr6->dst;
	}
}

static bool
checksum_is_good(const struct rte_mbuf *pkt, const struct udp_lookup *lookup, uint32_t length)
{
	const bool is4 = lookup->family == IP_FAMILY_4;
	const struct ip_addr src = is4 ? ip_addr_from4(lookup->src) : ip_addr_from6(lookup->src);
	const struct ip_addr dst = is4 ? ip_addr_from4(lookup->dst) : ip_addr_from6(lookup->dst);

	return checksum_fold(checksum_pseudo(&src, &dst, IP_PROTO_UDP, length) +
		       pkt_sum(pkt, pkt->l2_len + pkt->l3_len, length)) == 0xffff;
}

/* @return whether the checksum says that the datagram is as it was sent; else why not */
static bool
checksum_check(const struct rte_mbuf *pkt, const struct udp_lookup *lookup, const struct udp *udp,
	enum drop_reason *reason)
{
	uint64_t verdict = pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	if (!udp->checksummed) {
		/* RFC 768: the sender has made none. RFC 8200 8.1: by IPv6 it has to. */
		*reason = DROP_udp_no_checksum;
		return lookup->family == IP_FAMILY_4;
	}
	*reason = DROP_udp_bad_checksum;
	/* Behind extension headers not all NICs find it, and some say "good" all the same. */
	if (likely(verdict == RTE_MBUF_F_RX_L4_CKSUM_GOOD) &&
		(lookup->family == IP_FAMILY_4 || pkt->l3_len == IP6_HDR_LENGTH))
		return true;
	/* NICs that have seen a wrong one may be wrong about what is odd: the sum decides. */
	return checksum_is_good(pkt, lookup, udp->length);
}

/* A header in several pieces is put together, so that whoever reads it later finds it in one. */
static int
header_parse(struct rte_mbuf *pkt, struct udp *udp)
{
	uint32_t offset = pkt->l2_len + pkt->l3_len;

	if (unlikely(offset + UDP_HDR_LENGTH > pkt->data_len) &&
		(offset + UDP_HDR_LENGTH > pkt->pkt_len || rte_pktmbuf_linearize(pkt) != 0))
		return -EINVAL;
	if (udp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset), pkt->pkt_len - offset,
		    udp) < 0)
		return -EINVAL;
	return 0;
}

/* RFC 768: its own length says where the data ends. */
static void
datagram_trim(struct rte_mbuf *pkt, uint32_t length)
{
	uint32_t excess = pkt->pkt_len - pkt->l2_len - pkt->l3_len - length;

	if (unlikely(excess != 0))
		pkt_trim(pkt, excess);
}

/* @return whether it is a datagram; else it was dropped */
static bool
datagram_check(struct udp_core *core, struct rte_mbuf *pkt, struct udp_lookup *lookup,
	const struct udp_out *out)
{
	enum drop_reason reason = DROP_udp_bad_length;
	struct udp udp;

	if (header_parse(pkt, &udp) < 0)
		goto bad;
	lookup_addrs(pkt, lookup);
	if (!checksum_check(pkt, lookup, &udp, &reason)) {
		counter_add(&core->counters.in_checksum_errors, 1);
		goto bad;
	}
	datagram_trim(pkt, udp.length);
	lookup->src_port = udp.src_port;
	lookup->dst_port = udp.dst_port;
	lookup->vrf = pkt_meta(pkt)->vrf;
	lookup->iface = pkt_meta(pkt)->iface;
	return true;

bad:
	counter_add(&core->counters.in_errors, 1);
	pkt_drop(out->drops, pkt, reason);
	return false;
}

static void
datagram_deliver(struct udp_core *core, struct udp_socket *socket, struct rte_mbuf *pkt,
	const struct udp_out *out)
{
	enum drop_reason reason;

	if (likely(udp_queue_put(socket, pkt, &reason))) {
		counter_add(&core->counters.in_datagrams, 1);
	} else {
		counter_add(&core->counters.receive_buffer_errors, 1);
		pkt_drop(out->drops, pkt, reason);
	}
}

static void
input_one(struct udp_core *core, struct rte_mbuf *pkt, const struct udp_lookup *lookup, bool handed,
	const struct udp_out *out)
{
	struct udp_socket *socket;
	unsigned worker;

	if (unlikely(udp_is_reserved(core, lookup->dst_port))) {
		counter_add(&core->counters.in_datagrams, 1);
		pkt_vec_append(out->encapsulated, pkt);
		return;
	}
	socket = udp_table_lookup(core, lookup, pkt, handed, &worker);
	if (likely(socket != NULL)) {
		datagram_deliver(core, socket, pkt, out);
	} else if (worker != UDP_WORKER_NONE) {
		counter_add(&core->counters.handed_over, 1);
		pkt_meta(pkt)->worker = (uint8_t)worker;
		pkt_meta(pkt)->reason = HANDOVER_UDP;
		pkt_vec_append(out->handover, pkt);
	} else {
		counter_add(&core->counters.no_ports, 1);
		pkt_vec_append(out->unreachable, pkt);
	}
}

static void
input(struct udp_core *core, const struct pkt_vec *in, bool handed, const struct udp_out *out)
{
	struct udp_lookup lookups[PKT_VEC_MAX];
	struct rte_mbuf *pkts[PKT_VEC_MAX];
	uint32_t count = 0;

	/* All are checked first, while the use of their ports comes from memory. */
	for (uint32_t i = 0; i < in->count; i++) {
		if (!datagram_check(core, in->pkts[i], &lookups[count], out))
			continue;
		rte_prefetch0(&core->config.ports->ports[lookups[count].dst_port]);
		pkts[count++] = in->pkts[i];
	}
	for (uint32_t i = 0; i < count; i++)
		input_one(core, pkts[i], &lookups[i], handed, out);
}

void
udp_input(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out)
{
	input(core, in, false, out);
}

/* They are checked again: it costs little, and their lengths need not be remembered. */
void
udp_input_handed(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out)
{
	input(core, in, true, out);
}
