/* SPDX-License-Identifier: BSD-3-Clause */
/* Which answers of ARP count for an arping, and which do not. ND: test/system/probe_test.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/arp.h"

struct answers {
	unsigned count;
	struct stack_arping_answer last;
};

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
answered(void *arg, const struct stack_arping_answer *answer)
{
	struct answers *answers = arg;

	answers->count++;
	answers->last = *answer;
}

static struct ip_addr
addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static struct stack_arping *
arping_to(struct stack_fixture *f, const char *iface, const char *dst, struct answers *answers)
{
	const struct ip_addr addr = addr_of(dst);
	struct stack_arping *arping;
	struct error err = { 0 };

	*answers = (struct answers){ 0 };
	if (stack_arping_create(f->stack, iface, &addr, answered, answers, &arping, &err) < 0)
		fail_msg("%s", err.text);
	return arping;
}

/* From the MAC address 02:00:00:00:09:00, by a port. `length` of the packet that is there. */
static void
arp_rx(struct stack_fixture *f, unsigned port, enum arp_op op, const char *sender, uint16_t length)
{
	const struct arp arp = { .op = op,
		.sender_mac = { { 2, 0, 0, 0, 9, 0 } },
		.sender_ip = addr_of(sender),
		.target_ip = addr_of(port == 0 ? "10.0.0.1" : "10.0.1.1") };
	uint8_t body[ARP_LENGTH];

	arp_build(body, &arp);
	stack_fixture_rx(f, port, .eth_src = "02:00:00:00:09:00", .eth_type = ETHER_TYPE_ARP,
		.payload = body, .payload_length = length);
	stack_fixture_run(f);
}

/* What was sent by p0: a broadcast question for `dst`. */
static void
expect_question(struct stack_fixture *f, const char *dst)
{
	const struct arp arp = { .op = ARP_REQUEST,
		.sender_mac = { { 2, 0, 0, 0, 1, 0 } },
		.sender_ip = addr_of("10.0.0.1"),
		.target_ip = addr_of(dst) };
	uint8_t body[ARP_LENGTH];

	arp_build(body, &arp);
	stack_fixture_expect(f, 0, .eth_dst = "ff:ff:ff:ff:ff:ff", .eth_type = ETHER_TYPE_ARP,
		.payload = body, .payload_length = sizeof(body));
}

static void
question_and_answers(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .strangers = true });
	struct answers answers, others;
	struct stack_arping *arping = arping_to(f, "p0", "10.0.0.9", &answers);
	struct stack_arping *other = arping_to(f, "p1", "10.0.0.9", &others);

	stack_fixture_run(f);
	stack_arping_send(f->stack, arping);
	stack_fixture_run(f);
	expect_question(f, "10.0.0.9");
	stack_fixture_advance(f, 30);
	arp_rx(f, 0, ARP_REPLY, "10.0.0.9", ARP_LENGTH);
	assert_int_equal(answers.count, 1);
	assert_int_equal(answers.last.rtt_ns, 30000000);
	assert_int_equal(answers.last.mac.bytes[4], 9);
	/* Of several that have the address each is told. */
	arp_rx(f, 0, ARP_REPLY, "10.0.0.9", ARP_LENGTH);
	assert_int_equal(answers.count, 2);
	/* On the other link it is another's. */
	assert_int_equal(others.count, 0);
	stack_arping_destroy(f->stack, arping);
	stack_arping_destroy(f->stack, other);
	arp_rx(f, 0, ARP_REPLY, "10.0.0.9", ARP_LENGTH);
	assert_int_equal(answers.count, 2);
	stack_fixture_destroy(f);
}

static void
no_answers(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .strangers = true });
	struct answers answers;
	struct stack_arping *arping = arping_to(f, "p0", "10.0.0.9", &answers);

	arp_rx(f, 0, ARP_REPLY, "10.0.0.8", ARP_LENGTH);
	arp_rx(f, 0, ARP_REPLY, "10.0.0.9", ARP_LENGTH - 1);
	arp_rx(f, 0, ARP_REPLY, "10.0.0.9", 0);
	arp_rx(f, 1, ARP_REPLY, "10.0.0.9", ARP_LENGTH);
	assert_int_equal(answers.count, 0);
	assert_int_equal(stack_fixture_drops(f, DROP_arp_malformed), 2);
	/* He asks, and does not answer; we answer him. */
	arp_rx(f, 0, ARP_REQUEST, "10.0.0.9", ARP_LENGTH);
	assert_int_equal(answers.count, 0);
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	stack_arping_destroy(f->stack, arping);
	stack_fixture_destroy(f);
}

static void
refusals(void **state)
{
	static const struct {
		const char *iface, *dst;
		int expected;
	} cases[] = {
		{ "nope", "10.0.0.9", -ENOENT },
		{ "lo0", "10.0.0.9", -EINVAL },
		{ "p0", "10.0.0.1", -EINVAL },
		{ "p0", "0.0.0.0", -EINVAL },
		{ "p0", "224.0.0.1", -EINVAL },
		{ "p0", "ff02::1", -EINVAL },
	};
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct stack_arping *arping;
	struct error err = { 0 };

	assert_int_equal(stack_loopback_add(f->stack, "lo0", &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ip_addr addr = addr_of(cases[i].dst);

		assert_int_equal(stack_arping_create(f->stack, cases[i].iface, &addr, answered,
					 NULL, &arping, &err),
			cases[i].expected);
		assert_true(strlen(err.text) > 0);
	}
	stack_fixture_destroy(f);
}

static void
refused_without_a_source(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true });
	const struct ip_addr addr = addr_of("10.0.0.9");
	struct stack_arping *arping;
	struct error err = { 0 };

	assert_int_equal(stack_arping_create(f->stack, "p0", &addr, answered, NULL, &arping, &err),
		-EADDRNOTAVAIL);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_and_answers),
		cmocka_unit_test(no_answers),
		cmocka_unit_test(refusals),
		cmocka_unit_test(refused_without_a_source),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
