/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses that come and go while there are associations: RFC 6458 8.1.23, 9.1. */
#include "unit/embed/embed_sctp_pair.h"

#define A_OTHER "10.0.1.1"
#define B_OTHER "10.0.1.2"

/* What is offered to peers from now on. */
static void
allow(struct spate *stack, int fd)
{
	const struct spate_sctp_assoc_value on = { 0, 1 };

	SET(stack, fd, AUTH_SUPPORTED, on);
	SET(stack, fd, ASCONF_SUPPORTED, on);
}

static int
client_open(struct spate *stack, const char *addr, unsigned port)
{
	int fd = spate_socket(stack, 4, SPATE_SCTP);

	allow(stack, fd);
	if (addr != NULL)
		expect(spate_bind(stack, fd, addr, port), 0);
	return fd;
}

static int
listener_open(struct spate *stack, enum spate_protocol style, const char *addr)
{
	int fd = spate_socket(stack, 4, style);

	allow(stack, fd);
	expect(spate_bind(stack, fd, addr, 7), 0);
	expect(spate_listen(stack, fd, 5), 0);
	return fd;
}

static int
bindx(struct spate *stack, int fd, const char *addr, unsigned port, int add)
{
	return spate_sctp_bindx(stack, fd, &addr, 1, port, add);
}

/* How many addresses the peer has, as this end has it. */
static int
peers(struct spate *stack, int fd)
{
	char texts[8][SPATE_ADDR_TEXT];

	return spate_sctp_getpaddrs(stack, fd, 0, texts, 8, NULL);
}

static int
so_error(struct spate *stack, int fd)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	return (int)value;
}

/* 9.1, 8.3.1: one-to-one. */
static void
test_one(void **state)
{
	static const char *const two[] = { A_ADDR, A_OTHER };
	static const char *const bad[] = { A_OTHER, "10.0.7.7" };
	struct pair p = pair_create();
	int listener = listener_open(p.b, SPATE_SCTP, NULL), fd = client_open(p.a, A_ADDR, 100);
	struct spate_sctp_setpeerprim prim = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&prim.sspp_addr;
	union spate_sctp_notification n;
	char texts[4][SPATE_ADDR_TEXT], text[16];
	int server;

	connect_one(&p, fd, listener, &server);
	expect(peers(p.b, server), 1);
	subscribe(p.b, server, SPATE_SCTP_PEER_ADDR_CHANGE);
	expect(bindx(p.a, fd, A_OTHER, 101, 1), -EINVAL);
	expect(bindx(p.a, fd, A_ADDR, 100, 1), -EINVAL);
	/* All or none. */
	expect(spate_sctp_bindx(p.a, fd, bad, 2, 100, 1), -EADDRNOTAVAIL);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 1);
	expect(bindx(p.a, fd, A_OTHER, 0, 1), 0);
	run(&p, 300);
	expect_notification(p.b, server, SPATE_SCTP_PEER_ADDR_CHANGE, &n);
	assert_int_equal(n.sn_paddr_change.spc_state, SPATE_SCTP_ADDR_ADDED);
	expect(peers(p.b, server), 2);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 2);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x0a000101);
	SET(p.a, fd, SET_PEER_PRIMARY_ADDR, prim);
	in->sin_addr.s_addr = htonl(0x0a000707);
	SET_RC(p.a, fd, SET_PEER_PRIMARY_ADDR, prim, -EADDRNOTAVAIL);
	run(&p, 3000);
	/* Not the last one. */
	expect(spate_sctp_bindx(p.a, fd, two, 2, 100, 0), -EINVAL);
	expect(bindx(p.a, fd, A_ADDR, 100, 0), 0);
	run(&p, 300);
	expect(peers(p.b, server), 1);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 1);
	assert_string_equal(texts[0], A_OTHER);
	expect(bindx(p.a, fd, A_ADDR, 100, 0), -EINVAL);
	expect(bindx(p.a, fd, A_OTHER, 100, 0), -EINVAL);
	expect(spate_send(p.b, server, "hello", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.a, fd, text, sizeof(text)), 5);
	pair_destroy(&p);
}

/* A peer that has not agreed, and sockets that are bound to any. */
static void
test_one_cannot(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = client_open(p.a, A_ADDR, 100), server;
	char texts[4][SPATE_ADDR_TEXT];

	/* Not yet. */
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	expect(bindx(p.a, fd, A_OTHER, 0, 1), -ENOTCONN);
	run(&p, 300);
	server = spate_accept(p.b, listener, NULL, NULL);
	expect(bindx(p.a, fd, A_OTHER, 0, 1), -EOPNOTSUPP);
	expect(spate_sctp_getladdrs(p.a, fd, 0, texts, 4, NULL), 1);
	expect(bindx(p.b, server, B_ADDR, 0, 0), -EINVAL);
	expect(bindx(p.b, listener, B_ADDR, 0, 1), -EINVAL);
	expect(bindx(p.b, listener, B_ADDR, 0, 0), -EINVAL);
	pair_destroy(&p);
}

/* An accepted socket has the addresses of its listener, and changes them by itself. */
static void
test_accepted(void **state)
{
	struct pair p = pair_create();
	int listener = listener_open(p.b, SPATE_SCTP, B_ADDR), fd = client_open(p.a, NULL, 0),
	    server;

	connect_one(&p, fd, listener, &server);
	expect(peers(p.a, fd), 1);
	expect(bindx(p.b, server, B_OTHER, 0, 1), 0);
	run(&p, 300);
	expect(peers(p.a, fd), 2);
	expect(bindx(p.b, server, B_ADDR, 0, 0), 0);
	run(&p, 300);
	expect(peers(p.a, fd), 1);
	/* The listener is where it was. */
	fd = client_open(p.a, NULL, 0);
	connect_one(&p, fd, listener, &server);
	pair_destroy(&p);
}

/* 9.1: associations that there are, those that have not agreed, and those to come. */
static void
test_many(void **state)
{
	struct pair p = pair_create();
	int server = listener_open(p.b, SPATE_SCTP_SEQPACKET, B_ADDR);
	int able = client_open(p.a, NULL, 0), old = spate_socket(p.a, 4, SPATE_SCTP);
	int late = client_open(p.a, NULL, 0);

	expect(spate_connect(p.a, able, B_ADDR, 7), -EINPROGRESS);
	expect(spate_connect(p.a, old, B_ADDR, 7), -EINPROGRESS);
	run(&p, 300);
	expect(bindx(p.b, server, B_OTHER, 0, 1), 0);
	run(&p, 3000);
	expect(peers(p.a, able), 2);
	expect(peers(p.a, old), 1);
	expect(spate_connect(p.a, late, B_OTHER, 7), -EINPROGRESS);
	run(&p, 300);
	expect(peers(p.a, late), 2);
	expect(bindx(p.b, server, B_ADDR, 0, 0), 0);
	run(&p, 300);
	expect(peers(p.a, able), 1);
	expect(peers(p.a, late), 1);
	/* Nobody is there any more. */
	late = client_open(p.a, NULL, 0);
	expect(spate_connect(p.a, late, B_ADDR, 7), -EINPROGRESS);
	run(&p, 300);
	assert_int_equal(so_error(p.a, late), ECONNREFUSED);
	/* Who cannot be told goes on as it was. */
	expect(spate_send(p.a, old, "hello", 5), 5);
	run(&p, 300);
	assert_true(spate_ready(p.b, server) & SPATE_READABLE);
	pair_destroy(&p);
}

/* 8.1.23: peers are told of what comes and goes. */
static void
test_auto(void **state)
{
	struct pair p = pair_create();
	int listener = listener_open(p.b, SPATE_SCTP, NULL), fd = client_open(p.a, NULL, 0), server;
	int on = 1, off = 0, got = 1, late, late_server;

	GET(p.a, fd, AUTO_ASCONF, got);
	assert_int_equal(got, 0);
	SET(p.b, listener, AUTO_ASCONF, on);
	connect_one(&p, fd, listener, &server);
	GET(p.b, server, AUTO_ASCONF, got);
	assert_int_equal(got, 1);
	expect(peers(p.a, fd), 2);
	expect(spate_addr_add(p.b, "i0", "10.0.2.2/24"), 0);
	run(&p, 300);
	expect(peers(p.a, fd), 3);
	/* Whoever comes later is told as well. */
	late = client_open(p.a, NULL, 0);
	connect_one(&p, late, listener, &late_server);
	run(&p, 3000);
	expect(peers(p.a, late), 3);
	expect(spate_addr_remove(p.b, "i0", "10.0.1.2/24"), 0);
	run(&p, 300);
	expect(peers(p.a, fd), 2);
	/* Whoever has not asked is told of nothing. */
	expect(spate_addr_add(p.a, "i0", "10.0.2.1/24"), 0);
	run(&p, 300);
	expect(peers(p.b, server), 2);
	SET(p.a, fd, AUTO_ASCONF, on);
	run(&p, 300);
	expect(peers(p.b, server), 2);
	expect(spate_addr_add(p.a, "i0", "10.0.3.1/24"), 0);
	run(&p, 300);
	expect(peers(p.b, server), 4);
	SET(p.b, server, AUTO_ASCONF, off);
	expect(spate_addr_add(p.b, "i0", "10.0.3.2/24"), 0);
	run(&p, 300);
	expect(peers(p.a, fd), 2);
	pair_destroy(&p);
}

/* More at once than a peer may be told of; and before there is an association. */
static void
test_auto_bounds(void **state)
{
	struct pair p = pair_create();
	int server = listener_open(p.b, SPATE_SCTP_SEQPACKET, NULL), fd = client_open(p.a, NULL, 0);
	int on = 1;
	char text[32];

	SET(p.a, fd, AUTO_ASCONF, on);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	expect(spate_addr_add(p.a, "i0", "10.0.2.1/24"), 0);
	run(&p, 300);
	assert_true(spate_ready(p.a, fd) & SPATE_WRITABLE);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	for (unsigned i = 3; i < 20; i++) {
		snprintf(text, sizeof(text), "10.0.%u.1/24", i);
		expect(spate_addr_add(p.a, "i0", text), 0);
	}
	run(&p, 3000);
	expect(spate_sctp_getladdrs(p.a, fd, 0, (char[8][SPATE_ADDR_TEXT]){ { 0 } }, 8, NULL), 8);
	/* All but one go: others take their places. */
	for (unsigned i = 3; i < 20; i++) {
		snprintf(text, sizeof(text), "10.0.%u.1/24", i);
		expect(spate_addr_remove(p.a, "i0", text), 0);
	}
	run(&p, 3000);
	expect(spate_sctp_getladdrs(p.a, fd, 0, (char[8][SPATE_ADDR_TEXT]){ { 0 } }, 8, NULL), 3);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_one_cannot),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_auto_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
