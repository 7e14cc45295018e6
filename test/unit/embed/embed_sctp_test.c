/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Associations between two stacks of libspate.so, on the test's clock: both styles, messages,
 * notifications, several addresses, and options as <linux/sctp.h> has them.
 */
#include "unit/embed/embed_sctp_pair.h"

#include <linux/sctp.h>

/* In their place: RFC 6458's. */
#define SAME(name) \
	static_assert(sizeof(struct sctp_##name) == sizeof(struct spate_sctp_##name), #name)
SAME(sndinfo);
SAME(rcvinfo);
SAME(nxtinfo);
SAME(rtoinfo);
SAME(assocparams);
SAME(initmsg);
SAME(prim);
SAME(paddrparams);
SAME(sack_info);
SAME(assoc_value);
SAME(paddrinfo);
SAME(status);
SAME(assoc_ids);
SAME(event);
SAME(udpencaps);
SAME(assoc_change);
SAME(paddr_change);
SAME(remote_error);
SAME(send_failed_event);
SAME(shutdown_event);
SAME(sender_dry_event);
SAME(pdapi_event);
SAME(sndrcvinfo);
SAME(prinfo);
SAME(authinfo);
SAME(send_failed);
SAME(adaptation_event);
SAME(authkey_event);
SAME(stream_reset_event);
SAME(assoc_reset_event);
SAME(stream_change_event);
SAME(event_subscribe);
SAME(setpeerprim);
SAME(setadaptation);
SAME(paddrthlds);
SAME(authchunk);
SAME(hmacalgo);
SAME(authkey);
SAME(authkeyid);
SAME(authchunks);
SAME(default_prinfo);
SAME(prstatus);
SAME(reset_streams);
SAME(add_streams);
SAME(stream_value);
static_assert(offsetof(struct sctp_status, sstat_primary) ==
			offsetof(struct spate_sctp_status, sstat_primary) &&
		offsetof(struct sctp_paddrparams, spp_flags) ==
			offsetof(struct spate_sctp_paddrparams, spp_flags) &&
		offsetof(struct sctp_rcvinfo, rcv_assoc_id) ==
			offsetof(struct spate_sctp_rcvinfo, rcv_assoc_id),
	"fields in their places");
static_assert(SCTP_EVENT == (int)SPATE_SCTP_EVENT && SCTP_STATUS == (int)SPATE_SCTP_STATUS &&
		SCTP_REMOTE_UDP_ENCAPS_PORT == (int)SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT &&
		SCTP_ECN_SUPPORTED == (int)SPATE_SCTP_ECN_SUPPORTED &&
		SCTP_SEND_FAILED_EVENT == (int)SPATE_SCTP_SEND_FAILED_EVENT &&
		SCTP_SENDALL == (int)SPATE_SCTP_SENDALL && SCTP_EOF == (int)SPATE_SCTP_EOF &&
		SCTP_SHUTDOWN_ACK_SENT == (int)SPATE_SCTP_SHUTDOWN_ACK_SENT,
	"the same numbers");

static void
test_one_to_one(void **state)
{
	const struct spate_sctp_sndinfo info = {
		.snd_sid = 2, .snd_flags = SPATE_SCTP_UNORDERED, .snd_ppid = 99
	};
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), peer;
	struct spate_sctp_rcvinfo got;
	char text[16], addr[SPATE_ADDR_TEXT];
	unsigned port;
	int64_t value;
	int flags;

	expect(spate_getsockopt(p.a, fd, SPATE_SO_PROTOCOL, &value), 0);
	assert_int_equal(value, IPPROTO_SCTP);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	run(&p, 1);
	expect(spate_ready(p.a, fd), SPATE_WRITABLE);
	expect(spate_ready(p.b, listener), SPATE_READABLE);
	peer = spate_accept(p.b, listener, addr, &port);
	assert_in_range(peer, 0, 100);
	assert_string_equal(addr, A_ADDR);
	expect(spate_sctp_sendv(p.a, fd, "hello", 5, NULL, 0, &info), 5);
	run(&p, 1);
	expect(spate_sctp_recvv(p.b, peer, text, 2, NULL, NULL, &got, NULL, &flags), 2);
	assert_int_equal(flags, 0);
	expect(spate_sctp_recvv(p.b, peer, text, sizeof(text), addr, &port, &got, NULL, &flags), 3);
	assert_memory_equal(text, "llo", 3);
	assert_int_equal(flags, SPATE_MSG_EOR);
	assert_int_equal(got.rcv_sid, 2);
	assert_int_equal(got.rcv_ppid, 99);
	assert_int_equal(got.rcv_flags, SPATE_SCTP_UNORDERED);
	assert_string_equal(addr, A_ADDR);
	expect(spate_send(p.b, peer, "plain", 5), 5);
	run(&p, 1);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 5);
	expect(spate_close(p.a, fd), 0);
	run(&p, 300);
	expect(spate_recv(p.b, peer, text, sizeof(text)), 0);
	expect(spate_recv(p.b, listener, text, sizeof(text)), -ENOTCONN);
	expect(spate_sctp_sendv(p.b, 77, "x", 1, NULL, 0, NULL), -EBADF);
	pair_destroy(&p);
}

static void
test_refused(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP);
	int64_t error;

	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	run(&p, 1);
	expect(spate_getsockopt(p.a, fd, SPATE_SO_ERROR, &error), 0);
	assert_int_equal(error, ECONNREFUSED);
	pair_destroy(&p);
}

static void
test_one_to_many(void **state)
{
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), peeled;
	const struct spate_sctp_sndinfo eof = { .snd_flags = SPATE_SCTP_EOF | SPATE_SCTP_SENDALL };
	union spate_sctp_notification n;
	struct spate_sctp_rcvinfo got;
	struct spate_sctp_nxtinfo next;
	struct {
		struct spate_sctp_assoc_ids head;
		int32_t ids[2];
	} list;
	size_t length = sizeof(list);
	char text[16];

	subscribe(p.b, server, SPATE_SCTP_ASSOC_CHANGE);
	subscribe(p.b, server, SPATE_SCTP_SHUTDOWN_EVENT);
	subscribe(p.b, server, SPATE_SCTP_PARTIAL_DELIVERY_EVENT);
	expect(spate_sctp_sendv(p.a, fd, "one", 3, B_ADDR, 7, NULL), 3);
	expect(spate_sendto(p.a, fd, "three", 5, B_ADDR, 7), 5);
	run(&p, 300);
	expect_notification(p.b, server, SPATE_SCTP_ASSOC_CHANGE, &n);
	assert_int_equal(n.sn_assoc_change.sac_state, SPATE_SCTP_COMM_UP);
	expect(spate_sctp_recvv(p.b, server, text, sizeof(text), NULL, NULL, &got, &next, NULL), 3);
	assert_int_equal(got.rcv_assoc_id, n.sn_assoc_change.sac_assoc_id);
	assert_int_equal(next.nxt_length, 5);
	assert_int_equal(next.nxt_assoc_id, got.rcv_assoc_id);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	expect(spate_sctp_getsockopt(p.b, server, SPATE_SCTP_GET_ASSOC_ID_LIST, &list, &length), 0);
	assert_int_equal(list.head.gaids_number_of_ids, 1);
	assert_int_equal(list.ids[0], got.rcv_assoc_id);
	expect(spate_sctp_peeloff(p.b, server, got.rcv_assoc_id + 1), -EINVAL);
	peeled = spate_sctp_peeloff(p.b, server, got.rcv_assoc_id);
	assert_in_range(peeled, 0, 100);
	expect(spate_sctp_sendv(p.a, fd, NULL, 0, NULL, 0, &eof), 0);
	run(&p, 300);
	expect_notification(p.b, peeled, SPATE_SCTP_SHUTDOWN_EVENT, &n);
	expect_notification(p.b, peeled, SPATE_SCTP_ASSOC_CHANGE, &n);
	assert_int_equal(n.sn_assoc_change.sac_state, SPATE_SCTP_SHUTDOWN_COMP);
	expect(spate_recv(p.b, peeled, text, sizeof(text)), 0);
	pair_destroy(&p);
}

/* The first of the server's addresses goes away: what is sent takes the other. */
static void
test_several_addresses(void **state)
{
	static const char *const addrs[] = { "10.0.0.2", "10.0.1.2" };
	const struct spate_sctp_rtoinfo rto = { 0, 100, 200, 50 };
	const struct spate_sctp_paddrparams params = {
		.spp_pathmaxrxt = 1, .spp_flags = SPATE_SPP_HB_ENABLE, .spp_hbinterval = 100
	};
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), peer;
	union spate_sctp_notification n;
	struct spate_sctp_status status = { .sstat_assoc_id = 0 };
	size_t length = sizeof(status);
	char texts[4][SPATE_ADDR_TEXT], text[16];
	unsigned port;

	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_RTOINFO, &rto, sizeof(rto)), 0);
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_PEER_ADDR_PARAMS, &params, sizeof(params)),
		0);
	expect(spate_sctp_connectx(p.a, fd, addrs, 2, 7, NULL), -EINPROGRESS);
	run(&p, 300);
	peer = spate_accept(p.b, server, NULL, NULL);
	expect(spate_sctp_getpaddrs(p.a, fd, 0, texts, 4, &port), 2);
	assert_string_equal(texts[0], "10.0.0.2");
	assert_string_equal(texts[1], "10.0.1.2");
	assert_int_equal(port, 7);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 2);
	subscribe(p.a, fd, SPATE_SCTP_PEER_ADDR_CHANGE);
	p.cut = B_ADDR;
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 2000);
	expect(spate_recv(p.b, peer, text, sizeof(text)), 5);
	expect_notification(p.a, fd, SPATE_SCTP_PEER_ADDR_CHANGE, &n);
	assert_int_equal(n.sn_paddr_change.spc_state, SPATE_SCTP_ADDR_UNREACHABLE);
	assert_int_equal(
		((const struct sockaddr_in *)&n.sn_paddr_change.spc_aaddr)->sin_addr.s_addr,
		htonl(0x0a000002));
	expect(spate_sctp_getsockopt(p.a, fd, SPATE_SCTP_STATUS, &status, &length), 0);
	assert_int_equal(status.sstat_state, SPATE_SCTP_ESTABLISHED);
	assert_int_equal(status.sstat_outstrms, 10);
	pair_destroy(&p);
}

/* Each option that can be set is read again as it was set. */
static void
test_options(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_assoc_value value = { 0, 1200 };
	struct spate_sctp_initmsg init = { .sinit_num_ostreams = 17 };
	struct spate_sctp_sack_info sack = { 0, 100, 1 };
	struct spate_sctp_assocparams params = { .sasoc_asocmaxrxt = 3 };
	struct spate_sctp_paddrparams paths = { .spp_pathmtu = 1000,
		.spp_flags = SPATE_SPP_PMTUD_DISABLE };
	struct spate_sctp_event event = { .se_type = 0x8001 };
	int on = 1, seconds = 30;

	SET(p.a, fd, MAXSEG, value);
	SET(p.a, fd, INITMSG, init);
	SET(p.a, fd, DELAYED_SACK, sack);
	SET(p.a, fd, ASSOCINFO, params);
	SET(p.a, fd, PEER_ADDR_PARAMS, paths);
	SET(p.a, fd, DISABLE_FRAGMENTS, on);
	SET(p.a, fd, AUTOCLOSE, seconds);
	value.assoc_value = 0;
	on = seconds = 0;
	init = (struct spate_sctp_initmsg){ 0 };
	sack = (struct spate_sctp_sack_info){ 0 };
	params = (struct spate_sctp_assocparams){ 0 };
	GET(p.a, fd, MAXSEG, value);
	assert_int_equal(value.assoc_value, 1200);
	GET(p.a, fd, INITMSG, init);
	assert_int_equal(init.sinit_num_ostreams, 17);
	assert_int_equal(init.sinit_max_attempts, 8);
	GET(p.a, fd, DELAYED_SACK, sack);
	assert_int_equal(sack.sack_delay, 100);
	assert_int_equal(sack.sack_freq, 1);
	GET(p.a, fd, ASSOCINFO, params);
	assert_int_equal(params.sasoc_asocmaxrxt, 3);
	paths = (struct spate_sctp_paddrparams){ 0 };
	GET(p.a, fd, PEER_ADDR_PARAMS, paths);
	assert_int_equal(paths.spp_pathmtu, 1000);
	assert_true((paths.spp_flags & SPATE_SPP_PMTUD_DISABLE) != 0);
	/* RFC 6458 8.1.12: found out, the value is of no use. */
	paths = (struct spate_sctp_paddrparams){ .spp_pathmtu = 1000,
		.spp_flags = SPATE_SPP_PMTUD_ENABLE };
	SET(p.a, fd, PEER_ADDR_PARAMS, paths);
	GET(p.a, fd, PEER_ADDR_PARAMS, paths);
	assert_int_equal(paths.spp_pathmtu, 0);
	assert_true((paths.spp_flags & SPATE_SPP_PMTUD_ENABLE) != 0);
	paths.spp_flags = SPATE_SPP_PMTUD_ENABLE | SPATE_SPP_PMTUD_DISABLE;
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_PEER_ADDR_PARAMS, &paths, sizeof(paths)),
		-EINVAL);
	GET(p.a, fd, DISABLE_FRAGMENTS, on);
	assert_int_equal(on, 1);
	GET(p.a, fd, AUTOCLOSE, seconds);
	assert_int_equal(seconds, 30);
	GET(p.a, fd, EVENT, event);
	assert_int_equal(event.se_on, 0);
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_RTOINFO, &value, 4), -EINVAL);
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_STATUS, &value, 8), -ENOPROTOOPT);
	expect(spate_sctp_setsockopt(p.a, fd, (enum spate_sctp_option)9999, &value, 8),
		-ENOPROTOOPT);
	value = (struct spate_sctp_assoc_value){ 4711, 1 };
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_MAX_BURST, &value, sizeof(value)),
		-EINVAL);
	pair_destroy(&p);
}

/* RFC 6951, in both directions, with its option of the socket, of paths, and of the stack. */
static void
test_in_udp(void **state)
{
	struct spate_sctp_udpencaps encaps = { .sue_port = htons(9899) };
	struct sockaddr_in *sin = (struct sockaddr_in *)&encaps.sue_address;
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), peer;
	int udp = spate_socket(p.a, 4, SPATE_UDP);
	size_t length = sizeof(encaps);
	char text[16];

	(void)state;
	expect(spate_sctp_setsockopt(
		       p.a, fd, SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, sizeof(encaps)),
		0);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EOPNOTSUPP);
	expect(spate_bind(p.a, udp, A_ADDR, 20000), 0);
	expect(spate_sctp_set_udp_port(p.a, 20000), -EADDRINUSE);
	assert_non_null(strstr(spate_error(), "port 20000"));
	expect(spate_sctp_set_udp_port(p.a, 65536), -EINVAL);
	expect(spate_sctp_set_udp_port(p.a, 20001), 0);
	expect(spate_sctp_set_udp_port(p.b, 9899), 0);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	run(&p, 300);
	peer = spate_accept(p.b, server, NULL, NULL);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.b, peer, text, sizeof(text)), 5);
	/* The server has heard it from the client. */
	encaps.sue_port = 0;
	expect(spate_sctp_getsockopt(
		       p.b, peer, SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, &length),
		0);
	assert_int_equal(ntohs(encaps.sue_port), 20001);
	/* A path of it goes without from now on. */
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0x0a000001);
	encaps.sue_port = 0;
	expect(spate_sctp_setsockopt(
		       p.b, peer, SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, sizeof(encaps)),
		0);
	encaps.sue_port = 1;
	expect(spate_sctp_getsockopt(
		       p.b, peer, SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, &length),
		0);
	assert_int_equal(encaps.sue_port, 0);
	sin->sin_addr.s_addr = htonl(0x0a000009);
	expect(spate_sctp_setsockopt(
		       p.b, peer, SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, sizeof(encaps)),
		-EINVAL);
	pair_destroy(&p);
}

/* Without a port of the stack's no association that there is goes in UDP; those to come may be told. */
static void
test_in_udp_without_port(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	int many = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_udpencaps encaps = { .sue_port = htons(9899) };
	struct sockaddr_in *sin = (struct sockaddr_in *)&encaps.sue_address;
	char text[16];

	(void)state;
	connect_one(&p, fd, listener, &server);
	SET_RC(p.a, fd, REMOTE_UDP_ENCAPS_PORT, encaps, -EOPNOTSUPP);
	GET(p.a, fd, REMOTE_UDP_ENCAPS_PORT, encaps);
	assert_int_equal(encaps.sue_port, 0);
	SET(p.a, fd, REMOTE_UDP_ENCAPS_PORT, encaps);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0x0a000002);
	SET(p.a, fd, REMOTE_UDP_ENCAPS_PORT, encaps);
	encaps.sue_port = htons(9899);
	SET_RC(p.a, fd, REMOTE_UDP_ENCAPS_PORT, encaps, -EOPNOTSUPP);
	expect(spate_sctp_sendv(p.a, many, "one", 3, B_ADDR, 7, NULL), 3);
	encaps = (struct spate_sctp_udpencaps){ SPATE_SCTP_ALL_ASSOC, .sue_port = htons(9899) };
	SET_RC(p.a, many, REMOTE_UDP_ENCAPS_PORT, encaps, -EOPNOTSUPP);
	encaps.sue_assoc_id = SPATE_SCTP_FUTURE_ASSOC;
	SET(p.a, many, REMOTE_UDP_ENCAPS_PORT, encaps);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	pair_destroy(&p);
}

/* RFC 9653, ECN: asked for before, and agreed by both. */
static void
test_on_or_off(void **state)
{
	static const enum spate_sctp_option options[] = { SPATE_SCTP_ACCEPT_ZERO_CHECKSUM,
		SPATE_SCTP_ECN_SUPPORTED };
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP);
	struct spate_sctp_assoc_value value = { .assoc_value = 2 };
	size_t length = sizeof(value);

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		value.assoc_value = 2;
		expect(spate_sctp_setsockopt(p.a, fd, options[i], &value, sizeof(value)), -EINVAL);
		expect(spate_sctp_getsockopt(p.a, fd, options[i], &value, &length), 0);
		assert_int_equal(value.assoc_value, 0);
		value.assoc_value = 1;
		expect(spate_sctp_setsockopt(p.a, fd, options[i], &value, sizeof(value)), 0);
		value.assoc_value = 0;
		expect(spate_sctp_getsockopt(p.a, fd, options[i], &value, &length), 0);
		assert_int_equal(value.assoc_value, 1);
	}
	/* The server has ECN as well; nobody else lets the checksum go. */
	expect(spate_sctp_setsockopt(p.b, server, SPATE_SCTP_ECN_SUPPORTED, &value, sizeof(value)),
		0);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	run(&p, 300);
	expect(spate_sctp_getsockopt(p.a, fd, SPATE_SCTP_ECN_SUPPORTED, &value, &length), 0);
	assert_int_equal(value.assoc_value, 1);
	expect(spate_sctp_getsockopt(p.a, fd, SPATE_SCTP_ACCEPT_ZERO_CHECKSUM, &value, &length), 0);
	assert_int_equal(value.assoc_value, 0);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_to_one),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_to_many),
		cmocka_unit_test(test_several_addresses),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_in_udp),
		cmocka_unit_test(test_in_udp_without_port),
		cmocka_unit_test(test_on_or_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
