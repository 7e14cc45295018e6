/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors about datagrams, told to the sockets that have sent them: RFC 1122 4.1.3.3. Called by
 * pipeline.c with what icmp4_input and icmp6_input have sorted out.
 *
 * Anyone can make such a message up: it counts only if it quotes a packet from the address that it
 * came to, from a port of a socket here, and, of one that is connected, to its peer (RFC 5927 4).
 */
#include "udp/udp_priv.h"

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/icmp_quote.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* An error, and what it quotes. */
struct udp_report {
	struct icmp icmp;
	struct udp_lookup lookup; /* of an answer to what is quoted */
};

/* @return whether it quotes a datagram that may be ours */
static bool
report_parse(const struct rte_mbuf *pkt, struct udp_report *report)
{
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	const uint8_t family = l3[0] >> 4;
	struct icmp_quote quote;

	/* What is quoted is in the first segment, or not looked at. */
	if (offset + ICMP_HDR_LENGTH > pkt->data_len ||
		icmp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &report->icmp) < 0)
		return false;
	offset += ICMP_HDR_LENGTH;
	if (!icmp_quote_parse(family, IP_PROTO_UDP,
		    rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset), pkt->data_len - offset,
		    &quote))
		return false;
	if (family == IP_FAMILY_4
			? memcmp(quote.src, l3 + offsetof(struct ip4_header, dst_be), 4) != 0
			: memcmp(quote.src, l3 + offsetof(struct ip6_header, dst), 16) != 0)
		return false;
	report->lookup = (struct udp_lookup){
		.dst = quote.src,
		.src = quote.dst,
		.dst_port = be16_load(quote.l4),
		.src_port = be16_load(quote.l4 + 2),
		.vrf = pkt_meta(pkt)->vrf,
		.iface = pkt_meta(pkt)->iface,
		.family = family,
	};
	return true;
}

static bool
is_too_big(const struct udp_report *report)
{
	return icmp_error_is_too_big(report->lookup.family, &report->icmp);
}

/*
 * As Linux tells them: a connected socket hears of what will not go away, and, if it does not want
 * its datagrams cut, that they are too big; who asks for all errors hears of all.
 */
static void
report_tell(struct udp_socket *socket, const struct udp_report *report)
{
	const struct icmp_meaning meaning =
		icmp_error_meaning(report->lookup.family, &report->icmp);
	bool minds = is_too_big(report) && socket->pmtu >= UDP_PMTU_DO;

	counter_add(&socket->counters.errors, 1);
	if (!socket->errors && !(socket->connected && (meaning.hard || minds)))
		return;
	socket->error = meaning.error;
	udp_event_add(socket, UDP_EVENT_ERROR);
}

static void
error_one(struct udp_core *core, struct rte_mbuf *pkt, bool handed, const struct udp_out *out)
{
	struct udp_socket *socket = NULL;
	unsigned worker = UDP_WORKER_NONE;
	struct udp_report report;

	if (report_parse(pkt, &report)) {
		if (udp_is_reserved(core, report.lookup.dst_port)) {
			counter_add(&core->counters.icmp_errors, 1);
			pkt_vec_append(out->encapsulated_errors, pkt);
			return;
		}
		socket = udp_table_lookup(core, &report.lookup, pkt, handed, &worker);
	}
	if (worker != UDP_WORKER_NONE) {
		counter_add(&core->counters.handed_over, 1);
		pkt_meta(pkt)->worker = (uint8_t)worker;
		pkt_meta(pkt)->reason = HANDOVER_UDP_ERROR;
		pkt_vec_append(out->handover, pkt);
		return;
	}
	if (socket == NULL) {
		counter_add(&core->counters.icmp_unmatched, 1);
		pkt_drop(out->drops, pkt, DROP_udp_error_unmatched);
		return;
	}
	counter_add(&core->counters.icmp_errors, 1);
	report_tell(socket, &report);
	/* Path MTUs are control's to write. */
	if (is_too_big(&report)) {
		pkt_meta(pkt)->flags |= PKT_ABOUT_OURS;
		pkt_punt(out->punts, pkt, PUNT_ICMP);
	} else {
		pkt_vec_append(out->done, pkt);
	}
}

void
udp_error(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		error_one(core, in->pkts[i], false, out);
}

void
udp_error_handed(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		error_one(core, in->pkts[i], true, out);
}
