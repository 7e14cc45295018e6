/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames sorted by EtherType and address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "ether/ether.h"
#include "support/eal.h"
#include "support/packet.h"

static struct pkt_vec in, ip4, ip6, punts, drops;
static struct iface_counters counted[IFACE_MAX];
static struct iface_counters *counters[IFACE_MAX];
static const struct ether_input_out out = { &ip4, &ip6, &punts, &drops, counters };
static const struct iface iface = {
	.index = 7, .port = 7, .mac = { { 2, 0, 0, 0, 1, 0 } }, .up = true
};

/* p7 has VLAN 100 (interface 1), and in it VLAN 5 (2); 200 (3) is down. */
static struct iface_table *table;

static void
vlan_insert(const char *name, bool up, const struct vlan_tags *tags)
{
	struct iface model = { .type = IFACE_VLAN,
		.port = 7,
		.mtu = 1500,
		.up = up,
		.mac = iface.mac,
		.tags = *tags };
	uint16_t index;

	snprintf(model.name, sizeof(model.name), "%s", name);
	assert_int_equal(iface_insert(table, &model, &index, NULL), 0);
}

static int
setup(void **state)
{
	struct iface p7 = { .type = IFACE_PORT, .port = 7, .mtu = 1500, .name = "p7" };
	uint16_t index;

	table = iface_table_create(NULL);
	if (table == NULL || iface_insert(table, &p7, &index, NULL) != 0)
		return -1;
	vlan_insert("v100", true, &(struct vlan_tags){ 1, { { ETHER_TYPE_VLAN, 100 } } });
	vlan_insert("v100.5", true,
		&(struct vlan_tags){ 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } });
	vlan_insert("v200", false, &(struct vlan_tags){ 1, { { ETHER_TYPE_VLAN, 200 } } });
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static int
teardown(void **state)
{
	iface_table_destroy(table);
	return test_eal_teardown(state);
}

static struct rte_mbuf *
input_by(const struct iface *by, const struct packet *packet)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);

	/* What drivers and earlier owners may leave behind. */
	pkt->tx_offload = UINT64_MAX;
	memset(pkt_meta(pkt), 0xff, sizeof(struct pkt_meta));
	in.count = 0;
	pkt_vec_append(&in, pkt);
	ether_input(by, table, &in, &out);
	assert_int_equal(ip4.count + ip6.count + punts.count + drops.count, 1);
	return pkt;
}

static struct rte_mbuf *
input(const struct packet *packet)
{
	return input_by(&iface, packet);
}

/* It went into this vector; and it goes. */
static void
assert_in(struct pkt_vec *vec, struct rte_mbuf *pkt)
{
	assert_int_equal(vec->count, 1);
	assert_ptr_equal(vec->pkts[0], pkt);
	vec->count = 0;
	rte_pktmbuf_free(pkt);
}

static void
assert_dropped(struct rte_mbuf *pkt, enum drop_reason reason)
{
	assert_string_equal(drop_reason_name(pkt_meta(pkt)->reason), drop_reason_name(reason));
	assert_int_equal(pkt_meta(pkt)->iface, 7);
	assert_in(&drops, pkt);
}

static void
test_by_type(void **state)
{
	struct rte_mbuf *pkt = input(PACKET(.src = "10.0.0.2", .dst = "10.0.0.1"));

	assert_int_equal(pkt->l2_len, ETHER_HDR_LENGTH);
	assert_int_equal(pkt->l3_len, 0);
	assert_int_equal(pkt_meta(pkt)->iface, 7);
	assert_int_equal(pkt_meta(pkt)->flags, 0);
	assert_int_equal(pkt_meta(pkt)->trace, 0);
	assert_in(&ip4, pkt);
	assert_in(&ip6, input(PACKET(.src = "2001:db8::2", .dst = "2001:db8::1")));
	pkt = input(PACKET(.eth_type = ETHER_TYPE_ARP, .payload_length = 46));
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_ARP);
	assert_int_equal(pkt->l2_len, ETHER_HDR_LENGTH);
	assert_in(&punts, pkt);
}

static void
test_refuses(void **state)
{
	static const int unknown[] = { PACKET_ZERO, 46, 1500, 0x07ff, 0x0801, 0x86dc, 0x8847,
		0x88cc, 0xffff };

	for (unsigned i = 0; i < RTE_DIM(unknown); i++)
		assert_dropped(input(PACKET(.eth_type = unknown[i], .payload_length = 46)),
			DROP_ether_unknown_type);
	for (uint16_t length = 1; length < ETHER_HDR_LENGTH; length++)
		assert_dropped(
			input(PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .truncate = length)),
			DROP_ether_truncated);
	/* A header that is spread over segments is none. */
	assert_dropped(input(PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .segment = 13)),
		DROP_ether_truncated);
	assert_dropped(
		input(PACKET(.eth_src = "03:00:00:00:02:00", .src = "10.0.0.2", .dst = "10.0.0.1")),
		DROP_ether_bad_src);
	assert_dropped(
		input(PACKET(.eth_src = "ff:ff:ff:ff:ff:ff", .src = "10.0.0.2", .dst = "10.0.0.1")),
		DROP_ether_bad_src);
}

/* IEEE 802.3: 14 bytes are a frame, if hardly one. */
static void
test_shortest(void **state)
{
	assert_in(&ip4, input(PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .truncate = 14)));
}

/* One bit of the address that differs makes it another's. */
static void
test_not_ours(void **state)
{
	for (unsigned bit = 0; bit < 48; bit++) {
		struct mac_addr mac = iface.mac;
		char text[MAC_TEXT_MAX];
		struct rte_mbuf *pkt;

		mac.bytes[bit / 8] ^= 1U << bit % 8;
		pkt = input(PACKET(.eth_dst = mac_addr_format(&mac, text), .src = "10.0.0.2",
			.dst = "10.0.0.1"));
		if (bit == 0) /* a group's */
			assert_in(&ip4, pkt);
		else
			assert_dropped(pkt, DROP_ether_not_ours);
	}
}

static void
test_groups(void **state)
{
	static const char *const groups[] = { "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01",
		"33:33:00:00:00:01" };

	for (unsigned i = 0; i < RTE_DIM(groups); i++) {
		struct rte_mbuf *pkt =
			input(PACKET(.eth_dst = groups[i], .src = "10.0.0.2", .dst = "10.0.0.1"));

		assert_int_equal(pkt_meta(pkt)->flags, PKT_L2_GROUP);
		assert_in(&ip4, pkt);
	}
}

/* Tags decide the interface, and are part of the link header. */
static void
test_vlans(void **state)
{
	static const struct {
		struct vlan_tags tags;
		uint16_t iface;
	} known[] = {
		{ { 1, { { ETHER_TYPE_VLAN, 100 } } }, 1 },
		{ { 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } }, 2 },
		/* A priority without a VLAN belongs to the port: IEEE 802.1Q-2018 6.9.1. */
		{ { 1, { { ETHER_TYPE_VLAN, 0 } } }, 7 },
	};

	for (unsigned i = 0; i < RTE_DIM(known); i++) {
		struct rte_mbuf *pkt =
			input(PACKET(.vlan = known[i].tags, .src = "10.0.0.2", .dst = "10.0.0.1"));

		assert_int_equal(pkt_meta(pkt)->iface, known[i].iface);
		assert_int_equal(pkt->l2_len, vlan_hdr_length(&known[i].tags));
		assert_int_equal(*pkt_l3(pkt, const uint8_t *), 0x45);
		assert_in(&ip4, pkt);
		pkt = input(PACKET(.vlan = known[i].tags, .eth_type = ETHER_TYPE_ARP,
			.eth_dst = "ff:ff:ff:ff:ff:ff", .payload_length = 28));
		assert_int_equal(pkt_meta(pkt)->iface, known[i].iface);
		assert_in(&punts, pkt);
	}
}

static void
test_refused_vlans(void **state)
{
	static const struct vlan_tags unknown[] = {
		{ 1, { { ETHER_TYPE_VLAN, 99 } } },
		{ 1, { { ETHER_TYPE_VLAN, 4095 } } },
		{ 1, { { ETHER_TYPE_QINQ, 100 } } },
		{ 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 6 } } },
		{ 2, { { ETHER_TYPE_VLAN, 5 }, { ETHER_TYPE_VLAN, 100 } } },
		{ 2, { { ETHER_TYPE_VLAN, 200 }, { ETHER_TYPE_VLAN, 5 } } },
	};
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < RTE_DIM(unknown); i++)
		assert_dropped(
			input(PACKET(.vlan = unknown[i], .src = "10.0.0.2", .dst = "10.0.0.1")),
			DROP_ether_unknown_vlan);
	/* A third tag. */
	pkt = input(PACKET(.vlan = { 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } },
		.eth_type = ETHER_TYPE_VLAN, .payload_length = 46));
	assert_int_equal(pkt_meta(pkt)->reason, DROP_ether_unknown_vlan);
	assert_in(&drops, pkt);
	pkt = input(PACKET(.vlan = { 1, { { ETHER_TYPE_VLAN, 200 } } }, .src = "10.0.0.2",
		.dst = "10.0.0.1"));
	assert_int_equal(pkt_meta(pkt)->reason, DROP_rx_no_iface);
	assert_in(&drops, pkt);
	for (uint16_t length = ETHER_HDR_LENGTH; length < ETHER_HDR_LENGTH + 8; length++)
		assert_dropped(input(PACKET(.vlan = unknown[3], .src = "10.0.0.2",
				       .dst = "10.0.0.1", .truncate = length)),
			DROP_ether_truncated);
	/* Another's address, behind a tag. */
	pkt = input(PACKET(.vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
		.eth_dst = "02:00:00:00:01:09", .src = "10.0.0.2", .dst = "10.0.0.1"));
	assert_int_equal(pkt_meta(pkt)->reason, DROP_ether_not_ours);
	assert_in(&drops, pkt);
}

/* Frames to groups, and all of VLANs, whatever becomes of them; the rest is counted by queues. */
static void
test_counts(void **state)
{
	const struct vlan_tags v100 = { 1, { { ETHER_TYPE_VLAN, 100 } } };
	static const char *const dsts[] = { "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01",
		"02:00:00:00:01:00", "02:00:00:00:01:09" };

	memset(counted, 0, sizeof(counted));
	counters[7] = &counted[7];
	counters[1] = &counted[1];
	for (unsigned i = 0; i < RTE_DIM(dsts); i++) {
		rte_pktmbuf_free(
			input(PACKET(.eth_dst = dsts[i], .src = "10.0.0.2", .dst = "10.0.0.1")));
		ip4.count = drops.count = 0;
		rte_pktmbuf_free(input(PACKET(.eth_dst = dsts[i], .src = "10.0.0.2",
			.dst = "10.0.0.1", .vlan = v100)));
		ip4.count = drops.count = 0;
	}
	/* Unknown VLANs are the port's, and what ends in its tags. */
	assert_dropped(input(PACKET(.eth_dst = dsts[0], .src = "10.0.0.2", .dst = "10.0.0.1",
			       .vlan = { 1, { { ETHER_TYPE_VLAN, 99 } } })),
		DROP_ether_unknown_vlan);
	assert_dropped(
		input(PACKET(.eth_dst = dsts[1], .eth_type = ETHER_TYPE_VLAN, .truncate = 16)),
		DROP_ether_truncated);
	counters[7] = counters[1] = NULL;
	assert_int_equal(counted[7].rx_broadcast, 2);
	assert_int_equal(counted[7].rx_multicast, 2);
	assert_int_equal(counted[7].rx_packets, 0);
	assert_int_equal(counted[1].rx_broadcast, 1);
	assert_int_equal(counted[1].rx_multicast, 1);
	assert_int_equal(counted[1].rx_packets, 4);
	assert_int_equal(counted[1].rx_bytes, 4 * (14 + 4 + 28));
}

/* It carries no IP, but VLANs. */
static void
test_l2_only(void **state)
{
	static const char *const dsts[] = { "ff:ff:ff:ff:ff:ff", "02:00:00:00:01:00",
		"02:00:00:00:01:09" };
	struct iface l2_only = iface;

	l2_only.l2_only = true;
	for (unsigned i = 0; i < RTE_DIM(dsts); i++) {
		assert_dropped(
			input_by(&l2_only,
				PACKET(.eth_dst = dsts[i], .src = "10.0.0.2", .dst = "10.0.0.1")),
			DROP_ether_l2_only);
		assert_dropped(input_by(&l2_only,
				       PACKET(.eth_dst = dsts[i], .src = "2001:db8::2",
					       .dst = "2001:db8::1")),
			DROP_ether_l2_only);
		assert_dropped(input_by(&l2_only,
				       PACKET(.eth_dst = dsts[i], .eth_type = ETHER_TYPE_ARP,
					       .payload_length = 28)),
			DROP_ether_l2_only);
	}
	assert_in(&ip4,
		input_by(&l2_only,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.1",
				.vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } })));
}

/* Reached by them as by its own, in VLANs as well. */
static void
test_added_macs(void **state)
{
	struct iface more = iface;

	more.mac_count = 2;
	more.macs[0] = (struct mac_addr){ { 0, 0, 0x5e, 0, 1, 7 } };
	more.macs[1] = (struct mac_addr){ { 2, 0, 0, 0, 1, 9 } };
	assert_in(&ip4,
		input_by(&more,
			PACKET(.eth_dst = "00:00:5e:00:01:07", .src = "10.0.0.2",
				.dst = "10.0.0.1")));
	assert_in(&ip6,
		input_by(&more,
			PACKET(.eth_dst = "02:00:00:00:01:09", .src = "2001:db8::2",
				.dst = "2001:db8::1",
				.vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } })));
	assert_dropped(input_by(&more,
			       PACKET(.eth_dst = "00:00:5e:00:01:08", .src = "10.0.0.2",
				       .dst = "10.0.0.1")),
		DROP_ether_not_ours);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_by_type, test_pool_check),
		cmocka_unit_test_teardown(test_refuses, test_pool_check),
		cmocka_unit_test_teardown(test_shortest, test_pool_check),
		cmocka_unit_test_teardown(test_not_ours, test_pool_check),
		cmocka_unit_test_teardown(test_groups, test_pool_check),
		cmocka_unit_test_teardown(test_vlans, test_pool_check),
		cmocka_unit_test_teardown(test_refused_vlans, test_pool_check),
		cmocka_unit_test_teardown(test_counts, test_pool_check),
		cmocka_unit_test_teardown(test_l2_only, test_pool_check),
		cmocka_unit_test_teardown(test_added_macs, test_pool_check),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
