/* SPDX-License-Identifier: BSD-3-Clause */
/* What the table needs of an interface's addresses: private to lib/iface. */
#ifndef IFACE_IFACE_ADDR_H
#define IFACE_IFACE_ADDR_H

struct iface;

/* Choose source4 and source6 from the addresses. */
void iface_sources_update(struct iface *iface);

#endif
