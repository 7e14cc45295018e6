/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces found by the tags of frames. */
#include "iface/iface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct iface_table *table;

static int
setup(void **state)
{
	table = iface_table_create(NULL);
	return table == NULL;
}

static int
teardown(void **state)
{
	iface_table_destroy(table);
	return 0;
}

static struct vlan_tags
tags(uint16_t outer, uint16_t inner)
{
	return (struct vlan_tags){ inner != 0 ? 2 : 1,
		{ { ETHER_TYPE_VLAN, outer }, { ETHER_TYPE_VLAN, inner } } };
}

static int
insert(uint16_t port, const struct vlan_tags *of, uint16_t *index)
{
	static unsigned serial;
	struct iface model = { .type = IFACE_VLAN, .port = port, .mtu = 1500, .tags = *of };

	snprintf(model.name, sizeof(model.name), "v%u", serial++);
	return iface_insert(table, &model, index, NULL);
}

static const struct iface *
found(uint16_t port, uint16_t outer, uint16_t inner)
{
	const struct vlan_tags of = tags(outer, inner);

	return iface_by_vlan(table, port, &of);
}

static void
test_found_by_port_and_tags(void **state)
{
	struct vlan_tags outer = tags(1, 0), last = tags(4094, 0), both = tags(1, 4094);
	struct vlan_tags service = { 1, { { ETHER_TYPE_QINQ, 1 } } };
	uint16_t i, j, k, l, m;

	assert_null(found(3, 1, 0));
	assert_int_equal(insert(3, &outer, &i), 0);
	assert_int_equal(insert(3, &last, &j), 0);
	assert_int_equal(insert(3, &both, &k), 0);
	assert_int_equal(insert(4, &outer, &l), 0);
	assert_int_equal(insert(3, &service, &m), 0);
	assert_ptr_equal(found(3, 1, 0), iface_get(table, i));
	assert_ptr_equal(found(3, 4094, 0), iface_get(table, j));
	assert_ptr_equal(found(3, 1, 4094), iface_get(table, k));
	assert_ptr_equal(found(4, 1, 0), iface_get(table, l));
	assert_ptr_equal(iface_by_vlan(table, 3, &service), iface_get(table, m));
	assert_null(found(3, 2, 0));
	assert_null(found(3, 4095, 0));
	assert_null(found(3, 4094, 1));
	assert_null(found(5, 1, 0));
	/* Taken. */
	assert_int_equal(insert(3, &both, &k), -EEXIST);
	/* One that goes leaves those in it to whoever removes them. */
	iface_remove(table, i);
	assert_null(found(3, 1, 0));
	assert_ptr_equal(found(3, 1, 4094), iface_get(table, k));
	iface_remove(table, k);
	assert_null(found(3, 1, 4094));
	assert_int_equal(insert(3, &both, &k), 0);
	assert_ptr_equal(found(3, 1, 4094), iface_get(table, k));
}

static void
test_update_is_found(void **state)
{
	struct vlan_tags first = tags(7, 0);
	struct iface changed;
	uint16_t index;

	assert_int_equal(insert(3, &first, &index), 0);
	changed = *iface_get(table, index);
	changed.up = true;
	assert_int_equal(iface_update(table, &changed, NULL), 0);
	assert_ptr_equal(found(3, 7, 0), iface_get(table, index));
	assert_true(found(3, 7, 0)->up);
	changed.tags = tags(8, 9);
	assert_int_equal(iface_update(table, &changed, NULL), 0);
	assert_null(found(3, 7, 0));
	assert_ptr_equal(found(3, 8, 9), iface_get(table, index));
}

static void
test_refused_models(void **state)
{
	static const struct vlan_tags none = { 0 };
	struct vlan_tags one = tags(1, 0);
	struct iface port = { .type = IFACE_PORT, .port = 1, .tags = one, .name = "p1" };
	uint16_t index;

	assert_int_equal(insert(3, &none, &index), -EINVAL);
	assert_int_equal(insert(UINT16_MAX, &one, &index), -EINVAL);
	assert_int_equal(iface_insert(table, &port, &index, NULL), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found_by_port_and_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_models, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
