/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections between two stacks of libspate.so, frame by frame, on the test's clock: data through
 * losses, both ends of a connection, errors as BSD sockets tell them, and what Linux's tcp_info has.
 */
#include "unit/embed/embed_pair.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

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
		cmocka_unit_test(test_info_is_linux_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
