/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes that routers advertise: RFC 4191 3. Which are used, and which are not believed. */
#include "autoconf/autoconf.h"
#include "unit/stack/neigh_fixture.h"

#define PREFIX  "2001:db8:99::/48"
#define BEHIND  "2001:db8:99::1"
#define REST    "2001:db8:99:8000::1" /* of the prefix, beyond a first quarter */
#define DEFAULT "::/0"
#define HIGH    0x08
#define LOW     0x18

static struct stack_fixture *
host(void)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true, .ports = 2 });

	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(stack_autoconf_set(f->stack, i == 0 ? "p0" : "p1", true, NULL), 0);
	return f;
}

static void
drain(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < 2; port++) {
		while ((pkt = stack_fixture_take(f, port)) != NULL)
			rte_pktmbuf_free(pkt);
	}
}

/* `router`, no default router but for ::/0, says that a prefix is behind it. */
static void
advertise(struct stack_fixture *f, unsigned port, const char *router, const char *text,
	uint8_t preference, uint8_t lifetime_s)
{
	const struct nd_envelope envelope = { addr_of(router), addr_of("ff02::1"), 255 };
	uint8_t body[16 + 24 + 8] = { ICMP6_ROUTER_ADVERTISEMENT, [16] = 24, 3, 0, preference, 0, 0,
		0, lifetime_s, [40] = 1, 1, 2, 0, 0, 0, 9, 0 };
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	body[18] = prefix.length;
	memcpy(body + 24, prefix.addr.bytes, 16);
	icmp6_checksum_set(body, sizeof(body), &envelope.src, &envelope.dst);
	stack_fixture_rx(f, port, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:09:00",
		.src = router, .dst = "ff02::1", .ttl = 255, .proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW, .payload = body, .payload_length = sizeof(body));
	stack_fixture_run(f);
}

static const char *
way_in(struct stack_fixture *f, uint16_t vrf, const char *text)
{
	static char said[IP_TEXT_MAX + 8];
	const struct ip_addr addr = addr_of(text);
	const struct ip_flow flow = { .src = addr, .dst = addr };
	const struct nexthop *nexthop;
	struct stack_way way;
	char gateway[IP_TEXT_MAX];

	stack_route_get(f->stack, vrf, &addr, &flow, &way);
	if (!way.found)
		return "none";
	nexthop = nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop);
	if (nexthop->type == NEXTHOP_ATTACHED)
		return "on link";
	snprintf(said, sizeof(said), "%s p%u", ip_addr_format(&nexthop->gateway, gateway),
		nexthop->port);
	return said;
}

static const char *
way(struct stack_fixture *f, const char *text)
{
	return way_in(f, IP_VRF_DEFAULT, text);
}

static void
test_longest_prefix(void **state)
{
	struct stack_fixture *f = host();
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);

	advertise(f, 0, "fe80::1", DEFAULT, LOW, 60);
	advertise(f, 0, "fe80::2", PREFIX, LOW, 60);
	advertise(f, 0, "fe80::3", PREFIX, HIGH, 30);
	advertise(f, 0, "fe80::4", "2001:db8:99:8000::/50", LOW, 60);
	assert_string_equal(way(f, "2001:db8::1"), "fe80::1 p0");
	assert_string_equal(way(f, BEHIND), "fe80::3 p0");
	assert_string_equal(way(f, "2001:db8:99:8000::1"), "fe80::4 p0");
	stack_fixture_advance(f, 31000);
	assert_string_equal(way(f, BEHIND), "fe80::2 p0");
	advertise(f, 0, "fe80::2", PREFIX, LOW, 0);
	assert_string_equal(way(f, BEHIND), "fe80::1 p0");
	/* What the user says comes first. */
	stack_fixture_addr(f, "p1", "2001:db8:1::1/64");
	stack_fixture_route(f, "2001:db8:99:8000::/50", "2001:db8:1::2");
	assert_string_equal(way(f, "2001:db8:99:8000::1"), "2001:db8:1::2 p1");
	stack_fixture_unroute(f, "2001:db8:99:8000::/50");
	stack_fixture_unaddr(f, "p1", "2001:db8:1::1/64");
	assert_string_equal(way(f, "2001:db8:99:8000::1"), "fe80::4 p0");
	/* What was learned goes with the permission. */
	assert_int_equal(stack_autoconf_set(f->stack, "p0", false, NULL), 0);
	assert_true(TAILQ_EMPTY(&f->stack->autoconf_routes));
	assert_int_equal(stack_neigh_flush(f->stack, "", NULL), 0);
	assert_int_equal(stack_fixture_routes(f), routes);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* A gateway behind an advertised route is behind that route's router, not on its link. */
static void
test_gateway_behind(void **state)
{
	struct stack_fixture *f = host();

	stack_fixture_addr(f, "p0", "2001:db8:1::1/64");
	advertise(f, 0, "fe80::2", PREFIX, LOW, 60);
	stack_fixture_route(f, "2001:db8:50::/48", BEHIND);
	assert_string_equal(way(f, "2001:db8:50::1"), "fe80::2 p0");
	advertise(f, 0, "fe80::2", PREFIX, LOW, 0);
	stack_fixture_advance(f, 1100);
	assert_string_not_equal(way(f, "2001:db8:50::1"), "fe80::2 p0");
	stack_fixture_unroute(f, "2001:db8:50::/48");
	stack_fixture_unaddr(f, "p0", "2001:db8:1::1/64");
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* Two links with the same prefix: the more preferred; when that goes, the other. */
static void
test_two_interfaces(void **state)
{
	struct stack_fixture *f = host();

	advertise(f, 0, "fe80::1", PREFIX, LOW, 200);
	advertise(f, 1, "fe80::1", PREFIX, LOW, 200);
	assert_string_equal(way(f, BEHIND), "fe80::1 p0");
	advertise(f, 1, "fe80::2", PREFIX, HIGH, 200);
	assert_string_equal(way(f, BEHIND), "fe80::2 p1");
	advertise(f, 0, "fe80::1", PREFIX, LOW, 200);
	assert_string_equal(way(f, BEHIND), "fe80::2 p1");
	assert_int_equal(stack_iface_set_admin(f->stack, "p1", false, NULL), 0);
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, BEHIND), "fe80::1 p0");
	assert_int_equal(stack_port_remove(f->stack, "p0", NULL), 0);
	assert_true(TAILQ_EMPTY(&f->stack->autoconf_routes));
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* Packets to a neighbour that is silent, until it is known to have failed. */
static void
fall_silent(struct stack_fixture *f, const char *dst, const char *router)
{
	for (unsigned i = 0; i < 30 && state_of(f, router) != NEIGH_FAILED; i++) {
		stack_fixture_rx(
			f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:77::2", .dst = dst);
		stack_fixture_advance(f, 500);
		drain(f);
	}
	assert_int_equal(state_of(f, router), NEIGH_FAILED);
	stack_fixture_advance(f, 1100);
}

/* RFC 4191 3.2: who does not answer gives way, also to a shorter prefix. */
static void
test_router_that_is_silent(void **state)
{
	struct stack_fixture *f = host();

	advertise(f, 0, "fe80::2", PREFIX, LOW, 250);
	fall_silent(f, BEHIND, "fe80::2");
	/* There is no other. */
	assert_string_equal(way(f, BEHIND), "fe80::2 p0");
	advertise(f, 0, "fe80::1", DEFAULT, LOW, 250);
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, BEHIND), "fe80::1 p0");
	/* It is heard again. */
	advertise(f, 0, "fe80::2", PREFIX, LOW, 250);
	assert_string_equal(way(f, BEHIND), "fe80::2 p0");
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* Not to the default route alone: to the longest of those whose router answers, by any interface. */
static void
test_silence_leads_to_shorter_prefixes(void **state)
{
	struct stack_fixture *f = host();

	advertise(f, 0, "fe80::2", PREFIX, HIGH, 250);
	fall_silent(f, REST, "fe80::2");
	/* One beside it, and one within, are no help. */
	advertise(f, 0, "fe80::3", "2001:db8:98::/48", LOW, 250);
	advertise(f, 0, "fe80::3", "2001:db8:99::/50", LOW, 250);
	assert_string_equal(way(f, REST), "fe80::2 p0");
	advertise(f, 1, "fe80::5", "2001:db8::/32", LOW, 250);
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, REST), "fe80::5 p1");
	advertise(f, 0, "fe80::4", "2001:db8:80::/41", LOW, 250);
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, REST), "fe80::4 p0");
	assert_string_equal(way(f, BEHIND), "fe80::3 p0");
	/* Two that are silent, one behind the other. */
	fall_silent(f, REST, "fe80::4");
	assert_string_equal(way(f, REST), "fe80::5 p1");
	/* The last that answers goes: the longest prefix again, whoever is behind it. */
	advertise(f, 1, "fe80::5", "2001:db8::/32", LOW, 0);
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, REST), "fe80::2 p0");
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* RFC 4861 5.2: what is on a link is not behind a router, whoever says it, and whenever. */
static void
test_not_for_what_is_on_a_link(void **state)
{
	struct stack_fixture *f = host();

	stack_fixture_addr(f, "p1", "2001:db8:99::7/64");
	advertise(f, 0, "fe80::1", "2001:db8:99::/64", HIGH, 250);
	advertise(f, 0, "fe80::1", "2001:db8:99::1/128", HIGH, 250);
	advertise(f, 0, "fe80::1", "2001:db8:99::7/128", HIGH, 250);
	assert_string_equal(way(f, BEHIND), "on link");
	assert_true(TAILQ_EMPTY(&f->stack->autoconf_routes));
	stack_fixture_unaddr(f, "p1", "2001:db8:99::7/64");
	stack_fixture_advance(f, 1100);
	assert_string_equal(way(f, BEHIND), "fe80::1 p0");
	stack_fixture_addr(f, "p1", "2001:db8:99::7/64");
	stack_fixture_advance(f, 3300);
	assert_string_equal(way(f, BEHIND), "on link");
	assert_true(TAILQ_EMPTY(&f->stack->autoconf_routes));
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* Each VRF has its own. */
static void
test_vrfs(void **state)
{
	struct stack_fixture *f = host();
	uint16_t red;

	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(f->stack, "red", &red, NULL), 0);
	advertise(f, 0, "fe80::1", PREFIX, LOW, 250);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p0", red, NULL), 0);
	assert_string_equal(way(f, BEHIND), "none");
	assert_string_equal(way_in(f, red, BEHIND), "fe80::1 p0");
	advertise(f, 1, "fe80::2", PREFIX, LOW, 250);
	assert_string_equal(way(f, BEHIND), "fe80::2 p1");
	assert_string_equal(way_in(f, red, BEHIND), "fe80::1 p0");
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_prefix),
		cmocka_unit_test(test_gateway_behind),
		cmocka_unit_test(test_two_interfaces),
		cmocka_unit_test(test_router_that_is_silent),
		cmocka_unit_test(test_silence_leads_to_shorter_prefixes),
		cmocka_unit_test(test_not_for_what_is_on_a_link),
		cmocka_unit_test(test_vrfs),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
