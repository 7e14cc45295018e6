/* SPDX-License-Identifier: BSD-3-Clause */
/* The transports' headers of packets for tests: see packet.h. */
#include "support/packet_private.h"

#include <string.h>

#define UDP_HDR_LENGTH   8
#define TCP_HDR_LENGTH   20
#define SCTP_HDR_LENGTH  12
#define CRC32C_REFLECTED 0x82f63b78

static uint32_t
pseudo_sum(const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto, size_t length)
{
	uint32_t sum = proto + (uint32_t)length;

	for (unsigned i = 0; i < ip_addr_length(src); i++) {
		unsigned shift = i % 2 == 0 ? 8 : 0;

		sum += (uint32_t)src->bytes[i] << shift;
		sum += (uint32_t)dst->bytes[i] << shift;
	}
	return sum;
}

uint32_t
packet_crc32c(const uint8_t *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_REFLECTED : 0);
	}
	return ~crc;
}

size_t
packet_l4_length(const struct packet *packet, uint8_t proto)
{
	if ((packet->spoil & PACKET_RAW) != 0)
		return 0;
	switch (proto) {
	case IP_PROTO_UDP:
	case IP_PROTO_ICMP:
	case IP_PROTO_ICMP6: return UDP_HDR_LENGTH;
	case IP_PROTO_TCP: return TCP_HDR_LENGTH + packet->tcp_options_length;
	case IP_PROTO_SCTP: return SCTP_HDR_LENGTH;
	default: return 0;
	}
}

static uint8_t *
tcp_write(const struct packet *packet, uint8_t *l4)
{
	put32(put32(l4 + 4, packet->seq), packet->ack);
	l4[12] = (uint8_t)((TCP_HDR_LENGTH + packet->tcp_options_length) / 4 << 4);
	l4[13] = packet->tcp_flags;
	put16(l4 + 14, packet->window);
	put16(l4 + 18, packet->urgent);
	if (packet->tcp_options_length > 0)
		memcpy(l4 + TCP_HDR_LENGTH, packet->tcp_options, packet->tcp_options_length);
	return l4 + 16;
}

/* @return where the checksum is, which is 0 */
static uint8_t *
header_write(const struct packet *packet, uint8_t proto, size_t length, uint8_t *l4)
{
	memset(l4, 0, packet_l4_length(packet, proto));
	if (proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMP6) {
		l4[0] = (uint8_t)or_default(packet->icmp_type, 0);
		l4[1] = packet->icmp_code;
		put32(l4 + 4, packet->icmp_rest);
		return l4 + 2;
	}
	put16(l4, packet->src_port != 0 ? packet->src_port : 4000);
	put16(l4 + 2, packet->dst_port != 0 ? packet->dst_port : 53);
	if (proto == IP_PROTO_TCP)
		return tcp_write(packet, l4);
	if (proto == IP_PROTO_SCTP) {
		put32(l4 + 4, packet->vtag);
		return l4 + 8;
	}
	put16(l4 + 4, (unsigned)length);
	return l4 + 6;
}

void
packet_l4_write(const struct packet *packet, uint8_t proto, size_t length, uint8_t *l4)
{
	struct ip_addr src = packet_addr(packet->src), dst = packet_addr(packet->dst);
	uint8_t *field = header_write(packet, proto, length, l4);
	uint32_t spoilt = (packet->spoil & PACKET_BAD_L4_CHECKSUM) != 0;
	uint32_t pseudo = proto == IP_PROTO_ICMP ? 0 : pseudo_sum(&src, &dst, proto, length);
	uint16_t checksum = packet_checksum(pseudo, l4, length);

	/* RFC 768: 0 would say that there is none. */
	if (proto == IP_PROTO_UDP && checksum == 0)
		checksum = 0xffff;
	if (proto == IP_PROTO_SCTP)
		/* RFC 9260 appendix A: the lowest byte first. */
		put32(field, __builtin_bswap32(packet_crc32c(l4, length) ^ spoilt));
	else
		put16(field, checksum ^ spoilt);
}
