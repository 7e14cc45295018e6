/* SPDX-License-Identifier: BSD-3-Clause */
/* Duplicate address detection: when is asked, and what counts as an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "autoconf/autoconf.h"
#include "wire/icmp.h"

static struct ip_addr
addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static enum autoconf_dad_step
tick(struct autoconf_dad *dad, uint64_t now_ms, uint8_t nonce, struct nd *nd)
{
	const uint8_t nonces[ND_NONCE_LENGTH] = { nonce };
	const struct ip_addr group = addr_of("ff02::1:ff00:7");
	struct nd_envelope envelope;
	enum autoconf_dad_step step = autoconf_dad_tick(dad, now_ms, nonces, nd, &envelope);

	if (step == AUTOCONF_DAD_SOLICIT) {
		assert_int_equal(nd->type, ICMP6_NEIGHBOR_SOLICITATION);
		assert_false(nd->has_mac);
		assert_true(nd->has_nonce);
		assert_int_equal(nd->nonce[0], nonce);
		assert_true(ip_addr_is_unspecified(&envelope.src));
		assert_true(ip_addr_equal(&envelope.dst, &group));
		assert_int_equal(envelope.hop_limit, 255);
	}
	return step;
}

static void
test_unique_after_silence(void **state)
{
	const struct ip_addr addr = addr_of("2001:db8::7");
	struct autoconf_dad dad;
	struct nd nd;

	autoconf_dad_start(&dad, &addr, 5000, 2, 3 * AUTOCONF_DELAY_MAX_MS + 400);
	assert_int_equal(tick(&dad, 5399, 1, &nd), AUTOCONF_DAD_WAIT);
	assert_int_equal(tick(&dad, 5400, 1, &nd), AUTOCONF_DAD_SOLICIT);
	assert_int_equal(tick(&dad, 6399, 2, &nd), AUTOCONF_DAD_WAIT);
	assert_int_equal(tick(&dad, 6400, 2, &nd), AUTOCONF_DAD_SOLICIT);
	assert_int_equal(tick(&dad, 7399, 3, &nd), AUTOCONF_DAD_WAIT);
	assert_int_equal(tick(&dad, 7400, 3, &nd), AUTOCONF_DAD_UNIQUE);
}

static void
test_evidence(void **state)
{
	const struct ip_addr addr = addr_of("2001:db8::7");
	struct nd_envelope envelope = { .src = { .family = IP_FAMILY_6 } };
	struct autoconf_dad dad;
	struct nd nd, other;

	autoconf_dad_start(&dad, &addr, 0, 2, 0);
	assert_int_equal(tick(&dad, 0, 1, &nd), AUTOCONF_DAD_SOLICIT);
	assert_int_equal(tick(&dad, 1000, 2, &other), AUTOCONF_DAD_SOLICIT);
	/* RFC 7527: our own, come back, the first as well as the last. */
	assert_false(autoconf_dad_input(&dad, &nd, &envelope));
	assert_false(autoconf_dad_input(&dad, &other, &envelope));
	/* Another's, with or without a nonce. */
	other.nonce[5] = 9;
	assert_true(autoconf_dad_input(&dad, &other, &envelope));
	other.has_nonce = false;
	assert_true(autoconf_dad_input(&dad, &other, &envelope));
	/* About another address; from somebody who resolves. */
	other.target = addr_of("2001:db8::8");
	assert_false(autoconf_dad_input(&dad, &other, &envelope));
	other.target = addr;
	envelope.src = addr_of("2001:db8::9");
	assert_false(autoconf_dad_input(&dad, &other, &envelope));
	other.type = ICMP6_NEIGHBOR_ADVERTISEMENT;
	assert_true(autoconf_dad_input(&dad, &other, &envelope));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unique_after_silence),
		cmocka_unit_test(test_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
