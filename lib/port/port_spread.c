/* SPDX-License-Identifier: BSD-3-Clause */
/* Software RSS: the hash of a frame as a NIC would compute it. By workers, before ether_input. */
#include "port/port.h"

#include "port/port_frame.h"

#define ADDRS_IP4_BYTES 8
#define ADDRS_IP6_BYTES 32

bool
port_rss_frame_hash(const struct toeplitz *toeplitz, uint32_t fields, const uint8_t *bytes,
	uint32_t length, uint32_t *hash)
{
	struct port_frame frame;
	uint32_t with_ports;
	unsigned addrs_length;

	port_frame_parse(bytes, length, &frame);
	if (frame.addrs == NULL)
		return false;
	fields = frame.ip6 ? fields / PORT_RSS_IP6 : fields % PORT_RSS_IP6;
	addrs_length = frame.ip6 ? ADDRS_IP6_BYTES : ADDRS_IP4_BYTES;
	with_ports = frame.fragment ? 0 : port_rss_ports_field(frame.proto);
	if (frame.fragment)
		fields &= PORT_RSS_IP4_FRAG;
	else if (with_ports != 0)
		fields &= with_ports | PORT_RSS_IP4;
	else
		fields &= PORT_RSS_IP4 | PORT_RSS_IP4_OTHER;
	if (fields == 0)
		return false;
	*hash = toeplitz_hash_at(toeplitz, 0, frame.addrs, addrs_length);
	if ((fields & with_ports) != 0 && frame.ports != NULL)
		*hash ^= toeplitz_hash_at(toeplitz, addrs_length, frame.ports, 4);
	return true;
}

bool
port_spread_hash(const struct port_spread *spread, struct rte_mbuf *pkt, uint32_t *hash)
{
	if (!port_rss_frame_hash(&spread->toeplitz, spread->fields,
		    rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, hash))
		return false;
	/* A header that goes on in the next segment is read by others as a whole. */
	if (spread->flow_hash && pkt->nb_segs == 1) {
		pkt->hash.rss = *hash;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	}
	return true;
}
