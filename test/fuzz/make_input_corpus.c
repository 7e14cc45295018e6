/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes corpus/input: `make_input_corpus DIRECTORY`, after fuzz_input.c's format has changed. */
#include <err.h>
#include <stdio.h>

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
	{ "vlan_two_tags", 0, 0,
		{ .vlan = { 2, { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 5 } } },
			.src = "2001:db8:9::2",
			.dst = "2001:db8:100::1" } },
	{ "vlan_glean", 32, 17,
		{ .vlan = { 1, { { ETHER_TYPE_VLAN, 100 } } },
			.src = "10.8.0.2",
			.dst = "10.9.0.77" } },
};

int
main(int argc, char **argv)
{
	static uint8_t input[2 + PACKET_MAX];
	char path[4096];

	if (argc != 2)
		errx(2, "usage: make_input_corpus DIRECTORY");
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		size_t length = 2 + packet_write(&seeds[i].packet, input + 2);
		FILE *file;

		input[0] = seeds[i].choice;
		input[1] = seeds[i].cut;
		snprintf(path, sizeof(path), "%s/%s", argv[1], seeds[i].name);
		file = fopen(path, "wb");
		if (file == NULL || fwrite(input, 1, length, file) != length || fclose(file) != 0)
			err(1, "%s", path);
	}
	return 0;
}
