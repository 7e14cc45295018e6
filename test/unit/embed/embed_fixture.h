/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Packets to and from stacks of libspate.so, which these tests know by spate.h only.
 */
#ifndef UNIT_EMBED_EMBED_FIXTURE_H
#define UNIT_EMBED_EMBED_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <rte_mbuf.h>
#include <spate/spate.h>

#include "support/packet.h"
#include "wire/arp.h"

/** What a call must return; a sentence comes with each error. */
#define expect(rc, wanted) expect_at((rc), (wanted), #rc, __FILE__, __LINE__)

static inline void
expect_at(int rc, int wanted, const char *call, const char *file, int line)
{
	if (rc != wanted) {
		print_error("%s is %d, expected %d: %s\n", call, rc, wanted, spate_error());
		_fail(file, line);
	}
	if (rc < 0)
		_assert_true(strlen(spate_error()) > 8, "a sentence", file, line);
}

static inline struct spate *
stack_of(unsigned flags)
{
	struct spate *stack;

	expect(spate_create(flags, &stack), 0);
	return stack;
}

/** With the interface "e0" or "i0", 10.0.0.1/24 and 2001:db8::1/64. */
static inline struct spate *
stack_on(enum spate_link link)
{
	const char *iface = link == SPATE_LINK_IP ? "i0" : "e0";
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);

	expect(spate_iface_add(stack, iface, link, 0, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, iface, "10.0.0.1/24"), 0);
	expect(spate_addr_add(stack, iface, "2001:db8::1/64"), 0);
	return stack;
}

/** A packet comes in. The fields of struct packet follow. */
#define hand_in(stack, iface, ...) hand_in_packet(stack, iface, PACKET(__VA_ARGS__))

static inline void
hand_in_packet(struct spate *stack, const char *iface, const struct packet *packet)
{
	uint8_t frame[PACKET_MAX];
	size_t length = packet_write(packet, frame);

	expect(spate_input(stack, iface, frame, length), 0);
}

/** The oldest frame is this one. The fields of struct packet follow. */
#define take_out(stack, iface, ...) \
	take_out_at(stack, iface, PACKET(__VA_ARGS__), __FILE__, __LINE__)

static inline void
take_out_at(struct spate *stack, const char *iface, const struct packet *expected, const char *file,
	int line)
{
	uint8_t got[SPATE_FRAME_MAX];
	int length = spate_output(stack, iface, got, sizeof(got));
	const struct rte_mbuf pkt = { .buf_addr = got,
		.data_len = (uint16_t)length,
		.pkt_len = (uint32_t)length,
		.nb_segs = 1 };
	struct packet packet = *expected;

	packet.spoil |= PACKET_ANY_ID; /* it is random */
	packet_assert_at(length > 0 ? &pkt : NULL, &packet, file, line);
}

/** Nothing was sent that nobody took. */
static inline void
expect_silence(struct spate *stack, const char *iface)
{
	uint8_t got[SPATE_FRAME_MAX];

	expect(spate_output(stack, iface, got, sizeof(got)), 0);
}

/** An ARP packet by 10.0.0.2 comes in. */
static inline void
hand_in_arp(struct spate *stack, enum arp_op op)
{
	const struct arp arp = { .op = op,
		.sender_mac = { { 2, 0, 0, 0, 2, 0 } },
		.sender_ip = { IP_FAMILY_4, { 10, 0, 0, 2 } },
		.target_ip = { IP_FAMILY_4, { 10, 0, 0, 1 } } };
	uint8_t body[ARP_LENGTH];

	arp_build(body, &arp);
	hand_in(stack, "e0", .eth_type = ETHER_TYPE_ARP, .payload = body,
		.payload_length = sizeof(body));
}

/** Take out an ARP packet of 10.0.0.1 to, or about, 10.0.0.2. */
static inline void
take_out_arp(struct spate *stack, enum arp_op op)
{
	uint8_t frame[SPATE_FRAME_MAX];
	struct arp arp;

	expect(spate_output(stack, "e0", frame, sizeof(frame)), ETHER_HDR_LENGTH + ARP_LENGTH);
	expect(arp_parse(frame + ETHER_HDR_LENGTH, ARP_LENGTH, &arp), 0);
	assert_int_equal(arp.op, op);
	assert_int_equal(arp.sender_ip.bytes[3], 1);
	assert_int_equal(arp.target_ip.bytes[3], 2);
}

#endif
