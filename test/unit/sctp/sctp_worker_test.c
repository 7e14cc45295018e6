/* SPDX-License-Identifier: BSD-3-Clause */
/* What arrives on another worker than its association's, and ICMP errors about what was sent. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* A packet from the client to the server, with one chunk, for sctp_input() of any core. */
static struct rte_mbuf *
packet_make(const struct pair *pair, uint32_t vtag, uint8_t type)
{
	uint8_t bytes[64] = { 0 };
	struct ip4_build build = { .payload_length = 16, .ttl = 64, .proto = IP_PROTO_SCTP };
	struct ip_addr from = pair_addr(pair, PAIR_CLIENT, 0), to = pair_addr(pair, PAIR_SERVER, 0);
	struct rte_mbuf *pkt;

	memcpy(&build.src_be, from.bytes, 4);
	memcpy(&build.dst_be, to.bytes, 4);
	ip4_hdr_build((struct ip4_header *)bytes, &build);
	sctp_hdr_build(bytes + 20, &(struct sctp_fields){ 4000, PAIR_PORT, vtag });
	bytes[32] = type;
	bytes[33] = type == SCTP_ABORT;
	bytes[35] = 4;
	pkt = test_mbuf(bytes, 36);
	pkt->l3_len = IP4_HDR_LENGTH;
	pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	pkt_meta_init(pkt, 1, 0);
	return pkt;
}

static void
vectors_free(struct pair *pair)
{
	struct pkt_vec *vectors[] = { &pair->send4, &pair->done, &pair->drops, &pair->handover,
		&pair->punts };

	for (unsigned i = 0; i < RTE_DIM(vectors); i++) {
		for (uint32_t j = 0; j < vectors[i]->count; j++)
			rte_pktmbuf_free(vectors[i]->pkts[j]);
		vectors[i]->count = 0;
	}
}

/* The server is worker 1 of 3; what comes to worker 0 is handed over, by its tag or by its addresses. */
static void
test_handover(void **state)
{
	struct pair *pair = pair_create(1);
	struct sctp_ports *ports = sctp_ports_create();
	struct sctp_config config;
	struct sctp_core *other;
	struct sctp_info info;

	(void)state;
	assert_non_null(ports);
	pair_start(pair);
	sctp_core_destroy(pair->ends[PAIR_SERVER].core);
	config = pair->config;
	config.worker_count = 3;
	config.ports = ports;
	assert_int_equal(sctp_core_create(&config, pair->now_ns, &other), 0);
	config.worker = 1;
	assert_int_equal(sctp_core_create(&config, pair->now_ns, &pair->ends[PAIR_SERVER].core), 0);
	pair_listen(pair);

	/* An INIT goes to who listens. */
	pair->in.count = 0;
	pkt_vec_append(&pair->in, packet_make(pair, 0, SCTP_INIT));
	sctp_input(other, &pair->in, &pair->out);
	assert_int_equal(pair->handover.count, 1);
	assert_int_equal(pkt_meta(pair->handover.pkts[0])->worker, 1);
	assert_int_equal(pkt_meta(pair->handover.pkts[0])->reason, HANDOVER_SCTP);
	vectors_free(pair);

	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.local_tag % 3, 1);
	/* By the tag; by addresses: INIT, and a reflected tag. RFC 9260 8.5: of another tag nothing is heard. */
	pair->in.count = 0;
	pkt_vec_append(&pair->in, packet_make(pair, info.local_tag, SCTP_HEARTBEAT));
	pkt_vec_append(&pair->in, packet_make(pair, 0, SCTP_INIT));
	pkt_vec_append(&pair->in, packet_make(pair, info.peer_tag, SCTP_ABORT));
	pkt_vec_append(&pair->in, packet_make(pair, 3, SCTP_HEARTBEAT));
	sctp_input(other, &pair->in, &pair->out);
	assert_int_equal(pair->handover.count, 3);
	assert_int_equal(pair->drops.count, 1);
	assert_int_equal(pkt_meta(pair->drops.pkts[0])->reason, DROP_sctp_bad_tag);
	assert_int_equal(pair->send4.count, 0);
	/* The one that it is handed to does not hand it on. */
	pair->in = pair->handover;
	pair->handover.count = 0;
	sctp_input_handed(pair->ends[PAIR_SERVER].core, &pair->in, &pair->out);
	assert_int_equal(pair->handover.count, 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
	vectors_free(pair);
	sctp_core_destroy(other);
	pair_destroy(pair);
	sctp_ports_destroy(ports);
}

/* ---- RFC 9260 10 ---- */

/* An ICMP error to the client, about a packet with this tag. */
static void
icmp_inject(struct pair *pair, uint8_t code, uint32_t rest, uint32_t vtag, uint32_t quoted)
{
	uint8_t bytes[128] = { 0 };
	struct ip4_build build = {
		.payload_length = (uint16_t)(8 + quoted), .ttl = 64, .proto = IP_PROTO_ICMP
	};
	struct ip_addr from = pair_addr(pair, PAIR_CLIENT, 0), to = pair_addr(pair, PAIR_SERVER, 0);
	struct icmp icmp = { ICMP4_UNREACHABLE, code, rest };
	struct rte_mbuf *pkt;

	memcpy(&build.src_be, to.bytes, 4);
	memcpy(&build.dst_be, from.bytes, 4);
	ip4_hdr_build((struct ip4_header *)bytes, &build);
	icmp_build(bytes + 20, &icmp);
	build = (struct ip4_build){ .payload_length = 1000, .ttl = 64, .proto = IP_PROTO_SCTP };
	memcpy(&build.src_be, from.bytes, 4);
	memcpy(&build.dst_be, to.bytes, 4);
	ip4_hdr_build((struct ip4_header *)(bytes + 28), &build);
	sctp_hdr_build(bytes + 48, &(struct sctp_fields){ 4000, PAIR_PORT, vtag });
	bytes[60] = SCTP_INIT;
	be32_store(bytes + 64, pair_info(pair, PAIR_CLIENT).local_tag);
	pkt = test_mbuf(bytes, 28 + quoted);
	pkt->l3_len = IP4_HDR_LENGTH;
	pkt_meta_init(pkt, 1, 0);
	pair->in.count = 0;
	pkt_vec_append(&pair->in, pkt);
	sctp_error_input(pair->ends[PAIR_CLIENT].core, &pair->in, &pair->out);
}

/* ICMP6, ICMP8: of an INIT it is its initiate tag that says whose it was. */
static void
test_icmp_init(void **state)
{
	struct pair *pair = pair_create(3);

	(void)state;
	pair_start(pair);
	pair->links[0].cut = true;
	pair_connect(pair);
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, 0, 39);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, 0, 40);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_CLOSED);
	pair_run_for(pair, MS_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	vectors_free(pair);
	pair_destroy(pair);
}

static void
test_icmp(void **state)
{
	struct pair *pair = pair_create(2);
	struct sctp_path_info path;
	uint32_t tag;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	tag = pair_info(pair, PAIR_CLIENT).peer_tag;
	/* Another tag, or none that could be an INIT's, or cut off. */
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, tag + 1, 28);
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, 0, 28);
	for (uint32_t cut = 0; cut < 28; cut++)
		icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, tag, cut);
	/* ICMP8: an INIT was long ago. */
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, 0, 40);
	assert_int_equal(pair->drops.count, 31);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_icmp_ignored), 31);
	/* ICMP3: of others than these two nothing follows. */
	icmp_inject(pair, ICMP4_PORT_UNREACHABLE, 0, tag, 28);
	icmp_inject(pair, ICMP4_HOST_UNREACHABLE, 0, tag, 28);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	icmp_inject(pair, ICMP4_FRAGMENTATION_NEEDED, 1000, tag, 28);
	assert_int_equal(pair->punts.count, 1);
	assert_true(sctp_path_info(pair->ends[PAIR_CLIENT].assoc, 0, &path));
	assert_int_equal(path.mtu, 1000);
	/* Neither larger nor absurdly small. */
	icmp_inject(pair, ICMP4_FRAGMENTATION_NEEDED, 1400, tag, 28);
	icmp_inject(pair, ICMP4_FRAGMENTATION_NEEDED, 60, tag, 28);
	assert_true(sctp_path_info(pair->ends[PAIR_CLIENT].assoc, 0, &path));
	assert_int_equal(path.mtu, 1000);
	icmp_inject(pair, ICMP4_PROTO_UNREACHABLE, 0, tag, 28);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_CLOSED);
	vectors_free(pair);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handover),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_icmp_init),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
