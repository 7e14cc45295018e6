/* SPDX-License-Identifier: BSD-3-Clause */
/* The IPv6 header, its chain of extension headers, special addresses. */
#include "wire/ip6.h"

#include <endian.h>
#include <errno.h>

#include "wire/ip4.h"
#include "unit/wire/wire_fixture.h"

/* A packet that grows header by header. */
struct chain {
	uint8_t bytes[IP6_HDR_LENGTH + 1024];
	uint32_t length;
	uint16_t proto_field;
};

static struct chain
chain_make(void)
{
	return (struct chain){
		.bytes = { 0x60, [6] = IP_PROTO_NONE },
		.length = IP6_HDR_LENGTH,
		.proto_field = 6,
	};
}

/* `units`: of 8 bytes, one at least. */
static void
chain_append(struct chain *c, uint8_t proto, unsigned units)
{
	c->bytes[c->proto_field] = proto;
	c->proto_field = (uint16_t)c->length;
	c->bytes[c->length] = IP_PROTO_NONE;
	c->bytes[c->length + 1] = (uint8_t)(units - 1);
	c->length += units * 8;
}

static void
fragment_append(struct chain *c, uint16_t offset_flags)
{
	uint32_t at = c->length;

	chain_append(c, IP_PROTO_FRAGMENT, 1);
	c->bytes[at + 2] = (uint8_t)(offset_flags >> 8);
	c->bytes[at + 3] = (uint8_t)offset_flags;
}

static int
parse(const struct chain *c, uint32_t length, struct ip6_chain *chain)
{
	uint8_t *copy = bytes_copy(c->bytes, length);
	int ret = ip6_chain_parse(copy, length, chain);

	free(copy);
	return ret;
}

/* Parses to the end, and at each length before its last header's end does not. */
static struct ip6_chain
parse_all(struct chain *c, uint8_t proto)
{
	struct ip6_chain chain;

	c->bytes[c->proto_field] = proto;
	for (uint32_t length = IP6_HDR_LENGTH; length < c->length; length++)
		assert_int_equal(parse(c, length, &chain), -EINVAL);
	assert_int_equal(parse(c, c->length, &chain), 0);
	assert_int_equal(chain.proto, proto);
	assert_int_equal(chain.offset, c->length);
	assert_int_equal(chain.proto_field, c->proto_field);
	return chain;
}

static void
test_no_extensions(void **state)
{
	/* AH and ESP are for the upper layer to see; so is all that is unknown. */
	static const uint8_t protos[] = { IP_PROTO_TCP, IP_PROTO_ICMP6, IP_PROTO_NONE, IP_PROTO_AH,
		50, 135, 255 };

	for (size_t i = 0; i < sizeof(protos); i++) {
		struct chain c = chain_make();
		struct ip6_chain chain = parse_all(&c, protos[i]);

		assert_int_equal(chain.proto_field, 6);
		assert_false(chain.fragment);
		assert_false(chain.fragment_first);
	}
}

static void
test_extensions_of_several_lengths(void **state)
{
	struct chain c = chain_make();

	chain_append(&c, IP_PROTO_HOPOPT, 1);
	chain_append(&c, IP_PROTO_DSTOPTS, 3);
	chain_append(&c, IP_PROTO_ROUTING, 2);
	chain_append(&c, IP_PROTO_DSTOPTS, 1);
	parse_all(&c, IP_PROTO_UDP);
}

static void
test_longest_extension(void **state)
{
	struct chain c = chain_make();

	c.bytes[6] = IP_PROTO_DSTOPTS;
	c.bytes[40] = IP_PROTO_TCP;
	c.bytes[41] = 255;
	c.proto_field = 40;
	/* 2048 bytes, of which 1024 are there. */
	assert_int_equal(parse(&c, sizeof(c.bytes), &(struct ip6_chain){ 0 }), -EINVAL);
	c.bytes[41] = 127;
	c.length = IP6_HDR_LENGTH + 1024;
	parse_all(&c, IP_PROTO_TCP);
}

static void
test_number_of_extensions(void **state)
{
	struct chain c = chain_make();
	struct ip6_chain chain;

	for (unsigned i = 0; i < IP6_EXT_MAX; i++)
		chain_append(&c, IP_PROTO_DSTOPTS, 1);
	parse_all(&c, IP_PROTO_TCP);
	chain_append(&c, IP_PROTO_DSTOPTS, 1);
	assert_int_equal(parse(&c, c.length, &chain), -E2BIG);
	/* Even where they never end. */
	for (unsigned i = 0; i < 100; i++)
		chain_append(&c, IP_PROTO_DSTOPTS, 1);
	assert_int_equal(parse(&c, c.length, &chain), -E2BIG);
}

/* RFC 8200 4.1: immediately behind the IPv6 header; 4: what names them elsewhere is pointed at. */
static void
test_hop_by_hop_only_first(void **state)
{
	struct chain c = chain_make();
	struct ip6_chain chain;

	chain_append(&c, IP_PROTO_DSTOPTS, 2);
	chain_append(&c, IP_PROTO_HOPOPT, 1);
	assert_int_equal(parse(&c, c.length, &chain), -EPROTO);
	assert_int_equal(chain.proto_field, IP6_HDR_LENGTH);
	/* Whether or not there are any bytes of it. */
	assert_int_equal(parse(&c, c.length - 8, &chain), -EPROTO);

	c = chain_make();
	chain_append(&c, IP_PROTO_HOPOPT, 1);
	chain_append(&c, IP_PROTO_HOPOPT, 1);
	assert_int_equal(parse(&c, c.length, &chain), -EPROTO);
}

static void
test_fragments(void **state)
{
	struct chain c = chain_make();
	struct ip6_chain chain;

	/* The first one: the walk goes on. */
	fragment_append(&c, 0x0001);
	chain_append(&c, IP_PROTO_DSTOPTS, 1);
	chain = parse_all(&c, IP_PROTO_UDP);
	assert_true(chain.fragment && chain.fragment_first);

	/* Others: what follows is data, whatever it looks like. */
	for (unsigned last = 0; last < 2; last++) {
		c = chain_make();
		chain_append(&c, IP_PROTO_HOPOPT, 1);
		fragment_append(&c, (uint16_t)(0x0008 | !last));
		chain = parse_all(&c, IP_PROTO_DSTOPTS);
		assert_true(chain.fragment && !chain.fragment_first);
	}
	c = chain_make();
	fragment_append(&c, 0xfff8);
	chain = parse_all(&c, IP_PROTO_HOPOPT);
	assert_true(chain.fragment && !chain.fragment_first);
}

/* RFC 6946: an atomic fragment is a whole packet; the reserved bits do not count. */
static void
test_atomic_fragment(void **state)
{
	struct chain c = chain_make();
	struct ip6_chain chain;

	fragment_append(&c, 0x0006);
	c.bytes[IP6_HDR_LENGTH + 1] = 0xff; /* reserved: not a length */
	chain = parse_all(&c, IP_PROTO_TCP);
	assert_false(chain.fragment);
	assert_false(chain.fragment_first);
}

/* A fragment header behind an atomic one still makes a fragment. */
static void
test_fragment_behind_atomic(void **state)
{
	struct chain c = chain_make();
	struct ip6_chain chain;

	fragment_append(&c, 0);
	fragment_append(&c, 0x0010);
	chain = parse_all(&c, IP_PROTO_TCP);
	assert_true(chain.fragment && !chain.fragment_first);
}

static void
test_build(void **state)
{
	static const uint8_t head[8] = { 0x6b, 0x80, 0, 0, 0x12, 0x34, 58, 255 };
	struct ip_addr src = addr_of("fe80::1"), dst = addr_of("ff02::2");
	const struct ip6_build build = {
		.src = src.bytes,
		.dst = dst.bytes,
		.payload_length = 0x1234,
		.traffic_class = 0xb8,
		.next_header = IP_PROTO_ICMP6,
		.hop_limit = 255,
	};
	struct ip6_header hdr;

	memset(&hdr, 0xee, sizeof(hdr));
	ip6_hdr_build(&hdr, &build);
	assert_memory_equal(&hdr, head, sizeof(head));
	assert_memory_equal(hdr.src, src.bytes, 16);
	assert_memory_equal(hdr.dst, dst.bytes, 16);
}

static void
test_special_addresses(void **state)
{
	/* RFC 4291 2.7.1 and appendix A: the examples. */
	struct ip_addr addr = addr_of("4037::01:800:200e:8c6c"),
		       group = addr_of("ff02::1:ff0e:8c6c");
	struct ip_addr built = ip6_solicited_node(&addr);

	assert_true(ip_addr_equal(&built, &group));
	built = ip6_link_local((const uint8_t[6]){ 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde });
	addr = addr_of("fe80::3656:78ff:fe9a:bcde");
	assert_true(ip_addr_equal(&built, &addr));
	/* A locally administered one: the bit is inverted, not set. */
	built = ip6_link_local((const uint8_t[6]){ 0x02, 0, 0, 0, 0, 0x0a });
	addr = addr_of("fe80::ff:fe00:a");
	assert_true(ip_addr_equal(&built, &addr));
}

enum class { MULTICAST = 1, LINK_LOCAL = 2, UNSPECIFIED_OR_LOOPBACK = 4, UNSPECIFIED = 8 };

static void
test_classes(void **state)
{
	static const struct {
		const char *text;
		unsigned classes;
	} addrs[] = {
		{ "::", UNSPECIFIED_OR_LOOPBACK | UNSPECIFIED },
		{ "::1", UNSPECIFIED_OR_LOOPBACK },
		{ "::2", 0 },
		{ "::100", 0 },
		{ "::1:0:0:0", 0 },
		{ "100::", 0 },
		{ "0:0:0:1::1", 0 },
		{ "fe80::1", LINK_LOCAL },
		{ "febf::1", LINK_LOCAL },
		{ "fec0::1", 0 },
		{ "ff02::1", MULTICAST },
		{ "2001:db8::1", 0 },
	};

	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		struct ip_addr addr = addr_of(addrs[i].text);
		unsigned classes = 0;

		classes |= ip6_is_multicast(addr.bytes) ? MULTICAST : 0;
		classes |= ip6_is_link_local(addr.bytes) ? LINK_LOCAL : 0;
		classes |= ip6_is_unspecified_or_loopback(addr.bytes) ? UNSPECIFIED_OR_LOOPBACK : 0;
		classes |= ip6_is_unspecified(addr.bytes) ? UNSPECIFIED : 0;
		if (classes != addrs[i].classes)
			print_error("%s\n", addrs[i].text);
		assert_int_equal(classes, addrs[i].classes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_extensions),
		cmocka_unit_test(test_extensions_of_several_lengths),
		cmocka_unit_test(test_longest_extension),
		cmocka_unit_test(test_number_of_extensions),
		cmocka_unit_test(test_hop_by_hop_only_first),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_atomic_fragment),
		cmocka_unit_test(test_fragment_behind_atomic),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_special_addresses),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
