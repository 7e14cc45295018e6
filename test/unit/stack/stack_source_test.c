/* SPDX-License-Identifier: BSD-3-Clause */
/* Which address the control thread sends from: of the interface that leads there, or another. */
#include "unit/stack/neigh_fixture.h"

static int
source_of(struct stack_fixture *f, const char *dst_text, const char *iface, const char *expected)
{
	const struct ip_addr dst = addr_of(dst_text);
	char text[IP_TEXT_MAX];
	struct ip_addr source;
	int rc = stack_source(f->stack, IP_VRF_DEFAULT, &dst,
		iface != NULL ? iface_lookup(f->stack->ifaces, iface) : NULL, &source, NULL);

	if (rc == 0)
		assert_string_equal(ip_addr_format(&source, text), expected);
	return rc;
}

static void
test_by_route(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "2001:db8:9::/48", "2001:db8:1::2 2001:db8::2");
	assert_int_equal(source_of(f, "10.0.1.9", NULL, "10.0.1.1"), 0);
	assert_int_equal(source_of(f, "192.0.2.1", NULL, "10.0.1.1"), 0);
	assert_int_equal(source_of(f, "2001:db8:9::1", NULL, "2001:db8:1::1"), 0);
	assert_int_equal(source_of(f, "fe80::9", "p0", "fe80::ff:fe00:100"), 0);
	assert_int_equal(source_of(f, "198.51.100.1", NULL, NULL), -ENETUNREACH);
	assert_int_equal(source_of(f, "10.0.0.1", NULL, NULL), -ENETUNREACH);
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_unroute(f, "2001:db8:9::/48");
	stack_fixture_destroy(f);
}

/* A link without addresses of its own: those of a loopback reach further. */
static void
test_from_another_interface(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true, .ports = 1 });

	assert_int_equal(source_of(f, "192.0.2.1", "p0", NULL), -EADDRNOTAVAIL);
	assert_int_equal(source_of(f, "2001:db8:5::1", "p0", "fe80::ff:fe00:100"), 0);
	assert_int_equal(stack_loopback_add(f->stack, "lo0", NULL), 0);
	stack_fixture_addr(f, "lo0", "2001:db8:99::1/128");
	stack_fixture_addr(f, "lo0", "203.0.113.1/32");
	assert_int_equal(source_of(f, "192.0.2.1", "p0", "203.0.113.1"), 0);
	assert_int_equal(source_of(f, "2001:db8:5::1", "p0", "2001:db8:99::1"), 0);
	assert_int_equal(source_of(f, "fe80::9", "p0", "fe80::ff:fe00:100"), 0);
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	assert_int_equal(source_of(f, "2001:db8:5::1", "p0", "2001:db8::1"), 0);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_route),
		cmocka_unit_test(test_from_another_interface),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
