/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parsers of lib/wire: every input is given to each of them, and what one
 * accepts must survive its builder.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/nd.h"

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static void
fuzz_ip4(const uint8_t *data, uint32_t size)
{
	struct ip4_summary summary;

	if (ip4_hdr_parse(data, size, &summary) != 0)
		return;
	check(summary.hdr_length >= IP4_HDR_LENGTH && summary.hdr_length <= IP4_HDR_LENGTH_MAX);
	check((uint32_t)summary.hdr_length + summary.payload_length <= size);
	check(summary.fragment || !summary.fragment_first);
}

static void
fuzz_ip6(const uint8_t *data, uint32_t size)
{
	struct ip6_chain chain;

	if (size < IP6_HDR_LENGTH || ip6_chain_parse(data, size, &chain) != 0)
		return;
	check(chain.offset >= IP6_HDR_LENGTH && chain.offset <= size);
	check(chain.proto_field < chain.offset);
	check(data[chain.proto_field] == chain.proto);
	check(chain.fragment || !chain.fragment_first);
}

static void
fuzz_icmp(const uint8_t *data, uint32_t size)
{
	uint8_t built[ICMP_HDR_LENGTH];
	struct icmp icmp;

	if (icmp_parse(data, size, &icmp) != 0)
		return;
	icmp_build(built, &icmp);
	check(memcmp(built, data, 2) == 0);
	check(memcmp(built + 4, data + 4, 4) == 0);
}

static void
fuzz_arp(const uint8_t *data, uint32_t size)
{
	uint8_t built[ARP_LENGTH];
	struct arp arp;

	if (arp_parse(data, size, &arp) != 0)
		return;
	arp_build(built, &arp);
	check(memcmp(built, data, ARP_LENGTH) == 0);
}

/* The addresses and hop limit that the bits of `choice` stand for. */
static struct nd_envelope
nd_envelope_choose(uint8_t choice, const struct ip_addr *target)
{
	const uint8_t unspecified[16] = { 0 };
	const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 0x01 };
	struct nd_envelope envelope = {
		.src = ip6_link_local((const uint8_t[]){ 2, 0, 0, 0, 0, 1 }),
		.dst = ip6_link_local((const uint8_t[]){ 2, 0, 0, 0, 0, 2 }),
		.hop_limit = choice & 1 ? 64 : 255,
	};

	if (choice & 2)
		envelope.src = ip_addr_from6(unspecified);
	if (choice & 4)
		envelope.dst = ip6_solicited_node(target);
	else if (choice & 8)
		envelope.dst = ip_addr_from6(all_nodes);
	return envelope;
}

/*
 * The first byte chooses the envelope, the message follows. Its checksum is made
 * right: hardly an input would pass it by chance.
 */
static void
fuzz_nd(const uint8_t *data, uint32_t size)
{
	struct nd_envelope envelope;
	struct ip_addr target = { .family = IP_FAMILY_6 };
	uint8_t built[ND_LENGTH_MAX];
	uint8_t *message;
	struct nd nd, again;
	uint32_t length;

	if (size < 1 + ICMP_HDR_LENGTH)
		return;
	length = size - 1;
	message = malloc(length);
	if (message == NULL)
		return;
	memcpy(message, data + 1, length);
	if (length >= 24)
		target = ip_addr_from6(message + 8);
	envelope = nd_envelope_choose(data[0], &target);
	icmp6_checksum_set(message, length, &envelope.src, &envelope.dst);

	if (nd_parse(message, length, &envelope, &nd) == 0) {
		check(envelope.hop_limit == 255);
		check(nd_parse(built, nd_build(built, &nd, &envelope), &envelope, &again) == 0);
		check(again.type == nd.type && again.has_mac == nd.has_mac);
		check(ip_addr_equal(&again.target, &nd.target));
	}
	free(message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ip4(data, (uint32_t)size);
	fuzz_ip6(data, (uint32_t)size);
	fuzz_icmp(data, (uint32_t)size);
	fuzz_arp(data, (uint32_t)size);
	fuzz_nd(data, (uint32_t)size);
	return 0;
}
