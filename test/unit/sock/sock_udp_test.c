/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of UDP as applications use them, in a whole stack: names, data both ways, options, errors. */
#include "unit/sock/sock_fixture.h"

#include "wire/udp.h"

/* The neighbours that ask, and our address on the second port. */
#define HOST0 "02:00:00:00:02:00"
#define HOST1 "02:00:00:00:02:01"
#define OURS1 "02:00:00:00:01:01"

static const uint8_t hello[] = "hello";
#define HELLO 5

static void
test_datagrams_both_ways(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_6);
	struct sock_addr from;
	char data[16];

	sock_user_set(sock, &from);
	assert_int_equal(sock_fixture_bind(sock, "", 53), 0);
	stack_fixture_rx(s->f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .payload = hello,
		.payload_length = HELLO);
	stack_fixture_rx(s->f, 1, .eth_dst = OURS1, .src = "2001:db8:1::2", .dst = "2001:db8:1::1",
		.payload = hello, .payload_length = HELLO);
	stack_fixture_run(s->f);
	assert_int_equal(s->count, 1);
	assert_ptr_equal(s->events[0].sock, sock);
	assert_ptr_equal(s->events[0].user, &from);
	assert_int_equal(s->events[0].events, SOCK_EVENT_READABLE);

	assert_int_equal(sock_receive(sock, data, sizeof(data), &from), HELLO);
	assert_memory_equal(data, hello, HELLO);
	assert_int_equal(from.port, 4000);
	assert_int_equal(sock_fixture_send(sock, "world", "10.0.0.2", 4000), 5);
	/* The rest of a datagram that does not fit is lost. */
	assert_int_equal(sock_receive(sock, data, 2, &from), 2);
	assert_int_equal(sock_send(sock, "world", 5, &from), 5);
	assert_int_equal(sock_receive(sock, data, sizeof(data), &from), -EAGAIN);
	stack_fixture_run(s->f);
	stack_fixture_expect(s->f, 0, .eth_dst = HOST0, .src = "10.0.0.1", .dst = "10.0.0.2",
		.src_port = 53, .dst_port = 4000, .frag = IP4_FRAG_DF,
		.payload = (const uint8_t *)"world", .payload_length = 5, .spoil = PACKET_ANY_ID);
	stack_fixture_expect(s->f, 1, .eth_dst = HOST1, .src = "2001:db8:1::1",
		.dst = "2001:db8:1::2", .src_port = 53, .dst_port = 4000,
		.payload = (const uint8_t *)"world", .payload_length = 5);
	stack_fixture_expect_silence(s->f);
	sock_fixture_destroy(s);
}

/* What was received is sent on as it is: from the address that it came to. */
static void
test_messages_are_lent_and_handed_over(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct sock_msg msgs[SOCK_BATCH];

	assert_int_equal(sock_fixture_bind(sock, "", 7), 0);
	for (unsigned i = 0; i < 3; i++)
		stack_fixture_rx(s->f, 0, .src = "10.0.0.2", .dst = "10.0.1.1", .dst_port = 7,
			.src_port = (uint16_t)(5000 + i), .payload_length = 100);
	stack_fixture_run(s->f);
	assert_int_equal(sock_receive_msgs(sock, msgs, 2), 2);
	assert_int_equal(msgs[0].pkt->pkt_len, 100);
	assert_int_equal(sock_receive_msgs(sock, msgs + 2, SOCK_BATCH - 2), 1);
	assert_int_equal(sock_send_msgs(sock, msgs, 3), 3);
	stack_fixture_run(s->f);
	for (unsigned i = 0; i < 3; i++)
		stack_fixture_expect(s->f, 0, .eth_dst = HOST0, .src = "10.0.1.1",
			.dst = "10.0.0.2", .src_port = 7, .dst_port = (uint16_t)(5000 + i),
			.frag = IP4_FRAG_DF, .payload_length = 100, .spoil = PACKET_ANY_ID);
	sock_fixture_destroy(s);
}

static void
test_names(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *a = sock_fixture_open(s, IP_FAMILY_4), *b = sock_fixture_open(s, IP_FAMILY_4);
	struct sock *c = sock_fixture_open(s, IP_FAMILY_6);
	struct sock_addr local, peer;

	assert_int_equal(sock_local(a, &local), 0);
	assert_int_equal(local.port, 0);
	assert_int_equal(sock_peer(a, &peer), -ENOTCONN);
	assert_int_equal(sock_fixture_bind(a, "10.0.0.9", 53), -EADDRNOTAVAIL);
	assert_int_equal(sock_fixture_bind(a, "2001:db8:0::1", 53), -EAFNOSUPPORT);
	assert_int_equal(sock_fixture_bind(a, "10.0.0.1", 53), 0);
	assert_int_equal(sock_fixture_bind(a, "10.0.0.1", 54), -EINVAL);
	assert_int_equal(sock_fixture_bind(b, "", 53), -EADDRINUSE);
	assert_int_equal(sock_fixture_bind(b, "10.0.1.1", 53), 0);
	assert_int_equal(sock_option_set(c, SOCK_OPT_FREEBIND, 1), 0);
	assert_int_equal(sock_fixture_bind(c, "2001:db8:77::1", 53), 0);

	assert_int_equal(sock_fixture_connect(a, "10.0.1.2", 99), 0);
	assert_int_equal(sock_peer(a, &peer), 0);
	assert_int_equal(peer.port, 99);
	assert_int_equal(sock_fixture_connect(a, "", 0), 0);
	assert_int_equal(sock_peer(a, &peer), -ENOTCONN);
	assert_int_equal(sock_local(a, &local), 0);
	assert_int_equal(local.port, 53);
	sock_fixture_destroy(s);
}

/* Connected: from the address of the way there, from a port that nobody else has. */
static void
test_connected(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct sock_addr local;
	char data[16];

	assert_int_equal(sock_fixture_send(sock, "x", "", 0), -EDESTADDRREQ);
	assert_int_equal(sock_fixture_connect(sock, "192.0.2.1", 53), -ENETUNREACH);
	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 0), -EINVAL);
	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	assert_int_equal(sock_local(sock, &local), 0);
	assert_int_equal(local.addr.bytes[2], 1);
	assert_in_range(local.port, 32768, 60999);
	assert_int_equal(sock_fixture_send(sock, "hello", "", 0), HELLO);
	stack_fixture_rx(s->f, 1, .eth_dst = OURS1, .src = "10.0.1.2", .dst = "10.0.1.1",
		.src_port = 53, .dst_port = local.port, .payload = hello, .payload_length = HELLO);
	stack_fixture_run(s->f);
	stack_fixture_expect(s->f, 1, .eth_dst = HOST1, .src = "10.0.1.1", .dst = "10.0.1.2",
		.dst_port = 53, .src_port = local.port, .frag = IP4_FRAG_DF, .payload = hello,
		.payload_length = HELLO, .spoil = PACKET_ANY_ID);
	/* Nobody else's are heard. */
	stack_fixture_rx(s->f, 1, .eth_dst = OURS1, .src = "10.0.1.3", .dst = "10.0.1.1",
		.src_port = 53, .dst_port = local.port);
	stack_fixture_run(s->f);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), HELLO);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), -EAGAIN);
	assert_int_equal(stack_fixture_drops(s->f, DROP_ip4_no_port), 1);
	sock_fixture_destroy(s);
}

/* RFC 1122 4.1.3.3: a refusal comes by the next call, once. */
static void
test_refused(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct sock_addr local;
	uint8_t quoted[PACKET_MAX];
	size_t length;
	char data[16];

	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	sock_local(sock, &local);
	length = packet_write(PACKET(.src = "10.0.1.1", .dst = "10.0.1.2", .src_port = local.port,
				      .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(s->f, 1, .eth_dst = OURS1, .src = "10.0.1.2", .dst = "10.0.1.1",
		.icmp_type = ICMP4_UNREACHABLE, .icmp_code = ICMP4_PORT_UNREACHABLE,
		.payload = quoted, .payload_length = (uint16_t)length);
	stack_fixture_run(s->f);
	assert_int_equal(s->events[0].events, SOCK_EVENT_ERROR);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), -ECONNREFUSED);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), -EAGAIN);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_ERROR), 0);
	sock_fixture_destroy(s);
}

/* The path's MTU as a router has told it: from then on cut, or refused. */
static void
test_path_mtu(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	static const uint8_t data[1400];
	uint8_t quoted[PACKET_MAX];
	struct sock_addr local;
	struct rte_mbuf *pkt;

	assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_DO), 0);
	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_MTU), 1500);
	assert_int_equal(sock_send(sock, data, sizeof(data), NULL), sizeof(data));
	stack_fixture_run(s->f);
	pkt = stack_fixture_take(s->f, 1);
	assert_non_null(pkt);
	rte_pktmbuf_free(pkt);
	sock_local(sock, &local);
	packet_write(PACKET(.src = "10.0.1.1", .dst = "10.0.1.2", .src_port = local.port,
			     .payload_length = sizeof(data), .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(s->f, 1, .eth_dst = OURS1, .src = "10.0.1.2", .dst = "10.0.1.1",
		.icmp_type = ICMP4_UNREACHABLE, .icmp_code = ICMP4_FRAGMENTATION_NEEDED,
		.icmp_rest = 1000, .payload = quoted, .payload_length = 28);
	stack_fixture_run(s->f);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_MTU), 1000);
	assert_int_equal(sock_fixture_option(sock, SOCK_OPT_ERROR), EMSGSIZE);
	assert_int_equal(sock_send(sock, data, 972, NULL), 972);
	assert_int_equal(sock_send(sock, data, 973, NULL), -EMSGSIZE);
	stack_fixture_run(s->f);
	rte_pktmbuf_free(stack_fixture_take(s->f, 1));

	/* Cut here: the checksum, which the port was to make, is in the first piece. */
	assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_WANT), 0);
	assert_int_equal(sock_send(sock, data, sizeof(data), NULL), sizeof(data));
	stack_fixture_run(s->f);
	pkt = stack_fixture_take(s->f, 1);
	assert_non_null(pkt);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
	assert_memory_not_equal(
		rte_pktmbuf_mtod_offset(pkt, uint8_t *, 14 + 20 + UDP_CHECKSUM_FIELD), "\0\0", 2);
	rte_pktmbuf_free(pkt);
	pkt = stack_fixture_take(s->f, 1);
	assert_non_null(pkt);
	rte_pktmbuf_free(pkt);
	stack_fixture_expect_silence(s->f);
	sock_fixture_destroy(s);
}

/* By a route into another VRF answers would not come back to an address that is there. */
static void
test_leaked_route(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct stack_route *leak = calloc(1, sizeof(*leak));
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct stack *stack = s->f->stack;
	struct rte_mbuf *pkt;

	assert_non_null(leak);
	assert_int_equal(stack_vrf_add(stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(stack, "red", &leak->paths[0].vrf, NULL), 0);
	assert_int_equal(stack_iface_set_vrf(stack, "p1", leak->paths[0].vrf, NULL), 0);
	stack_fixture_neigh(s->f, "p1", "10.0.1.2", HOST1);
	assert_int_equal(ip_prefix_parse("172.16.0.0/12", &leak->prefix), 0);
	assert_int_equal(ip_addr_parse("10.0.1.2", &leak->paths[0].gateway), 0);
	leak->paths[0].weight = leak->path_count = 1;
	leak->paths[0].leaked = true;
	assert_int_equal(stack_route_add(stack, leak, false, NULL), 0);
	free(leak);

	assert_int_equal(sock_fixture_connect(sock, "172.16.0.1", 53), -EADDRNOTAVAIL);
	assert_int_equal(sock_fixture_send(sock, "x", "172.16.0.1", 53), -EADDRNOTAVAIL);
	/* Who names an address means it. */
	sock_close(sock);
	sock = sock_fixture_open(s, IP_FAMILY_4);
	assert_int_equal(sock_fixture_bind(sock, "10.0.0.1", 53), 0);
	assert_int_equal(sock_fixture_send(sock, "x", "172.16.0.1", 53), 1);
	stack_fixture_run(s->f);
	pkt = stack_fixture_take(s->f, 1);
	assert_non_null(pkt);
	rte_pktmbuf_free(pkt);
	sock_fixture_destroy(s);
}

/* RFC 4007 9: it leaves by the link that it is of, or not at all. */
static void
test_link_local_source(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_6);
	struct sock_addr local = sock_fixture_addr("fe80::ff:fe00:100", 53);
	struct sock_addr peer = sock_fixture_addr("fe80::9", 53);

	local.iface = iface_lookup(s->f->stack->ifaces, "p0")->index;
	assert_int_equal(sock_bind(sock, &local), 0);
	assert_int_equal(sock_fixture_send(sock, "x", "2001:db8::2", 53), 1);
	assert_int_equal(sock_fixture_send(sock, "x", "2001:db8:1::2", 53), -ENETUNREACH);
	peer.iface = iface_lookup(s->f->stack->ifaces, "p1")->index;
	assert_int_equal(sock_send(sock, "x", 1, &peer), -ENETUNREACH);
	assert_int_equal(sock_connect(sock, &peer), -ENETUNREACH);
	peer.iface = local.iface;
	assert_int_equal(sock_connect(sock, &peer), 0);
	stack_fixture_run(s->f);
	rte_pktmbuf_free(stack_fixture_take(s->f, 0));
	stack_fixture_expect_silence(s->f);
	sock_fixture_destroy(s);
}

/* One packet of so many bytes is sent, and no more. */
static void
expect_length(struct sock_fixture *s, uint32_t length)
{
	struct rte_mbuf *pkt = stack_fixture_take(s->f, 1);

	assert_non_null(pkt);
	assert_int_equal(pkt->pkt_len, ETHER_HDR_LENGTH + length);
	rte_pktmbuf_free(pkt);
	stack_fixture_expect_silence(s->f);
}

/* A probe is to find out whether a path carries more by now: RFC 8899 4.1. */
static void
test_probe(void **state)
{
	static const char *const peers[] = { "10.0.1.2", "2001:db8:1::2" };
	static const uint8_t data[1500];
	struct sock_fixture *s = sock_fixture_two_ports();

	for (unsigned i = 0; i < 2; i++) {
		const struct sock_addr peer = sock_fixture_addr(peers[i], 53);
		struct sock *sock = sock_fixture_open(s, peer.addr.family);

		assert_int_equal(sock_connect(sock, &peer), 0);
		ip_pmtu_insert(&s->f->stack->pmtu, IP_VRF_DEFAULT, &peer.addr, 1300, s->f->now_ns);
		assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_PROBE), 0);
		assert_int_equal(sock_send(sock, data, 1400, NULL), 1400);
		assert_int_equal(sock_send(sock, data, 1500, NULL), -EMSGSIZE);
		stack_fixture_run(s->f);
		expect_length(s, 1400 + (i == 0 ? 28 : 48));
		/* Others may become too big on their way to output. */
		ip_pmtu_flush(&s->f->stack->pmtu);
		assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_DO), 0);
		assert_int_equal(sock_send(sock, data, 1400, NULL), 1400);
		ip_pmtu_insert(&s->f->stack->pmtu, IP_VRF_DEFAULT, &peer.addr, 1300, s->f->now_ns);
		stack_fixture_run(s->f);
		stack_fixture_expect_silence(s->f);
	}
	assert_int_equal(stack_fixture_drops(s->f, DROP_ip4_too_big), 1);
	assert_int_equal(stack_fixture_drops(s->f, DROP_ip6_too_big), 1);
	sock_fixture_destroy(s);
}

/* As UDP_SEGMENT of Linux does: one call, many datagrams. */
static void
test_segments(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	static const uint8_t data[2500];
	static const uint16_t lengths[] = { 1000, 1000, 500 };

	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_SEGMENT, 1000), 0);
	assert_int_equal(sock_send(sock, data, sizeof(data), NULL), sizeof(data));
	stack_fixture_run(s->f);
	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		struct rte_mbuf *pkt = stack_fixture_take(s->f, 1);

		assert_non_null(pkt);
		assert_int_equal(pkt->pkt_len, 14 + 20 + 8 + lengths[i]);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(s->f);
	sock_fixture_destroy(s);
}

/* The same of packets that are handed over: all of it, or nothing. */
static void
test_packets_are_segmented(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct sock_msg msg = { 0 };
	static uint8_t data[2500];
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_SEGMENT, 1000), 0);
	msg.pkt = test_mbuf_chain(data, sizeof(data), 700);
	assert_int_equal(sock_send_msgs(sock, &msg, 1), 1);
	stack_fixture_run(s->f);
	for (unsigned from = 0; from < sizeof(data); from += 1000) {
		const uint32_t length = RTE_MIN(1000U, (unsigned)sizeof(data) - from);

		pkt = stack_fixture_take(s->f, 1);
		assert_non_null(pkt);
		assert_int_equal(pkt->nb_segs, 1);
		assert_int_equal(pkt->pkt_len, 14 + 20 + 8 + length);
		assert_memory_equal(
			rte_pktmbuf_mtod_offset(pkt, uint8_t *, 14 + 20 + 8), data + from, length);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(s->f);

	msg.pkt = test_mbuf_chain(data, sizeof(data), 700);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_SEGMENT, 39), 0);
	assert_int_equal(sock_send_msgs(sock, &msg, 1), -EMSGSIZE);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_SEGMENT, 1600), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_DO), 0);
	assert_int_equal(sock_send_msgs(sock, &msg, 1), -EMSGSIZE);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_SEGMENT, 40), 0);
	for (unsigned i = 0; i < PKT_QUEUE_SIZE - 62; i++)
		assert_int_equal(sock_send(sock, "x", 1, NULL), 1);
	assert_int_equal(sock_send_msgs(sock, &msg, 1), -EAGAIN);
	stack_fixture_run(s->f);
	while ((pkt = stack_fixture_take(s->f, 1)) != NULL)
		rte_pktmbuf_free(pkt);
	assert_int_equal(sock_send_msgs(sock, &msg, 1), 1);
	stack_fixture_run(s->f);
	for (unsigned i = 0; i < 63; i++)
		rte_pktmbuf_free(stack_fixture_take(s->f, 1));
	stack_fixture_expect_silence(s->f);
	sock_fixture_destroy(s);
}

static void
test_options(void **state)
{
	static const struct {
		enum sock_option option;
		int64_t value;
		int rc;
	} cases[] = {
		{ SOCK_OPT_TTL, 0, -EINVAL },
		{ SOCK_OPT_TTL, 256, -EINVAL },
		{ SOCK_OPT_TTL, 3, 0 },
		{ SOCK_OPT_TOS, 0xb8, 0 },
		{ SOCK_OPT_TOS, -1, -EINVAL },
		{ SOCK_OPT_PMTU, SOCK_PMTU_PROBE, 0 },
		{ SOCK_OPT_PMTU, SOCK_PMTU_PROBE + 1, -EINVAL },
		{ SOCK_OPT_RECEIVE_BUFFER, 0, -EINVAL },
		{ SOCK_OPT_RECEIVE_BUFFER, 100000, 0 },
		{ SOCK_OPT_CHECKSUM, 0, 0 },
		{ SOCK_OPT_ERROR, 0, -ENOPROTOOPT },
		{ SOCK_OPT_MTU, 1000, -ENOPROTOOPT },
		{ SOCK_OPT_COUNT, 0, -ENOPROTOOPT },
		{ SOCK_OPT_REUSEPORT, 1, 0 },
	};
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		assert_int_equal(
			sock_option_set(sock, cases[i].option, cases[i].value), cases[i].rc);
		if (cases[i].rc == 0)
			assert_int_equal(
				sock_fixture_option(sock, cases[i].option), cases[i].value);
	}
	assert_int_equal(sock_fixture_bind(sock, "", 53), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_REUSEPORT, 0), -EINVAL);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_PMTU, SOCK_PMTU_WANT), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_CHECKSUM, 1), 0);
	assert_int_equal(sock_fixture_send(sock, "hello", "10.0.0.2", 9), HELLO);
	stack_fixture_run(s->f);
	stack_fixture_expect(s->f, 0, .eth_dst = HOST0, .src = "10.0.0.1", .dst = "10.0.0.2",
		.src_port = 53, .dst_port = 9, .ttl = 3, .tos = 0xb8, .frag = IP4_FRAG_DF,
		.payload = hello, .payload_length = HELLO, .spoil = PACKET_ANY_ID);
	sock_fixture_destroy(s);
}

static void
test_shutdown(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	char data[16];

	assert_int_equal(sock_shutdown(sock, SOCK_SHUTDOWN_BOTH), -ENOTCONN);
	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	assert_int_equal(sock_shutdown(sock, SOCK_SHUTDOWN_WRITE), 0);
	assert_int_equal(sock_fixture_send(sock, "x", "", 0), -EPIPE);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), -EAGAIN);
	assert_int_equal(sock_shutdown(sock, SOCK_SHUTDOWN_READ), 0);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), 0);
	assert_int_equal(sock_listen(sock, 1), -EOPNOTSUPP);
	assert_int_equal(sock_accept(sock, &sock), -EOPNOTSUPP);
	sock_fixture_destroy(s);
}

/* More than the output holds: who was refused is told when there is room. */
static void
test_full_output(void **state)
{
	struct sock_fixture *s = sock_fixture_two_ports();
	struct sock *sock = sock_fixture_open(s, IP_FAMILY_4);
	struct rte_mbuf *pkt;
	unsigned sent = 0, left = 0;
	int64_t rc;

	assert_int_equal(sock_fixture_connect(sock, "10.0.1.2", 53), 0);
	while ((rc = sock_send(sock, "x", 1, NULL)) == 1)
		sent++;
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(sent, PKT_QUEUE_SIZE);
	stack_fixture_run(s->f);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->events[0].events, SOCK_EVENT_WRITABLE);
	while ((pkt = stack_fixture_take(s->f, 1)) != NULL) {
		rte_pktmbuf_free(pkt);
		left++;
	}
	assert_int_equal(left, PKT_QUEUE_SIZE - stack_fixture_drops(s->f, DROP_tx_queue_full));
	sock_fixture_destroy(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datagrams_both_ways),
		cmocka_unit_test(test_messages_are_lent_and_handed_over),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_connected),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_path_mtu),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_leaked_route),
		cmocka_unit_test(test_link_local_source),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_packets_are_segmented),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_full_output),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
