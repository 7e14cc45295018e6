/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Interfaces: where IP lives. A port's, a VLAN on another interface, or a loopback.
 *
 * A struct iface is immutable once published: the control thread changes an interface by
 * publishing a changed copy, and frees the old one after a grace period. Workers read it under RCU.
 */
#ifndef IFACE_IFACE_H
#define IFACE_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"
#include "wire/vlan.h"

#define IFACE_MAX      1024
#define IFACE_NAME_MAX 32
#define IFACE_NONE     UINT16_MAX
/** Addresses of one interface, both families. */
#define IFACE_ADDR_MAX     64
#define IFACE_MTU_LOOPBACK 65535
/** MAC addresses beside its own. */
#define IFACE_MAC_MAX 16
/** RFC 1700's IPDEFTTL */
#define IFACE_HOP_LIMIT_DEFAULT 64

/** What an address may be used for: RFC 4862 2. */
enum iface_addr_state {
	IFACE_ADDR_PREFERRED,
	IFACE_ADDR_DEPRECATED, /**< ours, but no source of what is new while there is another */
	IFACE_ADDR_TENTATIVE, /**< not known to be unique yet: not ours */
	IFACE_ADDR_DUPLICATE, /**< somebody else has it: not ours */
};

/** "preferred"; of duplicates "dadfailed", as iproute2 has it */
const char *iface_addr_state_name(enum iface_addr_state state);

/** Who gave an address to an interface. */
enum iface_addr_origin {
	IFACE_ADDR_MANUAL, /**< the user */
	IFACE_ADDR_LINK_LOCAL, /**< itself, by its MAC address: RFC 4291 2.1 */
	IFACE_ADDR_SLAAC, /**< a router advertisement's prefix: RFC 4862 5.5 */
};

enum iface_type { IFACE_PORT, IFACE_VLAN, IFACE_LOOPBACK };

struct iface {
	uint16_t index;
	uint16_t port; /**< index of the port below, or PORT_NONE (UINT16_MAX) */
	uint16_t vrf;
	uint16_t mtu; /**< bytes of L3 */
	uint16_t mtu6; /**< of IPv6, where routers say less (RFC 4861 6.3.4); 0: the same */
	uint8_t hop_limit; /**< of what is made here, where routers say it; 0: IP_TTL_DEFAULT */
	uint8_t type; /**< enum iface_type */
	bool admin_up; /**< as the user said */
	bool up; /**< admin_up, and its port or parent is up */
	bool ip6_off; /**< carries no IPv6: another has its MAC address (RFC 4862 5.4.5) */
	bool l2_only; /**< carries no IP: what comes in is dropped, but for VLANs on it */
	struct mac_addr mac;
	/** Source of the ICMP errors sent from here: the first address of each family; family is
	 * IP_FAMILY_NONE without one. For IPv6 a link-local address serves when there is no other. */
	struct ip_addr source4, source6;
	uint32_t attached; /**< id of the nexthop for destinations on its link; 0: none */
	uint8_t addr_count;
	struct ip_prefix addrs[IFACE_ADDR_MAX]; /**< with host bits: 10.0.0.1/24 */
	uint8_t addr_states[IFACE_ADDR_MAX]; /**< enum iface_addr_state */
	uint8_t addr_origins[IFACE_ADDR_MAX]; /**< enum iface_addr_origin */
	uint8_t mac_count;
	struct mac_addr macs[IFACE_MAC_MAX]; /**< of a port's: others that are its own */

	/* control thread only */
	struct vlan_tags tags; /**< of its frames: none but for VLANs */
	uint16_t parent; /**< of a VLAN: index of the interface that it is on */
	char name[IFACE_NAME_MAX];
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct iface, addrs) <= 64, "all but the addresses is one cache line");

struct rte_rcu_qsbr;

/** Old copies that can wait for their grace period; then the control thread waits itself. */
#define IFACE_RETIRED_MAX 64

struct iface_retired {
	struct iface *iface;
	uint64_t token; /**< of rte_rcu_qsbr_start() */
};

struct iface_vlan_table;

/** Interfaces by index, by port and by VLAN. Pointers are written by control, read by workers under RCU. */
struct iface_table {
	struct iface *ifaces[IFACE_MAX];
	struct iface *by_port[IFACE_MAX]; /**< the interface on the untagged port, by port index */
	struct iface_vlan_table *vlans[IFACE_MAX]; /**< by port index; NULL: never had a VLAN */
	uint32_t changes; /**< of any interface, since the table was made: iface_table_changes() */

	/* control thread only */
	struct rte_rcu_qsbr *rcu;
	unsigned retired_count;
	struct iface_retired retired[IFACE_RETIRED_MAX]; /**< oldest first */
};

/** Whether a MAC address is one that a port's interface has beside its own. */
static inline bool
iface_mac_is_added(const struct iface *iface, const struct mac_addr *mac)
{
	for (unsigned i = 0; i < iface->mac_count; i++) {
		if (mac_addr_equal(&iface->macs[i], mac))
			return true;
	}
	return false;
}

static inline const struct iface *
iface_get(const struct iface_table *table, uint16_t index)
{
	return index < IFACE_MAX ? __atomic_load_n(&table->ifaces[index], __ATOMIC_ACQUIRE) : NULL;
}

/** Whoever remembers this knows whether an address, or anything else, has come or gone. */
static inline uint32_t
iface_table_changes(const struct iface_table *table)
{
	return __atomic_load_n(&table->changes, __ATOMIC_ACQUIRE);
}

/** The interface of what came in untagged on a port, or NULL. */
static inline const struct iface *
iface_by_port(const struct iface_table *table, uint16_t port)
{
	return port < IFACE_MAX ? __atomic_load_n(&table->by_port[port], __ATOMIC_ACQUIRE) : NULL;
}

/** The interface of what came in on a port with these tags, or NULL. Any thread. */
const struct iface *iface_by_vlan(
	const struct iface_table *table, uint16_t port, const struct vlan_tags *tags);

/**
 * @param rcu the qsbr variable that all workers report to; the control thread does not. NULL where
 *        nobody reads at the same time (tests): old copies are freed at once
 * @return NULL without memory
 */
struct iface_table *iface_table_create(struct rte_rcu_qsbr *rcu);
/** No worker uses the table any more. */
void iface_table_destroy(struct iface_table *table);

/** @return the interface, or NULL */
const struct iface *iface_lookup(const struct iface_table *table, const char *name);
/** First interface at index `from` or after, or NULL. */
const struct iface *iface_next(const struct iface_table *table, unsigned from);

/** The index that the next new interface will have; IFACE_MAX: there is no room. */
uint16_t iface_index_next(const struct iface_table *table);
/**
 * Publish a new interface; its index is chosen here.
 * @param model everything but index; copied
 * @return 0, -EEXIST (name, or port or VLAN already has one), -EINVAL (name), -ENOSPC, -ENOMEM
 */
int iface_insert(
	struct iface_table *table, const struct iface *model, uint16_t *index, struct error *err);
/**
 * Publish a changed copy in place of the one with changed->index; recomputes source4/6. For the
 * control thread, pointers to the old one end here.
 * @return 0, or as iface_insert(), or -ENOENT
 */
int iface_update(struct iface_table *table, const struct iface *changed, struct error *err);
void iface_remove(struct iface_table *table, uint16_t index);

/**
 * Add an address to a copy of an interface that is not published. Refused are addresses that no
 * packet of ours may carry: multicast, loopback, a network's own or its broadcast address.
 * @return 0, -EEXIST (with whatever prefix length), -ENOSPC, -EINVAL
 */
int iface_addr_add(struct iface *iface, const struct ip_prefix *addr, struct error *err);
/** Address and length must be right. @return 0 or -ENOENT */
int iface_addr_remove(struct iface *iface, const struct ip_prefix *addr, struct error *err);
/** @return the address's index in iface->addrs, whatever its state; -1: it is not there */
int iface_addr_find(const struct iface *iface, const struct ip_addr *addr);
/**
 * The address that a packet of ours to `dst` leaves from by this interface: of IPv6 by RFC 6724, of
 * IPv4 the one in the destination's subnet, else the first.
 * @return NULL: the interface has none of the family
 */
const struct ip_addr *iface_addr_source(const struct iface *iface, const struct ip_addr *dst);
/** Whether a source's scope is as wide as the destination's, so that an answer finds it. */
bool iface_addr_reaches(const struct ip_addr *source, const struct ip_addr *dst);
/** Its usable link-local address of IPv6, or NULL. */
const struct ip_addr *iface_addr_link_local(const struct iface *iface);
/** On a copy that is not published. The address at the index was found. */
void iface_addr_state_set(struct iface *iface, int index, enum iface_addr_state state);
/** Whether the address at an index is ours by now: neither tentative nor duplicate. */
static inline bool
iface_addr_is_usable(const struct iface *iface, unsigned index)
{
	return iface->addr_states[index] <= IFACE_ADDR_DEPRECATED;
}
/** The interface's usable address with the longest subnet in which `addr` lies, or NULL. */
const struct ip_prefix *iface_addr_covering(const struct iface *iface, const struct ip_addr *addr);
/** Whether a host of one of the interface's subnets can have an address: not all of a subnet has. */
bool iface_addr_is_host(const struct iface *iface, const struct ip_addr *addr);
/** RFC 4861 6.3.2 CurHopLimit: of what is made here for IPv6. @param iface may be NULL */
static inline uint8_t
iface_hop_limit(const struct iface *iface)
{
	return iface != NULL && iface->hop_limit != 0 ? iface->hop_limit : IFACE_HOP_LIMIT_DEFAULT;
}
/**
 * The address that all routers of an address's subnet have: RFC 4291 2.6.1. A /127 has none (RFC
 * 6164 5.1), and that of a link-local one no packet is sent to.
 * @return whether there is one
 */
bool iface_addr_anycast(const struct ip_prefix *addr, struct ip_addr *anycast);
/** Whether `addr` is that of a subnet of the interface. */
bool iface_addr_is_anycast(const struct iface *iface, const struct ip_addr *addr);
/** Whether `addr` is one of the interface's own, and usable. */
bool iface_addr_is_own(const struct iface *iface, const struct ip_addr *addr);

#endif
