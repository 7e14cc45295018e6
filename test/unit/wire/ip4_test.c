/* SPDX-License-Identifier: BSD-3-Clause */
/* The IPv4 header: what RFC 1812 5.2.2 refuses, fragments, building, classes of addresses. */
#include "wire/ip4.h"

#include <endian.h>
#include <errno.h>

#include "wire/checksum.h"
#include "unit/wire/wire_fixture.h"

/* 60 bytes of header at most and 8 of payload; made right by packet_finish(). */
struct packet {
	uint8_t bytes[72];
	uint32_t length;
};

static void
packet_finish(struct packet *p)
{
	unsigned hdr_length = (p->bytes[0] & 0xf) * 4U;
	uint16_t checksum;

	memset(p->bytes + 10, 0, 2);
	checksum = checksum_finish(checksum_add(0, p->bytes, hdr_length));
	memcpy(p->bytes + 10, &checksum, 2);
}

static struct packet
packet_make(unsigned options_length)
{
	struct packet p = {
		.bytes = { (uint8_t)(0x45 + options_length / 4), 0, 0,
			(uint8_t)(28 + options_length), 0x12, 0x34, 0x40, 0, 64, 17, 0, 0, 10, 0, 0,
			1, 10, 0, 0, 2 },
		.length = 28 + options_length,
	};

	memset(p.bytes + 20, 1, options_length); /* no operation */
	packet_finish(&p);
	return p;
}

static int
parse(const struct packet *p, uint32_t length, struct ip4_summary *summary)
{
	uint8_t *copy = bytes_copy(p->bytes, length);
	int ret = ip4_hdr_parse(copy, length, summary);

	free(copy);
	return ret;
}

static void
test_header_of_each_length(void **state)
{
	for (unsigned options_length = 0; options_length <= 40; options_length += 4) {
		struct packet p = packet_make(options_length);
		struct ip4_summary summary;

		assert_int_equal(parse(&p, p.length, &summary), 0);
		assert_int_equal(summary.proto, IP_PROTO_UDP);
		assert_int_equal(summary.hdr_length, 20 + options_length);
		assert_int_equal(summary.payload_length, 8);
		assert_false(summary.fragment);
		assert_false(summary.fragment_first);
		/* Ethernet's padding behind it does not count. */
		assert_int_equal(parse(&p, p.length + 4, &summary), 0);
		assert_int_equal(summary.payload_length, 8);
		for (uint32_t length = 0; length < p.length; length++)
			assert_int_equal(parse(&p, length, &summary), -EINVAL);
	}
}

static void
test_unaligned(void **state)
{
	struct packet p = packet_make(0);
	struct ip4_summary summary;
	uint8_t bytes[29];

	memcpy(bytes + 1, p.bytes, 28);
	assert_int_equal(ip4_hdr_parse(bytes + 1, 28, &summary), 0);
	assert_int_equal(summary.payload_length, 8);
}

static void
test_each_wrong_bit_is_seen(void **state)
{
	for (unsigned bit = 0; bit < 24 * 8; bit++) {
		struct packet p = packet_make(4);
		struct ip4_summary summary;

		p.bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		assert_int_equal(parse(&p, p.length, &summary), -EINVAL);
	}
}

/* With a right checksum, each of the other checks alone. */
static void
test_version_and_lengths(void **state)
{
	struct ip4_summary summary;

	for (unsigned version = 0; version < 16; version++) {
		struct packet p = packet_make(0);

		p.bytes[0] = (uint8_t)(version << 4 | 5);
		packet_finish(&p);
		assert_int_equal(parse(&p, p.length, &summary), version == 4 ? 0 : -EINVAL);
	}
	for (unsigned ihl = 0; ihl < 16; ihl++) {
		struct packet p = packet_make(0);

		p.bytes[0] = (uint8_t)(0x40 | ihl);
		packet_finish(&p);
		/* 28 bytes in all: room for seven words. */
		assert_int_equal(parse(&p, p.length, &summary), ihl >= 5 && ihl <= 7 ? 0 : -EINVAL);
	}
	for (unsigned total = 0; total <= 32; total++) {
		struct packet p = packet_make(4);

		p.bytes[3] = (uint8_t)total;
		packet_finish(&p);
		assert_int_equal(parse(&p, 32, &summary), total >= 24 ? 0 : -EINVAL);
		if (total >= 24)
			assert_int_equal(summary.payload_length, total - 24);
	}
}

static void
test_fragments(void **state)
{
	static const struct {
		uint16_t frag;
		bool fragment, first;
	} cases[] = {
		{ 0, false, false },
		{ IP4_FRAG_DF, false, false },
		{ 0x8000, false, false }, /* the reserved bit */
		{ IP4_FRAG_MF, true, true },
		{ IP4_FRAG_MF | IP4_FRAG_DF, true, true },
		{ IP4_FRAG_MF | 1, true, false },
		{ 1, true, false },
		{ IP4_FRAG_OFFSET, true, false },
		{ 0x1000, true, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct packet p = packet_make(0);
		struct ip4_summary summary;

		p.bytes[6] = (uint8_t)(cases[i].frag >> 8);
		p.bytes[7] = (uint8_t)cases[i].frag;
		packet_finish(&p);
		assert_int_equal(parse(&p, p.length, &summary), 0);
		assert_int_equal(summary.fragment, cases[i].fragment);
		assert_int_equal(summary.fragment_first, cases[i].first);
	}
}

static void
test_build(void **state)
{
	static const uint8_t expected[20] = { 0x45, 0xb8, 0x00, 0x1c, 0x12, 0x34, 0x40, 0x00, 64,
		17, 0x13, 0xe3, 10, 0, 0, 1, 10, 0, 0, 2 };
	struct ip4_build build = {
		.src_be = htobe32(0x0a000001),
		.dst_be = htobe32(0x0a000002),
		.payload_length = 8,
		.id = 0x1234,
		.tos = 0xb8,
		.ttl = 64,
		.proto = IP_PROTO_UDP,
		.df = true,
	};
	struct ip4_header hdr;

	memset(&hdr, 0xee, sizeof(hdr));
	ip4_hdr_build(&hdr, &build);
	assert_memory_equal(&hdr, expected, sizeof(expected));
	build.df = false;
	build.payload_length = UINT16_MAX - IP4_HDR_LENGTH;
	ip4_hdr_build(&hdr, &build);
	assert_int_equal(be16toh(hdr.total_length_be), UINT16_MAX);
	assert_int_equal(hdr.frag_be, 0);
	assert_int_equal(checksum_ip4_hdr_sum(&hdr), 0xffff);
}

static void
test_classes(void **state)
{
	for (unsigned first = 0; first < 256; first++) {
		uint8_t expected = 0;

		if (first == 0 || first == 127 || first >= 240)
			expected = IP4_CLASS_NOT_SRC | IP4_CLASS_NOT_DST;
		else if (first >= 224)
			expected = IP4_CLASS_NOT_SRC | IP4_CLASS_MULTICAST;
		else if (first == 169)
			expected = IP4_CLASS_MAYBE_LINK_LOCAL;
		assert_int_equal(ip4_class(htobe32(first << 24 | 0x00010203)), expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_of_each_length),
		cmocka_unit_test(test_unaligned),
		cmocka_unit_test(test_each_wrong_bit_is_seen),
		cmocka_unit_test(test_version_and_lengths),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
