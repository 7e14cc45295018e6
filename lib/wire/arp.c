/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP packets to structs and back. */
#include "wire/arp.h"

#include <errno.h>

#include "wire/endian.h"
#include "wire/ip4.h"

enum arp_offset {
	ARP_HTYPE = 0,
	ARP_PTYPE = 2,
	ARP_HLEN = 4,
	ARP_PLEN = 5,
	ARP_OP = 6,
	ARP_SENDER_MAC = 8,
	ARP_SENDER_IP = 14,
	ARP_TARGET_MAC = 18,
	ARP_TARGET_IP = 24,
};

#define ARP_HTYPE_ETHERNET 1

int
arp_parse(const void *data, uint32_t length, struct arp *arp)
{
	const uint8_t *p = data;
	uint16_t op;

	if (length < ARP_LENGTH)
		return -EINVAL;
	op = be16_load(p + ARP_OP);
	if (be16_load(p + ARP_HTYPE) != ARP_HTYPE_ETHERNET ||
		be16_load(p + ARP_PTYPE) != ETHER_TYPE_IP4 || p[ARP_HLEN] != 6 ||
		p[ARP_PLEN] != 4 || (op != ARP_REQUEST && op != ARP_REPLY))
		return -EINVAL;

	arp->op = op;
	memcpy(&arp->sender_mac, p + ARP_SENDER_MAC, 6);
	memcpy(&arp->target_mac, p + ARP_TARGET_MAC, 6);
	arp->sender_ip = ip_addr_from4(p + ARP_SENDER_IP);
	arp->target_ip = ip_addr_from4(p + ARP_TARGET_IP);

	if (mac_addr_is_group(&arp->sender_mac) || mac_addr_is_zero(&arp->sender_mac))
		return -EINVAL;
	/* A request from 0.0.0.0 is a probe for a duplicate address: RFC 5227 2.1.1. */
	if (ip_addr_is_unspecified(&arp->sender_ip))
		return op == ARP_REQUEST ? 0 : -EINVAL;
	if ((ip4_class_table[arp->sender_ip.bytes[0]] & IP4_CLASS_NOT_SRC) != 0)
		return -EINVAL;
	return 0;
}

void
arp_build(void *data, const struct arp *arp)
{
	uint8_t *p = data;

	be16_store(p + ARP_HTYPE, ARP_HTYPE_ETHERNET);
	be16_store(p + ARP_PTYPE, ETHER_TYPE_IP4);
	p[ARP_HLEN] = 6;
	p[ARP_PLEN] = 4;
	be16_store(p + ARP_OP, arp->op);
	memcpy(p + ARP_SENDER_MAC, &arp->sender_mac, 6);
	memcpy(p + ARP_SENDER_IP, arp->sender_ip.bytes, 4);
	memcpy(p + ARP_TARGET_MAC, &arp->target_mac, 6);
	memcpy(p + ARP_TARGET_IP, arp->target_ip.bytes, 4);
}
