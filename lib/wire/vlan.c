/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet headers with VLAN tags: IEEE 802.1Q-2018 9.6. */
#include "wire/vlan.h"

#include "wire/endian.h"

void
vlan_hdr_build(uint8_t *frame, const struct mac_addr *dst, const struct mac_addr *src,
	const struct vlan_tags *tags, uint16_t type)
{
	uint8_t *at = frame + 2 * sizeof(*dst);

	memcpy(frame, dst, sizeof(*dst));
	memcpy(frame + sizeof(*dst), src, sizeof(*src));
	for (unsigned i = 0; i < tags->count; i++, at += VLAN_TAG_LENGTH) {
		be16_store(at, tags->tags[i].type);
		be16_store(at + 2, tags->tags[i].id);
	}
	be16_store(at, type);
}

static bool
type_is_vlan(uint16_t type)
{
	return type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ;
}

unsigned
vlan_hdr_parse(const uint8_t *frame, uint32_t length, struct vlan_tags *tags, uint16_t *type)
{
	uint32_t at = ETHER_HDR_LENGTH;

	tags->count = 0;
	if (length < at)
		return 0;
	*type = be16_load(frame + at - 2);
	for (unsigned i = 0; i < VLAN_TAGS_MAX && type_is_vlan(*type); i++) {
		uint16_t id;

		if (length < at + VLAN_TAG_LENGTH)
			return 0;
		id = be16_load(frame + at) & VLAN_ID_MASK;
		if (id != 0)
			tags->tags[tags->count++] = (struct vlan_tag){ .type = *type, .id = id };
		*type = be16_load(frame + at + 2);
		at += VLAN_TAG_LENGTH;
	}
	return at;
}
