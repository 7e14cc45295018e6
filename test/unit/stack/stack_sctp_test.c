/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP in a stack: packets between the pipeline and associations; these as control sees and ends them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cc/cc.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/endian.h"

#define ASSOCS 40

static struct ip_addr
addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static int
app_start(struct sock_app *app, const void *config)
{
	return 0;
}

static void
app_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
}

static const struct sock_app_ops app_ops = {
	.name = "test",
	.start = app_start,
	.events = app_events,
};

static struct sock_app apps[2]; /* a worker's each */

static struct stack_fixture *
fixture(void)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 2, .workers = 2 });

	for (unsigned worker = 0; worker < 2; worker++) {
		apps[worker] = (struct sock_app){ .ops = &app_ops };
		assert_int_equal(
			sock_app_start(f->stack->workers[worker]->socks, &apps[worker], NULL), 0);
	}
	return f;
}

static void
fixture_destroy(struct stack_fixture *f)
{
	for (unsigned worker = 0; worker < 2; worker++)
		sock_app_stop(&apps[worker]);
	stack_fixture_destroy(f);
}

/* To a port of the neighbour's, by worker 0 or 1. */
static void
connect_to(unsigned worker, uint16_t port)
{
	const bool is6 = port % 2 != 0;
	const struct sock_addr local = { .addr = addr_of(is6 ? "2001:db8::1" : "10.0.0.1"),
		.port = (uint16_t)(5000 + worker),
		.iface = PKT_IFACE_NONE };
	const struct sock_addr remote = { .addr = addr_of(is6 ? "2001:db8::2" : "10.0.0.2"),
		.port = port,
		.iface = PKT_IFACE_NONE };
	struct sock *sock;

	assert_int_equal(
		sock_open(&apps[worker], SOCK_SCTP, local.addr.family, IP_VRF_DEFAULT, &sock), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_REUSEPORT, 1), 0);
	assert_int_equal(sock_option_set(sock, SOCK_OPT_FREEBIND, 1), 0);
	assert_int_equal(sock_bind(sock, &local), 0);
	assert_int_equal(sock_connect(sock, &remote), -EINPROGRESS);
}

/* What the port sent: an INIT. @return its initiate tag */
static uint32_t
init_take(struct stack_fixture *f, bool is6)
{
	struct rte_mbuf *pkt = stack_fixture_take(f, 0);
	uint8_t frame[PACKET_MAX];
	const uint8_t *sctp = frame + 14 + (is6 ? 40 : 20);

	assert_non_null(pkt);
	packet_bytes(pkt, frame);
	rte_pktmbuf_free(pkt);
	assert_int_equal(sctp[12], SCTP_INIT);
	assert_int_equal(be32_load(sctp + 4), 0);
	return be32_load(sctp + 16);
}

/* An INIT that waits for its answer. @return our tag */
static uint32_t
begin(struct stack_fixture *f, unsigned worker, uint16_t port)
{
	uint32_t tag;

	connect_to(worker, port);
	stack_fixture_run(f);
	tag = init_take(f, port % 2 != 0);
	assert_int_equal(tag % 2, worker);
	return tag;
}

static unsigned
count(struct stack_fixture *f, const struct stack_filter *filter, unsigned max)
{
	struct stack_sctp_assoc assocs[ASSOCS];
	unsigned total = 0;

	for (unsigned worker = 0; worker < 2; worker++) {
		for (uint32_t place = 0; place != STACK_SCTP_END;) {
			unsigned n =
				stack_sctp_assocs(f->stack, worker, filter, assocs, max, &place);

			assert_in_range(n, 0, max);
			for (unsigned i = 0; i < n; i++) {
				assert_int_equal(assocs[i].worker, worker);
				assert_int_equal(assocs[i].info.state, SCTP_COOKIE_WAIT);
				assert_int_equal(assocs[i].info.path_count, 1);
				assert_int_equal(assocs[i].paths[0].mtu, 1500);
			}
			total += n;
		}
	}
	return total;
}

static unsigned
do_to(struct stack_fixture *f, const struct stack_filter *filter, enum stack_sctp_verb verb,
	const struct ip_addr *remote)
{
	unsigned total = 0;

	for (unsigned worker = 0; worker < 2; worker++) {
		for (uint32_t place = 0; place != STACK_SCTP_END;)
			total += stack_sctp_do(f->stack, worker, filter, verb, remote, &place);
	}
	return total;
}

static void
test_shown_in_pieces(void **state)
{
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct stack_fixture *f = fixture();
	uint64_t stats[SCTP_STAT_COUNT];
	struct sctp_counts counts;
	uint32_t tag = 0;

	for (unsigned i = 0; i < ASSOCS; i++)
		tag = begin(f, i / 2 % 2, (uint16_t)(1000 + i));
	assert_int_equal(count(f, &filter, ASSOCS), ASSOCS);
	assert_int_equal(count(f, &filter, 1), ASSOCS);
	filter.tag = tag;
	assert_int_equal(count(f, &filter, ASSOCS), 1);
	filter = (struct stack_filter){ .states = 1U << SCTP_ESTABLISHED };
	assert_int_equal(count(f, &filter, ASSOCS), 0);
	filter = (struct stack_filter){ .states = 1U << SCTP_COOKIE_WAIT };
	assert_int_equal(count(f, &filter, ASSOCS), ASSOCS);
	filter = (struct stack_filter){ .local_port = 5001 };
	assert_int_equal(count(f, &filter, ASSOCS), ASSOCS / 2);
	filter = (struct stack_filter){ .remote_port = 1007 };
	assert_int_equal(count(f, &filter, ASSOCS), 1);
	filter = (struct stack_filter){ .vrf = 7 };
	assert_int_equal(count(f, &filter, ASSOCS), 0);
	filter = (struct stack_filter){ 0 };
	assert_int_equal(ip_prefix_parse("10.0.0.0/24", &filter.remote), 0);
	assert_int_equal(count(f, &filter, ASSOCS), ASSOCS / 2);
	assert_int_equal(ip_prefix_parse("2001:db8::1/128", &filter.local), 0);
	assert_int_equal(count(f, &filter, ASSOCS), 0);
	stack_sctp_stats(f->stack, 2, stats, &counts);
	assert_int_equal(counts.assocs, ASSOCS);
	assert_int_equal(counts.paths, ASSOCS);
	assert_int_equal(stats[SCTP_STAT_out_sctp_packs], ASSOCS);
	stack_sctp_stats(f->stack, 1, stats, &counts);
	assert_int_equal(stats[SCTP_STAT_out_sctp_packs], ASSOCS / 2);
	fixture_destroy(f);
}

/* Whose they are: of associations, and of listeners of each worker. */
static void
test_owners(void **state)
{
	const struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	const struct sock_addr local = { .addr = addr_of("10.0.0.1"), .port = 7 };
	struct stack_fixture *f = fixture();
	struct stack_sctp_listener listeners[2];
	struct sctp_stream_info streams[4];
	struct stack_sctp_assoc assoc;
	unsigned cursor = 0;
	uint32_t place = 0;
	struct sock *sock;

	begin(f, 1, 1000);
	assert_int_equal(stack_sctp_assocs(f->stack, 1, &filter, &assoc, 1, &place), 1);
	assert_string_equal(assoc.owner.app, "test");
	assert_false(assoc.owner.many);
	assert_int_equal(stack_sctp_streams(f->stack, &assoc, &cursor, streams, 4), 0);
	/* Another has its place by now: it is not shown in its stead. */
	assoc.info.local_tag++;
	cursor = 0;
	assert_int_equal(stack_sctp_streams(f->stack, &assoc, &cursor, streams, 4), 0);
	assert_int_equal(cursor, 0);
	assert_int_equal(sock_open(&apps[1], SOCK_SCTP, IP_FAMILY_4, IP_VRF_DEFAULT, &sock), 0);
	assert_int_equal(sock_bind(sock, &local), 0);
	assert_int_equal(sock_listen(sock, 3), 0);
	assert_int_equal(stack_sctp_listeners(f->stack, 0, 0, listeners, 2), 0);
	assert_int_equal(stack_sctp_listeners(f->stack, 1, 0, listeners, 2), 1);
	assert_int_equal(stack_sctp_listeners(f->stack, 1, 1, listeners, 2), 0);
	assert_string_equal(listeners[0].app, "test");
	assert_int_equal(listeners[0].worker, 1);
	assert_int_equal(listeners[0].info.bind.port, 7);
	assert_int_equal(listeners[0].info.backlog, 3);
	fixture_destroy(f);
}

static void
test_aborted_and_shut_down_by_the_user(void **state)
{
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct stack_fixture *f = fixture();
	const struct ip_addr peer = addr_of("10.0.0.2"), other = addr_of("10.0.0.3");

	filter.tag = begin(f, 1, 1000);
	begin(f, 0, 1002);
	/* Neither is confirmed, nor established. */
	assert_int_equal(do_to(f, &filter, STACK_SCTP_PRIMARY, &other), 0);
	assert_int_equal(do_to(f, &filter, STACK_SCTP_HEARTBEAT, &peer), 0);
	assert_int_equal(do_to(f, &filter, STACK_SCTP_ABORT, NULL), 1);
	stack_fixture_run(f);
	filter = (struct stack_filter){ .vrf = STACK_VRF_ANY, .states = 1U << SCTP_COOKIE_WAIT };
	assert_int_equal(count(f, &filter, ASSOCS), 1);
	/* There is nobody yet who could be told. */
	stack_fixture_expect_silence(f);
	assert_int_equal(do_to(f, &filter, STACK_SCTP_SHUTDOWN, NULL), 1);
	fixture_destroy(f);
}

/* On its worker, which says why not. */
static void
test_changes_of_the_user(void **state)
{
	struct stack_fixture *f = fixture();
	struct stack_sctp_change change = { .verb = STACK_SCTP_STREAMS_RESET,
		.directions = SCTP_RESET_OUTGOING };

	for (unsigned worker = 0; worker < 2; worker++) {
		uint32_t tag = begin(f, worker, 1000);

		change.verb = STACK_SCTP_STREAMS_RESET;
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
		assert_int_equal(stack_sctp_change(f->stack, tag + 2, &change), -ENOENT);
		change.verb = STACK_SCTP_ASSOC_RESET;
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
		change.verb = STACK_SCTP_STREAMS_ADD;
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
		change.verb = STACK_SCTP_ADDR_ADD;
		change.addr = addr_of("10.0.0.77");
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -EADDRNOTAVAIL);
		change.addr = addr_of("10.0.0.1");
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
		change.verb = STACK_SCTP_ADDR_DELETE;
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
		change.verb = STACK_SCTP_PEER_PRIMARY;
		assert_int_equal(stack_sctp_change(f->stack, tag, &change), -ENOTCONN);
	}
	fixture_destroy(f);
}

/* By its tag, to whichever worker it comes. */
static void
test_answers_find_their_worker(void **state)
{
	static const uint8_t abort_chunk[4] = { SCTP_ABORT, 0, 0, 4 };
	struct stack_filter filter = { .states = 1U << SCTP_COOKIE_WAIT };
	struct stack_fixture *f = fixture();
	uint64_t stats[SCTP_STAT_COUNT];
	struct sctp_counts counts;

	for (unsigned worker = 0; worker < 2; worker++) {
		uint32_t tag = begin(f, worker, 1000);

		assert_int_equal(count(f, &filter, ASSOCS), 1);
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .proto = IP_PROTO_SCTP,
			.src_port = 1000, .dst_port = (uint16_t)(5000 + worker), .vtag = tag,
			.payload = abort_chunk, .payload_length = sizeof(abort_chunk));
		stack_fixture_run(f);
		assert_int_equal(count(f, &filter, ASSOCS), 0);
		stack_fixture_expect_silence(f);
	}
	/* One of them came to the other's. */
	stack_sctp_stats(f->stack, 2, stats, &counts);
	assert_int_equal(stats[SCTP_STAT_handed_over], 1);
	fixture_destroy(f);
}

/* RFC 9260 10: what is too big is the path's to know, and control's for others. */
static void
test_errors_find_their_worker(void **state)
{
	static const uint8_t quoted[20] = { 5001 >> 8, 5001 & 0xff, 1000 >> 8, 1000 & 0xff, 0, 0, 0,
		0, 0, 0, 0, 0, SCTP_INIT, 0, 0, 20 };
	struct stack_filter filter = { .vrf = STACK_VRF_ANY };
	struct stack_fixture *f = fixture();
	struct stack_sctp_assoc assoc;
	uint8_t quote[20 + sizeof(quoted)], frame[PACKET_MAX];
	uint32_t tag = begin(f, 1, 1000), place = 0;

	/* What was sent, as somebody on the way quotes it. */
	packet_write(PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .proto = IP_PROTO_SCTP,
			     .spoil = PACKET_NO_ETHER | PACKET_RAW, .payload = quoted,
			     .payload_length = sizeof(quoted)),
		frame);
	memcpy(quote, frame, sizeof(quote));
	be32_store(quote + sizeof(quote) - 4, tag);
	stack_fixture_rx(f, 0, .src = "10.0.0.3", .dst = "10.0.0.1", .icmp_type = ICMP4_UNREACHABLE,
		.icmp_code = ICMP4_FRAGMENTATION_NEEDED, .icmp_rest = 1300, .payload = quote,
		.payload_length = sizeof(quote));
	stack_fixture_run(f);
	assert_int_equal(stack_sctp_assocs(f->stack, 1, &filter, &assoc, 1, &place), 1);
	assert_int_equal(assoc.paths[0].mtu, 1300);
	/* And that nobody speaks SCTP there ends it. */
	stack_fixture_rx(f, 0, .src = "10.0.0.3", .dst = "10.0.0.1", .icmp_type = ICMP4_UNREACHABLE,
		.icmp_code = ICMP4_PROTO_UNREACHABLE, .payload = quote,
		.payload_length = sizeof(quote));
	stack_fixture_run(f);
	filter.states = 1U << SCTP_COOKIE_WAIT;
	place = 0;
	assert_int_equal(stack_sctp_assocs(f->stack, 1, &filter, &assoc, 1, &place), 0);
	fixture_destroy(f);
}

/* Answers of one packet are one: however many chunks want some. */
static void
test_an_answer_a_packet(void **state)
{
	uint8_t chunks[1200] = { 0 };
	struct stack_fixture *f = fixture();
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < 60; i++) {
		for (unsigned at = 0; at < sizeof(chunks); at += 4) {
			chunks[at] = SCTP_SHUTDOWN_ACK;
			chunks[at + 3] = 4;
		}
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .proto = IP_PROTO_SCTP,
			.vtag = 7, .payload = chunks, .payload_length = sizeof(chunks));
	}
	stack_fixture_run(f);
	for (unsigned i = 0; i < 60; i++) {
		pkt = stack_fixture_take(f, 0);
		assert_non_null(pkt);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(f);
	fixture_destroy(f);
}

static void
test_defaults(void **state)
{
	struct stack_fixture *f = fixture();
	struct sctp_settings settings = f->stack->sctp_settings;

	settings.rto_initial_ms = 2000;
	settings.cc = cc_find("cubic");
	stack_sctp_settings_set(f->stack, &settings);
	for (unsigned worker = 0; worker < 2; worker++) {
		const struct sctp_settings *now = sctp_defaults(f->stack->workers[worker]->sctp);

		assert_int_equal(now->rto_initial_ms, 2000);
		assert_ptr_equal(now->cc, settings.cc);
	}
	/* The INIT that is not answered goes again when they say. */
	stack_fixture_run(f);
	connect_to(0, 1000);
	stack_fixture_run(f);
	init_take(f, false);
	stack_fixture_advance(f, 1900);
	stack_fixture_expect_silence(f);
	stack_fixture_advance(f, 200);
	init_take(f, false);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown_in_pieces),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_aborted_and_shut_down_by_the_user),
		cmocka_unit_test(test_changes_of_the_user),
		cmocka_unit_test(test_answers_find_their_worker),
		cmocka_unit_test(test_errors_find_their_worker),
		cmocka_unit_test(test_an_answer_a_packet),
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
