/* SPDX-License-Identifier: BSD-3-Clause */
/* What is sent: headers, whether it may be cut, and what is refused. */
#include "unit/udp/udp_fixture.h"

#include "wire/udp.h"

static struct udp_way
way_to(const char *src, const char *dst)
{
	return (struct udp_way){
		.src = udp_fixture_addr(src),
		.dst = udp_fixture_addr(dst),
		.dst_port = 53,
		.iface = PKT_IFACE_NONE,
		.link_mtu = 1500,
		.path_mtu = 1400,
		.id = 7,
		.ttl = 64,
	};
}

static struct rte_mbuf *
data_of(uint16_t length)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(test_pool());

	assert_non_null(pkt);
	memset(rte_pktmbuf_append(pkt, length), 'x', length);
	return pkt;
}

static void
test_headers(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "::", 4000);
	struct udp_way way = way_to("10.0.0.1", "10.0.0.2");
	uint8_t x[10];
	struct rte_mbuf *pkt;

	memset(x, 'x', sizeof(x));
	s->tos = 0x20;
	s->vrf = 0;
	assert_int_equal(udp_send(s, data_of(10), &way), 0);
	pkt = pkt_queue_take(&f->output);
	/* The checksum is the port's to make: of what lies there until then nothing is said. */
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_UDP_CKSUM);
	assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH);
	assert_int_equal(pkt->pkt_len, IP4_HDR_LENGTH + UDP_HDR_LENGTH + 10);
	assert_int_equal(pkt_meta(pkt)->flags, PKT_ORIGINATED);
	rte_pktmbuf_free(pkt);

	s->checksum = false;
	assert_int_equal(udp_send(s, data_of(10), &way), 0);
	pkt = pkt_queue_take(&f->output);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
	rte_pktmbuf_free(pkt);
	/* By IPv6 there is one, whatever the user wants. */
	way = way_to("2001:db8::1", "2001:db8::2");
	assert_int_equal(udp_send(s, data_of(10), &way), 0);
	pkt = pkt_queue_take(&f->output);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_UDP_CKSUM);
	rte_pktmbuf_free(pkt);
	assert_int_equal(s->counters.sent, 3);
	assert_int_equal(s->counters.sent_bytes, 30);
	udp_fixture_destroy(f);
}

/* RFC 1191 3, 6.1: what is too big for the path, the link, or any datagram. */
static void
test_path_mtu(void **state)
{
	static const struct {
		uint8_t pmtu;
		uint16_t length;
		int rc;
		bool df;
	} cases[] = {
		{ UDP_PMTU_DONT, 1000, 0, false },
		{ UDP_PMTU_DONT, 1450, 0, false },
		{ UDP_PMTU_WANT, 1372, 0, true },
		{ UDP_PMTU_WANT, 1373, 0, false },
		{ UDP_PMTU_DO, 1372, 0, true },
		{ UDP_PMTU_DO, 1373, -EMSGSIZE, true },
		{ UDP_PMTU_PROBE, 1472, 0, true },
		{ UDP_PMTU_PROBE, 1473, -EMSGSIZE, true },
	};
	const struct udp_way way = way_to("10.0.0.1", "10.0.0.2");
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 4000);

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct rte_mbuf *pkt = data_of(cases[i].length);
		const struct ip4_header *hdr;

		s->pmtu = cases[i].pmtu;
		assert_int_equal(udp_send(s, pkt, &way), cases[i].rc);
		if (cases[i].rc == 0) {
			pkt = pkt_queue_take(&f->output);
			hdr = pkt_l3(pkt, const struct ip4_header *);
			assert_int_equal((hdr->frag_be & RTE_BE16(IP4_FRAG_DF)) != 0, cases[i].df);
		}
		rte_pktmbuf_free(pkt);
	}
	udp_fixture_destroy(f);
}

/* Data that is somebody else's too, or without room, gets its headers in a buffer of their own. */
static void
test_shared_data_is_not_written_to(void **state)
{
	const struct udp_way way = way_to("10.0.0.1", "10.0.0.2");
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 4000);
	struct rte_mbuf *data = data_of(10), *pkt;

	rte_mbuf_refcnt_update(data, 1);
	assert_int_equal(udp_send(s, data, &way), 0);
	pkt = pkt_queue_take(&f->output);
	assert_ptr_not_equal(pkt, data);
	assert_ptr_equal(pkt->next, data);
	assert_int_equal(pkt->pkt_len, IP4_HDR_LENGTH + UDP_HDR_LENGTH + 10);
	rte_pktmbuf_free(pkt);
	rte_pktmbuf_free(data);

	data = data_of(10);
	rte_pktmbuf_prepend(data, rte_pktmbuf_headroom(data));
	assert_int_equal(udp_send(s, data, &way), 0);
	pkt = pkt_queue_take(&f->output);
	assert_ptr_equal(pkt->next, data);
	rte_pktmbuf_free(pkt);
	udp_fixture_destroy(f);
}

static void
test_full_output_is_said(void **state)
{
	const struct udp_way way = way_to("10.0.0.1", "10.0.0.2");
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 4000);
	struct rte_mbuf *pkt = data_of(10);

	/* Not with packets of the pool's, which has fewer. */
	f->output.head = PKT_QUEUE_SIZE;
	assert_int_equal(udp_send(s, pkt, &way), -EAGAIN);
	assert_int_equal(udp_counters(f->cores[0])->send_buffer_errors, 1);
	f->output.head = 0;
	rte_pktmbuf_free(pkt);
	udp_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_headers, test_pool_check),
		cmocka_unit_test_teardown(test_path_mtu, test_pool_check),
		cmocka_unit_test_teardown(test_shared_data_is_not_written_to, test_pool_check),
		cmocka_unit_test_teardown(test_full_output_is_said, test_pool_check),
	};

	return cmocka_run_group_tests(tests, udp_fixture_group_setup, test_eal_teardown);
}
