/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports of sockets that do not say which: RFC 6056. */
#include "unit/sock/sock_fixture.h"

/* RFC 6056: a port that nobody has on the address, which others cannot take then. */
static void
test_chosen_ports_differ(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock_addr locals[64], *local = locals;
	struct sock *sock;

	for (unsigned i = 0; i < RTE_DIM(locals); i++, local++) {
		sock = sock_fixture_open(s, IP_FAMILY_4);
		assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
		assert_int_equal(sock_local(sock, local), 0);
		assert_in_range(local->port, 32768, 60999);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(local->port, locals[j].port);
	}
	sock = sock_fixture_open(s, IP_FAMILY_4);
	assert_int_equal(sock_fixture_bind(sock, "", locals[0].port), -EADDRINUSE);
	sock_fixture_destroy(s);
}

/* What the user says of a protocol's ports holds from the next socket on: RFC 6056 3.2. */
static void
test_ports_by_policy(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct ephemeral_policy policy = *stack_ephemeral_get(s->f->stack, SOCK_UDP);
	struct stack_ephemeral_stats stats;
	struct sock_addr local;
	struct error err;
	unsigned seen = 0;

	assert_int_equal(ephemeral_policy_range(&policy, 5000, 5003, &err), 0);
	assert_int_equal(ephemeral_policy_exclude(&policy, 5001, 5001, &err), 0);
	policy.algorithm = ephemeral_algorithm_find("simple");
	assert_int_equal(stack_ephemeral_set(s->f->stack, SOCK_UDP, &policy, &err), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);

		assert_int_equal(sock_fixture_bind(sock, "", 0), 0);
		assert_int_equal(sock_local(sock, &local), 0);
		seen |= 1U << (local.port - 5000);
	}
	assert_int_equal(seen, 0xd);
	assert_int_equal(sock_fixture_bind(sock_fixture_open(s, IP_FAMILY_4), "", 0), -EADDRINUSE);
	stack_ephemeral_stats(s->f->stack, SOCK_UDP, &stats);
	assert_int_equal(stats.chosen, 3);
	assert_int_equal(stats.exhausted, 1);
	assert_in_range(stats.collisions, 3, 8);
	assert_int_equal(stack_ephemeral_get(s->f->stack, SOCK_TCP)->min, 32768);
	sock_fixture_destroy(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chosen_ports_differ),
		cmocka_unit_test(test_ports_by_policy),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
