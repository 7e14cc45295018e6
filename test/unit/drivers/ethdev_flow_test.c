/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules as rte_flow is told them. Its functions are replaced here: they write down what they
 * are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_flow.h>

#include "ethdev/ethdev_priv.h"
#include "wire/ip4.h"

static char told[512]; /* of the rules that were made */
static unsigned alive, room; /* rules in the device, and how many more it takes */
static bool can_count, can_destroy;

/* ---- the device ---- */

__attribute__((format(printf, 1, 2))) static void
tell(const char *fmt, ...)
{
	size_t length = strlen(told);
	va_list args;

	va_start(args, fmt);
	vsnprintf(told + length, sizeof(told) - length, fmt, args);
	va_end(args);
}

static void
tell_ip4(const struct rte_flow_item_ipv4 *spec, const struct rte_flow_item_ipv4 *mask)
{
	tell(" ipv4 %08x/%08x %08x/%08x %u/%u", rte_be_to_cpu_32(spec->hdr.src_addr),
		rte_be_to_cpu_32(mask->hdr.src_addr), rte_be_to_cpu_32(spec->hdr.dst_addr),
		rte_be_to_cpu_32(mask->hdr.dst_addr), spec->hdr.next_proto_id,
		mask->hdr.next_proto_id);
}

static void
tell_ip6(const struct rte_flow_item_ipv6 *spec, const struct rte_flow_item_ipv6 *mask)
{
	tell(" ipv6 %02x%02x..%02x/%02x%02x..%02x %u/%u", spec->hdr.dst_addr[0],
		spec->hdr.dst_addr[1], spec->hdr.dst_addr[15], mask->hdr.dst_addr[0],
		mask->hdr.dst_addr[1], mask->hdr.dst_addr[15], spec->hdr.proto, mask->hdr.proto);
}

static void
tell_item(const struct rte_flow_item *item)
{
	const struct rte_flow_item_eth *eth = item->spec, *eth_mask = item->mask;
	const struct rte_flow_item_vlan *vlan = item->spec, *vlan_mask = item->mask;
	const struct rte_flow_item_udp *l4 = item->spec, *l4_mask = item->mask;

	switch (item->type) {
	case RTE_FLOW_ITEM_TYPE_ETH:
		tell("eth");
		if (eth != NULL)
			tell(" %04x/%04x", rte_be_to_cpu_16(eth->type),
				rte_be_to_cpu_16(eth_mask->type));
		break;
	case RTE_FLOW_ITEM_TYPE_VLAN:
		tell(" vlan %u/%x %04x/%04x", rte_be_to_cpu_16(vlan->tci),
			rte_be_to_cpu_16(vlan_mask->tci), rte_be_to_cpu_16(vlan->inner_type),
			rte_be_to_cpu_16(vlan_mask->inner_type));
		break;
	case RTE_FLOW_ITEM_TYPE_IPV4: tell_ip4(item->spec, item->mask); break;
	case RTE_FLOW_ITEM_TYPE_IPV6: tell_ip6(item->spec, item->mask); break;
	case RTE_FLOW_ITEM_TYPE_TCP:
	case RTE_FLOW_ITEM_TYPE_UDP:
	case RTE_FLOW_ITEM_TYPE_SCTP:
		tell(" %s %u/%x %u/%x",
			item->type == RTE_FLOW_ITEM_TYPE_TCP           ? "tcp"
				: item->type == RTE_FLOW_ITEM_TYPE_UDP ? "udp"
								       : "sctp",
			rte_be_to_cpu_16(l4->hdr.src_port), l4_mask->hdr.src_port,
			rte_be_to_cpu_16(l4->hdr.dst_port), l4_mask->hdr.dst_port);
		break;
	default: fail_msg("unexpected item %d", item->type);
	}
}

int
rte_flow_validate(uint16_t id, const struct rte_flow_attr *attr,
	const struct rte_flow_item *pattern, const struct rte_flow_action *actions,
	struct rte_flow_error *error)
{
	assert_int_equal(id, 3);
	assert_true(attr->ingress && !attr->egress && pattern != NULL && error != NULL);
	return actions[0].type == RTE_FLOW_ACTION_TYPE_COUNT && !can_count ? -ENOTSUP : 0;
}

struct rte_flow *
rte_flow_create(uint16_t id, const struct rte_flow_attr *attr, const struct rte_flow_item *pattern,
	const struct rte_flow_action *actions, struct rte_flow_error *error)
{
	const struct rte_flow_action_queue *queue;

	assert_int_equal(rte_flow_validate(id, attr, pattern, actions, error), 0);
	if (room == 0)
		return NULL;
	tell("%u: ", attr->priority);
	for (; pattern->type != RTE_FLOW_ITEM_TYPE_END; pattern++)
		tell_item(pattern);
	if (actions->type == RTE_FLOW_ACTION_TYPE_COUNT) {
		tell(" count");
		actions++;
	}
	assert_int_equal(actions[0].type, RTE_FLOW_ACTION_TYPE_QUEUE);
	assert_int_equal(actions[1].type, RTE_FLOW_ACTION_TYPE_END);
	queue = actions[0].conf;
	tell(" queue %u\n", queue->index);
	room--;
	alive++;
	return (struct rte_flow *)(void *)&alive;
}

int
rte_flow_destroy(uint16_t id, struct rte_flow *flow, struct rte_flow_error *error)
{
	assert_ptr_equal(flow, &alive);
	assert_true(id == 3 && error != NULL);
	if (!can_destroy)
		return -EIO;
	alive--;
	room++;
	return 0;
}

int
rte_flow_query(uint16_t id, struct rte_flow *flow, const struct rte_flow_action *action, void *data,
	struct rte_flow_error *error)
{
	struct rte_flow_query_count *count = data;

	assert_true(id == 3 && flow != NULL && error != NULL);
	assert_int_equal(action->type, RTE_FLOW_ACTION_TYPE_COUNT);
	count->hits = 21;
	return 0;
}

/* ---- the rules ---- */

static struct ethdev ethdev = { .id = 3 };
static struct port port = { .driver = &ethdev };

static int
reset(void **state)
{
	told[0] = '\0';
	alive = 0;
	room = 100;
	can_count = false;
	can_destroy = true;
	return 0;
}

static void
check(const struct port_flow_match *match, const char *expected)
{
	const struct port_flow_rule rule = { .match = *match, .target = 5, .priority = 2 };
	struct error err = { 0 };
	void *handle;

	told[0] = '\0';
	handle = ethdev_flow_create(&port, &rule);
	assert_non_null(handle);
	assert_string_equal(told, expected);
	assert_int_equal(ethdev_flow_destroy(&port, handle, &err), 0);
	assert_int_equal(alive, 0);
}

static struct ip_prefix
prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static void
test_patterns(void **state)
{
	check(&(struct port_flow_match){ 0 }, "2: eth queue 5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_ETH_TYPE, .eth_type = 0x0806 },
		"2: eth 0806/ffff queue 5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_VLAN | PORT_FLOW_ETH_TYPE,
		      .vlan = 7,
		      .eth_type = 0x0806 },
		"2: eth vlan 7/fff 0806/ffff queue 5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_VLAN | PORT_FLOW_SRC,
		      .vlan = 7,
		      .src = prefix_of("10.0.0.0/9") },
		"2: eth vlan 7/fff 0000/0000 ipv4 0a000000/ff800000 00000000/00000000 0/0 queue "
		"5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_DST | PORT_FLOW_PROTO |
			      PORT_FLOW_DST_PORT,
		      .dst = prefix_of("2001:db8::1/128"),
		      .proto = IP_PROTO_TCP,
		      .dst_port = 179 },
		"2: eth ipv6 2001..01/ffff..ff 0/0 tcp 0/0 179/ffff queue 5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_DST | PORT_FLOW_PROTO,
		      .dst = prefix_of("192.0.2.1/32"),
		      .proto = 47 },
		"2: eth ipv4 00000000/00000000 c0000201/ffffffff 47/255 queue 5\n");
	(void)state;
}

/* A protocol of either family is two rules, or none. */
static void
test_families(void **state)
{
	const struct port_flow_match udp = { .fields = PORT_FLOW_PROTO | PORT_FLOW_SRC_PORT,
		.proto = IP_PROTO_UDP,
		.src_port = 53 };
	const struct port_flow_rule rule = { .match = udp };

	check(&udp,
		"2: eth ipv4 00000000/00000000 00000000/00000000 0/0 udp 53/ffff 0/0 queue 5\n"
		"2: eth ipv6 0000..00/0000..00 0/0 udp 53/ffff 0/0 queue 5\n");
	check(&(struct port_flow_match){ .fields = PORT_FLOW_ETH_TYPE | PORT_FLOW_PROTO,
		      .eth_type = 0x86dd,
		      .proto = IP_PROTO_SCTP },
		"2: eth ipv6 0000..00/0000..00 0/0 sctp 0/0 0/0 queue 5\n");
	room = 1;
	assert_null(ethdev_flow_create(&port, &rule));
	assert_int_equal(alive, 0);
	(void)state;
}

static void
test_counted(void **state)
{
	const struct port_flow_rule rule = { .match = { .fields = PORT_FLOW_PROTO,
						     .proto = IP_PROTO_UDP } };
	struct error err = { 0 };
	uint64_t packets;
	void *handle;

	handle = ethdev_flow_create(&port, &rule);
	assert_int_equal(ethdev_flow_hits(&port, handle, &packets), -ENOTSUP);
	can_destroy = false;
	assert_int_equal(ethdev_flow_destroy(&port, handle, &err), -EIO);
	can_destroy = true;
	assert_int_equal(ethdev_flow_destroy(&port, handle, &err), 0);
	can_count = true;
	handle = ethdev_flow_create(&port, &rule);
	assert_non_null(strstr(told, " count queue 0"));
	assert_int_equal(ethdev_flow_hits(&port, handle, &packets), 0);
	assert_int_equal(packets, 42); /* of both families */
	/* A port that stops takes them all back. */
	assert_non_null(ethdev_flow_create(&port, &rule));
	assert_int_equal(alive, 4);
	ethdev_flows_flush(&ethdev);
	assert_int_equal(alive, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_patterns, reset),
		cmocka_unit_test_setup(test_families, reset),
		cmocka_unit_test_setup(test_counted, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
