/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages with shared keys of their own: SCTP_AUTHINFO, RFC 6458 5.3.8, 6.1.8, 8.3. */
#include "unit/embed/embed_sctp_pair.h"

#define DATA_TYPE 0
#define AUTH_TYPE 0x0f

struct key {
	struct spate_sctp_authkey head;
	uint8_t bytes[8];
};

/* Data only goes authenticated, and these keys are known. */
static void
keys_set(struct spate *stack, int fd)
{
	const struct spate_sctp_assoc_value on = { 0, 1 };
	const struct spate_sctp_authchunk data = { .sauth_chunk = DATA_TYPE };

	SET(stack, fd, AUTH_SUPPORTED, on);
	SET(stack, fd, AUTH_CHUNK, data);
	for (uint16_t id = 1; id <= 3; id++) {
		struct key key = { .head = { .sca_keynumber = id, .sca_keylength = 8 } };

		memset(key.bytes, 'a' + id, sizeof(key.bytes));
		SET(stack, fd, AUTH_KEY, key);
	}
}

static int
send_with(struct spate *stack, int fd, uint16_t id, const char *addr)
{
	const struct spate_sctp_sendv_spa spa = { .sendv_flags = SPATE_SCTP_SEND_AUTHINFO_VALID,
		.sendv_authinfo = { id } };

	return spate_sctp_sendx(stack, fd, "hello", 5, &addr, addr != NULL ? 1 : 0, 7, &spa, 0);
}

/* The key of the AUTH chunk in front of a packet's DATA, of which it counts the chunks; -1: there is none. */
static int
frame_key(const uint8_t *frame, int length, unsigned *count)
{
	int key = -1;

	*count = 0;
	for (int at = 20 + 12; at + 8 <= length;
		at += ((frame[at + 2] << 8 | frame[at + 3]) + 3) & ~3) {
		if (frame[at] == AUTH_TYPE)
			key = frame[at + 4] << 8 | frame[at + 5];
		*count += frame[at] == DATA_TYPE;
	}
	return key;
}

/* The next frame of A's goes to B, or is lost. @return its key */
static int
carry_one(struct pair *p, bool lost)
{
	uint8_t frame[SPATE_FRAME_MAX];
	int length = spate_output(p->a, "i0", frame, sizeof(frame));
	unsigned count;

	assert_true(length > 0);
	if (!lost)
		expect(spate_input(p->b, "i0", frame, (size_t)length), 0);
	return frame_key(frame, length, &count);
}

static void
test_key(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	union spate_sctp_notification n;
	char text[16];
	int on = 1;

	keys_set(p.b, listener);
	keys_set(p.a, fd);
	SET(p.a, fd, NODELAY, on);
	subscribe(p.b, listener, SPATE_SCTP_AUTHENTICATION_EVENT);
	connect_one(&p, fd, listener, &server);
	expect(send_with(p.a, fd, 2, NULL), 5);
	expect(carry_one(&p, false), 2);
	expect_notification(p.b, server, SPATE_SCTP_AUTHENTICATION_EVENT, &n);
	assert_int_equal(n.sn_auth_event.auth_keynumber, 2);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	/* Others have the active one, which is still the empty one. */
	expect(spate_send(p.a, fd, "other", 5), 5);
	expect(carry_one(&p, false), 0);
	expect_notification(p.b, server, SPATE_SCTP_AUTHENTICATION_EVENT, &n);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	run(&p, 300);
	expect(send_with(p.a, fd, 4, NULL), -EINVAL);
	pair_destroy(&p);
}

/* RFC 4895 4.1: a packet has one AUTH chunk, so that messages with different keys do not share one. */
static void
test_bundling(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	static const int expected[][2] = { { 1, 2 }, { 3, 2 }, { 0, 1 } };
	unsigned packets = 0, count;
	uint8_t frame[SPATE_FRAME_MAX];
	int on = 1, length;
	char text[16];

	keys_set(p.b, listener);
	keys_set(p.a, fd);
	SET(p.a, fd, NODELAY, on);
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	/* All wait for the handshake, and then go at once. */
	for (unsigned i = 0; i < 4; i++)
		expect(send_with(p.a, fd, i < 2 ? 1 : 3, NULL), 5);
	expect(spate_send(p.a, fd, "last!", 5), 5);
	for (unsigned i = 0; i < 300; i++) {
		while ((length = spate_output(p.a, "i0", frame, sizeof(frame))) > 0) {
			int key = frame_key(frame, length, &count);

			if (count > 0 && packets < RTE_DIM(expected)) {
				assert_int_equal(key, expected[packets][0]);
				assert_int_equal(count, expected[packets][1]);
			}
			packets += count > 0;
			expect(spate_input(p.b, "i0", frame, (size_t)length), 0);
		}
		carry(&p, p.b, p.a);
		if (i % 10 == 9) {
			expect(spate_advance(p.a, MS), 0);
			expect(spate_advance(p.b, MS), 0);
		}
	}
	assert_int_equal(packets, RTE_DIM(expected));
	server = spate_accept(p.b, listener, NULL, NULL);
	for (unsigned i = 0; i < 5; i++)
		expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	pair_destroy(&p);
}

/* 6.1.8, 8.3.4, 8.3.5: a key is done with when what was sent with it is acknowledged, and not before. */
static void
test_free_key(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	const struct spate_sctp_authkeyid id = { .scact_keynumber = 2 };
	union spate_sctp_notification n;
	char text[16];

	keys_set(p.b, listener);
	keys_set(p.a, fd);
	connect_one(&p, fd, listener, &server);
	subscribe(p.a, fd, SPATE_SCTP_AUTHENTICATION_EVENT);
	expect(send_with(p.a, fd, 2, NULL), 5);
	expect(carry_one(&p, true), 2);
	SET(p.a, fd, AUTH_DEACTIVATE_KEY, id);
	expect(send_with(p.a, fd, 2, NULL), -EINVAL);
	SET_RC(p.a, fd, AUTH_DELETE_KEY, id, -EINVAL);
	expect(spate_recv(p.a, fd, text, sizeof(text)), -EAGAIN);
	/* It is sent again, with the same key. */
	expect(spate_advance(p.a, 3000 * MS), 0);
	expect(carry_one(&p, false), 2);
	run(&p, 300);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	expect_notification(p.a, fd, SPATE_SCTP_AUTHENTICATION_EVENT, &n);
	assert_int_equal(n.sn_auth_event.auth_indication, SPATE_SCTP_AUTH_FREE_KEY);
	assert_int_equal(n.sn_auth_event.auth_keynumber, 2);
	SET(p.a, fd, AUTH_DELETE_KEY, id);
	pair_destroy(&p);
}

/* An association that such a message begins has the socket's keys; and a peer that cannot authenticate. */
static void
test_implicit(void **state)
{
	struct pair p = pair_create();
	int able = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	uint32_t count = 1;
	char text[16];

	expect(send_with(p.a, fd, 2, B_ADDR), -EOPNOTSUPP);
	keys_set(p.a, fd);
	expect(send_with(p.a, fd, 9, B_ADDR), -EINVAL);
	GET(p.a, fd, GET_ASSOC_NUMBER, count);
	assert_int_equal(count, 0);
	expect(send_with(p.a, fd, 2, B_ADDR), 5);
	run(&p, 300);
	expect(spate_recv(p.b, able, text, sizeof(text)), 5);
	expect(send_with(p.a, fd, 2, B_ADDR), -EOPNOTSUPP);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_bundling),
		cmocka_unit_test(test_free_key),
		cmocka_unit_test(test_implicit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
