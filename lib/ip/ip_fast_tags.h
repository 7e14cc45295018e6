/* SPDX-License-Identifier: BSD-3-Clause */
/* VLAN tags on the fast path: bursts are of a few VLANs, and most packets have the tags of the last. */
#ifndef IP_FAST_TAGS_H
#define IP_FAST_TAGS_H

#include "ip/ip_priv.h"

#define FAST_TAGS_LENGTH_MAX (VLAN_TAGS_MAX * VLAN_TAG_LENGTH)
/* The longest Ethernet header that fast_tags_match() looks at. */
#define FAST_TAGS_HDR_MAX (ETHER_HDR_LENGTH + FAST_TAGS_LENGTH_MAX)

/* What follows the MAC addresses: tags and EtherType, as they are in memory. */
struct fast_tags {
	uint64_t head, head_mask; /* the first 8 bytes of them */
	uint16_t tail, tail_mask; /* the next 2 */
	uint16_t type_be; /* EtherType behind the tags: IPv4 or IPv6 */
	uint8_t length; /* bytes of the tags */
	const struct iface *iface; /* theirs, up; NULL: not for the fast path */
	const struct iface *link; /* the port's, which has the port's other MAC addresses */
	uint64_t mac; /* of the interface */
};

static inline bool
fast_tags_match(const struct fast_tags *tags, const uint8_t *frame)
{
	uint64_t head;
	uint16_t tail;

	memcpy(&head, frame + 2 * sizeof(struct mac_addr), sizeof(head));
	memcpy(&tail, frame + 2 * sizeof(struct mac_addr) + sizeof(head), sizeof(tail));
	return ((head ^ tags->head) & tags->head_mask) == 0 &&
		((tail ^ tags->tail) & tags->tail_mask) == 0;
}

/*
 * Read the tags of a frame, of which FAST_TAGS_HDR_MAX bytes are there, and find their interface.
 * @param iface the one of the port
 */
void fast_tags_parse(struct fast_tags *tags, const struct iface_table *ifaces,
	const struct iface *iface, const uint8_t *frame);

#endif
