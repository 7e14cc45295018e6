/* SPDX-License-Identifier: BSD-3-Clause */
/* Nexthops: sharing, references, adjacencies, and the reuse of ids. */
#include "unit/route/route_model.h"

#include <errno.h>

#include "route/route.h"

static const struct mac_addr mac_own = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac_addr mac_peer = { { 2, 0, 0, 0, 0, 0x11 } };
static const struct mac_addr mac_peer2 = { { 2, 0, 0, 0, 0, 0x22 } };

static const struct nexthop_link link1 = {
	.iface = 1, .port = 10, .mtu = 1500, .mac = { { 2, 0, 0, 0, 0, 1 } }
};
static const struct nexthop_link link2 = {
	.iface = 2, .port = 20, .mtu = 9000, .mac = { { 2, 0, 0, 0, 0, 2 } }
};

static int
setup(void **state)
{
	*state = nexthop_table_create(NULL, 1, -1);
	assert_non_null(*state);
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(nexthop_next(*state, NEXTHOP_ID_FIRST_FREE), UINT32_MAX);
	nexthop_table_destroy(*state);
	return 0;
}

static uint32_t
gateway(struct nexthop_table *table, const struct nexthop_link *link, const char *text,
	bool private_)
{
	struct ip_addr addr = model_parse_addr(text);
	uint32_t id;

	assert_int_equal(nexthop_gateway(table, link, &addr, private_, &id, NULL), 0);
	return id;
}

static const struct nexthop *
get(const struct nexthop_table *table, uint32_t id)
{
	return nexthop_get(nexthop_table_array(table), id);
}

static void
assert_rewrite(const struct nexthop *nexthop, const struct mac_addr *dst,
	const struct mac_addr *src, uint16_t type)
{
	const uint8_t type_be[2] = { type >> 8, type & 0xff };

	assert_int_equal(nexthop->type, NEXTHOP_GATEWAY);
	assert_int_equal(nexthop->rewrite_length, 14);
	assert_memory_equal(nexthop->rewrite, dst, 6);
	assert_memory_equal(nexthop->rewrite + 6, src, 6);
	assert_memory_equal(nexthop->rewrite + 12, type_be, 2);
}

static void
test_fixed(void **state)
{
	struct nexthop_table *table = *state;

	assert_int_equal(nexthop_table_max(table), 64);
	assert_int_equal(get(table, NEXTHOP_ID_NO_ROUTE)->type, NEXTHOP_NO_ROUTE);
	assert_int_equal(get(table, NEXTHOP_ID_LOCAL)->type, NEXTHOP_LOCAL);
	assert_int_equal(get(table, NEXTHOP_ID_BLACKHOLE)->type, NEXTHOP_BLACKHOLE);
	assert_int_equal(get(table, NEXTHOP_ID_UNREACHABLE)->type, NEXTHOP_UNREACHABLE);
	/* They cannot be released. */
	nexthop_release(table, NEXTHOP_ID_LOCAL);
	nexthop_release(table, NEXTHOP_ID_LOCAL);
	assert_int_equal(nexthop_references(table, NEXTHOP_ID_LOCAL), 1);
	assert_int_equal(nexthop_next(table, 0), 0);
}

static void
test_sharing(void **state)
{
	struct nexthop_table *table = *state;
	uint32_t a, b, shared, alone;

	assert_int_equal(nexthop_attached(table, &link1, &a, NULL), 0);
	assert_int_equal(nexthop_attached(table, &link1, &b, NULL), 0);
	assert_int_equal(a, b);
	assert_int_equal(nexthop_references(table, a), 2);
	assert_int_equal(get(table, a)->type, NEXTHOP_ATTACHED);
	assert_int_equal(get(table, a)->iface, 1);
	assert_int_equal(get(table, a)->port, 10);
	assert_int_equal(get(table, a)->mtu, 1500);
	assert_int_equal(nexthop_attached(table, &link2, &b, NULL), 0);
	assert_int_not_equal(a, b);
	assert_int_equal(nexthop_iface_used(table, 1), -ENOENT);

	/* A private one is never found again, whichever came first. */
	alone = gateway(table, &link1, "10.0.0.2", true);
	shared = gateway(table, &link1, "10.0.0.2", false);
	assert_int_not_equal(shared, alone);
	assert_int_equal(gateway(table, &link1, "10.0.0.2", false), shared);
	assert_int_equal(nexthop_references(table, shared), 2);
	assert_int_equal(nexthop_iface_used(table, 1), 0);
	assert_int_equal(nexthop_iface_used(table, 2), -ENOENT);
	assert_int_equal(nexthop_next(table, alone + 1), shared);

	nexthop_release(table, a);
	nexthop_release(table, a);
	nexthop_release(table, b);
	nexthop_release(table, shared);
	nexthop_release(table, alone);
	assert_int_equal(nexthop_references(table, shared), 1);
	nexthop_release(table, shared);
	assert_int_equal(nexthop_references(table, shared), 0);
	assert_int_equal(nexthop_iface_used(table, 1), -ENOENT);
}

static void
test_resolve(void **state)
{
	struct nexthop_table *table = *state;
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	struct ip_addr addr6 = model_parse_addr("fe80::2");
	uint32_t ids[6];

	ids[0] = gateway(table, &link1, "10.0.0.2", false);
	ids[1] = gateway(table, &link1, "10.0.0.2", true);
	ids[2] = gateway(table, &link1, "10.0.0.3", false);
	ids[3] = gateway(table, &link2, "10.0.0.2", false);
	ids[4] = gateway(table, &link1, "fe80::2", false);
	assert_int_equal(get(table, ids[0])->type, NEXTHOP_UNRESOLVED);
	assert_true(ip_addr_equal(&get(table, ids[0])->gateway, &addr));

	nexthop_resolve(table, 1, &addr, &mac_peer);
	assert_rewrite(get(table, ids[0]), &mac_peer, &mac_own, 0x0800);
	assert_rewrite(get(table, ids[1]), &mac_peer, &mac_own, 0x0800);
	for (unsigned i = 2; i < 5; i++)
		assert_int_equal(get(table, ids[i])->type, NEXTHOP_UNRESOLVED);
	nexthop_resolve(table, 1, &addr6, &mac_peer2);
	assert_rewrite(get(table, ids[4]), &mac_peer2, &mac_own, 0x86dd);

	/* A new one for a known neighbour is ready at once, and follows it. */
	ids[5] = gateway(table, &link1, "10.0.0.2", true);
	assert_rewrite(get(table, ids[5]), &mac_peer, &mac_own, 0x0800);
	nexthop_resolve(table, 1, &addr, &mac_peer2);
	assert_rewrite(get(table, ids[5]), &mac_peer2, &mac_own, 0x0800);
	nexthop_unresolve(table, 1, &addr);
	assert_int_equal(get(table, ids[0])->type, NEXTHOP_UNRESOLVED);
	assert_int_equal(get(table, ids[5])->type, NEXTHOP_UNRESOLVED);
	assert_int_equal(get(table, ids[4])->type, NEXTHOP_GATEWAY);
	for (unsigned i = 0; i < 6; i++)
		nexthop_release(table, ids[i]);
}

/* One that is new is not ready before it is settled; one that is ready stays so. */
static void
test_prepare(void **state)
{
	struct nexthop_table *table = *state;
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	struct ip_addr other = model_parse_addr("10.0.0.3");
	uint32_t id = gateway(table, &link1, "10.0.0.2", false), copy;

	assert_false(nexthop_prepare(table, 1, &other, &mac_peer));
	assert_true(nexthop_prepare(table, 1, &addr, &mac_peer));
	assert_int_equal(get(table, id)->type, NEXTHOP_RESOLVED);
	copy = gateway(table, &link1, "10.0.0.2", true);
	assert_int_equal(get(table, copy)->type, NEXTHOP_RESOLVED);
	nexthop_link_update(table, &link1);
	assert_int_equal(get(table, id)->type, NEXTHOP_RESOLVED);
	nexthop_settle(table, 1, &other);
	assert_int_equal(get(table, id)->type, NEXTHOP_RESOLVED);
	nexthop_settle(table, 1, &addr);
	assert_rewrite(get(table, id), &mac_peer, &mac_own, 0x0800);
	assert_rewrite(get(table, copy), &mac_peer, &mac_own, 0x0800);
	assert_false(nexthop_prepare(table, 1, &addr, &mac_peer2));
	assert_rewrite(get(table, id), &mac_peer2, &mac_own, 0x0800);
	/* It went meanwhile. */
	nexthop_unresolve(table, 1, &addr);
	nexthop_settle(table, 1, &addr);
	assert_int_equal(get(table, id)->type, NEXTHOP_UNRESOLVED);
	nexthop_release(table, id);
	nexthop_release(table, copy);
}

static void
test_link_update(void **state)
{
	static const struct nexthop_link changed = {
		.iface = 1, .port = 10, .mtu = 1400, .mac = { { 2, 0, 0, 0, 0, 9 } }
	};
	struct nexthop_table *table = *state;
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	uint32_t ids[4];

	ids[0] = gateway(table, &link1, "10.0.0.2", false);
	ids[1] = gateway(table, &link1, "10.0.0.3", false);
	ids[2] = gateway(table, &link2, "10.0.0.2", false);
	assert_int_equal(nexthop_attached(table, &link1, &ids[3], NULL), 0);
	nexthop_resolve(table, 1, &addr, &mac_peer);
	nexthop_link_update(table, &changed);
	assert_rewrite(get(table, ids[0]), &mac_peer, &changed.mac, 0x0800);
	assert_int_equal(get(table, ids[1])->type, NEXTHOP_UNRESOLVED);
	assert_int_equal(get(table, ids[2])->mtu, 9000);
	assert_int_equal(get(table, ids[3])->type, NEXTHOP_ATTACHED);
	for (unsigned i = 0; i < 4; i++) {
		if (i != 2) {
			assert_int_equal(get(table, ids[i])->mtu, 1400);
		}
	}
	/* Those that are resolved later have the new source address too. */
	addr.bytes[3] = 3;
	nexthop_resolve(table, 1, &addr, &mac_peer);
	assert_rewrite(get(table, ids[1]), &mac_peer, &changed.mac, 0x0800);
	for (unsigned i = 0; i < 4; i++)
		nexthop_release(table, ids[i]);
}

struct visits {
	struct nexthop_table *table;
	unsigned count;
	uint64_t ids;
};

static void
visit_release(void *arg, uint32_t id)
{
	struct visits *visits = arg;

	visits->count++;
	visits->ids |= UINT64_C(1) << id;
	nexthop_release(visits->table, id);
}

static void
test_foreach(void **state)
{
	struct visits visits = { .table = *state };
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	uint64_t expected = 0;
	uint32_t other = gateway(*state, &link1, "10.0.0.3", false);

	expected |= UINT64_C(1) << gateway(*state, &link1, "10.0.0.2", true);
	expected |= UINT64_C(1) << gateway(*state, &link1, "10.0.0.2", false);
	expected |= UINT64_C(1) << gateway(*state, &link1, "10.0.0.2", true);
	nexthop_gateway_foreach(*state, 1, &addr, visit_release, &visits);
	assert_int_equal(visits.count, 3);
	assert_true(visits.ids == expected);
	nexthop_release(*state, other);
}

static void
test_full(void **state)
{
	struct nexthop_table *table = *state;
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	struct error err = { 0 };
	uint32_t id;

	for (id = NEXTHOP_ID_FIRST_FREE; id < 64; id++)
		gateway(table, &link1, "10.0.0.2", true);
	assert_int_equal(nexthop_gateway(table, &link1, &addr, true, &id, &err), -ENOSPC);
	assert_string_equal(err.text, "all 64 nexthops are in use");
	for (id = NEXTHOP_ID_FIRST_FREE; id < 64; id++)
		nexthop_release(table, id);
	for (id = NEXTHOP_ID_FIRST_FREE; id < 64; id++)
		gateway(table, &link1, "10.0.0.2", true);
	for (id = NEXTHOP_ID_FIRST_FREE; id < 64; id++)
		nexthop_release(table, id);
}

/* An id that a worker may still hold stays what it was, and is not given out. */
static void
test_grace(void **state)
{
	struct rte_rcu_qsbr *rcu = model_rcu_create();
	struct nexthop_table *table = nexthop_table_create(rcu, 64, -1);
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	uint32_t old, new;

	assert_non_null(table);
	old = gateway(table, &link1, "10.0.0.2", false);
	nexthop_resolve(table, 1, &addr, &mac_peer);
	nexthop_release(table, old);
	assert_int_equal(nexthop_references(table, old), 0);
	assert_int_equal(nexthop_next(table, NEXTHOP_ID_FIRST_FREE), UINT32_MAX);
	assert_int_equal(nexthop_iface_used(table, 1), -ENOENT);
	new = gateway(table, &link2, "10.0.0.9", false);
	assert_int_not_equal(new, old);
	nexthop_resolve(table, 1, &addr, &mac_peer2);
	assert_rewrite(get(table, old), &mac_peer, &mac_own, 0x0800);
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_int_equal(gateway(table, &link2, "10.0.0.10", false), old);
	nexthop_table_destroy(table);
	free(rcu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fixed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sharing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resolve, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prepare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link_update, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreach, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test(test_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
