/* SPDX-License-Identifier: BSD-3-Clause */
/* The TTL's end, and its checksum, which is updated rather than computed. */
#include "base/counter.h"
#include "unit/ip/ip_fixture.h"

/* RFC 1812 5.3.1: a TTL of 0 or 1 ends here, with time exceeded. */
static void
test_ttl_ends(void **state)
{
	static const int ttls[] = { PACKET_ZERO, 1 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(ttls); i++) {
		struct rte_mbuf *pkt =
			ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = ttls[i]);

		ip4_forward(&f->core, &f->in, &f->out);
		assert_error(f, pkt, DROP_ip4_ttl_exceeded, ICMP4_TIME_EXCEEDED, 0, 0);
		/* As it came, so that the error quotes it so. */
		packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = ttls[i]);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.forwarded4, 0);
	ip_fixture_destroy(f);
}

static void
test_ttl_counts_down(void **state)
{
	static const int ttls[] = { 2, 3, 64, 128, 255 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(ttls); i++) {
		struct rte_mbuf *pkt =
			ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = ttls[i]);

		ip4_forward(&f->core, &f->in, &f->out);
		assert_only(&f->output, pkt);
		packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = ttls[i] - 1);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.forwarded4, RTE_DIM(ttls));
	ip_fixture_destroy(f);
}

/*
 * RFC 1624: for each checksum that a header can have, the updated one is right too. The
 * identification makes it so; 0xffff stands for 0 in a sum, and can't come out of a computation.
 */
static void
test_every_checksum(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");
	struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);
	static bool seen[65536];
	unsigned count = 0;

	for (uint32_t id = 0; id < 65536; id++) {
		uint16_t checksum, updated;

		hdr->ttl = 64;
		hdr->id_be = htobe16((uint16_t)id);
		hdr->checksum = 0;
		checksum = packet_checksum(0, (const uint8_t *)hdr, sizeof(*hdr));
		hdr->checksum = htobe16(checksum);
		count += !seen[checksum];
		seen[checksum] = true;
		ip4_forward(&f->core, &f->in, &f->out);
		assert_only(&f->output, pkt);
		f->output.count = 0;
		updated = be16toh(hdr->checksum);
		hdr->checksum = 0;
		if (packet_checksum(0, (const uint8_t *)hdr, sizeof(*hdr)) != updated ||
			hdr->ttl != 63)
			fail_msg("checksum %04x became %04x", checksum, updated);
	}
	assert_int_equal(count, 65535);
	rte_pktmbuf_free(pkt);
	ip_fixture_destroy(f);
}

/* A sender may write 0xffff where 0 is meant: it is right, and must stay so. */
static void
test_checksum_of_ones(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");
	struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);

	hdr->id_be = 0;
	hdr->checksum = 0;
	hdr->id_be = htobe16(packet_checksum(0, (const uint8_t *)hdr, sizeof(*hdr)));
	hdr->checksum = 0xffff;
	assert_int_equal(packet_checksum(0, (const uint8_t *)hdr, sizeof(*hdr)), 0);
	ip4_forward(&f->core, &f->in, &f->out);
	assert_int_equal(packet_checksum(0, (const uint8_t *)hdr, sizeof(*hdr)), 0);
	ip_fixture_destroy(f);
}

static void
test_options_stay(void **state)
{
	static const uint8_t options[] = { 1, 7, 3, 4 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1",
		.options = options, .options_length = 4, .tos = 0xb8, .id = 77);

	ip4_forward(&f->core, &f->in, &f->out);
	packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1", .options = options,
		.options_length = 4, .tos = 0xb8, .id = 77, .ttl = 63);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ttl_ends, test_pool_check),
		cmocka_unit_test_teardown(test_ttl_counts_down, test_pool_check),
		cmocka_unit_test_teardown(test_every_checksum, test_pool_check),
		cmocka_unit_test_teardown(test_checksum_of_ones, test_pool_check),
		cmocka_unit_test_teardown(test_options_stay, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
