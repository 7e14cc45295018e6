/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses and prefixes: text (RFC 5952), classes, corner cases of prefix lengths. */
#include "wire/ip_addr.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"

static struct ip_prefix
prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static void
test_text_and_back(void **state)
{
	static const struct {
		const char *given, *expected;
	} texts[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "192.0.2.1", "192.0.2.1" },
		/* RFC 5952 4.1: no leading zeros; 4.2.1: as short as can be */
		{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
		{ "2001:db8::0:1", "2001:db8::1" },
		/* 4.2.2: one zero field is not shortened */
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		/* 4.2.3: the longest run, of equal ones the first */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		/* 4.3: lower case */
		{ "2001:DB8::ABCD", "2001:db8::abcd" },
		/* 5: mixed notation for the known prefix */
		{ "::ffff:c000:0201", "::ffff:192.0.2.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ip_addr addr = addr_of(texts[i].given);

		assert_string_equal(ip_addr_format(&addr, text), texts[i].expected);
	}
	assert_string_equal(ip_addr_format(&(struct ip_addr){ 0 }, text), "-");
}

/* RFC 1122 3.2.1.3, RFC 4291 2.5: what a host on a link may have. */
static void
test_addresses_of_hosts(void **state)
{
	static const char *const hosts[] = { "1.0.0.0", "126.255.255.255", "128.0.0.1",
		"223.255.255.255", "169.254.1.1", "::2", "::10.0.0.1", "fe80::1", "2001:db8::1",
		"::fffe:1.2.3.4", "::1:ffff:1.2.3.4" };
	static const char *const others[] = { "0.0.0.0", "0.255.255.255", "127.0.0.1", "224.0.0.0",
		"240.0.0.1", "255.255.255.255", "::", "::1", "ff02::1", "ff0e::1", "::ffff:0:0",
		"::ffff:10.0.0.1" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct ip_addr addr = addr_of(hosts[i]);

		assert_true(ip_addr_is_host(&addr));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct ip_addr addr = addr_of(others[i]);

		assert_false(ip_addr_is_host(&addr));
	}
}

static void
test_garbage_addresses_are_refused(void **state)
{
	static const char *const texts[] = { "", " ", "+8", "1", "1.2.3", "1.2.3.", "1.2.3.4.",
		"1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4",
		"0x1.2.3.4", ":", ":::", "1::2::3", "2001:db8", "12345::", "g::", "::1%eth0",
		"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1/64", "::1.2.3", "::1.2.3.256" };
	struct ip_addr addr = addr_of("192.0.2.1");
	const struct ip_addr before = addr;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(ip_addr_parse(texts[i], &addr), -EINVAL);
		assert_memory_equal(&addr, &before, sizeof(addr));
	}
}

/* Tables compare addresses as memory. */
static void
test_bytes_beyond_the_family_are_zero(void **state)
{
	static const uint8_t bytes[16] = { 192, 0, 2, 1, 5, 6, 7, 8, 9 };
	struct ip_addr from_text, from_bytes;

	memset(&from_text, 0xff, sizeof(from_text));
	memset(&from_bytes, 0xff, sizeof(from_bytes));
	assert_int_equal(ip_addr_parse("192.0.2.1", &from_text), 0);
	from_bytes = ip_addr_from4(bytes);
	assert_true(ip_addr_equal(&from_text, &from_bytes));
	for (unsigned i = 4; i < 16; i++)
		assert_int_equal(from_bytes.bytes[i], 0);
	assert_int_equal(ip_addr_to_u32(&from_bytes), 0xc0000201);
	from_text = addr_of("255.0.0.1");
	assert_int_equal(ip_addr_to_u32(&from_text), 0xff000001);
	from_bytes = ip_addr_from6(bytes);
	from_text = addr_of("c000:201:506:708:900::");
	assert_true(ip_addr_equal(&from_text, &from_bytes));
}

enum class { UNSPECIFIED = 1, MULTICAST = 2, LOOPBACK = 4, LINK_LOCAL = 8 };

static void
test_classes(void **state)
{
	static const struct {
		const char *text;
		unsigned classes;
	} addrs[] = {
		{ "0.0.0.0", UNSPECIFIED },
		{ "0.0.0.1", 0 },
		{ "223.255.255.255", 0 },
		{ "224.0.0.0", MULTICAST },
		{ "239.255.255.255", MULTICAST },
		{ "240.0.0.0", 0 },
		{ "126.255.255.255", 0 },
		{ "127.0.0.0", LOOPBACK },
		{ "127.255.255.255", LOOPBACK },
		{ "128.0.0.0", 0 },
		{ "169.253.255.255", 0 },
		{ "169.254.0.0", LINK_LOCAL },
		{ "169.255.0.0", 0 },
		{ "::", UNSPECIFIED },
		{ "::1", LOOPBACK },
		{ "::2", 0 },
		{ "1::1", 0 },
		{ "fe00::", 0 },
		{ "fe7f::", 0 },
		{ "fe80::", LINK_LOCAL },
		{ "febf:ffff::", LINK_LOCAL },
		{ "fec0::", 0 },
		{ "feff::", 0 },
		{ "ff00::", MULTICAST },
		{ "ffff::", MULTICAST },
		/* IPv6 bytes that would be something as IPv4 */
		{ "7f00::1", 0 },
		{ "e000::1", 0 },
		{ "a9fe::1", 0 },
	};

	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		struct ip_addr addr = addr_of(addrs[i].text);
		unsigned classes = 0;

		classes |= ip_addr_is_unspecified(&addr) ? UNSPECIFIED : 0;
		classes |= ip_addr_is_multicast(&addr) ? MULTICAST : 0;
		classes |= ip_addr_is_loopback(&addr) ? LOOPBACK : 0;
		classes |= ip_addr_is_link_local(&addr) ? LINK_LOCAL : 0;
		if (classes != addrs[i].classes)
			print_error("%s\n", addrs[i].text);
		assert_int_equal(classes, addrs[i].classes);
	}
}

static void
test_prefix_text(void **state)
{
	static const struct {
		const char *given, *expected, *network;
	} texts[] = {
		{ "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0" },
		{ "255.255.255.255/0", "255.255.255.255/0", "0.0.0.0/0" },
		{ "10.1.2.3", "10.1.2.3/32", "10.1.2.3/32" },
		{ "10.1.2.3/32", "10.1.2.3/32", "10.1.2.3/32" },
		{ "10.1.2.3/31", "10.1.2.3/31", "10.1.2.2/31" },
		{ "10.1.2.3/8", "10.1.2.3/8", "10.0.0.0/8" },
		{ "10.255.2.3/9", "10.255.2.3/9", "10.128.0.0/9" },
		{ "255.255.255.255/1", "255.255.255.255/1", "128.0.0.0/1" },
		{ "::/0", "::/0", "::/0" },
		{ "ffff::1/0", "ffff::1/0", "::/0" },
		{ "2001:db8::1", "2001:db8::1/128", "2001:db8::1/128" },
		{ "2001:db8::ffff/127", "2001:db8::ffff/127", "2001:db8::fffe/127" },
		{ "2001:db8:ffff::1/33", "2001:db8:ffff::1/33", "2001:db8:8000::/33" },
		{ "2001:db8:a:b:c:d:e:f/64", "2001:db8:a:b:c:d:e:f/64", "2001:db8:a:b::/64" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	};
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ip_prefix prefix = prefix_of(texts[i].given);
		struct ip_prefix network = ip_prefix_network(&prefix);

		assert_string_equal(ip_prefix_format(&prefix, text), texts[i].expected);
		assert_string_equal(ip_prefix_format(&network, text), texts[i].network);
	}
}

static void
test_garbage_prefixes_are_refused(void **state)
{
	static const char *const texts[] = { "", "/", "/8", "+8", "1.2.3.4/", "1.2.3.4/33",
		"1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4/ 8", "1.2.3.4/8 ", "1.2.3.4/8x", "1.2.3.4/x",
		"1.2.3.4/08", "1.2.3.4/00", "1.2.3.4/0x8", "1.2.3.4/8/8", "1.2.3.4/256",
		"1.2.3.4/4294967296", "1.2.3.4/18446744073709551616", "1.2.3.4/255.0.0.0",
		"1.2.3.4 /8", "1.2.3/8", "::/129", "::/", "::/99999999999999999999999999",
		"::1%lo/64", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/8" };
	struct ip_prefix prefix = prefix_of("192.0.2.1/24");
	const struct ip_prefix before = prefix;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (ip_prefix_parse(texts[i], &prefix) != -EINVAL)
			fail_msg("'%s' was taken", texts[i]);
		assert_memory_equal(&prefix, &before, sizeof(prefix));
	}
}

static void
test_prefix_contains(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool contains;
	} cases[] = {
		{ "0.0.0.0/0", "255.1.2.3", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "ffff::", true },
		{ "::/0", "0.0.0.0", false },
		{ "10.1.2.3/24", "10.1.2.255", true },
		{ "10.1.2.3/24", "10.1.3.0", false },
		{ "10.1.2.128/25", "10.1.2.127", false },
		{ "10.1.2.128/25", "10.1.2.128", true },
		{ "10.1.2.2/31", "10.1.2.3", true },
		{ "10.1.2.2/31", "10.1.2.4", false },
		{ "10.1.2.3/32", "10.1.2.3", true },
		{ "10.1.2.3/32", "10.1.2.2", false },
		{ "2001:db8::/127", "2001:db8::1", true },
		{ "2001:db8::/127", "2001:db8::2", false },
		{ "2001:db8::1/128", "2001:db8::1", true },
		{ "2001:db8::1/128", "2001:db8::", false },
		{ "8000::/1", "ffff::", true },
		{ "8000::/1", "7fff::", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix prefix = prefix_of(cases[i].prefix);
		struct ip_addr addr = addr_of(cases[i].addr);

		if (ip_prefix_contains(&prefix, &addr) != cases[i].contains)
			fail_msg("%s %s", cases[i].prefix, cases[i].addr);
	}
}

/* Every length, against bits taken one by one. */
static void
test_every_prefix_length(void **state)
{
	struct ip_prefix prefix = prefix_of("a5a5:5a5a:ffff:0:1234:8765:c3c3:3c3c/0");

	for (unsigned length = 0; length <= 128; length++) {
		struct ip_prefix network;

		prefix.length = length;
		network = ip_prefix_network(&prefix);
		assert_true(ip_prefix_contains(&network, &prefix.addr));
		for (unsigned bit = 0; bit < 128; bit++) {
			struct ip_addr other = prefix.addr;
			unsigned mask = 0x80U >> (bit % 8);
			unsigned expected = bit < length ? prefix.addr.bytes[bit / 8] & mask : 0;

			assert_int_equal(network.addr.bytes[bit / 8] & mask, expected);
			other.bytes[bit / 8] ^= mask;
			assert_int_equal(ip_prefix_contains(&network, &other), bit >= length);
		}
	}
}

static void
test_prefix_order(void **state)
{
	static const char *const order[] = { "0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9",
		"10.0.0.1/8", "255.0.0.0/8", "::/0", "::/128", "::1/0", "ff00::/8" };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (size_t j = 0; j < sizeof(order) / sizeof(order[0]); j++) {
			struct ip_prefix a = prefix_of(order[i]), b = prefix_of(order[j]);
			int compared = ip_prefix_compare(&a, &b);

			assert_int_equal(compared < 0, i < j);
			assert_int_equal(compared > 0, i > j);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_back),
		cmocka_unit_test(test_addresses_of_hosts),
		cmocka_unit_test(test_garbage_addresses_are_refused),
		cmocka_unit_test(test_bytes_beyond_the_family_are_zero),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_prefix_text),
		cmocka_unit_test(test_garbage_prefixes_are_refused),
		cmocka_unit_test(test_prefix_contains),
		cmocka_unit_test(test_every_prefix_length),
		cmocka_unit_test(test_prefix_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
