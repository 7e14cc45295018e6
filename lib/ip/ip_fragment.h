/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip4_fragment and ip6_fragment share: how a payload is divided, and its copies. */
#ifndef IP_FRAGMENT_H
#define IP_FRAGMENT_H

#include "ip/ip_priv.h"

/* Fragments of one packet: so many as a vector holds. */
#define IP_FRAGMENTS_MAX PKT_VEC_MAX

/* A payload to be divided. Parts are multiples of 8 bytes, but for the last one. */
struct ip_division {
	uint32_t offset; /* of the payload from the start of the packet */
	uint32_t length; /* of the payload */
	uint32_t first_max, rest_max; /* of it fit the first fragment, and each other */
};

/* Bytes of payload that a fragment carries. */
static inline uint32_t
ip_fragment_part(uint32_t left, uint32_t max)
{
	return left <= max ? left : max & ~7U;
}

/*
 * Copy what the first fragment does not carry, one packet a part, without headers, not from
 * any port; all or nothing.
 * @return parts, -EMSGSIZE for more than IP_FRAGMENTS_MAX fragments, -ENOBUFS
 */
int ip_fragment_copy(struct ip_core *core, const struct rte_mbuf *pkt,
	const struct ip_division *division, struct rte_mbuf *parts[IP_FRAGMENTS_MAX]);

/* Drop what could not be cut, for the -errno of ip_fragment_copy(). */
void ip_fragment_fail(struct rte_mbuf *pkt, int rc, const struct ip_out *out);

#endif
