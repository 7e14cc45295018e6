/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 packets to an address of ours: which protocol, and what nobody listens for. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
local(struct ip_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	ip4_local(&f->core, &f->in, &f->out);
	return pkt;
}

/* RFC 1122 4.1.3.1: lib/udp has no socket for it. */
static void
test_nobody_has_the_port(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1"));

	assert_only(&f->udp, pkt);
	assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH);
	ip_no_port(&f->udp, &f->out, NULL);
	f->udp.count = 0;
	assert_error(f, pkt, DROP_ip4_no_port, ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE, 0);
	ip_fixture_destroy(f);
}

static void
test_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt =
		local(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .proto = IP_PROTO_TCP));

	assert_only(&f->tcp, pkt);
	assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH);
	ip_fixture_destroy(f);
}

static void
test_packets_of_sctp(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt =
		local(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .proto = IP_PROTO_SCTP));

	assert_only(&f->sctp, pkt);
	assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH);
	ip_fixture_destroy(f);
}

/* RFC 1122 3.2.2.1: nobody here has the protocol. */
static void
test_nobody_listens(void **state)
{
	static const uint8_t protos[] = { IP_PROTO_UDPLITE, 2, 47, 255 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < RTE_DIM(protos); i++) {
		pkt = local(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .proto = protos[i]));
		assert_error(
			f, pkt, DROP_ip4_no_proto, ICMP4_UNREACHABLE, ICMP4_PROTO_UNREACHABLE, 0);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* Whichever it is, a fragment is held; DF alone does not make one. */
static void
test_fragments(void **state)
{
	static const uint16_t frags[] = { IP4_FRAG_MF, IP4_FRAG_MF | 1, 1, 8000 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < RTE_DIM(frags); i++) {
		local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .id = (uint16_t)i,
				.frag = frags[i], .payload_length = 8,
				.icmp_type = i % 2 == 0 ? ICMP4_ECHO_REQUEST : 0));
		assert_int_equal(ip_fixture_count(f), 0);
		assert_int_equal(f->core.counters.held, i + 1);
		f->in.count = 0;
	}
	pkt = local(f,
		PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .frag = IP4_FRAG_DF,
			.icmp_type = ICMP4_ECHO_REQUEST));
	assert_only(&f->replies, pkt);
	ip_fixture_destroy(f);
}

static void
test_finds_the_transport_behind_options(void **state)
{
	static const uint8_t nops[40] = { 0 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (size_t length = 0; length <= sizeof(nops); length += 4) {
		pkt = local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .options = nops,
				.options_length = length, .icmp_type = ICMP4_ECHO_REQUEST));
		assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH + length);
		assert_only(&f->replies, pkt);
		ip_fixture_empty(f);
	}
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
		cmocka_unit_test_teardown(test_fragments, test_pool_check),
		cmocka_unit_test_teardown(test_finds_the_transport_behind_options, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
