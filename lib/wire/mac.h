/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * MAC addresses and the Ethernet header.
 */
#ifndef WIRE_MAC_H
#define WIRE_MAC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ETHER_HDR_LENGTH 14
#define MAC_TEXT_MAX     18

/** EtherTypes, host byte order. */
enum ether_type {
	ETHER_TYPE_IP4 = 0x0800,
	ETHER_TYPE_ARP = 0x0806,
	ETHER_TYPE_VLAN = 0x8100,
	ETHER_TYPE_QINQ = 0x88a8,
	ETHER_TYPE_IP6 = 0x86dd,
};

struct mac_addr {
	uint8_t bytes[6];
};

struct ether_hdr {
	struct mac_addr dst;
	struct mac_addr src;
	uint16_t type_be;
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct ether_hdr) == ETHER_HDR_LENGTH, "Ethernet header");

static inline bool
mac_addr_is_group(const struct mac_addr *mac)
{
	return (mac->bytes[0] & 1) != 0;
}

static inline bool
mac_addr_is_broadcast(const struct mac_addr *mac)
{
	static const struct mac_addr broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

	return memcmp(mac, &broadcast, sizeof(broadcast)) == 0;
}

static inline bool
mac_addr_is_zero(const struct mac_addr *mac)
{
	static const struct mac_addr zero;

	return memcmp(mac, &zero, sizeof(zero)) == 0;
}

static inline bool
mac_addr_equal(const struct mac_addr *a, const struct mac_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** "02:00:00:00:00:01". @return 0 or -EINVAL */
int mac_addr_parse(const char *text, struct mac_addr *mac);
char *mac_addr_format(const struct mac_addr *mac, char text[MAC_TEXT_MAX]);

#endif
