/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two customers with the same addresses on one router: p0 and p1 are in VRF red, p2 and p3 in blue.
 * In each the first has 10.0.0.1/24 and 2001:db8::1/64, the second 10.0.1.1/24 and 2001:db8:1::1/64;
 * behind them are .2 and ::2, with the MAC address 02:00:00:00:02:0I for port I.
 */
#ifndef UNIT_STACK_VRF_FIXTURE_H
#define UNIT_STACK_VRF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

/* Of the frames that come in by ports 0 to 3. */
static const char *const vrf_own_mac[] = { "02:00:00:00:01:00", "02:00:00:00:01:01",
	"02:00:00:00:01:02", "02:00:00:00:01:03" };

static inline int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static inline uint16_t
vrf_of(const struct stack_fixture *f, const char *name)
{
	uint16_t vrf;

	assert_int_equal(stack_vrf_find(f->stack, name, &vrf, NULL), 0);
	return vrf;
}

static inline int
iface_set_vrf(struct stack_fixture *f, const char *iface, const char *vrf, struct error *err)
{
	return stack_iface_set_vrf(f->stack, iface, vrf_of(f, vrf), err);
}

static inline void
vrf_port_addrs(struct stack_fixture *f, unsigned port)
{
	char iface[8], text[64], mac[32];

	snprintf(iface, sizeof(iface), "p%u", port);
	snprintf(mac, sizeof(mac), "02:00:00:00:02:%02x", port);
	snprintf(text, sizeof(text), "10.0.%u.1/24", port % 2);
	stack_fixture_addr(f, iface, text);
	snprintf(text, sizeof(text), "2001:db8:%u::1/64", port % 2);
	stack_fixture_addr(f, iface, text);
	snprintf(text, sizeof(text), "10.0.%u.2", port % 2);
	stack_fixture_neigh(f, iface, text, mac);
	snprintf(text, sizeof(text), "2001:db8:%u::2", port % 2);
	stack_fixture_neigh(f, iface, text, mac);
}

static inline struct stack_fixture *
customers_with(struct stack_fixture_config config)
{
	struct stack_fixture *f;
	char iface[8];

	config.ports = 4;
	config.bare = true;
	f = stack_fixture_create(&config);
	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_add(f->stack, "blue", NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(iface, sizeof(iface), "p%u", i);
		assert_int_equal(iface_set_vrf(f, iface, i < 2 ? "red" : "blue", NULL), 0);
		vrf_port_addrs(f, i);
	}
	return f;
}

static inline struct stack_fixture *
customers(void)
{
	return customers_with((struct stack_fixture_config){ 0 });
}

/* A static route of a VRF; `to`: a gateway, or "dev p3"; `leak`: the VRF that it is in, or NULL. */
static inline int
vrf_route(struct stack_fixture *f, const char *vrf, const char *prefix, const char *to,
	const char *leak, struct error *err)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	int rc;

	assert_non_null(route);
	route->vrf = vrf_of(f, vrf);
	assert_int_equal(ip_prefix_parse(prefix, &route->prefix), 0);
	if (strncmp(to, "dev ", 4) == 0) {
		route->type = STACK_ROUTE_DEV;
		snprintf(route->iface, sizeof(route->iface), "%s", to + 4);
		route->leaked = leak != NULL;
		route->nexthop_vrf = leak != NULL ? vrf_of(f, leak) : 0;
	} else {
		route->type = STACK_ROUTE_VIA;
		route->path_count = 1;
		route->paths[0].weight = 1;
		assert_int_equal(ip_addr_parse(to, &route->paths[0].gateway), 0);
		route->paths[0].leaked = leak != NULL;
		route->paths[0].vrf = leak != NULL ? vrf_of(f, leak) : 0;
	}
	rc = stack_route_add(f->stack, route, false, err);
	free(route);
	return rc;
}

static inline void
vrf_unroute(struct stack_fixture *f, const char *vrf, const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	assert_int_equal(stack_route_remove(f->stack, vrf_of(f, vrf), &prefix, NULL), 0);
}

/* Routes of any source in a VRF. */
static inline unsigned
vrf_routes(const struct stack_fixture *f, const char *vrf)
{
	struct route_table_stats stats;

	route_table_stats(stack_routes(f->stack, vrf_of(f, vrf)), &stats);
	return stats.routes4 + stats.routes6;
}

#endif
