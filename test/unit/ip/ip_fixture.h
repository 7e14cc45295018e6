/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * One worker's share of lib/ip on small tables, and its output vectors: shared by the tests of
 * its stages.
 *
 * Interface 0 is on port 0, with 10.0.0.1/24, 2001:db8::1/64 and fe80::1; interface 1 on port 1,
 * with 10.0.1.1/24, 2001:db8:1::1/64 and fe80::2, and an MTU of 1400; interface 2 on port 2, without
 * addresses. Packets come in by interface 0. Of gateways 10.0.1.2 and 2001:db8:1::2 are resolved.
 */
#ifndef UNIT_IP_FIXTURE_H
#define UNIT_IP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ip/ip.h"
#include "pkt/flow_hash.h"
#include "support/eal.h"
#include "support/packet.h"
#include "wire/ip6.h"

/* A stage of lib/ip. */
typedef void (*ip_stage)(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/* A test of what stages of both families do alike. Its state is a constant, the family. */
#define ip_fixture_test(test, family)                                                          \
	{                                                                                      \
#test " " #family, test, NULL, test_pool_check, (void *)(uintptr_t) & (family) \
	}

struct ip_fixture {
	struct ip_core core;
	struct iface_table *ifaces;
	struct nexthop_table *nexthops;
	struct route_table *routes;
	struct ip_vrf vrf; /* the default one */
	struct ip_vrf_table vrfs;
	struct toeplitz toeplitz;
	struct ip_pmtu pmtu;
	uint32_t attached[3]; /* by interface */
	uint32_t gateway4, gateway6; /* resolved, on interface 1 */
	uint32_t unresolved4, unresolved6;
	struct pkt_vec in, local, udp, udp_errors, tcp, tcp_errors, sctp, sctp_errors, forward,
		replies, output, ether, fragments, errors, punts, drops;
	struct ip_out out;
};

static inline int
ip_fixture_group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static inline struct ip_prefix
ip_fixture_prefix(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static inline void
ip_fixture_route(struct ip_fixture *f, const char *text, uint32_t nexthop)
{
	const struct ip_prefix prefix = ip_fixture_prefix(text);

	nexthop_hold(f->nexthops, nexthop);
	assert_int_equal(route_replace(f->routes, &prefix, ROUTE_STATIC, nexthop, NULL), 0);
}

/* A group of two paths of the same weight. */
static inline uint32_t
ip_fixture_group(struct ip_fixture *f, uint32_t a, uint32_t b)
{
	const struct nexthop_path paths[] = { { a, 1 }, { b, 1 } };
	uint32_t id;

	nexthop_hold(f->nexthops, a);
	nexthop_hold(f->nexthops, b);
	assert_int_equal(nexthop_group(f->nexthops, paths, 2, &id, NULL), 0);
	return id;
}

static inline struct nexthop_link
ip_fixture_link(uint16_t index)
{
	return (struct nexthop_link){ .iface = index,
		.port = index,
		.mtu = index == 1 ? 1400 : 1500,
		.mac = { { 2, 0, 0, 0, 1, (uint8_t)index } } };
}

static inline void
ip_fixture_iface(struct ip_fixture *f, uint16_t index, const char *const addrs[3])
{
	const struct nexthop_link link = ip_fixture_link(index);
	struct iface *iface = aligned_alloc(64, sizeof(*iface));
	struct ip_prefix addr;

	assert_non_null(iface);
	*iface = (struct iface){ .type = IFACE_PORT,
		.port = index,
		.mtu = link.mtu,
		.admin_up = true,
		.up = true,
		.mac = link.mac,
		.name = { 'p', (char)('0' + index) } };
	for (unsigned i = 0; i < 3 && addrs[i] != NULL; i++) {
		addr = ip_fixture_prefix(addrs[i]);
		assert_int_equal(iface_addr_add(iface, &addr, NULL), 0);
		if (ip_addr_is_link_local(&addr.addr))
			continue;
		addr.length = ip_addr_bits(&addr.addr);
		assert_int_equal(
			route_insert(f->routes, &addr, ROUTE_LOCAL, NEXTHOP_ID_LOCAL, NULL), 0);
	}
	assert_int_equal(nexthop_attached(f->nexthops, &link, &iface->attached, NULL), 0);
	f->attached[index] = iface->attached;
	assert_int_equal(iface_insert(f->ifaces, iface, &index, NULL), 0);
	free(iface);
}

static inline uint32_t
ip_fixture_gateway(struct ip_fixture *f, uint16_t iface, const char *text, bool resolved)
{
	const struct nexthop_link link = ip_fixture_link(iface);
	const struct ip_addr gateway = ip_fixture_prefix(text).addr;
	const struct mac_addr mac = { { 2, 0, 0, 0, 2, (uint8_t)iface } };
	uint32_t id;

	assert_int_equal(nexthop_gateway(f->nexthops, &link, &gateway, false, &id, NULL), 0);
	if (resolved)
		nexthop_resolve(f->nexthops, iface, &gateway, &mac);
	return id;
}

static inline void
ip_fixture_tables(struct ip_fixture *f)
{
	static const char *const addrs[][3] = { { "10.0.0.1/24", "2001:db8::1/64", "fe80::1/64" },
		{ "10.0.1.1/24", "2001:db8:1::1/64", "fe80::2/64" }, { NULL } };

	f->ifaces = iface_table_create(NULL);
	f->nexthops = nexthop_table_create(NULL, 256, -1);
	assert_non_null(f->ifaces);
	assert_non_null(f->nexthops);
	f->routes = route_table_create(NULL, f->nexthops, -1);
	assert_non_null(f->routes);
	for (uint16_t i = 0; i < 3; i++)
		ip_fixture_iface(f, i, addrs[i]);
	f->gateway4 = ip_fixture_gateway(f, 1, "10.0.1.2", true);
	f->gateway6 = ip_fixture_gateway(f, 1, "2001:db8:1::2", true);
	f->unresolved4 = ip_fixture_gateway(f, 1, "10.0.1.9", false);
	f->unresolved6 = ip_fixture_gateway(f, 1, "2001:db8:1::9", false);
	ip_fixture_route(f, "10.0.0.0/24", f->attached[0]);
	ip_fixture_route(f, "2001:db8::/64", f->attached[0]);
	ip_fixture_route(f, "10.1.0.0/16", f->gateway4);
	ip_fixture_route(f, "2001:db8:100::/48", f->gateway6);
	ip_fixture_route(f, "10.2.0.0/16", NEXTHOP_ID_BLACKHOLE);
	ip_fixture_route(f, "2001:db8:200::/48", NEXTHOP_ID_BLACKHOLE);
	ip_fixture_route(f, "10.3.0.0/16", NEXTHOP_ID_UNREACHABLE);
	ip_fixture_route(f, "2001:db8:300::/48", NEXTHOP_ID_UNREACHABLE);
	ip_fixture_route(f, "10.0.0.255/32", NEXTHOP_ID_BROADCAST);
}

static inline struct ip_fixture *
ip_fixture_create(void)
{
	struct ip_fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	ip_fixture_tables(f);
	toeplitz_init(&f->toeplitz, toeplitz_default_key);
	f->vrf = (struct ip_vrf){
		.fib4 = route_table_fib4(f->routes),
		.fib6 = route_table_fib6(f->routes),
	};
	f->vrfs.vrfs[IP_VRF_DEFAULT] = &f->vrf;
	f->core = (struct ip_core){
		.nexthops = nexthop_table_array(f->nexthops),
		.vrfs = &f->vrfs,
		.ifaces = f->ifaces,
		.toeplitz = &f->toeplitz,
		.pmtu = &f->pmtu,
		.pool = test_pool(),
		.now_ns = 1000000000,
	};
	f->core.ids.step = 1;
	f->core.reassembly = ip_reassembly_create(256, 1, -1);
	assert_non_null(f->core.reassembly);
	rate_limit_init(&f->core.icmp_limit,
		(struct rate){ IP_ICMP_ERROR_RATE, IP_ICMP_ERROR_BURST },
		(struct rate){ IP_ICMP_ERROR_IFACE_RATE, IP_ICMP_ERROR_IFACE_BURST }, 0);
	f->out = (struct ip_out){
		.local = &f->local,
		.udp = &f->udp,
		.udp_errors = &f->udp_errors,
		.tcp = &f->tcp,
		.tcp_errors = &f->tcp_errors,
		.sctp = &f->sctp,
		.sctp_errors = &f->sctp_errors,
		.forward = &f->forward,
		.replies = &f->replies,
		.output = &f->output,
		.ether = &f->ether,
		.fragments = &f->fragments,
		.errors = &f->errors,
		.punts = &f->punts,
		.drops = &f->drops,
	};
	return f;
}

/* Free what a stage put out, and empty all vectors; the input with them. */
static inline void
ip_fixture_empty(struct ip_fixture *f)
{
	struct pkt_vec *vecs[] = { &f->local, &f->udp, &f->udp_errors, &f->tcp, &f->tcp_errors,
		&f->sctp, &f->sctp_errors, &f->forward, &f->replies, &f->output, &f->ether,
		&f->fragments, &f->errors, &f->punts, &f->drops };

	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
	f->in.count = 0;
}

static inline void
ip_fixture_destroy(struct ip_fixture *f)
{
	ip_fixture_empty(f);
	ip_reassembly_destroy(f->core.reassembly);
	route_table_destroy(f->routes);
	nexthop_table_destroy(f->nexthops);
	iface_table_destroy(f->ifaces);
	free(f);
}

/* A packet as ether_input leaves it, into the input vector. */
static inline struct rte_mbuf *
ip_fixture_add(struct ip_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);

	pkt->tx_offload = 0;
	pkt->l2_len = (packet->spoil & PACKET_NO_ETHER) != 0 ? 0 : ETHER_HDR_LENGTH;
	pkt_meta_init(pkt, 0, 0);
	if (packet->eth_dst != NULL && (strtol(packet->eth_dst, NULL, 16) & 1) != 0)
		pkt_meta(pkt)->flags = PKT_L2_GROUP;
	pkt_vec_append(&f->in, pkt);
	return pkt;
}
#define ip_fixture_packet(f, ...) ip_fixture_add(f, PACKET(__VA_ARGS__))

/* A packet that earned an error, as the stages hand it over. */
static inline struct rte_mbuf *
ip_fixture_erring(struct ip_fixture *f, const struct packet *packet, enum drop_reason reason,
	uint8_t icmp_type)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	pkt_meta(pkt)->reason = reason;
	pkt_meta(pkt)->icmp_type = icmp_type;
	return pkt;
}

/* The bytes of a packet from its IP header on: what an error quotes. */
static inline uint16_t
ip_fixture_quote(const struct packet *packet, uint8_t bytes[PACKET_MAX])
{
	struct packet plain = *packet;

	plain.spoil |= PACKET_NO_ETHER;
	return (uint16_t)packet_write(&plain, bytes);
}

/* Empty a vector into the input, for the next stage. */
static inline void
ip_fixture_next(struct ip_fixture *f, struct pkt_vec *from)
{
	f->in = *from;
	from->count = 0;
}

/* All that came out went here, and it is this packet. */
static inline void
assert_only(const struct pkt_vec *vec, const struct rte_mbuf *pkt)
{
	assert_int_equal(vec->count, 1);
	assert_ptr_equal(vec->pkts[0], pkt);
}

static inline unsigned
ip_fixture_count(const struct ip_fixture *f)
{
	return f->local.count + f->udp.count + f->udp_errors.count + f->tcp.count +
		f->tcp_errors.count + f->sctp.count + f->sctp_errors.count + f->forward.count +
		f->replies.count + f->output.count + f->ether.count + f->fragments.count +
		f->errors.count + f->punts.count + f->drops.count;
}

static inline void
assert_dropped(struct ip_fixture *f, struct rte_mbuf *pkt, enum drop_reason reason)
{
	assert_int_equal(ip_fixture_count(f), 1);
	assert_only(&f->drops, pkt);
	assert_string_equal(drop_reason_name(pkt_meta(pkt)->reason), drop_reason_name(reason));
}

/* It went to the errors, to be answered so, and dropped for the reason. */
static inline void
assert_error(struct ip_fixture *f, struct rte_mbuf *pkt, enum drop_reason reason, uint8_t type,
	uint8_t code, uint32_t rest)
{
	const struct pkt_meta *meta = pkt_meta(pkt);

	assert_int_equal(ip_fixture_count(f), 1);
	assert_only(&f->errors, pkt);
	assert_string_equal(drop_reason_name(meta->reason), drop_reason_name(reason));
	assert_int_equal(meta->icmp_type, type);
	assert_int_equal(meta->icmp_code, code);
	assert_int_equal(meta->icmp_rest, rest);
}

#endif
