/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor solicitations and advertisements to structs and back. */
#include "wire/nd.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ND_FIXED_LENGTH 24
#define ND_OPTION_UNIT  8

enum nd_option { ND_SOURCE_MAC = 1, ND_TARGET_MAC = 2, ND_NONCE = 14 };

enum nd_flag { ND_ROUTER = 0x80, ND_SOLICITED = 0x40, ND_OVERRIDE = 0x20 };

/*
 * RFC 4861 7.1: all options have a length above zero; those unknown are skipped. `present` is set
 * by a link-layer address option of any content, nd->has_mac by one that a neighbour can have.
 */
static int
nd_options_parse(const uint8_t *p, uint32_t length, struct nd *nd, bool *present)
{
	struct mac_addr mac;
	uint8_t wanted = nd->type == ICMP6_NEIGHBOR_SOLICITATION ? ND_SOURCE_MAC : ND_TARGET_MAC;
	uint32_t option_length;

	while (length > 0) {
		if (length < 2 || p[1] == 0)
			return -EINVAL;
		option_length = p[1] * ND_OPTION_UNIT;
		if (option_length > length)
			return -EINVAL;
		if (p[0] == wanted) {
			*present = true;
			memcpy(&mac, p + 2, sizeof(mac));
			if (option_length == ND_OPTION_UNIT && !mac_addr_is_group(&mac) &&
				!mac_addr_is_zero(&mac)) {
				nd->mac = mac;
				nd->has_mac = true;
			}
		}
		/* RFC 7527 4: of other lengths it is not ours. */
		if (p[0] == ND_NONCE && option_length == ND_OPTION_UNIT &&
			nd->type == ICMP6_NEIGHBOR_SOLICITATION) {
			memcpy(nd->nonce, p + 2, ND_NONCE_LENGTH);
			nd->has_nonce = true;
		}
		p += option_length;
		length -= option_length;
	}
	return 0;
}

int
nd_parse(const void *data, uint32_t length, const struct nd_envelope *envelope, struct nd *nd)
{
	const uint8_t *p = data;
	bool present = false;
	uint64_t sum;

	/* The hop limit proves that no router forwarded it. */
	if (envelope->hop_limit != 255 || length < ND_FIXED_LENGTH || p[1] != 0)
		return -EINVAL;
	if (p[0] != ICMP6_NEIGHBOR_SOLICITATION && p[0] != ICMP6_NEIGHBOR_ADVERTISEMENT)
		return -EINVAL;
	sum = checksum_pseudo(&envelope->src, &envelope->dst, IP_PROTO_ICMP6, length);
	if (checksum_fold(checksum_add(sum, data, length)) != 0xffff)
		return -EINVAL;

	*nd = (struct nd){
		.type = p[0],
		.router = (p[4] & ND_ROUTER) != 0,
		.solicited = (p[4] & ND_SOLICITED) != 0,
		.override = (p[4] & ND_OVERRIDE) != 0,
		.target = ip_addr_from6(p + 8),
	};
	if (ip_addr_is_multicast(&nd->target))
		return -EINVAL;
	if (nd_options_parse(p + ND_FIXED_LENGTH, length - ND_FIXED_LENGTH, nd, &present) < 0)
		return -EINVAL;

	if (nd->type == ICMP6_NEIGHBOR_ADVERTISEMENT)
		return ip_addr_is_multicast(&envelope->dst) && nd->solicited ? -EINVAL : 0;

	if (ip_addr_is_unspecified(&envelope->src)) {
		struct ip_addr group = ip6_solicited_node(&nd->target);

		/* A probe for a duplicate goes to the group and carries no source option. */
		if (present || !ip_addr_equal(&envelope->dst, &group))
			return -EINVAL;
	}
	return 0;
}

uint32_t
nd_build(void *data, const struct nd *nd, const struct nd_envelope *envelope)
{
	uint8_t *p = data;
	uint32_t length = ND_FIXED_LENGTH;
	struct icmp icmp = { .type = nd->type };

	if (nd->type == ICMP6_NEIGHBOR_ADVERTISEMENT)
		icmp.rest = (uint32_t)((nd->router ? ND_ROUTER : 0) |
				    (nd->solicited ? ND_SOLICITED : 0) |
				    (nd->override ? ND_OVERRIDE : 0))
			<< 24;
	icmp_build(p, &icmp);
	memcpy(p + 8, nd->target.bytes, 16);
	if (nd->has_mac) {
		p[length] = nd->type == ICMP6_NEIGHBOR_SOLICITATION ? ND_SOURCE_MAC : ND_TARGET_MAC;
		p[length + 1] = 1;
		memcpy(p + length + 2, &nd->mac, sizeof(nd->mac));
		length += ND_OPTION_UNIT;
	} else if (nd->has_nonce) {
		p[length] = ND_NONCE;
		p[length + 1] = 1;
		memcpy(p + length + 2, nd->nonce, ND_NONCE_LENGTH);
		length += ND_OPTION_UNIT;
	}
	icmp6_checksum_set(data, length, &envelope->src, &envelope->dst);
	return length;
}
