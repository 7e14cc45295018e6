/* SPDX-License-Identifier: BSD-3-Clause */
/* What a datagram must be like (RFC 768, RFC 8200 8.1), and how many wait. */
#include "unit/udp/udp_fixture.h"

#include "wire/udp.h"

/* Write into the UDP header of an IPv4 packet that was made. */
static uint8_t *
udp_header(struct rte_mbuf *pkt)
{
	return rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l2_len + pkt->l3_len);
}

static struct rte_mbuf *
input(struct udp_fixture *f, struct rte_mbuf *pkt)
{
	udp_input(f->cores[0], &f->in, &f->out);
	f->in.count = 0;
	return pkt;
}

static void
test_tells_where_from(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "::", 53), *told;
	struct udp_datagram d;
	uint8_t events;

	udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .tos = 4, .ttl = 9,
		.payload = (const uint8_t *)"spate", .payload_length = 5);
	told = udp_event_take(f->cores[0], &events);
	assert_ptr_equal(told, s);
	assert_int_equal(events, UDP_EVENT_READABLE);
	assert_null(udp_event_take(f->cores[0], &events));
	assert_int_equal(udp_receive(s, &d, 1), 1);
	assert_int_equal(d.pkt->pkt_len, 5);
	assert_memory_equal(rte_pktmbuf_mtod(d.pkt, char *), "spate", 5);
	assert_int_equal(d.src_port, 4000);
	assert_int_equal(d.tos, 4);
	assert_int_equal(d.ttl, 9);
	assert_int_equal(d.iface, 3);
	assert_true(ip_addr_equal(&d.src, &(struct ip_addr){ 4, { 10, 0, 0, 2 } }));
	assert_true(ip_addr_equal(&d.dst, &(struct ip_addr){ 4, { 10, 0, 0, 1 } }));
	rte_pktmbuf_free(d.pkt);
	assert_int_equal(udp_receive(s, &d, 1), 0);
	udp_fixture_destroy(f);
}

static void
test_checksums(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "::", 53);
	struct rte_mbuf *pkt;

	pkt = udp_fixture_rx(
		f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .spoil = PACKET_BAD_L4_CHECKSUM);
	assert_dropped(f, pkt, DROP_udp_bad_checksum);
	pkt = udp_fixture_rx(
		f, 0, .src = "2001:db8::2", .dst = "2001:db8::1", .spoil = PACKET_BAD_L4_CHECKSUM);
	assert_dropped(f, pkt, DROP_udp_bad_checksum);
	assert_int_equal(udp_counters(f->cores[0])->in_checksum_errors, 2);

	/* RFC 768: IPv4 may have none. RFC 8200 8.1: IPv6 must have one. */
	pkt = udp_fixture_add(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1"));
	memset(udp_header(pkt) + UDP_CHECKSUM_FIELD, 0, 2);
	assert_received(s, input(f, pkt));
	pkt = udp_fixture_add(f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1"));
	memset(udp_header(pkt) + UDP_CHECKSUM_FIELD, 0, 2);
	assert_dropped(f, input(f, pkt), DROP_udp_no_checksum);

	/* What the port says is good is believed. */
	pkt = udp_fixture_add(
		f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .spoil = PACKET_BAD_L4_CHECKSUM));
	pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	assert_received(s, input(f, pkt));
	udp_fixture_destroy(f);
}

/* Cut off at each byte, and of lengths that are not the datagram's. */
static void
test_lengths(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 53);
	struct rte_mbuf *pkt;

	for (uint16_t left = 0; left < UDP_HDR_LENGTH; left++) {
		pkt = udp_fixture_add(
			f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .payload_length = 20));
		rte_pktmbuf_trim(pkt, (uint16_t)(20 + UDP_HDR_LENGTH - left));
		assert_dropped(f, input(f, pkt), DROP_udp_bad_length);
	}
	for (uint8_t length = 0; length < UDP_HDR_LENGTH; length++) {
		pkt = udp_fixture_add(f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1"));
		udp_header(pkt)[5] = length;
		assert_dropped(f, input(f, pkt), DROP_udp_bad_length);
	}
	pkt = udp_fixture_add(
		f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .payload_length = 20));
	udp_header(pkt)[5] = UDP_HDR_LENGTH + 21;
	assert_dropped(f, input(f, pkt), DROP_udp_bad_length);

	/* Shorter than IP says: the rest is nobody's. */
	pkt = udp_fixture_add(
		f, PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .payload_length = 20));
	udp_header(pkt)[5] = UDP_HDR_LENGTH + 7;
	memset(udp_header(pkt) + UDP_CHECKSUM_FIELD, 0, 2);
	input(f, pkt);
	assert_int_equal(s->counters.received_bytes, 7);
	assert_received(s, pkt);
	udp_fixture_destroy(f);
}

/* A header in several buffers, as fragments make them. */
static void
test_segments(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 53);

	for (uint16_t segment = 34; segment < 60; segment++)
		assert_received(s,
			udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1",
				.payload_length = 100, .segment = segment));
	udp_fixture_destroy(f);
}

static void
test_buffers_are_bounded(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *small = udp_fixture_socket(f, 0, "0.0.0.0", 53);
	struct udp_socket *large = udp_fixture_socket(f, 0, "0.0.0.0", 54);
	struct rte_mbuf *pkt;

	small->buffer_max = 2 * RTE_MBUF_DEFAULT_BUF_SIZE + 100;
	for (unsigned i = 0; i < 2; i++)
		udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1");
	pkt = udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1");
	assert_dropped(f, pkt, DROP_udp_buffer_full);
	assert_int_equal(small->counters.drops_buffer, 1);
	for (unsigned i = 2; i < UDP_FIXTURE_HELD; i++)
		udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 54);
	assert_int_equal(large->queued, UDP_FIXTURE_HELD - 2);
	pkt = udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 54);
	assert_dropped(f, pkt, DROP_udp_memory_full);
	assert_int_equal(large->counters.drops_memory, 1);
	assert_int_equal(udp_counters(f->cores[0])->receive_buffer_errors, 2);
	/* What a closed socket had others may have. */
	udp_close(small);
	udp_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 54);
	assert_int_equal(large->queued, UDP_FIXTURE_HELD - 1);
	udp_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_tells_where_from, test_pool_check),
		cmocka_unit_test_teardown(test_checksums, test_pool_check),
		cmocka_unit_test_teardown(test_lengths, test_pool_check),
		cmocka_unit_test_teardown(test_segments, test_pool_check),
		cmocka_unit_test_teardown(test_buffers_are_bounded, test_pool_check),
	};

	return cmocka_run_group_tests(tests, udp_fixture_group_setup, test_eal_teardown);
}
