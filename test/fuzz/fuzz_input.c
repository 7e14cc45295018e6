/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole input path: one received frame through a stack with routes, groups and addresses of
 * both families, once by the fast path and once by the stages. Both must do the same, each packet
 * in must be a packet out, and none may be lost.
 *
 * Byte 0 chooses the port and what is mended (enum choice), byte 1 how the frame is cut into
 * segments; the frame follows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_mbuf.h>

#include "fuzz/fuzz.h"
#include "stack/worker.h"
#include "support/stack_fixture.h"
#include "wire/checksum.h"

#define PORTS     4
#define FRAME_MAX 4096
#define HEADROOM  RTE_PKTMBUF_HEADROOM
#define SEGMENTS  8
/* Lets all rate limits, and the reassembly, forget the input before. */
#define FLUSH_NS   IP_REASSEMBLY_TIMEOUT_NS
#define POOL_MBUFS 255

enum choice {
	CHOICE_PORT = 3, /* mask */
	CHOICE_MEND_IP = 4, /* IPv4's header checksum is made right */
	CHOICE_MEND_L4 = 8, /* ICMP's and ICMPv6's */
	CHOICE_HASH = 16, /* the port gives a hash */
	CHOICE_AGE = 32, /* then time passes: what is held for a neighbour gives up */
};

/* What became of an input: enough to tell two runs apart. */
struct outcome {
	uint64_t frames, bytes, hash;
	uint64_t drops[DROP_REASON_COUNT];
};

static struct stack_fixture *f;
static struct rte_mempool *pool;

static void
check(bool promise, const char *what)
{
	if (promise)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* LeakSanitizer does not look for pointers where DPDK keeps them. */
static void
fini(void)
{
	stack_fixture_destroy(f);
	rte_mempool_free(pool);
}

/* VLAN 100 on p0, and VLAN 5 in it. */
static void
vlans_add(void)
{
	const struct vlan_tag outer = { ETHER_TYPE_VLAN, 100 }, inner = { ETHER_TYPE_VLAN, 5 };

	check(stack_vlan_add(f->stack, "p0.100", "p0", &outer, NULL) == 0 &&
			stack_vlan_add(f->stack, "p0.100.5", "p0.100", &inner, NULL) == 0,
		"the VLANs cannot be added");
	stack_fixture_addr(f, "p0.100", "10.8.0.1/24");
	stack_fixture_addr(f, "p0.100.5", "10.9.0.1/24");
	stack_fixture_addr(f, "p0.100.5", "2001:db8:9::1/64");
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char line[] = "fuzz --lcores 0 --no-huge -m 128 --no-shconf --no-pci "
			     "--no-telemetry --log-level=error";
	char *arguments[16], *rest = line;
	int count = 0;

	while ((arguments[count] = strsep(&rest, " ")) != NULL)
		count++;
	check(rte_eal_init(count, arguments) >= 0, "EAL does not start");
	f = stack_fixture_create(&(struct stack_fixture_config){ .ports = PORTS });
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "198.51.100.0/24", "10.0.1.2 10.0.2.2*3 10.0.3.77");
	stack_fixture_route(f, "203.0.113.0/25", "blackhole");
	stack_fixture_route(f, "203.0.113.128/25", "unreachable");
	stack_fixture_route(f, "2001:db8:100::/48", "2001:db8:1::2");
	stack_fixture_route(f, "2001:db8:200::/48", "2001:db8:1::2*2 2001:db8:2::2 2001:db8:3::77");
	stack_fixture_route(f, "2001:db8:300::/48", "blackhole");
	stack_fixture_route(f, "2001:db8:400::/48", "unreachable");
	vlans_add();
	check(stack_iface_set_mtu(f->stack, "p2", 1280, NULL) == 0, "the MTU cannot be set");
	pool = rte_pktmbuf_pool_create("input", POOL_MBUFS, 0, 0, 0, -1);
	check(pool != NULL, "no pool");
	atexit(fini);
	return 0;
}

/* ---- the packet ---- */

static void
buffer_free(void *buffer, void *shared)
{
	free(shared);
	free(buffer);
}

/* Data of its exact size, so that AddressSanitizer sees the first byte read too far. */
static struct rte_mbuf *
segment_create(const uint8_t *data, size_t length)
{
	struct rte_mbuf_ext_shared_info *shared = malloc(sizeof(*shared));
	struct rte_mbuf *segment = rte_pktmbuf_alloc(pool);
	uint8_t *buffer = malloc(HEADROOM + length);

	check(shared != NULL && segment != NULL && buffer != NULL, "no memory");
	memcpy(buffer + HEADROOM, data, length);
	shared->free_cb = buffer_free;
	shared->fcb_opaque = shared;
	rte_mbuf_ext_refcnt_set(shared, 1);
	rte_pktmbuf_attach_extbuf(
		segment, buffer, RTE_BAD_IOVA, (uint16_t)(HEADROOM + length), shared);
	segment->data_off = HEADROOM;
	segment->data_len = (uint16_t)length;
	segment->pkt_len = (uint32_t)length;
	return segment;
}

/* `cut` 0: in one piece; else pieces of so many bytes, the last one what is left. */
static struct rte_mbuf *
packet_create(const uint8_t *frame, size_t length, uint8_t cut)
{
	struct rte_mbuf *head = NULL;
	size_t done = 0;

	do {
		size_t part = length - done;

		if (cut != 0 && part > cut && (head == NULL || head->nb_segs < SEGMENTS))
			part = cut;
		if (head == NULL)
			head = segment_create(frame, part);
		else
			rte_pktmbuf_chain(head, segment_create(frame + done, part));
		done += part;
	} while (done < length);
	return head;
}

static void
mend4(uint8_t *ip, size_t length, uint8_t choice)
{
	size_t hdr_length = (ip[0] & 0xfU) * 4, total = (size_t)ip[2] << 8 | ip[3];
	uint16_t checksum;

	if (hdr_length < IP4_HDR_LENGTH || hdr_length > length)
		return;
	if ((choice & CHOICE_MEND_IP) != 0) {
		memset(ip + 10, 0, 2);
		checksum = checksum_finish(checksum_add(0, ip, (uint32_t)hdr_length));
		memcpy(ip + 10, &checksum, 2);
	}
	if ((choice & CHOICE_MEND_L4) != 0 && ip[9] == IP_PROTO_ICMP && total <= length &&
		total >= hdr_length + ICMP_HDR_LENGTH)
		icmp4_checksum_set(ip + hdr_length, (uint32_t)(total - hdr_length));
}

static void
mend6(uint8_t *ip, size_t length, uint8_t choice)
{
	size_t total = IP6_HDR_LENGTH + ((size_t)ip[4] << 8 | ip[5]);
	struct ip_addr src = ip_addr_from6(ip + 8), dst = ip_addr_from6(ip + 24);
	struct ip6_chain chain;

	if ((choice & CHOICE_MEND_L4) == 0 || total > length ||
		ip6_chain_parse(ip, (uint32_t)total, &chain) < 0 || chain.proto != IP_PROTO_ICMP6 ||
		total < (size_t)chain.offset + ICMP_HDR_LENGTH)
		return;
	icmp6_checksum_set(ip + chain.offset, (uint32_t)(total - chain.offset), &src, &dst);
}

static void
mend(uint8_t *frame, size_t length, uint8_t choice)
{
	if (length >= ETHER_HDR_LENGTH + IP4_HDR_LENGTH && frame[14] >> 4 == 4)
		mend4(frame + ETHER_HDR_LENGTH, length - ETHER_HDR_LENGTH, choice);
	else if (length >= ETHER_HDR_LENGTH + IP6_HDR_LENGTH && frame[14] >> 4 == 6)
		mend6(frame + ETHER_HDR_LENGTH, length - ETHER_HDR_LENGTH, choice);
}

/* ---- what becomes of it ---- */

/* Two runs are at different times, which timestamp options tell, also where an error quotes them. */
static void
options_forget(uint8_t *ip, size_t length)
{
	size_t hdr_length = (ip[0] & 0xfU) * 4;

	if (length < IP4_HDR_LENGTH || ip[0] >> 4 != 4 || hdr_length > length)
		return;
	if (hdr_length > IP4_HDR_LENGTH) {
		memset(ip + 10, 0, 2);
		memset(ip + IP4_HDR_LENGTH, 0, hdr_length - IP4_HDR_LENGTH);
	} else if (ip[9] == IP_PROTO_ICMP && length >= 28 + IP4_HDR_LENGTH &&
		icmp4_type_is_error(ip[20])) {
		memset(ip + 22, 0, 2);
		options_forget(ip + 28, length - 28);
	}
}

static void
outcome_add(struct outcome *outcome, unsigned port, struct rte_mbuf *pkt)
{
	static uint8_t frame[PACKET_MAX];
	size_t length = packet_bytes(pkt, frame);

	rte_mbuf_sanity_check(pkt, 1);
	/* What the control thread asks or tells all on a link depends on the clock. */
	if ((frame[0] & 1) != 0) {
		rte_pktmbuf_free(pkt);
		return;
	}
	if (length > ETHER_HDR_LENGTH + IP4_HDR_LENGTH)
		options_forget(frame + ETHER_HDR_LENGTH, length - ETHER_HDR_LENGTH);
	outcome->frames++;
	outcome->bytes += length;
	outcome->hash = (outcome->hash ^ port) * 0x100000001b3ULL;
	for (size_t i = 0; i < length; i++)
		outcome->hash = (outcome->hash ^ frame[i]) * 0x100000001b3ULL;
	rte_pktmbuf_free(pkt);
}

static void
outcome_collect(struct outcome *outcome)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < PORTS; port++) {
		while ((pkt = stack_fixture_take(f, port)) != NULL)
			outcome_add(outcome, port, pkt);
	}
}

static struct outcome
run(const uint8_t *frame, size_t length, uint8_t choice, uint8_t cut, bool stages_only)
{
	/* While a trace is wanted all packets go through the stages; this one never is found. */
	const struct trace_filter never = { .iface = IFACE_NONE - 1 };
	struct rte_mbuf *pkt = packet_create(frame, length, cut);
	struct outcome outcome = { 0 };

	stack_trace_clear(f->stack);
	if (stages_only)
		check(stack_trace_add(f->stack, 1, &never, NULL) == 0, "no trace");
	stack_drops_clear(f->stack);
	memset(f->stack->pmtu.entries, 0, sizeof(f->stack->pmtu.entries));
	f->stack->pmtu.count = 0;
	ip_id_init(&f->stack->workers[0]->ip.ids, 1, 0, 1);
	if ((choice & CHOICE_HASH) != 0) {
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		pkt->hash.rss = cut * 0x01010101U;
	}
	port_double_inject(f->wires[choice & CHOICE_PORT], 0, pkt);
	stack_fixture_run(f);
	outcome_collect(&outcome);
	for (unsigned i = 0; i < 4 && (choice & CHOICE_AGE) != 0; i++) {
		f->now_ns += FLUSH_NS;
		stack_fixture_run(f);
	}
	/* Fragments give up, before neighbours do: errors about them may wait for one. */
	f->now_ns += FLUSH_NS;
	stack_fixture_run(f);
	/* Who was learned from this input must not be known to the next. */
	check(stack_neigh_flush(f->stack, "", NULL) == 0, "neighbours stay");
	f->now_ns += FLUSH_NS;
	stack_fixture_run(f);
	outcome_collect(&outcome);
	stack_drops(f->stack, outcome.drops);
	check(rte_mempool_in_use_count(pool) == 0, "a packet is lost");
	check(rte_mempool_in_use_count(f->pool) == 0, "a packet that was made here is lost");
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome fast, stages;
	uint8_t frame[FRAME_MAX];
	size_t length = size - 2;

	if (size < 3 || length > FRAME_MAX)
		return 0;
	memcpy(frame, data + 2, length);
	mend(frame, length, data[0]);
	fast = run(frame, length, data[0], data[1], false);
	stages = run(frame, length, data[0], data[1], true);
	check(memcmp(&fast, &stages, sizeof(fast)) == 0, "the fast path does something else");
	return 0;
}
