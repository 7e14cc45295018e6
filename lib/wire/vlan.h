/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * VLAN tags (IEEE 802.1Q; 802.1ad for tags in front of tags), and Ethernet headers that have them.
 */
#ifndef WIRE_VLAN_H
#define WIRE_VLAN_H

#include <stdint.h>

#include "wire/mac.h"

#define VLAN_TAG_LENGTH 4
#define VLAN_TAGS_MAX   2
#define VLAN_ID_MASK    0x0fff
/** 0 is a priority without a VLAN, 4095 is reserved. */
#define VLAN_ID_MIN 1
#define VLAN_ID_MAX 4094

struct vlan_tag {
	uint16_t type; /**< ETHER_TYPE_VLAN or ETHER_TYPE_QINQ, host byte order */
	uint16_t id; /**< host byte order; no priority */
};

/** The tags of a frame, the outer one first. */
struct vlan_tags {
	uint8_t count;
	struct vlan_tag tags[VLAN_TAGS_MAX];
};

/** Bytes of an Ethernet header with so many tags. */
static inline unsigned
vlan_hdr_length(const struct vlan_tags *tags)
{
	return ETHER_HDR_LENGTH + tags->count * VLAN_TAG_LENGTH;
}

/** Write an Ethernet header of vlan_hdr_length() bytes. `type`: what follows, host byte order. */
void vlan_hdr_build(uint8_t *frame, const struct mac_addr *dst, const struct mac_addr *src,
	const struct vlan_tags *tags, uint16_t type);

/**
 * Read the tags of a frame, at most VLAN_TAGS_MAX of them. Priority tags (id 0) are passed over.
 * @param length bytes of the frame that are there
 * @param type what follows the last tag read; a VLAN's EtherType if there are more
 * @return bytes of the header up to what follows, or 0 if it is truncated
 */
unsigned vlan_hdr_parse(
	const uint8_t *frame, uint32_t length, struct vlan_tags *tags, uint16_t *type);

#endif
