/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections as control sees and ends them: in pieces, by filters; and the congestion control of VRFs. */
#include "unit/sock/sock_fixture.h"

#include "cc/cc.h"

/* More than a piece. */
#define CONNS 70

static struct sock *
connect_to(struct sock_fixture *s, const char *addr, uint16_t port)
{
	struct sock *sock;

	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_6, IP_VRF_DEFAULT, &sock), 0);
	assert_int_equal(sock_fixture_connect(sock, addr, port), -EINPROGRESS);
	return sock;
}

static struct sock_fixture *
fixture(struct sock **socks)
{
	struct sock_fixture *s =
		sock_fixture_create(&(struct stack_fixture_config){ .ports = 2, .workers = 2 });

	for (unsigned i = 0; i < CONNS; i++)
		socks[i] = connect_to(
			s, i % 2 == 0 ? "10.0.0.2" : "2001:db8:1::2", (uint16_t)(1000 + i));
	return s;
}

/* @return how many connections match, after a look at each */
static unsigned
count(struct sock_fixture *s, const struct stack_filter *filter, unsigned max)
{
	struct stack_tcp_conn conns[CONNS];
	unsigned total = 0;

	for (unsigned worker = 0; worker < 2; worker++) {
		for (uint32_t place = 0; place != STACK_TCP_END;) {
			unsigned n =
				stack_tcp_conns(s->f->stack, worker, filter, conns, max, &place);

			assert_in_range(n, 0, max);
			for (unsigned i = 0; i < n; i++) {
				assert_int_equal(conns[i].worker, 0);
				assert_string_equal(conns[i].app, "test");
				assert_int_equal(conns[i].info.state, TCP_SYN_SENT);
				assert_string_equal(conns[i].info.cc, "cubic");
			}
			total += n;
		}
	}
	return total;
}

static void
test_shown_in_pieces(void **state)
{
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct sock *socks[CONNS];
	struct sock_fixture *s = fixture(socks);
	uint64_t stats[TCP_STAT_COUNT];
	struct tcp_counts counts;

	assert_int_equal(count(s, &filter, 64), CONNS);
	assert_int_equal(count(s, &filter, 1), CONNS);
	filter.states = 1U << TCP_SYN_SENT;
	assert_int_equal(count(s, &filter, 64), CONNS);
	filter.states = 1U << TCP_ESTABLISHED;
	assert_int_equal(count(s, &filter, 64), 0);
	filter = (struct stack_filter){ .vrf = STACK_VRF_ANY, .remote_port = 1007 };
	assert_int_equal(count(s, &filter, 64), 1);
	filter = (struct stack_filter){ .vrf = 7 };
	assert_int_equal(count(s, &filter, 64), 0);
	filter = (struct stack_filter){ .vrf = IP_VRF_DEFAULT };
	assert_int_equal(ip_prefix_parse("10.0.0.0/24", &filter.remote), 0);
	assert_int_equal(count(s, &filter, 64), CONNS / 2);
	assert_int_equal(ip_prefix_parse("2001:db8:1::1/128", &filter.local), 0);
	assert_int_equal(count(s, &filter, 64), 0);

	stack_tcp_stats(s->f->stack, 0, stats, &counts);
	assert_int_equal(counts.conns, CONNS);
	assert_int_equal(stats[TCP_STAT_active_opens], CONNS);
	stack_tcp_stats(s->f->stack, 1, stats, &counts);
	assert_int_equal(counts.conns + stats[TCP_STAT_active_opens], 0);
	stack_tcp_stats(s->f->stack, 2, stats, &counts);
	assert_int_equal(counts.conns, CONNS);
	sock_fixture_destroy(s);
}

static void
test_killed_by_a_filter(void **state)
{
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct sock *socks[CONNS];
	struct sock_fixture *s = fixture(socks);
	uint32_t place = 0;

	assert_int_equal(ip_prefix_parse("2001:db8::/32", &filter.remote), 0);
	assert_int_equal(stack_tcp_kill(s->f->stack, 0, &filter, &place), CONNS / 2);
	assert_int_equal(place, STACK_TCP_END);
	for (unsigned i = 0; i < CONNS; i++)
		assert_int_equal(sock_fixture_option(socks[i], SOCK_OPT_ERROR),
			i % 2 == 0 ? 0 : ECONNABORTED);
	filter.states = 1U << TCP_SYN_SENT;
	assert_int_equal(count(s, &filter, 64), 0);
	sock_fixture_destroy(s);
}

static void
test_listeners(void **state)
{
	struct sock_fixture *s = sock_fixture_create(&(struct stack_fixture_config){ .ports = 1 });
	struct stack_tcp_listener listeners[4];
	struct sock *sock;

	for (uint16_t i = 0; i < 5; i++) {
		assert_int_equal(
			sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &sock), 0);
		assert_int_equal(sock_fixture_bind(sock, "10.0.0.1", (uint16_t)(80 + i)), 0);
		assert_int_equal(sock_listen(sock, 7), 0);
	}
	assert_int_equal(stack_tcp_listeners(s->f->stack, 0, 0, listeners, 4), 4);
	assert_string_equal(listeners[0].app, "test");
	assert_int_equal(listeners[0].info.backlog, 7);
	assert_int_equal(stack_tcp_listeners(s->f->stack, 0, 4, listeners, 4), 1);
	assert_int_equal(stack_tcp_listeners(s->f->stack, 0, 5, listeners, 4), 0);
	sock_fixture_destroy(s);
}

/* Sockets that are opened from then on; what a VRF says ends with it. */
static void
test_congestion_control_of_a_vrf(void **state)
{
	struct sock_fixture *s = sock_fixture_create(&(struct stack_fixture_config){ .ports = 1 });
	struct sock *before, *after, *other;
	struct error err;
	uint16_t red;

	assert_int_equal(stack_vrf_add(s->f->stack, "red", &err), 0);
	assert_int_equal(stack_vrf_find(s->f->stack, "red", &red, &err), 0);
	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, red, &before), 0);
	stack_tcp_cc_set(s->f->stack, red, cc_find("vegas"));
	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, red, &after), 0);
	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &other), 0);
	assert_string_equal(
		sock_congestion_name((unsigned)sock_fixture_option(before, SOCK_OPT_CONGESTION)),
		"cubic");
	assert_string_equal(
		sock_congestion_name((unsigned)sock_fixture_option(after, SOCK_OPT_CONGESTION)),
		"vegas");
	assert_string_equal(
		sock_congestion_name((unsigned)sock_fixture_option(other, SOCK_OPT_CONGESTION)),
		"cubic");
	assert_int_equal(stack_vrf_remove(s->f->stack, "red", &err), 0);
	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, red, &other), 0);
	assert_string_equal(
		sock_congestion_name((unsigned)sock_fixture_option(other, SOCK_OPT_CONGESTION)),
		"cubic");
	sock_fixture_destroy(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown_in_pieces),
		cmocka_unit_test(test_killed_by_a_filter),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_congestion_control_of_a_vrf),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
