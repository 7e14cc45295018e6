/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What is known of the MTUs of paths, by VRF and destination: RFC 1191, RFC 8201.
 *
 * The control thread writes, workers read at any time: each entry has a sequence number that is odd
 * while it is written. A destination has its place in one set of a few entries, the oldest of which
 * gives way to a new one. Nobody can make an entry say less than what every link must carry
 * (RFC 8201 4; for IPv4 IP_PMTU_MIN4): all that a forged message does is to cut packets smaller.
 */
#ifndef IP_IP_PMTU_H
#define IP_IP_PMTU_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"

#define IP_PMTU_SETS       256
#define IP_PMTU_WAYS       4
#define IP_PMTU_TIMEOUT_NS 600000000000ULL /**< RFC 1191 6.3, RFC 8201 4: ten minutes */
/** RFC 1122 3.3.2: what every host can take. Lower values are taken for this. */
#define IP_PMTU_MIN4 576

struct ip_pmtu_entry {
	uint32_t sequence; /**< atomic: odd while the rest is written */
	uint32_t mtu; /**< atomic; 0: no entry */
	uint64_t dst[2]; /**< atomic: the bytes of the address */
	uint16_t family; /**< atomic: of the address */
	uint16_t vrf; /**< atomic: that the address is of */
	uint64_t since_ns; /**< control thread only */
};

struct ip_pmtu {
	uint32_t seed; /**< random; set before workers run */
	uint32_t count; /**< atomic: entries in use */
	uint64_t learned,
		evicted; /**< entries made; of these, in the place of another. Control only */
	struct ip_pmtu_entry entries[IP_PMTU_SETS][IP_PMTU_WAYS];
};

/** An entry, for a show. */
struct ip_pmtu_info {
	uint16_t vrf;
	struct ip_addr dst;
	uint32_t mtu;
	uint64_t since_ns;
};

/**
 * What a router said of the path to `dst` in a VRF. Control thread.
 * @return the MTU that is believed
 */
uint32_t ip_pmtu_insert(struct ip_pmtu *pmtu, uint16_t vrf, const struct ip_addr *dst, uint32_t mtu,
	uint64_t now_ns);
/** Forget what is older than IP_PMTU_TIMEOUT_NS. Control thread. */
void ip_pmtu_expire(struct ip_pmtu *pmtu, uint64_t now_ns);
/** Forget all of it. Control thread. */
void ip_pmtu_flush(struct ip_pmtu *pmtu);
/** A VRF is gone. Control thread. */
void ip_pmtu_forget(struct ip_pmtu *pmtu, uint16_t vrf);
/** Entry `index` of IP_PMTU_SETS * IP_PMTU_WAYS, for a show. Control thread. @return whether it is in use */
bool ip_pmtu_get(const struct ip_pmtu *pmtu, unsigned index, struct ip_pmtu_info *info);
/** Any thread. @return UINT32_MAX: nothing is known */
uint32_t ip_pmtu_lookup(const struct ip_pmtu *pmtu, uint16_t vrf, const struct ip_addr *dst);

#endif
