/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multipath: flows are shared by the weights of the paths, each stays on its own, and
 * stack_route_get() knows which. A million flows at the vector, a hundred thousand through all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pkt/flow_hash.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define FLOWS      1000000
#define WHOLE      100000
#define PATHS_MAX  7
#define STRUCTURED 65536

/* Paths by weight; a port for each, so that who looks at the wires can tell them apart. */
struct paths {
	const char *name;
	const char *to4, *to6;
	unsigned count;
	bool weighted; /* 1, 2, 3... */
};

static const struct paths four = { "4 equal", "10.0.1.2 10.0.2.2 10.0.3.2 10.0.4.2",
	"2001:db8:1::2 2001:db8:2::2 2001:db8:3::2 2001:db8:4::2", 4, false };
static const struct paths seven = { "7 weighted",
	"10.0.1.2 10.0.2.2*2 10.0.3.2*3 10.0.4.2*4 10.0.5.2*5 10.0.6.2*6 10.0.7.2*7",
	"2001:db8:1::2 2001:db8:2::2*2 2001:db8:3::2*3 2001:db8:4::2*4 2001:db8:5::2*5 "
	"2001:db8:6::2*6 2001:db8:7::2*7",
	7, true };

static uint64_t seed;

static uint64_t
draw(void)
{
	/* splitmix64 */
	uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct stack_fixture *
router(const struct paths *paths)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 8 });

	stack_fixture_route(f, "100.64.0.0/10", paths->to4);
	stack_fixture_route(f, "fd00::/8", paths->to6);
	return f;
}

/* Flow number `index` of a kind: any, or one in which little changes. */
typedef void flow_fn(struct ip_flow *flow, uint32_t index);

static void
flow_base(struct ip_flow *flow, uint8_t family)
{
	const char *src = family == IP_FAMILY_4 ? "198.51.100.7" : "2001:db8:77::7";
	const char *dst = family == IP_FAMILY_4 ? "100.64.0.9" : "fd00::9";

	assert_int_equal(ip_addr_parse(src, &flow->src), 0);
	assert_int_equal(ip_addr_parse(dst, &flow->dst), 0);
	flow->proto = IP_PROTO_UDP;
	flow->src_port = 4000;
	flow->dst_port = 53;
}

static void
flow_any(struct ip_flow *flow, uint32_t index)
{
	unsigned last = ip_addr_length(&flow->src) - 1;
	uint64_t bits;

	seed = index;
	bits = draw();
	memcpy(flow->src.bytes + last - 1, &bits, 2);
	memcpy(flow->dst.bytes + last - 1, (uint8_t *)&bits + 2, 2);
	flow->src_port = (uint16_t)(bits >> 32);
	flow->dst_port = (uint16_t)(bits >> 48);
	flow->proto = draw() % 2 == 0 ? IP_PROTO_UDP : IP_PROTO_TCP;
}

static void
flow_source_port(struct ip_flow *flow, uint32_t index)
{
	flow->src_port = (uint16_t)index;
}

static void
flow_even_ports(struct ip_flow *flow, uint32_t index)
{
	flow->src_port = (uint16_t)(index % 32768 * 2);
	flow->dst_port = (uint16_t)(1024 + index / 32768 * 2);
}

static void
flow_last_bytes(struct ip_flow *flow, uint32_t index)
{
	unsigned last = ip_addr_length(&flow->src) - 1;

	flow->src.bytes[last] = (uint8_t)index;
	flow->dst.bytes[last] = (uint8_t)(index >> 8);
}

/* Write the flow into a packet that was made for its family and is as ether_input leaves it. */
static void
flow_write(const struct ip_flow *flow, struct rte_mbuf *pkt)
{
	uint8_t *l3 = pkt_l3(pkt, uint8_t *);
	unsigned length = ip_addr_length(&flow->src);
	bool ip4 = length == 4;
	const uint16_t ports[2] = { htobe16(flow->src_port), htobe16(flow->dst_port) };

	memcpy(l3 + (ip4 ? 12 : 8), flow->src.bytes, length);
	memcpy(l3 + (ip4 ? 16 : 24), flow->dst.bytes, length);
	memcpy(l3 + (ip4 ? 20 : 40), ports, sizeof(ports));
	l3[ip4 ? 9 : 6] = flow->proto;
	if (ip4) {
		memset(l3 + 10, 0, 2);
		memcpy(l3 + 10, &(uint16_t){ htobe16(packet_checksum(0, l3, IP4_HDR_LENGTH)) }, 2);
	}
}

/* A vector of packets of one family, used again and again. */
struct bench {
	struct stack_fixture *f;
	struct ip_core *core;
	struct pkt_vec in, ether, other;
	struct ip_out out;
	uint8_t family;
	uint32_t group;
	uint32_t first; /* id of the group's first path: the others follow */
};

static struct bench
bench_make(struct stack_fixture *f, uint8_t family)
{
	struct bench b = { .f = f, .core = &f->stack->workers[0]->ip, .family = family };
	struct ip_flow flow = { 0 };
	struct stack_way way;

	flow_base(&flow, family);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, NULL, &way);
	b.group = way.nexthop;
	b.first = b.core->nexthops[b.group].group->paths[0].nexthop;
	for (unsigned i = 0; i < PKT_BURST; i++)
		pkt_vec_append(&b.in,
			packet_mbuf(f->pool,
				PACKET(.src = family == IP_FAMILY_4 ? "10.0.0.2" : "fd00::1",
					.dst = family == IP_FAMILY_4 ? "10.0.0.3" : "fd00::2",
					.payload_length = 20)));
	return b;
}

/* Which path each of a burst of flows takes. `hash`: as the port says, not of the software. */
static void
bench_run(struct bench *b, flow_fn *make, uint32_t first, bool hash, uint8_t path[PKT_BURST])
{
	struct pkt_vec ether = { 0 }, other = { 0 };
	const struct ip_out out = {
		.ether = &ether, .errors = &other, .punts = &other, .drops = &other
	};
	struct ip_flow flow = { 0 };

	flow_base(&flow, b->family);
	for (unsigned i = 0; i < PKT_BURST; i++) {
		struct rte_mbuf *pkt = b->in.pkts[i];

		make(&flow, first + i);
		pkt->l2_len = ETHER_HDR_LENGTH;
		flow_write(&flow, pkt);
		pkt_meta_init(pkt, 0, 0);
		pkt_meta(pkt)->nexthop = b->group;
		pkt->ol_flags = hash ? RTE_MBUF_F_RX_RSS_HASH : 0;
		seed = first + i;
		pkt->hash.rss = (uint32_t)draw();
	}
	(b->family == IP_FAMILY_4 ? ip4_output : ip6_output)(b->core, &b->in, &out);
	assert_int_equal(ether.count, PKT_BURST);
	for (unsigned i = 0; i < PKT_BURST; i++)
		path[i] = (uint8_t)(pkt_meta(b->in.pkts[i])->nexthop - b->first);
}

/* The largest difference of a path's share from its due, in percent of its due. */
static double
unfairness(const uint64_t *counts, const struct paths *paths)
{
	double worst = 0, total = 0, weights = 0;

	for (unsigned i = 0; i < paths->count; i++) {
		total += (double)counts[i];
		weights += paths->weighted ? i + 1 : 1;
	}
	for (unsigned i = 0; i < paths->count; i++) {
		double due = total * (paths->weighted ? i + 1 : 1) / weights;
		double off = 100 * ((double)counts[i] - due) / due;

		worst = RTE_MAX(worst, off < 0 ? -off : off);
	}
	return worst;
}

static void
report(const char *what, const struct paths *paths, uint8_t family, const uint64_t *counts,
	double off)
{
	print_message("%s, %s, IPv%u:", what, paths->name, family);
	for (unsigned i = 0; i < paths->count; i++)
		print_message(" %lu", (unsigned long)counts[i]);
	print_message(" (worst %.2f %%)\n", off);
}

/* A million flows: shares, stickiness in another order, and what stack_route_get() says. */
static void
check_million(const struct paths *paths, uint8_t family, bool hash)
{
	static uint8_t taken[FLOWS];
	struct stack_fixture *f = router(paths);
	struct bench b = bench_make(f, family);
	uint64_t counts[PATHS_MAX] = { 0 };
	uint8_t path[PKT_BURST];
	double off;

	for (uint32_t first = 0; first < FLOWS; first += PKT_BURST) {
		bench_run(&b, flow_any, first, hash, path);
		for (unsigned i = 0; i < PKT_BURST; i++) {
			assert_true(path[i] < paths->count);
			counts[path[i]]++;
			taken[first + i] = path[i];
		}
	}
	/* Once more, from the end. */
	for (uint32_t first = FLOWS; first > 0; first -= PKT_BURST) {
		bench_run(&b, flow_any, first - PKT_BURST, hash, path);
		assert_memory_equal(path, taken + first - PKT_BURST, PKT_BURST);
	}
	for (uint32_t i = 0; i < FLOWS && !hash; i++) {
		struct ip_flow flow = { 0 };
		struct stack_way way;

		flow_base(&flow, family);
		flow_any(&flow, i);
		stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, &flow, &way);
		if (way.nexthop - b.first != taken[i])
			fail_msg("flow %u is predicted wrongly", i);
	}
	off = unfairness(counts, paths);
	report(hash ? "port's hash" : "software hash", paths, family, counts, off);
	assert_true(off < 1);
	rte_pktmbuf_free_bulk(b.in.pkts, b.in.count);
	stack_fixture_destroy(f);
}

static void
test_million_flows_4_paths(void **state)
{
	check_million(&four, IP_FAMILY_4, false);
	check_million(&four, IP_FAMILY_6, false);
	check_million(&four, IP_FAMILY_4, true);
	check_million(&four, IP_FAMILY_6, true);
}

static void
test_million_flows_7_paths(void **state)
{
	check_million(&seven, IP_FAMILY_4, false);
	check_million(&seven, IP_FAMILY_6, false);
	check_million(&seven, IP_FAMILY_4, true);
	check_million(&seven, IP_FAMILY_6, true);
}

static void
check_structured(const struct paths *paths, uint8_t family, const char *what, flow_fn *make)
{
	struct stack_fixture *f = router(paths);
	struct bench b = bench_make(f, family);
	uint64_t counts[PATHS_MAX] = { 0 };
	uint8_t path[PKT_BURST];
	double off;

	for (uint32_t first = 0; first < STRUCTURED; first += PKT_BURST) {
		bench_run(&b, make, first, false, path);
		for (unsigned i = 0; i < PKT_BURST; i++)
			counts[path[i]]++;
	}
	off = unfairness(counts, paths);
	report(what, paths, family, counts, off);
	/* Four standard deviations of what so few flows of the lightest path scatter by. */
	assert_true(off < 8);
	rte_pktmbuf_free_bulk(b.in.pkts, b.in.count);
	stack_fixture_destroy(f);
}

/* Flows that differ in little, as those of one client or of a load generator do. */
static void
test_structured_flows(void **state)
{
	static const struct {
		const char *what;
		flow_fn *make;
	} kinds[] = { { "source ports in a row", flow_source_port },
		{ "even ports", flow_even_ports }, { "last bytes of addresses", flow_last_bytes } };

	for (unsigned i = 0; i < RTE_DIM(kinds); i++) {
		check_structured(&four, IP_FAMILY_4, kinds[i].what, kinds[i].make);
		check_structured(&four, IP_FAMILY_6, kinds[i].what, kinds[i].make);
		check_structured(&seven, IP_FAMILY_4, kinds[i].what, kinds[i].make);
		check_structured(&seven, IP_FAMILY_6, kinds[i].what, kinds[i].make);
	}
}

/* Hashes of which some bits stand still: of a port with few, or of the flows of one rx queue. */
static void
test_hashes_of_few_bits(void **state)
{
	static const unsigned shifts[] = { 0, 7, 16 };
	static const struct paths *const all[] = { &four, &seven };

	for (unsigned i = 0; i < RTE_DIM(all) * RTE_DIM(shifts); i++) {
		const struct paths *paths = all[i % RTE_DIM(all)];
		struct stack_fixture *f = router(paths);
		struct bench b = bench_make(f, IP_FAMILY_4);
		const struct nexthop_group *group = b.core->nexthops[b.group].group;
		uint64_t counts[PATHS_MAX] = { 0 };

		for (uint32_t hash = 0; hash < STRUCTURED; hash++)
			counts[nexthop_group_select(group, hash << shifts[i / RTE_DIM(all)] | 5) -
				b.first]++;
		report("hashes of 16 bits", paths, IP_FAMILY_4, counts, unfairness(counts, paths));
		assert_true(unfairness(counts, paths) < 5);
		rte_pktmbuf_free_bulk(b.in.pkts, b.in.count);
		stack_fixture_destroy(f);
	}
}

/* ---- through the whole pipeline ---- */

/* Send a burst of flows in by p0. `paths` counts what left where, as predicted for each. */
static void
whole_burst(struct stack_fixture *f, uint8_t family, uint32_t first, uint64_t *counts)
{
	uint64_t predicted[8] = { 0 };
	struct ip_flow flow = { 0 };

	flow_base(&flow, family);
	for (unsigned i = 0; i < PKT_BURST; i++) {
		struct rte_mbuf *pkt = packet_mbuf(f->pool,
			PACKET(.src = family == IP_FAMILY_4 ? "10.0.0.2" : "fd00::1",
				.dst = family == IP_FAMILY_4 ? "10.0.0.3" : "fd00::2",
				.payload_length = 20));
		struct stack_way way;

		flow_any(&flow, first + i);
		pkt->l2_len = ETHER_HDR_LENGTH;
		flow_write(&flow, pkt);
		stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, &flow, &way);
		predicted[nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop)
				  ->port]++;
		port_double_inject(f->wires[0], 0, pkt);
	}
	worker_poll(f->stack->workers[0], f->now_ns);
	for (unsigned i = 1; i < 8; i++) {
		unsigned sent = port_double_flush(f->wires[i]);

		assert_int_equal(sent, predicted[i]);
		counts[i - 1] += sent;
	}
}

static void
check_whole(const struct paths *paths, uint8_t family)
{
	struct stack_fixture *f = router(paths);
	struct nexthop_counters sum;
	struct stack_way way;
	uint64_t counts[PATHS_MAX] = { 0 };
	struct ip_flow flow = { 0 };
	const struct nexthop_group *group;

	for (uint32_t first = 0; first < WHOLE; first += PKT_BURST)
		whole_burst(f, family, first, counts);
	report("whole pipeline", paths, family, counts, unfairness(counts, paths));
	/* Likewise. */
	assert_true(unfairness(counts, paths) < 6);
	assert_int_equal(stack_fixture_drops_all(f), 0);
	/* Each path counts for itself. */
	flow_base(&flow, family);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, NULL, &way);
	group = nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop)->group;
	for (unsigned i = 0; i < paths->count; i++) {
		stack_nexthop_counters(f->stack, group->paths[i].nexthop, &sum);
		assert_int_equal(sum.packets, counts[i]);
	}
	stack_fixture_destroy(f);
}

static void
test_whole_pipeline(void **state)
{
	check_whole(&four, IP_FAMILY_4);
	check_whole(&four, IP_FAMILY_6);
	check_whole(&seven, IP_FAMILY_4);
	check_whole(&seven, IP_FAMILY_6);
}

/* Whatever the paths depend on: they are shared as the weights say, and foretold. */
static void
test_policies(void **state)
{
	static const struct flow_policy policies[] = {
		{ .fields = FLOW_FIELDS_L3 },
		{ .fields = FLOW_FIELDS_L4, .symmetric = true },
		{ .fields = FLOW_FIELDS_L4, .seed = 99 },
		{ .fields = FLOW_FIELDS_L3 | FLOW_LABEL },
		{ .fields = FLOW_SRC_PORT },
	};
	struct stack_fixture *f = router(&seven);
	struct error err = { 0 };

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(policies); i++) {
		uint64_t counts4[PATHS_MAX] = { 0 }, counts6[PATHS_MAX] = { 0 };

		assert_int_equal(
			stack_multipath_set(f->stack, IP_VRF_DEFAULT, &policies[i], &err), 0);
		for (uint32_t first = 0; first < WHOLE / 10; first += PKT_BURST) {
			whole_burst(f, IP_FAMILY_4, first, counts4);
			whole_burst(f, IP_FAMILY_6, first, counts6);
		}
		report("policy", &seven, IP_FAMILY_4, counts4, unfairness(counts4, &seven));
		report("policy", &seven, IP_FAMILY_6, counts6, unfairness(counts6, &seven));
		assert_true(unfairness(counts4, &seven) < 25);
		assert_true(unfairness(counts6, &seven) < 25);
	}
	assert_int_equal(
		stack_multipath_set(f->stack, IP_VRF_DEFAULT, &(struct flow_policy){ 0 }, &err),
		-EINVAL);
	assert_int_equal(stack_multipath_set(f->stack, IP_VRF_DEFAULT, NULL, &err), 0);
	assert_null(f->stack->vrfs[IP_VRF_DEFAULT]->policy);
	whole_burst(f, IP_FAMILY_4, 0, (uint64_t[PATHS_MAX]){ 0 });
	assert_int_equal(stack_fixture_drops_all(f), 0);
	stack_fixture_destroy(f);
}

/* Routes that change for long, each in its own way: the nexthops last, however many there are. */
static void
test_histories_end(void **state)
{
	static const char *const ways[] = { "10.0.1.2 10.0.2.2", "10.0.1.2 10.0.3.2",
		"10.0.1.2 10.0.2.2 10.0.3.2", "10.0.2.2 10.0.3.2*3" };
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 4 });
	unsigned nexthops = stack_fixture_nexthops(f);
	char prefix[32];

	seed = 7;
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(prefix, sizeof(prefix), "20.0.%u.0/24", (unsigned)(draw() % 250));
		stack_fixture_route(f, prefix, ways[draw() % RTE_DIM(ways)]);
	}
	assert_true(nexthop_table_used(f->stack->nexthops) < nexthop_table_max(f->stack->nexthops));
	for (unsigned i = 0; i < 250; i++) {
		snprintf(prefix, sizeof(prefix), "20.0.%u.0/24", i);
		stack_fixture_unroute(f, prefix);
	}
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_million_flows_4_paths),
		cmocka_unit_test(test_million_flows_7_paths),
		cmocka_unit_test(test_structured_flows),
		cmocka_unit_test(test_hashes_of_few_bits),
		cmocka_unit_test(test_whole_pipeline),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_histories_end),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
