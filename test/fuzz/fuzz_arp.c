/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP packets: what is accepted comes out of the builder as it went in. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/arp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t built[ARP_LENGTH];
	struct arp arp;

	if (arp_parse(data, (uint32_t)size, &arp) != 0)
		return 0;
	if (mac_addr_is_group(&arp.sender_mac) || mac_addr_is_zero(&arp.sender_mac) ||
		ip_addr_is_multicast(&arp.sender_ip) || ip_addr_is_loopback(&arp.sender_ip))
		abort();
	arp_build(built, &arp);
	if (memcmp(built, data, ARP_LENGTH) != 0)
		abort();
	return 0;
}
