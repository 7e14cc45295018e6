/* SPDX-License-Identifier: BSD-3-Clause */
/* What packet.c and packet_l4.c share. */
#ifndef SUPPORT_PACKET_PRIVATE_H
#define SUPPORT_PACKET_PRIVATE_H

#include "support/packet.h"

static inline uint8_t *
put16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
	return to + 2;
}

static inline uint8_t *
put32(uint8_t *to, uint32_t value)
{
	return put16(put16(to, value >> 16), value);
}

static inline int
or_default(int value, int otherwise)
{
	if (value == PACKET_ZERO)
		return 0;
	return value != 0 ? value : otherwise;
}

/* packet.c: fails the test if it is none. */
struct ip_addr packet_addr(const char *text);

/* packet_l4.c: bytes of the transport's header */
size_t packet_l4_length(const struct packet *packet, uint8_t proto);
/* The header, in front of a payload that is in place: with it so many bytes. */
void packet_l4_write(const struct packet *packet, uint8_t proto, size_t length, uint8_t *l4);

#endif
