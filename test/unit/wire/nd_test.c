/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor solicitations and advertisements: the checks of RFC 4861 7.1.1 and 7.1.2, one by one. */
#include "wire/nd.h"

#include <errno.h>

#include "wire/icmp.h"
#include "unit/wire/wire_fixture.h"

static const struct mac_addr mac = { { 2, 0, 0, 0, 0, 0xa } };

/* A message under change: `bytes` gets its checksum right before it is parsed. */
struct message {
	uint8_t bytes[64];
	uint32_t length;
	struct nd_envelope envelope;
};

static struct message
message_make(uint8_t type, const char *src, const char *dst)
{
	struct message m = { .envelope = {
				     .src = addr_of(src), .dst = addr_of(dst), .hop_limit = 255 } };
	const struct nd nd = {
		.type = type,
		.has_mac = true,
		.mac = mac,
		.target = addr_of("fe80::1:2"),
		.solicited = true,
	};

	m.length = nd_build(m.bytes, &nd, &m.envelope);
	assert_int_equal(m.length, ND_LENGTH_MAX);
	return m;
}

static struct message
solicitation(void)
{
	return message_make(ICMP6_NEIGHBOR_SOLICITATION, "fe80::1", "ff02::1:ff01:2");
}

static struct message
advertisement(void)
{
	return message_make(ICMP6_NEIGHBOR_ADVERTISEMENT, "fe80::1:2", "fe80::1");
}

static int
parse_unsummed(const struct message *m, uint32_t length, struct nd *nd)
{
	uint8_t *copy = bytes_copy(m->bytes, length);
	int ret = nd_parse(copy, length, &m->envelope, nd);

	free(copy);
	return ret;
}

static int
parse(struct message *m, struct nd *nd)
{
	icmp6_checksum_set(m->bytes, m->length, &m->envelope.src, &m->envelope.dst);
	return parse_unsummed(m, m->length, nd);
}

static void
option_append(struct message *m, uint8_t type, uint8_t units)
{
	m->bytes[m->length] = type;
	m->bytes[m->length + 1] = units;
	m->length += 8;
}

static void
test_solicitation(void **state)
{
	static const uint8_t expected[] = { 135, 0, 0, 0, 0, 0, 0, 0, 0xfe,
		0x80, [21] = 1, [23] = 2, 1, 1, 2, 0, 0, 0, 0, 0xa };
	struct message m = solicitation();
	struct nd nd;

	assert_int_equal(parse_unsummed(&m, m.length, &nd), 0);
	assert_int_equal(nd.type, ICMP6_NEIGHBOR_SOLICITATION);
	assert_true(nd.has_mac);
	assert_true(mac_addr_equal(&nd.mac, &mac));
	assert_false(nd.solicited); /* a flag of advertisements only */
	m.bytes[2] = m.bytes[3] = 0;
	assert_memory_equal(m.bytes, expected, sizeof(expected));
}

static void
test_advertisement_flags(void **state)
{
	for (unsigned flags = 0; flags < 8; flags++) {
		struct message m = advertisement();
		struct nd nd = {
			.type = ICMP6_NEIGHBOR_ADVERTISEMENT,
			.router = (flags & 4) != 0,
			.solicited = (flags & 2) != 0,
			.override = (flags & 1) != 0,
			.target = addr_of("fe80::1:2"),
		};
		struct nd again;

		m.length = nd_build(m.bytes, &nd, &m.envelope);
		assert_int_equal(m.length, 24);
		assert_int_equal(m.bytes[4], flags << 5);
		assert_int_equal(parse_unsummed(&m, m.length, &again), 0);
		assert_int_equal(again.router, nd.router);
		assert_int_equal(again.solicited, nd.solicited);
		assert_int_equal(again.override, nd.override);
		assert_false(again.has_mac);
		assert_true(ip_addr_equal(&again.target, &nd.target));
	}
}

/* Cut off at 24 bytes it is a valid message without option, given the checksum. */
static void
test_cut_off_at_each_byte(void **state)
{
	struct nd nd;

	for (uint32_t length = 0; length < ND_LENGTH_MAX; length++) {
		struct message m = solicitation();

		assert_int_equal(parse_unsummed(&m, length, &nd), -EINVAL);
		m.length = length;
		if (length >= 4)
			assert_int_equal(parse(&m, &nd), length == 24 ? 0 : -EINVAL);
	}
}

static void
test_each_wrong_bit_is_seen(void **state)
{
	struct nd nd;

	for (unsigned bit = 0; bit < ND_LENGTH_MAX * 8; bit++) {
		struct message m = advertisement();

		m.bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		assert_int_equal(parse_unsummed(&m, m.length, &nd), -EINVAL);
	}
}

static void
test_hop_limit_code_type_target(void **state)
{
	struct message m = solicitation();
	struct nd nd;

	m.envelope.hop_limit = 254;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m = solicitation();
	m.bytes[1] = 1;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m = solicitation();
	m.bytes[0] = ICMP6_ROUTER_SOLICITATION;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m.bytes[0] = ICMP6_REDIRECT;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m = solicitation();
	m.bytes[8] = 0xff; /* a multicast target */
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m = advertisement();
	m.bytes[8] = 0xff;
	assert_int_equal(parse(&m, &nd), -EINVAL);
}

static void
test_options(void **state)
{
	struct message m = solicitation();
	struct nd nd;

	/* An unknown one is skipped; one of length zero ends it all. */
	option_append(&m, 14, 1);
	assert_int_equal(parse(&m, &nd), 0);
	assert_true(nd.has_mac);
	option_append(&m, 14, 0);
	assert_int_equal(parse(&m, &nd), -EINVAL);
	/* Longer than what is there. */
	m = solicitation();
	m.bytes[25] = 2;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	/* 255 units: as far as it goes. */
	m.bytes[25] = 255;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	/* The target's option in a solicitation, the source's in an advertisement: not meant. */
	m = solicitation();
	m.bytes[24] = 2;
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_mac);
	m = advertisement();
	m.bytes[24] = 1;
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_mac);
}

/* RFC 7527 4: in a probe from nowhere, of six bytes. */
static void
test_nonce(void **state)
{
	const struct nd probe = {
		.type = ICMP6_NEIGHBOR_SOLICITATION,
		.target = addr_of("fe80::1:2"),
		.has_nonce = true,
		.nonce = { 1, 2, 3, 4, 5, 6 },
	};
	struct message m = { .envelope = { addr_of("::"), addr_of("ff02::1:ff01:2"), 255 } };
	struct nd nd;

	m.length = nd_build(m.bytes, &probe, &m.envelope);
	assert_int_equal(m.length, ND_LENGTH_MAX);
	assert_memory_equal(m.bytes + 24, ((uint8_t[]){ 14, 1, 1, 2, 3, 4, 5, 6 }), 8);
	assert_int_equal(parse(&m, &nd), 0);
	assert_true(nd.has_nonce);
	assert_memory_equal(nd.nonce, probe.nonce, ND_NONCE_LENGTH);
	/* A longer one is somebody else's business. */
	m.bytes[25] = 2;
	m.length += 8;
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_nonce);
}

static void
test_mac_that_no_neighbour_has(void **state)
{
	struct message m = solicitation();
	struct nd nd;

	m.bytes[26] = 3;
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_mac);
	memset(m.bytes + 26, 0, 6);
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_mac);
	/* A sound one behind it counts, one before it stays. */
	option_append(&m, 1, 1);
	memcpy(m.bytes + 34, &mac, 6);
	assert_int_equal(parse(&m, &nd), 0);
	assert_true(nd.has_mac && mac_addr_equal(&nd.mac, &mac));
	memcpy(m.bytes + 26, &mac, 6);
	memset(m.bytes + 34, 0xff, 6);
	assert_int_equal(parse(&m, &nd), 0);
	assert_true(nd.has_mac && mac_addr_equal(&nd.mac, &mac));
	/* Of another length it is no Ethernet address. */
	m = solicitation();
	option_append(&m, 0, 0);
	m.bytes[25] = 2;
	assert_int_equal(parse(&m, &nd), 0);
	assert_false(nd.has_mac);
}

/* RFC 4861 7.1.1: from ::, to the solicited-node group, without a source option. */
static void
test_solicitation_from_unspecified(void **state)
{
	struct message m = message_make(ICMP6_NEIGHBOR_SOLICITATION, "::", "ff02::1:ff01:2");
	struct nd nd;

	assert_int_equal(parse(&m, &nd), -EINVAL);
	/* An option whose content is no use is an option all the same. */
	memset(m.bytes + 26, 0, 6);
	assert_int_equal(parse(&m, &nd), -EINVAL);
	option_append(&m, 0, 0);
	m.bytes[25] = 2;
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m.length = 24;
	assert_int_equal(parse(&m, &nd), 0);
	m.envelope.dst = addr_of("ff02::1:ff01:3");
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m.envelope.dst = addr_of("ff02::1");
	assert_int_equal(parse(&m, &nd), -EINVAL);
	m.envelope.dst = addr_of("fe80::1:2");
	assert_int_equal(parse(&m, &nd), -EINVAL);
}

/* RFC 4861 7.1.2: to a group the Solicited flag is zero. */
static void
test_advertisement_to_group(void **state)
{
	struct message m = message_make(ICMP6_NEIGHBOR_ADVERTISEMENT, "fe80::1:2", "ff02::1");
	struct nd nd;

	assert_int_equal(parse(&m, &nd), -EINVAL);
	m.bytes[4] = 0x20;
	assert_int_equal(parse(&m, &nd), 0);
	assert_true(nd.override);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solicitation),
		cmocka_unit_test(test_advertisement_flags),
		cmocka_unit_test(test_cut_off_at_each_byte),
		cmocka_unit_test(test_each_wrong_bit_is_seen),
		cmocka_unit_test(test_hop_limit_code_type_target),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_nonce),
		cmocka_unit_test(test_mac_that_no_neighbour_has),
		cmocka_unit_test(test_solicitation_from_unspecified),
		cmocka_unit_test(test_advertisement_to_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
