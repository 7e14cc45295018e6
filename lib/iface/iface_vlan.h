/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces by VLAN tags. Private to lib/iface. */
#ifndef IFACE_IFACE_VLAN_H
#define IFACE_IFACE_VLAN_H

#include "iface/iface.h"

void iface_vlan_table_destroy(struct iface_vlan_table *vlans);

/** Make the tables that a model's tags need. @return 0 or -ENOMEM */
int iface_vlan_reserve(struct iface_table *table, const struct iface *model);

/** Where the pointer to a VLAN's interface is. Its tables are there. */
struct iface **iface_vlan_slot(struct iface_table *table, const struct iface *iface);

#endif
