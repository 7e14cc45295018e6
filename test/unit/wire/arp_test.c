/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP packets: RFC 826, and the senders that are refused. */
#include "wire/arp.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"

static const uint8_t request[ARP_LENGTH] = { 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01, /* head */
	0x02, 0x00, 0x00, 0x00, 0x00, 0x0a, 10, 0, 0, 1, /* sender */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 10, 0, 0, 2 }; /* target */

enum { SENDER_MAC = 8, SENDER_IP = 14, OP = 7 };

static int
parse_exact(const uint8_t *data, uint32_t length, struct arp *arp)
{
	uint8_t *copy = bytes_copy(data, length);
	int ret = arp_parse(copy, length, arp);

	free(copy);
	return ret;
}

static int
parse_with(unsigned offset, const void *bytes, unsigned length)
{
	uint8_t changed[ARP_LENGTH];
	struct arp arp;

	memcpy(changed, request, sizeof(changed));
	memcpy(changed + offset, bytes, length);
	return parse_exact(changed, sizeof(changed), &arp);
}

static void
test_fields(void **state)
{
	struct arp arp;
	char text[IP_TEXT_MAX], mac[MAC_TEXT_MAX];

	assert_int_equal(parse_exact(request, sizeof(request), &arp), 0);
	assert_int_equal(arp.op, ARP_REQUEST);
	assert_string_equal(mac_addr_format(&arp.sender_mac, mac), "02:00:00:00:00:0a");
	assert_true(mac_addr_is_zero(&arp.target_mac));
	assert_string_equal(ip_addr_format(&arp.sender_ip, text), "10.0.0.1");
	assert_string_equal(ip_addr_format(&arp.target_ip, text), "10.0.0.2");
}

static void
test_build_is_the_inverse(void **state)
{
	uint8_t reply[ARP_LENGTH], built[ARP_LENGTH];
	struct arp arp;

	memcpy(reply, request, sizeof(reply));
	reply[OP] = ARP_REPLY;
	memset(reply + 18, 0x24, 6);
	assert_int_equal(parse_exact(reply, sizeof(reply), &arp), 0);
	memset(built, 0xee, sizeof(built));
	arp_build(built, &arp);
	assert_memory_equal(built, reply, sizeof(reply));
}

static void
test_cut_off_at_each_byte(void **state)
{
	uint8_t padded[46] = { 0 };
	struct arp arp;

	for (uint32_t length = 0; length < sizeof(request); length++)
		assert_int_equal(parse_exact(request, length, &arp), -EINVAL);
	memcpy(padded, request, sizeof(request));
	assert_int_equal(parse_exact(padded, sizeof(padded), &arp), 0);
}

static void
test_each_bit_of_the_head_counts(void **state)
{
	for (unsigned bit = 0; bit < 8 * 8; bit++) {
		uint8_t changed = request[bit / 8] ^ (uint8_t)(1U << (bit % 8));
		int ret = parse_with(bit / 8, &changed, 1);

		assert_int_equal(ret, -EINVAL);
	}
	assert_int_equal(parse_with(OP, &(uint8_t){ ARP_REPLY }, 1), 0);
	assert_int_equal(parse_with(OP, &(uint8_t){ 0 }, 1), -EINVAL);
}

static void
test_impossible_senders_are_refused(void **state)
{
	static const uint8_t macs[][6] = { { 0 }, { 0x01, 0, 0x5e, 0, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	static const uint8_t ips[][4] = { { 0, 0, 0, 1 }, { 127, 0, 0, 1 }, { 224, 0, 0, 1 },
		{ 240, 0, 0, 1 }, { 255, 255, 255, 255 } };

	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
		assert_int_equal(parse_with(SENDER_MAC, macs[i], 6), -EINVAL);
	for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++)
		assert_int_equal(parse_with(SENDER_IP, ips[i], 4), -EINVAL);
}

/* RFC 5227 2.1.1: a probe has the sender 0.0.0.0 and is a request. */
static void
test_probe(void **state)
{
	static const uint8_t reply_from_nobody[] = { ARP_REPLY, 2, 0, 0, 0, 0, 0xa, 0, 0, 0, 0 };

	assert_int_equal(parse_with(SENDER_IP, "\0\0\0\0", 4), 0);
	assert_int_equal(parse_with(OP, reply_from_nobody, sizeof(reply_from_nobody)), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_build_is_the_inverse),
		cmocka_unit_test(test_cut_off_at_each_byte),
		cmocka_unit_test(test_each_bit_of_the_head_counts),
		cmocka_unit_test(test_impossible_senders_are_refused),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
