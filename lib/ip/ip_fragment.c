/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies the parts of a payload that is cut: for ip4_fragment and ip6_fragment. */
#include "ip/ip_fragment.h"

#include <errno.h>

/* Like the packet that it is part of, but made here. */
static struct rte_mbuf *
part_create(struct ip_core *core, const struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	struct rte_mbuf *part = rte_pktmbuf_copy(pkt, core->pool, offset, length);

	if (part == NULL)
		return NULL;
	part->ol_flags &= RTE_MBUF_F_RX_RSS_HASH;
	part->tx_offload = 0;
	pkt_meta(part)->flags |= PKT_ORIGINATED;
	pkt_meta(part)->trace = 0;
	return part;
}

int
ip_fragment_copy(struct ip_core *core, const struct rte_mbuf *pkt,
	const struct ip_division *division, struct rte_mbuf *parts[IP_FRAGMENTS_MAX])
{
	uint32_t done = ip_fragment_part(division->length, division->first_max);
	unsigned count = 0;
	int rc = -ENOBUFS;

	if (done == 0 || division->rest_max < 8)
		return -EMSGSIZE;
	for (uint32_t part; done < division->length; done += part) {
		part = ip_fragment_part(division->length - done, division->rest_max);
		if (count == IP_FRAGMENTS_MAX - 1) {
			rc = -EMSGSIZE;
			goto fail;
		}
		parts[count] = part_create(core, pkt, division->offset + done, part);
		if (parts[count] == NULL)
			goto fail;
		count++;
	}
	return (int)count;

fail:
	rte_pktmbuf_free_bulk(parts, count);
	return rc;
}

void
ip_fragment_fail(struct rte_mbuf *pkt, int rc, const struct ip_out *out)
{
	pkt_drop(
		out->drops, pkt, rc == -ENOBUFS ? DROP_ip_fragment_nomem : DROP_ip_fragment_failed);
}
