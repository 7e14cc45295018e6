/* SPDX-License-Identifier: BSD-3-Clause */
/* What is received, and what is said of it: RFC 6458 3.1.5, 4.1.7, 5.3.2, 5.3.5, 5.3.6, 6.1.5. */
#include "unit/embed/embed_sctp_pair.h"

static void
receive_from(struct spate *stack, int fd, const char *text, const char *addr)
{
	char got[16], from[SPATE_ADDR_TEXT] = "";

	expect(spate_sctp_recvv(stack, fd, got, sizeof(got), from, NULL, NULL, NULL, NULL),
		(int)strlen(text));
	assert_memory_equal(got, text, strlen(text));
	assert_string_equal(from, addr);
}

/* 3.1.5, 4.1.5: who has sent and ended is named as it was, also to whom accepts it later. */
static void
test_after_end(void **state)
{
	const struct spate_sctp_sndinfo last = { .snd_flags = SPATE_SCTP_EOF };
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), server, many;
	int fd = spate_socket(p.a, 4, SPATE_SCTP), client;
	char addr[SPATE_ADDR_TEXT];

	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	expect(spate_bind(p.a, client = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), NULL, 9), 0);
	run(&p, 20);
	expect(spate_send(p.a, fd, "last", 4), 4);
	expect(spate_close(p.a, fd), 0);
	run(&p, 500);
	server = spate_accept(p.b, listener, addr, NULL);
	assert_in_range(server, 0, 100);
	assert_string_equal(addr, A_ADDR);
	expect(spate_getpeername(p.b, server, addr, NULL), -ENOTCONN);
	receive_from(p.b, server, "last", A_ADDR);
	expect(spate_recv(p.b, server, addr, sizeof(addr)), 0);

	expect(spate_close(p.b, listener), 0);
	many = server_open(p.b, SPATE_SCTP_SEQPACKET);
	expect(spate_sctp_sendv(p.a, client, "hello", 5, B_ADDR, 7, NULL), 5);
	expect(spate_sctp_sendv(p.a, client, "bye", 3, B_ADDR, 7, &last), 3);
	run(&p, 500);
	receive_from(p.b, many, "hello", A_ADDR);
	receive_from(p.b, many, "bye", A_ADDR);
	pair_destroy(&p);
}

/* 4.1.7: after SHUT_RD nothing is received, and the peer is none the wiser. */
static void
test_receives_no_more(void **state)
{
	static uint8_t large[100000];
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	int64_t queued = -1;
	char text[8];

	connect_one(&p, fd, listener, &server);
	expect(spate_send(p.b, server, "hello", 5), 5);
	run(&p, 300);
	expect(spate_shutdown(p.a, fd, 1), 0);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 0);
	/* More than a window. */
	for (unsigned i = 0; i < 5; i++) {
		expect(spate_send(p.b, server, large, sizeof(large)), sizeof(large));
		run(&p, 1000);
		expect(spate_recv(p.a, fd, text, sizeof(text)), 0);
	}
	expect(spate_getsockopt(p.b, server, SPATE_SIOCOUTQ, &queued), 0);
	assert_int_equal(queued, 0);
	expect(spate_send(p.a, fd, "still", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	/* In good order, as nothing is left unread. */
	expect(spate_close(p.a, fd), 0);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 0);
	pair_destroy(&p);
}

static struct spate_sctp_nxtinfo
next_after(struct spate *stack, int fd, struct spate_sctp_rcvinfo *info, int bytes)
{
	struct spate_sctp_nxtinfo next = { .nxt_length = 99 };
	char got[64];

	expect(spate_sctp_recvv(stack, fd, got, sizeof(got), NULL, NULL, info, &next, NULL), bytes);
	return next;
}

/* 5.3.6: whether it is all there, or is no message at all; 5.3.5: how far the rest has come. */
static void
test_next(void **state)
{
	const struct spate_sctp_sndinfo unordered = { .snd_flags = SPATE_SCTP_UNORDERED };
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const uint32_t point = 1000;
	struct spate_sctp_nxtinfo next;
	struct spate_sctp_rcvinfo info;
	static uint8_t large[20000];

	connect_one(&p, fd, listener, &server);
	SET(p.b, server, PARTIAL_DELIVERY_POINT, point);
	expect(spate_send(p.a, fd, "one", 3), 3);
	run(&p, 300);
	expect(spate_sctp_sendv(p.a, fd, "three", 5, NULL, 0, &unordered), 5);
	run(&p, 300);
	next = next_after(p.b, server, &info, 3);
	assert_int_equal(next.nxt_flags, SPATE_SCTP_UNORDERED | SPATE_SCTP_COMPLETE);
	assert_int_equal(next.nxt_length, 5);
	assert_int_equal(info.rcv_cumtsn, info.rcv_tsn + 1);

	/* As much of the next one as a first flight is. */
	expect(spate_send(p.a, fd, "six", 3), 3);
	run(&p, 300);
	expect(spate_send(p.a, fd, large, sizeof(large)), sizeof(large));
	carry(&p, p.a, p.b);
	next_after(p.b, server, &info, 5);
	next = next_after(p.b, server, &info, 3);
	assert_int_equal(next.nxt_flags, 0);
	assert_in_range(next.nxt_length, 1000, sizeof(large) - 1);
	pair_destroy(&p);
}

/* 5.3.6, 6.1.5: a notification is next; it is of the peer's SHUTDOWN, and not of one's own. */
static void
test_notification_is_next(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	union spate_sctp_notification n;
	struct spate_sctp_nxtinfo next;
	struct spate_sctp_rcvinfo info;

	connect_one(&p, fd, listener, &server);
	subscribe(p.a, fd, SPATE_SCTP_ASSOC_CHANGE);
	subscribe(p.a, fd, SPATE_SCTP_SHUTDOWN_EVENT);
	subscribe(p.b, server, SPATE_SCTP_ASSOC_CHANGE);
	subscribe(p.b, server, SPATE_SCTP_SHUTDOWN_EVENT);
	expect(spate_send(p.a, fd, "last", 4), 4);
	expect(spate_shutdown(p.a, fd, 2), 0);
	run(&p, 500);
	next = next_after(p.b, server, &info, 4);
	assert_int_equal(next.nxt_flags, SPATE_SCTP_NOTIFICATION | SPATE_SCTP_COMPLETE);
	assert_int_equal(next.nxt_length, sizeof(struct spate_sctp_shutdown_event));
	assert_int_equal(next.nxt_assoc_id, info.rcv_assoc_id);
	expect(spate_sctp_recvv(p.b, server, &n, 5, NULL, NULL, NULL, &next, NULL), 5);
	assert_int_equal(next.nxt_length, sizeof(struct spate_sctp_shutdown_event) - 5);
	expect(spate_sctp_recvv(p.b, server, &n, sizeof(n), NULL, NULL, NULL, &next, NULL),
		(int)sizeof(struct spate_sctp_shutdown_event) - 5);
	assert_int_equal(next.nxt_length, sizeof(struct spate_sctp_assoc_change));
	expect_notification(p.b, server, SPATE_SCTP_ASSOC_CHANGE, &n);
	expect_notification(p.a, fd, SPATE_SCTP_ASSOC_CHANGE, &n);
	assert_int_equal(n.sn_assoc_change.sac_state, SPATE_SCTP_SHUTDOWN_COMP);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after_end),
		cmocka_unit_test(test_receives_no_more),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_notification_is_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
