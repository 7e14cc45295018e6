/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths that fail by interface, link and neighbour, and come back: which flows move, which are lost. */
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

#define FLOWS 200
#define LOST  UINT8_MAX

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

/* A group of `count` paths, 10.0.1.2 by p1 and so on. */
static struct stack_fixture *
router(unsigned count)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = count + 1 });
	char to[256] = "";

	for (unsigned i = 1; i <= count; i++)
		snprintf(to + strlen(to), sizeof(to) - strlen(to), "%s10.0.%u.2", i > 1 ? " " : "",
			i);
	stack_fixture_route(f, "192.0.2.0/24", to);
	return f;
}

/* The port that each flow leaves by, or LOST. What comes back to the sender is taken away. */
static void
flows_send(struct stack_fixture *f, uint8_t ports[FLOWS])
{
	struct rte_mbuf *pkt;
	char src[32];

	for (unsigned i = 0; i < FLOWS; i++) {
		snprintf(src, sizeof(src), "198.51.100.%u", i + 1);
		stack_fixture_rx(f, 0, .src = src, .dst = "192.0.2.1");
		stack_fixture_run(f);
		ports[i] = LOST;
		for (unsigned p = 0; p < f->config.ports; p++) {
			while ((pkt = stack_fixture_take(f, p)) != NULL) {
				const struct ether_hdr *ether =
					rte_pktmbuf_mtod(pkt, const struct ether_hdr *);

				if (p != 0 && ether->type_be == RTE_BE16(ETHER_TYPE_IP4))
					ports[i] = (uint8_t)p;
				rte_pktmbuf_free(pkt);
			}
		}
	}
}

/* None is lost, none takes `gone` (0: all are there), and only those of `gone` moved. */
static void
assert_moved(const uint8_t before[FLOWS], const uint8_t after[FLOWS], unsigned gone)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < FLOWS; i++) {
		assert_int_not_equal(after[i], LOST);
		assert_true(gone == 0 || after[i] != gone);
		assert_true(before[i] == after[i] || before[i] == gone);
		moved += before[i] != after[i];
	}
	assert_true(gone == 0 ? moved == 0 : moved > 0);
}

static void
test_iface(void **state)
{
	struct stack_fixture *f = router(4);
	uint8_t before[FLOWS], after[FLOWS];
	struct error err = { 0 };

	flows_send(f, before);
	assert_int_equal(stack_iface_set_admin(f->stack, "p2", false, &err), 0);
	flows_send(f, after);
	assert_moved(before, after, 2);
	assert_int_equal(stack_iface_set_admin(f->stack, "p2", true, &err), 0);
	flows_send(f, after);
	assert_moved(before, after, 0);
	assert_int_equal(stack_port_down(f->stack, "p3", &err), 0);
	flows_send(f, after);
	assert_moved(before, after, 3);
	/* A route that comes now does not use it. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.3.2 10.0.4.2");
	flows_send(f, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(after[i], 4);
	assert_int_equal(stack_port_up(f->stack, "p3", &err), 0);
	assert_int_equal(stack_fixture_drops_all(f), 0);
	stack_fixture_destroy(f);
}

static void
test_link(void **state)
{
	struct stack_fixture *f = router(4);
	uint8_t before[FLOWS], after[FLOWS];

	flows_send(f, before);
	f->wires[2]->link.up = false;
	stack_fixture_advance(f, 110);
	flows_send(f, after);
	assert_moved(before, after, 2);
	f->wires[2]->link.up = true;
	stack_fixture_advance(f, 110);
	flows_send(f, after);
	assert_moved(before, after, 0);
	stack_fixture_destroy(f);
}

/* A driver that cannot tell: packets come by a link that it says is down. */
static void
test_link_that_lies(void **state)
{
	struct stack_fixture *f = router(4);
	uint8_t before[FLOWS], after[FLOWS];

	flows_send(f, before);
	f->wires[2]->link.up = false;
	for (unsigned i = 0; i < 4; i++) {
		stack_fixture_advance(f, 100);
		stack_fixture_rx(f, 2, .src = "10.0.2.2", .dst = "10.0.2.1");
		stack_fixture_run(f);
	}
	flows_send(f, after);
	assert_moved(before, after, 0);
	stack_fixture_destroy(f);
}

/* All are down: nothing better is known, so that they stay; the first to come back takes all. */
static void
test_all(void **state)
{
	struct stack_fixture *f = router(2);
	uint8_t before[FLOWS], after[FLOWS];

	flows_send(f, before);
	f->wires[1]->link.up = f->wires[2]->link.up = false;
	stack_fixture_advance(f, 110);
	flows_send(f, after);
	assert_memory_equal(before, after, FLOWS);
	f->wires[2]->link.up = true;
	stack_fixture_advance(f, 110);
	flows_send(f, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(after[i], 2);
	stack_fixture_destroy(f);
}

/* Say what the neighbour behind a port has to say: an answer to ARP. */
static void
neigh_answer(struct stack_fixture *f, unsigned port, uint8_t host)
{
	const struct arp arp = {
		.op = ARP_REPLY,
		.sender_mac = { { 2, 0, 0, 0, 9, (uint8_t)port } },
		.sender_ip = ip_addr_from4((uint8_t[]){ 10, 0, (uint8_t)port, host }),
		.target_mac = f->wires[port]->mac,
		.target_ip = ip_addr_from4((uint8_t[]){ 10, 0, (uint8_t)port, 1 }),
	};
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(f->pool);
	uint8_t *frame = (uint8_t *)rte_pktmbuf_append(pkt, ETHER_HDR_LENGTH + ARP_LENGTH);
	struct ether_hdr *ether = (struct ether_hdr *)frame;

	ether->dst = f->wires[port]->mac;
	ether->src = arp.sender_mac;
	ether->type_be = RTE_BE16(ETHER_TYPE_ARP);
	arp_build(frame + ETHER_HDR_LENGTH, &arp);
	port_double_inject(f->wires[port], 0, pkt);
	stack_fixture_run(f);
}

/* A gateway that never answers is left out when that is known, asked on, and taken when it does. */
static void
test_neighbour(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	uint8_t ports[FLOWS];
	unsigned first = 0;
	struct stack_way way;
	struct ip_addr dst;

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2 10.0.2.77");
	flows_send(f, ports);
	stack_fixture_advance(f, 4000);
	flows_send(f, ports);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(ports[i], 1);
	assert_int_equal(ip_addr_parse("192.0.2.1", &dst), 0);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
	assert_int_equal(nexthop_down(f->stack->nexthops,
				 nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop)
					 ->group->paths[1]
					 .nexthop),
		NEXTHOP_DOWN_NEIGH);
	/* No flow goes there, but it is asked again, and its answer brings flows back. */
	stack_fixture_advance(f, 7000);
	neigh_answer(f, 2, 77);
	flows_send(f, ports);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_true(ports[i] == 1 || ports[i] == 2);
		first += ports[i] == 1;
	}
	assert_in_range(first, FLOWS / 4, FLOWS * 3 / 4);
	/* What the user takes away has not failed: it is asked again when a packet needs it. */
	assert_int_equal(stack_neigh_flush(f->stack, "p2", NULL), 0);
	neigh_answer(f, 2, 77);
	stack_fixture_destroy(f);
}

/* ---- 8 members, of either family ---- */

#define MEMBERS 8

static const struct member_family {
	const char *prefix, *dst, *src, *gateway; /* formats of numbers */
} member_families[] = {
	{ "192.0.2.0/24", "192.0.2.1", "198.51.100.%u", "10.0.%u.%u" },
	{ "2001:db8:ff::/64", "2001:db8:ff::1", "2001:db8:fe::%x", "2001:db8:%u::%u" },
};

/* By p1 to p4, two neighbours each; `without`: one of the members, or MEMBERS. */
static void
members_route(struct stack_fixture *f, const struct member_family *family, unsigned without)
{
	char to[MEMBERS * 32] = "";

	for (unsigned i = 0; i < MEMBERS; i++) {
		size_t length = strlen(to);

		if (i == without)
			continue;
		snprintf(to + length, sizeof(to) - length, "%s", length > 0 ? " " : "");
		length = strlen(to);
		snprintf(to + length, sizeof(to) - length, family->gateway, 1 + i / 2, 2 + i % 2);
	}
	stack_fixture_route(f, family->prefix, to);
}

/* The member that each flow goes to, none lost. */
static void
members_send(struct stack_fixture *f, const struct member_family *family, uint8_t members[FLOWS])
{
	struct rte_mbuf *pkt;
	char src[32];

	for (unsigned i = 0; i < FLOWS; i++) {
		unsigned arrived = 0;

		snprintf(src, sizeof(src), family->src, i + 1);
		stack_fixture_rx(f, 0, .src = src, .dst = family->dst);
		stack_fixture_run(f);
		for (unsigned p = 1; p < f->config.ports; p++) {
			while ((pkt = stack_fixture_take(f, p)) != NULL) {
				const struct ether_hdr *ether =
					rte_pktmbuf_mtod(pkt, const struct ether_hdr *);

				members[i] = (uint8_t)((p - 1) * 2 + ether->dst.bytes[4] - 2);
				arrived++;
				rte_pktmbuf_free(pkt);
			}
		}
		assert_int_equal(arrived, 1);
	}
}

/* From `before` to `after` those of `member` moved away, or others to it, and no other flow. */
static void
assert_members(const uint8_t before[FLOWS], const uint8_t after[FLOWS], unsigned member, bool gone)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < FLOWS; i++) {
		assert_true((gone ? after : before)[i] != member);
		assert_true(before[i] == after[i] || (gone ? before : after)[i] == member);
		moved += before[i] != after[i];
	}
	assert_in_range(moved, 1, FLOWS / 2);
}

/* Each of them is taken out of the route and put back. */
static void
test_eight_members(void **state)
{
	for (unsigned i = 0; i < RTE_DIM(member_families); i++) {
		const struct member_family *family = &member_families[i];
		struct stack_fixture *f =
			stack_fixture_create(&(struct stack_fixture_config){ .ports = 5 });
		uint8_t before[FLOWS], without[FLOWS], after[FLOWS];

		members_route(f, family, MEMBERS);
		members_send(f, family, before);
		for (unsigned member = 0; member < MEMBERS; member++) {
			members_route(f, family, member);
			members_send(f, family, without);
			assert_members(before, without, member, true);
			members_route(f, family, MEMBERS);
			members_send(f, family, after);
			assert_members(without, after, member, false);
			memcpy(before, after, sizeof(before));
		}
		assert_int_equal(stack_fixture_drops_all(f), 0);
		stack_fixture_destroy(f);
	}
}

/* The two members behind a port move when its link is lost, and come back to where they were. */
static void
test_eight_members_by_link(void **state)
{
	for (unsigned i = 0; i < RTE_DIM(member_families); i++) {
		const struct member_family *family = &member_families[i];
		struct stack_fixture *f =
			stack_fixture_create(&(struct stack_fixture_config){ .ports = 5 });
		uint8_t before[FLOWS], without[FLOWS], after[FLOWS];

		members_route(f, family, MEMBERS);
		members_send(f, family, before);
		for (unsigned port = 1; port < 5; port++) {
			f->wires[port]->link.up = false;
			stack_fixture_advance(f, 110);
			members_send(f, family, without);
			for (unsigned flow = 0; flow < FLOWS; flow++) {
				assert_true(without[flow] / 2U != port - 1);
				assert_true(before[flow] == without[flow] ||
					before[flow] / 2U == port - 1);
			}
			f->wires[port]->link.up = true;
			stack_fixture_advance(f, 110);
			members_send(f, family, after);
			assert_memory_equal(before, after, sizeof(before));
		}
		assert_int_equal(stack_fixture_drops_all(f), 0);
		stack_fixture_destroy(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iface),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_link_that_lies),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_neighbour),
		cmocka_unit_test(test_eight_members),
		cmocka_unit_test(test_eight_members_by_link),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
