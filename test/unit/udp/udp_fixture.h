/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The UDP of two workers that share their ports, and the vectors of its stages: shared by the tests
 * of lib/udp.
 */
#ifndef UNIT_UDP_FIXTURE_H
#define UNIT_UDP_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/eal.h"
#include "support/packet.h"
#include "udp/udp.h"

#define UDP_FIXTURE_SOCKETS 32
#define UDP_FIXTURE_HELD    16

struct udp_fixture {
	struct toeplitz toeplitz;
	struct udp_ports *ports;
	struct udp_core *cores[2];
	struct pkt_queue output;
	struct pkt_vec in, handover, unreachable, done, punts, drops;
	struct pkt_vec encapsulated, encapsulated_errors;
	struct udp_out out;
};

static inline int
udp_fixture_group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static inline struct udp_fixture *
udp_fixture_create(void)
{
	struct udp_fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	toeplitz_init(&f->toeplitz, toeplitz_default_key);
	f->ports = udp_ports_create(1);
	assert_non_null(f->ports);
	for (unsigned i = 0; i < 2; i++) {
		const struct udp_config config = {
			.name = i == 0 ? "test0" : "test1",
			.worker = i,
			.numa_node = -1,
			.sockets_max = UDP_FIXTURE_SOCKETS,
			.held_max = UDP_FIXTURE_HELD,
			.ports = f->ports,
			.toeplitz = &f->toeplitz,
			.pool = test_pool(),
			.output = &f->output,
		};

		f->cores[i] = udp_core_create(&config);
		assert_non_null(f->cores[i]);
	}
	f->out = (struct udp_out){ &f->handover, &f->unreachable, &f->done, &f->punts, &f->drops,
		&f->encapsulated, &f->encapsulated_errors };
	return f;
}

/* Free what stages put out and what was sent. */
static inline void
udp_fixture_empty(struct udp_fixture *f)
{
	struct pkt_vec *vecs[] = { &f->handover, &f->unreachable, &f->done, &f->punts, &f->drops,
		&f->encapsulated, &f->encapsulated_errors };

	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
	while (pkt_queue_count(&f->output) > 0)
		rte_pktmbuf_free(pkt_queue_take(&f->output));
	f->in.count = 0;
}

static inline void
udp_fixture_destroy(struct udp_fixture *f)
{
	udp_fixture_empty(f);
	udp_core_destroy(f->cores[0]);
	udp_core_destroy(f->cores[1]);
	udp_ports_destroy(f->ports);
	free(f);
}

static inline struct ip_addr
udp_fixture_addr(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* A packet as ip4_local and ip6_local leave it, into the input vector. */
static inline struct rte_mbuf *
udp_fixture_add(struct udp_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);

	pkt->tx_offload = 0;
	pkt->l2_len = 14;
	pkt->l3_len = strchr(packet->src, ':') != NULL ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
	pkt_meta_init(pkt, 3, 0);
	pkt_vec_append(&f->in, pkt);
	return pkt;
}

/* Let a datagram come in on a worker. */
#define udp_fixture_rx(f, worker, ...) udp_fixture_input(f, worker, PACKET(__VA_ARGS__))
static inline struct rte_mbuf *
udp_fixture_input(struct udp_fixture *f, unsigned worker, const struct packet *packet)
{
	struct rte_mbuf *pkt = udp_fixture_add(f, packet);

	udp_input(f->cores[worker], &f->in, &f->out);
	f->in.count = 0;
	return pkt;
}

/* An open socket, bound; of IPv6 if the address is. */
static inline struct udp_socket *
udp_fixture_socket(struct udp_fixture *f, unsigned worker, const char *addr, uint16_t port)
{
	const struct ip_addr local = udp_fixture_addr(addr);
	struct udp_socket *s = udp_open(f->cores[worker], local.family, 0, NULL);

	assert_non_null(s);
	assert_int_equal(udp_bind(s, &local, PKT_IFACE_NONE, port), 0);
	return s;
}

static inline void
udp_fixture_connect(struct udp_socket *s, const char *local, const char *peer, uint16_t port)
{
	const struct ip_addr local_addr = udp_fixture_addr(local),
			     peer_addr = udp_fixture_addr(peer);

	assert_int_equal(udp_connect(s, &local_addr, PKT_IFACE_NONE, &peer_addr, port), 0);
}

/* One datagram waits in it, and is this one; it is taken. */
static inline void
assert_received(struct udp_socket *s, const struct rte_mbuf *pkt)
{
	struct udp_datagram datagram;

	assert_int_equal(s->queued, 1);
	assert_int_equal(udp_receive(s, &datagram, 1), 1);
	assert_ptr_equal(datagram.pkt, pkt);
	rte_pktmbuf_free(datagram.pkt);
}

static inline void
assert_dropped(struct udp_fixture *f, const struct rte_mbuf *pkt, enum drop_reason reason)
{
	assert_int_equal(f->drops.count, 1);
	assert_ptr_equal(f->drops.pkts[0], pkt);
	assert_string_equal(drop_reason_name(pkt_meta(pkt)->reason), drop_reason_name(reason));
	udp_fixture_empty(f);
}

#endif
