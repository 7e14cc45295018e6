/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of SCTP in one-to-many style (RFC 6458 3): their associations, by id, and what they have to read. */
#include "unit/sock/sock_sctp_pair.h"

/* The id of the only association. */
static uint32_t
only_assoc(const struct sock *sock)
{
	uint32_t id = 0;

	assert_int_equal(sock_sctp_assocs(sock, &id, 1), 1);
	assert_true(id >= SOCK_SCTP_ASSOC_FIRST);
	return id;
}

static int64_t
send_to(struct sock *sock, uint32_t assoc, const char *text)
{
	const struct sock_sctp_info info = { .assoc = assoc };

	return sock_sctp_send(sock, text, strlen(text), &info, NULL);
}

/* RFC 6458 3.1.4: whoever sends to somebody has an association with him. */
static void
test_sends_by_address_and_by_id(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY);
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP_MANY);
	struct sock_sctp_info got;
	struct sock_addr peer;
	char text[16];

	assert_int_equal(sock_send(client, "nobody", 6, NULL), -EDESTADDRREQ);
	assert_int_equal(send_to(client, 4711, "nobody"), -EINVAL);
	assert_int_equal(sock_fixture_send(client, "hello", SERVER_ADDR, SERVER_PORT), 5);
	assert_int_equal(sock_fixture_send(client, "again", SERVER_ADDR, SERVER_PORT), 5);
	sock_pair_run(pair, 300);
	only_assoc(client);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, &peer), 5);
		assert_memory_equal(text, i == 0 ? "hello" : "again", 5);
		assert_int_equal(got.assoc, only_assoc(server));
		assert_int_equal(ip_addr_to_u32(&peer.addr), 0x0a000001);
	}
	assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, NULL), -EAGAIN);
	assert_int_equal(send_to(server, got.assoc, "back"), 4);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), 4);
	assert_int_equal(sock_shutdown(client, SOCK_SHUTDOWN_WRITE), -EOPNOTSUPP);
	assert_int_equal(sock_peer(client, &peer), -ENOTCONN);
	sock_pair_destroy(pair);
}

/* Three clients of one server: each has its turn. */
static void
test_takes_turns(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY), *clients[3];
	uint32_t ids[4], from[6];
	struct sock_sctp_info got;
	char text[16];

	for (unsigned i = 0; i < 3; i++) {
		clients[i] = sock_pair_open(pair, CLIENT, SOCK_SCTP);
		sock_option_set(clients[i], SOCK_OPT_NODELAY, 1);
		assert_int_equal(
			sock_fixture_connect(clients[i], SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
		sock_pair_run(pair, 10);
		assert_int_equal(sock_send(clients[i], "one", 3, NULL), 3);
		assert_int_equal(sock_send(clients[i], "two", 3, NULL), 3);
	}
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_assocs(server, ids, 4), 3);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(sock_sctp_receive(server, text, sizeof(text), &got, NULL), 3);
		from[i] = got.assoc;
		assert_memory_equal(text, i < 3 ? "one" : "two", 3);
	}
	assert_true(from[0] != from[1] && from[1] != from[2] && from[0] != from[2]);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -EAGAIN);
	/* RFC 6458 5.3.4: SCTP_SENDALL */
	got = (struct sock_sctp_info){ .flags = SOCK_SCTP_SENDALL };
	assert_int_equal(sock_sctp_send(server, "all", 3, &got, NULL), 3);
	sock_pair_run(pair, 10);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(sock_receive(clients[i], text, sizeof(text), NULL), 3);
	sock_pair_destroy(pair);
}

/* A part of a message is followed by the rest of it, unless the user says otherwise: RFC 6458 8.1.20. */
static void
test_parts_stay_together(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY), *clients[2];
	struct sock_sctp_info got;
	uint32_t first;
	char text[16];

	for (unsigned i = 0; i < 2; i++) {
		clients[i] = sock_pair_open(pair, CLIENT, SOCK_SCTP);
		assert_int_equal(
			sock_fixture_connect(clients[i], SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
		sock_pair_run(pair, 10);
		assert_int_equal(sock_send(clients[i], "abcdef", 6, NULL), 6);
	}
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_receive(server, text, 2, &got, NULL), 2);
	first = got.assoc;
	assert_int_equal(sock_sctp_receive(server, text, 2, &got, NULL), 2);
	assert_int_equal(got.assoc, first);
	assert_int_equal(sock_option_set(server, SOCK_OPT_FRAGMENT_INTERLEAVE, 1), 0);
	assert_int_equal(sock_sctp_receive(server, text, 1, &got, NULL), 1);
	assert_int_equal(sock_sctp_receive(server, text, 1, &got, NULL), 1);
	assert_int_not_equal(got.assoc, first);
	sock_pair_destroy(pair);
}

static unsigned
receive_all(struct sock *sock)
{
	unsigned count = 0;
	char text[256];

	while (sock_receive(sock, text, sizeof(text), NULL) > 0)
		count++;
	return count;
}

/* RFC 3758: a message that was received in part is given up, and others have their turn. */
static void
test_part_is_given_up(void **state)
{
	static char large[20000];
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY), *clients[2];
	struct sctp_settings settings = sock_pair_settings(server, SOCK_SCTP_FUTURE);

	settings.partial_point = 100;
	settings.extensions = SCTP_EXT_FORWARD_TSN;
	assert_int_equal(sock_sctp_settings_set(server, SOCK_SCTP_FUTURE, &settings), 0);
	for (unsigned i = 0; i < 2; i++) {
		clients[i] = sock_pair_open(pair, CLIENT, SOCK_SCTP);
		assert_int_equal(sock_sctp_settings_set(clients[i], 0, &settings), 0);
		assert_int_equal(
			sock_fixture_connect(clients[i], SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
		sock_pair_run(pair, 10);
	}
	settings = sock_pair_settings(clients[0], 0);
	settings.pr_policy = SCTP_PR_TIMED;
	settings.pr_value = 50;
	assert_int_equal(sock_sctp_settings_set(clients[0], 0, &settings), 0);
	assert_int_equal(sock_send(clients[0], large, sizeof(large), NULL), sizeof(large));
	sock_pair_run(pair, 1);
	pair->cut = true;
	sock_pair_run(pair, 1);
	assert_true(receive_all(server) > 0);
	pair->cut = false;
	assert_int_equal(sock_send(clients[1], "other", 5, NULL), 5);
	sock_pair_run(pair, 1);
	assert_int_equal(sock_ready(server), SOCK_EVENT_WRITABLE);
	pair->cut = true;
	sock_pair_run(pair, 100);
	pair->cut = false;
	sock_pair_run(pair, 3000);
	assert_int_equal(receive_all(server), 1);
	assert_int_equal(sock_ready(server), SOCK_EVENT_WRITABLE);
	sock_pair_destroy(pair);
}

/* What ended is the socket's until its last notification was taken, and its id then nobody's. */
static void
test_ends(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY);
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP_MANY);
	const struct sock_sctp_info eof = { .flags = SOCK_SCTP_EOF | SOCK_SCTP_SENDALL };
	struct sctp_notice notice;
	uint32_t id, assoc;
	char text[16];

	sock_pair_subscribe(server);
	assert_int_equal(sock_fixture_send(client, "hello", SERVER_ADDR, SERVER_PORT), 5);
	sock_pair_run(pair, 10);
	id = only_assoc(server);
	assert_int_equal(sock_sctp_send(client, NULL, 0, &eof, NULL), 0);
	sock_pair_run(pair, 300);
	/* The client has asked for nothing: there is nothing left of it. */
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), -EAGAIN);
	assert_int_equal(sock_sctp_assocs(client, NULL, 0), 0);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), 0);
	assert_int_equal(notice.type, SCTP_NOTICE_UP);
	assert_int_equal(assoc, id);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 5);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), 0);
	assert_int_equal(notice.type, SCTP_NOTICE_SHUTDOWN);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), 0);
	assert_int_equal(notice.type, SCTP_NOTICE_SHUTDOWN_COMPLETE);
	assert_int_equal(sock_sctp_notice(server, &assoc, &notice), -EAGAIN);
	assert_int_equal(sock_sctp_assocs(server, NULL, 0), 0);
	assert_int_equal(send_to(server, id, "gone"), -EINVAL);
	sock_pair_destroy(pair);
}

/* RFC 6458 9.2 */
static void
test_peels_off(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY), *peeled;
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	uint32_t id;
	char text[16];

	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	id = only_assoc(server);
	assert_int_equal(sock_sctp_peeloff(server, id + 1, &peeled), -EINVAL);
	assert_int_equal(sock_sctp_peeloff(client, id, &peeled), -EOPNOTSUPP);
	assert_int_equal(sock_sctp_peeloff(server, id, &peeled), 0);
	assert_int_equal(sock_sctp_assocs(server, NULL, 0), 0);
	assert_int_equal(sock_send(client, "mine", 4, NULL), 4);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), -EAGAIN);
	assert_int_equal(sock_receive(peeled, text, sizeof(text), NULL), 4);
	sock_close(server);
	assert_int_equal(sock_send(peeled, "yours", 5, NULL), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), 5);
	sock_pair_destroy(pair);
}

/* RFC 6458 8.1.8 */
static void
test_autoclose(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY);
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	char text[16];

	assert_int_equal(sock_option_set(server, SOCK_OPT_AUTOCLOSE, 2), 0);
	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 1500);
	assert_int_equal(sock_send(client, "busy", 4, NULL), 4);
	sock_pair_run(pair, 1500);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), -EAGAIN);
	assert_int_equal(sock_receive(server, text, sizeof(text), NULL), 4);
	sock_pair_run(pair, 2500);
	assert_int_equal(sock_receive(client, text, sizeof(text), NULL), 0);
	sock_pair_destroy(pair);
}

/* As many as there may be: who comes then is sent away. */
static void
test_bounds(void **state)
{
	struct sock_pair *pair = sock_pair_create_with(2);
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY);
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP_MANY);
	struct sock *own = sock_pair_open(pair, SERVER, SOCK_SCTP_MANY);

	sock_option_set(own, SOCK_OPT_FREEBIND, 1);
	assert_int_equal(sock_fixture_bind(own, SERVER_ADDR, 0), 0);
	assert_int_equal(sock_fixture_send(own, "a", "10.0.0.3", 1), 1);
	assert_int_equal(sock_fixture_send(own, "b", "10.0.0.4", 1), 1);
	assert_int_equal(sock_fixture_send(own, "c", "10.0.0.5", 1), -ENFILE);
	assert_int_equal(sock_fixture_send(client, "hello", SERVER_ADDR, SERVER_PORT), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_assocs(server, NULL, 0), 0);
	sock_close(own);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_fixture_send(client, "hello", SERVER_ADDR, SERVER_PORT), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_assocs(server, NULL, 0), 1);
	sock_pair_destroy(pair);
}

/* What a socket was closed with still ends, and is not the next one's of that name. */
static void
test_leaves_others_alone(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock *server = sock_pair_listen(pair, SOCK_SCTP_MANY);
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP_MANY);

	assert_int_equal(sock_fixture_bind(client, CLIENT_ADDR, 100), 0);
	assert_int_equal(sock_fixture_send(client, "hello", SERVER_ADDR, SERVER_PORT), 5);
	sock_pair_run(pair, 10);
	only_assoc(server);
	pair->cut = true;
	sock_close(client);
	client = sock_pair_open(pair, CLIENT, SOCK_SCTP_MANY);
	assert_int_equal(sock_fixture_bind(client, CLIENT_ADDR, 100), 0);
	assert_int_equal(sock_fixture_send(client, "other", "10.0.0.3", 1), 5);
	assert_int_equal(sock_fixture_send(client, "again", SERVER_ADDR, SERVER_PORT), -EADDRINUSE);
	sock_pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends_by_address_and_by_id),
		cmocka_unit_test(test_takes_turns),
		cmocka_unit_test(test_parts_stay_together),
		cmocka_unit_test(test_part_is_given_up),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_peels_off),
		cmocka_unit_test(test_autoclose),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_leaves_others_alone),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
