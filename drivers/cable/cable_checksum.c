/* SPDX-License-Identifier: BSD-3-Clause */
/* Internet checksums and SCTP's CRC32c, over frames in one piece. By workers. */
#include "cable/cable_checksum.h"

#include <string.h>

#include "pkt/crc32c.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define TCP_CHECKSUM_OFFSET  16
#define UDP_CHECKSUM_OFFSET  6
#define SCTP_CHECKSUM_OFFSET 8

static uint64_t
l4_sum(const uint8_t *frame, const struct cable_headers *headers)
{
	struct ip_addr src, dst;

	if (headers->version == 4) {
		src = ip_addr_from4(frame + headers->l3 + offsetof(struct ip4_header, src_be));
		dst = ip_addr_from4(frame + headers->l3 + offsetof(struct ip4_header, dst_be));
	} else {
		src = ip_addr_from6(frame + headers->l3 + offsetof(struct ip6_header, src));
		dst = ip_addr_from6(frame + headers->l3 + offsetof(struct ip6_header, dst));
	}
	return checksum_add(checksum_pseudo(&src, &dst, headers->proto, headers->l4_length),
		frame + headers->l4, headers->l4_length);
}

/* RFC 9260 appendix A: over the packet with a checksum of 0. In memory order. */
static uint32_t
sctp_crc(const uint8_t *frame, const struct cable_headers *headers)
{
	static const uint8_t zero[4];
	const uint8_t *packet = frame + headers->l4;
	const uint32_t behind = SCTP_CHECKSUM_OFFSET + sizeof(zero);
	uint32_t crc = crc32c_add(CRC32C_INIT, packet, SCTP_CHECKSUM_OFFSET);

	crc = crc32c_add(crc, zero, sizeof(zero));
	crc = crc32c_add(crc, packet + behind, headers->l4_length - behind);
	return crc32c_finish(crc);
}

enum cable_checksum
cable_ip4_verify(const uint8_t *frame, const struct cable_headers *headers)
{
	const void *hdr = frame + headers->l3;

	if (headers->version != 4)
		return CABLE_CHECKSUM_NONE;
	return checksum_fold(checksum_add(0, hdr, ip4_hdr_length(hdr))) == 0xffff
		? CABLE_CHECKSUM_GOOD
		: CABLE_CHECKSUM_BAD;
}

void
cable_ip4_fill(uint8_t *frame, const struct cable_headers *headers)
{
	struct ip4_header *hdr = (void *)(frame + headers->l3);

	hdr->checksum = 0;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, ip4_hdr_length(hdr)));
}

static enum cable_checksum
udp_verify(const uint8_t *frame, const struct cable_headers *headers)
{
	uint16_t field;

	/* RFC 768: the sender has not computed any. */
	memcpy(&field, frame + headers->l4 + UDP_CHECKSUM_OFFSET, sizeof(field));
	if (field == 0)
		return CABLE_CHECKSUM_NONE;
	return checksum_fold(l4_sum(frame, headers)) == 0xffff ? CABLE_CHECKSUM_GOOD
							       : CABLE_CHECKSUM_BAD;
}

enum cable_checksum
cable_l4_verify(const uint8_t *frame, const struct cable_headers *headers)
{
	uint32_t crc;

	switch (headers->proto) {
	case IP_PROTO_TCP:
		return checksum_fold(l4_sum(frame, headers)) == 0xffff ? CABLE_CHECKSUM_GOOD
								       : CABLE_CHECKSUM_BAD;
	case IP_PROTO_UDP: return udp_verify(frame, headers);
	case IP_PROTO_SCTP:
		memcpy(&crc, frame + headers->l4 + SCTP_CHECKSUM_OFFSET, sizeof(crc));
		return crc == sctp_crc(frame, headers) ? CABLE_CHECKSUM_GOOD : CABLE_CHECKSUM_BAD;
	default: return CABLE_CHECKSUM_NONE;
	}
}

static void
internet_fill(uint8_t *frame, const struct cable_headers *headers, unsigned offset)
{
	uint8_t *field = frame + headers->l4 + offset;
	uint16_t sum = 0;

	memcpy(field, &sum, sizeof(sum));
	sum = checksum_finish(l4_sum(frame, headers));
	/* RFC 768: 0 would say that there is none. */
	if (sum == 0 && headers->proto == IP_PROTO_UDP)
		sum = 0xffff;
	memcpy(field, &sum, sizeof(sum));
}

void
cable_l4_fill(uint8_t *frame, const struct cable_headers *headers)
{
	uint32_t crc;

	switch (headers->proto) {
	case IP_PROTO_TCP: internet_fill(frame, headers, TCP_CHECKSUM_OFFSET); break;
	case IP_PROTO_UDP: internet_fill(frame, headers, UDP_CHECKSUM_OFFSET); break;
	case IP_PROTO_SCTP:
		crc = sctp_crc(frame, headers);
		memcpy(frame + headers->l4 + SCTP_CHECKSUM_OFFSET, &crc, sizeof(crc));
		break;
	default: break;
	}
}
