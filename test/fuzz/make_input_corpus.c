/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the seeds of fuzz_input.c and fuzz_frames.c: `make_input_corpus CORPUS`, which is the folder
 * above both, after their formats have changed.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "support/packet.h"

/* A seed: bytes 0 and 1 of the input, and the frame. */
struct seed {
	const char *name;
	uint8_t choice, cut;
	struct packet packet;
};

static const uint8_t lsrr[] = { 131, 7, 4, 10, 0, 1, 2, 0 };
static const uint8_t record_route[] = { 7, 7, 4, 0, 0, 0, 0, 0 };
static const uint8_t hop_by_hop[] = { IP_PROTO_UDP, 0, 1, 4, 0, 0, 0, 0 };
static const uint8_t fragment[] = { IP_PROTO_UDP, 0, 0, 1, 0, 0, 0, 9 };
static const uint8_t chain[] = { IP_PROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0, 253, 0, 1, 4, 0, 0, 0, 0 };
static const uint8_t arp_request[] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 9, 0, 10, 0, 0, 9, 0, 0,
	0, 0, 0, 0, 10, 0, 0, 1 };
static const uint8_t arp_reply[] = { 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 9, 0, 10, 0, 0, 9, 2, 0, 0,
	0, 1, 0, 10, 0, 0, 1 };
static const uint8_t ns_body[] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2,
	0, 0, 0, 9, 0 };
static const uint8_t na_body[] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 2, 1, 2,
	0, 0, 0, 9, 0 };
static const uint8_t quoted4[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 192, 0,
	2, 1, 8 };

static const uint8_t quoted6[48] = { 0x60, 0, 0, 0, 6, 0, IP_PROTO_ICMP6, 64, 0x20, 1, 0xd,
	0xb8, [23] = 1, 0x20, 1, 0xd, 0xb8, 1, [39] = 9, 129 };
static const uint8_t router_alert[] = { IP_PROTO_ICMP6, 0, 5, 2, 0, 0, 1, 0 };
/* Any group; robustness 3, interval 10, no sources. */
static const uint8_t mld_query[20] = { [16] = 3, 10 };
static const uint8_t mld_query1[16] = { 0xff, 2, [11] = 1, 0xff, 0, 0, 1 };
/* Timers; the MAC address; an MTU; a prefix on the link, with addresses. */
static const uint8_t ra_body[56] = { [8] = 1,
	1,
	2,
	0,
	0,
	0,
	9,
	0,
	5,
	1,
	0,
	0,
	0,
	0,
	5,
	0xdc,
	3,
	4,
	64,
	0xc0,
	0,
	1,
	0,
	0,
	0,
	0,
	0x80,
	0,
	[40] = 0x20,
	1,
	0xd,
	0xb8,
	0,
	0,
	0,
	7 };
static const uint8_t fragment_first[] = { IP_PROTO_ICMP6, 0, 0, 1, 0, 0, 0, 9 };
static const uint8_t fragment_last[] = { IP_PROTO_ICMP6, 0, 0, 16, 0, 0, 0, 9 };

static const struct seed seeds[] = {
	{ "ip4_forward", 0, 0, { .src = "10.0.0.2", .dst = "192.0.2.1" } },
	{ "ip4_padding", 0, 50, { .src = "10.0.0.2", .dst = "192.0.2.1", .padding = 18 } },
	{ "ip4_group", 0, 0, { .src = "10.0.0.2", .dst = "198.51.100.9", .proto = IP_PROTO_TCP } },
	{ "ip4_group_hash", 16, 77, { .src = "10.0.0.2", .dst = "198.51.100.9" } },
	{ "ip4_neighbour", 0, 0, { .src = "10.0.0.2", .dst = "10.0.1.3" } },
	{ "ip4_glean", 0, 0, { .src = "10.0.0.2", .dst = "10.0.1.77" } },
	{ "ip4_glean_fails", 32, 0, { .src = "10.0.0.2", .dst = "10.0.1.77" } },
	{ "ip4_ttl", 0, 0, { .src = "10.0.0.2", .dst = "192.0.2.1", .ttl = 1 } },
	{ "ip4_no_route", 0, 0, { .src = "10.0.0.2", .dst = "1.2.3.4" } },
	{ "ip4_blackhole", 0, 0, { .src = "10.0.0.2", .dst = "203.0.113.1" } },
	{ "ip4_unreachable", 0, 0, { .src = "10.0.0.2", .dst = "203.0.113.200" } },
	{ "ip4_too_big", 0, 0,
		{ .src = "10.0.0.2", .dst = "10.0.2.2", .frag = 0x4000, .payload_length = 1300 } },
	{ "ip4_fragment", 0, 0, { .src = "10.0.0.2", .dst = "10.0.0.1", .frag = 0x2000 } },
	{ "ip4_echo", 12, 0,
		{ .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = 8, .payload_length = 8 } },
	{ "ip4_echo_segments", 12, 45,
		{ .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = 8, .payload_length = 99 } },
	{ "ip4_echo_reply", 12, 0,
		{ .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = PACKET_ZERO } },
	{ "ip4_icmp_error", 12, 0,
		{ .src = "10.0.0.2",
			.dst = "10.0.0.1",
			.icmp_type = 11,
			.payload = quoted4,
			.payload_length = 28 } },
	{ "ip4_no_port", 0, 0, { .src = "10.0.0.2", .dst = "10.0.0.1" } },
	{ "ip4_no_proto", 0, 0, { .src = "10.0.0.2", .dst = "10.0.0.1", .proto = 132 } },
	{ "ip4_options", 4, 0,
		{ .src = "10.0.0.2",
			.dst = "192.0.2.1",
			.options = record_route,
			.options_length = 8 } },
	{ "ip4_source_route", 4, 0,
		{ .src = "10.0.0.2", .dst = "192.0.2.1", .options = lsrr, .options_length = 8 } },
	{ "ip4_broadcast", 0, 0,
		{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "10.0.0.2", .dst = "255.255.255.255" } },
	{ "ip4_truncated", 0, 0, { .src = "10.0.0.2", .dst = "192.0.2.1", .truncate = 30 } },
	{ "ip6_forward", 0, 0, { .src = "2001:db8::2", .dst = "2001:db8:100::1" } },
	{ "ip6_group", 0, 60, { .src = "2001:db8::2", .dst = "2001:db8:200::1" } },
	{ "ip6_glean", 32, 0, { .src = "2001:db8::2", .dst = "2001:db8:1::77" } },
	{ "ip6_hop_limit", 0, 0, { .src = "2001:db8::2", .dst = "2001:db8:100::1", .ttl = 1 } },
	{ "ip6_no_route", 0, 0, { .src = "2001:db8::2", .dst = "2001:db9::1" } },
	{ "ip6_unreachable", 0, 0, { .src = "2001:db8::2", .dst = "2001:db8:400::1" } },
	{ "ip6_too_big", 0, 0,
		{ .src = "2001:db8::2", .dst = "2001:db8:2::2", .payload_length = 1300 } },
	{ "ip6_echo", 8, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.icmp_type = 128,
			.payload_length = 8 } },
	{ "ip6_echo_group", 8, 0,
		{ .eth_dst = "33:33:00:00:00:01",
			.src = "fe80::9",
			.dst = "ff02::1",
			.icmp_type = 128 } },
	{ "ip6_no_port", 0, 0, { .src = "2001:db8::2", .dst = "2001:db8::1" } },
	{ "ip6_no_proto", 0, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.proto = 253,
			.options = chain,
			.options_length = 16 } },
	{ "ip6_hop_by_hop", 0, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8:200::1",
			.options = hop_by_hop,
			.options_length = 8 } },
	{ "ip6_fragment", 0, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.options = fragment,
			.options_length = 8,
			.next_header = IP_PROTO_FRAGMENT } },
	{ "ip6_link_local", 0, 0, { .src = "fe80::9", .dst = "2001:db8:100::1" } },
	{ "nd_solicitation", 8, 0,
		{ .eth_dst = "33:33:ff:00:00:01",
			.src = "2001:db8::9",
			.dst = "ff02::1:ff00:1",
			.ttl = 255,
			.icmp_type = 135,
			.payload = ns_body,
			.payload_length = 24 } },
	{ "nd_advertisement", 8, 0,
		{ .src = "2001:db8::9",
			.dst = "2001:db8::1",
			.ttl = 255,
			.icmp_type = 136,
			.icmp_rest = 0x60000000,
			.payload = na_body,
			.payload_length = 24 } },
	{ "arp_request", 0, 0,
		{ .eth_dst = "ff:ff:ff:ff:ff:ff",
			.eth_src = "02:00:00:00:09:00",
			.eth_type = ETHER_TYPE_ARP,
			.payload = arp_request,
			.payload_length = 28,
			.padding = 18 } },
	{ "arp_reply", 0, 0,
		{ .eth_src = "02:00:00:00:09:00",
			.eth_type = ETHER_TYPE_ARP,
			.payload = arp_reply,
			.payload_length = 28 } },
	{ "vlan", 0, 0, { .eth_type = ETHER_TYPE_VLAN, .payload_length = 46 } },
	{ "vlan_forward", 0, 0,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
			.src = "10.8.0.2",
			.dst = "192.0.2.1" } },
	{ "vlan_out", 0, 0, { .src = "10.0.0.2", .dst = "10.8.0.3" } },
	{ "vlan_to_two_tags", 0, 0,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
			.src = "2001:db8:8::2",
			.dst = "2001:db8:9::3" } },
	{ "vlan_priority", 0, 0,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 7 << 13 } } },
			.src = "10.0.0.2",
			.dst = "192.0.2.1" } },
	{ "vlan_group", 12, 0,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
			.src = "10.8.0.2",
			.dst = "198.51.100.7" } },
	{ "vlan_two_tags", 0, 0,
		{ .vlan = { 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } },
			.src = "2001:db8:9::2",
			.dst = "2001:db8:100::1" } },
	{ "vlan_glean", 32, 17,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
			.src = "10.8.0.2",
			.dst = "10.9.0.77" } },
	{ "vlan_echo", 12, 0,
		{ .vlan = { 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } },
			.src = "2001:db8:9::2",
			.dst = "2001:db8:9::1",
			.icmp_type = 128 } },
	{ "ip4_fragment_last", 4, 0,
		{ .src = "10.0.0.2",
			.dst = "10.0.0.1",
			.proto = IP_PROTO_UDP,
			.spoil = PACKET_RAW,
			.frag = 1,
			.payload_length = 9 } },
	{ "ip6_fragment_first", 0, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.icmp_type = 128,
			.payload_length = 8,
			.options = fragment_first,
			.options_length = 8,
			.next_header = IP_PROTO_FRAGMENT } },
	{ "ip6_fragment_last", 0, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.spoil = PACKET_RAW,
			.payload_length = 8,
			.options = fragment_last,
			.options_length = 8,
			.next_header = IP_PROTO_FRAGMENT } },
	{ "ip6_packet_too_big", 8, 0,
		{ .src = "2001:db8::2",
			.dst = "2001:db8::1",
			.icmp_type = 2,
			.icmp_rest = 1400,
			.payload = quoted6,
			.payload_length = 48 } },
	{ "mld_query", 8, 0,
		{ .eth_dst = "33:33:00:00:00:01",
			.src = "fe80::9",
			.dst = "ff02::1",
			.ttl = 1,
			.icmp_type = 130,
			.icmp_rest = 1000 << 16,
			.options = router_alert,
			.options_length = 8,
			.payload = mld_query,
			.payload_length = 20 } },
	{ "mld_query_of_version_1", 8, 0,
		{ .eth_dst = "33:33:00:00:00:01",
			.src = "fe80::9",
			.dst = "ff02::1:ff00:1",
			.ttl = 1,
			.icmp_type = 130,
			.options = router_alert,
			.options_length = 8,
			.payload = mld_query1,
			.payload_length = 16 } },
	{ "ra", 11, 0,
		{ .eth_dst = "33:33:00:00:00:01",
			.src = "fe80::9",
			.dst = "ff02::1",
			.ttl = 255,
			.icmp_type = 134,
			.icmp_rest = 0x40080708,
			.payload = ra_body,
			.payload_length = 56 } },
	{ "ra_farewell", 11, 0,
		{ .eth_dst = "33:33:00:00:00:01",
			.src = "fe80::9",
			.dst = "ff02::1",
			.ttl = 255,
			.icmp_type = 134,
			.icmp_rest = 0x40000000,
			.payload = ra_body,
			.payload_length = 8 } },
	{ "vrf_leak", 1, 0,
		{ .eth_dst = "02:00:00:00:01:01",
			.vlan = { 1, { { ETHER_TYPE_VLAN, 200 } } },
			.src = "10.0.0.2",
			.dst = "192.0.2.1" } },
	{ "vrf_no_route", 1, 0,
		{ .eth_dst = "02:00:00:00:01:01",
			.vlan = { 1, { { ETHER_TYPE_VLAN, 200 } } },
			.src = "10.0.0.2",
			.dst = "198.51.100.9" } },
	{ "vrf_echo6", 13, 0,
		{ .eth_dst = "02:00:00:00:01:01",
			.vlan = { 1, { { ETHER_TYPE_VLAN, 200 } } },
			.src = "2001:db8::2",
			.dst = "2001:db8::1",
			.icmp_type = 128 } },
};

/* What is put together of seeds, for fuzz_frames.c. */
static const struct {
	const char *name;
	uint8_t pause; /* between two frames */
	const char *seeds[8];
} sequences[] = {
	{ "ask_and_answer", 1, { "ip4_glean", "arp_request", "arp_reply", "ip4_glean" } },
	{ "ask_in_vain", 32, { "ip6_glean", "ip6_glean", "ip4_glean", "ip6_glean", "ip4_glean" } },
	{ "fragments", 1,
		{ "ip4_fragment", "ip4_fragment_last", "ip4_fragment", "ip6_fragment_first",
			"ip6_fragment_last" } },
	{ "fragments_too_late", 250,
		{ "ip4_fragment", "ip6_fragment_first", "ip4_fragment_last" } },
	{ "neighbour_moves", 100,
		{ "nd_solicitation", "nd_advertisement", "ip6_glean", "nd_advertisement" } },
	{ "path_narrows", 10, { "ip6_packet_too_big", "ip6_echo", "ip6_packet_too_big" } },
	{ "queries", 60,
		{ "mld_query", "mld_query_of_version_1", "mld_query", "mld_query_of_version_1" } },
	{ "router_comes_and_goes", 30,
		{ "ra", "ip6_no_route", "ra", "ra_farewell", "ip6_no_route", "ra" } },
	{ "vlans", 2, { "vlan_glean", "vlan_echo", "vlan_forward", "vlan_two_tags" } },
};

static const struct seed *
seed_find(const char *name)
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		if (strcmp(seeds[i].name, name) == 0)
			return &seeds[i];
	}
	errx(1, "no seed is called %s", name);
}

static void
input_write(const char *corpus, const char *target, const char *name, const uint8_t *input,
	size_t length)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", corpus, target, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(input, 1, length, file) != length || fclose(file) != 0)
		err(1, "%s", path);
}

static void
sequence_write(const char *corpus, size_t index)
{
	static uint8_t input[8 * (5 + PACKET_MAX)];
	size_t length = 0;

	for (size_t i = 0; i < 8 && sequences[index].seeds[i] != NULL; i++) {
		const struct seed *seed = seed_find(sequences[index].seeds[i]);
		size_t frame = packet_write(&seed->packet, input + length + 5);

		input[length] = seed->choice;
		input[length + 1] = seed->cut;
		input[length + 2] = sequences[index].pause;
		input[length + 3] = (uint8_t)frame;
		input[length + 4] = (uint8_t)(frame >> 8);
		length += 5 + frame;
	}
	input_write(corpus, "frames", sequences[index].name, input, length);
}

int
main(int argc, char **argv)
{
	static uint8_t input[2 + PACKET_MAX];

	if (argc != 2)
		errx(2, "usage: make_input_corpus CORPUS");
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		input[0] = seeds[i].choice;
		input[1] = seeds[i].cut;
		input_write(argv[1], "input", seeds[i].name, input,
			2 + packet_write(&seeds[i].packet, input + 2));
	}
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		sequence_write(argv[1], i);
	return 0;
}
