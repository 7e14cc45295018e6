/* SPDX-License-Identifier: BSD-3-Clause */
/* Which interface the tags of a frame lead to: the rare case of ip_fast.c's second pass. */
#include "ip/ip_fast_tags.h"

#include "wire/vlan.h"

/* Of 8 bytes the first so many, on a little-endian machine. */
static uint64_t
head_mask(unsigned bytes)
{
	return bytes < 8 ? (UINT64_C(1) << bytes * 8) - 1 : UINT64_MAX;
}

void
fast_tags_parse(struct fast_tags *tags, const struct iface_table *ifaces, const struct iface *iface,
	const uint8_t *frame)
{
	const uint8_t *first = frame + 2 * sizeof(struct mac_addr);
	struct vlan_tags parsed;
	uint16_t type;
	/* All of the header is there: it cannot be truncated. */
	unsigned length = vlan_hdr_parse(frame, FAST_TAGS_HDR_MAX, &parsed, &type);

	*tags = (struct fast_tags){
		.length = (uint8_t)(length - ETHER_HDR_LENGTH),
		.head_mask = head_mask(length - 2 * (unsigned)sizeof(struct mac_addr)),
		.tail_mask = length == FAST_TAGS_HDR_MAX ? UINT16_MAX : 0,
		.type_be = htobe16(type),
		.link = iface,
	};
	memcpy(&tags->head, first, sizeof(tags->head));
	memcpy(&tags->tail, first + sizeof(tags->head), sizeof(tags->tail));
	/* Priority tags alone lead to the port's own. */
	if (parsed.count > 0)
		iface = iface_by_vlan(ifaces, iface->port, &parsed);
	if (iface == NULL || !iface->up || iface->l2_only || iface->ip6_off ||
		(type != ETHER_TYPE_IP4 && type != ETHER_TYPE_IP6))
		return;
	tags->iface = iface;
	memcpy(&tags->mac, &iface->mac, sizeof(iface->mac));
}
