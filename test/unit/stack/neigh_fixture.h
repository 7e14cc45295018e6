/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * ARP and ND messages to and from a whole stack: shared by the tests of stack_neigh*.c.
 */
#ifndef UNIT_STACK_NEIGH_FIXTURE_H
#define UNIT_STACK_NEIGH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/arp.h"
#include "wire/nd.h"

static inline int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static inline struct stack_fixture *
strangers(void)
{
	return stack_fixture_create(&(struct stack_fixture_config){ .strangers = true });
}

static inline struct ip_addr
addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* An ARP packet by a neighbour with the MAC address 02:00:00:00:09:00 comes in by p0. */
static inline void
arp_rx(struct stack_fixture *f, enum arp_op op, const char *sender, const char *target,
	const char *eth_dst)
{
	const struct arp arp = { .op = op,
		.sender_mac = { { 2, 0, 0, 0, 9, 0 } },
		.sender_ip = addr_of(sender),
		.target_ip = addr_of(target) };
	uint8_t body[ARP_LENGTH];

	arp_build(body, &arp);
	stack_fixture_rx(f, 0, .eth_dst = eth_dst, .eth_src = "02:00:00:00:09:00",
		.eth_type = ETHER_TYPE_ARP, .payload = body, .payload_length = sizeof(body),
		.padding = 18);
	stack_fixture_run(f);
}

static inline void
expect_arp(struct stack_fixture *f, enum arp_op op, const char *sender, const char *target,
	const char *eth_dst)
{
	struct arp arp = { .op = op,
		.sender_mac = { { 2, 0, 0, 0, 1, 0 } },
		.sender_ip = addr_of(sender),
		.target_ip = addr_of(target) };
	uint8_t body[ARP_LENGTH];

	if (op == ARP_REPLY)
		assert_int_equal(mac_addr_parse(eth_dst, &arp.target_mac), 0);
	arp_build(body, &arp);
	stack_fixture_expect(f, 0, .eth_dst = eth_dst, .eth_type = ETHER_TYPE_ARP, .payload = body,
		.payload_length = sizeof(body));
}

/* An ND message comes in by p0. `mac`: in its option; NULL: none. */
static inline void
nd_rx(struct stack_fixture *f, struct nd nd, const char *src, const char *dst, const char *target,
	bool has_mac)
{
	const struct nd_envelope envelope = { addr_of(src), addr_of(dst), 255 };
	uint8_t body[ND_LENGTH_MAX];
	uint32_t length;

	nd.target = addr_of(target);
	nd.has_mac = has_mac;
	nd.mac = (struct mac_addr){ { 2, 0, 0, 0, 9, 0 } };
	length = nd_build(body, &nd, &envelope);
	stack_fixture_rx(f, 0,
		.eth_dst = dst[0] == 'f' && dst[1] == 'f' ? "33:33:ff:00:00:01" : NULL,
		.eth_src = "02:00:00:00:09:00", .src = src, .dst = dst, .ttl = 255,
		.proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW, .payload = body,
		.payload_length = (uint16_t)length);
	stack_fixture_run(f);
}

static inline void
expect_nd(struct stack_fixture *f, struct nd nd, const char *src, const char *dst,
	const char *target, const char *eth_dst)
{
	const struct nd_envelope envelope = { addr_of(src), addr_of(dst), 255 };
	uint8_t body[ND_LENGTH_MAX];
	uint32_t length;

	nd.target = addr_of(target);
	nd.has_mac = true;
	nd.mac = (struct mac_addr){ { 2, 0, 0, 0, 1, 0 } };
	length = nd_build(body, &nd, &envelope);
	stack_fixture_expect(f, 0, .eth_dst = eth_dst, .src = src, .dst = dst, .ttl = 255,
		.proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW, .payload = body,
		.payload_length = (uint16_t)length);
}

static inline enum neigh_state
state_of(struct stack_fixture *f, const char *addr)
{
	const struct neigh_key key = { iface_lookup(f->stack->ifaces, "p0")->index, addr_of(addr) };
	struct neigh_info info;

	if (neigh_find(f->stack->neighs, f->now_ns / 1000000, &key, &info) != 0)
		return NEIGH_STATE_COUNT;
	return info.state;
}

#endif
