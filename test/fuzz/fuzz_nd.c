/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor solicitations and advertisements. The first byte chooses the envelope, the message
 * follows; its checksum is made right, since hardly an input would pass it by chance.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/icmp.h"
#include "wire/ip6.h"
#include "wire/nd.h"

enum choice {
	CHOICE_FORWARDED = 1,
	CHOICE_UNSPECIFIED = 2,
	CHOICE_GROUP = 4,
	CHOICE_ALL_NODES = 8
};

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static struct nd_envelope
envelope_choose(uint8_t choice, const struct ip_addr *target)
{
	const uint8_t unspecified[16] = { 0 };
	const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 0x01 };
	struct nd_envelope envelope = {
		.src = ip6_link_local((const uint8_t[]){ 2, 0, 0, 0, 0, 1 }),
		.dst = ip6_link_local((const uint8_t[]){ 2, 0, 0, 0, 0, 2 }),
		.hop_limit = choice & CHOICE_FORWARDED ? 254 : 255,
	};

	if (choice & CHOICE_UNSPECIFIED)
		envelope.src = ip_addr_from6(unspecified);
	if (choice & CHOICE_GROUP)
		envelope.dst = ip6_solicited_node(target);
	else if (choice & CHOICE_ALL_NODES)
		envelope.dst = ip_addr_from6(all_nodes);
	return envelope;
}

static void
check_accepted(const struct nd *nd, const struct nd_envelope *envelope)
{
	uint8_t built[ND_LENGTH_MAX];
	struct nd again;
	uint32_t length = nd_build(built, nd, envelope);

	check(envelope->hop_limit == 255);
	check(!ip_addr_is_multicast(&nd->target));
	check(!nd->has_mac || (!mac_addr_is_group(&nd->mac) && !mac_addr_is_zero(&nd->mac)));
	if (nd->type == ICMP6_NEIGHBOR_ADVERTISEMENT)
		check(!nd->solicited || !ip_addr_is_multicast(&envelope->dst));
	else
		check(!nd->has_mac || !ip_addr_is_unspecified(&envelope->src));

	check(length <= ND_LENGTH_MAX);
	check(nd_parse(built, length, envelope, &again) == 0);
	check(again.type == nd->type && again.has_mac == nd->has_mac);
	check(mac_addr_equal(&again.mac, &nd->mac));
	check(ip_addr_equal(&again.target, &nd->target));
	if (!nd->has_mac)
		check(again.has_nonce == nd->has_nonce &&
			memcmp(again.nonce, nd->nonce, ND_NONCE_LENGTH) == 0);
	if (nd->type == ICMP6_NEIGHBOR_ADVERTISEMENT)
		check(again.router == nd->router && again.solicited == nd->solicited &&
			again.override == nd->override);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_addr target = { .family = IP_FAMILY_6 };
	struct nd_envelope envelope;
	uint8_t *message;
	uint32_t length;
	struct nd nd;

	if (size < 1 + ICMP_HDR_LENGTH)
		return 0;
	length = (uint32_t)size - 1;
	message = malloc(length);
	if (message == NULL)
		return 0;
	memcpy(message, data + 1, length);
	if (length >= 24)
		target = ip_addr_from6(message + 8);
	envelope = envelope_choose(data[0], &target);
	icmp6_checksum_set(message, length, &envelope.src, &envelope.dst);
	if (nd_parse(message, length, &envelope, &nd) == 0)
		check_accepted(&nd, &envelope);
	free(message);
	return 0;
}
