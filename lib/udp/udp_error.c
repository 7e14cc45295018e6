/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors about datagrams, told to the sockets that have sent them: RFC 1122 4.1.3.3. Called by
 * pipeline.c with what icmp4_input and icmp6_input have sorted out.
 *
 * Anyone can make such a message up: it counts only if it quotes a packet from the address that it
 * came to, from a port of a socket here, and, of one that is connected, to its peer (RFC 5927 4).
 */
#include "udp/udp_priv.h"

#include <errno.h>

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

/* An error, and what it quotes. */
struct udp_report {
	struct icmp icmp;
	struct udp_lookup lookup; /* of an answer to what is quoted */
};

/* Where the quoted UDP header is, or NULL. What is quoted is in the first segment or not looked at. */
static const uint8_t *
quoted4(const struct rte_mbuf *pkt, const uint8_t *quoted, uint32_t length,
	struct udp_lookup *lookup)
{
	const struct ip4_header *outer = pkt_l3(pkt, const struct ip4_header *);
	uint32_t hdr_length;

	if (length < IP4_HDR_LENGTH || quoted[0] >> 4 != 4)
		return NULL;
	hdr_length = (quoted[0] & 0xfU) * 4;
	lookup->dst = quoted + offsetof(struct ip4_header, src_be);
	lookup->src = quoted + offsetof(struct ip4_header, dst_be);
	if (hdr_length < IP4_HDR_LENGTH || length < hdr_length + UDP_HDR_LENGTH ||
		quoted[offsetof(struct ip4_header, proto)] != IP_PROTO_UDP ||
		memcmp(lookup->dst, &outer->dst_be, 4) != 0 ||
		(be16_load(quoted + offsetof(struct ip4_header, frag_be)) & IP4_FRAG_OFFSET) != 0)
		return NULL;
	return quoted + hdr_length;
}

static const uint8_t *
quoted6(const struct rte_mbuf *pkt, const uint8_t *quoted, uint32_t length,
	struct udp_lookup *lookup)
{
	const struct ip6_header *outer = pkt_l3(pkt, const struct ip6_header *);
	struct ip6_chain chain;

	if (length < IP6_HDR_LENGTH || quoted[0] >> 4 != 6 ||
		ip6_chain_parse(quoted, length, &chain) < 0)
		return NULL;
	lookup->dst = quoted + offsetof(struct ip6_header, src);
	lookup->src = quoted + offsetof(struct ip6_header, dst);
	if (chain.proto != IP_PROTO_UDP || length < (uint32_t)chain.offset + UDP_HDR_LENGTH ||
		memcmp(lookup->dst, outer->dst, 16) != 0 ||
		(chain.fragment && !chain.fragment_first))
		return NULL;
	return quoted + chain.offset;
}

/* @return whether it quotes a datagram that may be ours */
static bool
report_parse(const struct rte_mbuf *pkt, struct udp_report *report)
{
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	const uint8_t *quoted, *udp;

	if (offset + ICMP_HDR_LENGTH > pkt->data_len ||
		icmp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &report->icmp) < 0)
		return false;
	offset += ICMP_HDR_LENGTH;
	quoted = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset);
	report->lookup = (struct udp_lookup){
		.family = *pkt_l3(pkt, const uint8_t *) >> 4,
		.vrf = pkt_meta(pkt)->vrf,
		.iface = pkt_meta(pkt)->iface,
	};
	udp = report->lookup.family == IP_FAMILY_4
		? quoted4(pkt, quoted, pkt->data_len - offset, &report->lookup)
		: quoted6(pkt, quoted, pkt->data_len - offset, &report->lookup);
	if (udp == NULL)
		return false;
	report->lookup.dst_port = be16_load(udp);
	report->lookup.src_port = be16_load(udp + 2);
	return true;
}

/* What an error means: an errno, and whether it is one that will not go away by itself. */
struct meaning {
	int error;
	bool hard;
};

/* RFC 1122 4.2.3.9 calls these soft and hard; the errnos are those of Linux. */
static struct meaning
meaning4(const struct icmp *icmp)
{
	if (icmp->type == ICMP4_TIME_EXCEEDED)
		return (struct meaning){ EHOSTUNREACH, false };
	if (icmp->type == ICMP4_PARAMETER_PROBLEM)
		return (struct meaning){ EPROTO, true };
	switch (icmp->code) {
	case ICMP4_PORT_UNREACHABLE: return (struct meaning){ ECONNREFUSED, true };
	case ICMP4_PROTO_UNREACHABLE: return (struct meaning){ ENOPROTOOPT, true };
	case ICMP4_FRAGMENTATION_NEEDED: return (struct meaning){ EMSGSIZE, false };
	case ICMP4_NET_UNREACHABLE: return (struct meaning){ ENETUNREACH, false };
	default: return (struct meaning){ EHOSTUNREACH, false };
	}
}

static struct meaning
meaning6(const struct icmp *icmp)
{
	switch (icmp->type) {
	case ICMP6_PACKET_TOO_BIG: return (struct meaning){ EMSGSIZE, false };
	case ICMP6_TIME_EXCEEDED: return (struct meaning){ EHOSTUNREACH, false };
	case ICMP6_PARAMETER_PROBLEM: return (struct meaning){ EPROTO, true };
	default: break;
	}
	switch (icmp->code) {
	case ICMP6_PORT_UNREACHABLE: return (struct meaning){ ECONNREFUSED, true };
	case ICMP6_ADMIN_PROHIBITED: return (struct meaning){ EACCES, true };
	case ICMP6_NO_ROUTE: return (struct meaning){ ENETUNREACH, false };
	default: return (struct meaning){ EHOSTUNREACH, false };
	}
}

static bool
is_too_big(const struct udp_report *report)
{
	if (report->lookup.family == IP_FAMILY_6)
		return report->icmp.type == ICMP6_PACKET_TOO_BIG;
	return report->icmp.type == ICMP4_UNREACHABLE &&
		report->icmp.code == ICMP4_FRAGMENTATION_NEEDED;
}

/*
 * As Linux tells them: a connected socket hears of what will not go away, and, if it does not want
 * its datagrams cut, that they are too big; who asks for all errors hears of all.
 */
static void
report_tell(struct udp_socket *socket, const struct udp_report *report)
{
	const struct meaning meaning = report->lookup.family == IP_FAMILY_4
		? meaning4(&report->icmp)
		: meaning6(&report->icmp);
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

	if (report_parse(pkt, &report))
		socket = udp_table_lookup(core, &report.lookup, pkt, handed, &worker);
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
