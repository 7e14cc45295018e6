/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces by VLAN tags: a table for each port that has VLANs, and for each VLAN that has some. */
#include "iface/iface_vlan.h"

#include <errno.h>
#include <stdlib.h>

/* 802.1Q and 802.1ad have VLANs of their own. */
#define VLAN_TYPES 2

/*
 * 128 KB, of which the kernel gives the pages that are touched. Made with the first interface in
 * it, filled under RCU, and kept as long as the interface table: readers need no grace.
 */
struct iface_vlan_table {
	struct iface *ifaces[VLAN_TYPES][VLAN_ID_MAX + 1];
	struct iface_vlan_table *inner[VLAN_TYPES][VLAN_ID_MAX + 1];
};

static unsigned
tag_type(const struct vlan_tag *tag)
{
	return tag->type == ETHER_TYPE_QINQ;
}

void
iface_vlan_table_destroy(struct iface_vlan_table *vlans)
{
	if (vlans == NULL)
		return;
	for (unsigned type = 0; type < VLAN_TYPES; type++) {
		for (unsigned id = 0; id <= VLAN_ID_MAX; id++)
			iface_vlan_table_destroy(vlans->inner[type][id]);
	}
	free(vlans);
}

static int
table_reserve(struct iface_vlan_table **slot)
{
	struct iface_vlan_table *made;

	if (*slot != NULL)
		return 0;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	__atomic_store_n(slot, made, __ATOMIC_RELEASE);
	return 0;
}

int
iface_vlan_reserve(struct iface_table *table, const struct iface *model)
{
	struct iface_vlan_table **slot;

	if (model->tags.count == 0)
		return 0;
	slot = &table->vlans[model->port];
	for (unsigned i = 0; i < model->tags.count; i++) {
		const struct vlan_tag *tag = &model->tags.tags[i];

		if (table_reserve(slot) < 0)
			return -ENOMEM;
		slot = &(*slot)->inner[tag_type(tag)][tag->id];
	}
	return 0;
}

struct iface **
iface_vlan_slot(struct iface_table *table, const struct iface *iface)
{
	struct iface_vlan_table *vlans = table->vlans[iface->port];
	unsigned last = iface->tags.count - 1U;

	for (unsigned i = 0; i < last; i++)
		vlans = vlans->inner[tag_type(&iface->tags.tags[i])][iface->tags.tags[i].id];
	return &vlans->ifaces[tag_type(&iface->tags.tags[last])][iface->tags.tags[last].id];
}

const struct iface *
iface_by_vlan(const struct iface_table *table, uint16_t port, const struct vlan_tags *tags)
{
	struct iface_vlan_table *const *slot = &table->vlans[port];
	struct iface *const *iface = NULL;

	for (unsigned i = 0; i < tags->count; i++) {
		const struct vlan_tag *tag = &tags->tags[i];
		struct iface_vlan_table *vlans = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

		if (vlans == NULL || tag->id > VLAN_ID_MAX)
			return NULL;
		iface = &vlans->ifaces[tag_type(tag)][tag->id];
		slot = &vlans->inner[tag_type(tag)][tag->id];
	}
	return iface != NULL ? __atomic_load_n(iface, __ATOMIC_ACQUIRE) : NULL;
}
