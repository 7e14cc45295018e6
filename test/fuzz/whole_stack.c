/* SPDX-License-Identifier: BSD-3-Clause */
/* The stack of fuzz_input.c and fuzz_frames.c: see whole_stack.h. */
#include "fuzz/whole_stack.h"

#include <rte_mbuf.h>

#include "autoconf/autoconf.h"
#include "fuzz/eal.h"
#include "stack/worker.h"
#include "wire/checksum.h"

#define HEADROOM   RTE_PKTMBUF_HEADROOM
#define SEGMENTS   8
#define POOL_MBUFS 1023

static struct stack_fixture *fixture;
static struct rte_mempool *pool;

/* LeakSanitizer does not look for pointers where DPDK keeps them. */
static void
fini(void)
{
	stack_fixture_destroy(fixture);
	rte_mempool_free(pool);
}

/* VLAN 100 on p0, and VLAN 5 in it. */
static void
vlans_add(struct stack_fixture *f)
{
	const struct vlan_tag outer = { ETHER_TYPE_VLAN, 100 }, inner = { ETHER_TYPE_VLAN, 5 };

	fuzz_check(stack_vlan_add(f->stack, "p0.100", "p0", &outer, NULL) == 0 &&
			stack_vlan_add(f->stack, "p0.100.5", "p0.100", &inner, NULL) == 0,
		"the VLANs cannot be added");
	stack_fixture_addr(f, "p0.100", "10.8.0.1/24");
	stack_fixture_addr(f, "p0.100.5", "10.9.0.1/24");
	stack_fixture_addr(f, "p0.100.5", "2001:db8:9::1/64");
	stack_fixture_neigh(f, "p0.100", "10.8.0.3", "02:00:00:00:08:03");
	stack_fixture_neigh(f, "p0.100.5", "2001:db8:9::3", "02:00:00:00:09:03");
}

/* A VRF with the addresses of p0 on VLAN 200 of p1, from which one prefix is led to the default one. */
static void
vrf_add(struct stack_fixture *f)
{
	static struct stack_route route = { .path_count = 1,
		.paths = { { .weight = 1, .leaked = true, .vrf = IP_VRF_DEFAULT } } };
	const struct vlan_tag tag = { ETHER_TYPE_VLAN, 200 };

	fuzz_check(stack_vrf_add(f->stack, "red", NULL) == 0 &&
			stack_vrf_find(f->stack, "red", &route.vrf, NULL) == 0 &&
			stack_vlan_add(f->stack, "p1.200", "p1", &tag, NULL) == 0 &&
			stack_iface_set_vrf(f->stack, "p1.200", route.vrf, NULL) == 0,
		"the VRF cannot be made");
	stack_fixture_addr(f, "p1.200", "10.0.0.1/24");
	stack_fixture_addr(f, "p1.200", "2001:db8::1/64");
	fuzz_check(ip_prefix_parse("192.0.2.0/24", &route.prefix) == 0 &&
			ip_addr_parse("10.0.2.2", &route.paths[0].gateway) == 0 &&
			stack_route_add(f->stack, &route, false, NULL) == 0,
		"the route cannot be led there");
}

struct stack_fixture *
fuzz_stack_create(void)
{
	struct stack_fixture *f;
	struct mac_addr mac;

	fuzz_eal_init(128);
	f = fixture = stack_fixture_create(
		&(struct stack_fixture_config){ .ports = FUZZ_PORTS, .mld = true });
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "198.51.100.0/24", "10.0.1.2 10.0.2.2*3 10.0.3.77");
	stack_fixture_route(f, "203.0.113.0/25", "blackhole");
	stack_fixture_route(f, "203.0.113.128/25", "unreachable");
	stack_fixture_route(f, "2001:db8:100::/48", "2001:db8:1::2");
	stack_fixture_route(f, "2001:db8:200::/48", "2001:db8:1::2*2 2001:db8:2::2 2001:db8:3::77");
	stack_fixture_route(f, "2001:db8:300::/48", "blackhole");
	stack_fixture_route(f, "2001:db8:400::/48", "unreachable");
	vlans_add(f);
	vrf_add(f);
	fuzz_check(mac_addr_parse("02:00:00:00:aa:01", &mac) == 0 &&
			stack_port_mac_add(f->stack, "p0", &mac, NULL) == 0,
		"the MAC address cannot be added");
	fuzz_check(stack_iface_set_mtu(f->stack, "p2", 1280, NULL) == 0, "the MTU cannot be set");
	fuzz_check(stack_autoconf_set(f->stack, "p3", true, NULL) == 0, "no advertisements");
	pool = rte_pktmbuf_pool_create("input", POOL_MBUFS, 0, 0, 0, -1);
	fuzz_check(pool != NULL, "no pool");
	atexit(fini);
	return f;
}

/* ---- frames ---- */

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

	fuzz_check(shared != NULL && segment != NULL && buffer != NULL, "no memory");
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
	if ((choice & FUZZ_MEND_IP) != 0) {
		memset(ip + 10, 0, 2);
		checksum = checksum_finish(checksum_add(0, ip, (uint32_t)hdr_length));
		memcpy(ip + 10, &checksum, 2);
	}
	if ((choice & FUZZ_MEND_L4) != 0 && ip[9] == IP_PROTO_ICMP && total <= length &&
		total >= hdr_length + ICMP_HDR_LENGTH)
		icmp4_checksum_set(ip + hdr_length, (uint32_t)(total - hdr_length));
}

static void
mend6(uint8_t *ip, size_t length, uint8_t choice)
{
	size_t total = IP6_HDR_LENGTH + ((size_t)ip[4] << 8 | ip[5]);
	struct ip_addr src = ip_addr_from6(ip + 8), dst = ip_addr_from6(ip + 24);
	struct ip6_chain chain;

	if ((choice & FUZZ_MEND_L4) == 0 || total > length ||
		ip6_chain_parse(ip, (uint32_t)total, &chain) < 0 || chain.proto != IP_PROTO_ICMP6 ||
		total < (size_t)chain.offset + ICMP_HDR_LENGTH)
		return;
	icmp6_checksum_set(ip + chain.offset, (uint32_t)(total - chain.offset), &src, &dst);
}

/* Behind the tags that there are. */
size_t
fuzz_ip_offset(const uint8_t *frame, size_t length)
{
	size_t offset = ETHER_HDR_LENGTH;

	while (offset + VLAN_TAG_LENGTH <= length &&
		(memcmp(frame + offset - 2, "\x81\x00", 2) == 0 ||
			memcmp(frame + offset - 2, "\x88\xa8", 2) == 0))
		offset += VLAN_TAG_LENGTH;
	return offset;
}

static void
mend(uint8_t *frame, size_t length, uint8_t choice)
{
	size_t offset = fuzz_ip_offset(frame, length);

	if (length >= offset + IP4_HDR_LENGTH && frame[offset] >> 4 == 4)
		mend4(frame + offset, length - offset, choice);
	else if (length >= offset + IP6_HDR_LENGTH && frame[offset] >> 4 == 6)
		mend6(frame + offset, length - offset, choice);
}

void
fuzz_stack_inject(
	struct stack_fixture *f, const uint8_t *frame, size_t length, uint8_t choice, uint8_t cut)
{
	static uint8_t mended[FUZZ_FRAME_MAX];
	struct rte_mbuf *pkt;

	memcpy(mended, frame, length);
	mend(mended, length, choice);
	pkt = packet_create(mended, length, cut);
	if ((choice & FUZZ_HASH) != 0) {
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		pkt->hash.rss = cut * 0x01010101U;
	}
	port_double_inject(f->wires[choice & FUZZ_PORT], 0, pkt);
	stack_fixture_run(f);
}

/* ---- the end ---- */

/* Only if something was learned: it is slow. */
static void
autoconf_forget(struct stack_fixture *f)
{
	const uint16_t iface = iface_lookup(f->stack->ifaces, "p3")->index;
	const struct autoconf_host *host = stack_autoconf_show(f->stack, iface);

	fuzz_check(host->router_count <= AUTOCONF_ROUTERS_MAX &&
			host->prefix_count <= AUTOCONF_PREFIXES_MAX,
		"more was learned than may be");
	if (host->router_count == 0 && host->prefix_count == 0)
		return;
	fuzz_check(stack_autoconf_set(f->stack, "p3", false, NULL) == 0 &&
			stack_autoconf_set(f->stack, "p3", true, NULL) == 0,
		"what was learned stays");
}

void
fuzz_stack_forget(struct stack_fixture *f)
{
	/* Fragments give up, before neighbours do: errors about them may wait for one. */
	f->now_ns += FUZZ_FLUSH_NS;
	stack_fixture_run(f);
	autoconf_forget(f);
	fuzz_check(stack_neigh_flush(f->stack, "", NULL) == 0, "neighbours stay");
	memset(f->stack->pmtu.entries, 0, sizeof(f->stack->pmtu.entries));
	f->stack->pmtu.count = 0;
	f->now_ns += FUZZ_FLUSH_NS;
	stack_fixture_run(f);
}

void
fuzz_stack_check_empty(const struct stack_fixture *f)
{
	fuzz_check(rte_mempool_in_use_count(pool) == 0, "a packet is lost");
	fuzz_check(rte_mempool_in_use_count(f->pool) == 0, "a packet that was made here is lost");
}
