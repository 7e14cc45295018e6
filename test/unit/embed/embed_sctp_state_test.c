/* SPDX-License-Identifier: BSD-3-Clause */
/* What calls say of sockets of SCTP in each state: RFC 6458 3.1, 4.1, 9.3, 9.5. */
#include "unit/embed/embed_sctp_pair.h"

static int
so_error(struct spate *stack, int fd)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	return (int)value;
}

static uint32_t
assocs(struct spate *stack, int fd)
{
	uint32_t count = UINT32_MAX;

	GET(stack, fd, GET_ASSOC_NUMBER, count);
	return count;
}

/* 3.1.3, 4.1.3: a backlog may change, and with 0 nobody is wanted any more. */
static void
test_listen(void **state)
{
	static const enum spate_protocol styles[] = { SPATE_SCTP, SPATE_SCTP_SEQPACKET };

	for (unsigned i = 0; i < RTE_DIM(styles); i++) {
		struct pair p = pair_create();
		int listener = server_open(p.b, styles[i]), fd = spate_socket(p.a, 4, SPATE_SCTP);

		expect(spate_listen(p.b, listener, 9), 0);
		expect(spate_listen(p.b, listener, 0), 0);
		expect(spate_listen(p.b, listener, 0), 0);
		expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
		run(&p, 300);
		assert_int_equal(so_error(p.a, fd), ECONNREFUSED);
		expect(spate_accept(p.b, listener, NULL, NULL), i == 0 ? -EINVAL : -EOPNOTSUPP);
		expect(spate_listen(p.b, listener, 1), 0);
		expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
		run(&p, 300);
		assert_int_equal(so_error(p.a, fd), 0);
		assert_true(spate_ready(p.a, fd) & SPATE_WRITABLE);
		expect(spate_listen(p.a, fd, 0), -EINVAL);
		pair_destroy(&p);
	}
}

/* 4.1.3: so many wait, and others are refused. */
static void
test_backlog(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fds[3];
	unsigned there = 0;

	expect(spate_listen(p.b, listener, 2), 0);
	for (unsigned i = 0; i < RTE_DIM(fds); i++) {
		fds[i] = spate_socket(p.a, 4, SPATE_SCTP);
		expect(spate_connect(p.a, fds[i], B_ADDR, 7), -EINPROGRESS);
		run(&p, 300);
		there += (spate_ready(p.a, fds[i]) & SPATE_WRITABLE) != 0;
	}
	assert_int_equal(there, 2);
	pair_destroy(&p);
}

/* 3.1.5: of one-to-many. */
static void
test_connect_many(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);

	server_open(p.b, SPATE_SCTP);
	expect(spate_connect(p.a, fd, B_ADDR, 7), 0);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EALREADY);
	run(&p, 300);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EISCONN);
	assert_int_equal(assocs(p.a, fd), 1);
	pair_destroy(&p);
}

/* 4.1.8: whoever is named to a connected socket is its peer; any of its addresses will do. */
static void
test_named(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo over = { .snd_flags = SPATE_SCTP_ADDR_OVER };

	connect_one(&p, fd, listener, &server);
	expect(spate_sendto(p.a, fd, "x", 1, B_ADDR, 7), 1);
	expect(spate_sendto(p.a, fd, "x", 1, "10.0.1.2", 7), 1);
	expect(spate_sendto(p.a, fd, "x", 1, B_ADDR, 0), 1);
	expect(spate_sendto(p.a, fd, "x", 1, "0.0.0.0", 7), 1);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, "0.0.0.0", 0, &over), 1);
	expect(spate_sendto(p.a, fd, "x", 1, B_ADDR, 1), -EINVAL);
	expect(spate_sendto(p.a, fd, "x", 1, "10.0.7.7", 7), -EINVAL);
	expect(spate_sendto(p.a, fd, "x", 1, "10.0.7.7", 0), -EINVAL);
	pair_destroy(&p);
}

/* After the peer has aborted: why, once, and then that it is over. */
static void
test_aborted(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	char text[16], texts[4][SPATE_ADDR_TEXT];

	connect_one(&p, fd, listener, &server);
	expect(spate_setsockopt(p.b, server, SPATE_SO_LINGER, 0), 0);
	expect(spate_close(p.b, server), 0);
	run(&p, 300);
	assert_true(spate_ready(p.a, fd) & SPATE_HAS_ERROR);
	assert_true(spate_ready(p.a, fd) & SPATE_CLOSED);
	expect(spate_send(p.a, fd, "x", 1), -ECONNRESET);
	expect(spate_send(p.a, fd, "x", 1), -EPIPE);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 0);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EISCONN);
	expect(spate_shutdown(p.a, fd, 2), -ENOTCONN);
	expect(spate_getpeername(p.a, fd, NULL, NULL), -ENOTCONN);
	expect(spate_sctp_getpaddrs(p.a, fd, 0, texts, 4, NULL), 0);
	pair_destroy(&p);
}

/* After an end in good order. */
static void
test_ended(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	char text[16];

	connect_one(&p, fd, listener, &server);
	expect(spate_shutdown(p.a, fd, 2), 0);
	expect(spate_send(p.a, fd, "x", 1), -EPIPE);
	run(&p, 300);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 0);
	expect(spate_recv(p.b, server, text, sizeof(text)), 0);
	expect(spate_send(p.b, server, "x", 1), -EPIPE);
	expect(spate_send(p.a, fd, "x", 1), -EPIPE);
	assert_int_equal(so_error(p.a, fd), 0);
	pair_destroy(&p);
}

/* 3.1.4, 5.3.4: an association is begun by a message that can be sent, and not by others. */
static void
test_implicit(void **state)
{
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), one = spate_socket(p.a, 4, SPATE_SCTP);
	const struct spate_sctp_sndinfo stream = { .snd_sid = 1000 };
	const struct spate_sctp_sndinfo stop = { .snd_flags = SPATE_SCTP_ABORT };
	const struct spate_sctp_sndinfo last = { .snd_flags = SPATE_SCTP_EOF };
	static char large[65536];
	uint8_t frame[SPATE_FRAME_MAX];
	char text[16];

	expect(spate_setsockopt(p.a, fd, SPATE_SO_SNDBUF, 8192), 0);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, B_ADDR, 7, &stream), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, large, sizeof(large), B_ADDR, 7, NULL), -EMSGSIZE);
	expect(spate_sctp_sendv(p.a, fd, "x", 0, B_ADDR, 7, NULL), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, B_ADDR, 7, &stop), -EINVAL);
	expect(spate_sctp_sendv(p.a, fd, "x", 0, B_ADDR, 7, &last), -EINVAL);
	expect(spate_sctp_sendv(p.a, one, "x", 1, B_ADDR, 7, &stream), -EINVAL);
	assert_int_equal(assocs(p.a, fd), 0);
	expect(spate_getpeername(p.a, one, NULL, NULL), -ENOTCONN);
	/* Nobody has heard of it. */
	expect(spate_output(p.a, "i0", frame, sizeof(frame)), 0);
	expect(spate_sctp_sendv(p.a, fd, "bye", 3, B_ADDR, 7, &last), 3);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 3);
	assert_int_equal(assocs(p.b, server), 0);
	pair_destroy(&p);
}

/* 9.3, 9.5 */
static void
test_addrs(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP),
	    many = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	char texts[4][SPATE_ADDR_TEXT];
	unsigned port = 0;

	expect(spate_sctp_getpaddrs(p.a, fd, 0, texts, 4, NULL), 0);
	expect(spate_sctp_getpaddrs(p.a, many, 4711, texts, 4, NULL), -EINVAL);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 0);
	expect(spate_bind(p.a, fd, NULL, 77), 0);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, &port), 2);
	assert_string_equal(texts[0], A_ADDR);
	assert_int_equal(port, 77);
	expect(spate_bind(p.a, many, A_ADDR, 78), 0);
	expect(spate_sctp_getladdrs(p.a, many, 0, texts, 4, NULL), 1);
	pair_destroy(&p);
}

/* 3.1.5: whoever receives without flags gets notifications all the same, and may look at them first. */
static void
test_plain_notification(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_assoc_change change = { 0 };
	char text[16];

	subscribe(p.a, fd, SPATE_SCTP_ASSOC_CHANGE);
	connect_one(&p, fd, listener, &server);
	expect(spate_send(p.b, server, "hello", 5), 5);
	run(&p, 300);
	for (unsigned i = 0; i < 2; i++) {
		expect(spate_peek(p.a, fd, &change, sizeof(change), NULL, NULL), sizeof(change));
		assert_int_equal(change.sac_type, SPATE_SCTP_ASSOC_CHANGE);
	}
	memset(&change, 0, sizeof(change));
	expect(spate_recv(p.a, fd, &change, sizeof(change)), sizeof(change));
	assert_int_equal(change.sac_state, SPATE_SCTP_COMM_UP);
	expect(spate_peek(p.a, fd, text, sizeof(text), NULL, NULL), 5);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 5);
	pair_destroy(&p);
}

/* 8.1.16, 9.6: the form without an id says what the one with it says. */
static void
test_maxseg(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), number = 0;
	struct spate_sctp_assoc_value value = { .assoc_value = 1000 };
	size_t length = sizeof(number);
	int32_t id;

	server_open(p.b, SPATE_SCTP);
	expect(spate_sctp_connectx(p.a, fd, (const char *[]){ B_ADDR }, 1, 7, &id), 0);
	SET(p.a, fd, MAXSEG, value);
	value = (struct spate_sctp_assoc_value){ id, 500 };
	SET(p.a, fd, MAXSEG, value);
	expect(spate_sctp_opt_info(p.a, fd, id, SPATE_SCTP_MAXSEG, &number, &length), 0);
	assert_int_equal(number, 500);
	assert_int_equal(length, sizeof(number));
	expect(spate_sctp_opt_info(p.a, fd, 0, SPATE_SCTP_MAXSEG, &number, &length), 0);
	assert_int_equal(number, 1000);
	expect(spate_sctp_opt_info(p.a, fd, 4711, SPATE_SCTP_MAXSEG, &number, &length), -EINVAL);
	/* What is larger than a packet is no limit. */
	value.assoc_value = 100000;
	SET(p.a, fd, MAXSEG, value);
	GET(p.a, fd, MAXSEG, value);
	assert_int_equal(value.assoc_value, 0);
	pair_destroy(&p);
}

/* A part of a message is there, and another one behind it; the rest is lost. @return what is received second */
static int
receive_between(int level)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_sndinfo other = { .snd_sid = 1 };
	static uint8_t large[4000], got[4000];
	uint32_t point = 1000;
	uint8_t frame[SPATE_FRAME_MAX];
	int on = 1, flags, length, rc;

	SET(p.b, listener, PARTIAL_DELIVERY_POINT, point);
	SET(p.b, listener, FRAGMENT_INTERLEAVE, level);
	SET(p.a, fd, NODELAY, on);
	connect_one(&p, fd, listener, &server);
	expect(spate_send(p.a, fd, large, sizeof(large)), sizeof(large));
	for (unsigned i = 0; i < 3; i++) {
		length = spate_output(p.a, "i0", frame, sizeof(frame));
		assert_true(length > 0);
		if (i < 2)
			expect(spate_input(p.b, "i0", frame, (size_t)length), 0);
	}
	expect(spate_sctp_sendv(p.a, fd, "other", 5, NULL, 0, &other), 5);
	length = spate_output(p.a, "i0", frame, sizeof(frame));
	assert_true(length > 0);
	expect(spate_input(p.b, "i0", frame, (size_t)length), 0);
	assert_true(spate_sctp_recvv(
			    p.b, server, got, sizeof(got), NULL, NULL, NULL, NULL, &flags) > 1000);
	assert_int_equal(flags, 0);
	rc = spate_sctp_recvv(p.b, server, got, sizeof(got), NULL, NULL, NULL, NULL, &flags);
	pair_destroy(&p);
	return rc;
}

/* 8.1.20 */
static void
test_interleave(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), level = 3;

	SET_RC(p.a, fd, FRAGMENT_INTERLEAVE, level, -EINVAL);
	for (level = 0; level <= 2; level++) {
		int got = -1;

		SET(p.a, fd, FRAGMENT_INTERLEAVE, level);
		GET(p.a, fd, FRAGMENT_INTERLEAVE, got);
		assert_int_equal(got, level);
	}
	pair_destroy(&p);
	expect(receive_between(0), -EAGAIN);
	expect(receive_between(1), -EAGAIN);
	expect(receive_between(2), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_connect_many),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_aborted),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_implicit),
		cmocka_unit_test(test_addrs),
		cmocka_unit_test(test_plain_notification),
		cmocka_unit_test(test_maxseg),
		cmocka_unit_test(test_interleave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
