/* SPDX-License-Identifier: BSD-3-Clause */
/* What extension headers of packets for us ask for: options' action bits, routing headers, order. */
#include "unit/ip/ip_fixture.h"

#include <errno.h>

#include "ip/ip6_chain.h"

#define PROBLEM ICMP6_PARAMETER_PROBLEM

/* Headers, the first of which is `first`; the last one names UDP. */
struct chain_case {
	const char *what;
	uint8_t first;
	uint8_t bytes[32];
	uint8_t length;
	enum drop_reason reason; /* 0: it goes on */
	uint8_t icmp_type, icmp_code, pointer;
};

static void
check_case(const struct chain_case *c, const char *dst)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2", .dst = dst,
		.options = c->bytes, .options_length = c->length, .next_header = c->first);
	struct ip6_chain chain;
	int rc;

	if (c->first == 0) /* PACKET's 0 is "not said", which is hop-by-hop options as well */
		assert_int_equal(pkt_l3(pkt, struct ip6_header *)->next_header, 0);
	rc = ip6_chain_input(pkt, &chain, &f->out);
	assert_int_equal(rc, c->reason == 0 ? 0 : -EINVAL);
	if (c->reason == 0) {
		assert_int_equal(ip_fixture_count(f), 0);
		assert_int_equal(chain.proto, IP_PROTO_UDP);
		rte_pktmbuf_free(pkt);
	} else if (c->icmp_type == 0) {
		assert_dropped(f, pkt, c->reason);
	} else {
		assert_error(f, pkt, c->reason, c->icmp_type, c->icmp_code, c->pointer);
	}
	ip_fixture_destroy(f);
}

static const struct chain_case cases[] = {
	{ "PadN", 60, { 17, 0, 1, 4, 0, 0, 0, 0 }, 8, 0, 0, 0, 0 },
	{ "Pad1", 60, { 17, 0, 0, 0, 0, 0, 0, 0 }, 8, 0, 0, 0, 0 },
	{ "router alert", 0, { 17, 0, 5, 2, 0, 0, 1, 0 }, 8, 0, 0, 0, 0 },
	{ "action 00", 60, { 17, 0, 0x3e, 4, 0, 0, 0, 0 }, 8, 0, 0, 0, 0 },
	{ "action 01", 60, { 17, 0, 0x7e, 4, 0, 0, 0, 0 }, 8, DROP_ip6_unknown_option, 0, 0, 0 },
	{ "action 10", 60, { 17, 0, 0, 0xbe, 3, 0, 0, 0 }, 8, DROP_ip6_unknown_option, PROBLEM, 2,
		43 },
	{ "action 11", 60, { 17, 0, 0xfe, 4, 0, 0, 0, 0 }, 8, DROP_ip6_unknown_option, PROBLEM, 2,
		42 },
	{ "in the second header", 0, { 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0xfe, 4, 0, 0, 0, 0 }, 16,
		DROP_ip6_unknown_option, PROBLEM, 2, 50 },
	{ "an option longer than its header", 60, { 17, 0, 1, 5, 0, 0, 0, 0 }, 8,
		DROP_ip6_bad_extension, PROBLEM, 0, 43 },
	{ "an option without a length", 60, { 17, 0, 1, 3, 0, 0, 0, 9 }, 8, DROP_ip6_bad_extension,
		PROBLEM, 0, 47 },
	{ "eight options", 60, { 17, 2, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0 }, 24, 0, 0,
		0, 0 },
	{ "nine options", 60, { 17, 2, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0 }, 24,
		DROP_ip6_chain_too_long, 0, 0, 0 },
	{ "a routing header that is done", 43, { 17, 0, 0, 0, 0, 0, 0, 0 }, 8, 0, 0, 0, 0 },
	{ "type 0", 43, { 17, 0, 0, 1, 0, 0, 0, 0 }, 8, DROP_ip6_routing_header, PROBLEM, 0, 42 },
	{ "type 4", 43, { 17, 0, 4, 1, 0, 0, 0, 0 }, 8, DROP_ip6_routing_header, PROBLEM, 0, 42 },
	{ "a second routing header", 43, { 43, 0, 0, 0, 0, 0, 0, 0, 17, 0, 253, 9, 0, 0, 0, 0 }, 16,
		DROP_ip6_routing_header, PROBLEM, 0, 50 },
	{ "late hop-by-hop options", 60, { 0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0 }, 16,
		DROP_ip6_bad_extension, PROBLEM, 1, 40 },
	{ "an option behind an atomic fragment", 44,
		{ 60, 0, 0, 0, 0, 0, 0, 9, 17, 0, 0xfe, 4, 0, 0, 0, 0 }, 16,
		DROP_ip6_unknown_option, PROBLEM, 2, 50 },
};

static void
test_chains(void **state)
{
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		print_message("%s\n", cases[i].what);
		check_case(&cases[i], "2001:db8::1");
	}
}

/* RFC 8200 4.2: 11 is silent to a group, 10 is not (RFC 4443 2.4 (e.3)). */
static void
test_groups(void **state)
{
	static const struct chain_case tell = { "action 10", 60, { 17, 0, 0xbe, 4, 0, 0, 0, 0 }, 8,
		DROP_ip6_unknown_option, PROBLEM, 2, 42 };
	static const struct chain_case silent = { "action 11", 60, { 17, 0, 0xfe, 4, 0, 0, 0, 0 },
		8, DROP_ip6_unknown_option, 0, 0, 0 };

	check_case(&tell, "ff02::1");
	check_case(&silent, "ff02::1");
}

/* What is behind the fragment header waits until the datagram is whole. */
static void
test_fragment_waits(void **state)
{
	static const uint8_t options[] = { 44, 0, 1, 4, 0, 0, 0, 0, 60, 0, 0, 1, 0, 0, 0, 9, 17, 0,
		0xfe, 4, 0, 0, 0, 0 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2", .dst = "2001:db8::1",
		.options = options, .options_length = sizeof(options), .next_header = 60);
	struct ip6_chain chain;

	assert_int_equal(ip6_chain_input(pkt, &chain, &f->out), 0);
	assert_true(chain.fragment && chain.fragment_first);
	assert_int_equal(chain.fragment_offset, 48);
	assert_int_equal(chain.fragment_field, 40);
	rte_pktmbuf_free(pkt);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_chains, test_pool_check),
		cmocka_unit_test_teardown(test_groups, test_pool_check),
		cmocka_unit_test_teardown(test_fragment_waits, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
