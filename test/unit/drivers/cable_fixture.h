/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two ports on the two ends of a cable, without stacks: frames go in at one and come out at the
 * other. The ends are called x and y; 0 is x. Each has a pool of its own for what it receives; what
 * is sent comes from that of the tests (support/eal.h), so that its teardown sees what leaks there.
 */
#ifndef UNIT_DRIVERS_CABLE_FIXTURE_H
#define UNIT_DRIVERS_CABLE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cable/cable.h"
#include "support/eal.h"
#include "support/packet.h"

#define CABLE_FIXTURE_POOL 4095

struct cable_fixture {
	struct port_table tables[2];
	struct port *ports[2];
	struct rte_mempool *pools[2];
};

static inline int
cable_group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

/* Open, configure and start an end, with `args` beside its names. */
static inline struct port *
cable_fixture_add(
	struct cable_fixture *f, unsigned index, const char *args, const struct port_config *config)
{
	struct rte_mempool *pools[PORT_QUEUE_MAX];
	struct error err = { 0 };
	char text[256];

	for (unsigned i = 0; i < PORT_QUEUE_MAX; i++)
		pools[i] = f->pools[index];
	snprintf(text, sizeof(text), "end %c peer %c %s", "xy"[index], "yx"[index], args);
	if (port_create(&f->tables[index], &cable_port_ops, "p0", text, &f->ports[index], &err) !=
		0)
		fail_msg("port_create: %s", err.text);
	f->ports[index]->config = *config;
	if (port_configure(f->ports[index], pools, &err) != 0)
		fail_msg("port_configure: %s", err.text);
	if (port_start(f->ports[index], &err) != 0)
		fail_msg("port_start: %s", err.text);
	return f->ports[index];
}

static inline void
cable_fixture_remove(struct cable_fixture *f, unsigned index)
{
	f->ports[index]->ops->stop(f->ports[index]);
	port_unpublish(&f->tables[index], f->ports[index]);
	port_destroy(f->ports[index]);
	f->ports[index] = NULL;
}

static inline void
cable_fixture_pools(struct cable_fixture *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned i = 0; i < 2; i++) {
		f->pools[i] = rte_pktmbuf_pool_create(
			i == 0 ? "x" : "y", CABLE_FIXTURE_POOL, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
		assert_non_null(f->pools[i]);
	}
}

static inline void
cable_fixture_create(struct cable_fixture *f, const char *args, uint16_t queues)
{
	const struct port_config config = { .rxq_count = queues, .txq_count = queues };

	cable_fixture_pools(f);
	for (unsigned i = 0; i < 2; i++)
		cable_fixture_add(f, i, args, &config);
}

/* Fails the test if an end keeps a packet. */
static inline void
cable_fixture_destroy(struct cable_fixture *f)
{
	for (unsigned i = 0; i < 2; i++) {
		if (f->ports[i] != NULL)
			cable_fixture_remove(f, i);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rte_mempool_in_use_count(f->pools[i]), 0);
		rte_mempool_free(f->pools[i]);
	}
}

/* A packet for the peer of an end. The fields of struct packet follow. */
#define cable_fixture_mbuf(f, from, ...) cable_fixture_build(f, from, PACKET(__VA_ARGS__))
static inline struct rte_mbuf *
cable_fixture_build(const struct cable_fixture *f, unsigned from, const struct packet *packet)
{
	struct packet copy = *packet;
	char mac[MAC_TEXT_MAX];

	if (copy.eth_dst == NULL)
		copy.eth_dst = mac_addr_format(&f->ports[!from]->mac, mac);
	if (copy.src == NULL) {
		copy.src = "10.0.0.1";
		copy.dst = "10.0.0.2";
	}
	return packet_mbuf(test_pool(), &copy);
}

static inline void
cable_fixture_send_mbuf(struct cable_fixture *f, unsigned from, struct rte_mbuf *pkt)
{
	assert_int_equal(f->ports[from]->ops->tx(f->ports[from]->driver, 0, &pkt, 1), 1);
}

#define cable_fixture_send(f, from, ...) \
	cable_fixture_send_mbuf(f, from, cable_fixture_mbuf(f, from, __VA_ARGS__))

/* What arrived at an end, in any queue; NULL: nothing. */
static inline struct rte_mbuf *
cable_fixture_take(struct cable_fixture *f, unsigned at, uint16_t *queue)
{
	struct port *port = f->ports[at];
	struct rte_mbuf *pkt;

	for (uint16_t q = 0; q < port->config.rxq_count; q++) {
		if (port->ops->rx(port->driver, q, &pkt, 1) == 0)
			continue;
		if (queue != NULL)
			*queue = q;
		return pkt;
	}
	return NULL;
}

/* Free all that arrived at an end. @return how many that was */
static inline unsigned
cable_fixture_flush(struct cable_fixture *f, unsigned at)
{
	struct rte_mbuf *pkt;
	unsigned count = 0;

	for (; (pkt = cable_fixture_take(f, at, NULL)) != NULL; count++)
		rte_pktmbuf_free(pkt);
	return count;
}

/* What became of the frames that an end sent, after checking that it adds up. */
static inline struct cable_counters
cable_fixture_counters(const struct cable_fixture *f, unsigned from)
{
	struct cable_counters counters;
	uint64_t lost = 0;

	cable_counters(f->ports[from], &counters);
	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		lost += counters.lost[i];
	assert_int_equal(counters.sent + counters.duplicated,
		counters.delivered + lost + counters.in_flight);
	return counters;
}

#endif
