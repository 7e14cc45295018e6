/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections between two stacks of libspate.so, frame by frame, on the test's clock: data through
 * losses, both ends of a connection, errors as BSD sockets tell them, and what Linux's tcp_info has.
 */
#include "unit/embed/embed_fixture.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define A_ADDR "10.0.0.1"
#define B_ADDR "10.0.0.2"
#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

/* Two hosts on one link, whose frames the test carries. */
struct pair {
	struct spate *a, *b;
	unsigned loss_percent;
	uint32_t random;
	uint64_t carried, lost;
};

static struct spate *
host(const char *addr4, const char *addr6, uint64_t seed)
{
	struct spate *stack;

	expect(spate_create_seeded(SPATE_CLOCK_MANUAL, seed, &stack), 0);
	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 1500, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, "i0", addr4), 0);
	expect(spate_addr_add(stack, "i0", addr6), 0);
	return stack;
}

static struct pair
pair_create(void)
{
	return (struct pair){
		.a = host("10.0.0.1/24", "2001:db8::1/64", 1),
		.b = host("10.0.0.2/24", "2001:db8::2/64", 2),
		.random = 1,
	};
}

static void
pair_destroy(struct pair *p)
{
	spate_destroy(p->a);
	spate_destroy(p->b);
}

/* A linear congruence will do: the same in each run. */
static bool
is_lost(struct pair *p)
{
	p->random = p->random * 1664525 + 1013904223;
	return (p->random >> 16) % 100 < p->loss_percent;
}

static bool
carry(struct pair *p, struct spate *from, struct spate *to)
{
	uint8_t frame[SPATE_FRAME_MAX];
	bool any = false;
	int length;

	while ((length = spate_output(from, "i0", frame, sizeof(frame))) > 0) {
		any = true;
		p->carried++;
		if (is_lost(p))
			p->lost++;
		else
			expect(spate_input(to, "i0", frame, (size_t)length), 0);
	}
	return any;
}

/* All that is under way arrives; no time passes. */
static void
carry_all(struct pair *p)
{
	bool any;

	do {
		any = carry(p, p->a, p->b);
		any |= carry(p, p->b, p->a);
	} while (any);
}

/* To the next timer of either, but no further than `most`. */
static void
pass(struct pair *p, uint64_t most_ns)
{
	uint64_t a_ns = spate_next_timeout(p->a), b_ns = spate_next_timeout(p->b);
	uint64_t step = a_ns < b_ns ? a_ns : b_ns;

	step = step < 1 ? 1 : step < most_ns ? step : most_ns;
	expect(spate_advance(p->a, step), 0);
	expect(spate_advance(p->b, step), 0);
	carry_all(p);
}

static void
pass_all(struct pair *p, uint64_t ns)
{
	uint64_t end = spate_now(p->a) + ns;

	while (spate_now(p->a) < end)
		pass(p, end - spate_now(p->a));
}

/* B listens, A connects. */
static void
connect_pair(struct pair *p, int *client, int *server)
{
	char addr[SPATE_ADDR_TEXT];
	unsigned port;
	int listener = spate_socket(p->b, 4, SPATE_TCP);

	expect(spate_bind(p->b, listener, NULL, 80), 0);
	expect(spate_listen(p->b, listener, 5), 0);
	expect(spate_accept(p->b, listener, addr, &port), -EAGAIN);
	*client = spate_socket(p->a, 4, SPATE_TCP);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EINPROGRESS);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EALREADY);
	assert_int_equal(spate_ready(p->a, *client) & SPATE_WRITABLE, 0);
	for (unsigned i = 0; i < 100 && !(spate_ready(p->b, listener) & SPATE_READABLE); i++) {
		carry_all(p);
		pass(p, SECOND);
	}
	assert_true(spate_ready(p->b, listener) & SPATE_READABLE);
	*server = spate_accept(p->b, listener, addr, &port);
	assert_true(*server >= 0);
	assert_string_equal(addr, A_ADDR);
	expect(spate_getpeername(p->a, *client, addr, NULL), 0);
	assert_string_equal(addr, B_ADDR);
	assert_true(spate_ready(p->a, *client) & SPATE_WRITABLE);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EISCONN);
	expect(spate_close(p->b, listener), 0);
}

/* ---- data ---- */

#define BULK (1 << 20)

static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) + (i >> 16));
}

/* As much as goes now. @return whether any did */
static bool
send_some(struct spate *stack, int fd, size_t *sent)
{
	uint8_t piece[8192];
	bool any = false;

	while (*sent < BULK) {
		size_t length = sizeof(piece) < BULK - *sent ? sizeof(piece) : BULK - *sent;
		int rc;

		for (size_t i = 0; i < length; i++)
			piece[i] = byte_at(*sent + i);
		rc = spate_send(stack, fd, piece, length);
		if (rc < 0) {
			expect(rc, -EAGAIN);
			break;
		}
		any |= rc > 0;
		*sent += (size_t)rc;
	}
	return any;
}

/* @return whether the end has come */
static bool
receive_some(struct spate *stack, int fd, size_t *received)
{
	uint8_t piece[5000];
	int rc;

	while ((rc = spate_recv(stack, fd, piece, sizeof(piece))) > 0) {
		for (int i = 0; i < rc; i++)
			assert_int_equal(piece[i], byte_at(*received + (size_t)i));
		*received += (size_t)rc;
	}
	assert_true(rc == 0 || rc == -EAGAIN);
	return rc == 0;
}

/* A megabyte one way, then the end of data, and an answer the other way after it. */
static void
bulk(unsigned loss_percent)
{
	struct pair p = pair_create();
	struct spate_tcp_info info;
	size_t sent = 0, received = 0;
	bool ended = false, shut = false;
	uint64_t carried;
	int client, server;
	char data[8];

	connect_pair(&p, &client, &server);
	p.loss_percent = loss_percent;
	for (unsigned rounds = 0; !ended; rounds++) {
		assert_in_range(rounds, 0, 100000);
		send_some(p.a, client, &sent);
		if (sent == BULK && !shut) {
			expect(spate_shutdown(p.a, client, 2), 0);
			expect(spate_send(p.a, client, "x", 1), -EPIPE);
			shut = true;
		}
		carry_all(&p);
		ended = receive_some(p.b, server, &received);
		carry_all(&p);
		if (!ended)
			pass(&p, SECOND);
	}
	assert_int_equal(received, BULK);
	expect(spate_tcp_info(p.a, client, &info, sizeof(info)), sizeof(info));
	assert_int_equal(info.tcpi_total_retrans > 0, p.lost > 0);
	assert_in_range(info.tcpi_bytes_acked, BULK, BULK + 2);
	/* Half of the connection is still open. */
	p.loss_percent = 0;
	expect(spate_send(p.b, server, "thanks", 6), 6);
	pass_all(&p, SECOND);
	expect(spate_recv(p.a, client, data, sizeof(data)), 6);
	assert_memory_equal(data, "thanks", 6);
	expect(spate_recv(p.a, client, data, sizeof(data)), -EAGAIN);
	expect(spate_close(p.b, server), 0);
	pass_all(&p, SECOND);
	expect(spate_recv(p.a, client, data, sizeof(data)), 0);
	expect(spate_close(p.a, client), 0);
	pass_all(&p, SECOND);
	carried = p.carried;
	pass_all(&p, 300 * SECOND);
	assert_int_equal(p.carried, carried);
	pair_destroy(&p);
}

static void
test_bulk(void **state)
{
	bulk(0);
}

static void
test_bulk_with_losses(void **state)
{
	bulk(3);
}

/* ---- errors ---- */

static int
so_error(struct spate *stack, int fd)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	return (int)value;
}

static void
test_refused(void **state)
{
	struct pair p = pair_create();
	char data[8];
	int fd = spate_socket(p.a, 6, SPATE_TCP);

	expect(spate_send(p.a, fd, "x", 1), -EPIPE);
	expect(spate_recv(p.a, fd, data, sizeof(data)), -ENOTCONN);
	expect(spate_shutdown(p.a, fd, 2), -ENOTCONN);
	expect(spate_connect(p.a, fd, "2001:db8::2", 81), -EINPROGRESS);
	carry_all(&p);
	assert_true(spate_ready(p.a, fd) & SPATE_HAS_ERROR);
	assert_int_equal(so_error(p.a, fd), ECONNREFUSED);
	assert_int_equal(so_error(p.a, fd), 0);
	expect(spate_close(p.a, fd), 0);
	pair_destroy(&p);
}

/* RFC 9293 3.8.3: nobody answers. */
static void
test_timed_out(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_TCP);

	p.loss_percent = 100;
	expect(spate_connect(p.a, fd, B_ADDR, 80), -EINPROGRESS);
	pass_all(&p, 600 * SECOND);
	assert_int_equal(so_error(p.a, fd), ETIMEDOUT);
	pair_destroy(&p);
}

/* SO_LINGER of 0, and data that was not read: the peer is told by a reset. */
static void
test_resets(void **state)
{
	struct pair p = pair_create();
	int client, server;
	char data[8];

	connect_pair(&p, &client, &server);
	expect(spate_setsockopt(p.a, client, SPATE_SO_LINGER, 0), 0);
	expect(spate_close(p.a, client), 0);
	carry_all(&p);
	assert_true(spate_ready(p.b, server) & SPATE_HAS_ERROR);
	expect(spate_recv(p.b, server, data, sizeof(data)), -ECONNRESET);
	expect(spate_recv(p.b, server, data, sizeof(data)), 0);
	expect(spate_send(p.b, server, "x", 1), -EPIPE);
	expect(spate_close(p.b, server), 0);

	connect_pair(&p, &client, &server);
	expect(spate_send(p.a, client, "unread", 6), 6);
	carry_all(&p);
	expect(spate_close(p.b, server), 0);
	carry_all(&p);
	assert_int_equal(so_error(p.a, client), ECONNRESET);
	pair_destroy(&p);
}

static int64_t
option(struct spate *stack, int fd, enum spate_sockopt which)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, which, &value), 0);
	return value;
}

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

/* ---- tcp_info ---- */

#define SAME(field) \
	assert_int_equal(offsetof(struct spate_tcp_info, field), offsetof(struct tcp_info, field))

/* Programs may use Linux's own struct. */
static void
test_info_is_linux_s(void **state)
{
	struct pair p = pair_create();
	struct tcp_info info;
	int client, server;

	SAME(tcpi_rto);
	SAME(tcpi_unacked);
	SAME(tcpi_last_data_sent);
	SAME(tcpi_pmtu);
	SAME(tcpi_snd_cwnd);
	SAME(tcpi_total_retrans);
	SAME(tcpi_bytes_acked);
	SAME(tcpi_segs_in);
	SAME(tcpi_min_rtt);
	SAME(tcpi_delivery_rate);
	SAME(tcpi_sndbuf_limited);
	SAME(tcpi_bytes_retrans);
	SAME(tcpi_snd_wnd);
	assert_int_equal(sizeof(struct spate_tcp_info), sizeof(struct tcp_info));

	connect_pair(&p, &client, &server);
	expect(spate_send(p.a, client, "hello", 5), 5);
	pass_all(&p, SECOND);
	expect(spate_tcp_info(p.a, client, (struct spate_tcp_info *)&info, sizeof(info)),
		sizeof(info));
	assert_int_equal(info.tcpi_state, 1); /* TCP_ESTABLISHED */
	assert_int_equal(info.tcpi_ca_state, TCP_CA_Open);
	assert_int_equal(
		info.tcpi_options & (TCPI_OPT_SACK | TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE),
		TCPI_OPT_SACK | TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE);
	assert_in_range(info.tcpi_snd_wscale, 1, 14);
	assert_int_equal(info.tcpi_pmtu, 1500);
	assert_int_equal(info.tcpi_snd_mss, 1448);
	assert_in_range(info.tcpi_snd_cwnd, 10, 12);
	assert_int_equal(info.tcpi_unacked, 0);
	/* With the SYN, which Linux counts, too. */
	assert_int_equal(info.tcpi_bytes_acked, 6);
	assert_int_equal(info.tcpi_bytes_sent, 5);
	assert_int_equal(info.tcpi_data_segs_out, 1);
	assert_int_equal(info.tcpi_data_segs_in, 0);
	assert_int_equal(info.tcpi_advmss, 1460);
	assert_in_range(info.tcpi_last_data_sent, 999, 1001);
	assert_in_range(info.tcpi_last_ack_recv, 900, 1001);
	/* What an older program knows of it. */
	expect(spate_tcp_info(p.a, client, (struct spate_tcp_info *)&info, 8), 8);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_bulk_with_losses),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_timed_out),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_cork),
		cmocka_unit_test(test_quickack),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_option_values),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_info_is_linux_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
