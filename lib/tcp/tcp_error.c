/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors about segments, on their way to the connection that has sent what they quote. Called by
 * pipeline_tcp.c with what icmp4_input and icmp6_input have sorted out; tcp_icmp.c is what they do.
 */
#include "tcp/tcp_priv.h"

#include "wire/endian.h"
#include "wire/icmp_quote.h"
#include "wire/ip4.h"

/* @return whether it quotes a segment from the address that it came to, so perhaps one of ours */
static bool
error_parse(const struct rte_mbuf *pkt, struct tcp_icmp *icmp)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	const uint8_t family = l3[0] >> 4;
	const size_t addr_length = family == IP_FAMILY_4 ? 4 : 16;
	const uint8_t *outer_dst = l3 +
		(family == IP_FAMILY_4 ? offsetof(struct ip4_header, dst_be)
				       : offsetof(struct ip6_header, dst));
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct icmp_meaning meaning;
	struct icmp_quote quote;
	struct icmp message;

	/* What is quoted is in the first segment, or not looked at. */
	if (offset + ICMP_HDR_LENGTH > pkt->data_len ||
		icmp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &message) < 0)
		return false;
	offset += ICMP_HDR_LENGTH;
	if (!icmp_quote_parse(family, IP_PROTO_TCP,
		    rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset), pkt->data_len - offset,
		    &quote) ||
		memcmp(quote.src, outer_dst, addr_length) != 0)
		return false;
	meaning = icmp_error_meaning(family, &message);
	*icmp = (struct tcp_icmp){
		.tuple = { .local_port = be16_load(quote.l4),
			.remote_port = be16_load(quote.l4 + 2),
			.iface = PKT_IFACE_NONE,
			.vrf = meta->vrf,
			.family = family },
		.seq = be32_load(quote.l4 + 4),
		.error = meaning.error,
		/* RFC 9293 3.9.2.2: to TCP a parameter problem is a soft error. */
		.hard = meaning.hard && meaning.error != EPROTO,
		.mtu = family == IP_FAMILY_4 ? message.rest & 0xffff : message.rest,
	};
	memcpy(icmp->tuple.local, quote.src, addr_length);
	memcpy(icmp->tuple.remote, quote.dst, addr_length);
	if (family == IP_FAMILY_6 && ip6_is_link_local(quote.dst))
		icmp->tuple.iface = meta->iface;
	return true;
}

/* @return whether another worker has the connection, and gets it */
static bool
hand_over(const struct tcp_core *core, struct rte_mbuf *pkt, const struct tcp_tuple *tuple,
	const struct tcp_out *out)
{
	uint32_t hash = tcp_table_hash(&core->table, tuple);
	enum tcp_kind kind;
	unsigned worker;

	if (tcp_table_lookup(&core->table, tuple, hash, &kind) != NULL)
		return false;
	worker = tcp_ports_owner(core, tuple->local_port, hash);
	if (worker >= TCP_WORKERS_MAX)
		return false;
	pkt_meta(pkt)->worker = (uint8_t)worker;
	pkt_meta(pkt)->reason = HANDOVER_TCP_ERROR;
	pkt_vec_append(out->handover, pkt);
	return true;
}

static void
error_input(struct tcp_core *core, struct rte_mbuf *pkt, bool handed, const struct tcp_out *out)
{
	struct tcp_icmp icmp;

	if (!error_parse(pkt, &icmp)) {
		pkt_drop(out->drops, pkt, DROP_tcp_error_unmatched);
		return;
	}
	if (!handed && hand_over(core, pkt, &icmp.tuple, out))
		return;
	if (!tcp_icmp_input(core, &icmp)) {
		pkt_drop(out->drops, pkt, DROP_tcp_error_unmatched);
		return;
	}
	/* Path MTUs are control's to write: other connections learn of it, too. */
	if (icmp.error == EMSGSIZE) {
		pkt_meta(pkt)->flags |= PKT_ABOUT_OURS;
		pkt_punt(out->punts, pkt, PUNT_ICMP);
	} else {
		pkt_vec_append(out->done, pkt);
	}
}

void
tcp_error_input(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		error_input(core, in->pkts[i], false, out);
}

void
tcp_error_input_handed(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		error_input(core, in->pkts[i], true, out);
}
