/* SPDX-License-Identifier: BSD-3-Clause */
/* MTUs of paths: what is believed, for how long, and of how many destinations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ip/ip_pmtu.h"
#include "ip/ip_vrf.h"

#define SECOND 1000000000ULL

static struct ip_addr
addr(const char *text)
{
	struct ip_addr parsed;

	assert_int_equal(ip_addr_parse(text, &parsed), 0);
	return parsed;
}

static void
test_learns(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	const struct ip_addr a = addr("10.0.0.1"), b = addr("10.0.0.2"), c = addr("2001:db8::1");

	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, SECOND), 1400);
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &c, 1300, SECOND), 1300);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), 1400);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &b), UINT32_MAX);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &c), 1300);
	/* A message lowers it, and never raises it. */
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1450, SECOND), 1400);
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1000, SECOND), 1000);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), 1000);
	assert_int_equal(pmtu->count, 2);
	free(pmtu);
}

/* RFC 8201 4: less than the least is not believed. */
static void
test_clamps(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	const struct ip_addr a = addr("10.0.0.1"), c = addr("2001:db8::1");

	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 0, SECOND), 576);
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &c, 68, SECOND), 1280);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &c), 1280);
	free(pmtu);
}

static void
test_ages(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	const struct ip_addr a = addr("10.0.0.1"), b = addr("10.0.0.2");

	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, SECOND);
	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &b, 1400, 2 * SECOND);
	/* Saying it again does not make it last. */
	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, 300 * SECOND);
	ip_pmtu_expire(pmtu, 601 * SECOND - 1);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), 1400);
	ip_pmtu_expire(pmtu, 601 * SECOND);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &b), 1400);
	assert_int_equal(pmtu->count, 1);
	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, 601 * SECOND);
	ip_pmtu_flush(pmtu);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &b), UINT32_MAX);
	assert_int_equal(pmtu->count, 0);
	free(pmtu);
}

/* However many are said to be: the table does not grow, the newest is known, the oldest goes. */
static void
test_bound(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	struct ip_addr a = addr("2001:db8::");

	for (uint32_t i = 0; i < 100000; i++) {
		memcpy(a.bytes + 12, &i, sizeof(i));
		ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, i);
		assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), 1400);
	}
	assert_int_equal(pmtu->count, IP_PMTU_SETS * IP_PMTU_WAYS);
	assert_int_equal(pmtu->learned, 100000);
	assert_int_equal(pmtu->evicted, 100000 - IP_PMTU_SETS * IP_PMTU_WAYS);
	for (uint32_t i = 0; i < 1000; i++) {
		memcpy(a.bytes + 12, &i, sizeof(i));
		assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), UINT32_MAX);
	}
	ip_pmtu_expire(pmtu, IP_PMTU_TIMEOUT_NS + 100000);
	assert_int_equal(pmtu->count, 0);
	free(pmtu);
}

static void
test_flush(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	const struct ip_addr a = addr("10.0.0.1"), b = addr("2001:db8::1");

	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1400, SECOND);
	ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &b, 1400, 2 * SECOND);
	ip_pmtu_flush(pmtu);
	assert_int_equal(pmtu->count, 0);
	assert_int_equal(ip_pmtu_lookup(pmtu, IP_VRF_DEFAULT, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_insert(pmtu, IP_VRF_DEFAULT, &a, 1450, 3 * SECOND), 1450);
	assert_int_equal(pmtu->learned, 3);
	assert_int_equal(pmtu->evicted, 0);
	free(pmtu);
}

/* One address, and a path of its own in each VRF; those of one that goes are forgotten. */
static void
test_vrfs(void **state)
{
	struct ip_pmtu *pmtu = calloc(1, sizeof(*pmtu));
	struct ip_addr a = addr("2001:db8::1");

	assert_int_equal(ip_pmtu_insert(pmtu, 7, &a, 1400, SECOND), 1400);
	assert_int_equal(ip_pmtu_lookup(pmtu, 8, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_insert(pmtu, 8, &a, 1300, SECOND), 1300);
	assert_int_equal(ip_pmtu_lookup(pmtu, 7, &a), 1400);
	ip_pmtu_forget(pmtu, 7);
	assert_int_equal(ip_pmtu_lookup(pmtu, 7, &a), UINT32_MAX);
	assert_int_equal(ip_pmtu_lookup(pmtu, 8, &a), 1300);
	assert_int_equal(pmtu->count, 1);
	free(pmtu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_clamps),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_vrfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
