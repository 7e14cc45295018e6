/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * ARP for IPv4 over Ethernet: RFC 826.
 */
#ifndef WIRE_ARP_H
#define WIRE_ARP_H

#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/mac.h"

#define ARP_LENGTH 28

enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
	enum arp_op op;
	struct mac_addr sender_mac, target_mac;
	struct ip_addr sender_ip, target_ip; /**< IPv4 */
};

/**
 * @param data first byte behind the Ethernet header
 * @return 0, or -EINVAL: cut off, not Ethernet and IPv4, an operation other than request and
 *         reply, or a sender that no host can be (a group or zero MAC; a multicast, loopback or
 *         broadcast address; 0.0.0.0 in a reply)
 */
int arp_parse(const void *data, uint32_t length, struct arp *arp);
/** Write ARP_LENGTH bytes. */
void arp_build(void *data, const struct arp *arp);

#endif
