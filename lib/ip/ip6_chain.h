/* SPDX-License-Identifier: BSD-3-Clause */
/* Extension headers of IPv6 packets for us: for ip6_local. */
#ifndef IP6_CHAIN_H
#define IP6_CHAIN_H

#include "ip/ip_priv.h"
#include "wire/ip6.h"

/*
 * Walk the chain, up to the upper layer or to a fragment header, and do what its headers say.
 * @return 0; or -EINVAL: the packet is gone, to errors or drops
 */
int ip6_chain_input(struct rte_mbuf *pkt, struct ip6_chain *chain, const struct ip_out *out);

#endif
