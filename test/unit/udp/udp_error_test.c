/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors: whose they are, what they mean to whom, and those that somebody made up. */
#include "unit/udp/udp_fixture.h"

#include "wire/icmp.h"

#define US   "10.0.0.1"
#define PEER "10.0.0.2"

/* An error about a datagram; what is quoted can be cut. */
struct report {
	struct packet about;
	uint8_t type, code;
	uint32_t rest;
	uint16_t quoted; /* bytes; 0: all */
};

static struct rte_mbuf *
tell(struct udp_fixture *f, unsigned worker, const struct report *report)
{
	bool is6 = strchr(report->about.src, ':') != NULL;
	struct packet about = report->about;
	uint8_t quoted[PACKET_MAX];
	size_t length;
	struct rte_mbuf *pkt;

	about.spoil |= PACKET_NO_ETHER;
	length = packet_write(&about, quoted);
	if (report->quoted != 0)
		length = report->quoted;
	pkt = udp_fixture_add(f,
		PACKET(.src = is6 ? "2001:db8::9" : "10.0.9.9", .dst = is6 ? "2001:db8::1" : US,
			.icmp_type = report->type, .icmp_code = report->code,
			.icmp_rest = report->rest, .payload = quoted,
			.payload_length = (uint16_t)length));
	udp_error(f->cores[worker], &f->in, &f->out);
	f->in.count = 0;
	return pkt;
}

#define tell_of(f, what, icmp, icmp_sub) \
	tell(f, 0, &(struct report){ .about = what, .type = icmp, .code = icmp_sub })

static const struct packet sent = {
	.src = US, .dst = PEER, .src_port = 4000, .dst_port = 53, .payload_length = 600
};

static struct udp_socket *
connected(struct udp_fixture *f)
{
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 4000);

	udp_fixture_connect(s, US, PEER, 53);
	return s;
}

static void
test_connected_hears_what_stays(void **state)
{
	static const struct {
		uint8_t type, code;
		int error; /* told to all who are connected; negative: to those alone who ask */
	} cases[] = {
		{ ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE, ECONNREFUSED },
		{ ICMP4_UNREACHABLE, ICMP4_PROTO_UNREACHABLE, ENOPROTOOPT },
		{ ICMP4_PARAMETER_PROBLEM, 0, EPROTO },
		{ ICMP4_UNREACHABLE, ICMP4_NET_UNREACHABLE, -ENETUNREACH },
		{ ICMP4_UNREACHABLE, ICMP4_HOST_UNREACHABLE, -EHOSTUNREACH },
		{ ICMP4_UNREACHABLE, ICMP4_NET_PROHIBITED, ENETUNREACH },
		{ ICMP4_UNREACHABLE, ICMP4_HOST_PROHIBITED, EHOSTUNREACH },
		{ ICMP4_UNREACHABLE, ICMP4_ADMIN_PROHIBITED, EHOSTUNREACH },
		{ ICMP4_TIME_EXCEEDED, 0, -EHOSTUNREACH },
	};
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = connected(f);
	uint8_t events;

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		s->errors = false;
		tell_of(f, sent, cases[i].type, cases[i].code);
		assert_int_equal(f->done.count, 1);
		assert_int_equal(s->error, cases[i].error > 0 ? cases[i].error : 0);
		assert_int_equal(udp_event_take(f->cores[0], &events) != NULL, cases[i].error > 0);
		s->errors = true;
		s->error = 0;
		tell_of(f, sent, cases[i].type, cases[i].code);
		assert_int_equal(s->error, abs(cases[i].error));
		assert_ptr_equal(udp_event_take(f->cores[0], &events), s);
		assert_int_equal(events, UDP_EVENT_ERROR);
		s->error = 0;
		udp_fixture_empty(f);
	}
	udp_fixture_destroy(f);
}

/* RFC 5927 4: it must be about what was sent from here, from that port, to that peer. */
static void
test_made_up_ones_are_dropped(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = connected(f);
	struct packet lies[4] = { sent, sent, sent, sent };

	lies[0].src = "10.0.0.7"; /* another address than the error came to */
	lies[1].src_port = 4001;
	lies[2].dst_port = 54;
	lies[3].frag = 100;
	for (unsigned i = 0; i < RTE_DIM(lies); i++)
		assert_dropped(f, tell_of(f, lies[i], ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE),
			DROP_udp_error_unmatched);
	assert_int_equal(s->error, 0);
	assert_int_equal(udp_counters(f->cores[0])->icmp_unmatched, RTE_DIM(lies));
	udp_fixture_destroy(f);
}

/* Quotes that are cut off at each byte: none is read too far, and 28 bytes are enough. */
static void
test_short_quotes(void **state)
{
	const struct packet sent6 = { .src = "2001:db8::1",
		.dst = "2001:db8::2",
		.src_port = 4000,
		.dst_port = 53,
		.payload_length = 600 };
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = connected(f), *s6 = udp_fixture_socket(f, 0, "2001:db8::1", 4000);

	udp_fixture_connect(s6, "2001:db8::1", "2001:db8::2", 53);
	for (uint16_t quoted = 1; quoted < 60; quoted++) {
		tell(f, 0,
			&(struct report){ .about = sent,
				.type = ICMP4_UNREACHABLE,
				.code = ICMP4_PORT_UNREACHABLE,
				.quoted = quoted });
		assert_int_equal(s->error, quoted >= 28 ? ECONNREFUSED : 0);
		s->error = 0;
		tell(f, 0,
			&(struct report){ .about = sent6,
				.type = ICMP6_UNREACHABLE,
				.code = ICMP6_PORT_UNREACHABLE,
				.quoted = quoted });
		assert_int_equal(s6->error, quoted >= 48 ? ECONNREFUSED : 0);
		s6->error = 0;
		udp_fixture_empty(f);
	}
	udp_fixture_destroy(f);
}

/* Who does not want to be cut hears that it is too big; control learns the path's MTU either way. */
static void
test_too_big_goes_on_to_control(void **state)
{
	const struct report report = { .about = sent,
		.type = ICMP4_UNREACHABLE,
		.code = ICMP4_FRAGMENTATION_NEEDED,
		.rest = 600 };
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = connected(f);
	struct rte_mbuf *pkt = tell(f, 0, &report);

	assert_int_equal(f->punts.count, 1);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_ICMP);
	assert_true((pkt_meta(pkt)->flags & PKT_ABOUT_OURS) != 0);
	assert_int_equal(s->error, 0);
	s->pmtu = UDP_PMTU_DO;
	tell(f, 0, &report);
	assert_int_equal(s->error, EMSGSIZE);
	udp_fixture_destroy(f);
}

static void
test_unconnected_hears_only_if_it_asks(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 4000);

	tell_of(f, sent, ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE);
	assert_int_equal(s->error, 0);
	assert_int_equal(s->counters.errors, 1);
	s->errors = true;
	tell_of(f, sent, ICMP4_UNREACHABLE, ICMP4_PORT_UNREACHABLE);
	assert_int_equal(s->error, ECONNREFUSED);
	udp_fixture_destroy(f);
}

static void
test_another_workers_socket_hears(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = connected(f);
	struct rte_mbuf *pkt = tell(f, 1,
		&(struct report){
			.about = sent, .type = ICMP4_UNREACHABLE, .code = ICMP4_PORT_UNREACHABLE });

	assert_int_equal(f->handover.count, 1);
	assert_int_equal(pkt_meta(pkt)->worker, 0);
	assert_int_equal(pkt_meta(pkt)->reason, HANDOVER_UDP_ERROR);
	udp_error_handed(f->cores[0], &f->handover, &f->out);
	f->handover.count = 0;
	assert_int_equal(s->error, ECONNREFUSED);
	udp_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_connected_hears_what_stays, test_pool_check),
		cmocka_unit_test_teardown(test_made_up_ones_are_dropped, test_pool_check),
		cmocka_unit_test_teardown(test_short_quotes, test_pool_check),
		cmocka_unit_test_teardown(test_too_big_goes_on_to_control, test_pool_check),
		cmocka_unit_test_teardown(test_unconnected_hears_only_if_it_asks, test_pool_check),
		cmocka_unit_test_teardown(test_another_workers_socket_hears, test_pool_check),
	};

	return cmocka_run_group_tests(tests, udp_fixture_group_setup, test_eal_teardown);
}
