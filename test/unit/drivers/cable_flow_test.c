/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules that an end of a cable does itself, as a NIC would. */
#include "unit/drivers/cable_fixture.h"

#define QUEUES 4

static struct port_flow_rule
rule_of(uint32_t id, uint16_t dst_port, uint16_t queue)
{
	return (struct port_flow_rule){
		.id = id,
		.target = queue,
		.match = { .fields = PORT_FLOW_PROTO | PORT_FLOW_DST_PORT,
			.proto = IP_PROTO_UDP,
			.dst_port = dst_port },
	};
}

static void *
create(struct cable_fixture *f, const struct port_flow_rule *rule)
{
	return cable_port_ops.flow_create(f->ports[1], rule);
}

static void
destroy(struct cable_fixture *f, void *flow)
{
	struct error err = { 0 };

	assert_int_equal(cable_port_ops.flow_destroy(f->ports[1], flow, &err), 0);
}

static uint64_t
hits(struct cable_fixture *f, void *flow)
{
	uint64_t packets;

	assert_int_equal(cable_port_ops.flow_hits(f->ports[1], flow, &packets), 0);
	return packets;
}

/* The queue that a packet of each of many flows comes to; QUEUES: not always the same. */
static unsigned
queue_of(struct cable_fixture *f, uint16_t dst_port)
{
	unsigned first = QUEUES;

	for (uint16_t i = 0; i < 50; i++) {
		uint16_t queue = 0;

		cable_fixture_send(f, 0, .src_port = (uint16_t)(1000 + i), .dst_port = dst_port);
		rte_pktmbuf_free(cable_fixture_take(f, 1, &queue));
		if (i > 0 && queue != first)
			return QUEUES;
		first = queue;
	}
	return first;
}

static void
test_rules(void **state)
{
	struct port_flow_rule rule = rule_of(1, 53, 2), other = rule_of(2, 80, 3);
	struct cable_fixture f;
	void *dns, *web;

	cable_fixture_create(&f, "", QUEUES);
	assert_int_equal(queue_of(&f, 53), QUEUES);
	dns = create(&f, &rule);
	web = create(&f, &other);
	assert_non_null(dns);
	assert_non_null(web);
	assert_int_equal(queue_of(&f, 53), 2);
	assert_int_equal(queue_of(&f, 80), 3);
	assert_int_equal(queue_of(&f, 81), QUEUES);
	assert_int_equal(hits(&f, dns), 50);
	assert_int_equal(hits(&f, web), 50);
	destroy(&f, dns);
	assert_int_equal(queue_of(&f, 53), QUEUES);
	assert_int_equal(queue_of(&f, 80), 3);
	destroy(&f, web);
	assert_int_equal(queue_of(&f, 80), QUEUES);
	cable_fixture_destroy(&f);
}

/* The lowest priority decides; of equal ones the lowest number. */
static void
test_priority(void **state)
{
	struct port_flow_rule first = rule_of(7, 53, 1), second = rule_of(5, 53, 2),
			      third = rule_of(9, 53, 3);
	struct cable_fixture f;
	void *flow;

	cable_fixture_create(&f, "", QUEUES);
	create(&f, &first);
	assert_int_equal(queue_of(&f, 53), 1);
	flow = create(&f, &second);
	assert_int_equal(queue_of(&f, 53), 2);
	third.priority = 1;
	create(&f, &third);
	assert_int_equal(queue_of(&f, 53), 2);
	destroy(&f, flow);
	assert_int_equal(queue_of(&f, 53), 1);
	cable_fixture_destroy(&f);
}

/* A rule that there is no room for, or no queue, is left to others. A stop ends them all. */
static void
test_bounds(void **state)
{
	struct port_flow_rule rule = rule_of(0, 53, QUEUES);
	struct cable_fixture f;
	struct error err = { 0 };
	unsigned count = 0;

	cable_fixture_create(&f, "", QUEUES);
	assert_null(create(&f, &rule));
	for (; count < PORT_FLOW_RULES_MAX; count++) {
		rule = rule_of(count, (uint16_t)(53 + count), 1);
		if (create(&f, &rule) == NULL)
			break;
	}
	assert_in_range(count, 8, PORT_FLOW_RULES_MAX - 1);
	assert_int_equal(queue_of(&f, 53), 1);
	cable_port_ops.stop(f.ports[1]);
	assert_int_equal(port_start(f.ports[1], &err), 0);
	assert_int_equal(queue_of(&f, 53), QUEUES);
	rule = rule_of(0, 53, 2);
	assert_non_null(create(&f, &rule));
	assert_int_equal(queue_of(&f, 53), 2);
	cable_fixture_destroy(&f);
}

/* A rule names IP, or a tag: a frame of which too little is there is none of its. */
static void
test_short_frames(void **state)
{
	struct port_flow_rule rule = rule_of(1, 53, 2);
	struct cable_fixture f;
	void *flow;

	cable_fixture_create(&f, "", QUEUES);
	flow = create(&f, &rule);
	for (uint16_t length = 14; length < 14 + 20 + 4; length++)
		cable_fixture_send(&f, 0, .truncate = length);
	assert_int_equal(cable_fixture_flush(&f, 1), 24);
	assert_int_equal(hits(&f, flow), 0);
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rules, test_pool_check),
		cmocka_unit_test_teardown(test_priority, test_pool_check),
		cmocka_unit_test_teardown(test_bounds, test_pool_check),
		cmocka_unit_test_teardown(test_short_frames, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
