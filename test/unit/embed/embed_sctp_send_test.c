/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending as RFC 6458 5.3, 8.1.26 and 9.7 to 9.13 have it, and what calls say in each state. */
#include "unit/embed/embed_sctp_pair.h"

/* 8.1.26: a message larger than the send buffer, in parts that others do not get between. */
static void
test_explicit_eor(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo on_2 = { .snd_sid = 2, .snd_ppid = 6 };
	const struct spate_sctp_sndinfo on_3 = { .snd_sid = 3 };
	const struct spate_sctp_sndinfo end = { .snd_sid = 1, .snd_flags = SPATE_SCTP_EOR };
	const struct spate_sctp_sendv_spa spa = { .sendv_flags = SPATE_SCTP_SEND_SNDINFO_VALID,
		.sendv_sndinfo = { .snd_sid = 2 } };
	struct spate_sctp_rcvinfo info;
	static uint8_t part[6000], got[100000];
	int on = 1, flags, length;
	unsigned sent = 0;

	expect(spate_setsockopt(p.a, fd, SPATE_SO_SNDBUF, 8192), 0);
	SET(p.a, fd, EXPLICIT_EOR, on);
	connect_one(&p, fd, listener, &server);
	for (unsigned i = 0; i < 10; i++) {
		memset(part, (int)i, sizeof(part));
		expect(spate_sctp_sendv(p.a, fd, part, sizeof(part), NULL, 0, &on_2), 6000);
		sent += sizeof(part);
		run(&p, 300);
	}
	/* Another message may wait; but one that does not end may not be begun. */
	expect(spate_sctp_sendv(p.a, fd, "x", 1, NULL, 0, &on_3), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, "other", 5, NULL, 0, &end), 5);
	run(&p, 300);
	expect(spate_sctp_sendx(p.a, fd, "end", 3, NULL, 0, 0, &spa, MSG_EOR), 3);
	run(&p, 300);
	length = spate_sctp_recvv(p.b, server, got, sizeof(got), NULL, NULL, &info, NULL, &flags);
	assert_int_equal(length, sent + 3);
	assert_int_equal(flags, SPATE_MSG_EOR);
	assert_int_equal(info.rcv_sid, 2);
	assert_int_equal(info.rcv_ppid, 6);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(got[i * 6000], i);
		assert_int_equal(got[i * 6000 + 5999], i);
	}
	assert_memory_equal(got + sent, "end", 3);
	expect(spate_recv(p.b, server, got, sizeof(got)), 5);
	/* Who ends it in the midst of a message aborts. */
	expect(spate_sctp_sendv(p.a, fd, "begun", 5, NULL, 0, NULL), 5);
	expect(spate_shutdown(p.a, fd, 2), 0);
	run(&p, 300);
	expect(spate_recv(p.b, server, got, sizeof(got)), -ECONNRESET);
	pair_destroy(&p);
}

static bool
goes_to(struct pair *p, uint32_t addr)
{
	uint8_t frame[SPATE_FRAME_MAX];
	int length = spate_output(p->a, "i0", frame, sizeof(frame));
	uint32_t to;

	assert_true(length > 20);
	memcpy(&to, frame + 16, sizeof(to));
	expect(spate_input(p->b, "i0", frame, (size_t)length), 0);
	return ntohl(to) == addr;
}

/* 5.3.4: SCTP_ADDR_OVER */
static void
test_addr_over(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo over = { .snd_flags = SPATE_SCTP_ADDR_OVER };

	connect_one(&p, fd, listener, &server);
	expect(spate_send(p.a, fd, "one", 3), 3);
	assert_true(goes_to(&p, 0x0a000002));
	run(&p, 300);
	expect(spate_sctp_sendv(p.a, fd, "two", 3, "10.0.1.2", 7, &over), 3);
	assert_true(goes_to(&p, 0x0a000102));
	run(&p, 300);
	/* Without the flag the address does not matter. */
	expect(spate_sctp_sendv(p.a, fd, "two", 3, "10.0.1.2", 7, NULL), 3);
	assert_true(goes_to(&p, 0x0a000002));
	expect(spate_sctp_sendv(p.a, fd, "x", 1, "10.0.7.7", 7, &over), -EINVAL);
	pair_destroy(&p);
}

/* 9.12: with a lifetime that has passed; and with several addresses. */
static void
test_sendx(void **state)
{
	static const char *const addrs[] = { "10.0.0.2", "10.0.1.2" };
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_sendv_spa spa = { .sendv_flags = SPATE_SCTP_SEND_PRINFO_VALID,
		.sendv_prinfo = { SPATE_SCTP_PR_SCTP_TTL, 100 } };
	struct spate_sctp_sndrcvinfo info;
	char text[16], addr[SPATE_ADDR_TEXT];
	unsigned port;
	int flags;

	/* RFC 9260 11.1.5: it was not sent in time. */
	p.cut = B_ADDR;
	expect(spate_sctp_sendx(p.a, fd, "late", 4, addrs, 1, 7, &spa, 0), 4);
	run(&p, 200);
	p.cut = NULL;
	expect(spate_sctp_sendmsg(p.a, fd, "kept", 4, B_ADDR, 7, 8, SPATE_SCTP_UNORDERED, 2, 0, 0),
		4);
	run(&p, 2000);
	expect(spate_sctp_recvmsg(p.b, server, text, sizeof(text), addr, &port, &info, &flags), 4);
	assert_memory_equal(text, "kept", 4);
	assert_int_equal(flags, SPATE_MSG_EOR);
	assert_int_equal(info.sinfo_stream, 2);
	assert_int_equal(info.sinfo_ppid, 8);
	assert_int_equal(info.sinfo_flags, SPATE_SCTP_UNORDERED);
	assert_string_equal(addr, A_ADDR);
	expect(spate_recv(p.b, server, text, sizeof(text)), -EAGAIN);
	spa.sendv_prinfo.pr_policy = 0x70;
	expect(spate_sctp_sendx(p.a, fd, "x", 1, addrs, 2, 7, &spa, 0), -EINVAL);
	spa.sendv_flags = SPATE_SCTP_SEND_AUTHINFO_VALID;
	spa.sendv_authinfo.auth_keynumber = 3;
	expect(spate_sctp_sendx(p.a, fd, "x", 1, addrs, 2, 7, &spa, 0), -EOPNOTSUPP);
	spa.sendv_flags = 8;
	expect(spate_sctp_sendx(p.a, fd, "x", 1, addrs, 2, 7, &spa, 0), -EINVAL);
	pair_destroy(&p);
}

/* What calls say that cannot do what they are asked. */
static void
test_errors(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	int many = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), unbound;
	const struct spate_sctp_sndinfo bad = { .snd_flags = 1 << 4 }, stream = { .snd_sid = 10 };
	const struct spate_sctp_sndinfo nobody = { .snd_assoc_id = 4711 };
	char text[16];

	/* 3.1.4, 3.1.6, 3.1.5 */
	expect(spate_sctp_sendv(p.a, many, "x", 1, NULL, 0, NULL), -EDESTADDRREQ);
	expect(spate_sctp_sendv(p.a, many, "x", 1, B_ADDR, 7, &nobody), -EINVAL);
	expect(spate_shutdown(p.a, many, 2), -EOPNOTSUPP);
	expect(spate_recv(p.a, many, text, sizeof(text)), -EAGAIN);
	expect(spate_accept(p.a, many, NULL, NULL), -EOPNOTSUPP);
	expect(spate_sctp_sendv(p.a, many, "x", 1, "10.0.0.2", 0, NULL), -EINVAL);
	/* 4.1.5, 4.1.7, 4.1.8 */
	expect(spate_send(p.a, fd, "x", 1), -ENOTCONN);
	expect(spate_recv(p.a, fd, text, sizeof(text)), -ENOTCONN);
	expect(spate_shutdown(p.a, fd, 2), -ENOTCONN);
	expect(spate_getpeername(p.a, fd, NULL, NULL), -ENOTCONN);
	expect(spate_accept(p.a, fd, NULL, NULL), -EINVAL);
	expect(spate_send(p.b, listener, "x", 1), -EPIPE);
	expect(spate_connect(p.b, listener, A_ADDR, 7), -EOPNOTSUPP);
	expect(spate_sctp_peeloff(p.a, fd, 0), -EOPNOTSUPP);
	unbound = spate_socket(p.b, 4, SPATE_SCTP);
	expect(spate_bind(p.b, unbound, NULL, 7), -EADDRINUSE);
	expect(spate_bind(p.b, unbound, "10.0.7.7", 8), -EADDRNOTAVAIL);
	expect(spate_bind(p.b, unbound, "2001:db8::1", 8), -EAFNOSUPPORT);
	connect_one(&p, fd, listener, &server);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EISCONN);
	expect(spate_listen(p.a, fd, 1), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, NULL, 0, &bad), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, NULL, 0, &stream), -EINVAL);
	expect(spate_send(p.a, fd, "", 0), -EINVAL);
	expect(spate_shutdown(p.a, fd, 2), 0);
	expect(spate_send(p.a, fd, "x", 1), -EPIPE);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 0);
	pair_destroy(&p);
}

/* A one-to-one socket without an association begins one by sending, as those of Linux do. */
static void
test_implicit(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	char text[16];

	expect(spate_sendto(p.a, fd, "hello", 5, B_ADDR, 7), 5);
	run(&p, 300);
	server = spate_accept(p.b, listener, NULL, NULL);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explicit_eor),
		cmocka_unit_test(test_addr_over),
		cmocka_unit_test(test_sendx),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_implicit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
