/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread's ping: requests go the way of all packets, answers find their ping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/checksum.h"

/* Where the fixture's pings by port 1 come from. */
static const struct ip_addr ping_source6 = { IP_FAMILY_6,
	{ 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 1 } };

/* What came back to one ping. */
struct answers {
	unsigned count;
	struct stack_ping_answer last;
};

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
answered(void *arg, const struct stack_ping_answer *answer)
{
	struct answers *answers = arg;

	answers->count++;
	answers->last = *answer;
}

static struct stack_ping *
ping_to(struct stack_fixture *f, const char *dst, const char *iface, struct answers *answers)
{
	struct stack_ping_config config = { .size_bytes = 56, .ttl = 64 };
	struct error err = { 0 };
	struct stack_ping *ping;

	*answers = (struct answers){ 0 };
	assert_int_equal(ip_addr_parse(dst, &config.dst), 0);
	snprintf(config.iface, sizeof(config.iface), "%s", iface);
	if (stack_ping_create(f->stack, &config, answered, answers, &ping, &err) < 0)
		fail_msg("%s", err.text);
	return ping;
}

/* The identifier of the request that went out last by a port, which is freed. */
static uint16_t
take_id(struct stack_fixture *f, unsigned port, unsigned ip_length)
{
	struct rte_mbuf *pkt = stack_fixture_take(f, port);
	const uint8_t *icmp;
	uint16_t id;

	assert_non_null(pkt);
	icmp = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, ETHER_HDR_LENGTH + ip_length);
	id = (uint16_t)(icmp[4] << 8 | icmp[5]);
	rte_pktmbuf_free(pkt);
	return id;
}

static void
test_request_and_reply(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct answers answers;
	struct stack_ping *ping = ping_to(f, "10.0.1.2", "", &answers);
	struct error err = { 0 };
	uint16_t id;

	assert_int_equal(stack_ping_send(f->stack, ping, 7, &err), 0);
	stack_fixture_run(f);
	id = take_id(f, 1, IP4_HDR_LENGTH);
	assert_int_equal(stack_ping_send(f->stack, ping, 8, &err), 0);
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.1.1",
		.dst = "10.0.1.2", .icmp_type = ICMP4_ECHO_REQUEST,
		.icmp_rest = (uint32_t)id << 16 | 8, .payload_length = 56, .spoil = PACKET_ANY_ID);
	stack_fixture_advance(f, 30);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.1.1",
		.ttl = 61, .icmp_type = PACKET_ZERO, .icmp_rest = (uint32_t)id << 16 | 8,
		.payload_length = 56);
	stack_fixture_run(f);
	assert_int_equal(answers.count, 1);
	assert_int_equal(answers.last.sequence, 8);
	assert_int_equal(answers.last.ttl, 61);
	assert_int_equal(answers.last.type, ICMP4_ECHO_REPLY);
	assert_int_equal(answers.last.size_bytes, 64);
	assert_int_equal(answers.last.rtt_ns, 30000000);
	/* To somebody else's ping, or to none. */
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.1.1",
		.icmp_type = PACKET_ZERO, .icmp_rest = (id ^ 1U) << 16 | 8);
	stack_fixture_run(f);
	stack_ping_destroy(f->stack, ping);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "10.0.1.1",
		.icmp_type = PACKET_ZERO, .icmp_rest = (uint32_t)id << 16 | 8);
	stack_fixture_run(f);
	assert_int_equal(answers.count, 1);
	assert_int_equal(stack_fixture_drops(f, DROP_icmp_ignored), 2);
	assert_int_equal(stack_fixture_flow(f).forwarded, 0);
	stack_fixture_destroy(f);
}

/* Somebody on the way says that it goes no further: the request is quoted. */
static void
test_errors_find_their_ping(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct answers answers4, answers6;
	struct stack_ping *ping4, *ping6;
	struct error err = { 0 };
	uint8_t quoted[PACKET_MAX];
	uint16_t id;

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.3");
	stack_fixture_route(f, "2001:db8:9::/48", "2001:db8:1::3");
	ping4 = ping_to(f, "192.0.2.1", "", &answers4);
	ping6 = ping_to(f, "2001:db8:9::1", "", &answers6);
	assert_int_equal(stack_ping_send(f->stack, ping4, 1, &err), 0);
	stack_fixture_run(f);
	id = take_id(f, 1, IP4_HDR_LENGTH);
	packet_write(PACKET(.src = "10.0.1.1", .dst = "192.0.2.1", .icmp_type = ICMP4_ECHO_REQUEST,
			     .icmp_rest = (uint32_t)id << 16 | 1, .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.3", .dst = "10.0.1.1",
		.icmp_type = ICMP4_TIME_EXCEEDED, .payload = quoted, .payload_length = 28);
	/* One byte less is not enough to tell whose it is. */
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.3", .dst = "10.0.1.1",
		.icmp_type = ICMP4_TIME_EXCEEDED, .payload = quoted, .payload_length = 27);
	assert_int_equal(stack_ping_send(f->stack, ping6, 2, &err), 0);
	stack_fixture_run(f);
	id = take_id(f, 1, IP6_HDR_LENGTH);
	packet_write(PACKET(.src = "2001:db8:1::1", .dst = "2001:db8:9::1",
			     .icmp_type = ICMP6_ECHO_REQUEST, .icmp_rest = (uint32_t)id << 16 | 2,
			     .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::3",
		.dst = "2001:db8:1::1", .icmp_type = ICMP6_UNREACHABLE,
		.icmp_code = ICMP6_ADDR_UNREACHABLE, .payload = quoted, .payload_length = 48);
	stack_fixture_run(f);
	assert_int_equal(answers4.count, 1);
	assert_int_equal(answers4.last.type, ICMP4_TIME_EXCEEDED);
	assert_int_equal(answers4.last.sequence, 1);
	assert_int_equal(answers6.count, 1);
	assert_int_equal(answers6.last.type, ICMP6_UNREACHABLE);
	assert_int_equal(answers6.last.code, ICMP6_ADDR_UNREACHABLE);
	assert_int_equal(stack_fixture_drops(f, DROP_icmp_ignored), 1);
	stack_ping_destroy(f->stack, ping4);
	stack_ping_destroy(f->stack, ping6);
	stack_fixture_destroy(f);
}

/* A large request goes in fragments: the first is known by what it quotes, the others are not. */
static void
test_errors_about_fragments(void **state)
{
	static const uint8_t first[] = { IP_PROTO_ICMP6, 0, 0, 1, 0, 0, 0, 1 };
	static const uint8_t second[] = { IP_PROTO_ICMP6, 0, 5, 0xa9, 0, 0, 0, 1 };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct answers answers4, answers6;
	struct stack_ping *ping4, *ping6;
	uint16_t id4, id6;

	ping4 = ping_to(f, "10.0.1.2", "", &answers4);
	ping6 = ping_to(f, "2001:db8:1::2", "", &answers6);
	assert_int_equal(stack_ping_send(f->stack, ping4, 1, NULL), 0);
	stack_fixture_run(f);
	id4 = take_id(f, 1, IP4_HDR_LENGTH);
	assert_int_equal(stack_ping_send(f->stack, ping6, 1, NULL), 0);
	stack_fixture_run(f);
	id6 = take_id(f, 1, IP6_HDR_LENGTH);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t quoted[PACKET_MAX];
		size_t length;

		length = packet_write(
			PACKET(.src = "10.0.1.1", .dst = "10.0.1.2",
				.frag = i == 0 ? IP4_FRAG_MF : IP4_FRAG_MF | 181,
				.icmp_type = ICMP4_ECHO_REQUEST,
				.icmp_rest = (uint32_t)id4 << 16 | 1, .spoil = PACKET_NO_ETHER),
			quoted);
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.3",
			.dst = "10.0.1.1", .icmp_type = ICMP4_UNREACHABLE, .payload = quoted,
			.payload_length = (uint16_t)length);
		length = packet_write(
			PACKET(.src = "2001:db8:1::1", .dst = "2001:db8:1::2",
				.options = i == 0 ? first : second, .options_length = sizeof(first),
				.next_header = IP_PROTO_FRAGMENT, .icmp_type = ICMP6_ECHO_REQUEST,
				.icmp_rest = (uint32_t)id6 << 16 | 1, .spoil = PACKET_NO_ETHER),
			quoted);
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::3",
			.dst = "2001:db8:1::1", .icmp_type = ICMP6_UNREACHABLE, .payload = quoted,
			.payload_length = (uint16_t)length);
		stack_fixture_run(f);
		assert_int_equal(answers4.count, 1);
		assert_int_equal(answers6.count, 1);
	}
	stack_ping_destroy(f->stack, ping4);
	stack_ping_destroy(f->stack, ping6);
	stack_fixture_destroy(f);
}

/* Out by the interface that is said, to whom has no route. */
static void
test_link_local(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	struct answers answers;
	struct stack_ping *ping;
	struct error err = { 0 };
	uint16_t id;

	stack_fixture_neigh(f, "p1", "fe80::99", "02:00:00:00:09:01");
	stack_fixture_neigh(f, "p2", "fe80::99", "02:00:00:00:09:02");
	ping = ping_to(f, "fe80::99", "p2", &answers);
	assert_int_equal(stack_ping_send(f->stack, ping, 1, &err), 0);
	stack_fixture_run(f);
	id = take_id(f, 2, IP6_HDR_LENGTH);
	stack_fixture_rx(f, 2, .eth_dst = "02:00:00:00:01:02", .src = "fe80::99",
		.dst = "fe80::ff:fe00:102", .icmp_type = ICMP6_ECHO_REPLY,
		.icmp_rest = (uint32_t)id << 16 | 1);
	stack_fixture_run(f);
	assert_int_equal(answers.count, 1);
	stack_ping_destroy(f->stack, ping);
	stack_fixture_destroy(f);
}

/* A ping to who does not answer ARP: no error to ourselves, the request is just gone. */
static void
test_unresolvable(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct answers answers;
	struct stack_ping *ping = ping_to(f, "10.0.1.99", "", &answers);
	struct error err = { 0 };

	assert_int_equal(stack_ping_send(f->stack, ping, 1, &err), 0);
	stack_fixture_advance(f, 5000);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_failed), 1);
	assert_int_equal(answers.count, 0);
	stack_ping_destroy(f->stack, ping);
	stack_fixture_destroy(f);
}

/* @return frames that a ping of this size is sent in; -errno if it is refused */
static int
frames_of(struct stack_fixture *f, const char *dst, uint16_t size, bool df)
{
	struct stack_ping_config config = { .ttl = 64, .size_bytes = size, .df = df };
	struct error err = { 0 };
	struct stack_ping *ping;
	struct answers answers;
	struct rte_mbuf *pkt;
	int rc, frames = 0;

	assert_int_equal(ip_addr_parse(dst, &config.dst), 0);
	rc = stack_ping_create(f->stack, &config, answered, &answers, &ping, &err);
	if (rc == 0) {
		rc = stack_ping_send(f->stack, ping, 1, &err);
		stack_ping_destroy(f->stack, ping);
	}
	assert_int_equal(rc < 0, err.text[0] != '\0');
	stack_fixture_run(f);
	for (; (pkt = stack_fixture_take(f, 1)) != NULL; frames++)
		rte_pktmbuf_free(pkt);
	assert_int_equal(rc < 0 ? frames : 0, 0);
	return rc < 0 ? rc : frames;
}

/* What is too big for the link is cut, up to what a datagram can be; with df it is refused. */
static void
test_sizes(void **state)
{
	static const struct {
		uint16_t size;
		int frames4, frames6;
	} cases[] = { { 0, 1, 1 }, { 1452, 1, 1 }, { 1453, 1, 2 }, { 1472, 1, 2 }, { 1473, 2, 2 },
		{ 2020, 2, 2 }, { 2021, 2, 2 }, { 65507, 45, 46 }, { 65508, -EMSGSIZE, 46 },
		{ 65527, -EMSGSIZE, 46 }, { 65528, -EMSGSIZE, -EMSGSIZE },
		{ 65535, -EMSGSIZE, -EMSGSIZE } };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		assert_int_equal(frames_of(f, "10.0.1.2", cases[i].size, false), cases[i].frames4);
		assert_int_equal(
			frames_of(f, "2001:db8:1::2", cases[i].size, false), cases[i].frames6);
	}
	assert_int_equal(frames_of(f, "10.0.1.2", 1472, true), 1);
	assert_int_equal(frames_of(f, "10.0.1.2", 1473, true), -EMSGSIZE);
	assert_int_equal(frames_of(f, "2001:db8:1::2", 1452, true), 1);
	assert_int_equal(frames_of(f, "2001:db8:1::2", 1453, true), -EMSGSIZE);
	stack_fixture_destroy(f);
}

/* Nor larger than the path is known to be. */
static void
test_size_of_the_path(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct ip_addr dst;

	assert_int_equal(ip_addr_parse("10.0.1.2", &dst), 0);
	ip_pmtu_insert(&f->stack->pmtu, IP_VRF_DEFAULT, &dst, 1300, f->now_ns);
	assert_int_equal(frames_of(f, "10.0.1.2", 1272, true), 1);
	assert_int_equal(frames_of(f, "10.0.1.2", 1273, true), -EMSGSIZE);
	assert_int_equal(frames_of(f, "10.0.1.2", 1273, false), 2);
	stack_fixture_destroy(f);
}

/* Data over several buffers: the checksum is over all of them, and the bytes go on counting. */
static void
test_segments(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	static const char *const dsts[] = { "10.0.1.2", "2001:db8:1::2" };
	static uint8_t data[5000];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (unsigned i = 0; i < RTE_DIM(dsts); i++) {
		struct stack_ping_config config = { .ttl = 64, .size_bytes = sizeof(data) };
		unsigned hdr_length = i == 0 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
		unsigned headers = hdr_length + (i == 0 ? 0 : IP6_FRAG_HDR_LENGTH);
		uint8_t message[ICMP_HDR_LENGTH + sizeof(data)];
		struct stack_ping *ping;
		struct rte_mbuf *pkt;
		uint32_t length = 0;
		uint64_t sum;

		assert_int_equal(ip_addr_parse(dsts[i], &config.dst), 0);
		assert_int_equal(
			stack_ping_create(f->stack, &config, answered, NULL, &ping, NULL), 0);
		assert_int_equal(stack_ping_send(f->stack, ping, 1, NULL), 0);
		stack_fixture_run(f);
		while ((pkt = stack_fixture_take(f, 1)) != NULL) {
			uint32_t part = pkt->pkt_len - ETHER_HDR_LENGTH - headers;

			assert_true(length + part <= sizeof(message));
			pkt_copy_out(pkt, ETHER_HDR_LENGTH + headers, part, message + length);
			length += part;
			rte_pktmbuf_free(pkt);
		}
		assert_int_equal(length, sizeof(message));
		assert_memory_equal(message + ICMP_HDR_LENGTH, data, sizeof(data));
		sum = i == 0 ? 0
			     : checksum_pseudo(&ping_source6, &config.dst, IP_PROTO_ICMP6, length);
		assert_int_equal(checksum_fold(checksum_add(sum, message, length)), 0xffff);
		stack_ping_destroy(f->stack, ping);
	}
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *dst, *source, *iface;
		int rc;
	} cases[] = { { "224.0.0.1", NULL, "", -EINVAL }, { "ff02::1", NULL, "p0", -EINVAL },
		{ "10.0.1.2", "2001:db8::1", "", -EINVAL },
		{ "10.0.1.2", "10.0.1.3", "", -EADDRNOTAVAIL }, { "fe80::2", NULL, "", -EINVAL },
		{ "fe80::2", NULL, "nope", -ENOENT }, { "192.0.2.1", NULL, "", -ENETUNREACH },
		{ "10.0.0.1", NULL, "", -ENETUNREACH }, { "10.0.0.255", NULL, "", -ENETUNREACH } };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct stack_ping *ping;

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct stack_ping_config config = { .ttl = 64 };
		struct error err = { 0 };

		assert_int_equal(ip_addr_parse(cases[i].dst, &config.dst), 0);
		if (cases[i].source != NULL)
			assert_int_equal(ip_addr_parse(cases[i].source, &config.source), 0);
		snprintf(config.iface, sizeof(config.iface), "%s", cases[i].iface);
		assert_int_equal(stack_ping_create(f->stack, &config, answered, NULL, &ping, &err),
			cases[i].rc);
		assert_string_not_equal(err.text, "");
	}
	stack_fixture_destroy(f);
}

/* RFC 6437 3: a label that is not zero, and the same for all requests of one ping. */
static void
test_flow_label(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	uint32_t labels[2] = { 0 };
	struct answers answers;
	struct stack_ping *ping = ping_to(f, "2001:db8:1::2", "", &answers);

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *pkt;
		const uint8_t *ip;

		assert_int_equal(stack_ping_send(f->stack, ping, (uint16_t)i, NULL), 0);
		stack_fixture_run(f);
		pkt = stack_fixture_take(f, 1);
		assert_non_null(pkt);
		ip = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, ETHER_HDR_LENGTH);
		assert_int_equal(ip[0], 0x60);
		assert_int_equal(ip[1] & 0xf0, 0);
		labels[i] = (ip[1] & 0xfU) << 16 | (uint32_t)ip[2] << 8 | ip[3];
		rte_pktmbuf_free(pkt);
	}
	assert_int_not_equal(labels[0], 0);
	assert_int_equal(labels[0], labels[1]);
	stack_ping_destroy(f->stack, ping);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_and_reply),
		cmocka_unit_test(test_errors_find_their_ping),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_unresolvable),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_size_of_the_path),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_errors_about_fragments),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_flow_label),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
