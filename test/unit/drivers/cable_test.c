/* SPDX-License-Identifier: BSD-3-Clause */
/* A cable between two ports: links, addresses, sizes, rings and pools. */
#include "unit/drivers/cable_fixture.h"

#include "base/name.h"

static bool
is_up(const struct cable_fixture *f, unsigned end)
{
	struct port_link link;

	f->ports[end]->ops->link(f->ports[end], &link);
	return link.up;
}

static struct port_stats
stats_of(const struct cable_fixture *f, unsigned end)
{
	struct port_stats stats;

	assert_int_equal(f->ports[end]->ops->stats(f->ports[end], &stats), 0);
	return stats;
}

/* What is sent arrives, both ways, in the receiver's buffers. */
static void
test_delivery(void **state)
{
	struct cable_fixture f;

	cable_fixture_create(&f, "", 2);
	for (unsigned from = 0; from < 2; from++) {
		struct rte_mbuf *sent = cable_fixture_mbuf(&f, from, .payload_length = 700);
		uint8_t bytes[PACKET_MAX], received[PACKET_MAX];
		size_t length = packet_bytes(sent, bytes);
		struct port_stats stats;
		struct rte_mbuf *pkt;

		cable_fixture_send_mbuf(&f, from, sent);
		assert_int_equal(test_pool_in_use(), 0);
		pkt = cable_fixture_take(&f, !from, NULL);
		assert_non_null(pkt);
		assert_ptr_equal(pkt->pool, f.pools[!from]);
		assert_int_equal(packet_bytes(pkt, received), length);
		assert_memory_equal(bytes, received, length);
		rte_pktmbuf_free(pkt);
		assert_null(cable_fixture_take(&f, from, NULL));
		stats = stats_of(&f, from);
		assert_int_equal(stats.tx_packets, 1);
		assert_int_equal(stats.tx_bytes, length);
		stats = stats_of(&f, !from);
		assert_int_equal(stats.rx_packets, 1);
		assert_int_equal(stats.rx_bytes, length);
		assert_int_equal(cable_fixture_counters(&f, from).delivered_bytes, length);
	}
	cable_fixture_destroy(&f);
}

/* The link is up while both ends are there, started and plugged in; else what is sent is lost. */
static void
test_link(void **state)
{
	const struct port_config config = { .rxq_count = 1, .txq_count = 1 };
	struct error err = { 0 };
	struct cable_fixture f;

	cable_fixture_pools(&f);
	cable_fixture_add(&f, 0, "", &config);
	assert_false(is_up(&f, 0));
	/* Nobody has sent anything yet. */
	assert_int_equal(stats_of(&f, 0).rx_missed, 0);
	assert_int_equal(stats_of(&f, 0).rx_errors, 0);
	cable_fixture_send(&f, 0, .eth_dst = "ff:ff:ff:ff:ff:ff");
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_link_down], 1);
	cable_fixture_add(&f, 1, "", &config);
	assert_true(is_up(&f, 0));
	assert_true(is_up(&f, 1));
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);

	f.ports[1]->ops->stop(f.ports[1]);
	assert_false(is_up(&f, 0));
	cable_fixture_send(&f, 0);
	assert_int_equal(port_start(f.ports[1], &err), 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	for (unsigned end = 0; end < 2; end++) {
		cable_plug(f.ports[end], false);
		assert_false(cable_is_plugged(f.ports[end]));
		assert_false(is_up(&f, 0));
		assert_false(is_up(&f, 1));
		cable_plug(f.ports[end], true);
		assert_true(is_up(&f, 1));
	}
	/* Another one comes in its place: its counters start anew, the others go on. */
	cable_fixture_remove(&f, 1);
	assert_false(is_up(&f, 0));
	cable_fixture_add(&f, 1, "", &config);
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(stats_of(&f, 1).rx_packets, 1);
	assert_int_equal(cable_fixture_counters(&f, 0).sent, 4);
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_link_down], 2);
	cable_fixture_destroy(&f);
}

/* What waits in the queues of an end that stops is given back, and counted as missed. */
static void
test_stop_with_packets(void **state)
{
	struct cable_fixture f;

	cable_fixture_create(&f, "", 4);
	for (uint16_t i = 0; i < 100; i++)
		cable_fixture_send(&f, 0, .src_port = i);
	assert_int_equal(rte_mempool_in_use_count(f.pools[1]), 100);
	assert_int_equal(stats_of(&f, 1).rx_missed, 0);
	f.ports[1]->ops->stop(f.ports[1]);
	assert_int_equal(stats_of(&f, 1).rx_missed, 100);
	cable_fixture_destroy(&f);
}

static void
test_filter(void **state)
{
	static const char *const group = "01:00:5e:00:00:05", *const other = "02:99:00:00:00:01",
				 *const broadcast = "ff:ff:ff:ff:ff:ff";
	const struct port_ops *ops = &cable_port_ops;
	struct mac_addr group_mac, other_mac, own;
	struct cable_fixture f;
	struct error err = { 0 };

	cable_fixture_create(&f, "", 1);
	mac_addr_parse(group, &group_mac);
	mac_addr_parse(other, &other_mac);
	own = f.ports[1]->mac;
	/* All groups at first, and what is sent to itself. */
	cable_fixture_send(&f, 0, .eth_dst = group);
	cable_fixture_send(&f, 0, .eth_dst = broadcast);
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 3);
	cable_fixture_send(&f, 0, .eth_dst = other);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_filtered], 1);

	assert_int_equal(ops->set_groups(f.ports[1], &other_mac, 1, &err), 0);
	cable_fixture_send(&f, 0, .eth_dst = group);
	cable_fixture_send(&f, 0, .eth_dst = broadcast);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(ops->set_groups(f.ports[1], &group_mac, 1, &err), 0);
	cable_fixture_send(&f, 0, .eth_dst = group);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);

	assert_int_equal(ops->add_mac(f.ports[1], &other_mac, &err), 0);
	cable_fixture_send(&f, 0, .eth_dst = other);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(ops->remove_mac(f.ports[1], &other_mac, &err), 0);
	assert_int_equal(ops->remove_mac(f.ports[1], &other_mac, &err), -ENOENT);
	cable_fixture_send(&f, 0, .eth_dst = other);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	assert_int_equal(ops->set_promiscuous(f.ports[1], true, &err), 0);
	cable_fixture_send(&f, 0, .eth_dst = other);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(ops->set_promiscuous(f.ports[1], false, &err), 0);
	assert_int_equal(ops->set_mac(f.ports[1], &other_mac, &err), 0);
	assert_true(mac_addr_equal(&f.ports[1]->mac, &other_mac));
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(ops->set_mac(f.ports[1], &own, &err), 0);
	cable_fixture_send(&f, 0, .eth_dst = other);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	cable_fixture_destroy(&f);
}

/* The sender's MTU refuses, the receiver's loses; tags do not count. Jumbo frames take several
 * buffers. */
static void
test_mtu(void **state)
{
	const struct vlan_tags tags = { .count = 2,
		.tags = { { ETHER_TYPE_QINQ, 5 }, { ETHER_TYPE_VLAN, 6 } } };
	const struct port_ops *ops = &cable_port_ops;
	struct error err = { 0 };
	char mac[MAC_TEXT_MAX];
	struct cable_fixture f;
	struct rte_mbuf *pkt;

	cable_fixture_create(&f, "", 1);
	cable_fixture_send(&f, 0, .payload_length = 1472, .vlan = tags);
	cable_fixture_send(&f, 0, .payload_length = 1473);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 1);
	assert_int_equal(stats_of(&f, 0).tx_errors, 1);
	assert_int_equal(ops->set_mtu(f.ports[0], 9600, &err), 0);
	cable_fixture_send(&f, 0, .payload_length = 1473);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_oversize], 1);
	assert_int_equal(stats_of(&f, 1).rx_errors, 1);

	/* One that fails changes nothing. */
	assert_int_equal(ops->set_mtu(f.ports[0], PORT_MTU_MAX + 1, &err), -EINVAL);
	assert_int_equal(ops->set_mtu(f.ports[0], PORT_MTU_MIN - 1, &err), -EINVAL);
	assert_int_equal(f.ports[0]->config.mtu, 9600);
	assert_int_equal(ops->set_mtu(f.ports[1], 9600, &err), 0);
	cable_fixture_send(&f, 0, .payload_length = 9572, .segment = 1000);
	pkt = cable_fixture_take(&f, 1, NULL);
	assert_non_null(pkt);
	assert_int_equal(pkt->nb_segs, 5);
	assert_int_equal(pkt->pkt_len, 9614);
	assert_true(rte_mbuf_check(pkt, 1, &(const char *){ NULL }) == 0);
	packet_assert(pkt, .src = "10.0.0.1", .dst = "10.0.0.2", .payload_length = 9572,
		.eth_dst = mac_addr_format(&f.ports[1]->mac, mac));
	rte_pktmbuf_free(pkt);
	cable_fixture_destroy(&f);
}

/* A frame of which not even an Ethernet header is there is none. */
static void
test_runt(void **state)
{
	const struct cable_impair cut = { .truncate = RANDOM_PPB };
	struct cable_counters counters;
	struct error err = { 0 };
	struct cable_fixture f;

	cable_fixture_create(&f, "", 1);
	cable_fixture_send_mbuf(&f, 0, test_mbuf("too short", 9));
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 1);
	for (uint16_t length = 14; length < 60; length++)
		cable_fixture_send(&f, 0, .truncate = length, .vlan.count = length % 3,
			.vlan.tags = { { ETHER_TYPE_QINQ, 5 }, { ETHER_TYPE_VLAN, 6 } });
	assert_int_equal(cable_fixture_flush(&f, 1), 46);
	assert_int_equal(cable_impair_set(f.ports[0], &cut, &err), 0);
	for (unsigned i = 0; i < 400; i++)
		cable_fixture_send(&f, 0, .payload_length = 18);
	counters = cable_fixture_counters(&f, 0);
	assert_int_equal(counters.truncated, 400);
	/* Of 59 lengths 13 are too short. */
	assert_in_range(counters.lost[CABLE_LOST_runt], 50, 130);
	assert_int_equal(stats_of(&f, 1).rx_errors, counters.lost[CABLE_LOST_runt]);
	assert_int_equal(cable_fixture_flush(&f, 1), 400 - counters.lost[CABLE_LOST_runt]);
	cable_fixture_destroy(&f);
}

/* So many descriptors, and so many buffers. */
static void
test_limits(void **state)
{
	struct port_config config = { .rxq_count = 1, .txq_count = 1, .rxd_count = 100 };
	struct rte_mbuf *held[CABLE_FIXTURE_POOL];
	struct cable_fixture f;

	cable_fixture_pools(&f);
	cable_fixture_add(&f, 0, "", &config);
	cable_fixture_add(&f, 1, "", &config);
	assert_int_equal(f.ports[1]->config.rxd_count, 100);
	for (unsigned i = 0; i < 103; i++)
		cable_fixture_send(&f, 0);
	assert_int_equal(stats_of(&f, 1).rx_missed, 3);
	assert_true(stats_of(&f, 1).rx_missed_known);
	assert_int_equal(cable_fixture_flush(&f, 1), 100);

	/* A jumbo frame needs five. */
	assert_int_equal(cable_port_ops.set_mtu(f.ports[0], 9600, NULL), 0);
	assert_int_equal(cable_port_ops.set_mtu(f.ports[1], 9600, NULL), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(f.pools[1], held, CABLE_FIXTURE_POOL - 4), 0);
	cable_fixture_send(&f, 0, .payload_length = 9000);
	assert_int_equal(stats_of(&f, 1).rx_nombuf, 1);
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	rte_pktmbuf_free_bulk(held, CABLE_FIXTURE_POOL - 4);
	cable_fixture_counters(&f, 0);
	cable_fixture_destroy(&f);
}

/* A call takes as many buffers as there are descriptors; a packet of more is never sent. */
static void
test_tx_descriptors(void **state)
{
	struct port_config config = { .rxq_count = 1, .txq_count = 1, .txd_count = 40 };
	const struct port_ops *ops = &cable_port_ops;
	static const uint8_t frame[41 * 20];
	struct rte_mbuf *pkts[64];
	struct cable_fixture f;

	cable_fixture_pools(&f);
	cable_fixture_add(&f, 0, "", &config);
	config.txd_count = 1;
	cable_fixture_add(&f, 1, "", &config);
	assert_int_equal(f.ports[0]->config.txd_count, 40);
	assert_int_equal(f.ports[1]->config.txd_count, CABLE_RXD_MIN);
	for (unsigned i = 0; i < 64; i++)
		pkts[i] = cable_fixture_mbuf(&f, 0, .src_port = (uint16_t)i);
	assert_int_equal(ops->tx(f.ports[0]->driver, 0, pkts, 64), 40);
	assert_int_equal(test_pool_in_use(), 24);
	assert_int_equal(ops->tx(f.ports[0]->driver, 0, pkts + 40, 24), 24);
	assert_int_equal(cable_fixture_flush(&f, 1), 64);

	pkts[0] = test_mbuf_chain(frame, sizeof(frame), 20);
	pkts[1] = cable_fixture_mbuf(&f, 0, .payload_length = 700, .segment = 20);
	pkts[2] = cable_fixture_mbuf(&f, 0, .payload_length = 700, .segment = 20);
	assert_int_equal(pkts[0]->nb_segs, 41);
	assert_in_range(pkts[1]->nb_segs, 21, 40);
	assert_int_equal(ops->tx(f.ports[0]->driver, 0, pkts, 3), 2);
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 1);
	assert_int_equal(ops->tx(f.ports[0]->driver, 0, pkts + 2, 1), 1);
	assert_int_equal(cable_fixture_flush(&f, 1), 2);
	cable_fixture_destroy(&f);
}

static void
test_arguments(void **state)
{
	static const struct {
		const char *args, *error;
	} cases[] = {
		{ "", "a cable has a peer: \"peer NAME\"" },
		{ "peer", "\"peer\" of a cable needs a value" },
		{ "peer p0", "p0 cannot be its own peer" },
		{ "peer 7", "bad name \"7\": " NAME_RULE },
		{ "peer b key 41", "an RSS key has 40 or 52 bytes, not \"41\"" },
		{ "peer b offloads rx-magic",
			"\"rx-magic\" is no offload: 'port show PORT' names those of a port" },
		{ "peer b offloads rx-lro,rx-l4-checksum",
			"rx-lro needs rx-ipv4-checksum and rx-l4-checksum, too: \"all,rx-lro\"" },
		{ "peer b speed 5",
			"a cable has no \"speed\": peer, end, key, flight and offloads are known" },
		{ "peer x", "x has another peer: y" },
		{ "end x peer z", "a cable has an end x already, with the peer y" },
		{ "end x peer y", "a cable has an end x already, with the peer y" },
	};
	struct port_table table = { 0 };
	struct cable_fixture f;
	struct port *port;

	cable_fixture_create(&f, "offloads rx-rss-hash,tx-l4-checksum", 1);
	assert_int_equal(f.ports[0]->offloads, PORT_RX_RSS_HASH | PORT_TX_L4_CHECKSUM);
	assert_string_equal(cable_end_name(f.ports[0]), "x");
	assert_string_equal(cable_peer_name(f.ports[0]), "y");
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct error err = { 0 };

		assert_true(
			port_create(&table, &cable_port_ops, "p0", cases[i].args, &port, &err) < 0);
		assert_string_equal(err.text, cases[i].error);
	}
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_delivery, test_pool_check),
		cmocka_unit_test_teardown(test_link, test_pool_check),
		cmocka_unit_test_teardown(test_stop_with_packets, test_pool_check),
		cmocka_unit_test_teardown(test_filter, test_pool_check),
		cmocka_unit_test_teardown(test_mtu, test_pool_check),
		cmocka_unit_test_teardown(test_runt, test_pool_check),
		cmocka_unit_test_teardown(test_limits, test_pool_check),
		cmocka_unit_test_teardown(test_tx_descriptors, test_pool_check),
		cmocka_unit_test_teardown(test_arguments, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
