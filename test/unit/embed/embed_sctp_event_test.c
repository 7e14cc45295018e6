/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications of RFC 6458 6.1: what they say, and the bytes that some come with. */
#include "unit/embed/embed_sctp_pair.h"

#define BIG 5000

/* 6.1.11: with the message, in as many parts as it takes to read it. */
static void
test_send_failed(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo info = {
		.snd_sid = 3, .snd_flags = SPATE_SCTP_UNORDERED, .snd_ppid = 5, .snd_context = 77
	};
	const struct spate_sctp_sndinfo abort = { .snd_flags = SPATE_SCTP_ABORT };
	struct spate_sctp_send_failed_event failed;
	uint8_t message[BIG], got[sizeof(failed) + BIG];
	int flags, done;

	for (unsigned i = 0; i < BIG; i++)
		message[i] = (uint8_t)(i * 7 + i / 256);
	connect_one(&p, fd, listener, &server);
	subscribe(p.a, fd, SPATE_SCTP_SEND_FAILED_EVENT);
	p.cut = B_ADDR;
	expect(spate_sctp_sendv(p.a, fd, message, BIG, NULL, 0, &info), BIG);
	expect(spate_sctp_sendv(p.a, fd, "small", 5, NULL, 0, NULL), 5);
	run(&p, 10);
	expect(spate_sctp_sendv(p.a, fd, NULL, 0, NULL, 0, &abort), 0);
	run(&p, 10);
	expect(spate_sctp_recvv(p.a, fd, got, 10, NULL, NULL, NULL, NULL, &flags), 10);
	assert_int_equal(flags, SPATE_MSG_NOTIFICATION);
	expect(spate_sctp_recvv(p.a, fd, got + 10, 2000, NULL, NULL, NULL, NULL, &flags), 2000);
	assert_int_equal(flags, SPATE_MSG_NOTIFICATION);
	done = spate_sctp_recvv(
		p.a, fd, got + 2010, sizeof(got) - 2010, NULL, NULL, NULL, NULL, &flags);
	assert_int_equal(2010 + done, sizeof(got));
	assert_int_equal(flags, SPATE_MSG_NOTIFICATION | SPATE_MSG_EOR);
	memcpy(&failed, got, sizeof(failed));
	assert_int_equal(failed.ssf_length, sizeof(got));
	assert_int_equal(failed.ssf_flags, SPATE_SCTP_DATA_SENT);
	assert_int_equal(failed.ssfe_info.snd_sid, 3);
	assert_int_equal(failed.ssfe_info.snd_flags, SPATE_SCTP_UNORDERED);
	assert_int_equal(failed.ssfe_info.snd_ppid, 5);
	assert_int_equal(failed.ssfe_info.snd_context, 77);
	assert_memory_equal(got + sizeof(failed), message, BIG);
	expect(spate_sctp_recvv(p.a, fd, got, sizeof(got), NULL, NULL, NULL, NULL, &flags),
		sizeof(failed) + 5);
	assert_memory_equal(got + sizeof(failed), "small", 5);
	pair_destroy(&p);
}

/* 6.1.4, which it supersedes; of what was given up before it was sent. */
static void
test_send_failed_older(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_assoc_value on = { 0, 1 };
	const struct spate_sctp_event_subscribe events = { .sctp_send_failure_event = 1 };
	struct {
		struct spate_sctp_send_failed failed;
		char text[16];
	} got;
	int flags;

	SET(p.a, fd, PR_SUPPORTED, on);
	SET(p.b, listener, PR_SUPPORTED, on);
	connect_one(&p, fd, listener, &server);
	SET(p.a, fd, EVENTS, events);
	p.cut = B_ADDR;
	expect(spate_sctp_sendmsg(p.a, fd, "hello", 5, NULL, 0, 9, 0, 1, 100, 4), 5);
	/* It is lost, and not sent again. */
	run(&p, 1200);
	expect(spate_sctp_recvv(p.a, fd, &got, sizeof(got), NULL, NULL, NULL, NULL, &flags),
		sizeof(got.failed) + 5);
	assert_int_equal(got.failed.ssf_type, SPATE_SCTP_SEND_FAILED);
	assert_int_equal(got.failed.ssf_info.sinfo_stream, 1);
	assert_int_equal(got.failed.ssf_info.sinfo_ppid, 9);
	assert_int_equal(got.failed.ssf_info.sinfo_context, 4);
	assert_memory_equal(got.text, "hello", 5);
	pair_destroy(&p);
}

/* 6.1.1: the ABORT chunk, with the reason that the peer gave (5.3.4). */
static void
test_abort_chunk(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo abort = { .snd_flags = SPATE_SCTP_ABORT };
	static const uint8_t chunk[] = { 6, 0, 0, 11, 0, 12, 0, 7, 'w', 'h', 'y' };
	struct {
		struct spate_sctp_assoc_change change;
		uint8_t info[64];
	} got;
	int flags, length;

	subscribe(p.b, listener, SPATE_SCTP_ASSOC_CHANGE);
	connect_one(&p, fd, listener, &server);
	expect(spate_sctp_recvv(p.b, server, &got, sizeof(got), NULL, NULL, NULL, NULL, &flags),
		sizeof(got.change));
	assert_int_equal(got.change.sac_state, SPATE_SCTP_COMM_UP);
	expect(spate_sctp_sendv(p.a, fd, "why", 3, NULL, 0, &abort), 3);
	run(&p, 10);
	length = spate_sctp_recvv(p.b, server, &got, sizeof(got), NULL, NULL, NULL, NULL, &flags);
	assert_in_range(
		length, sizeof(got.change) + sizeof(chunk), sizeof(got.change) + sizeof(chunk) + 1);
	assert_int_equal(got.change.sac_state, SPATE_SCTP_COMM_LOST);
	assert_int_equal(got.change.sac_error, 12);
	assert_int_equal(got.change.sac_length, length);
	assert_int_equal(got.info[0], 6);
	assert_memory_equal(got.info + 4, chunk + 4, 7);
	pair_destroy(&p);
}

/* 6.1.2: of an address that the peer has told, and of one that was made the primary one. */
static void
test_addresses(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_prim prim = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&prim.ssp_addr;
	union spate_sctp_notification n;

	subscribe(p.a, fd, SPATE_SCTP_PEER_ADDR_CHANGE);
	connect_one(&p, fd, listener, &server);
	expect_notification(p.a, fd, SPATE_SCTP_PEER_ADDR_CHANGE, &n);
	assert_int_equal(n.sn_paddr_change.spc_state, SPATE_SCTP_ADDR_CONFIRMED);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x0a000102);
	SET(p.a, fd, PRIMARY_ADDR, prim);
	expect_notification(p.a, fd, SPATE_SCTP_PEER_ADDR_CHANGE, &n);
	assert_int_equal(n.sn_paddr_change.spc_state, SPATE_SCTP_ADDR_MADE_PRIM);
	assert_memory_equal((uint8_t *)&n.sn_paddr_change.spc_aaddr + 4, &in->sin_addr, 4);
	pair_destroy(&p);
}

/* 6.1.6, 6.1.7, 6.1.9 */
static void
test_adaptation_and_dry(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_setadaptation layer = { 0xabcd };
	union spate_sctp_notification n;

	SET(p.b, listener, ADAPTATION_LAYER, layer);
	subscribe(p.a, fd, SPATE_SCTP_ADAPTATION_INDICATION);
	connect_one(&p, fd, listener, &server);
	expect_notification(p.a, fd, SPATE_SCTP_ADAPTATION_INDICATION, &n);
	assert_int_equal(n.sn_adaptation_event.sai_adaptation_ind, 0xabcd);
	/* While there is nothing to be sent one is told at once; else when that is so. */
	subscribe(p.a, fd, SPATE_SCTP_SENDER_DRY_EVENT);
	expect_notification(p.a, fd, SPATE_SCTP_SENDER_DRY_EVENT, &n);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	expect(spate_sctp_recvv(p.a, fd, &n, sizeof(n), NULL, NULL, NULL, NULL, NULL), -EAGAIN);
	run(&p, 300);
	expect_notification(p.a, fd, SPATE_SCTP_SENDER_DRY_EVENT, &n);
	pair_destroy(&p);
}

/* Those that are not read hold no more memory than what may wait to be sent. */
static void
test_unread(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_assoc_value on = { 0, 1 };
	static uint8_t message[1000], got[2000];
	unsigned with = 0, without = 0;
	int length;

	SET(p.a, fd, PR_SUPPORTED, on);
	SET(p.b, listener, PR_SUPPORTED, on);
	expect(spate_setsockopt(p.a, fd, SPATE_SO_SNDBUF, 8192), 0);
	connect_one(&p, fd, listener, &server);
	subscribe(p.a, fd, SPATE_SCTP_SEND_FAILED_EVENT);
	for (unsigned i = 0; i < 20; i++) {
		p.dead = true;
		expect(spate_sctp_sendmsg(p.a, fd, message, 1000, NULL, 0, 0, 0, 0, 10, 0), 1000);
		run(&p, 100);
		p.dead = false;
		run(&p, 5000);
	}
	/* Nothing measures the round trip: RTO is as it was backed off. */
	run(&p, 60000);
	while ((length = spate_sctp_recvv(
			p.a, fd, got, sizeof(got), NULL, NULL, NULL, NULL, NULL)) > 0) {
		with += length > 1000;
		without += length <= 1000;
	}
	assert_int_equal(with, 8);
	assert_int_equal(without, 12);
	pair_destroy(&p);
}

/* A part of one was read, and its association goes: the next one comes whole, and so does it. */
static void
test_peeled_off(void **state)
{
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP_SEQPACKET), first, second, peeled;
	struct {
		struct spate_sctp_assoc_ids head;
		int32_t ids[2];
	} list;
	union spate_sctp_notification n;
	int flags;

	first = spate_socket(p.a, 4, SPATE_SCTP);
	second = spate_socket(p.a, 4, SPATE_SCTP);
	subscribe(p.b, server, SPATE_SCTP_ASSOC_CHANGE);
	expect(spate_connect(p.a, first, B_ADDR, 7), -EINPROGRESS);
	run(&p, 10);
	GET(p.b, server, GET_ASSOC_ID_LIST, list);
	assert_int_equal(list.head.gaids_number_of_ids, 1);
	expect(spate_sctp_recvv(p.b, server, &n, 18, NULL, NULL, NULL, NULL, &flags), 18);
	assert_int_equal(flags, SPATE_MSG_NOTIFICATION);
	expect(spate_connect(p.a, second, B_ADDR, 7), -EINPROGRESS);
	run(&p, 10);
	peeled = spate_sctp_peeloff(p.b, server, list.ids[0]);
	assert_in_range(peeled, 0, 100);
	expect_notification(p.b, server, SPATE_SCTP_ASSOC_CHANGE, &n);
	assert_int_equal(n.sn_assoc_change.sac_state, SPATE_SCTP_COMM_UP);
	assert_int_not_equal(n.sn_assoc_change.sac_assoc_id, list.ids[0]);
	expect_notification(p.b, peeled, SPATE_SCTP_ASSOC_CHANGE, &n);
	assert_int_equal(n.sn_assoc_change.sac_state, SPATE_SCTP_COMM_UP);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send_failed),
		cmocka_unit_test(test_send_failed_older),
		cmocka_unit_test(test_abort_chunk),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_adaptation_and_dry),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_peeled_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
