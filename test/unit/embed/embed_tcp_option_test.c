/* SPDX-License-Identifier: BSD-3-Clause */
/* What connections of libspate.so can do beside plain data, and their options by Linux's names. */
#include "unit/embed/embed_pair.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- beside plain data ---- */

/* MSG_PEEK, SIOCINQ and SIOCOUTQ. */
static void
test_peek(void **state)
{
	struct pair p = pair_create();
	int client, server;
	char data[8] = "";

	connect_pair(&p, &client, &server);
	expect(spate_peek(p.b, server, data, sizeof(data), NULL, NULL), -EAGAIN);
	expect(spate_send(p.a, client, "hello", 5), 5);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 5);
	pass_all(&p, SECOND);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 0);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 5);
	expect(spate_peek(p.b, server, data, 2, NULL, NULL), 2);
	expect(spate_peek(p.b, server, data, sizeof(data), NULL, NULL), 5);
	assert_memory_equal(data, "hello", 5);
	expect(spate_recv(p.b, server, data, 4), 4);
	expect(spate_peek(p.b, server, data, sizeof(data), NULL, NULL), 1);
	assert_int_equal(data[0], 'o');
	expect(spate_recv(p.b, server, data, sizeof(data)), 1);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 0);
	expect(spate_close(p.a, client), 0);
	pass_all(&p, SECOND);
	expect(spate_peek(p.b, server, data, sizeof(data), NULL, NULL), 0);
	pair_destroy(&p);
}

/* RFC 9293 3.8.5, RFC 6093: a mark, and all data in line. */
static void
test_urgent(void **state)
{
	struct pair p = pair_create();
	int client, server;
	char data[16];

	connect_pair(&p, &client, &server);
	expect(spate_send(p.a, client, "abc", 3), 3);
	expect(spate_send_urgent(p.a, client, "de", 2), 2);
	carry_all(&p);
	assert_true(spate_ready(p.b, server) & SPATE_URGENT);
	assert_int_equal(option(p.b, server, SPATE_SIOCATMARK), 0);
	expect(spate_recv(p.b, server, data, 4), 4);
	assert_int_equal(option(p.b, server, SPATE_SIOCATMARK), 1);
	assert_true(spate_ready(p.b, server) & SPATE_URGENT);
	expect(spate_recv(p.b, server, data, 4), 1);
	assert_int_equal(data[0], 'e');
	assert_int_equal(option(p.b, server, SPATE_SIOCATMARK), 0);
	assert_int_equal(spate_ready(p.b, server) & SPATE_URGENT, 0);
	/* The mark moves on with what is urgent after it. */
	expect(spate_send_urgent(p.a, client, "f", 1), 1);
	carry_all(&p);
	expect(spate_send_urgent(p.a, client, "g", 1), 1);
	pass_all(&p, SECOND);
	assert_int_equal(option(p.b, server, SPATE_SIOCATMARK), 0);
	expect(spate_recv(p.b, server, data, sizeof(data)), 2);
	assert_int_equal(spate_ready(p.b, server) & SPATE_URGENT, 0);
	/* Nor is it left where nobody reads. */
	expect(spate_shutdown(p.b, server, 1), 0);
	expect(spate_send_urgent(p.a, client, "h", 1), 1);
	pass_all(&p, SECOND);
	assert_int_equal(spate_ready(p.b, server) & SPATE_URGENT, 0);
	/* Before the connection is there not a byte is taken. */
	client = spate_socket(p.a, 4, SPATE_TCP);
	expect(spate_connect(p.a, client, B_ADDR, 81), -EINPROGRESS);
	expect(spate_send_urgent(p.a, client, "i", 1), -ENOTCONN);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 1); /* the SYN */
	pair_destroy(&p);
}

/* TCP_CORK: full segments go, the rest waits for more, for the cork's end, or for 200 ms. */
static void
test_cork(void **state)
{
	static const char block[2000];
	struct pair p = pair_create();
	uint64_t before;
	int client, server;

	connect_pair(&p, &client, &server);
	pass_all(&p, SECOND);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_NODELAY, 1), 0);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_CORK, 1), 0);
	expect(spate_send(p.a, client, block, 2000), 2000);
	pass_all(&p, 199 * MS);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 1448);
	before = p.carried;
	pass_all(&p, 2 * MS);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 2000);
	assert_true(p.carried > before);
	/* Again from the next byte on. */
	expect(spate_send(p.a, client, "a", 1), 1);
	pass_all(&p, 100 * MS);
	expect(spate_send(p.a, client, "b", 1), 1);
	pass_all(&p, 99 * MS);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 2000);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_CORK, 0), 0);
	carry_all(&p);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 2002);
	/* Nor does the end of data wait. */
	expect(spate_setsockopt(p.a, client, SPATE_TCP_CORK, 1), 0);
	expect(spate_send(p.a, client, "c", 1), 1);
	expect(spate_shutdown(p.a, client, 2), 0);
	carry_all(&p);
	assert_int_equal(option(p.b, server, SPATE_SIOCINQ), 2003);
	pair_destroy(&p);
}

/* TCP_QUICKACK: what would be acknowledged in 40 ms is at once. */
static void
test_quickack(void **state)
{
	struct pair p = pair_create();
	int client, server;

	connect_pair(&p, &client, &server);
	/* New connections do not delay them either. */
	for (unsigned i = 0; i < 50; i++) {
		expect(spate_send(p.a, client, "x", 1), 1);
		carry_all(&p);
		pass_all(&p, 100 * MS);
	}
	expect(spate_send(p.a, client, "x", 1), 1);
	carry_all(&p);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 1);
	pass_all(&p, 100 * MS);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 0);
	expect(spate_setsockopt(p.b, server, SPATE_TCP_QUICKACK, 1), 0);
	expect(spate_send(p.a, client, "x", 1), 1);
	carry_all(&p);
	assert_int_equal(option(p.a, client, SPATE_SIOCOUTQ), 0);
	pair_destroy(&p);
}

/* ---- options ---- */

/* What Linux takes, though it means what is nearest. */
static void
test_option_values(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 6, SPATE_TCP), datagrams = spate_socket(p.a, 4, SPATE_UDP);

	expect(spate_setsockopt(p.a, fd, SPATE_TCP_NODELAY, 7), 0);
	assert_int_equal(option(p.a, fd, SPATE_TCP_NODELAY), 1);
	expect(spate_setsockopt(p.a, fd, SPATE_SO_SNDBUF, 1), 0);
	assert_int_equal(option(p.a, fd, SPATE_SO_SNDBUF), 4096);
	expect(spate_setsockopt(p.a, fd, SPATE_SO_RCVBUF, INT64_MAX), 0);
	assert_int_equal(option(p.a, fd, SPATE_SO_RCVBUF), 64 << 20);
	expect(spate_setsockopt(p.a, datagrams, SPATE_SO_RCVBUF, INT64_MAX), 0);
	assert_int_equal(option(p.a, datagrams, SPATE_SO_RCVBUF), 16 << 20);
	assert_int_equal(option(p.a, fd, SPATE_SO_TYPE), SOCK_STREAM);
	assert_int_equal(option(p.a, fd, SPATE_SO_PROTOCOL), IPPROTO_TCP);
	assert_int_equal(option(p.a, fd, SPATE_SO_DOMAIN), AF_INET6);
	assert_int_equal(option(p.a, datagrams, SPATE_SO_TYPE), SOCK_DGRAM);
	assert_int_equal(option(p.a, datagrams, SPATE_SO_DOMAIN), AF_INET);
	assert_int_equal(option(p.a, fd, SPATE_SO_ACCEPTCONN), 0);
	expect(spate_listen(p.a, fd, 1), 0);
	assert_int_equal(option(p.a, fd, SPATE_SO_ACCEPTCONN), 1);
	expect(spate_send_urgent(p.a, datagrams, "x", 1), -EOPNOTSUPP);
	pair_destroy(&p);
}

static void
test_options(void **state)
{
	static const struct {
		enum spate_sockopt option;
		int64_t value;
		int rc;
	} cases[] = {
		{ SPATE_TCP_NODELAY, 1, 0 },
		{ SPATE_TCP_CORK, 1, 0 },
		{ SPATE_TCP_QUICKACK, 1, 0 },
		{ SPATE_SO_REUSEADDR, 1, 0 },
		{ SPATE_SO_ACCEPTCONN, 1, -ENOPROTOOPT },
		{ SPATE_SO_KEEPALIVE, 1, 0 },
		{ SPATE_TCP_KEEPIDLE, 7, 0 },
		{ SPATE_TCP_KEEPIDLE, 0, -EINVAL },
		{ SPATE_TCP_KEEPIDLE, INT64_MAX, -EINVAL },
		{ SPATE_TCP_KEEPINTVL, 3, 0 },
		{ SPATE_TCP_KEEPCNT, 4, 0 },
		{ SPATE_TCP_USER_TIMEOUT, 20000, 0 },
		{ SPATE_SO_MAX_PACING_RATE, 1000000, 0 },
		{ SPATE_SO_MAX_PACING_RATE, -1, 0 },
		{ SPATE_SO_SNDBUF, 100000, 0 },
		{ SPATE_SO_RCVBUF, 100000, 0 },
		{ SPATE_SO_LINGER, 0, 0 },
		{ SPATE_SO_LINGER, -1, 0 },
		{ SPATE_SO_LINGER, -2, -EINVAL },
		{ SPATE_SO_LINGER, 5, 0 },
		{ SPATE_TCP_MAXSEG, 1000, 0 },
		{ SPATE_IP_TTL, 9, 0 },
		{ SPATE_UDP_SEGMENT, 1000, -ENOPROTOOPT },
	};
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_TCP), datagrams = spate_socket(p.a, 4, SPATE_UDP);
	char name[16];
	int64_t value;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(spate_setsockopt(p.a, fd, cases[i].option, cases[i].value), cases[i].rc);
		if (cases[i].rc < 0)
			continue;
		expect(spate_getsockopt(p.a, fd, cases[i].option, &value), 0);
		assert_int_equal(value, cases[i].value);
	}
	expect(spate_get_congestion(p.a, fd, name, sizeof(name)), 0);
	assert_string_equal(name, "cubic");
	expect(spate_set_congestion(p.a, fd, "none"), -ENOENT);
	expect(spate_set_congestion(p.a, fd, "vegas"), 0);
	expect(spate_get_congestion(p.a, fd, name, 3), -EINVAL);
	expect(spate_get_congestion(p.a, fd, name, sizeof(name)), 0);
	assert_string_equal(name, "vegas");
	expect(spate_set_congestion(p.a, datagrams, "vegas"), -ENOPROTOOPT);
	expect(spate_listen(p.a, datagrams, 1), -EOPNOTSUPP);
	expect(spate_accept(p.a, datagrams, NULL, NULL), -EOPNOTSUPP);
	expect(spate_tcp_info(p.a, datagrams, NULL, 0), -ENOTCONN);
	expect(spate_listen(p.a, 99, 1), -EBADF);
	pair_destroy(&p);
}

/* The peer is gone: probes find it out. */
static void
test_keepalive(void **state)
{
	struct pair p = pair_create();
	int client, server;

	connect_pair(&p, &client, &server);
	expect(spate_setsockopt(p.a, client, SPATE_SO_KEEPALIVE, 1), 0);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_KEEPIDLE, 10), 0);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_KEEPINTVL, 2), 0);
	expect(spate_setsockopt(p.a, client, SPATE_TCP_KEEPCNT, 3), 0);
	pass_all(&p, 60 * SECOND);
	assert_int_equal(so_error(p.a, client), 0);
	p.loss_percent = 100;
	pass_all(&p, 60 * SECOND);
	assert_int_equal(so_error(p.a, client), ETIMEDOUT);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_cork),
		cmocka_unit_test(test_quickack),
		cmocka_unit_test(test_option_values),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_keepalive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
