/* SPDX-License-Identifier: BSD-3-Clause */
/* What is learned of router advertisements: lifetimes, preferences, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "autoconf/autoconf.h"

#define HOURS_MS(n) ((n)*UINT64_C(3600000))

static struct ip_addr
router_addr(unsigned n)
{
	return (struct ip_addr){ IP_FAMILY_6, { 0xfe, 0x80, [15] = (uint8_t)n } };
}

static void
router_says(struct autoconf_host *host, unsigned n, uint16_t lifetime_s,
	enum ra_preference preference, uint64_t now_ms)
{
	const struct ra ra = { .lifetime_s = lifetime_s, .preference = preference };
	const struct ip_addr addr = router_addr(n);

	autoconf_host_input(host, &ra, &addr, now_ms);
}

/* Prefix `n`: 2001:db8:0:n::/64. */
static void
prefix_says(struct autoconf_host *host, unsigned n, uint32_t valid_s, uint32_t preferred_s,
	uint64_t now_ms)
{
	const struct ra ra = {
		.prefix_count = 1,
		.prefixes[0] = {
			.prefix = { { IP_FAMILY_6, { 0x20, 1, 0x0d, 0xb8, [7] = (uint8_t)n } }, 64 },
			.on_link = true,
			.autonomous = true,
			.valid_s = valid_s,
			.preferred_s = preferred_s,
		},
	};
	const struct ip_addr addr = router_addr(1);

	autoconf_host_input(host, &ra, &addr, now_ms);
}

/* Routers whose number is in the mask answer; with EVERYBODY all do. */
#define EVERYBODY (~0U)

static bool
answers(void *arg, const struct ip_addr *router)
{
	const unsigned mask = *(const unsigned *)arg, n = router->bytes[15];

	return mask == EVERYBODY || (n < 32 && (mask >> n & 1) != 0);
}

static unsigned
default_router(struct autoconf_host *host, unsigned mask)
{
	const struct autoconf_router *router = autoconf_host_router(host, answers, &mask);

	return router != NULL ? router->addr.bytes[15] : 0;
}

static void
test_soliciting(void **state)
{
	struct autoconf_host host = { 0 };

	autoconf_host_start(&host, 1000, 7 * AUTOCONF_DELAY_MAX_MS + 300);
	assert_false(autoconf_host_solicit(&host, 1299));
	for (uint64_t now_ms = 1300; now_ms < 13300; now_ms += 4000) {
		assert_true(autoconf_host_solicit(&host, now_ms));
		assert_false(autoconf_host_solicit(&host, now_ms + 3999));
	}
	assert_false(autoconf_host_solicit(&host, 100000));
	/* RFC 4861 6.3.7: not any more once a default router is known. */
	autoconf_host_start(&host, 0, 0);
	router_says(&host, 1, 0, RA_MEDIUM, 0);
	assert_true(autoconf_host_solicit(&host, 0));
	router_says(&host, 1, 1800, RA_MEDIUM, 0);
	assert_false(autoconf_host_solicit(&host, 4000));
}

static void
test_routers(void **state)
{
	struct autoconf_host host = { 0 };

	assert_int_equal(default_router(&host, EVERYBODY), 0);
	router_says(&host, 1, 30, RA_MEDIUM, 0);
	router_says(&host, 2, 60, RA_MEDIUM, 0);
	router_says(&host, 3, 60, RA_LOW, 0);
	assert_int_equal(default_router(&host, EVERYBODY), 1);
	/* RFC 4191 3.2: the more preferred; but who does not answer comes behind who does. */
	router_says(&host, 2, 60, RA_HIGH, 0);
	assert_int_equal(default_router(&host, EVERYBODY), 2);
	assert_int_equal(default_router(&host, 1U << 3), 3);
	assert_int_equal(default_router(&host, 0), 2);
	/* A lifetime of zero: it is none any more. */
	router_says(&host, 2, 0, RA_MEDIUM, 1000);
	assert_int_equal(default_router(&host, EVERYBODY), 1);
	assert_false(autoconf_host_expire(&host, 29999));
	assert_true(autoconf_host_expire(&host, 30000));
	assert_int_equal(default_router(&host, EVERYBODY), 3);
	router_says(&host, 3, 60, RA_LOW, 59999);
	assert_false(autoconf_host_expire(&host, 60000));
	assert_true(autoconf_host_router_remove(&host, &host.routers[0].addr));
	assert_int_equal(host.router_count, 0);
}

/* RFC 4862 5.5.3 (e) */
static void
test_two_hours(void **state)
{
	struct autoconf_host host = { 0 };
	const struct autoconf_prefix *prefix = &host.prefixes[0];

	prefix_says(&host, 1, 36000, 3600, 0);
	assert_true(prefix->valid_until_ms == HOURS_MS(10));
	assert_true(prefix->preferred_until_ms == HOURS_MS(1));
	/* What would end it soon leaves it two hours; the preference goes at once. */
	prefix_says(&host, 1, 1, 0, 0);
	assert_true(prefix->valid_until_ms == HOURS_MS(2));
	assert_true(prefix->preferred_until_ms == 0);
	/* Below two hours it is not shortened, but it is prolonged. */
	prefix_says(&host, 1, 60, 60, HOURS_MS(1));
	assert_true(prefix->valid_until_ms == HOURS_MS(2));
	prefix_says(&host, 1, 3601, 60, HOURS_MS(1));
	assert_true(prefix->valid_until_ms == HOURS_MS(2) + 1000);
	prefix_says(&host, 1, RA_INFINITE, RA_INFINITE, HOURS_MS(1));
	assert_true(prefix->valid_until_ms == UINT64_MAX);
	assert_true(prefix->preferred_until_ms == UINT64_MAX);
	prefix_says(&host, 1, 10800, 60, HOURS_MS(1));
	assert_true(prefix->valid_until_ms == HOURS_MS(4));
}

static void
test_prefix_ends(void **state)
{
	struct autoconf_host host = { 0 };
	const struct autoconf_prefix *prefix = &host.prefixes[0];

	prefix_says(&host, 1, 0, 0, 0);
	assert_int_equal(host.prefix_count, 0);
	/* RFC 4862 5.5.3 (c): longer preferred than valid. */
	prefix_says(&host, 1, 60, 61, 0);
	assert_int_equal(host.prefix_count, 1);
	assert_true(prefix->valid_until_ms == 0);
	assert_true(prefix->on_link_until_ms == 60000);
	prefix_says(&host, 1, 60, 30, 0);
	assert_true(autoconf_host_expire(&host, 30000));
	assert_true(prefix->preferred_until_ms == 0);
	assert_true(prefix->valid_until_ms == 60000);
	/* RFC 4861 6.3.4: off the link at once, though the address stays. */
	prefix_says(&host, 1, 0, 0, 31000);
	assert_true(prefix->on_link_until_ms == 0);
	assert_true(prefix->valid_until_ms == 60000);
	assert_true(autoconf_host_expire(&host, 60000));
	assert_int_equal(host.prefix_count, 0);
	assert_false(autoconf_host_expire(&host, 60000));
}

/* Identifiers have 64 bits: with other prefixes they make no address. */
static void
test_prefix_of_other_length(void **state)
{
	struct autoconf_host host = { 0 };
	struct ra ra = {
		.prefix_count = 1,
		.prefixes[0] = { .prefix = { { IP_FAMILY_6, { 0x20, 1 } }, 48 },
			.autonomous = true,
			.valid_s = 60 },
	};
	const struct ip_addr addr = router_addr(1);

	autoconf_host_input(&host, &ra, &addr, 0);
	assert_int_equal(host.prefix_count, 0);
	ra.prefixes[0].on_link = true;
	ra.prefixes[0].prefix = (struct ip_prefix){ { .family = IP_FAMILY_6 }, 0 };
	autoconf_host_input(&host, &ra, &addr, 0);
	assert_int_equal(host.prefix_count, 0);
	ra.prefixes[0].prefix = (struct ip_prefix){ { IP_FAMILY_6, { 0x20, 1 } }, 48 };
	autoconf_host_input(&host, &ra, &addr, 0);
	assert_int_equal(host.prefix_count, 1);
	assert_true(host.prefixes[0].valid_until_ms == 0);
}

/* A flood of routers and prefixes: those known stay, the rest is counted. */
static void
test_bounds(void **state)
{
	struct autoconf_host host = { 0 };

	for (unsigned i = 1; i <= 100; i++) {
		router_says(&host, i, 1800, RA_HIGH, i);
		prefix_says(&host, i, 3600, 3600, i);
	}
	assert_int_equal(host.router_count, AUTOCONF_ROUTERS_MAX);
	assert_int_equal(host.prefix_count, AUTOCONF_PREFIXES_MAX);
	assert_int_equal(default_router(&host, EVERYBODY), 2);
	assert_int_equal(host.prefixes[15].prefix.addr.bytes[7], 16);
	/* prefix_says() is router 1, of no lifetime. */
	assert_int_equal(host.refused, 100 - 17 + 100 - 16);
	assert_true(autoconf_host_expire(&host, HOURS_MS(2)));
	assert_int_equal(host.router_count + host.prefix_count, 0);
	router_says(&host, 99, 1800, RA_HIGH, HOURS_MS(2));
	assert_int_equal(default_router(&host, 0), 99);
}

/* What was said of the link lasts as long as the router that said it last; what is odd is bounded. */
static void
test_link(void **state)
{
	const struct ip_addr one = router_addr(1), two = router_addr(2), three = router_addr(3);
	const struct ra all = { .lifetime_s = 1800,
		.hop_limit = 9,
		.mtu = 1400,
		.reachable_ms = 5000,
		.retrans_ms = 200 };
	struct autoconf_host host = { 0 };
	struct ra ra = all;

	autoconf_host_start(&host, 0, 0);
	autoconf_host_input(&host, &all, &one, 0);
	assert_int_equal(host.link.hop_limit, 9);
	assert_int_equal(host.link.mtu, 1400);
	assert_int_equal(host.link.reachable_ms, 5000);
	assert_int_equal(host.link.retrans_ms, 200);
	/* One that says nothing of it changes nothing. */
	router_says(&host, 2, 1800, RA_HIGH, 1);
	router_says(&host, 1, 1800, RA_HIGH, 1);
	assert_int_equal(host.link.mtu, 1400);
	assert_true(autoconf_host_router_remove(&host, &two));
	assert_int_equal(host.link.mtu, 1400);
	/* Its last words: whatever they say, it is gone. */
	ra.lifetime_s = 0;
	autoconf_host_input(&host, &ra, &one, 2);
	assert_int_equal(host.link.mtu, 0);
	assert_int_equal(host.link.hop_limit, 0);
	assert_int_equal(host.link.reachable_ms, 0);
	assert_int_equal(host.link.retrans_ms, 0);
	/* RFC 4861 6.3.4: of one that is no default router the rest counts. */
	autoconf_host_input(&host, &ra, &three, 3);
	assert_int_equal(host.link.mtu, 1400);
	ra = (struct ra){ .lifetime_s = 1, .mtu = 1279, .reachable_ms = 1, .retrans_ms = 1 };
	autoconf_host_input(&host, &ra, &three, 3);
	assert_int_equal(host.link.mtu, 1400);
	assert_int_equal(host.link.reachable_ms, AUTOCONF_REACHABLE_MIN_MS);
	assert_int_equal(host.link.retrans_ms, AUTOCONF_RETRANS_MIN_MS);
	ra = (struct ra){
		.lifetime_s = 1, .mtu = 1280, .reachable_ms = UINT32_MAX, .retrans_ms = UINT32_MAX
	};
	autoconf_host_input(&host, &ra, &three, 3);
	assert_int_equal(host.link.mtu, 1280);
	assert_int_equal(host.link.reachable_ms, AUTOCONF_REACHABLE_MAX_MS);
	assert_int_equal(host.link.retrans_ms, AUTOCONF_RETRANS_MAX_MS);
	assert_true(autoconf_host_expire(&host, 1003));
	assert_int_equal(host.link.mtu, 0);
	(void)state;
}

/* Router `n` says: prefix `p` (2001:db8:p::/48; 0 is ::/0) is behind me. */
static void
route_says(struct autoconf_host *host, unsigned n, unsigned p, uint32_t lifetime_s,
	enum ra_preference preference, uint64_t now_ms)
{
	const struct ra ra = {
		.lifetime_s = 600,
		.preference = RA_MEDIUM,
		.route_count = 1,
		.routes[0] = {
			.prefix = { { IP_FAMILY_6, { 0x20, 1, 0x0d, 0xb8, 0, (uint8_t)p } }, 48 },
			.preference = preference,
			.lifetime_s = lifetime_s,
		},
	};
	struct ra all = ra;
	const struct ip_addr addr = router_addr(n);

	if (p == 0)
		all.routes[0].prefix = (struct ip_prefix){ { .family = IP_FAMILY_6 }, 0 };
	autoconf_host_input(host, &all, &addr, now_ms);
}

static unsigned
router_to(const struct autoconf_host *host, unsigned p, unsigned mask)
{
	const struct ip_prefix prefix = { { IP_FAMILY_6, { 0x20, 1, 0x0d, 0xb8, 0, (uint8_t)p } },
		48 };
	const struct autoconf_route *route = autoconf_host_route(host, &prefix, answers, &mask);

	return route != NULL ? route->router.bytes[15] : 0;
}

/* RFC 4191 3: routes of several routers, by preference, while they last. */
static void
test_routes(void **state)
{
	struct autoconf_host host = { 0 };
	const struct ip_addr two = router_addr(2);

	route_says(&host, 1, 7, 60, RA_LOW, 0);
	route_says(&host, 2, 7, 30, RA_HIGH, 0);
	route_says(&host, 3, 7, RA_INFINITE, RA_MEDIUM, 0);
	assert_int_equal(router_to(&host, 7, EVERYBODY), 2);
	assert_int_equal(router_to(&host, 7, 1U << 1), 1);
	assert_int_equal(router_to(&host, 7, 1U << 1 | 1U << 3), 3);
	assert_int_equal(router_to(&host, 7, 0), 2);
	assert_int_equal(router_to(&host, 8, EVERYBODY), 0);
	/* Said again: one route, that lasts longer. */
	route_says(&host, 2, 7, 40, RA_HIGH, 10000);
	assert_int_equal(host.route_count, 3);
	assert_false(autoconf_host_expire(&host, 49999));
	assert_true(autoconf_host_expire(&host, 50000));
	assert_int_equal(router_to(&host, 7, EVERYBODY), 3);
	route_says(&host, 3, 7, 0, RA_MEDIUM, 50000);
	assert_int_equal(router_to(&host, 7, EVERYBODY), 1);
	/* A default router no more, a router all the same; until it says that it is none. */
	route_says(&host, 2, 8, 600, RA_MEDIUM, 50000);
	router_says(&host, 2, 0, RA_MEDIUM, 50000);
	assert_int_equal(router_to(&host, 8, EVERYBODY), 2);
	assert_true(autoconf_host_router_remove(&host, &two));
	assert_int_equal(router_to(&host, 8, EVERYBODY), 0);
	assert_false(autoconf_host_router_remove(&host, &two));
	assert_int_equal(router_to(&host, 7, EVERYBODY), 1);
	(void)state;
}

/* RFC 4191 3.1: a route for everything overrides what the header says of the default router. */
static void
test_default_route_option(void **state)
{
	struct autoconf_host host = { 0 };

	route_says(&host, 1, 0, 60, RA_LOW, 0);
	route_says(&host, 2, 7, 60, RA_LOW, 0);
	assert_int_equal(default_router(&host, EVERYBODY), 2);
	assert_int_equal(host.route_count, 1);
	assert_true(autoconf_host_expire(&host, 60000));
	assert_int_equal(host.router_count, 1);
	route_says(&host, 1, 0, 60, RA_HIGH, 60000);
	assert_int_equal(default_router(&host, EVERYBODY), 1);
	route_says(&host, 1, 0, 0, RA_HIGH, 60000);
	assert_int_equal(default_router(&host, EVERYBODY), 2);
	(void)state;
}

static void
test_routes_bounded(void **state)
{
	struct autoconf_host host = { 0 };

	for (unsigned p = 1; p <= 100; p++)
		route_says(&host, 1, p, 60, RA_HIGH, p);
	assert_int_equal(host.route_count, AUTOCONF_ROUTES_MAX);
	assert_int_equal(host.refused, 100 - AUTOCONF_ROUTES_MAX);
	assert_int_equal(router_to(&host, 16, EVERYBODY), 1);
	assert_int_equal(router_to(&host, 17, EVERYBODY), 0);
	assert_true(autoconf_host_expire(&host, 61000));
	assert_int_equal(host.route_count, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soliciting),
		cmocka_unit_test(test_routers),
		cmocka_unit_test(test_two_hours),
		cmocka_unit_test(test_prefix_ends),
		cmocka_unit_test(test_prefix_of_other_length),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_default_route_option),
		cmocka_unit_test(test_routes_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
