/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What ip4_input and ip6_input have to do alike, each with packets of its own.
 */
#ifndef UNIT_IP_INPUT_CHECKS_H
#define UNIT_IP_INPUT_CHECKS_H

#include "unit/ip/ip_fixture.h"

/* A packet, why it is refused, and the rule. */
struct refusal {
	const char *rule;
	struct packet packet;
	enum drop_reason reason;
};

static inline void
check_refuses(struct ip_fixture *f, ip_stage input, const struct refusal *refusals, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &refusals[i].packet);

		input(&f->core, &f->in, &f->out);
		if (f->drops.count != 1 || pkt_meta(pkt)->reason != refusals[i].reason)
			print_error("%s\n", refusals[i].rule);
		assert_dropped(f, pkt, refusals[i].reason);
		ip_fixture_empty(f);
	}
}

/* Packets that go on by this nexthop, as they came. */
static inline void
check_accepts(struct ip_fixture *f, ip_stage input, uint32_t nexthop, const struct packet *packets,
	unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &packets[i]);

		input(&f->core, &f->in, &f->out);
		assert_only(&f->forward, pkt);
		assert_int_equal(pkt_meta(pkt)->nexthop, nexthop);
		assert_string_equal(packet_diff(pkt, &packets[i]), "");
		ip_fixture_empty(f);
	}
}

/*
 * However the padding is cut into segments, it goes, and no segment is left empty. The first
 * segment ends from behind the IP header to behind the datagram.
 */
static inline void
check_trims_segments(ip_stage input, const struct packet *plain, uint16_t hdr_length)
{
	struct ip_fixture *f = ip_fixture_create();
	const uint16_t first = ETHER_HDR_LENGTH + hdr_length;
	struct packet packet = *plain;

	packet.padding = 200;
	for (packet.segment = first; packet.segment < first + 36; packet.segment++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &packet);

		input(&f->core, &f->in, &f->out);
		assert_only(&f->forward, pkt);
		assert_string_equal(packet_diff(pkt, plain), "");
		rte_mbuf_sanity_check(pkt, 1);
		for (const struct rte_mbuf *part = pkt; part != NULL; part = part->next)
			assert_int_not_equal(part->data_len, 0);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* A full vector, of which each second packet is refused, keeps its order. */
static inline void
check_full_vector(ip_stage input, const struct packet *good, const struct packet *bad)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkts[PKT_BURST];

	for (unsigned i = 0; i < PKT_BURST; i++)
		pkts[i] = ip_fixture_add(f, i % 2 == 0 ? good : bad);
	input(&f->core, &f->in, &f->out);
	assert_int_equal(f->forward.count, PKT_BURST / 2);
	assert_int_equal(f->drops.count, PKT_BURST / 2);
	for (unsigned i = 0; i < PKT_BURST; i++)
		assert_ptr_equal((i % 2 == 0 ? &f->forward : &f->drops)->pkts[i / 2], pkts[i]);
	ip_fixture_destroy(f);
}

#endif
