/* SPDX-License-Identifier: BSD-3-Clause */
/* The ethdev driver on DPDK's devices that need neither hardware nor privileges. */
#include "ethdev/ethdev.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_log.h>

#include "support/eal.h"

#define FRAME    60
#define CAPTURED 5
/* What packets carry when they are sent, and must not when they come back. */
#define STALE_FLAGS (RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_VLAN)

static struct port_table table;
static struct rte_mempool *pools[PORT_QUEUE_MAX];
static char folder[] = "spate_ethdev_XXXXXX";

static int
group_setup(void **state)
{
	if (test_eal_setup(state) != 0 || pkt_init() != 0 || mkdtemp(folder) == NULL)
		return -1;
	/* Devices that cannot be made are what is tested: DPDK need not shout. */
	rte_log_set_global_level(RTE_LOG_CRIT);
	for (unsigned i = 0; i < PORT_QUEUE_MAX; i++)
		pools[i] = test_pool();
	return 0;
}

static int
group_teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return test_eal_teardown(state) != 0 || system(command) != 0;
}

static struct port *
open_port(const char *args)
{
	struct error err = { 0 };
	struct port *port;

	if (port_create(&table, &ethdev_port_ops, "p0", args, &port, &err) != 0)
		fail_msg("port_create: %s", err.text);
	return port;
}

static void
configure(struct port *port, uint16_t rxq_count, uint16_t txq_count)
{
	struct error err = { 0 };

	port->config = (struct port_config){ .rxq_count = rxq_count, .txq_count = txq_count };
	if (port_configure(port, pools, &err) != 0)
		fail_msg("port_configure: %s", err.text);
}

static void
start(struct port *port)
{
	struct error err = { 0 };

	if (port->ops->start(port, &err) != 0)
		fail_msg("start: %s", err.text);
}

static void
close_port(struct port *port)
{
	port_unpublish(&table, port);
	port_destroy(port);
}

static void
send_frames(struct port *port, uint16_t queue, unsigned count)
{
	static const uint8_t bytes[FRAME] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct pkt_vec vec = { 0 }, drops = { 0 };

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = test_mbuf(bytes, sizeof(bytes));

		pkt->ol_flags = STALE_FLAGS;
		pkt_vec_append(&vec, pkt);
	}
	assert_int_equal(port_tx(port, queue, &vec, &drops), count);
	assert_int_equal(drops.count, 0);
}

static unsigned
receive_frames(struct port *port, uint16_t queue)
{
	struct pkt_vec vec = { 0 };

	port_rx(port, queue, &vec);
	for (uint32_t i = 0; i < vec.count; i++)
		assert_int_equal(vec.pkts[i]->ol_flags & STALE_FLAGS, 0);
	rte_pktmbuf_free_bulk(vec.pkts, vec.count);
	return vec.count;
}

/* A capture of CAPTURED broadcast frames. */
static void
capture_write(const char *path)
{
	static const uint32_t header[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 };
	static const uint32_t record[] = { 1, 0, FRAME, FRAME };
	uint8_t frame[FRAME];
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	memset(frame, 0xff, sizeof(frame));
	fwrite(header, sizeof(header), 1, file);
	for (unsigned i = 0; i < CAPTURED; i++) {
		fwrite(record, sizeof(record), 1, file);
		fwrite(frame, sizeof(frame), 1, file);
	}
	assert_int_equal(fclose(file), 0);
}

static long
file_size(const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	fclose(file);
	return size;
}

/* Twice over: what is closed leaves nothing behind that hinders the next. */
static void
null_device(void **state)
{
	for (unsigned round = 0; round < 2; round++) {
		struct port *port = open_port("net_null0,size=64");
		struct port_xstat xstats[100];
		struct port_stats stats;
		struct port_link link;

		assert_string_equal(port->device_name, "net_null0");
		assert_string_equal(port->driver_name, "net_null");
		assert_false(port->args_pci);
		assert_false(mac_addr_is_zero(&port->mac));
		assert_int_equal(port->rxq_max, PORT_QUEUE_MAX);
		configure(port, 2, 3);
		assert_int_equal(port->config.rxq_count, 2);
		assert_int_equal(port->config.txq_count, 3);
		assert_int_equal(port->config.mtu, 1500);
		assert_in_range(port->config.rxd_count, 1, UINT16_MAX);
		assert_int_equal(port->offloads & PORT_RX_RSS_HASH, 0);
		assert_int_equal(port->rx_flags_clear, 0);

		start(port);
		port->ops->link(port, &link);
		assert_true(link.up);
		assert_int_equal(receive_frames(port, 0), PKT_BURST);
		assert_int_equal(receive_frames(port, 1), PKT_BURST);
		send_frames(port, 2, 10);
		assert_int_equal(port->ops->stats(port, &stats), 0);
		assert_int_equal(stats.rx_packets, 2 * PKT_BURST);
		assert_int_equal(stats.tx_packets, 10);
		assert_in_range(port->ops->xstats(port, xstats, 100), 1, 100);
		assert_string_equal(xstats[0].name, "rx_good_packets");
		assert_int_equal(xstats[0].value, 2 * PKT_BURST);
		assert_int_equal(port->ops->set_promiscuous(port, true, NULL), 0);
		assert_true(port->promiscuous);

		/* And again with other queues. */
		port->ops->stop(port);
		configure(port, 1, 1);
		start(port);
		assert_int_equal(receive_frames(port, 0), PKT_BURST);
		close_port(port);
		assert_int_equal(rte_eth_dev_count_total(), 0);
	}
}

/* What goes out comes back on the same queue, without the flags that it had. */
static void
ring_device(void **state)
{
	struct mac_addr mac = { { 0 } };

	for (unsigned round = 0; round < 2; round++) {
		struct port *port = open_port("net_ring0");

		configure(port, 2, 2);
		start(port);
		/* It has no address; ours is the same each time. */
		assert_false(mac_addr_is_group(&port->mac));
		assert_int_equal(port->mac.bytes[0] & 2, 2);
		if (round > 0)
			assert_true(mac_addr_equal(&port->mac, &mac));
		mac = port->mac;

		send_frames(port, 0, 7);
		send_frames(port, 1, 3);
		assert_int_equal(receive_frames(port, 0), 7);
		assert_int_equal(receive_frames(port, 1), 3);
		assert_int_equal(receive_frames(port, 0), 0);
		/* What is left in the rings is not lost. */
		send_frames(port, 1, 100);
		port->ops->stop(port);
		close_port(port);
		assert_int_equal(test_pool_in_use(), 0);
	}
}

static void
pcap_device(void **state)
{
	char args[256], in[64], out[64];

	snprintf(in, sizeof(in), "%s/in.pcap", folder);
	snprintf(out, sizeof(out), "%s/out.pcap", folder);
	snprintf(args, sizeof(args), "net_pcap0,rx_pcap=%s,rx_pcap=%s,tx_pcap=%s", in, in, out);
	capture_write(in);
	for (unsigned round = 0; round < 2; round++) {
		struct port *port = open_port(args);

		/* As many queues as files. */
		assert_int_equal(port->rxq_max, 2);
		assert_int_equal(port->txq_max, 1);
		configure(port, 4, 4);
		assert_int_equal(port->config.rxq_count, 2);
		assert_int_equal(port->config.txq_count, 1);
		start(port);
		assert_int_equal(receive_frames(port, 0), CAPTURED);
		assert_int_equal(receive_frames(port, 1), CAPTURED);
		assert_int_equal(receive_frames(port, 0), 0);
		send_frames(port, 0, CAPTURED);
		close_port(port);
		assert_int_equal(file_size(out), file_size(in));
	}
}

/* With one direction only, DPDK makes up a queue for the other. */
static void
pcap_one_way(void **state)
{
	char args[256], in[64], out[64];
	struct port *port;

	snprintf(in, sizeof(in), "%s/in.pcap", folder);
	snprintf(out, sizeof(out), "%s/only.pcap", folder);
	capture_write(in);
	snprintf(args, sizeof(args), "net_pcap0,rx_pcap=%s", in);
	port = open_port(args);
	configure(port, 1, 1);
	start(port);
	assert_int_equal(receive_frames(port, 0), CAPTURED);
	send_frames(port, 0, 3);
	close_port(port);

	snprintf(args, sizeof(args), "net_pcap0,tx_pcap=%s", out);
	port = open_port(args);
	configure(port, 1, 1);
	start(port);
	assert_int_equal(receive_frames(port, 0), 0);
	send_frames(port, 0, 3);
	close_port(port);
	assert_true(file_size(out) > 3 * FRAME);
}

static void
wrong_devices(void **state)
{
	static const struct {
		const char *args;
		int ret;
		const char *says;
	} cases[] = {
		{ "", -EINVAL, "no device" },
		{ ",size=64", -EINVAL, "no device" },
		{ "net_foo0", -ENODEV, "no driver for net_foo0" },
		{ "net_foo0", -ENODEV, "net_tap, net_pcap" },
		{ "0000:ff:1f.7", -ENODEV, "no PCI device 0000:ff:1f.7" },
		{ "ff:1f.7", -ENODEV, "no PCI device 0000:ff:1f.7" },
		{ "net_pcap0,rx_pcap=/nonexistent", -EIO, "usage: net_pcap0,rx_pcap=FILE" },
		{ "crypto_null0", -ENODEV, "not a network device" },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct error err = { 0 };
		struct port *port;

		assert_int_equal(
			port_create(&table, &ethdev_port_ops, "p0", cases[i].args, &port, &err),
			cases[i].ret);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("\"%s\": %s", cases[i].args, err.text);
	}
	assert_int_equal(rte_eth_dev_count_total(), 0);
	/* What was attached in vain is detached. */
	assert_int_not_equal(rte_eal_hotplug_remove("vdev", "crypto_null0"), 0);
}

/* A name is one device: not twice, and not with other arguments than it has. */
static void
devices_in_use(void **state)
{
	struct port *port = open_port("net_null0"), *other;
	struct error err = { 0 };

	assert_int_equal(
		port_create(&table, &ethdev_port_ops, "p1", "net_null0", &other, &err), -EBUSY);
	assert_non_null(strstr(err.text, "in use by spate"));
	assert_int_equal(
		port_create(&table, &ethdev_port_ops, "p1", "net_null0,size=9", &other, &err),
		-EBUSY);
	close_port(port);

	/* As with EAL's --vdev. */
	assert_int_equal(rte_dev_probe("net_null7,size=80"), 0);
	assert_int_equal(
		port_create(&table, &ethdev_port_ops, "p1", "net_null7,size=9", &other, &err),
		-EEXIST);
	port = open_port("net_null7");
	configure(port, 1, 1);
	start(port);
	assert_int_equal(receive_frames(port, 0), PKT_BURST);
	assert_int_equal(port->rxq_counters[0].bytes, 80 * PKT_BURST);
	close_port(port);
	assert_int_equal(rte_eth_dev_count_total(), 0);
}

static void
mtu_limits(void **state)
{
	struct port *null = open_port("net_null0"), *ring;
	struct error err = { 0 };

	assert_int_equal(null->ops->start(null, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not configured"));
	assert_int_equal(null->ops->set_mtu(null, 1400, &err), -EINVAL);

	/* net_null does not spread a packet over several buffers. */
	null->config = (struct port_config){ .rxq_count = 1, .txq_count = 1, .mtu = 9000 };
	assert_int_equal(port_configure(null, pools, &err), -EINVAL);
	assert_non_null(strstr(err.text, "packet buffers of 9018 bytes"));
	null->config.mtu = 2000;
	assert_int_equal(port_configure(null, pools, &err), 0);
	assert_int_equal(null->config.mtu, 2000);
	assert_int_equal(null->ops->set_mtu(null, 9000, &err), -EINVAL);
	assert_int_equal(null->config.mtu, 2000);
	assert_int_equal(null->ops->set_mtu(null, 1400, &err), 0);
	assert_int_equal(null->config.mtu, 1400);
	close_port(null);

	/* net_ring does; and has no function that sets the MTU. */
	ring = open_port("net_ring0");
	ring->config = (struct port_config){ .rxq_count = 1, .txq_count = 1, .mtu = 9000 };
	assert_int_equal(port_configure(ring, pools, &err), 0);
	assert_int_equal(ring->config.mtu, 9000);
	assert_int_equal(ring->ops->set_mtu(ring, 1400, &err), 0);
	close_port(ring);
}

/* What lets everything in has any address that it is given, and no filter for groups. */
static void
filters(void **state)
{
	const struct mac_addr mac = { { 2, 0, 0, 0, 0xaa, 1 } }, more = { { 2, 0, 0, 0, 0xaa, 2 } };
	struct port *port = open_port("net_null0");
	struct error err = { 0 };

	configure(port, 1, 1);
	start(port);
	assert_int_equal(port->ops->set_mac(port, &mac, &err), 0);
	assert_true(mac_addr_equal(&port->mac, &mac));
	assert_int_equal(port->ops->add_mac(port, &more, &err), 0);
	assert_int_equal(port->ops->remove_mac(port, &more, &err), 0);
	assert_int_equal(port->ops->set_promiscuous(port, true, &err), 0);
	assert_true(port->promiscuous);
	assert_int_equal(port->ops->set_promiscuous(port, false, &err), 0);
	assert_int_equal(port->ops->set_groups(port, NULL, 0, &err), 0);
	assert_int_equal(port->ops->set_groups(port, &mac, 1, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "no filter"));
	close_port(port);
}

/* net_null keeps what it is told of RSS, though it hashes nothing. */
static void
rss_settings(void **state)
{
	struct port *port = open_port("net_null0"), *ring;
	uint16_t reta[PORT_RETA_MAX];
	struct error err = { 0 };
	struct port_rss rss;

	configure(port, 4, 1);
	assert_int_equal(port_start(port, &err), 0);
	assert_int_equal(port->rss.reta_size, 128);
	assert_int_equal(port->rss.key_length, 40);
	assert_true((port->rss.fields & PORT_RSS_FLOW_FIELDS) == PORT_RSS_FLOW_FIELDS);
	for (unsigned i = 0; i < 128; i++) {
		assert_int_equal(port->rss.reta[i], i % 4);
		reta[i] = 3 - i % 3;
	}
	assert_int_equal(port->ops->rss_set_reta(port, reta, &err), 0);
	rss = port->rss;
	rss.fields = PORT_RSS_IP4 | PORT_RSS_IP6_SCTP;
	memset(rss.key, 0xa5, rss.key_length);
	assert_int_equal(port->ops->rss_set_hash(port, &rss, &err), 0);
	memset(&rss, 0, sizeof(rss));
	assert_int_equal(port->ops->rss_get(port, &rss), 0);
	assert_memory_equal(rss.reta, reta, 128 * sizeof(*reta));
	assert_int_equal(rss.fields, PORT_RSS_IP4 | PORT_RSS_IP6_SCTP);
	assert_int_equal(rss.key[0], 0xa5);
	assert_int_equal(rss.key[39], 0xa5);
	/* DPDK knows which queues there are. */
	reta[77] = 4;
	assert_true(port->ops->rss_set_reta(port, reta, &err) < 0);
	assert_non_null(strstr(err.text, "redirection table"));
	close_port(port);

	ring = open_port("net_ring0");
	configure(ring, 2, 2);
	assert_int_equal(port_start(ring, &err), 0);
	assert_int_equal(ring->rss.fields_possible, 0);
	assert_int_equal(ring->rss.reta_size, 0);
	close_port(ring);
}

#define ETHDEV_TEST(f) cmocka_unit_test_teardown(f, test_pool_check)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ETHDEV_TEST(null_device),
		ETHDEV_TEST(ring_device),
		ETHDEV_TEST(pcap_device),
		ETHDEV_TEST(pcap_one_way),
		ETHDEV_TEST(wrong_devices),
		ETHDEV_TEST(devices_in_use),
		ETHDEV_TEST(mtu_limits),
		ETHDEV_TEST(filters),
		ETHDEV_TEST(rss_settings),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
