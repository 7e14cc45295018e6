/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames of both kinds of links: in, what comes of it, and out; those that are refused. */
#include "unit/embed/embed_fixture.h"

/* An echo request to the stack and its reply, on either kind of link. */
#define REQUEST4                                                               \
	.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST, \
	.icmp_rest = 0x00010002
#define REPLY4 \
	.src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .icmp_rest = 0x00010002
#define REQUEST6                                                                               \
	.src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST, .ttl = 9, \
	.icmp_rest = 0x00010002
#define REPLY6                                                                     \
	.src = "2001:db8::1", .dst = "2001:db8::2", .icmp_type = ICMP6_ECHO_REPLY, \
	.icmp_rest = 0x00010002
/* The stack's own frames. */
#define FROM_US .eth_src = "02:00:00:00:01:00", .eth_dst = "02:00:00:00:02:00"
#define BARE    .spoil = PACKET_NO_ETHER

static void
neighbours_add(struct spate *stack)
{
	expect(spate_neigh_add(stack, "e0", "10.0.0.2", "02:00:00:00:02:00"), 0);
	expect(spate_neigh_add(stack, "e0", "2001:db8::2", "02:00:00:00:02:00"), 0);
}

static void
test_ethernet(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);

	neighbours_add(stack);
	expect_silence(stack, "e0");
	hand_in(stack, "e0", REQUEST4, .payload_length = 56);
	take_out(stack, "e0", REPLY4, FROM_US, .payload_length = 56);
	hand_in(stack, "e0", REQUEST6, .payload_length = 56);
	take_out(stack, "e0", REPLY6, FROM_US, .payload_length = 56);
	expect_silence(stack, "e0");
	spate_destroy(stack);
}

static void
test_ethernet_asks(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);

	hand_in(stack, "e0", REQUEST4);
	take_out_arp(stack, ARP_REQUEST);
	expect_silence(stack, "e0");
	hand_in_arp(stack, ARP_REPLY);
	take_out(stack, "e0", REPLY4, FROM_US);
	hand_in_arp(stack, ARP_REQUEST);
	take_out_arp(stack, ARP_REPLY);
	expect_silence(stack, "e0");
	spate_destroy(stack);
}

static void
test_ip(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);

	expect_silence(stack, "i0");
	hand_in(stack, "i0", REQUEST4, BARE, .payload_length = 56);
	take_out(stack, "i0", REPLY4, BARE, .payload_length = 56);
	hand_in(stack, "i0", REQUEST6, BARE, .payload_length = 56);
	take_out(stack, "i0", REPLY6, BARE, .payload_length = 56);
	/* A minute later neighbours are asked again whether they are there. */
	expect(spate_advance(stack, 60000000000), 0);
	expect_silence(stack, "i0");
	hand_in(stack, "i0", REQUEST4, BARE);
	take_out(stack, "i0", REPLY4, BARE);
	expect(spate_advance(stack, 60000000000), 0);
	expect_silence(stack, "i0");
	spate_destroy(stack);
}

/* What the stack says of its own accord to find out about, and of, the link stays there. */
static void
test_ip_hides_the_link(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL | SPATE_DAD | SPATE_ANNOUNCE);
	uint64_t drops;

	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 0, NULL), 0);
	expect(spate_addr_add(stack, "i0", "10.0.0.1/24"), 0);
	expect(spate_addr_add(stack, "i0", "2001:db8::1/64"), 0);
	expect(spate_advance(stack, 5000000000), 0);
	expect_silence(stack, "i0");
	/* Nor does the link answer what is no question. */
	expect(spate_drops(stack, NULL, &drops), 0);
	assert_int_equal(drops, 0);
	hand_in(stack, "i0", REQUEST4, BARE);
	take_out(stack, "i0", REPLY4, BARE);
	hand_in(stack, "i0", REQUEST6, BARE);
	take_out(stack, "i0", REPLY6, BARE);
	expect_silence(stack, "i0");
	spate_destroy(stack);
}

/* RFC 792: nobody is there, or no way leads there. */
static void
take_out_unreachable(struct spate *stack, const char *iface)
{
	uint8_t frame[SPATE_FRAME_MAX];

	assert_true(spate_output(stack, iface, frame, sizeof(frame)) > 42);
	assert_int_equal(frame[ETHER_HDR_LENGTH + 9], IP_PROTO_ICMP);
	assert_int_equal(frame[ETHER_HDR_LENGTH + IP4_HDR_LENGTH], ICMP4_UNREACHABLE);
}

/* From one kind of link to the other, and an error back. */
static void
test_forwards(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);

	neighbours_add(stack);
	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 0, NULL), 0);
	expect(spate_addr_add(stack, "i0", "10.0.1.1/24"), 0);
	expect(spate_route_add(stack, "192.0.2.0/24", "10.0.1.9", NULL), 0);
	expect(spate_route_add(stack, "198.51.100.0/24", NULL, "i0"), 0);
	hand_in(stack, "e0", .src = "10.0.0.2", .dst = "192.0.2.7", .ttl = 9);
	take_out(stack, "i0", .src = "10.0.0.2", .dst = "192.0.2.7", .ttl = 8, BARE);
	hand_in(stack, "e0", .src = "10.0.0.2", .dst = "198.51.100.7", .ttl = 9);
	take_out(stack, "i0", .src = "10.0.0.2", .dst = "198.51.100.7", .ttl = 8, BARE);
	hand_in(stack, "i0", .src = "192.0.2.7", .dst = "10.0.0.2", .ttl = 9, BARE);
	take_out(stack, "e0", .src = "192.0.2.7", .dst = "10.0.0.2", .ttl = 8, FROM_US);
	expect(spate_route_remove(stack, "192.0.2.0/24"), 0);
	hand_in(stack, "e0", .src = "10.0.0.2", .dst = "192.0.2.7");
	expect_silence(stack, "i0");
	take_out_unreachable(stack, "e0");
	spate_destroy(stack);
}

/* Every length that fits comes back; the next one is refused. */
static void
sizes(enum spate_link link, const char *iface, unsigned mtu, unsigned step)
{
	const unsigned spoil = link == SPATE_LINK_IP ? PACKET_NO_ETHER : 0;
	const unsigned largest = mtu - IP4_HDR_LENGTH - ICMP_HDR_LENGTH;
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);
	static uint8_t frame[SPATE_FRAME_MAX + 1];

	expect(spate_iface_add(stack, iface, link, mtu, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, iface, "10.0.0.1/24"), 0);
	if (link == SPATE_LINK_ETHERNET)
		expect(spate_neigh_add(stack, iface, "10.0.0.2", "02:00:00:00:02:00"), 0);
	for (unsigned length = 0; length <= largest; length += step) {
		hand_in(stack, iface, REQUEST4, .payload_length = (uint16_t)length, .spoil = spoil);
		take_out(stack, iface, REPLY4, FROM_US, .payload_length = (uint16_t)length,
			.spoil = spoil);
	}
	frame[0] = 0x45;
	expect(spate_input(stack, iface, frame, mtu + (spoil != 0 ? 0 : 22)), 0);
	expect(spate_input(stack, iface, frame, mtu + (spoil != 0 ? 1 : 23)), -EMSGSIZE);
	expect(spate_input(stack, iface, frame, SIZE_MAX), -EMSGSIZE);
	spate_destroy(stack);
}

static void
test_sizes(void **state)
{
	sizes(SPATE_LINK_ETHERNET, "e0", 1500, 1);
	sizes(SPATE_LINK_IP, "i0", 1500, 1);
	sizes(SPATE_LINK_ETHERNET, "e0", SPATE_MTU_MAX, 119);
	sizes(SPATE_LINK_IP, "i0", SPATE_MTU_MAX, 119);
	sizes(SPATE_LINK_IP, "i0", 68, 1);
}

static void
test_refused(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);
	uint8_t packet[] = { 0x40, 0 }, none[1];

	expect(spate_input(stack, "i0", packet, 0), -EINVAL);
	expect(spate_input(stack, "i1", packet, 1), -ENOENT);
	expect(spate_input(stack, "", packet, 1), -ENOENT);
	expect(spate_output(stack, "i1", none, sizeof(none)), -ENOENT);
	for (unsigned version = 0; version < 16; version++) {
		packet[0] = (uint8_t)(version << 4);
		expect(spate_input(stack, "i0", packet, sizeof(packet)),
			version == 4 || version == 6 ? 0 : -EINVAL);
	}
	expect(spate_iface_set_up(stack, "i0", 0), 0);
	packet[0] = 0x45;
	expect(spate_input(stack, "i0", packet, sizeof(packet)), -ENETDOWN);
	expect(spate_iface_set_up(stack, "i0", 1), 0);
	hand_in(stack, "i0", REQUEST4, BARE);
	/* Too little room: it stays. */
	expect(spate_output(stack, "i0", none, sizeof(none)), -EMSGSIZE);
	expect(spate_output(stack, "i0", none, 0), -EMSGSIZE);
	take_out(stack, "i0", REPLY4, BARE);
	spate_destroy(stack);
}

static void
test_drops(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);
	uint64_t count;

	expect(spate_drops(stack, NULL, &count), 0);
	assert_int_equal(count, 0);
	hand_in(stack, "i0", REQUEST4, .spoil = PACKET_NO_ETHER | PACKET_BAD_IP_CHECKSUM);
	expect(spate_drops(stack, NULL, &count), 0);
	assert_int_equal(count, 1);
	expect(spate_drops(stack, "ip4_bad_checksum", &count), 0);
	assert_int_equal(count, 1);
	expect(spate_drops(stack, "ip4_truncated", &count), 0);
	assert_int_equal(count, 0);
	expect(spate_drops(stack, "bad weather", &count), -EINVAL);
	spate_destroy(stack);
}

/* Nobody takes out what is sent: so many wait, then there is a loss with a name. */
static void
test_output_full(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);
	uint8_t frame[SPATE_FRAME_MAX];
	uint64_t count;

	for (unsigned i = 0; i < 1030; i++)
		hand_in(stack, "i0", REQUEST4, BARE);
	expect(spate_drops(stack, "tx_queue_full", &count), 0);
	assert_int_equal(count, 6);
	for (unsigned i = 0; i < 1024; i++)
		assert_true(spate_output(stack, "i0", frame, sizeof(frame)) > 0);
	expect_silence(stack, "i0");
	hand_in(stack, "i0", REQUEST4, BARE);
	take_out(stack, "i0", REPLY4, BARE);
	spate_destroy(stack);
}

/* Large frames that wait take the packet buffers before the queue is full. */
static void
test_buffers_gone(void **state)
{
	struct spate *stack = stack_of(SPATE_CLOCK_MANUAL);
	uint8_t frame[PACKET_MAX];
	int rc = 0, length;

	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, SPATE_MTU_MAX, NULL), 0);
	expect(spate_addr_add(stack, "i0", "10.0.0.1/24"), 0);
	length = (int)packet_write(PACKET(REQUEST4, .payload_length = 9500, BARE), frame);
	for (unsigned i = 0; i < 1024 && rc == 0; i++)
		rc = spate_input(stack, "i0", frame, (size_t)length);
	expect(rc, -ENOBUFS);
	while (spate_output(stack, "i0", frame, sizeof(frame)) > 0)
		;
	hand_in(stack, "i0", REQUEST4, BARE);
	take_out(stack, "i0", REPLY4, BARE);
	spate_destroy(stack);
}

/* Requests with bytes changed, cut and grown: whatever they are, the stack goes on. */
static void
test_random(void **state)
{
	struct spate *stack = stack_on(SPATE_LINK_ETHERNET);
	unsigned short seed[3] = { 1, 2, 3 };
	uint8_t frame[PACKET_MAX], sent[SPATE_FRAME_MAX];

	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 0, NULL), 0);
	expect(spate_addr_add(stack, "i0", "10.0.1.1/24"), 0);
	for (unsigned i = 0; i < 20000; i++) {
		const bool bare = i % 2 != 0;
		const struct packet *packet = i % 4 < 2
			? PACKET(REQUEST4, .payload_length = 40,
				  .spoil = bare ? PACKET_NO_ETHER : 0)
			: PACKET(REQUEST6, .payload_length = 40,
				  .spoil = bare ? PACKET_NO_ETHER : 0);
		size_t length = packet_write(packet, frame);

		for (long j = nrand48(seed) % 4; j > 0; j--)
			frame[(unsigned long)nrand48(seed) % length] = (uint8_t)nrand48(seed);
		if (nrand48(seed) % 4 == 0)
			length = 1 + (unsigned long)nrand48(seed) % length;
		(void)spate_input(stack, bare ? "i0" : "e0", frame, length);
		while (spate_output(stack, bare ? "i0" : "e0", sent, sizeof(sent)) > 0)
			;
		expect(spate_advance(stack, 1000000), 0);
	}
	expect(spate_advance(stack, 120000000000), 0);
	neighbours_add(stack);
	while (spate_output(stack, "e0", sent, sizeof(sent)) > 0)
		;
	hand_in(stack, "e0", REQUEST4);
	take_out(stack, "e0", REPLY4, FROM_US);
	spate_destroy(stack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ethernet),
		cmocka_unit_test(test_ethernet_asks),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_ip_hides_the_link),
		cmocka_unit_test(test_forwards),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_output_full),
		cmocka_unit_test(test_buffers_gone),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
