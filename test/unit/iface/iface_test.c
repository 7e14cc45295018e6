/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface table: names, ports, published copies and their end, addresses. */
#include "iface/iface.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_rcu_qsbr.h>

static struct iface_table *table;
static struct rte_rcu_qsbr *rcu;

static int
table_setup(void **state)
{
	table = iface_table_create(NULL);
	return table == NULL;
}

static int
rcu_setup(void **state)
{
	rcu = aligned_alloc(64, rte_rcu_qsbr_get_memsize(2));
	rte_rcu_qsbr_init(rcu, 2);
	table = iface_table_create(rcu);
	return table == NULL;
}

static int
table_teardown(void **state)
{
	iface_table_destroy(table);
	free(rcu);
	rcu = NULL;
	return 0;
}

static struct iface
model(const char *name, uint16_t port)
{
	struct iface iface = {
		.port = port,
		.mtu = 1500,
		.type = port == UINT16_MAX ? IFACE_LOOPBACK : IFACE_PORT,
	};

	snprintf(iface.name, sizeof(iface.name), "%s", name);
	return iface;
}

static uint16_t
insert(const char *name, uint16_t port)
{
	struct iface iface = model(name, port);
	struct error err = { 0 };
	uint16_t index;

	if (iface_insert(table, &iface, &index, &err) != 0)
		fail_msg("iface_insert: %s", err.text);
	return index;
}

static struct ip_prefix
prefix(const char *text)
{
	struct ip_prefix parsed;

	if (ip_prefix_parse(text, &parsed) != 0)
		fail_msg("%s is no prefix", text);
	return parsed;
}

static struct ip_addr
addr(const char *text)
{
	return prefix(text).addr;
}

static int
add(struct iface *iface, const char *text)
{
	struct ip_prefix parsed = prefix(text);
	struct error err = { 0 };
	int ret = iface_addr_add(iface, &parsed, &err);

	assert_int_equal(err.errnum, -ret);
	assert_int_equal(ret == 0, err.text[0] == '\0');
	return ret;
}

static int
take(struct iface *iface, const char *text)
{
	struct ip_prefix parsed = prefix(text);

	return iface_addr_remove(iface, &parsed, NULL);
}

static void
assert_addr(const struct ip_addr *got, const char *expected)
{
	char text[IP_TEXT_MAX];

	if (expected == NULL) {
		assert_int_equal(got->family, IP_FAMILY_NONE);
		return;
	}
	assert_string_equal(ip_addr_format(got, text), expected);
}

static void
insert_and_look_up(void **state)
{
	uint16_t lo = insert("lo", UINT16_MAX), p0 = insert("p0", 7);
	const struct iface *iface = iface_lookup(table, "p0");

	assert_ptr_equal(iface, iface_get(table, p0));
	assert_int_equal(iface->index, p0);
	assert_ptr_equal(iface_by_port(table, 7), iface);
	assert_null(iface_by_port(table, 8));
	assert_null(iface_by_port(table, UINT16_MAX));
	assert_null(iface_get(table, UINT16_MAX));
	assert_null(iface_lookup(table, "p"));
	assert_ptr_equal(iface_next(table, 0), iface_get(table, lo));
	assert_ptr_equal(iface_next(table, lo + 1u), iface);
	assert_null(iface_next(table, p0 + 1u));

	iface_remove(table, p0);
	assert_null(iface_get(table, p0));
	assert_null(iface_by_port(table, 7));
	assert_null(iface_lookup(table, "p0"));
	iface_remove(table, p0);
	iface_remove(table, UINT16_MAX);
	assert_int_equal(insert("p1", 7), p0);
}

static void
insert_refusals(void **state)
{
	static const struct {
		const char *name;
		uint16_t port;
		uint8_t type;
		int ret;
	} cases[] = {
		{ "p0", 9, IFACE_PORT, -EEXIST },
		{ "p1", 7, IFACE_PORT, -EEXIST },
		{ "", 8, IFACE_PORT, -EINVAL },
		{ "1p", 8, IFACE_PORT, -EINVAL },
		{ "p 1", 8, IFACE_PORT, -EINVAL },
		{ "p1", UINT16_MAX, IFACE_PORT, -EINVAL },
		{ "lo", 8, IFACE_LOOPBACK, -EINVAL },
		{ "a23456789012345678901234567890a", 8, IFACE_PORT, 0 },
	};

	insert("p0", 7);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct iface iface = model(cases[i].name, cases[i].port);
		struct error err = { 0 };
		uint16_t index;

		iface.type = cases[i].type;
		assert_int_equal(iface_insert(table, &iface, &index, &err), cases[i].ret);
		assert_int_equal(err.errnum, -cases[i].ret);
	}
}

static void
insert_until_full(void **state)
{
	struct iface iface;
	uint16_t index;
	char name[16];

	for (unsigned i = 0; i < IFACE_MAX; i++) {
		snprintf(name, sizeof(name), "i%u", i);
		assert_int_equal(insert(name, UINT16_MAX), i);
	}
	iface = model("more", UINT16_MAX);
	assert_int_equal(iface_insert(table, &iface, &index, NULL), -ENOSPC);
}

static void
update_publishes_a_copy(void **state)
{
	uint16_t index = insert("p0", 7), other = insert("p1", 8);
	struct iface changed = *iface_get(table, index);

	changed.mtu = 9000;
	changed.addrs[0] = prefix("10.0.0.1/24");
	changed.addr_count = 1;
	assert_int_equal(iface_get(table, index)->mtu, 1500);
	assert_int_equal(iface_update(table, &changed, NULL), 0);
	assert_int_equal(iface_get(table, index)->mtu, 9000);
	assert_addr(&iface_get(table, index)->source4, "10.0.0.1");
	assert_ptr_equal(iface_by_port(table, 7), iface_get(table, index));

	/* To another port, and another name. */
	changed.port = 9;
	strcpy(changed.name, "q0");
	assert_int_equal(iface_update(table, &changed, NULL), 0);
	assert_null(iface_by_port(table, 7));
	assert_ptr_equal(iface_by_port(table, 9), iface_get(table, index));
	assert_null(iface_lookup(table, "p0"));

	/* What another has cannot be had, and nothing changes. */
	changed.port = 8;
	assert_int_equal(iface_update(table, &changed, NULL), -EEXIST);
	changed.port = 9;
	strcpy(changed.name, "p1");
	assert_int_equal(iface_update(table, &changed, NULL), -EEXIST);
	assert_string_equal(iface_get(table, index)->name, "q0");
	assert_ptr_equal(iface_by_port(table, 8), iface_get(table, other));
	changed.index = 500;
	assert_int_equal(iface_update(table, &changed, NULL), -ENOENT);
}

/* What a worker holds stays until it says that it holds nothing. ASan sees it if not. */
static void
old_copies_wait_for_readers(void **state)
{
	uint16_t index = insert("p0", 7);
	const struct iface *held;
	struct iface changed;

	rte_rcu_qsbr_thread_register(rcu, 0);
	rte_rcu_qsbr_thread_online(rcu, 0);
	held = iface_get(table, index);
	changed = *held;
	for (uint16_t mtu = 1400; mtu < 1410; mtu++) {
		changed.mtu = mtu;
		assert_int_equal(iface_update(table, &changed, NULL), 0);
	}
	assert_int_equal(held->mtu, 1500);
	assert_int_equal(table->retired_count, 10);

	rte_rcu_qsbr_quiescent(rcu, 0);
	held = iface_get(table, index);
	iface_remove(table, index);
	assert_int_equal(table->retired_count, 1);
	assert_int_equal(held->mtu, 1409);

	rte_rcu_qsbr_thread_offline(rcu, 0);
	insert("p1", 7);
	iface_remove(table, index);
	assert_int_equal(table->retired_count, 1);
}

static void *
reader(void *stop)
{
	rte_rcu_qsbr_thread_register(rcu, 1);
	rte_rcu_qsbr_thread_online(rcu, 1);
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		const struct iface *iface = iface_by_port(table, 7);

		/* Each copy is whole: its parts agree. */
		if (iface != NULL && iface->mtu != iface->vrf)
			abort();
		rte_rcu_qsbr_quiescent(rcu, 1);
	}
	rte_rcu_qsbr_thread_offline(rcu, 1);
	return NULL;
}

static void
updates_outrun_a_reader(void **state)
{
	bool stop = false;
	struct iface changed;
	pthread_t thread;
	uint16_t index;

	changed = model("p0", 7);
	changed.vrf = changed.mtu;
	assert_int_equal(iface_insert(table, &changed, &index, NULL), 0);
	changed.index = index;
	assert_int_equal(pthread_create(&thread, NULL, reader, &stop), 0);
	for (unsigned i = 0; i < 5000; i++) {
		changed.mtu = changed.vrf = (uint16_t)(1000 + i);
		assert_int_equal(iface_update(table, &changed, NULL), 0);
		assert_in_range(table->retired_count, 1, IFACE_RETIRED_MAX);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

static void
addr_sources(void **state)
{
	struct iface iface = model("p0", 7);

	assert_int_equal(add(&iface, "fe80::1/64"), 0);
	assert_addr(&iface.source4, NULL);
	assert_addr(&iface.source6, "fe80::1");
	assert_int_equal(add(&iface, "10.0.0.1/24"), 0);
	assert_int_equal(add(&iface, "10.0.1.1/24"), 0);
	assert_int_equal(add(&iface, "2001:db8::1/64"), 0);
	assert_int_equal(add(&iface, "2001:db8:1::1/64"), 0);
	assert_int_equal(add(&iface, "fe80::2/64"), 0);
	assert_addr(&iface.source4, "10.0.0.1");
	assert_addr(&iface.source6, "2001:db8::1");

	assert_int_equal(take(&iface, "10.0.0.1/24"), 0);
	assert_addr(&iface.source4, "10.0.1.1");
	assert_int_equal(take(&iface, "2001:db8::1/64"), 0);
	assert_addr(&iface.source6, "2001:db8:1::1");
	assert_int_equal(take(&iface, "2001:db8:1::1/64"), 0);
	assert_addr(&iface.source6, "fe80::1");
	assert_int_equal(take(&iface, "10.0.1.1/24"), 0);
	assert_addr(&iface.source4, NULL);
	assert_int_equal(iface.addr_count, 2);
}

static void
addr_refusals(void **state)
{
	static const char *const bad[] = { "0.0.0.0/0", "0.0.0.0/24", "10.0.0.1/0", "127.0.0.1/8",
		"0.1.2.3/8", "224.0.0.1/4", "240.0.0.1/8", "255.255.255.255/32", "10.0.0.0/24",
		"10.0.0.255/24", "10.0.0.128/25", "10.0.3.255/22", "::/64", "::1/128", "ff02::1/16",
		"2001:db8::/64", "2001:db8::1/0" };
	static const char *const good[] = { "10.0.0.0/31", "10.0.0.1/31", "10.9.0.0/32",
		"10.0.1.0/22", "10.0.2.255/22", "2001:db8::/127", "2001:db8:1::/128",
		"2001:db8::ffff:ffff:ffff:ffff/64", "169.254.1.1/16" };
	struct iface iface = model("p0", 7);

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (add(&iface, bad[i]) != -EINVAL)
			fail_msg("%s was accepted", bad[i]);
	}
	assert_int_equal(iface.addr_count, 0);
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (add(&iface, good[i]) != 0)
			fail_msg("%s was refused", good[i]);
	}
	assert_int_equal(add(&iface, "10.0.0.1/31"), -EEXIST);
	assert_int_equal(add(&iface, "10.0.0.1/24"), -EEXIST);
	assert_int_equal(take(&iface, "10.0.0.1/24"), -ENOENT);
	assert_int_equal(take(&iface, "10.0.0.7/31"), -ENOENT);
}

static void
addr_until_full(void **state)
{
	struct iface iface = model("p0", 7);
	char text[32];

	for (unsigned i = 0; i < IFACE_ADDR_MAX; i++) {
		snprintf(text, sizeof(text), "10.0.%u.1/24", i);
		assert_int_equal(add(&iface, text), 0);
	}
	assert_int_equal(add(&iface, "10.1.0.1/24"), -ENOSPC);
	/* The order of the others stays. */
	assert_int_equal(take(&iface, "10.0.5.1/24"), 0);
	assert_addr(&iface.addrs[5].addr, "10.0.6.1");
	assert_addr(&iface.addrs[IFACE_ADDR_MAX - 2].addr, "10.0.63.1");
}

static void
addr_queries(void **state)
{
	struct iface iface = model("p0", 7);
	struct ip_addr asked;

	assert_int_equal(add(&iface, "10.0.0.1/8"), 0);
	assert_int_equal(add(&iface, "10.1.0.1/16"), 0);
	assert_int_equal(add(&iface, "2001:db8::1/64"), 0);
	asked = addr("10.1.2.3");
	assert_addr(&iface_addr_covering(&iface, &asked)->addr, "10.1.0.1");
	assert_false(iface_addr_is_own(&iface, &asked));
	asked = addr("10.2.2.3");
	assert_addr(&iface_addr_covering(&iface, &asked)->addr, "10.0.0.1");
	asked = addr("2001:db8::2");
	assert_addr(&iface_addr_covering(&iface, &asked)->addr, "2001:db8::1");
	asked = addr("2001:db8:0:1::2");
	assert_null(iface_addr_covering(&iface, &asked));
	asked = addr("11.0.0.1");
	assert_null(iface_addr_covering(&iface, &asked));
	assert_false(iface_addr_is_host(&iface, &asked));
	asked = addr("10.1.0.1");
	assert_true(iface_addr_is_own(&iface, &asked));
	assert_true(iface_addr_is_host(&iface, &asked));
	asked = addr("10.0.255.255");
	assert_true(iface_addr_is_host(&iface, &asked));
	asked = addr("10.1.255.255");
	assert_false(iface_addr_is_host(&iface, &asked));
	asked = addr("10.0.0.0");
	assert_false(iface_addr_is_host(&iface, &asked));
}

#define TABLE_TEST(f) cmocka_unit_test_setup_teardown(f, table_setup, table_teardown)
#define RCU_TEST(f)   cmocka_unit_test_setup_teardown(f, rcu_setup, table_teardown)

/* Tentative and duplicate addresses are there, but not ours; deprecated ones come last. */
static void
addr_states(void **state)
{
	static const char *const texts[] = { "fe80::1/64", "2001:db8::1/64", "2001:db8::2/64",
		"10.0.0.1/24" };
	struct iface iface = model("p0", 0);
	const struct ip_addr peer = prefix("2001:db8::99/128").addr;
	struct ip_prefix addrs[4];

	for (unsigned i = 0; i < 4; i++) {
		addrs[i] = prefix(texts[i]);
		assert_int_equal(iface_addr_add(&iface, &addrs[i], NULL), 0);
	}
	assert_true(ip_addr_equal(&iface.source6, &addrs[1].addr));
	iface_addr_state_set(&iface, 1, IFACE_ADDR_DEPRECATED);
	assert_true(ip_addr_equal(&iface.source6, &addrs[2].addr));
	assert_true(iface_addr_is_own(&iface, &addrs[1].addr));
	iface_addr_state_set(&iface, 2, IFACE_ADDR_TENTATIVE);
	assert_true(ip_addr_equal(&iface.source6, &addrs[1].addr));
	assert_false(iface_addr_is_own(&iface, &addrs[2].addr));
	assert_int_equal(iface_addr_find(&iface, &addrs[2].addr), 2);
	iface_addr_state_set(&iface, 1, IFACE_ADDR_DUPLICATE);
	assert_true(ip_addr_equal(&iface.source6, &addrs[0].addr));
	assert_null(iface_addr_covering(&iface, &peer));
	/* States stay with their addresses. */
	assert_int_equal(iface_addr_remove(&iface, &addrs[1], NULL), 0);
	assert_int_equal(iface.addr_states[1], IFACE_ADDR_TENTATIVE);
	assert_int_equal(iface.addr_states[2], IFACE_ADDR_PREFERRED);
	assert_string_equal(iface_addr_state_name(IFACE_ADDR_DUPLICATE), "dadfailed");
}

/* RFC 4291 2.6.1, RFC 6164 5.1 */
static void
addr_anycast(void **state)
{
	static const char *const none[] = { "2001:db8::1/127", "2001:db8::1/128", "fe80::1/64",
		"10.0.0.1/24" };
	const struct ip_addr first = prefix("2001:db8:0:7::/128").addr;
	const struct ip_addr second = prefix("2001:db8::104/128").addr;
	const struct ip_addr network = prefix("2001:db8::/128").addr;
	struct iface iface = model("p0", 0);
	struct ip_prefix addr;
	struct ip_addr anycast;

	for (unsigned i = 0; i < 4; i++) {
		addr = prefix(none[i]);
		assert_false(iface_addr_anycast(&addr, &anycast));
		assert_int_equal(iface_addr_add(&iface, &addr, NULL), i == 1 ? -EEXIST : 0);
	}
	assert_false(iface_addr_is_anycast(&iface, &network));
	addr = prefix("2001:db8:0:7::1/64");
	assert_true(iface_addr_anycast(&addr, &anycast));
	assert_true(ip_addr_equal(&anycast, &first));
	assert_int_equal(iface_addr_add(&iface, &addr, NULL), 0);
	addr = prefix("2001:db8::106/126");
	assert_true(iface_addr_anycast(&addr, &anycast));
	assert_true(ip_addr_equal(&anycast, &second));
	assert_true(iface_addr_is_anycast(&iface, &first));
	assert_false(iface_addr_is_anycast(&iface, &second));
	assert_false(iface_addr_is_own(&iface, &first));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(insert_and_look_up),
		TABLE_TEST(insert_refusals),
		TABLE_TEST(insert_until_full),
		TABLE_TEST(update_publishes_a_copy),
		RCU_TEST(old_copies_wait_for_readers),
		RCU_TEST(updates_outrun_a_reader),
		cmocka_unit_test(addr_sources),
		cmocka_unit_test(addr_refusals),
		cmocka_unit_test(addr_until_full),
		cmocka_unit_test(addr_queries),
		cmocka_unit_test(addr_states),
		cmocka_unit_test(addr_anycast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
