/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces that configure themselves: what becomes of advertisements, true and forged. */
#include "autoconf/autoconf.h"
#include "base/log.h"
#include "unit/stack/neigh_fixture.h"
#include "wire/ra.h"

#define ROUTER "fe80::9"

static struct stack_fixture *
host(void)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true, .ports = 2 });

	assert_int_equal(stack_autoconf_set(f->stack, "p0", true, NULL), 0);
	return f;
}

static void
drain(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	while ((pkt = stack_fixture_take(f, 0)) != NULL)
		rte_pktmbuf_free(pkt);
}

/* What an advertisement says; 2001:db8:0:7::/64 on the link, with addresses. */
struct saying {
	const char *src;
	uint16_t lifetime_s;
	uint8_t preference_bits;
	uint32_t valid_s, preferred_s; /* 0: no prefix */
	int hop_limit;
	/* of the link */
	uint8_t hops; /* 64 */
	uint16_t mtu, reachable_ms, retrans_ms;
};

static void
advertise(struct stack_fixture *f, const struct saying *saying)
{
	const char *src = saying->src != NULL ? saying->src : ROUTER;
	const struct nd_envelope envelope = { addr_of(src), addr_of("ff02::1"), 255 };
	uint8_t body[16 + 8 + 32 + 8] = { ICMP6_ROUTER_ADVERTISEMENT, [4] = saying->hops,
		saying->preference_bits, (uint8_t)(saying->lifetime_s >> 8),
		(uint8_t)saying->lifetime_s, [10] = (uint8_t)(saying->reachable_ms >> 8),
		(uint8_t)saying->reachable_ms, [14] = (uint8_t)(saying->retrans_ms >> 8),
		(uint8_t)saying->retrans_ms, [16] = 1, 1, 2, 0, 0, 0, 9, 0, [24] = 3, 4, 64,
		0xc0, [40] = 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 7 };
	uint16_t length = saying->valid_s != 0 ? 56 : 24;

	for (unsigned i = 0; i < 4; i++) {
		body[28 + i] = (uint8_t)(saying->valid_s >> (24 - 8 * i));
		body[32 + i] = (uint8_t)(saying->preferred_s >> (24 - 8 * i));
	}
	if (saying->mtu != 0) {
		memcpy(body + length,
			(uint8_t[]){ 5, 1, 0, 0, 0, 0, (uint8_t)(saying->mtu >> 8),
				(uint8_t)saying->mtu },
			8);
		length += 8;
	}
	icmp6_checksum_set(body, length, &envelope.src, &envelope.dst);
	stack_fixture_rx(f, 0, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:09:00",
		.src = src, .dst = "ff02::1", .ttl = saying->hop_limit ? saying->hop_limit : 255,
		.proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW, .payload = body,
		.payload_length = length);
	stack_fixture_run(f);
}

static struct stack_way
way_to(struct stack_fixture *f, const char *text)
{
	const struct ip_addr addr = addr_of(text);
	struct stack_way way;

	stack_route_get(f->stack, IP_VRF_DEFAULT, &addr, NULL, &way);
	return way;
}

static const char *
gateway_of(struct stack_fixture *f, const char *text)
{
	static char gateway[IP_TEXT_MAX];
	struct stack_way way = way_to(f, text);

	if (!way.found)
		return "none";
	return ip_addr_format(
		&nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop)->gateway,
		gateway);
}

/* Index of the address that was made on p0, or -1. */
static int
made_addr(struct stack_fixture *f)
{
	const struct iface *iface = iface_lookup(f->stack->ifaces, "p0");

	for (int i = 0; i < iface->addr_count; i++) {
		if (iface->addr_origins[i] == IFACE_ADDR_SLAAC)
			return i;
	}
	return -1;
}

static void
test_solicits(void **state)
{
	const struct nd_envelope envelope = { addr_of("fe80::ff:fe00:100"), addr_of("ff02::2"),
		255 };
	const struct mac_addr mac = { { 2, 0, 0, 0, 1, 0 } };
	struct stack_fixture *f = host();
	uint8_t body[RS_LENGTH_MAX];
	uint32_t length = rs_build(body, &mac, &envelope);

	for (unsigned i = 0; i < 3; i++) {
		stack_fixture_advance(f, i == 0 ? 1020 : 4000);
		stack_fixture_expect(f, 0, .eth_dst = "33:33:00:00:00:02",
			.src = "fe80::ff:fe00:100", .dst = "ff02::2", .ttl = 255,
			.proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW, .payload = body,
			.payload_length = (uint16_t)length);
	}
	stack_fixture_advance(f, 20000);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_routes_and_address(void **state)
{
	struct stack_fixture *f = host();
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);
	const struct iface *iface;
	struct ip_addr addr;
	int i;

	advertise(f, &(struct saying){ .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 60 });
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), ROUTER);
	assert_int_equal(way_to(f, "2001:db8:99::1").route.source, ROUTE_RA);
	assert_int_equal(state_of(f, ROUTER), NEIGH_STALE);
	assert_int_equal(way_to(f, "2001:db8:0:7::1").nexthop,
		iface_lookup(f->stack->ifaces, "p0")->attached);
	i = made_addr(f);
	assert_true(i >= 0);
	iface = iface_lookup(f->stack->ifaces, "p0");
	addr = iface->addrs[i].addr;
	assert_int_equal(iface->addrs[i].length, 128);
	assert_true(iface_addr_is_own(iface, &addr));
	/* Again: nothing new. */
	advertise(f, &(struct saying){ .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 60 });
	stack_fixture_advance(f, 59000);
	i = made_addr(f);
	assert_true(ip_addr_equal(&iface_lookup(f->stack->ifaces, "p0")->addrs[i].addr, &addr));
	assert_int_equal(
		iface_lookup(f->stack->ifaces, "p0")->addr_states[i], IFACE_ADDR_PREFERRED);
	stack_fixture_advance(f, 2000);
	assert_int_equal(
		iface_lookup(f->stack->ifaces, "p0")->addr_states[i], IFACE_ADDR_DEPRECATED);
	advertise(f, &(struct saying){ .lifetime_s = 0, .valid_s = 86400, .preferred_s = 600 });
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
	assert_int_equal(
		iface_lookup(f->stack->ifaces, "p0")->addr_states[i], IFACE_ADDR_PREFERRED);
	/* What was learned goes with the permission. */
	assert_int_equal(stack_autoconf_set(f->stack, "p0", false, NULL), 0);
	assert_int_equal(made_addr(f), -1);
	assert_int_equal(stack_neigh_flush(f->stack, "", NULL), 0);
	assert_int_equal(stack_fixture_routes(f), routes);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	drain(f);
	stack_fixture_destroy(f);
}

/* A neighbour within the prefix is reached without the control thread's help. */
static void
test_neighbours_on_the_link(void **state)
{
	const struct nd tell = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .solicited = true, .override = true
	};
	struct stack_fixture *f = host();

	advertise(f, &(struct saying){ .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 60 });
	drain(f);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::2",
		.dst = "2001:db8:0:7::5");
	stack_fixture_run(f);
	drain(f);
	nd_rx(f, tell, "2001:db8:0:7::5", "fe80::ff:fe00:100", "2001:db8:0:7::5", true);
	drain(f);
	assert_int_equal(way_to(f, "2001:db8:0:7::5").route.source, ROUTE_NEIGHBOUR);
	/* What only the default router's route covers is not on the link, even if it says hello. */
	nd_rx(f, (struct nd){ .type = ICMP6_NEIGHBOR_SOLICITATION }, "2001:db8:99::5",
		"fe80::ff:fe00:100", "fe80::ff:fe00:100", true);
	drain(f);
	assert_int_equal(state_of(f, "2001:db8:99::5"), NEIGH_STALE);
	assert_int_equal(way_to(f, "2001:db8:99::5").route.source, ROUTE_RA);
	/* Off the link when the prefix is. */
	assert_int_equal(stack_autoconf_set(f->stack, "p0", false, NULL), 0);
	assert_false(way_to(f, "2001:db8:0:7::5").found);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f = host();
	const struct saying forged = { .lifetime_s = 1800, .valid_s = 600, .hop_limit = 254 };
	const struct saying far = { .src = "2001:db8::9", .lifetime_s = 1800 };
	const struct saying good = { .lifetime_s = 1800, .valid_s = 600 };

	advertise(f, &forged);
	advertise(f, &far);
	assert_int_equal(stack_fixture_drops(f, DROP_nd_malformed), 2);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
	assert_int_equal(made_addr(f), -1);
	/* Where none are accepted. */
	assert_int_equal(stack_autoconf_set(f->stack, "p0", false, NULL), 0);
	advertise(f, &good);
	assert_int_equal(stack_fixture_drops(f, DROP_ra_ignored), 1);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
	assert_int_equal(stack_autoconf_set(f->stack, "nope", true, NULL), -ENOENT);
	assert_int_equal(stack_loopback_add(f->stack, "lo0", NULL), 0);
	assert_int_equal(stack_autoconf_set(f->stack, "lo0", true, NULL), -EINVAL);
	drain(f);
	stack_fixture_destroy(f);
}

/* What the user says comes first; a router that says that it is none leads nowhere. */
static void
test_routers_come_and_go(void **state)
{
	const struct nd no_router = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT, .override = true };
	const struct saying one = { .src = "fe80::9", .lifetime_s = 1800 };
	const struct saying better = {
		.src = "fe80::a", .lifetime_s = 600, .preference_bits = 0x08
	};
	struct stack_fixture *f = host();

	advertise(f, &one);
	advertise(f, &better);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "fe80::a");
	stack_fixture_advance(f, 599000);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "fe80::a");
	stack_fixture_advance(f, 2000);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "fe80::9");
	stack_fixture_addr(f, "p1", "2001:db8:1::1/64");
	stack_fixture_route(f, "::/0", "2001:db8:1::2");
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "2001:db8:1::2");
	stack_fixture_unroute(f, "::/0");
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "fe80::9");
	advertise(f, &one);
	nd_rx(f, no_router, "fe80::9", "ff02::1", "fe80::9", true);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
	drain(f);
	stack_fixture_destroy(f);
}

/* A link that was gone may be another one when it comes back. */
static void
test_interface_goes_down(void **state)
{
	const struct saying good = { .lifetime_s = 1800, .valid_s = 600, .preferred_s = 600 };
	struct stack_fixture *f = host();

	advertise(f, &good);
	stack_fixture_advance(f, 20);
	assert_true(made_addr(f) >= 0);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	stack_fixture_advance(f, 20);
	assert_int_equal(made_addr(f), -1);
	assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, NULL), 0);
	drain(f);
	stack_fixture_advance(f, 1020);
	drain(f);
	advertise(f, &good);
	assert_true(made_addr(f) >= 0);
	assert_int_equal(stack_port_remove(f->stack, "p0", NULL), 0);
	assert_true(TAILQ_EMPTY(&f->stack->autoconfs));
	stack_fixture_advance(f, 2000);
	stack_fixture_destroy(f);
}

/* RFC 7217 6: another identifier after a duplicate, three times at most. */
static void
test_duplicates(void **state)
{
	const struct nd tell = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT };
	const struct saying good = { .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 86400 };
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .bare = true, .dad = true, .ports = 1 });
	char text[IP_TEXT_MAX], before[IP_TEXT_MAX] = "";
	const struct iface *iface;

	assert_int_equal(stack_autoconf_set(f->stack, "p0", true, NULL), 0);
	stack_fixture_advance(f, 3000);
	advertise(f, &good);
	for (unsigned i = 0; i <= AUTOCONF_STABLE_RETRIES; i++) {
		for (unsigned ms = 0; ms < 1100; ms += 10) {
			iface = iface_lookup(f->stack->ifaces, "p0");
			ip_addr_format(&iface->addrs[made_addr(f)].addr, text);
			if (strcmp(text, before) != 0)
				break;
			stack_fixture_advance(f, 10);
		}
		assert_string_not_equal(text, before);
		assert_int_equal(iface->addr_states[made_addr(f)], IFACE_ADDR_TENTATIVE);
		strcpy(before, text);
		nd_rx(f, tell, text, "ff02::1", text, true);
	}
	stack_fixture_advance(f, 5000);
	iface = iface_lookup(f->stack->ifaces, "p0");
	assert_int_equal(iface->addr_states[made_addr(f)], IFACE_ADDR_DUPLICATE);
	assert_string_equal(ip_addr_format(&iface->addrs[made_addr(f)].addr, text), before);
	drain(f);
	stack_fixture_destroy(f);
}

static unsigned lines;

static void
line_count(enum log_level level, const char *module, const char *line)
{
	lines++;
}

/* One that comes and goes all the time does not fill the log. */
static void
test_log_is_bounded(void **state)
{
	const struct saying here = { .lifetime_s = 1800 }, gone = { .lifetime_s = 0 };
	struct stack_fixture *f = host();

	log_set_sink(line_count);
	log_level_set(LOG_route, LOG_LEVEL_NOTICE);
	for (unsigned i = 0; i < 200; i++) {
		advertise(f, &here);
		assert_string_equal(gateway_of(f, "2001:db8:99::1"), ROUTER);
		advertise(f, &gone);
		assert_string_equal(gateway_of(f, "2001:db8:99::1"), "none");
		stack_fixture_advance(f, 10);
		drain(f);
	}
	log_set_sink(NULL);
	log_level_set(LOG_route, LOG_LEVEL_WARNING);
	assert_in_range(lines, 10, 13);
	stack_fixture_destroy(f);
}

/* What is on another link, by the user's word, is not drawn here: not even a part of it. */
static void
test_prefixes_of_other_links(void **state)
{
	const struct saying good = { .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 60 };
	struct stack_fixture *f = host();

	stack_fixture_addr(f, "p1", "2001:db8::1/60");
	advertise(f, &good);
	assert_int_equal(way_to(f, "2001:db8:0:7::5").nexthop,
		iface_lookup(f->stack->ifaces, "p1")->attached);
	stack_fixture_unaddr(f, "p1", "2001:db8::1/60");
	stack_fixture_advance(f, 1000);
	assert_int_equal(way_to(f, "2001:db8:0:7::5").nexthop,
		iface_lookup(f->stack->ifaces, "p0")->attached);
	stack_fixture_addr(f, "p1", "2001:db8::1/60");
	stack_fixture_advance(f, 1000);
	assert_int_equal(way_to(f, "2001:db8:0:7::5").nexthop,
		iface_lookup(f->stack->ifaces, "p1")->attached);
	drain(f);
	stack_fixture_destroy(f);
}

/* What was learned is of the interface's VRF, and goes with it to another. */
static void
test_moves_to_another_vrf(void **state)
{
	const struct ip_addr far = addr_of("2001:db8:99::1"), near = addr_of("2001:db8:0:7::1");
	struct stack_fixture *f = host();
	struct stack_way way;
	uint16_t red;

	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(f->stack, "red", &red, NULL), 0);
	advertise(f, &(struct saying){ .lifetime_s = 1800, .valid_s = 86400, .preferred_s = 60 });
	assert_true(stack_fixture_routes(f) > 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p0", red, NULL), 0);
	assert_int_equal(stack_fixture_routes(f), 0);
	stack_route_get(f->stack, red, &far, NULL, &way);
	assert_true(way.found);
	assert_int_equal(way.route.source, ROUTE_RA);
	stack_route_get(f->stack, red, &near, NULL, &way);
	assert_int_equal(way.nexthop, iface_lookup(f->stack->ifaces, "p0")->attached);
	/* There it is updated, and there it ends. */
	advertise(f, &(struct saying){ .lifetime_s = 0, .valid_s = 86400, .preferred_s = 60 });
	stack_route_get(f->stack, red, &far, NULL, &way);
	assert_false(way.found);
	drain(f);
	stack_fixture_destroy(f);
}

/* Bytes of the packet of a ping of `size` that leaves p0; 0: none. */
static unsigned
ping_leaves(struct stack_fixture *f, const char *dst, uint16_t size, uint8_t *hops)
{
	struct stack_ping_config config = { .dst = addr_of(dst), .size_bytes = size };
	struct stack_ping *ping;
	struct rte_mbuf *pkt;
	struct error err = { 0 };
	unsigned length = 0;

	if (stack_ping_create(f->stack, &config, NULL, NULL, &ping, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(stack_ping_send(f->stack, ping, 1, &err), 0);
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 0);
	if (pkt != NULL) {
		length = pkt->pkt_len - 14;
		*hops = rte_pktmbuf_mtod(pkt, const uint8_t *)[14 + 7];
	}
	rte_pktmbuf_free(pkt);
	drain(f);
	stack_ping_destroy(f->stack, ping);
	return length;
}

/* MTU and hop limit of a link, for IPv6 alone, until the router goes: RFC 4861 6.3.4. */
static void
test_link(void **state)
{
	const struct saying link = { .lifetime_s = 1800,
		.valid_s = 3600,
		.preferred_s = 3600,
		.hops = 9,
		.mtu = 1300,
		.reachable_ms = 5000,
		.retrans_ms = 200 };
	struct saying gone = link;
	struct stack_fixture *f = host();
	const struct iface *iface;
	uint8_t hops = 0;

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_neigh(f, "p0", "10.0.0.2", "02:00:00:00:08:00");
	stack_fixture_neigh(f, "p0", ROUTER, "02:00:00:00:09:00");
	advertise(f, &link);
	drain(f);
	iface = iface_lookup(f->stack->ifaces, "p0");
	assert_int_equal(iface->mtu6, 1300);
	assert_int_equal(iface->mtu, 1500);
	assert_int_equal(ping_leaves(f, "2001:db8:99::1", 100, &hops), 148);
	assert_int_equal(hops, 9);
	/* Whole, and cut; of IPv4 nothing is. */
	assert_int_equal(ping_leaves(f, "2001:db8:99::1", 1300 - 48, &hops), 1300);
	assert_in_range(ping_leaves(f, "2001:db8:99::1", 1301 - 48, &hops), 1281, 1300);
	assert_int_equal(ping_leaves(f, "10.0.0.2", 1472, &hops), 1500);
	/* No wider than it is. */
	gone.mtu = 1501;
	advertise(f, &gone);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->mtu6, 0);
	advertise(f, &link);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->mtu6, 1300);
	gone.lifetime_s = 0;
	advertise(f, &gone);
	drain(f);
	iface = iface_lookup(f->stack->ifaces, "p0");
	assert_int_equal(iface->mtu6, 0);
	assert_int_equal(iface->hop_limit, 0);
	advertise(f, &link);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->hop_limit, 9);
	assert_int_equal(stack_autoconf_set(f->stack, "p0", false, NULL), 0);
	iface = iface_lookup(f->stack->ifaces, "p0");
	assert_int_equal(iface->mtu6, 0);
	assert_int_equal(iface->hop_limit, 0);
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

/* A link's hop limit is not that of a link in another VRF with the same address. */
static void
test_hop_limit_of_a_vrf(void **state)
{
	struct stack_ping_config config = { .dst = addr_of("2001:db8:5::2") };
	struct stack_fixture *f = host();
	struct stack_ping *ping;
	struct rte_mbuf *pkt;

	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(f->stack, "red", &config.vrf, NULL), 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p1", config.vrf, NULL), 0);
	for (unsigned i = 0; i < 2; i++)
		stack_fixture_addr(f, i == 0 ? "p0" : "p1", "2001:db8:5::1/64");
	stack_fixture_neigh(f, "p1", "2001:db8:5::2", "02:00:00:00:08:00");
	advertise(f, &(struct saying){ .lifetime_s = 1800, .hops = 9 });
	assert_int_equal(iface_lookup(f->stack->ifaces, "p0")->hop_limit, 9);
	assert_int_equal(stack_ping_create(f->stack, &config, NULL, NULL, &ping, NULL), 0);
	assert_int_equal(stack_ping_send(f->stack, ping, 1, NULL), 0);
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 1);
	assert_non_null(pkt);
	assert_int_equal(rte_pktmbuf_mtod(pkt, const uint8_t *)[14 + 7], IFACE_HOP_LIMIT_DEFAULT);
	rte_pktmbuf_free(pkt);
	stack_ping_destroy(f->stack, ping);
	drain(f);
	stack_fixture_destroy(f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solicits),
		cmocka_unit_test(test_routes_and_address),
		cmocka_unit_test(test_neighbours_on_the_link),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_routers_come_and_go),
		cmocka_unit_test(test_interface_goes_down),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_log_is_bounded),
		cmocka_unit_test(test_prefixes_of_other_links),
		cmocka_unit_test(test_moves_to_another_vrf),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_hop_limit_of_a_vrf),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
