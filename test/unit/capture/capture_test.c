/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures, most of DPDK's null device: what comes in are 64 zeros, what goes out is gone. */
#include "capture/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "cable/cable.h"
#include "capture/capture_priv.h"
#include "ethdev/ethdev.h"
#include "support/eal.h"

#define FRAME          60
#define PCAPNG_IFACE   1 /* interface description block */
#define PCAPNG_PACKET  6 /* enhanced packet block */
#define FLOOD_BURSTS   40000
#define ETHERTYPE_TEST 0x88

static struct port_table table;
static struct rte_rcu_qsbr *rcu;
static struct capture *capture;
static struct port *ports[2];
static char folder[] = "/tmp/spate_capture_XXXXXX";
static char path[64];

static struct port *
port_open(const struct port_ops *ops, const char *name, const char *args,
	struct rte_mempool *const *pools, uint16_t queues)
{
	struct error err = { 0 };
	struct port *port;

	if (port_create(&table, ops, name, args, &port, &err) != 0)
		fail_msg("%s", err.text);
	port->config = (struct port_config){ .rxq_count = queues, .txq_count = queues };
	assert_int_equal(port_configure(port, pools, &err), 0);
	assert_int_equal(port->ops->start(port, &err), 0);
	return port;
}

static int
group_setup(void **state)
{
	struct rte_mempool *pools[2];

	if (test_eal_setup(state) != 0 || pkt_init() != 0 || mkdtemp(folder) == NULL)
		return -1;
	rte_log_set_global_level(RTE_LOG_CRIT);
	snprintf(path, sizeof(path), "%s/capture.pcapng", folder);
	rcu = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1), 64);
	if (rcu == NULL || rte_rcu_qsbr_init(rcu, 1) != 0)
		return -1;
	pools[0] = pools[1] = test_pool();
	ports[0] = port_open(&ethdev_port_ops, "p0", "net_null0", pools, 2);
	ports[1] = port_open(&ethdev_port_ops, "p1", "net_null1", pools, 2);
	return 0;
}

static int
group_teardown(void **state)
{
	char command[64];

	for (unsigned i = 0; i < 2; i++) {
		port_unpublish(&table, ports[i]);
		port_destroy(ports[i]);
	}
	rte_free(rcu);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return test_eal_teardown(state) != 0 || system(command) != 0;
}

static int
test_setup(void **state)
{
	capture = capture_create(rcu);
	return capture == NULL;
}

static int
test_teardown(void **state)
{
	capture_destroy(capture);
	return test_pool_check(state);
}

static struct capture_config
config_of(unsigned port_count, unsigned directions, const char *filter)
{
	struct capture_config config = {
		.ports = { ports[0], ports[1] },
		.port_count = port_count,
		.directions = directions,
		.snaplen = CAPTURE_SNAPLEN_DEFAULT,
	};

	snprintf(config.path, sizeof(config.path), "%s", path);
	snprintf(config.filter, sizeof(config.filter), "%s", filter);
	return config;
}

static void
start(const struct capture_config *config)
{
	struct error err = { 0 };

	if (capture_start(capture, config, &err) != 0)
		fail_msg("%s", err.text);
}

/* Frames whose sixth byte is `mark`. */
static void
send_frames(struct port *port, uint16_t queue, unsigned count, uint8_t mark)
{
	const uint8_t bytes[FRAME] = { 2, 0, 0, 0, 0, mark, 2, 0, 0, 0, 0, 1, ETHERTYPE_TEST };
	struct pkt_vec vec = { 0 }, drops = { 0 };

	for (unsigned i = 0; i < count; i++)
		pkt_vec_append(&vec, test_mbuf(bytes, sizeof(bytes)));
	assert_int_equal(port_tx(port, queue, &vec, &drops), count);
}

static unsigned
receive(struct port *port, uint16_t queue)
{
	struct pkt_vec vec = { 0 };
	unsigned count;

	port_rx(port, queue, &vec);
	count = vec.count;
	rte_pktmbuf_free_bulk(vec.pkts, count);
	return count;
}

static struct capture_stats
stats_of(void)
{
	struct capture_stats stats;

	capture_stats(capture, &stats);
	return stats;
}

struct pcapng_block {
	uint32_t type, length;
};

/* Reads the file block by block. @return its packets; the captured length of the last in `length` */
static unsigned
packets_in_file(uint32_t *length)
{
	FILE *file = fopen(path, "rb");
	struct pcapng_block block;
	uint32_t words[5];
	unsigned count = 0, ifaces = 0;

	assert_non_null(file);
	while (fread(&block, sizeof(block), 1, file) == 1) {
		assert_true(block.length >= 12 && block.length % 4 == 0);
		ifaces += block.type == PCAPNG_IFACE ? 1 : 0;
		if (block.type == PCAPNG_PACKET) {
			assert_int_equal(fread(words, sizeof(words), 1, file), 1);
			/* It is of an interface that the file has described before. */
			assert_true(words[0] < ifaces);
			*length = words[3];
			fseek(file, -(long)sizeof(words), SEEK_CUR);
			count++;
		}
		/* The length stands at both ends. */
		fseek(file, (long)block.length - 12, SEEK_CUR);
		assert_int_equal(fread(words, sizeof(words[0]), 1, file), 1);
		assert_int_equal(words[0], block.length);
	}
	fclose(file);
	return count;
}

static void
both_directions(void **state)
{
	struct capture_config config = config_of(2, CAPTURE_IN | CAPTURE_OUT, "");
	uint32_t length = 0;
	unsigned in;

	assert_int_equal(stats_of().state, CAPTURE_NONE);
	start(&config);
	assert_int_equal(stats_of().state, CAPTURE_RUNNING);
	send_frames(ports[0], 0, 3, 0);
	send_frames(ports[1], 1, 4, 0);
	in = receive(ports[0], 1) + receive(ports[1], 0);
	assert_true(in > 0);
	capture_stop(capture);
	assert_int_equal(stats_of().state, CAPTURE_STOPPED);
	assert_int_equal(stats_of().seen, 7 + in);
	assert_int_equal(stats_of().written, 7 + in);
	assert_int_equal(stats_of().drops, 0);
	assert_int_equal(packets_in_file(&length), 7 + in);
	assert_true(stats_of().bytes > (7 + in) * FRAME);
}

static void
one_direction_of_one_port(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");
	uint32_t length = 0;

	start(&config);
	send_frames(ports[0], 0, 3, 0);
	send_frames(ports[1], 0, 5, 0);
	receive(ports[0], 0);
	capture_stop(capture);
	assert_int_equal(packets_in_file(&length), 3);
	assert_int_equal(length, FRAME);
	assert_int_equal(stats_of().seen, 3);
}

static void
filter_and_snaplen(void **state)
{
	struct capture_config config = config_of(2, CAPTURE_OUT, "ether dst 02:00:00:00:00:07");
	uint32_t length = 0;

	config.snaplen = 20;
	start(&config);
	for (uint8_t mark = 0; mark < 10; mark++)
		send_frames(ports[mark % 2], 0, 2, mark);
	capture_stop(capture);
	assert_int_equal(packets_in_file(&length), 2);
	assert_int_equal(length, 20);
	assert_int_equal(stats_of().seen, 20);
	assert_int_equal(stats_of().filtered, 18);
}

/* What stands behind a header of variable length. */
static void
filter_on_ports(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "udp dst port 53");
	uint8_t bytes[FRAME] = { 2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 1, 8, 0,
		0x46, [17] = 46, [22] = 64, [23] = 17, [26] = 10, [30] = 10 };
	struct pkt_vec vec = { 0 }, drops = { 0 };
	uint32_t length = 0;

	start(&config);
	for (uint8_t port = 50; port < 60; port++) {
		bytes[14 + 24 + 3] = port; /* behind an option */
		pkt_vec_append(&vec, test_mbuf(bytes, sizeof(bytes)));
	}
	assert_int_equal(port_tx(ports[0], 0, &vec, &drops), 10);
	capture_stop(capture);
	assert_int_equal(packets_in_file(&length), 1);
}

static void
ends_after_so_many(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");
	uint32_t length = 0;

	config.packets = 10;
	start(&config);
	for (unsigned i = 0; i < 5; i++)
		send_frames(ports[0], 0, 7, 0);
	for (unsigned i = 0; i < 10000 && stats_of().state == CAPTURE_RUNNING; i++) {
		capture_poll(capture);
		usleep(1000);
	}
	assert_int_equal(stats_of().state, CAPTURE_STOPPED);
	assert_int_equal(stats_of().written, 10);
	assert_int_equal(packets_in_file(&length), 10);
}

static void
again_and_again(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");
	struct error err = { 0 };
	uint32_t length = 0;

	for (unsigned i = 1; i <= 20; i++) {
		start(&config);
		assert_int_equal(capture_start(capture, &config, &err), -EBUSY);
		send_frames(ports[0], 1, i, 0);
		capture_stop(capture);
		/* Nobody listens any more. */
		send_frames(ports[0], 1, 5, 0);
		assert_int_equal(packets_in_file(&length), i);
		assert_int_equal(stats_of().seen, i);
	}
}

static void
full_is_a_counted_drop(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_IN, "");
	uint64_t received = 0;
	uint32_t length = 0;

	config.snaplen = 64;
	start(&config);
	for (unsigned i = 0; i < FLOOD_BURSTS && stats_of().drops == 0; i++)
		received += receive(ports[0], 0);
	capture_stop(capture);
	assert_true(stats_of().drops > 0);
	assert_int_equal(stats_of().seen, received);
	assert_int_equal(stats_of().written + stats_of().drops, received);
	assert_int_equal(packets_in_file(&length), stats_of().written);
}

static void
port_that_goes(void **state)
{
	struct capture_config config = config_of(2, CAPTURE_OUT, "");
	uint32_t length = 0;

	start(&config);
	send_frames(ports[0], 0, 3, 0);
	capture_port_detach(capture, ports[0]);
	capture_port_detach(capture, ports[0]);
	send_frames(ports[0], 0, 3, 0);
	send_frames(ports[1], 0, 4, 0);
	capture_stop(capture);
	assert_int_equal(packets_in_file(&length), 7);
	assert_int_equal(stats_of().seen, 7);
	/* One that was to go, and stays. */
	config.port_count = 1;
	start(&config);
	capture_port_detach(capture, ports[0]);
	capture_port_attach(capture, ports[0]);
	capture_port_attach(capture, ports[1]);
	send_frames(ports[0], 0, 3, 0);
	send_frames(ports[1], 0, 4, 0);
	capture_stop(capture);
	assert_int_equal(packets_in_file(&length), 3);
}

/* The place of one that was captured and removed is another port's, which is not. */
static void
port_in_the_place_of_another(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");

	start(&config);
	capture_port_detach(capture, ports[0]);
	/* From here on ports[0] is another one, which is to go and stays. */
	capture_port_detach(capture, ports[0]);
	capture_port_attach(capture, ports[0]);
	send_frames(ports[0], 0, 3, 0);
	capture_stop(capture);
	assert_int_equal(stats_of().seen, 0);
}

/* Segments that a port is to cut are longer than its MTU, and in many buffers: any length is captured. */
static void
longer_than_the_mtu(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");
	struct pkt_vec vec = { 0 }, drops = { 0 };
	const uint8_t zeros[1000] = { 0 };
	unsigned count = 0;
	uint32_t length = 0;

	/* It takes anything, but does not say so. */
	ports[0]->offloads |= PORT_TX_MULTI_SEGS;
	start(&config);
	for (unsigned buffers = 1; buffers <= 10; buffers++) {
		for (uint16_t last = 1; last <= 4; last++) {
			struct rte_mbuf *pkt = test_mbuf(zeros, sizeof(zeros)), *more;

			for (unsigned i = 0; i < buffers; i++) {
				more = test_mbuf(zeros, i + 1 < buffers ? sizeof(zeros) : last);
				assert_int_equal(rte_pktmbuf_chain(pkt, more), 0);
			}
			vec.count = 0;
			pkt_vec_append(&vec, pkt);
			assert_int_equal(port_tx(ports[0], 0, &vec, &drops), 1);
			count++;
		}
	}
	capture_stop(capture);
	ports[0]->offloads &= ~(uint32_t)PORT_TX_MULTI_SEGS;
	assert_int_equal(stats_of().drops, 0);
	assert_int_equal(stats_of().written, count);
	assert_int_equal(packets_in_file(&length), count);
	assert_int_equal(length, 10 * sizeof(zeros) + 4);
}

/* Ports that are no devices of ethdev's: their driver shows what it sends and receives. */
static void
cable_ends(void **state)
{
	struct rte_mempool *pools[] = { test_pool() };
	uint8_t bytes[FRAME] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1,
		ETHERTYPE_TEST };
	struct capture_config config = config_of(1, CAPTURE_IN | CAPTURE_OUT, "ether broadcast");
	struct pkt_vec vec = { 0 }, drops = { 0 };
	struct port *ends[2];
	uint32_t length = 0;

	ends[0] = port_open(&cable_port_ops, "a", "peer b", pools, 1);
	ends[1] = port_open(&cable_port_ops, "b", "peer a", pools, 1);
	config.ports[1] = ends[0];
	config.ports[2] = ends[1];
	config.port_count = 3;
	start(&config);
	for (unsigned i = 0; i < 3; i++)
		pkt_vec_append(&vec, test_mbuf(bytes, sizeof(bytes)));
	assert_int_equal(port_tx(ends[0], 0, &vec, &drops), 3);
	assert_int_equal(receive(ends[1], 0), 3);
	capture_port_detach(capture, ends[0]);
	vec = (struct pkt_vec){ 0 };
	pkt_vec_append(&vec, test_mbuf(bytes, sizeof(bytes)));
	assert_int_equal(port_tx(ends[0], 0, &vec, &drops), 1);
	assert_int_equal(receive(ends[1], 0), 1);
	capture_stop(capture);
	assert_int_equal(stats_of().written, 3 + 3 + 1);
	assert_int_equal(packets_in_file(&length), 7);
	assert_int_equal(length, FRAME);
	for (unsigned i = 0; i < 2; i++) {
		port_unpublish(&table, ends[i]);
		port_destroy(ends[i]);
	}
}

static void
refused(const struct capture_config *config, int expected, const char *word)
{
	struct error err = { 0 };

	assert_int_equal(capture_start(capture, config, &err), expected);
	if (strstr(err.text, word) == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(stats_of().state, CAPTURE_NONE);
}

static void
refusals(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_IN, "udp port nonsense");

	refused(&config, -EINVAL, "no filter");
	config = config_of(0, CAPTURE_IN, "");
	refused(&config, -ENOENT, "port add");
	config = config_of(1, CAPTURE_IN, "");
	snprintf(config.path, sizeof(config.path), "%s", folder);
	refused(&config, -EISDIR, folder);
	snprintf(config.path, sizeof(config.path), "%s/none/capture", folder);
	refused(&config, -ENOENT, "none");
	snprintf(config.path, sizeof(config.path), "/dev/null");
	refused(&config, -EINVAL, "regular");
	snprintf(config.path, sizeof(config.path), "%s/fifo", folder);
	assert_int_equal(mkfifo(config.path, 0600), 0);
	refused(&config, -ENXIO, "fifo");
}

static void
disk_full(void **state)
{
	struct capture_config config = config_of(1, CAPTURE_OUT, "");
	struct rlimit before, limit;

	/* A write above the limit fails, as one on a full disk does. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 8192;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	start(&config);
	for (unsigned i = 0; i < 10000 && stats_of().state == CAPTURE_RUNNING; i++) {
		send_frames(ports[0], 0, 30, 0);
		capture_poll(capture);
		usleep(1000);
	}
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(stats_of().state, CAPTURE_FAILED);
	assert_int_equal(stats_of().errnum, ENOSPC);
	/* And a new one can be started. */
	start(&config);
	capture_stop(capture);
	assert_int_equal(stats_of().state, CAPTURE_STOPPED);
}

/* More pieces than go with one write, and then more again, of which the first cannot be written. */
static void
disk_full_and_many_pieces(void **state)
{
	const struct capture_file file = { .fd = open("/dev/full", O_WRONLY) };
	struct rte_mbuf *pkts[PKT_BURST];

	assert_true(file.fd >= 0);
	for (unsigned i = 0; i < PKT_BURST; i++) {
		pkts[i] = test_mbuf("", 0);
		memset(rte_pktmbuf_append(pkts[i], sizeof(struct capture_record)), 0,
			sizeof(struct capture_record));
		for (unsigned part = 0; part < 12; part++)
			assert_int_equal(rte_pktmbuf_chain(pkts[i], test_mbuf("abcd", 4)), 0);
	}
	assert_int_equal(capture_file_write(&file, pkts, PKT_BURST), -ENOSPC);
	rte_pktmbuf_free_bulk(pkts, PKT_BURST);
	close(file.fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_directions),
		TEST(one_direction_of_one_port),
		TEST(filter_and_snaplen),
		TEST(filter_on_ports),
		TEST(ends_after_so_many),
		TEST(again_and_again),
		TEST(full_is_a_counted_drop),
		TEST(port_that_goes),
		TEST(port_in_the_place_of_another),
		TEST(longer_than_the_mtu),
		TEST(cable_ends),
		TEST(refusals),
		TEST(disk_full),
		TEST(disk_full_and_many_pieces),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
