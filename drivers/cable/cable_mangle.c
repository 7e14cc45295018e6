/* SPDX-License-Identifier: BSD-3-Clause */
/* Wrong bits, missing bytes, marks of congestion. Pure. */
#include "cable/cable_mangle.h"

#include "cable/cable_checksum.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/mac.h"

#define ECN_MASK 3
#define ECN_CE   3

static void
bit_flip(uint8_t *bytes, uint32_t length, struct random *random)
{
	uint64_t bit = random_below(random, (uint64_t)length * 8);

	bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

/* Bytes of the transport's header. */
static uint32_t
transport_header(const uint8_t *frame, const struct cable_headers *headers)
{
	switch (headers->proto) {
	case IP_PROTO_TCP: return frame[headers->l4 + 12] / 16 * 4U;
	case IP_PROTO_UDP: return 8;
	case IP_PROTO_SCTP: return 12;
	default: return UINT32_MAX;
	}
}

bool
cable_corrupt_before(uint8_t *frame, uint32_t length, struct random *random)
{
	struct cable_headers headers;
	enum cable_checksum before;
	uint32_t header;

	cable_headers_parse(frame, length, &headers);
	header = transport_header(frame, &headers);
	if (header >= headers.l4_length)
		return false;
	before = cable_l4_verify(frame, &headers);
	bit_flip(frame + headers.l4 + header, headers.l4_length - header, random);
	if (before == CABLE_CHECKSUM_GOOD)
		cable_l4_fill(frame, &headers);
	return true;
}

bool
cable_corrupt_after(uint8_t *frame, uint32_t length, struct random *random)
{
	unsigned link = cable_link_length(frame, length);

	if (link >= length)
		return false;
	bit_flip(frame + link, length - link, random);
	return true;
}

bool
cable_truncate(uint32_t *length, struct random *random)
{
	if (*length <= 1)
		return false;
	*length = 1 + (uint32_t)random_below(random, *length - 1);
	return true;
}

static bool
ip4_mark(struct ip4_header *hdr)
{
	uint16_t before, after;

	if ((hdr->tos & ECN_MASK) == 0)
		return false;
	memcpy(&before, hdr, sizeof(before));
	hdr->tos |= ECN_CE;
	memcpy(&after, hdr, sizeof(after));
	hdr->checksum = checksum_update16(hdr->checksum, before, after);
	return true;
}

/* The traffic class straddles the first two bytes. */
static bool
ip6_mark(uint8_t *hdr)
{
	if ((hdr[1] >> 4 & ECN_MASK) == 0)
		return false;
	hdr[1] |= ECN_CE << 4;
	return true;
}

bool
cable_ecn_mark(uint8_t *frame, uint32_t length)
{
	struct cable_headers headers;

	cable_headers_parse(frame, length, &headers);
	if (headers.version == 4)
		return ip4_mark((void *)(frame + headers.l3));
	return headers.version == 6 && ip6_mark(frame + headers.l3);
}
