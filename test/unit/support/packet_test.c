/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets are written as the RFCs have them: against bytes that others made, and with a diff by name. */
#include "support/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "support/eal.h"

/* As scapy writes it: IP()/TCP(sport=1234, dport=80, flags="SA", seq=1, ack=2, window=8192,
 * options=[("MSS", 1460)]) from 10.0.0.1 to 10.0.0.2. */
static void
tcp_is_as_others_write_it(void **state)
{
	static const uint8_t options[] = { 2, 4, 5, 180 };
	static const uint8_t expected[] = { 0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x00, 0x00, 0x40,
		0x06, 0x66, 0xc9, 0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x02, 0x04, 0xd2, 0x00,
		0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x60, 0x12, 0x20, 0x00, 0x5e,
		0xef, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4 };
	uint8_t frame[PACKET_MAX];
	size_t length =
		packet_write(PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .proto = IP_PROTO_TCP,
				     .id = 1, .src_port = 1234, .dst_port = 80, .seq = 1, .ack = 2,
				     .tcp_flags = PACKET_SYN | PACKET_ACK, .window = 8192,
				     .tcp_options = options, .tcp_options_length = sizeof(options),
				     .spoil = PACKET_NO_ETHER),
			frame);

	assert_int_equal(length, sizeof(expected));
	assert_memory_equal(frame, expected, length);
}

/* As scapy writes it: IP()/SCTP(sport=5000, dport=5001, tag=0x01020304)/SCTPChunkCookieAck(). */
static void
sctp_is_as_others_write_it(void **state)
{
	static const uint8_t chunk[] = { 11, 0, 0, 4 };
	static const uint8_t expected[] = { 0x13, 0x88, 0x13, 0x89, 0x01, 0x02, 0x03, 0x04, 0x8b,
		0x62, 0x83, 0x95, 0x0b, 0x00, 0x00, 0x04 };
	uint8_t frame[PACKET_MAX];
	size_t length = packet_write(
		PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .proto = IP_PROTO_SCTP,
			.src_port = 5000, .dst_port = 5001, .vtag = 0x01020304, .payload = chunk,
			.payload_length = sizeof(chunk), .spoil = PACKET_NO_ETHER),
		frame);

	assert_int_equal(length, IP4_HDR_LENGTH + sizeof(expected));
	assert_memory_equal(frame + IP4_HDR_LENGTH, expected, sizeof(expected));
}

/* RFC 3720 B.4 */
static void
crc32c_is_that_of_the_rfc(void **state)
{
	const uint8_t zeros[32] = { 0 };

	assert_int_equal(packet_crc32c(zeros, sizeof(zeros)), 0x8a9136aa);
	assert_int_equal(packet_crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
}

static void
arp_is_what_lib_wire_builds(void **state)
{
	const struct arp arp = { .op = ARP_REPLY,
		.sender_mac = { { 2, 0, 0, 0, 0, 1 } },
		.target_mac = { { 2, 0, 0, 0, 0, 2 } },
		.sender_ip = { .family = IP_FAMILY_4, .bytes = { 10, 0, 0, 1 } },
		.target_ip = { .family = IP_FAMILY_4, .bytes = { 10, 0, 0, 2 } } };
	uint8_t frame[PACKET_MAX], expected[ARP_LENGTH];

	arp_build(expected, &arp);
	assert_int_equal(packet_write(PACKET(.arp = &arp), frame), 14 + ARP_LENGTH);
	assert_memory_equal(frame + 12, "\x08\x06", 2);
	assert_memory_equal(frame + 14, expected, sizeof(expected));
}

static void
what_differs_has_a_name(void **state)
{
	struct packet packet = {
		.src = "10.0.0.1", .dst = "10.0.0.2", .proto = IP_PROTO_TCP, .tcp_flags = PACKET_SYN
	};
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), &packet);

	assert_string_equal(packet_diff(pkt, &packet), "");
	packet.tcp_flags = PACKET_ACK;
	assert_non_null(strstr(packet_diff(pkt, &packet), "tcp flags"));
	packet.tcp_flags = PACKET_SYN;
	packet.seq = 1;
	assert_non_null(strstr(packet_diff(pkt, &packet), "tcp seq"));
	rte_pktmbuf_free(pkt);

	packet.proto = IP_PROTO_SCTP;
	pkt = packet_mbuf(test_pool(), &packet);
	packet.vtag = 7;
	assert_non_null(strstr(packet_diff(pkt, &packet), "sctp verification tag"));
	packet.vtag = 0;
	packet.spoil = PACKET_BAD_L4_CHECKSUM;
	assert_non_null(strstr(packet_diff(pkt, &packet), "sctp crc32c"));
	rte_pktmbuf_free(pkt);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_is_as_others_write_it),
		cmocka_unit_test(sctp_is_as_others_write_it),
		cmocka_unit_test(crc32c_is_that_of_the_rfc),
		cmocka_unit_test(arp_is_what_lib_wire_builds),
		cmocka_unit_test_teardown(what_differs_has_a_name, test_pool_check),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
