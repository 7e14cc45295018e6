/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of TCP as applications use them, in a whole stack of two workers: names, both roles, options,
 * errors; and segments that come to the other worker.
 */
#include "unit/sock/sock_fixture.h"

#include <rte_cycles.h>

#include "tcp/tcp.h"
#include "wire/endian.h"

#define HOST0        "02:00:00:00:02:00"
#define PEER         "10.0.0.2"
#define OURS         "10.0.0.1"
#define ETHER_AND_IP 34

static struct sock_fixture *
two_workers(void)
{
	return sock_fixture_create(
		&(struct stack_fixture_config){ .ports = 1, .workers = 2, .seed = 1 });
}

static struct sock *
open_stream(struct sock_fixture *s)
{
	struct sock *sock;

	assert_int_equal(sock_open(&s->app, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &sock), 0);
	return sock;
}

/* A segment of the peer's, to a queue: the one of that worker. */
static void
from_peer(struct sock_fixture *s, unsigned worker, const struct packet *segment)
{
	port_double_inject(s->f->wires[0], (uint16_t)worker, packet_mbuf(s->f->pool, segment));
	stack_fixture_run(s->f);
}

#define SEGMENT(...)                                                                               \
	PACKET(.src = PEER, .dst = OURS, .proto = IP_PROTO_TCP, .src_port = 4000, .window = 60000, \
		__VA_ARGS__)

/* What we have sent. */
struct answer {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t flags;
};

static struct answer
answer_take(struct sock_fixture *s)
{
	struct rte_mbuf *pkt = stack_fixture_take(s->f, 0);
	struct answer answer;
	const uint8_t *tcp;

	assert_non_null(pkt);
	tcp = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, ETHER_AND_IP);
	answer = (struct answer){ be16_load(tcp), be16_load(tcp + 2), be32_load(tcp + 4),
		be32_load(tcp + 8), tcp[13] };
	rte_pktmbuf_free(pkt);
	return answer;
}

static struct sock *
listen_on(struct sock_fixture *s, uint16_t port)
{
	struct sock *sock = open_stream(s);

	assert_int_equal(sock_fixture_bind(sock, "", port), 0);
	assert_int_equal(sock_listen(sock, 4), 0);
	return sock;
}

/* Through the worker that has no listener, or the one that has. */
static struct sock *
accepted(struct sock_fixture *s, struct sock *listener, unsigned worker, struct answer *syn_ack)
{
	struct sock *sock;

	from_peer(s, worker, SEGMENT(.dst_port = 80, .seq = 1000, .tcp_flags = PACKET_SYN));
	*syn_ack = answer_take(s);
	assert_int_equal(syn_ack->flags, PACKET_SYN | PACKET_ACK);
	assert_int_equal(syn_ack->ack, 1001);
	assert_int_equal(sock_accept(listener, &sock), -EAGAIN);
	from_peer(s, worker,
		SEGMENT(.dst_port = 80, .seq = 1001, .ack = syn_ack->seq + 1,
			.tcp_flags = PACKET_ACK));
	assert_int_equal(s->events[s->count - 1].events, SOCK_EVENT_ACCEPTED);
	assert_ptr_equal(s->events[s->count - 1].sock, listener);
	assert_int_equal(sock_accept(listener, &sock), 0);
	return sock;
}

/* A round trip ends when its segment is taken from the queue, and not when the loop's clock was read before. */
static void
test_round_trip_while_the_cpu_was_lost(void **state)
{
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct sock_fixture *s = two_workers();
	struct worker *w = s->f->stack->workers[0];
	struct sock *sock = open_stream(s);
	struct stack_tcp_conn conn;
	struct answer syn;
	uint32_t place = 0;

	assert_int_equal(sock_fixture_connect(sock, PEER, 4000), -EINPROGRESS);
	stack_fixture_run(s->f);
	syn = answer_take(s);
	/* 20 ms pass between the two. */
	w->clock_runs = true;
	w->tsc_base = rte_rdtsc() - (s->f->now_ns + 20000000) / 1000 * (rte_get_tsc_hz() / 1000000);
	from_peer(s, 0,
		SEGMENT(.dst_port = syn.src_port, .seq = 1000, .ack = syn.seq + 1,
			.tcp_flags = PACKET_SYN | PACKET_ACK));
	assert_int_equal(stack_tcp_conns(s->f->stack, 0, &filter, &conn, 1, &place), 1);
	assert_int_equal(conn.info.state, TCP_ESTABLISHED);
	assert_true(conn.info.srtt_us >= 15000);
	sock_fixture_destroy(s);
}

static void
test_segments_come_to_either_worker(void **state)
{
	for (unsigned worker = 0; worker < 2; worker++) {
		struct sock_fixture *s = two_workers();
		struct sock *listener = listen_on(s, 80), *sock;
		struct answer syn_ack, data;
		struct sock_addr peer;
		char text[16];

		sock = accepted(s, listener, worker, &syn_ack);
		assert_int_equal(sock_peer(sock, &peer), 0);
		assert_int_equal(peer.port, 4000);
		for (unsigned i = 0; i < 2; i++) {
			from_peer(s, i,
				SEGMENT(.dst_port = 80, .seq = 1001 + 5 * i, .ack = syn_ack.seq + 1,
					.tcp_flags = PACKET_ACK | PACKET_PSH,
					.payload = (const uint8_t *)"hello", .payload_length = 5));
			assert_int_equal(sock_receive(sock, text, sizeof(text), NULL), 5);
			assert_memory_equal(text, "hello", 5);
			assert_int_equal(answer_take(s).ack, 1006 + 5 * i);
		}
		assert_int_equal(sock_receive(sock, text, sizeof(text), NULL), -EAGAIN);
		assert_int_equal(sock_send(sock, "world", 5, NULL), 5);
		stack_fixture_run(s->f);
		data = answer_take(s);
		assert_int_equal(data.seq, syn_ack.seq + 1);
		from_peer(s, 1,
			SEGMENT(.dst_port = 80, .seq = 1011, .ack = data.seq + 5,
				.tcp_flags = PACKET_ACK | PACKET_FIN));
		assert_int_equal(sock_receive(sock, text, sizeof(text), NULL), 0);
		sock_close(sock);
		stack_fixture_run(s->f);
		answer_take(s);
		assert_true(tcp_stats(s->f->stack->workers[1]->tcp)[TCP_STAT_handed_over] > 0);
		assert_int_equal(stack_fixture_drops_all(s->f), 0);
		sock_fixture_destroy(s);
	}
}

/* Nobody has it, on either worker: one reset, whoever is asked first. */
static void
test_nobody_is_there(void **state)
{
	struct sock_fixture *s = two_workers();

	for (unsigned worker = 0; worker < 2; worker++) {
		from_peer(s, worker, SEGMENT(.dst_port = 81, .seq = 7, .tcp_flags = PACKET_SYN));
		assert_int_equal(answer_take(s).flags, PACKET_RST | PACKET_ACK);
		stack_fixture_expect_silence(s->f);
	}
	assert_int_equal(stack_fixture_drops(s->f, DROP_tcp_no_port), 2);
	sock_fixture_destroy(s);
}

static void
test_connects(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock *sock = open_stream(s);
	struct answer syn;
	char text[16];

	assert_int_equal(sock_fixture_connect(sock, "192.0.2.1", 80), -ENETUNREACH);
	assert_int_equal(sock_fixture_connect(sock, PEER, 0), -EINVAL);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EALREADY);
	stack_fixture_run(s->f);
	syn = answer_take(s);
	assert_int_equal(syn.flags, PACKET_SYN);
	assert_in_range(syn.src_port, 32768, 60999);
	from_peer(s, 1,
		PACKET(.src = PEER, .dst = OURS, .proto = IP_PROTO_TCP, .src_port = 80,
			.dst_port = syn.src_port, .window = 60000, .seq = 50, .ack = syn.seq + 1,
			.tcp_flags = PACKET_SYN | PACKET_ACK));
	assert_int_equal(answer_take(s).ack, 51);
	assert_int_equal(s->events[s->count - 1].events & SOCK_EVENT_WRITABLE, SOCK_EVENT_WRITABLE);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EISCONN);
	/* RFC 9293 3.10.7.4: the peer resets it. */
	from_peer(s, 0,
		PACKET(.src = PEER, .dst = OURS, .proto = IP_PROTO_TCP, .src_port = 80,
			.dst_port = syn.src_port, .seq = 51, .ack = syn.seq + 1,
			.tcp_flags = PACKET_RST | PACKET_ACK));
	assert_int_equal(s->events[s->count - 1].events,
		SOCK_EVENT_READABLE | SOCK_EVENT_CLOSED | SOCK_EVENT_ERROR);
	assert_int_equal(sock_receive(sock, text, sizeof(text), NULL), -ECONNRESET);
	assert_int_equal(sock_send(sock, "x", 1, NULL), -EPIPE);
	sock_fixture_destroy(s);
}

/* Connect to the peer. @return the worker that its answers come to */
static unsigned
answers_come_to(struct sock_fixture *s)
{
	const struct stack *stack = s->f->stack;
	struct ip_flow back = { .proto = IP_PROTO_TCP, .src_port = 80 };
	struct sock *sock = open_stream(s);
	struct stack_rss_way way;
	struct sock_addr local;

	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	assert_int_equal(sock_local(sock, &local), 0);
	ip_addr_parse(PEER, &back.src);
	back.dst = local.addr;
	back.dst_port = local.port;
	stack_rss_predict(stack, stack->ports.ports[0], &back, 0, &way);
	assert_true(way.hashed);
	return way.worker;
}

/* RFC 6056: a port for which the answers come to the worker that connects, as long as there is one. */
static void
test_answers_come_here(void **state)
{
	for (unsigned workers = 2; workers <= 4; workers += 2) {
		struct sock_fixture *s = sock_fixture_create(&(struct stack_fixture_config){
			.ports = 1, .workers = workers, .seed = workers });
		struct port *port = s->f->stack->ports.ports[0];
		uint16_t elsewhere[PORT_RETA_MAX];
		struct error err;

		for (unsigned i = 0; i < 16; i++)
			assert_int_equal(answers_come_to(s), 0);
		for (unsigned i = 0; i < port->rss.reta_size; i++)
			elsewhere[i] = (uint16_t)(workers - 1);
		assert_int_equal(stack_rss_set_reta(s->f->stack, "p0", elsewhere, &err), 0);
		assert_int_equal(answers_come_to(s), workers - 1);
		stack_fixture_run(s->f);
		sock_fixture_destroy(s);
	}
}

static void
test_refused(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock *sock = open_stream(s);
	struct answer syn;

	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	stack_fixture_run(s->f);
	syn = answer_take(s);
	from_peer(s, 1,
		PACKET(.src = PEER, .dst = OURS, .proto = IP_PROTO_TCP, .src_port = 80,
			.dst_port = syn.src_port, .ack = syn.seq + 1,
			.tcp_flags = PACKET_RST | PACKET_ACK));
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_ERROR), ECONNREFUSED);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_ERROR), 0);
	sock_fixture_destroy(s);
}

/* Who tries again is told of that attempt alone, though there were events of the one before. */
static void
test_tried_again(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock *sock = open_stream(s);
	struct answer syn;
	unsigned count;

	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	stack_fixture_run(s->f);
	syn = answer_take(s);
	from_peer(s, 1,
		PACKET(.src = PEER, .dst = OURS, .proto = IP_PROTO_TCP, .src_port = 80,
			.dst_port = syn.src_port, .ack = syn.seq + 1,
			.tcp_flags = PACKET_RST | PACKET_ACK));
	count = s->count;
	sock_event_again(sock, SOCK_EVENT_READABLE | SOCK_EVENT_CLOSED);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -ECONNREFUSED);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	stack_fixture_run(s->f);
	assert_int_equal(answer_take(s).flags, PACKET_SYN);
	assert_int_equal(s->count, count);
	sock_fixture_destroy(s);
}

static void
test_names(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock *a = open_stream(s), *b = open_stream(s), *c;
	struct sock_addr local, peer;

	assert_int_equal(sock_fixture_bind(a, "10.0.0.9", 80), -EADDRNOTAVAIL);
	assert_int_equal(sock_fixture_bind(a, OURS, 80), 0);
	assert_int_equal(sock_fixture_bind(a, OURS, 81), -EINVAL);
	assert_int_equal(sock_fixture_bind(b, "", 80), -EADDRINUSE);
	assert_int_equal(sock_local(a, &local), 0);
	assert_int_equal(local.port, 80);
	assert_int_equal(sock_peer(a, &peer), -ENOTCONN);
	assert_int_equal(sock_shutdown(a, SOCK_SHUTDOWN_BOTH), -ENOTCONN);
	assert_int_equal(sock_listen(a, 1), 0);
	assert_int_equal(sock_listen(a, 1), -EINVAL);
	assert_int_equal(sock_fixture_connect(a, PEER, 9), -EOPNOTSUPP);
	assert_int_equal(sock_accept(b, &c), -EINVAL);
	sock_close(a);
	assert_int_equal(sock_fixture_bind(b, "", 80), 0);
	sock_fixture_destroy(s);
}

/* A port that another worker's socket has, and one that all share. */
static void
test_ports_of_other_workers(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock_app other = { .ops = &sock_fixture_ops, .state = s };
	const struct sock_addr local = sock_fixture_addr("", 80);
	struct sock *a = open_stream(s), *b, *c;

	assert_int_equal(sock_app_start(s->f->stack->workers[1]->socks, &other, NULL), 0);
	assert_int_equal(sock_open(&other, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &b), 0);
	assert_int_equal(sock_option_set(b, SOCK_OPT_REUSEPORT, 1), 0);
	assert_int_equal(sock_bind(b, &local), 0);
	assert_int_equal(sock_fixture_bind(a, "", 80), -EADDRINUSE);
	assert_int_equal(sock_option_set(a, SOCK_OPT_REUSEPORT, 1), 0);
	assert_int_equal(sock_fixture_bind(a, "", 80), 0);
	sock_close(b);
	/* Of a port each address may be another worker's. */
	assert_int_equal(sock_open(&other, SOCK_TCP, IP_FAMILY_4, IP_VRF_DEFAULT, &b), 0);
	assert_int_equal(sock_fixture_bind(b, OURS, 81), 0);
	c = open_stream(s);
	assert_int_equal(sock_option_set(c, SOCK_OPT_FREEBIND, 1), 0);
	assert_int_equal(sock_fixture_bind(c, OURS, 81), -EADDRINUSE);
	assert_int_equal(sock_fixture_bind(c, "10.0.0.99", 81), 0);
	sock_app_stop(&other);
	sock_fixture_destroy(s);
}

static void
test_options(void **state)
{
	struct sock_fixture *s = two_workers();
	struct sock *sock = open_stream(s);
	struct tcp_info info;

	assert_int_equal(sock_option_set(sock, SOCK_OPT_CHECKSUM, 0), -ENOPROTOOPT);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_TTL, 0), -EINVAL);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_CONGESTION, 200), -EINVAL);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_KEEPALIVE_IDLE, 5000), 0);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_KEEPALIVE_IDLE), 5000);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_KEEPALIVE), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_MAXSEG, 500), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_CONGESTION, 1), 0);
	assert_int_equal(sock_tcp_info(sock, &info), -ENOTCONN);
	assert_int_equal(sock_fixture_connect(sock, PEER, 80), -EINPROGRESS);
	stack_fixture_run(s->f);
	answer_take(s);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_MAXSEG, 600), -EISCONN);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_MAXSEG), 500);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_MTU), 540);
	assert_int_equal(sock_tcp_info(sock, &info), 0);
	assert_int_equal(info.state, TCP_SYN_SENT);
	assert_string_equal(info.cc, sock_congestion_name(1));
	sock_fixture_destroy(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip_while_the_cpu_was_lost),
		cmocka_unit_test(test_segments_come_to_either_worker),
		cmocka_unit_test(test_nobody_is_there),
		cmocka_unit_test(test_connects),
		cmocka_unit_test(test_answers_come_here),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tried_again),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ports_of_other_workers),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
