/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers spate's packet metadata as an mbuf dynamic field. */
#include "pkt/pkt.h"

#include <rte_errno.h>

int pkt_meta_offset = -1;

int
pkt_init(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "spate_dynfield_meta",
		.size = sizeof(struct pkt_meta),
		.align = __alignof__(struct pkt_meta),
	};
	int offset = rte_mbuf_dynfield_register(&field);

	if (offset < 0)
		return -rte_errno;
	pkt_meta_offset = offset;
	return 0;
}

const char *
punt_reason_name(enum punt_reason reason)
{
	static const char *const names[PUNT_REASON_COUNT] = {
		[PUNT_ARP] = "arp",
		[PUNT_ND] = "nd",
		[PUNT_GLEAN] = "glean",
		[PUNT_ICMP] = "icmp",
	};

	return names[reason];
}
