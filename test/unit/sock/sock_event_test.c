/* SPDX-License-Identifier: BSD-3-Clause */
/* What sockets tell their applications, and how often. */
#include "unit/sock/sock_fixture.h"

/* Close all others at the first event. */
static struct sock *closing[3];
static void
close_others(struct sock_fixture *s, const struct sock_event *event)
{
	for (unsigned i = 0; i < RTE_DIM(closing); i++) {
		if (closing[i] != NULL && closing[i] != event->sock)
			sock_close(closing[i]);
	}
	memset(closing, 0, sizeof(closing));
}

/* A batch of three; who was closed meanwhile is not told of. */
static void
test_closed_in_a_batch(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();

	s->each = close_others;
	for (uint16_t i = 0; i < 3; i++) {
		closing[i] = sock_fixture_open(s, IP_FAMILY_4);
		assert_int_equal(sock_fixture_bind(closing[i], "", 53 + i), 0);
		stack_fixture_rx(s->f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 53 + i);
	}
	stack_fixture_run(s->f);
	assert_int_equal(s->batches, 1);
	assert_int_equal(s->count, 3);
	assert_non_null(s->events[0].sock);
	for (unsigned i = 1; i < 3; i++) {
		assert_null(s->events[i].sock);
		assert_int_equal(s->events[i].events, 0);
	}
	sock_fixture_destroy(s);
}

/* Once for each time that it asks, a loop later. */
static void
ask_twice(struct sock_fixture *s, const struct sock_event *event)
{
	if (s->count < 3)
		sock_event_again(event->sock, SOCK_EVENT_READABLE);
}

static void
test_told_again(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);

	s->each = ask_twice;
	assert_int_equal(sock_fixture_bind(sock, "", 53), 0);
	stack_fixture_rx(s->f, 0, .src = "10.0.0.2", .dst = "10.0.0.1");
	stack_fixture_run(s->f);
	assert_int_equal(s->count, 3);
	assert_int_equal(s->batches, 3);
	sock_event_again(sock, SOCK_EVENT_WRITABLE);
	sock_close(sock);
	stack_fixture_run(s->f);
	assert_int_equal(s->count, 3);
	sock_fixture_destroy(s);
}

/* Whatever happened to a socket is one event: who closes it need not look for others of it. */
static void
test_told_once(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);

	assert_int_equal(sock_fixture_bind(sock, "", 53), 0);
	sock_event_again(sock, SOCK_EVENT_WRITABLE);
	stack_fixture_rx(s->f, 0, .src = "10.0.0.2", .dst = "10.0.0.1");
	stack_fixture_run(s->f);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->events[0].events, SOCK_EVENT_READABLE | SOCK_EVENT_WRITABLE);
	sock_fixture_destroy(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_in_a_batch),
		cmocka_unit_test(test_told_again),
		cmocka_unit_test(test_told_once),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
