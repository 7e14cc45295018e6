/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 packets to an address of ours: extension headers, protocols, what nobody listens for. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
local(struct ip_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	ip6_local(&f->core, &f->in, &f->out);
	return pkt;
}

/* RFC 4443 3.1: lib/udp has no socket for it. */
static void
test_nobody_has_the_port(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1"));

	assert_only(&f->udp, pkt);
	assert_int_equal(pkt->l3_len, IP6_HDR_LENGTH);
	ip_no_port(&f->udp, NULL, &f->out);
	f->udp.count = 0;
	assert_error(f, pkt, DROP_ip6_no_port, ICMP6_UNREACHABLE, ICMP6_PORT_UNREACHABLE, 0);
	ip_fixture_destroy(f);
}

static void
test_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt =
		local(f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = IP_PROTO_TCP));

	assert_only(&f->tcp, pkt);
	assert_int_equal(pkt->l3_len, IP6_HDR_LENGTH);
	ip_fixture_destroy(f);
}

static void
test_packets_of_sctp(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(
		f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = IP_PROTO_SCTP));

	assert_only(&f->sctp, pkt);
	assert_int_equal(pkt->l3_len, IP6_HDR_LENGTH);
	ip_fixture_destroy(f);
}

/* RFC 4443 3.4: a pointer to the byte that named what nobody speaks. */
static void
test_nobody_listens(void **state)
{
	static const uint8_t protos[] = { IP_PROTO_ICMP, 47, 253 };
	static const uint8_t chain[] = { IP_PROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0, 253, 0, 1, 4, 0, 0,
		0, 0 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < RTE_DIM(protos); i++) {
		pkt = local(
			f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = protos[i]));
		assert_error(f, pkt, DROP_ip6_no_proto, ICMP6_PARAMETER_PROBLEM,
			ICMP6_UNRECOGNIZED_NEXT_HEADER, 6);
		ip_fixture_empty(f);
	}
	pkt = local(f,
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = 253, .options = chain,
			.options_length = sizeof(chain)));
	assert_error(f, pkt, DROP_ip6_no_proto, ICMP6_PARAMETER_PROBLEM,
		ICMP6_UNRECOGNIZED_NEXT_HEADER, 48);
	ip_fixture_empty(f);
	/* RFC 8200 4.7: nothing follows, which is no fault. */
	pkt = local(f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = IP_PROTO_NONE));
	assert_dropped(f, pkt, DROP_ip6_no_proto);
	ip_fixture_destroy(f);
}

/* Chains of extension headers that are cut off or too long; more in ip6_chain_test.c. */
static void
test_bad_chains(void **state)
{
	static const uint8_t endless[8] = { 58, 255 };
	static uint8_t nine[72], long_one[512];
	struct ip_fixture *f = ip_fixture_create();
	const struct packet bad[] = {
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = endless,
			.options_length = 8,
			.payload_length = 100 },
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = endless,
			.options_length = 7,
			.proto = IP_PROTO_NONE,
			.spoil = PACKET_RAW },
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = nine,
			.options_length = sizeof(nine),
			.next_header = IP_PROTO_DSTOPTS },
		/* One header that is longer than l3_len can say. */
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = long_one,
			.options_length = sizeof(long_one),
			.payload_length = 100 },
		/* The header is there, but not in the first segment. */
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = nine,
			.options_length = 16,
			.next_header = IP_PROTO_DSTOPTS,
			.segment = 60 },
	};

	for (unsigned i = 0; i < sizeof(nine); i += 8)
		nine[i] = IP_PROTO_DSTOPTS;
	long_one[0] = IP_PROTO_ICMP6;
	long_one[1] = sizeof(long_one) / 8 - 1;
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		assert_dropped(f, local(f, &bad[i]),
			bad[i].options_length > 64 ? DROP_ip6_chain_too_long
						   : DROP_ip6_bad_extension);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* RFC 6946: a fragment header that says "all of it" makes no fragment. */
static void
test_fragments(void **state)
{
	static const uint8_t headers[][8] = {
		{ 58, 0, 0, 1, 0, 0, 0, 9 },
		{ 58, 0, 0, 9, 0, 0, 0, 9 },
		{ 58, 0, 0, 16, 0, 0, 0, 8 },
		{ 58, 0, 0xf0, 0x00, 0, 0, 0, 7 },
	};
	static const uint8_t atomic[8] = { 58, 0, 0, 0, 0, 0, 0, 9 };
	struct ip_fixture *f = ip_fixture_create();
	struct packet packet = { .src = "2001:db8::2",
		.dst = "2001:db8::1",
		.icmp_type = ICMP6_ECHO_REPLY,
		.options_length = 8,
		.next_header = IP_PROTO_FRAGMENT };
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < RTE_DIM(headers); i++) {
		packet.options = headers[i];
		local(f, &packet);
		assert_int_equal(ip_fixture_count(f), 0);
		assert_int_equal(f->core.counters.held, i + 1);
		f->in.count = 0;
	}
	packet.options = atomic;
	pkt = local(f, &packet);
	assert_only(&f->punts, pkt);
	ip_fixture_destroy(f);
}

/* RFC 6980 5: no ND in fragments, be it only a header that says so. */
static void
test_nd_in_fragments(void **state)
{
	static const uint8_t types[] = { ICMP6_NEIGHBOR_SOLICITATION, ICMP6_NEIGHBOR_ADVERTISEMENT,
		ICMP6_ROUTER_ADVERTISEMENT };
	static const uint8_t atomic[8] = { 58, 0, 0, 0, 0, 0, 0, 9 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(types); i++) {
		struct packet packet = { .src = "fe80::2",
			.dst = "2001:db8::1",
			.ttl = 255,
			.icmp_type = types[i],
			.payload_length = 16 };
		struct rte_mbuf *pkt = local(f, &packet);

		assert_only(&f->punts, pkt);
		ip_fixture_empty(f);
		packet.options = atomic;
		packet.options_length = sizeof(atomic);
		packet.next_header = IP_PROTO_FRAGMENT;
		assert_dropped(f, local(f, &packet), DROP_nd_malformed);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* RFC 7112 5: the first fragment holds all headers, or earns code 3. Others need none. */
static void
test_first_fragments_that_are_short(void **state)
{
	static const uint8_t bare[] = { 58, 0, 0, 1, 0, 0, 0, 9 };
	static const uint8_t options[] = { 60, 0, 0, 1, 0, 0, 0, 9, 58, 2, 1, 4, 0, 0, 0, 0 };
	static const uint8_t twice[] = { 44, 0, 0, 1, 0, 0, 0, 9, 58, 0, 0, 1, 0, 0, 0, 9 };
	struct ip_fixture *f = ip_fixture_create();
	struct packet packet = { .src = "2001:db8::2",
		.dst = "2001:db8::1",
		.proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW,
		.options = bare,
		.options_length = sizeof(bare),
		.next_header = IP_PROTO_FRAGMENT };

	assert_error(f, local(f, &packet), DROP_ip_fragment_short, ICMP6_PARAMETER_PROBLEM, 3, 0);
	ip_fixture_empty(f);
	packet.options = options;
	packet.options_length = sizeof(options);
	assert_error(f, local(f, &packet), DROP_ip_fragment_short, ICMP6_PARAMETER_PROBLEM, 3, 0);
	ip_fixture_empty(f);
	/* RFC 8200 4.1: a fragment is not cut into fragments again. */
	packet.options = twice;
	packet.payload_length = 8;
	assert_error(f, local(f, &packet), DROP_ip6_bad_extension, ICMP6_PARAMETER_PROBLEM,
		ICMP6_UNRECOGNIZED_NEXT_HEADER, 40);
	ip_fixture_destroy(f);
}

/* All extension headers that there are, one behind the other. */
static void
test_finds_the_transport_behind_extension_headers(void **state)
{
	static const uint8_t chain[] = { IP_PROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0, /* hop-by-hop */
		IP_PROTO_ROUTING, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, IP_PROTO_DSTOPTS, 0,
		4, 0, 0, 0, 0, 0, IP_PROTO_ICMP6, 0, 1, 4, 0, 0, 0, 0 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f,
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .options = chain,
			.options_length = sizeof(chain), .icmp_type = ICMP6_ECHO_REPLY));

	assert_only(&f->punts, pkt);
	assert_int_equal(pkt->l3_len, IP6_HDR_LENGTH + sizeof(chain));
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nobody_has_the_port, test_pool_check),
		cmocka_unit_test_teardown(test_segments, test_pool_check),
		cmocka_unit_test_teardown(test_packets_of_sctp, test_pool_check),
		cmocka_unit_test_teardown(test_nobody_listens, test_pool_check),
		cmocka_unit_test_teardown(test_bad_chains, test_pool_check),
		cmocka_unit_test_teardown(test_fragments, test_pool_check),
		cmocka_unit_test_teardown(test_nd_in_fragments, test_pool_check),
		cmocka_unit_test_teardown(test_first_fragments_that_are_short, test_pool_check),
		cmocka_unit_test_teardown(
			test_finds_the_transport_behind_extension_headers, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
