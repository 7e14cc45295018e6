/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of SCTP in one-to-one style (RFC 6458 4): names, both roles, messages, notifications, options. */
#include "unit/sock/sock_sctp_pair.h"

static void
test_names(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *sock = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	struct sock *other = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	struct sock_addr addrs[2] = { sock_fixture_addr(CLIENT_ADDR, 100),
		sock_fixture_addr(SERVER_ADDR, 100) };

	assert_int_equal(sock_fixture_bind(sock, SERVER_ADDR, 100), -EADDRNOTAVAIL);
	assert_int_equal(sock_fixture_bind(sock, CLIENT_ADDR, 100), 0);
	assert_int_equal(sock_fixture_bind(sock, CLIENT_ADDR, 101), -EINVAL);
	assert_int_equal(sock_fixture_bind(other, CLIENT_ADDR, 100), -EADDRINUSE);
	assert_int_equal(sock_fixture_bind(other, "", 100), -EADDRINUSE);
	assert_int_equal(sock_sctp_bindx(sock, addrs, 1, true), -EINVAL);
	assert_int_equal(sock_sctp_bindx(sock, addrs + 1, 1, true), -EADDRNOTAVAIL);
	sock_option_set(other, SOCK_OPT_FREEBIND, 1);
	addrs[0].port = addrs[1].port = 200;
	assert_int_equal(sock_sctp_bindx(other, addrs, 2, true), 0);
	assert_int_equal(sock_sctp_locals(other, 0, addrs, 2), 2);
	assert_int_equal(sock_sctp_bindx(other, addrs, 1, false), 0);
	assert_int_equal(sock_sctp_locals(other, 0, addrs, 2), 1);
	assert_int_equal(sock_sctp_bindx(other, addrs, 1, false), -EINVAL);
	sock_close(sock);
	/* All or none. */
	sock = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	addrs[0] = sock_fixture_addr(CLIENT_ADDR, 300);
	addrs[1] = sock_fixture_addr("192.0.2.1", 300);
	assert_int_equal(sock_sctp_bindx(sock, addrs, 2, true), -EADDRNOTAVAIL);
	assert_int_equal(sock_sctp_locals(sock, 0, addrs, 2), 0);
	assert_int_equal(sock_fixture_bind(sock, CLIENT_ADDR, 300), 0);
	sock_close(sock);
	assert_int_equal(sock_fixture_option(other, SOCK_OPT_LISTENING), 0);
	sock_pair_destroy(pair);
}

static void
test_connects_and_accepts(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	struct sock_addr peer;

	client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	assert_int_equal(sock_fixture_connect(client, "192.0.2.1", 80), -ENETUNREACH);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, 0), -EINVAL);
	assert_int_equal(sock_peer(client, &peer), -ENOTCONN);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EALREADY);
	assert_int_equal(sock_accept(listener, &server), -EAGAIN);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EISCONN);
	assert_int_equal(pair->ends[CLIENT].app.events[0].events, SOCK_EVENT_WRITABLE);
	assert_int_equal(pair->ends[SERVER].app.events[0].events, SOCK_EVENT_ACCEPTED);
	assert_int_equal(sock_accept(listener, &server), 0);
	assert_int_equal(sock_peer(client, &peer), 0);
	assert_int_equal(peer.port, SERVER_PORT);
	assert_int_equal(sock_peer(server, &peer), 0);
	assert_in_range(peer.port, 32768, 60999);
	assert_int_equal(sock_local(client, &peer), 0);
	assert_int_equal(ip_addr_to_u32(&peer.addr), 0x0a000001);
	sock_pair_destroy(pair);
}

/* An association from a port, with another host. */
static void
other_connect(struct sock_pair *pair, uint16_t port)
{
	struct sctp_core *sctp = pair->ends[CLIENT].sctp;
	struct sctp_bind from = {
		.addrs = { sock_fixture_addr(CLIENT_ADDR, 0).addr }, .addr_count = 1, .port = port
	};
	struct sctp_bind to = { .addrs = { sock_fixture_addr("10.0.0.9", 0).addr },
		.addr_count = 1,
		.port = SERVER_PORT };
	struct sctp_assoc *assoc;

	assert_int_equal(sctp_connect(sctp, &from, &to, sctp_defaults(sctp), NULL, &assoc), 0);
}

/*
 * RFC 9260 5.2.2: the other host may be the same one, which would refuse an address more; without another
 * port one of these will do.
 */
static void
test_ports_of_others(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock_addr name;
	struct ephemeral_policy four;
	struct error err;

	ephemeral_policy_init(&four);
	assert_int_equal(ephemeral_policy_range(&four, 40000, 40003, &err), 0);
	sock_ports_set(pair->ends[CLIENT].socks, SOCK_SCTP, &four);
	sock_pair_listen(pair, SOCK_SCTP);
	for (uint16_t port = 40000; port < 40004; port++) {
		if (port != 40002)
			other_connect(pair, port);
	}
	for (unsigned i = 0; i < 4; i++) {
		struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP);

		assert_int_equal(
			sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
		assert_int_equal(sock_local(client, &name), 0);
		assert_in_range(name.port, 40000, 40003);
		assert_true(i > 0 || name.port == 40002);
	}
	assert_int_equal(sock_fixture_connect(
				 sock_pair_open(pair, CLIENT, SOCK_SCTP), SERVER_ADDR, SERVER_PORT),
		-EADDRNOTAVAIL);
	sock_pair_destroy(pair);
}

static void
test_refused(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	char text[16];

	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	assert_int_equal(pair->ends[CLIENT].app.events[0].events,
		SOCK_EVENT_READABLE | SOCK_EVENT_CLOSED | SOCK_EVENT_ERROR);
	assert_int_equal(sock_fixture_option(client, SOCK_OPT_ERROR), ECONNREFUSED);
	assert_int_equal(sock_fixture_option(client, SOCK_OPT_ERROR), 0);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), 0);
	assert_int_equal(sock_send(client, "x", 1, NULL), -ENOTCONN);
	/* Once somebody listens, another try succeeds. */
	sock_pair_listen(pair, SOCK_SCTP);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_send(client, "x", 1, NULL), 1);
	sock_pair_destroy(pair);
}

static void
test_messages(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	const struct sock_sctp_info info = {
		.stream = 3, .ppid_be = 0x12345678, .flags = SOCK_SCTP_UNORDERED
	};
	struct sock_sctp_info got;
	char text[16];

	sock_pair_connect(pair, listener, &client, &server);
	assert_int_equal(sock_send(client, "plain", 5, NULL), 5);
	assert_int_equal(sock_sctp_send(client, "hello", 5, &info, NULL), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_next(server, &got), 5);
	assert_int_equal(sock_peek(server, text, sizeof(text), NULL), 5);
	assert_memory_equal(text, "plain", 5);
	assert_int_equal(sock_fixture_option(server, SOCK_OPT_UNREAD), 5);
	/* In parts, and each message ends by itself. */
	assert_int_equal(sock_sctp_receive(server, text, 2, &got, NULL), 2);
	assert_int_equal(got.flags, 0);
	assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, NULL), 3);
	assert_memory_equal(text, "ain", 3);
	assert_int_equal(got.flags, SOCK_SCTP_EOR);
	assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, NULL), 5);
	assert_int_equal(got.flags, SOCK_SCTP_EOR | SOCK_SCTP_UNORDERED);
	assert_int_equal(got.stream, 3);
	assert_int_equal(got.ppid_be, 0x12345678);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -EAGAIN);
	/* A stream that there is not. */
	got = (struct sock_sctp_info){ .stream = 10 };
	assert_int_equal(sock_sctp_send(client, "x", 1, &got, NULL), -EINVAL);
	sock_pair_destroy(pair);
}

/* RFC 6458 8.1.31: who does not say otherwise sends by the defaults. */
static void
test_defaults(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	const struct sock_sctp_info defaults = { .stream = 2, .ppid_be = 99 };
	struct sock_sctp_info got;
	char text[16];

	assert_int_equal(sock_sctp_context_set(listener, SOCK_SCTP_FUTURE, 4711), 0);
	sock_pair_connect(pair, listener, &client, &server);
	assert_int_equal(sock_sctp_default_set(client, SOCK_SCTP_FUTURE, &defaults), 0);
	assert_int_equal(sock_send(client, "hello", 5, NULL), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, NULL), 5);
	assert_int_equal(got.stream, 2);
	assert_int_equal(got.ppid_be, 99);
	assert_int_equal(got.context, 4711);
	sock_pair_destroy(pair);
}

static void
test_ends_in_order(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	char text[16];

	sock_pair_connect(pair, listener, &client, &server);
	assert_int_equal(sock_send(client, "last", 4, NULL), 4);
	assert_int_equal(sock_shutdown(client, SOCK_SHUTDOWN_WRITE), 0);
	assert_int_equal(sock_send(client, "more", 4, NULL), -EPIPE);
	sock_pair_run(pair, 300);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 4);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 0);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), 0);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	sock_pair_run(pair, 10);
	sock_pair_destroy(pair);
}

/* RFC 6458 5.3.4: SCTP_EOF and SCTP_ABORT. */
static void
test_ends_by_flags(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	struct sock_sctp_info info = { .flags = SOCK_SCTP_EOF };
	char text[16];

	sock_pair_connect(pair, listener, &client, &server);
	assert_int_equal(sock_sctp_send(client, NULL, 0, &info, NULL), 0);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 0);
	sock_close(client);
	sock_close(server);
	sock_pair_connect(pair, listener, &client, &server);
	info.flags = SOCK_SCTP_ABORT;
	assert_int_equal(sock_sctp_send(client, "why", 3, &info, NULL), 3);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -ECONNRESET);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), -ECONNABORTED);
	/* As SO_LINGER with 0. */
	sock_close(client);
	sock_close(server);
	sock_pair_connect(pair, listener, &client, &server);
	assert_int_equal(sock_option_set(client, SOCK_OPT_ABORT, 1), 0);
	sock_close(client);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -ECONNRESET);
	sock_pair_destroy(pair);
}

static enum sctp_notice_type
notice_take(struct sock *sock)
{
	struct sctp_notice notice;
	uint32_t assoc;

	assert_int_equal(sock_sctp_notice(sock, &assoc, &notice), 0);
	return notice.type;
}

/* RFC 6458 6: in their place among messages. */
static void
test_notifications(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	struct sctp_notice notice;
	uint32_t assoc;
	char text[16];

	sock_pair_subscribe(listener);
	sock_pair_connect(pair, listener, &client, &server);
	/* Nobody asked for them. */
	assert_int_equal(sock_sctp_notice(client, &assoc, &notice), -EAGAIN);
	assert_int_equal(sock_send(client, "one", 3, NULL), 3);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -ENOMSG);
	assert_int_equal(notice_take(server), SCTP_NOTICE_UP);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), -EAGAIN);
	/* Not before the message that came before it. */
	sock_shutdown(client, SOCK_SHUTDOWN_WRITE);
	sock_pair_run(pair, 300);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), -EAGAIN);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 3);
	assert_int_equal(notice_take(server), SCTP_NOTICE_SHUTDOWN);
	assert_int_equal(notice_take(server), SCTP_NOTICE_SHUTDOWN_COMPLETE);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 0);
	sock_pair_destroy(pair);
}

/* RFC 6458 6.1.9, and 6.1.11 with what was never acknowledged. */
static void
test_dry_and_send_failed(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	struct sock_sctp_info info = { .context = 77, .ppid_be = 5 };
	struct sctp_notice notice;
	uint32_t assoc;

	sock_pair_connect(pair, listener, &client, &server);
	sock_pair_subscribe(client);
	/* There is nothing to be sent. */
	assert_int_equal(notice_take(client), SCTP_NOTICE_DRY);
	assert_int_equal(sock_send(client, "one", 3, NULL), 3);
	sock_pair_run(pair, 300);
	assert_int_equal(notice_take(client), SCTP_NOTICE_DRY);
	pair->cut = true;
	assert_int_equal(sock_sctp_send(client, "two", 3, &info, NULL), 3);
	sock_pair_run(pair, 10);
	info = (struct sock_sctp_info){ .flags = SOCK_SCTP_ABORT };
	assert_int_equal(sock_sctp_send(client, NULL, 0, &info, NULL), 0);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_notice(client, &assoc, &notice), 0);
	assert_int_equal(notice.type, SCTP_NOTICE_SEND_FAILED);
	assert_int_equal(notice.context, 77);
	assert_int_equal(notice.ppid_be, 5);
	assert_int_equal(notice.data_length, 3);
	assert_int_equal(notice_take(client), SCTP_NOTICE_LOST);
	sock_pair_destroy(pair);
}

static void
test_settings(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	struct sctp_settings settings;
	struct sctp_info info;

	client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	settings = sock_pair_settings(client, SOCK_SCTP_FUTURE);
	/* RFC 9260's own, whatever TCP's is. */
	assert_string_equal(settings.cc->name, "newreno");
	settings.out_streams = 5;
	settings.rto_min_ms = settings.rto_initial_ms + 1;
	assert_int_equal(sock_sctp_settings_set(client, SOCK_SCTP_FUTURE, &settings), -EINVAL);
	settings.rto_min_ms = 100;
	assert_int_equal(sock_sctp_settings_set(client, SOCK_SCTP_FUTURE, &settings), 0);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_accept(listener, &server), 0);
	assert_int_equal(sock_sctp_info(server, 0, &info), 0);
	assert_int_equal(info.in_streams, 5);
	assert_int_equal(sock_pair_settings(client, 0).rto_min_ms, 100);
	/* RFC 6458 8.1.11 */
	settings = sock_pair_settings(client, 0);
	settings.no_fragments = true;
	settings.maxseg = 100;
	assert_int_equal(sock_sctp_settings_set(client, 0, &settings), 0);
	assert_int_equal(sock_send(client, settings.cc->name, 101, NULL), -EMSGSIZE);
	assert_int_equal(sock_option_set(client, SOCK_OPT_AUTOCLOSE, 1), -EOPNOTSUPP);
	sock_pair_destroy(pair);
}

/* What has no room waits, and is told of it. */
static void
test_room(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *listener = sock_pair_listen(pair, SOCK_SCTP), *client, *server;
	static uint8_t message[60000];
	unsigned sent = 0, received = 0;
	int64_t rc;

	sock_pair_connect(pair, listener, &client, &server);
	while ((rc = sock_send(client, message, sizeof(message), NULL)) > 0)
		sent++;
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(sent, 4);
	assert_int_equal(sock_send(client, message, 262145, NULL), -EMSGSIZE);
	pair->ends[CLIENT].app.count = 0;
	for (unsigned i = 0; i < 100; i++) {
		sock_pair_run(pair, 10);
		while ((rc = sock_receive(server, message, sizeof(message), NULL)) > 0)
			received += (unsigned)rc;
	}
	assert_int_equal(received, sent * sizeof(message));
	assert_int_equal(pair->ends[CLIENT].app.events[0].events, SOCK_EVENT_WRITABLE);
	assert_int_equal(sock_send(client, message, sizeof(message), NULL), sizeof(message));
	sock_pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_connects_and_accepts),
		cmocka_unit_test(test_ports_of_others),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_ends_in_order),
		cmocka_unit_test(test_ends_by_flags),
		cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_dry_and_send_failed),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
