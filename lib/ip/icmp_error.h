/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors of either family: what icmp4_error and icmp6_error have of their own is given here. */
#ifndef IP_ICMP_ERROR_H
#define IP_ICMP_ERROR_H

#include "ip/ip_priv.h"

struct icmp_error_family {
	enum ip_family family;
	uint16_t hdr_length; /* of the error's IP header */
	uint16_t length_max; /* of the error, as much as it quotes */
	/* Whether an error about this packet may be sent at all. */
	bool (*allowed)(const struct rte_mbuf *pkt);
	/* Write the IP header and the checksum of an error that goes from `src` to pkt's source. */
	void (*finish)(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *src,
		struct rte_mbuf *error);
};

/* Answer each packet of `in` where it is allowed, within the rate; then drop it for its reason. */
void icmp_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out,
	const struct icmp_error_family *family);

/* An address of ours to answer from: of the interface by which the packet came, or of another one of
 * its VRF. NULL: none reaches there. */
const struct ip_addr *icmp_error_source(
	const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *to);

#endif
