/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of tuples: each is found as what it is, and only while it is there. */
#include "tcp/tcp_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "support/eal.h"

#define COUNT 2000

static struct slab slabs[TCP_KIND_COUNT];
static struct tcp_table table;

static int
setup(void **state)
{
	const struct siphash_key key = { { 1, 2 } };

	if (test_eal_setup(state) != 0 || tcp_table_init(&table, 512, &key, 0) != 0)
		return -1;
	for (unsigned i = 0; i < TCP_KIND_COUNT; i++) {
		if (slab_init(&slabs[i], sizeof(struct tcp_node), COUNT, 0) != 0)
			return -1;
		table.slabs[i] = &slabs[i];
	}
	return 0;
}

static int
teardown(void **state)
{
	for (unsigned i = 0; i < TCP_KIND_COUNT; i++)
		slab_fini(&slabs[i]);
	tcp_table_fini(&table);
	return test_eal_teardown(state);
}

static struct tcp_tuple
tuple_of(uint32_t number)
{
	struct tcp_tuple tuple = { .family = number % 2 ? IP_FAMILY_4 : IP_FAMILY_6,
		.remote_port = (uint16_t)(number / 2 % 16),
		.local_port = (uint16_t)(number / 32 % 16),
		.vrf = number / 512 % 2 };

	memcpy(tuple.remote, &number, 4);
	return tuple;
}

/* Put in and taken out at random, against a plain array. */
static void
test_against_an_array(void **state)
{
	struct tcp_node *nodes[COUNT] = { NULL };
	enum tcp_kind kinds[COUNT], kind;
	struct random random;
	uint32_t count = 0;

	random_init(&random, 1);
	for (unsigned round = 0; round < 50000; round++) {
		uint32_t i = (uint32_t)random_below(&random, COUNT);
		struct tcp_tuple tuple = tuple_of(i);
		uint32_t hash = tcp_table_hash(&table, &tuple);
		struct tcp_node *node = tcp_table_lookup(&table, &tuple, hash, &kind);

		assert_ptr_equal(node, nodes[i]);
		assert_int_equal(kind, node != NULL ? kinds[i] : TCP_KIND_NONE);
		if (node != NULL) {
			tcp_table_remove(&table, kind, node);
			slab_give(&slabs[kind], node);
			nodes[i] = NULL;
			count--;
		} else {
			kinds[i] = (enum tcp_kind)random_below(&random, TCP_KIND_COUNT);
			nodes[i] = slab_take(&slabs[kinds[i]]);
			assert_non_null(nodes[i]);
			nodes[i]->tuple = tuple;
			nodes[i]->hash = hash;
			tcp_table_insert(&table, kinds[i], nodes[i]);
			count++;
		}
		assert_int_equal(table.count, count);
	}
}

/* Each part of a tuple counts. */
static void
test_every_field_differs(void **state)
{
	struct tcp_tuple tuple = tuple_of(1);
	uint32_t hash = tcp_table_hash(&table, &tuple);

	for (unsigned i = 0; i < sizeof(tuple); i++) {
		struct tcp_tuple other = tuple;

		((uint8_t *)&other)[i] ^= 1;
		/* Of IPv4 what is beyond 4 bytes is always 0. */
		if (i % 16 >= 4 && i < 32)
			continue;
		assert_int_not_equal(tcp_table_hash(&table, &other), hash);
	}
}

/* As many as may be, and they come back. */
static void
test_slab_is_bounded(void **state)
{
	struct slab slab;
	void *items[10], *last;

	assert_int_equal(slab_init(&slab, 64, 10, 0), 0);
	for (unsigned i = 0; i < 10; i++) {
		items[i] = slab_take(&slab);
		assert_int_equal(slab_index(&slab, items[i]), i);
	}
	assert_null(slab_take(&slab));
	slab_give(&slab, items[3]);
	last = slab_take(&slab);
	assert_ptr_equal(last, items[3]);
	assert_int_equal(slab.used, 10);
	slab_fini(&slab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_an_array),
		cmocka_unit_test(test_every_field_differs),
		cmocka_unit_test(test_slab_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
