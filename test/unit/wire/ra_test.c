/* SPDX-License-Identifier: BSD-3-Clause */
/* Router advertisements: the checks of RFC 4861 6.1.2 one by one, and each option. */
#include "wire/ra.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"
#include "wire/icmp.h"

struct message {
	uint8_t bytes[1500];
	uint32_t length;
	struct nd_envelope envelope;
};

static struct message
advertisement(void)
{
	return (struct message){
		.bytes = { ICMP6_ROUTER_ADVERTISEMENT, [4] = 64, 0xc8, 0x07, 0x08, 0, 0, 0x75, 0x30,
			0, 0, 0x03, 0xe8 },
		.length = 16,
		.envelope = { addr_of("fe80::1"), addr_of("ff02::1"), 255 },
	};
}

static int
parse(struct message *m, struct ra *ra)
{
	uint8_t *copy;
	int rc;

	if (m->length >= 4)
		icmp6_checksum_set(m->bytes, m->length, &m->envelope.src, &m->envelope.dst);
	copy = bytes_copy(m->bytes, m->length);
	rc = ra_parse(copy, m->length, &m->envelope, ra);
	free(copy);
	return rc;
}

static void
option(struct message *m, const uint8_t *bytes, uint32_t length)
{
	memcpy(m->bytes + m->length, bytes, length);
	m->length += length;
}

static void
prefix_option(struct message *m, const char *text, uint8_t flags, uint32_t valid_s)
{
	uint8_t bytes[32] = { 3, 4, 0, flags, [8] = 0, 0, 0, 60 };
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	bytes[2] = prefix.length;
	for (unsigned i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(valid_s >> (24 - 8 * i));
	memcpy(bytes + 16, prefix.addr.bytes, 16);
	option(m, bytes, sizeof(bytes));
}

static void
test_fields(void **state)
{
	struct message m = advertisement();
	struct ra ra;

	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.hop_limit, 64);
	assert_true(ra.managed && ra.other);
	assert_int_equal(ra.preference, RA_HIGH);
	assert_int_equal(ra.lifetime_s, 1800);
	assert_int_equal(ra.reachable_ms, 30000);
	assert_int_equal(ra.retrans_ms, 1000);
	assert_false(ra.has_mac);
	assert_int_equal(ra.mtu, 0);
	assert_int_equal(ra.prefix_count, 0);
	/* RFC 4191 2.2: low, reserved, and none without a lifetime. */
	m.bytes[5] = 0x18;
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.preference, RA_LOW);
	m.bytes[5] = 0x10;
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.preference, RA_MEDIUM);
	m.bytes[5] = 0x08;
	m.bytes[6] = m.bytes[7] = 0;
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.preference, RA_MEDIUM);
}

static void
test_refused(void **state)
{
	struct message m = advertisement();
	struct ra ra;

	m.envelope.hop_limit = 254;
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m = advertisement();
	m.envelope.src = addr_of("2001:db8::1");
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m.envelope.src = addr_of("169.254.0.1");
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m = advertisement();
	m.bytes[1] = 1;
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m = advertisement();
	m.bytes[0] = ICMP6_ROUTER_SOLICITATION;
	assert_int_equal(parse(&m, &ra), -EINVAL);
	for (uint32_t length = 0; length < 16; length++) {
		m = advertisement();
		m.length = length;
		assert_int_equal(parse(&m, &ra), -EINVAL);
	}
	m = advertisement();
	icmp6_checksum_set(m.bytes, m.length, &m.envelope.src, &m.envelope.dst);
	m.bytes[2] ^= 1;
	assert_int_equal(ra_parse(m.bytes, m.length, &m.envelope, &ra), -EINVAL);
	/* An option of no length, or longer than the rest. */
	m = advertisement();
	option(&m, (const uint8_t[8]){ 1, 0 }, 8);
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m = advertisement();
	option(&m, (const uint8_t[8]){ 1, 2 }, 8);
	assert_int_equal(parse(&m, &ra), -EINVAL);
	m = advertisement();
	option(&m, (const uint8_t[1]){ 1 }, 1);
	assert_int_equal(parse(&m, &ra), -EINVAL);
}

static void
test_options(void **state)
{
	const struct ip_prefix expected = { addr_of("2001:db8::"), 64 };
	struct message m = advertisement();
	struct ra ra;

	option(&m, (const uint8_t[8]){ 1, 1, 2, 0, 0, 0, 0, 9 }, 8);
	option(&m, (const uint8_t[8]){ 5, 1, 0, 0, 0, 0, 0x05, 0x78 }, 8);
	option(&m, (const uint8_t[16]){ 77, 2 }, 16);
	prefix_option(&m, "2001:db8::5/64", 0xc0, 120);
	prefix_option(&m, "2001:db8:1::/48", 0x80, RA_INFINITE);
	assert_int_equal(parse(&m, &ra), 0);
	assert_true(ra.has_mac);
	assert_int_equal(ra.mac.bytes[5], 9);
	assert_int_equal(ra.mtu, 1400);
	assert_int_equal(ra.prefix_count, 2);
	/* Without what is behind the prefix. */
	assert_int_equal(ip_prefix_compare(&ra.prefixes[0].prefix, &expected), 0);
	assert_true(ra.prefixes[0].on_link && ra.prefixes[0].autonomous);
	assert_int_equal(ra.prefixes[0].valid_s, 120);
	assert_int_equal(ra.prefixes[0].preferred_s, 60);
	assert_true(ra.prefixes[1].on_link && !ra.prefixes[1].autonomous);
	assert_true(ra.prefixes[1].valid_s == RA_INFINITE);
	/* What cannot be: a group's MAC, prefixes that are nobody's to give. */
	m = advertisement();
	option(&m, (const uint8_t[8]){ 1, 1, 1, 0, 0, 0, 0, 9 }, 8);
	prefix_option(&m, "fe80::/64", 0xc0, 120);
	prefix_option(&m, "ff00::/8", 0xc0, 120);
	assert_int_equal(parse(&m, &ra), 0);
	assert_false(ra.has_mac);
	assert_int_equal(ra.prefix_count, 0);
	m.bytes[16 + 8 + 2] = 129;
	m.bytes[16 + 8 + 16] = 0x20;
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.prefix_count, 0);
	/* More prefixes than are remembered. */
	m = advertisement();
	for (unsigned i = 0; i < RA_PREFIXES_MAX + 3; i++)
		prefix_option(&m, "2001:db8::/64", 0xc0, 120);
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.prefix_count, RA_PREFIXES_MAX);
}

/* A route information option of `units` of eight bytes for a prefix. */
static void
route_option(struct message *m, const char *text, uint8_t units, uint8_t flags)
{
	uint8_t bytes[32] = { 24, units, 0, flags, 0, 0, 0x0e, 0x10 };
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	bytes[2] = prefix.length;
	memcpy(bytes + 8, prefix.addr.bytes, 16);
	option(m, bytes, units * 8);
}

/* RFC 4191 2.3 */
static void
test_routes(void **state)
{
	const struct ip_prefix sixty = { addr_of("2001:db8:0:10::"), 60 };
	struct message m = advertisement();
	struct ra ra;

	route_option(&m, "::/0", 1, 0x18);
	route_option(&m, "2001:db8:0:1f::/60", 2, 0x08);
	route_option(&m, "2001:db8::1/128", 3, 0);
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.route_count, 3);
	assert_int_equal(ra.routes[0].prefix.length, 0);
	assert_int_equal(ra.routes[0].preference, RA_LOW);
	assert_int_equal(ra.routes[0].lifetime_s, 3600);
	/* Without what is behind the prefix. */
	assert_int_equal(ip_prefix_compare(&ra.routes[1].prefix, &sixty), 0);
	assert_int_equal(ra.routes[1].preference, RA_HIGH);
	assert_int_equal(ra.routes[2].prefix.length, 128);
	assert_int_equal(ra.routes[2].preference, RA_MEDIUM);
	/* Ignored: the reserved preference, too short for the prefix or too long, nobody's to give. */
	m = advertisement();
	route_option(&m, "2001:db8::/32", 3, 0x10);
	route_option(&m, "2001:db8::/1", 1, 0);
	route_option(&m, "2001:db8::/65", 2, 0);
	route_option(&m, "2001:db8::/64", 4, 0);
	route_option(&m, "fe80::/64", 3, 0);
	route_option(&m, "ff00::/8", 3, 0);
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.route_count, 0);
	m = advertisement();
	route_option(&m, "2001:db8::/128", 3, 0);
	m.bytes[16 + 2] = 129;
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.route_count, 0);
	/* More than are remembered. */
	m = advertisement();
	for (unsigned i = 0; i < RA_ROUTES_MAX + 3; i++)
		route_option(&m, "2001:db8::/64", 2, 0);
	assert_int_equal(parse(&m, &ra), 0);
	assert_int_equal(ra.route_count, RA_ROUTES_MAX);
}

static void
test_solicitation(void **state)
{
	const struct nd_envelope envelope = { addr_of("fe80::1"), addr_of("ff02::2"), 255 };
	const struct mac_addr mac = { { 2, 0, 0, 0, 0, 9 } };
	uint8_t bytes[RS_LENGTH_MAX], again[RS_LENGTH_MAX];

	assert_int_equal(rs_build(bytes, &mac, &envelope), 16);
	assert_int_equal(bytes[0], 133);
	assert_memory_equal(bytes + 4, ((uint8_t[12]){ 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 9 }), 12);
	memcpy(again, bytes, 16);
	icmp6_checksum_set(again, 16, &envelope.src, &envelope.dst);
	assert_memory_equal(again, bytes, 16);
	assert_int_equal(rs_build(bytes, NULL, &envelope), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_solicitation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
