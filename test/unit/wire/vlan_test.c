/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet headers with VLAN tags, built and read. */
#include "wire/vlan.h"

#include "unit/wire/wire_fixture.h"

static const struct mac_addr dst = { { 2, 0, 0, 0, 0, 1 } }, src = { { 2, 0, 0, 0, 0, 2 } };

static void
test_build(void **state)
{
	static const struct vlan_tags two = { 2,
		{ { ETHER_TYPE_QINQ, 100 }, { ETHER_TYPE_VLAN, 4094 } } };
	static const uint8_t expected[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xa8, 0, 100,
		0x81, 0x00, 0x0f, 0xfe, 0x86, 0xdd };
	uint8_t frame[sizeof(expected)];

	assert_int_equal(vlan_hdr_length(&two), sizeof(expected));
	vlan_hdr_build(frame, &dst, &src, &two, ETHER_TYPE_IP6);
	assert_memory_equal(frame, expected, sizeof(expected));
}

static void
test_parse_what_was_built(void **state)
{
	for (unsigned count = 0; count <= VLAN_TAGS_MAX; count++) {
		struct vlan_tags tags = { (uint8_t)count,
			{ { ETHER_TYPE_VLAN, 1 }, { ETHER_TYPE_QINQ, 4095 } } };
		unsigned length = vlan_hdr_length(&tags);
		struct vlan_tags read;
		uint8_t frame[64];
		uint16_t type;

		vlan_hdr_build(frame, &dst, &src, &tags, 0x0800);
		assert_int_equal(vlan_hdr_parse(frame, length, &read, &type), length);
		assert_int_equal(type, 0x0800);
		assert_int_equal(read.count, count);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(read.tags[i].type, tags.tags[i].type);
			assert_int_equal(read.tags[i].id, tags.tags[i].id);
		}
		/* Truncated at each byte. */
		for (unsigned part = 0; part < length; part++)
			assert_int_equal(vlan_hdr_parse(frame, part, &read, &type), 0);
	}
}

/* Priority and drop eligibility are no part of the id; id 0 is no VLAN: 802.1Q-2018 9.6. */
static void
test_priority(void **state)
{
	static const uint8_t frame[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0xf0, 0,
		0x88, 0xa8, 0xff, 0xfe, 0x08, 0x06 };
	struct vlan_tags tags;
	uint16_t type;

	assert_int_equal(vlan_hdr_parse(frame, sizeof(frame), &tags, &type), sizeof(frame));
	assert_int_equal(type, ETHER_TYPE_ARP);
	assert_int_equal(tags.count, 1);
	assert_int_equal(tags.tags[0].type, ETHER_TYPE_QINQ);
	assert_int_equal(tags.tags[0].id, 4094);
}

static void
test_more_tags_than_are_read(void **state)
{
	static const uint8_t frame[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0, 1, 0x81,
		0x00, 0, 2, 0x81, 0x00, 0, 3, 0x08, 0x00 };
	struct vlan_tags tags;
	uint16_t type;

	assert_int_equal(vlan_hdr_parse(frame, sizeof(frame), &tags, &type), 22);
	assert_int_equal(type, ETHER_TYPE_VLAN);
	assert_int_equal(tags.count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_parse_what_was_built),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_more_tags_than_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
