/* SPDX-License-Identifier: BSD-3-Clause */
/* The multibit trie against the naive model, its accounting of blocks, and its grace periods. */
#include "unit/route/route_model.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "route/mtrie.h"

static int
insert(struct mtrie *trie, const struct ip_prefix *prefix, uint32_t nexthop)
{
	const struct mtrie_leaf leaf = { .nexthop = nexthop, .length = prefix->length };

	return mtrie_insert(trie, prefix->addr.bytes, &leaf);
}

static int
insert_text(struct mtrie *trie, const char *text, uint32_t nexthop)
{
	struct ip_prefix prefix = model_parse(text);

	return insert(trie, &prefix, nexthop);
}

static void
remove_text(struct mtrie *trie, const char *text, uint32_t nexthop, uint8_t length)
{
	const struct mtrie_leaf cover = { .nexthop = nexthop, .length = length };
	struct ip_prefix prefix = model_parse(text);

	mtrie_remove(trie, prefix.addr.bytes, prefix.length, &cover);
}

static uint32_t
lookup_text(const struct mtrie *trie, const char *text)
{
	struct ip_addr addr = model_parse_addr(text);

	return mtrie_lookup(trie, addr.bytes);
}

static void
assert_empty(const struct mtrie *trie)
{
	assert_int_equal(trie->block_count, 0);
	assert_int_equal(trie->root_used, 0);
	assert_int_equal(trie->free_count, trie->block_high);
}

static void
every_length(uint8_t family)
{
	struct ip_prefix prefix = { .addr.family = family };
	unsigned bits = ip_addr_bits(&prefix.addr);
	struct mtrie trie;

	assert_int_equal(mtrie_init(&trie, NULL, 64, -1), 0);
	for (unsigned length = 0; length <= bits; length++) {
		static const struct mtrie_leaf none;
		struct ip_addr first, last, before, after;

		/* 2001:0db8... or 32.1.13.184: not at an end of the space. */
		memcpy(prefix.addr.bytes, "\x20\x01\x0d\xb8\x55\xaa\x55\xaa\x55\xaa\x55\xaa\x55",
			family == IP_FAMILY_4 ? 4 : 13);
		prefix.length = length;
		prefix = ip_prefix_network(&prefix);
		first = last = prefix.addr;
		for (unsigned bit = length; bit < bits; bit++)
			last.bytes[bit / 8] |= 0x80 >> bit % 8;
		before = first;
		for (int i = (int)bits / 8 - 1; i >= 0 && before.bytes[i]-- == 0; i--)
			;
		after = last;
		for (int i = (int)bits / 8 - 1; i >= 0 && ++after.bytes[i] == 0; i--)
			;
		assert_int_equal(insert(&trie, &prefix, 7), 0);
		assert_int_equal(mtrie_lookup(&trie, first.bytes), 7);
		assert_int_equal(mtrie_lookup(&trie, last.bytes), 7);
		if (length > 0) {
			assert_int_equal(mtrie_lookup(&trie, before.bytes), 0);
			assert_int_equal(mtrie_lookup(&trie, after.bytes), 0);
		}
		mtrie_remove(&trie, prefix.addr.bytes, length, &none);
		assert_int_equal(mtrie_lookup(&trie, first.bytes), 0);
		assert_int_equal(mtrie_lookup(&trie, last.bytes), 0);
		assert_empty(&trie);
	}
	mtrie_fini(&trie);
}

static void
test_every_length(void **state)
{
	every_length(IP_FAMILY_4);
	every_length(IP_FAMILY_6);
}

static void
test_nested(void **state)
{
	struct mtrie trie;

	assert_int_equal(mtrie_init(&trie, NULL, 64, -1), 0);
	/* The shorter ones come later: they must not cover the longer ones. */
	assert_int_equal(insert_text(&trie, "10.1.2.128/25", 25), 0);
	assert_int_equal(insert_text(&trie, "10.1.2.200/32", 32), 0);
	assert_int_equal(insert_text(&trie, "10.1.2.0/24", 24), 0);
	assert_int_equal(insert_text(&trie, "10.0.0.0/8", 8), 0);
	assert_int_equal(insert_text(&trie, "0.0.0.0/0", 1), 0);
	assert_int_equal(trie.block_count, 1);
	assert_int_equal(lookup_text(&trie, "10.1.2.200"), 32);
	assert_int_equal(lookup_text(&trie, "10.1.2.201"), 25);
	assert_int_equal(lookup_text(&trie, "10.1.2.127"), 24);
	assert_int_equal(lookup_text(&trie, "10.1.3.0"), 8);
	assert_int_equal(lookup_text(&trie, "11.0.0.0"), 1);
	/* Replacing /8 reaches neither /24 nor what is in its block. */
	assert_int_equal(insert_text(&trie, "10.0.0.0/8", 9), 0);
	assert_int_equal(lookup_text(&trie, "10.1.2.1"), 24);
	assert_int_equal(lookup_text(&trie, "10.200.0.0"), 9);
	/* /24 goes from inside the block of its longer ones. */
	remove_text(&trie, "10.1.2.0/24", 9, 8);
	assert_int_equal(lookup_text(&trie, "10.1.2.127"), 9);
	assert_int_equal(lookup_text(&trie, "10.1.2.201"), 25);
	remove_text(&trie, "10.1.2.128/25", 9, 8);
	assert_int_equal(lookup_text(&trie, "10.1.2.201"), 9);
	assert_int_equal(trie.block_count, 1);
	remove_text(&trie, "10.1.2.200/32", 9, 8);
	assert_int_equal(lookup_text(&trie, "10.1.2.200"), 9);
	assert_int_equal(trie.block_count, 0);
	remove_text(&trie, "10.0.0.0/8", 1, 0);
	assert_int_equal(lookup_text(&trie, "10.1.2.200"), 1);
	remove_text(&trie, "0.0.0.0/0", 0, 0);
	assert_int_equal(lookup_text(&trie, "10.1.2.200"), 0);
	assert_empty(&trie);
	mtrie_fini(&trie);
}

static void
model_step(struct model *model, struct mtrie *trie, uint8_t family)
{
	struct ip_prefix prefix = model_prefix(model, family);
	struct model_route *route = model_find(model, &prefix);
	const struct model_route *cover;
	struct mtrie_leaf leaf = { 0 };
	uint32_t nexthop = 1 + model_below(model, 1000);

	if (model->count > 0 && model_below(model, 300) < model->count)
		route = &model->routes[model_below(model, model->count)];
	if (route == NULL) {
		assert_int_equal(insert(trie, &prefix, nexthop), 0);
		model_insert(model, &prefix, nexthop);
	} else if (model_below(model, 4) == 0) {
		assert_int_equal(insert(trie, &route->prefix, nexthop), 0);
		route->nexthop = nexthop;
	} else {
		prefix = route->prefix;
		cover = model_lookup(model, &prefix.addr, prefix.length);
		if (cover != NULL) {
			leaf.nexthop = cover->nexthop;
			leaf.length = cover->prefix.length;
		}
		mtrie_remove(trie, prefix.addr.bytes, prefix.length, &leaf);
		model_remove(model, route);
	}
}

static void
check_model(uint8_t family, uint64_t seed, unsigned steps)
{
	struct model *model = calloc(1, sizeof(*model));
	struct mtrie trie;

	assert_non_null(model);
	model->seed = seed;
	assert_int_equal(mtrie_init(&trie, NULL, 8192, -1), 0);
	for (unsigned step = 0; step < steps; step++) {
		model_step(model, &trie, family);
		for (unsigned i = 0; i < 6; i++) {
			struct ip_addr addr = model_probe(model, family);

			assert_int_equal(
				mtrie_lookup(&trie, addr.bytes), model_nexthop(model, &addr));
		}
	}
	assert_true(trie.block_count > 0);
	while (model->count > 0) {
		const struct model_route *cover;
		struct ip_prefix prefix;
		struct mtrie_leaf leaf = { 0 };

		prefix = model->routes[0].prefix;
		cover = model_lookup(model, &prefix.addr, prefix.length);
		if (cover != NULL) {
			leaf.nexthop = cover->nexthop;
			leaf.length = cover->prefix.length;
		}
		mtrie_remove(&trie, prefix.addr.bytes, prefix.length, &leaf);
		model_remove(model, &model->routes[0]);
	}
	assert_empty(&trie);
	assert_int_equal(trie.default_nexthop, 0);
	mtrie_fini(&trie);
	free(model);
}

static void
test_model4(void **state)
{
	check_model(IP_FAMILY_4, 4, 40000);
}

static void
test_model6(void **state)
{
	check_model(IP_FAMILY_6, 6, 40000);
}

static void
test_no_space(void **state)
{
	struct mtrie trie;
	uint32_t high;

	assert_int_equal(mtrie_init(&trie, NULL, 7, -1), 0);
	/* 24..64: five blocks */
	assert_int_equal(insert_text(&trie, "2001:db8::/64", 64), 0);
	assert_int_equal(insert_text(&trie, "2001:db8::/20", 20), 0);
	assert_int_equal(trie.block_count, 5);
	high = trie.block_high;
	assert_int_equal(insert_text(&trie, "3001:db8::/64", 65), -ENOSPC);
	/* Three more below /40. */
	assert_int_equal(insert_text(&trie, "2001:db8:8000::/64", 66), -ENOSPC);
	assert_int_equal(trie.block_count, 5);
	assert_int_equal(trie.block_high, high);
	assert_int_equal(lookup_text(&trie, "2001:db8::1"), 64);
	assert_int_equal(lookup_text(&trie, "2001:db8:8000::1"), 20);
	assert_int_equal(lookup_text(&trie, "3001:db8::1"), 0);
	/* Two more fit. */
	assert_int_equal(insert_text(&trie, "2001:db8:0:100::/64", 67), 0);
	assert_int_equal(insert_text(&trie, "2001:db8:1::/56", 56), 0);
	assert_int_equal(trie.block_count, 7);
	assert_int_equal(insert_text(&trie, "2001:db8:1::/57", 57), -ENOSPC);
	assert_int_equal(lookup_text(&trie, "2001:db8:1::1"), 56);
	/* What is there can be replaced in a full trie. */
	assert_int_equal(insert_text(&trie, "2001:db8::/64", 68), 0);
	assert_int_equal(lookup_text(&trie, "2001:db8::1"), 68);
	remove_text(&trie, "2001:db8::/64", 20, 20);
	remove_text(&trie, "2001:db8:0:100::/64", 20, 20);
	remove_text(&trie, "2001:db8:1::/56", 20, 20);
	assert_int_equal(lookup_text(&trie, "2001:db8::1"), 20);
	remove_text(&trie, "2001:db8::/20", 0, 0);
	assert_empty(&trie);
	assert_int_equal(insert_text(&trie, "3001:db8::/64", 65), 0);
	assert_int_equal(lookup_text(&trie, "3001:db8::1"), 65);
	mtrie_fini(&trie);
}

/* A reader that still is in a block must find what it was, until it reports. */
static void
test_grace(void **state)
{
	struct rte_rcu_qsbr *rcu = model_rcu_create();
	struct mtrie trie;
	const uint32_t *block;

	assert_int_equal(mtrie_init(&trie, rcu, 2, -1), 0);
	assert_int_equal(insert_text(&trie, "10.0.0.0/25", 25), 0);
	block = mtrie_block(trie.blocks, trie.root[10 << 16]);
	remove_text(&trie, "10.0.0.0/25", 0, 0);
	assert_int_equal(trie.block_count, 0);
	assert_int_equal(trie.free_count, 0);
	assert_int_equal(insert_text(&trie, "10.0.1.0/32", 32), 0);
	assert_ptr_not_equal(mtrie_block(trie.blocks, trie.root[(10 << 16) + 1]), block);
	for (unsigned i = 0; i < MTRIE_BLOCK_ENTRIES; i++)
		assert_int_equal(block[i], 0);
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_int_equal(insert_text(&trie, "10.0.2.0/32", 33), 0);
	assert_ptr_equal(mtrie_block(trie.blocks, trie.root[(10 << 16) + 2]), block);
	mtrie_fini(&trie);
	free(rcu);
}

/* However many blocks come and go, they are reused once the readers have reported. */
static void
test_grace_queue(void **state)
{
	struct rte_rcu_qsbr *rcu = model_rcu_create();
	struct mtrie trie;

	rte_rcu_qsbr_thread_offline(rcu, 0);
	assert_int_equal(mtrie_init(&trie, rcu, 1, -1), 0);
	for (unsigned i = 0; i < 3 * ROUTE_GRACE_MAX; i++) {
		assert_int_equal(insert_text(&trie, "10.0.0.0/25", 25), 0);
		remove_text(&trie, "10.0.0.0/25", 0, 0);
	}
	assert_int_equal(trie.block_high, 1);
	mtrie_fini(&trie);
	free(rcu);
}

struct late_reader {
	struct rte_rcu_qsbr *rcu;
	uint32_t blocks; /* that wait; atomic */
	uint32_t waiting; /* report a while after so many do */
};

static void *
late_report(void *arg)
{
	const struct late_reader *reader = arg;

	while (__atomic_load_n(&reader->blocks, __ATOMIC_RELAXED) < reader->waiting)
		usleep(1000);
	usleep(20000);
	rte_rcu_qsbr_quiescent(reader->rcu, 0);
	return NULL;
}

/* Short of blocks while some wait, or of room for them to wait: control waits for the readers. */
static void
grace_wait(uint32_t block_max, uint32_t waiting)
{
	struct mtrie trie;
	struct late_reader reader = { .rcu = model_rcu_create(), .waiting = waiting };
	pthread_t thread;

	assert_int_equal(mtrie_init(&trie, reader.rcu, block_max, -1), 0);
	assert_int_equal(pthread_create(&thread, NULL, late_report, &reader), 0);
	for (uint32_t i = 0; i < waiting + 1; i++) {
		assert_int_equal(insert_text(&trie, "10.0.0.0/25", 25), 0);
		remove_text(&trie, "10.0.0.0/25", 0, 0);
		__atomic_store_n(&reader.blocks, i + 1, __ATOMIC_RELAXED);
		assert_in_range(trie.grace.tail - trie.grace.head, 1, ROUTE_GRACE_MAX);
	}
	pthread_join(thread, NULL);
	assert_in_range(trie.block_high, waiting, waiting + 1);
	assert_int_equal(trie.block_high, trie.free_count + (trie.grace.tail - trie.grace.head));
	mtrie_fini(&trie);
	free(reader.rcu);
}

static void
test_grace_wait(void **state)
{
	grace_wait(1, 1);
	grace_wait(UINT32_C(1) << 20, ROUTE_GRACE_MAX);
}

/* The default route touches nothing, an untouched trie costs nothing. */
static void
test_bytes(void **state)
{
	struct mtrie trie;

	assert_int_equal(mtrie_init(&trie, NULL, 1024, -1), 0);
	assert_int_equal(mtrie_bytes(&trie), 0);
	assert_int_equal(insert_text(&trie, "0.0.0.0/0", 1), 0);
	assert_int_equal(mtrie_bytes(&trie), 0);
	assert_int_equal(insert_text(&trie, "10.0.0.0/24", 2), 0);
	/* A page of entries, and one of lengths. */
	assert_int_equal(mtrie_bytes(&trie), 2 * 4096);
	assert_int_equal(insert_text(&trie, "10.0.0.0/25", 2), 0);
	assert_int_equal(mtrie_bytes(&trie), 2 * 4096 + 256 * 5 + 4);
	/* 1024 entries are a page, 4096 lengths. */
	assert_int_equal(insert_text(&trie, "10.12.0.0/24", 2), 0);
	assert_int_equal(mtrie_bytes(&trie), 3 * 4096 + 256 * 5 + 4);
	assert_int_equal(insert_text(&trie, "10.16.0.0/24", 2), 0);
	assert_int_equal(mtrie_bytes(&trie), 5 * 4096 + 256 * 5 + 4);
	mtrie_use_huge_pages(&trie);
	assert_int_equal(mtrie_bytes(&trie), (2 << 20) + (2 << 18) + 256 * 5 + 4);
	mtrie_fini(&trie);
}

/* One that has grown asks for huge pages by itself: by its root, or by its blocks. */
static void
test_grows_huge(void **state)
{
	struct mtrie trie;
	char text[32];

	assert_int_equal(mtrie_init(&trie, NULL, 1024, -1), 0);
	assert_int_equal(insert_text(&trie, "10.0.0.0/8", 1), 0);
	assert_false(trie.huge);
	assert_int_equal(insert_text(&trie, "11.0.0.0/24", 1), 0);
	assert_true(trie.huge);
	mtrie_fini(&trie);
	assert_int_equal(mtrie_init(&trie, NULL, 1024, -1), 0);
	for (unsigned i = 0; i < 256; i++) {
		assert_false(trie.huge);
		snprintf(text, sizeof(text), "10.0.%u.0/25", i);
		assert_int_equal(insert_text(&trie, text, 1), 0);
	}
	assert_int_equal(insert_text(&trie, "10.1.0.0/25", 1), 0);
	assert_true(trie.huge);
	mtrie_fini(&trie);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_model4),
		cmocka_unit_test(test_model6),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_grace_queue),
		cmocka_unit_test(test_grace_wait),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_grows_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
